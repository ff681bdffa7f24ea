"""Avro files as datasets of Ray Data, and back (`avrojet.integrations.ray`)."""

from avrojet.integrations.ray import read_avro, write_avro

__all__ = ["read_avro", "write_avro"]
