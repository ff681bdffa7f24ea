"""Numbers of the binary encoding, for what is no hot path."""

from __future__ import annotations


def encode_long(value: int) -> bytes:
    """An int or long: zig-zag, seven bits a byte, the lowest first (specification: Primitive Types)."""
    rest = (value << 1) ^ (value >> 63)
    encoded = bytearray()
    while rest > 0x7F:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)
    return bytes(encoded)
