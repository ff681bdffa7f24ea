"""Names that other libraries import from fastavro's module of this name."""

from __future__ import annotations

from avrojet.compat.fastavro._schema_common import (
    FINGERPRINT_ALGORITHMS,
    JAVA_FINGERPRINT_MAPPING,
    PRIMITIVES,
    RABIN_64,
    SchemaParseException,
    UnknownType,
    rabin_fingerprint,
)
from avrojet.compat.fastavro.repository import (
    AbstractSchemaRepository,
    FlatDictRepository,
    SchemaRepositoryError,
)
from avrojet.compat.fastavro.schema import (
    expand_schema,
    extract_logical_type,
    extract_record_type,
    fingerprint,
    fullname,
    is_single_name_union,
    is_single_record_union,
    load_schema,
    load_schema_ordered,
    parse_schema,
    schema_name,
    to_parsing_canonical_form,
)

__all__ = [
    "FINGERPRINT_ALGORITHMS",
    "JAVA_FINGERPRINT_MAPPING",
    "PRIMITIVES",
    "RABIN_64",
    "AbstractSchemaRepository",
    "FlatDictRepository",
    "SchemaParseException",
    "SchemaRepositoryError",
    "UnknownType",
    "expand_schema",
    "extract_logical_type",
    "extract_record_type",
    "fingerprint",
    "fullname",
    "is_single_name_union",
    "is_single_record_union",
    "load_schema",
    "load_schema_ordered",
    "parse_schema",
    "rabin_fingerprint",
    "schema_name",
    "to_parsing_canonical_form",
]
