"""Avro files as data frames of polars, and back (`avrojet.integrations.polars`)."""

from avrojet.integrations.polars import read_avro, scan_avro, write_avro

__all__ = ["read_avro", "scan_avro", "write_avro"]
