"""Run Apache avro's own tests against the facade: ``python tests/peers/run_avro_suite.py``.

The tests come from avro's source distribution, fetched from the package index. Those that fail must be in
avro_known_failures.toml, each with its reason; one that fails and is not there, or is there and passes, fails
the run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

from environment import HERE, cache, environment, facade_path

VERSION = "1.12.2"
REQUIREMENTS = ("backports.zstd", "cramjam", "setuptools", "typing_extensions")
KNOWN = HERE / "avro_known_failures.toml"

# Runs in the other process. Many of the tests are made by load_tests, which pytest does not know.
RUN = """
import json, sys, unittest
from pathlib import Path
import avro
inside = Path(sys.argv[1]) / "avro"
avro.__path__.append(str(inside))
loader = unittest.TestLoader()
names = sorted(path.stem for path in (inside / "test").glob("test_*.py"))
suite = loader.loadTestsFromNames([f"avro.test.{name}" for name in names])
outcomes = {}

class Result(unittest.TestResult):
    def note(self, test, outcome):
        key = test.id().removeprefix("avro.test.")
        number = 1
        while (own := key if number == 1 else f"{key} #{number}") in outcomes:
            number += 1
        outcomes[own] = outcome
    def addSuccess(self, test):
        self.note(test, "passed")
    def addSkip(self, test, reason):
        self.note(test, "skipped")
    def addError(self, test, error):
        self.note(test, "failed")
        print(self._exc_info_to_string(error, test), file=sys.stderr)
    addFailure = addError

suite.run(Result())
Path(sys.argv[2]).write_text(json.dumps(outcomes))
"""


def fetch() -> Path:
    """The directory that has avro/test of the source distribution, and no more of avro."""
    place = cache()
    sources = place / f"avro-{VERSION}"
    if not sources.exists():
        download = ["download", "--quiet", "--no-deps", "--no-binary", "avro", "--dest", place]
        subprocess.run([environment(REQUIREMENTS), "-m", "pip", *download, f"avro=={VERSION}"], check=True)
        with tarfile.open(place / f"avro-{VERSION}.tar.gz") as archive:
            inside = f"{sources.name}/avro/"
            tests = [
                member for member in archive
                if member.name.startswith(f"{inside}test/") or member.name == f"{inside}interop.avsc"
            ]  # fmt: skip
            archive.extractall(place, tests, filter="data")
    return sources


def run(sources: Path) -> dict[str, str]:
    """Each test with its outcome: passed, failed or skipped."""
    report = cache() / "avro-suite.json"
    report.unlink(missing_ok=True)
    with (cache() / "avro-suite.log").open("w") as log:
        subprocess.run(
            [environment(REQUIREMENTS), "-c", RUN, sources, report],
            cwd=cache(),
            env=facade_path(),
            stdout=subprocess.DEVNULL,
            stderr=log,
            check=False,
        )
    outcomes: dict[str, str] = json.loads(report.read_text(encoding="utf-8"))
    return outcomes


def main() -> int:
    known: dict[str, str] = tomllib.loads(KNOWN.read_text(encoding="utf-8"))["failures"]
    outcomes = run(fetch())
    failed = {name for name, result in outcomes.items() if result == "failed"}
    for name in sorted(failed):
        print(f"failed: {name}: {known.get(name, 'NOT KNOWN')}")
    surprises = sorted(known.keys() - failed)
    for name in surprises:
        print(f"{outcomes.get(name, 'not found')}, but listed as a known failure: {name}")
    counts = {result: list(outcomes.values()).count(result) for result in ("passed", "failed", "skipped")}
    print(f"avro {VERSION}'s tests on the facade:", ", ".join(f"{n} {r}" for r, n in counts.items()))
    return 1 if failed - known.keys() or surprises or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
