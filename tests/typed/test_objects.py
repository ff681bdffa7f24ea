"""Instances: how they are made and read, what their classes promise, and classes that mean no good."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import enum
import gc
import io
import sys
import weakref
from dataclasses import dataclass
from typing import Annotated, Any, Generic, NamedTuple, TypedDict, TypeVar

import pytest

import avrojet
from avrojet import DecodeError, Decoder, EncodeError, Encoder, EncodeTypeError, SchemaError
from avrojet.typed.binding import bound
from tests.stacks import in_a_small_stack

attrs = pytest.importorskip("attrs")
msgspec = pytest.importorskip("msgspec")
pydantic = pytest.importorskip("pydantic")

HINTS = {"a": int, "b": "str | None", "c": "list[float]"}
VALUES = {"a": 7, "b": "x", "c": [0.5]}


def body() -> dict[str, Any]:
    return {"__annotations__": dict(HINTS), "__module__": __name__}


PLAIN = dataclass(type("Plain", (), body()))
SLOTS = dataclass(slots=True)(type("Slots", (), body()))
FROZEN = dataclass(frozen=True)(type("Frozen", (), body()))
FROZEN_SLOTS = dataclass(frozen=True, slots=True)(type("FrozenSlots", (), body()))
ATTRS = attrs.define(type("Attrs", (), body()))
ATTRS_FROZEN = attrs.frozen(type("AttrsFrozen", (), body()))
ATTRS_DICT = attrs.define(slots=False)(type("AttrsDict", (), body()))
STRUCT = msgspec.defstruct("Struct", list(HINTS.items()), module=__name__)
STRUCT_FROZEN = msgspec.defstruct("StructFrozen", list(HINTS.items()), module=__name__, frozen=True, gc=False)
STRUCT_KW = msgspec.defstruct("StructKw", list(HINTS.items()), module=__name__, kw_only=True)


class TUPLE(NamedTuple):
    a: int
    b: str | None
    c: list[float]


MODEL = pydantic.create_model(
    "Model", a=(int, ...), b=(str | None, ...), c=(list[float], ...), __module__=__name__
)  # fmt: skip


class DICT(TypedDict):
    a: int
    b: str | None
    c: list[float]


class Below(PLAIN):
    pass


class BelowSlots(SLOTS):
    pass


ALL = [
    PLAIN, SLOTS, FROZEN, FROZEN_SLOTS, ATTRS, ATTRS_FROZEN, ATTRS_DICT, STRUCT, STRUCT_FROZEN, STRUCT_KW,
    TUPLE,
    MODEL, DICT, Below, BelowSlots,
]  # fmt: skip


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)
def test_instances_go_and_come_back(cls):
    value = cls(**VALUES)
    encoder, decoder = Encoder(cls), Decoder(cls)
    data = encoder.encode(value)
    assert data == encoder.encode(VALUES) == Encoder(avrojet.schema_of(cls)).encode(VALUES)
    made = decoder.decode(data)
    assert made == value
    assert type(made) is type(value)
    assert decoder.decode_many(data * 3) == [value] * 3
    assert repr(made) == repr(value)
    if hasattr(value, "__dict__") and cls is not MODEL:
        assert list(vars(made).items()) == list(vars(value).items())
    if dataclasses.is_dataclass(cls):
        assert dataclasses.replace(made, a=8) == dataclasses.replace(value, a=8)
    if type(value) is not dict and cls.__hash__ is not None and cls is not TUPLE and cls is not MODEL:
        with pytest.raises(TypeError):  # of the list in it: the hash is that of the fields
            hash(made)
    file = io.BytesIO()
    avrojet.write(file, cls, [value, value])
    assert avrojet.read(file.getvalue(), cls) == [value, value]
    with avrojet.DataFileReader(file.getvalue(), reader_schema=cls) as rows:
        assert list(rows) == [value, value]


MAKING = {
    PLAIN: "slots" if sys.version_info >= (3, 14) else "values",
    SLOTS: "slots",
    FROZEN_SLOTS: "slots",
    ATTRS: "slots",
    STRUCT: "call",
    TUPLE: "items",
    MODEL: "entries",
}


@pytest.mark.skipif(
    sys.version_info >= (3, 14) or not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="elsewhere"
)
@pytest.mark.parametrize("cls", MAKING, ids=lambda cls: cls.__name__)
def test_no_code_of_python_makes_an_instance(cls):
    form = bound(cls).shape.form
    assert form.making == MAKING[cls]
    assert form.reading == {"call": "slots", "entries": "dict"}.get(form.making, form.making)


@pytest.fixture(scope="module")
def frozen():
    """What the test run holds so far is not looked through again for garbage."""
    gc.collect()
    gc.freeze()


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)
def test_nothing_leaks(cls):
    """Instances that are made, that fail in the middle, and values that are read."""
    decoder, encoder = Decoder(cls), Encoder(cls)
    data = encoder.encode(VALUES)
    value = decoder.decode(data)

    def work() -> None:
        for _ in range(50):
            encoder.encode(decoder.decode(data))
            encoder.encode(value)
            for end in (1, 3, 5, 9):
                with pytest.raises(DecodeError):
                    decoder.decode(data[:end])

    work()
    gc.collect()
    before = sys.getallocatedblocks()
    work()
    gc.collect()
    assert sys.getallocatedblocks() - before < 60


def test_an_instance_that_has_changed_is_read_as_it_is():
    encoder = Encoder(PLAIN)
    value = PLAIN(**VALUES)
    vars(value)["b"] = "y"  # which gives it a dict of its own
    assert encoder.encode(value) == encoder.encode({**VALUES, "b": "y"})
    value.__dict__ = {"c": [], "b": None, "a": 1}
    assert encoder.encode(value) == encoder.encode({"a": 1, "b": None, "c": []})
    for cls in (PLAIN, SLOTS, ATTRS, STRUCT):
        broken = cls(**VALUES)
        del broken.b
        with pytest.raises(EncodeError, match=r"at \$: field 'b' is missing from"):
            Encoder(cls).encode(broken)


def test_others_with_the_same_attributes_are_taken():
    class Duck:
        a, b, c = 7, "x", [0.5]

    encoder = Encoder(PLAIN)
    expected = encoder.encode(VALUES)
    assert (
        encoder.encode(Duck())
        == encoder.encode(Below(**VALUES))
        == encoder.encode(SLOTS(**VALUES))
        == expected
    )
    assert encoder.encode((7, "x", [0.5])) == expected
    for stranger in (5, "text", object(), None):
        with pytest.raises(EncodeTypeError, match="expected record Plain, got"):
            encoder.encode(stranger)


def test_the_path_and_the_class_are_told():
    with pytest.raises(EncodeTypeError, match=r"at \$\.c\[0\]: expected double, got str 'x'"):
        Encoder(SLOTS).encode(SLOTS(1, None, ["x"]))
    with pytest.raises(EncodeTypeError, match=r"at \$\[1\]: expected record Plain, got int 5"):
        Encoder(list[PLAIN]).encode([PLAIN(**VALUES), 5])


@dataclass
class Checked:
    x: int

    def __post_init__(self) -> None:
        if self.x > 5:
            raise KeyError(self.x)
        self.twice = 2 * self.x


class CheckedStruct(msgspec.Struct):
    x: int

    def __post_init__(self) -> None:
        if self.x > 5:
            raise ValueError(self.x)


@attrs.define
class CheckedAttrs:
    x: int = attrs.field(validator=attrs.validators.le(5))


@attrs.define
class PostAttrs:
    x: int

    def __attrs_post_init__(self) -> None:
        assert self.x <= 5


class CheckedModel(pydantic.BaseModel):
    x: int = pydantic.Field(le=5)


@dataclass
class OwnInit:
    x: int

    def __init__(self, x: int) -> None:
        if x > 5:
            raise RuntimeError("too much")
        self.x = x


class CheckedTuple(NamedTuple("CheckedTuple", [("x", int)])):
    __slots__ = ()

    def __new__(cls, x: int) -> Any:
        if x > 5:
            raise ValueError("too much")
        return super().__new__(cls, x)


@pytest.mark.parametrize(
    "cls", [Checked, CheckedStruct, CheckedAttrs, PostAttrs, CheckedModel, OwnInit, CheckedTuple],
    ids=lambda cls: cls.__name__,
)  # fmt: skip
def test_what_a_class_checks_is_checked_and_its_error_says_where(cls):
    decoder = Decoder(list[cls])
    assert decoder.decode(b"\x02\x0a\x00") == [cls(x=5)]
    with pytest.raises(
        DecodeError, match=rf"at \$\[1\], byte 2 of the datum: cannot make an instance of {cls.__name__}"
    ) as caught:
        decoder.decode(b"\x04\x02\x0c\x00")
    assert caught.value.kind is avrojet.DecodeFailure.CONVERSION
    assert caught.value.offset == 2
    assert caught.value.path == "$[1]"
    assert isinstance(caught.value.__cause__, Exception)


def test_post_init_has_run():
    assert Decoder(Checked).decode(b"\x04").twice == 4


def test_an_interruption_passes_as_it_is():
    @dataclass
    class Stops:
        x: int

        def __post_init__(self) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Decoder(Stops).decode(b"\x02")


def test_a_trusted_model_is_not_validated():
    decoder = Decoder(CheckedModel, trusted=True)
    made = decoder.decode(b"\x14")
    assert made.x == 10
    assert made == CheckedModel.model_construct(x=10)
    assert made.model_fields_set == {"x"}
    assert made.model_dump() == {"x": 10}


def test_an_alias_of_pydantic_is_what_it_is_validated_by():
    class Aliased(pydantic.BaseModel):
        x: int = pydantic.Field(alias="ex", description="where")

    schema = avrojet.schema_of(Aliased)
    assert schema.fields[0].name == "x"
    assert schema.fields[0].doc == "where"
    assert Decoder(Aliased).decode(b"\x02") == Aliased(ex=1)


def test_a_root_model_is_what_it_holds():
    class Names(pydantic.RootModel[list[str]]):
        pass

    value = Names(["a"])
    assert avrojet.schema_of(Names).type == "array"
    assert Decoder(Names).decode(Encoder(Names).encode(value)) == value


def test_a_union_is_decided_by_class_and_not_by_shape():
    class Cat(msgspec.Struct):
        name: str

    @dataclass
    class Dog:
        name: str

    class Puppy(Dog):
        pass

    class Sound(enum.StrEnum):
        MIAOW = "miaow"

    hint = str | Cat | Dog | Sound | None
    encoder, decoder = Encoder(hint), Decoder(hint)
    for value in (Cat("a"), Dog("a"), Sound.MIAOW, "miaow", None):
        back = decoder.decode(encoder.encode(value))
        assert back == value
        assert type(back) is type(value)
    assert decoder.decode(encoder.encode(Puppy("b"))) == Dog("b")


def test_classes_of_a_schema_that_is_known_at_run_time():
    @dataclass
    class Line:
        sku: str
        count: int = 1

    schema = {
        "type": "record",
        "name": "shop.Order",
        "fields": [
            {"name": "id", "type": "long"},
            {"name": "lines", "type": {"type": "array", "items": {
                "type": "record", "name": "Line", "fields": [{"name": "sku", "type": "string"}]}}},
        ],
    }  # fmt: skip
    data = Encoder(schema).encode({"id": 1, "lines": [{"sku": "a"}]})
    classes = {"shop.Line": Line}
    assert Decoder(schema, classes=classes).decode(data) == {"id": 1, "lines": [Line("a")]}
    assert Encoder(schema, classes=classes).encode({"id": 1, "lines": [Line("a")]}) == data
    file = io.BytesIO()
    avrojet.write(file, schema, [{"id": 1, "lines": [Line("a")]}], classes=classes)
    assert avrojet.read(file.getvalue(), classes=classes)[0]["lines"] == [Line("a")]


def test_two_versions_of_a_class():
    @dataclass
    class Order:
        id: int
        note: str

    @avrojet.record(aliases=["Order"])
    @dataclass
    class Wanting:
        id: float
        size: float

    @avrojet.record(aliases=["Order"])
    @dataclass
    class Purchase:
        number: Annotated[float, avrojet.field(aliases=["id"])]
        color: str | None = None
        sizes: list[int] = dataclasses.field(default_factory=lambda: [1])

    data = Encoder(Order).encode(Order(3, "x"))
    with pytest.raises(avrojet.ResolutionError, match="size"):
        Decoder(Order, Wanting)
    first, second = Decoder(avrojet.schema_of(Order), Purchase).decode_many(data * 2)
    assert first == second == Purchase(3.0, None, [1])
    assert first.sizes is not second.sizes


def test_making_a_codec_again_is_a_look_up():
    assert bound(PLAIN) is bound(PLAIN)
    first, second = Decoder(PLAIN), Decoder(PLAIN)
    assert first.reader_schema is second.reader_schema
    assert avrojet.decode(avrojet.encode(PLAIN(**VALUES), PLAIN), PLAIN) == PLAIN(**VALUES)


def test_plain_values_and_classes_exclude_each_other():
    with pytest.raises(ValueError, match="logical_types=False"):
        Decoder(PLAIN, logical_types=False)


# Classes that mean no good: an error or right, never a crash.


def test_slots_that_lie():
    """Descriptors of another class, and two names for one slot."""

    class Other:
        __slots__ = ("a", "z1", "z2", "z3")

    @dataclass
    class Stolen:
        __slots__ = ("x",)
        x: int

    Stolen.x = Other.a
    decoder = Decoder(Stolen)
    with pytest.raises((DecodeError, TypeError)):
        decoder.decode(b"\x02")
    with pytest.raises((EncodeError, TypeError)):
        Encoder(Stolen).encode(Stolen.__new__(Stolen))

    @dataclass(slots=True)
    class Twice:
        x: str
        y: str

    Twice.y = Twice.x
    made = Decoder(Twice).decode(b"\x02a\x02b")
    assert (made.x, made.y) == ("b", "b")
    Twice.__slots__ = ("nothing",)
    assert Decoder(Twice).decode(b"\x02a\x02b").x == "b"


def test_a_class_that_takes_more_than_its_fields():
    @dataclass
    class Wants:
        x: int

        def __init__(self, x: int, y: int) -> None:
            self.x = x

    with pytest.raises(SchemaError, match="its __init__ does not take its fields"):
        Decoder(Wants)

    @dataclass
    class Extra:
        x: int
        y: dataclasses.InitVar[int]

    with pytest.raises(SchemaError, match="its __init__ does not take its fields"):
        Decoder(Extra)


def test_classes_with_makers_of_their_own_are_called():
    made = []

    class Meta(type):
        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            made.append(kwargs)
            return super().__call__(*args, **kwargs)

    @dataclass
    class Registered(metaclass=Meta):
        x: int

    @dataclass
    class Setting:
        x: int

        def __setattr__(self, name: str, value: Any) -> None:
            made.append(name)
            object.__setattr__(self, name, value)

    @dataclass
    class New:
        x: int

        def __new__(cls, x: int) -> Any:
            made.append("new")
            return super().__new__(cls)

    for cls in (Registered, Setting, New):
        made.clear()
        assert Decoder(cls).decode(b"\x02").x == 1
        assert made


def test_properties_and_getattr_are_asked():
    @dataclass
    class Hidden:
        x: int

        def __getattribute__(self, name: str) -> Any:
            return 9 if name == "x" else object.__getattribute__(self, name)

    assert Encoder(Hidden).encode(Hidden(1)) == b"\x12"

    @dataclass
    class Computed:
        x: int

    Computed.x = property(lambda self: 8, lambda self, value: None)
    assert Encoder(Computed).encode(Computed(1)) == b"\x10"
    assert Decoder(Computed).decode(b"\x02").x == 8

    @dataclass
    class Raises:
        x: int

    Raises.x = property(lambda self: 1 // 0, lambda self, value: None)
    with pytest.raises(ZeroDivisionError):
        Encoder(Raises).encode(Raises(1))


def test_a_class_that_changes_while_it_is_encoded():
    class Turns:
        def __init__(self, value: Any) -> None:
            self.value = value

        def __index__(self) -> int:
            self.value.__class__ = Below
            self.value.__dict__ = {}
            self.value.c = [1.0]
            return 1

    value = PLAIN(None, None, [])
    value.a = Turns(value)
    with pytest.raises(EncodeError, match="'b' is missing"):
        Encoder(PLAIN).encode(value)


def test_an_instance_that_is_dropped_frees_all_and_weak_references_work():
    made = Decoder(PLAIN).decode(Encoder(PLAIN).encode(VALUES))
    made.self = made
    seen = weakref.ref(made)
    del made
    gc.collect()
    assert seen() is None


def test_an_abstract_class_has_no_instances():
    import abc

    @dataclass
    class Abstract(abc.ABC):
        x: int

        @abc.abstractmethod
        def f(self) -> None: ...

    with pytest.raises(SchemaError, match="abstract"):
        Decoder(Abstract)


def test_many_fields():
    """More than wait on the stack, than CPython shares keys for, and than pass by position."""
    names = [f"f{i}" for i in range(70)]
    for count in (16, 17, 30, 31, 70):
        spec = {"__annotations__": dict.fromkeys(names[:count], int), "__module__": __name__}
        cls = dataclass(type("Wide", (), spec))
        value = cls(*range(count))
        assert Decoder(cls).decode(Encoder(cls).encode(value)) == value
        with pytest.raises(DecodeError):
            Decoder(cls).decode(b"\x02" * (count - 1))


def test_the_depth_is_bounded():
    @dataclass
    class Deep:
        next: Any = None

    Deep.__annotations__["next"] = "Deep | None"
    dataclass(Deep)
    with pytest.raises(avrojet.LimitError):
        Decoder(avrojet.schema_of(Deep, localns={"Deep": Deep}), classes={"Deep": Deep}).decode(
            b"\x02" * 5000
        )


@dataclass
class Even:
    next: Even | Odd | None = None


class Odd(msgspec.Struct):
    next: Even | Odd | None = None


def test_instances_as_deep_as_the_limit_fit_a_small_stack():
    value = None
    for level in range(avrojet.Limits().depth):
        value = (Odd if level % 2 else Even)(value)
    encoder, decoder = Encoder(Even | Odd), Decoder(Even | Odd)

    def work() -> bool:
        data = encoder.encode(value)
        return encoder.encode(decoder.decode(data)) == data

    assert in_a_small_stack(work)


def test_a_key_that_replaces_the_dict_it_is_looked_up_in():
    @dataclasses.dataclass
    class Pair:
        a: int
        b: str

    class Key:
        def __init__(self, owner):
            self.owner = owner

        def __hash__(self):
            return hash("b")

        def __eq__(self, other):
            self.owner.__dict__ = {}
            return False

    encoder = avrojet.Encoder(Pair)
    for _ in range(50):
        pair = Pair(1, "x" * 50)
        entries = pair.__dict__
        del entries["b"]
        entries[Key(pair)] = 1
        entries["b"] = "y" * 50
        del entries
        with contextlib.suppress(avrojet.EncodeError):
            assert encoder.encode(pair) == b"\x02\x64" + b"y" * 50


class Fails:
    """Attributes that are there, and whose own code asks for one that is not."""

    @property
    def x(self) -> int:
        return self.absent

    def __getattr__(self, name: str) -> Any:
        if name == "y":
            return self.gone
        raise AttributeError(name)


@dataclass
class Point:
    x: int = 5
    y: int = 6


class FailingPoint(Fails, Point):
    def __init__(self) -> None:
        pass


@pytest.mark.parametrize("cls", [FailingPoint, Fails])
@pytest.mark.parametrize("schema", [Point, avrojet.schema_of(Point)], ids=["class", "schema"])
def test_an_attribute_whose_code_fails_is_not_one_that_is_absent(cls, schema):
    encoder = Encoder(schema, defaults=True, attributes=True)
    with pytest.raises(AttributeError, match="x"):
        encoder.encode(cls())
    if cls is Fails:
        cls = type("HasX", (Fails,), {"x": 1})
        with pytest.raises(AttributeError, match="gone"):
            encoder.encode(cls())
        made = cls()
        made.y = 2
        assert encoder.encode(made) == b"\x02\x04"

    class Lacks:
        __slots__ = ("x", "y")

    lacking = Lacks()
    lacking.y = 2
    assert encoder.encode(lacking) == b"\x0a\x04"


def test_constructors_of_code_that_has_no_file_are_called():
    names: dict[str, Any] = {"dataclass": dataclass, "__name__": __name__}
    exec("@dataclass\nclass Twice:\n x: int\n def __init__(self, x: int): self.x = 2 * x", names)
    assert Decoder(names["Twice"]).decode(b"\x02").x == 2


@pytest.mark.parametrize("slots", [True, False])
def test_a_hash_that_is_kept(slots):
    @attrs.define(slots=slots, frozen=True, cache_hash=True)
    class Kept:
        x: int

    assert hash(Decoder(Kept).decode(b"\x02")) == hash(Kept(1))


T = TypeVar("T")


@dataclass
class Box(Generic[T]):
    x: T


def test_classes_that_several_branches_of_a_union_have():
    hint = Box[int] | Box[str] | Point
    encoder, decoder = Encoder(hint), Decoder(hint)
    for number, value in enumerate([Box(1), Box("a"), Point()]):
        data = encoder.encode(value)
        assert data[0] == 2 * number
        assert decoder.decode(data) == value
    with pytest.raises(EncodeTypeError, match=r"at \$\.x: expected string, got float"):
        encoder.encode(Box(1.5))


class Interrupts(type):
    def __hash__(cls) -> int:
        raise KeyboardInterrupt


def test_the_class_of_a_value_is_asked_for_nothing():
    class Misleads(type):
        __mro__ = property(lambda cls: (Point,))  # type: ignore[assignment]

    encoder = Encoder(Point | Even)
    with pytest.raises(EncodeTypeError):
        encoder.encode(Misleads("Other", (), {})())
    with pytest.raises(KeyboardInterrupt):
        encoder.encode(Interrupts("Other", (), {})())


@pytest.mark.parametrize("days", [10**9, 2**32 - 1])
def test_a_duration_too_long_for_a_timedelta(days):
    data = Encoder(avrojet.Duration).encode(avrojet.Duration(0, days, 0))
    with pytest.raises(
        DecodeError, match=f"{days} days is too long for a timedelta: annotate avrojet.Duration"
    ):
        Decoder(dt.timedelta).decode(data)


@pytest.mark.parametrize("hint", [Even | dict[str, int], dict[str, int] | Even], ids=["first", "last"])
def test_a_map_beside_a_class_that_needs_nothing(hint):
    assert Decoder(hint).decode(Encoder(hint).encode({"k": 1})) == {"k": 1}
    assert Decoder(hint).decode(Encoder(hint).encode({"next": None})) == Even()
