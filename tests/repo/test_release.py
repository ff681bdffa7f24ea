"""What is said of a release is true: version, changes, what is public, which Pythons, which workflows."""

from __future__ import annotations

import ast
import difflib
import importlib
import inspect
import json
import re
import subprocess
import sys
import tomllib

import pytest

import avrojet
from tests.repo import public_api
from tests.repo.tree import SOURCE, TREE, module_name, package_files

if not (TREE / ".github").exists():
    pytest.skip("not a checkout, but what was made of one", allow_module_level=True)

PROJECT = tomllib.loads((TREE / "pyproject.toml").read_text(encoding="utf-8"))
CHANGELOG = (TREE / "CHANGELOG.md").read_text(encoding="utf-8")
POLICY = (TREE / "docs/policy.md").read_text(encoding="utf-8")
WORKFLOWS = sorted((TREE / ".github").rglob("*.yml"))
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_snapshot_is_what_the_sources_have():
    """If the change is meant: `python -m tests.repo.public_api`, and a line in CHANGELOG.md."""
    before = public_api.SNAPSHOT.read_text(encoding="utf-8")
    assert not [*difflib.unified_diff(before.splitlines(), public_api.text().splitlines(), lineterm="", n=0)]


def test_the_snapshot_has_names_of_all_kinds():
    text = public_api.SNAPSHOT.read_text(encoding="utf-8")
    assert {"# avrojet", "# avrojet.polars", "class LimitError(AvroError, ValueError)"} <= {
        *text.splitlines()
    }
    assert "\ndef read(" in text
    assert "\n    @overload def __init__(self" in text
    # Members of a base that is not public are those of the class.
    decoder = text.partition("\nclass Decoder(")[2].partition("\nclass ")[0]
    assert "\n    def to_json(" in decoder
    assert "\n    def decode_arrow(" in decoder


def test_editors_have_a_docstring_of_each_public_name():
    assert not public_api.undocumented()


def words(text: str | None) -> str:
    return " ".join((text or "").split())


STUBS = [path for path in package_files(".pyi") if '"""' in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", STUBS, ids=module_name)
def test_docstrings_of_a_stub_are_those_of_its_extension(path):
    module = importlib.import_module(module_name(path))
    classes = [
        node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)
    ]
    for node in classes:
        own = getattr(module, node.name)
        pairs = [(node, own)]
        pairs += [(each, getattr(own, each.name)) for each in node.body if isinstance(each, ast.FunctionDef)]
        for stub, real in pairs:
            # Cython puts the signature before a docstring.
            if text := ast.get_docstring(stub):
                assert words(inspect.getdoc(real)).endswith(words(text)), f"{node.name}.{stub.name}"


@pytest.mark.slow
def test_pyright_knows_the_type_of_each_public_name(tmp_path):
    pytest.importorskip("pyright", reason="pyright is not installed")
    names = [name for name in avrojet.__all__ if not name.startswith("_")]
    lines = ["import avrojet", *(f"reveal_type(avrojet.{name})" for name in names)]
    (tmp_path / "uses.py").write_text("\n".join(lines) + "\n")
    options = {"extraPaths": [str(SOURCE)], "typeCheckingMode": "strict", "include": ["uses.py"]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(options))
    command = [sys.executable, "-m", "pyright", "--outputjson"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)["generalDiagnostics"]
    assert not [each for each in told if each["severity"] != "information" or "Unknown" in each["message"]]
    assert len(told) == len(names)


def test_modules_of_the_snapshot_are_those_of_the_policy():
    told = POLICY.partition("of the modules")[2].partition("with their signatures")[0]
    names = {name if "." in name else f"avrojet.{name}" for name in re.findall(r"`([\w.]+)`", told)}
    assert names | {"avrojet"} == set(public_api.MODULES)


def test_the_changelog_has_this_version():
    headings = re.findall(r"^## \[(.+?)\]", CHANGELOG, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings[1] == avrojet.__version__
    numbers = [tuple(map(int, heading.split("."))) for heading in headings[1:]]
    assert numbers == sorted(set(numbers), reverse=True)
    assert set(re.findall(r"^### (.+)", CHANGELOG, re.MULTILINE)) <= KINDS


def test_a_change_is_one_line():
    lines = CHANGELOG.partition("## [Unreleased]")[2].splitlines()
    changes = [line for line in lines if line.startswith("- ")]
    assert len(changes) > 10
    assert all(line.endswith(".") for line in changes)
    assert not [line for line in lines if line.startswith(" ")]


def test_the_version_is_cited():
    cited = re.search(r"^version: (.+)$", (TREE / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert cited
    assert cited[1] == avrojet.__version__
    assert PROJECT["project"]["dynamic"] == ["version"]


def test_the_recipe_of_conda_is_of_this_version():
    recipe = (TREE / "conda/recipe.yaml").read_text(encoding="utf-8")
    assert f'\n  version: "{avrojet.__version__}"\n' in recipe
    host = recipe.partition("\n  host:\n")[2].partition("\n  run:\n")[0]
    asked = {line.strip(" -").replace(" ", "") for line in host.splitlines()}
    assert asked == {"python", "pip", *PROJECT["build-system"]["requires"]}
    tests = {line.replace(">=", " >=") for line in PROJECT["project"]["optional-dependencies"]["test"]}
    assert tests <= {line.strip(" -") for line in recipe.partition("\ntests:\n")[2].splitlines()}


def test_wheels_are_built_for_the_pythons_that_are_named():
    built = re.findall(r"cp3(\d+)(t?)-", PROJECT["tool"]["cibuildwheel"]["build"])
    named = re.findall(r":: 3\.(\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    assert [minor for minor, threads in built if not threads] == named
    assert {minor for minor, threads in built if threads} <= set(named)
    assert PROJECT["project"]["requires-python"] == f">=3.{named[0]}"
    tests = (TREE / ".github/workflows/tests.yml").read_text(encoding="utf-8")
    matrix = re.findall(r'"3\.(\d+)(t?)"', tests.partition("python: [")[2].partition("]")[0])
    assert sorted(matrix) == sorted(built)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash(path):
    for action in re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8")):
        assert action.startswith("./") or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)


def test_no_host_of_the_project_is_named():
    """Its owner names one in pyproject.toml; until then examples stand there."""
    urls = re.findall(
        r"^#: \w+ = \"(.+)\"$", (TREE / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert all(url.startswith("https://example.org/") for url in urls)
