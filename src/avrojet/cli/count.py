"""Print how many records Avro files have, as stated in their blocks, without decoding them.

For one file, print the number; for several, the number for each and the total.
"""

from __future__ import annotations

import argparse

from avrojet.cli.streams import add_files, each_file, open_file, print_json

EXAMPLES = """\
avrojet count orders.avro
avrojet count 'logs/*.avro' --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_files(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.container.count import count_records

    counts = [(name, count_records(open_file(name))) for name in each_file(arguments.files)]
    if arguments.json:
        print_json([{"file": name, "records": count} for name, count in counts])
    elif len(counts) == 1:
        print(counts[0][1])
    else:
        from avrojet.cli.terminal import Terminal

        rows = [*counts, ("all", sum(count for _, count in counts))]
        Terminal(color=arguments.color).table(["file", "records"], rows, numbers=[1])
