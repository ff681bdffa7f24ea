"""Importing: every module alone, and the package lightly."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.repo.tree import MODULES

# Optional libraries, and what of the standard library a program that reads one file should not pay for.
HEAVY = {
    "argparse",
    "asyncio",
    "avro",
    "backports",
    "compression",
    "concurrent",
    "cramjam",
    "deflate",
    "email",
    "fastavro",
    "http",
    "importlib.metadata",
    "isal",
    "logging",
    "multiprocessing",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "unittest",
    "xml",
}


def run(code: str) -> str:
    """What a fresh interpreter prints; a warning is an error there too."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert not done.stderr
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize("module", MODULES)
def test_a_module_can_be_imported_first(module):
    run(f"import {module}")


def test_importing_the_package_loads_nothing_heavy():
    loaded = run("import sys; before = set(sys.modules); import avrojet; print(*set(sys.modules) - before)")
    assert "avrojet.errors" in loaded.split()
    assert not HEAVY & set(loaded.split())
