"""Every limit at its edge: what meets it passes, one more is refused and told; and the process's limits."""

from __future__ import annotations

import dataclasses
import gc
import io
import json
import pickle
import threading
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import pytest

import avrojet
from avrojet import Decoder, Encoder, LimitError, Limits
from avrojet.compat import fastavro
from avrojet.container.framing import build_block, build_header
from avrojet.limits import DEFAULT_LIMITS, limits_in_force
from avrojet.varint import encode_long
from tests.cases import for_each
from tests.container.samples import SYNC

LIST = {"type": "record", "name": "L", "fields": [{"name": "next", "type": ["null", "L"]}]}
NULLS = {"type": "array", "items": "null"}
EMPTY = {"type": "record", "name": "E", "fields": []}
EMPTIES = {"type": "array", "items": EMPTY}
LONG_DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 100_000, "scale": 0}
BIG_DECIMAL = {"type": "bytes", "logicalType": "big-decimal"}
# As fields of a row, since each row has budgets of its own.
WRAPPED_NULLS = {"type": "record", "name": "R", "fields": [{"name": "n", "type": NULLS}]}


def of_nulls(fields: int, **attributes: object) -> dict:
    """A record of nulls; with a default of one byte in place of the first, if that is what is asked for."""
    made = [{"name": f"f{i}", "type": "null", "default": None} for i in range(fields)]
    if attributes:
        made[0] = {"name": "f0", "type": {"type": "array", "items": "int"}, "default": []}
    return {"type": "record", "name": "E", "fields": made}


def linked(levels: int) -> tuple[bytes, dict]:
    """A list of so many records, as bytes and as a value."""
    value: dict = {"next": None}
    for _ in range(levels - 1):
        value = {"next": value}
    return b"\x02" * (levels - 1) + b"\x00", value


def array(count: int) -> bytes:
    return (encode_long(count) if count else b"") + b"\x00"


def file_of(schema, *blocks: tuple[int, bytes], codec: bytes = b"null") -> bytes:
    header = build_header({"avro.schema": json.dumps(schema).encode(), "avro.codec": codec}, SYNC)
    return header + b"".join(build_block(count, data, SYNC) for count, data in blocks)


def nested_schema(levels: int) -> object:
    schema: object = "long"
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return schema


def columns(data: bytes, limits: Limits) -> int:
    return sum(len(batch) for batch in avrojet.read_arrow(io.BytesIO(data), limits=limits, threads=0))


def rows(data: bytes, limits: Limits) -> int:
    return len(avrojet.read(io.BytesIO(data), limits=limits))


def append(schema, value, limits: Limits) -> None:
    with avrojet.DataFileWriter(io.BytesIO(), schema, limits=limits) as writer:
        writer.append(value)


# A union in it, for an array in an array of nulls has items of one byte.
SKIPPED = {"type": "record", "name": "R", "fields": []}
DEEP = {"type": "record", "name": "R", "fields": [{"name": "gone", "type": LIST}]}

# name of the limit -> where it holds -> what uses n of it within the limits given
AT: dict[str, dict[str, Callable[[int, Limits], object]]] = {
    "depth": {
        "decode": lambda n, limits: Decoder(LIST, limits=limits).decode(linked(n)[0]),
        "skip": lambda n, limits: Decoder(DEEP, SKIPPED, limits=limits).decode(linked(n - 1)[0]),
        "skip_block": lambda n, limits: Decoder(LIST, limits=limits)._skip_block(linked(n)[0], 1),
        "encode": lambda n, limits: Encoder(LIST, limits=limits).encode(linked(n)[1]),
        "write": lambda n, limits: append(LIST, linked(n)[1], limits),
        "rows": lambda n, limits: rows(file_of(LIST, (1, linked(n)[0])), limits),
        "columns, skipped": lambda n, limits: Decoder(
            {**DEEP, "fields": [{"name": "id", "type": "null"}, *DEEP["fields"]]},
            {**DEEP, "fields": [{"name": "id", "type": "null"}]},
            limits=limits,
        ).decode_arrow([linked(n - 1)[0]]),
        "schema": lambda n, limits: avrojet.parse_schema(nested_schema(n), limits=limits),
        "schema text": lambda n, limits: Decoder(json.dumps(nested_schema(n)), limits=limits),
    },
    "items": {
        "decode": lambda n, limits: Decoder(NULLS, limits=limits).decode(array(n)),
        "decode, two blocks": lambda n, limits: Decoder(NULLS, limits=limits).decode(b"\x02" + array(n - 1)),
        "map": lambda n, limits: Decoder({"type": "map", "values": "null"}, limits=limits).decode(
            encode_long(n) + b"".join(b"\x02" + bytes([65 + i]) for i in range(n)) + b"\x00"
        ),
        "skip": lambda n, limits: Decoder(NULLS, limits=limits)._skip_block(array(n), 1),
        "columns": lambda n, limits: Decoder(NULLS, limits=limits).decode_arrow([array(n)]),
        "encode": lambda n, limits: Encoder(NULLS, limits=limits).encode([None] * n),
        "encode, map": lambda n, limits: Encoder({"type": "map", "values": "null"}, limits=limits).encode(
            dict.fromkeys(map(str, range(n)))
        ),
    },
    "empty_items": {
        "decode": lambda n, limits: Decoder(NULLS, limits=limits).decode(array(n)),
        "decode, two arrays": lambda n, limits: Decoder(
            {"type": "record", "name": "R", "fields": [{"name": f, "type": NULLS} for f in "ab"]},
            limits=limits,
        ).decode(array(1) + array(n - 1)),
        "skip": lambda n, limits: Decoder(WRAPPED_NULLS, SKIPPED, limits=limits).decode(array(n)),
        "encode": lambda n, limits: Encoder(NULLS, limits=limits).encode([None] * n),
        "encode, many rows": lambda n, limits: Encoder("null", limits=limits).encode_many([None] * n),
        "write": lambda n, limits: avrojet.write(io.BytesIO(), "null", [None] * n, limits=limits),
        "record": lambda n, limits: Decoder(of_nulls(n - 1), limits=limits).decode(b""),
        "record, tuple": lambda n, limits: Decoder(of_nulls(n - 1), records="tuple", limits=limits).decode(
            b""
        ),
        "record, encode": lambda n, limits: Encoder(of_nulls(n - 1), limits=limits).encode(
            dict.fromkeys(f"f{i}" for i in range(n - 1))
        ),
        "record of defaults": lambda n, limits: Decoder(
            EMPTY, of_nulls(n - 2, default="x"), limits=limits
        ).decode(b""),
        "decode_block": lambda n, limits: Decoder("null", limits=limits)._decode_block(b"", n),
        "columns": lambda n, limits: Decoder(NULLS, limits=limits).decode_arrow([array(1), array(n)]),
        "rows of a block": lambda n, limits: rows(file_of("null", (n, b"")), limits),
        "rows of a file": lambda n, limits: rows(file_of("null", (1, b""), (n - 1, b"")), limits),
        "columns of a file": lambda n, limits: columns(file_of("null", (1, b""), (n - 1, b"")), limits),
        "one block": lambda n, limits: [
            list(block)
            for block in avrojet.DataFileReader(
                io.BytesIO(file_of("null", (n, b""), (1, b""))), limits=limits
            ).blocks()
        ],
    },
    "value_bytes": {
        "string": lambda n, limits: Decoder("string", limits=limits).decode(encode_long(n) + b"x" * n),
        "bytes": lambda n, limits: Decoder("bytes", limits=limits).decode(encode_long(n) + b"x" * n),
        "fixed": lambda n, limits: Decoder({"type": "fixed", "name": "F", "size": n}, limits=limits),
        "skip": lambda n, limits: Decoder("string", limits=limits)._skip_block(encode_long(n) + b"x" * n, 1),
        "columns": lambda n, limits: Decoder("string", limits=limits).decode_arrow(
            [encode_long(n) + b"x" * n]
        ),
        "encode": lambda n, limits: Encoder("bytes", limits=limits).encode(b"x" * (n - 1)),
    },
    "decimal_bytes": {
        "decode": lambda n, limits: Decoder(LONG_DECIMAL, limits=limits).decode(
            encode_long(n + 1) + b"\0\x7f" + b"\xff" * (n - 1)
        ),
        "decode, fixed": lambda n, limits: Decoder(
            {**LONG_DECIMAL, "type": "fixed", "name": "F", "size": 60, "precision": 99}, limits=limits
        ).decode(b"\xff" * (60 - n) + b"\x80" + b"\0" * (n - 1)),
        "decode, big": lambda n, limits: Decoder(BIG_DECIMAL, limits=limits).decode(
            encode_long(n + 2) + encode_long(n) + b"\x7f" * n + b"\0"
        ),
        "encode": lambda n, limits: Encoder(LONG_DECIMAL, limits=limits).encode(Decimal(1 << 8 * n - 9)),
        "encode an int": lambda n, limits: Encoder(LONG_DECIMAL, limits=limits).encode(-(1 << 8 * n - 9) - 1),
        "encode the plain bytes": lambda n, limits: Encoder(LONG_DECIMAL, limits=limits).encode(b"\x7f" * n),
        "encode, big": lambda n, limits: Encoder(BIG_DECIMAL, limits=limits).encode(Decimal(1 << 8 * n - 9)),
        "encode an int, big": lambda n, limits: Encoder(BIG_DECIMAL, limits=limits).encode(1 << 8 * n - 9),
        "encode the plain bytes, big": lambda n, limits: Encoder(BIG_DECIMAL, limits=limits).encode(
            encode_long(n) + b"\x7f" * n + b"\0"
        ),
    },
    "block_bytes": {
        "rows": lambda n, limits: rows(file_of("bytes", (1, encode_long(n - 1) + b"x" * (n - 1))), limits),
        "write": lambda n, limits: avrojet.write(io.BytesIO(), "bytes", [b"x" * (n - 1)], limits=limits),
        "append": lambda n, limits: append("bytes", b"x" * (n - 1), limits),
        "rows, deflate": lambda n, limits: rows(deflated(n), limits),
        "columns, deflate": lambda n, limits: columns(deflated(n), limits),
        "count": lambda n, limits: avrojet.count_records(
            io.BytesIO(file_of("bytes", (1, b"x" * n))), limits=limits
        ),
    },
    "header_bytes": {
        "metadata": lambda n, limits: avrojet.read(io.BytesIO(header_of(n)), limits=limits),
    },
    "schema_bytes": {
        "text": lambda n, limits: avrojet.parse_schema('"long"' + " " * (n - 6), limits=limits),
        "bytes": lambda n, limits: avrojet.parse_schema(b'"long"' + b" " * (n - 6), limits=limits),
    },
    "union_branches": {
        "schema": lambda n, limits: avrojet.parse_schema(
            [{"type": "fixed", "name": f"F{i}", "size": 1} for i in range(n)], limits=limits
        ),
    },
    "columns": {
        "columns": lambda n, limits: Decoder(
            {"type": "record", "name": "R", "fields": [{"name": f"f{i}", "type": "int"} for i in range(n)]},
            limits=limits,
        ).decode_arrow([]),
        "lists": lambda n, limits: Decoder(nested_schema(n - 1), limits=limits).decode_arrow([]),
    },
}
CASES = [(limit, place) for limit, places in AT.items() for place in places]


def deflated(size: int) -> bytes:
    """A file of one block that decompresses to so many bytes."""
    target = io.BytesIO()
    avrojet.write(target, "bytes", [b"x" * (size - 1)], codec="deflate")
    return target.getvalue()


def header_of(size: int) -> bytes:
    empty = build_header({"avro.schema": b'"long"', "pad": b""}, SYNC)
    pad = size - len(empty)
    return build_header({"avro.schema": b'"long"', "pad": b" " * pad}, SYNC)


def test_every_limit_is_tried():
    assert AT.keys() == {field.name for field in dataclasses.fields(Limits)}


EDGE = {"depth": 9, "header_bytes": 99}  # others: 40


@for_each(("limit", "place"), CASES)
def test_what_meets_a_limit_passes_and_one_more_is_refused(limit, place):
    edge = EDGE.get(limit, 40)
    limits = Limits(**{limit: edge})
    use = AT[limit][place]
    use(edge, limits)
    with pytest.raises(LimitError) as caught:
        use(edge + 1, limits)
    assert caught.value.limit == limit
    assert f"more than limits.{limit} = {edge}" in str(caught.value)
    assert f"limits=avrojet.Limits({limit}=...)" in str(caught.value)
    use(edge + 1, Limits(**{limit: edge + 1}))


def test_columns_keep_to_the_depth():
    nested = avrojet.parse_schema(nested_schema(12))
    data = b"\x02" * 12 + b"\x04" + b"\x00" * 12
    assert len(Decoder(nested, limits=Limits(depth=12)).decode_arrow([data])) == 1
    with pytest.raises(LimitError) as caught:
        Decoder(nested, limits=Limits(depth=11)).decode_arrow([data])
    assert caught.value.limit == "depth"


def test_many_blocks_of_rows_without_bytes_end():
    """Twenty bytes a block claim millions of rows each."""
    data = file_of("null", *[(9_000_000, b"")] * 1000)
    for read in (rows, columns):
        with pytest.raises(LimitError) as caught:
            read(data, Limits(empty_items=20_000_000) if read is columns else Limits(empty_items=9_000_001))
        assert caught.value.limit == "empty_items"
        assert caught.value.block is not None
    with pytest.raises(LimitError):
        for _ in fastavro.reader(io.BytesIO(data)):
            pass


NESTED = {
    "type": "record",
    "name": "N",
    "fields": [{"name": "e", "type": EMPTY}, {"name": "n", "type": "null"}],
}
# What each counts: itself, as an item or a row, and as a record one and one for each field.
WEIGHTS = [("null", None, 1), (EMPTY, {}, 2), (NESTED, {"e": {}, "n": None}, 5)]


@pytest.mark.parametrize(("schema", "value", "weight"), WEIGHTS)
def test_records_of_no_bytes_count_for_their_fields(schema, value, weight):
    items = {"type": "array", "items": schema}
    limits = Limits(empty_items=4 * weight)
    data = file_of(schema, (3, b""), (1, b""))
    assert Decoder(items, limits=limits).decode(array(4)) == [value] * 4
    assert Encoder(items, limits=limits).encode([value] * 4) == array(4)
    assert Decoder(schema, limits=limits)._decode_block(b"", 4) == ([value] * 4, 0)
    assert rows(data, limits) == 4
    avrojet.write(io.BytesIO(), schema, [value] * 4, limits=limits)
    fewer = Limits(empty_items=4 * weight - 1)
    for use in (
        lambda: Decoder(items, limits=fewer).decode(array(4)),
        lambda: Encoder(items, limits=fewer).encode([value] * 4),
        lambda: Decoder(schema, limits=fewer)._decode_block(b"", 4),
        lambda: rows(data, fewer),
        lambda: avrojet.write(io.BytesIO(), schema, [value] * 4, limits=fewer),
    ):
        with pytest.raises(LimitError, match="empty_items"):
            use()


def within(levels: int, names: str, *, union: bool = False, default: bool = False) -> dict:
    """Records that hold the one before them once for each name."""
    schema: dict = EMPTY
    for level in range(levels):
        fields = []
        for name in names:
            type: object = f"E{level - 1}" if fields and level else "E" if fields else schema
            fields.append({"name": name, "type": ["null", type] if union else type})
            if default:
                fields[-1]["default"] = {}
        schema = {"type": "record", "name": f"E{level}", "fields": fields}
    return schema


def holding(type: object, default: object) -> dict:
    return {**WRITTEN, "fields": [{"name": "x", "type": type, "default": default}]}


def list_of(schema: object) -> dict:
    return {"type": "array", "items": schema}


UNITS = 50_000
LEVELS = 25  # 2 ** 25 records
CHAIN = 120
WRITTEN = {"type": "record", "name": "W", "fields": []}
DAY = {"type": "int", "logicalType": "date"}
PRICE = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
# Each takes as much memory as the limit allows, or tries to.
GREEDY: dict[str, Callable[[Limits], object]] = {
    "nulls": lambda limits: Decoder(NULLS, limits=limits).decode(array(UNITS)),
    "records": lambda limits: Decoder(EMPTIES, limits=limits).decode(array(UNITS // 2)),
    "records of a field": lambda limits: Decoder(list_of(of_nulls(1)), limits=limits).decode(
        array(UNITS // 3)
    ),
    "records of many fields": lambda limits: Decoder(list_of(of_nulls(1000)), limits=limits).decode(
        array(UNITS // 1002)
    ),
    "a tree": lambda limits: Decoder(within(LEVELS, "ab"), limits=limits).decode(b""),
    "a tree of tuples": lambda limits: Decoder(
        within(LEVELS, "ab"), records="tuple", limits=limits
    ).decode(b""),
    "a tree, tagged": lambda limits: Decoder(
        within(LEVELS, "ab"), within(LEVELS, "ab", union=True), unions="tagged", limits=limits
    ).decode(b""),
    "chains": lambda limits: Decoder(list_of(within(CHAIN, "a")), limits=limits).decode(
        array(UNITS // (2 * CHAIN + 2))
    ),
    "chains, tagged": lambda limits: Decoder(
        list_of(within(CHAIN, "a")), list_of(within(CHAIN, "a", union=True)), unions="tagged", limits=limits
    ).decode(array(UNITS // (2 * CHAIN + 2))),
    "a tree of defaults": lambda limits: Decoder(
        WRITTEN, holding(within(LEVELS, "ab", default=True), {}), limits=limits
    ).decode(b""),
    **{
        f"rows of defaults: {name}": lambda limits, type=type, default=default: avrojet.read(
            io.BytesIO(file_of(WRITTEN, (UNITS // 500, b""))), holding(list_of(type), [default] * 490),
            limits=limits,
        )
        for name, type, default in [
            ("ints", "int", 9), ("lists", list_of("int"), []), ("maps", {"type": "map", "values": "int"}, {}),
            ("dates", DAY, 1), ("decimals", PRICE, ""), ("text", "string", "\u00e9"),
        ]
    },
    "rows": lambda limits: rows(file_of(of_nulls(1), (UNITS // 3, b"")), limits),
}  # fmt: skip


@pytest.mark.parametrize("name", GREEDY)
def test_what_no_bytes_account_for_takes_the_memory_that_is_said(name):
    use, limits = GREEDY[name], Limits(empty_items=UNITS)
    with suppress(LimitError):
        use(Limits(empty_items=100))  # what is made once
    tracemalloc.start()
    try:
        with suppress(LimitError):
            use(limits)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 125 * UNITS + 2_000_000  # the compiled schema


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a tree", "a tree of defaults", "a tree, tagged"])
def test_records_of_no_bytes_end_at_the_default_limit(name):
    """By the count of the records: 2 ** 25 are never made."""
    with pytest.raises(LimitError, match="empty_items = 1000000"):
        GREEDY[name](Limits())


def test_the_collector_does_not_walk_the_records_of_one_datum():
    runs = []
    gc.callbacks.append(lambda phase, info: runs.append(phase))
    try:
        with pytest.raises(LimitError):
            GREEDY["a tree"](Limits(empty_items=200_000))
    finally:
        gc.callbacks.pop()
    assert len(runs) < 20
    assert gc.isenabled()


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_records_that_a_block_has_no_room_for_begin_another(codec):
    limits = Limits(block_bytes=40)
    values = [b"x" * size for size in (10, 20, 30, 5, 5, 39, 1, 39, 39)]
    target = io.BytesIO()
    with avrojet.DataFileWriter(target, "bytes", codec=codec, limits=limits) as writer:
        writer.append(values[0])
        with pytest.raises(LimitError, match="a record of 41 bytes: more than limits.block_bytes = 40"):
            writer.append(b"x" * 40)
        writer.extend(values[1:3])
        with pytest.raises(LimitError):
            writer.extend([values[3], b"x" * 40, b"never"])
        writer.extend(values[4:])
    assert avrojet.read(io.BytesIO(target.getvalue()), limits=limits) == values
    reader = avrojet.DataFileReader(io.BytesIO(target.getvalue()))
    assert [block.count for block in reader.blocks()] == [2, 2, 1, 1, 1, 1, 1]


def test_a_row_that_does_not_fit_counts_nothing():
    with avrojet.DataFileWriter(io.BytesIO(), "null", limits=Limits(empty_items=3)) as writer:
        for _ in range(3):
            with pytest.raises(avrojet.EncodeError):
                writer.append(1)
            writer.append(None)
        with pytest.raises(LimitError):
            writer.append(None)


def test_rows_that_have_bytes_need_no_budget():
    data = file_of("long", (50, b"\x02" * 50), (50, b"\x02" * 50))
    assert rows(data, Limits(empty_items=1)) == columns(data, Limits(empty_items=1)) == 100


# Limits themselves


@for_each("value", [0, -1, 1 << 63, 2.5, None, "9"])
@for_each("name", [field.name for field in dataclasses.fields(Limits)])
def test_a_limit_is_a_positive_int(name, value):
    with pytest.raises(ValueError, match=f"Limits.{name} must be an int from 1 to "):
        Limits(**{name: value})


def test_the_largest_limits_there_are():
    most = Limits(depth=(1 << 31) - 1, **dict.fromkeys(set(AT) - {"depth"}, 1 << 62))
    schema = avrojet.parse_schema(WRAPPED_NULLS, limits=most)
    data = Encoder(schema, limits=most).encode({"n": [None] * 3})
    assert Decoder(schema, limits=most).decode(data) == {"n": [None] * 3}
    with pytest.raises(avrojet.DecodeError):
        Decoder("bytes", limits=most).decode(encode_long(1 << 61))


def test_an_error_keeps_its_limit_when_it_is_pickled():
    with pytest.raises(LimitError) as caught:
        avrojet.parse_schema('"long"', limits=Limits(schema_bytes=5))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.limit, str(again)) == ("schema_bytes", str(caught.value))


# The process's limits


@pytest.fixture
def set_limits():
    before = limits_in_force()
    yield avrojet.set_default_limits
    avrojet.set_default_limits(before)


def test_the_defaults_are_in_force_at_first():
    assert limits_in_force() == DEFAULT_LIMITS == Limits()


@pytest.mark.parametrize(("limit", "place"), CASES)
def test_the_process_has_limits(set_limits, limit, place):
    edge = EDGE.get(limit, 40)
    previous = set_limits(Limits(**{limit: edge}))
    assert previous == DEFAULT_LIMITS
    use = AT[limit][place]
    use(edge, None)
    with pytest.raises(LimitError, match=f"limits.{limit} = {edge}"):
        use(edge + 1, None)
    assert set_limits(previous) == Limits(**{limit: edge})
    use(edge + 1, None)


def test_compiled_schemas_of_one_shot_calls_are_made_anew(set_limits):
    value = [None] * 41
    data = array(41)
    assert avrojet.decode(data, json.dumps(NULLS)) == value
    set_limits(Limits(empty_items=40))
    with pytest.raises(LimitError):
        avrojet.decode(data, json.dumps(NULLS))
    set_limits(DEFAULT_LIMITS)
    assert avrojet.decode(data, json.dumps(NULLS)) == value


def test_what_was_made_before_keeps_its_limits(set_limits):
    decoder = Decoder(NULLS)
    set_limits(Limits(empty_items=40))
    assert len(decoder.decode(array(41))) == 41


@pytest.mark.parametrize("levels", [400, 2000])
@pytest.mark.parametrize("kind", ["record", "array", "map"])
def test_a_schema_as_deep_as_the_limit_is_of_use(kind, levels):
    """Whatever Python's stack is: it is the data that take one of C."""
    wrap = {
        "record": lambda inner, level: {
            "type": "record",
            "name": f"R{level}",
            "fields": [{"name": "f", "type": inner}],
        },
        "array": lambda inner, level: {"type": "array", "items": inner},
        "map": lambda inner, level: {"type": "map", "values": inner},
    }[kind]
    value_of = {
        "record": lambda inner: {"f": inner},
        "array": lambda inner: [inner],
        "map": lambda inner: {"k": inner},
    }[kind]
    source: object = "int"
    value: object = 5
    for level in range(levels):
        source, value = wrap(source, level), value_of(value)
    limits = Limits(depth=levels)
    schema = avrojet.parse_schema(source, limits=limits)
    data = Encoder(schema, limits=limits).encode(value)
    for reader in (None, schema.json):
        decoded = Decoder(schema, reader, limits=limits).decode(data)
        assert Encoder(schema, limits=limits).encode(decoded) == data
    assert avrojet.check_compatibility(avrojet.parse_schema(schema.json, limits=limits), schema)
    file = io.BytesIO()
    avrojet.write(file, schema, [value], limits=limits)
    assert rows(file.getvalue(), limits) == 1
    with pytest.raises(LimitError, match=r"limits\.depth"):
        avrojet.parse_schema(schema.json, limits=Limits(depth=levels - 1))


FACADE = {
    "schemaless_reader": lambda n: fastavro.schemaless_reader(io.BytesIO(array(n)), NULLS),
    "without seek": lambda n: fastavro.schemaless_reader(OnlyRead(array(n)), NULLS),
    "schemaless_writer": lambda n: fastavro.schemaless_writer(io.BytesIO(), NULLS, [None] * n),
    "reader": lambda n: list(fastavro.reader(io.BytesIO(file_of("null", (n, b""))))),
    "block_reader": lambda n: [list(b) for b in fastavro.block_reader(io.BytesIO(file_of("null", (n, b""))))],
}


class OnlyRead:
    def __init__(self, data: bytes) -> None:
        self.read = io.BytesIO(data).read


@pytest.mark.parametrize("name", FACADE)
def test_the_facade_keeps_to_them(set_limits, name):
    use = FACADE[name]
    use(41)
    set_limits(Limits(empty_items=40))
    use(40)
    with pytest.raises(LimitError, match="limits.empty_items = 40"):
        use(41)


def test_the_facades_blocks_keep_to_them(set_limits):
    data = deflated(41)
    assert list(fastavro.reader(io.BytesIO(data)))
    set_limits(Limits(block_bytes=40))
    with pytest.raises(LimitError, match="limits.block_bytes = 40"):
        list(fastavro.reader(io.BytesIO(data)))


def test_only_limits_can_be_set():
    with pytest.raises(TypeError, match="not dict"):
        avrojet.set_default_limits({"depth": 3})


def test_threads_set_and_read_them(set_limits):
    """Whoever sets them gets what the one before has set: none is lost."""
    given = [Limits(depth=depth) for depth in range(1, 201)]
    returned = []

    def work(mine):
        for limits in mine:
            returned.append(set_limits(limits))
            assert limits_in_force().depth

    threads = [threading.Thread(target=work, args=(given[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(limits.depth for limits in [*returned, limits_in_force()]) == [*range(1, 201), 400]
