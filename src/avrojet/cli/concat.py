"""Put Avro files of one schema together.

Blocks are copied unchanged; those with another codec are recompressed. Schema, codec and metadata come from
the first file. OUT appears when it is whole.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from avrojet.cli.streams import each_file, open_target, size_of, watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from avrojet.container.source import Readable

EXAMPLES = """\
avrojet concat monday.avro tuesday.avro week.avro
avrojet concat 'logs/*.avro' all.avro
avrojet concat a.avro b.avro - > both.avro
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", metavar="IN", nargs="+", help="an Avro file or URL, a wildcard, or -")
    parser.add_argument("target", metavar="OUT", help="the file to write, or - for the standard output")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.progress import Progress
    from avrojet.container.transfer import concat_files

    names = list(each_file(arguments.sources))
    sizes = [size_of(name) for name in names]
    with Progress("concat", sum(filter(None, sizes)) or None, color=arguments.color) as progress:

        def sources() -> Iterator[Readable]:
            for name in names:
                yield watched(name, progress)

        concat_files(sources(), open_target(arguments.target), fsync=False)
