"""SECURITY.md says what the code does."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib.util import find_spec

import avrojet
from tests.repo.tree import TREE

TEXT = (TREE / "SECURITY.md").read_text(encoding="utf-8")


def test_the_table_has_the_limits_and_their_defaults():
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| \S", TEXT, re.MULTILINE)
    assert rows == [(field.name, str(field.default)) for field in fields(avrojet.Limits)]


def test_its_limits_for_a_service_are_limits():
    (call,) = re.findall(r"^`(avrojet\.set_default_limits\(.*\))`$", TEXT, re.MULTILINE)
    previous = eval(call, {"avrojet": avrojet})
    assert avrojet.set_default_limits(previous) != previous


def test_its_commands_are_there():
    modules = re.findall(r"`python -m (tests\.[\w.]+)", TEXT)
    assert len(modules) >= 5
    assert all(find_spec(module) for module in modules)
    paths = [path for paths in re.findall(r"`pytest ([^`]*)`", TEXT) for path in paths.split()]
    assert paths
    assert all((TREE / path).is_file() for path in paths)


def test_the_source_distribution_has_it():
    assert "SECURITY.md" in (TREE / "MANIFEST.in").read_text(encoding="utf-8").split()
