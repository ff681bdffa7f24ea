"""The core's errors in the words that users of fastavro look for. Floor 8."""

from __future__ import annotations

import re
from typing import Final

from avrojet.errors import DecodeError, EncodeError

_MISSING: Final = re.compile(r"^at .*?: field '(.*?)' is missing from ")
_EXTRA: Final = re.compile(r" has keys that are not fields of .*: (.*)$", re.DOTALL)
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


def read_error(error: DecodeError) -> Exception:
    """What to raise for data that cannot be read: what a conversion raised comes as it is."""
    cause = error.__cause__
    return cause if isinstance(cause, Exception) else error
