"""One test for each row of the table in docs/moving/fastavro.md, by the name that stands there."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

import pytest

import avrojet
from avrojet.compat import fastavro
from avrojet.errors import LimitError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "moving" / "fastavro.md"
DAY = {"type": "int", "logicalType": "date"}
MOMENT = {"type": "long", "logicalType": "timestamp-millis"}
PRICE = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 1}


def record(*fields, name="r"):
    return {"type": "record", "name": name, "fields": list(fields)}


def field(type, **more):
    return {"name": "x", "type": type, **more}


def test_every_row_of_the_table_has_its_test_and_every_test_its_row():
    rows = re.findall(r"`(test_\w+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    tests = {name for name in globals() if name.startswith("test_") and "every_row" not in name}
    assert len(rows) == len(set(rows))
    assert set(rows) == tests


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("int", 1.5),
        ("int", Decimal("1.5")),
        ("boolean", "no"),
        ("boolean", 2),
        ("null", "x"),
        ({"type": "array", "items": "string"}, "abc"),
        ({"type": "array", "items": "int"}, b"abc"),
        ({"type": "array", "items": "string"}, {"a": 1}),
    ],
)
def test_values_of_the_wrong_type_are_refused(encode, schema, value):
    with pytest.raises(TypeError):
        encode(schema, value)


@pytest.mark.parametrize(("schema", "value"), [("int", 2**31), ("long", 2**63), ("float", 1e300)])
def test_numbers_out_of_range_are_refused(encode, schema, value):
    with pytest.raises(ValueError, match="out of range"):
        encode(schema, value)


def test_numbers_that_are_text_are_defaults(decode):
    value = decode(b"", record(), record(field("double", default="NaN")))["x"]
    assert value != value


def test_text_that_is_no_uuid_is_refused(encode):
    with pytest.raises(ValueError, match="uuid"):
        encode({"type": "string", "logicalType": "uuid"}, "hello")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "int", "logicalType": "time-millis"}, -1),
        ({"type": "int", "logicalType": "time-millis"}, 86_400_000),
        (DAY, 2**31 - 1),
        (MOMENT, 253402300800000),
        (MOMENT, datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-1)))),
    ],
)
def test_plain_numbers_that_are_no_times_are_refused(encode, schema, value):
    with pytest.raises(ValueError, match="out of range|outside of the years"):
        encode(schema, value)
    if isinstance(value, int):
        assert encode(schema["type"], value)


def test_defaults_that_cannot_be_read_are_not_written(encode, decode):
    schema = record(field({"type": "string", "logicalType": "uuid"}, default=""))
    with pytest.raises(ValueError, match="no value and no default for x.*'' is not the text of a UUID"):
        encode(schema, {})
    # Whoever reads with it gets it as fastavro gives it.
    assert decode(b"", record(), schema) == {"x": ""}


def test_decimals_are_taken_where_they_fit(encode):
    assert encode(PRICE, Decimal("1.10")) == b"\x02\x0b"
    assert encode(PRICE, 5) == b"\x02\x32"
    with pytest.raises(ValueError, match="digits"):
        encode(PRICE, Decimal("1.15"))


@pytest.mark.parametrize(
    ("schema", "value", "data"),
    [
        (["null", DAY, "string"], "hello", b"\x04\x0ahello"),
        (["null", {"type": "array", "items": "int"}], (1, 2), b"\x02\x04\x02\x04\x00"),
        (["null", {"type": "array", "items": "string"}], ("a", "b", "c"), b"\x02\x06\x02a\x02b\x02c\x00"),
        ([DAY, MOMENT], datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), b"\x02\xd0\x0f"),
        ([record({"name": "a", "type": "int"}), {"type": "map", "values": "int"}], {"a": 1}, b"\x00\x02"),
    ],
)
def test_a_union_takes_the_branch_that_keeps_the_value(encode, schema, value, data):
    assert encode(schema, value) == data


def test_hints_name_records_without_namespace(encode):
    inner = record(field("int"), name="inner")
    outer = record({"name": "y", "type": inner}, name="outer")
    assert encode(["null", outer], {"y": {"-type": "inner", "x": 1}}) == b"\x02\x02"


def test_a_branch_of_the_writers_own_type_goes_first(decode):
    value = decode(b"\x02\x06", ["null", "int"], ["null", "double", "int"])
    assert (type(value), value) == (int, 3)
    assert decode(b"\x00" + b"\xff" * 9 + b"\x01", ["long"], ["float", "long"]) == -(1 << 63)


def test_uuids_are_written_with_hyphens(encode):
    text = "0123456789abcdef0123456789abcdef"
    hyphens = b"01234567-89ab-cdef-0123-456789abcdef"
    for form in (text, text.upper(), f"{{{text}}}", f"urn:uuid:{text}"):
        assert encode({"type": "string", "logicalType": "uuid"}, form) == b"\x48" + hyphens


def test_uuids_with_hyphens_elsewhere_are_no_uuids(decode):
    with pytest.raises(ValueError, match="UUID"):
        decode(b"\x4801-2345678-9ab-cdef-0123456789abcdef", {"type": "string", "logicalType": "uuid"})


def test_numpy_arrays_and_bools_are_taken_in_unions(encode):
    numpy = pytest.importorskip("numpy")
    assert encode(["null", "boolean"], numpy.True_) == b"\x02\x01"
    assert encode(["null", {"type": "array", "items": "int"}], numpy.array([1, 2])) == b"\x02\x04\x02\x04\x00"


def test_bytes_defaults_are_bytes(encode, decode):
    schema = record(field("bytes", default="\u00ff"))
    assert encode(schema, {}) == b"\x02\xff"
    assert decode(b"", record(), schema) == {"x": b"\xff"}


def test_logical_defaults_are_of_their_logical_type(decode):
    schema = record(field(DAY, default=1), {"name": "y", "type": PRICE, "default": "\u0005"})
    assert decode(b"", record(), schema) == {"x": date(1970, 1, 2), "y": Decimal("0.5")}


def test_defaults_of_records_are_filled(decode):
    inner = record({"name": "y", "type": "int", "default": 3}, name="inner")
    assert decode(b"", record(), record(field(inner, default={}))) == {"x": {"y": 3}}


def test_rows_share_no_default(decode):
    schema = record(field({"type": "array", "items": "int"}, default=[1]))
    first = decode(b"", record(), schema)
    first["x"].append(2)
    assert decode(b"", record(), schema) == {"x": [1]}


def test_the_readers_logical_type_is_in_force(decode):
    assert decode(b"\x02", "long", MOMENT) == datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC)
    assert decode(b"\x02", MOMENT, "long") == 1
    assert decode(b"\x02", DAY, "double") == 1.0


def numbers(text):
    """``"b/a c=9"``: a field b with the alias a, and a field c with the default 9."""
    fields = []
    for part in text.split():
        names, _, default = part.partition("=")
        name, *aliases = names.split("/")
        fields.append({"name": name, "type": "int", "aliases": aliases})
        if default:
            fields[-1]["default"] = int(default)
    return record(*fields)


@pytest.mark.parametrize(
    ("writer", "reader", "read"),
    [
        ("a b", "b/a c/b=9", {"b": 1, "c": 2}),
        ("b c", "b/a c/b=9", {"b": 1, "c": 2}),
        ("a", "a=9 c/a", {"a": 9, "c": 1}),
        ("a c", "a=9 c/a", {"a": 1, "c": 2}),
        ("b/a a/b", "b/a a/b x=9", {"b": 1, "a": 2, "x": 9}),
        ("a b", "b/a a/b", None),
        ("a b", "b/a", None),
    ],
)
def test_aliases_rename_what_the_writer_has(decode, writer, reader, read):
    if read is not None:
        assert decode(b"\2\4", numbers(writer), numbers(reader)) == read
    else:
        with pytest.raises(fastavro.read.SchemaResolutionError):
            decode(b"\2\4", numbers(writer), numbers(reader))


@pytest.mark.parametrize(("writer", "reader"), [("a", "b/a c/a"), ("a", "b/a=1 c/a=1"), ("a z", "b/z/a")])
def test_aliases_that_leave_open_what_they_name_are_refused(decode, writer, reader):
    with pytest.raises(fastavro.read.SchemaResolutionError):
        decode(b"\2\4", numbers(writer), numbers(reader))


def test_decimals_of_another_scale_do_not_match(decode):
    message = "decimal of precision 4 and scale 1 cannot be read with precision 6 and scale 2"
    with pytest.raises(fastavro.read.SchemaResolutionError, match=message):
        decode(b"\x02\x05", PRICE, {**PRICE, "precision": 6, "scale": 2})
    assert decode(b"\x02\x05", PRICE, {**PRICE, "precision": 6}) == Decimal("0.5")


def test_every_digit_of_a_decimal_is_read(encode, decode):
    assert decode(b"\x06\x01\xe2\x40", PRICE) == Decimal("12345.6")
    assert encode(PRICE, b"\x01\xe2\x40") == b"\x06\x01\xe2\x40"  # as fastavro writes them


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ("long", b"\xff" * 11 + b"\x01"),
        ("int", b"\xff" * 8 + b"\x01"),
        ("boolean", b"\x02"),
        (["null", "int"], b"\x01"),
        ({"type": "enum", "name": "e", "symbols": ["A", "B"]}, b"\x01"),
    ],
)
def test_bytes_that_are_no_avro_are_refused(decode, schema, data):
    with pytest.raises(ValueError, match="at "):
        decode(data, schema)


@pytest.mark.parametrize("data", [b"", b"\xff"])
def test_data_that_end_early_raise_eoferror(decode, data):
    with pytest.raises(EOFError):
        decode(data, "long")


def test_deep_data_are_refused(decode, encode):
    schema = record(field(["null", "r"]))
    with pytest.raises(LimitError):
        decode(b"\x02" * 5000 + b"\x00", schema)
    value = None
    for _ in range(5000):
        value = {"x": value}
    with pytest.raises(LimitError):
        encode(schema, value)


def test_a_wrong_magic_is_refused():
    file = BytesIO()
    fastavro.writer(file, "int", [1])
    with pytest.raises(ValueError, match="cannot read header - is it an avro file"):
        fastavro.reader(BytesIO(b"XXXX" + file.getvalue()[4:]))


def test_a_wrong_checksum_of_snappy_is_refused():
    pytest.importorskip("cramjam")
    file = BytesIO()
    fastavro.writer(file, "int", [1], codec="snappy", sync_marker=bytes(16))
    data = bytearray(file.getvalue())
    data[-17] ^= 1
    with pytest.raises(ValueError, match="CRC"):
        list(fastavro.reader(BytesIO(data)))


@pytest.mark.slow
def test_blocks_that_inflate_without_end_are_refused():
    file = BytesIO()
    before = avrojet.set_default_limits(avrojet.Limits(block_bytes=1 << 30))
    try:
        fastavro.writer(file, "bytes", [bytes(201 << 20)], codec="deflate", codec_compression_level=1)
    finally:
        avrojet.set_default_limits(before)
    file.seek(0)
    with pytest.raises(LimitError):
        list(fastavro.reader(file))


def test_a_record_that_fails_leaves_no_trace():
    file = BytesIO()
    writer = fastavro.write.Writer(file, record(field("string"), {"name": "y", "type": "int"}))
    writer.write({"x": "a", "y": 1})
    with pytest.raises(TypeError):
        writer.write({"x": "b", "y": "no"})
    writer.write({"x": "c", "y": 3})
    writer.flush()
    file.seek(0)
    assert list(fastavro.reader(file)) == [{"x": "a", "y": 1}, {"x": "c", "y": 3}]


def test_the_schema_of_a_file_is_json():
    file = BytesIO()
    fastavro.writer(file, record(field("double", default=float("nan"), why=float("-inf"))), [{"x": 1.0}])
    file.seek(0)
    reader = fastavro.reader(file)
    text = reader.metadata["avro.schema"]
    assert json.loads(text, parse_constant=pytest.fail)["fields"][0]["default"] == "NaN"
    assert list(reader) == [{"x": 1.0}]
    assert fastavro.schemaless_reader(BytesIO(b""), record(), json.loads(text))["x"] != 0


def test_the_callers_metadata_stay_as_they_are():
    metadata = {"a": "b"}
    fastavro.writer(BytesIO(), "int", [], metadata=metadata)
    assert metadata == {"a": "b"}


def test_metadata_may_be_bytes():
    file = BytesIO()
    fastavro.writer(file, "int", [1], metadata={"a": b"b"})
    file.seek(0)
    assert fastavro.reader(file).metadata["a"] == "b"


def test_deflated_blocks_end_with_their_data():
    file = BytesIO()
    fastavro.writer(file, "bytes", [bytes(100)], codec="deflate")
    file.seek(0)
    (block,) = fastavro.block_reader(file)
    assert str(block).startswith("Avro block: 102 bytes, 1 records, codec: deflate")
    import zlib

    stream = zlib.decompressobj(-15)
    stream.decompress(file.getvalue()[block.offset + 2 : -16])
    assert stream.eof
    assert stream.unused_data == b""


def json_text(schema, rows, **options):
    file = StringIO()
    fastavro.json_writer(file, schema, rows, **options)
    return file.getvalue()


def test_json_takes_every_schema():
    tree = record(field(["null", "r"]))
    rows = [{"x": {"x": {"x": {"x": None}}}}, {"x": None}]
    assert list(fastavro.json_reader(StringIO(json_text(tree, rows)), tree)) == rows
    assert list(fastavro.json_reader(StringIO(json_text(record(), [{}])), record())) == [{}]
    assert list(fastavro.json_reader(StringIO("1\n\n2\n"), "int")) == [1, 2]
    assert json_text("int", []) == ""


def test_json_leaves_the_schema_as_it_is():
    schema = record(field({"type": "array", "items": "int"}, default=[1]), {"name": "a", "type": "int"})
    for _ in range(2):
        assert list(fastavro.json_reader(StringIO('{"a": 1}'), schema)) == [{"a": 1, "x": [1]}]
    assert schema["fields"][0]["default"] == [1]


def test_files_that_read_as_bytearray_or_memoryview_are_read():
    class Viewed(BytesIO):
        def read(self, size=-1):
            return memoryview(super().read(size))

    file = Viewed()
    fastavro.writer(file, "string", ["a", "b"])
    file.seek(0)
    assert list(fastavro.reader(file)) == ["a", "b"]


def test_json_types_are_checked():
    with pytest.raises(TypeError):
        json_text("string", [1])
    with pytest.raises(ValueError, match=r"at \$"):
        list(fastavro.json_reader(StringIO('"a"\n'), "int"))


def read_json(text, schema):
    return list(fastavro.json_reader(StringIO(text), schema))


def test_a_field_that_comes_twice_in_json_is_refused():
    schema = record(field("int"), {"name": "a", "type": "int"})
    for text in ('{"x": 1, "x": 1, "a": 2}', '{"a": 2, "x": 1, "a": 2}'):
        with pytest.raises(ValueError, match="appears twice"):
            read_json(text, schema)


def test_words_for_numbers_are_read_in_json():
    text = '"Infinity"\n-Infinity\n"-Infinity"\n'
    assert read_json(text, "double") == read_json(text, "float") == [math.inf, -math.inf, -math.inf]
    assert math.isnan(read_json('"NaN"', "float")[0])


def test_json_encoders_with_hooks_are_refused():
    class Encoder(fastavro.json_write.AvroJSONEncoder):
        def write_utf8(self, value):
            raise AssertionError

    with pytest.raises(TypeError, match="write_utf8"):
        json_text("string", ["a"], encoder=Encoder)


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_a_file_that_takes_a_part_gets_the_rest(most):
    class Part(BytesIO):
        def write(self, data):
            return super().write(bytes(data)[:most])

    target = Part()
    rows = [{"a": number} for number in range(500)]
    schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}]}
    fastavro.writer(target, schema, rows)
    target.seek(0)
    assert list(fastavro.reader(target)) == rows


LONG = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}]}


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_torn_file_is_not_appended_to(tmp_path, cut):
    path = tmp_path / "a.avro"
    with path.open("wb") as file:
        fastavro.writer(file, LONG, [{"a": number} for number in range(500)])
    path.write_bytes(path.read_bytes()[:-cut])
    before = path.read_bytes()
    with path.open("a+b") as file, pytest.raises(ValueError, match="does not end with its sync marker"):
        fastavro.writer(file, LONG, [{"a": 1}])
    assert path.read_bytes() == before


def test_an_interruption_loses_no_record(monkeypatch):
    write_block = fastavro._write.BLOCK_WRITERS["null"]
    calls = iter(range(1000))

    def interrupted(*arguments):
        if next(calls) % 3 == 0:
            raise KeyboardInterrupt
        write_block(*arguments)

    monkeypatch.setitem(fastavro._write.BLOCK_WRITERS, "null", interrupted)
    target, interruptions = BytesIO(), 0
    writer = fastavro.write.Writer(target, LONG, sync_interval=50)
    for work in (*(lambda number=number: writer.write({"a": number}) for number in range(500)), writer.flush):
        try:
            work()
        except KeyboardInterrupt:
            interruptions += 1
    writer.flush()
    assert interruptions > 5
    target.seek(0)
    assert list(fastavro.reader(target)) == [{"a": number} for number in range(500)]
