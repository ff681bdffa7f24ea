"""Peak memory of large files, and the cost of the cyclic garbage collector: ``python -m benchmarks.memory``.

Not to be imported. Each measurement has a fresh process; the rows of a large file are orders (the nested
workload), made on the fly from a thousand different ones.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from benchmarks import machine
from benchmarks.peers import AvroBound, load
from benchmarks.results import Spread
from benchmarks.workloads import WORKLOADS, Record

P = ParamSpec("P")
T = TypeVar("T")

PEERS = ("avrojet", "fastavro")
WORKLOAD = WORKLOADS["nested"]
DISTINCT = 1000
MEGABYTE = 1 << 20


def in_fresh_process(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of a function of this module, called in an interpreter that has done nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *args, **kwargs).result()


def peak_megabytes() -> float | None:
    """The most memory this process ever had resident; None where the system does not tell."""
    try:
        # Not ru_maxrss: Linux lets a process inherit that from the one that started it.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (MEGABYTE if sys.platform == "darwin" else 1024)


def bound(peer: str) -> AvroBound:
    return cast(AvroBound, load(peer).prepare(WORKLOAD))


def rows(count: int) -> Iterator[Record]:
    return islice(cycle(WORKLOAD.records(DISTINCT)), count)


def rows_in(peer: str, size: int) -> int:
    """How many rows make a file of ``size`` bytes without compression."""
    target = BytesIO()
    bound(peer).write_file(target, rows(DISTINCT), "null")
    return round(size * DISTINCT / len(target.getvalue()))


def idle(peer: str) -> float | None:
    """Peak of a process that has the library and the thousand records, and does nothing with them."""
    bound(peer)
    assert sum(1 for _ in rows(DISTINCT)) == DISTINCT
    return peak_megabytes()


def write(peer: str, path: Path, count: int, codec: str) -> float | None:
    """Peak of a process that writes a file."""
    with path.open("wb") as target:
        bound(peer).write_file(target, rows(count), codec)
    return peak_megabytes()


def iterate(peer: str, path: Path, count: int) -> float | None:
    """Peak of a process that reads a file row by row."""
    with path.open("rb") as source:
        found = sum(1 for _ in bound(peer).read_file(source))
    assert found == count, f"{found} rows of {count}"
    return peak_megabytes()


def keep(peer: str, path: Path, *, collector: bool) -> float:
    """Seconds to read all rows of a file into a list."""
    reader = bound(peer)
    if not collector:
        gc.disable()
    with path.open("rb") as source:
        began = time.perf_counter()
        kept = list(reader.read_file(source))
        spent = time.perf_counter() - began
    assert kept
    return spent


def measure_peaks(peer: str, directory: Path, size: int, codec: str) -> dict[str, Any]:
    """Peaks in MB of writing and of iterating a large file, beside that of a process that does neither."""
    path = directory / f"{peer}.avro"
    count = in_fresh_process(rows_in, peer, size)
    wrote = in_fresh_process(write, peer, path, count, codec)
    megabytes = path.stat().st_size / MEGABYTE
    read = in_fresh_process(iterate, peer, path, count)
    path.unlink()
    peaks = {"idle": in_fresh_process(idle, peer), "write": wrote, "iterate": read}
    return {"rows": count, "file": megabytes, "codec": codec, **peaks}


def measure_collector(peer: str, directory: Path, count: int, rounds: int) -> dict[str, float]:
    """Keeping all rows in a list with the collector on, in times of the same with it off."""
    path = directory / "kept.avro"
    in_fresh_process(write, peer, path, count, "null")
    ratios = []
    for _ in range(rounds):
        off = in_fresh_process(keep, peer, path, collector=False)
        ratios.append(in_fresh_process(keep, peer, path, collector=True) / off)
    spread = Spread.of(ratios)
    return {"rows": count, "median": spread.median, "low": spread.low, "high": spread.high}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description="Measure memory.")
    parser.add_argument("--megabytes", type=int, default=1024, help="size of the large file (default 1024)")
    parser.add_argument("--codec", default="null", help="codec of the large file (default null)")
    parser.add_argument("--rows", type=int, default=100_000, help="rows kept in a list (default 100000)")
    parser.add_argument(
        "--rounds", type=int, default=5, help="rounds with the collector on and off (default 5)"
    )
    parser.add_argument("--peers", type=lambda text: text.split(","), default=PEERS, metavar="A,B")
    parser.add_argument("--output", type=Path, help="file for the JSON")
    return parser.parse_args()


def main() -> None:
    args = arguments()
    found: dict[str, Any] = {"machine": machine.describe(), "peaks": {}, "collector": {}}
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for peer in args.peers:
            peaks = measure_peaks(peer, directory, args.megabytes * MEGABYTE, args.codec)
            found["peaks"][peer] = peaks
            print(
                f"{peer}: a {args.codec} file of {peaks['file']:.0f} MB, {peaks['rows']} rows: "
                f"peak {_mb(peaks['write'])} writing, {_mb(peaks['iterate'])} iterating, "
                f"{_mb(peaks['idle'])} idle"
            )
        for peer in args.peers:
            cost = measure_collector(peer, directory, args.rows, args.rounds)
            found["collector"][peer] = cost
            print(
                f"{peer}: list of {args.rows} rows with the collector on: {cost['median']:.2f}x "
                f"({cost['low']:.2f}-{cost['high']:.2f}) the time with it off"
            )
    if args.output:
        args.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _mb(megabytes: float | None) -> str:
    return "unknown" if megabytes is None else f"{megabytes:.0f} MB"


if __name__ == "__main__":
    main()
