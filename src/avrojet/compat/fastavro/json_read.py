"""json_reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from avrojet.compat.fastavro.io.json_decoder import AvroJSONDecoder
from avrojet.compat.fastavro.schema import parse_schema
from avrojet.compat.fastavro.types import NamedSchemas


class reader:
    """Iterates over the rows of a file of JSON lines.

    :ivar writer_schema: the schema that the rows were written with, parsed.
    :ivar reader_schema: the schema that they are read as, parsed, or None.
    """

    def __init__(self, decoder: AvroJSONDecoder, schema: Any, reader_schema: Any = None) -> None:
        self.decoder = decoder
        self._named_schemas: dict[str, NamedSchemas] = {"writer": {}, "reader": {}}
        self.writer_schema = parse_schema(schema, self._named_schemas["writer"], _write_hint=False)
        self.reader_schema: Any = None
        if reader_schema:
            self.reader_schema = parse_schema(reader_schema, self._named_schemas["reader"], _write_hint=False)
        self._elems = decoder.rows(schema, reader_schema)

    def __iter__(self) -> Iterator[Any]:
        return self._elems

    def __next__(self) -> Any:
        return next(self._elems)


def json_reader(
    fo: Any,
    schema: Any,
    reader_schema: Any = None,
    *,
    decoder: type[AvroJSONDecoder] = AvroJSONDecoder,
) -> reader:
    """Read the rows of a text file in the JSON encoding, one on a line.

    :param schema: the schema that they were written with.
    :param reader_schema: the schema to read them as; None: the same.
    :raises ValueError: (at the row) if a line is not JSON, or not that of the schema.
    """
    return reader(decoder(fo), schema, reader_schema)
