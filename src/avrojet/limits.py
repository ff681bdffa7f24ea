"""Bounds on what bytes and schemas from strangers may cost; any module may import this one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds that decoding, encoding and schema parsing keep to. Every bound is a positive int.

    Exceeding one raises :class:`avrojet.LimitError` that names it. Raise a bound for data you trust:
    ``Decoder(schema, limits=Limits(depth=2000))``.
    """

    depth: int = 400
    """Nested records, arrays and maps in one datum, and levels of a schema.

    One level costs at most 200 bytes of C stack in decoding and 450 in encoding (a record in a union),
    so the default stays under 180 KB, which threads have even where they are made with 256 KiB. Data
    nested deeper than this have not been seen outside of attacks and long linked lists."""

    items: int = 1 << 31
    """Items in one array or map. Items of at least one byte are bounded by the data anyway."""

    empty_items: int = 10_000_000
    """Items of no bytes (null, empty records) in one datum: a few bytes can claim trillions of them.

    The worst case is one list of this many references, 80 MB."""

    value_bytes: int = 1 << 30
    """Bytes of one string, bytes or fixed value, or an encoded datum. Data in memory bounds it anyway."""

    block_bytes: int = 200 << 20
    """Decompressed bytes of one block of a container file: a block of a few kilobytes can inflate to
    gigabytes. 200 MiB is what other Avro implementations use."""

    header_bytes: int = 64 << 20
    """Bytes of a container file's header (schema and metadata)."""

    schema_bytes: int = 16 << 20
    """Characters of a schema's JSON text."""

    union_branches: int = 10_000
    """Branches of one union."""


DEFAULT_LIMITS = Limits()
