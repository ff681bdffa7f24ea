"""Files of several schemas, and recursive ones."""

from __future__ import annotations

import inspect
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

import avrojet

pa = pytest.importorskip("pyarrow")


def record(*fields: Any, name: str = "R") -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [
        {"name": field[0], "type": field[1], **({"default": field[2]} if len(field) > 2 else {})}
        for field in fields]}  # fmt: skip


def written(folder: Path, *files: tuple[Any, list[Any]]) -> Path:
    for number, (schema, rows) in enumerate(files):
        avrojet.write(folder / f"{number}.avro", schema, rows)
    return folder


def union(folder: Path, *files: tuple[Any, list[Any]]) -> list[dict[str, Any]]:
    found = pa.table(avrojet.scan(written(folder, *files), merge="union"))
    found.validate(full=True)
    return found.to_pylist()


def test_the_first_file_decides_and_says_what_it_leaves_out(tmp_path):
    written(
        tmp_path, (record(("a", "int")), [{"a": 1}]), (record(("a", "int"), ("b", "int")), [{"a": 2, "b": 3}])
    )
    with pytest.warns(avrojet.IgnoredColumnsWarning, match=r"1\.avro: b: the first file has no such columns"):
        assert pa.table(avrojet.scan(tmp_path)).to_pylist() == [{"a": 1}, {"a": 2}]
    assert pa.table(avrojet.scan(tmp_path, columns=["a"])).num_rows == 2


@pytest.mark.parametrize("threads", [0, 2])
def test_the_warning_names_the_line_that_reads(tmp_path, threads):
    files = [(record(("a", "int")), [{"a": 1}])] + [
        (record(("a", "int"), ("b", "int")), [{"a": 2, "b": 3}])
    ] * 3
    written(tmp_path, *files)
    with pytest.warns(avrojet.IgnoredColumnsWarning) as caught:
        line = inspect.currentframe().f_lineno + 1
        pa.table(avrojet.scan(tmp_path, threads=threads))
    assert [(each.filename, each.lineno) for each in caught] == [(__file__, line)]


def test_all_fields_of_all_files(tmp_path):
    rows = union(
        tmp_path,
        (record(("a", "int"), ("only", "string")), [{"a": 1, "only": "x"}]),
        (record(("b", ["null", "int"]), ("a", "double"), name="Other"), [{"a": 2.5, "b": None}]),
        (record(("a", "long"), ("with", "int", 7)), [{"a": 3, "with": 8}]),
    )
    assert rows == [
        {"a": 1.0, "only": "x", "b": None, "with": 7},
        {"a": 2.5, "only": None, "b": None, "with": 7},
        {"a": 3.0, "only": None, "b": None, "with": 8},
    ]


@pytest.mark.parametrize(
    ("one", "other", "rows"),
    [
        ("int", "long", [1, 2]),
        ("int", ["null", "long"], [1, None, 2]),
        (["string", "int"], ["null", "long", "string"], ["a", 1, None, 2, "b"]),
        (
            {"type": "array", "items": "int"},
            {"type": "array", "items": ["null", "double"]},
            [[1], [None, 2.5]],
        ),
        ({"type": "map", "values": "int"}, {"type": "map", "values": "long"}, [{"k": 1}, {"k": 2}]),
        (
            {"type": "enum", "name": "E", "symbols": ["A", "B"]},
            {"type": "enum", "name": "E", "symbols": ["C", "A"]},
            ["B", "A", "C", "A"],
        ),
        (record(("x", "int"), name="I"), record(("y", "int"), name="I"), [{"x": 1}, {"y": 2}]),
    ],
)
def test_types_that_hold_the_values_of_both(tmp_path, one, other, rows):
    schemas = [record(("a", one)), record(("a", other))]
    encoders = [avrojet.Encoder(schema) for schema in schemas]

    def fits(encoder: avrojet.Encoder, value: Any) -> bool:
        try:
            encoder.encode({"a": value})
        except avrojet.EncodeError:
            return False
        return True

    parts = [[{"a": value} for value in rows if fits(encoder, value)] for encoder in encoders]
    assert all(parts)
    merged = avrojet.scan(written(tmp_path, *zip(schemas, parts, strict=True)), merge="union")
    read = [row for file in merged.files for row in avrojet.read(file.source, merged.avro_schema)]
    assert len(read) == len(parts[0]) + len(parts[1])
    for row, given in zip(read, [*parts[0], *parts[1]], strict=True):
        if isinstance(given["a"], dict) and "k" not in given["a"]:
            assert {key: value for key, value in row["a"].items() if value is not None} == given["a"]
        else:
            assert row == given
    assert pa.table(merged).num_rows == len(read)


def test_times_take_the_finer_unit(tmp_path):
    def time(unit: str) -> Any:
        return record(("t", {"type": "long", "logicalType": f"timestamp-{unit}"}))

    from datetime import UTC, datetime

    moment = datetime(2024, 3, 8, 1, 2, 3, 4000, tzinfo=UTC)
    rows = union(tmp_path, (time("millis"), [{"t": moment}]), (time("micros"), [{"t": moment}]))
    assert [row["t"] for row in rows] == [moment, moment]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("int", "string"),
        ("string", "bytes"),
        ({"type": "fixed", "name": "F", "size": 2}, {"type": "fixed", "name": "F", "size": 3}),
        ({"type": "int", "logicalType": "date"}, {"type": "int", "logicalType": "time-millis"}),
        ({"type": "array", "items": "int"}, {"type": "array", "items": "string"}),
        (record(("x", "int"), name="I"), record(("x", "boolean"), name="I")),
        (record(("x", "int"), name="I"), record(("x", "int"), name="J")),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 1},
            {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
        ),
    ],
)
def test_a_clash_names_both_files_and_the_field(tmp_path, one, other):
    avrojet.write(tmp_path / "0.avro", record(("a", one)), [])
    avrojet.write(tmp_path / "1.avro", record(("a", other)), [])
    with pytest.raises(
        avrojet.SchemaError, match=r"at \$\.a.*0\.avro.*1\.avro have no common type"
    ) as raised:
        avrojet.scan(tmp_path, merge="union").to_arrow()
    assert raised.value.path.startswith("$.a")


def test_strict_takes_one_schema_only(tmp_path):
    written(tmp_path, (record(("a", "int")), []), (record(("a", "int")), []))
    assert pa.table(avrojet.scan(tmp_path, merge="strict")).num_rows == 0
    avrojet.write(tmp_path / "2.avro", record(("a", "long")), [])
    with pytest.raises(avrojet.SchemaError, match=r"2\.avro has another schema than .*0\.avro") as raised:
        avrojet.scan(tmp_path, merge="strict").to_arrow()
    assert str(raised.value).endswith("$.a: type: int -> long")
    assert raised.value.path == "$.a"


TREE = record(
    ("value", "int"),
    ("children", {"type": "array", "items": "Tree"}),
    ("parent", ["null", "Tree"], None),
    name="Tree",
)
VALUE = {"value": 1, "parent": None, "children": [
    {"value": 2, "parent": None, "children": [{"value": 3, "parent": None, "children": []}]}]}  # fmt: skip


@pytest.mark.parametrize(
    ("recursion", "row"),
    [
        ("drop", {"value": 1}),
        (0, {"value": 1}),
        (1, {"value": 1, "children": [{"value": 2}], "parent": None}),
        (2, {"value": 1, "parent": None, "children": [
            {"value": 2, "parent": None, "children": [{"value": 3}]}]}),
    ],
)  # fmt: skip
def test_recursive_schemas_are_cut(tmp_path, recursion, row):
    scan = avrojet.scan(written(tmp_path, (TREE, [VALUE])), recursion=recursion)
    assert pa.table(scan).to_pylist() == [row]
    assert avrojet.parse_schema(scan.avro_schema.json) == scan.avro_schema


def test_recursive_schemas_are_refused_with_what_to_do(tmp_path):
    with pytest.raises(avrojet.SchemaError, match='recursion="json" .*"bytes", "drop" .*number'):
        avrojet.scan(written(tmp_path, (TREE, [VALUE]))).to_arrow()


GRAPH = record(
    ("id", "int"),
    ("label", ["null", "long", "string"]),
    ("next", {"type": "array", "items": "Graph"}),
    ("named", ["null", "int", {"type": "map", "values": "Graph"}]),
    ("other", ["null", record(("graph", ["null", "Graph"]), name="Other")]),
    name="Graph",
)


def graph(id: int, **fields: Any) -> dict[str, Any]:
    return {"id": id, "label": "é" * id, "next": [], "named": None, "other": None, **fields}


GRAPHS = [
    graph(1, label=5, next=[graph(2, next=[graph(3)], other={"graph": graph(4)}), graph(700)]),
    graph(5, named={"a": graph(6), "b": graph(7)}),
    graph(8, named=3, other={"graph": graph(9, label=None)}),
]


@pytest.mark.parametrize("strings", ["small", "large", "view"])
@pytest.mark.parametrize(
    ("recursion", "value"), [("json", json.loads), ("bytes", avrojet.Decoder(GRAPH).decode)]
)
def test_what_recurs_as_one_value(tmp_path, recursion, value, strings):
    scan = avrojet.scan(
        written(tmp_path, (GRAPH, GRAPHS)), recursion=recursion, types=avrojet.ArrowTypes(strings=strings)
    )
    rows = pa.table(scan).to_pylist()
    assert [[value(each) for each in row["next"]] for row in rows] == [row["next"] for row in GRAPHS]
    named = [dict(row["named"]["member1"] or ()) for row in rows if row["named"] is not None]
    assert [{key: value(each) for key, each in row.items()} for row in named] == [GRAPHS[1]["named"], {}]
    assert value(rows[2]["other"]["graph"]) == GRAPHS[2]["other"]["graph"]
    part = pickle.loads(pickle.dumps(scan.select(["other", "id"])))
    assert pa.table(part).to_pylist() == [{"other": row["other"], "id": row["id"]} for row in rows]
    assert avrojet.parse_schema(part.avro_schema.json) == part.avro_schema


def test_what_recurs_and_has_evolved(tmp_path):
    wide = json.loads(json.dumps(GRAPH).replace('"id", "type": "int"', '"id", "type": "double"'))
    written(tmp_path, (GRAPH, GRAPHS))
    table = pa.table(avrojet.scan(tmp_path, recursion="json", reader_schema=wide))
    assert json.loads(table["next"][0][1].as_py())["id"] == 700.0
    assert '"id":700.0' in table["next"][0][1].as_py()
    with pytest.raises(avrojet.SchemaError, match='another schema .* recursion="json"'):
        avrojet.scan(tmp_path, recursion="bytes", reader_schema=wide).to_arrow()


@pytest.mark.parametrize("recursion", ["json", "bytes"])
def test_what_recurs_and_is_damaged(recursion):
    types = avrojet.ArrowTypes(recursion=recursion)
    data = avrojet.Encoder(GRAPH).encode(GRAPHS[0])
    decoder = avrojet.Decoder(GRAPH, limits=avrojet.Limits(depth=9))
    for size in range(len(data)):
        with pytest.raises(avrojet.TruncatedError):
            decoder.decode_arrow([data[:size]], types=types)
    deep = graph(1)
    for _ in range(9):
        deep = graph(1, next=[deep])
    with pytest.raises(avrojet.AvroError, match="deep"):
        decoder.decode_arrow([avrojet.Encoder(GRAPH).encode(deep)], types=types)


def test_records_that_hold_one_another_often_have_a_limit(tmp_path):
    names = [f"R{number}" for number in range(12)]
    inner: Any = "R0"
    for name in reversed(names):
        inner = record(
            *[(f"f{number}", ["null", inner if number == 0 else "R0"], None) for number in range(8)],
            name=name,
        )
    written(tmp_path, (inner, []))
    with pytest.raises(avrojet.LimitError, match="too many columns"):
        avrojet.scan(tmp_path, recursion=9).to_arrow()


@pytest.mark.parametrize("merge", ["first", "union"])
def test_parts_are_seen_as_the_whole(tmp_path, merge):
    written(
        tmp_path,
        (record(("a", "long")), [{"a": number} for number in range(50)]),
        (record(("a", "int"), ("b", "int"), name="S"), [{"a": number, "b": 1} for number in range(50)]),
    )
    scan = avrojet.scan(tmp_path, merge=merge, columns=["a"])
    parts = [pickle.loads(pickle.dumps(part)) for part in scan.splits(1)]
    assert {str(pa.schema(part.schema)) for part in parts} == {str(pa.schema(scan.schema))}
    assert sum(pa.table(part).num_rows for part in parts) == 100
