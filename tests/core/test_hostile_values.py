"""Values that raise, lie, change, contain themselves or have no end."""

from __future__ import annotations

import io
import sysconfig
from collections import UserDict, deque
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from avrojet import (
    Decoder,
    EncodeError,
    Encoder,
    EncodeTypeError,
    LimitError,
    Limits,
)
from avrojet.compat import fastavro
from tests.interrupts import Interruption
from tests.objects import (
    Hostile,
    Key,
    Lying,
    Mapped,
    Meddler,
    Mumbling,
    Mute,
    NumpyLike,
    RaisingMapping,
    Sequential,
    Unhashable,
)
from tests.stacks import in_a_small_stack
from tests.vectors import LIST, POINT, SUIT, array, fixed, logical, mapping, record

DATE = logical("int", "date")
MICROS = logical("long", "timestamp-micros")


EVERY_TYPE: list[Any] = [
    "null", "boolean", "int", "long", "float", "double", "bytes", "string", fixed(2), SUIT, array("int"),
    mapping("int"), POINT, ["null", "int"], ["int", "string", POINT, SUIT], DATE, MICROS,
    logical("int", "time-millis"), logical("bytes", "decimal", precision=4), logical("bytes", "big-decimal"),
    logical("string", "uuid"), fixed(16, logicalType="uuid"), fixed(12, logicalType="duration"),
]  # fmt: skip


@pytest.mark.parametrize("schema", EVERY_TYPE, ids=lambda it: str(it)[:40])
@pytest.mark.parametrize("attributes", [False, True])
def test_a_value_that_raises_whatever_it_is_asked(schema, attributes):
    """It is refused, or its exception goes through; nothing is swallowed, nothing else breaks."""
    encoder = Encoder(schema, attributes=attributes)
    block = encoder._block()
    values = [
        Hostile(ZeroDivisionError),
        NumpyLike("b"),
        NumpyLike("f"),
        NumpyLike("i"),
        np.array([True, False]),
        np.zeros(3),
    ]
    for value in values:
        for write in (encoder.encode, block.append, lambda it: encoder.encode_many([it])):
            try:
                write(value)
            except (EncodeError, ZeroDivisionError, ValueError):
                pass
            else:
                assert isinstance(value, np.ndarray)


@pytest.mark.parametrize("schema", EVERY_TYPE, ids=lambda it: str(it)[:40])
def test_an_interruption_within_code_of_a_value_is_never_lost(schema):
    """Nor does it become an error of the value: the exception that was raised reaches the caller."""
    raised: list[str] = []

    def interruption(text: str) -> Interruption:
        raised.append(text)
        return Interruption(text)

    value: Any = Hostile(interruption)
    for encode in (
        Encoder(schema).encode,
        Encoder(schema, attributes=True).encode,
        lambda it: fastavro.schemaless_writer(io.BytesIO(), schema, it),
        lambda it: Encoder(["null", schema] if isinstance(schema, str | dict) else schema).encode(it),
    ):
        raised.clear()
        with pytest.raises((EncodeError, ValueError, TypeError, Interruption)) as caught:
            encode(value)
        assert isinstance(caught.value, Interruption) == bool(raised), (raised, caught.value)


@pytest.mark.parametrize("kind", [Interruption, KeyboardInterrupt, SystemExit, MemoryError])
@pytest.mark.parametrize("schema", EVERY_TYPE, ids=lambda it: str(it)[:40])
def test_an_interruption_while_a_value_is_asked_for_its_dtype(schema, kind):
    class Asked:
        times = 0

        @property
        def dtype(self) -> Any:
            self.times += 1
            raise kind

    for encode in (Encoder(schema).encode, lambda it: fastavro.schemaless_writer(io.BytesIO(), schema, it)):
        value = Asked()
        with pytest.raises((EncodeError, ValueError, TypeError, kind)) as caught:
            encode(value)
        assert isinstance(caught.value, kind) == (value.times > 0)


@pytest.mark.parametrize("extra", [{}, {"z": 1}])
def test_an_interruption_while_keys_are_compared(extra):
    """In unions of records, which look at the keys first, and in records."""

    class Alike(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            raise Interruption

        def __hash__(self) -> int:
            return hash(str.__str__(self))

    fields = [{"name": "y", "type": "long"}, {"name": "x", "type": "int"}]
    records = [{"type": "record", "name": name, "fields": fields} for name in "AB"]
    for schema in ([*records, "null"], records[0], ["null", records[0]]):
        for key in ("-type", "x", "y"):
            value = {Alike(key): 1, **{name: 1 for name in "xy" if name != key}, **extra}
            for write in (
                Encoder(schema).encode,
                lambda it, schema=schema: fastavro.schemaless_writer(io.BytesIO(), schema, it),
            ):
                try:
                    write(value)
                except Interruption:
                    continue
                except (EncodeError, ValueError, TypeError):
                    assert key == "-type"  # which nobody has asked for
                else:
                    assert key == "-type"


@pytest.mark.parametrize(
    "meddle",
    [
        lambda items: items.append(5),
        lambda items: items.pop(),
        lambda items: items.clear(),
        lambda items: items.extend(range(10000)),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("schema", ["int", "double", ["null", "int"]])
def test_a_list_that_changes_while_it_is_encoded(meddle, place, schema):
    items: list[Any] = [1, 2, 3]
    items[place] = Meddler(lambda: meddle(items))
    with pytest.raises(EncodeError, match="list changed its size while it was encoded"):
        Encoder(array(schema)).encode(items)


@pytest.mark.parametrize(
    "meddle",
    [
        lambda entries: entries.update(z=5),
        lambda entries: entries.popitem(),
        lambda entries: entries.clear(),
        lambda entries: entries.update({str(i): i for i in range(1000)}),
    ],
)
@pytest.mark.parametrize("place", ["a", "b", "c"])
def test_a_dict_that_changes_while_it_is_encoded(meddle, place):
    entries: dict[str, Any] = {"a": 1, "b": 2, "c": 3}
    entries[place] = Meddler(lambda: meddle(entries))
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        with pytest.raises(EncodeError, match="dict changed its size while it was encoded"):
            Encoder(mapping("int")).encode(entries)
    else:  # a copy is encoded, which no other thread can change
        data = Encoder(mapping("int")).encode(entries)
        assert Decoder(mapping("int")).decode(data).keys() == {"a", "b", "c"}


def test_a_record_whose_fields_change_while_it_is_encoded():
    """What it holds when a field is asked for is what counts; a field that is gone is missing."""
    value: dict[str, Any] = {}
    value.update(x=Meddler(lambda: value.update(y=7)), y=2)
    assert Encoder(POINT).encode(value) == b"\2\x0e"
    value.clear()
    value.update(x=Meddler(value.clear), y=2)
    with pytest.raises(EncodeError, match="field 'y' is missing"):
        Encoder(POINT).encode(value)


def test_a_value_that_drops_itself():
    """Whoever takes a value out of a container keeps it alive while it is encoded."""
    outer: list[Any] = []

    def drop():
        outer[0][0].clear()
        outer.clear()

    outer.append([{"x": Meddler(drop), "y": [1] * 1000}])
    with pytest.raises(EncodeError):
        Encoder(array(array(record("R", x="int", y=array("int"))))).encode(outer)
    assert outer == []


@pytest.mark.parametrize("kind", [ZeroDivisionError, KeyboardInterrupt, AttributeError])
def test_an_index_that_raises(kind):
    def stop():
        raise kind("mine")

    for schema in ("int", "double", ["null", "long"], ["string", "long", "double"]):
        with pytest.raises(kind, match="mine"):
            Encoder(schema).encode(Meddler(stop))


def test_sequences_that_raise_or_lie():
    encoder = Encoder(array("int"))
    with pytest.raises(ZeroDivisionError, match="mine"):
        encoder.encode(Lying([1, 2]))
    assert encoder.encode(Sequential([1, 2], length=10**6)) == b"\4\2\4\0"
    with pytest.raises((ValueError, OverflowError)):
        encoder.encode(Sequential([1], length=-1))
    assert encoder.encode(Sequential([1, 2, 3], length=1)) == b"\6\2\4\6\0"
    with pytest.raises(EncodeTypeError):
        encoder.encode(SimpleNamespace(tolist=lambda: (1, 2)))
    with pytest.raises(EncodeTypeError):
        encoder.encode(SimpleNamespace(tolist=5) if callable(5) else SimpleNamespace())


def test_mappings_that_raise_or_lie():
    for schema in (mapping("int"), POINT, ["null", POINT]):
        with pytest.raises(ZeroDivisionError, match="mine"):
            Encoder(schema).encode(RaisingMapping({"x": 1, "y": 2}))
    assert Encoder(POINT, extra_fields="error").encode(Mapped({"x": 1, "y": 2}, length=99)) == b"\2\4"


def test_text_with_its_own_idea_of_equality():
    with pytest.raises(ZeroDivisionError, match="mine"):
        Encoder(SUIT).encode(Unhashable("CLUBS"))
    with pytest.raises(ZeroDivisionError, match="mine"):
        Encoder(SUIT).encode(Key("CLUBS"))
    with pytest.raises(ZeroDivisionError, match="mine"):
        Encoder(POINT).encode({Key("x"): 1, "y": 2})
    assert Encoder("string").encode(Key("ab")) == b"\4ab"
    assert Encoder(mapping("int")).encode({Key("a"): 1}) == b"\2\2a\2\0"
    assert Encoder(["null", "int"]).encode((Key("int"), 1)) == b"\2\2"
    assert Encoder("string").encode(Mute("ab")) == b"\4ab"


def test_values_that_cannot_be_shown():
    encoder = Encoder("int")
    with pytest.raises(EncodeTypeError, match="expected int, got Mumbling <Mumbling instance"):
        encoder.encode(Mumbling(ZeroDivisionError))
    with pytest.raises(EncodeTypeError, match=r"got list \[<Mumbling instance"):
        encoder.encode([Mumbling(RecursionError)])
    with pytest.raises(KeyboardInterrupt):
        encoder.encode(Mumbling(KeyboardInterrupt))
    with pytest.raises(EncodeTypeError) as caught:
        encoder.encode(Mumbling("é\ud800" * 10000))
    assert len(str(caught.value)) < 150
    with pytest.raises((EncodeError, ZeroDivisionError)):
        Encoder(mapping("int")).encode({Mute("k"): "bad"})


# Depth


def nested(make: Any, levels: int) -> Any:
    value = None
    for _ in range(levels):
        value = make(value)
    return value


CHILDREN = record("Children", children=["null", array("Children")])
ANY = record("Any", of=["null", array(["null", "Any"]), mapping(["null", "Any"])])
RECORDS: dict[str, Any] = {
    "dict": lambda it: {"head": 1, "tail": it},
    "tuple": lambda it: (1, it),
    "tagged": lambda it: {"head": 1, "tail": it and ("List", it)},
    "UserDict": lambda it: UserDict(head=1, tail=it),
    "attributes": lambda it: SimpleNamespace(head=1, tail=it),
}


@pytest.mark.parametrize("kind", RECORDS)
def test_deep_values(kind):
    depth = Limits().depth
    encoder = Encoder(LIST, attributes=True)

    def write():
        assert len(encoder.encode(nested(RECORDS[kind], depth))) == 2 * depth
        for levels in (depth + 1, 20_000):
            value = nested(RECORDS[kind], levels)
            with pytest.raises(LimitError, match="depth"):
                encoder.encode(value)
            with pytest.raises(LimitError, match="depth"):
                encoder.encode_many([value])
            while value is not None:  # by hand, as deep objects take deep stacks to free
                value = value.get("tail") if isinstance(value, dict | UserDict) else (
                    value[1] if isinstance(value, tuple) else value.tail)  # fmt: skip

    in_a_small_stack(write)


def circular() -> dict[str, tuple[Any, Any]]:
    items: list[Any] = []
    items.append({"children": items})
    entries: dict[str, Any] = {"head": 1}
    entries["tail"] = entries
    wrapped = UserDict(head=1)
    wrapped["tail"] = wrapped
    space = SimpleNamespace(head=1)
    space.tail = space
    queue: deque[Any] = deque()
    queue.append(UserDict(children=queue))
    looped: dict[str, Any] = {}
    looped["k"] = {"of": looped}
    objects = np.empty(1, object)
    objects[0] = {"children": objects}
    return {
        "list": (array(CHILDREN), items),
        "dict": (LIST, entries),
        "UserDict": (LIST, wrapped),
        "attributes": (LIST, space),
        "deque": (array(CHILDREN), queue),
        "map": (ANY, {"of": looped}),
        "numpy": (array(CHILDREN), objects),
    }


@pytest.mark.parametrize("kind", circular())
def test_a_value_that_contains_itself(kind):
    schema, value = circular()[kind]
    encoder = Encoder(schema, attributes=True)
    with pytest.raises(LimitError, match="contains itself"):
        in_a_small_stack(lambda: encoder.encode(value))
    block = encoder._block()
    with pytest.raises(LimitError):
        in_a_small_stack(lambda: block.append(value))
    assert (block.count, block.size) == (0, 0)


def test_a_deep_value_of_the_wrong_type():
    value: Any = []
    for _ in range(100_000):
        value = [value]
    for schema in ("int", POINT, ["null", POINT], mapping("int")):
        with pytest.raises(EncodeTypeError):
            in_a_small_stack(lambda it=schema: Encoder(it).encode(value))


# Limits


def test_the_limit_of_bytes():
    encoder = Encoder("string", limits=Limits(value_bytes=100))
    assert len(encoder.encode("x" * 98)) == 100
    with pytest.raises(LimitError, match="value_bytes"):
        encoder.encode("x" * 99)
    with pytest.raises(LimitError, match="value_bytes"):
        encoder.encode("x" * 5000)
    assert len(encoder.encode_many(["x" * 90] * 1000)) == 92_000
    block = encoder._block()
    block.append("x" * 90)
    for size in (99, 5000):
        with pytest.raises(LimitError):
            block.append("x" * size)
    block.append("y")
    assert block.take() == encoder.encode("x" * 90) + b"\2y"
    with pytest.raises(LimitError):
        Encoder(array("int"), limits=Limits(value_bytes=100)).encode([0] * 100)


def test_the_limit_of_depth():
    encoder = Encoder(LIST, limits=Limits(depth=3))
    block = encoder._block()
    for _ in range(3):
        assert encoder.encode(nested(RECORDS["dict"], 3))
        block.append(nested(RECORDS["dict"], 3))
        with pytest.raises(LimitError):
            encoder.encode(nested(RECORDS["dict"], 4))
        with pytest.raises(LimitError):
            block.append(nested(RECORDS["dict"], 4))
    assert block.count == 3
