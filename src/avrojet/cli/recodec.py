"""Write the records of an Avro file with another codec or level, block by block, without decoding them.

OUT appears when it is whole; it may be IN.
"""

from __future__ import annotations

import argparse

from avrojet.cli.streams import open_target, size_of, watched

EXAMPLES = """\
avrojet recodec orders.avro small.avro --codec zstandard --level 19
avrojet recodec orders.avro orders.avro --codec snappy
avrojet recodec < orders.avro > plain.avro
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="IN", nargs="?", default="-", help="an Avro file or URL, or -")
    parser.add_argument("target", metavar="OUT", nargs="?", default="-", help="the file to write, or -")
    parser.add_argument("--codec", default="null", help="zstandard, snappy, deflate, ... (%(default)s)")
    parser.add_argument("--level", type=int, metavar="N", help="of compression")
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="threads that compress")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.progress import Progress
    from avrojet.container.transfer import recode_file

    with Progress("recodec", size_of(arguments.source), color=arguments.color) as progress:
        recode_file(
            watched(arguments.source, progress),
            open_target(arguments.target),
            arguments.codec,
            arguments.level,
            threads=arguments.threads,
            fsync=False,
        )
