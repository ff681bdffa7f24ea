"""docs/howto/registry.md says what the code does."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

import avrojet.registry
from avrojet.cli.commands import module_of
from avrojet.registry import Registry, Retries
from avrojet.registry.http import HttpOptions
from tests.repo.tree import PACKAGE, TREE

TEXT = (TREE / "docs" / "howto" / "registry.md").read_text(encoding="utf-8")


def test_the_tables_are_whole():
    options = TEXT.partition("| option | default | meaning |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", options, re.MULTILINE)))) == set(
        HttpOptions.__annotations__
    )
    retries = Retries()
    assert f"`Retries({retries.number}, {retries.wait}, {retries.longest:g})`" in options
    methods = TEXT.partition("| method | returns |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`(\w+)\(", "".join(re.findall(r"^\| (.*?) \|", methods, re.MULTILINE))))
    assert named == {name for name in vars(Registry) if not name.startswith("_")} - {"close"}
    commands = set(re.findall(r"^\| `avrojet (registry|kafka) (\w+)", TEXT, re.MULTILINE))
    assert commands == {
        (group, name) for group in ("registry", "kafka") for name in module_of(group)._COMMANDS
    }


def test_every_class_of_a_registry_is_named():
    listed = [name for name in avrojet.registry.__all__ if name.endswith("Registry")]
    assert not [name for name in listed if f"`{name}" not in TEXT]


def test_type_checkers_see_the_names_of_the_room():
    stub = ast.parse((PACKAGE / "registry" / "__init__.pyi").read_text(encoding="utf-8"))
    homes = {node.names[0].name: node.module for node in stub.body if isinstance(node, ast.ImportFrom)}
    assert homes == {name: f"avrojet.registry.{home}" for name, home in avrojet.registry._HOMES.items()}
    assert set(avrojet.registry.__all__) <= set(dir(avrojet.registry))
    with pytest.raises(AttributeError, match="no attribute 'Registri'"):
        avrojet.registry.Registri  # noqa: B018


def test_a_registry_in_memory_loads_no_client():
    code = "import sys; from avrojet.registry import MemoryRegistry; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"httpx", "asyncio", "email", "ssl", "avrojet.registry.http"} & set(done.stdout.split())
