"""JSON texts to Avro data in threads: the pieces end at line ends, and are parsed independently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from avrojet.container.threads import Pool
from avrojet.container.writer import DataFileWriter
from avrojet.core.ground.exclusive import Place
from avrojet.core.text.rows import TextEncoder, moved, whole_characters
from avrojet.errors import DecodeError

# The data of some texts, and how many texts they are.
_Parsed: TypeAlias = list[tuple[bytes, int]]


def parallel_steps(
    writer: DataFileWriter, pieces: Iterable[bytes], threads: int, *, plain: bool
) -> Iterator[int]:
    """Write the records of texts, some with each step; return their number.

    If a piece does not consist of whole texts, it and everything after it are read in sequence: texts may go
    over several lines, and errors give their place in the whole file.

    :param pieces: each ends where a line ends.
    """
    encoder = writer._encoder._text_encoder(plain=plain)
    limit = writer._writer.limit
    pool: Pool[bytes, tuple[bytes, _Parsed | None]] = Pool(
        lambda piece: (piece, _parsed(encoder, piece, limit)), threads, "writer", helped=True
    )
    origin, number, place = (1, 1, 0), 0, Place()
    try:
        results = pool.map(pieces)
        for piece, found in results:
            if found is None:
                left = _Left(piece, (rest for rest, _ in results))
                yield from writer._json_steps(left, plain=plain, origin=origin, number=number)
                return
            for data, count in found:
                writer._writer.adopt(count, data, place, None, 0 if data else writer._empty_row_cost())
                yield count
                number += count
            origin = moved(origin, piece)
        writer._writer.end_call()
    finally:
        pool.close()


def _parsed(encoder: TextEncoder, piece: bytes, most: int) -> _Parsed | None:
    """Return the data of a piece's texts, in blocks; None if the piece does not consist of whole records."""
    found: _Parsed = []
    offset = 0
    try:
        if whole_characters(piece, (1, 1, 0), last=True)[1] is not None:
            return None
        while True:
            data, count, offset = encoder.many(piece, offset, most, last=True)
            if not count:
                return found
            found.append((data, count))
    except DecodeError:
        return None


class _Left:
    """Pieces as a file."""

    def __init__(self, first: bytes, others: Iterator[bytes]) -> None:
        self._first = first
        self._others = others

    def read(self, size: int = -1) -> bytes:
        """Return the next piece, whatever its size; empty at the end."""
        first, self._first = self._first, b""
        return first or next(self._others, b"")
