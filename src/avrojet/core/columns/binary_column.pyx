"""Messages, one datum each, to columns, without the GIL: from an Arrow column or from Python objects.

If a message fails, only its index is recorded. To find out why, decode it by itself.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_RawFree, PyMem_RawRealloc
from libc.stdint cimport INT32_MAX, int64_t, uint8_t
from libc.string cimport memset

from avrojet.core.arrow.array_reader cimport *
from avrojet.core.arrow.consumer cimport ArrowData
from avrojet.core.columns.column cimport *
from avrojet.core.columns.column_set cimport ColumnSet, fault_error
from avrojet.core.columns.decode_columns cimport Run, fill_rows, run_failed, run_init
from avrojet.core.ground.cursor cimport *
from avrojet.errors import DecodeError


cdef enum Policy:
    # What happens to a message that fails.
    STOP                        # reading ends
    NULL_ROW
    LEAVE_OUT

cdef dict POLICIES = {"raise": STOP, "null": NULL_ROW, "skip": LEAVE_OUT}

cdef enum:
    # Messages that are found at once.
    SLICES = 64
    # Values of no bytes that take as long as one byte.
    EMPTY_PER_BYTE = 16


cdef struct Slice:
    # The bytes of a message; NULL: there is no message.
    const uint8_t* data
    int64_t size


cdef struct Reading:
    # Parameters and results of reading messages.
    int64_t prefix
    int64_t least               # fewest bytes of a message, including its prefix
    int64_t most_nulls
    Policy policy
    bint check_each             # check text per message, instead of for all messages together
    int64_t* failed             # indices of the messages that have failed
    int64_t failures
    int64_t room
    int64_t nulls               # number of rows of nulls
    int64_t work                # bytes that may be read before the next check for Ctrl-C
    const Column* column        # the column with the cursor's error
    Cursor cursor


cdef class Messages:
    """A sequence of messages."""

    cdef int64_t count
    cdef readonly int64_t nulls

    cdef bint find(self, int64_t first, int64_t count, Slice* slices) noexcept nogil:
        """Find some of the messages; False if they cannot be found."""
        return False

    cdef object nowhere(self):
        """The error for messages that cannot be found."""

    def __len__(self):
        return self.count

    def message(self, int64_t number):
        """The bytes of a message, or None."""
        cdef Slice slice
        if not 0 <= number < self.count:
            raise IndexError(f"message {number} of {self.count}")
        if not self.find(number, 1, &slice):
            raise self.nowhere()
        return None if slice.data == NULL else (<const char*>slice.data)[:slice.size]

    def fill(self, ColumnSet columns not None, int64_t prefix, policy):
        """Decode the messages into new rows, each from ``prefix`` on; a missing message becomes a row of nulls.

        :param policy: ``"raise"``: end at the first message that fails; ``"null"``: make a row of nulls instead;
            ``"skip"``: make none.
        :returns: the indices of the messages that failed; ``nulls`` are the rows of nulls.
        :raises LimitError: if a column becomes too large.
        """
        cdef Reading reading
        cdef int64_t before = columns.root.length
        cdef bint done
        memset(&reading, 0, sizeof(Reading))
        reading.prefix = prefix
        reading.policy = POLICIES[policy]
        try:
            with nogil:
                done = read_messages(self, columns, &reading)
                if not done and reading.cursor.error == READ_UNFIT:
                    # Some text is not UTF-8: check message by message to find it.
                    column_cut(columns.root, before, columns.root.length)
                    reading.check_each = True
                    done = read_messages(self, columns, &reading)
            if not done:
                column_cut(columns.root, before, columns.root.length)
                raise self.nowhere() or fault_error(&reading.cursor, "the datum", -1, columns.place(reading.column))
            self.nulls = reading.nulls
            return [reading.failed[i] for i in range(reading.failures)]
        finally:
            PyMem_RawFree(reading.failed)


cdef bint read_messages(Messages messages, ColumnSet columns, Reading* reading) noexcept nogil:
    """Returns False if reading ended early other than by a message's failure: with the cursor's error, or without
    one if some messages cannot be found."""
    cdef Slice slices[SLICES]
    cdef Column* root = columns.root
    cdef int64_t first = 0
    cdef int64_t some, i
    cdef int fault
    cur_init(&reading.cursor, NULL, 0, &columns.program.plan.bounds)
    reading.least = reading.prefix + columns.program.plan.root.min_bytes
    reading.most_nulls = INT32_MAX // max(column_row_bytes(root), <int64_t>1)
    reading.failures = reading.nulls = 0
    reading.work = LOOK_BYTES
    while first < messages.count:
        some = min(messages.count - first, <int64_t>SLICES)
        if not messages.find(first, some, slices):
            return False
        fault = column_reserve(root, some_rows(slices, some, reading), root.length + messages.count - first)
        if fault:
            return cur_fail(&reading.cursor, fault)
        for i in range(some):
            if not read_message(columns, &slices[i], first + i, reading):
                return reading.cursor.error == READ_OK and check_text(root, reading)
        first += some
    return check_text(root, reading)


cdef bint check_text(Column* root, Reading* reading) noexcept nogil:
    return column_check_text(root, root.length) or cur_fail(&reading.cursor, READ_UNFIT)


cdef int64_t some_rows(const Slice* slices, int64_t count, const Reading* reading) noexcept nogil:
    """The most rows that some messages make: those that are too short make none."""
    cdef int64_t rows = 0
    cdef int64_t i
    for i in range(count):
        rows += slices[i].data == NULL or slices[i].size >= reading.least or reading.policy == NULL_ROW
    return rows


cdef inline bint read_message(ColumnSet columns, const Slice* slice, int64_t number, Reading* reading) noexcept nogil:
    """Add a message's row. False with the cursor's error if reading cannot go on; False without one if it must
    end."""
    cdef Column* root = columns.root
    if slice.data == NULL:
        return add_null(root, reading)
    if read_datum(columns, slice, reading):
        root.length += 1
        return spend(reading, slice.size, columns.program.plan.bounds.empty_items)
    column_cut(root, root.length, root.length + 1)
    if reading.cursor.error == READ_MEMORY or reading.cursor.error == READ_FULL:
        return False
    reading.cursor.error = READ_OK
    if not note_failure(reading, number) or reading.policy == STOP:
        return False
    if reading.policy == NULL_ROW and not add_null(root, reading):
        return False
    return spend(reading, slice.size, columns.program.plan.bounds.empty_items)


cdef inline bint read_datum(ColumnSet columns, const Slice* slice, Reading* reading) noexcept nogil:
    cdef Cursor* c = &reading.cursor
    cdef Column* root = columns.root
    cdef const uint8_t* pos
    cdef Run run
    if slice.size < reading.least:
        return cur_fail(c, READ_TRUNCATED)
    cur_init(c, slice.data + reading.prefix, slice.size - reading.prefix, &columns.program.plan.bounds)
    run_init(&run, c)
    pos = fill_rows(columns.program.ops, c.pos, root.length, 1, &run)
    if pos == NULL:
        reading.column = run.column
        return run_failed(&run, c)
    if pos != run.end:
        return cur_fail(c, READ_MALFORMED)
    return not reading.check_each or column_check_text(root, root.length + 1) or cur_fail(c, READ_UNFIT)


cdef inline bint add_null(Column* root, Reading* reading) noexcept nogil:
    """Rows of nulls take no input, and so are limited by number."""
    if reading.nulls >= reading.most_nulls:
        return cur_fail(&reading.cursor, READ_FULL)
    column_null(root, root.length)
    root.length += 1
    reading.nulls += 1
    return True


cdef inline bint spend(Reading* reading, int64_t size, int64_t empty_items) noexcept nogil:
    """Account for a message; False if it was time to check for Ctrl-C, and a signal handler has raised."""
    reading.work -= size + 1 + (empty_items - reading.cursor.empty_items) // EMPTY_PER_BYTE
    if expected(reading.work > 0):
        return True
    reading.work = LOOK_BYTES
    return cur_signals_nogil(&reading.cursor)


cdef bint note_failure(Reading* reading, int64_t number) noexcept nogil:
    cdef int64_t* larger
    if reading.failures == reading.room:
        reading.room = 2 * reading.room + 8
        larger = <int64_t*>PyMem_RawRealloc(reading.failed, reading.room * sizeof(int64_t))
        if larger == NULL:
            return cur_fail(&reading.cursor, READ_MEMORY)
        reading.failed = larger
    reading.failed[reading.failures] = number
    reading.failures += 1
    return True


# In an Arrow column

cdef class MessageColumn(Messages):
    """The values of an array of bytes.

    :param reader: of bytes, or of a record with that as its only column, bound to the array.
    """

    cdef ArrayReader reader
    cdef ArrowData data
    cdef ArrowNode* values
    cdef Output out

    def __cinit__(self, ArrayReader reader not None):
        self.reader = reader
        self.data = reader.data
        self.values = reader.root.children if reader.root.op == ARROW_RECORD else reader.root
        self.count = self.data.array.length

    cdef bint find(self, int64_t first, int64_t count, Slice* slices) noexcept nogil:
        cdef const ArrowNode* p = self.values
        cdef int64_t i
        for i in range(count):
            if p.validity != NULL and not bit(p.validity, first + i + p.shift):
                slices[i].data = NULL
                continue
            slices[i].data = find_bytes(p, first + i, &slices[i].size, &self.out)
            if slices[i].data == NULL:
                self.out.number = first + i
                return False
        return True

    cdef object nowhere(self):
        if self.out.at == NULL:
            return None
        return output_error(&self.out, self.reader.before + self.out.number, DecodeError)


# Python's objects

cdef class MessageList(Messages):
    """Bytes, or other contiguous buffers, which are held as long as this exists; None for no message.

    :param messages: an iterable of them.
    """

    cdef list held
    cdef Slice* slices
    cdef Py_buffer* views       # of messages that are not bytes
    cdef Py_ssize_t exported

    def __cinit__(self, messages):
        cdef Py_ssize_t count
        self.held = list(messages)
        count = len(self.held)
        self.slices = <Slice*>PyMem_Malloc(count * sizeof(Slice) + 1)
        if self.slices == NULL:
            raise MemoryError
        while self.count < count:
            self.take(self.held[self.count], count)
            self.count += 1

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.exported):
            PyBuffer_Release(&self.views[i])
        PyMem_Free(self.views)
        PyMem_Free(self.slices)

    cdef int take(self, message, Py_ssize_t count) except -1:
        """Add a message. Plain bytes cannot change, and need no export."""
        cdef Slice* slice = &self.slices[self.count]
        if PyBytes_CheckExact(message):
            slice.data = <const uint8_t*>PyBytes_AS_STRING(message)
            slice.size = PyBytes_GET_SIZE(message)
        elif message is None:
            slice.data = NULL
        else:
            self.export(message, slice, count)
        return 0

    cdef int export(self, message, Slice* slice, Py_ssize_t count) except -1:
        cdef Py_buffer* view
        if self.views == NULL:
            self.views = <Py_buffer*>PyMem_Malloc(count * sizeof(Py_buffer))
            if self.views == NULL:
                raise MemoryError
        view = &self.views[self.exported]
        try:
            PyObject_GetBuffer(message, view, PyBUF_SIMPLE)
        except (TypeError, BufferError) as error:
            raise TypeError(
                f"message {self.count}: expected bytes, another contiguous buffer or None, "
                f"not {type(message).__name__} ({error})"
            ) from None
        self.exported += 1
        slice.data = <const uint8_t*>view.buf if view.len else <const uint8_t*>b""
        slice.size = view.len
        return 0

    cdef bint find(self, int64_t first, int64_t count, Slice* slices) noexcept nogil:
        cdef int64_t i
        for i in range(count):
            slices[i] = self.slices[first + i]
        return True
