"""Records on their way into a container file: collected in blocks, and kept until they are written.

An exception can come between any two steps of Python code: Ctrl-C, a timeout, a file that fails. Work that
must not be interrupted is one step here: no signal handler runs during it.
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
    # Bytes of uncompressed blocks that are written at once: the system takes them faster than single ones.
    WRITE_SIZE = 262144

# The number of forks between the first process and this one: a writer works only in the process that made it.
cdef int generation = 0


def _forked():
    global generation
    generation += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class InUseError(ValueError):
    """Another caller is using the writer."""


cdef class OutgoingBlock:
    """One or several consecutive blocks to be written to a file.

    :ivar count: number of records.
    :ivar data: their bytes, if they are still to be compressed.
    :ivar task: the task of a thread that makes `framed`, or None.
    :ivar framed: the bytes to write; None before they are compressed.
    :ivar start: their offset in the file, -1 before it is known.
    :ivar taken: how many of them have been written,
    :ivar sure: and whether that is certain: it is not after a call of ``write`` that raised.
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
        """Whether all of it has been written."""
        return self.framed is not None and self.taken == len(self.framed)

    def write_to(self, write, bint none_is_nothing):
        """Call ``write`` until all remaining bytes are written.

        :param none_is_nothing: what None returned by ``write`` means: nothing was taken, or all.
        :raises DataFileError: if it takes nothing, or returns an impossible number.
        """
        cdef Py_ssize_t size = len(self.framed)
        while self.taken < size:
            rest = self.framed[self.taken:] if self.taken else self.framed
            self.sure = False
            written = write(rest)
            if written is None and not none_is_nothing:
                written = len(rest)
            # A bool says whether, not how many.
            if written is None or (written == 0 and not isinstance(written, bool)):
                self.sure = True
                raise DataFileError("the target takes no data now: use one that blocks")
            if not isinstance(written, int) or isinstance(written, bool) or not 0 < written <= len(rest):
                raise DataFileError(f"the target says that it took {written!r} of {len(rest)} bytes")
            self.taken += written
            self.sure = True

    def go_on_at(self, Py_ssize_t taken):
        """Note how many bytes have been written, with certainty."""
        self.taken = taken
        self.sure = True


cdef class BlockWriter:
    """Takes records, and has them written whenever they fill a block; for one caller at a time.

    A record that was taken stays here, in the builder or in ``waiting``, until it is written, whatever exceptions
    come. A write that failed is tried again before another record is taken.

    :param advance: writes the blocks of ``waiting`` that are ready, oldest first, and removes those written.
    :param limit: bytes of records that make a block.
    :param most: number of records that make a block.
    :param marker: the file's sync marker, if its blocks are not compressed; None: ``advance`` frames them.
    :ivar waiting: a list of :class:`OutgoingBlock`; for callers that :meth:`hold` the writer.
    :ivar refusal: why nothing more is taken, or None.
    """

    cdef BlockBuilder block
    cdef BlocksBuilder frames    # holds rows of columns while the block is empty; None if blocks are compressed
    cdef readonly list waiting
    cdef public object advance
    cdef public int64_t limit
    cdef int64_t most
    cdef int64_t most_bytes     # of a block, by the limits
    cdef bytes marker
    cdef public object refusal
    cdef int64_t moved          # records that were ever in `waiting`
    cdef bint late              # unfinished work must be done before a record is taken
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
        """Number of records in the block being filled."""
        return self.block.count

    @property
    def size(self):
        """Their size in bytes."""
        return self.block.size

    @property
    def taken(self):
        """Number of records taken so far, in the file or not."""
        return self.moved + self.collected()

    @property
    def unwritten(self):
        """Number of records taken that are not, or not yet, in the file."""
        cdef int64_t count = self.collected()
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
        :raises ValueError: if another caller is using the writer; nothing is taken.

        If it is taken, and writing then fails, the exception has a note that says so.
        """
        self.enter()
        try:
            self.bring_up()
            self.take(value)
            if self.late or self.is_full():
                self.write_taken(1)
        finally:
            avrojet_vacate(&self.busy)

    def append_encoded(self, bytes data not None):
        """As :meth:`append`, for a record that was encoded elsewhere.

        :raises LimitError: if it has more bytes than a block may have.
        """
        self.enter()
        try:
            self.bring_up()
            self.take_encoded(1, data, 0)
            if self.late or self.is_full():
                self.write_taken(1)
        finally:
            avrojet_vacate(&self.busy)

    def extend(self, values):
        """Take the records of an iterable: all that it has handed out, but one that does not fit.

        :raises EncodeError: at the first that does not fit, with its index; those before it are taken.

        If writing fails, the exception has a note that says how many are taken.
        """
        cdef int64_t number = 0
        cdef bint mine = False
        iterator = iter(values)
        self.settle()
        try:
            for value in iterator:
                self.enter()
                try:
                    if self.late:
                        self.take_in_frames()
                    mine = True
                    self.take(value)
                    mine = False
                    number += 1
                    if self.late or self.is_full():
                        self.write_taken(number)
                finally:
                    avrojet_vacate(&self.busy)
                self.block.look()
        except Exception as error:
            if mine:
                add_number(error, number)
            raise
        self.end_call()

    def fill(self, encoder):
        """Take the rows of the array that a ColumnEncoder is bound to; call :meth:`settle` after the last array.

        :raises EncodeError: at the first that does not fit, with its index; those before it are taken.
        """
        self.enter()
        try:
            if self.waiting:
                self.advance()
            # Rows in the frames come before the block, which stays empty as long as there are any.
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
        """Take records that were encoded elsewhere, and move the place where they were found, in one step.

        :param place: a :class:`avrojet.core.ground.exclusive.Place`.
        :param at: its position after them.
        :param empty_cost: what each of them costs, if they have no bytes.
        :raises LimitError: if they have more bytes than a block may have, or too many have no bytes; nothing is
            taken.
        """
        self.enter()
        try:
            self.bring_up()
            self.take_encoded(count, data, empty_cost)
            place.at = at
            if self.is_full():
                self.end_block()
        finally:
            avrojet_vacate(&self.busy)

    def settle(self):
        """Write what is ready but was not written because of an exception."""
        self.enter()
        try:
            self.bring_up()
        finally:
            avrojet_vacate(&self.busy)

    def end_call(self):
        """The same after many records were taken, unless another caller has done it or is about to.

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

        :param refused: even if there is a ``refusal``.
        """
        self.enter(refused)
        try:
            return work()
        finally:
            avrojet_vacate(&self.busy)

    def move(self):
        """Move all records so far to ``waiting``. For callers that hold the writer."""
        self.take_in_frames()
        if self.block.count:
            self.move_block()

    def put(self, OutgoingBlock outgoing not None):
        """Add a block to ``waiting``. For callers that hold the writer."""
        self.add_waiting(outgoing)

    def clear(self):
        """Drop the records of the block being filled."""
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
        if self.refusal is not None and not refused:  # set since the check
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
        """Add a record to the block, which may not have more bytes than its readers allow."""
        cdef BlockBuilder block = self.block
        cdef Py_ssize_t mark = block.sink.pos - block.sink.start
        block.add(value)
        if block.sink.pos - block.sink.start > self.most_bytes:
            self.split_off(mark)
        return 0

    cdef int take_encoded(self, Py_ssize_t count, bytes data, int64_t empty_cost) except -1:
        """Add records that were encoded elsewhere to the block."""
        cdef BlockBuilder block = self.block
        cdef Py_ssize_t size = len(data)
        if size > self.most_bytes:
            what = f"a record of {size} bytes"
            raise EncodeLimitError(exceeded("block_bytes", self.most_bytes, what), limit="block_bytes")
        block.spend(count, empty_cost)
        if block.count and block.sink.pos - block.sink.start + size > self.most_bytes:
            self.end_block()
        block.add_encoded(count, <const uint8_t*><const char*>data, size)
        return 0

    cdef int split_off(self, Py_ssize_t mark) except -1:
        """End the block before its last record, whose bytes begin at ``mark``; or drop that, if it is too long."""
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

    cdef int64_t collected(self) noexcept:
        """Number of records that are not in ``waiting`` yet."""
        cdef int64_t count = self.block.count
        if self.frames is not None:
            count += self.frames.ended + self.frames.count
        return count

    cdef bint is_full(self) noexcept:
        cdef BlockBuilder block = self.block
        return block.sink.pos - block.sink.start >= self.limit or block.count >= self.most

    cdef int write_taken(self, int64_t count) except -1:
        """Have the block written if it is full, and do what an exception has prevented.

        :param count: the records that the call has taken so far, for a note on an exception.
        """
        try:
            if self.is_full():
                self.end_block()
            else:
                self.bring_up()
        except BaseException as error:
            note_taken(error, count)
            raise
        return 0

    cdef int end_block(self) except -1:
        """Have the block written, as it is full."""
        self.late = True
        self.move_block()
        self.advance()
        self.late = False
        return 0

    cdef int bring_up(self) except -1:
        """Do what an exception has prevented, before another record is taken."""
        if not self.late:
            return 0
        self.take_in_frames()
        if self.is_full():
            self.move_block()
        self.advance()
        self.late = False
        return 0

    # Each of these is done completely or not at all.

    cdef int add_waiting(self, OutgoingBlock outgoing) except -1:
        self.waiting.append(outgoing)
        self.moved += outgoing.count
        return 0

    cdef int move_block(self) except -1:
        cdef BlockBuilder block = self.block
        cdef OutgoingBlock outgoing = OutgoingBlock.__new__(OutgoingBlock, block.count)
        if self.marker is None:
            outgoing.data = block.collected()
        else:
            outgoing.framed = block.framed(self.marker)
        self.add_waiting(outgoing)
        block.empty()
        return 0

    cdef int move_frames(self) except -1:
        """Move the finished uncompressed blocks to ``waiting``."""
        if self.frames.begin:
            self.add_waiting(OutgoingBlock.__new__(OutgoingBlock, self.frames.ended, None, self.frames.whole()))
            self.frames.drop_whole()
        return 0

    cdef int take_in_frames(self) except -1:
        """Take in all rows that columns have left in the frames; the block is empty while there are any."""
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


def note_taken(error, int64_t count):
    """Note on an exception how many records its call has taken, if any."""
    if count:
        taken = "1 record of this call was" if count == 1 else f"{count} records of this call were"
        error.add_note(f"{taken} taken: do not give them again")
