"""Single values from binary files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from avrojet.compat.fastavro._fast import schemaless_reader
from avrojet.compat.fastavro._input import read_number


class BinaryDecoder:
    """Reads one value of a primitive type after the other.

    :param fo: a binary file.
    """

    def __init__(self, fo: Any) -> None:
        self.fo = fo

    @property
    def avro_file(self) -> Any:
        """The file, for functions that also accept a file."""
        return self.fo

    def read_null(self) -> None:
        return None

    def read_boolean(self) -> bool:
        return bool(schemaless_reader(self.fo, "boolean"))

    def read_int(self) -> int:
        return int(schemaless_reader(self.fo, "int"))

    def read_long(self) -> int:
        return read_number(self.fo)

    def read_float(self) -> float:
        return float(schemaless_reader(self.fo, "float"))

    def read_double(self) -> float:
        return float(schemaless_reader(self.fo, "double"))

    def read_bytes(self) -> bytes:
        return bytes(schemaless_reader(self.fo, "bytes"))

    def read_utf8(self, handle_unicode_errors: str = "strict") -> str:
        return str(schemaless_reader(self.fo, "string", handle_unicode_errors=handle_unicode_errors))

    def read_fixed(self, size: int) -> bytes:
        schema = {"type": "fixed", "name": "fixed", "size": size}
        return bytes(schemaless_reader(self.fo, schema))

    def read_enum(self) -> int:
        """The position of a symbol."""
        return self.read_long()

    def read_index(self) -> int:
        """The position of a union's branch."""
        return self.read_long()

    def read_array_start(self) -> None:
        self._count = self.read_long()

    def read_array_end(self) -> None:
        pass

    def iter_array(self) -> Iterator[None]:
        """Yield once for each item, which must then be read (specification: Arrays)."""
        while self._count:
            if self._count < 0:
                self.read_long()  # the block's bytes
            for _ in range(abs(self._count)):
                yield
            self._count = self.read_long()

    read_map_start = read_array_start
    read_map_end = read_array_end
    iter_map = iter_array
