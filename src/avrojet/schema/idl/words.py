"""The keywords of IDL, and how identifiers that equal one are written (grammar of Avro 1.12, `Idl.g4`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from avrojet.schema.model import PRIMITIVE_TYPES

# The types that keywords of logical types mean; decimal(precision, scale) is another one.
LOGICAL_WORDS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "date": {"type": "int", "logicalType": "date"},
        "time_ms": {"type": "int", "logicalType": "time-millis"},
        "timestamp_ms": {"type": "long", "logicalType": "timestamp-millis"},
        "local_timestamp_ms": {"type": "long", "logicalType": "local-timestamp-millis"},
        "uuid": {"type": "string", "logicalType": "uuid"},
    }
)

# Keywords that are types wherever a type can be.
TYPE_WORDS: Final = frozenset({*PRIMITIVE_TYPES, *LOGICAL_WORDS})

WORDS: Final = TYPE_WORDS | {
    "array", "decimal", "enum", "error", "false", "fixed", "idl", "import", "map", "namespace", "oneway",
    "protocol", "record", "schema", "throws", "true", "union", "void",
    # Numbers in the grammar.
    "Infinity", "NaN",
}  # fmt: skip

_PART: Final = r"[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*"
_QUOTED_PART: Final = rf"(?:`{_PART}`|{_PART})"
IDENTIFIER: Final = rf"{_QUOTED_PART}(?:[.-]{_QUOTED_PART})*"
"""Regular expression; beyond ASCII it takes more than the grammar, see :func:`is_identifier`."""

_PLAIN: Final = re.compile(rf"{_PART}(?:[.-]{_PART})*")
_BETWEEN: Final = re.compile("[.-]")


def is_identifier(text: str) -> bool:
    """Whether the text, which has no backquotes, is identifiers joined by dots and dashes."""
    return _PLAIN.fullmatch(text) is not None and all(map(str.isidentifier, _BETWEEN.split(text)))


def quoted(identifier: str) -> str:
    """The identifier, in backquotes if it would be a keyword otherwise."""
    return f"`{identifier}`" if identifier in WORDS else identifier
