"""The order of data (specification: Sort Order), from their bytes alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any, Final, TypeAlias

from avrojet.cache import PlanCache
from avrojet.core.plan.plan import freeze
from avrojet.core.rows.compare import Comparator
from avrojet.datum import Encoder
from avrojet.limits import on_new_defaults
from avrojet.plan.resolve import resolve
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema


def compare(a: Any, b: Any, schema: Any) -> int:
    """-1, 0 or 1, if the datum `a` sorts before, with or after `b`, without decoding them.

    Fields count in their order, descending ones in reverse, ignored ones not at all; strings are ordered by
    code point, enums by the position of the symbol, unions by that of the branch. Floating-point numbers are
    ordered as in Java: -0.0 before 0.0, NaN after infinity.

    :param a: bytes or another buffer with an encoded datum of `schema`.
    :param b: the same.
    :raises SchemaError: if the schema is not valid, or a map is compared, which has no order.
    :raises DecodeError: if the part that had to be examined is not that of a datum of the schema.

    >>> compare(b"\\x06foo", b"\\x06bar", "string")
    1
    """
    last = _last
    if last[0] is not schema:
        last = _find(schema)
    return last[1](a, b)


def sort_key(schema: Any) -> Callable[[Any], Any]:
    """A key function for ``sorted``, ``min`` and the like that puts values of `schema` in its order.

    :returns: a function of one value, of the types that an :class:`avrojet.Encoder` takes.
    :raises SchemaError: as in :func:`compare`.

    >>> sorted(["b", "a", "\\N{GRINNING FACE}"], key=sort_key("string"))[0]
    'a'
    """
    encode = Encoder(schema).encode
    key = cmp_to_key(comparator(schema).compare)
    return lambda value: key(encode(value))


def comparator(schema: Any) -> Comparator:
    """The comparator of a schema's data; cached for the next call."""
    # A Schema is recognized by identity, as it is kept with its comparator: hashing its text takes long.
    known = schema if isinstance(schema, str | Schema) else parse_schema(schema)
    key = known if isinstance(known, str) else id(known)
    found = _comparators.get(key)
    if found is None:
        parsed = parse_schema(known)
        found = Comparator(freeze(resolve(parsed, logical=False))), known
        _comparators.keep(key, found, len(parsed.json))
    return found[0]


_Last: TypeAlias = tuple[Any, Callable[[Any, Any], int]]

_comparators: PlanCache[tuple[Comparator, Schema | str]] = PlanCache()
# The last call's schema and comparison function: sorting compares many data of one schema.
_NONE: Final[_Last] = (object(), lambda _a, _b: 0)
_last = _NONE


def _find(schema: Any) -> _Last:
    """The comparison of a schema's data; cached for the next call, unless the schema is mutable."""
    global _last  # noqa: PLW0603 (set in one step: threads may do it at once)
    found = schema, comparator(schema).compare
    if isinstance(schema, str | Schema):
        _last = found
    return found


def _forget() -> None:
    global _last  # noqa: PLW0603 (as above)
    _comparators.clear()
    _last = _NONE


on_new_defaults(_forget)
