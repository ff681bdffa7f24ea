"""Single values to binary files."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from avrojet.compat.fastavro._fast import schemaless_writer


class BinaryEncoder:
    """Writes one value of a primitive type after the other.

    :param fo: a binary file.
    """

    def __init__(self, fo: Any) -> None:
        self._fo = fo

    @property
    def avro_file(self) -> Any:
        """The file, for functions that also accept a file."""
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

    def write_crc32(self, datum: bytes) -> None:
        """The checksum of a snappy block (specification: Required Codecs)."""
        self._fo.write(crc32(datum).to_bytes(4, "big"))

    def write_enum(self, index: int) -> None:
        """The position of a symbol."""
        self.write_int(index)

    def write_index(self, index: int, schema: Any = None) -> None:
        """The position of a union's branch."""
        self.write_long(index)

    def write_item_count(self, length: int) -> None:
        """Items or entries that follow (specification: Arrays)."""
        self.write_long(length)

    def write_array_start(self) -> None:
        pass

    def end_item(self) -> None:
        pass

    def write_array_end(self) -> None:
        self.write_long(0)

    write_map_start = write_array_start
    write_map_end = write_array_end

    def flush(self) -> None:
        self._fo.flush()
