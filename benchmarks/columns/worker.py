"""One library in a process of its own, with so many threads: proves itself right, then is timed on demand.

Run by the measurement as ``python -m benchmarks.columns.worker LIBRARY THREADS``; not to be imported.
Commands and answers are JSON, one per line, on standard input and output. What the library itself prints
goes to standard error.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.columns.check import WrongError, check, samples
from benchmarks.columns.files import SHAPES
from benchmarks.columns.peers import DISTRIBUTIONS, PEERS, Reader
from benchmarks.memory import peak_megabytes
from benchmarks.process import serve


class Session:
    """Answers the commands of the measurement."""

    def __init__(self, name: str, threads: int) -> None:
        self._name = name
        began = time.perf_counter()
        self._missing = ""
        try:
            self._reader: Reader = PEERS[name](threads)
        except ImportError as error:
            self._missing = str(error)
        self._import_seconds = time.perf_counter() - began

    def hello(self, message: dict[str, Any]) -> dict[str, Any]:
        if self._missing:
            return {"missing": self._missing}
        return {"versions": _versions(DISTRIBUTIONS[self._name]), "import": self._import_seconds}

    def check(self, message: dict[str, Any]) -> dict[str, Any]:
        """Read once and compare; what is wrong, if anything is."""
        try:
            result = self._reader.table(message["path"], message["columns"])
            if self._reader.reads:
                shape, rows = SHAPES[message["shape"]], message["rows"]
                count, found = self._reader.rows(result, samples(rows))
                if count != rows:
                    raise WrongError(f"{count} rows, not {rows}")
                check(found, shape, rows, message["columns"], text=self._reader.json)
        except BaseException as error:  # noqa: BLE001 - panics of Rust are no exceptions
            return {"wrong": f"{type(error).__name__}: {error}"[:200]}
        return {"wrong": "", "text": self._reader.json and _nested(SHAPES[message["shape"]])}

    def run(self, message: dict[str, Any]) -> dict[str, Any]:
        """Seconds, wall and processor, of one call. What it gave is let go off the clock."""
        path, columns = message["path"], message["columns"]
        gc.collect()
        cpu, wall = time.process_time(), time.perf_counter()
        result = self._reader.table(path, columns)
        spent = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        del result
        return spent

    def first(self, message: dict[str, Any]) -> dict[str, Any]:
        """The first call of this process, and the megabytes that it added to the process's peak."""
        before = _resident()
        try:
            spent = self.run(message)
        except BaseException as error:  # noqa: BLE001
            return {"wrong": f"{type(error).__name__}: {error}"[:200]}
        peak = peak_megabytes()
        return {**spent, "import": self._import_seconds, "peak": peak and peak - before}


def _nested(shape: Any) -> bool:
    types = [field["type"] for field in shape.schema["fields"]]
    return any(isinstance(t, dict) and t["type"] in ("array", "map", "record") for t in types)


def _resident() -> float:
    """Megabytes of this process now; 0 where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024
    except OSError:
        return 0.0


def _versions(distributions: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in distributions:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = getattr(sys.modules.get(name), "__version__", "")
    return found


def main() -> None:
    threads = int(sys.argv[2])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    serve(lambda: Session(sys.argv[1], threads))


if __name__ == "__main__":
    main()
