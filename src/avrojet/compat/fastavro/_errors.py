"""The core's errors in the words that users of fastavro look for."""

from __future__ import annotations

import re
from typing import Final

from avrojet.compat.fastavro.types import NamedSchemas
from avrojet.errors import AvroError, DecodeError, EncodeError, ResolutionError

_MISSING: Final = re.compile(r"^(?:record \d+: )?at .*?: field '(.*?)' is missing from ")
_MISSING_IN_JSON: Final = re.compile(r": it is missing, and the schema has no default for it$")
_EXTRA: Final = re.compile(r" has keys that are not fields of .*: (.*)$", re.DOTALL)
_NO_DEFAULT: Final = re.compile(r"the reader's field '(.*?)' is not in \w+ (\S+) and has no default$")
_SYMBOL: Final = re.compile(r"the reader's enum (\S+) has neither the writer's symbol '(.*?)' nor a default$")
_FIELD: Final = re.compile(r"\.(\w+)(?:\[[^\]]*\])*$")
_ERRORS_OF_PLAIN_VALUES: Final = (ValueError, TypeError)


def write_error(error: EncodeError, *, strict: bool) -> Exception:
    """What to raise for a value that cannot be written: the same error, its message extended.

    What a function of LOGICAL_WRITERS raised comes as it is.
    """
    cause = error.__cause__
    if isinstance(cause, Exception) and type(cause) not in _ERRORS_OF_PLAIN_VALUES:
        return cause
    message = str(error)
    missing = _MISSING.search(message)
    extra = _EXTRA.search(message)
    field = _FIELD.search(error.path or "")
    if missing is not None and strict:
        said = f"Field {missing[1]} is specified in the schema but missing from the record"
    elif missing is not None:
        said = f"no value and no default for {missing[1]}"
    elif extra is not None:
        said = f"record contains more fields than the schema specifies: {extra[1]}"
    elif "expected string, got " in message:
        said = "must be string"
    else:
        said = ""
    place = f" on field {field[1]}" if field is not None else ""
    error.args = (f"{said}{place} ({message})" if said else f"{message}{place}",)
    return error


class OutOfRangeError(DecodeError, OverflowError):
    """A number that no date or time has: fastavro raises ValueError for some, OverflowError for others."""


def json_error(error: Exception) -> Exception:
    """What to raise for a text that is not the JSON of the schema: the same error, its message extended."""
    missing = _MISSING_IN_JSON.search(str(error))
    if missing is not None:
        field = _FIELD.search(getattr(error, "path", None) or "")
        error.args = (f"no value and no default for {field[1] if field else 'a field'} ({error})",)
    return error


def read_error(error: Exception, named: NamedSchemas, *, foreign: bool = False) -> Exception:
    """What to raise for data that cannot be read: what a conversion raised comes as it is.

    :param named: the reader's named types, by fullname.
    :param foreign: there are conversions of somebody else.
    """
    cause = error.__cause__
    if isinstance(error, DecodeError) and type(cause) is OverflowError and not foreign:
        made = OutOfRangeError(str(error), path=error.path, offset=error.offset, block=error.block)
        made.__cause__ = cause
        return made
    if isinstance(cause, Exception) and isinstance(error, AvroError):
        return cause
    message = str(error)
    if isinstance(error, ResolutionError):
        lacking = _NO_DEFAULT.search(message)
        symbol = _SYMBOL.search(message)
        if lacking is not None:
            error.args = (f"No default value for field {lacking[1]} in {lacking[2]} ({message})",)
        elif symbol is not None:
            known = named.get(symbol[1], {}).get("symbols")
            said = f"{symbol[2]} not found in reader symbol list {symbol[1]}, known symbols: {known}"
            error.args = (f"{said} ({message})",)
    return error
