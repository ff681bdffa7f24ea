"""LOGICAL_READERS: functions that convert a plain value to the value of its logical type.

The functions here represent the core's own conversions, which are used as long as they are in the table. A
user's function is called for each value, and if a key is removed, the plain value is returned. Changes of the
table affect later calls and readers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from avrojet.compat.fastavro.const import DAYS_SHIFT

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH: Final = datetime(1970, 1, 1)  # a local timestamp has no zone
_MIDNIGHT: Final = datetime(1, 1, 1)  # a time of day has no zone


def read_timestamp_millis(data: int, writer_schema: Any = None, reader_schema: Any = None) -> datetime:
    return _EPOCH + timedelta(milliseconds=data)


def read_timestamp_micros(data: int, writer_schema: Any = None, reader_schema: Any = None) -> datetime:
    return _EPOCH + timedelta(microseconds=data)


def read_local_timestamp_millis(data: int, writer_schema: Any = None, reader_schema: Any = None) -> datetime:
    return _LOCAL_EPOCH + timedelta(milliseconds=data)


def read_local_timestamp_micros(data: int, writer_schema: Any = None, reader_schema: Any = None) -> datetime:
    return _LOCAL_EPOCH + timedelta(microseconds=data)


def read_date(data: int, writer_schema: Any = None, reader_schema: Any = None) -> date:
    return date.fromordinal(data + DAYS_SHIFT)


def read_time_millis(data: int, writer_schema: Any = None, reader_schema: Any = None) -> time:
    return (_MIDNIGHT + timedelta(milliseconds=data)).time()


def read_time_micros(data: int, writer_schema: Any = None, reader_schema: Any = None) -> time:
    return (_MIDNIGHT + timedelta(microseconds=data)).time()


def read_decimal(data: bytes, writer_schema: Any, reader_schema: Any = None) -> Decimal:
    scale = writer_schema.get("scale", 0)
    unscaled = int.from_bytes(data, "big", signed=True)
    digits = tuple(map(int, str(abs(unscaled))))
    return Decimal((int(unscaled < 0), digits, -scale))


def read_uuid(data: str, writer_schema: Any = None, reader_schema: Any = None) -> UUID:
    return UUID(data)


LOGICAL_READERS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "long-timestamp-millis": read_timestamp_millis,
    "long-local-timestamp-millis": read_local_timestamp_millis,
    "long-timestamp-micros": read_timestamp_micros,
    "long-local-timestamp-micros": read_local_timestamp_micros,
    "int-date": read_date,
    "bytes-decimal": read_decimal,
    "fixed-decimal": read_decimal,
    "string-uuid": read_uuid,
    "int-time-millis": read_time_millis,
    "long-time-micros": read_time_micros,
}

# The conversions that the core does itself.
BUILT_IN: Final = dict(LOGICAL_READERS)
