"""Errors say what they know as attributes; docs/reference/errors.md has an example that raises each kind."""

from __future__ import annotations

import copy
import io
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

import avrojet
from avrojet import (
    AvroError,
    CustomLogicalType,
    DecodeError,
    DecodeFailure,
    Decoder,
    EncodeError,
    EncodeFailure,
    Encoder,
    Incompatibility,
    LimitError,
    Limits,
    ResolutionError,
    SchemaError,
    TruncatedError,
    parse_schema,
    single_object,
)
from avrojet.columns.plan import ColumnPlan
from avrojet.core.ground import failures
from avrojet.errors import DecodeLimitError, EncodeLimitError, SchemaLimitError, facts_of, tell_place
from avrojet.failures import Facts
from tests.producers import Changed, buffer_to
from tests.repo.tree import CORE
from tests.vectors import array, enum, fixed, logical, mapping, record

TEXT = (Path(__file__).parents[1] / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
POINT = record("Point", x="int")
KINDS: dict[str, type[StrEnum]] = {
    kinds.__name__: kinds for kinds in (DecodeFailure, EncodeFailure, Incompatibility)
}


class Picky(CustomLogicalType):
    name = "picky"

    def decode(self, value: Any, schema: Any) -> Any:
        raise ValueError("not this one")

    def encode(self, value: Any, schema: Any) -> Any:
        raise ValueError("not this one")


class Growing:
    """An int whose conversion adds to the list that it is in."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __index__(self) -> int:
        self.items.append(1)
        return 1


def growing() -> list[Any]:
    items: list[Any] = [1]
    items.append(Growing(items))
    return items


def decimal(precision: int, scale: int) -> Any:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def fill_columns(schema: Any, data: bytes) -> None:
    """Fill columns with a datum, without the rows that say more of an error."""
    ColumnPlan(parse_schema(schema)).column_set().fill(data, 1, 0, 0)


def file_of(schema: Any, value: Any) -> io.BytesIO:
    file = io.BytesIO()
    avrojet.write(file, schema, [value])
    file.seek(0)
    return file


def names_of_examples() -> dict[str, Any]:
    pa = pytest.importorskip("pyarrow")
    both = {"name": "c", "type": "int", "aliases": ["a", "b"]}
    useless = {"name": "id", "type": logical("string", "uuid"), "default": ""}
    return {
        **vars(avrojet),
        **{name: getattr(avrojet, name) for name in avrojet.__all__},
        "POINT": POINT,
        "Picky": Picky,
        "TWO_FIELDS": record("R", a="int", b="int"),
        "BOTH_ALIASES": {"type": "record", "name": "R", "fields": [both]},
        "USELESS_DEFAULT": {"type": "record", "name": "Point", "fields": [useless]},
        "Decimal": Decimal,
        "decimal": decimal,
        "fill_columns": fill_columns,
        "forty_digits": file_of(decimal(40, 0), Decimal("9" * 40)),
        "single_object": single_object,
        "growing": growing(),
        "broken_messages": Changed(pa.array([b"\2"], pa.binary()), buffer_to(1, None)),
        "broken_table": Changed(pa.record_batch({"x": [1]}), lambda raw: setattr(raw, "length", -1)),
    }


def examples() -> list[Any]:
    found = []
    for title, kinds in KINDS.items():
        part = TEXT.partition(f"\n## `{title}`\n")[2].partition("\n## ")[0]
        for kind, example in re.findall(r"^\| `(\w+)` \|.*\| `(.*)` \|$", part, re.MULTILINE):
            found.append(pytest.param(kinds(kind), example, id=f"{title}-{kind}"))
    return found


def raised(call: Callable[[], object]) -> AvroError:
    with pytest.raises(AvroError) as caught:
        call()
    return caught.value


# The tables


@pytest.mark.parametrize("title", KINDS)
def test_each_kind_has_an_example(title):
    told = [each.values[0] for each in examples() if type(each.values[0]) is KINDS[title]]
    assert told == list(KINDS[title])


@pytest.mark.parametrize(("kind", "example"), examples())
@pytest.mark.filterwarnings("ignore::avrojet.UnreadableDefaultWarning")
def test_an_example_raises_its_kind(kind, example):
    error = raised(lambda: eval(example, names_of_examples()))
    assert error.kind is kind
    base = {DecodeFailure: DecodeError, EncodeFailure: EncodeError, Incompatibility: ResolutionError}
    assert isinstance(error, base[type(kind)])
    assert error.reason is None or error.reason in str(error)


def test_the_table_of_attributes_is_whole():
    rows = re.findall(r"^\| (`.*?`) \|", TEXT.partition("| attribute |")[2].partition("## ")[0], re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", "".join(rows))) == sorted(Facts.__annotations__)
    assert all(f":ivar {name}:" in (AvroError.__doc__ or "") for name in Facts.__annotations__)
    assert all(getattr(AvroError(), name) is None for name in Facts.__annotations__)


@pytest.mark.parametrize(("table", "enum"), [(failures.READ, "ReadError"), (failures.WRITE, "WriteError")])
def test_each_code_of_the_core_says_something(table, enum):
    text = (CORE / "ground" / "failures.pxd").read_text(encoding="utf-8")
    text = text.partition(f"cdef enum {enum}:")[2].partition("\n\n\n")[0]
    names = re.findall(r"^    (\w+)", text, re.MULTILINE)[1:]  # the first says that nothing has failed
    if enum == "WriteError":
        names.insert(0, "WRITE_NULL")
    assert sorted(table) == list(range(1, len(names) + 1))
    assert all(each.kind is not None for each in table.values() if each.text not in ("", "{why}"))


# Columns fail as rows do

ROWS_AND_COLUMNS = [
    (EncodeFailure.TYPE, "int", None),
    (EncodeFailure.TYPE, "null", 1),
    (EncodeFailure.RANGE, "int", 2**31),
    (EncodeFailure.RANGE, "float", 1e300),
    (EncodeFailure.SIZE, fixed(2), b"abc"),
    (EncodeFailure.SYMBOL, enum("A", "B"), "C"),
    (EncodeFailure.VALUE, logical("string", "uuid"), "no UUID"),
    (EncodeFailure.VALUE, decimal(4, 0), Decimal(12345)),
    (EncodeFailure.VALUE, decimal(4, 0), Decimal("0.5")),
    (EncodeFailure.LIMIT, "bytes", b"x" * 5000),
]


@pytest.mark.parametrize(("kind", "schema", "value"), ROWS_AND_COLUMNS)
def test_rows_and_columns_have_one_vocabulary_of_writing(kind, schema, value):
    pa = pytest.importorskip("pyarrow")
    encoder = Encoder(record("R", a=schema), limits=Limits(value_bytes=2000))
    of_row = raised(lambda: encoder.encode({"a": value}))
    column = pa.array([value], pa.int64() if value is None else None)
    of_column = raised(lambda: encoder.encode_arrow(pa.table({"a": column})))
    assert of_row.kind is of_column.kind is kind
    assert of_column.row == 0
    if kind is not EncodeFailure.LIMIT:
        assert (of_row.path, of_row.field) == (of_column.path, of_column.field) == ("$.a", "a")
        assert of_row.expected == of_column.expected is not None


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ("int", b"\x80"),
        ("long", b"\xff" * 11),
        ("boolean", b"\2"),
        ("string", b"\1"),
        ("string", b"\2\xff"),
        (["null", "int"], b"\4"),
        (enum("A"), b"\2"),
        (array("int"), b"\1\4\2\2\0"),
        (array("null"), b"\xfe\xff\xff\xff\xff\x0f\0"),
        (logical("string", "uuid"), b"\2x"),
    ],
)
def test_rows_and_columns_have_one_vocabulary_of_reading(schema, data):
    decoder = Decoder(record("R", a="int", b=schema))
    of_row = raised(lambda: decoder.decode(b"\2" + data))
    errors: list[tuple[int, AvroError]] = []
    decoder.decode_arrow([b"\2" + data], on_error="skip", errors=errors)
    ((number, of_column),) = errors
    assert number == of_column.row == 0
    assert (of_column.kind, of_column.field, of_column.path) == (of_row.kind, "b", of_row.path)
    direct = raised(lambda: fill_columns(record("R", a="int", b=schema), b"\2" + data))
    assert direct.kind in (of_row.kind, DecodeFailure.MALFORMED, DecodeFailure.COLUMN)
    assert direct.row == 0


# Facts


def test_the_facts_of_a_write():
    schema = record("R", inner=record("n.Inner", a=array(mapping("int")), suit=enum("X", "Y")))

    def of(inner: Any, **options: Any) -> AvroError:
        return raised(lambda: Encoder(schema, **options).encode({"inner": inner}))

    wrong = of({"a": [{"k": 1.5}], "suit": "X"})
    assert (wrong.kind, wrong.path, wrong.field) == ("TYPE", "$.inner.a[0]['k']", "a")
    assert (wrong.expected, wrong.value_type, wrong.enclosing_field) == ("int", "float", "a")
    assert str(wrong) == f"at {wrong.path}: {wrong.reason}"
    missing = of({"a": []})
    assert (missing.path, missing.field, missing.enclosing_field) == ("$.inner", "suit", "inner")
    assert (missing.kind, missing.value_type) == ("MISSING_FIELD", None)
    extra = of({"a": [], "suit": "X", "more": 1}, extra_fields="error")
    assert (extra.kind, extra.extra, extra.field) == ("EXTRA_FIELD", ("more",), "inner")
    symbol = of({"a": [], "suit": "Z"})
    assert (symbol.kind, symbol.symbol, symbol.field) == ("SYMBOL", "Z", "suit")
    large = of({"a": [{"k": 1 << 40}], "suit": "X"})
    assert (large.kind, large.number, large.expected) == ("RANGE", 1 << 40, "int")
    tagged = raised(lambda: Encoder(["null", "int"]).encode(("str", 1)))
    assert (tagged.kind, tagged.branch, tagged.expected) == ("BRANCH", "str", "union of null, int")
    limited = raised(lambda: Encoder(array("int"), limits=Limits(items=1)).encode([1, 2]))
    assert (limited.kind, limited.limit, limited.number) == ("LIMIT", "items", 2)


def test_words_in_a_value_are_no_facts():
    """Its text quotes the value, which may say anything."""
    error = raised(lambda: Encoder(record("R", a="int")).encode({"a": "field 'b' is missing from x"}))
    assert (error.kind, error.field, error.expected) == ("TYPE", "a", "int")


def test_the_facts_of_a_read():
    schema = record("R", a=array(["null", "int", enum("X")]))

    def of(data: bytes) -> AvroError:
        return raised(lambda: Decoder(schema).decode(data))

    branch = of(b"\4\0\x08\0")
    assert (branch.kind, branch.branch, branch.path, branch.offset) == ("BRANCH", 4, "$.a[1]", 2)
    symbol = of(b"\2\4\x06\0")
    assert (symbol.kind, symbol.symbol, symbol.field) == ("SYMBOL", 3, "a")
    assert of(b"").kind is DecodeFailure.NO_DATA
    assert of(b"\2").kind is DecodeFailure.TRUNCATED
    large = raised(lambda: Decoder("int").decode(b"\x80\x80\x80\x80\x10"))
    assert (large.kind, large.number, large.expected) == ("RANGE", 2**31, "int")
    decoder = Decoder("bytes", limits=Limits(value_bytes=2))
    limited = raised(lambda: decoder.decode(b"\x06abc"))
    assert (limited.kind, limited.limit, limited.number) == ("LIMIT", "value_bytes", 3)
    text = raised(lambda: Encoder(schema).from_json('{"a": [\n{"int": true}]}'))
    assert (text.kind, text.line, text.field, text.expected) == ("TYPE", 2, "a", "int")


def test_data_that_end_between_data_and_within_one():
    """Where one datum follows the other, no byte of the next is no data."""
    decoder = Decoder(record("R", a="int", b="int"))
    assert raised(lambda: decoder.decode_from(b"\2\2", 2)).kind is DecodeFailure.NO_DATA
    assert raised(lambda: decoder.decode_from(b"\2\2\2", 2)).kind is DecodeFailure.TRUNCATED
    assert raised(lambda: decoder._decode_block(b"\2\2", 2)).kind is DecodeFailure.NO_DATA
    cut = raised(lambda: decoder.decode_many(b"\2\2\2"))
    assert (cut.kind, cut.row) == (DecodeFailure.TRUNCATED, 1)


def test_the_facts_of_a_resolution():
    error = raised(lambda: Decoder(record("n.W", a="int"), record("W", a="int", b="long")))
    assert error.kind is Incompatibility.READER_FIELD_MISSING_DEFAULT_VALUE
    assert (error.field, error.writer_name, error.reader_name) == ("b", "n.W", None)
    decoder = Decoder(enum("A", "B"), enum("A"))
    error = raised(lambda: decoder.decode(b"\2"))
    assert (error.kind, error.symbol) == (Incompatibility.MISSING_ENUM_SYMBOLS, "B")
    assert error.reader_name == parse_schema(enum("A")).fullname
    decoder = Decoder(["int", "string"], "int")
    error = raised(lambda: decoder.decode(b"\2\2a"))
    assert (error.kind, error.writer_name, error.reader_name) == ("TYPE_MISMATCH", "string", "int")
    assert (error.path, error.writer_path) == ("$", "[1]")
    millis, micros = logical("long", "timestamp-millis"), logical("long", "timestamp-micros")
    error = raised(lambda: Decoder(micros, millis).decode(b"\2"))
    assert (error.kind, error.number, error.writer_name) == ("LOGICAL_TYPE_MISMATCH", 1, "timestamp-micros")


def test_the_place_of_a_row():
    error = raised(lambda: avrojet.write(io.BytesIO(), "int", [1, 2, "x"]))
    assert (error.row, error.kind, str(error)[:10]) == (2, "TYPE", "record 2: ")
    data = io.BytesIO()
    avrojet.write(data, "long", [300] * 5)
    broken = data.getvalue().replace(b"\xd8\x04" * 5, b"\xd8\x04" * 3 + b"\xff" * 4)
    error = raised(lambda: avrojet.read(io.BytesIO(broken)))
    assert (error.block, error.row, error.kind) == (0, 3, "TRUNCATED")


# Classes


@pytest.mark.parametrize(
    ("work", "error", "made"),
    [
        (
            lambda: Encoder("bytes", limits=Limits(value_bytes=2)).encode(b"abc"),
            EncodeError,
            EncodeLimitError,
        ),
        (
            lambda: Decoder("bytes", limits=Limits(value_bytes=2)).decode(b"\x06abc"),
            DecodeError,
            DecodeLimitError,
        ),
        (lambda: parse_schema('"int"', limits=Limits(schema_bytes=2)), SchemaError, SchemaLimitError),
        (
            lambda: avrojet.parse_idl("schema int;", limits=Limits(schema_bytes=2)),
            SchemaError,
            SchemaLimitError,
        ),
    ],
)
def test_a_limit_is_an_error_of_its_own_work(work, error, made):
    with pytest.raises(LimitError) as caught:
        work()
    assert type(caught.value) is made
    assert isinstance(caught.value, ValueError)
    kinds = {EncodeError, DecodeError, SchemaError}
    assert {kind for kind in kinds if isinstance(caught.value, kind)} == {error}
    assert caught.value.limit is not None


def every_error() -> Iterator[AvroError]:
    yield raised(lambda: Encoder(record("R", a="int")).encode({"a": "x"}))
    yield raised(lambda: Encoder(record("R", a="int"), extra_fields="error").encode({"a": 1, "b": 2}))
    yield raised(lambda: Decoder(record("R", a="int")).decode(b""))
    yield raised(lambda: Decoder("string", "int"))
    yield raised(lambda: Encoder("int").from_json("[\n]"))
    yield raised(lambda: avrojet.parse_idl("record ;"))
    yield raised(lambda: Decoder("bytes", limits=Limits(value_bytes=2)).decode(b"\x06abc"))
    yield raised(lambda: avrojet.write(io.BytesIO(), "int", ["x"]))
    error = raised(lambda: parse_schema({"type": "x\n"}))
    tell_place(error, "a\nfile", file="a\nfile")
    yield error


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_are_copied_with_all_their_facts(again):
    for error in every_error():
        other = again(error)
        assert type(other) is type(error)
        assert (str(other), other.args, facts_of(other)) == (str(error), error.args, facts_of(error))
        assert other.kind is error.kind


def test_a_fact_that_is_none_is_refused():
    with pytest.raises(TypeError, match="no facts of an error: colour"):
        TruncatedError("x", colour="red")  # type: ignore[call-arg]


SHORT_OF_MEMORY = """
import resource

import pyarrow as pa
from avrojet import Encoder, Limits

limits = Limits(value_bytes=1 << 31)
fields = [{"name": "a", "type": {"type": "array", "items": "bytes"}}]
schema = {"type": "record", "name": "R", "fields": fields}
encoder = Encoder(schema, limits=limits)
block = encoder._block()
value = bytes(16 << 20)
table = pa.table({"a": pa.ListArray.from_arrays([0, 64], pa.DictionaryArray.from_arrays([0] * 64, [value]))})
calls = {
    "rows": lambda: encoder.encode({"a": [value] * 64}),
    "blocks": lambda: block.append({"a": [value] * 64}),
    "columns": lambda: encoder.encode_arrow(table),
}
with open("/proc/self/statm") as file:
    size = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + (256 << 20), size + (256 << 20)))
for name, call in calls.items():
    try:
        call()
    except Exception as error:
        print(name, type(error).__name__)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_want_of_memory_is_no_limit():
    """1 GiB is to be encoded where there is a quarter of it."""
    pytest.importorskip("pyarrow")
    done = subprocess.run(
        [sys.executable, "-c", SHORT_OF_MEMORY], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.split("\n")[:-1] == [f"{name} MemoryError" for name in ("rows", "blocks", "columns")]
