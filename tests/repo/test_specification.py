"""docs/reference/specification.md has each rule, and the tests that it names are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from tests.cases import for_each
from tests.repo.tree import TREE

LINES = 96
ROW = re.compile(r"^\| (\d+) \| (.+) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)`: ((?:`\w+`(?:, )?)+)")
ROWS = {
    int(row[1]): row[3]
    for row in ROW.finditer((TREE / "docs/reference/specification.md").read_text(encoding="utf-8"))
}


@cache
def functions(file: str) -> frozenset[str]:
    folder, _, name = file.rpartition("/")
    tree = ast.parse((TREE / "tests" / folder / f"test_{name}").read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def named(cell: str) -> Iterator[tuple[str, str]]:
    for file, tests in NAMED.findall(cell):
        yield from ((file, f"test_{test}") for test in re.findall(r"\w+", tests))


def test_every_line_is_there():
    assert list(ROWS) == list(range(1, LINES + 1))


@for_each("number", range(1, LINES + 1))
def test_a_line_has_tests(number):
    tests = list(named(ROWS[number]))
    assert tests
    assert not [test for file, test in tests if test not in functions(file)]


def test_what_stands_in_a_line_is_understood():
    """A test whose name the pattern above does not see would never be looked for."""
    for cell in ROWS.values():
        seen = {word for file, test in named(cell) for word in (file, test.removeprefix("test_"))}
        assert seen == set(re.findall(r"`([^`]+)`", cell))
