"""What importing each library costs a fresh interpreter: ``python -m benchmarks.imports``.

Imported by the runner. Interpreters are started in turn, so that all of them meet the same weather.
"""

from __future__ import annotations

import subprocess
import sys
import time
from importlib.util import find_spec
from statistics import median
from typing import Any

from benchmarks.results import Spread

MODULES = ("avrojet", "fastavro", "avro.datafile", "cavro", "msgspec", "orjson")


def measure(rounds: int) -> dict[str, dict[str, Any]]:
    """Module -> milliseconds over the interpreter that imports nothing, or the error that importing it gave.

    Modules that are not installed are left out.
    """
    modules = [module for module in MODULES if find_spec(module.partition(".")[0])]
    errors = {module: error for module in modules if (error := start(f"import {module}")[1])}
    spent: dict[str, list[float]] = {module: [] for module in modules if module not in errors}
    bare: list[float] = []
    for _ in range(rounds):
        bare.append(start("pass")[0])
        for module, samples in spent.items():
            samples.append(start(f"import {module}")[0] - bare[-1])
    costs = {module: Spread.of(samples) for module, samples in spent.items()}
    return {
        "python": {"milliseconds": median(bare)},
        **{m: {"milliseconds": s.median, "low": s.low, "high": s.high} for m, s in costs.items()},
        **{module: {"error": error} for module, error in errors.items()},
    }


def start(code: str) -> tuple[float, str]:
    """Milliseconds from starting an interpreter to its end, and the last line of what it complained of."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    spent = (time.perf_counter() - began) * 1000
    return spent, (done.stderr.strip().splitlines() or ["failed"])[-1] if done.returncode else ""


def render(cost: dict[str, Any]) -> str:
    return cost.get("error") or f"{cost['milliseconds']:.1f} ms"


def main() -> None:
    for module, cost in measure(21).items():
        print(f"{module:14} {render(cost):>10}")


if __name__ == "__main__":
    main()
