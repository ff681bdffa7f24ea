"""What others take from fastavro's module of this name: the matching, and the reader of JSON."""

from __future__ import annotations

from avrojet.compat.fastavro._match import match_schemas, match_types
from avrojet.compat.fastavro.json_read import reader

__all__ = ["match_schemas", "match_types", "reader"]
