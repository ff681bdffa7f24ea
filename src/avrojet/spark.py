"""Avro files and messages in Spark, without a package of the JVM (`avrojet.integrations.spark`)."""

from avrojet.integrations.spark import from_avro, register, to_avro

__all__ = ["from_avro", "register", "to_avro"]
