"""What a run measured, and the arithmetic on it: per-round ratios, their spread, geometric means.

Imported by the runner, the report, the targets and the chart; measures nothing itself.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any, TypeAlias

from benchmarks.cases import Case

LaneKey: TypeAlias = str
"""``library/lane``, as in ``avrojet/decode``."""


@dataclass
class Measured:
    """One case: for each lane the seconds per pass of each round, and who could not take part, and why.

    A slow lane leaves after the first rounds; samples with the same index belong to the same round. ``items``
    is the number of records in a pass; ``sizes`` the encoded bytes of a pass, by library.
    """

    case: Case
    items: int = 0
    wall: dict[LaneKey, list[float]] = field(default_factory=dict)
    cpu: dict[LaneKey, list[float]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    lacks: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    def speeds(self, ours: LaneKey, theirs: LaneKey) -> list[float]:
        """How many times faster ``ours`` was than ``theirs``, round by round; empty where one is missing."""
        pairs = zip(self.wall.get(ours, ()), self.wall.get(theirs, ()), strict=False)
        return [their / our for our, their in pairs]


@dataclass(frozen=True)
class Spread:
    """The median of the rounds, and the quartiles around it (or all there is, of fewer than four rounds)."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Spread:
        if len(samples) < 4:
            return cls(median(samples), min(samples), max(samples))
        low, middle, high = quantiles(samples, n=4, method="inclusive")
        return cls(middle, low, high)


@dataclass
class Results:
    """A whole run."""

    machine: dict[str, Any]
    options: dict[str, Any]
    libraries: dict[str, dict[str, Any]]
    missing: dict[str, str]
    measured: list[Measured] = field(default_factory=list)
    imports: dict[str, Any] = field(default_factory=dict)

    def select(self, group: str, codec: str = "null") -> list[Measured]:
        return [m for m in self.measured if m.case.group == group and m.case.codec == codec]

    def save(self, path: Path) -> None:
        """As JSON, one case on a line, so that two results can be compared by eye."""
        data = asdict(self)
        cases = [json.dumps(one) for one in data.pop("measured")]
        rest = json.dumps(data, indent=1).removesuffix("\n}")
        text = rest + ',\n "measured": [\n' + ",\n".join(cases) + "\n ]\n}\n"
        path.write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Results:
        data = json.loads(path.read_text(encoding="utf-8"))
        measured = [Measured(**{**one, "case": Case(**one["case"])}) for one in data.pop("measured")]
        return cls(**data, measured=measured)


def geometric_mean(values: Iterable[float]) -> float:
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs))


def overall(measured: Iterable[Measured], ours: LaneKey, theirs: LaneKey) -> Spread | None:
    """The geometric mean over the cases that have both lanes; None where there are none.

    The middle is the mean of the cases' medians; the spread is that of the means of the single rounds, as far
    as every case has them.
    """
    speeds = [found for m in measured if (found := m.speeds(ours, theirs))]
    if not speeds:
        return None
    rounds = Spread.of([geometric_mean(one_round) for one_round in zip(*speeds, strict=False)])
    middle = geometric_mean(median(found) for found in speeds)
    return Spread(middle, min(rounds.low, middle), max(rounds.high, middle))
