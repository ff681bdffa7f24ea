"""Names that other libraries import from fastavro's module of this name."""

from __future__ import annotations

from avrojet.compat.fastavro.validation import ValidationError, ValidationErrorData

__all__ = ["ValidationError", "ValidationErrorData"]
