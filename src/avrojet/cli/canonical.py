"""Print the Parsing Canonical Form of a schema: what decides how its data are read."""

from __future__ import annotations

import argparse

from avrojet.cli.schemas import add_schema, read_schema

EXAMPLES = """\
avrojet canonical user.avsc
avrojet canonical orders.avro      of the file's schema
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schema(parser)


def run(arguments: argparse.Namespace) -> None:
    print(read_schema(arguments.schema).canonical_form)
