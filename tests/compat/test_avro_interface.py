"""All that Apache avro has in public, found by looking: names, signatures, exceptions; bytes and values."""

from __future__ import annotations

import importlib
import inspect
import io
import json
import pickle
import subprocess
import sys
import warnings
from copy import deepcopy

import pytest

from tests.cases import for_each

pytest.importorskip("avro")

from avrojet.compat.avro.io import BinaryDecoder, BinaryEncoder, DatumReader, DatumWriter
from avrojet.compat.avro.schema import parse
from tests.vectors import VECTORS

MODULES = (
    "__main__ codecs compatibility constants datafile errors io ipc name protocol schema timezones tool utils"
).split()


def pair(module):
    return importlib.import_module(f"avro.{module}"), importlib.import_module(f"avrojet.compat.avro.{module}")


def defined(module):
    """What a module defines in public."""
    for name, value in vars(module).items():
        if name.startswith("_") or inspect.ismodule(value):
            continue
        if getattr(value, "__module__", module.__name__) == module.__name__:
            yield name, value


@pytest.mark.parametrize("module", MODULES)
def test_every_name_is_there(module):
    theirs, ours = pair(module)
    names = dict(defined(theirs))
    assert names or module == "utils"
    assert [name for name in names if not hasattr(ours, name)] == []


def parameters(function):
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize("module", MODULES)
def test_signatures_are_the_same_or_longer(module):
    theirs, ours = pair(module)
    for name, value in defined(theirs):
        mine = getattr(ours, name)
        if inspect.isfunction(value):
            assert parameters(mine)[: len(parameters(value))] == parameters(value), name
        if inspect.isclass(value) and inspect.isfunction(value.__init__):
            assert parameters(mine.__init__)[: len(parameters(value.__init__))] == parameters(
                value.__init__
            ), name


@pytest.mark.parametrize("module", MODULES)
def test_classes_have_the_same_methods_and_bases(module):
    theirs, ours = pair(module)
    for name, value in defined(theirs):
        if not inspect.isclass(value):
            continue
        mine = getattr(ours, name)
        missing = {each for each in dir(value) if not each.startswith("_")} - {*dir(mine)}
        assert missing <= {"sync_marker"}, name  # which each object has
        bases = {base.__name__ for base in value.__mro__ if base.__module__.startswith("avro.")}
        assert bases - {"_DataFileMetadata"} <= {base.__name__ for base in mine.__mro__}, name


def test_constants_are_the_same():
    for module in ("constants", "io", "schema", "datafile"):
        theirs, ours = pair(module)
        for name, value in vars(theirs).items():
            if name.isupper() and not name.startswith("_") and isinstance(value, str | int | tuple | list):
                assert getattr(ours, name) == value or name == "CODECS", name


def known_to_apache(vector):
    text = json.dumps(vector.schema)
    return not any(word in text for word in ("local-", "nanos", "duration", "big-decimal", "uuid"))


WRITTEN = [vector for vector in VECTORS if vector.written and known_to_apache(vector)]


@for_each("vector", WRITTEN, ids=lambda vector: vector.name)
def test_vectors_are_written_and_read(vector):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = parse(json.dumps(vector.schema))
    target = io.BytesIO()
    DatumWriter(schema).write(vector.value, BinaryEncoder(target))
    assert target.getvalue() == vector.data
    stream = io.BytesIO(vector.data + b"more")
    assert repr(DatumReader(schema).read(BinaryDecoder(stream))) == repr(vector.value)
    assert stream.read() == b"more"


def test_there_are_vectors():
    assert len(WRITTEN) > 40


@for_each("vector", WRITTEN, ids=lambda vector: vector.name)
def test_schemas_are_what_apaches_are(vector):
    theirs, ours = pair("schema")
    text = json.dumps(vector.schema)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one, other = theirs.parse(text), ours.parse(text)
        assert other == parse(str(other))
    assert json.loads(str(one)) == json.loads(str(other))
    assert hash(other) == hash(pickle.loads(pickle.dumps(other))) == hash(deepcopy(other))
    assert type(one).__name__ == type(other).__name__
    assert dict(one.other_props) == dict(other.other_props)


def run(*arguments, stdin=None):
    done = subprocess.run(
        [sys.executable, "-m", "avrojet.compat", "avro", *arguments],
        capture_output=True, text=True, check=False, input=stdin,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_command_line(tmp_path):
    schema = tmp_path / "user.avsc"
    fields = [{"name": "name", "type": "string"}, {"name": "age", "type": ["null", "int"]}]
    schema.write_text(json.dumps({"type": "record", "name": "User", "fields": fields}))
    rows = tmp_path / "users.csv"
    rows.write_text("ann,30\nbob,\n")
    target = str(tmp_path / "users.avro")
    run("-m", "avro", "write", "-s", str(schema), "-o", target, str(rows))
    assert run("-m", "avro", "cat", target) == '{"name": "ann", "age": 30}\n{"name": "bob", "age": null}\n'
    assert run("-m", "avro", "cat", "-n", "1", "-f", "csv", "-H", target).split() == ["age,name", "30,ann"]
    assert "bob" not in run("-m", "avro", "cat", "--fields", "name", "-F", "r['age']", target)
    assert json.loads(run("-m", "avro", "cat", "-p", target))["name"] == "User"
    assert "'ann'" in run("-m", "avro.tool", "dump", target)
