"""Run fastavro's own tests against the facade: ``python tests/peers/run_fastavro_suite.py``.

The tests come from fastavro's source distribution, fetched from the package index. Those that fail must
be in fastavro_known_failures.toml, each with its reason; one that fails and is not there, or is there and
passes, fails the run.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

from environment import HERE, cache, environment, facade_path

VERSION = "1.13.1"
REQUIREMENTS = ("pytest", "numpy", "pandas", "cramjam", "backports.zstd", "lz4", "zlib_ng")
KNOWN = HERE / "fastavro_known_failures.toml"


def fetch() -> Path:
    """The directory that the tests of the source distribution are in."""
    place = cache()
    sources = place / f"fastavro-{VERSION}"
    if not sources.exists():
        download = ["download", "--quiet", "--no-deps", "--no-binary", "fastavro", "--dest", place]
        subprocess.run(
            [environment(REQUIREMENTS), "-m", "pip", *download, f"fastavro=={VERSION}"], check=True
        )
        with tarfile.open(place / f"fastavro-{VERSION}.tar.gz") as archive:
            # Its tests alone: the package beside them must not be found in the place of the facade.
            tests = [member for member in archive if f"{sources.name}/tests/" in member.name]
            archive.extractall(place, tests, filter="data")
    return sources


def run(sources: Path) -> dict[str, str]:
    """Each test with its outcome: passed, failed or skipped."""
    report = cache() / "fastavro-suite.xml"
    report.unlink(missing_ok=True)
    arguments = ["-q", "--tb=no", "-p", "no:cacheprovider", f"--junitxml={report}"]
    subprocess.run(
        [environment(REQUIREMENTS), "-m", "pytest", *arguments, "tests"],
        cwd=sources,
        env=facade_path(),
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return {
        f"{case.get('classname', '').removeprefix('tests.')}::{case.get('name')}": outcome(case)
        for case in ET.parse(report).iter("testcase")
    }


def outcome(case: ET.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "passed" if case.find("skipped") is None else "skipped"


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
    print(f"fastavro {VERSION}'s tests on the facade:", ", ".join(f"{n} {r}" for r, n in counts.items()))
    return 1 if failed - known.keys() or surprises or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
