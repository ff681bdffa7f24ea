"""Print data of a schema that follow one another in a file without a header, in Avro's JSON encoding."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, BinaryIO

from avrojet.cli.records import write_lines
from avrojet.cli.schemas import add_schema_and_file, schema_beside_file

if TYPE_CHECKING:
    from avrojet.schema.model import Schema

EXAMPLES = """\
avrojet fragtojson --schema-file order.avsc order.bin
avrojet fragtojson --no-pretty '"long"' - < numbers.bin
"""


_PIECE = 1 << 18  # bytes that are read at once


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schema_and_file(parser, "a file of data, or - for the standard input")
    parser.add_argument("--no-pretty", action="store_true", help="a line for each datum")


def run(arguments: argparse.Namespace) -> None:
    schema = schema_beside_file(arguments)
    if arguments.file == "-":
        _write(schema, sys.stdin.buffer, pretty=not arguments.no_pretty)
        return
    with open(arguments.file, "rb") as file:  # noqa: PTH123 (pathlib takes long to import)
        _write(schema, file, pretty=not arguments.no_pretty)


def _write(schema: Schema, file: BinaryIO, *, pretty: bool) -> None:
    """Write the data of a file as they are read. If a datum has no bytes, one is written."""
    from avrojet.errors import DecodeError, TruncatedError, tell_place
    from avrojet.json.encoding import text_decoder

    text = text_decoder(schema)
    data, at, number = b"", 0, 0
    while True:
        try:
            line, _, end = text.lines(data, 1, at)
        except DecodeError as error:
            data = data[at:]
            more = _more(file, data, number) if isinstance(error, TruncatedError) else b""
            if more or at:  # otherwise it fails again, with the place in the datum
                data, at = data + more, 0
                continue
            if number and not data:
                return
            tell_place(error, f"datum {number}")
            raise
        write_lines([line], pretty=pretty)
        if end == at:
            return
        at = end
        number += 1


def _more(file: BinaryIO, data: bytes, number: int) -> bytes:
    """Return the bytes of the file that follow the beginning of a datum."""
    from avrojet.limits import excess, limits_in_force

    limits = limits_in_force(None)
    if len(data) > limits.block_bytes:
        raise excess(limits, "block_bytes", f"datum {number} has too many bytes")
    return file.read(max(_PIECE, len(data)))
