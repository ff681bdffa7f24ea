"""Reading and printing records of Avro files, for the commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from avrojet.cli.streams import open_file, open_twice

if TYPE_CHECKING:
    from avrojet.cli.terminal import Terminal
    from avrojet.container.block import Block
    from avrojet.container.reader import DataFileReader
    from avrojet.container.source import Readable
    from avrojet.core.text.rows import TextDecoder
    from avrojet.schema.model import Schema

# Up to this many bytes of a file, one thread is fastest.
_SMALL = 256 << 10

# Characters of a cell of a table, and values of a record that has a line for each.
_CELL = 48
_VALUES = 100


def add_view(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how records are shown: --columns and --reader-schema."""
    parser.add_argument(
        "--columns", metavar="A,B.C", type=field_names, help="the fields to read; those within as a.b"
    )
    parser.add_argument("--reader-schema", metavar="SCHEMA", help="what the records should look like")


def open_records(
    name: str, arguments: argparse.Namespace, *, source: Readable | None = None
) -> tuple[DataFileReader, Schema]:
    """A reader of the argument FILE, and the schema that its records are shown as.

    :param arguments: the parsed arguments, with those of :func:`add_view`.
    :param source: the source to read instead of FILE.
    :raises SchemaError: if there is no such field, or the records cannot be read as the schema.
    """
    from avrojet.container.reader import DataFileReader

    is_looked_at = arguments.columns and arguments.reader_schema is None  # for the fields that it has
    if source is None:
        source = open_twice(name) if is_looked_at else open_file(name)
    shown = None
    if arguments.reader_schema is not None:
        from avrojet.cli.schemas import read_schema

        shown = read_schema(arguments.reader_schema)
    if arguments.columns:
        from avrojet.plan.project import project

        if shown is None:
            from avrojet.container.source import file_header
            from avrojet.schema.parse import parse_schema

            shown = parse_schema(file_header(source).schema_text, names="lax")
        shown = project(shown, arguments.columns)
    reader = DataFileReader(source, shown)
    return reader, reader.schema if shown is None else shown


def all_lines(reader: DataFileReader, name: str, head: int | None, **options: Any) -> Iterable[bytes]:
    """Yield JSON lines, made ahead in threads if all are wanted, there are many, and no reader of a pipe
    waits for the first.

    :param options: those of ``to_json``.
    """
    size = reader._source.known_size()
    if head is not None or name == "-" or (size is not None and size < _SMALL):
        return reader.to_json(**options)
    from avrojet.container.threads import thread_count

    threads = thread_count(None)
    if not threads:
        return reader.to_json(**options)
    from avrojet.container.text_ahead import lines_ahead

    return lines_ahead(reader, threads, **options)


def write_lines(pieces: Iterable[bytes], head: int | None = None, *, pretty: bool = False) -> int:
    """Write JSON lines to stdout; on a terminal, nothing in them moves the cursor.

    :param head: how many to write; None: all.
    :param pretty: indented, over several lines.
    :returns: how many of `head` are still to be written; 0 if that is None.
    """
    out = sys.stdout.buffer.write
    is_terminal = sys.stdout.isatty()
    if head == 0:
        return 0
    for piece in pieces:
        if head is not None:
            lines = piece.splitlines(keepends=True)[:head]
            head -= len(lines)
            piece = b"".join(lines)
        if is_terminal:
            from avrojet.cli.terminal import clean_json

            piece = clean_json(piece)
        if pretty:
            piece = b"".join(map(indented, piece.splitlines()))
        out(piece)
        if head == 0:
            break
    return head or 0


def indented(text: bytes) -> bytes:
    """A JSON text over several lines. Its tokens stay as they are."""
    import re

    made: list[bytes] = []
    level = 0
    tokens = re.findall(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', text)
    for number, token in enumerate(tokens):
        empty = token in b"{[" and tokens[number + 1] in b"}]"
        if token in b"}]" and tokens[number - 1] not in (b"{", b"["):
            level -= 1
            made.append(b"\n" + b"  " * level)
        made.append(token)
        if token in b"{[" and not empty:
            level += 1
        if (token in b"{[" and not empty) or token == b",":
            made.append(b"\n" + b"  " * level)
        elif token == b":":
            made.append(b" ")
    return b"".join(made) + b"\n"


def show_records(terminal: Terminal, schema: Schema, lines: list[bytes], title: str | None = None) -> None:
    """A table of records, with types under the names of their fields.

    Where that would be too wide, there is a line for each value.

    :param lines: JSON lines.
    """
    import json

    from avrojet.schema.brief import brief
    from avrojet.schema.model import RecordSchema

    rows = [json.loads(line) for line in lines]
    if isinstance(schema, RecordSchema) and schema.fields:
        heads = [field.name for field in schema.fields]
        under = [brief(field.type) for field in schema.fields]
        cells = [[cell(row[head]) for head in heads] for row in rows]
        right = [number for number, field in enumerate(schema.fields) if _is_number(field.type)]
    else:
        heads, under, cells, right = ["value"], [brief(schema)], [[cell(row)] for row in rows], []
    if _width([heads, under, *cells]) > terminal.width:
        _show_values(terminal, rows, title)
        return
    terminal.table(heads, cells, under=under, numbers=right, title=title)


def _width(lines: list[list[str]]) -> int:
    """Columns of a table that wraps nothing."""
    return 1 + sum(3 + max(map(len, column)) for column in zip(*lines, strict=True))


def _show_values(terminal: Terminal, rows: list[Any], title: str | None) -> None:
    """A line for each value of each record, with its path."""
    from itertools import islice

    from avrojet.cli.terminal import clean

    if title is not None:
        terminal.line(clean(title), "bold")
    for number, row in enumerate(rows):
        values = list(islice(_values(row, ""), _VALUES + 1))
        width = max(len(path) for path, _ in values)
        terminal.line(f"record {number}" if not number else f"\nrecord {number}", "bold")
        for path, value in values[:_VALUES]:
            terminal.line(f"  {terminal.paint(clean(path.ljust(width)), 'cyan')}  {clean(cell(value))}")
        if len(values) > _VALUES:
            terminal.line("  \N{HORIZONTAL ELLIPSIS}")


def _values(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The innermost values within a value, each with its path."""
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _values(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for number, each in enumerate(value):
            yield from _values(each, f"{path}[{number}]")
    else:
        yield path, value


def cell(value: Any) -> str:
    """A value of JSON data in a table."""
    import json

    from avrojet.messages import shorten

    if value is None:
        return "\N{MIDDLE DOT}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shorten(text, _CELL)


def _is_number(schema: Schema) -> bool:
    from avrojet.schema.model import UnionSchema

    branches = schema.branches if isinstance(schema, UnionSchema) else (schema,)
    others = [each for each in branches if each.type != "null"]
    return bool(others) and all(
        each.type in {"int", "long", "float", "double"} and each.logical is None for each in others
    )


def lines_of_block(block: Block, text: TextDecoder, start: int = 0, stop: int | None = None) -> bytes:
    """JSON lines of some rows of a block.

    :raises DecodeError: if one of them, or one before them, is damaged.
    """
    from avrojet.container.block import located
    from avrojet.errors import AvroError

    count = (block.count if stop is None else min(stop, block.count)) - start
    data = block._accounted()
    try:
        _, _, at = text.lines(data, start) if start else (b"", 0, 0)
        lines, made, at = text.lines(data, count, at)
        if made < count:
            text.lines(data, 1, at)
    except AvroError as error:
        raise located(error, block) from None
    return lines


def text_of(written: Schema, shown: Schema) -> TextDecoder:
    """Return the function that turns blocks into JSON lines."""
    from avrojet.json.encoding import text_decoder

    return text_decoder(written, shown, plain=True, spaced=True, wide_floats=True)


def field_names(text: str) -> list[str]:
    """The type of --columns: names with commas between them."""
    names = text.split(",")
    if not all(names):
        raise argparse.ArgumentTypeError(f"{text!r} has an empty name: give names with commas between them")
    return names


def first_lines(reader: DataFileReader, count: int) -> list[bytes]:
    """JSON lines of the first records."""
    found: list[bytes] = []
    for piece in reader.to_json(plain=True, spaced=True, wide_floats=True) if count else ():
        found += piece.splitlines()[: count - len(found)]
        if len(found) == count:
            break
    return found
