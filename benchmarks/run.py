"""Run the benchmarks and print the table: ``python -m benchmarks.run``, from the root of a checkout.

Not to be imported but by tests.

Each library lives in a process of its own and works only when it is its turn. Every round gives each lane one
sample, in an order that turns from round to round, and only samples of the same round are divided by each
other: a machine that slows down for a while slows both sides of a ratio.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import chart, imports, machine, report
from benchmarks.cases import CODECS, SECTIONS, Case, cases
from benchmarks.peers import BASELINE, FACADES, LEVELS, PEERS, SYNC_INTERVAL, load
from benchmarks.process import Worker, WorkerDiedError
from benchmarks.results import Measured, Results
from benchmarks.workloads import WORKLOADS

RESULTS = machine.ROOT / "benchmarks" / "results"


@dataclass(frozen=True)
class Pace:
    """How long to measure: rounds, seconds per sample, and the seconds after which a slow lane may leave.

    No lane leaves before ``least`` rounds. ``share`` is the part of a workload's file rows that is used.
    """

    rounds: int
    seconds: float
    patience: float
    least: int
    share: float


FULL = Pace(rounds=11, seconds=0.06, patience=1.5, least=3, share=1.0)
QUICK = Pace(rounds=5, seconds=0.02, patience=0.3, least=2, share=0.25)


class Bench:
    """Measures cases with the workers of a run."""

    def __init__(self, workers: Mapping[str, Worker], pace: Pace, inputs: str) -> None:
        self.workers = workers
        self.pace = pace
        self.inputs = inputs
        self._spent: dict[str, float] = {}

    def measure(self, case: Case) -> Measured:
        rows = self._rows(case)
        self._maker().ask("make", workload=case.workload, codec=case.codec, rows=rows, inputs=self.inputs)
        measured = Measured(case)
        self._spent.clear()
        ready = [name for name in self.workers if self._open(name, case, rows, measured)]
        lanes = [(name, lane) for name in ready for lane in case.lanes]
        for number in range(self.pace.rounds):
            turn = number % max(1, len(lanes))
            for name, lane in lanes[turn:] + lanes[:turn]:
                self._sample(name, lane, number, measured)
        for name in ready:
            self.workers[name].ask("close")
        return measured

    def _open(self, name: str, case: Case, rows: int, measured: Measured) -> bool:
        try:
            answer = self.workers[name].ask(
                "open", group=case.group, workload=case.workload, codec=case.codec, rows=rows,
                inputs=self.inputs, seconds=self.pace.seconds,
            )  # fmt: skip
        except WorkerDiedError as death:
            answer = {"wrong": str(death)}
        for excuse, noted in (("lacks", measured.lacks), ("wrong", measured.wrong)):
            if excuse in answer:
                noted[name] = answer[excuse]
                return False
        measured.items = answer["items"]
        measured.sizes[name] = answer["size"]
        return True

    def _sample(self, name: str, lane: str, number: int, measured: Measured) -> None:
        key = f"{name}/{lane}"
        wall = measured.wall.setdefault(key, [])
        has_left = len(wall) < number
        if number >= self.pace.least and (has_left or self._spent.get(key, 0.0) > self.pace.patience):
            return
        answer = self.workers[name].ask("run", lane=lane)
        wall.append(answer["wall"])
        measured.cpu.setdefault(key, []).append(answer["cpu"])
        self._spent[key] = self._spent.get(key, 0.0) + answer["wall"] * answer["passes"]

    def _rows(self, case: Case) -> int:
        if case.group in ("read", "write", "evolution"):
            return max(1, int(WORKLOADS[case.workload].rows * self.pace.share))
        return 0

    def _maker(self) -> Worker:
        """Whose files all libraries read."""
        return self.workers.get(BASELINE) or next(w for w in self.workers.values() if w.info["avro"])


def workers_for(names: Sequence[str]) -> tuple[dict[str, Worker], dict[str, str]]:
    """The workers of the libraries that are installed, and why the others are not there."""
    workers, missing = {}, {}
    for name in names:
        try:
            load(name)
        except ImportError as error:
            missing[name] = str(error)
        else:
            workers[name] = Worker(name)
    return workers, missing


def run(args: argparse.Namespace) -> Results:
    """Measure what the options ask for."""
    pace = QUICK if args.quick else FULL
    if args.rounds:
        pace = Pace(args.rounds, pace.seconds, pace.patience, min(pace.least, args.rounds), pace.share)
    names = [name for name in (*PEERS, *FACADES) if name in args.peers or name == BASELINE]
    workers, missing = workers_for(names)
    for name, reason in missing.items():
        progress(f"{name} is left out: {reason}", end="\n")
    libraries = {name: worker.info for name, worker in workers.items()}
    options = {
        "rounds": pace.rounds, "seconds_per_sample": pace.seconds, "quick": args.quick, "only": args.only,
        "levels": dict(LEVELS), "sync_interval": SYNC_INTERVAL,
    }  # fmt: skip
    results = Results(machine.describe(), options, libraries, missing)
    todo = list(cases(args.only, args.workloads, args.codecs))
    with tempfile.TemporaryDirectory() as inputs:
        bench = Bench(workers, pace, inputs)
        for number, case in enumerate(todo, 1):
            progress(f"[{number}/{len(todo)}] {case.title}: {case.workload}")
            results.measured.append(bench.measure(case))
    for worker in workers.values():
        worker.end()
    if "cold" in args.only:
        progress("importing")
        results.imports = imports.measure(5 if args.quick else 21)
    progress("", end="")
    return results


def progress(text: str, end: str = "") -> None:
    """One line that is written over, on a terminal; a line each elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end=end, file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr, flush=True)


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Run the benchmarks.")
    parser.add_argument("--quick", action="store_true", help="fewer, shorter samples and smaller files")
    parser.add_argument(
        "--rounds", type=int, help=f"rounds per case (default {FULL.rounds}, quick {QUICK.rounds})"
    )
    for option, choices, default in (
        ("only", SECTIONS, tuple(SECTIONS)),
        ("workloads", WORKLOADS, tuple(WORKLOADS)),
        ("peers", (*PEERS, *FACADES), PEERS),
        ("codecs", LEVELS, CODECS),
    ):
        usual = "all" if set(default) == set(choices) else ",".join(default)
        parser.add_argument(
            f"--{option}", type=_names(tuple(choices)), default=default, metavar="A,B",
            help=f"of {', '.join(choices)} (default {usual})",
        )  # fmt: skip
    parser.add_argument("--output", type=Path, help="directory for the JSON and the chart")
    return parser.parse_args(argv)


def _names(known: Sequence[str]) -> Any:
    def names(text: str) -> list[str]:
        given = text.split(",")
        unknown = [name for name in given if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
        return [name for name in known if name in given]

    return names


def _is_whole(args: argparse.Namespace) -> bool:
    """Whether a run is fit to be the published one: everything measured, at full length."""
    return not args.quick and all(
        set(given) >= set(whole)
        for given, whole in (
            (args.only, SECTIONS), (args.workloads, WORKLOADS), (args.peers, PEERS), (args.codecs, CODECS)
        )
    )  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, save. Returns 1 where avrojet is missing, failed or gave a wrong value, else 0."""
    args = arguments(argv)
    results = run(args)
    print(report.render(results))
    directory = args.output or RESULTS
    directory.mkdir(parents=True, exist_ok=True)
    numbers, picture = ("latest.json", "chart.svg") if _is_whole(args) else ("partial.json", "partial.svg")
    results.save(directory / numbers)
    (directory / picture).write_text(chart.draw(results), encoding="utf-8")
    print(f"saved {numbers} and {picture} in {directory}", file=sys.stderr)
    failed = "avrojet" in results.missing or any("avrojet" in one.wrong for one in results.measured)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
