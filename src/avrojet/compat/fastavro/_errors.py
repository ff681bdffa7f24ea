"""The core's errors with the messages that users of fastavro expect."""

from __future__ import annotations

from typing import Final

from avrojet.compat.fastavro.types import NamedSchemas
from avrojet.errors import AvroError, DecodeError, EncodeError, LimitError, ResolutionError, facts_of
from avrojet.failures import DecodeFailure, EncodeFailure, Incompatibility

_ERRORS_OF_PLAIN_VALUES: Final = (ValueError, TypeError)


def write_error(error: EncodeError, *, strict: bool) -> Exception:
    """Return the exception for a value that cannot be written: the same error, its message extended.

    An exception from a function in LOGICAL_WRITERS is unchanged.
    """
    cause = error.__cause__
    if isinstance(cause, Exception) and type(cause) not in _ERRORS_OF_PLAIN_VALUES:
        return cause
    if isinstance(error, LimitError):
        return error
    reason = _reason_of(error, strict=strict)
    place = "" if error.enclosing_field is None else f" on field {error.enclosing_field}"
    error.args = (f"{reason}{place} ({error})" if reason else f"{error}{place}",)
    return error


def _reason_of(error: EncodeError, *, strict: bool) -> str:
    if error.kind is EncodeFailure.MISSING_FIELD and strict:
        return f"Field {error.field} is specified in the schema but missing from the record"
    if error.kind is EncodeFailure.MISSING_FIELD:
        return f"no value and no default for {error.field}"
    if error.kind is EncodeFailure.EXTRA_FIELD and error.extra is not None:
        return f"record contains more fields than the schema specifies: {', '.join(error.extra)}"
    if error.kind is EncodeFailure.TYPE and error.expected == "string":
        return "must be string"
    return ""


class OutOfRangeError(DecodeError, OverflowError):
    """A number that no date or time has: fastavro raises ValueError for some, OverflowError for others."""


def json_error(error: AvroError) -> AvroError:
    """Return the exception for a text that is not the JSON of the schema: the same error, its message
    extended.
    """
    if error.kind is DecodeFailure.MISSING_FIELD:
        error.args = (f"no value and no default for {error.field} ({error})",)
    return error


def read_error(error: Exception, named: NamedSchemas) -> Exception:
    """Return the exception for data that cannot be read; an exception from a conversion is unchanged.

    :param named: the reader's named types, by fullname.
    """
    cause = error.__cause__
    if not isinstance(error, AvroError):
        return error
    if error.kind is DecodeFailure.RANGE and isinstance(cause, OverflowError):
        made = OutOfRangeError(str(error), **facts_of(error))
        made.__cause__ = cause
        return made
    if isinstance(cause, Exception):
        return cause
    if isinstance(error, ResolutionError):
        reason = _not_resolved(error, named)
        if reason:
            error.args = (f"{reason} ({error})",)
    return error


def _not_resolved(error: ResolutionError, named: NamedSchemas) -> str:
    if error.kind is Incompatibility.READER_FIELD_MISSING_DEFAULT_VALUE:
        return f"No default value for field {error.field} in {error.writer_name}"
    if error.kind is Incompatibility.MISSING_ENUM_SYMBOLS:
        known = named.get(error.reader_name or "", {}).get("symbols")
        return f"{error.symbol} not found in reader symbol list {error.reader_name}, known symbols: {known}"
    return ""
