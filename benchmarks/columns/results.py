"""What a run measured, as JSON, and the ratios within its rounds.

Imported by the runner, the report and the targets; measures nothing itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

from benchmarks.results import Spread, geometric_mean

LaneKey: TypeAlias = str
"""``library/cores/columns``, as in ``avrojet/1/all``; cores is a number, columns ``all`` or ``some``."""


@dataclass
class Measured:
    """One file: for each lane the seconds of each round, and what was wrong with the others.

    A slow lane leaves after the first rounds; samples with the same index belong to the same round. ``first``
    are first calls in fresh processes, each with wall, import (seconds) and peak (megabytes). ``text`` names
    the libraries that give JSON text for nested values.
    """

    shape: str
    codec: str
    rows: int
    size: int
    wall: dict[LaneKey, list[float]] = field(default_factory=dict)
    cpu: dict[LaneKey, list[float]] = field(default_factory=dict)
    first: dict[LaneKey, list[dict[str, float]]] = field(default_factory=dict)
    wrong: dict[LaneKey, str] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)
    large: bool = False

    def speeds(self, ours: LaneKey, theirs: LaneKey) -> list[float]:
        """How many times faster ``ours`` was than ``theirs``, round by round; empty where one is missing."""
        pairs = zip(self.wall.get(ours, ()), self.wall.get(theirs, ()), strict=False)
        return [their / our for our, their in pairs]

    def first_speeds(self, ours: LaneKey, theirs: LaneKey) -> list[float]:
        """The same of first calls."""
        walls = self.first_walls
        return [their / our for our, their in zip(walls.get(ours, ()), walls.get(theirs, ()), strict=False)]

    def nanoseconds(self, lane: LaneKey) -> float:
        """Per row, the median of the rounds."""
        return median(self.wall[lane]) / self.rows * 1e9

    def best(self, lane: str, peers: Iterable[str], *, first: bool = False) -> str | None:
        """The fastest library with some cores and columns, ``1/all`` say; None where there is none."""
        samples = self.first_walls if first else self.wall
        found = {peer: median(samples[key]) for peer in peers if (key := f"{peer}/{lane}") in samples}
        return min(found, key=found.__getitem__, default=None)

    @property
    def first_walls(self) -> dict[LaneKey, list[float]]:
        """Seconds of the first calls."""
        return {lane: [one["wall"] for one in calls] for lane, calls in self.first.items()}


@dataclass
class Results:
    """A whole run; ``libraries`` has their versions, ``missing`` why others took no part."""

    machine: dict[str, Any]
    options: dict[str, Any]
    libraries: dict[str, dict[str, str]]
    missing: dict[str, str]
    measured: list[Measured] = field(default_factory=list)

    @property
    def peers(self) -> list[str]:
        """The libraries that avrojet is compared with."""
        return [name for name in self.libraries if name not in ("avrojet", "decompression")]

    def save(self, path: Path) -> None:
        """As JSON, one file on a line, so that two results can be compared by eye."""
        data = asdict(self)
        lines = [json.dumps(one) for one in data.pop("measured")]
        rest = json.dumps(data, indent=1).removesuffix("\n}")
        text = rest + ',\n "measured": [\n' + ",\n".join(lines) + "\n ]\n}\n"
        path.write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Results:
        data = json.loads(path.read_text(encoding="utf-8"))
        measured = [Measured(**one) for one in data.pop("measured")]
        return cls(**data, measured=measured)


def overall(speeds: Sequence[Sequence[float]]) -> Spread | None:
    """The geometric mean over files; the spread is that of the means of the single rounds."""
    speeds = [one for one in speeds if one]
    if not speeds:
        return None
    rounds = Spread.of([geometric_mean(one_round) for one_round in zip(*speeds, strict=False)])
    middle = geometric_mean(median(one) for one in speeds)
    return Spread(middle, min(rounds.low, middle), max(rounds.high, middle))
