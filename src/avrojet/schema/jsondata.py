"""Copies of JSON data that no one else can change: defaults and users' attributes.

This file is not compiled, as it recurs: a stack overflow is an exception in Python, but a crash in C.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Final, Protocol, TypeGuard

from avrojet.messages import show
from avrojet.schema.defaults import NUMBERS_IN_WORDS
from avrojet.schema.places import Place, invalid


class Counter(Protocol):
    """The parser that needs the copy.

    :ivar has_words: set if the data contain NaN, an infinity, or the word for one.
    """

    has_words: bool

    def count(self, characters: int) -> None:
        """Count the least number of characters that a value takes as JSON text."""


_MOST_BITS: Final = 14_000  # a little below the 4300 digits that Python writes and reads
_SCALARS: Final = (str, int, float)  # a tuple: the union of types would be made for each call
_BUFFERS: Final = (str, bytes, bytearray, memoryview)
_INFINITIES: Final = (inf, -inf)
_PLAIN_SCALARS: Final = frozenset((str, int, float, bool, type(None)))
LEAST_VALUE: Final = len("0,")


def copied(value: Any, place: Place | None, counter: Counter) -> Any:
    """A copy of JSON data.

    NaN and the infinities are allowed. JSON cannot express them; they are words in the schema's text.

    :raises SchemaError: if the value is not JSON data.
    """
    if value is None or isinstance(value, _SCALARS):
        if isinstance(value, int) and value.bit_length() > _MOST_BITS:
            raise invalid(f"a number of {value.bit_length()} bits is too long for JSON text", place)
        if value in NUMBERS_IN_WORDS if isinstance(value, str) else value != value or value in _INFINITIES:
            counter.has_words = True
        counter.count(LEAST_VALUE + len(value) if isinstance(value, str) else LEAST_VALUE)
        return value if type(value) in _PLAIN_SCALARS else _plain_scalar(value)
    counter.count(LEAST_VALUE)
    if isinstance(value, Mapping):
        return {
            json_key(key, place): copied(item, (place, "{}", key), counter) for key, item in value.items()
        }
    if is_array(value):
        return [copied(item, (place, "[{}]", index), counter) for index, item in enumerate(value)]
    hint = ": give its .item()" if hasattr(value, "item") else ""  # one of numpy's numbers
    raise invalid(f"{show(value)} is not JSON data{hint}", place)


def is_array(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether the value is an array in JSON."""
    return isinstance(value, list) or (isinstance(value, Sequence) and not isinstance(value, _BUFFERS))


def json_key(key: Any, place: Place | None) -> str:
    """Return the name of an attribute, which must be a string."""
    if not isinstance(key, str):
        raise invalid(f"the name of an attribute must be a string, not {show(key)}", place)
    return key


def _plain_scalar(value: Any) -> Any:
    """The plain number or text of an instance of a subclass (an enum, one of numpy's classes)."""
    if isinstance(value, str):
        return str.__str__(value)
    return int.__int__(value) if isinstance(value, int) else float.__float__(value)
