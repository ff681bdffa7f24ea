"""Defaults: which JSON data fit which type, and their Avro bytes (specification: Records, default values).

All rules are in :class:`Defaults`; encoding checks the value first, and adds no rules.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isfinite
from typing import Any, Final, NamedTuple, TypeAlias

from avrojet.errors import SchemaError, SchemaLimitError
from avrojet.limits import Limits, excess, limits_in_force
from avrojet.messages import show
from avrojet.schema.logical import unreadable
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

Problem: TypeAlias = "tuple[str, Any, str]"
"""Where in the default, as ``[2].name``; the value there; what is wrong with it.

It is formatted only if no branch of a union fits: values can be long, and branches many."""


class Verdict(NamedTuple):
    """What is wrong with a default.

    :ivar problem: why it does not fit the type.
    :ivar unreadable: why a default that fits is not a value of its logical type, only of the plain type.
    """

    problem: Problem | None = None
    unreadable: Problem | None = None


_GOOD: Final = Verdict()
_OWN_DEFAULT: Final = "contains its own default without end"
_TOO_DEEP: Final = "a default nests too deep for Python's stack"

NUMBERS_IN_WORDS: Final = {"NaN", "Infinity", "-Infinity"}
"""The strings for numbers that JSON text cannot express; Java writes the same."""


class IgnoredDefaultWarning(UserWarning):
    """A default does not fit its type; lax mode treats the field as one without a default."""


class UnreadableDefaultWarning(UserWarning):
    """A default fits its type, but is not a value of its logical type: ``""`` for a uuid, for example.

    Reading data without the field, or writing a record without it, raises an error. With
    ``logical_types=False`` the plain value is used.
    """


def check_default(schema: Schema, value: Any, path: str = "") -> str | None:
    """Return why ``value``, JSON data, is not a default for a field of the type; None if it is one.

    bytes and fixed are strings of the code points 0 to 255. NaN and the infinities of float and double may be
    the strings of :data:`NUMBERS_IN_WORDS`. A union's default may be of any branch. A record's default may
    leave out fields that have defaults themselves.

    :param path: the place of the default; the returned text begins with it and the place in the default.
    :raises LimitError: if the check takes too many comparisons.
    """
    problem = Defaults(limits_in_force()).verdict(schema, value).problem
    return None if problem is None else describe(problem, path)


def encode_default(schema: Schema, value: Any) -> bytes:
    """The Avro encoding of a field's default (specification: Complex Types, Records).

    A record's missing fields take their own defaults; a union takes the first branch that fits.

    :raises SchemaError: if the value is not a default for the schema, or not a value of its logical type.
    :raises LimitError: if it nests deeper than Python's stack, or its bytes exceed ``Limits.schema_bytes``.
    """
    defaults = Defaults()
    data = defaults.encode(schema, value)
    problem = defaults.verdict(schema, value).unreadable
    if problem is not None:
        raise SchemaError(describe(problem))
    return data


def describe(problem: Problem, path: str = "") -> str:
    """The problem as text, after its place if there is one.

    :param path: the place of the default.
    """
    path += problem[0]
    text = f"{show(problem[1])} {problem[2]}"
    return f"{path}: {text}" if path else text


class Defaults:
    """Checks and encodes defaults. Schemas and values are identified by ``id``, so they must outlive this.

    Each pair of schema and value is checked once, and encoded once. Otherwise defaults within defaults and
    unions that try their branches would take exponential time, and the check of a record that defaults to
    itself would never end. The remaining cost is the number of values times the branches they are compared
    with.

    :param limits: bound these comparisons, for schemas that are not checked yet.
    """

    __slots__ = ("_encoded", "_known", "_left", "_limits", "_symbols")

    def __init__(self, limits: Limits | None = None) -> None:
        self._known: dict[tuple[int, Any], Verdict] = {}
        self._encoded: dict[tuple[int, Any], bytes] = {}
        self._symbols: dict[int, dict[str, int]] = {}
        self._limits = limits
        # A value takes at least two characters of JSON text, so values that are compared with one type each
        # are never too many. The worst case is a few seconds.
        self._left = limits.schema_bytes // 2 if limits is not None else 0

    # -- what fits ---------------------------------------------------------------------------------

    def verdict(self, schema: Schema, value: Any) -> Verdict:
        """Whether the value is a default for the schema.

        :raises LimitError: if the check takes too many comparisons.
        """
        if self._limits is not None:
            self._left -= 1
            if self._left < 0:
                raise excess(self._limits, "schema_bytes", "defaults take too many comparisons with types")
        fits = _FITS.get(schema.type)
        if fits is not None:
            return _leaf(schema, value) if fits(schema, value) else _misfit(schema, value)
        if isinstance(schema, EnumSchema):
            symbols = self._indexes(schema)
            return _GOOD if isinstance(value, str) and value in symbols else _misfit(schema, value)
        key = _key(schema, value)
        known = self._known.get(key)
        if known is None:
            self._known[key] = Verdict(("", value, _OWN_DEFAULT))
            known = self._known[key] = self._examine(schema, value)
        return known

    def _examine(self, schema: Schema, value: Any) -> Verdict:
        if isinstance(schema, UnionSchema):
            return self._branch(schema, value)[1]
        if not _is_collection(schema, value):
            return _misfit(schema, value)
        first = None
        for place, part, item in _parts(schema, value):
            if item is NO_DEFAULT:
                return Verdict(("", value, f"lacks the field {place[1:]!r}, which has no default"))
            problem, doubt = self.verdict(part, item)
            if problem is not None:
                return Verdict(_within(place, problem))
            if doubt is not None and first is None:
                first = _within(place, doubt)
        return _GOOD if first is None else Verdict(None, first)

    def _branch(self, schema: UnionSchema, value: Any) -> tuple[int, Verdict]:
        """The first branch that fits, -1 for none. For ``"NaN"`` and the like, text comes before numbers."""
        order: Iterable[int] = range(len(schema.branches))
        if isinstance(value, str) and value in NUMBERS_IN_WORDS:
            order = sorted(order, key=lambda index: schema.branches[index].type in _REALS)
        for index in order:
            verdict = self.verdict(schema.branches[index], value)
            if verdict.problem is None:
                return index, verdict
        return -1, Verdict(("", value, "fits no branch of the union"))

    def in_numbers(self, schema: Schema, value: Any) -> Any:
        """A default that fits, with the words of numbers replaced by the numbers."""
        if isinstance(schema, UnionSchema):
            return self.in_numbers(schema.branches[self._branch(schema, value)[0]], value)
        if isinstance(schema, ArraySchema):
            return [self.in_numbers(schema.items, item) for item in value]
        if isinstance(schema, MapSchema):
            return {key: self.in_numbers(schema.values, item) for key, item in value.items()}
        if isinstance(schema, RecordSchema):
            types = {field.name: field.type for field in schema.fields}
            return {
                key: self.in_numbers(types[key], item) if key in types else item
                for key, item in value.items()
            }
        return float(value) if schema.type in _REALS and isinstance(value, str) else value

    def _indexes(self, schema: EnumSchema) -> dict[str, int]:
        symbols = self._symbols.get(id(schema))
        if symbols is None:
            symbols = self._symbols[id(schema)] = {symbol: i for i, symbol in enumerate(schema.symbols)}
        return symbols

    # -- bytes -------------------------------------------------------------------------------------

    def encode(self, schema: Schema, value: Any) -> bytes:
        """The Avro encoding.

        :raises SchemaError: if the value does not fit the type.
        :raises LimitError: if it nests deeper than Python's stack, or has more bytes than
            ``Limits.schema_bytes``.
        """
        try:
            problem = self.verdict(schema, value).problem
            if problem is not None:
                raise SchemaError(describe(problem))
            return self._encode(schema, value)
        except RecursionError:
            raise SchemaLimitError(_TOO_DEEP) from None

    def _encode(self, schema: Schema, value: Any) -> bytes:
        """The bytes of a value that fits."""
        encode = _ENCODE.get(schema.type)
        if encode is not None:
            return encode(value)
        if isinstance(schema, EnumSchema):
            return encode_long(self._indexes(schema)[value])
        key = _key(schema, value)
        data = self._encoded.get(key)
        if data is None:
            data = self._encoded[key] = self._join(schema, value)
        return data

    def _join(self, schema: Schema, value: Any) -> bytes:
        if isinstance(schema, UnionSchema):
            index = self._branch(schema, value)[0]
            return encode_long(index) + self._encode(schema.branches[index], value)
        parts = [self._encode(part, item) for _, part, item in _parts(schema, value)]
        if isinstance(schema, MapSchema):
            parts = [_sized(key.encode()) + data for key, data in zip(value, parts, strict=True)]
        if not isinstance(schema, RecordSchema):
            parts = [encode_long(len(parts)), *parts, b"\0"] if parts else [b"\0"]
        # Records whose fields default to records can double at each level: 30 levels would fill the memory.
        limits = limits_in_force()
        if sum(map(len, parts)) > limits.schema_bytes:
            raise excess(limits, "schema_bytes", "a default has too many bytes")
        return b"".join(parts)


def _key(schema: Schema, value: Any) -> tuple[int, Any]:
    """The key of a pair. All empty objects share one key, and so do all empty arrays."""
    return id(schema), id(value) if value or not isinstance(value, dict | list) else type(value)


def _is_collection(schema: Schema, value: Any) -> bool:
    if isinstance(schema, ArraySchema):
        return isinstance(value, list | tuple)
    if not isinstance(value, Mapping):
        return False
    return isinstance(schema, RecordSchema) or all(_has_code(key, "utf-8") for key in value)


def _parts(schema: Schema, value: Any) -> Iterator[tuple[str, Schema, Any]]:
    """What a record, array or map consists of: the place, the type and the value of each."""
    if isinstance(schema, RecordSchema):
        for field in schema.fields:
            yield f".{field.name}", field.type, value.get(field.name, field.default)
    elif isinstance(schema, ArraySchema):
        for index, item in enumerate(value):
            yield f"[{index}]", schema.items, item
    elif isinstance(schema, MapSchema):
        for key, item in value.items():
            yield f"[{key!r}]", schema.values, item


def _within(place: str, problem: Problem) -> Problem:
    return place + problem[0], *problem[1:]


def _leaf(schema: Schema, value: Any) -> Verdict:
    """The verdict on a value that fits the plain type."""
    if schema.logical is None:
        return _GOOD
    reason = unreadable(schema.type, schema.logical, value)
    return _GOOD if reason is None else Verdict(None, ("", value, reason))


def _misfit(schema: Schema, value: Any) -> Verdict:
    if isinstance(schema, MapSchema) and isinstance(value, Mapping):
        return Verdict(("", value, "is not a default for map: its keys must be text that UTF-8 can encode"))
    kind = f"a fixed of {schema.size} bytes" if isinstance(schema, FixedSchema) else schema.type
    return Verdict(("", value, f"is not a default for {kind}"))


_REALS: Final = ("float", "double")


def _is_integer(value: Any, bits: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -1 << bits - 1 <= value < 1 << bits - 1


def _is_real(value: Any, code: str) -> bool:
    if isinstance(value, str):
        return value in NUMBERS_IN_WORDS
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        struct.pack(code, float(value))
    except OverflowError:
        return False
    return True


def _has_code(value: Any, encoding: str) -> bool:
    if not isinstance(value, str):
        return False
    try:
        value.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _fits_fixed(schema: Schema, value: Any) -> bool:
    assert isinstance(schema, FixedSchema)
    return _has_code(value, "latin-1") and len(value) == schema.size


_FITS: Final[dict[str, Callable[[Schema, Any], bool]]] = {
    "null": lambda _, value: value is None,
    "boolean": lambda _, value: isinstance(value, bool),
    "int": lambda _, value: _is_integer(value, 32),
    "long": lambda _, value: _is_integer(value, 64),
    "float": lambda _, value: _is_real(value, "<f"),
    "double": lambda _, value: _is_real(value, "<d"),
    "bytes": lambda _, value: _has_code(value, "latin-1"),
    "string": lambda _, value: _has_code(value, "utf-8"),
    "fixed": _fits_fixed,
}


def _sized(data: bytes) -> bytes:
    return encode_long(len(data)) + data


def _number(value: float | str) -> float:
    """The number; every NaN becomes the same one, as JSON text has one word for all."""
    number = float(value)
    return number if number == number else float("nan")


_ENCODE: Final[dict[str, Callable[[Any], bytes]]] = {
    "null": lambda value: b"",
    "boolean": lambda value: b"\1" if value else b"\0",
    "int": encode_long,
    "long": encode_long,
    "float": lambda value: struct.pack("<f", _number(value)),
    "double": lambda value: struct.pack("<d", _number(value)),
    "bytes": lambda value: _sized(value.encode("latin-1")),
    "string": lambda value: _sized(value.encode()),
    "fixed": lambda value: value.encode("latin-1"),
}


def in_words(value: Any) -> Any:
    """JSON data with NaN and the infinities replaced by :data:`NUMBERS_IN_WORDS`."""
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {key: in_words(item) for key, item in value.items()}
    return [in_words(item) for item in value] if isinstance(value, list | tuple) else value
