"""Columns of one batch after the other, filled from Python."""

from libc.stdint cimport int64_t, intptr_t, uint8_t

from avrojet.core.ground.buffer cimport Held, hold, let_go
from avrojet.core.columns.column cimport *
from avrojet.core.ground.cursor cimport *
from avrojet.core.columns.decode_columns cimport Run, fill_rows
from avrojet.core.files.container_blocks cimport FRAME_WHOLE, Frame, frame_at
from avrojet.core.plan.plan cimport Plan
from avrojet.core.columns.compile_columns cimport compile_program
from avrojet.errors import DecodeError, LimitError, TruncatedError


cdef class ColumnSet:
    """Columns that rows are added to. Not safe to share between threads; plans are.

    :param plan: frozen with the branches of unions tagged, and without converters.
    :param layout: the columns of the reader's schema, an ``avrojet.plan.arrow.layout.Column``.
    :param wrapped: values are not records, and go to the only column.
    """

    def __init__(self, Plan plan not None, layout, bint wrapped):
        cdef Column* root = column_new(layout)
        if self.root != NULL:
            column_free(self.root)
        self.root = root
        self.layout = layout
        if wrapped:
            self.program = compile_program(plan, &root.kids[0], layout.kids[0])
        else:
            self.program = compile_program(plan, root, layout)

    def __dealloc__(self):
        if self.root != NULL:
            column_free(self.root)

    @property
    def rows(self):
        """Rows in the batch so far."""
        return self.root.length

    @property
    def bytes(self):
        """Bytes that they were decoded from."""
        return self.taken

    def fill(self, data, Py_ssize_t count, Py_ssize_t offset, int64_t aim):
        """Decode ``count`` data that follow one another from ``offset`` into new rows: all, or none.

        :param aim: rows that the batch is going to have, as far as is known.
        :returns: the offset just behind the last one.
        :raises DecodeError: if the bytes are not that; where is not told.
        """
        cdef Cursor c
        cdef Held held
        cdef int64_t before = self.root.length
        cdef int64_t row = 0
        cdef bint done
        hold(data, &held)
        try:
            if offset < 0 or offset > held.size or count < 0:
                raise ValueError(f"{count} rows at byte {offset} of {held.size}")
            cur_init(&c, held.data, held.size, &self.program.plan.bounds)
            c.pos += offset
            with nogil:
                done = add_rows(self, &c, count, aim, &row)
                if not done:
                    column_cut(self.root, before)
            if not done:
                raise fault_error(self, &c, f"datum {row - before}")
            self.taken = (self.taken if before else 0) + (c.pos - c.start) - offset
            return c.pos - c.start
        finally:
            let_go(&held)

    def fill_run(self, data, Py_ssize_t offset, int64_t rows, Py_ssize_t size, int64_t aim):
        """Decode blocks, as they stand one after the other in a file without compression, into new rows.

        Ends before the block that needs a closer look: that does not fit, or that :meth:`fill` would not take.

        :param data: of a ``Run``, whose first block begins at ``offset``.
        :param rows: that the batch may have; and
        :param size: bytes that they may be decoded from.
        :param aim: rows that the batch is going to have, as far as is known.
        :returns: the number of blocks taken and the offset behind them.
        """
        cdef Held held
        cdef const uint8_t* pos
        cdef int64_t blocks = 0
        hold(data, &held)
        try:
            if not 0 <= offset <= held.size:
                raise ValueError(f"byte {offset} of {held.size}")
            pos = held.data + offset
            with nogil:
                while pos < held.data + held.size and add_frame(self, &pos, held.data + held.size, rows, size, aim):
                    blocks += 1
            return blocks, pos - held.data
        finally:
            let_go(&held)

    def append(self, data, Py_ssize_t offset=0):
        """Decode the datum from ``offset`` to the end of the data into a new row; errors as :meth:`fill`."""
        cdef Py_ssize_t size = memoryview(data).nbytes
        if offset > size:
            raise TruncatedError(f"{size} bytes, of which the first {offset} are to be left out")
        end = self.fill(data, 1, offset, 0)
        if end != size:
            raise DecodeError(f"at byte {end}: {size - end} bytes follow the datum", offset=end)

    def cut(self, int64_t rows):
        """Keep the first ``rows`` rows only."""
        if not 0 <= rows <= self.root.length:
            raise ValueError(f"{rows} rows of {self.root.length}")
        column_cut(self.root, rows)


cdef bint add_frame(
    ColumnSet columns, const uint8_t** pos, const uint8_t* end, int64_t rows, Py_ssize_t size, int64_t aim
) noexcept nogil:
    """Add the rows of a block and go behind it; or do nothing."""
    cdef int64_t before = columns.root.length
    cdef Py_ssize_t taken = columns.taken if before else 0
    cdef int64_t row, missing
    cdef Frame frame
    cdef Cursor c
    if frame_at(pos[0], end, &frame, &missing) != FRAME_WHOLE:
        return False
    # Rows of no bytes have a budget of the whole file's.
    if frame.count > frame.size or frame.count > rows - before or (before and frame.size > size - taken):
        return False
    cur_init(&c, frame.data, frame.size, &columns.program.plan.bounds)
    if not add_rows(columns, &c, frame.count, aim, &row) or c.pos != c.end:
        column_cut(columns.root, before)
        return False
    columns.taken = taken + frame.size
    pos[0] = frame.behind
    return True


cdef bint add_rows(ColumnSet columns, Cursor* c, Py_ssize_t count, int64_t aim, int64_t* row) noexcept nogil:
    cdef Column* root = columns.root
    cdef int64_t min_bytes = columns.program.plan.root.min_bytes
    cdef const uint8_t* pos
    cdef Run run
    cdef int fault
    if min_bytes == 0:
        # Rows of no bytes are bounded like items of no bytes.
        c.empty_items -= count
        if c.empty_items < 0:
            return cur_fail(c, READ_EMPTY_ITEMS)
    elif count > (c.end - c.pos) // min_bytes:
        return cur_fail(c, READ_TRUNCATED)
    fault = column_reserve(root, count, aim)
    if fault:
        return cur_fail(c, fault)
    run.end = c.end
    run.value_bytes = c.value_bytes
    run.items = c.items
    run.damaged = 0
    run.cursor = c
    pos = fill_rows(columns.program.ops, c.pos, root.length, count, &run)
    if pos == NULL:
        row[0] = run.row
        if run.damaged == 2:
            cur_fail(c, READ_TRUNCATED)
        elif run.damaged:
            cur_fail(c, FAULT_DATA)
        return False
    c.pos = pos
    root.length += count
    return column_check_text(root, root.length) or cur_fail(c, FAULT_VALUE)


cdef object fault_error(ColumnSet columns, Cursor* c, str what):
    if c.error == FAULT_MEMORY:
        return MemoryError()
    if c.error == FAULT_FULL:
        return LimitError("a column of one batch would exceed 2 GiB or 2**31 items: ask for a smaller batch_rows")
    if c.error == FAULT_DATA:
        return DecodeError(f"{what} is not data of the schema")
    if c.error == FAULT_VALUE:
        place = place_of(columns.root, columns.layout, <const Column*><intptr_t>c.number, "$")
        if place is None:
            return DecodeError(f"{what} has a value that the type of its column cannot hold")
        return DecodeError(
            f"{what} has a value at {place} that the type of its column cannot hold: other ArrowTypes may", path=place
        )
    return cur_error(c, what)


cdef str place_of(const Column* column, layout, const Column* wanted, str path):
    """Where a column is; None if it is none of these."""
    cdef Py_ssize_t i
    if column == wanted:
        return path
    for i in range(column.count):
        part = "[]" if column.storage == STORE_LIST else f".{layout.kids[i].name}"
        found = place_of(&column.kids[i], layout.kids[i], wanted, path + part)
        if found is not None:
            return found
    return None
