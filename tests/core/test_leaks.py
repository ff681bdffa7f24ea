"""Nothing is kept that should go, nothing goes that should be kept: on success and on every failure path."""

from __future__ import annotations

import gc
import sys
import tracemalloc
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import pytest

from avrojet import (
    CustomLogicalType,
    DecodeError,
    Decoder,
    EncodeError,
    Encoder,
    Limits,
    ResolutionError,
    parse_schema,
)
from avrojet.core.plan.plan import freeze
from avrojet.core.rows.measure import Measure
from avrojet.core.rows.trace import Tracer
from avrojet.plan.resolve import resolve
from tests.core.test_hostile_bytes import BAD
from tests.core.test_resolution import READ, SOMETIMES
from tests.core.test_values import NO_TYPE, REFUSED, TAKEN
from tests.objects import Hostile, Meddler, Mumbling, Mute
from tests.vectors import LIST, ORDER, POINT, RECORDS, SUIT, VECTORS, array, fixed, logical, mapping, record

pytestmark = pytest.mark.slow

Work = Callable[[], Any]
WINDOWS, ROUNDS = 3, 8
OBJECT = 28  # bytes that the smallest of objects takes
BATCH = 100  # works whose own noise stays far below an object each round
order = next(vector for vector in RECORDS if vector.name == "order")


def in_use() -> int:
    """Bytes that are no garbage; a debug build counts references, each as one object."""
    gc.collect()
    # Names that attributes were looked up by stay in a cache, thousands of them.
    (getattr(sys, "_clear_internal_caches", None) or sys._clear_type_cache)()
    total: Callable[[], int] | None = getattr(sys, "gettotalrefcount", None)
    return OBJECT * total() if total else tracemalloc.get_traced_memory()[0]


def kept(works: Sequence[Work]) -> int:
    """Bytes that every round of the works leaves behind; what fills a cache ends some time."""
    windows = []
    gc.collect()
    gc.freeze()  # the whole test run need not be looked through again and again, now or later
    tracemalloc.start()
    try:
        for _ in range(1 + WINDOWS):
            before = in_use()
            for _ in range(ROUNDS):
                for work in works:
                    work()
            windows.append((in_use() - before) // ROUNDS)
    finally:
        tracemalloc.stop()
    return min(windows[1:])


def leaks(works: dict[str, Work]) -> list[str]:
    """Which of the works keep something; what only many of them together keep is noise."""
    if not works or kept(list(works.values())) < OBJECT:
        return []
    if len(works) == 1:
        return list(works)
    middle = len(works) // 2
    halves = dict(list(works.items())[:middle]), dict(list(works.items())[middle:])
    return leaks(halves[0]) + leaks(halves[1])


def assert_nothing_kept(works: dict[str, Work]) -> None:
    names = list(works)
    for start in range(0, len(names), BATCH):
        assert leaks({name: works[name] for name in names[start : start + BATCH]}) == []


def refused(read: Callable[..., Any], *arguments: Any) -> None:
    """It fails, and the error goes again."""
    try:
        read(*arguments)
    except (
        DecodeError,
        EncodeError,
        ResolutionError,
        ArithmeticError,
        KeyboardInterrupt,
        TypeError,
        ValueError,
    ):
        return
    raise AssertionError("it did not fail")


def attempted(write: Callable[..., Any], *arguments: Any) -> None:
    """It may fail."""
    with suppress(EncodeError, ZeroDivisionError, KeyboardInterrupt):
        write(*arguments)


def complain(error: Exception | None, place: int) -> Exception:
    return error or ValueError(place)


# Memory


def test_a_leak_would_be_seen():
    kept_alive: list[Any] = []
    works: dict[str, Work] = {f"good {number}": lambda: [1, 2, 3] for number in range(50)}
    works["bad"] = lambda: kept_alive.append(object.__new__(Token))
    assert leaks(works) == ["bad"]


@pytest.mark.parametrize(
    "options", [{}, {"records": "tuple", "unions": "tagged"}, {"logical_types": False}], ids=str
)
def test_reading(options):
    works: dict[str, Work] = {}
    for vector in VECTORS:
        decoder = Decoder(vector.schema, **options)
        works[f"{vector.name}: one"] = partial(decoder.decode, vector.data)
        works[f"{vector.name}: from"] = partial(decoder.decode_from, vector.data)
        works[f"{vector.name}: block"] = partial(decoder._decode_block, vector.data * 3, 3)
        works[f"{vector.name}: rows"] = lambda to=decoder, it=vector: list(to._rows(it.data * 3, 3, complain))
        works[f"{vector.name}: first row"] = lambda to=decoder, it=vector: next(
            to._rows(it.data * 3, 3, complain)
        )
        works[f"{vector.name}: skip"] = partial(decoder._skip_block, vector.data, 1)
    assert_nothing_kept(works)


def test_reading_what_is_cut():
    works: dict[str, Work] = {}
    for vector in VECTORS:
        decoder = Decoder(vector.schema)
        for size in range(len(vector.data))[-24:]:
            prefix = vector.data[:size]
            works[f"{vector.name}: {size}"] = partial(refused, decoder.decode, prefix)
            works[f"{vector.name}: {size} skipped"] = partial(refused, decoder._skip_block, prefix, 1)
            works[f"{vector.name}: {size} later"] = partial(
                refused, decoder._decode_block, vector.data + prefix, 2
            )
    assert_nothing_kept(works)


def test_reading_what_is_bad():
    works: dict[str, Work] = {}
    for case, (schema, hex, *_) in BAD.items():
        decoder, data = Decoder(schema), bytes.fromhex(hex)
        works[case] = partial(refused, decoder.decode, data)
        works[f"{case}: from"] = partial(refused, decoder.decode_from, data)
        works[f"{case}: many"] = partial(refused, decoder.decode_many, data)
        works[f"{case}: rows"] = lambda to=decoder, it=data: refused(list, to._rows(it, 1, complain))
        tuples = Decoder(record("Outer", a=array(schema)), records="tuple", unions="tagged")
        works[f"{case}: in tuples"] = partial(refused, tuples.decode, b"\2" + data)
    assert_nothing_kept(works)


def test_looking():
    """Traces and measures of what is whole, cut and bad."""
    works: dict[str, Work] = {}
    data = [(vector.name, vector.schema, vector.data) for vector in VECTORS]
    data += [(name, vector, each[: len(each) // 2]) for name, vector, each in data]
    data += [(name, schema, bytes.fromhex(hex)) for name, (schema, hex, *_) in BAD.items()]
    for number, (name, schema, each) in enumerate(data):
        steps = resolve(parse_schema(schema))
        tracer = Tracer(freeze(steps))
        works[f"{name}, {number}: trace"] = lambda to=tracer, it=each: to.trace(it).parts()
        works[f"{name}, {number}: check"] = partial(looked, tracer.check, each, 1)
        works[f"{name}, {number}: measure"] = lambda of=steps, it=each: measured(Measure(freeze(of)), it)
    assert_nothing_kept(works)


def looked(work: Callable[..., Any], *arguments: Any) -> None:
    with suppress(DecodeError):
        work(*arguments)


def measured(measure: Measure, data: bytes) -> None:
    looked(measure.add, data, 1)
    measure.rows()


def test_reading_as_another_schema():
    works: dict[str, Work] = {}
    for case, (writer, reader, written, _) in READ.items():
        data = Encoder(writer).encode(written)
        works[case] = partial(Decoder(writer, reader).decode, data)
        works[f"{case}: tuples"] = partial(Decoder(writer, reader, records="tuple").decode, data)
    for case, (writer, reader, _, _, bad, *_) in SOMETIMES.items():
        works[case] = partial(refused, Decoder(writer, reader).decode, Encoder(writer).encode(bad))
    assert_nothing_kept(works)


def test_writing():
    works: dict[str, Work] = {}
    for number, (schema, value, _) in enumerate(TAKEN):
        encoder = Encoder(schema)
        works[f"{number} {value!r:.40}"] = partial(encoder.encode, value)
        works[f"{number} {value!r:.40}: many"] = partial(encoder.encode_many, [value] * 3)
    for vector in VECTORS:
        if vector.written:
            works[vector.name] = partial(Encoder(vector.schema).encode, vector.value)
            works[f"{vector.name}: tagged"] = partial(Encoder(vector.schema).encode, vector.form("tagged"))
            works[f"{vector.name}: dropped"] = lambda it=vector: Encoder(it.schema)._block().append(it.value)
    assert_nothing_kept(works)


def write_to_block(encoder: Encoder, value: Any) -> None:
    encoder._block().append(value)


def test_writing_what_is_refused():
    works: dict[str, Work] = {}
    bad = [(schema, value) for schema, refusals in NO_TYPE for value in refusals]
    bad += [(schema, value) for schema, value, _ in REFUSED]
    if hasattr(sys, "gettotalrefcount"):  # numpy loses references each time that it shows a value
        bad = [(schema, value) for schema, value in bad if not isinstance(value, np.generic | np.ndarray)]
    for number, (schema, value) in enumerate(bad):
        encoder, long = Encoder(schema), Encoder(record("Outer", text="string", it=array(schema)))
        # After enough text for the buffer to have moved to the heap.
        works[f"{number}"] = partial(refused, encoder.encode, value)
        works[f"{number}: long"] = partial(refused, long.encode, {"text": "x" * 5000, "it": [value]})
        works[f"{number}: many"] = partial(refused, long.encode_many, [{"text": "x" * 5000, "it": [value]}])
        works[f"{number}: block"] = partial(refused, write_to_block, encoder, value)
    assert_nothing_kept(works)


UNIONS = [
    [record("A", x="int", y=logical("int", "date")), record("B", x="string", y=logical("int", "date"))],
    ["null", mapping("int"), record("A", x=array("int")), record("B", y=array("string"))],
]


def test_writing_what_raises():
    """Every way out of every routine: errors of the value's own code, in keys, in what is shown of it."""
    encoders = {
        "int": Encoder("int"),
        "array": Encoder(array(["null", "int"])),
        "map": Encoder(mapping("int")),
        "record": Encoder(POINT, extra_fields="error", attributes=True),
        "enum": Encoder(SUIT),
        "uuid": Encoder(logical("string", "uuid")),
        "timestamp": Encoder(logical("long", "timestamp-nanos")),
        "decimal": Encoder(logical("bytes", "decimal", precision=4)),
        "union 0": Encoder(UNIONS[0]),
        "union 1": Encoder(UNIONS[1]),
    }

    def stop() -> None:
        raise ZeroDivisionError

    values: dict[str, Any] = {
        "hostile": Hostile(ZeroDivisionError),
        "in a list": [None, Hostile(ZeroDivisionError)],
        "in a dict": {"x": Hostile(ZeroDivisionError), "y": 1},
        "index": Meddler(stop),
        "index in a list": [Meddler(stop)],
        "index in a dict": {"x": Meddler(stop), "y": 1},
        "mute": Mumbling(ZeroDivisionError),
        "interrupting": Mumbling(KeyboardInterrupt),
        "interrupting in a list": [5, Mumbling(KeyboardInterrupt)],
        "interrupting in a dict": {"x": 1, "y": Mumbling(KeyboardInterrupt)},
        "mute key": {Mute("x"): Mumbling(ZeroDivisionError)},
        "mute extra key": {"x": 1, "y": 2, Mute("z"): "bad"},
        "no date": {"x": 1, "y": "never"},
        "deep": [[[[["x"]]]]],
    }
    works = {
        f"{schema}: {name}": partial(attempted, encoder.encode, value)
        for schema, encoder in encoders.items()
        for name, value in values.items()
    }
    assert_nothing_kept(works)


def test_limits():
    loop: list[Any] = []
    loop.append({"children": loop})
    children = array(record("Children", children=["null", array("Children")]))
    small = Encoder(array("string"), limits=Limits(value_bytes=5000))
    two = Encoder(array([record("A", x="int"), record("B", x="string")]))
    works = {
        "depth": partial(refused, Encoder(children).encode, loop),
        "depth, read": partial(refused, Decoder(LIST).decode, b"\0\2" * 10_000),
        "bytes": partial(refused, small.encode, ["x" * 1000] * 6),
        "items, read": partial(
            refused, Decoder(array("int"), limits=Limits(items=3)).decode, b"\x08" + bytes(9)
        ),
        "trials": partial(refused, two.encode, [{"x": None}] * 3),
    }
    assert_nothing_kept(works)


class Doubling(CustomLogicalType):
    name = "doubling"

    def decode(self, value, schema):
        if value == 0:
            raise ValueError("nothing to double")
        if value == 1:
            raise KeyboardInterrupt
        return [value, value]

    def encode(self, value, schema):
        if value == 0:
            raise ValueError("nothing to double")
        if value == 1:
            raise KeyboardInterrupt
        return value[0]


def test_custom_logical_types():
    schema = array(["null", logical("int", "doubling")])
    decoder, encoder = (
        Decoder(schema, logical_types=[Doubling()]),
        Encoder(schema, logical_types=[Doubling()]),
    )
    works = {
        "read": partial(decoder.decode, b"\4\2\4\2\6\0"),
        "read and refused": partial(refused, decoder.decode, b"\4\2\4\2\0\0"),
        "read and interrupted": partial(refused, decoder.decode, b"\4\2\4\2\2\0"),
        "rows interrupted": lambda: refused(list, decoder._rows(b"\4\2\4\2\2\0", 1, complain)),
        "written": partial(encoder.encode, [[5, 5], None]),
        "written and refused": partial(refused, encoder.encode, [[5, 5], 0]),
        "written and interrupted": partial(refused, encoder.encode, [[5, 5], 1]),
    }
    assert_nothing_kept(works)


def test_codecs_go_with_all_they_hold():
    """Schemas, steps, nodes, defaults, converters, and the keys of maps that were read."""

    def make(writer: Any, reader: Any) -> None:
        Decoder(writer, reader)
        Decoder(writer, reader, records="tuple", unions="tagged")

    works: dict[str, Work] = {}
    for vector in VECTORS:
        works[vector.name] = lambda it=vector: Decoder(it.schema).decode(it.data)
        works[f"{vector.name}: encoder"] = partial(Encoder, vector.schema, defaults=True)
    for case, (writer, reader, *_) in READ.items():
        works[case] = partial(make, writer, reader)
    for name, (writer, reader) in {"int": ("string", "int"), "symbol": (fixed(2), fixed(3))}.items():
        works[name] = partial(refused_codec, writer, reader)
    assert_nothing_kept(works)


def refused_codec(writer: Any, reader: Any) -> None:
    with pytest.raises(ResolutionError):
        Decoder(writer, reader)


# References


class Token:
    """Something that can be watched."""


class Key(str):
    __slots__ = ("__weakref__",)


def test_errors_do_not_keep_values():
    for schema, wrap in [
        ("int", lambda it: it),
        (array("int"), lambda it: [1, it]),
        (mapping("int"), lambda it: {"k": it}),
        (POINT, lambda it: {"x": 1, "y": it}),
        (["null", "int", "string"], lambda it: it),
        (UNIONS[0], lambda it: {"x": it, "y": it}),
    ]:
        encoder, token = Encoder(schema), Token()
        watched = weakref.ref(token)
        value = wrap(token)
        with pytest.raises(EncodeError):
            encoder.encode(value)
        del value, token
        gc.collect()
        assert watched() is None, schema


def test_errors_do_not_keep_keys():
    key = Key("k")
    watched = weakref.ref(key)
    entries = {key: "bad"}
    with pytest.raises(EncodeError):
        Encoder(mapping("int")).encode(entries)
    del key, entries
    gc.collect()
    assert watched() is None


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None, True and False are immortal")
def test_none_and_booleans():
    nulls, booleans = Decoder(array("null")), Decoder(array("boolean"))
    nullable = Decoder(record("R", **{f"f{i}": ["null", "int"] for i in range(10)}))
    rows = Decoder(record("R", a="null", b="boolean"), records="tuple")
    before = [sys.getrefcount(each) for each in (None, True, False)]
    for _ in range(1000):
        nulls.decode(b"\x14\0")
        booleans.decode(b"\6\1\0\1\0")
        refused(booleans.decode, b"\6\1\0\2\0")
        refused(nulls.decode, b"\x14")
        nullable.decode(bytes(10))
        refused(nullable.decode, bytes(9))
        rows.decode(b"\1")
        refused(rows.decode, b"\2")
    after = [sys.getrefcount(each) for each in (None, True, False)]
    assert all(abs(now - then) < 100 for now, then in zip(after, before, strict=True))


def test_what_the_plan_shares():
    """Names of fields, symbols, branches and constants are handed out again and again."""
    reader = record("R", u=["null", record("In", e=SUIT)])
    reader["fields"].append({"name": "d", "type": "string", "default": "a default that nobody else has"})
    decoder = Decoder(record("R", u=["null", record("In", e=SUIT)]), reader, unions="tagged")
    row = decoder.decode(b"\2\2")
    shared = [*row, row["d"], row["u"][0], row["u"][1]["e"]]
    before = [sys.getrefcount(each) for each in shared]
    for _ in range(1000):
        decoder.decode(b"\2\2")
        refused(decoder.decode, b"\2\x20")
        list(decoder._rows(b"\2\2\2\4", 2, complain))
    assert [sys.getrefcount(each) for each in shared] == before
    del decoder, row
    gc.collect()
    assert shared[2] == "a default that nobody else has"


def test_rows_outlive_their_decoder():
    decoder = Decoder(ORDER, unions="tagged")
    rows = decoder.decode_many(order.data * 3)
    iterator = decoder._rows(order.data * 3, 3, complain)
    del decoder
    gc.collect()
    assert rows == [order.form("tagged")] * 3
    assert list(iterator) == rows


# The cyclic garbage collector

SPOILT: dict[str, tuple[Any, Any, bytes]] = {
    "record": (record("R", a=array("int")), None, b"\0"),
    "record of six": (record("R", a=array("int"), **dict.fromkeys("bcdefg", "int")), None, bytes(7)),
    "last of six": (record("R", **dict.fromkeys("bcdefg", "int"), a=array("int")), None, bytes(7)),
    "resolved": (
        record("R", x="int", a=array("int"), y="int"), record("R", y="int", a=array("int")), bytes(3),
    ),
    "default": (record("R"), {
        "type": "record", "name": "R", "fields": [{"name": "a", "type": array("int"), "default": []}],
    }, b""),
    "nullable": (record("R", a=["null", array("int")]), None, b"\2\0"),
    "map": (mapping(array("int")), None, b"\2\2a\0\0"),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILT)
def test_cycles_of_what_was_read_are_collected(case):
    """Dicts of plain values need no collector; one that holds a list does, however it came by it."""
    writer, reader, data = SPOILT[case]
    row = Decoder(writer, reader).decode(data)
    token = Token()
    watched = weakref.ref(token)
    row["a"] += [row, token]  # dict.__setitem__ tells the collector, ...
    row = Decoder(writer, reader).decode(data)
    token = Token()
    watched = weakref.ref(token)
    row["a"].extend([row, token])  # ... list.extend cannot
    assert gc.is_tracked(row)
    del row, token
    gc.collect()
    assert watched() is None


def test_cycles_of_tuples_are_collected():
    row = Decoder(record("R", a=array("int")), records="tuple").decode(b"\0")
    token = Token()
    watched = weakref.ref(token)
    row[0].extend([row, token])
    del row, token
    gc.collect()
    assert watched() is None


def test_cycles_through_codecs_are_collected():
    class Holder(Doubling):
        pass

    holder = Holder()
    watched = weakref.ref(holder)
    schema = logical("int", "doubling")
    holder.codecs = (Decoder(schema, logical_types=[holder]), Encoder(schema, logical_types=[holder]))
    holder.rows = holder.codecs[0]._rows(b"\4\4", 2, complain)
    next(holder.rows)
    holder.block = holder.codecs[1]._block()
    del holder
    gc.collect()
    assert watched() is None


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_left_as_it_was(enabled):
    decoder = Decoder(logical("int", "doubling"), logical_types=[Doubling()])
    seen: list[bool] = []

    class Looking(Doubling):
        def decode(self, value, schema):
            seen.append(gc.isenabled())
            return value

    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        works: list[Work] = [
            lambda: decoder.decode_many(b"\4\6"),
            lambda: refused(decoder.decode_many, b"\4\6\0"),
            lambda: refused(decoder.decode_many, b"\4\6\2"),
            lambda: refused(decoder.decode_many, b"\4\x80"),
            lambda: refused(decoder._decode_block, b"\4", 2),
            lambda: refused(decoder._decode_block, b"", -1),
            lambda: refused(decoder._decode_block, "text", 1),
            lambda: Decoder(logical("int", "doubling"), logical_types=[Looking()]).decode_many(b"\2\4"),
        ]
        for work in works:
            work()
            assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
    assert seen == [False, False]
