"""Numbers in the binary encoding, for code that is not hot."""

from __future__ import annotations


def encode_long(value: int) -> bytes:
    """An int or long: zig-zag, seven bits per byte, the lowest first (specification: Primitive Types)."""
    rest = (value << 1) ^ (value >> 63)
    encoded = bytearray()
    while rest > 0x7F:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)
    return bytes(encoded)


def decode_long(data: bytes, offset: int) -> tuple[int, int]:
    """Decode the number at ``offset``; returns it and the offset after it.

    :raises ValueError: if the data end within it, or it has more than 64 bits.
    """
    rest = shift = 0
    for end in range(offset, min(offset + 10, len(data))):
        rest |= (data[end] & 0x7F) << shift
        if data[end] < 0x80:
            if rest >> 64:
                break
            return (rest >> 1) ^ -(rest & 1), end + 1
        shift += 7
    raise ValueError("not a 64-bit number")
