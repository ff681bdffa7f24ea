"""Write random records of a schema: JSON lines, or an Avro file if OUT is given."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from avrojet.cli.records import write_lines
from avrojet.cli.schemas import add_inline_schema, inline_schema, read_schema
from avrojet.cli.streams import add_count, open_target

if TYPE_CHECKING:
    from avrojet.schema.model import Schema

EXAMPLES = """\
avrojet random order.avsc -n 5
avrojet random order.avsc orders.avro --seed 1 --codec zstandard
avrojet random --schema '"long"' --count 1000 numbers.avro
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "places",
        metavar="[SCHEMA] [OUT]",
        nargs="*",
        help="an .avsc or .avdl file, an Avro file, the text of a schema, or -; and the Avro file to write",
    )
    add_inline_schema(parser, "--schema")
    add_count(parser, "how many records", default=10)
    parser.add_argument("--seed", metavar="SEED", help="the same seed produces the same records")
    parser.add_argument("--out", metavar="OUT", help="the Avro file to write, or - for the standard output")
    parser.add_argument("--codec", default="null", help="of the file (%(default)s)")
    parser.add_argument("--level", type=int, metavar="N", help="of compression")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.container.files import write
    from avrojet.datum import Decoder, Encoder
    from avrojet.generate import random_values

    schema, target = _places(arguments)
    values = random_values(schema, arguments.count, arguments.seed)
    if target is not None:
        write(open_target(target), schema, values, codec=arguments.codec, level=arguments.level)
        return
    encoder, decoder = Encoder(schema), Decoder(schema)
    write_lines(decoder.to_json(encoder.encode(value), plain=True).encode() + b"\n" for value in values)


def _places(arguments: argparse.Namespace) -> tuple[Schema, str | None]:
    """The schema, and the file to write."""
    places: list[str] = arguments.places
    schema = inline_schema(arguments, "--schema")
    if schema is None:
        if not places:
            arguments.parser.error("give a schema: as SCHEMA, --schema or --schema-file")
        schema, places = read_schema(places[0]), places[1:]
    if arguments.out is not None:
        places = [*places, arguments.out]
    if len(places) > 1:
        arguments.parser.error(f"one file is written, not {len(places)}: {', '.join(places)}")
    return schema, places[0] if places else None
