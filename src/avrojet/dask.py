"""Avro files as data frames of Dask, and back (`avrojet.integrations.dask`)."""

from avrojet.integrations.dask import read_avro, to_avro

__all__ = ["read_avro", "to_avro"]
