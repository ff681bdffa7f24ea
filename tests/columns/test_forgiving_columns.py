"""Columns are written where rows would be, and nothing is written that no reader takes."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

import avrojet
from avrojet import EncodeError, SchemaError, read, write_arrow

pa = pytest.importorskip("pyarrow")


def record_of(**types: Any) -> Any:
    return {"type": "record", "name": "R", "fields": [{"name": n, "type": t} for n, t in types.items()]}


def logical(type: str, name: str, **attributes: Any) -> Any:
    return {"type": type, "logicalType": name, **attributes}


def decimal(precision: int, scale: int) -> Any:
    return logical("bytes", "decimal", precision=precision, scale=scale)


def rows_of(data: Any, type: Any, **options: Any) -> list[Any]:
    """What is written of a column ``m`` as that type."""
    file = io.BytesIO()
    write_arrow(file, data, record_of(m=type), **options)
    file.seek(0)
    return [row["m"] for row in read(file)]


def table(values: Any, type: Any = None) -> Any:
    return pa.table({"m": pa.array(values, type)})


# Text as decimals


NUMBERS = pa.array(["1.25", None, "-4.5", "1e3"])


@pytest.mark.parametrize(
    "column",
    [
        NUMBERS,
        NUMBERS.cast(pa.large_string()),
        pa.array(NUMBERS.to_pylist(), pa.string_view()),
        NUMBERS.dictionary_encode(),
    ],
    ids=lambda column: str(column.type)[:12],
)
def test_text_goes_to_a_decimal_as_the_number_that_it_says(column):
    wanted = [Decimal("1.25"), None, Decimal("-4.50"), Decimal("1000.00")]
    assert rows_of(pa.table({"m": column}), ["null", decimal(9, 2)]) == wanted


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.255", "more digits after the point than the decimal's scale"),
        ("12345678", "more digits than the decimal's precision"),
        ("1,25", "a text that is not a decimal number"),
        ("", "a text that is not a decimal number"),
        ("NaN", "a text that is not a decimal number"),
    ],
)
def test_text_that_is_no_such_decimal_is_an_error_with_row_and_path(text, reason):
    with pytest.raises(EncodeError, match=rf"^at \$\.m, row 1: .*{reason}") as caught:
        rows_of(table(["1.25", text]), decimal(9, 2))
    assert caught.value.path == "$.m"


def test_frames_of_polars_with_text_for_a_decimal(tmp_path):
    pl = pytest.importorskip("polars")
    import avrojet.polars

    frame = pl.DataFrame({"price": ["1.25", "4.50"]})
    avrojet.polars.write_avro(frame, tmp_path / "p.avro", schema=record_of(price=decimal(9, 2)))
    assert read(tmp_path / "p.avro") == [{"price": Decimal("1.25")}, {"price": Decimal("4.50")}]
    assert rows_of(table(["1.50", "1e5"]), logical("bytes", "big-decimal")) == [
        Decimal("1.50"),
        Decimal("1e5"),
    ]


def test_long_text_is_bounded_as_rows_are():
    limits = avrojet.Limits(decimal_bytes=100)
    assert rows_of(table(["9" * 200]), decimal(5000, 0), limits=limits) == [Decimal("9" * 200)]
    for text, scale in (("9" * 300, 0), ("1e290", 0), ("1", 290)):
        with pytest.raises(avrojet.LimitError, match="decimal_bytes"):
            rows_of(table([text]), decimal(5000, scale), limits=limits)
    assert rows_of(table(["9" * 9000 + ".5"]), decimal(9002, 2)) == [Decimal("9" * 9000 + ".50")]


# Objects


@pytest.mark.parametrize("write", ["polars", "write_arrow", "encode_arrow"])
def test_a_column_of_python_objects_is_refused(write, tmp_path):
    pl = pytest.importorskip("polars")
    import avrojet.polars

    frame = pl.DataFrame({"id": [1, 2], "o": pl.Series([object(), None], dtype=pl.Object)})
    with pytest.raises(SchemaError, match=r"^\$\.o: the column holds Python objects") as caught:
        if write == "polars":
            avrojet.polars.write_avro(frame, tmp_path / "o.avro")
        elif write == "write_arrow":
            write_arrow(tmp_path / "o.avro", frame)
        else:
            avrojet.Encoder(record_of(id="long", o={"type": "fixed", "name": "F", "size": 8})).encode_arrow(
                frame
            )
    assert caught.value.path == "$.o"
    assert not (tmp_path / "o.avro").exists()
    with pytest.raises(SchemaError, match="Python objects"):
        write_arrow(tmp_path / "o.avro", frame["o"])
    write_arrow(tmp_path / "o.avro", frame.drop("o"))


# Nothing that no reader takes


@pytest.mark.parametrize(
    ("array", "type", "reason"),
    [
        (pa.array([90_000_000], pa.int32()), logical("int", "time-millis"), "90000000 is out of range"),
        (pa.array([-5], pa.int64()), logical("long", "time-micros"), "-5 is out of range"),
        (pa.array([b"\x7f" * 9]), decimal(9, 2), "more digits than the decimal's precision"),
        (pa.array([b"abc"]), logical("bytes", "big-decimal"), "not the unscaled number and the scale"),
        (pa.array(["abc"]), logical("bytes", "big-decimal"), "not a decimal number"),
    ],
    ids=str,
)
def test_plain_encodings_are_what_readers_take(array, type, reason):
    column = pa.table({"m": array})
    with pytest.raises(EncodeError, match=rf"^at \$\.m, row 0: .*{reason}"):
        rows_of(column, type)
    if not pa.types.is_string(array.type):
        file = io.BytesIO()
        write_arrow(file, column, record_of(m=type), logical_types=False)
        file.seek(0)
        assert read(file, logical_types=False) == [{"m": array[0].as_py()}]


def test_types_of_time_need_logical_types():
    with pytest.raises(SchemaError, match=r"time32\[ms\], which does not fit int"):
        rows_of(table([0], pa.time32("ms")), logical("int", "time-millis"), logical_types=False)


# As forgiving as rows


@pytest.mark.parametrize(
    ("array", "type", "rows"),
    [
        (pa.array([Decimal("1.1"), Decimal("22.3")]), decimal(10, 2), [Decimal("1.10"), Decimal("22.30")]),
        (pa.array([Decimal("1.100")]), decimal(10, 1), [Decimal("1.1")]),
        (pa.array([Decimal(10) ** 30], pa.decimal256(70, 20)), decimal(60, 0), [Decimal(10) ** 30]),
        (pa.array([12]), decimal(10, 2), [Decimal("12.00")]),
        (pa.array([2**64 - 1], pa.uint64()), decimal(40, 19), [Decimal(2**64 - 1)]),
        (pa.array([[], []], pa.list_(pa.null())), {"type": "array", "items": "string"}, [[], []]),
        (
            pa.array([[], None], pa.list_(pa.null())),
            ["null", {"type": "array", "items": decimal(9, 2)}],
            [[], None],
        ),
        (pa.array([None, None], pa.null()), ["null", decimal(9, 2)], [None, None]),
        (pa.array([None, None], pa.int32()), "null", [None, None]),
        (pa.array([0.5]), "float", [0.5]),
        (pa.array([0.1]), "float", [0.10000000149011612]),
        (pa.array([2**53 + 1]), "double", [2.0**53]),
        (pa.array([datetime(2024, 2, 29)], pa.timestamp("ns")), logical("int", "date"), [date(2024, 2, 29)]),
        (pa.array([f"{{{UUID(int=5)}}}"]), logical("string", "uuid"), [UUID(int=5)]),
        (pa.array([1, 2**40]), ["null", "int", "double"], [1, 2.0**40]),
        (pa.array([2**40, 5]), ["double", "int"], [2.0**40, 5]),
        (pa.array([b"\xff", b"a", None]), ["string", "bytes", "null"], [b"\xff", b"a", None]),
    ],
    ids=str,
)
def test_a_column_goes_where_its_values_go(array, type, rows):
    shown = rows_of(pa.table({"m": array}), type)
    assert shown == rows
    assert [each.__class__ for each in shown] == [each.__class__ for each in rows]


def enum(name: str, *symbols: str) -> Any:
    return {"type": "enum", "name": name, "symbols": list(symbols)}


def test_each_value_goes_to_the_first_branch_that_can_hold_it():
    texts = pa.array(["a", "c", None, "b"])
    wanted = ["a", "c", None, "b"]
    type = ["null", enum("E", "a", "b"), enum("F", "c")]
    for column in (texts, texts.dictionary_encode(), pa.array(wanted, pa.string_view())):
        assert rows_of(pa.table({"m": column}), type) == wanted
    with pytest.raises(EncodeError, match="row 1: a text that is not a symbol"):
        rows_of(table(["a", "x"]), type)
    records = [
        {"type": "record", "name": name, "fields": [{"name": "x", "type": t}]}
        for name, t in (("A", "int"), ("B", {"type": "array", "items": "double"}), ("C", "long"))
    ]
    assert rows_of(table([{"x": 1}, {"x": 2**40}]), records) == [{"x": 1}, {"x": 2**40}]
    large = [[{"x": 2**40}] * 3, [], [{"x": 1}] * 5000]
    assert rows_of(table(large), {"type": "array", "items": records}) == large


def test_a_branch_that_fails_leaves_nothing_after():
    """The list is written up to what does not fit, and then again as the other branch has it."""
    type = [
        {"type": "record", "name": "A", "fields": [{"name": "x", "type": {"type": "array", "items": "int"}}]},
        {
            "type": "record",
            "name": "B",
            "fields": [{"name": "x", "type": {"type": "array", "items": "double"}}],
        },
    ]
    rows = [{"x": [1] * 3000 + [2**40]}, {"x": [1]}, {"x": []}]
    assert rows_of(table(rows), type) == rows


@pytest.mark.parametrize(
    ("array", "type", "reason"),
    [
        (pa.array([None], pa.null()), "int", "null where the schema allows none"),
        (
            pa.array([[None]], pa.list_(pa.null())),
            {"type": "array", "items": "int"},
            "null where the schema allows",
        ),
        (pa.array([1]), "null", "a value where the schema allows null only"),
        (pa.array([Decimal("1.23")]), decimal(9, 1), "more digits after the point than the decimal's scale"),
        (pa.array([Decimal("1.23")], pa.decimal128(38, 30)), decimal(9, 1), "more digits after the point"),
        (pa.array([12345]), decimal(6, 2), "more digits than the decimal's precision"),
        (pa.array([-(2**63)]), decimal(18, 0), "more digits than the decimal's precision"),
        (
            pa.array([datetime(2024, 2, 29, 1)], pa.timestamp("ms")),
            logical("int", "date"),
            "not a whole number",
        ),
        (pa.array([float("inf"), 1e39]), "float", "1e.39 is out of range"),
    ],
    ids=str,
)
def test_a_value_that_does_not_go_there(array, type, reason):
    with pytest.raises(EncodeError, match=rf"^at \$\.m(\[\])?, row {len(array) - 1}: .*{reason}"):
        rows_of(pa.table({"m": array}), type)


def test_options_of_rows_apply():
    stamp = logical("long", "timestamp-millis")
    naive = table([datetime(1969, 12, 31, 23, 59, 59, 999_999)], pa.timestamp("us"))
    with pytest.raises(SchemaError, match=r"no time zone.*timestamp\[ms, UTC\].*naive_datetimes=\"utc\""):
        rows_of(naive, stamp)
    with pytest.raises(
        EncodeError, match="not a whole number of the schema's unit of time; truncate_times=True"
    ):
        rows_of(naive, stamp, naive_datetimes="utc")
    cut = datetime(1969, 12, 31, 23, 59, 59, 999_000, UTC)
    assert rows_of(naive, stamp, naive_datetimes="utc", truncate_times=True) == [cut]
    encoder = avrojet.Encoder(stamp, naive_datetimes="utc", truncate_times=True)
    assert pa.array(encoder.encode_arrow(naive["m"])).to_pylist() == [encoder.encode(cut)] == [b"\x01"]


# What users are told


@pytest.mark.parametrize(
    ("array", "type", "message"),
    [
        (
            pa.array([{"a": 1}]),
            {"type": "map", "values": "long"},
            "struct, which does not fit map: cast it to map",
        ),
        (pa.array([1.5]), "long", "double, which does not fit long: cast it to int64"),
        (pa.array([1]), "string", "int64, which does not fit string: cast it to utf8"),
        (pa.array([1], pa.int32()), "boolean", "int32, which does not fit boolean: cast it to bool"),
        (
            pa.array([1.5], pa.float32()),
            decimal(9, 2),
            r"float, .* \(decimal\): cast it to decimal128\(9, 2\)",
        ),
        (pa.array([[1]]), "long", "list, which does not fit long"),
        (pa.array(["x"]).dictionary_encode(), "int", "utf8, which does not fit int: cast it to int32"),
        (
            pa.array([True]),
            ["null", "int", "string"],
            "bool, which does not fit union .*cast it to int32 or utf8",
        ),
        (
            pa.array([0], pa.time64("us")),
            logical("long", "timestamp-micros"),
            r"time64\[us\].*timestamp\[us, UTC\]",
        ),
        (
            pa.array([b"ab"], pa.binary(2)),
            {"type": "fixed", "name": "F", "size": 3},
            r"fixed_size_binary\(3\)$",
        ),
    ],
    ids=str,
)
def test_messages_name_types_as_people_do(array, type, message):
    with pytest.raises(SchemaError, match=rf"^\$\.m: the column is .*{message}") as caught:
        rows_of(pa.table({"m": array}), type)
    assert "Arrow's type" not in str(caught.value)


# pandas


@pytest.fixture
def to_rows():
    pytest.importorskip("pandas")
    import avrojet.pandas

    def rows(values: Any, type: Any, **options: Any) -> list[Any]:
        import pandas as pd

        frame = values if isinstance(values, pd.DataFrame) else pd.DataFrame({"m": values})
        file = io.BytesIO()
        avrojet.pandas.to_avro(frame, file, schema=record_of(m=type), **options)
        file.seek(0)
        return [row["m"] for row in read(file)]

    return rows


def test_pandas_writes_what_rows_write(to_rows):
    import numpy as np
    import pandas as pd

    nan = float("nan")
    assert to_rows([{"a": 1}, {"b": 2}, {}], {"type": "map", "values": "long"}) == [{"a": 1}, {"b": 2}, {}]
    assert to_rows([Decimal("1.1"), Decimal("22.3"), None, nan], ["null", decimal(10, 2)]) == [
        Decimal("1.10"), Decimal("22.30"), None, None,
    ]  # fmt: skip
    assert to_rows([[], []], {"type": "array", "items": "string"}) == [[], []]
    assert to_rows([None, None], ["null", {"type": "map", "values": "int"}]) == [None, None]
    assert to_rows([nan, nan], ["null", "string"]) == [None, None]
    assert to_rows([1.0, nan], ["null", "long"]) == [1, None]
    assert to_rows([1.5, nan], "double")[0] == 1.5
    assert to_rows([1.5, nan], ["null", "double"]) == [1.5, None]
    assert to_rows([1, "a", None], ["null", "int", "string"]) == [1, "a", None]
    assert to_rows([{"member0": None, "member1": "x"}], ["int", "string"]) == ["x"]
    assert to_rows(["A", "B"], enum("E", "A", "B")) == ["A", "B"]
    assert to_rows([UUID(int=1)], logical("string", "uuid")) == [UUID(int=1)]
    days = pd.to_datetime(["2024-02-29"])
    assert to_rows(pd.DataFrame({"m": days}), logical("int", "date")) == [date(2024, 2, 29)]
    lists = [np.array(["2024-02-29"], dtype="datetime64[s]")]
    stamps = {"type": "array", "items": logical("long", "timestamp-millis")}
    assert to_rows(lists, stamps) == [[datetime(2024, 2, 29, tzinfo=UTC)]]
    row = {"type": "record", "name": "S", "fields": [{"name": "x", "type": ["null", "int"]}]}
    assert to_rows([{"x": 1}, {}], row) == [{"x": 1}, {"x": None}]


@pytest.mark.parametrize(
    ("values", "type", "message"),
    [
        (["1.5", Decimal("1.555")], decimal(9, 2), r"^at \$\.m, row 0: "),
        (
            [Decimal("1.5"), Decimal("1.555")],
            decimal(9, 2),
            r"^at \$\.m, row 1: .*digits after the point than the scale",
        ),
        ([1.0, 1.5], "long", r"^at \$\.m, row 1: 1\.5 is not a 64-bit integer"),
        ([1.0, 1e300], "long", r"^at \$\.m, row 1: 1e\+300 is not a 64-bit integer"),
        ([[1], ["x"]], {"type": "array", "items": "int"}, r"^at \$\.m\[0\], row 1: expected int"),
        ([{"a": 1}, {"a": None}], {"type": "map", "values": "int"}, r"^at \$\.m.*, row 1: "),
        ([datetime(2024, 1, 1), "x"], logical("long", "timestamp-millis"), r"^at \$\.m, row 0: .*zone"),
        ([Fraction(1, 3)], "string", r"^at \$\.m, row 0: expected string"),
    ],
    ids=str,
)
def test_pandas_tells_row_and_path(to_rows, values, type, message):
    with pytest.raises(EncodeError, match=message):
        to_rows(values, type)


def test_the_index_of_pandas_with_a_schema(tmp_path):
    pd = pytest.importorskip("pandas")
    import avrojet.pandas

    frame = pd.DataFrame({"m": [{"a": 1}, {}]}, index=pd.Index(["x", "y"], name="key"))
    schema = record_of(key="string", m={"type": "map", "values": "int"})
    avrojet.pandas.to_avro(frame, tmp_path / "f.avro", schema=schema)
    assert read(tmp_path / "f.avro") == [{"key": "x", "m": {"a": 1}}, {"key": "y", "m": {}}]
    with pytest.raises(SchemaError, match="no field 'key'"):
        avrojet.pandas.to_avro(
            frame, tmp_path / "f.avro", schema=record_of(m={"type": "map", "values": "int"})
        )
    avrojet.pandas.to_avro(
        frame,
        tmp_path / "f.avro",
        schema=record_of(m={"type": "map", "values": "int"}),
        extra_columns="ignore",
    )
    assert read(tmp_path / "f.avro") == [{"m": {"a": 1}}, {"m": {}}]


@pytest.mark.parametrize("backend", [None, "numpy_nullable"])
@pytest.mark.parametrize(
    ("items", "values"),
    [
        (logical("string", "uuid"), [UUID(int=5), UUID(int=6)]),
        ({"type": "fixed", "name": "F", "size": 3}, [b"abc", b"def"]),
        ({"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"}, [bytes(12), b"\1" * 12]),
    ],
    ids=["uuid", "fixed", "duration"],
)
def test_pandas_reads_lists_of_bytes_of_one_size(items, values, backend):
    pytest.importorskip("pandas")
    import numpy as np

    import avrojet.pandas

    file = io.BytesIO()
    schema = record_of(n="long", ids={"type": "array", "items": items})
    avrojet.write(file, schema, [{"n": 1, "ids": values}, {"n": 2, "ids": []}])
    file.seek(0)
    frame = avrojet.pandas.read_avro(file, dtype_backend=backend)
    assert list(frame.columns) == ["n", "ids"]
    assert isinstance(frame["ids"].iloc[0], np.ndarray)
    assert [list(each) for each in frame["ids"]] == [values, []]
    assert frame["n"].tolist() == [1, 2]
