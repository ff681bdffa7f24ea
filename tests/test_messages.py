"""What people read: a line, printable and short whatever names are in it; warnings at the caller's line."""

from __future__ import annotations

import inspect
import io
import json
import pickle
import warnings

import pytest

import avrojet
from avrojet import AvroError, IgnoredAttributeWarning, IgnoredLogicalTypeWarning, LimitError, SchemaError
from avrojet.cli import main
from avrojet.compat import fastavro
from avrojet.container.framing import build_block, build_header
from avrojet.messages import readable, show
from avrojet.plan.resolve import resolve
from tests.cases import for_each
from tests.container.samples import SYNC

EVIL = "a\x1b[31mRED\n\u202e\u2028\x00"
HUGE = "x-" * 500_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain, \u00e4\U0001f600", "plain, \u00e4\U0001f600"),
        ("a\nb\x1b\x00\x7f", "a\\nb\\x1b\\x00\\x7f"),
        ("\u202e\ud800\u00a0", "\\u202e\\ud800\\xa0"),
        ("\\n", "\\n"),
        ("", ""),
    ],
)
def test_what_is_not_printable_is_escaped(text, expected):
    assert readable(text) == expected
    assert readable(readable(text)) == readable(text)
    assert expected.isprintable()


def test_long_words_lose_their_middle():
    text = readable(f"at $.{HUGE}, byte 5: field '{HUGE}z' is missing; do this")
    assert len(text) < 1000
    assert text.startswith("at $.x-x-x-")
    assert "\N{HORIZONTAL ELLIPSIS}" in text
    assert ", byte 5: field 'x-x-" in text
    assert text.endswith("z' is missing; do this")
    words = readable("word " * 100_000 + "the end")
    assert len(words) <= 4000
    assert words.endswith("the end")


def test_the_cost_is_in_proportion_to_the_text():
    assert readable(("x" * 399 + " ") * 5000).startswith("xxx")
    assert readable("\x1b" * 1_000_000).startswith("\\x1b")


def test_show_is_short_whatever_the_value():
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert show(deep) == "this list"
    assert show(10**5000) == "this int"
    assert len(show(HUGE)) == 60


@pytest.mark.parametrize("error", [AvroError, SchemaError, LimitError, avrojet.EncodeTypeError])
def test_every_error_is_a_line(error):
    raised = error(f"at $.{EVIL}: {HUGE}", path=f"$.{EVIL}")
    for text in (str(raised), raised.path, str(pickle.loads(pickle.dumps(raised)))):
        assert text.isprintable()
        assert len(text) < 1000
        assert "\\x1b[31mRED\\n" in text


def record(*fields, name="R"):
    return {"type": "record", "name": name, "fields": [{"name": n, "type": t} for n, t in fields]}


def lax(schema):
    return avrojet.parse_schema(schema, names="lax")


def file_of(schema, *blocks):
    header = build_header({"avro.schema": json.dumps(schema).encode(), "avro.codec": b"null"}, SYNC)
    return header + b"".join(build_block(count, data, SYNC) for count, data in blocks)


FAILURES = {
    "name": lambda name: avrojet.parse_schema(record(("a", "int"), name=name)),
    "field name": lambda name: avrojet.parse_schema(record((name, "int"))),
    "reference": lambda name: avrojet.parse_schema(record(("a", name))),
    "field twice": lambda name: lax(record((name, "int"), (name, "int"))),
    "type twice": lambda name: lax([{"type": "fixed", "name": name, "size": 1}, name]),
    "type defined twice": lambda name: lax(
        [{"type": "fixed", "name": name, "size": 1}, {"type": "fixed", "name": name, "size": 2}]
    ),
    "attribute": lambda name: avrojet.parse_schema({"type": "int", name: {1: 2}}),
    "symbol": lambda name: avrojet.parse_schema({"type": "enum", "name": "E", "symbols": [name]}),
    "enum's default": lambda name: avrojet.parse_schema(
        {"type": "enum", "name": "E", "symbols": [], "default": name}
    ),
    "order": lambda name: avrojet.parse_schema(
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "order": name}]}
    ),
    "default": lambda name: avrojet.parse_schema(
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "default": {name: name}}]}
    ),
    "text": lambda name: avrojet.parse_schema(f"{{{name}"),
    "truncated": lambda name: avrojet.Decoder(lax(record((name, "int")))).decode(b""),
    "map key": lambda name: avrojet.Decoder({"type": "map", "values": "int"}).decode(
        avrojet.Encoder({"type": "map", "values": "int"}).encode({name: 1})[:-2]
    ),
    "missing field": lambda name: avrojet.Encoder(lax(record((name, "int")))).encode({}),
    "extra field": lambda name: avrojet.Encoder(record(), extra_fields="error").encode({name: 1}),
    "value": lambda name: avrojet.Encoder(lax(record((name, "int")))).encode({name: "x"}),
    "type's name": lambda name: avrojet.Encoder(lax(record(name=name))).encode(5),
    "branches": lambda name: avrojet.Encoder(lax(["null", record(name=name)])).encode(5),
    "record names": lambda name: resolve(lax(record(name=name)), lax(record(name="S"))),
    "fields": lambda name: resolve(lax(record()), lax(record((name, "int")))),
    "aliases": lambda name: resolve(
        lax(record((name, "int"))),
        lax(
            {
                "type": "record",
                "name": "R",
                "fields": [{"name": each, "type": "int", "aliases": [name]} for each in "ab"],
            }
        ),
    ),
    "symbol unknown": lambda name: avrojet.Decoder(
        lax({"type": "enum", "name": "E", "symbols": [name]}),
        lax({"type": "enum", "name": "E", "symbols": []}),
    ).decode(b"\0"),
    "column": lambda name: avrojet.project(lax(record((name, "int"))), ["b"]),
    "columns": lambda name: avrojet.project(record(("b", "int")), [name]),
    "recursive columns": lambda name: avrojet.Decoder(
        lax(record((name, ["null", "R"])))
    ).decode_arrow([b"\0"]),
    "file": lambda name: avrojet.read(io.BytesIO(file_of(record((name, "string")), (1, b"\x08x")))),
    "file's columns": lambda name: list(
        avrojet.read_arrow(io.BytesIO(file_of(record((name, "string")), (1, b"\x08x"))), threads=0)
    ),
    "codec": lambda name: avrojet.read(
        io.BytesIO(
            build_header({"avro.schema": b'"int"', "avro.codec": name.encode()}, SYNC) + b"\2\2\2" + SYNC
        )
    ),
}  # fmt: skip


@for_each("fail", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("name", [EVIL, HUGE], ids=["control characters", "a megabyte"])
def test_names_of_strangers_do_no_harm(fail, name):
    with pytest.raises(AvroError) as caught:
        fail(name)
    text = str(caught.value)
    assert text.isprintable()
    assert len(text) < 4001
    assert (caught.value.path or "").isprintable()
    assert len(caught.value.path or "") < 4001


def test_compatibility_and_its_like_print_as_lines():
    writer, reader = lax(record((EVIL, "int"))), lax(record((EVIL, "string"), ("b", "int")))
    for found in (
        *avrojet.check_compatibility(reader, writer).reasons,
        *avrojet.schema_diff(writer, reader),
        *avrojet.lint_schema(writer),
    ):
        assert str(found).isprintable()


def test_the_command_line_writes_no_control_characters(tmp_path, capsys):
    path = tmp_path / "evil.avro"
    path.write_bytes(file_of(record((EVIL, "string")), (1, b"\x08x")))
    assert main(["cat", str(path)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.rstrip("\n").isprintable()


IGNORED = {
    "type": "record",
    "name": "R",
    "fields": [{"name": "a", "type": {"type": "int", "logicalType": "uuid"}}],
}
FILE = file_of(IGNORED, (1, b"\2"))
WARNING = {
    "parse_schema": lambda: avrojet.parse_schema(IGNORED),
    "Decoder": lambda: avrojet.Decoder(IGNORED),
    "Decoder's reader": lambda: avrojet.Decoder(record(("a", "int")), IGNORED),
    "Encoder": lambda: avrojet.Encoder(IGNORED),
    "encode": lambda: avrojet.encode({"a": 1}, IGNORED),
    "decode": lambda: avrojet.decode(b"\2", IGNORED),
    "write": lambda: avrojet.write(io.BytesIO(), IGNORED, [{"a": 1}]),
    "DataFileWriter": lambda: avrojet.DataFileWriter(io.BytesIO(), IGNORED).close(),
    "DataFileReader": lambda: avrojet.DataFileReader(io.BytesIO(FILE)),
    "read": lambda: avrojet.read(io.BytesIO(FILE)),
    "read_arrow": lambda: avrojet.read_arrow(io.BytesIO(FILE + b"")),
    "check_compatibility": lambda: avrojet.check_compatibility(IGNORED, record(("a", "int"))),
    "project": lambda: avrojet.project(IGNORED, ["a"]),
    "schema_diff": lambda: avrojet.schema_diff(IGNORED, "int"),
    "compare": lambda: avrojet.compare(b"\2", b"\2", IGNORED),
    "repair_file": lambda: avrojet.repair_file(io.BytesIO(FILE)),
}


@pytest.mark.parametrize("name", WARNING)
def test_a_warning_names_the_line_of_the_caller(name):
    if name == "read_arrow":  # whose plans are kept
        avrojet.columns.plan._plans.clear()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        WARNING[name]()
    assert {warning.category for warning in caught} == {IgnoredLogicalTypeWarning}
    line = inspect.getsourcelines(WARNING[name])[1]
    assert {(warning.filename, warning.lineno) for warning in caught} == {(__file__, line)}


def test_a_warning_is_a_line_as_well():
    source = record((EVIL, {"type": "int", "logicalType": "uuid"}))
    with pytest.warns() as caught:
        lax({"type": "record", "name": EVIL, "fields": source["fields"], "doc": {EVIL: EVIL}})
    assert {warning.category for warning in caught} == {IgnoredLogicalTypeWarning, IgnoredAttributeWarning}
    assert all(str(warning.message).isprintable() for warning in caught)


def test_the_facade_does_not_warn_of_what_it_lets_pass(recwarn):
    fastavro.schemaless_reader(io.BytesIO(b"\2"), IGNORED)
    assert not [warning for warning in recwarn if issubclass(warning.category, IgnoredLogicalTypeWarning)]
