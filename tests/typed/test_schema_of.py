"""The schema of a class: what each annotation becomes, and what has no exact form."""
# ruff: noqa: UP007, UP045 (both ways to write a union are tested)

from __future__ import annotations

import collections.abc as abc
import enum
import json
from collections import deque, namedtuple
from collections.abc import Mapping  # fmt: skip
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    Required,
    TypedDict,
    TypeVar,
    Union,
)
from uuid import UUID

import pytest

import avrojet
from avrojet import Decoder, Duration, EncodeError, Encoder, NanoDatetime, SchemaError, record, schema_of
from avrojet import field as avro

T = TypeVar("T")
Text = NewType("Text", str)


class Color(enum.Enum):
    RED = "red"
    GREEN = "green"


class Odd(enum.Enum):
    ONE = "1 one"
    TWO = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Kind(enum.StrEnum):
    A = "a"
    B = "b"


class Flags(enum.Flag):
    A = 1


class Email(str):
    __slots__ = ()


@dataclass
class Point:
    x: int


@dataclass
class Node:
    """A node of a list."""

    head: int
    tail: Node | None = None


@dataclass
class Box(Generic[T]):
    value: T
    more: list[T]


@dataclass
class IntBox(Box[int]):
    pass


def logical(type: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": type, "logicalType": name, **more}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


POINT = {"type": "record", "name": "Point", "fields": [{"name": "x", "type": "long"}]}
NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
DURATION = {"type": "fixed", "name": "Duration", "size": 12, "logicalType": "duration"}

# Annotation, schema, a value of it.
EXACT = {
    "int": (int, "long", 1 << 40),
    "int of 32 bits": (Annotated[int, "int"], "int", 5),
    "float": (float, "double", 0.1),
    "float of 32 bits": (Annotated[float, "float"], "float", 0.5),
    "str": (str, "string", "é"),
    "bytes": (bytes, "bytes", b"\xff"),
    "bool": (bool, "boolean", True),
    "datetime": (datetime, logical("long", "timestamp-micros"), NOW),
    "datetime in ms": (
        Annotated[datetime, "timestamp-millis"],
        logical("long", "timestamp-millis"),
        NOW.replace(microsecond=678000),
    ),
    "datetime without zone": (
        Annotated[datetime, avro(type="local-timestamp-micros")],
        logical("long", "local-timestamp-micros"),
        NOW.replace(tzinfo=None),
    ),
    "nanoseconds": (NanoDatetime, logical("long", "timestamp-nanos"), NanoDatetime.from_datetime(NOW, 7)),
    "date": (date, logical("int", "date"), date(2026, 1, 2)),
    "time": (time, logical("long", "time-micros"), time(1, 2, 3, 4)),
    "time in ms": (Annotated[time, "time-millis"], logical("int", "time-millis"), time(1, 2, 3)),
    "timedelta": (timedelta, DURATION, timedelta(days=3, milliseconds=5)),
    "Duration": (Duration, DURATION, Duration(1, 2, 3)),
    "UUID": (UUID, logical("string", "uuid"), UUID(int=7)),
    "UUID of 16 bytes": (
        Annotated[UUID, avro(type={"type": "fixed", "name": "Id", "size": 16, "logicalType": "uuid"})],
        {"type": "fixed", "name": "Id", "size": 16, "logicalType": "uuid"},
        UUID(int=7),
    ),
    "Decimal": (
        Annotated[Decimal, avro(precision=9, scale=2)],
        logical("bytes", "decimal", precision=9, scale=2),
        Decimal("1.50"),
    ),
    "Decimal of any digits": (
        Annotated[Decimal, "big-decimal"],
        logical("bytes", "big-decimal"),
        Decimal("1.500"),
    ),
    "enum of names as values": (
        Color,
        {"type": "enum", "name": "Color", "symbols": ["red", "green"]},
        Color.GREEN,
    ),
    "enum of other values": (Odd, {"type": "enum", "name": "Odd", "symbols": ["ONE", "TWO"]}, Odd.TWO),
    "IntEnum": (Level, {"type": "enum", "name": "Level", "symbols": ["LOW", "HIGH"]}, Level.HIGH),
    "StrEnum": (Kind, {"type": "enum", "name": "Kind", "symbols": ["a", "b"]}, Kind.B),
    "Literal of numbers": (Literal[1, 2], "long", 2),
    "Literal of no names": (Literal["a b", "c"], "string", "a b"),
    "Optional": (Optional[str], ["string", "null"], None),
    "union": (Union[int, str, None], ["long", "string", "null"], "x"),
    "list": (list[int], array("long"), [1]),
    "Sequence": (abc.Sequence[int], array("long"), [1]),
    "tuple of one type": (tuple[int, ...], array("long"), (1, 2)),
    "set": (set[str], array("string"), {"a", "b"}),
    "frozenset": (frozenset[str], array("string"), frozenset({"a"})),
    "deque": (deque[int], array("long"), deque([1, 2])),
    "set in a union": (set[str] | None, [array("string"), "null"], {"a"}),
    "dict": (dict[str, int], {"type": "map", "values": "long"}, {"a": 1}),
    "Mapping": (Mapping[str, list[int]], {"type": "map", "values": array("long")}, {"a": [1]}),
    "tuple of several types": (
        tuple[int, str],
        {
            "type": "record",
            "name": "Tuple",
            "fields": [{"name": "item0", "type": "long"}, {"name": "item1", "type": "string"}],
        },
        (1, "array"),
    ),
    "NewType": (Text, "string", "x"),
    "class below str": (Email, "string", Email("a@b")),
    "class": (Point, POINT, Point(1)),
    "list of class": (list[Point], array(POINT), [Point(1), Point(2)]),
    "generic": (
        Box[int],
        {
            "type": "record",
            "name": "Box_int",
            "fields": [{"name": "value", "type": "long"}, {"name": "more", "type": array("long")}],
        },
        Box(1, [2]),
    ),
    "generic of a class": (
        Box[Point],
        {
            "type": "record",
            "name": "Box_Point",
            "fields": [{"name": "value", "type": POINT}, {"name": "more", "type": array("Point")}],
        },
        Box(Point(1), [Point(2)]),
    ),
    "below a generic": (
        IntBox,
        {
            "type": "record",
            "name": "IntBox",
            "fields": [{"name": "value", "type": "long"}, {"name": "more", "type": array("long")}],
        },
        IntBox(1, [2]),
    ),
    "recursive": (
        Node,
        {
            "type": "record",
            "name": "Node",
            "doc": "A node of a list.",
            "fields": [
                {"name": "head", "type": "long"},
                {"name": "tail", "type": ["null", "Node"], "default": None},
            ],
        },
        Node(1, Node(2)),
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_an_annotation_has_this_schema_and_values_come_back(name):
    hint, schema, value = EXACT[name]
    made = schema_of(hint)
    assert json.loads(made.json) == schema
    decoded = Decoder(hint).decode(Encoder(hint).encode(value))
    assert decoded == value
    assert type(decoded) is type(value)
    assert avrojet.parse_schema(hint) is made


def of(hint: Any, default: Any = ...) -> dict[str, Any]:
    """The field that a dataclass has for an annotation."""
    spec = {"__annotations__": {"f": hint}, "__module__": __name__}
    if default is not ...:
        spec["f"] = default
    (made,) = json.loads(schema_of(dataclass(type("Of", (), spec))).json)["fields"]
    return made


DEFAULTS = {
    "null goes first": (Optional[str], None, ["null", "string"], None),
    "the default's branch goes first": (Optional[str], "x", ["string", "null"], "x"),
    "of three": (Union[None, int, str], "x", ["string", "null", "long"], "x"),
    "no branch is added": (Union[int, str], 1, ["long", "string"], 1),
    "date": (date, date(1970, 1, 3), logical("int", "date"), 2),
    "datetime": (datetime, NOW, logical("long", "timestamp-micros"), 1767323045678901),
    "Decimal": (
        Annotated[Decimal, avro(precision=9, scale=3)],
        Decimal("1.5"),
        logical("bytes", "decimal", precision=9, scale=3),
        "\u0005\u00dc",
    ),
    "bytes": (bytes, b"\xff\x00", "bytes", "\u00ff\u0000"),
    "enum": (Color, Color.GREEN, {"type": "enum", "name": "Color", "symbols": ["red", "green"]}, "green"),
    "list": (list[int], field(default_factory=lambda: [1]), array("long"), [1]),
    "class": (Point, field(default_factory=lambda: Point(7)), POINT, {"x": 7}),
    "set": (set[str], field(default_factory=set), array("string"), []),
    "float": (float, 1, "double", 1.0),
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_default_is_encoded_as_avro_has_it(name):
    hint, default, type_, json_default = DEFAULTS[name]
    assert of(hint, default) == {"name": "f", "type": type_, "default": json_default}


def test_a_default_that_changes_is_none():
    assert "default" not in of(UUID, field(default_factory=lambda: __import__("uuid").uuid4()))


def test_a_literal_of_names_is_an_enum_named_after_its_place():
    assert of(Literal["a", "b"], "b") == {
        "name": "f", "type": {"type": "enum", "name": "OfF", "symbols": ["a", "b"]}, "default": "b"
    }  # fmt: skip


def test_a_literal_is_checked_both_ways():
    with pytest.raises(avrojet.EncodeError, match="'d' is not one of 'a b', 'c'"):
        Encoder(Literal["a b", "c"]).encode("d")
    with pytest.raises(avrojet.EncodeError):
        Encoder(Literal[1, 2]).encode(True)
    with pytest.raises(avrojet.DecodeError, match="3 is not one of 1, 2"):
        Decoder(Literal[1, 2]).decode(b"\x06")


def test_what_python_cannot_say_is_said_by_field_and_record():
    @record(name="Order", namespace="shop", aliases=["Purchase"], props={"team": "web"})
    @dataclass
    class Of:
        """An order."""

        class_: Annotated[
            int, avro(name="class", doc="which", aliases=["klass"], order="ignore", props={"x": 1})
        ]
        at: Annotated[datetime, avro(type="timestamp-millis", default=datetime(1970, 1, 1, tzinfo=UTC))]
        color: Color = Color.RED

    schema = json.loads(schema_of(Of).json)
    assert schema == {
        "type": "record",
        "name": "Order",
        "namespace": "shop",
        "aliases": ["Purchase"],
        "doc": "An order.",
        "team": "web",
        "fields": [
            {
                "name": "class",
                "type": "long",
                "doc": "which",
                "aliases": ["klass"],
                "order": "ignore",
                "x": 1,
            },
            {"name": "at", "type": logical("long", "timestamp-millis"), "default": 0},
            {
                "name": "color",
                "type": {"type": "enum", "name": "Color", "symbols": ["red", "green"]},
                "default": "red",
            },
        ],
    }
    value = Of(5, NOW.replace(microsecond=0))
    data = Encoder(Of).encode(value)
    assert Decoder(Of).decode(data) == value
    assert Decoder(schema).decode(data)["class"] == 5


def test_a_class_of_others_is_named_by_arguments():
    made = schema_of(Point, name="P", namespace="geo", aliases=["Old"], doc="A point.")
    assert json.loads(made.json) == {
        **POINT, "name": "P", "namespace": "geo", "aliases": ["geo.Old"], "doc": "A point."
    } or made.aliases == ("geo.Old",)  # fmt: skip
    assert made.fullname == "geo.P"


def test_an_enum_has_a_default_if_it_is_asked_for():
    @record(default="b")
    class Letter(enum.Enum):
        A = "a"
        B = "b"

    assert json.loads(schema_of(Letter).json)["default"] == "b"
    assert Letter.B is Decoder('{"type":"enum","name":"Letter","symbols":["z"]}', Letter).decode(b"\0")


class Vague(TypedDict):
    x: NotRequired[int | None]


class Given(TypedDict, total=False):
    x: Annotated[int, avrojet.field(default=1)]


Untyped = namedtuple("Untyped", "x")  # noqa: PYI024


@dataclass
class Lost:
    x: Missing  # noqa: F821


INEXACT = {
    "set of digits": (Decimal, "needs its digits"),
    "keys that are no text": (dict[int, str], "keys of Avro's maps are text"),
    "Any": (Any, "say which types it may have"),
    "object": (object, "say which types it may have"),
    "list of anything": (list, "does not say what it holds"),
    "tuple of anything": (tuple, "does not say what it holds"),
    "dict of anything": (dict, "does not say what it holds"),
    "two arrays": (list[int] | list[str], "two branches of the union are both array"),
    "two numbers": (int | datetime, "both long"),
    "flags": (Flags, "annotate int"),
    "no class of records": (Exception, "not a dataclass"),
    "open variable": (Box, "the type variable T is open"),
    "a key that may be missing or None": (Vague, r"null stands for a key that is not there"),
    "a key that may be missing, with a default": (Given, r"null stands for a key that is not there"),
    "no annotation": (Untyped, "no annotation"),
    "a name that is not there": (Lost, "'Missing', which is not found"),
    "complex": (complex, "two floats"),
}


@pytest.mark.parametrize("name", INEXACT)
def test_what_has_no_exact_form_says_what_to_write(name):
    hint, words = INEXACT[name]
    with pytest.raises(SchemaError, match=words):
        schema_of(hint)


def test_two_classes_of_one_name_are_told_apart():
    other = dataclass(type("Point", (), {"__annotations__": {"y": int}, "__module__": __name__}))
    with pytest.raises(SchemaError, match="there are two types Point"):
        schema_of(tuple[Point, other])
    record(namespace="other")(other)
    assert schema_of(tuple[Point, other])


def test_names_of_a_function_are_given():
    @dataclass
    class Inner:
        x: int

    @dataclass
    class Outer:
        inner: Inner

    with pytest.raises(SchemaError, match=r"localns=locals\(\)"):
        schema_of(Outer)
    assert schema_of(Outer, localns=locals()).fields[0].type.fullname == "Inner"


class Pair(NamedTuple):
    a: int
    b: Color = Color.RED


def test_a_class_fits_a_schema_or_says_what_does_not():
    schema = {**POINT, "fields": [{"name": "x", "type": "string"}]}
    with pytest.raises(avrojet.ResolutionError, match="string"):
        Decoder(schema, Point)
    with pytest.raises(SchemaError, match=r"the class has int where the schema has string"):
        Decoder(schema, classes={"Point": Point})
    with pytest.raises(SchemaError, match=r"annotate int \| None"):
        Decoder({**POINT, "fields": [{"name": "x", "type": ["null", "long"]}]}, classes={"Point": Point})
    with pytest.raises(SchemaError, match=r"has a field 'y', which Point lacks"):
        Decoder({**POINT, "fields": [*POINT["fields"], {"name": "y", "type": "int"}]}, classes=[Point])
    with pytest.raises(SchemaError, match="no member of Color stands for the symbol 'blue'"):
        Decoder({"type": "enum", "name": "Color", "symbols": ["blue"]}, classes=[Color])
    with pytest.raises(SchemaError, match="'a' without default"):
        Decoder({"type": "record", "name": "Pair", "fields": []}, classes=[Pair])


@pytest.mark.parametrize("form", ["{} | {}", "list[{} | {}]", "dict[str, {} | {}]"])
def test_the_order_of_a_union_counts_though_python_takes_both_for_equal(form):
    one, other = (eval(form.format(*pair), globals()) for pair in (("int", "str"), ("str", "int")))
    texts = [schema_of(each).json for each in (one, other)]
    assert ['["long","string"]' in text for text in texts] == [True, False]
    value = {"l": ["x"], "d": {"k": "x"}}.get(form[0], "x")
    for _ in range(2):
        for each in (one, other):
            data = avrojet.encode(value, each)
            assert (
                data == avrojet.Encoder(each).encode(value) == avrojet.Encoder(schema_of(each)).encode(value)
            )
            assert avrojet.decode(data, each) == avrojet.Decoder(each).decode(data) == value


def test_codecs_of_what_was_seen_before_are_only_looked_up(monkeypatch):
    @dataclass
    class Seen:
        a: int

    schema = schema_of(Seen)
    old = avrojet.parse_schema({"type": "record", "name": "Seen", "fields": [{"name": "a", "type": "int"}]})
    for source in (Seen, list[Seen], schema, Annotated[Seen, ["no hash"]]):
        avrojet.Encoder(source), avrojet.Decoder(source)
        avrojet.Decoder(old, Seen)
    monkeypatch.setattr("avrojet.datum.resolve", None)
    monkeypatch.setattr("avrojet.typed.binding._bound", None)
    assert avrojet.Decoder(list[Seen]).decode(avrojet.Encoder(list[Seen]).encode([Seen(1)])) == [Seen(1)]
    assert avrojet.Decoder(old, Seen).decode(b"\x02") == avrojet.Decoder(Seen).decode(b"\x02") == Seen(1)
    assert avrojet.Decoder(schema).decode(avrojet.Encoder(schema).encode({"a": 1})) == {"a": 1}
    assert avrojet.Decoder(Seen).to_json(b"\x02") == '{"a":1}'
    for different in (
        {"records": "tuple"},
        {"trusted": True},
        {"unions": "tagged"},
        {"limits": avrojet.Limits(items=7)},
    ):
        with pytest.raises(TypeError, match="NoneType"):
            avrojet.Decoder(Seen, **different)


class Piece(TypedDict, total=False):
    a: int
    b: Required[str]


class Loose(TypedDict):
    id: int
    note: NotRequired[str]
    either: NotRequired[int | str]
    inner: NotRequired[Piece]
    many: list[Piece]


class Rival(TypedDict):
    id: int
    other: NotRequired[str]


LOOSE = [
    {"id": 1, "many": []},
    {"id": 2, "many": [{"b": "x"}, {"a": 1, "b": "y"}], "note": "", "either": "z", "inner": {"b": "w"}},
    {"id": 3, "many": [], "either": 4},
]


def test_keys_that_are_not_required_are_null_in_the_schema_and_absent_in_python():
    schema = schema_of(Loose)
    found = {
        field.name: (str(field.type.type), field.default) for field in schema.fields if field.name != "many"
    }
    assert found.pop("id")[0] == "long"
    assert found == dict.fromkeys(("note", "either", "inner"), ("union", None))
    encoder, decoder, plain = avrojet.Encoder(Loose), avrojet.Decoder(Loose), avrojet.Encoder(schema)
    full = {"note": None, "either": None, "inner": None}
    for value in LOOSE:
        data = encoder.encode(value)
        assert decoder.decode(data) == value
        inner = [{"a": None, **each} for each in value["many"]]
        whole = {**full, **value, "many": inner}
        if "inner" in value:
            whole["inner"] = {"a": None, **value["inner"]}
        assert plain.encode(whole) == data == encoder.encode(whole)
    with pytest.raises(EncodeError, match="id"):
        encoder.encode({"many": []})


def test_evolution_and_unions_of_dicts_whose_keys_may_be_missing():
    old = {"type": "record", "name": "Rival", "fields": [{"name": "id", "type": "int"}]}
    assert avrojet.Decoder(old, Rival).decode(b"\x02") == {"id": 1}
    either = avrojet.Encoder(Loose | Rival), avrojet.Decoder(Loose | Rival)
    for value in (*LOOSE, {"id": 1, "other": "x"}):
        assert either[1].decode(either[0].encode(value)) == value
    by_name = avrojet.Decoder(schema_of(Rival), classes=[Rival])
    assert by_name.decode(avrojet.Encoder(Rival).encode({"id": 5})) == {"id": 5}
    required = {**old, "fields": [*old["fields"], {"name": "other", "type": "string"}]}
    assert avrojet.Decoder(required, classes=[Rival]).decode(b"\x02\x02a") == {"id": 1, "other": "a"}
    with pytest.raises(EncodeError, match="other"):
        avrojet.Encoder(required, classes=[Rival]).encode({"id": 1})
    assert avrojet.Decoder(Rival, records="tuple").decode(b"\x02\x00") == (1, None)
