"""The table of a saved result: ``python -m benchmarks.downstream.report FILE [--readme]``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import machine
from benchmarks.results import Spread, geometric_mean

BEGIN = "<!-- downstream: made by python -m benchmarks.downstream.report FILE --readme -->"
END = "<!-- downstream: end -->"


def render(results: dict[str, Any]) -> str:
    """Microseconds of processor time per call, and how many times faster a call is with avrojet."""
    place = results["machine"]
    where = (
        f"{place['processor']}, {place['cores']} cores, {place['system']}, {place['python']}, {place['date']}"
    )
    lines = [
        f"{where}; {results['rounds']} rounds; microseconds of processor time per call.",
        "",
        "|  | fastavro | avrojet | times as fast |",
        "| --- | ---: | ---: | ---: |",
        *_rows(results),
    ]
    left_out = [
        f"- {one['program']} is left out: {one['lacks']}" for one in results["programs"] if "lacks" in one
    ]
    return "\n".join([*lines, *([""] if left_out else []), *left_out])


def _rows(results: dict[str, Any]) -> Iterator[str]:
    ratios = []
    for one in results["programs"]:
        for case in one.get("cases", ()):
            name = f"{one['version']}: {case['name']}"
            if "wrong" in case:
                yield f"| {name} | {case['wrong'][0]} | **{case['wrong'][1]}** | not the same |"
                continue
            theirs, ours = (
                [sample["cpu"] for sample in case["times"][name]] for name in ("fastavro", "avrojet")
            )
            speed = Spread.of([their / our for their, our in zip(theirs, ours, strict=True)])
            ratios.append(speed.median)
            times = f"{median(theirs) * 1e6:.1f} | {median(ours) * 1e6:.1f}"
            yield f"| {name} | {times} | {speed.median:.2f} ({speed.low:.2f}-{speed.high:.2f}) |"
    if ratios:
        yield f"| geometric mean |  |  | {geometric_mean(ratios):.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description="Print a saved result.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--readme", action="store_true", help="put the table into benchmarks/README.md")
    args = parser.parse_args()
    table = render(json.loads(args.file.read_text(encoding="utf-8")))
    if not args.readme:
        print(table)
        return
    page = machine.ROOT / "benchmarks" / "README.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    page.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
