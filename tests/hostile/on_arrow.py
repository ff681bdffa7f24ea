"""Arrow data whose producers lie, or say much with little: written as columns, or read as messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.hostile.case import Case, Gives, Outcome, Refused
from tests.producers import (
    Changed,
    Returning,
    Stream,
    buffer_to,
    format_to,
    metadata_to,
    name_to,
    setting,
    within,
    without_child,
    without_children,
)
from tests.vectors import array, fixed, logical, record

REFUSED = Refused()
MISUSED = Refused((TypeError, ValueError))
MANY = 1 << 40

Make = Callable[[Any], Any]  # of the module pyarrow an array, or whatever produces one

ARRAYS: dict[str, Make] = {
    "numbers": lambda pa: pa.array([1, 2, 3]),
    "texts": lambda pa: pa.array(["ab", None, "c"]),
    "views": lambda pa: pa.array(["x" * 20, "y"], pa.string_view()),
    "lists": lambda pa: pa.array([[1], [2, 3]]),
    "list views": lambda pa: pa.array([[1], [2, 3]], pa.list_view(pa.int64())),
    "sized lists": lambda pa: pa.array([[1, 2], [3, 4]], pa.list_(pa.int64(), 2)),
    "a map": lambda pa: pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    "a struct": lambda pa: pa.StructArray.from_arrays([pa.array([1, 2, 3])], ["a"]),
    "a struct of structs": lambda pa: pa.array([{"a": {"b": 1}}, {"a": {"b": 2}}]),
    "runs": lambda pa: pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array([1, 2])),
    "a dense union": lambda pa: pa.UnionArray.from_dense(
        pa.array([0, 0], pa.int8()), pa.array([0, 1], pa.int32()), [pa.array([1, 2])]
    ),
    "a sparse union": lambda pa: pa.UnionArray.from_sparse(pa.array([0, 0], pa.int8()), [pa.array([1, 2])]),
    "a dictionary": lambda pa: pa.array(["a", "b"]).dictionary_encode(),
    "nothing but nulls": lambda pa: pa.nulls(3),
}


def without_buffers(raw: Any) -> None:
    raw.buffers = type(raw.buffers)()


# What may become of any of them: of its ArrowArray
CHANGES: dict[str, Any] = {
    "a negative length": setting(length=-1),
    "a negative offset": setting(offset=-1),
    "an offset that overflows": setting(offset=(1 << 63) - 1),
    "an offset at the edge": setting(offset=(1 << 63) - 4),
    "fewer nulls than none": setting(null_count=-2),
    "more nulls than values": setting(null_count=1 << 40),
    "a child too many": setting(n_children=5),
    "fewer children than none": setting(n_children=-1),
    "no buffers": without_buffers,
    "no children": without_children,
}
# There is nothing to miss there, or nothing to lead out of.
HARMLESS = {
    ("nothing but nulls", "no buffers"),
    ("nothing but nulls", "an offset at the edge"),
    ("runs", "no buffers"),
    *((name, "no children") for name in ("numbers", "texts", "views", "a dictionary", "nothing but nulls")),
}

# name: the array of ARRAYS, what becomes of its ArrowSchema
TYPES: dict[str, tuple[str, Any]] = {
    "a decimal of 4096 bits": ("numbers", format_to(b"d:10,2,4096")),
    "a decimal of 24 bits": ("numbers", format_to(b"d:5,2,24")),
    "a decimal of 0 bits": ("numbers", format_to(b"d:5,2,0")),
    "a decimal of 100 digits": ("numbers", format_to(b"d:100,2,128")),
    "a decimal without a scale": ("numbers", format_to(b"d:10")),
    "a decimal of nothing": ("numbers", format_to(b"d:")),
    "a decimal of a huge scale": ("numbers", format_to(b"d:10,9999999999")),
    "a negative width": ("numbers", format_to(b"w:-16")),
    "a width that is not a number": ("numbers", format_to(b"w:abc")),
    "a width of 64 bits": ("numbers", format_to(b"w:9223372036854775808")),
    "a negative list size": ("sized lists", format_to(b"+w:-1")),
    "a list size without a number": ("sized lists", format_to(b"+w:")),
    "no format": ("numbers", setting(format=None)),
    "an empty format": ("numbers", format_to(b"")),
    "a format that is not UTF-8": ("numbers", format_to(b"\xff")),
    "a name that is not UTF-8": ("numbers", name_to(b"a\xff")),
    "a time of an unknown unit": ("numbers", format_to(b"ttx")),
    "a time without a unit": ("numbers", format_to(b"tt")),
    "a timestamp without a colon": ("numbers", format_to(b"tsu")),
    "metadata of a negative count": ("numbers", metadata_to(b"\xff\xff\xff\xff")),
    "metadata of a negative size": ("numbers", metadata_to(b"\1\0\0\0\xff\xff\xff\xff")),
    "a released type": ("numbers", setting(release=None)),
    "fewer children than none in the type": ("numbers", setting(n_children=-1)),
    "children of a number": ("numbers", setting(n_children=2)),
    "a list of nothing": ("lists", setting(n_children=0)),
    "a list without its child": ("lists", without_child(0)),
    "a list without children": ("lists", without_children),
    "a map of nothing": ("a map", setting(n_children=0)),
    "a map of numbers": ("lists", format_to(b"+m")),
    "runs of nothing": ("runs", setting(n_children=0)),
    "runs whose ends are bytes": ("runs", within(0, format_to(b"c"))),
    "runs whose ends are texts": ("runs", within(0, format_to(b"u"))),
    "type ids beyond a byte": ("a sparse union", format_to(b"+us:300")),
    "type ids that are no numbers": ("a sparse union", format_to(b"+us:a")),
    "more type ids than members": ("a sparse union", format_to(b"+us:0,1,2,3")),
    "fewer type ids than members": ("a sparse union", format_to(b"+us:")),
    "type ids that come twice": ("a sparse union", format_to(b"+us:0,0")),
    "a union of an unknown kind": ("a sparse union", format_to(b"+ux:0")),
    "indexes of no type": ("a dictionary", format_to(b"n")),
    "indexes of booleans": ("a dictionary", format_to(b"b")),
    "indexes of doubles": ("a dictionary", format_to(b"g")),
    "indexes of bytes": ("a dictionary", format_to(b"z")),
    "indexes of lists": ("a dictionary", format_to(b"+l")),
    "an inner type without a format": ("a struct of structs", within(0, within(0, setting(format=None)))),
}


def nulls(pa: Any, count: int = MANY) -> Any:
    return pa.Array.from_buffers(pa.null(), count, [None])


def structs(pa: Any, count: int) -> Any:
    inner = pa.StructArray.from_arrays([pa.array([1])], ["a"])
    return pa.StructArray.from_arrays([inner] * count, [f"c{number}" for number in range(count)])


def deep(pa: Any, levels: int) -> Any:
    array = pa.array([1])
    for _ in range(levels):
        array = pa.StructArray.from_arrays([array], ["a"])
    return array


# name: what `make(pyarrow)` gives, and how writing it ends
PRODUCERS: dict[str, tuple[Make, Outcome]] = {
    **{
        f"{value!r} for an array": (lambda pa, value=value: Returning("__arrow_c_array__", value), MISUSED)
        for value in ((), (None,), (None, None), None, [], "ab", (1, 2, 3))
    },
    **{
        f"{value!r} for a stream": (lambda pa, value=value: Returning("__arrow_c_stream__", value), MISUSED)
        for value in ((), None, 1)
    },
    "capsules the other way round": (
        lambda pa: Returning("__arrow_c_array__", pa.array([1]).__arrow_c_array__()[::-1]),
        MISUSED,
    ),
    "a stream without functions": (lambda pa: Stream(), Refused()),
    "a stream without arrays": (lambda pa: Stream(get_schema=lambda *_: 0), Refused()),
    "a stream whose schema is none": (lambda pa: Stream(lambda *_: 0, lambda *_: 0), Refused()),
    "a stream that fails without a word": (lambda pa: Stream(lambda *_: 5, lambda *_: 5), Refused()),
    "a struct that is too long": (
        lambda pa: Changed(ARRAYS["a struct"](pa), setting(length=(1 << 63) - 1)),
        Refused(),
    ),
    "a struct whose length overflows with its offset": (
        lambda pa: Changed(ARRAYS["a struct"](pa), setting(length=(1 << 63) - 1, offset=5)),
        Refused(),
    ),
    "a struct beyond its child": (lambda pa: Changed(ARRAYS["a struct"](pa), setting(offset=1)), Refused()),
    "run ends without buffers": (
        lambda pa: Changed(ARRAYS["runs"](pa), within(0, without_buffers)),
        Refused(),
    ),
    "run ends whose offset overflows": (
        lambda pa: Changed(ARRAYS["runs"](pa), within(0, setting(offset=(1 << 63) - 1))),
        Refused(),
    ),
    "type ids of no member": (
        lambda pa: Changed(ARRAYS["a sparse union"](pa), buffer_to(0, b"\0\3")),
        Refused(),
    ),
    "a trillion nulls": (nulls, Refused()),
    "a trillion nulls in a table": (lambda pa: pa.table({"a": nulls(pa), "b": nulls(pa)}), Refused()),
    "a list of a trillion nulls": (
        lambda pa: pa.LargeListArray.from_arrays(pa.array([0, MANY], pa.int64()), nulls(pa)),
        Refused(),
    ),
    "a list of two billion nulls": (
        lambda pa: pa.FixedSizeListArray.from_arrays(nulls(pa, (1 << 31) - 1), (1 << 31) - 1),
        Refused(),
    ),
    "a view of a trillion nulls": (
        lambda pa: pa.LargeListViewArray.from_arrays(
            pa.array([0], pa.int64()), pa.array([MANY], pa.int64()), nulls(pa)
        ),
        Refused(),
    ),
    "a run of a trillion nulls": (
        lambda pa: pa.RunEndEncodedArray.from_arrays(pa.array([MANY], pa.int64()), pa.nulls(1)),
        Refused(),
    ),
    "structs of a trillion nulls": (
        lambda pa: pa.StructArray.from_arrays([nulls(pa)], ["a"]),
        Refused(),
    ),
    "a hundred thousand columns": (
        lambda pa: pa.table({f"c{number}": pa.nulls(1) for number in range(100_000)}),
        Refused(),
    ),
    "a name of a million characters around thousands": (
        lambda pa: pa.table({"x" * 1_000_000: structs(pa, 3000)}),
        Refused(),
    ),
    **{
        f"structs, {levels} deep": (lambda pa, levels=levels: deep(pa, levels), Refused())
        for levels in (395, 399, 1000)
    },
    "a union of no members": (
        lambda pa: pa.UnionArray.from_sparse(pa.array([], pa.int8()), []),
        Gives([]),
    ),
}


# name: a schema that such an array might be written as, the array, its format
MISREAD: dict[str, tuple[Any, Make, bytes]] = {
    "a decimal of other bits as a decimal": (
        logical("bytes", "decimal", precision=10, scale=2),
        lambda pa: pa.array([1] * 100, pa.int64()),
        b"d:10,2,4096",
    ),
    "a negative width as a uuid": (
        logical("string", "uuid"),
        lambda pa: pa.array([b"a" * 16], pa.binary(16)),
        b"w:-16",
    ),
    "a negative width as bytes": ("bytes", lambda pa: pa.array([b"a" * 16], pa.binary(16)), b"w:-1"),
    "another width as a fixed": (fixed(16), lambda pa: pa.array([b"a" * 16], pa.binary(16)), b"w:15"),
    "a dictionary of no indexes as text": (
        "string",
        lambda pa: pa.array(["a", "b"]).dictionary_encode(),
        b"n",
    ),
    "a time of no unit as a time": (logical("long", "time-micros"), lambda pa: pa.array([1]), b"tt"),
    "type ids without members as a union": (
        ["null", "long"],
        lambda pa: pa.UnionArray.from_sparse(pa.array([3, 3], pa.int8()), [pa.array([1, 2])], type_codes=[3]),
        b"+us:0,1,2,3",
    ),
    "lists of nothing as an array": (array("long"), lambda pa: pa.array([1]), b"+l"),
    "a struct of nothing as a record": (record(a="long"), lambda pa: pa.array([1]), b"+s"),
}


def cases() -> Iterator[Case]:
    for name, make in ARRAYS.items():
        for what, change in CHANGES.items():
            if (name, what) not in HARMLESS:
                yield writing(
                    f"{name}, {what}", lambda pa, make=make, change=change: Changed(make(pa), change)
                )
    for name, (base, change) in TYPES.items():

        def producer(pa: Any, make: Make = ARRAYS[base], change: Any = change) -> Any:
            return Changed(make(pa), schema=change)

        yield writing(name, producer)
        yield Case(
            f"{name}, as messages", "arrow", lambda library, make=producer: library.decode_columns(make)
        )
    for name, (make, outcome) in PRODUCERS.items():
        yield writing(name, make, outcome)
    for name, (schema, make, format) in MISREAD.items():

        def misread(library: Any, schema: Any = schema, make: Make = make, format: bytes = format) -> Any:
            return library.encode_columns(schema, lambda pa: Changed(make(pa), schema=format_to(format)))

        yield Case(name, "arrow", misread)


def writing(name: str, make: Make, outcome: Outcome = REFUSED) -> Case:
    return Case(name, "arrow", lambda library: library.write_columns(make), outcome)
