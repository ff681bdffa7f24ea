"""Columns that no datum has: one value for all rows, or the rows' numbers; and truncation of batches.

They are added only to batches that have not been exported: once a batch is exported, its memory is shared.
"""

from libc.stdint cimport INT32_MAX, int32_t, int64_t
from libc.string cimport memcpy, memset

from avrojet.core.arrow.producer cimport ArrowColumn
from avrojet.core.columns.column cimport *
from avrojet.core.ground.memory cimport memory_give, memory_take
from avrojet.errors import DecodeLimitError

cdef extern from "columns.h":
    int64_t avrojet_count_zeros(const uint8_t*, int64_t) nogil


def add_columns(ArrowColumn batch not None, layout, added, tuple values not None):
    """Append columns to a batch.

    :param layout: of the extended batch, an ``avrojet.plan.arrow.layout.Column``.
    :param added: the same for a struct of only the new columns: text, or integers of 32 or 64 bits.
    :param values: each new column's value in all rows: str, int or None, for a null; or a range, for consecutive
        numbers.
    :raises LimitError: if a column of text would exceed 2 GiB.
    """
    cdef Column* root = fresh(batch)
    cdef Column* columns = column_new(added)
    cdef int64_t rows = root.length
    cdef Py_ssize_t i
    try:
        if column_reserve(columns, max(rows, 1), rows):
            raise MemoryError
        columns.length = rows
        for i in range(columns.count):
            columns.children[i].length = rows
            fill(&columns.children[i], rows, values[i], added.children[i])
        append(root, columns)
    finally:
        column_free(columns)
    batch.layout = layout


def cut_batch(ArrowColumn batch not None, int64_t rows):
    """Keep only the first rows of a batch."""
    cdef Column* root = fresh(batch)
    if not 0 <= rows <= root.length:
        raise ValueError(f"{rows} rows of {root.length}")
    column_cut(root, rows, root.length)
    recount(root, rows)


cdef Column* fresh(ArrowColumn batch) except NULL:
    """The columns of a batch that has not been exported."""
    if batch.shared.references != 1:
        raise ValueError("the batch has been exported")
    return batch.shared.root


cdef int fill(Column* column, int64_t rows, value, layout) except -1:
    if value is None:
        for row in range(rows):
            column_null(column, row)
        column.nulls = rows
    elif isinstance(value, str):
        fill_text(column, rows, value.encode(), layout.name)
    elif column.width == 8:
        fill_numbers(<int64_t*>column.values, rows, value)
    else:
        fill_short_numbers(<int32_t*>column.values, rows, value)
    return 0


cdef int fill_text(Column* column, int64_t rows, bytes text, str name) except -1:
    cdef Py_ssize_t size = len(text)
    cdef const char* data = text
    cdef int64_t row
    if size and rows > INT32_MAX // size:
        raise DecodeLimitError(f"the column {name!r} would exceed 2 GiB in one batch: ask for smaller batches")
    if column_reserve_data(column, 0, rows * size):
        raise MemoryError
    for row in range(rows):
        memcpy(column.data + row * size, data, size)
        column_end(column, row, (row + 1) * size)
    column.used = rows * size
    return 0


cdef int fill_numbers(int64_t* values, int64_t rows, value) except -1:
    cdef int64_t step = 1 if isinstance(value, range) else 0
    cdef int64_t start = value.start if step else value
    cdef int64_t row
    for row in range(rows):
        values[row] = start + step * row
    return 0


cdef int fill_short_numbers(int32_t* values, int64_t rows, value) except -1:
    cdef int32_t number = value
    cdef int64_t row
    for row in range(rows):
        values[row] = number
    return 0


cdef int append(Column* root, Column* added) except -1:
    """Move the children of one struct after those of another of the same length."""
    cdef Py_ssize_t count = root.count + added.count
    cdef Column* children = <Column*>memory_take(max(count, 1) * sizeof(Column))
    if children == NULL:
        raise MemoryError
    if root.count:
        memcpy(children, root.children, root.count * sizeof(Column))
    memcpy(children + root.count, added.children, added.count * sizeof(Column))
    memset(added.children, 0, added.count * sizeof(Column))
    memory_give(root.children)
    root.children = children
    root.count = count
    return 0


cdef void recount(Column* column, int64_t rows) noexcept:
    """Count the remaining nulls, in all columns within, too."""
    cdef Py_ssize_t i
    column.nulls = 0 if column.validity == NULL else avrojet_count_zeros(column.validity, rows)
    for i in range(column.count):
        if column.storage == STORE_LIST or column.storage == STORE_DENSE:
            recount(&column.children[i], column.children[i].length)
        else:
            recount(&column.children[i], rows)
