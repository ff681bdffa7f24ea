"""The entry points for decoding: one datum, consecutive data, the rows of a block."""

cimport cython
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint8_t

from types import GenericAlias

from avrojet.core.ground.buffer cimport Held, hold, let_go
from avrojet.core.ground.collector cimport collector_pause, collector_resume
from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.foreign cimport no_stop
from avrojet.core.ground.objects cimport PyList_Append, decref
from avrojet.core.plan.datum cimport ensure_frozen, ensure_plan, open_cursor
from avrojet.core.plan.node cimport *
from avrojet.core.plan.plan cimport Plan, keep_former, take_plan
from avrojet.core.rows.decode cimport decode_datum, decode_value
from avrojet.core.rows.defaults cimport settle_defaults
from avrojet.core.rows.skip cimport skip_value

cdef extern from "capi.h":
    bint avrojet_occupy(int*)
    void avrojet_vacate(int*)


cdef class RowDecoder(Planned):
    """Decodes data of one plan. Thread-safe: it keeps no state between calls."""

    @classmethod
    def __class_getitem__(cls, item):
        """For annotations only: the code does not depend on the class of the values."""
        return GenericAlias(cls, item)

    def __init__(self, Plan plan not None):
        settle_defaults(ensure_frozen(plan))
        take_plan(self, plan)

    def decode(self, data):
        """Decode one datum.

        :param data: bytes, bytearray, memoryview or another buffer that holds exactly one datum.
        :returns: the value.
        :raises DecodeError: if the bytes are not a datum of the schema, or more bytes follow it.
        """
        cdef Held held
        hold(data, &held)
        try:
            return decode_whole(ensure_plan(self.plan), held.data, held.size, "; decode_many reads several")
        finally:
            let_go(&held)

    def decode_from(self, data, Py_ssize_t offset=0):
        """Decode the datum that begins at ``offset``; bytes after it are ignored.

        :returns: ``(value, end)``, where ``end`` is the offset just after the datum.
        :raises DecodeError: as in :meth:`decode`.
        """
        cdef Cursor c
        cdef Held held
        cdef PyObject* value
        cdef Plan plan = ensure_plan(self.plan)
        hold(data, &held)
        try:
            open_cursor(&c, plan, held.data, held.size)
            cur_seek(&c, offset)
            value = decode_datum(plan, &c)
            if value == NULL:
                raise cur_error(&c, "the data", -1, c.start + offset)
            result = <object>value
            decref(value)
            return result, c.pos - c.start
        finally:
            let_go(&held)

    def decode_many(self, data):
        """Decode consecutive data up to the last byte.

        :returns: the list of values.
        :raises DecodeError: as in :meth:`decode`; the message says which datum it was.
        """
        return decode_rows(ensure_plan(self.plan), data, -1, 0)[0]

    def _decode_block(self, data, Py_ssize_t count, Py_ssize_t offset=0):
        """Decode ``count`` consecutive data from ``offset``.

        :returns: ``(values, end)``, where ``end`` is the offset just after the last one.
        :raises DecodeError: as in :meth:`decode`; the message says which datum it was.
        """
        cur_count(count)
        return decode_rows(ensure_plan(self.plan), data, count, offset)

    def _rows(self, data, Py_ssize_t count, complain):
        """An iterator over ``count`` data that fill ``data`` to its last byte; see :class:`RowIterator`."""
        return RowIterator(self, data, count, complain)

    def _empty_row_cost(self):
        """How much a row of no bytes counts against ``Limits.empty_items``.

        :raises LimitError: if it exceeds the limit.
        """
        cdef Cursor c
        cdef PyObject* value
        cdef Plan plan = ensure_plan(self.plan)
        open_cursor(&c, plan, NULL, 0)
        if plan.root.fixed_bytes == 0:
            value = decode_datum(plan, &c)
            if value == NULL:
                raise cur_error(&c, "a row")
            decref(value)
        return cost_of_row(plan, &c)

    def _skip_block(self, data, Py_ssize_t count, Py_ssize_t offset=0):
        """Skip ``count`` data from ``offset`` without making values; returns the offset after them."""
        cdef Cursor c
        cdef Held held
        cdef Py_ssize_t i
        cdef Plan plan = ensure_plan(self.plan)
        cdef const Node* root = plan.root
        cdef bint done = True
        cur_count(count)
        hold(data, &held)
        try:
            open_cursor(&c, plan, held.data, held.size)
            cur_seek(&c, offset)
            with nogil:
                # Rows of no bytes need no skipping.
                for i in range(count if root.fixed_bytes != 0 else 0):  # no-cython-lint (told below)
                    cur_renew(&c, &plan.bounds)
                    if not cur_look_nogil(&c) or not skip_value(root, &c):
                        done = False
                        break
            if not done:
                raise cur_error(&c, f"the data, in datum {i}", i)
            return c.pos - c.start
        finally:
            let_go(&held)


cdef class DatumText(Planned):
    cdef object of_datum(self, data):
        raise NotImplementedError


cdef class DatumDecoder(RowDecoder):
    """A RowDecoder that also shows data as JSON text, by a subclass's handling of the options of to_json."""

    def __init__(self, Plan plan not None):
        RowDecoder.__init__(self, plan)
        with cython.critical_section(self):
            keep_former(self, self.texts)
            self.texts = {}
            self.text = self.plain_text = None

    def to_json(self, data, *, bint plain=False, decimals="text"):
        """The JSON text of one datum, made directly from its bytes.

        :param data: bytes or another buffer that holds exactly one datum.
        :param plain: JSON as people write it: branches of unions are not named, dates, times, durations and
            UUIDs are text, decimals as `decimals` says. Else the specification's JSON Encoding, with the plain
            encoding of logical types. NaN and infinities are strings in both.
        :param decimals: in plain JSON: ``"text"``, or ``"number"``, whose digits many readers round.
        :raises DecodeError: if the bytes are not exactly one datum of the schema.

        >>> Decoder(["null", "string"]).to_json(b"\\x02\\x06foo")
        '{"string":"foo"}'
        """
        cdef DatumText text = self.plain_text if plain else self.text
        if text is None or decimals != "text":
            text = self.text_by(plain, decimals)
        return text.of_datum(data)

    cdef DatumText text_by(self, bint plain, decimals):
        cdef dict texts = self.texts
        cdef DatumText made = texts.get((plain, decimals))
        if made is None:
            # The dict keeps the first for the decoder's lifetime: other threads may be calling it.
            made = texts.setdefault((plain, decimals), self._text_decoder(plain=plain, decimals=decimals))
            if decimals == "text":
                with cython.critical_section(self):
                    if texts is self.texts:     # else __init__ was called meanwhile
                        if plain:
                            self.plain_text = made
                        else:
                            self.text = made
        return made


cdef object decode_whole(Plan plan, const uint8_t* data, Py_ssize_t size, str advice):
    """Decode bytes that are exactly one datum; see :meth:`RowDecoder.decode`.

    :param advice: appended to the error for bytes after the datum.
    """
    cdef Cursor c
    cdef PyObject* value
    open_cursor(&c, plan, data, size)
    value = decode_datum(plan, &c)
    if value == NULL:
        raise cur_error(&c, "the datum", -1, c.start)
    result = <object>value
    decref(value)
    if c.pos != c.end:
        raise cur_trailing(&c, advice)
    return result


cdef inline PyObject* decode_row(Plan plan, Cursor* c) noexcept:
    """Like decode_whole, but other data follow, so the size of the bytes says nothing about the datum's."""
    return decode_datum(plan, c) if plan.expands else decode_value(plan.root, c)


cdef inline int64_t cost_of_row(Plan plan, const Cursor* c) noexcept:
    """How much of the budget a row that had no bytes has used, counting the row itself."""
    return plan.bounds.empty_items - c.empty_items + 1


cdef tuple decode_rows(Plan plan, data, Py_ssize_t count, Py_ssize_t offset):
    """``count`` values, or all up to the end of the data if it is negative, and the offset after them."""
    cdef Cursor c
    cdef Held held
    cdef int paused
    cdef list values = []
    hold(data, &held)
    try:
        open_cursor(&c, plan, held.data, held.size)
        cur_seek(&c, offset)
        paused = collector_pause()
        try:
            fill_rows(plan, &c, values, count)
        finally:
            collector_resume(paused)
        return values, c.pos - c.start
    finally:
        let_go(&held)


cdef int fill_rows(Plan plan, Cursor* c, list values, Py_ssize_t count) except -1:
    """Append ``count`` values, or all there are. Rows of no bytes are bounded like items of no bytes."""
    cdef const Node* root = plan.root
    cdef const uint8_t* start
    cdef PyObject* value
    cdef Py_ssize_t i = 0
    cdef int64_t left = plan.bounds.empty_items
    cdef int failed
    if count < 0 and root.fixed_bytes == 0 and c.pos < c.end:
        raise cur_trailing(c, "; decode_many reads several")
    while i != count and (count >= 0 or c.pos < c.end):
        cur_renew(c, &plan.bounds)
        start = c.pos
        value = decode_value(root, c) if cur_look(c) and (i & LOOK_ITEMS or cur_signals(c)) else NULL
        if value == NULL:
            raise cur_error(c, f"the data, in datum {i}", i, start)
        failed = PyList_Append(<PyObject*>values, value)
        decref(value)
        if failed:
            reraise()
        if c.pos == start:
            left -= cost_of_row(plan, c)
            if left < 0:
                cur_fail(c, READ_EMPTY_ITEMS)
                raise cur_error(c, "the data")
        i += 1
    return 0


cdef class RowIterator:
    """The data of a block one at a time, so that a row which the caller drops is freed before the next is made.

    That keeps the memory in the cache, and never triggers the cyclic garbage collector, which counts objects made
    and not yet freed. Not thread-safe.

    After an error it stays before the datum that failed: the next call tries that again.

    :param data: a buffer, held as long as the iterator exists.
    :param count: how many data it holds.
    :param complain: makes the exception to raise instead of an error: called with the error and the datum's index,
        or, if the data do not end with the last datum, with None and the offset at which that ends. That datum is
        then not returned.
    """

    cdef Plan plan
    cdef object source          # plain bytes are held only by this reference
    cdef Held held
    cdef Cursor cursor
    cdef Py_ssize_t count
    cdef Py_ssize_t number
    cdef object complain
    cdef int busy

    def __cinit__(self, RowDecoder decoder not None, data, Py_ssize_t count, complain):
        cur_count(count)
        self.plan = ensure_plan(decoder.plan)
        self.complain = complain
        self.source = data
        hold(data, &self.held)
        self.count = count
        open_cursor(&self.cursor, self.plan, self.held.data, self.held.size)

    def __dealloc__(self):
        let_go(&self.held)

    def __iter__(self):
        return self

    def __length_hint__(self):
        """The number of data still to come, if none of them fails."""
        return self.count - self.number

    def __next__(self):
        if not avrojet_occupy(&self.busy):
            raise ValueError("the iterator is in use, by a conversion of its own or by another thread")
        try:
            if self.number < self.count:
                return self.row()
            self.check_end()
        finally:
            avrojet_vacate(&self.busy)
        raise StopIteration

    cdef object row(self):
        cdef PyObject* value
        cdef Cursor* c = &self.cursor
        cdef const uint8_t* start = c.pos
        cur_renew(c, &self.plan.bounds)
        value = decode_row(self.plan, c) if cur_look(c) else NULL
        if value == NULL:
            error = cur_error(c, "the block", -1, start)
            c.pos = start
            # An interruption is not an error in the data.
            raise no_stop(self.complain(error, self.number)) if isinstance(error, Exception) else error
        row = <object>value
        decref(value)
        if self.number + 1 == self.count and c.pos != c.end:
            try:
                self.check_end()
            finally:
                c.pos = start
        self.number += 1
        return row

    cdef int check_end(self) except -1:
        cdef Cursor* c = &self.cursor
        if c.pos != c.end:
            raise no_stop(self.complain(None, c.pos - c.start))
        return 0


cdef int reraise() except -1:
    return -1
