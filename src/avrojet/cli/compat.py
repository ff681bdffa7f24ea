"""Check whether changed schemas can still read each other's data, and show data that they cannot read.

Give two or more versions, the oldest first: files of one schema each, or folders (or protocols, or IDL) whose
types are matched by fullname. Or give the newest alone and --against a revision of git.

BACKWARD: the new schemas read old data. FORWARD: the old ones read new data. FULL: both. _TRANSITIVE: not
only the version before, but all before it.

The exit status is 0 if everything is compatible, 1 if something is not, and 2 if that cannot be decided: a
file is broken, git is missing, or there is nothing to compare. With --strict, warnings (data are read, but
not as they were written) make it 1, too.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from avrojet.errors import AvroError

if TYPE_CHECKING:
    from avrojet.cli.evolution import Report
    from avrojet.cli.snapshots import Snapshot

EXAMPLES = """\
avrojet compat old.avsc new.avsc
avrojet compat schemas/ --against origin/main --level FULL
avrojet compat 1.avsc 2.avsc 3.avsc --level BACKWARD_TRANSITIVE --json
"""
FAILURE = 2

_INCOMPATIBLE = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from avrojet.plan.levels import LEVELS

    asked = f"the level to check (%(default)s): {', '.join(LEVELS)}"
    parser.add_argument("versions", metavar="VERSION", nargs="*", help="a file or folder; the oldest first")
    parser.add_argument(
        "--against", metavar="REVISION", help="compare with the same path in this git revision"
    )
    parser.add_argument(
        "--level",
        metavar="LEVEL",
        choices=LEVELS,
        default="BACKWARD",
        type=str.upper,
        help=asked,
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument(
        "--format",
        choices=("text", "json", "github", "gitlab"),
        default="text",
        help="text for people, JSON, or annotations of pull requests (%(default)s)",
    )
    output.add_argument("--json", action="store_const", const="json", dest="format", help="print JSON")
    parser.add_argument("--strict", action="store_true", help="warnings count, too")
    parser.add_argument("--no-witness", action="store_true", help="do not search for example data: faster")


def run(arguments: argparse.Namespace) -> int:
    from avrojet.cli.compat_report import FORMATS

    report = _report(arguments)
    sys.stdout.buffer.write(FORMATS[arguments.format](report).encode())
    if report.broken:
        return FAILURE
    return _INCOMPATIBLE if not report.compatible or (arguments.strict and report.warned) else 0


def _report(arguments: argparse.Namespace) -> Report:
    from avrojet.cli.evolution import compare

    if arguments.against is not None:
        return _against(arguments)
    if len(arguments.versions) < 2:
        raise AvroError("give two versions or more, the oldest first; or --against REVISION")
    snapshots = [_snapshot(version) for version in arguments.versions]
    return compare(snapshots, arguments.level, witness=not arguments.no_witness)


def _against(arguments: argparse.Namespace) -> Report:
    from tempfile import TemporaryDirectory

    from avrojet.cli.evolution import compare
    from avrojet.cli.revisions import inside_repository, write_revision
    from avrojet.cli.snapshots import Snapshot, snapshot

    places = [Path(version) for version in arguments.versions or ["."]]
    inside = [inside_repository(place) for place in places]
    new, old = Snapshot(), Snapshot()
    for place, path in zip(places, inside, strict=True):
        snapshot(place, place.as_posix(), new, path)
    with TemporaryDirectory(prefix="avrojet-") as name:
        folder = Path(name)
        here = places[0] if places[0].is_dir() else places[0].parent
        write_revision(arguments.against, here, folder)
        for path in inside:
            then = folder / path
            if then.exists():
                snapshot(then, f"{arguments.against}:{path}", old, path)
        if len(places) > 1:
            new.root = old.root = None
        report = compare([old, new], arguments.level, witness=not arguments.no_witness)
    report.inside = list(zip([place.as_posix() for place in places], inside, strict=True))
    return report


def _snapshot(version: str) -> Snapshot:
    from avrojet.cli.snapshots import snapshot

    return snapshot(Path(version), version)
