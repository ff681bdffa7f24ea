"""Rows to the JSON encoding, one on a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from avrojet.compat.fastavro import _compile
from avrojet.compat.fastavro._errors import write_error
from avrojet.compat.fastavro._schemas import parsed_with_names
from avrojet.compat.fastavro.io import refuse_hooks
from avrojet.compat.fastavro.validation import _validate
from avrojet.errors import EncodeError
from avrojet.jsontext import to_json_data


class AvroJSONEncoder:
    """Writes rows to a text file.

    :param fo: a text file.
    :param write_union_type: show the value of a union with its type, without which it may not be read back.
    """

    def __init__(self, fo: Any, *, write_union_type: bool = True) -> None:
        self._fo = fo
        self._write_union_type = write_union_type

    def write_all(
        self, schema: Any, records: Iterable[Any], *, validator: bool = False, options: Mapping[str, Any]
    ) -> None:
        """Write records; nothing is written if one does not fit.

        :param options: those of :class:`avrojet.compat.fastavro.write.Writer`.
        """
        refuse_hooks(self, AvroJSONEncoder, "write_")
        plain = _compile.plain_reading(schema)
        flags = _compile.flags_of(options, _compile.WRITE_OPTIONS)
        encoder = _compile.writing(schema, flags, wide_floats=True)
        parsed, named = parsed_with_names(schema)
        lines = []
        for record in records:
            if validator:
                _validate(record, parsed, named, "", True, options)
            try:
                data = encoder.encode(record)
            except EncodeError as error:
                raise write_error(error, strict=_compile.is_strict(options)) from error.__cause__
            value = plain.decoder.decode(data)
            lines.append(json.dumps(to_json_data(plain.writer, value, tag_unions=self._write_union_type)))
        self._fo.write("\n".join(lines))
