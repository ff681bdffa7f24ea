"""JSON texts that follow one another, to data: read piece by piece, however they are cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, Final

from avrojet.core.text.rows import TextEncoder, moved, whole_characters
from avrojet.errors import DecodeError, DecodeLimitError, untraced
from avrojet.limits import Limits, excess

_CHUNK: Final = 1 << 18  # bytes, or characters, that are read at once


class TextStream:
    """Reads JSON texts with any white space between them: one on a line, or not.

    Whatever is raised, the texts before have been returned, and to go on raises it again.

    :param source: text; UTF-8 in bytes or another buffer; or a text or binary file, from where it stands.
    :param encoder: makes data of them.
    :param origin: what errors call the line, column and offset where the source begins, and
    :param number: its first text.
    """

    def __init__(
        self,
        source: Any,
        encoder: TextEncoder,
        limits: Limits,
        *,
        origin: tuple[int, int, int] = (1, 1, 0),
        number: int = 0,
    ) -> None:
        self._read = _reading(source)
        self._many = encoder.many
        self._limits = limits
        self._text = b""  # whole characters
        self._cut = b""  # the beginning of a character
        self._offset = 0  # of the text that comes next
        self._origin = origin  # of `_text`
        self._number = number  # texts that were read
        self._ended = False
        self._damage: DecodeError | None = None  # behind `_text`

    def next(self, most: int) -> tuple[bytes, int] | None:
        """The data of some texts, and how many they are; None if there are no more.

        :param most: stop after the text by which there are as many bytes of data.
        :raises DecodeError: if the next text is no JSON, or not that of a datum of the schema; ``path``,
            ``line``, ``column`` and ``offset`` say where in the stream.
        :raises LimitError: if it exceeds a limit, or is longer than ``limits.block_bytes``.
        """
        while True:
            data, count, offset = self._parse(most)
            if count > 1 and len(data) > self._limits.block_bytes:
                data, count, offset = self._parse(1)
            self._offset = offset
            self._number += count
            if count:
                return data, count
            if self._damage is not None:
                raise untraced(self._damage)
            if self._ended:
                return None
            self._read_on()

    def __iter__(self) -> Iterator[bytes]:
        """The data, one by one."""
        while (found := self.next(1)) is not None:
            data, count = found
            if count == 1:
                yield data
            else:  # of no bytes
                yield from (b"" for _ in range(count))

    def _parse(self, most: int) -> tuple[bytes, int, int]:
        return self._many(
            self._text,
            self._offset,
            most,
            last=self._ended and self._damage is None,
            number=self._number,
            origin=self._origin,
        )

    def _read_on(self) -> None:
        rest = self._text[self._offset :]
        if len(rest) > self._limits.block_bytes:
            what = f"text {self._number} of a stream has {len(rest)} bytes and more"
            raise excess(self._limits, "block_bytes", what, error=DecodeLimitError)
        # As much as there is, so that a long text is not looked at again and again.
        chunk = self._read(max(_CHUNK, len(rest)))
        if isinstance(chunk, str):  # of which surrogates are no UTF-8, and told as that
            chunk = chunk.encode("utf-8", "surrogatepass")
        origin = moved(self._origin, self._text[: self._offset])
        more = self._cut + bytes(chunk)
        size, damage = whole_characters(more, moved(origin, rest), last=not chunk)
        self._text, self._cut, self._offset, self._origin = rest + more[:size], more[size:], 0, origin
        self._damage, self._ended = damage, not chunk or damage is not None


def _reading(source: Any) -> Callable[[int], Any]:
    if isinstance(source, str):
        return BytesIO(source.encode("utf-8", "surrogatepass")).read
    read: Callable[[int], Any] | None = getattr(source, "read", None)
    return BytesIO(source).read if read is None else read
