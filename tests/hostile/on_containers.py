"""Hostile container files."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

from avrojet.container.codecs import make_compress
from avrojet.container.framing import build_block, build_header
from tests.container.samples import CODECS, SYNC
from tests.hostile.case import Case, Either, Gives, Outcome, Refused, reading
from tests.reference import number

MAGIC = b"Obj\x01"
BIG = 1 << 62


def file(
    *blocks: tuple[int, bytes],
    schema: str = '"long"',
    codec: str = "null",
    metadata: dict[str, bytes] | None = None,
) -> bytes:
    entries = {"avro.schema": schema.encode(), "avro.codec": codec.encode(), **(metadata or {})}
    return build_header(entries, SYNC) + b"".join(build_block(count, data, SYNC) for count, data in blocks)


def raw_block(count: int, size: int, data: bytes, sync: bytes = SYNC) -> bytes:
    return number(count) + number(size) + data + sync


def raw_header(map_bytes: bytes) -> bytes:
    return MAGIC + map_bytes + SYNC


def entry(key: bytes, value: bytes) -> bytes:
    return number(len(key)) + key + number(len(value)) + value


SCHEMA_ENTRY = entry(b"avro.schema", b'"long"')
GOOD = file((2, b"\2\4"))

FILES: dict[str, tuple[bytes, Outcome]] = {
    "nothing": (b"", Refused()),
    "not Avro": (b"PAR1" + bytes(100), Refused()),
    "magic of version 2": (b"Obj\x02" + GOOD[4:], Refused()),
    "magic of version 0": (b"Obj\x00" + GOOD[4:], Refused()),
    "only the magic": (MAGIC, Refused()),
    "no metadata": (raw_header(b"\0"), Refused()),
    "no schema": (raw_header(number(1) + entry(b"avro.codec", b"null") + b"\0"), Refused()),
    "schema of no bytes": (raw_header(number(1) + entry(b"avro.schema", b"") + b"\0"), Refused()),
    "schema that is not UTF-8": (raw_header(number(1) + entry(b"avro.schema", b'"\xff"') + b"\0"), Refused()),
    "schema that is no JSON": (file(schema="{"), Refused()),
    "schema of an unknown type": (file(schema='"lung"'), Refused()),
    "schema that is deep": (file(schema='{"type":"array","items":' * 50_000), Refused()),
    "schema twice, as metadata": (
        raw_header(number(2) + entry(b"avro.schema", b'"int"') + SCHEMA_ENTRY + b"\0")
        + raw_block(1, 1, b"\2"),
        Either([1]),
    ),
    "metadata in two blocks": (
        raw_header(number(1) + SCHEMA_ENTRY + number(1) + entry(b"k", b"v") + b"\0") + raw_block(1, 1, b"\2"),
        Gives([1]),
    ),
    "metadata in a sized block": (
        raw_header(number(-1) + number(len(SCHEMA_ENTRY)) + SCHEMA_ENTRY + b"\0") + raw_block(1, 1, b"\2"),
        Gives([1]),
    ),
    "metadata in a block of a wrong size": (
        raw_header(number(-1) + number(3) + SCHEMA_ENTRY + b"\0") + raw_block(1, 1, b"\2"),
        Either([1]),
    ),
    "metadata of 2^62 entries": (raw_header(number(BIG)), Refused()),
    "metadata of the least count": (raw_header(number(-(2**63)) + number(1)), Refused()),
    "metadata without end": (MAGIC + (number(1) + entry(b"k", b"v")) * 100_000, Refused()),
    "metadata key of 2^62 bytes": (raw_header(number(1) + number(BIG)), Refused()),
    "metadata key of -1 bytes": (raw_header(number(1) + number(-1)), Refused()),
    "metadata value of 2^62 bytes": (raw_header(number(1) + number(1) + b"k" + number(BIG)), Refused()),
    "metadata value of -2^63 bytes": (raw_header(number(1) + number(1) + b"k" + number(-(2**63))), Refused()),
    "metadata key that is not UTF-8": (
        raw_header(number(2) + SCHEMA_ENTRY + entry(b"\xff", b"v") + b"\0") + raw_block(1, 1, b"\2"),
        Either([1]),
    ),
    "metadata count of eleven bytes": (MAGIC + b"\xff" * 11, Refused()),
    "codec unknown": (file((1, b"\2"), codec="lzw"), Refused()),
    "codec in capitals": (file((1, b"\2"), codec="NULL"), Refused()),
    "codec that is not UTF-8": (
        raw_header(number(2) + SCHEMA_ENTRY + entry(b"avro.codec", b"\xff") + b"\0") + raw_block(1, 1, b"\2"),
        Refused(),
    ),
    "codec of no bytes": (
        raw_header(number(2) + SCHEMA_ENTRY + entry(b"avro.codec", b"") + b"\0") + raw_block(1, 1, b"\2"),
        Either([1]),
    ),
    "no sync marker": (GOOD[: GOOD.index(SYNC)], Refused()),
    "half a sync marker": (GOOD[: GOOD.index(SYNC) + 8], Refused()),
    "block with another marker": (file() + raw_block(1, 1, b"\2", bytes(16)), Refused()),
    "block with half a marker": (file() + raw_block(1, 1, b"\2", SYNC[:8]), Refused()),
    "block with a marker one late": (file() + raw_block(1, 1, b"\2", b"x" + SYNC), Refused()),
    "second block with another marker": (GOOD + raw_block(1, 1, b"\2", bytes(16)), Refused()),
    "block of -1 records": (file() + raw_block(-1, 1, b"\2"), Refused()),
    "block of -2^63 records": (file() + raw_block(-(2**63), 1, b"\2"), Refused()),
    "block of 2^62 records": (file() + raw_block(BIG, 1, b"\2"), Refused()),
    "block of a record too many": (file() + raw_block(3, 2, b"\2\4"), Refused()),
    "block of a record too few": (file() + raw_block(1, 2, b"\2\4"), Refused()),
    "block of no records but bytes": (file() + raw_block(0, 2, b"\2\4"), Refused()),
    "block of no records": (file() + raw_block(0, 0, b"") + raw_block(1, 1, b"\2"), Gives([1])),
    "block of -1 bytes": (file() + raw_block(1, -1, b"\2"), Refused()),
    "block of -2^63 bytes": (file() + raw_block(1, -(2**63), b"\2"), Refused()),
    "block of 2^62 bytes": (file() + raw_block(1, BIG, b"\2"), Refused()),
    "block of 2^40 bytes": (file() + raw_block(1, 1 << 40, b"\2"), Refused()),
    "block of a byte too many": (file() + raw_block(1, 2, b"\2"), Refused()),
    "block of a byte too few": (file() + raw_block(2, 1, b"\2\4"), Refused()),
    "block whose count has eleven bytes": (file() + b"\xff" * 11, Refused()),
    "only a count": (file() + number(1), Refused()),
    "only a count and a size": (file() + number(1) + number(1), Refused()),
    "a byte after the last block": (GOOD + b"\2", Refused()),
    "a marker after the last block": (GOOD + SYNC, Refused()),
    "a file after a file": (GOOD + GOOD, Refused()),
    "no blocks": (file(), Gives([])),
    "nulls by the trillion": (file((1 << 40, b""), schema='"null"'), Refused()),
    "empty records by 2^62": (
        file((BIG, b""), schema='{"type":"record","name":"R","fields":[]}'),
        Refused(),
    ),
    "datum over the end of a block": (file((1, b"\x80"), (1, b"\2")), Refused()),
    "string over the end of a block": (file((1, b"\x10ab"), (1, b"\2a"), schema='"string"'), Refused()),
    "record that is not valid": (file((2, b"\1\5"), schema='"boolean"'), Refused()),
}


def cases() -> Iterator[Case]:
    for name, (data, outcome) in FILES.items():
        yield reading(name, lambda data=data: data, outcome)
    for place in range(0, len(GOOD), 7):
        if place:
            yield reading(f"cut at byte {place}", lambda place=place: GOOD[:place])
    for codec in CODECS:
        if codec != "null":
            yield from _of_codec(codec)


def _of_codec(codec: str) -> Iterator[Case]:
    def of(change: Callable[[bytes], bytes]) -> Callable[[], bytes]:
        return lambda: file((1000, change(bytes(make_compress(codec)(b"\2" * 1000)))), codec=codec)

    changes: dict[str, Callable[[bytes], bytes]] = {
        "of nothing": lambda data: b"",
        "cut in half": lambda data: data[: len(data) // 2],
        "without its first byte": lambda data: data[1:],
        "of zeros": lambda data: bytes(40),
        "of ones": lambda data: b"\xff" * 40,
        "that is not compressed": lambda data: b"\2" * 1000,
    }
    for name, change in changes.items():
        yield reading(f"{codec} data {name}", of(change))
    yield reading(
        f"{codec} data of other records", lambda: file((3, bytes(make_compress(codec)(b"\2"))), codec=codec)
    )
    yield reading(f"{codec} bomb of 256 MiB", lambda: bomb(codec))


def bomb(codec: str) -> bytes:
    """A block that claims, or becomes, 256 MiB; of equal pieces, so that making it costs little."""
    if codec == "snappy":
        data = b"\x80\x80\x80\x80\x01" + bytes(100)  # no more than the claim: it is to be believed first
    elif codec == "deflate":
        stream = zlib.compressobj(9, zlib.DEFLATED, -15)
        piece = stream.compress(bytes(1 << 20)) + stream.flush(zlib.Z_FULL_FLUSH)  # after which it may repeat
        data = piece * 256 + stream.flush()
    else:
        data = bytes(make_compress(codec)(bytes(4 << 20))) * 64
    return file((256 << 20, data), codec=codec)
