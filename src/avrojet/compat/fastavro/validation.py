"""Whether values fit a schema, with every reason and its place."""

from __future__ import annotations

import array
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, Final, NamedTuple

from avrojet.compat.fastavro._schema_common import UnknownType
from avrojet.compat.fastavro.const import INT_MAX_VALUE, INT_MIN_VALUE, LONG_MAX_VALUE, LONG_MIN_VALUE
from avrojet.compat.fastavro.logical_writers import LOGICAL_WRITERS
from avrojet.compat.fastavro.schema import extract_logical_type, extract_record_type, parse_schema
from avrojet.compat.fastavro.types import NamedSchemas

__all__ = ["ValidationError", "ValidationErrorData", "validate", "validate_many"]

_ABSENT: Final = object()


class ValidationErrorData(NamedTuple):
    """One value that does not fit.

    :ivar datum: the value.
    :ivar schema: what it was to fit.
    :ivar field: where it is: ``namespace.record.field``; ``""`` at the top.
    """

    datum: Any
    schema: Any
    field: str

    def __str__(self) -> str:
        if self.datum is None:
            return f"Field({self.field}) is None expected {self.schema}"
        return f"{self.field} is <{self.datum}> of type {type(self.datum)} expected {self.schema}"


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

    :param field: where the value stands, for the errors.
    :param raise_errors: raise if it does not fit.
    :param strict: a missing field without default does not fit, though it may be null.
    :param disable_tuple_notation: a tuple in a union is data, and not ``(branch name, value)``.
    :raises ValidationError: with every value that does not fit.
    """
    named: NamedSchemas = {}
    parsed = parse_schema(schema, named)
    options = {"strict": strict, "disable_tuple_notation": disable_tuple_notation}
    return _validate(datum, parsed, named, field, raise_errors=raise_errors, options=options)


def validate_many(
    records: Iterable[Any],
    schema: Any,
    raise_errors: bool = True,
    strict: bool = False,
    disable_tuple_notation: bool = False,
) -> bool:
    """Whether all of several values fit; the parameters are those of :func:`validate`."""
    named: NamedSchemas = {}
    parsed = parse_schema(schema, named)
    check = _Check(named, {"strict": strict, "disable_tuple_notation": disable_tuple_notation})
    fits = [check.value(record, parsed, "") for record in records]
    if raise_errors and check.errors:
        raise ValidationError(*check.errors)
    return all(fits)


def _validate(
    datum: Any, schema: Any, named_schemas: NamedSchemas, field: str, *, raise_errors: bool, options: Any
) -> bool:
    """:func:`validate` for a schema that is parsed, with the named types in it."""
    check = _Check(named_schemas, options)
    fits = check.value(datum, schema, field)
    if raise_errors and not fits:
        raise ValidationError(*check.errors)
    return fits


class _Check:
    """One validation.

    :ivar errors: what did not fit so far.
    """

    def __init__(self, named: NamedSchemas, options: Mapping[str, Any]) -> None:
        self._named = named
        self._strict = bool(options.get("strict"))
        self._tuples = not options.get("disable_tuple_notation")
        self.errors: list[ValidationErrorData] = []

    def value(self, datum: Any, schema: Any, field: str) -> bool:
        known = len(self.errors)
        if datum is _ABSENT and self._strict:
            fits = False
        else:
            datum = None if datum is _ABSENT else self._prepared(datum, schema)
            fits = self._fits(datum, schema, field)
        if not fits and len(self.errors) == known:
            self.errors.append(ValidationErrorData(datum, schema, field))
        return fits

    def _prepared(self, datum: Any, schema: Any) -> Any:
        prepare = LOGICAL_WRITERS.get(extract_logical_type(schema) or "")
        return datum if prepare is None else prepare(datum, schema)

    def _fits(self, datum: Any, schema: Any, field: str) -> bool:
        kind = extract_record_type(schema)
        leaf = _LEAVES.get(kind)
        if leaf is not None:
            return leaf(datum, schema)
        if kind == "array":
            return self._array(datum, schema, field)
        if kind == "map":
            return self._map(datum, schema, field)
        if kind in ("union", "error_union"):
            return self._union(datum, schema, field)
        if kind in ("record", "error", "request"):
            return self._record(datum, schema)
        if kind in self._named:
            return self.value(datum, self._named[kind], field)
        raise UnknownType(kind)

    def _array(self, datum: Any, schema: Any, field: str) -> bool:
        if not isinstance(datum, Sequence | array.array) or isinstance(datum, str):
            return False
        return self._every((item, schema["items"], field) for item in datum)

    def _map(self, datum: Any, schema: Any, field: str) -> bool:
        if not isinstance(datum, Mapping) or not all(isinstance(key, str) for key in datum):
            return False
        return self._every((value, schema["values"], field) for value in datum.values())

    def _union(self, datum: Any, schema: Any, field: str) -> bool:
        if self._tuples and isinstance(datum, tuple) and len(datum) == 2:
            branch = next((branch for branch in schema if _branch_name(branch) == datum[0]), None)
            return branch is not None and self.value(datum[1], branch, field)
        known = len(self.errors)
        if any(self.value(datum, branch, field) for branch in schema):
            del self.errors[known:]
            return True
        return False

    def _record(self, datum: Any, schema: Any) -> bool:
        name = schema["name"]
        if not isinstance(datum, Mapping) or datum.get("-type", name) != name:
            return False
        return self._every(
            (
                datum.get(field["name"], field.get("default", _ABSENT)),
                field["type"],
                f"{name}.{field['name']}",
            )
            for field in schema["fields"]
        )

    def _every(self, parts: Iterable[tuple[Any, Any, str]]) -> bool:
        """Whether all fit; the first that does not is not the last to be looked at."""
        fits = True
        for part in parts:
            fits = self.value(*part) and fits
        return fits


def _branch_name(branch: Any) -> Any:
    """What a tuple calls a union's branch: the fullname of a named type, else the type."""
    return branch.get("name", branch["type"]) if isinstance(branch, dict) else branch


def _is_integer(datum: Any, low: int, high: int) -> bool:
    return isinstance(datum, Integral) and not isinstance(datum, bool) and low <= datum <= high  # type: ignore[operator]


def _is_real(datum: Any, schema: Any) -> bool:
    return isinstance(datum, Real) and not isinstance(datum, bool)


_LEAVES: Final[dict[Any, Callable[[Any, Any], bool]]] = {
    "null": lambda datum, schema: datum is None,
    "boolean": lambda datum, schema: isinstance(datum, bool),
    "string": lambda datum, schema: isinstance(datum, str),
    "bytes": lambda datum, schema: isinstance(datum, bytes | bytearray),
    "int": lambda datum, schema: _is_integer(datum, INT_MIN_VALUE, INT_MAX_VALUE),
    "long": lambda datum, schema: _is_integer(datum, LONG_MIN_VALUE, LONG_MAX_VALUE),
    "float": _is_real,
    "double": _is_real,
    "fixed": lambda datum, schema: isinstance(datum, bytes) and len(datum) == schema["size"],
    "enum": lambda datum, schema: isinstance(datum, str) and datum in schema["symbols"],
}
