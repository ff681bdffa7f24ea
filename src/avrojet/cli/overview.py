"""Show what an Avro file is: codec, size, records, schema and first records. `avrojet FILE` does the same."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from avrojet.cli.streams import add_file, open_file, print_json, size_of

if TYPE_CHECKING:
    from avrojet.container.reader import DataFileReader
    from avrojet.schema.model import Schema

EXAMPLES = """\
avrojet overview orders.avro
avrojet orders.avro
"""

_ROWS = 5
_LINES = 60  # of the tree
_LEVELS = 6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.records import first_lines, show_records
    from avrojet.cli.terminal import Terminal, clean, clean_json
    from avrojet.container.reader import DataFileReader

    terminal = Terminal(color=arguments.color)
    name = arguments.file
    with DataFileReader(open_file(name)) as reader:
        about = _about(name, reader)
        lines = first_lines(reader, _ROWS)
        if arguments.json:
            _print(about, reader.schema, lines)
            return
        terminal.line(clean(name), "bold")
        for key, value in about.items():
            shown = f"{value:,}" if isinstance(value, int) else clean(str(value))
            terminal.line(f"{terminal.paint(f'{key:<9}', 'dim')}{shown}")
        terminal.line()
        for field, type in _tree(reader.schema):
            terminal.line(f"{clean(field)}  {terminal.paint(clean(type), 'cyan')}".rstrip())
        terminal.line()
        if terminal.is_terminal:
            show_records(terminal, reader.schema, lines)
        else:
            for line in lines:
                terminal.line(clean_json(line).decode())


def _about(name: str, reader: DataFileReader) -> dict[str, Any]:
    """The facts that have a line each."""
    from avrojet.container.count import count_records

    about: dict[str, Any] = {"codec": reader.codec}
    size = size_of(name)
    if size is not None:  # otherwise counting would mean reading the whole file, which may be remote
        about |= {"bytes": size, "records": count_records(name)}
    return about


def _print(about: dict[str, Any], schema: Schema, lines: list[bytes]) -> None:
    import json

    rows = [json.loads(line) for line in lines]
    print_json({**about, "schema": json.loads(schema.json), "first": rows})


def _tree(schema: Schema) -> Iterator[tuple[str, str]]:
    """The lines of the schema's fields, each with its type."""
    from avrojet.schema.brief import brief

    yield brief(schema), getattr(schema, "namespace", "") and f"({schema.namespace})"  # type: ignore[attr-defined]
    count = 0
    for count, line in enumerate(_branches(schema, "", _LEVELS, frozenset()), 1):
        if count > _LINES:
            yield "\N{HORIZONTAL ELLIPSIS}", ""
            return
        yield line


def _branches(schema: Schema, indent: str, levels: int, above: frozenset[int]) -> Iterator[tuple[str, str]]:
    from avrojet.schema.brief import brief

    record = _record_in(schema)
    if record is None or id(record) in above or not levels:
        return
    width = max((len(field.name) for field in record.fields), default=0)
    for number, field in enumerate(record.fields, 1):
        is_last = number == len(record.fields)
        yield f"{indent}{'└─' if is_last else '├─'} {field.name:<{width}}", brief(field.type)
        inner = f"{indent}{'   ' if is_last else '│  '}"
        yield from _branches(field.type, inner, levels - 1, above | {id(record)})


def _record_in(schema: Schema) -> Any:
    """The record that a type is, or the first record within it."""
    from avrojet.schema.model import ArraySchema, MapSchema, RecordSchema, UnionSchema

    if isinstance(schema, RecordSchema):
        return schema.definition
    if isinstance(schema, UnionSchema):
        return next((found for each in schema.branches if (found := _record_in(each)) is not None), None)
    if isinstance(schema, ArraySchema):
        return _record_in(schema.items)
    return _record_in(schema.values) if isinstance(schema, MapSchema) else None
