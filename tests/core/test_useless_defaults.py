"""Defaults that fit the type, and are no values of the logical type: only who needs one gets an error."""

from __future__ import annotations

import io
import warnings
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

import avrojet
from avrojet import (
    CustomLogicalType,
    DecodeError,
    Decoder,
    EncodeError,
    Encoder,
    Limits,
    ResolutionError,
    UnreadableDefaultWarning,
    check_compatibility,
    parse_schema,
)
from avrojet.failures import Incompatibility
from tests.vectors import array, fixed, logical, mapping, record

UUID_TEXT = logical("string", "uuid")
USELESS = [
    (UUID_TEXT, "", "'' is not the text of a UUID"),
    (logical("int", "date"), 2**31 - 1, "2147483647 is out of range for date (-719162 to 2932896)"),
    (logical("int", "time-millis"), -1, "-1 is out of range for time-millis (0 to 86399999)"),
    (logical("long", "timestamp-millis"), 253402300800000, "is out of range for timestamp-millis"),
    (logical("bytes", "decimal", precision=2), "\u0001\u0000\u0000", "has more digits than the precision 2"),
    (fixed(2, logicalType="decimal", precision=2), "\u007f\u0000", "has more digits than the precision 2"),
    (logical("bytes", "big-decimal"), "", "is not the unscaled bytes and the scale of a big-decimal"),
]
USEFUL = [
    (UUID_TEXT, "00112233445566778899AABBCCDDEEFF", UUID("00112233-4455-6677-8899-aabbccddeeff")),
    (fixed(16, logicalType="uuid"), "\0" * 16, UUID(int=0)),
    (logical("int", "date"), 1, date(1970, 1, 2)),
    (logical("bytes", "decimal", precision=2), "", Decimal(0)),
    (logical("bytes", "decimal", precision=2), "\u0063", Decimal(99)),
    (logical("bytes", "big-decimal"), "\u0002\u0005\u0002", Decimal("0.5")),
    (["null", UUID_TEXT], None, None),
]
ignored = pytest.mark.filterwarnings("ignore::avrojet.UnreadableDefaultWarning")


def holding(*fields: tuple[Any, ...], name: str = "R") -> Any:
    """A record of fields: name, type, and perhaps a default."""
    return {
        "type": "record",
        "name": name,
        "fields": [dict(zip(("name", "type", "default"), field, strict=False)) for field in fields],
    }


WRITER = holding(("a", "int"))
INNER = holding(("id", UUID_TEXT, ""), name="O")


# Parsing


@pytest.mark.parametrize(("type", "default", "reason"), USELESS)
@pytest.mark.parametrize("names", ["strict", "lax"])
def test_parsing_warns_with_the_place(type, default, reason, names):
    with pytest.warns(UnreadableDefaultWarning) as caught:
        schema = parse_schema(holding(("a", "int"), ("x", type, default)), names=names)
    assert len(caught) == 1
    assert str(caught[0].message).startswith("fields[1].default: ")
    assert reason in str(caught[0].message)
    assert caught[0].filename == __file__
    assert schema.fields[1].default == default


@pytest.mark.parametrize(("type", "default", "value"), USEFUL)
def test_other_defaults_are_silent_and_of_use(type, default, value):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reader = parse_schema(holding(("a", "int"), ("x", type, default)))
    assert Decoder(WRITER, reader).decode(b"\2") == {"a": 1, "x": value}
    assert check_compatibility(reader, WRITER)


def test_the_place_within_a_default():
    with pytest.warns(UnreadableDefaultWarning) as caught:
        parse_schema(holding(("o", {**INNER, "fields": [{"name": "id", "type": UUID_TEXT}]}, {"id": "x"})))
    assert str(caught[0].message).startswith("fields[0].default.id: 'x' is not the text of a UUID")
    with pytest.warns(UnreadableDefaultWarning) as caught:
        parse_schema(holding(("m", mapping(array(UUID_TEXT)), {"k": [str(UUID(int=1)), "x"]})))
    assert str(caught[0].message).startswith("fields[0].default['k'][1]: 'x' is not")


# Reading


@ignored
@pytest.mark.parametrize(("type", "default", "reason"), USELESS)
def test_a_reader_that_needs_it_is_told(type, default, reason):
    reader = holding(("a", "int"), ("x", type, default))
    with pytest.raises(ResolutionError) as caught:
        Decoder(WRITER, reader)
    assert caught.value.path == "fields[1].default"
    assert "the reader's field 'x' is not in record R, and its default cannot be used: " in str(caught.value)
    assert reason in str(caught.value)
    (found,) = check_compatibility(reader, WRITER).reasons
    assert found.kind == Incompatibility.READER_FIELD_INVALID_DEFAULT_VALUE
    assert found.reader_path == "fields[1].default"
    plain = Decoder(WRITER, reader, logical_types=False).decode(b"\2")["x"]
    assert plain == (default.encode("latin-1") if isinstance(plain, bytes) else default)


@ignored
def test_a_default_within_a_default():
    reader = holding(("a", "int"), ("o", INNER, {}))
    with pytest.raises(ResolutionError, match=r"fields\[1\]\.default\.id: the reader's field 'o'"):
        Decoder(WRITER, reader)
    assert not check_compatibility(reader, WRITER)
    assert Decoder(WRITER, reader, logical_types=False).decode(b"\2") == {"a": 1, "o": {"id": ""}}


@ignored
def test_a_branch_that_no_datum_takes():
    writer = holding(("x", ["null", holding(("q", "int"), name="I")]))
    reader = holding(("x", ["null", holding(("u", UUID_TEXT, ""), name="I")]))
    decoder = Decoder(writer, reader)
    assert decoder.decode(b"\0") == {"x": None}
    with pytest.raises(ResolutionError, match="its default cannot be used: '' is not the text") as caught:
        decoder.decode(b"\2\2")
    assert caught.value.path == "$.x.u"
    assert decoder._skip_block(b"\2\2", 1) == 2
    assert [reason.reader_path for reason in check_compatibility(reader, writer).reasons] == [
        "fields[0].type[1].fields[0].default"
    ]
    assert avrojet.read(io.BytesIO(file_of(writer, [{"x": None}])), reader) == [{"x": None}]


def file_of(schema: Any, rows: list[Any]) -> bytes:
    target = io.BytesIO()
    avrojet.write(target, schema, rows)
    return target.getvalue()


@ignored
def test_a_default_that_is_not_needed():
    reader = holding(("a", "int"), ("x", UUID_TEXT, ""))
    writer = holding(("x", UUID_TEXT), ("a", "int"))
    data = Encoder(writer).encode({"x": UUID(int=7), "a": 1})
    assert Decoder(writer, reader).decode(data) == {"a": 1, "x": UUID(int=7)}
    assert check_compatibility(reader, writer)
    assert check_compatibility(reader, reader)


@ignored
def test_columns_and_text_say_the_same():
    writer = holding(("x", ["null", holding(("q", "int"), name="I")]))
    reader = holding(("x", ["null", holding(("u", UUID_TEXT, ""), ("v", "int", 5), name="I")]))
    decoder = Decoder(writer, reader)
    with pytest.raises(ResolutionError, match="its default cannot be used"):
        decoder.to_json(b"\2\2", plain=True)
    pytest.importorskip("pyarrow")
    assert len(decoder.decode_arrow([b"\0", b"\0"])) == 2
    with pytest.raises(ResolutionError, match="its default cannot be used"):
        decoder.decode_arrow([b"\0", b"\2\2"])


class Refusing(CustomLogicalType):
    name = "refusing"
    asked = 0

    def decode(self, value, schema):
        self.asked += 1
        if value == "bad":
            raise ValueError("no such thing")
        return value

    def encode(self, value, schema):
        return value


@pytest.mark.parametrize("error", [ValueError, ZeroDivisionError, RuntimeError, MemoryError])
def test_a_converter_that_refuses_a_default(error):
    class Raising(Refusing):
        def decode(self, value, schema):
            raise error("no such thing")

    writer = holding(("x", ["null", holding(("q", "int"), name="I")]))
    field = ("c", logical("string", "refusing"), "bad")
    reader = holding(("x", ["null", holding(field, name="I")]))
    decoder = Decoder(writer, reader, logical_types=[Raising()])
    assert decoder.decode(b"\0") == {"x": None}
    expected = DecodeError if error in (ValueError, ZeroDivisionError) else error
    with pytest.raises(expected, match="no such thing") as caught:
        decoder.decode(b"\2\2")
    if expected is DecodeError:
        assert caught.value.path == "$.x.c"
        assert "in the default of the reader's schema: no such thing" in str(caught.value)


def test_a_converter_that_is_interrupted():
    class Interrupted(Refusing):
        def decode(self, value, schema):
            raise KeyboardInterrupt

    reader = holding(("a", "int"), ("c", logical("string", "refusing"), "x"))
    with pytest.raises(KeyboardInterrupt):
        Decoder(WRITER, reader, logical_types=[Interrupted()])


def test_a_default_beyond_the_limits():
    reader = holding(("a", "int"), ("d", logical("bytes", "decimal", precision=9), "\u0001\u0002\u0003"))
    decoder = Decoder(WRITER, reader, limits=Limits(decimal_bytes=2))
    with pytest.raises(
        avrojet.LimitError, match="in the default of the reader's schema: a decimal of 3 bytes"
    ):
        decoder.decode(b"\2")
    assert Decoder(WRITER, reader).decode(b"\2")["d"] == 0x010203


# Writing


@ignored
@pytest.mark.parametrize(("type", "default", "reason"), USELESS)
def test_a_writer_that_needs_it_is_told(type, default, reason):
    schema = holding(("a", "int"), ("x", type, default))
    encoder = Encoder(schema, defaults=True)
    with pytest.raises(EncodeError) as caught:
        encoder.encode({"a": 1})
    assert str(caught.value).startswith(
        "at $: field 'x' is missing from dict {'a': 1}; the schema's default cannot be used: "
    )
    assert reason in str(caught.value)
    plain = Encoder(schema, defaults=True, logical_types=False).encode({"a": 1})
    assert Decoder(schema, logical_types=False).decode(plain)["a"] == 1
    with pytest.raises(EncodeError, match=r"x: |'x' is missing"):
        avrojet.write(io.BytesIO(), schema, [{"a": 1}], defaults=True)


@ignored
def test_a_writer_that_has_the_value_needs_no_default():
    schema = holding(("a", "int"), ("x", UUID_TEXT, ""))
    data = Encoder(schema, defaults=True).encode({"a": 1, "x": UUID(int=1)})
    assert Decoder(schema).decode(data) == {"a": 1, "x": UUID(int=1)}


@ignored
def test_writing_columns_without_the_field():
    pyarrow = pytest.importorskip("pyarrow")
    schema = holding(("a", "int"), ("x", UUID_TEXT, ""))
    with pytest.raises(avrojet.SchemaError, match="is not the text of a UUID"):
        avrojet.write_arrow(
            io.BytesIO(), pyarrow.table({"a": pyarrow.array([1], pyarrow.int32())}), schema=schema
        )


@ignored
def test_many_fields_of_large_defaults_are_examined_once():
    """The product of the fields and what they hold would take minutes."""
    big = holding(*[(f"f{i}", UUID_TEXT, "") for i in range(1000)], name="Big")
    fields = [("x0", big, {}), *[(f"x{i}", "Big", {}) for i in range(1, 1000)]]
    reader = parse_schema(holding(*fields))
    assert len(check_compatibility(reader, record("R")).reasons) == 1000
    limits = Limits(empty_items=10_000_000)
    shown = Decoder(record("R"), reader, logical_types=False, limits=limits).decode(b"")
    assert shown["x999"]["f999"] == ""
