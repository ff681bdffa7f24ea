"""The whole blocks of a damaged container file, and an account of the rest.

Specification: Object Container Files (the sync
marker is there "to permit efficient splitting of files" and "to detect corrupt blocks").
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

from avrojet.container.block import restore
from avrojet.container.codecs import Buffer, Decompress, make_decompress
from avrojet.container.framing import SYNC_SIZE, FileParser, Header, RawBlock
from avrojet.container.losses import Loss, Losses
from avrojet.container.source import CHUNK, ByteSource, Readable
from avrojet.container.split import Split, path_of
from avrojet.errors import AvroError, DecodeError, LimitError, TruncatedError
from avrojet.limits import Limits

T = TypeVar("T")
Decode: TypeAlias = Callable[[RawBlock, Buffer], T]

# Bytes of blocks that may be decoded in vain, as a multiple of those passed; see Salvager._pass_framed.
_PATIENCE = 4

# Blocks in a row whose sync markers alone are wrong; more are left to the search.
_LONGEST_CHAIN = 100


class Salvager:
    """Gives the blocks of a file that are whole, and adds what lies between them to `losses`.

    A block is whole if its sync marker stands where its size says and its records decode to the last byte.
    Behind damage the next block is looked for from just behind the sync marker before it, since the size of
    a damaged block may be a lie. So whatever stands between the sync markers of two whole blocks is lost
    whole, and each byte behind the header is either in a block that was given or in a loss. (A codec
    without a checksum cannot tell damage that decodes: null, deflate and most zstandard files.)

    At most ``limits.block_bytes`` are held to look for a block's end; the source need not seek.

    :param source: stands behind `unread`.
    :param unread: what has been read of it behind the header.
    """

    def __init__(
        self,
        source: ByteSource,
        header: Header,
        unread: bytes,
        limits: Limits,
        losses: Losses,
        name: str | None,
    ) -> None:
        self._header = header
        self._limits = limits
        self._losses = losses
        self._name = name
        self._source = source
        self._parser = FileParser(limits, skip_data=True)
        self._parser.header = header
        self._decompress: Decompress
        self._window = _Window(source, header.size, unread)
        self._index = 0
        self._stand_behind(header.size - SYNC_SIZE)
        self._tried = 0  # bytes of blocks that were decoded in vain
        self._begin = self._place
        self._stop: int | None = None

    def keep_to(self, split: Split) -> None:
        """Read this part of the file only."""
        self.go_to(max(split.start, self._header.size - SYNC_SIZE))
        self._stop = split.end

    def go_to(self, offset: int) -> None:
        """Go on behind the first sync marker that begins at `offset` of the file or behind it."""
        self._source.seek(offset)
        self._window = _Window(self._source, offset)
        marker = self._window.find(self._header.sync_marker, offset)
        self._index = 0
        self._stand_behind(self._window.end - SYNC_SIZE if marker < 0 else marker)
        self._begin = self._place

    def blocks(self, decode: Decode[T], stop: int | None = None) -> Iterator[tuple[RawBlock, T]]:
        """Each block that is whole, with what `decode` makes of it and of its decompressed records.

        :param decode: raises an :class:`AvroError` if the records are not whole.
        :param stop: end before the first block whose sync marker before it does not begin before this offset.
        :raises CodecError: if the codec is unknown or its library not installed.
        """
        self._decompress = make_decompress(self._header.codec, self._limits.block_bytes)
        stop = self._stop if stop is None else stop
        while (stop is None or self._marker < stop) and self._window.reaches(self._place + 1):
            try:
                block = self._read(self._place)
            except AvroError as error:
                self._pass_unframed(error, decode)
                continue
            restored: Buffer | None = None
            try:
                restored = restore(block, self._decompress)
                result = decode(block, restored)
            except AvroError as error:
                self._pass_framed(block, self._records(block, restored, error), error)
                continue
            self._index += 1
            self._stand_behind(_end(block))
            yield block, result

    def _stand_behind(self, marker: int) -> None:
        """Go on behind the sync marker at this place."""
        self._marker = marker
        self._place = marker + SYNC_SIZE
        # A marker may overlap itself (all its bytes the same, say): bytes of the last one can begin the next.
        self._window.drop(marker + 1)

    def _read(self, place: int) -> RawBlock:
        """The block at a place, its sync marker seen to be right before its data are copied."""
        parser, window = self._parser, self._window
        parser.go_to(place, self._index)
        fed = place
        block: RawBlock | None = None
        while block is None or parser.unfinished is not None:
            data = window.get(fed, parser.missing)
            if not data:
                parser.close()  # raises: the end is inside of a block
            parser.feed(data)
            fed += len(data)
            event = parser.next_event()
            if isinstance(event, RawBlock):
                block = event
                if parser.skippable:
                    fed += parser.skippable
                    parser.skipped()
        block.data = memoryview(window.get(block.data_offset, block.size))
        return block

    def _pass_unframed(self, error: AvroError, decode: Decode[object]) -> None:
        """Go on behind a place where no block is that ends in a sync marker."""
        lost, found = self._chain(error, decode)
        if found:
            for loss in lost:
                self._add(loss)
            self._place = lost[-1].offset + lost[-1].size
        else:
            self._search(self._place - SYNC_SIZE + 1, None, None, error)

    def _chain(self, error: AvroError, decode: Decode[object]) -> tuple[list[Loss], bool]:
        """Blocks whose sync markers alone are wrong, which tell where the one behind them begins.

        :returns: them, and whether one that is whole, or the end of the file, follows them.
        """
        lost: list[Loss] = []
        behind = self._place
        while len(lost) < _LONGEST_CHAIN and behind - self._place <= self._limits.block_bytes:
            block = self._all_but_marker(decode)
            if block is None:
                break
            behind = _end(block) + SYNC_SIZE
            lost.append(self._loss(block.offset, behind - block.offset, 1, block.count, error))
            if not self._window.reaches(behind + 1):
                return lost, True
            try:
                self._try(self._read(behind), decode)
            except AvroError as reason:
                error = reason
            else:
                return lost, True
        return lost, False

    def _all_but_marker(self, decode: Decode[object]) -> RawBlock | None:
        """The block just read if only its sync marker is wrong; an empty one proves nothing."""
        block = self._parser.unfinished
        if block is None or not (block.count and block.size) or self._is_impatient():
            return None
        if not self._window.reaches(_end(block) + SYNC_SIZE):
            return None
        block.data = memoryview(self._window.get(block.data_offset, block.size))
        try:
            self._try(block, decode)
        except AvroError:
            return None
        return block

    def _try(self, block: RawBlock, decode: Decode[object]) -> None:
        self._tried += block.size
        decode(block, restore(block, self._decompress))

    def _pass_framed(self, block: RawBlock, records: int | None, error: AvroError) -> None:
        """Go on behind a block that ends in a sync marker, but whose records do not decode.

        Its size may be the lie, so blocks inside of it count. A file of blocks within blocks could make
        that cost the square of its size: past :data:`_PATIENCE` blocks are taken at their word.
        """
        self._tried += block.size
        start = _end(block) if self._is_impatient() else self._place - SYNC_SIZE + 1
        self._search(start, block, records, error)

    def _is_impatient(self) -> bool:
        return self._tried > _PATIENCE * (self._place - self._begin) + self._limits.block_bytes

    def _search(self, start: int, block: RawBlock | None, records: int | None, error: AvroError) -> None:
        """Go on behind the next sync marker from `start` on; what is before that is lost."""
        place = self._place
        marker = self._window.find(self._header.sync_marker, start)
        end = self._window.end if marker < 0 else marker + SYNC_SIZE
        whole = block is not None and end == _end(block) + SYNC_SIZE
        self._add(self._loss(place, end - place, 1 if whole else None, records if whole else None, error))
        self._stand_behind(end - SYNC_SIZE)

    def _records(self, block: RawBlock, restored: Buffer | None, error: AvroError) -> int | None:
        """The count of a block whose size is right, unless the damage may be the count's."""
        if restored is None:
            return block.count if block.count <= self._limits.block_bytes else None
        miscounted = not isinstance(error, DecodeError) or isinstance(error, TruncatedError | LimitError)
        return None if miscounted or block.count > len(restored) else block.count

    def _loss(
        self, offset: int, size: int, blocks: int | None, records: int | None, error: AvroError
    ) -> Loss:
        # Its traceback would keep the block's data alive.
        error.__cause__ = error.__context__ = None
        return Loss(offset, size, blocks, records, error.with_traceback(None), self._name)

    def _add(self, loss: Loss) -> None:
        self._index += 1
        self._losses.add(loss)


def name_of(source: Readable | Split) -> str | None:
    """What losses call a source: its path."""
    source = path_of(source)
    return os.fsdecode(source) if isinstance(source, str | os.PathLike) else None


def _end(block: RawBlock) -> int:
    """Where the block's sync marker is to be."""
    return block.data_offset + block.size


class _Window:
    """The bytes of a source from one offset on, as many of them as were asked for.

    :ivar end: offset behind the last byte read.
    """

    def __init__(self, source: ByteSource, offset: int, data: bytes = b"") -> None:
        self._source = source
        self._buffer = bytearray(data)
        self._offset = offset  # of the buffer's first byte
        self._ended = False

    @property
    def end(self) -> int:
        return self._offset + len(self._buffer)

    def reaches(self, offset: int) -> bool:
        """Whether there are bytes up to `offset`."""
        while self.end < offset:
            if not self._read():
                return False
        return True

    def get(self, offset: int, size: int) -> bytes:
        """`size` bytes from `offset` on, fewer at the end."""
        self.reaches(offset + size)
        start = offset - self._offset
        return bytes(memoryview(self._buffer)[start : start + size])

    def find(self, marker: bytes, offset: int) -> int:
        """The first place of `marker` from `offset` on, or -1 at the end. Drops what it passes."""
        while True:
            found = self._buffer.find(marker, max(0, offset - self._offset))
            if found >= 0:
                return self._offset + found
            offset = max(offset, self.end - (len(marker) - 1))
            self.drop(offset)
            if not self._read():
                return -1

    def drop(self, offset: int) -> None:
        """Forget the bytes before `offset`."""
        passed = offset - self._offset
        if 0 < passed <= len(self._buffer):
            del self._buffer[:passed]
            self._offset = offset

    def _read(self) -> bool:
        """Read some more; False at the end, behind which nothing is asked of the source again."""
        if not self._ended:
            data = self._source.read(CHUNK)
            self._buffer += data
            self._ended = not data
        return not self._ended
