"""Rows from the JSON encoding, one on a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from avrojet.compat.fastavro import _compile
from avrojet.compat.fastavro._errors import json_error
from avrojet.compat.fastavro.io import refuse_hooks
from avrojet.errors import DecodeError, ResolutionError
from avrojet.schema.text import loads


class AvroJSONDecoder:
    """Reads rows from a text file.

    :param fo: a text file; empty lines are skipped.
    """

    def __init__(self, fo: Any) -> None:
        self._fo = fo

    def rows(self, schema: Any, reader_schema: Any) -> Iterator[Any]:
        """Yield the rows, written with `schema`, as `reader_schema`.

        :raises ValueError: if a line is not JSON, or not that of the schema.
        """
        refuse_hooks(self, AvroJSONDecoder, "read_")
        parsing = _compile.parsing(schema)
        reading = _compile.reading(schema, reader_schema, wide_floats=True)
        encoded, decode = parsing.data, reading.decoder.decode
        for line in self._fo:
            if line.isspace():
                continue
            try:
                yield decode(encoded(line))
            except (DecodeError, ResolutionError) as error:
                raise _no_json(line) or reading.error(json_error(error)) from error.__cause__


def _no_json(line: str) -> ValueError | None:
    """The error that fastavro's users catch if a line is not JSON at all: that of Python's json module."""
    try:
        loads(line, 0)
    except json.JSONDecodeError as error:
        return error
    except (RecursionError, ValueError):  # nested too deep for it, or numbers too long
        return None
    return None
