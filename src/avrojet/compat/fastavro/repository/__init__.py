"""Repositories of schemas, as fastavro.repository."""

from __future__ import annotations

from avrojet.compat.fastavro.repository.base import AbstractSchemaRepository, SchemaRepositoryError
from avrojet.compat.fastavro.repository.flat_dict import FlatDictRepository

__all__ = ["AbstractSchemaRepository", "FlatDictRepository", "SchemaRepositoryError"]
