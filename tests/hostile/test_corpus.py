"""Every hostile case ends in a documented error, or in the one right value."""

from __future__ import annotations

import pytest

from tests.hostile.corpus import BY_NAME, CASES
from tests.hostile.run import run, table

pytestmark = pytest.mark.slow


def test_the_corpus_is_large():
    assert len(CASES) >= 300
    assert {case.area for case in CASES} >= {
        "bytes", "containers", "columns", "arrow", "schemas", "resolution", "JSON",
        "values", "writers", "files",
        "IDL", "protocols",
        "calls", "answers",
    }  # fmt: skip


NEED_PYARROW = {"arrow", "columns"}


def test_every_case_ends_well():
    endings = list(run("avrojet", [name for name in BY_NAME if BY_NAME[name].area not in NEED_PYARROW]))
    assert not [ending for ending in endings if ending.verdict != "ok"], table(endings)


def test_every_case_of_columns_ends_well():
    pytest.importorskip("pyarrow")
    endings = list(run("avrojet", [name for name in BY_NAME if BY_NAME[name].area in NEED_PYARROW]))
    assert not [ending for ending in endings if ending.verdict != "ok"], table(endings)


def test_no_file_hangs_or_exhausts_the_facade():
    """Its errors are fastavro's, and so is what it takes; but it ends."""
    names = [name for name in BY_NAME if BY_NAME[name].area in {"containers", "files", "writers"}]
    endings = list(run("facade", names))
    assert not [ending for ending in endings if ending.verdict in {"crashed", "hung", "over memory"}]
    assert not [ending for ending in endings if "RecursionError" in ending.said]


def test_json_ends_well_in_the_facade():
    endings = list(run("facade", [name for name in BY_NAME if BY_NAME[name].area == "JSON"]))
    assert not [ending for ending in endings if ending.verdict != "ok"], table(endings)
