"""Importing: every module alone, and the package lightly."""

from __future__ import annotations

import os
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


# Python imports a package before its modules, so each is imported first in a copy of a process that has
# imported avrojet alone.
ALONE = """
import os, sys, traceback
import avrojet
for name in {modules!r}:
    child = os.fork()
    if not child:
        try:
            __import__(name)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(name)
"""


@pytest.mark.slow
def test_every_module_can_be_imported_first():
    if hasattr(os, "fork"):
        assert not run(ALONE.format(modules=MODULES))
    else:
        for module in MODULES:
            run(f"import {module}")


def test_importing_the_package_loads_nothing_heavy():
    loaded = run("import sys; before = set(sys.modules); import avrojet; print(*set(sys.modules) - before)")
    assert "avrojet.errors" in loaded.split()
    assert not HEAVY & set(loaded.split())
