"""Print the metadata of an Avro file as avro-tools does: key, tab and value on a line; or one value.

`meta` prints JSON.
"""

from __future__ import annotations

import argparse
import sys

from avrojet.cli.streams import add_file, open_file
from avrojet.errors import DataFileError
from avrojet.messages import did_you_mean

EXAMPLES = """\
avrojet getmeta orders.avro
avrojet getmeta --key avro.codec orders.avro
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--key", metavar="KEY", help="print its value only, as it stands in the file")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.terminal import clean
    from avrojet.container.source import file_header

    metadata = file_header(open_file(arguments.file)).metadata
    out = sys.stdout.buffer.write
    is_terminal = sys.stdout.isatty()
    if arguments.key is None:
        for key, value in metadata.items():
            line = f"{key}\t".encode() + value
            out((clean(line.decode("utf-8", "backslashreplace")).encode() if is_terminal else line) + b"\n")
        return
    if arguments.key not in metadata:
        hint = did_you_mean(arguments.key, metadata)
        raise DataFileError(f"{arguments.file}: its metadata have no {arguments.key!r}{hint}")
    value = metadata[arguments.key]
    out(clean(value.decode("utf-8", "backslashreplace")).encode() if is_terminal else value)
    out(b"\n")
