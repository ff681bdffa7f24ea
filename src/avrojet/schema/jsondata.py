"""Copies of JSON data that no one else can change: defaults, and the attributes of users.

It recurs in plain Python, where a stack overflow is an error; in compiled code it would be a crash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Final, Protocol, TypeGuard

from avrojet.messages import show
from avrojet.schema.defaults import NUMBERS_IN_WORDS
from avrojet.schema.places import Place, invalid


class Counter(Protocol):
    """Who wants the copy: the parser.

    :ivar has_words: set if there are numbers that are words in JSON text, or such words.
    """

    has_words: bool

    def count(self, characters: int) -> None:
        """Count what a value takes at least as JSON text."""


_MOST_BITS: Final = 14_000  # a little below the 4300 digits that Python writes and reads
_SCALARS: Final = (str, int, float)  # a tuple: the union of types would be made for each call
_BUFFERS: Final = (str, bytes, bytearray, memoryview)
_INFINITIES: Final = (inf, -inf)
_PLAIN_SCALARS: Final = frozenset((str, int, float, bool, type(None)))
LEAST_VALUE: Final = len("0,")


def copied(value: Any, place: Place | None, counter: Counter) -> Any:
    """A copy of what JSON can say.

    NaN and the infinities pass; JSON has no form for them, so they are words in the schema's text.

    :raises SchemaError: if JSON cannot say it.
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
    """Whether the value is an array to JSON."""
    return isinstance(value, list) or (isinstance(value, Sequence) and not isinstance(value, _BUFFERS))


def json_key(key: Any, place: Place | None) -> str:
    """The name of an attribute, if it is one."""
    if not isinstance(key, str):
        raise invalid(f"the name of an attribute must be a string, not {show(key)}", place)
    return key


def _plain_scalar(value: Any) -> Any:
    """The number or text that a subclass of their types (an enum, one of numpy's) stands for."""
    if isinstance(value, str):
        return str.__str__(value)
    return int.__int__(value) if isinstance(value, int) else float.__float__(value)
