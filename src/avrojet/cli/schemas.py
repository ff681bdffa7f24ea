"""The argument SCHEMA of the commands: a file of a schema, or an Avro file, whose header has one."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from avrojet.cli.streams import all_bytes, gives_once
from avrojet.errors import SchemaError, tell_place

if TYPE_CHECKING:
    from avrojet.container.source import Readable
    from avrojet.schema.model import Schema


# The text of a schema begins with one of these, and the name of a file does not.
_TEXT_BEGINS = ("{", "[", '"')
_MAGIC = b"Obj\x01"


SCHEMA_HELP = "an .avsc or .avdl file, an Avro file, the text of a schema, or - for the standard input"


def add_schema(parser: argparse.ArgumentParser, name: str = "schema") -> None:
    """Add the argument SCHEMA."""
    parser.add_argument(name, metavar=name.upper(), help=SCHEMA_HELP)


def add_inline_schema(parser: argparse.ArgumentParser, option: str, *, required: bool = False) -> None:
    """Add an option for the text of a schema and one for a file with it, like avro-tools' commands."""
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


def add_schema_and_file(parser: argparse.ArgumentParser, what: str) -> None:
    """Add [SCHEMA] FILE, and the options of a schema in its place, as avro-tools' commands have them."""
    parser.add_argument(
        "schema_text", metavar="SCHEMA", nargs="?", help="the text of a schema, or a file of it"
    )
    parser.add_argument("file", metavar="FILE", help=what)
    add_inline_schema(parser, "--schema")


def schema_beside_file(arguments: argparse.Namespace) -> Schema:
    """The schema that arguments of :func:`add_schema_and_file` give.

    Exits with a usage error if there is none, or more than one.
    """
    given = inline_schema(arguments, "--schema")
    if (given is None) == (arguments.schema_text is None):
        arguments.parser.error("give the schema once: as SCHEMA, --schema or --schema-file")
    return read_schema(arguments.schema_text) if given is None else given


def read_schema(name: str) -> Schema:
    """The schema that the argument SCHEMA names.

    :raises SchemaError: if it is not valid; the message says in which file.
    :raises OSError: if the file cannot be read.
    """
    if name.lstrip().startswith(_TEXT_BEGINS):
        from avrojet.schema.parse import parse_schema

        return parse_schema(name)
    try:
        return _read(name)
    except SchemaError as error:
        if error.file is None or os.path.normpath(error.file) != os.path.normpath(name):
            tell_place(error, "standard input" if name == "-" else name)
        raise


def _read(name: str) -> Schema:
    from avrojet.schema.load import load_schema
    from avrojet.schema.parse import parse_schema

    if gives_once(name):
        data = all_bytes(name)
        return _of_container(data) if data.startswith(_MAGIC) else parse_schema(data.decode())
    with open(name, "rb") as file:  # noqa: PTH123 (pathlib takes long to import)
        is_container = file.read(len(_MAGIC)) == _MAGIC
    return _of_container(name) if is_container else load_schema(name)


def _of_container(source: Readable) -> Schema:
    from avrojet.container.source import file_header
    from avrojet.schema.parse import parse_schema

    return parse_schema(file_header(source).schema_text, names="lax")
