"""Print the fingerprint of a schema in hexadecimal digits."""

from __future__ import annotations

import argparse

from avrojet.cli.schemas import add_schema, read_schema

EXAMPLES = """\
avrojet fingerprint user.avsc
avrojet fingerprint user.avsc --algorithm SHA-256
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schema(parser)
    parser.add_argument(
        "--algorithm",
        choices=["CRC-64-AVRO", "MD5", "SHA-256"],
        default="CRC-64-AVRO",
        help="%(default)s, in the order of bytes that messages have it, or another",
    )


def run(arguments: argparse.Namespace) -> None:
    print(read_schema(arguments.schema).fingerprint(arguments.algorithm).hex())
