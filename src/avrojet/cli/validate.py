"""Check whether Avro files are whole: headers, blocks, sync markers, and every value of every record.

With --schema, whether all records can be read as that schema, too. The exit status is 0 if everything is
valid, and 1 if not; problems are reported by file, block, record and path.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from avrojet.cli.streams import add_files, each_file, print_json, size_of, watched

if TYPE_CHECKING:
    from avrojet.container.validate import Validation

EXAMPLES = """\
avrojet validate orders.avro
avrojet validate 'logs/*.avro' --quiet
avrojet validate orders.avro --schema order-v2.avsc --json
"""

_SHOWN = 20  # problems of a file that are shown to people


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_files(parser)
    parser.add_argument("--schema", metavar="SCHEMA", help="the records must be readable as this schema")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quiet", action="store_true", help="print nothing; the exit status tells")


def run(arguments: argparse.Namespace) -> int:
    from avrojet.cli.progress import Progress
    from avrojet.cli.schemas import read_schema
    from avrojet.cli.terminal import Terminal
    from avrojet.container.validate import validate_file

    terminal = Terminal(color=arguments.color)
    schema = None if arguments.schema is None else read_schema(arguments.schema)
    told: list[dict[str, Any]] = []
    bad = False
    for name in each_file(arguments.files):
        with Progress(f"validate {name}", size_of(name), color=arguments.color) as progress:
            found = validate_file(watched(name, progress), schema)
        bad = bad or not found
        if arguments.json:
            told.append(_as_json(name, found))
        elif not arguments.quiet:
            _show(terminal, name, found)
    if arguments.json:
        print_json(told)
    return int(bad)


def _show(terminal: Any, name: str, found: Validation) -> None:
    from avrojet.cli.terminal import clean
    from avrojet.messages import counted

    whole = f"{counted(found.blocks, 'block')}, {counted(found.records, 'record')}"
    if found:
        terminal.line(f"{terminal.paint('ok', 'green')}   {clean(name)}: {whole}")
        return
    terminal.line(f"{terminal.paint('bad', 'red')}  {clean(name)}: {found.total:,} wrong; whole: {whole}")
    for error in found.problems[:_SHOWN]:
        terminal.line(f"     {clean(str(error))}")
    if found.total > _SHOWN:
        terminal.line(f"     and {found.total - _SHOWN:,} more")


def _as_json(name: str, found: Validation) -> dict[str, Any]:
    return {
        "file": name,
        "valid": bool(found),
        "blocks": found.blocks,
        "records": found.records,
        "wrong": found.total,
        "problems": [
            {
                "message": str(error),
                "kind": error.kind,
                "block": error.block,
                "record": error.row,
                "path": error.path,
                "offset": error.offset,
            }
            for error in found.problems
        ],
    }
