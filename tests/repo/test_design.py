"""docs/explanation/design.md speaks of this tree: its paths are there, and its rooms are all of them."""

from __future__ import annotations

import re

import pytest

from tests.cases import for_each
from tests.repo.tree import PACKAGE, TREE

TEXT = (TREE / "docs" / "explanation" / "design.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`((?:src|tests|docs)/[\w/.-]*|\w+\.(?:toml|md))`", TEXT)))
ROOMS = set(re.findall(r"`([\w/]+)/`", TEXT.partition("## The ways")[0]))
HEADINGS = ["codec", "command", "operation", "logical type", "facade"]


@for_each("path", PATHS)
def test_a_path_is_there(path):
    assert (TREE / path).exists()


def test_paths_are_found():
    assert {"src/avrojet/core/plan/node.pxd", "tests/vectors.py", "pyproject.toml"} <= set(PATHS)


def test_every_room_is_told():
    rooms = {str(path.parent.relative_to(PACKAGE)) for path in PACKAGE.rglob("__init__.py")} - {"."}
    assert {room for room in rooms if not room.startswith("compat/")} == ROOMS


@pytest.mark.parametrize("heading", HEADINGS)
def test_there_is_a_recipe(heading):
    assert f"\n**{heading}**" in TEXT
