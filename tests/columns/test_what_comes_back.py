"""What Avro has no type for comes back by attributes: names, zones, durations, dictionaries, maps."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

import avrojet
from avrojet import ArrowTypes, DataFileReader, SchemaError, parse_schema, read, read_arrow, write_arrow

pa = pytest.importorskip("pyarrow")


def record_of(**types: Any) -> Any:
    return {"type": "record", "name": "R", "fields": [{"name": n, "type": t} for n, t in types.items()]}


def written(data: Any, *args: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    write_arrow(file, data, *args, **options)
    return file.getvalue()


def schema_of(data: bytes) -> Any:
    with DataFileReader(io.BytesIO(data)) as reader:
        return reader.schema


def table_of(data: bytes, **options: Any) -> Any:
    return pa.table(read_arrow(io.BytesIO(data), **options))


# Names


ODD = pa.table({"order id": [1], "0": [2], "sum(x)": [3.5], "order_id": ["a"], "": [True], "ä": [None]})


def test_names_that_avro_does_not_take_are_replaced_and_come_back():
    with pytest.raises(SchemaError, match=r"^\$\.order id: .*names=\"replace\""):
        written(ODD)
    data = written(ODD, names="replace")
    names = [field.name for field in schema_of(data).fields]
    assert names == ["order_id_2", "_0", "sum_x_", "order_id", "_", "__2"]
    assert all(name.isidentifier() and name.isascii() for name in names)
    assert table_of(data).to_pydict() == ODD.to_pydict()
    assert read(io.BytesIO(data))[0]["order_id_2"] == 1
    assert written(table_of(data), sync_marker=bytes(16)) == written(
        read_arrow(io.BytesIO(data)), sync_marker=bytes(16)
    )


def test_a_column_is_chosen_by_its_own_name():
    data = written(ODD, names="replace")
    assert table_of(data, columns=["sum(x)", "order id", "_0"]).column_names == ["sum(x)", "order id", "0"]
    assert table_of(data, columns=["order_id"]).to_pydict() == {"order_id": ["a"]}


def test_replaced_names_within_records_and_to_a_schema_that_is_given():
    within = pa.table({"s": [{"a-b": 1, "a b": 2}]})
    data = written(within, names="replace")
    assert table_of(data).to_pydict() == within.to_pydict()
    plain = record_of(order_id="long")
    assert read(io.BytesIO(written(pa.table({"order id": [7]}), plain, names="replace"))) == [{"order_id": 7}]
    with pytest.raises(SchemaError, match="order_id: there is no such column"):
        written(pa.table({"order id": [7]}), plain)
    with pytest.raises(ValueError, match="names must be 'strict' or 'replace'"):
        written(ODD, names="lax")
    target = io.BytesIO()
    with avrojet.DataFileWriter(target, plain) as writer:
        writer.write_arrow(pa.table({"order id": [7]}), names="replace")
    message = avrojet.Encoder(plain).encode_arrow(pa.table({"order id": [7]}), names="replace")
    assert pa.array(message).to_pylist() == [b"\x0e"]


@pytest.mark.parametrize("name", ["a\0b", "\ud800", 7, None, "n"])
def test_an_attribute_that_is_no_name_of_a_column_is_left_alone(name):
    fields = [{"name": "a", "type": "int", "arrow.name": name}, {"name": "n", "type": "int"}]
    schema = parse_schema({"type": "record", "name": "R", "fields": fields})
    file = io.BytesIO()
    avrojet.write(file, schema, [{"a": 1, "n": 2}])
    assert table_of(file.getvalue()).column_names == ["a", "n"]


# Dots in names


DOTS = parse_schema(
    {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "a.b", "type": "string"},
            {"name": "a", "type": {**record_of(b="int", c="int"), "name": "A"}},
            {"name": "x.y", "type": {**record_of(z="int"), "name": "Z"}},
        ],
    },
    names="lax",
)
DOTTED = {"a.b": "s", "a": {"b": 1, "c": 2}, "x.y": {"z": 3}}


@pytest.fixture
def dotted(tmp_path):
    avrojet.write(tmp_path / "dots.avro", DOTS, [DOTTED])
    return tmp_path / "dots.avro"


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        ("a.b", {"a.b": ["s"]}),
        (("a", "b"), {"a": [{"b": 1}]}),
        (("a.b",), {"a.b": ["s"]}),
        ("a.c", {"a": [{"c": 2}]}),
        ("x.y.z", {"x.y": [{"z": 3}]}),
        (("x.y", "z"), {"x.y": [{"z": 3}]}),
        ("x.y", {"x.y": [{"z": 3}]}),
    ],
)
def test_names_with_dots(dotted, column, shown):
    assert pa.table(read_arrow(dotted, columns=[column])).to_pydict() == shown
    with DataFileReader(dotted) as reader:
        assert pa.table(reader.to_arrow([column])).to_pydict() == shown


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ([1], TypeError, "a column must be a name, such as 'id' or 'customer.name', or a path.*not 1"),
        ([("a", 1)], TypeError, "a column must be a name"),
        ([()], TypeError, "a column must be a name"),
        ("a.b", TypeError, "columns must be a sequence of names"),
        (7, TypeError, "columns must be a sequence of names"),
        (["a.d"], SchemaError, "no column 'a.d': 'a' .* has no field 'd'"),
        ([("a", "b", "c")], SchemaError, "has no fields"),
        (["x.z"], SchemaError, "did you mean"),
    ],
)
def test_what_is_no_column(dotted, columns, error, message):
    with pytest.raises(error, match=message):
        read_arrow(dotted, columns=columns)


def test_queries_mean_the_columns_that_they_name(dotted):
    pl = pytest.importorskip("polars")
    import avrojet.polars

    query = avrojet.polars.scan_avro(dotted)
    for names in (["a.b"], ["a"], ["x.y", "a.b"]):
        assert query.select(names).collect().to_dicts() == [{name: DOTTED[name] for name in names}]
    chosen = avrojet.polars.scan_avro(dotted, columns=["a.b", "a.c", "x.y.z"])
    assert chosen.select("a").collect().to_dicts() == [{"a": {"c": 2}}]
    assert chosen.select("x.y").collect().to_dicts() == [{"x.y": {"z": 3}}]
    assert chosen.select(pl.col("a.b")).collect().to_dicts() == [{"a.b": "s"}]


# Metadata


def test_metadata_of_a_file_go_through_columns():
    file = io.BytesIO()
    metadata = {"format-version": "2", "odd": b"\xff\0", "empty": b""}
    avrojet.write(file, record_of(a="int", b="int"), [{"a": 1, "b": 2}], metadata=metadata)
    data = file.getvalue()
    schema = pa.schema(read_arrow(io.BytesIO(data)))
    assert schema.metadata[b"avrojet.metadata.format-version"] == b"2"
    assert schema.metadata[b"avrojet.metadata64.odd"] == b"/wA="
    assert b"avro.schema" not in schema.metadata  # other libraries would encode by it
    for source in (read_arrow(io.BytesIO(data)), table_of(data)):
        with DataFileReader(io.BytesIO(written(source, metadata={"format-version": "3"}))) as copy:
            own = {key: value for key, value in copy.metadata.items() if not key.startswith("avro.")}
            assert own == {"format-version": b"3", "odd": b"\xff\0", "empty": b""}
    with DataFileReader(io.BytesIO(data)) as reader:
        assert pa.schema(reader.to_arrow()).metadata == schema.metadata
    # They say what that file is: another schema is another file.
    other = table_of(data).append_column("c", pa.array([1]))
    with DataFileReader(io.BytesIO(written(other))) as reader:
        assert "format-version" not in reader.metadata
    pl = pytest.importorskip("polars")
    assert pl.DataFrame(read_arrow(io.BytesIO(data))).to_dicts() == [{"a": 1, "b": 2}]


# Types


def test_durations_and_zones_come_back():
    table = pa.table(
        {
            **{unit: pa.array([-1, None, 7], pa.duration(unit)) for unit in ("s", "ms", "us", "ns")},
            "berlin": pa.array([0, None, 10**9], pa.timestamp("us", "Europe/Berlin")),
            "offset": pa.array([0, None, 10**9], pa.timestamp("ms", "+05:30")),
            "naive": pa.array([0, None, 10**9], pa.timestamp("ns")),
            "list": pa.array([[1], [], None], pa.list_(pa.duration("us"))),
        }
    )
    again = table_of(written(table))
    assert again.schema.types == table.schema.types
    assert again.equals(table)
    plain = table_of(written(table), logical_types=False)
    assert set(plain.schema.types) == {pa.int64(), pa.list_(pa.int64())}
    for zone in ("UTC", "Etc/UTC", "+00:00"):
        made = schema_of(written(pa.table({"t": pa.array([0], pa.timestamp("us", zone))})))
        assert "arrow.timezone" not in made.json


@pytest.mark.parametrize(
    "attributes",
    [
        {"type": "long", "arrow.format": "tDx"},
        {"type": "long", "arrow.format": 7},
        {"type": "int", "arrow.format": "tDu"},
        {"type": "string", "arrow.dictionary": "yes"},
        {"type": "string", "arrow.dictionary": [1]},
        {"type": "bytes", "arrow.dictionary": True},
        {"type": "long", "logicalType": "timestamp-micros", "arrow.timezone": "a\nb"},
        {"type": "long", "logicalType": "timestamp-micros", "arrow.timezone": "x" * 1000},
        {"type": "long", "logicalType": "local-timestamp-micros", "arrow.timezone": "Europe/Berlin"},
    ],
    ids=str,
)
def test_attributes_of_others_change_nothing(attributes):
    bare = {key: value for key, value in attributes.items() if not key.startswith("arrow.")}
    file, plain = io.BytesIO(), io.BytesIO()
    avrojet.write(file, record_of(a=attributes), [])
    avrojet.write(plain, record_of(a=bare), [])
    assert table_of(file.getvalue()).schema.types == table_of(plain.getvalue()).schema.types


def test_durations_go_to_the_unit_of_the_schema():
    schema = record_of(d={"type": "long", "arrow.format": "tDm"})
    millis = pa.table({"d": pa.array([2], pa.duration("s"))})
    assert read(io.BytesIO(written(millis, schema))) == [{"d": 2000}]
    with pytest.raises(avrojet.EncodeError, match="1500 is not a whole number"):
        written(pa.table({"d": pa.array([1500], pa.duration("us"))}), schema)
    cut = written(pa.table({"d": pa.array([-1500], pa.duration("us"))}), schema, truncate_times=True)
    assert read(io.BytesIO(cut)) == [{"d": -2}]
    interval = pa.array([pa.MonthDayNano([0, 0, 3_000_000])], pa.month_day_nano_interval())
    assert read(io.BytesIO(written(pa.table({"d": interval}), schema))) == [{"d": 3}]
    days = pa.array([pa.MonthDayNano([0, 1, 0])], pa.month_day_nano_interval())
    with pytest.raises(avrojet.EncodeError, match=r"at \$\.d, row 0: an interval with months or days"):
        written(pa.table({"d": days}), schema)
    with pytest.raises(SchemaError, match="does not fit long"):
        written(pa.table({"d": interval}), record_of(d="long"))


ENTRIES = [[{"key": 2, "value": "a"}, {"key": 1, "value": None}], []]


@pytest.mark.parametrize(
    "attributes",
    [({"logicalType": "map"}, {}), ({}, {"connect.internal.type": "MapEntry"})],
    ids=["Iceberg", "Kafka Connect"],
)
def test_maps_with_other_keys(attributes):
    of_array, of_record = attributes
    fields = [{"name": "key", "type": "int"}, {"name": "value", "type": ["null", "string"]}]
    entry = {"type": "record", "name": "Entry", "fields": fields, **of_record}
    schema = record_of(m={"type": "array", "items": entry, **of_array})
    file = io.BytesIO()
    avrojet.write(file, schema, [{"m": each} for each in ENTRIES])
    table = table_of(file.getvalue())
    assert pa.types.is_map(table.schema.field("m").type)
    assert table["m"].to_pylist() == [[(2, "a"), (1, None)], []]
    for data in (table, pa.table({"m": table["m"].cast(pa.map_(pa.int64(), pa.string()))})):
        assert read(io.BytesIO(written(data, schema))) == [{"m": each} for each in ENTRIES]
    assert pa.types.is_list(table_of(file.getvalue(), logical_types=False).schema.field("m").type)
    made = written(pa.table({"m": table["m"]}))
    assert table_of(made)["m"].to_pylist() == table["m"].to_pylist()


@pytest.mark.parametrize("key", ["null", ["null", "int"], ["int", "string"]], ids=str)
def test_keys_that_arrows_maps_cannot_have(key):
    fields = [{"name": "key", "type": key}, {"name": "value", "type": "int"}]
    entry = {"type": "record", "name": "Entry", "fields": fields}
    file = io.BytesIO()
    avrojet.write(file, record_of(m={"type": "array", "items": entry, "logicalType": "map"}), [{"m": []}])
    assert pa.types.is_list(table_of(file.getvalue()).schema.field("m").type)


def test_text_keyed_maps_as_arrays_of_records():
    fields = [{"name": "key", "type": "string"}, {"name": "value", "type": "long"}]
    schema = record_of(m={"type": "array", "items": {"type": "record", "name": "E", "fields": fields}})
    maps = pa.table({"m": pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64()))})
    assert read(io.BytesIO(written(maps, schema))) == [{"m": [{"key": "a", "value": 1}]}, {"m": []}]
    with pytest.raises(SchemaError, match=r"^\$\.m\.key: the column is int32, which does not fit string"):
        by_number = pa.array([[(1, 1)]], pa.map_(pa.int32(), pa.int64()))
        written(pa.table({"m": by_number}), record_of(m={"type": "map", "values": "long"}))


# Frames


def test_types_of_polars_come_back(tmp_path):
    pl = pytest.importorskip("polars")
    import avrojet.polars

    states = pl.Enum(["NEW", "SENT", "LOST"])
    frame = pl.DataFrame(
        {
            "enum": pl.Series(["SENT", None, "NEW"], dtype=states),
            "odd": pl.Series(["in transit", None, "n/a"], dtype=pl.Enum(["n/a", "in transit"])),
            "category": pl.Series(["b", "a", None], dtype=pl.Categorical),
            "duration": pl.Series([1, None, 3]).cast(pl.Duration("ms")),
            "zone": pl.Series([datetime(2024, 1, 1), None, datetime(2024, 7, 1)]).dt.replace_time_zone(
                "Europe/Berlin"
            ),
            "list": pl.Series([["NEW"], [], None], dtype=pl.List(states)),
            "struct": pl.Series([{"x": "LOST"}, {"x": None}, None], dtype=pl.Struct({"x": states})),
        }
    )
    path = tmp_path / "frame.avro"
    avrojet.polars.write_avro(frame, path)
    for again in (
        avrojet.polars.read_avro(path),
        avrojet.polars.read_avro(path, n_rows=3),
        avrojet.polars.scan_avro(path).collect(),
    ):
        assert again.schema == frame.schema
        assert again.to_dicts() == frame.to_dicts()
    schema = schema_of(path.read_bytes())
    assert {branch.type for branch in schema.fields[0].type.branches} == {"null", "enum"}
    assert avrojet.polars.read_avro(path, n_rows=0).schema == frame.schema
    few = avrojet.polars.scan_avro(path).select("list", "enum").collect()
    assert few.schema == frame.select("list", "enum").schema
    assert avrojet.polars.read_avro(path, columns=["odd"], logical_types=False).schema["odd"] == pl.String


def test_categories_of_pandas_come_back(tmp_path):
    pd = pytest.importorskip("pandas")
    import avrojet.pandas

    frame = pd.DataFrame({"c": pd.Categorical(["b", None, "a"], categories=["a", "b"]), "d": [1, 2, 3]})
    path = tmp_path / "frame.avro"
    avrojet.pandas.to_avro(frame, path)
    again = avrojet.pandas.read_avro(path)
    assert isinstance(again["c"].dtype, pd.CategoricalDtype)
    assert again["c"].astype(object).where(again["c"].notna(), None).tolist() == ["b", None, "a"]
    schema = record_of(c=["null", {"type": "string", "arrow.dictionary": ["a", "b", "z"]}], d="long")
    avrojet.pandas.to_avro(frame, path, schema=schema)
    assert list(avrojet.pandas.read_avro(path)["c"].cat.categories) == ["a", "b", "z"]


# Decimals that are wider than a consumer's


def wide(precision: int, scale: int) -> Any:
    decimal = {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
    return record_of(d=["null", decimal])


VALUES = [None, Decimal("1.25"), Decimal("-0.50"), Decimal("0.00"), Decimal("12345678901234567890.12")]


@pytest.mark.parametrize("strings", ["small", "large", "view"])
@pytest.mark.parametrize("precision", [39, 64, 77, 2000])
def test_decimals_as_other_types(precision, strings):
    file = io.BytesIO()
    avrojet.write(file, wide(precision, 2), [{"d": value} for value in VALUES])

    def column(decimals: Any) -> Any:
        table = table_of(file.getvalue(), types=ArrowTypes(strings=strings, decimals=decimals))
        table.validate(full=True)
        return table["d"]

    narrow = column("decimal128")
    assert narrow.type == pa.decimal128(38, 2)
    assert narrow.to_pylist() == VALUES
    assert column("decimal256").type == pa.decimal256(min(precision, 76), 2)
    assert column("decimal256").to_pylist() == VALUES
    assert column("text").to_pylist() == [None if value is None else str(value) for value in VALUES]
    assert column("double").to_pylist() == [None if value is None else float(value) for value in VALUES]
    exact = column("exact")
    assert pa.types.is_decimal256(exact.type) == (precision <= 76)
    for decimals in ("decimal128", "decimal256", "text", "exact"):
        stream = read_arrow(io.BytesIO(file.getvalue()), types=ArrowTypes(strings=strings, decimals=decimals))
        copy = written(stream)
        assert schema_of(copy) == parse_schema(wide(precision, 2))
        assert read(io.BytesIO(copy)) == [{"d": value} for value in VALUES]


def test_decimals_of_up_to_38_digits_stay():
    file = io.BytesIO()
    avrojet.write(file, wide(38, 2), [{"d": Decimal("1.25")}])
    for decimals in ("exact", "decimal128", "decimal256", "text", "double"):
        assert table_of(file.getvalue(), types=ArrowTypes(decimals=decimals)).schema.types == [
            pa.decimal128(38, 2)
        ]


@pytest.mark.parametrize(("decimals", "digits"), [("decimal128", 38), ("decimal256", 76)])
def test_a_decimal_that_does_not_fit_is_an_error(decimals, digits):
    file = io.BytesIO()
    types = ArrowTypes(decimals=decimals)
    most = Decimal("9" * (digits - 2) + ".99")
    avrojet.write(file, wide(100, 2), [{"d": most}, {"d": most.copy_negate()}])
    assert table_of(file.getvalue(), types=types)["d"].to_pylist() == [most, most.copy_negate()]
    for value in (f"1{'0' * (digits - 2)}", f"-1{'0' * (digits - 2)}", "9" * 98):
        file = io.BytesIO()
        avrojet.write(file, wide(100, 2), [{"d": Decimal(1)}, {"d": Decimal(value)}])
        with pytest.raises(avrojet.DecodeError, match=r"\$\.d.*cannot hold: other ArrowTypes may"):
            list(read_arrow(io.BytesIO(file.getvalue()), types=types))
    with pytest.raises(
        SchemaError, match=rf"\$\.d: a decimal of the scale 90 does not fit into {digits} digits.*\"text\""
    ):
        file = io.BytesIO()
        avrojet.write(file, wide(100, 90), [])
        read_arrow(io.BytesIO(file.getvalue()), types=types)


@pytest.mark.parametrize(
    "text",
    [
        "0", "-0.0", "1", "9007199254740993", "-9007199254740993", "9007199254740992.5", "0.1", "1e-300",
        "1" + "7" * 300,
        "4.9406564584124654e-324", "2.4703282292062327e-324", "123456789012345678901234567890.123456789",
        "1e22", "1e23",
        "8.5", "7.20576e16", "5e-324", "1e-400",
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_the_nearest_double_of_a_decimal(text):
    file = io.BytesIO()
    value = Decimal(text)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    scale = max(-exponent, 0)
    avrojet.write(file, wide(scale + 400, scale), [{"d": value}])
    (shown,) = table_of(file.getvalue(), types=ArrowTypes(decimals="double"))["d"].to_pylist()
    assert shown == float(value)


def test_a_decimal_beyond_all_doubles_is_an_error():
    file = io.BytesIO()
    avrojet.write(file, wide(400, 0), [{"d": Decimal(10) ** 309}])
    with pytest.raises(avrojet.DecodeError, match="cannot hold"):
        list(read_arrow(io.BytesIO(file.getvalue()), types=ArrowTypes(decimals="double")))


def test_long_decimals_are_bounded_as_rows_are():
    file = io.BytesIO()
    avrojet.write(file, wide(9000, 0), [{"d": Decimal(10) ** 5000}])
    limits = avrojet.Limits(decimal_bytes=100)
    for decimals in ("text", "double"):
        with pytest.raises(avrojet.LimitError, match="decimal_bytes"):
            list(read_arrow(io.BytesIO(file.getvalue()), types=ArrowTypes(decimals=decimals), limits=limits))


# Decisions of docs/reference/arrow.md


def test_unions_of_numbers_are_one_column_by_a_readers_schema():
    file = io.BytesIO()
    avrojet.write(file, record_of(n=["int", "long"]), [{"n": 1}, {"n": 2**40}])
    assert table_of(file.getvalue()).schema.field("n").type.num_fields == 2
    assert table_of(file.getvalue(), reader_schema=record_of(n="long"))["n"].to_pylist() == [1, 2**40]


def test_a_null_or_a_record_as_the_schema_of_a_file():
    file = io.BytesIO()
    avrojet.write(file, ["null", record_of(a="int")], [{"a": 1}, None])
    assert table_of(file.getvalue()).to_pydict() == {"value": [{"a": 1}, None]}
    file = io.BytesIO()
    avrojet.write(file, ["null", record_of(a="int")], [{"a": 1}, {"a": 2}])
    assert table_of(file.getvalue(), reader_schema=record_of(a="int")).to_pydict() == {"a": [1, 2]}


def test_a_key_that_comes_twice_is_there_twice():
    data = avrojet.encode({"a": 1, "b": 2}, {"type": "map", "values": "int"}).replace(b"\x02b", b"\x02a")
    batch = avrojet.Decoder({"type": "map", "values": "int"}).decode_arrow([data])
    assert pa.record_batch(batch).column(0).to_pylist() == [[("a", 1), ("a", 2)]]


def test_adjust_to_utc_changes_nothing():
    stamp = {"type": "long", "logicalType": "timestamp-micros", "adjust-to-utc": False}
    file = io.BytesIO()
    avrojet.write(file, record_of(t=stamp), [])
    assert table_of(file.getvalue()).schema.field("t").type == pa.timestamp("us", "UTC")
