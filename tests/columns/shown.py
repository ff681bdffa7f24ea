"""What a schema's columns should hold, from rows of the plain encoding, and what Arrow arrays do hold."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from decimal import MAX_PREC, Context, Decimal
from typing import Any
from uuid import UUID

import pytest

from avrojet import decode
from avrojet.schema.model import (
    ArraySchema,
    FixedSchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

pa = pytest.importorskip("pyarrow")

SECOND = {"millis": 10**3, "micros": 10**6}


class UnfitError(Exception):
    """The column's type cannot hold the value."""


def expected(schema: Schema, value: Any, *, logical: bool = True) -> Any:
    """What a column shows of a value whose unions are tagged: a map as pairs, a union as its members."""
    if isinstance(schema, UnionSchema):
        return expected_of_union(schema, value, logical=logical)
    if isinstance(schema, RecordSchema):
        return {
            field.name: expected(field.type, value[field.name], logical=logical) for field in schema.fields
        }
    if isinstance(schema, ArraySchema):
        return [expected(schema.items, item, logical=logical) for item in value]
    if isinstance(schema, MapSchema):
        return [(key, expected(schema.values, item, logical=logical)) for key, item in value.items()]
    return expected_of_logical(schema, value) if logical and schema.logical else value


def expected_of_union(schema: UnionSchema, value: Any, *, logical: bool) -> Any:
    others = [branch for branch in schema.branches if branch.type != "null"]
    if value is None:
        return None
    name, value = value
    shown = [
        expected(branch, value, logical=logical) if branch_name(branch) == name else None for branch in others
    ]
    return shown[0] if len(others) == 1 else {f"member{index}": one for index, one in enumerate(shown)}


def branch_name(schema: Schema) -> str:
    return schema.fullname if isinstance(schema, NamedSchema) else schema.type


def union_as_arrow_shows_it(kind: Any, array: Any) -> list[Any]:
    """A union's rows as :func:`expected_of_union` has them: null, or the members beside null."""
    members = [shown(array.field(index)) for index in range(kind.num_fields)]
    names = [kind.field(index).name for index in range(kind.num_fields)]
    others = [name for name in names if name != "null"]
    rows = []
    codes = buffer_of(array, 1, pa.int8())
    places = buffer_of(array, 2, pa.int32()) if kind.mode == "dense" else range(len(array))
    for code, place in zip(codes, places, strict=True):
        value = {f"member{others.index(name)}": None for name in others}
        if names[code] == "null":
            rows.append(None)
        else:
            value[f"member{others.index(names[code])}"] = members[code][place]
            rows.append(value)
    return rows


def buffer_of(array: Any, index: int, type: Any) -> list[Any]:
    """A union's type codes or offsets: pyarrow's own properties forget where a slice begins."""
    parts = [None, array.buffers()[index]]
    return list(pa.Array.from_buffers(type, len(array), parts, offset=array.offset).to_pylist())


def expected_of_logical(schema: Schema, value: Any) -> Any:
    logical = schema.logical
    assert logical is not None
    if logical.name == "uuid" and not isinstance(schema, FixedSchema):
        return uuid_of(value).bytes
    if logical.name == "decimal" and logical.precision <= 76:
        number = int.from_bytes(value, "big", signed=True)
        if not value or abs(number) >= 10**logical.precision:
            raise UnfitError
        return Decimal(number).scaleb(-logical.scale, Context(MAX_PREC))
    if logical.name.startswith("time-") and not 0 <= value < 86400 * SECOND[logical.name[5:]]:
        raise UnfitError
    return value


def uuid_of(text: str) -> UUID:
    try:
        uuid = UUID(text)
    except ValueError:
        raise UnfitError from None
    bare = text.removeprefix("urn:uuid:") if text[:1] != "{" else text[1:].removesuffix("}")
    if bare.lower() not in (str(uuid), uuid.hex):
        raise UnfitError
    return uuid


def shown(array: Any) -> list[Any]:
    """The values of an Arrow array: integers for dates and times, pairs for maps."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
    elif pa.types.is_timestamp(kind) or pa.types.is_time64(kind):
        array = array.cast(pa.int64())
    elif pa.types.is_float32(kind):
        # By its bits: pyarrow's way to a Python float makes signalling NaNs quiet.
        bits = array.view(pa.int32()).to_pylist()
        return [None if one is None else decode(struct.pack("<i", one), '"float"') for one in bits]
    elif pa.types.is_date32(kind) or pa.types.is_time32(kind):
        array = array.cast(pa.int32())
    elif pa.types.is_struct(kind):
        members = [shown(array.field(index)) for index in range(kind.num_fields)]
        names = [kind.field(index).name for index in range(kind.num_fields)]
        rows: Any = zip(*members, strict=True) if members else [()] * len(array)
        return [
            dict(zip(names, row, strict=True)) if valid else None
            for row, valid in zip(rows, validity(array), strict=True)
        ]
    elif pa.types.is_map(kind):
        pairs = list(zip(shown(array.keys), shown(array.items), strict=True))
        # A key that comes twice is there twice; in a dict, and here, the last one counts.
        return [one if one is None else list(dict(one).items()) for one in nested(array, pairs)]
    elif pa.types.is_union(kind):
        return union_as_arrow_shows_it(kind, array)
    elif pa.types.is_interval(kind):
        return [
            None if one is None else struct.pack("<III", one.months, one.days, one.nanoseconds // 10**6)
            for one in array.to_pylist()
        ]
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return nested(array, shown(array.values))
    return list(array.to_pylist())


def nested(array: Any, items: list[Any]) -> list[Any]:
    offsets = array.offsets.to_pylist()
    return [items[offsets[i] : offsets[i + 1]] if valid else None for i, valid in enumerate(validity(array))]


def validity(array: Any) -> list[bool]:
    return list(array.is_valid().to_pylist())


def rows_of(batch: Any, rows: list[int] | None = None) -> list[Any]:
    """A batch's rows, or those with some numbers, after pyarrow has checked every buffer of it."""
    record_batch = pa.record_batch(batch)
    record_batch.validate(full=True)
    assert len(batch) == record_batch.num_rows
    if rows is None or len(rows) == record_batch.num_rows:
        return shown(record_batch.to_struct_array())
    return [row for start, end in spans(rows) for row in shown(record_batch[start:end].to_struct_array())]


def spans(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Numbers that ascend, as ranges of those that follow one another."""
    start = 0
    for place in range(1, len(numbers) + 1):
        if place == len(numbers) or numbers[place] != numbers[place - 1] + 1:
            yield numbers[start], numbers[place - 1] + 1
            start = place
