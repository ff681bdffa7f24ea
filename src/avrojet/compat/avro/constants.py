"""The names of Avro's types."""

from __future__ import annotations

from typing import Final

DATE: Final = "date"
DECIMAL: Final = "decimal"
TIMESTAMP_MICROS: Final = "timestamp-micros"
TIMESTAMP_MILLIS: Final = "timestamp-millis"
TIME_MICROS: Final = "time-micros"
TIME_MILLIS: Final = "time-millis"
UUID: Final = "uuid"

SUPPORTED_LOGICAL_TYPE: Final = [
    DATE,
    DECIMAL,
    TIMESTAMP_MICROS,
    TIMESTAMP_MILLIS,
    TIME_MICROS,
    TIME_MILLIS,
    UUID,
]

PRIMITIVE_TYPES: Final = ("null", "boolean", "string", "bytes", "int", "long", "float", "double")
NAMED_TYPES: Final = ("fixed", "enum", "record", "error")
VALID_TYPES: Final = (*PRIMITIVE_TYPES, *NAMED_TYPES, "array", "map", "union", "request", "error_union")
