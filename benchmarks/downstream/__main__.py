"""Run the programs with both libraries and print the table: ``python -m benchmarks.downstream``.

A quick look: ``python -m benchmarks.downstream --only confluent_kafka --rounds 5``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.downstream import report
from benchmarks.process import Worker
from benchmarks.run import progress

PROGRAMS = sorted(
    path.stem for path in (Path(__file__).parent / "programs").glob("*.py") if path.stem != "__init__"
)
LIBRARIES = ("fastavro", "avrojet")


def measure(program: str, rounds: int, seconds: float) -> dict[str, Any]:
    """One program: what each case costs with each library, and whether both give the same."""
    workers = {name: Worker(name, "benchmarks.downstream.worker", program) for name in LIBRARIES}
    try:
        return _measured(program, workers, rounds, seconds)
    finally:
        for worker in workers.values():
            worker.end()


def _measured(program: str, workers: dict[str, Worker], rounds: int, seconds: float) -> dict[str, Any]:
    opened = {}
    for name, worker in workers.items():
        opened[name] = worker.info if "lacks" in worker.info else worker.ask("open")
        if "lacks" in opened[name]:
            return {"program": program, "lacks": opened[name]["lacks"]}
    theirs, ours = (opened[name]["cases"] for name in LIBRARIES)
    found: dict[str, Any] = {"program": program, "version": opened["avrojet"]["version"], "cases": []}
    for case in theirs:
        if theirs[case] != ours.get(case):
            found["cases"].append({"name": case, "wrong": [theirs[case][1], ours.get(case, ["", ""])[1]]})
            continue
        progress(f"{program}: {case}")
        times = {name: [] for name in LIBRARIES}
        for number in range(rounds):
            for name in LIBRARIES if number % 2 else LIBRARIES[::-1]:
                times[name].append(workers[name].ask("run", case=case, seconds=seconds))
        found["cases"].append({"name": case, "times": times})
    return found


def run(args: argparse.Namespace) -> dict[str, Any]:
    measured = list(_all(args))
    progress("")
    return {"machine": machine.describe(), "rounds": args.rounds, "programs": measured}


def _all(args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for program in args.only:
        yield measure(program, args.rounds, args.seconds)


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.downstream",
        description="Time packages that use fastavro, with both libraries.",
    )
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=PROGRAMS, metavar="A,B",
        help=f"of {', '.join(PROGRAMS)} (default all)",
    )  # fmt: skip
    parser.add_argument("--rounds", type=int, default=9, help="rounds per case (default 9)")
    parser.add_argument("--seconds", type=float, default=0.05, help="seconds per sample (default 0.05)")
    parser.add_argument("--output", type=Path, help="where to save the result as JSON")
    args = parser.parse_args(argv)
    if unknown := set(args.only) - set(PROGRAMS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(PROGRAMS)}")
    return args


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, save. Returns 1 where the libraries did not give the same, else 0."""
    args = arguments(argv)
    results = run(args)
    print(report.render(results))
    if args.output:
        args.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return int(any("wrong" in case for one in results["programs"] for case in one.get("cases", ())))


if __name__ == "__main__":
    sys.exit(main())
