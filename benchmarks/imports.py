"""What importing each library costs a fresh interpreter: ``python -m benchmarks.imports``.

Imported by the runner. Interpreters are started in turn, so that all of them meet the same weather.
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median
from typing import Any

from benchmarks.results import Spread

MODULES = ("avrojet", "fastavro", "avro.datafile", "cavro", "msgspec", "orjson")


def measure(rounds: int) -> dict[str, dict[str, Any]]:
    """Module -> milliseconds over the interpreter that imports nothing; what is not installed is left out."""
    start("pass")
    modules = [module for module in MODULES if start(f"import {module}") is not None]
    bare: list[float] = []
    spent: dict[str, list[float]] = {module: [] for module in modules}
    for _ in range(rounds):
        bare.append(start("pass") or 0.0)
        for module, samples in spent.items():
            samples.append((start(f"import {module}") or 0.0) - bare[-1])
    costs = {module: Spread.of(samples) for module, samples in spent.items()}
    return {
        "python": {"milliseconds": median(bare)},
        **{m: {"milliseconds": s.median, "low": s.low, "high": s.high} for m, s in costs.items()},
    }


def start(code: str) -> float | None:
    """Milliseconds from starting an interpreter to its end; None where it failed."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    return (time.perf_counter() - began) * 1000 if done.returncode == 0 else None


def main() -> None:
    for module, cost in measure(20).items():
        print(f"{module:14} {cost['milliseconds']:7.1f} ms")


if __name__ == "__main__":
    main()
