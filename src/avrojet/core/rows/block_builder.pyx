"""Encoded values, collected until they fill a block of a container file."""

from cpython.exc cimport PyErr_CheckSignals
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memcpy

from avrojet.core.ground.objects cimport PyBytes_AS_STRING, new_bytes
from avrojet.core.ground.sink cimport *
from avrojet.core.plan.datum cimport ensure_frozen
from avrojet.core.plan.plan cimport Plan
from avrojet.core.rows.encode cimport encode_datum
from avrojet.core.rows.encode_errors cimport encode_error
from avrojet.errors import tell_place

cdef extern from "capi.h":
    bint avrojet_occupy(int*)
    void avrojet_vacate(int*)

cdef enum:
    SIGNAL_ROWS = 4096          # rows between checks for Ctrl-C, however short
    MOST_HEAD = 20              # bytes before the values of a block: two longs


cdef class BlockBuilder:
    """Collects encoded values. A value that does not fit leaves nothing behind. Not thread-safe.

    :param plan: of the schema, frozen for encoding.
    :param options: of the encoder, as bits.
    """

    def __cinit__(self, Plan plan not None, int options):
        # First, as __dealloc__ frees the sink whatever fails here.
        sink_init(&self.sink, options)
        self.plan = ensure_frozen(plan)
        self.empty_rows = self.plan.bounds.empty_items

    def __dealloc__(self):
        sink_free(&self.sink)

    @property
    def size(self):
        """Bytes collected since the last :meth:`take`."""
        return self.sink.pos - self.sink.start

    def append(self, value):
        """Encode and append one value.

        :raises EncodeError: if it does not fit the schema; the block is unchanged.
        """
        self.occupy()
        try:
            self.add(value)
        finally:
            avrojet_vacate(&self.busy)

    def extend(self, iterator, int64_t limit):
        """Append values of an iterator until the block has ``limit`` bytes.

        :returns: True if the limit was reached, False if the iterator is exhausted.
        :raises EncodeError: as in :meth:`append`, with the value's index, counted from 0; the values before it stay,
            and the iterator can be continued.
        """
        cdef Sink* s = &self.sink
        cdef int64_t number = 0
        cdef bint mine = False
        try:
            for value in iterator:
                mine = True
                self.occupy()
                try:
                    self.add(value)
                finally:
                    avrojet_vacate(&self.busy)
                mine = False
                number += 1
                if s.pos - s.start >= limit:
                    return True
                self.look()
        except Exception as error:
            if mine:
                add_number(error, number)
            raise
        return False

    def adopt(self, Py_ssize_t count, bytes data not None):
        """Append values that were encoded elsewhere."""
        self.occupy()
        try:
            self.add_encoded(count, <const uint8_t*><const char*>data, len(data))
        finally:
            avrojet_vacate(&self.busy)

    def take(self):
        """Return the collected bytes, and empty the block."""
        self.occupy()
        try:
            data = self.collected()
            self.empty()
            return data
        finally:
            avrojet_vacate(&self.busy)

    # For callers that ensure that no one else uses the block.

    cdef int add(self, value) except -1:
        """Like :meth:`append`."""
        cdef Sink* s = &self.sink
        cdef Py_ssize_t mark = s.pos - s.start
        if not encode_datum(self.plan, <PyObject*>value, s) or not self.count_row(mark):
            s.pos = s.start + mark
            raise encode_error(s)
        self.count += 1
        return 0

    cdef int add_encoded(self, Py_ssize_t count, const uint8_t* data, Py_ssize_t size) except -1:
        """Like :meth:`adopt`."""
        cdef Sink* s = &self.sink
        sink_renew(s, &self.plan.bounds)
        s.most += size
        if not sink_reserve(s, size):
            raise MemoryError
        memcpy(s.pos, data, size)
        s.pos += size
        self.count += count
        return 0

    cdef bytes collected(self):
        """The values' bytes."""
        return new_bytes(<const char*>self.sink.start, self.sink.pos - self.sink.start)

    cdef bytes framed(self, bytes sync_marker):
        """The block in the form of an uncompressed file, made with one copy.

        Specification: Object Container Files.
        """
        cdef Sink* s = &self.sink
        cdef Py_ssize_t size = s.pos - s.start
        cdef Py_ssize_t head
        cdef char* out
        # The header is written after the values for a moment, where there is room.
        s.most = size + MOST_HEAD
        if not (put_long(s, self.count) and put_long(s, size)):
            s.pos = s.start + size
            raise MemoryError
        head = s.pos - s.start - size
        s.pos = s.start + size
        made = new_bytes(NULL, head + size + len(sync_marker))
        out = <char*>PyBytes_AS_STRING(<PyObject*>made)
        memcpy(out, s.pos, head)
        memcpy(out + head, s.start, size)
        memcpy(out + head + size, <const char*>sync_marker, len(sync_marker))
        return made

    cdef int spend(self, Py_ssize_t count, int64_t cost) except -1:
        """Account for records of no bytes that were encoded elsewhere; ``cost`` is for each of them."""
        if cost and count > self.empty_rows // cost:
            sink_renew(&self.sink, &self.plan.bounds)
            self.sink.error = WRITE_EMPTY_ITEMS
            raise encode_error(&self.sink)
        self.empty_rows -= count * cost
        return 0

    cdef bint count_row(self, Py_ssize_t mark) noexcept:
        """Count a row of no bytes: readers limit them per file, and one builder makes one file."""
        cdef Sink* s = &self.sink
        cdef int64_t cost = self.plan.bounds.empty_items - s.empty_items + 1
        if s.pos - s.start > mark:
            return True
        if cost > self.empty_rows:
            s.error = WRITE_EMPTY_ITEMS
            return False
        self.empty_rows -= cost
        return True

    cdef void empty(self) noexcept:
        self.sink.pos = self.sink.start
        self.sink.look = LOOK_BYTES
        self.count = 0

    cdef int look(self) except -1:
        """Run the handlers of pending signals, if many values were added since the last check."""
        cdef Sink* s = &self.sink
        if s.pos - s.start > s.look or self.count % SIGNAL_ROWS == 0:
            s.look = s.pos - s.start + LOOK_BYTES
            PyErr_CheckSignals()
        return 0

    cdef int occupy(self) except -1:
        if not avrojet_occupy(&self.busy):
            raise RuntimeError("a block is already being written, by a value's own code or by another thread")
        return 0


cdef int add_number(object error, int64_t number) except -1:
    """Add to an error the index of the value that it is about."""
    if isinstance(error, Exception):
        tell_place(error, f"record {number}", row=number)
    else:
        error.add_note(f"in record {number}")
    return 0
