"""Every table of the core that goes by an enum names the member of each entry, and has one for every member.

A gap would be a call to nowhere; an entry found by its place alone would depend on the order of an enum
in another file.
"""

from __future__ import annotations

import re

import pytest

from tests.repo.tree import CORE, cython_code, package_files

MEMBER = r"[A-Z]+_[A-Z0-9_]+"
NO_MEMBERS = re.compile(r"\w+_(?:COUNT|CODES)")
COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)


def enums() -> list[list[str]]:
    """The members of each enum of the core, with what ends it as a count left out."""
    found = []
    for path in package_files(".pyx", ".pxd"):
        for body in re.findall(
            r"^ *(?:cdef )?enum(?: \w+)?:\n((?: +[^\n]*\n|\n)+)", cython_code(path), re.MULTILINE
        ):
            found += [re.findall(rf"^ +({MEMBER})\b", body, re.MULTILINE)]
    for path in package_files(".h"):
        code = COMMENTS.sub("", path.read_text(encoding="utf-8"))
        found += [
            re.findall(rf"({MEMBER})\s*(?:=[^,}}]*)?[,}}]", body)
            for body in re.findall(r"enum \{(.*?\})", code, re.DOTALL)
        ]
    return [[name for name in members if not NO_MEMBERS.fullmatch(name)] for members in found]


ENUMS = sorted(enums(), key=len)
NODE = (CORE / "plan" / "node.pxd").read_text(encoding="utf-8")
OPS_TEXT = NODE.partition("cdef enum Op:")[2].partition("OP_COUNT")[0]
OPS = next(members for members in ENUMS if "OP_NULL" in members)
# Steps that only a reader's schema or wishes make: nothing is ever written by them.
READER_OPS = re.findall(
    r"^ +(OP_\w+)",
    OPS_TEXT.partition("# The same for a reader")[2].partition("\n    #")[0],
    re.MULTILINE,
)
LOGICAL_OPS = re.findall(r"^ +(OP_\w+)", OPS_TEXT.partition("# Logical types")[2], re.MULTILINE)
# Of these tables the entries that are missing on purpose.
EXEMPT = {
    # Data are compared by their plain types, and maps not at all. Plans for text have dicts' order, defaults
    # as bytes, and no converters of Python's.
    "ENCODE": set(READER_OPS),
    "COMPARE": {*READER_OPS, *LOGICAL_OPS, "OP_MAP"},
    "EMIT": {"OP_TUPLE", "OP_OBJECT", "OP_CONSTANT", "OP_CUSTOM"},
    "PARSE": {*READER_OPS, "OP_CUSTOM"},
    "COMPILE": {"OP_OBJECT"},
    # Traces and measures are of data as they were written.
    "TRACE": {*READER_OPS, "OP_CUSTOM"},
    "MEASURE": {*READER_OPS, "OP_CUSTOM"},
    # What the loop alone writes is named by other ops until an array is bound.
    "ROUTINES": {"ARROW_SHORT_BYTES", "ARROW_VIEW"},
    "OPS": {"ARROW_SHORT_BYTES", "ARROW_VIEW"},
    # A value of no known kind may belong to any branch; see `rank`.
    "RANKS": {"KIND_OTHER"},
    # What it calls has a table of its own.
    "CODES": {"FILL_CALL"},
}
# Tables of a few members, where the rest are told otherwise: by 0, or in the code that asks.
PARTIAL = {"PRIMITIVES", "PROMOTIONS", "LOGICAL", "CODES of ARROW_INT64"}
# Arrays that do not go by an enum, and the tables of failures, which tests/test_errors.py holds.
NO_TABLES = {"kept", "POWERS", "PRIMITIVE_NODES", "CALLS", "RANK", "READ", "WRITE"}


def enum_of(name: str) -> list[str]:
    return next((members for members in ENUMS if name in members), [])


def tables() -> dict[str, tuple[list[str], str]]:
    """Name of each table -> the members that it has entries for, and its size, if any."""
    found = {}
    for path in package_files(".pyx", ".pxd"):
        code, text = cython_code(path), path.read_text(encoding="utf-8")
        for name, size in re.findall(r"^cdef [^=\n(]*?\b(\w+)\[(\w+)\]$", code, re.MULTILINE):
            found[name] = re.findall(rf"^{name}\[<int>({MEMBER})\] = ", code, re.MULTILINE), size
        for name in re.findall(r"^cdef [^=\n(]*\] (\w+)$", code, re.MULTILINE):
            entries = re.findall(rf"^{name}\[0\]\[<int>({MEMBER})\]", code, re.MULTILINE)
            found[f"{name} of {entries[0]}" if entries else name] = entries, ""
        for name, body in re.findall(r"^(?:cdef dict )?(\w+) = \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL):
            keys = re.findall(rf"^    ({MEMBER}): |(?<=, )({MEMBER}): ", body, re.MULTILINE)
            values = re.findall(rf": \(?({MEMBER})\b", body)
            entries = [one or other for one, other in keys] or values
            if entries and enum_of(entries[0]):
                found[name] = sorted(set(entries)), ""
    for path in package_files(".h"):
        for name, body in re.findall(
            r"\blabels\[(\w+)\] = \{(.*?)\}", path.read_text(encoding="utf-8"), re.DOTALL
        ):
            found[f"labels of {name}"] = re.findall(rf"\[({MEMBER})\] = &&\1\b", body), name
    return found


TABLES = tables()
WHOLE = sorted(set(TABLES) - PARTIAL - NO_TABLES)


def test_ops_and_tables_are_found():
    assert {"OP_NULL", "OP_RECORD", "OP_UNION", "OP_CUSTOM"} <= set(OPS)
    assert {"OP_RESOLVED", "OP_FAIL"} <= set(READER_OPS)
    assert not {"OP_NULL", "OP_DATE"} & set(READER_OPS)
    assert {
        "DECODE",
        "ENCODE",
        "SKIP",
        "COMPARE",
        "EMIT",
        "PARSE",
        "COMPILE",
        "ROUTINES",
        "OPS",
        "STORES",
        "STORAGE",
    } <= set(WHOLE)
    assert {"CODES", "OP_NAMES", "RANKS", "labels of FILL_CODES", "labels of ARROW_CODES"} <= set(WHOLE)
    assert PARTIAL | NO_TABLES | set(EXEMPT) <= set(TABLES)


@pytest.mark.parametrize("name", WHOLE)
def test_a_table_has_an_entry_for_every_member(name):
    entries, size = TABLES[name]
    assert entries
    assert len(entries) == len(set(entries))
    assert sorted(entries) == sorted(set(enum_of(entries[0])) - EXEMPT.get(name, set()))
    assert not size.isdigit() or int(size) >= len(enum_of(entries[0]))


@pytest.mark.parametrize("name", sorted(PARTIAL))
def test_entries_of_a_small_table_are_of_one_enum(name):
    entries, _ = TABLES[name]
    assert entries
    assert set(entries) <= set(enum_of(entries[0]))
