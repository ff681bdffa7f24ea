"""What avrojet promises of its speed, and whether a run kept it.

Imported by the report. Ratios are of one run, interleaved; a target that a run did not measure is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks import imports
from benchmarks.results import Measured, Results, geometric_mean, overall


@dataclass(frozen=True)
class Speed:
    """``ours`` at least ``mean`` times as fast as ``theirs``, geometric mean; no workload under ``each``."""

    group: str
    codec: str
    ours: str
    theirs: str
    mean: float
    each: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """One line of the list of targets; ``short`` are the workloads under the bound for each."""

    kept: bool
    promise: str
    found: str
    short: tuple[str, ...] = ()


COMPRESSED = ("deflate", "snappy", "zstandard")
SPEEDS = (
    Speed("decode", "null", "avrojet/decode", "fastavro/decode", 8, 5),
    Speed("encode", "null", "avrojet/encode", "fastavro/encode", 12, 6),
    Speed("decode", "null", "avrojet/decode", "cavro/decode", 3),
    Speed("encode", "null", "avrojet/encode", "cavro/encode", 3),
    Speed("decode", "null", "avrojet/decode", "msgspec/decode", 1),
    Speed("encode", "null", "avrojet/encode", "msgspec/encode", 1),
    Speed("read", "null", "avrojet/read", "fastavro/read", 8),
    Speed("write", "null", "avrojet/write", "fastavro/write", 10),
    *(Speed("read", codec, "avrojet/read", "fastavro/read", 4) for codec in COMPRESSED),
    *(Speed("write", codec, "avrojet/write", "fastavro/write", 3) for codec in COMPRESSED),
    Speed("evolution", "null", "avrojet/half", "avrojet/all", 1, 1),
)
LARGEST_FILE = 1.03
"""Times the size of fastavro's file, the same codec and level."""
SLOWEST_COLD_START = 3.0
"""Parsing a schema and decoding the first datum, in times of fastavro's parse_schema alone."""
SLOWEST_IMPORT = 60.0
"""Milliseconds over an interpreter that imports nothing."""


def verdicts(results: Results) -> Iterator[Verdict]:
    """Every target that the run measured."""
    for target in SPEEDS:
        yield from _speed(results, target)
    for codec in COMPRESSED:
        yield from _size(results, codec)
    yield from _cold(results)
    yield from _import(results)


def _speed(results: Results, target: Speed) -> Iterator[Verdict]:
    measured = results.select(target.group, target.codec)
    mean = overall(measured, target.ours, target.theirs)
    if mean is None:
        return
    found = {
        m.case.workload: median(speeds) for m in measured if (speeds := m.speeds(target.ours, target.theirs))
    }
    short = tuple(f"{name} {speed:.2f}x" for name, speed in found.items() if speed < target.each)
    lowest = min(found, key=found.__getitem__)
    each = f", each >= {target.each:g}x" if target.each else ""
    what = f"{target.group} {target.codec}" if target.group in ("read", "write") else target.group
    yield Verdict(
        mean.median >= target.mean and not short,
        f"{what}: {_name(target.ours)} to {_name(target.theirs)} >= {target.mean:g}x{each}",
        f"{mean.median:.2f}x ({mean.low:.2f}-{mean.high:.2f}), lowest {found[lowest]:.2f}x {lowest}",
        short,
    )


def _name(lane: str) -> str:
    library, _, role = lane.partition("/")
    return f"{library} ({role} of the fields)" if role in ("half", "all") else library


def _size(results: Results, codec: str) -> Iterator[Verdict]:
    ratios = {
        m.case.workload: m.sizes["avrojet"] / m.sizes["fastavro"]
        for m in results.select("write", codec)
        if m.sizes.keys() >= {"avrojet", "fastavro"}
    }
    if ratios:
        largest = max(ratios, key=ratios.__getitem__)
        short = tuple(f"{name} {ratio:.3f}x" for name, ratio in ratios.items() if ratio > LARGEST_FILE)
        yield Verdict(
            not short,
            f"{codec} file: avrojet to fastavro, each <= {LARGEST_FILE:g}x",
            f"{geometric_mean(ratios.values()):.3f}x, largest {ratios[largest]:.3f}x {largest}",
            short,
        )


def _cold(results: Results) -> Iterator[Verdict]:
    measured = results.select("cold")
    mean = overall(measured, "fastavro/parse", "avrojet/first")
    if mean is not None:
        slowest = max(measured, key=_cold_cost)
        yield Verdict(
            mean.median <= SLOWEST_COLD_START,
            f"cold: avrojet's first datum to fastavro's parse_schema <= {SLOWEST_COLD_START:g}x",
            f"{mean.median:.2f}x ({mean.low:.2f}-{mean.high:.2f}), "
            f"slowest {_cold_cost(slowest):.2f}x {slowest.case.workload}",
        )


def _cold_cost(measured: Measured) -> float:
    speeds = measured.speeds("fastavro/parse", "avrojet/first")
    return median(speeds) if speeds else 0.0


def _import(results: Results) -> Iterator[Verdict]:
    if "avrojet" in results.imports:
        cost = results.imports["avrojet"]
        kept = cost.get("milliseconds", math.inf) < SLOWEST_IMPORT
        yield Verdict(kept, f"import avrojet < {SLOWEST_IMPORT:g} ms", imports.render(cost))
