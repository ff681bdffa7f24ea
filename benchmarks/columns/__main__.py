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
    """Measure what the options ask for; what has been measured is saved after each file."""
    peers = [name for name in PEERS if name in args.peers or name == "avrojet"]
    pace = Pace(args.rounds, args.patience, args.first)
    bench = Bench(list(_lanes(peers, args.cores, args.columns)), pace, progress)
    results = Results(machine.describe(), _options(args), bench.libraries, bench.missing)
    for name, reason in bench.missing.items():
        progress(f"{name} is left out: {reason}", end="\n")
    shapes = [SHAPES[name] for name in args.shapes]
    small = [(shape, codec) for codec in args.codecs for shape in shapes]
    for measured in _measure(bench, small, args.rows, args.megabytes):
        results.measured.append(measured)
        _save(results, args.output)
    if args.large:
        bench = Bench(list(_lanes(peers, args.cores, ["all"])), pace, progress)
        large = [(shape, "null") for shape in shapes if shape.name in LARGE_SHAPES]
        for measured in _measure(bench, large, None, args.large):
            measured.large = True
            results.measured.append(measured)
            _save(results, args.output)
    progress("")
    return results


def _measure(
    bench: Bench, files: Iterable[tuple[Shape, str]], rows: int | None, megabytes: float
) -> Iterator[Measured]:
    """Each file, written for it and removed; then the bench has done its work."""
    with tempfile.TemporaryDirectory() as folder:
        for shape, codec in files:
            path = Path(folder) / f"{shape.name}-{codec}.avro"
            count = rows or shape.rows_in(megabytes * MEGABYTE)
            progress(f"{shape.name}, {codec}: writing {count} rows")
            shape.write(path, codec, count)
            measured = bench.measure(shape, codec, count, path)
            if codec == "null":
                bench.measure_first(shape, path, measured)
            path.unlink()
            yield measured
    bench.end()


def _save(results: Results, path: Path | None) -> None:
    if path is not None:
        results.save(path)


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
    return int(any(lane.startswith("avrojet/") for one in results.measured for lane in one.wrong))


if __name__ == "__main__":
    sys.exit(main())
