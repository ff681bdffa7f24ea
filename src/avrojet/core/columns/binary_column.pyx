"""A column of messages, one datum each, to columns: without the GIL and without an object for each message."""

from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memset

from avrojet.core.arrow.consumer cimport ArrowData
from avrojet.core.columns.column cimport *
from avrojet.core.columns.column_set cimport ColumnSet, fault_error
from avrojet.core.ground.cursor cimport *
from avrojet.core.columns.decode_columns cimport Run, fill_rows
from avrojet.core.arrow.array_reader cimport *
from avrojet.errors import DecodeError, TruncatedError


cdef enum Failure:
    FAILED_NOT
    FAILED_MESSAGE              # the cursor says why
    FAILED_ARRAY                # the output says why
    FAILED_NULL
    FAILED_SHORT
    FAILED_LONG


cdef struct Reading:
    # What is read, and where it failed.
    int failure
    int64_t row
    const uint8_t* data
    int64_t size
    Cursor cursor
    Output out


cdef class MessageReader(Puts):
    """Decodes the values of arrays of bytes.

    :param plan: an ``avrojet.plan.arrow.encoding.Put`` of bytes, or of a record with the only column.
    """

    def fill(self, ColumnSet columns not None, int64_t prefix):
        """Decode the messages of the bound array into new rows, each from ``prefix`` on.

        :returns: None, or where it failed: number of the message, its bytes (None for a null), the error.
        """
        cdef Reading reading
        cdef int64_t before = columns.root.length
        cdef bint done
        with nogil:
            done = read_messages(self, columns, prefix, &reading, False)
            if not done and reading.cursor.error == FAULT_VALUE and reading.failure == FAILED_MESSAGE:
                # Text is checked at the end: message by message it is found where it is.
                column_cut(columns.root, before)
                done = read_messages(self, columns, prefix, &reading, True)
        if not done:
            return self.before + reading.row, shown(&reading), failure_error(columns, &reading, prefix)


cdef bint read_messages(MessageReader reader, ColumnSet columns, int64_t prefix, Reading* reading, bint each) noexcept nogil:
    cdef Put* p = reader.root.kids if reader.root.op == PUT_RECORD else reader.root
    cdef Column* root = columns.root
    cdef int64_t count = reader.data.array.length
    cdef int fault
    memset(reading, 0, sizeof(Reading))
    reading.failure = FAILED_MESSAGE
    fault = column_reserve(root, count, 0)
    if fault:
        return cur_fail(&reading.cursor, fault)
    for reading.row in range(count):
        if not read_message(p, columns, prefix, reading):
            return False
        if each and not column_check_text(root, root.length):
            return cur_fail(&reading.cursor, FAULT_VALUE)
    return column_check_text(root, root.length) or cur_fail(&reading.cursor, FAULT_VALUE)


cdef inline bint read_message(Put* p, ColumnSet columns, int64_t prefix, Reading* reading) noexcept nogil:
    cdef Column* root = columns.root
    cdef const uint8_t* pos
    cdef Run run
    reading.data = NULL
    if p.validity != NULL and not bit(p.validity, reading.row + p.shift):
        return fail(reading, FAILED_NULL)
    reading.data = find_bytes(p, reading.row, &reading.size, &reading.out)
    if reading.data == NULL:
        return fail(reading, FAILED_ARRAY)
    if reading.size < prefix:
        return fail(reading, FAILED_SHORT)
    cur_init(&reading.cursor, reading.data + prefix, reading.size - prefix, &columns.program.plan.bounds)
    run.end = reading.cursor.end
    run.value_bytes = reading.cursor.value_bytes
    run.damaged = 0
    run.cursor = &reading.cursor
    pos = fill_rows(columns.program.ops, reading.cursor.pos, root.length, 1, &run)
    if pos == NULL:
        if run.damaged == 2:
            return cur_fail(&reading.cursor, READ_TRUNCATED)
        if run.damaged:
            cur_fail(&reading.cursor, FAULT_DATA)
        return False
    if pos != run.end:
        reading.cursor.pos = pos
        return fail(reading, FAILED_LONG)
    root.length += 1
    return True


cdef bint fail(Reading* reading, int failure) noexcept nogil:
    reading.failure = failure
    return False


cdef bytes shown(Reading* reading):
    if reading.data == NULL:
        return None
    return (<const char*>reading.data)[:reading.size]


cdef object failure_error(ColumnSet columns, Reading* reading, int64_t prefix):
    cdef Cursor* c = &reading.cursor
    if reading.failure == FAILED_ARRAY:
        return misfit_error(&reading.out, reading.row, DecodeError)
    if reading.failure == FAILED_NULL:
        return DecodeError("null is no message: leave it out")
    if reading.failure == FAILED_SHORT:
        return TruncatedError(f"{reading.size} bytes, of which the first {prefix} are to be left out")
    if reading.failure == FAILED_LONG:
        end = c.pos - c.start
        return DecodeError(f"at byte {end}: {c.end - c.pos} bytes follow the datum", offset=end)
    return fault_error(columns, c, "the datum")
