"""Print how many records an Avro file has, as its blocks say, without decoding them."""

from __future__ import annotations

import argparse

from avrojet.cli.streams import add_file, open_file

EXAMPLES = """\
avrojet count orders.avro
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)


def run(arguments: argparse.Namespace) -> None:
    from avrojet.container.count import count_records

    print(count_records(open_file(arguments.file)))
