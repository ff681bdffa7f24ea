"""Reading from files that cannot seek."""

from __future__ import annotations

from typing import Any, Final

from avrojet.compat.fastavro._input import as_bytes, read_exactly
from avrojet.errors import DecodeError, DecodeLimitError, TruncatedError
from avrojet.failures import DecodeFailure
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
_SIZES: Final = {"boolean": 1, "float": 4, "double": 8}


def opened(fo: Any) -> Any:
    """Return the file of a BinaryDecoder or BinaryEncoder, which fastavro's private functions accept in place
    of one.
    """
    return getattr(fo, "avro_file", fo)


def read_varint(fo: Any) -> bytes:
    """The bytes of the int or long that comes next in a file.

    :raises TruncatedError: if the file ends before it does.
    """
    data = bytearray()
    while len(data) < _LONG_SIZE:
        byte = as_bytes(fo.read(1))
        if not byte:
            kind = DecodeFailure.TRUNCATED if data else DecodeFailure.NO_DATA
            raise TruncatedError("the file ends before a number does", kind=kind)
        data += byte
        if byte[0] < 0x80:
            return bytes(data)
    raise DecodeError("a number has more than 64 bits", kind=DecodeFailure.VARINT)


def _number(data: bytes) -> int:
    """Decode a zig-zag varint: seven bits a byte, the lowest first."""
    rest = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(data))
    return (rest >> 1) ^ -(rest & 1)


def copy_datum(schema: Schema, fo: Any) -> bytes:
    """Return the bytes of the next datum in a file; the decoder checks their contents."""
    copier = _Copier(fo)
    try:
        copier.value(schema)
    except RecursionError:
        raise DecodeLimitError("the datum is nested too deep for a file that cannot seek") from None
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
                raise DecodeError(
                    f"union index {index} is out of range", kind=DecodeFailure.BRANCH, branch=index
                )
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
        """Specification: Arrays; a negative count has the block's size in bytes after it."""
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
                        raise excess(
                            self._limits, "empty_items", "too many items of no bytes", error=DecodeLimitError
                        )

    def _sized(self) -> None:
        size = self._long()
        if size < 0:
            raise DecodeError(f"negative length {size}", kind=DecodeFailure.LENGTH, number=size)
        self._bytes(size)

    def _bytes(self, size: int) -> None:
        if len(self.data) + size > self._limits.value_bytes:
            raise excess(self._limits, "value_bytes", "the datum has too many bytes", error=DecodeLimitError)
        data = read_exactly(self._fo, size)
        if len(data) < size:
            kind = DecodeFailure.TRUNCATED if data or self.data else DecodeFailure.NO_DATA
            raise TruncatedError("the file ends before the datum does", kind=kind)
        self.data += data

    def _long(self) -> int:
        try:
            data = read_varint(self._fo)
        except TruncatedError as error:
            if self.data:
                error.kind = DecodeFailure.TRUNCATED
            raise
        self.data += data
        return _number(data)
