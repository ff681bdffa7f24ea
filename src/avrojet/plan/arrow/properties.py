"""What restores Arrow data as they were, kept in metadata and schemas (docs/reference/arrow.md)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Final

from avrojet.schema.model import ArraySchema, Field, RecordSchema, Schema

# Keys of an Arrow schema's metadata. They are avrojet's own: other libraries take `avro.schema`, say, for the
# schema to encode by.
SCHEMA_KEY: Final = "avrojet.schema"
FILE_TEXT: Final = "avrojet.metadata."  # in front of a key of the file's metadata
FILE_BYTES: Final = "avrojet.metadata64."  # the same; the value is not text, and is in base64

# Attributes of Avro schemas.
FORMAT: Final = "arrow.format"  # of a long: the C data interface's format of a duration
TIMEZONE: Final = "arrow.timezone"  # of a timestamp
DICTIONARY: Final = "arrow.dictionary"  # of a string that was a dictionary: true, or all values it may have
NAME: Final = "arrow.name"  # of a field: the column's name, if Avro does not take it

_DURATIONS: Final = ("tDs", "tDm", "tDu", "tDn")
# A zone's name: from the IANA database, or an offset. It is passed to libraries that do not check it.
_ZONE: Final = re.compile(r"[A-Za-z0-9_+\-/:]{1,100}")
# Names of the zone of an instant without the attribute.
UTC_NAMES: Final = ("UTC", "Etc/UTC", "+00:00")


def duration_format(schema: Schema) -> str | None:
    """Arrow's type of a long that was a duration; else None."""
    format = schema.props.get(FORMAT)
    return format if schema.type == "long" and schema.logical is None and format in _DURATIONS else None


def timezone_of(schema: Schema) -> str:
    """The zone in which an instant is shown."""
    zone = schema.props.get(TIMEZONE)
    return zone if isinstance(zone, str) and is_zone(zone) else "UTC"


def is_zone(text: str) -> bool:
    return _ZONE.fullmatch(text) is not None


def dictionary_of(schema: Schema) -> tuple[str, ...] | None:
    """The values of the dictionary that a string was, as far as known; None if it was not a dictionary."""
    values = schema.props.get(DICTIONARY)
    if schema.type != "string" or schema.logical is not None:
        return None
    if isinstance(values, list) and all(isinstance(value, str) for value in values):
        return tuple(dict.fromkeys(values))
    return () if values is True else None


def column_names(record: RecordSchema) -> list[str]:
    """The columns' names: the fields' own, except for renamed ones, if no other has the original name."""
    own = [field.name for field in record.fields]
    before = [_name_before(field) for field in record.fields]
    names = [name if old is None else old for name, old in zip(own, before, strict=True)]
    return names if len(set(names)) == len(names) else own


def _name_before(field: Field) -> str | None:
    """The name of the column from which the field was made; Arrow's names are UTF-8 that ends with a zero."""
    name = field.props.get(NAME)
    if not isinstance(name, str) or "\0" in name:
        return None
    return None if any("\ud800" <= character <= "\udfff" for character in name) else name


def is_map(schema: ArraySchema) -> bool:
    """Whether the array is how Iceberg and Kafka Connect write a map whose keys are not strings."""
    items = schema.items
    return (
        isinstance(items, RecordSchema)
        and [field.name for field in items.fields] == ["key", "value"]
        and (
            schema.props.get("logicalType") == "map" or items.props.get("connect.internal.type") == "MapEntry"
        )
    )


# A file's metadata are bytes. Those of an Arrow schema must be text: some libraries panic otherwise.


def to_arrow_metadata(metadata: Mapping[str, bytes]) -> dict[str, str]:
    """A file's metadata as entries of an Arrow schema's, except those defined by the specification."""
    entries = {}
    for key, value in metadata.items():
        if not key.startswith("avro."):
            try:
                entries[FILE_TEXT + key] = value.decode()
            except UnicodeDecodeError:
                entries[FILE_BYTES + key] = b64encode(value).decode()
    return entries


def from_arrow_metadata(metadata: Mapping[str, str]) -> dict[str, bytes]:
    """The inverse: a file's metadata."""
    entries = {}
    for key, value in metadata.items():
        if key.startswith(FILE_TEXT):
            entries[key.removeprefix(FILE_TEXT)] = value.encode()
        elif key.startswith(FILE_BYTES):
            entries[key.removeprefix(FILE_BYTES)] = b64decode(value)
    return entries
