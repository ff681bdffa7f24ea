"""BinaryDecoder and BinaryEncoder: single values from and to a stream."""

from __future__ import annotations

import contextlib
import decimal
import os
import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypeVar

from avrojet.compat.avro.errors import AvroOutOfScaleException, AvroTypeException, InvalidAvroBinaryEncoding
from avrojet.limits import limits_in_force

STRUCT_FLOAT: Final = struct.Struct("<f")
STRUCT_DOUBLE: Final = struct.Struct("<d")
STRUCT_SIGNED_SHORT: Final = struct.Struct(">h")
STRUCT_SIGNED_INT: Final = struct.Struct(">i")
STRUCT_SIGNED_LONG: Final = struct.Struct(">q")

_Moment = TypeVar("_Moment")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(1970, 1, 1)
_MICROSECOND: Final = timedelta(microseconds=1)
_NO_PLACE: Final = (OSError, ValueError, AttributeError, TypeError)  # of a stream that cannot seek
_AT_ONCE: Final = 1 << 16  # bytes that are read to skip them


class BinaryDecoder:
    """Reads single values from a stream.

    :class:`DatumReader` reads from the stream itself, in one step of C, unless a subclass overrides one of
        these methods.

    :param reader: a binary file, or an object with ``read(n)`` like one; ``seek`` and ``tell`` make it
        faster.
    """

    _MAX_UNCHECKED_READ = 1024 * 1024
    """The length of a longer value is compared with the bytes that are left before memory is allocated for
    it.
    """

    _is_plain = True
    """Whether no subclass overrides a method."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._is_plain = not overrides(cls, BinaryDecoder)

    @property
    def reader(self) -> Any:
        return self._reader

    def read(self, n: int) -> bytes:
        """The next bytes.

        :raises InvalidAvroBinaryEncoding: if there are fewer, or their number is negative.
        """
        self._check_length(n)
        data: bytes = self.reader.read(n)
        if len(data) != n:
            data = self._read_on(data, n)
        return data

    def _read_on(self, data: bytes, n: int) -> bytes:
        """Return the rest of the bytes, which a raw stream or a socket returns in pieces."""
        pieces, left = [data], n - len(data)
        while left > 0 and (piece := self.reader.read(left)):
            pieces.append(piece)
            left -= len(piece)
        if left:
            raise InvalidAvroBinaryEncoding(f"Read {n - left} bytes, expected {n} bytes")
        return b"".join(pieces)

    def _check_length(self, n: int) -> None:
        if n < 0:
            raise InvalidAvroBinaryEncoding(f"a length of {n} bytes is negative")
        if n > self._MAX_UNCHECKED_READ:
            left = self.bytes_remaining()
            if left is not None and n > left:
                raise InvalidAvroBinaryEncoding(f"a value has {n} bytes, but only {left} are left")

    def bytes_remaining(self) -> int | None:
        """The bytes that are left; None if the stream cannot tell."""
        stream = self.reader
        try:
            here = stream.tell()
        except _NO_PLACE:
            return None
        try:
            stream.seek(0, os.SEEK_END)
            return max(0, int(stream.tell()) - int(here))
        except _NO_PLACE:
            return None
        finally:
            with contextlib.suppress(*_NO_PLACE):
                stream.seek(here)

    def read_null(self) -> None:
        return None

    def read_boolean(self) -> bool:
        byte = self.read(1)
        if byte not in (b"\x00", b"\x01"):
            raise InvalidAvroBinaryEncoding(f"a boolean is 0 or 1, not {byte[0]}")
        return byte == b"\x01"

    def read_int(self) -> int:
        return self.read_long()

    def read_long(self) -> int:
        number = shift = 0
        while True:
            byte = self.read(1)[0]
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 63:
                raise InvalidAvroBinaryEncoding("Varint is too long")
        if number >> 64:
            raise InvalidAvroBinaryEncoding("Varint is too long")
        return (number >> 1) ^ -(number & 1)

    def read_float(self) -> float:
        return float(STRUCT_FLOAT.unpack(self.read(4))[0])

    def read_double(self) -> float:
        return float(STRUCT_DOUBLE.unpack(self.read(8))[0])

    def read_decimal_from_bytes(self, precision: int, scale: int) -> decimal.Decimal:
        return self.read_decimal_from_fixed(precision, scale, self.read_long())

    def read_decimal_from_fixed(self, precision: int, scale: int, size: int) -> decimal.Decimal:
        if size > limits_in_force().decimal_bytes:
            raise InvalidAvroBinaryEncoding(f"a decimal of {size} bytes has more than limits.decimal_bytes")
        unscaled = int.from_bytes(self.read(size), "big", signed=True)
        return decimal.Decimal(unscaled).scaleb(-scale, decimal.Context(prec=decimal.MAX_PREC))

    def read_bytes(self) -> bytes:
        return self.read(self.read_long())

    def read_utf8(self) -> str:
        try:
            return self.read_bytes().decode()
        except UnicodeDecodeError as error:
            raise InvalidAvroBinaryEncoding(f"text is not UTF-8: {error}") from error

    def read_date_from_int(self) -> date:
        return _in_range(_day, self.read_int())

    def read_time_millis_from_int(self) -> time:
        return _in_range(_time_of_day, self.read_int() * 1000)

    def read_time_micros_from_long(self) -> time:
        return _in_range(_time_of_day, self.read_long())

    def read_timestamp_millis_from_long(self) -> datetime:
        return _in_range(_instant, self.read_long() * 1000)

    def read_timestamp_micros_from_long(self) -> datetime:
        return _in_range(_instant, self.read_long())

    def skip_null(self) -> None:
        return None

    def skip_boolean(self) -> None:
        self.skip(1)

    def skip_int(self) -> None:
        self.read_long()

    def skip_long(self) -> None:
        self.read_long()

    def skip_float(self) -> None:
        self.skip(4)

    def skip_double(self) -> None:
        self.skip(8)

    def skip_bytes(self) -> None:
        self.skip(self.read_long())

    def skip_utf8(self) -> None:
        self.skip_bytes()

    def skip(self, n: int) -> None:
        """Skip bytes; if the stream cannot seek, they are read.

        :raises InvalidAvroBinaryEncoding: if their number is negative.
        """
        self._check_length(n)
        try:
            self.reader.seek(self.reader.tell() + n)
        except _NO_PLACE:
            for start in range(0, n, _AT_ONCE):
                self.read(min(_AT_ONCE, n - start))


def overrides(cls: type, base: type) -> bool:
    """Whether a class overrides a method, or another attribute, of a base class."""
    return any(
        getattr(cls, name) is not getattr(base, name)
        for name in vars(base)
        if not name.startswith("__") and name != "_is_plain"
    )


def _in_range(make: Callable[[int], _Moment], number: int) -> _Moment:
    try:
        return make(number)
    except (OverflowError, ValueError) as error:
        raise InvalidAvroBinaryEncoding(f"no date or time of Python's has the number {number}") from error


def _day(days: int) -> date:
    return _FIRST_DAY + timedelta(days)


def _time_of_day(microseconds: int) -> time:
    seconds, microsecond = divmod(microseconds, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return time(hour, minute, second, microsecond)


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


class BinaryEncoder:
    """Writes single values to a stream.

    :class:`DatumWriter` writes whole data to the stream, unless a subclass overrides one of these methods.

    :param writer: a binary file, or an object with ``write(data)`` like one.
    """

    _is_plain = True

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._is_plain = not overrides(cls, BinaryEncoder)

    @property
    def writer(self) -> Any:
        return self._writer

    def write(self, datum: Any) -> None:
        """Write bytes unchanged."""
        self.writer.write(datum)

    def write_null(self, datum: None) -> None:
        return None

    def write_boolean(self, datum: bool) -> None:
        self.write(b"\x01" if datum else b"\x00")

    def write_int(self, datum: int) -> None:
        self.write_long(datum)

    def write_long(self, datum: int) -> None:
        number = (datum << 1) ^ (datum >> 63)
        data = bytearray()
        while number > 0x7F:
            data.append(number & 0x7F | 0x80)
            number >>= 7
        data.append(number)
        self.write(bytes(data))

    def write_float(self, datum: float) -> None:
        self.write(STRUCT_FLOAT.pack(float(datum)))

    def write_double(self, datum: float) -> None:
        self.write(STRUCT_DOUBLE.pack(float(datum)))

    def write_decimal_bytes(self, datum: decimal.Decimal, scale: int) -> None:
        unscaled = _unscaled(datum, scale)
        bits = (unscaled if unscaled >= 0 else ~unscaled).bit_length() + 1
        self.write_bytes(unscaled.to_bytes((bits + 7) // 8, "big", signed=True))

    def write_decimal_fixed(self, datum: decimal.Decimal, scale: int, size: int) -> None:
        unscaled = _unscaled(datum, scale)
        try:
            data = unscaled.to_bytes(size, "big", signed=True)
        except OverflowError:
            raise AvroTypeException(f"{datum} has more digits than {size} bytes hold") from None
        self.write(data)

    def write_bytes(self, datum: bytes) -> None:
        self.write_long(len(datum))
        self.write(datum)

    def write_utf8(self, datum: str) -> None:
        self.write_bytes(datum.encode())

    def write_date_int(self, datum: date) -> None:
        self.write_int(datum.toordinal() - _FIRST_DAY.toordinal())

    def write_time_millis_int(self, datum: time) -> None:
        self.write_int(_microseconds_of_day(datum) // 1000)

    def write_time_micros_long(self, datum: time) -> None:
        self.write_long(_microseconds_of_day(datum))

    def write_timestamp_millis_long(self, datum: datetime) -> None:
        self.write_long((datum - _EPOCH) // _MICROSECOND // 1000)

    def write_timestamp_micros_long(self, datum: datetime) -> None:
        self.write_long((datum - _EPOCH) // _MICROSECOND)


def _unscaled(datum: decimal.Decimal, scale: int) -> int:
    """The integer that a decimal of a scale is stored as.

    :raises AvroOutOfScaleException: if the decimal has more digits after the point.
    """
    exponent = datum.as_tuple().exponent
    if not isinstance(exponent, int):
        raise AvroTypeException(f"a decimal is a number, not {datum}")
    if -exponent > scale:
        raise AvroOutOfScaleException(scale, datum, exponent)
    return int(datum.scaleb(scale, decimal.Context(prec=decimal.MAX_PREC)))


def _microseconds_of_day(datum: time) -> int:
    return ((datum.hour * 60 + datum.minute) * 60 + datum.second) * 1_000_000 + datum.microsecond
