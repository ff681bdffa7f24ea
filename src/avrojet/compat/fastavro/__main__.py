"""The command line of fastavro: the rows of container files as JSON lines."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO
from uuid import UUID

from avrojet.compat import fastavro


class CleanJSONEncoder(json.JSONEncoder):
    """Shows times as ISO text, decimals and UUIDs as text, and bytes as the code points 0 to 255."""

    def default(self, o: Any) -> Any:
        if isinstance(o, date):
            return o.isoformat()
        if isinstance(o, Decimal | UUID):
            return str(o)
        if isinstance(o, bytes):
            return o.decode("latin-1")
        return super().default(o)


def main(argv: list[str] | None = None) -> None:
    """Run the command line; `argv` begins with the program's name."""
    arguments = argv or sys.argv
    options = _parser().parse_args(arguments[1:])
    if options.codecs:
        print("\n".join(sorted(fastavro.read.BLOCK_READERS)))
        return
    for name in options.file or ["-"]:
        if name == "-":
            _show(sys.stdin.buffer, options)
        else:
            with open(name, "rb") as file:  # noqa: PTH123 (it is a str)
                _show(file, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fastavro", description="show the rows of Avro files as JSON")
    parser.add_argument("file", nargs="*", help="container files; - for standard input")
    parser.add_argument("--schema", action="store_true", help="show the schema, not the rows")
    parser.add_argument("--metadata", action="store_true", help="show the metadata, not the rows")
    parser.add_argument("--codecs", action="store_true", help="show the known codecs")
    parser.add_argument("--version", action="version", version=f"fastavro {fastavro.__version__}")
    parser.add_argument("-p", "--pretty", action="store_true", help="one entry on a line")
    return parser


def _show(file: BinaryIO, options: argparse.Namespace) -> None:
    reader = fastavro.reader(file)
    if options.schema:
        print(json.dumps(reader._schema, indent=4))
    elif options.metadata:
        del reader.metadata["avro.schema"]
        print(json.dumps(reader.metadata, indent=4))
    else:
        for row in reader:
            print(json.dumps(row, indent=4 if options.pretty else None, cls=CleanJSONEncoder), flush=True)


if __name__ == "__main__":
    main()
