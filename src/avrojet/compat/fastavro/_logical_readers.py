"""Names that other libraries import from fastavro's module of this name."""

from __future__ import annotations

from uuid import UUID

from avrojet.compat.fastavro.logical_readers import (
    LOGICAL_READERS,
    read_date,
    read_decimal,
    read_local_timestamp_micros,
    read_local_timestamp_millis,
    read_time_micros,
    read_time_millis,
    read_timestamp_micros,
    read_timestamp_millis,
    read_uuid,
)

__all__ = [
    "LOGICAL_READERS",
    "UUID",
    "read_date",
    "read_decimal",
    "read_local_timestamp_micros",
    "read_local_timestamp_millis",
    "read_time_micros",
    "read_time_millis",
    "read_timestamp_micros",
    "read_timestamp_millis",
    "read_uuid",
]
