"""Columns of one batch after another, filled from Python."""

from libc.stdint cimport int64_t, uint8_t

from avrojet.core.ground.buffer cimport Held, hold, let_go
from avrojet.core.columns.column cimport *
from avrojet.core.ground.cursor cimport *
from avrojet.core.columns.decode_columns cimport Run, fill_rows, run_failed, run_init
from avrojet.core.files.container_blocks cimport BLOCK_WHOLE, BlockFrame, frame_at
from avrojet.core.plan.datum cimport ensure_frozen, open_cursor
from avrojet.core.plan.plan cimport Plan
from avrojet.core.columns.compile_columns cimport Program, compile_program


cdef class ColumnSet:
    """Columns to which rows are added. Not thread-safe; plans are.

    :param plan: frozen with the branches of unions tagged, and without converters.
    :param layout: the columns of the reader's schema, an ``avrojet.plan.arrow.layout.Column``.
    :param wrapped: values are not records, and go to the only column.
    """

    def __init__(self, Plan plan not None, layout, bint wrapped):
        cdef Program program
        cdef Column* former = self.root
        cdef Column* root = column_new(layout)
        try:
            ensure_frozen(plan)
            if wrapped:
                program = compile_program(plan, &root.children[0], layout.children[0])
            else:
                program = compile_program(plan, root, layout)
        except BaseException:
            column_free(root)
            raise
        self.root = root
        self.layout = layout
        self.wrapped = wrapped
        self.program = program
        if former != NULL:
            column_free(former)

    def __dealloc__(self):
        if self.root != NULL:
            column_free(self.root)

    @property
    def rows(self):
        """Number of rows in the batch so far."""
        return ensure_root(self).length

    @property
    def bytes(self):
        """Number of bytes that they were decoded from."""
        return self.taken

    def fill(self, data, Py_ssize_t count, Py_ssize_t offset, int64_t aim):
        """Decode ``count`` consecutive data from ``offset`` into new rows: all, or none.

        :param aim: the expected number of rows in the batch.
        :returns: the offset just after the last one.
        :raises DecodeError: if the bytes are not such data; the error does not say where.
        """
        cdef Cursor c
        cdef Held held
        cdef Run run
        cdef int64_t before = ensure_root(self).length
        cdef bint done
        hold(data, &held)
        try:
            cur_count(count)
            open_cursor(&c, self.program.plan, held.data, held.size)
            cur_seek(&c, offset)
            with nogil:
                done = add_rows(self, &c, count, aim, &run)
                if not done:
                    column_cut(self.root, before, begun(self.root, before, count))
            if not done:
                what = f"the data, in datum {run.row - before}"
                raise fault_error(&c, what, run.row - before, self.place(run.column))
            self.taken = (self.taken if before else 0) + (c.pos - c.start) - offset
            return c.pos - c.start
        finally:
            let_go(&held)

    def fill_run(self, data, Py_ssize_t offset, int64_t rows, Py_ssize_t size, int64_t aim):
        """Decode consecutive blocks of an uncompressed file into new rows.

        Ends before a block that needs a closer look: that does not fit, or that :meth:`fill` would refuse.

        :param data: of a ``Run``, whose first block begins at ``offset``.
        :param rows: the most rows in the batch; and
        :param size: the most bytes that they are decoded from.
        :param aim: the expected number of rows in the batch.
        :returns: the number of blocks taken and the offset after them.
        """
        cdef Held held
        cdef const uint8_t* pos
        cdef int64_t blocks = 0
        ensure_root(self)
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

    def cut(self, int64_t rows):
        """Keep only the first ``rows`` rows."""
        if not 0 <= rows <= ensure_root(self).length:
            raise ValueError(f"{rows} rows of {ensure_root(self).length}")
        column_cut(self.root, rows, self.root.length)

    cdef tuple place(self, const Column* column):
        """The column's place in a row: path and innermost field; None if unknown."""
        if column == NULL:
            return None
        if self.wrapped:
            return place_of(&self.root.children[0], self.layout.children[0], column, "$", None)
        return place_of(self.root, self.layout, column, "$", None)


cdef Column* ensure_root(ColumnSet columns) except NULL:
    """The columns of a set being used, which it has with its program."""
    if columns.root == NULL:
        raise TypeError("__init__ has not been called")
    return columns.root


cdef bint add_frame(
    ColumnSet columns, const uint8_t** pos, const uint8_t* end, int64_t rows, Py_ssize_t size, int64_t aim
) noexcept nogil:
    """Add the rows of a block and move past it; or do nothing."""
    cdef int64_t before = columns.root.length
    cdef Py_ssize_t taken = columns.taken if before else 0
    cdef int64_t missing
    cdef BlockFrame frame
    cdef Cursor c
    cdef Run run
    if frame_at(pos[0], end, &frame, &missing) != BLOCK_WHOLE:
        return False
    # Rows of no bytes have a budget for the whole file.
    if frame.count > frame.size or frame.count > rows - before or (before and frame.size > size - taken):
        return False
    cur_init(&c, frame.data, frame.size, &columns.program.plan.bounds)
    if not add_rows(columns, &c, frame.count, aim, &run) or c.pos != c.end:
        column_cut(columns.root, before, begun(columns.root, before, frame.count))
        return False
    columns.taken = taken + frame.size
    pos[0] = frame.after
    return True


cdef bint add_rows(ColumnSet columns, Cursor* c, Py_ssize_t count, int64_t aim, Run* run) noexcept nogil:
    cdef Column* root = columns.root
    cdef int64_t min_bytes = columns.program.plan.root.min_bytes
    cdef const uint8_t* pos
    cdef int fault
    run_init(run, c)
    run.row = root.length
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
    pos = fill_rows(columns.program.ops, c.pos, root.length, count, run)
    if pos == NULL:
        return run_failed(run, c)
    c.pos = pos
    root.length += count
    return column_check_text(root, root.length) or cur_fail(c, READ_UNFIT)


cdef int64_t begun(const Column* root, int64_t before, int64_t count) noexcept nogil:
    """How many of ``count`` rows after ``before`` may have been begun: those that fit the capacity."""
    return before + min(count, root.capacity - before)


cdef tuple place_of(const Column* column, layout, const Column* wanted, str path, str field):
    """The place of a column within this one, in the form of rows but without indices of items; else None."""
    cdef Py_ssize_t i
    if column == wanted:
        return path, field
    for i in range(column.count):
        child = layout.children[i]
        if column.storage == STORE_LIST:
            found = place_of(&column.children[i], child, wanted, path + "[]", field)
        elif column.storage != STORE_STRUCT or layout.name == "entries":
            found = place_of(&column.children[i], child, wanted, path, field)
        else:
            found = place_of(&column.children[i], child, wanted, f"{path}.{child.name}", child.name)
        if found is not None:
            return found
    return None


cdef object fault_error(Cursor* c, str what, int64_t row, tuple place):
    """The error for the failure in the cursor.

    :param row: index of the datum; -1 if unknown.
    :param place: path and innermost field of the column that it is about, if known.
    """
    cdef Failure failure
    if c.error != READ_MEMORY and c.error != READ_FULL and c.error != READ_MALFORMED and c.error != READ_UNFIT:
        return cur_error(c, what, row, NULL, place)
    failure = read_failure(c.error)
    path, field = place or (None, None)
    reason = failure.say(failure.text, {"what": what}, None)
    if path is not None and c.error == READ_UNFIT:
        reason += ": other ArrowTypes may"
    facts = {}
    if row >= 0:
        facts["row"] = row
    if path is not None:
        facts["path"] = path
    if field is not None:
        facts["field"] = facts["enclosing_field"] = field
    return failure.raised("" if path is None else f"at {path}: ", reason, facts, None)
