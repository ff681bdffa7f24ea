"""Classes as source code: readable, the same each time, of the same schema again, and right for type
checkers."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import avrojet
from avrojet import SchemaError, parse_schema, schema_of
from avrojet.cli import main
from avrojet.typed.source import KINDS, source_of
from tests.vectors import ORDER, VECTORS

LIBRARIES = {"struct": "msgspec", "attrs": "attrs", "pydantic": "pydantic"}
RICH = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "doc": 'An order.\n\nOf "things" \\ more"',
    "aliases": ["shop.Purchase"],
    "team": "web",
    "fields": [
        {"name": "id", "type": "int", "doc": 'the "number"', "order": "descending"},
        {"name": "class", "type": ["null", "string"], "default": None, "aliases": ["klass"]},
        {
            "name": "suit",
            "type": {"type": "enum", "name": "Suit", "symbols": ["SPADES", "None", "mro"], "default": "SPADES"},  # noqa: E501
            "default": "None",
        },
        {"name": "md5", "type": {"type": "fixed", "name": "MD5", "size": 2}, "default": "\u00ff\u0000"},
        {"name": "again", "type": ["null", "MD5", "Suit"]},
        {"name": "next", "type": ["null", "Order"], "default": None},
        {"name": "date", "type": {"type": "int", "logicalType": "date"}, "default": 1},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "default": 0},
        {"name": "nanos", "type": {"type": "long", "logicalType": "timestamp-nanos"}, "default": 7},
        {
            "name": "line",
            "type": {"type": "record", "name": "Line", "fields": [{"name": "from", "type": "double"}]},
            "default": {"from": 1.5},
        },
        {"name": "other", "type": {"type": "record", "name": "other.Line", "fields": []}},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "counts", "type": {"type": "map", "values": "float"}, "default": {"a": 1.5}},
        {
            "name": "amount",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            "default": "\u0001",
            "doc": "long " * 30,
        },
        {"name": "id_", "type": {"type": "string", "logicalType": "uuid"}, "default": "00112233-4455-6677-8899-aabbccddeeff"},  # noqa: E501
        {"name": "str", "type": {"type": "string", "avro.java.string": "String"}, "default": 'a"b\n'},
        {"name": "_hidden", "type": "boolean", "default": True},
        {"name": "copy", "type": "double", "default": 1e300},
        {"name": "model_x", "type": "bytes", "extra": [1, {"a": None}]},
        {
            "name": "span",
            "type": {"type": "fixed", "name": "Span", "size": 12, "logicalType": "duration"},
            "default": "\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000",
        },
    ],
}  # fmt: skip


@pytest.fixture(params=KINDS)
def kind(request):
    if request.param in LIBRARIES:
        pytest.importorskip(LIBRARIES[request.param])
    return request.param


def imported(path: Any) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[path.stem]
    return module


@pytest.mark.parametrize("data", [RICH, ORDER], ids=["rich", "order"])
def test_the_source_has_the_same_schema_again(kind, data, tmp_path):
    schema = parse_schema(data)
    text = source_of([schema], kind)
    assert text == source_of([parse_schema(dict(data))], kind)
    classes = avrojet.classes_from(schema, kind)
    assert schema_of(classes["shop.Order"]) == schema
    assert avrojet.classes_from(data, kind) == classes
    path = tmp_path / f"made_{kind}.py"
    path.write_text(text)
    sys.modules.pop(path.stem, None)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
        assert schema_of(module.Order) == schema
    finally:
        del sys.modules[path.stem]


def test_random_values_go_through_the_classes(kind):
    schema = parse_schema(RICH)
    classes = avrojet.classes_from(schema, kind)
    order = classes["shop.Order"]
    decoder, encoder = avrojet.Decoder(schema, order), avrojet.Encoder(order)
    by_names = avrojet.Decoder(schema, classes=classes)
    plain = avrojet.Encoder(schema)
    for value in avrojet.random_values(schema, 20, seed=1):
        data = plain.encode(value)
        instance = decoder.decode(data)
        assert encoder.encode(instance) == data
        assert by_names.decode(data) == instance


def test_what_it_looks_like():
    schema = {
        "type": "record",
        "name": "shop.Order",
        "doc": "An order.",
        "fields": [
            {"name": "id", "type": "long", "doc": "the number"},
            {"name": "note", "type": ["null", "string"], "default": None},
            {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["OPEN", "PAID"]}, "default": "OPEN"},  # noqa: E501
            {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        ],
    }  # fmt: skip
    assert (
        source_of([parse_schema(schema)], "dataclass", title="order.avsc")
        == '''\
"""Classes of order.avsc."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated

import avrojet


@avrojet.record(namespace="shop")
class State(Enum):
    OPEN = "OPEN"
    PAID = "PAID"


@avrojet.record(namespace="shop")
@dataclass
class Order:
    """An order."""

    id: Annotated[int, avrojet.field(doc="the number")]
    note: None | str = None
    state: State = State.OPEN
    tags: list[str] = field(default_factory=list)
'''
    )


def test_a_schema_without_names_has_no_class():
    with pytest.raises(SchemaError, match="no record and no enum"):
        avrojet.classes_from("long")
    with pytest.raises(ValueError, match="kind must be one of"):
        avrojet.classes_from(RICH, "row")


def test_the_command(tmp_path, capsys):
    path = tmp_path / "order.avsc"
    path.write_text(parse_schema(ORDER).json)
    assert main(["classes", str(path)]) == 0
    text = capsys.readouterr().out
    assert text == source_of([parse_schema(ORDER)], "dataclass", title="order.avsc")
    target = tmp_path / "order.py"
    assert main(["classes", str(path), str(target), "--as", "typeddict"]) == 0
    assert target.read_text() == source_of([parse_schema(ORDER)], "typeddict", title="order.avsc")
    idl = tmp_path / "mail.avdl"
    idl.write_text("protocol Mail { record Note { string text; } enum Kind { A, B } void send(Note note); }")
    assert main(["classes", str(idl)]) == 0
    assert "class Note:" in capsys.readouterr().out
    file = tmp_path / "orders.avro"
    avrojet.write(file, ORDER, [])
    assert main(["classes", str(file)]) == 0
    assert "class Order:" in capsys.readouterr().out


USES = """
from pathlib import Path
from typing import Any

from typing_extensions import assert_type

import avrojet
from dataclass_rich import Order

decoder = avrojet.Decoder("{}", Order)
assert_type(decoder, avrojet.Decoder[Order])
assert_type(decoder.decode(b""), Order)
assert_type(decoder.decode_many(b""), list[Order])
assert_type(avrojet.Decoder(Order), avrojet.Decoder[Order])
assert_type(avrojet.decode(b"", Order), Order)
assert_type(avrojet.decode(b"", "{}", Order), Order)
assert_type(avrojet.Decoder("long").decode(b""), Any)
assert_type(avrojet.Decoder("{}", classes=[Order]), avrojet.Decoder[Any])
assert_type(avrojet.read("orders.avro", Order), list[Order])
encoder = avrojet.Encoder(Order)
assert_type(encoder, avrojet.Encoder[Order])
with avrojet.DataFileReader("orders.avro", reader_schema=Order) as rows:
    for row in rows:
        assert_type(row, Order)
plain: avrojet.Decoder = avrojet.Decoder("long")
encoder.encode_many([])
wrong: avrojet.Decoder[int] = decoder
encoder.encode(5)
"""


@pytest.fixture
def project(tmp_path):
    for kind in KINDS:
        if kind not in LIBRARIES or importlib.util.find_spec(LIBRARIES[kind]):
            (tmp_path / f"{kind}_rich.py").write_text(source_of([parse_schema(RICH)], kind))
            every = [vector.schema for vector in VECTORS if isinstance(vector.schema, dict)][:60]
            named = [each for each in every if each.get("type") == "record"][:1]
            (tmp_path / f"{kind}_small.py").write_text(source_of([parse_schema(named[0])], kind))
    (tmp_path / "uses.py").write_text(USES)
    return tmp_path


@pytest.mark.slow
def test_mypy_passes_what_is_written_and_knows_what_comes_back(project):
    pytest.importorskip("mypy")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--cache-dir", str(project / "cache"), "."],  # noqa: E501
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if "error:" in line]
    assert [line.partition(":")[0] for line in lines] == ["uses.py"] * 2, done.stdout + done.stderr
    assert 'expression has type "Decoder[Order]", variable has type "Decoder[int]"' in lines[0]
    assert 'incompatible type "int"; expected "Order"' in lines[1]


@pytest.mark.slow
def test_pyright_says_the_same(project):
    pyright = shutil.which("pyright", path=str(Path(sys.executable).parent)) or shutil.which("pyright")
    if pyright is None or shutil.which("node") is None:
        pytest.skip("there is no pyright, or no node that runs it")
    done = subprocess.run(
        [pyright, "--pythonpath", sys.executable, "--outputjson", "."],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = [each for each in json.loads(done.stdout)["generalDiagnostics"] if each["severity"] == "error"]
    assert [Path(each["file"]).name for each in found] == ["uses.py"] * 2, done.stdout
    assert '"Decoder[Order]" is not assignable to "Decoder[int]"' in found[0]["message"]
    assert '"Literal[5]" is not assignable to "Order"' in found[1]["message"]
