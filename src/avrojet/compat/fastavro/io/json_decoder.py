"""Rows from the JSON encoding, one on a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from avrojet.compat.fastavro import _compile
from avrojet.compat.fastavro._errors import write_error
from avrojet.compat.fastavro.io import refuse_hooks
from avrojet.errors import DecodeError, EncodeError, ResolutionError
from avrojet.jsontext import from_json_data


class AvroJSONDecoder:
    """Reads rows from a text file.

    :param fo: a text file; lines with nothing on them are passed over.
    """

    def __init__(self, fo: Any) -> None:
        self._fo = fo

    def rows(self, schema: Any, reader_schema: Any) -> Iterator[Any]:
        """The rows, written with `schema`, as `reader_schema` has them.

        :raises ValueError: if a line is no JSON, or not that of the schema.
        """
        refuse_hooks(self, AvroJSONDecoder, "read_")
        plain = _compile.plain_reading(schema)
        encoder = _compile.plain_writing(schema)
        reading = _compile.reading(schema, reader_schema, wide_floats=True)
        for line in self._fo:
            if not line.strip():
                continue
            try:
                yield reading.decoder.decode(encoder.encode(from_json_data(plain.writer, _loads(line))))
            except (DecodeError, ResolutionError) as error:
                raise reading.error(error) from error.__cause__
            except EncodeError as error:
                raise write_error(error, strict=False) from error.__cause__


def _loads(line: str) -> Any:
    try:
        return json.loads(line)
    except RecursionError as error:
        raise ValueError("the line is nested more deeply than Python's json module goes") from error
