"""Type aliases under fastavro's names."""

from __future__ import annotations

from typing import Any, TypeAlias

AvroMessage: TypeAlias = Any
DictSchema: TypeAlias = dict[Any, Any]
Schema: TypeAlias = Any
"""A str, list or dict: JSON data."""
NamedSchemas: TypeAlias = dict[str, DictSchema]
