"""Avro files as data frames of pandas, and back (`avrojet.integrations.pandas`)."""

from avrojet.integrations.pandas import read_avro, to_avro

__all__ = ["read_avro", "to_avro"]
