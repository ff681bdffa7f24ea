"""Files whose header breaks the rules in what reading can do without: every reader opens them."""

from __future__ import annotations

import io
import json
import warnings
from typing import Any

import pytest

import avrojet
from avrojet.cli import main
from avrojet.container.framing import build_block, build_header
from tests.container.samples import SYNC

ROWS = [{"a": 1}, {"a": -2}]
FIELD: dict[str, Any] = {"name": "a", "type": "long"}
BYTE: dict[str, Any] = {"type": "fixed", "name": "F", "size": 1}


def record(**attributes: Any) -> dict[str, Any]:
    return {"type": "record", "name": "R", "fields": [FIELD], **attributes}


def with_field(**attributes: Any) -> dict[str, Any]:
    return record(fields=[{**FIELD, **attributes}])


HEADERS: dict[str, Any] = {
    "a record whose name is empty, as polars writes": record(name=""),
    "a record without a name": {"type": "record", "fields": [FIELD]},
    "a name with a dash": record(name="old-name"),
    "an order in capitals": with_field(order="IGNORE"),
    "an order that is none": with_field(order="bogus"),
    "documentation that is no text": with_field(doc=5),
    "a namespace that is a number": record(namespace=5),
    "aliases that are text": record(aliases="old"),
    "a default that does not fit": with_field(default="x"),
    "comments": "/* of old */ " + json.dumps(record()) + " // that is all",
    "a type in a namespace, with the name of a primitive type": record(name="n.long", namespace="n"),
}


def file_of(schema: Any, data: bytes = b"\2\3", count: int = 2) -> bytes:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    header = build_header({"avro.schema": text.encode(), "avro.codec": b"null"}, SYNC)
    return header + build_block(count, data, SYNC)


@pytest.fixture(autouse=True)
def _warnings_are_no_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_every_reader_opens_them(header, tmp_path, capsysbinary):
    path = tmp_path / "careless.avro"
    path.write_bytes(file_of(header))
    assert avrojet.read(path) == ROWS
    assert [row for part in avrojet.splits(path, count=3) for row in avrojet.read(part)] == ROWS
    assert list(avrojet.DataFileReader(path, on_error="skip")) == ROWS
    assert sum(len(batch) for batch in avrojet.read_arrow(path)) == 2
    assert avrojet.count_records(path) == 2
    assert main(["cat", str(path)]) == 0
    assert capsysbinary.readouterr().out == b'{"a": 1}\n{"a": -2}\n'
    assert main(["schema", str(path)]) == 0
    assert json.loads(capsysbinary.readouterr().out)["fields"][0]["name"] == "a"
    assert avrojet.repair_file(path, tmp_path / "repaired.avro").records == 2
    assert avrojet.read(tmp_path / "repaired.avro") == ROWS
    with avrojet.DataFileWriter(path, mode="a") as writer:
        writer.append({"a": 3})
    assert avrojet.read(path) == [*ROWS, {"a": 3}]
    if not isinstance(header, str):
        with pytest.raises(avrojet.SchemaError):
            avrojet.write(io.BytesIO(), header, ROWS)


@pytest.mark.parametrize(
    ("schema", "data", "row"),
    [
        ({"type": "record", "name": "R", "fields": [{"name": "", "type": "long"}]}, b"\2", {"": 1}),
        ({"type": "enum", "name": "E", "symbols": ["", "A"]}, b"\0", ""),
        ({"type": "enum", "name": "E", "symbols": ["A"], "default": 0}, b"\0", "A"),
        ({"type": "enum", "symbols": ["A"]}, b"\0", "A"),
        (record(fields=[{**FIELD, "type": "F"}, {"name": "b", "type": BYTE}]), b"xy", {"a": b"x", "b": b"y"}),
        (record(fields=[{"name": name, "type": BYTE} for name in "ab"]), b"xy", {"a": b"x", "b": b"y"}),
        (record(fields=[{**FIELD, "type": {"type": "record", "fields": [FIELD]}}]), b"\2", {"a": {"a": 1}}),
    ],
)  # fmt: skip
def test_more_that_readers_take(schema, data, row):
    assert avrojet.read(io.BytesIO(file_of(schema, data, 1))) == [row]


@pytest.mark.parametrize("readers_name", ["R", "n.R"])
def test_what_has_no_name_can_be_read_by_an_alias(readers_name):
    """The hint of the error says how."""
    data = file_of(record(name=""))
    reader = record(name=readers_name)
    with pytest.raises(avrojet.ResolutionError) as caught:
        avrojet.read(io.BytesIO(data), reader)
    alias = str(caught.value).split("an alias '")[1].split("'")[0]
    assert avrojet.read(io.BytesIO(data), {**reader, "aliases": [alias]}) == ROWS


def test_files_that_polars_writes():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": [1, 2], "b": [{"c": "x"}, {"c": None}], "": [[1], []]})
    file = io.BytesIO()
    frame.write_avro(file)
    file.seek(0)
    assert avrojet.read(file) == [
        {"a": 1, "b": {"c": "x"}, "": [1]},
        {"a": 2, "b": {"c": None}, "": []},
    ]
    file.seek(0)
    assert polars.DataFrame(avrojet.read_arrow(file)).equals(frame)
