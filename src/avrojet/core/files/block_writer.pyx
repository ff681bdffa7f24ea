"""Records on their way into a container file: collected in blocks, and kept until the file has them.

An exception can come between any two steps of Python code: Ctrl-C, a timeout, a file that fails. Work that
must not be interrupted is one step here: no signal handler runs within it.
"""

from libc.stdint cimport int64_t, uint8_t

import os

from avrojet.core.files.container_blocks cimport BlocksBuilder
from avrojet.core.rows.block_builder cimport BlockBuilder, add_number
from avrojet.errors import DataFileError, EncodeLimitError
from avrojet.limits import exceeded, limits_in_force

cdef extern from "capi.h":
    bint avrojet_occupy(int*)
    void avrojet_vacate(int*)

cdef enum:
    # Bytes of blocks without compression that are written at once: the system takes them faster than single ones.
    WRITE_SIZE = 262144

# How many forks lie between this process and the first: a writer is of use only in the process that made it.
cdef int generation = 0


def _forked():
    global generation
    generation += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class InUseError(ValueError):
    """Another caller is using the writer."""


cdef class OutgoingBlock:
    """A block, or several in a row, that a file is to have.

    :ivar count: its records.
    :ivar data: their bytes, where they are still to be compressed.
    :ivar task: what a thread makes `framed` in; None if there is none.
    :ivar framed: the bytes that the file is to have; None before they are compressed.
    :ivar start: where in the file they begin, -1 before that is known.
    :ivar taken: how many of them the file has taken,
    :ivar sure: and whether that is all: not after a call of ``write`` that raised.
    """

    cdef readonly Py_ssize_t count
    cdef readonly object data
    cdef public object task
    cdef public bytes framed
    cdef public int64_t start
    cdef readonly Py_ssize_t taken
    cdef readonly bint sure

    def __cinit__(self, Py_ssize_t count=0, data=None, bytes framed=None):
        self.count = count
        self.data = data
        self.framed = framed
        self.start = -1
        self.sure = True

    @property
    def is_written(self):
        """Whether the file has all of it."""
        return self.framed is not None and self.taken == len(self.framed)

    def write_to(self, write, bint none_is_nothing):
        """Call ``write`` until it has taken all bytes that the file lacks.

        :param none_is_nothing: what it means if ``write`` returns None: nothing taken, or all.
        :raises DataFileError: if it takes nothing, or says what cannot be.
        """
        cdef Py_ssize_t size = len(self.framed)
        while self.taken < size:
            rest = self.framed[self.taken:] if self.taken else self.framed
            self.sure = False
            written = write(rest)
            if written is None and not none_is_nothing:
                written = len(rest)
            if not written:
                self.sure = True
                raise DataFileError("the target takes no data now: use one that blocks")
            if not isinstance(written, int) or not 0 < written <= len(rest):
                raise DataFileError(f"the target says that it took {written!r} of {len(rest)} bytes")
            self.taken += written
            self.sure = True

    def go_on_at(self, Py_ssize_t taken):
        """The file has taken so many bytes, for sure."""
        self.taken = taken
        self.sure = True


cdef class BlockWriter:
    """Takes records, and has them written whenever they fill a block; used by one caller at a time.

    A record that was taken stays here, in the builder or in ``waiting``, until the file has it, whatever is
    raised meanwhile. A write that failed is tried again before another record is taken.

    :param advance: writes of ``waiting`` what is ready, the oldest first, and removes what is written.
    :param limit: bytes of records that make a block.
    :param most: records that make a block.
    :param marker: the file's sync marker, if its blocks are not compressed; None: ``advance`` frames them.
    :ivar waiting: a list of :class:`OutgoingBlock`; for callers that :meth:`hold` the writer.
    :ivar refusal: why nothing more is taken, or None.
    """

    cdef BlockBuilder block
    cdef BlocksBuilder frames    # holds rows of columns while the block is empty; None where blocks are compressed
    cdef readonly list waiting
    cdef public object advance
    cdef public int64_t limit
    cdef int64_t most
    cdef int64_t most_bytes     # of a block, as the limits have it
    cdef bytes marker
    cdef public object refusal
    cdef bint late              # something has to be caught up on before a record is taken
    cdef int busy
    cdef int generation

    def __cinit__(self, BlockBuilder block not None, int64_t limit, int64_t most, bytes marker=None, limits=None):
        self.block = block
        self.limit = limit
        self.most = most
        self.most_bytes = limits_in_force(limits).block_bytes
        self.marker = marker
        self.waiting = []
        self.generation = generation
        if marker is not None:
            self.frames = BlocksBuilder(marker, limits)

    @property
    def count(self):
        """Records of the block that is being filled."""
        return self.block.count

    @property
    def size(self):
        """Their bytes."""
        return self.block.size

    @property
    def unwritten(self):
        """Records that were taken and are not in the file, or not yet."""
        cdef int64_t count = self.block.count
        if self.frames is not None:
            count += self.frames.ended + self.frames.count
        for outgoing in self.waiting:
            count += (<OutgoingBlock>outgoing).count
        return count

    @property
    def is_foreign(self):
        """Whether this process is a child of the one that made the writer."""
        return self.generation != generation

    def append(self, value):
        """Take a record.

        :raises EncodeError: if it does not fit the schema; nothing of it is taken.
        :raises ValueError: if the writer is in use by another caller; nothing is taken.
        """
        self.enter()
        try:
            self.bring_up()
            self.take(value)
            if self.is_full():
                self.end_block()
            elif self.late:
                self.bring_up()
        finally:
            avrojet_vacate(&self.busy)

    def extend(self, values):
        """Take the records of an iterable.

        :raises EncodeError: at the first that does not fit, with its number; those before it are taken.
        """
        cdef int64_t number = 0
        cdef bint mine = False
        iterator = iter(values)
        self.settle()
        try:
            for value in iterator:
                self.enter()
                try:
                    self.bring_up()
                    mine = True
                    self.take(value)
                    mine = False
                    if self.is_full():
                        self.end_block()
                    elif self.late:
                        self.bring_up()
                finally:
                    avrojet_vacate(&self.busy)
                number += 1
                self.block.look()
        except Exception as error:
            if mine:
                add_number(error, number)
            raise
        self.end_call()

    def fill(self, encoder):
        """Take the rows of the array that a ColumnEncoder is bound to; :meth:`settle` after the last array.

        :raises EncodeError: at the first that does not fit, with its number; those before it are taken.
        """
        self.enter()
        try:
            if self.waiting:
                self.advance()
            # What stands in the frames goes before the block, which is empty as long as something does.
            while (self.frames is None or self.block.count) and encoder.fill(self.block, self.limit, self.most):
                self.end_block()
            if self.frames is not None and not self.block.count:
                self.late = True
                self.frames.empty_rows = self.block.empty_rows
                while encoder.fill_frames(self.frames, self.limit, self.most, WRITE_SIZE):
                    self.move_frames()
                    self.advance()
        finally:
            if self.frames is not None:
                self.block.empty_rows = min(self.block.empty_rows, self.frames.empty_rows)
            avrojet_vacate(&self.busy)

    def adopt(self, Py_ssize_t count, bytes data not None, place, at, int64_t empty_cost=0):
        """Take records that were encoded elsewhere, and move the place that they were found at, in one step.

        :param place: a :class:`avrojet.core.ground.exclusive.Place`.
        :param at: what it is after them.
        :param empty_cost: of each of them, if they have no bytes.
        :raises LimitError: if they have more bytes than a block may have, or there are too many of no bytes;
            nothing is taken.
        """
        cdef BlockBuilder block = self.block
        cdef Py_ssize_t size = len(data)
        self.enter()
        try:
            self.bring_up()
            if size > self.most_bytes:
                what = f"a record of {size} bytes"
                raise EncodeLimitError(exceeded("block_bytes", self.most_bytes, what), limit="block_bytes")
            block.spend(count, empty_cost)
            if block.count and block.sink.pos - block.sink.start + size > self.most_bytes:
                self.end_block()
            block.add_encoded(count, <const uint8_t*><const char*>data, size)
            place.at = at
            if self.is_full():
                self.end_block()
        finally:
            avrojet_vacate(&self.busy)

    def settle(self):
        """Write what is ready, and has not been written because of an exception."""
        self.enter()
        try:
            self.bring_up()
        finally:
            avrojet_vacate(&self.busy)

    def end_call(self):
        """After many records were taken: the same, where no other caller has done it or is about to.

        :raises DataFileError: in a child process.
        """
        if self.generation != generation:
            self.check()
        if avrojet_occupy(&self.busy):
            try:
                if self.refusal is None:
                    self.bring_up()
            finally:
                avrojet_vacate(&self.busy)

    def hold(self, work, bint refused=False):
        """Call ``work`` while no other caller can use the writer; returns its result.

        :param refused: also if there is a ``refusal``.
        """
        self.enter(refused)
        try:
            return work()
        finally:
            avrojet_vacate(&self.busy)

    def move(self):
        """Put all records so far into ``waiting``. For callers that hold the writer."""
        self.take_in_frames()
        if self.block.count:
            self.move_block()

    def clear(self):
        """Drop the records of the block that is being filled."""
        self.enter()
        self.block.empty()
        avrojet_vacate(&self.busy)

    cdef int enter(self, bint refused=False) except -1:
        """Refuse other callers, and calls that come too late."""
        if not (refused and self.generation == generation):
            self.check()
        if not avrojet_occupy(&self.busy):
            raise InUseError(
                "the writer is in use, by another thread or by code that it calls: each thread needs one of its own"
            )
        if self.refusal is not None and not refused:  # since it was looked at
            avrojet_vacate(&self.busy)
            self.check()
        return 0

    cdef int check(self) except -1:
        if self.generation != generation:
            raise DataFileError("the writer can be used only in the process that made it, not in a child process")
        if self.refusal is not None:
            raise DataFileError(self.refusal)
        return 0

    cdef int take(self, value) except -1:
        """Add a record to the block. A block has no more bytes than its readers allow."""
        cdef BlockBuilder block = self.block
        cdef Py_ssize_t mark = block.sink.pos - block.sink.start
        block.add(value)
        if block.sink.pos - block.sink.start > self.most_bytes:
            self.split_off(mark)
        return 0

    cdef int split_off(self, Py_ssize_t mark) except -1:
        """End the block before its last record, whose bytes begin at ``mark``; or take that out, if it is too long."""
        cdef BlockBuilder block = self.block
        cdef bytes record = block.collected()[mark:]
        block.sink.pos = block.sink.start + mark
        block.count -= 1
        if len(record) > self.most_bytes:
            what = f"a record of {len(record)} bytes"
            raise EncodeLimitError(exceeded("block_bytes", self.most_bytes, what), limit="block_bytes")
        if mark:
            self.late = True
            self.move_block()
        block.add_encoded(1, <const uint8_t*><const char*>record, len(record))
        return 0

    cdef bint is_full(self) noexcept:
        cdef BlockBuilder block = self.block
        return block.sink.pos - block.sink.start >= self.limit or block.count >= self.most

    cdef int end_block(self) except -1:
        """Have the block written, which is full."""
        self.late = True
        self.move_block()
        self.advance()
        self.late = False
        return 0

    cdef int bring_up(self) except -1:
        """Do what was not done because of an exception, before another record is taken."""
        if not self.late:
            return 0
        self.take_in_frames()
        if self.is_full():
            self.move_block()
        self.advance()
        self.late = False
        return 0

    # Each of these is done as a whole or not at all.

    cdef int move_block(self) except -1:
        cdef BlockBuilder block = self.block
        cdef OutgoingBlock outgoing = OutgoingBlock.__new__(OutgoingBlock, block.count)
        if self.marker is None:
            outgoing.data = block.collected()
        else:
            outgoing.framed = block.framed(self.marker)
        self.waiting.append(outgoing)
        block.empty()
        return 0

    cdef int move_frames(self) except -1:
        """The blocks without compression that are ended."""
        if self.frames.begin:
            self.waiting.append(OutgoingBlock.__new__(OutgoingBlock, self.frames.ended, None, self.frames.whole()))
            self.frames.drop_whole()
        return 0

    cdef int take_in_frames(self) except -1:
        """All that columns have left in the frames; the block is empty as long as there is something."""
        cdef BlocksBuilder frames = self.frames
        if frames is None:
            return 0
        self.move_frames()
        if frames.count:
            self.block.add_encoded(
                frames.count, frames.sink.start + frames.values(), frames.sink.pos - frames.sink.start - frames.values()
            )
            frames.drop_rest()
        return 0
