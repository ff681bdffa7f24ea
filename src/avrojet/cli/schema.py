"""Print the schema that an Avro file was written with, as it stands in the file, indented."""

from __future__ import annotations

import argparse

from avrojet.cli.streams import add_file, open_file, print_json
from avrojet.errors import DataFileError, SchemaError
from avrojet.limits import limits_in_force

EXAMPLES = """\
avrojet schema orders.avro > order.avsc
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)


def run(arguments: argparse.Namespace) -> None:
    from avrojet.container.source import file_header
    from avrojet.schema.text import read_json

    text = file_header(open_file(arguments.file)).schema_text
    try:
        schema = read_json(text, limits_in_force(), comments=True)
    except SchemaError as error:
        raise DataFileError(f"the file's avro.schema: {error}") from None
    print_json(schema)
