"""LOGICAL_WRITERS: functions that convert a value of a logical type to the plain one.

As in LOGICAL_READERS, the functions here represent the core's own conversions. A function returns a value of
an unknown type unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from avrojet.compat.fastavro.const import DAYS_SHIFT

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_MICROSECOND: Final = timedelta(microseconds=1)


def prepare_timestamp_millis(data: Any, schema: Any) -> Any:
    """Milliseconds of an instant; a datetime without zone is in the machine's local time."""
    return _since_epoch(data.astimezone(UTC), _MILLISECOND) if isinstance(data, datetime) else data


def prepare_timestamp_micros(data: Any, schema: Any) -> Any:
    """Microseconds of an instant; a datetime without zone is in the machine's local time."""
    return _since_epoch(data.astimezone(UTC), _MICROSECOND) if isinstance(data, datetime) else data


def prepare_local_timestamp_millis(data: Any, schema: Any) -> Any:
    """Milliseconds on the clock; a zone is ignored."""
    return _since_epoch(data.replace(tzinfo=UTC), _MILLISECOND) if isinstance(data, datetime) else data


def prepare_local_timestamp_micros(data: Any, schema: Any) -> Any:
    """Microseconds on the clock; a zone is ignored."""
    return _since_epoch(data.replace(tzinfo=UTC), _MICROSECOND) if isinstance(data, datetime) else data


def _since_epoch(moment: datetime, unit: timedelta) -> int:
    return (moment - _EPOCH) // unit


def prepare_date(data: Any, schema: Any) -> Any:
    """Days since 1970 of a date, a datetime or ISO text."""
    if isinstance(data, str):
        data = date.fromisoformat(data)
    return data.toordinal() - DAYS_SHIFT if isinstance(data, date) else data


def prepare_time_millis(data: Any, schema: Any) -> Any:
    return _since_midnight(data, _MILLISECOND) if isinstance(data, time) else data


def prepare_time_micros(data: Any, schema: Any) -> Any:
    return _since_midnight(data, _MICROSECOND) if isinstance(data, time) else data


def _since_midnight(moment: time, unit: timedelta) -> int:
    since = timedelta(
        hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond
    )
    return since // unit


def prepare_bytes_decimal(data: Any, schema: Any) -> Any:
    """The unscaled number in as few bytes as hold it and its sign."""
    if not isinstance(data, Decimal):
        return data
    unscaled = _unscaled(data, schema)
    return unscaled.to_bytes((unscaled.bit_length() + 8) // 8, "big", signed=True)


def prepare_fixed_decimal(data: Any, schema: Any) -> Any:
    """The unscaled number in the bytes of the fixed."""
    if not isinstance(data, Decimal):
        return data
    return _unscaled(data, schema).to_bytes(schema["size"], "big", signed=True)


def _unscaled(data: Decimal, schema: Any) -> int:
    sign, digits, exponent = data.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{data} is no finite number")
    if len(digits) > schema["precision"]:
        raise ValueError("The decimal precision is bigger than allowed by schema")
    shift = exponent + schema.get("scale", 0)
    if shift < 0:
        raise ValueError("Scale provided in schema does not match the decimal")
    magnitude: int = int("".join(map(str, digits))) * 10**shift
    return -magnitude if sign else magnitude


def prepare_uuid(data: Any, schema: Any) -> Any:
    return str(data) if isinstance(data, UUID) else data


LOGICAL_WRITERS: dict[str, Callable[[Any, Any], Any]] = {
    "long-timestamp-millis": prepare_timestamp_millis,
    "long-local-timestamp-millis": prepare_local_timestamp_millis,
    "long-timestamp-micros": prepare_timestamp_micros,
    "long-local-timestamp-micros": prepare_local_timestamp_micros,
    "int-date": prepare_date,
    "bytes-decimal": prepare_bytes_decimal,
    "fixed-decimal": prepare_fixed_decimal,
    "string-uuid": prepare_uuid,
    "int-time-millis": prepare_time_millis,
    "long-time-micros": prepare_time_micros,
}

# The conversions that the core does itself.
BUILT_IN: Final = dict(LOGICAL_WRITERS)
