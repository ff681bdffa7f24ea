"""What no file of the tree, and no file of the core, may have in it."""

from __future__ import annotations

import re

import pytest

from tests.cases import for_each
from tests.repo.tree import CORE, PACKAGE, TREE, cython_code, module_name, package_files

ROOMS = ("src", "tests", "benchmarks", "docs", ".ci")
TEXT = {
    ".py",
    ".pyi",
    ".pyx",
    ".pxd",
    ".h",
    ".md",
    ".toml",
    ".in",
    ".txt",
    ".avsc",
    ".avdl",
    ".avpr",
    ".java",
    ".json",
    ".svg",
    "",
}
GENERATED = {"__pycache__", ".git"}  # which is a file where git has linked the worktree

CORE_RULES = {
    # A routine is for Python or for C: cpdef makes each call of the C side look for an override.
    "cpdef": r"\bcpdef\b",
    "include": r"^\s*include\b",
    # A typed memoryview takes a lock and a reference for each slice; the core has pointers and lengths.
    "typed memoryview": r"\b(?:char|short|int|long|float|double|size_t|object|\w+_t)\s*\[\s*:",
    "print": r"\bprint\s*\(",
}


def text_files() -> list:
    top = [path for path in TREE.iterdir() if path.is_file()]
    below = [path for room in ROOMS for path in (TREE / room).rglob("*") if path.is_file()]
    return sorted(
        path
        for path in top + below
        if path.suffix in TEXT and not GENERATED & set(path.relative_to(TREE).parts)
    )


@for_each("path", text_files(), ids=lambda path: str(path.relative_to(TREE)))
def test_no_file_names_a_place_of_one_machine(path):
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"(?<![\w.])/(?:root|home|Users|work)/[\w.]+", text)


@for_each("path", [p for p in package_files(".pyx", ".pxd") if CORE in p.parents], ids=lambda path: path.name)
@pytest.mark.parametrize("rule", CORE_RULES)
def test_the_core_keeps_to_its_manner(path, rule):
    code = cython_code(path)
    found = re.search(CORE_RULES[rule], code, re.MULTILINE)
    assert not found, f"line {code.count(chr(10), 0, found.start()) + 1}: {found.group()}"


# An error's facts are attributes: its text, which may quote a stranger's value, is for people.
READS_MESSAGES = re.compile(
    r"\bin (?:str\()?(?:error|exception|reason|e|message)\)?(?=[:\s]*(?:$|and |or |else ))|\.args\[|"
    r"str\((?:error|exception|e)\)\.(?!split\(\)\))|"
    r"\.(?:search|match|fullmatch|findall)\((?:str\()?(?:error|exception|message|e)\b(?!\.path)",
    re.MULTILINE,
)


@for_each("path", package_files(".py", ".pyx"), ids=module_name)
def test_no_message_of_an_error_is_read(path):
    code = path.read_text(encoding="utf-8")
    assert READS_MESSAGES.findall(code) == []
    if PACKAGE / "compat" in path.parents:
        assert not re.search(r"^\s*import re\b", code, re.MULTILINE)


@pytest.mark.parametrize(
    "code",
    [
        'if "expected string" in message:',
        'x = "y" in str(error) and z',
        "error.args[0]",
        'str(error).partition(":")',
        "_MISSING.search(message)",
        "_MISSING.search(str(error))",
    ],
)
def test_the_reading_of_a_message_is_found(code):
    assert READS_MESSAGES.search(code)


def test_the_rules_find_what_they_forbid():
    for rule, sample in {
        "cpdef": "cpdef int f(int x):",
        "include": '    include "x.pxi"',
        "typed memoryview": "cdef const uint8_t[::1] data",
        "print": "print(x)",
    }.items():
        assert re.search(CORE_RULES[rule], sample, re.MULTILINE)


# Headers that need CPython's internals -> the only files that include them.
INTERNALS = {
    "rowdict.h": {"plan.pyx", "lines.pyx", "decode.pyx", "instances.h"},  # how the entries of a dict lie
    "instances.h": {"form.pyx", "instances.pxd"},  # how the values of an instance without a dict lie
}


def test_internals_of_cpython_are_seen_by_those_alone_that_need_them():
    texts = {path.name: path.read_text(encoding="utf-8") for path in package_files(".pyx", ".pxd", ".h")}
    assert {name for name, text in texts.items() if "internal/" in text} == set(INTERNALS)
    for header, users in INTERNALS.items():
        assert {name for name, text in texts.items() if f'"{header}"' in text} == users


def test_a_function_of_a_header_is_declared_from_where_it_is():
    """An undeclared function is but a warning of C's, and fails when the extension is imported."""
    headers = {path.name: path.read_text(encoding="utf-8") for path in package_files(".h")}

    def reached(name: str) -> str:
        return headers[name] + "".join(
            reached(other) for other in re.findall(r'#include "([\w.]+)"', headers[name])
        )

    for path in package_files(".pyx", ".pxd"):
        text = path.read_text(encoding="utf-8")
        for header, body in re.findall(
            r'^cdef extern from "(\w+\.h)".*:\n((?:    .*\n|\n)+)', text, re.MULTILINE
        ):
            if header in headers:
                code = reached(header)
                missing = [
                    name for name in re.findall(r"\bavrojet_\w+(?=\()", body) if f"{name}(" not in code
                ]
                assert not missing, f"{path}: {header} has no {missing}"


def test_no_name_of_a_cython_file_is_defined_twice():
    """The later one would count, without a word from Cython or its linter."""
    head = re.compile(r"(?P<indent> {4})?(?:(?:cdef )?class|def|cp?def [^=(]*?)\s*\b(?P<name>\w+)(?=\(|:$)")
    for path in package_files(".pyx"):
        scope, known = "", set()
        for line in cython_code(path).splitlines():
            found = None if line.strip() == "cdef enum:" else head.match(line)
            if line[:1].strip():
                scope = found["name"] if found and "class " in line else ""
            if found:
                name = (scope if found["indent"] else "", found["name"])
                assert name not in known, f"{path.relative_to(PACKAGE)}: {'.'.join(name).strip('.')}"
                known.add(name)
