"""docs/registry.md says what the code does."""

from __future__ import annotations

import doctest
import re

import pytest

import avrojet.registry.testing
from avrojet.cli.commands import module_of
from avrojet.registry import Registry, Retries
from avrojet.registry.http import HttpOptions
from avrojet.registry.testing import RegistryServer
from tests.repo.tree import TREE

TEXT = (TREE / "docs" / "registry.md").read_text(encoding="utf-8")


def test_the_examples_run():
    text = re.sub("^```.*$", "", TEXT, flags=re.MULTILINE)
    outcome = doctest.DocTestRunner().run(doctest.DocTestParser().get_doctest(text, {}, "page", "page", 0))
    assert outcome.attempted >= 10
    assert outcome.failed == 0


def test_the_other_examples_are_code():
    pytest.importorskip("httpx")
    names = {
        "avrojet": avrojet,
        "client_id": "c",
        "client_secret": "s",
        "server": RegistryServer(),
    }
    examples = [each for each in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL) if ">>>" not in each]
    assert len(examples) == 3
    for example in examples:
        exec(compile(example, "docs/registry.md", "exec"), names)
    assert len(names["server"]._faults) == 6


def test_the_tables_are_whole():
    options = TEXT.partition("| option | default | |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", options, re.MULTILINE)))) == set(
        HttpOptions.__annotations__
    )
    retries = Retries()
    assert f"`Retries({retries.number}, {retries.wait}, {retries.longest:g})`" in options
    methods = TEXT.partition("| method | what comes of it |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`(\w+)\(", "".join(re.findall(r"^\| (.*?) \|", methods, re.MULTILINE))))
    assert named == {name for name in vars(Registry) if not name.startswith("_")} - {"close"}
    commands = set(re.findall(r"^\| `avrojet (registry|kafka) (\w+)", TEXT, re.MULTILINE))
    assert commands == {
        (group, name) for group in ("registry", "kafka") for name in module_of(group)._COMMANDS
    }


def test_every_class_of_a_registry_is_named():
    listed = [name for name in avrojet.registry.__all__ if name.endswith("Registry")]
    assert not [name for name in listed if f"`{name}" not in TEXT]
