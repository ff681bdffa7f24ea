"""Print the schema that holds the data of a file of JSON texts or CSV."""

from __future__ import annotations

import argparse
import json

from avrojet.cli.streams import print_json

EXAMPLES = """\
avrojet induce orders.csv --name Order --namespace shop
avrojet induce orders.jsonl --enums 10 > order.avsc
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="a .csv file, or a file of JSON texts, one on a line or not"
    )
    parser.add_argument("--name", default="Record", help="of the outermost record (%(default)s)")
    parser.add_argument("--namespace", default="", help="of all names")
    parser.add_argument("--enums", type=int, default=0, metavar="N", help="text of up to N values is an enum")
    parser.add_argument("--notes", action="store_true", help="note what was seen in the schema")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.errors import SchemaError
    from avrojet.induction import induce

    try:
        schema = induce(
            arguments.file,
            name=arguments.name,
            namespace=arguments.namespace,
            enums=arguments.enums,
            notes=arguments.notes,
        )
    except ValueError as error:
        raise SchemaError(f"{arguments.file}: {error}") from None
    print_json(json.loads(schema.json))
