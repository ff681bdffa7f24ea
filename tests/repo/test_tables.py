"""Each operation has a table from op to routine; a gap in it would be a call to nowhere."""

from __future__ import annotations

import re

import pytest

from tests.repo.tree import CORE, cython_code, package_files

NODE = (CORE / "plan" / "node.pxd").read_text(encoding="utf-8")
OPS_TEXT = NODE.partition("cdef enum Op:")[2].partition("OP_COUNT")[0]
OPS = re.findall(r"^ +(OP_\w+)", OPS_TEXT, re.MULTILINE)
# Steps that only a reader's schema or wishes make: nothing is ever written by them.
READER_OPS = re.findall(
    r"^ +(OP_\w+)",
    OPS_TEXT.partition("# The same for a reader")[2].partition("\n    #")[0],
    re.MULTILINE,
)
LOGICAL_OPS = re.findall(r"^ +(OP_\w+)", OPS_TEXT.partition("# Logical types")[2], re.MULTILINE)
# Data are compared by their plain types, and maps not at all. Plans for text have dicts' order, defaults as
# bytes, and no converters of Python's. Traces and measures are of data as they were written.
EXEMPT = {
    "ENCODE": set(READER_OPS),
    "COMPARE": {*READER_OPS, *LOGICAL_OPS, "OP_MAP"},
    "EMIT": {"OP_TUPLE", "OP_CONSTANT", "OP_CUSTOM"},
    "PARSE": {*READER_OPS, "OP_CUSTOM"},
    "TRACE": {*READER_OPS, "OP_CUSTOM"},
    "MEASURE": {*READER_OPS, "OP_CUSTOM"},
}


def tables() -> dict[str, tuple[int, list[str]]]:
    """Name of each table -> its size and the ops that it has entries for."""
    found = {}
    for path in package_files(".pyx"):
        code = cython_code(path)
        for name, size in re.findall(r"^cdef Routine (\w+)\[(\d+)\]$", code, re.MULTILINE):
            entries = re.findall(rf"^{name}\[<int>(OP_\w+)\] = \w+$", code, re.MULTILINE)
            found[name] = int(size), entries
    return found


TABLES = tables()


def test_ops_and_tables_are_found():
    assert {"OP_NULL", "OP_RECORD", "OP_UNION", "OP_CUSTOM"} <= set(OPS)
    assert {"OP_RESOLVED", "OP_FAIL"} <= set(READER_OPS)
    assert not {"OP_NULL", "OP_DATE"} & set(READER_OPS)
    assert {"DECODE", "ENCODE", "SKIP"} <= set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_one_routine_for_every_op(name):
    size, entries = TABLES[name]
    assert sorted(entries) == sorted(set(OPS) - EXEMPT.get(name, set()))
    assert size >= len(OPS)
