"""Write random records of a schema: JSON lines, or an Avro file with --out."""

from __future__ import annotations

import argparse

from avrojet.cli.records import write_lines
from avrojet.cli.schemas import add_schema, read_schema

EXAMPLES = """\
avrojet random order.avsc --count 5
avrojet random order.avsc --seed 1 --out orders.avro --codec zstandard
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schema(parser)
    parser.add_argument("--count", type=int, default=10, metavar="N", help="how many (%(default)s)")
    parser.add_argument("--seed", metavar="SEED", help="the same seed makes the same records")
    parser.add_argument("--out", metavar="FILE", help="an Avro file to write")
    parser.add_argument("--codec", default="null", help="of the file (%(default)s)")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.container.files import write
    from avrojet.datum import Decoder, Encoder
    from avrojet.generate import random_values

    schema = read_schema(arguments.schema)
    values = random_values(schema, arguments.count, arguments.seed)
    if arguments.out:
        write(arguments.out, schema, values, codec=arguments.codec)
        return
    encoder, decoder = Encoder(schema), Decoder(schema)
    write_lines(decoder.to_json(encoder.encode(value), plain=True).encode() + b"\n" for value in values)
