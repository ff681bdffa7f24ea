"""The argument SCHEMA of the commands: a file of a schema, or an Avro file, whose header has one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from avrojet.errors import SchemaError, tell_place

if TYPE_CHECKING:
    from avrojet.schema.model import Schema


def add_schema(parser: argparse.ArgumentParser, name: str = "schema") -> None:
    """Add the argument SCHEMA."""
    parser.add_argument(
        name,
        metavar=name.upper(),
        help="an .avsc or .avdl file, an Avro file, or - for a schema on the standard input",
    )


def add_inline_schema(parser: argparse.ArgumentParser, option: str, *, required: bool = False) -> None:
    """Add an option for the text of a schema and one for a file of it, as avro-tools' commands have them."""
    either = parser.add_mutually_exclusive_group(required=required)
    either.add_argument(option, metavar="JSON", help="the text of a schema")
    either.add_argument(f"{option}-file", metavar="FILE", help="a file of a schema, or an Avro file")


def inline_schema(arguments: argparse.Namespace, option: str) -> Schema | None:
    """The schema that one of these options gives, or None."""
    name = option.removeprefix("--").replace("-", "_")
    text, file = getattr(arguments, name), getattr(arguments, f"{name}_file")
    if text is not None:
        from avrojet.schema.parse import parse_schema

        return parse_schema(text)
    return None if file is None else read_schema(file)


def read_schema(name: str) -> Schema:
    """The schema that the argument SCHEMA names.

    :raises SchemaError: if it is not valid; the message says in which file.
    :raises OSError: if the file cannot be read.
    """
    try:
        return _read(name)
    except SchemaError as error:
        tell_place(error, "standard input" if name == "-" else name)
        raise


def _read(name: str) -> Schema:
    from avrojet.container.source import file_header
    from avrojet.schema.load import load_schema
    from avrojet.schema.parse import parse_schema

    if name == "-":
        return parse_schema(sys.stdin.buffer.read().decode())
    with Path(name).open("rb") as file:
        is_container = file.read(4) == b"Obj\x01"
    return parse_schema(file_header(name).schema_text, names="lax") if is_container else load_schema(name)
