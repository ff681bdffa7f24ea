"""The whole blocks of a damaged container file, and a record of what is lost.

Specification: Object Container Files (the sync marker is there "to permit efficient splitting of files" and
"to detect corrupt blocks").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias, TypeVar

from avrojet.container.block import restore
from avrojet.container.codecs import Buffer, Decompress, make_decompress
from avrojet.container.framing import MAGIC, SYNC_SIZE, FileParser, Header, RawBlock, Run
from avrojet.container.losses import Loss, Losses
from avrojet.container.matching import same_data
from avrojet.container.source import CHUNK, ByteSource
from avrojet.container.split import Split
from avrojet.core.files.container_blocks import pass_empty
from avrojet.errors import AvroError, DataFileError, DecodeError, LimitError, TruncatedError
from avrojet.limits import Limits
from avrojet.schema.parse import parse_schema

T = TypeVar("T")
Decode: TypeAlias = Callable[[RawBlock, Buffer], T]

# Bytes of blocks that may be decoded in vain, as a multiple of those passed; see Salvager._pass_framed.
_PATIENCE = 4

# The cost of a byte of another file's header, as a multiple of one of a block: its schema is parsed.
_HEADER_COST = 16

# Consecutive blocks of which only the sync markers are wrong; more are left to the search.
_LONGEST_CHAIN = 100


class Search(NamedTuple):
    """A search for the next sync marker from `start` on; the bytes before it are lost.

    :ivar records: of `block`, if it ends in the marker that is found.
    """

    start: int
    block: RawBlock | None
    records: int | None
    error: AvroError


class Stand(NamedTuple):
    """How far a file has been read. A single value, replaced at once or not at all, as work can be
    interrupted.

    :ivar header: the header of the blocks; not the file's first one if files were joined.
    :ivar marker: offset of the last sync marker passed.
    :ivar place: offset at which the next block should begin.
    :ivar number: that block's index; a loss counts as one block.
    :ivar search: the current search; None: the block is examined next.
    """

    header: Header
    marker: int
    place: int
    number: int
    search: Search | None = None

    def after(self, marker: int) -> Stand:
        """The state after another sync marker."""
        return Stand(self.header, marker, marker + SYNC_SIZE, self.number + 1)


class Salvager:
    """Returns the blocks of a file that are whole, and adds the bytes between them to `losses`.

    A block is whole if its sync marker is where its size says and its records decode to the last byte. After
    damage the next block is searched for from just after the preceding sync marker, since the size of a
    damaged block may be false. So everything between the sync markers of two whole blocks is lost together,
    and each byte after the header is either in a block that was returned or in a loss. (With codecs without a
    checksum, damage that decodes is not detected: null, deflate and most zstandard files.)

    A block may be followed by the header of another file, if files were joined byte by byte. It is a loss of
    no records, and reading continues with the blocks after it, if its codec is the same and its schema gives
    data the same meaning.

    At most ``limits.block_bytes`` are kept to search for a block's end; the source need not seek. Asking for
    the same block again returns it again, whatever has happened in between, and records no loss twice.

    :param source: its position is after `unread`.
    :param unread: bytes read from it after the header.
    :param name: the file's name, for losses.
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
        self._is_plain = header.codec == "null"
        self._decompress: Decompress | None = None
        self._window = _Window(source, unread)
        self._now = Stand(header, header.size - SYNC_SIZE, header.size, 0)
        self._asked: Stand | None = None  # the caller's state, from which `_now` was reached
        self._reading = object()  # replaced when offsets begin anew
        self._after_empty = False  # an empty block was found: there may be many
        self._tried = 0  # bytes of blocks decoded in vain
        self._begin = header.size
        self._split: Split | None = None
        self._in_parts = False

    def keep_to(self, split: Split) -> None:
        """Read only this part of the file."""
        self._split = split
        self._in_parts = True

    def stand_after(self, offset: int) -> Stand:
        """The state after the first sync marker at or after `offset` of the file."""
        self._in_parts = True
        try:
            return self._find_stand(offset)
        except _SourceFailure as failure:
            raise failure.taken() from None

    def block_at(
        self, at: Stand | None, decode: Decode[T], stop: int | None = None
    ) -> tuple[tuple[RawBlock, T], Stand] | None:
        """The next whole block, and the state after it; None if there is none.

        It is returned with the result of `decode`, which is passed the block and its decompressed records.

        :param at: None: the beginning.
        :param decode: raises an :class:`AvroError` if the records are not whole.
        :param stop: end before the first block whose preceding sync marker begins at this offset or later.
        :raises CodecError: if the codec is unknown or its library not installed.
        """
        found = self._found_at(at, decode, stop, many=False)
        if found is None:
            return None
        block, after = found
        assert not isinstance(block, Run)
        return block, after

    def blocks_at(self, at: Stand | None, decode: Decode[T]) -> tuple[tuple[RawBlock, T] | Run, Stand] | None:
        """The same, but blocks with neither records nor data are returned many in one piece."""
        return self._found_at(at, decode, None, many=True)

    def _found_at(
        self, at: Stand | None, decode: Decode[T], stop: int | None, *, many: bool
    ) -> tuple[tuple[RawBlock, T] | Run, Stand] | None:
        if self._decompress is None:
            self._decompress = make_decompress(self._header.codec, self._limits.block_bytes)
        if stop is not None:
            self._in_parts = True
        elif self._split is not None:
            stop = self._split.end
        try:
            self._stand_at(at)
            return self._next(decode, stop, many=many)
        except _SourceFailure as failure:
            raise failure.taken() from None

    def _stand_at(self, at: Stand | None) -> None:
        """Go to a state returned earlier; or stay where the search for a block from there has got to."""
        if at is None and self._asked is None:
            if self._split is None:
                return
            at = self._find_stand(max(self._split.start, self._header.size - SYNC_SIZE))
        if at is None or at is self._asked:
            return
        # A marker may overlap itself (if all its bytes are equal, say): bytes of the last one can begin the
        # next.
        self._window.begin_at(at.marker + 1)
        self._now = at
        self._asked = at

    def _find_stand(self, offset: int) -> Stand:
        self._reading = object()
        window = self._window
        window.go_to(offset)
        marker = window.find(self._header.sync_marker, offset)
        if marker < 0:
            marker = window.end - SYNC_SIZE
        self._begin = marker + SYNC_SIZE
        return Stand(self._header, marker, self._begin, 0)

    def _next(
        self, decode: Decode[T], stop: int | None, *, many: bool
    ) -> tuple[tuple[RawBlock, T] | Run, Stand] | None:
        while True:
            now = self._now
            if now.search is not None:
                self._go_on(now.search)
                continue
            if (stop is not None and now.marker >= stop) or not self._window.reaches(now.place + 1):
                return None
            if many and (empty := self._empty(stop)) is not None:
                end = now.place + empty.size
                return empty, Stand(now.header, end - SYNC_SIZE, end, now.number + empty.blocks)
            try:
                block = self._read(now.place)
            except AvroError as error:
                self._pass_unframed(error, decode)
                continue
            restored: Buffer | None = None
            try:
                restored = self._restored(block)
                result = decode(block, restored)
            except AvroError as error:
                self._pass_framed(block, self._records(block, restored, error), error)
                continue
            self._after_empty = not (block.count or block.size)
            return (block, result), now.after(_end(block))

    def _restored(self, block: RawBlock) -> Buffer:
        assert self._decompress is not None
        return restore(block, self._decompress)

    def _empty(self, stop: int | None) -> Run | None:
        """The next blocks, if they are empty and more than one, as many as have been read."""
        now, window = self._now, self._window
        if not self._is_plain or not self._after_empty:
            return None
        start = now.place - window.offset
        last = len(window.buffer) if stop is None else stop + SYNC_SIZE - window.offset
        marker = now.header.sync_marker
        blocks, end = pass_empty(window.buffer, start, len(window.buffer), marker, last)
        if blocks < 2:
            return None
        return Run(now.number, now.place, blocks, 0, memoryview(bytes(window.buffer[start:end])))

    def _read(self, place: int) -> RawBlock:
        """The block at a place, its sync marker checked before its data are copied."""
        parser, window = self._parser, self._window
        parser.header = self._now.header
        parser.go_to(place, self._now.number)
        fed = place
        block: RawBlock | None = None
        while True:
            event = parser.next_event()
            if isinstance(event, RawBlock):
                block = event
                if parser.skippable:
                    fed += parser.skippable
                    parser.skipped()
                continue
            if block is not None and parser.unfinished is None:
                break
            data = window.get(fed, parser.missing)
            if not data:
                parser.close()  # raises: the file ends inside a block
            parser.feed(data)
            fed += len(data)
        block.data = memoryview(window.get(block.data_offset, block.size))
        return block

    def _pass_unframed(self, error: AvroError, decode: Decode[object]) -> None:
        """Continue after a place without a block that ends in a sync marker."""
        now = self._now
        if self._pass_header():
            return
        lost, found = self._chain(error, decode)
        if found:
            place = lost[-1].offset + lost[-1].size
            self._lose(lost, now._replace(place=place, number=now.number + len(lost)))
        else:
            self._now = now._replace(search=Search(now.place - SYNC_SIZE + 1, None, None, _bare(error)))

    def _pass_header(self) -> bool:
        """Move past the header of another file, if there is one here whose blocks can be read like this
        file's.
        """
        now = self._now
        if self._in_parts or self._window.get(now.place, len(MAGIC)) != MAGIC or self._is_impatient():
            return False
        try:
            header = self._header_at(now.place)
            self._tried += _HEADER_COST * header.size
            if header.codec != self._header.codec or not self._same_data(header.schema_text):
                return False
            if not self._is_used(header.sync_marker, now.place + header.size):
                return False
        except AvroError:
            return False
        error = DataFileError(
            f"the header of another file stands at byte {now.place}: its blocks are read, not its metadata",
            offset=now.place,
        )
        end = now.place + header.size
        self._lose(
            [self._loss(now.place, header.size, 0, 0, error)],
            Stand(header, end - SYNC_SIZE, end, now.number),
        )
        return True

    def _header_at(self, place: int) -> Header:
        parser = FileParser(self._limits)
        try:
            while (header := parser.next_event()) is None:
                data = self._window.get(place + parser.end, max(CHUNK, parser.missing))
                if not data:
                    parser.close()  # raises: the file ends inside the header
                parser.feed(data)
        finally:
            self._tried += parser.end
        assert isinstance(header, Header)
        return header

    def _is_used(self, marker: bytes, offset: int) -> bool:
        """Whether a marker read before `offset` comes again. If not, it is damaged or useless."""
        window = self._window
        start, reached = offset, window.reaches(offset + 1)
        while reached and start < offset + self._limits.block_bytes:
            if window.holds(marker, start):
                self._tried += window.end - offset
                return True
            start = window.end - SYNC_SIZE + 1
            reached = window.reaches(window.end + 1)
        self._tried += window.end - offset
        return window.end == offset  # the file has no blocks

    def _same_data(self, text: str) -> bool:
        """Whether data of a schema have the same meaning by the file's schema."""
        own = self._header.schema_text
        schemas = (parse_schema(each, names="lax", limits=self._limits) for each in (text, own))
        return text == own or same_data(*schemas)

    def _chain(self, error: AvroError, decode: Decode[object]) -> tuple[list[Loss], bool]:
        """Blocks of which only the sync markers are wrong, so that they lead to the one after them.

        :returns: their losses, and whether a whole block, or the end of the file, follows them.
        """
        lost: list[Loss] = []
        start = after = self._now.place
        while len(lost) < _LONGEST_CHAIN and after - start <= self._limits.block_bytes:
            block = self._all_but_marker(decode)
            if block is None:
                break
            after = _end(block) + SYNC_SIZE
            lost.append(self._loss(block.offset, after - block.offset, 1, block.count, error))
            if not self._window.reaches(after + 1):
                return lost, True
            try:
                self._try(self._read(after), decode)
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
        decode(block, self._restored(block))

    def _pass_framed(self, block: RawBlock, records: int | None, error: AvroError) -> None:
        """Continue after a block that ends in a sync marker, but whose records do not decode.

        Its size may be false, so blocks inside it count. In a file of nested blocks that could cost
        the square of its size: beyond :data:`_PATIENCE`, the stated sizes are believed.
        """
        self._tried += block.size
        start = _end(block) if self._is_impatient() else self._now.place - SYNC_SIZE + 1
        self._now = self._now._replace(search=Search(start, block, records, _bare(error)))

    def _is_impatient(self) -> bool:
        return self._tried > _PATIENCE * (self._now.place - self._begin) + self._limits.block_bytes

    def _go_on(self, search: Search) -> None:
        """Search to the end."""
        now, window, block = self._now, self._window, search.block
        # The bytes that the window has dropped were searched before an interruption.
        marker = window.find(now.header.sync_marker, max(search.start, window.offset))
        end = window.end if marker < 0 else marker + SYNC_SIZE
        whole = block is not None and end == _end(block) + SYNC_SIZE
        records = search.records if whole else None
        loss = self._loss(now.place, end - now.place, 1 if whole else None, records, search.error)
        self._lose([loss], now.after(end - SYNC_SIZE))

    def _records(self, block: RawBlock, restored: Buffer | None, error: AvroError) -> int | None:
        """The count of a block whose size is right, unless the count itself may be damaged."""
        if restored is None:
            return block.count if block.count <= self._limits.block_bytes else None
        miscounted = not isinstance(error, DecodeError) or isinstance(error, TruncatedError | LimitError)
        return None if miscounted or block.count > len(restored) else block.count

    def _loss(
        self, offset: int, size: int, blocks: int | None, records: int | None, error: AvroError
    ) -> Loss:
        error.file = self._name
        return Loss(offset, size, blocks, records, _bare(error), self._name)

    def _lose(self, lost: list[Loss], stand: Stand) -> None:
        """Record losses, and continue after them."""
        for loss in lost:
            self._losses.add(loss, self._reading)
        self._now = stand
        self._window.drop(stand.marker + 1)


def _bare(error: AvroError) -> AvroError:
    """The error without its traceback, which refers to the error's keeper and the block's data."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _end(block: RawBlock) -> int:
    """Where the block's sync marker should be."""
    return block.data_offset + block.size


class _SourceFailure(Exception):  # noqa: N818 (not an error of the file)
    """An error of the source that would be mistaken for damage."""

    def __init__(self, error: AvroError) -> None:
        super().__init__()
        self._errors = [error]

    def taken(self) -> AvroError:
        """Take the error out: once raised, it refers to this exception, which must not refer to it then."""
        self.__cause__ = self.__context__ = None
        return self._errors.pop()


class _Window:
    """The bytes of a source from an offset on, as many of them as have been requested.

    :ivar buffer: the bytes, up to the source's position.
    """

    def __init__(self, source: ByteSource, data: bytes = b"") -> None:
        self._source = source
        self._intake = source.intake
        self.buffer = bytearray(data)
        self._ended = False

    @property
    def offset(self) -> int:
        """Offset of the first byte."""
        return self._intake.at - len(self.buffer)

    @property
    def end(self) -> int:
        """Offset after the last byte read."""
        return self._intake.at

    def reaches(self, offset: int) -> bool:
        """Whether there are bytes up to `offset`."""
        while self._intake.at < offset:
            if not self._read():
                return False
        return True

    def get(self, offset: int, size: int) -> bytes:
        """`size` bytes from `offset` on, fewer at the end."""
        if self._intake.at < offset + size:
            self.reaches(offset + size)
        start = offset - (self._intake.at - len(self.buffer))
        return bytes(memoryview(self.buffer)[start : start + size])

    def holds(self, marker: bytes, offset: int) -> bool:
        """Whether the marker is at `offset`."""
        return self.buffer.find(marker, max(0, offset - self.offset)) >= 0

    def find(self, marker: bytes, offset: int) -> int:
        """The first offset of `marker` from `offset` on, or -1 at the end. Drops the bytes before it."""
        while True:
            found = self.buffer.find(marker, max(0, offset - self.offset))
            if found >= 0:
                return self.offset + found
            offset = max(offset, self.end - (len(marker) - 1))
            self.drop(offset)
            if not self._read():
                return -1

    def drop(self, offset: int) -> None:
        """Drop the bytes before `offset`."""
        passed = offset - self.offset
        if 0 < passed <= len(self.buffer):
            del self.buffer[:passed]

    def begin_at(self, offset: int) -> None:
        """Provide the bytes from `offset` on, which are here already unless others were requested since."""
        if self.offset <= offset <= self.end:
            self.drop(offset)
        else:
            self.go_to(offset)

    def go_to(self, offset: int) -> None:
        """Provide the bytes from another offset on."""
        self.buffer.clear()
        self._source.seek(offset)
        self._ended = False

    def _read(self) -> bool:
        """Read some more; False at the end, after which the source is not read again."""
        if not self._ended:
            try:
                self._ended = not self._source.read_onto(self.buffer, CHUNK)
            except AvroError as error:
                raise _SourceFailure(error) from None
        return not self._ended
