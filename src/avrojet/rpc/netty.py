"""Messages with serial numbers in a stream of bytes, as in Avro for Java's Netty server and client.

A message is a serial, the count of its buffers, and each buffer after its length; all numbers are of 4 bytes,
big-endian. An answer has the serial of its request, so answers may come in any order. Bytes in, bytes out; no
I/O.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from avrojet.limits import limits_in_force
from avrojet.rpc.framing import check_size

SERIALS: Final = 1 << 31
"""How many serials there are; Java reads them as signed numbers."""

_ONE_BUFFER: Final = Struct(">III")
_HEAD: Final = Struct(">II")
_LENGTH: Final = Struct(">I")


def frame_numbered(message: bytes, serial: int) -> bytes:
    """The bytes of a message on the wire, in one buffer.

    >>> frame_numbered(b"foo", 7)
    b'\\x00\\x00\\x00\\x07\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x03foo'
    """
    return _ONE_BUFFER.pack(serial, 1, len(message)) + message


class NumberedUnframer:
    """Extracts messages and their serials from a stream.

    :param most: bytes that one message may have, the lengths of its buffers counted; None:
        ``limits.block_bytes`` of the process. Only received bytes take memory.
    :ivar serial: of the message that is being read, or was read last.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = limits_in_force().block_bytes if most is None else most
        self._data = bytearray()
        self._at = 0
        self._left = -1  # buffers still missing in the message; -1 between messages
        self._message = bytearray()
        self._size = 0  # of the message, with the lengths of its buffers
        self.serial = 0

    @property
    def is_between(self) -> bool:
        """Whether the stream may end here: no message has begun."""
        return not self._data and self._left < 0

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Return the serials and messages that are complete with these bytes.

        :raises LimitError: if a message has too many bytes. Nothing can be read after that.
        """
        self._data += data
        messages: list[tuple[int, bytes]] = []
        while self._begin() and self._buffers():
            messages.append((self.serial, bytes(self._message)))
            self._message = bytearray()
            self._left, self._size = -1, 0
        del self._data[: self._at]
        self._at = 0
        return messages

    def _begin(self) -> bool:
        """Whether a message has begun."""
        if self._left < 0:
            if len(self._data) - self._at < _HEAD.size:
                return False
            self.serial, self._left = _HEAD.unpack_from(self._data, self._at)
            self._at += _HEAD.size
        return True

    def _buffers(self) -> bool:
        """Whether all buffers of the message have arrived."""
        while self._left:
            start = self._at + _LENGTH.size
            if len(self._data) < start:
                return False
            (length,) = _LENGTH.unpack_from(self._data, self._at)
            check_size(self._size + length, self._most)
            if len(self._data) - start < length:
                return False
            self._at = start + length
            self._message += memoryview(self._data)[start : self._at]
            self._size += length + _LENGTH.size
            self._left -= 1
        return True
