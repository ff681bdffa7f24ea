"""Reading from files that others have opened: not a byte more than needed, and nothing but bytes."""

from __future__ import annotations

from typing import Any, Final

from avrojet.errors import DataFileError, DecodeError, LimitError, TruncatedError
from avrojet.limits import excess, limits_in_force
from avrojet.schema.model import (
    ArraySchema,
    FixedSchema,
    MapSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

_LONG_SIZE: Final = 10  # bytes of a zig-zag varint of 64 bits
_MOST_AT_ONCE: Final = 1 << 20  # a length may claim more than there is
_SIZES: Final = {"boolean": 1, "float": 4, "double": 8}


class TextFileError(DataFileError, TypeError):
    """A file that is open for text was given for one of bytes."""


class NotReadyError(DataFileError, TypeError, EOFError):
    """A file that does not wait has no data yet, which is not its end."""


def as_bytes(data: Any) -> bytes:
    """What a file's ``read`` has returned, which may be a bytearray or memoryview.

    :raises TextFileError, NotReadyError: (fastavro: TypeError, ValueError or EOFError) if it is no data.
    """
    if type(data) is bytes:
        return data
    if isinstance(data, str):
        raise TextFileError("the file is open for text: open it in binary mode, as open(path, 'rb') does")
    if data is None:
        raise NotReadyError(
            "read() returned None: the file is in non-blocking mode and has no data yet; "
            "make it wait, or collect its data in a BytesIO first"
        )
    return bytes(memoryview(data))


def opened(fo: Any) -> Any:
    """The file of a BinaryDecoder or BinaryEncoder, which fastavro's private functions take for one."""
    return getattr(fo, "avro_file", fo)


def read_exactly(fo: Any, size: int) -> bytes:
    """`size` bytes, in as many reads as it takes; fewer only where the file ends."""
    data = as_bytes(fo.read(min(size, _MOST_AT_ONCE))) if size else b""
    if len(data) == size:
        return data
    parts = [data]
    left = size - len(data)
    while left > 0 and parts[-1]:
        parts.append(as_bytes(fo.read(min(left, _MOST_AT_ONCE))))
        left -= len(parts[-1])
    if left < 0:
        raise DataFileError(f"read() gave {-left} bytes more than it was asked for")
    return b"".join(parts)


def read_varint(fo: Any) -> bytes:
    """The bytes of the int or long that comes next in a file.

    :raises TruncatedError: if the file ends before it does.
    """
    data = bytearray()
    while len(data) < _LONG_SIZE:
        byte = as_bytes(fo.read(1))
        if not byte:
            raise TruncatedError("the file ends before a number does")
        data += byte
        if byte[0] < 0x80:
            return bytes(data)
    raise DecodeError("a number has more than 64 bits")


def read_number(fo: Any) -> int:
    """The int or long that comes next in a file."""
    return _number(read_varint(fo))


def _number(data: bytes) -> int:
    """Zig-zag, seven bits a byte, the lowest first."""
    rest = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(data))
    return (rest >> 1) ^ -(rest & 1)


def copy_datum(schema: Schema, fo: Any) -> bytes:
    """The bytes of the datum that comes next in a file; what they hold is for the decoder to check."""
    copier = _Copier(fo)
    try:
        copier.value(schema)
    except RecursionError:
        raise LimitError("the datum is nested too deep for a file that cannot seek") from None
    return bytes(copier.data)


class _Copier:
    def __init__(self, fo: Any) -> None:
        self._fo = fo
        self.data = bytearray()
        self._limits = limits_in_force()
        self._empty_items = self._limits.empty_items

    def value(self, schema: Schema) -> None:
        if isinstance(schema, RecordSchema):
            for field in schema.fields:
                self.value(field.type)
        elif isinstance(schema, PrimitiveSchema):
            self._primitive(schema.type)
        elif isinstance(schema, UnionSchema):
            index = self._long()
            if not 0 <= index < len(schema.branches):
                raise DecodeError(f"union index {index} is out of range")
            self.value(schema.branches[index])
        elif isinstance(schema, ArraySchema):
            self._blocks(schema.items, keys=False)
        elif isinstance(schema, MapSchema):
            self._blocks(schema.values, keys=True)
        elif isinstance(schema, FixedSchema):
            self._bytes(schema.size)
        else:
            self._long()  # an enum

    def _primitive(self, kind: str) -> None:
        if kind in ("int", "long"):
            self._long()
        elif kind in ("bytes", "string"):
            self._sized()
        else:
            self._bytes(_SIZES.get(kind, 0))

    def _blocks(self, items: Schema, *, keys: bool) -> None:
        """Specification: Arrays; a negative count has the block's size in bytes behind it."""
        while count := self._long():
            if count < 0:
                self._sized()
                continue
            for _ in range(count):
                before = len(self.data)
                if keys:
                    self._sized()
                self.value(items)
                if len(self.data) == before:
                    self._empty_items -= 1
                    if self._empty_items < 0:
                        raise excess(self._limits, "empty_items", "too many items of no bytes")

    def _sized(self) -> None:
        size = self._long()
        if size < 0:
            raise DecodeError(f"negative length {size}")
        self._bytes(size)

    def _bytes(self, size: int) -> None:
        if len(self.data) + size > self._limits.value_bytes:
            raise excess(self._limits, "value_bytes", "the datum has too many bytes")
        data = read_exactly(self._fo, size)
        if len(data) < size:
            raise TruncatedError("the file ends before the datum does")
        self.data += data

    def _long(self) -> int:
        data = read_varint(self._fo)
        self.data += data
        return _number(data)
