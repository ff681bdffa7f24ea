"""Print the fingerprint of a schema in hexadecimal digits; for several, that of each with its name."""

from __future__ import annotations

import argparse

from avrojet.cli.schemas import SCHEMA_HELP, read_schema

EXAMPLES = """\
avrojet fingerprint user.avsc
avrojet fingerprint user.avsc --algorithm SHA-256
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("schemas", metavar="SCHEMA", nargs="+", help=SCHEMA_HELP)
    parser.add_argument(
        *("--algorithm", "--fingerprint"),
        choices=["CRC-64-AVRO", "MD5", "SHA-256"],
        default="CRC-64-AVRO",
        help="%(default)s (in the byte order of messages), or another",
    )


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.terminal import clean

    for name in arguments.schemas:
        digits = read_schema(name).fingerprint(arguments.algorithm).hex()
        print(digits if len(arguments.schemas) == 1 else f"{digits} {clean(name)}")
