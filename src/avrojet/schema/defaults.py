"""Whether a default fits its type (specification: Records, the table of field default values)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from avrojet.limits import Limits, excess, limits_in_force
from avrojet.messages import show
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

Problem: TypeAlias = "tuple[str, Any, str]"
"""Where in the default, as ``[2].name``; the value there; what is wrong with it.

Text is made of it only if no branch of a union fits: values can be long, and branches many."""

_OWN_DEFAULT: Final = "is its own default without end"


class IgnoredDefaultWarning(UserWarning):
    """A default does not fit its type; the lax mode takes the field for one without default."""


def check_default(schema: Schema, value: Any, path: str = "") -> str | None:
    """Why ``value``, JSON data, is no default for a field of the type; None if it is one.

    bytes and fixed are strings of the code points 0 to 255. A union's default may be of any branch. A
    record's default may leave out fields that have defaults themselves.

    :param path: the place of the default; the reason adds the place in the default.
    :raises LimitError: if it takes too many comparisons to find out.
    """
    problem = DefaultChecker().problem(schema, value)
    if problem is None:
        return None
    path += problem[0]
    return f"{path}: {describe(problem)}" if path else describe(problem)


def describe(problem: Problem) -> str:
    """What is wrong, without the place."""
    return f"{show(problem[1])} {problem[2]}"


class DefaultChecker:
    """:func:`check_default` for many defaults of schemas that live as long as this.

    Each pair of schema and value is examined once. Without that, records within unions would cost
    exponential time, and a record that defaults to itself would never end. What stays is the product of
    the values and the branches of the unions that they are compared with, so comparisons are counted.
    """

    __slots__ = ("_known", "_left", "_limits", "_symbols")

    def __init__(self, limits: Limits | None = None) -> None:
        self._known: dict[tuple[int, int], Problem | None] = {}
        self._symbols: dict[int, frozenset[str]] = {}
        self._limits = limits = limits_in_force(limits)
        # A value takes two characters of JSON text at least, so defaults are let pass that are compared with
        # one type each; the worst case is a few seconds.
        self._left = limits.schema_bytes // 2

    def problem(self, schema: Schema, value: Any) -> Problem | None:
        """Why the value does not fit, or None."""
        self._left -= 1
        if self._left < 0:
            raise excess(self._limits, "schema_bytes", "defaults take too many comparisons with types")
        fits = _FITS.get(schema.type)
        if fits is not None:
            return None if fits(schema, value) else _misfit(schema, value)
        if isinstance(schema, EnumSchema):
            return self._enum(schema, value)
        key = id(schema), id(value)
        if key not in self._known:
            self._known[key] = "", value, _OWN_DEFAULT
            self._known[key] = self._examine(schema, value)
        return self._known[key]

    def _examine(self, schema: Schema, value: Any) -> Problem | None:
        if isinstance(schema, UnionSchema):
            if any(self.problem(branch, value) is None for branch in schema.branches):
                return None
            return "", value, "fits no branch of the union"
        if isinstance(schema, RecordSchema) and isinstance(value, Mapping):
            return self._record(schema, value)
        if isinstance(schema, ArraySchema) and isinstance(value, list | tuple):
            return self._first((f"[{i}]", schema.items, item) for i, item in enumerate(value))
        if isinstance(schema, MapSchema) and isinstance(value, Mapping):
            return self._first((f"[{key!r}]", schema.values, item) for key, item in value.items())
        return _misfit(schema, value)

    def _enum(self, schema: EnumSchema, value: Any) -> Problem | None:
        symbols = self._symbols.get(id(schema))
        if symbols is None:
            symbols = self._symbols[id(schema)] = frozenset(schema.symbols)
        return None if isinstance(value, str) and value in symbols else _misfit(schema, value)

    def _record(self, schema: RecordSchema, value: Mapping[str, Any]) -> Problem | None:
        for field in schema.fields:
            item = value.get(field.name, field.default)
            if item is NO_DEFAULT:
                return "", value, f"lacks the field {field.name!r}, which has no default"
            problem = self.problem(field.type, item)
            if problem is not None:
                return f".{field.name}{problem[0]}", *problem[1:]
        return None

    def _first(self, parts: Iterable[tuple[str, Schema, Any]]) -> Problem | None:
        for place, schema, value in parts:
            problem = self.problem(schema, value)
            if problem is not None:
                return place + problem[0], *problem[1:]
        return None


def _is_integer(value: Any, bits: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -1 << bits - 1 <= value < 1 << bits - 1


def _is_number(value: Any, code: str) -> bool:
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
    "float": lambda _, value: _is_number(value, "<f"),
    "double": lambda _, value: _is_number(value, "<d"),
    "bytes": lambda _, value: _has_code(value, "latin-1"),
    "string": lambda _, value: _has_code(value, "utf-8"),
    "fixed": _fits_fixed,
}


def _misfit(schema: Schema, value: Any) -> Problem:
    kind = f"a fixed of {schema.size} bytes" if isinstance(schema, FixedSchema) else schema.type
    return "", value, f"is no default for {kind}"
