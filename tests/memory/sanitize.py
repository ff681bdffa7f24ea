"""Builds a copy of the checkout with the address and undefined-behaviour sanitizers and runs its tests there.

    python -m tests.memory.sanitize [arguments of pytest]

Needs gcc, its libasan and libubsan, and the test dependencies in the running interpreter. Without
arguments it runs all tests but those of the repository, the command line and the benchmarks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUITE = [
    "tests/core",
    "tests/container",
    "tests/columns",
    "tests/compat",
    "tests/schema",
    "tests/plan",
    "tests/hostile",
    "tests/fuzz",
    "tests/text",
    "tests/typed",
    "tests/wire",
    "tests/inspection",
    "tests/test_limits.py",
]
LEFT_OUT = shutil.ignore_patterns(
    "build", ".git", "*.so", "__pycache__", ".hypothesis", "*.egg-info", ".venv"
)


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch, "avrojet")
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        build = [sys.executable, "setup.py", "-q", "build_ext", "--inplace", "--force"]
        subprocess.run(build, cwd=copy, env={**os.environ, "AVROJET_SANITIZE": "1"}, check=True)
        pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(arguments or SUITE)]
        return subprocess.run(pytest, cwd=copy, env=environment(copy), check=False).returncode


def environment(copy: Path) -> dict[str, str]:
    return {
        **os.environ,
        "AVROJET_SANITIZE": "1",
        "PYTHONPATH": str(copy / "src"),
        # Python's own allocator would hide reads beyond a small object.
        "PYTHONMALLOC": "malloc",
        # Python keeps objects to its end; and what a bound on memory refuses must come back as NULL.
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "LD_PRELOAD": " ".join(map(library, ["libasan.so", "libubsan.so"])),
    }


def library(name: str) -> str:
    found = subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True)
    return found.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
