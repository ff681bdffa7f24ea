"""A default of the schema, JSON data, as Avro bytes: the one place that encodes outside the core.

The ordinary decoder reads them, afresh for each datum.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from avrojet.errors import LimitError, SchemaError
from avrojet.limits import excess, limits_in_force
from avrojet.messages import shorten
from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    EnumSchema,
    FixedSchema,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.varint import encode_long

_END_OF_BLOCKS: Final = b"\0"
_Why: TypeAlias = "tuple[Schema, Any, str]"
_SELF: Final = "is its own default without end"


def encode_default(schema: Schema, value: Any) -> bytes:
    """The Avro encoding of a field's default (specification: Complex Types, Records).

    :param value: JSON data; bytes and fixed as strings of the code points 0-255. A record's missing
        fields take their own defaults; a union takes the first branch that fits.
    :raises SchemaError: if the value is no default for the schema.
    :raises LimitError: if it nests deeper than Python's stack, or its bytes exceed ``Limits.schema_bytes``.
    """
    return DefaultEncoder().encode(schema, value)


class DefaultEncoder:
    """:func:`encode_default` for many defaults of schemas that live as long as this.

    Each pair of schema and value is encoded once. Without that, defaults within defaults and unions that
    try their branches would cost exponential time.
    """

    __slots__ = ("_indexes", "_known")

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bytes | _Why] = {}  # bytes, or why there are none
        self._indexes: dict[int, dict[str, int]] = {}  # of the symbols of an enum

    def encode(self, schema: Schema, value: Any) -> bytes:
        try:
            return self._encode(schema, value)
        except _Misfit as misfit:
            raise SchemaError(misfit.message()) from None
        except RecursionError:
            raise LimitError("a default nests too deep for Python's stack") from None

    def _encode(self, schema: Schema, value: Any) -> bytes:
        if isinstance(schema, EnumSchema):
            return self._enum(schema, value)
        key = id(schema), id(value)
        known = self._known.get(key)
        if known is None:
            self._known[key] = schema, value, _SELF
            try:
                known = self._known[key] = self._form(schema, value)
            except _Misfit as misfit:
                self._known[key] = misfit.args
                raise
        if isinstance(known, tuple):
            raise _Misfit(*known)
        return known

    def _enum(self, schema: EnumSchema, value: Any) -> bytes:
        indexes = self._indexes.get(id(schema))
        if indexes is None:
            indexes = self._indexes[id(schema)] = {symbol: i for i, symbol in enumerate(schema.symbols)}
        if not isinstance(value, str) or value not in indexes:
            raise _Misfit(schema, value)
        return encode_long(indexes[value])

    def _form(self, schema: Schema, value: Any) -> bytes:
        if isinstance(schema, UnionSchema):
            return self._union(schema, value)
        if isinstance(schema, RecordSchema):
            return _bounded(self._record(schema, value))
        if isinstance(schema, ArraySchema):
            if not isinstance(value, Sequence) or isinstance(value, str):
                raise _Misfit(schema, value)
            return _bounded(_blocks([self._encode(schema.items, item) for item in value]))
        if isinstance(schema, MapSchema):
            if not isinstance(value, Mapping):
                raise _Misfit(schema, value)
            values = schema.values
            return _bounded(_blocks([_string(schema, k) + self._encode(values, v) for k, v in value.items()]))
        return _leaf(schema, value)

    def _union(self, schema: UnionSchema, value: Any) -> bytes:
        for index, branch in enumerate(schema.branches):
            try:
                return encode_long(index) + self._encode(branch, value)
            except _Misfit:
                continue
        raise _Misfit(schema, value, "fits no branch")

    def _record(self, schema: RecordSchema, value: Any) -> list[bytes]:
        if not isinstance(value, Mapping):
            raise _Misfit(schema, value)
        parts = []
        for field in schema.fields:
            item = value.get(field.name, field.default)
            if item is NO_DEFAULT:
                raise _Misfit(schema, value, f"lacks the field {field.name!r}, which has no default")
            parts.append(self._encode(field.type, item))
        return parts


def _leaf(schema: Schema, value: Any) -> bytes:
    match schema.type:
        case "null" if value is None:
            return b""
        case "boolean" if isinstance(value, bool):
            return b"\1" if value else b"\0"
        case "int" if _is_integer(value, 32):
            return encode_long(value)
        case "long" if _is_integer(value, 64):
            return encode_long(value)
        case "float" | "double" if isinstance(value, int | float) and not isinstance(value, bool):
            return _floating(schema, value)
        case "string":
            return _string(schema, value)
        case "bytes":
            data = _code_points(schema, value)
            return encode_long(len(data)) + data
        case "fixed":
            assert isinstance(schema, FixedSchema)
            data = _code_points(schema, value)
            if len(data) == schema.size:
                return data
    raise _Misfit(schema, value)


def _is_integer(value: Any, bits: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -1 << bits - 1 <= value < 1 << bits - 1


def _floating(schema: Schema, value: float) -> bytes:
    try:
        return struct.pack("<f" if schema.type == "float" else "<d", float(value))
    except OverflowError:
        raise _Misfit(schema, value, "is out of range") from None


def _string(schema: Schema, value: Any) -> bytes:
    if not isinstance(value, str):
        raise _Misfit(schema, value)
    try:
        data = value.encode()
    except UnicodeEncodeError:
        raise _Misfit(schema, value, "has a lone surrogate, which is no UTF-8") from None
    return encode_long(len(data)) + data


def _code_points(schema: Schema, value: Any) -> bytes:
    if not isinstance(value, str):
        raise _Misfit(schema, value)
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        raise _Misfit(schema, value, "has a code point above 255") from None


def _blocks(items: list[bytes]) -> list[bytes]:
    return [encode_long(len(items)), *items, _END_OF_BLOCKS] if items else [_END_OF_BLOCKS]


def _bounded(parts: list[bytes]) -> bytes:
    """Records whose fields default to records can double with each: 30 of them would fill the memory."""
    limits = limits_in_force()
    if sum(map(len, parts)) > limits.schema_bytes:
        raise excess(limits, "schema_bytes", "a default has too many bytes")
    return b"".join(parts)


class _Misfit(Exception):  # noqa: N818 (the error is made of it)
    """A value is no default for a type. Most are raised for branches of unions and forgotten: no text yet."""

    args: _Why

    def __init__(self, schema: Schema, value: Any, why: str = "") -> None:
        super().__init__(schema, value, why)

    def message(self) -> str:
        schema, value, why = self.args
        # Python refuses to write out integers of thousands of digits.
        plain = not isinstance(value, int) or abs(value) < 1 << 99
        shown = shorten(repr(value), 60) if plain else "the integer"
        return f"{shown} is no default for {schema.type}" + (f": it {why}" if why else "")
