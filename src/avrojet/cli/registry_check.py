"""`avrojet registry check`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from avrojet.cli.registry_show import Command

if TYPE_CHECKING:
    from avrojet.cli.evolution import Evolved
    from avrojet.cli.snapshots import Found
    from avrojet.plan.levels import Level
    from avrojet.registry.base import Registry
    from avrojet.schema.model import Schema

_INCOMPATIBLE = 1


def _add(parser: argparse.ArgumentParser) -> None:
    from avrojet.cli.schemas import add_schema
    from avrojet.plan.levels import LEVELS

    parser.add_argument("subject", metavar="SUBJECT")
    add_schema(parser)
    parser.add_argument(
        "--level", metavar="LEVEL", choices=LEVELS, type=str.upper, help="instead of the subject's own"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--no-witness", action="store_true", help="do not search for example data: faster")


def _check(arguments: argparse.Namespace) -> int:
    """Tell whether a schema may be the next version of a subject, and why not.

    The check is made here, with the reasons and the data that `avrojet compat` shows; if the registry's own
    verdict differs, it is reported. The exit status is 1 if the schema is not compatible.
    """
    from avrojet.cli.compat_report import FORMATS
    from avrojet.cli.connections import registry_of
    from avrojet.cli.evolution import Report
    from avrojet.cli.schemas import read_schema

    schema = read_schema(arguments.schema)
    with registry_of(arguments) as registry:
        level = arguments.level or registry.level(arguments.subject)
        witness = not arguments.no_witness
        evolved = evolve(registry, arguments.subject, schema, arguments.schema, level, witness=witness)
        judged = None if arguments.level else registry.check(arguments.subject, schema, None)
    report = Report(level, [evolved], [], [], [], [])
    sys.stdout.buffer.write(FORMATS["json" if arguments.json else "text"](report).encode())
    if judged is not None and bool(judged) != bool(evolved.history):
        words = "; ".join(judged.messages) or "nothing more"
        says = "compatible" if judged else "not compatible"
        print(f"avrojet: the registry itself says that it is {says}: {words}", file=sys.stderr)
    compatible = bool(evolved.history) and (judged is None or bool(judged))
    return 0 if compatible else _INCOMPATIBLE


def evolve(
    registry: Registry, subject: str, schema: Schema, file: str, level: Level, *, witness: bool
) -> Evolved:
    """Check a schema against the versions that its level requires.

    :param file: the schema's file, for messages.
    :raises NotFoundError: if there is no such subject.
    """
    from avrojet.cli.evolution import Evolved
    from avrojet.registry.history import check_next

    numbers = registry.versions(subject)
    numbers = numbers if level.endswith("_TRANSITIVE") else numbers[-1:]
    versions = [_found(subject, registry.version(subject, number).schema, number) for number in numbers]
    history = check_next([each.schema for each in versions], schema, level, witness=witness)
    return Evolved(subject, (*versions, _new(subject, schema, file)), history)


def _found(subject: str, schema: Schema, number: int) -> Found:
    from avrojet.cli.snapshots import Found

    return Found(subject, schema, f"version {number}", Path())


def _new(subject: str, schema: Schema, file: str) -> Found:
    from avrojet.cli.snapshots import Found

    return Found(subject, schema, file, Path(file))


CHECK: Final[Command] = (_add, _check)
