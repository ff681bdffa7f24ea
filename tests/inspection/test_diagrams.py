"""Dumps in hexadecimal digits, and diagrams."""

from __future__ import annotations

import pytest

import avrojet
from avrojet.inspection.mermaid import schema_diagram
from tests.container.samples import DATA, file_of
from tests.vectors import LIST, SHAPES, TREE, record

ORDERS = DATA / "orders.avro"
EVIL = 'a"]<b>\x1b[31m\u202e}\n'


def test_a_dump():
    data = avrojet.encode({"name": "Alice Liddell", "tags": ["x"]}, PERSON)
    assert avrojet.inspect(b"\0\0\0\0\7" + data, PERSON).hex().splitlines() == [
        "message (confluent frame)",
        "       0  00                       .         frame marker  00",
        "       1  00 00 00 07              ....      frame schema id  7",
        "       5  1a                       .         $.name length  13",
        '       6  41 6c 69 63 65 20 4c 69  Alice Li  $.name content  "Alice Liddell"',
        "       e  64 64 65 6c 6c           ddell",
        "      13  02                       .         $.tags count  1",
        "      14  02                       .         $.tags[0] length  1",
        '      15  78                       x         $.tags[0] content  "x"',
        "      16  00                       .         $.tags end  0",
    ]


PERSON = record("Person", name="string", tags={"type": "array", "items": "string"})


def test_the_middle_of_what_is_long_is_left_out():
    lines = avrojet.inspect(avrojet.encode("x" * 100, "string"), "string").hex().splitlines()
    assert len(lines) == 6
    assert lines[4].split() == ["…", "80", "bytes", "more"]
    assert lines[5].split() == ["62", "78", "78", "78", "78", "xxxx"]
    lines = avrojet.inspect(avrojet.encode("x" * 32, "string"), "string").hex().splitlines()
    assert len(lines) == 6
    assert "…" not in "".join(lines)


def test_nothing_of_the_data_moves_the_cursor():
    data = file_of([{"a": EVIL}], record("R", a="string"), metadata={EVIL: EVIL})
    for text in (avrojet.inspect(data).hex(), avrojet.inspect(data).mermaid()):
        assert all(line.isprintable() for line in text.splitlines())
        assert "<b>\\x1b" not in avrojet.inspect(data).mermaid()


def test_a_diagram_of_a_file():
    assert avrojet.inspect(ORDERS).mermaid().splitlines() == [
        "flowchart TB",
        '    header["<b>header</b> at 0<br>codec deflate, 1,007 bytes<br>and shop.branch"]',
        '    block0["<b>block 0</b> at 1,007<br>5 records in 292 bytes"]',
        "    header --> block0",
        '    block1["<b>block 1</b> at 1,318<br>3 records in 200 bytes"]',
        "    block0 --> block1",
        '    end_["end: 2 blocks, 8 records"]',
        "    block1 --> end_",
    ]
    many = avrojet.inspect(file_of(range(100), "int", sync_interval=1)).mermaid()
    assert 'more["93 blocks more"]' in many
    assert many.count("block9") == 4 + 2  # the last two, each with an arrow to and from it
    cut = avrojet.inspect(ORDERS.read_bytes()[:-3]).mermaid()
    assert "damage" in cut.splitlines()[-1]


def test_a_diagram_of_a_schema():
    assert schema_diagram(avrojet.parse_schema(TREE)).splitlines() == [
        "classDiagram",
        '    class t0["org.trees.Tree"] {',
        "        label string",
        "        children Tree[]",
        "    }",
        '    t0 --> "*" t0 : children',
    ]
    assert "tail List?" in schema_diagram(avrojet.parse_schema(LIST))
    shapes = schema_diagram(avrojet.parse_schema(SHAPES))
    assert "root --> t0" in shapes
    assert "<<enum>>" in shapes
    assert "2 bytes" in shapes
    assert schema_diagram(avrojet.parse_schema("int")).splitlines()[1:] == [
        '    class root["schema"] {',
        "        int",
        "    }",
    ]


@pytest.mark.parametrize("size", [600, 5_000])
def test_a_large_schema_makes_a_diagram_of_bounded_size(size):
    schema = avrojet.parse_schema(record("R", **{f"f{i}": record(f"T{i}", a="int") for i in range(size)}))
    assert len(schema_diagram(schema)) < 100_000
    deep: object = "int"
    for _ in range(300):
        deep = {"type": "array", "items": deep}
    assert "..." in schema_diagram(avrojet.parse_schema(deep))
