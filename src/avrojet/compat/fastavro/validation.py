"""Whether values fit a schema, with every reason and its place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from avrojet.compat.fastavro._check import Check
from avrojet.compat.fastavro._schemas import parsed_with_names
from avrojet.compat.fastavro.types import NamedSchemas
from avrojet.messages import represent

__all__ = ["ValidationError", "ValidationErrorData", "validate", "validate_many"]


class ValidationErrorData(NamedTuple):
    """One value that does not fit.

    :ivar datum: the value.
    :ivar schema: the schema that it should fit.
    :ivar field: where it is: ``namespace.record.field``; ``""`` at the top.
    """

    datum: Any
    schema: Any
    field: str

    def __str__(self) -> str:
        if self.datum is None:
            return f"Field({self.field}) is None expected {represent(self.schema, str)}"
        datum, schema = represent(self.datum, str), represent(self.schema, str)
        return f"{self.field} is <{datum}> of type {type(self.datum)} expected {schema}"


class ValidationError(Exception):
    """Values do not fit.

    :ivar errors: a ValidationErrorData for each.
    """

    def __init__(self, *errors: ValidationErrorData) -> None:
        super().__init__(json.dumps([str(error) for error in errors], indent=2, ensure_ascii=False))
        self.errors = errors


def validate(
    datum: Any,
    schema: Any,
    field: str = "",
    raise_errors: bool = True,
    strict: bool = False,
    disable_tuple_notation: bool = False,
) -> bool:
    """Whether a value fits a schema.

    :param field: where the value is, for the errors.
    :param raise_errors: raise if it does not fit.
    :param strict: a missing field without default does not fit, though it may be null.
    :param disable_tuple_notation: a tuple in a union is data, and not ``(branch name, value)``.
    :raises ValidationError: with every value that does not fit.
    """
    parsed, named = parsed_with_names(schema)
    return _checked(
        datum, parsed, named, field, raise_errors, strict=strict, tuples=not disable_tuple_notation
    )


def validate_many(
    records: Iterable[Any],
    schema: Any,
    raise_errors: bool = True,
    strict: bool = False,
    disable_tuple_notation: bool = False,
) -> bool:
    """Whether all of several values fit; the parameters are those of :func:`validate`."""
    parsed, named = parsed_with_names(schema)
    errors: list[tuple[Any, Any, str]] | None = [] if raise_errors else None
    check = Check(named, errors, strict=strict, tuples=not disable_tuple_notation)
    fits = [check.fits(record, parsed, "") for record in records]
    if errors:
        raise _error(errors)
    return all(fits)


def _validate(
    datum: Any,
    schema: Any,
    named_schemas: NamedSchemas,
    field: str,
    raise_errors: bool,
    options: Mapping[str, Any],
) -> bool:
    """:func:`validate` for a schema that is parsed, with the named types in it."""
    strict, tuples = bool(options.get("strict")), not options.get("disable_tuple_notation")
    return _checked(datum, schema, named_schemas, field, raise_errors, strict=strict, tuples=tuples)


def _checked(
    datum: Any,
    parsed: Any,
    named: NamedSchemas,
    field: str,
    raise_errors: bool,
    *,
    strict: bool,
    tuples: bool,
) -> bool:
    if Check(named, None, strict=strict, tuples=tuples).fits(datum, parsed, field):
        return True
    if raise_errors:
        errors: list[tuple[Any, Any, str]] = []
        Check(named, errors, strict=strict, tuples=tuples).fits(datum, parsed, field)
        raise _error(errors)
    return False


def _error(errors: Iterable[tuple[Any, Any, str]]) -> ValidationError:
    return ValidationError(*[ValidationErrorData(*error) for error in errors])
