"""Custom logical types, and the register used by all codecs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from avrojet.limits import defaults_have_changed
from avrojet.schema.model import Schema


class CustomLogicalType(ABC):
    """A logical type of your own: it converts between plain values and Python values.

    It applies wherever a schema has ``name`` as its ``logicalType``, even if the specification has a logical
    type of that name. It must be thread-safe.

    >>> class Celsius(CustomLogicalType):
    ...     name = "celsius"
    ...
    ...     def decode(self, value, schema):
    ...         return value - 273.15
    ...
    ...     def encode(self, value, schema):
    ...         return value + 273.15
    """

    name: str

    @abstractmethod
    def decode(self, value: Any, schema: Schema) -> Any:
        """The value to show for a decoded plain ``value``. Errors raised here become a DecodeError."""

    @abstractmethod
    def encode(self, value: Any, schema: Schema) -> Any:
        """The plain value to write for ``value``. Errors raised here become an EncodeError; in a union
        they mean that the value belongs to another branch.
        """


class _Register:
    """The registered types, replaced as a whole so that readers need no lock."""

    types: Mapping[str, CustomLogicalType] = MappingProxyType({})


def register_logical_type(custom: CustomLogicalType) -> None:
    """Let every Encoder and Decoder made from now on use a custom logical type.

    A later type of the same name replaces the earlier one.
    """
    _Register.types = MappingProxyType({**_Register.types, custom.name: custom})
    defaults_have_changed()


def logical_types_in_force(
    *,
    wanted: bool | Iterable[CustomLogicalType],
) -> Mapping[str, CustomLogicalType]:
    """The registered types and those that a codec was given; none at all if it wants none."""
    if wanted is False:
        return {}
    if wanted is True:
        return _Register.types
    return {**_Register.types, **{custom.name: custom for custom in wanted}}


Converters = Mapping[str, Callable[[Schema], Callable[[Any], Any]]]


def decode_converters(types: Mapping[str, CustomLogicalType]) -> Converters:
    return {name: _bind(custom.decode) for name, custom in types.items()} if types else {}


def encode_converters(types: Mapping[str, CustomLogicalType]) -> Converters:
    return {name: _bind(custom.encode) for name, custom in types.items()} if types else {}


def _bind(convert: Callable[[Any, Schema], Any]) -> Callable[[Schema], Callable[[Any], Any]]:
    return lambda schema: lambda value: convert(value, schema)
