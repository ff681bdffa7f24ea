"""Importing: every module alone, and the package lightly."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.repo.tree import HOSTED, MODULES

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


# Tests that share the modules: side by side they take less time.
PARTS = 8

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
        except ImportError as error:
            # What stands on a library says so. A facade derives its classes from confluent_kafka's.
            hosted = name.rpartition(".")[2] in {hosted!r} and "pip install 'avrojet[" in str(error)
            if error.name not in ("confluent_kafka", "pandas", "polars", "pyarrow") and not hosted:
                traceback.print_exc()
                os._exit(1)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(name)
"""


@pytest.mark.slow
@pytest.mark.more_with_peers
@pytest.mark.parametrize("part", range(PARTS))
def test_every_module_can_be_imported_first(part):
    modules = sorted(MODULES)[part::PARTS]
    if hasattr(os, "fork"):
        assert not run(ALONE.format(modules=modules, hosted=HOSTED))
    else:
        for module in modules:
            if module.rpartition(".")[2] not in HOSTED:
                run(f"import {module}")


def loaded_by(code: str) -> set[str]:
    return set(
        run(f"import sys; before = set(sys.modules); {code}; print(*set(sys.modules) - before)").split()
    )


def rooms(modules: set[str]) -> set[str]:
    """The rooms of the package that the modules are in, without those of the core."""
    return {module.split(".")[1] for module in modules if module.startswith("avrojet.")} - {"core"}


def test_importing_the_package_loads_nothing():
    loaded = loaded_by("import avrojet")
    assert not rooms(loaded)
    assert "typing" not in loaded


def test_the_whole_package_loads_nothing_heavy():
    loaded = loaded_by("from avrojet import *")
    assert {"avrojet.errors", "avrojet.columns.stream"} <= loaded
    assert not HEAVY & loaded


def test_datums_need_no_files_and_no_columns():
    loaded = loaded_by("import avrojet; avrojet.Decoder('int').decode(avrojet.Encoder('int').encode(1))")
    assert not rooms(loaded) & {"cli", "columns", "compat", "container", "integrations", "scan", "wire"}
    assert {module for module in loaded if module.startswith("avrojet.core.columns")} == set()


def test_files_of_rows_need_no_columns():
    loaded = loaded_by(
        "import avrojet, io; f = io.BytesIO(); avrojet.write(f, 'int', [1]); avrojet.read(f.getvalue())"
    )
    assert not rooms(loaded) & {"cli", "columns", "compat", "integrations", "scan", "wire"}
    assert not (HEAVY | {"dataclasses", "inspect"}) & loaded
