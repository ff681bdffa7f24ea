"""Print what changed from one schema to another, by meaning: a line for each change.

The exit status is 0 if nothing changed, and 1 if something did.
"""

from __future__ import annotations

import argparse

from avrojet.cli.schemas import add_schema, read_schema
from avrojet.cli.streams import print_json

EXAMPLES = """\
avrojet diff old.avsc new.avsc
avrojet diff old.avro new.avsc --json
"""
FAILURE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schema(parser, "old")
    add_schema(parser, "new")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    from avrojet.schema.diff import schema_diff

    changes = schema_diff(read_schema(arguments.old), read_schema(arguments.new))
    if arguments.json:
        print_json([{"kind": c.kind, "path": c.path, "old": c.old, "new": c.new} for c in changes])
    else:
        for change in changes:
            print(change)
    return bool(changes)
