"""Schemas, rows and sources that the tests of container files share."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import avrojet
from avrojet.container.codecs import codec_names, make_compress

SCHEMA = avrojet.parse_schema(
    {
        "type": "record",
        "name": "Visit",
        "namespace": "park",
        "fields": [
            {"name": "id", "type": "long"},
            {"name": "who", "type": ["null", "string"], "default": None},
            {"name": "day", "type": {"type": "int", "logicalType": "date"}},
            {"name": "scores", "type": {"type": "array", "items": "double"}},
        ],
    }
)
DATA = Path(__file__).parents[1] / "data"
SYNC = bytes(range(200, 216))


def rows(count: int) -> list[dict]:
    from datetime import date, timedelta

    return [
        {
            "id": number,
            "who": None if number % 3 else f"visitor {number}",
            "day": date(2026, 1, 1) + timedelta(days=number % 365),
            "scores": [number / 8, -1.5][: number % 3],
        }
        for number in range(count)
    ]


def file_of(values, schema=SCHEMA, **options) -> bytes:
    target = io.BytesIO()
    with avrojet.DataFileWriter(target, schema, **options) as writer:
        writer.extend(values)
    return target.getvalue()


def rows_of(data: bytes, **options) -> list:
    with avrojet.DataFileReader(io.BytesIO(data), **options) as reader:
        return list(reader)


def installed_codecs() -> Iterator[str]:
    for name in codec_names():
        try:
            make_compress(name)
        except avrojet.CodecError:
            continue
        yield name


CODECS = list(installed_codecs())


class ShortReads(io.RawIOBase):
    """A source like a pipe: it cannot seek, and a read gives few bytes."""

    def __init__(self, data: bytes, most: int) -> None:
        self._data = io.BytesIO(data)
        self._most = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        return self._data.readinto(memoryview(buffer)[: self._most])


class OnlyRead:
    """The least that a source must have."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int, /) -> bytes:
        return self._data.read(size)
