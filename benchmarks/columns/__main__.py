"""Run the benchmarks of columns and print the tables: ``python -m benchmarks.columns``.

A quick look: ``python -m benchmarks.columns --shapes flat --codecs null --peers rugo,datafusion``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.cases import CODECS
from benchmarks.columns import report
from benchmarks.columns.files import SHAPES, Shape
from benchmarks.columns.measure import Bench, Lane, Pace
from benchmarks.columns.peers import ONE_THREAD, PEERS
from benchmarks.columns.results import Measured, Results
from benchmarks.run import progress

MEGABYTE = 1_000_000
LARGE_SHAPES = ("flat", "nested")


def run(args: argparse.Namespace) -> Results:
    """Measure what the options ask for."""
    peers = [name for name in PEERS if name in args.peers or name == "avrojet"]
    lanes = list(_lanes(peers, args.cores, args.columns))
    pace = Pace(args.rounds, args.patience, args.first)
    bench = Bench(lanes, pace, progress)
    results = Results(machine.describe(), _options(args), bench.libraries, bench.missing)
    for name, reason in bench.missing.items():
        progress(f"{name} is left out: {reason}", end="\n")
    with tempfile.TemporaryDirectory() as folder:
        for shape in (SHAPES[name] for name in args.shapes):
            rows = args.rows or shape.rows_in(args.megabytes * MEGABYTE)
            for codec in args.codecs:
                results.measured.append(_measure(bench, shape, codec, rows, Path(folder)))
    bench.end()
    if args.large:
        results.measured += _large(args, peers, pace)
    progress("")
    return results


def _measure(bench: Bench, shape: Shape, codec: str, rows: int, folder: Path) -> Measured:
    path = folder / f"{shape.name}-{codec}.avro"
    progress(f"{shape.name}, {codec}: writing {rows} rows")
    shape.write(path, codec, rows)
    measured = bench.measure(shape, codec, rows, path)
    if codec == "null":
        bench.measure_first(shape, path, measured)
    path.unlink()
    return measured


def _large(args: argparse.Namespace, peers: Iterable[str], pace: Pace) -> list[Measured]:
    """Files of which no library can keep the memory; all columns."""
    bench = Bench(list(_lanes(peers, args.cores, ["all"])), pace, progress)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for shape in (SHAPES[name] for name in LARGE_SHAPES if name in args.shapes):
            rows = shape.rows_in(args.large * MEGABYTE)
            measured = _measure(bench, shape, "null", rows, Path(folder))
            measured.large = True
            found.append(measured)
    bench.end()
    return found


def _lanes(peers: Iterable[str], cores: Sequence[int], columns: Sequence[str]) -> Iterator[Lane]:
    for peer in peers:
        for count in cores[:1] if peer in ONE_THREAD else cores:
            yield from (Lane(peer, count, some) for some in columns)


def _options(args: argparse.Namespace) -> dict[str, object]:
    return {name: value for name, value in vars(args).items() if name not in ("output", "peers")}


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.columns", description="Read files as columns."
    )
    everything = os.cpu_count() or 1
    for option, known in (
        ("shapes", SHAPES),
        ("codecs", CODECS),
        ("peers", PEERS),
        ("columns", ("all", "some")),
    ):
        parser.add_argument(
            f"--{option}", type=_names(known), default=list(known), metavar="A,B",
            help=f"of {', '.join(known)} (default all)",
        )  # fmt: skip
    parser.add_argument(
        "--cores", type=_numbers, default=sorted({1, everything}), metavar="N,M",
        help=f"how many cores (default {','.join(map(str, sorted({1, everything})))})",
    )  # fmt: skip
    parser.add_argument("--rounds", type=int, default=9, help="rounds per file (default 9)")
    parser.add_argument("--rows", type=int, help="rows of each file, in place of --megabytes")
    parser.add_argument("--megabytes", type=float, default=32, help="bytes of a file before compression")
    parser.add_argument(
        "--large", type=float, default=0, metavar="MB", help="files of that size as well: 220"
    )
    parser.add_argument("--first", type=int, default=0, help="first calls to time, each in a fresh process")
    parser.add_argument(
        "--patience", type=float, default=3, help="seconds in all after which a slow library may leave a file"
    )
    parser.add_argument("--output", type=Path, help="where to save the result as JSON")
    return parser.parse_args(argv)


def _names(known: Iterable[str]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        given = text.split(",")
        if unknown := set(given) - set(known):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
        return [name for name in known if name in given]

    return names


def _numbers(text: str) -> list[int]:
    return sorted({int(number) for number in text.split(",")})


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, save. Returns 1 where avrojet gave wrong values, else 0."""
    args = arguments(argv)
    results = run(args)
    print(report.render(results))
    if args.output:
        results.save(args.output)
    return int(any(lane.startswith("avrojet/") for one in results.measured for lane in one.wrong))


if __name__ == "__main__":
    sys.exit(main())
