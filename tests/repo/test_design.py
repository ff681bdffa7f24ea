"""docs/explanation/design.md speaks of this tree: its paths are there, and its rooms are all of them."""

from __future__ import annotations

import re

import pytest

from tests.cases import for_each
from tests.repo.tree import HOSTED, PACKAGE, TREE, package_files

TEXT = (TREE / "docs" / "explanation" / "design.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`((?:src|tests|docs)/[\w/.-]*|\w+\.(?:toml|md))`", TEXT)))
ROOMS = set(re.findall(r"`([\w/]+)/`", TEXT.partition("## The ways")[0]))
SUFFIXES = ["", ".py", ".pyx", ".pxd"]
HEADINGS = ["codec", "command", "operation", "logical type", "facade"]


@for_each("path", PATHS)
def test_a_path_is_there(path):
    assert (TREE / path).exists()


def test_paths_are_found():
    assert {"src/avrojet/core/plan/node.pxd", "tests/vectors.py", "pyproject.toml"} <= set(PATHS)


def test_words_of_the_code_are_there():
    """Paths below the package, names of classes and functions, nodes of the figures."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in package_files(".py", ".pyx", ".pxd", ".h"))
    known = set(re.findall(r"\w+", code))
    told = re.findall(r"`([^`\n]+)`", TEXT) + re.findall(r'\["([^"]+)"\]', TEXT)
    for text in told:
        if re.fullmatch(r"[\w/]+/[\w/.]*", text):
            stem = text.partition("._")[0].rstrip("/")
            places = (root / f"{stem}{suffix}" for root in (PACKAGE, TREE) for suffix in SUFFIXES)
            assert any(place.exists() for place in places), text
        else:
            words = re.findall(r"[A-Za-z_]\w+", text.replace("SECURITY.md", ""))
            assert not {word for word in words if not word.endswith("_")} - known, text


def test_every_room_is_told():
    rooms = {str(path.parent.relative_to(PACKAGE)) for path in PACKAGE.rglob("__init__.py")} - {"."}
    assert {room for room in rooms if not room.startswith("compat/")} == ROOMS
    files = {path.name for path in PACKAGE.iterdir() if path.suffix in {".py", ".pyx"}}
    doors = {f"{name}.py" for name in HOSTED} | {"__init__.py", "__main__.py"}
    assert files - doors == files & set(re.findall(r"`(\w+\.pyx?)`", TEXT)) - doors


@pytest.mark.parametrize("heading", HEADINGS)
def test_there_is_a_recipe(heading):
    assert f"\n**{heading}**" in TEXT
