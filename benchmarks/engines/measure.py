"""Queries by turns, each beside another of the same round."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Query:
    """:ivar run: returns a number, which has to be `expected`.
    :ivar beside: the name of the query whose time this one's is divided by.
    """

    name: str
    run: Callable[[], int]
    expected: int
    beside: str
    most_rounds: int = 1000
    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def measure(queries: list[Query], rounds: int) -> None:
    """Run each query once to look at what it returns, and then in all rounds."""
    for turn in range(rounds + 1):
        for query in queries:
            if turn > query.most_rounds:
                continue
            wall, processor = time.perf_counter(), processor_seconds()
            found = query.run()
            wall, processor = time.perf_counter() - wall, processor_seconds() - processor
            if found != query.expected:
                raise ValueError(f"{query.name} returned {found}, not {query.expected}")
            if turn:
                query.wall.append(wall)
                query.processor.append(processor)


def processor_seconds() -> float:
    """Seconds that this process and all those below it have used, as far as Linux tells."""
    below = 0.0
    for pid in _below(os.getpid()):
        try:
            numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        below += sum(map(int, numbers[11:15])) / _TICK
    ended = os.times()
    return time.process_time() + ended.children_user + ended.children_system + below


def _below(pid: int) -> Iterable[int]:
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = path.read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            yield child
            yield from _below(child)


def table(queries: list[Query]) -> Iterable[str]:
    """A line for each query: medians and ranges."""
    by_name = {query.name: query for query in queries}
    yield f"{'':40} {'wall s':>24} {'processor s':>24} {'ratio of processor, of wall':>40}"
    for query in queries:
        other = by_name[query.beside]
        ratios = [
            spread([a / b for a, b in zip(mine, theirs, strict=False)])
            for mine, theirs in [(query.processor, other.processor), (query.wall, other.wall)]
        ]
        beside = "" if other is query else f" of {other.name}"
        yield (
            f"{query.name:40} {spread(query.wall):>24} {spread(query.processor):>24} "
            f"{ratios[0]:>20} {ratios[1]:>20}{beside}"
        )


def spread(samples: list[float]) -> str:
    """The median, and the quartiles."""
    ordered = sorted(samples)
    low, high = ordered[len(ordered) // 4], ordered[-1 - len(ordered) // 4]
    return f"{median(ordered):.3f} ({low:.3f}-{high:.3f})"
