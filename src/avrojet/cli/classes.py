"""Write Python classes for the records and enums of a schema.

The source is the same for the same schema, passes type checkers, and gives the same schema back by
avrojet.schema_of. OUT appears when it is whole.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from avrojet.cli.idl import read_idl, types_of

EXAMPLES = """\
avrojet classes order.avsc orders.py
avrojet classes orders.avro --as struct
avrojet classes mail.avdl --as pydantic
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from avrojet.typed.source import KINDS

    parser.add_argument(
        "source",
        metavar="SCHEMA",
        help="an .avsc, .avdl or .avpr file, an Avro file, or - for text on the standard input",
    )
    parser.add_argument("target", metavar="OUT", nargs="?", help="the file to write, not the standard output")
    parser.add_argument(
        "--as", dest="kind", choices=KINDS, default="dataclass", help="of which kind (dataclass)"
    )


def run(arguments: argparse.Namespace) -> None:
    from avrojet.container.replacing import replacing
    from avrojet.typed.source import source_of

    title = "the standard input" if arguments.source == "-" else Path(arguments.source).name
    text = source_of(types_of(read_idl(arguments.source)), arguments.kind, title=title)
    if arguments.target is None:
        sys.stdout.write(text)
        return
    with replacing(arguments.target, fsync=None) as path:
        Path(str(path)).write_bytes(text.encode())
