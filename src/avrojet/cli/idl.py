"""Convert Avro's IDL to JSON, and JSON to IDL.

IDL becomes a protocol (.avpr) or a schema (.avsc) in JSON. The JSON of a protocol or a schema, and the schema
of an Avro file, become IDL. OUT appears when it is whole.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from avrojet.cli.schemas import read_schema
from avrojet.cli.streams import all_bytes, gives_once, make_folder
from avrojet.errors import SchemaError

if TYPE_CHECKING:
    from avrojet.schema.idl import Idl
    from avrojet.schema.model import NamedSchema, Schema
    from avrojet.schema.protocol import Protocol

    Found: TypeAlias = "Idl | Protocol | Schema"

EXAMPLES = """\
avrojet idl mail.avdl mail.avpr
avrojet idl user.avsc
"""

_JSON_BEGINS = (b"{", b"[", b'"')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        metavar="IN",
        nargs="?",
        default="-",
        help="an .avdl, .avpr or .avsc file, an Avro file, or - for text on the standard input",
    )
    result = parser.add_mutually_exclusive_group()
    result.add_argument(
        "target", metavar="OUT", nargs="?", help="the file to write; - or left out: the standard output"
    )
    result.add_argument(
        "--types", metavar="FOLDER", help="write each named type as JSON, into FOLDER/FULLNAME.avsc"
    )

    parser.add_argument(
        "--useJavaCC", action="store_true", help=argparse.SUPPRESS
    )  # avro-tools' older parser


def run(arguments: argparse.Namespace) -> None:
    found = read_idl(arguments.source)
    if arguments.types is None:
        _write(_converted(found, arguments.source), arguments.target)
        return
    folder = make_folder(arguments.types)
    for type in types_of(found):
        write_json(type, str(folder / f"{type.fullname}.avsc"))


def read_idl(name: str) -> Found:
    """Read the file that the argument IN names."""
    from avrojet.schema.idl import load_idl
    from avrojet.schema.protocol_json import load_protocol

    if gives_once(name):
        return _of_text(all_bytes(name))
    suffix = Path(name).suffix
    if suffix == ".avdl":
        return load_idl(name)
    return load_protocol(name) if suffix == ".avpr" else read_schema(name)


def _of_text(text: bytes) -> Found:
    from avrojet.limits import limits_in_force
    from avrojet.schema.idl import parse_idl
    from avrojet.schema.parse import parse_schema
    from avrojet.schema.protocol_json import parse_protocol
    from avrojet.schema.text import read_json

    if not text.lstrip().startswith(_JSON_BEGINS):
        return parse_idl(text, ".")
    data = read_json(text, limits_in_force())
    is_protocol = isinstance(data, dict) and "protocol" in data
    return parse_protocol(text) if is_protocol else parse_schema(data)


def _converted(found: Found, name: str) -> str:
    from avrojet.schema.idl import Idl, emit_idl

    if not isinstance(found, Idl):
        return emit_idl(found)
    what = found.protocol or found.schema
    if what is None:
        raise SchemaError(f"{name}: it defines no protocol, only types; --types FOLDER writes them")
    return _indented(what)


def types_of(found: Found) -> tuple[NamedSchema, ...]:
    """Return its named types."""
    from avrojet.schema.emit import named_types
    from avrojet.schema.model import Schema

    return named_types([found]) if isinstance(found, Schema) else found.types


def write_json(what: Protocol | Schema, target: str) -> None:
    """Write the JSON of a schema or protocol into a file, indented."""
    _write(_indented(what), target)


def _indented(what: Protocol | Schema) -> str:
    return json.dumps(json.loads(what.json), indent=2, ensure_ascii=False) + "\n"


def _write(text: str, target: str | None) -> None:
    from avrojet.container.replacing import replacing

    if target in (None, "-"):
        if sys.stdout.isatty():
            from avrojet.cli.terminal import clean_lines

            text = clean_lines(text)
        sys.stdout.buffer.write(text.encode())
        return
    with replacing(target, fsync=None) as path:
        Path(str(path)).write_bytes(text.encode())
