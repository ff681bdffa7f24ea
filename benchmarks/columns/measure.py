"""The rounds: every lane once in each, in an order that turns; then first calls, in fresh processes.

Imported by the runner. Only samples of the same round are divided by each other: a machine that slows down
for a while slows both sides of a ratio.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.columns.files import Shape
from benchmarks.columns.peers import environment
from benchmarks.columns.results import Measured
from benchmarks.process import Worker, WorkerDiedError

LEAST_ROUNDS = 2
"""No lane leaves before, however slow it is."""

_SETTLE_SECONDS = 0.03


@dataclass(frozen=True)
class Lane:
    """A library with some cores that reads all columns, or some."""

    peer: str
    cores: int
    columns: str

    @property
    def key(self) -> str:
        return f"{self.peer}/{self.cores}/{self.columns}"


def start(peer: str, cores: int) -> Worker:
    return Worker(peer, "benchmarks.columns.worker", str(cores), environment=environment(cores))


@dataclass(frozen=True)
class Pace:
    """How long to measure. A lane leaves when it has taken ``patience`` seconds.

    ``first`` is the number of fresh processes of each library, whose first calls are timed.
    """

    rounds: int
    patience: float
    first: int


class Bench:
    """Measures files with the lanes of a run."""

    def __init__(self, lanes: Sequence[Lane], pace: Pace, progress: Callable[[str], None]) -> None:
        self._lanes = lanes
        self._pace = pace
        self._progress = progress
        self.libraries: dict[str, dict[str, str]] = {}
        self.missing: dict[str, str] = {}
        self._workers: dict[tuple[str, int], Worker] = {}
        for peer, cores in dict.fromkeys((lane.peer, lane.cores) for lane in lanes):
            self._admit(peer, cores)

    def measure(self, shape: Shape, codec: str, rows: int, path: Path) -> Measured:
        measured = Measured(shape.name, codec, rows, path.stat().st_size)
        lanes = [lane for lane in self._lanes if self._is_right(lane, shape, path, measured)]
        for number in range(self._pace.rounds):
            self._progress(f"{shape.name}, {codec}: round {number + 1} of {self._pace.rounds}")
            turn = number % max(1, len(lanes))
            for lane in lanes[turn:] + lanes[:turn]:
                self._sample(lane, shape, path, number, measured)
        return measured

    def measure_first(self, shape: Shape, path: Path, measured: Measured) -> None:
        """First calls, of those lanes that were right and read all columns with one core."""
        keys = [lane for lane in self._lanes if lane.key in measured.wall and lane.columns == "all"]
        fewest = min((lane.cores for lane in keys), default=1)
        for number in range(self._pace.first):
            self._progress(f"{shape.name}, {measured.codec}: first call {number + 1} of {self._pace.first}")
            for lane in keys:
                if lane.cores == fewest and lane.peer != "decompression":
                    worker = start(lane.peer, lane.cores)
                    sample = worker.ask("first", **_request(lane, shape, path))
                    worker.end()
                    measured.first.setdefault(lane.key, []).append(sample)

    def end(self) -> None:
        for worker in self._workers.values():
            worker.end()

    def _admit(self, peer: str, cores: int) -> None:
        worker = start(peer, cores)
        if "missing" in worker.info:
            worker.end()
            self.missing[peer] = worker.info["missing"]
        else:
            self._workers[peer, cores] = worker
            self.libraries[peer] = worker.info["versions"]

    def _is_right(self, lane: Lane, shape: Shape, path: Path, measured: Measured) -> bool:
        if lane.peer in self.missing or (lane.peer == "decompression" and lane.columns != "all"):
            return False
        try:
            request = _request(lane, shape, path)
            answer = self._workers[lane.peer, lane.cores].ask("check", rows=measured.rows, **request)
        except WorkerDiedError as death:
            answer = {"wrong": str(death)}
        if answer["wrong"]:
            measured.wrong[lane.key] = answer["wrong"]
            return False
        if answer["text"] and lane.peer not in measured.text:
            measured.text.append(lane.peer)
        return True

    def _sample(self, lane: Lane, shape: Shape, path: Path, number: int, measured: Measured) -> None:
        wall = measured.wall.setdefault(lane.key, [])
        if number >= LEAST_ROUNDS and (len(wall) < number or sum(wall) > self._pace.patience):
            return
        _settle()
        answer = self._workers[lane.peer, lane.cores].ask("run", **_request(lane, shape, path))
        wall.append(answer["wall"])
        measured.cpu.setdefault(lane.key, []).append(answer["cpu"])


def _settle() -> None:
    """Let the threads of the call before come to rest: some go on for a while when the table is let go."""
    end = time.perf_counter() + _SETTLE_SECONDS
    while time.perf_counter() < end:
        pass


def _request(lane: Lane, shape: Shape, path: Path) -> dict[str, object]:
    columns = None if lane.columns == "all" else shape.some
    return {"shape": shape.name, "path": str(path), "columns": columns}
