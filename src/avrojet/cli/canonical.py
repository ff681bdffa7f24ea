"""Print the Parsing Canonical Form of a schema: what decides how its data are read."""

from __future__ import annotations

import argparse

from avrojet.cli.schemas import add_schema, read_schema

HELP = "print the canonical form of a schema"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schema(parser)


def run(arguments: argparse.Namespace) -> None:
    print(read_schema(arguments.schema).canonical_form)
