"""Print the schema that an Avro file was written with, as it stands in the file, indented."""

from __future__ import annotations

import argparse
import json

from avrojet.cli.streams import add_file, open_file, print_json
from avrojet.errors import DataFileError

HELP = "print the writer's schema"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)


def run(arguments: argparse.Namespace) -> None:
    from avrojet.container.source import file_header

    text = file_header(open_file(arguments.file)).schema_text
    try:
        schema = json.loads(text)
    except ValueError as error:
        raise DataFileError(f"the file's avro.schema is not JSON: {error}") from None
    print_json(schema)
