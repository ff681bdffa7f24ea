"""Messages in a stream of bytes: buffers, each after its length, and an empty buffer at the end.

Specification: Message Framing. Bytes in, bytes out; no I/O.
"""

from __future__ import annotations

from typing import Final

from avrojet.errors import DecodeLimitError
from avrojet.limits import exceeded, limits_in_force

LENGTH_SIZE: Final = 4
"""Bytes of a buffer's length, big-endian."""

_MOST_AT_ONCE: Final = (1 << 31) - 1  # the largest length for Java
_END: Final = bytes(LENGTH_SIZE)


def frame(message: bytes) -> bytes:
    """The bytes of a message on the wire, in one buffer.

    >>> frame(b"foo")
    b'\\x00\\x00\\x00\\x03foo\\x00\\x00\\x00\\x00'
    """
    if not message:
        return _END
    if len(message) <= _MOST_AT_ONCE:
        return len(message).to_bytes(LENGTH_SIZE, "big") + message + _END
    pieces = [message[start : start + _MOST_AT_ONCE] for start in range(0, len(message), _MOST_AT_ONCE)]
    return b"".join(part for piece in pieces for part in (len(piece).to_bytes(4, "big"), piece)) + _END


class Unframer:
    """Extracts messages from a stream.

    >>> unframer = Unframer()
    >>> unframer.feed(frame(b"foo")[:5]), unframer.feed(frame(b"foo")[5:])
    ([], [b'foo'])

    :param most: bytes that one message may have; None: ``limits.block_bytes`` of the process. Only received
        bytes take memory, whatever lengths a message claims.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = limits_in_force().block_bytes if most is None else most
        self._data = bytearray()
        self._at = 0  # offset of the next length
        self._message = bytearray()  # of the buffers so far: a list of many small ones would take far more
        self._has_begun = False

    @property
    def is_between(self) -> bool:
        """Whether the stream may end here: no message has begun."""
        return not self._data and not self._has_begun

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are complete with these bytes.

        :raises LimitError: if a message has too many bytes. Nothing can be read after that.
        """
        if self.is_between and _is_one_buffer(data, self._most):
            return [data[LENGTH_SIZE:-LENGTH_SIZE]]
        self._data += data
        messages: list[bytes] = []
        while (buffer := self._buffer()) is not None:
            self._has_begun = bool(buffer)
            if buffer:
                self._message += buffer
            else:
                messages.append(bytes(self._message))
                self._message = bytearray()
        del self._data[: self._at]
        self._at = 0
        return messages

    def _buffer(self) -> bytearray | None:
        """Return the next buffer; None if it is not complete."""
        start = self._at + LENGTH_SIZE
        if len(self._data) < start:
            return None
        length = int.from_bytes(self._data[self._at : start], "big")
        check_size(len(self._message) + length, self._most)
        if len(self._data) - start < length:
            return None
        self._at = start + length
        return self._data[start : self._at]


def check_size(size: int, most: int) -> None:
    """Check that a message may be this large.

    :raises LimitError: if not.
    """
    if size > most:
        raise DecodeLimitError(exceeded("block_bytes", most, "bytes of a message"), limit="block_bytes")


def _is_one_buffer(data: bytes, most: int) -> bool:
    """Whether the bytes are one message in one buffer, as is usual."""
    length = len(data) - 2 * LENGTH_SIZE
    is_whole = 0 < length <= most and int.from_bytes(data[:LENGTH_SIZE], "big") == length
    return is_whole and data.endswith(_END)


def unframe(data: bytes, most: int | None = None) -> bytes:
    """The single message in a body.

    :raises LimitError: if it is too large.
    :raises ValueError: if it is not complete, or is not the only one.
    """
    most = limits_in_force().block_bytes if most is None else most
    if _is_one_buffer(data, most):
        return data[LENGTH_SIZE:-LENGTH_SIZE]
    unframer = Unframer(most)
    messages = unframer.feed(data)
    # Avro for Java ends a message without parameters, or with the response null, with two empty buffers.
    if not messages or any(messages[1:]) or not unframer.is_between:
        raise ValueError(f"one framed message is expected, not {len(messages)} in {len(data)} bytes")
    return messages[0]
