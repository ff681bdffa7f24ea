"""Single values to binary files."""

from __future__ import annotations

from typing import Any

from avrojet.compat.fastavro._fast import schemaless_writer


class BinaryEncoder:
    """Writes one value of a primitive type after the other.

    :param fo: a binary file.
    """

    def __init__(self, fo: Any) -> None:
        self._fo = fo

    @property
    def avro_file(self) -> Any:
        """The file, for those who take a file too."""
        return self._fo

    def write_null(self) -> None:
        pass

    def write_boolean(self, datum: bool) -> None:
        schemaless_writer(self._fo, "boolean", datum)

    def write_int(self, datum: int) -> None:
        schemaless_writer(self._fo, "int", datum)

    def write_long(self, datum: int) -> None:
        schemaless_writer(self._fo, "long", datum)

    def write_float(self, datum: float) -> None:
        schemaless_writer(self._fo, "float", datum)

    def write_double(self, datum: float) -> None:
        schemaless_writer(self._fo, "double", datum)

    def write_bytes(self, datum: bytes) -> None:
        schemaless_writer(self._fo, "bytes", datum)

    def write_utf8(self, datum: str) -> None:
        schemaless_writer(self._fo, "string", datum)

    def write_fixed(self, datum: bytes) -> None:
        self._fo.write(datum)

    def flush(self) -> None:
        self._fo.flush()
