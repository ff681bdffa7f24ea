"""Names that other libraries import from fastavro's module of this name."""

from __future__ import annotations

from avrojet.compat.fastavro._schema_common import UnknownType
from avrojet.compat.fastavro.logical_writers import LOGICAL_WRITERS
from avrojet.compat.fastavro.validation import (
    ValidationError,
    ValidationErrorData,
    _validate,
    validate,
    validate_many,
)

__all__ = [
    "LOGICAL_WRITERS",
    "UnknownType",
    "ValidationError",
    "ValidationErrorData",
    "_validate",
    "validate",
    "validate_many",
]
