"""Consecutive JSON texts to data: read in pieces, wherever these are cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO, TextIOBase
from typing import Any, Final

from avrojet.core.ground.exclusive import Place
from avrojet.core.ground.foreign import Intake
from avrojet.core.text.rows import TextEncoder, moved, whole_characters
from avrojet.errors import DecodeError, DecodeLimitError, untraced
from avrojet.limits import Limits, excess

_CHUNK: Final = 1 << 18  # bytes, or characters, read at once


class TextStream:
    """Reads JSON texts with any white space between them, be it line ends or not.

    An error is raised after the texts before it have been returned, and the next call raises it again. After
    Ctrl-C, or a timeout of the source, the next call continues with the next text.

    :param source: text; UTF-8 in bytes or another buffer; or a text or binary file, from its current
        position.
    :param encoder: makes data of the texts.
    :param origin: the line, column and offset at which the source begins, for errors, and
    :param number: the index of its first text.
    :ivar place: moved by the caller that takes the texts.
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
        self._source = source
        self._read = _reading(source)
        self._start = _position(source)
        self._intake = Intake()
        self._fed = 0  # bytes or characters taken from the source so far
        self._many = encoder.many
        self._limits = limits
        self._text = b""  # whole characters
        self._cut = b""  # the beginning of a character
        self._origin = origin  # of `_text`
        self.place = Place()
        self.place.at = (
            0,
            number,
        )  # offset of the next text in `_text`, and its index
        self._ended = False
        self._damage: DecodeError | None = None  # found after `_text`

    def goes_on(self, source: Any) -> bool:
        """Whether the source is the same file, at the position up to which this has read."""
        if source is not self._source or not hasattr(source, "read"):
            return False
        kept = self._intake.data
        read = self._intake.at + (0 if kept is None else len(kept))
        return self._start is None or _position(source) == self._start + read

    def next(self, most: int) -> tuple[bytes, int, tuple[int, int]] | None:
        """The data of some texts, their number, and the place after them; None at the end.

        :param most: stop after the text that reaches this many bytes of data.
        :raises DecodeError: if the next text is not JSON, or does not fit the schema; ``path``, ``line``,
            ``column`` and ``offset`` say where in the stream.
        :raises LimitError: if it exceeds a limit, or is longer than ``limits.block_bytes``.
        """
        while True:
            data, count, offset = self._parse(most)
            if count > 1 and len(data) > self._limits.block_bytes:
                data, count, offset = self._parse(1)
            at = offset, self.place.at[1] + count
            if count:
                return data, count, at
            self.place.at = at  # white space
            if self._damage is not None:
                raise untraced(self._damage)
            if self._ended:
                return None
            self._read_on()

    def __iter__(self) -> Iterator[bytes]:
        """The data, one by one."""
        while (found := self.next(1)) is not None:
            data, count, self.place.at = found
            if count == 1:
                yield data
            else:  # data of no bytes
                yield from (b"" for _ in range(count))

    def _parse(self, most: int) -> tuple[bytes, int, int]:
        offset, number = self.place.at
        return self._many(
            self._text,
            offset,
            most,
            last=self._ended and self._damage is None,
            number=number,
            origin=self._origin,
        )

    def _read_on(self) -> None:
        offset, number = self.place.at
        rest = self._text[offset:]
        if len(rest) > self._limits.block_bytes:
            what = f"text {number} of a stream has {len(rest)} bytes and more"
            raise excess(self._limits, "block_bytes", what, error=DecodeLimitError)
        # Read as much again, so that a long text is not scanned too often.
        intake = self._intake
        if intake.data is None:
            intake.call(self._read, max(_CHUNK, len(rest)))
        taken = len(intake.data)
        if self._fed == intake.at:  # else it was fed just before an interruption
            self._feed(intake.data, rest, offset, number)
        intake.take(taken)

    def _feed(self, chunk: Any, rest: bytes, offset: int, number: int) -> None:
        """Append a piece of the source to the text not parsed yet."""
        fed = self._fed + len(chunk)
        if isinstance(chunk, str):  # surrogates are not UTF-8, and raise that error
            chunk = chunk.encode("utf-8", "surrogatepass")
        origin = moved(self._origin, self._text[:offset])
        more = self._cut + bytes(chunk)
        size, damage = whole_characters(more, moved(origin, rest), last=not chunk)
        text, cut, ended = rest + more[:size], more[size:], not chunk or damage is not None
        # All at once: interruptions happen only during calls.
        self._text, self._cut, self._origin, self.place.at = text, cut, origin, (0, number)
        self._damage, self._ended, self._fed = damage, ended, fed


def _position(source: Any) -> int | None:
    """The position of a binary file, if known."""
    if isinstance(source, TextIOBase):
        return None
    try:
        return int(source.tell()) if source.seekable() else None
    except (AttributeError, OSError, ValueError):
        return None


def _reading(source: Any) -> Callable[[int], Any]:
    if isinstance(source, str):
        return BytesIO(source.encode("utf-8", "surrogatepass")).read
    read: Callable[[int], Any] | None = getattr(source, "read", None)
    return BytesIO(source).read if read is None else read
