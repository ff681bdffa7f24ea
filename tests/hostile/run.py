"""Runs the hostile corpus against a library in supervised processes, and prints the table.

    python -m tests.hostile.run [--library avrojet|facade|fastavro|avro|cavro] [--only TEXT] [--verbose]

Ends with status 1 if any case does not end as it must.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.corpus import BY_NAME
from tests.hostile.libraries import LIBRARIES

VERDICTS = ["crashed", "hung", "over memory", "undocumented", "wrong value", "unsupported", "ok"]
PATIENCE = 10.0  # seconds of the clock; the worker itself counts its processor time
if os.environ.get("AVROJET_SANITIZE"):
    PATIENCE *= 5
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ending:
    name: str
    verdict: str
    said: str


class Worker:
    """One supervised process."""

    def __init__(self, library: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.worker", library],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        if self._lines.get(timeout=60) != '"ready"\n':
            raise RuntimeError(
                f"the worker for {library} does not start: python -m tests.hostile.worker {library}"
            )

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def run(self, name: str) -> Ending:
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(name) + "\n")
            self._process.stdin.flush()
            line = self._lines.get(timeout=PATIENCE)
        except queue.Empty:
            return Ending(name, "hung", f"no answer in {PATIENCE:.0f} s")
        except OSError:
            line = ""
        if not line:
            return Ending(name, "crashed", f"exit status {self._process.wait()}")
        verdict, said = json.loads(line)
        return Ending(name, verdict, said)

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


def run(library: str, names: Iterable[str] = BY_NAME) -> Iterator[Ending]:
    """The ending of each case, a new process following on one that crashed, hung or ran out of memory."""
    worker = Worker(library)
    try:
        for name in names:
            ending = worker.run(name)
            if ending.verdict == "hung":  # on a busy machine once by chance, but not twice
                worker.end()
                worker = Worker(library)
                ending = worker.run(name)
            if ending.verdict in {"crashed", "hung", "over memory"}:
                worker.end()
                worker = Worker(library)
            yield ending
    finally:
        worker.end()


def table(endings: Iterable[Ending]) -> str:
    counts = Counter((BY_NAME[ending.name].area, ending.verdict) for ending in endings)
    areas = list(dict.fromkeys(case.area for case in BY_NAME.values()))
    head = f"{'':12}" + "".join(f"{verdict:>14}" for verdict in VERDICTS)
    lines = [f"{area:12}" + "".join(f"{counts[area, verdict]:14}" for verdict in VERDICTS) for area in areas]
    sums = [sum(counts[area, verdict] for area in areas) for verdict in VERDICTS]
    return "\n".join([head, *lines, f"{'all':12}" + "".join(f"{each:14}" for each in sums)])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--library", choices=LIBRARIES, default="avrojet")
    parser.add_argument("--only", default="", help="only the cases whose names contain this")
    parser.add_argument("--verbose", action="store_true", help="show the ending of every case")
    options = parser.parse_args()
    endings = []
    for ending in run(options.library, [name for name in BY_NAME if options.only in name]):
        endings.append(ending)
        if options.verbose or ending.verdict not in {"ok", "unsupported"}:
            print(f"{ending.verdict:13} {ending.name}: {ending.said}", flush=True)
    print(table(endings))
    return any(ending.verdict not in {"ok", "unsupported"} for ending in endings)


if __name__ == "__main__":
    sys.exit(main())
