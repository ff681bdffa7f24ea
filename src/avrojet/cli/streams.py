"""The argument FILE of the commands, and their output: UTF-8 on every system."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avrojet.container.source import Readable


def add_file(parser: argparse.ArgumentParser) -> None:
    """Add the argument FILE."""
    parser.add_argument("file", metavar="FILE", help="an Avro file, or - for the standard input")


def open_file(name: str) -> Readable:
    """What `container` reads for the argument FILE."""
    return sys.stdin.buffer if name == "-" else name


def print_json(value: Any) -> None:
    """Print JSON data, indented."""
    import json

    sys.stdout.buffer.write(json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n")
