"""Avro files as data frames of Daft, and back (`avrojet.integrations.daft`)."""

from avrojet.integrations.daft import read_avro, write_avro

__all__ = ["read_avro", "write_avro"]
