"""Print the metadata of an Avro file, all but the schema, as JSON."""

from __future__ import annotations

import argparse

from avrojet.cli.streams import add_file, open_file, print_json

EXAMPLES = """\
avrojet meta orders.avro
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)


def run(arguments: argparse.Namespace) -> None:
    from avrojet.container.source import file_header

    metadata = file_header(open_file(arguments.file)).metadata
    print_json({key: _text(value) for key, value in metadata.items() if key != "avro.schema"})


def _text(value: bytes) -> str:
    """Metadata are bytes, mostly UTF-8; others are shown as the code points 0 to 255."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
