"""The ways in to JSON text: one datum or a block of them to text, one text or a stream of them to data."""

from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF
from libc.stdint cimport int64_t, intptr_t, uint8_t
from libc.string cimport memcpy

from avrojet.core.ground.buffer cimport Held, hold, let_go
from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.error_path cimport trail_innermost, trail_path
from avrojet.core.ground.sink cimport *
from avrojet.core.plan.node cimport *
from avrojet.core.plan.plan cimport Plan
from avrojet.core.text.emit cimport *
from avrojet.core.text.labels cimport label_for_emitting, label_for_parsing
from avrojet.core.text.parse cimport PARSE_PLAIN, choose_for_text, parse_value
from avrojet.core.text.scan cimport *
from avrojet.errors import DecodeError
from avrojet.failures import DecodeFailure

cdef extern from "Python.h":
    object PyUnicode_New(Py_ssize_t, Py_UCS4)
    void* PyUnicode_1BYTE_DATA(object)
    object PyUnicode_DecodeUTF8(const char*, Py_ssize_t, const char*)
    const char* PyUnicode_AsUTF8AndSize(object, Py_ssize_t*) except NULL
    object PyBytes_FromStringAndSize(const char*, Py_ssize_t)

cdef extern from "utf8.h":
    PyObject* avrojet_utf8_decode(const uint8_t*, Py_ssize_t)

cdef extern from "json_strings.h":
    Py_ssize_t avrojet_count_latin(const uint8_t*, Py_ssize_t)
    void avrojet_put_latin(const uint8_t*, Py_ssize_t, uint8_t*)

cdef extern from "columns.h":
    bint avrojet_utf8_valid(const uint8_t*, Py_ssize_t) nogil


cdef class TextDecoder:
    """Emits data of one plan as JSON. Safe to share between threads: it holds no state of a call.

    :param spaced: a blank after commas and colons, as Python's json module has them.
    :param ascii_only: other characters as escapes.
    :param bare_floats: NaN and infinities as words, which are no JSON, instead of strings.
    :param wide_floats: floats with the digits of the doubles that they are.
    :param decimals_as_numbers: instead of strings.
    """

    cdef Plan plan
    cdef int options

    def __init__(
        self,
        Plan plan not None,
        *,
        bint spaced=False,
        bint ascii_only=False,
        bint bare_floats=False,
        bint wide_floats=False,
        bint decimals_as_numbers=False,
    ):
        cdef int options = (
            EMIT_SPACED * spaced
            | EMIT_ASCII * ascii_only
            | EMIT_BARE * bare_floats
            | EMIT_WIDE * wide_floats
            | EMIT_NUMBERS * decimals_as_numbers
        )
        self.options = options | (EMIT_BEYOND_LATIN if label_for_emitting(plan, options & EMIT_SPACED) else 0)
        self.plan = plan

    def text(self, data):
        """The JSON text of one datum.

        :raises DecodeError: if the bytes are not just a datum of the schema.
        """
        cdef Cursor c
        cdef Sink s
        cdef Held held
        cdef Plan plan = self.plan
        cdef bint done
        hold(data, &held)
        try:
            open_both(plan, &c, &s, held.data, held.size, self.options)
            try:
                done = emit_value(plan.root, &c, &s)
                if not done:
                    raise failed(&c, &s, "the datum", -1, c.start)
                if c.pos != c.end:
                    raise DecodeError(
                        f"at byte {c.pos - c.start}: {c.end - c.pos} bytes follow the datum",
                        kind=DecodeFailure.TRAILING,
                        offset=c.pos - c.start,
                        number=c.end - c.pos,
                    )
                return text_of(&s)
            finally:
                sink_free(&s)
        finally:
            let_go(&held)

    def lines(self, data, Py_ssize_t count, bytes prefix=b"", bytes between=b"\n"):
        """The JSON texts of a block of ``count`` data, made without the GIL.

        :param prefix: stands before the first text.
        :param between: stands after each text but the last.
        :raises DecodeError: at the first datum that is not one of the schema; the message says which.
        """
        cdef Cursor c
        cdef Sink s
        cdef Held held
        cdef Plan plan = self.plan
        cdef const char* gap = between
        cdef Py_ssize_t gap_size = len(between)
        cdef Py_ssize_t i = 0
        cdef bint done = True
        if count < 0:
            raise ValueError(f"count must not be negative: {count}")
        hold(data, &held)
        try:
            open_both(plan, &c, &s, held.data, held.size, self.options)
            try:
                done = emit_raw(&s, <const char*>prefix, len(prefix))
                with nogil:
                    while done and i < count:
                        cur_renew(&c, &plan.bounds)
                        s.most = (s.pos - s.start) + plan.bounds.value_bytes
                        done = (
                            (c.pos <= c.look or cur_signals_nogil(&c))
                            and (i == 0 or emit_raw(&s, gap, gap_size))
                            and emit_value(plan.root, &c, &s)
                        )
                        i += 1
                if not done:
                    raise failed(&c, &s, f"datum {i - 1}", i - 1)
                if c.pos != c.end:
                    raise DecodeError(
                        f"{c.end - c.pos} bytes follow the last datum",
                        kind=DecodeFailure.TRAILING,
                        offset=c.pos - c.start,
                        number=c.end - c.pos,
                    )
                return PyBytes_FromStringAndSize(<const char*>s.start, s.pos - s.start)
            finally:
                sink_free(&s)
        finally:
            let_go(&held)


cdef object text_of(Sink* s):
    """What a sink holds as str."""
    cdef Py_ssize_t size = s.pos - s.start
    cdef PyObject* made
    cdef Py_ssize_t latin
    if s.options & EMIT_BEYOND_LATIN:
        made = avrojet_utf8_decode(s.start, size)
        if made == NULL:
            return PyUnicode_DecodeUTF8(<const char*>s.start, size, NULL)      # raises what is wrong
        text = <object>made
        Py_DECREF(text)
        return text
    if s.options & EMIT_BEYOND_ASCII:
        latin = avrojet_count_latin(s.start, size)
        text = PyUnicode_New(size - latin, 255)
        avrojet_put_latin(s.start, size, <uint8_t*>PyUnicode_1BYTE_DATA(text))
        return text
    text = PyUnicode_New(size, 127)
    memcpy(PyUnicode_1BYTE_DATA(text), s.start, size)
    return text


cdef class TextEncoder:
    """Parses JSON to data of one plan, which is frozen for encoding. Safe to share between threads.

    :param plain: a value of a union is not tagged and goes to the branch that it fits best.
    :param fill_defaults: and the rest: as for the options of `avrojet.Encoder`.
    """

    cdef Plan plan
    cdef int options

    def __init__(
        self,
        Plan plan not None,
        *,
        bint plain=False,
        bint fill_defaults=False,
        bint refuse_extra=False,
        bint truncate_times=False,
        bint naive_is_utc=False,
    ):
        label_for_parsing(plan)
        choose_for_text(plan)
        self.plan = plan
        self.options = (
            PARSE_PLAIN * plain
            | FILL_DEFAULTS * fill_defaults
            | REFUSE_EXTRA * refuse_extra
            | TRUNCATE_TIMES * truncate_times
            | NAIVE_IS_UTC * naive_is_utc
        )

    def data(self, text):
        """The encoded datum of one JSON text.

        :param text: str, or UTF-8 in bytes or another buffer.
        :raises DecodeError: if it is no JSON, or not that of a datum of the schema; ``path``, ``line`` and
            ``column`` say where.
        """
        cdef Cursor c
        cdef Sink s
        cdef Held held
        cdef Plan plan = self.plan
        hold_text(text, &held)
        try:
            open_both(plan, &c, &s, held.data, held.size, self.options)
            try:
                if not parse_value(plan.root, &c, &s):
                    raise failed(&c, &s, "the text")
                if peek(&c) != 0 or c.pos < c.end:
                    text_fail(&c, TEXT_WANTED, b"the end of the text")
                    raise failed(&c, &s, "the text")
                return PyBytes_FromStringAndSize(<const char*>s.start, s.pos - s.start)
            finally:
                sink_free(&s)
        finally:
            let_go(&held)

    def many(self, text, Py_ssize_t offset, Py_ssize_t most, *, bint last):
        """The encoded data of JSON texts that follow one another, with any white space between them.

        :param text: UTF-8 in a buffer.
        :param offset: where in it to begin.
        :param most: stop after the datum by which there are as many bytes of data.
        :param last: the text ends here; else a datum that it breaks off in is left for the next call.
        :returns: the data, how many they are, and the offset after the last one.
        """
        cdef Cursor c
        cdef Sink s
        cdef Held held
        cdef Plan plan = self.plan
        cdef int64_t count = 0
        cdef const uint8_t* start
        cdef Py_ssize_t begin = 0
        cdef bint done = True
        hold(text, &held)
        try:
            if not 0 <= offset <= held.size:
                raise ValueError(f"offset {offset} is outside of the text's {held.size} bytes")
            open_both(plan, &c, &s, held.data, held.size, self.options)
            c.pos += offset
            try:
                with nogil:
                    while True:
                        skip_space(&c)
                        start = c.pos
                        begin = s.pos - s.start
                        if c.pos >= c.end or begin >= most:
                            break
                        cur_renew(&c, &plan.bounds)
                        sink_renew(&s, &plan.bounds)
                        done = parse_value(plan.root, &c, &s) and (last or c.pos < c.end or ends_itself(start))
                        if not done:
                            break
                        count += 1
                if not done:
                    if not last and (c.error == READ_OK or c.error == TEXT_END):
                        cur_clear(&c)
                        c.pos = start
                        s.pos = s.start + begin
                    else:
                        raise failed(&c, &s, f"datum {count}", count)
                return PyBytes_FromStringAndSize(<const char*>s.start, s.pos - s.start), count, c.pos - c.start
            finally:
                sink_free(&s)
        finally:
            let_go(&held)


cdef inline bint ends_itself(const uint8_t* start) noexcept nogil:
    """Whether a value tells by its last character that it is whole; a number may go on in the next piece."""
    return start[0] == c"{" or start[0] == c"[" or start[0] == c'"'


cdef inline void open_both(
    Plan plan, Cursor* c, Sink* s, const uint8_t* data, Py_ssize_t size, int options
) noexcept:
    cur_init(c, data, size, &plan.bounds)
    sink_init(s, options)
    sink_renew(s, &plan.bounds)


cdef int hold_text(text, Held* held) except -1:
    """The UTF-8 of a text, which is well-formed for sure."""
    if isinstance(text, str):
        held.exported = False
        held.data = <const uint8_t*>PyUnicode_AsUTF8AndSize(text, &held.size)
        return 0
    hold(text, held)
    if not avrojet_utf8_valid(held.data, held.size):
        let_go(held)
        raise DecodeError("the text is not UTF-8", kind=DecodeFailure.TEXT)
    return 0


cdef object failed(Cursor* c, Sink* s, str what, Py_ssize_t row=-1, const uint8_t* begin=NULL):
    """The exception for what failed, in bytes or in text; clears both. Parameters as those of `cur_error`."""
    cdef Failure failure
    if s.error != WRITE_OK:
        cur_clear(c)
        return sink_error(s)
    if c.error < TEXT_WANTED:
        return cur_error(c, what, row, begin)
    failure = read_failure(c.error)
    path, field = trail_path(&c.trail), trail_innermost(&c.trail)
    line, column = place(c)
    has_node = TEXT_KIND <= c.error < TEXT_TRIALS and c.error != TEXT_DUPLICATE
    expected = type_name(c.node) if has_node else None
    facts = {"path": path, "offset": c.pos - c.start, "line": line, "column": column}
    if row >= 0:
        facts["row"] = row
    if field is not None:
        facts["field"] = facts["enclosing_field"] = field
    if expected is not None:
        facts["expected"] = expected
    details = {"expected": expected, "shown": shown(c)}
    if c.error == TEXT_WANTED or c.error == TEXT_END or c.error == TEXT_FORM:
        details["wanted"] = named(c)
    if c.error == TEXT_SIZE:
        details["size"] = c.node.size
    reason = failure.say(failure.text, details, None)
    cur_clear(c)
    return failure.raised(f"at {path}, line {line}, column {column} of {what}: ", reason, facts, None)


cdef tuple place(Cursor* c):
    """Line and column of the cursor, both counted from 1, columns in characters."""
    before = (<const char*>c.start)[:c.pos - c.start]
    begin = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[begin:].decode("utf-8", "replace")) + 1


cdef str named(Cursor* c):
    return (<const char*><intptr_t>c.number).decode()


cdef str shown(Cursor* c):
    """The token at the cursor, cut short."""
    text = (<const char*>c.pos)[:min(c.end - c.pos, 61)].decode("utf-8", "replace")
    cdef str token = text[:1]
    if token == '"':
        token = text[:text.find('"', 1) + 1] if text.find('"', 1) > 0 else text
    elif token.isalnum() or token == "-":
        token = ""
        for char in text:
            if not (char.isalnum() or char in "+-."):
                break
            token += char
    if not token:
        return "the end of the text"
    token = "".join([char if char.isprintable() else ascii(char).strip("'") for char in token])
    return token if len(token) <= 60 else token[:59] + "..."
