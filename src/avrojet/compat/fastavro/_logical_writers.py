"""Names that other libraries import from fastavro's module of this name."""

from __future__ import annotations

from avrojet.compat.fastavro.logical_writers import (
    LOGICAL_WRITERS,
    prepare_bytes_decimal,
    prepare_date,
    prepare_fixed_decimal,
    prepare_local_timestamp_micros,
    prepare_local_timestamp_millis,
    prepare_time_micros,
    prepare_time_millis,
    prepare_timestamp_micros,
    prepare_timestamp_millis,
    prepare_uuid,
)

__all__ = [
    "LOGICAL_WRITERS",
    "prepare_bytes_decimal",
    "prepare_date",
    "prepare_fixed_decimal",
    "prepare_local_timestamp_micros",
    "prepare_local_timestamp_millis",
    "prepare_time_micros",
    "prepare_time_millis",
    "prepare_timestamp_micros",
    "prepare_timestamp_millis",
    "prepare_uuid",
]
