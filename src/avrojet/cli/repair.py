"""Copy the whole blocks of a damaged Avro file into another file, and tell what is lost.

A block is copied unchanged, once all of its records are known to decode. OUT appears when it is whole; IN is
never changed. The exit status is 0 if nothing was lost, 1 if something was, and 2 if the file cannot be
repaired: its header is damaged, say.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from avrojet.cli.streams import open_file, print_json, size_of, watched

if TYPE_CHECKING:
    from avrojet.container.repair import Repair

EXAMPLES = """\
avrojet repair damaged.avro whole.avro
avrojet repair damaged.avro --report
avrojet repair -o prior damaged.avro before.avro
"""
FAILURE = 2

_LOST = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="IN", help="the damaged file, or - for the standard input")
    parser.add_argument("target", metavar="OUT", nargs="?", help="the file to write; not IN")
    parser.add_argument("--report", action="store_true", help="only tell what would be lost")
    parser.add_argument(
        "-o",
        dest="kept",
        choices=("all", "prior", "after", "report"),
        default="all",
        help="copy all that is whole, or what stands before or after the first damage; report: nothing",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    from avrojet.cli.progress import Progress
    from avrojet.container.repair import repair_file

    name = arguments.source
    only_told: bool = arguments.report or arguments.kept == "report"
    if arguments.target is None and not only_told:
        arguments.parser.error("name the file to write, OUT, or ask for --report")
    if arguments.target is not None and arguments.report:
        arguments.parser.error("--report writes nothing: leave OUT out")
    if not only_told:  # IN and OUT are compared by path: the same file is refused
        repair = repair_file(open_file(name), arguments.target, kept=arguments.kept)
    else:
        with Progress(f"repair {name}", size_of(name), color=arguments.color) as progress:
            repair = repair_file(watched(name, progress))
    if arguments.json:
        print_json(_as_json(repair))
    else:
        _print(repair)
    return _LOST if repair.losses else 0


def _as_json(repair: Repair) -> dict[str, Any]:
    losses = repair.losses
    return {
        "blocks": repair.blocks,
        "records": repair.records,
        "bytes": repair.size,
        "lost": losses.total,
        "losses": [
            {"offset": loss.offset, "bytes": loss.size, "records": loss.records, "error": str(loss.error)}
            for loss in losses
        ],
    }


def _print(repair: Repair) -> None:
    print(f"whole: blocks: {repair.blocks}, bytes: {repair.size} with the header, records: {repair.records}")
    losses = repair.losses
    print("lost:", losses or "nothing")
    for loss in losses:
        print(" ", " ".join(str(loss).split()))
    if losses.total > len(losses):
        print(f"  and {losses.total - len(losses)} more")
