"""The symbols of fastavro's JSON parser, to which subclasses of its encoder refer.

The facade's JSON has no such parser: see :class:`avrojet.compat.fastavro.io.json_encoder.AvroJSONEncoder`.
"""

from __future__ import annotations


class Symbol:
    """Symbols of one class are equal."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


class String(Symbol):
    pass


class MapKeyMarker(Symbol):
    pass
