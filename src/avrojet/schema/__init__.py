"""Schemas: parsing, names, defaults, canonical form, differences. Data are no part of it."""

from __future__ import annotations

from avrojet.schema.defaults import IgnoredDefaultWarning
from avrojet.schema.load import load_schema
from avrojet.schema.logical import IgnoredLogicalTypeWarning
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

__all__ = ["IgnoredDefaultWarning", "IgnoredLogicalTypeWarning", "Schema", "load_schema", "parse_schema"]
