"""The entry points for JSON text: one datum or a block of data to text, one text or a stream of texts to data."""

from cpython.bytes cimport PyBytes_AS_STRING
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF
from libc.stdint cimport int64_t, intptr_t, uint8_t
from libc.string cimport memcpy

from avrojet.core.ground.buffer cimport Held, hold, let_go
from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.error_path cimport trail_innermost, trail_path
from avrojet.core.ground.sink cimport *
from avrojet.core.plan.datum cimport ensure_frozen, ensure_plan, open_cursor
from avrojet.core.plan.node cimport *
from avrojet.core.plan.plan cimport Plan, Planned, take_plan
from avrojet.core.text.emit cimport *
from avrojet.core.text.labels cimport label_for_emitting, label_for_parsing
from avrojet.core.text.parse cimport PARSE_PLAIN, choose_for_text, parse_value
from avrojet.core.text.scan cimport *
from avrojet.core.rows.rows cimport DatumText
from avrojet.core.rows.options import EncodeOptions
from avrojet.errors import AvroError, DecodeError, tell_place
from avrojet.failures import DecodeFailure

cdef enum:
    MOST_TEXTS = 1000000        # encoded by one call, as they may take no bytes
    LONGEST_WORD = 12           # "-Infinity" in quotes, and one more
    MOST_BEGUN = 1 << 24        # bytes allocated before there are so many
    BEGUN_ROOM = 1024           # what is reserved beyond what is written, and a last datum
    UTF_8_ONLY = EMIT_ASCII | EMIT_BEYOND_ASCII     # escapes need no Latin-1; labels beyond ASCII are UTF-8
    OPTIONS = FILL_DEFAULTS | REFUSE_EXTRA | TRUNCATE_TIMES | NAIVE_IS_UTC

cdef extern from "Python.h":
    Py_ssize_t PY_SSIZE_T_MAX
    object PyUnicode_New(Py_ssize_t, Py_UCS4)
    void* PyUnicode_1BYTE_DATA(object)
    object PyUnicode_DecodeUTF8(const char*, Py_ssize_t, const char*)
    const char* PyUnicode_AsUTF8AndSize(object, Py_ssize_t*) except NULL
    object PyBytes_FromStringAndSize(const char*, Py_ssize_t)
    int _PyBytes_Resize(PyObject**, Py_ssize_t) except -1
    void Py_SET_SIZE(PyObject*, Py_ssize_t)

cdef extern from "utf8decode.h":
    PyObject* avrojet_utf8_decode(const uint8_t*, Py_ssize_t, bint)

cdef extern from "json_strings.h":
    Py_ssize_t avrojet_count_lines(const uint8_t*, Py_ssize_t) nogil

cdef extern from "columns.h":
    bint avrojet_utf8_valid(const uint8_t*, Py_ssize_t) nogil


cdef class TextDecoder(DatumText):
    """Emits data of one plan as JSON. Thread-safe: all that it keeps between calls is how long lines are.

    :param spaced: a blank after commas and colons, as Python's json module has them.
    :param ascii_only: escape all other characters.
    :param bare_floats: NaN and infinities as bare words, which are not JSON, instead of strings.
    :param wide_floats: floats with the digits of the equal doubles.
    :param decimals_as_numbers: instead of strings.
    """

    cdef int options
    cdef Py_ssize_t line_bytes      # of the last call's lines, on average

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
        take_plan(self, ensure_frozen(plan))
        self.options = options | (EMIT_BEYOND_ASCII if label_for_emitting(plan, options & EMIT_SPACED) else 0)

    def text(self, data):
        """The JSON text of one datum.

        :raises DecodeError: if the bytes are not exactly one datum of the schema.
        """
        return self.of_datum(data)

    cdef object of_datum(self, data):
        cdef Cursor c
        cdef Sink s
        cdef Held held
        cdef Plan plan = ensure_plan(self.plan)
        cdef int options = self.options if self.options & UTF_8_ONLY else self.options | EMIT_LATIN
        cdef bint done
        hold(data, &held)
        try:
            open_both(plan, &c, &s, held.data, held.size, options)
            try:
                done = emit_value(plan.root, &c, &s)
                if not done:
                    raise failed(&c, &s, "the datum", c.start)
                if c.pos != c.end:
                    raise cur_trailing(&c)
                return text_of(&s, not self.options & EMIT_BEYOND_ASCII)
            finally:
                sink_free(&s)
        finally:
            let_go(&held)

    def lines(self, data, Py_ssize_t count, Py_ssize_t offset=0, Py_ssize_t most=PY_SSIZE_T_MAX):
        """JSON lines of consecutive data, made without the GIL: the text of each and a newline.

        :param count: how many to make at most.
        :param offset: where in the data to begin.
        :param most: stop after the line that reaches this many bytes of text.
        :returns: the lines, how many they are, and the offset after the last one. They end before bytes that are not
            a datum of the schema.
        :raises DecodeError: if the first is not.
        """
        cdef Cursor c
        cdef Sink s
        cdef Held held
        cdef Plan plan = ensure_plan(self.plan)
        cdef const uint8_t* start
        cdef Py_ssize_t begin = 0
        cdef Py_ssize_t made = 0
        cdef bint done = True
        cdef PyObject* text = NULL
        cur_count(count)
        hold(data, &held)
        try:
            open_both(plan, &c, &s, held.data, held.size, self.options)
            cur_seek(&c, offset)
            # An eighth more, as lines differ.
            text = begin_in_bytes(&s, min(most, product(count, self.line_bytes + (self.line_bytes >> 3))))
            start = c.pos
            try:
                with nogil:
                    while made < count and s.pos - s.start < most:
                        start = c.pos
                        begin = s.pos - s.start
                        cur_renew(&c, &plan.bounds)
                        s.most = begin + plan.bounds.value_bytes
                        done = (
                            cur_look_nogil(&c)
                            and emit_value(plan.root, &c, &s)
                            and put_byte(&s, c"\n")
                        )
                        if not done:
                            break
                        made += 1
                if not done:
                    # An exception of a signal handler is not raised again.
                    if made == 0 or c.exception != NULL or s.exception != NULL:
                        raise failed(&c, &s, "the data")
                    go_back(&c, &s, start, begin)
                if made:
                    self.line_bytes = (s.pos - s.start) // made
                return bytes_of(&s, &text), made, c.pos - c.start
            finally:
                sink_free(&s)
                Py_XDECREF(text)
        finally:
            let_go(&held)


cdef PyObject* begin_in_bytes(Sink* s, Py_ssize_t size) except? NULL:
    """Let a sink begin in a bytes object, so that its contents need not be copied to one; it moves if they do not fit.

    :returns: the object; NULL if the sink itself has room for so many bytes.
    """
    if size <= <Py_ssize_t>sizeof(s.small):
        return NULL
    made = PyBytes_FromStringAndSize(NULL, min(size, MOST_BEGUN) + BEGUN_ROOM)
    Py_INCREF(made)
    sink_begin_in(s, PyBytes_AS_STRING(made), min(size, MOST_BEGUN) + BEGUN_ROOM)
    return <PyObject*>made


cdef inline Py_ssize_t product(Py_ssize_t a, Py_ssize_t b) noexcept:
    """Of two numbers that are not negative; the greatest there is, if it is greater."""
    return PY_SSIZE_T_MAX if b and a > PY_SSIZE_T_MAX // b else a * b


cdef object bytes_of(Sink* s, PyObject** begun):
    """The contents of a sink as bytes.

    :param begun: what begin_in_bytes returned; NULL afterwards.
    """
    cdef Py_ssize_t size = s.pos - s.start
    if begun[0] == NULL or s.start != s.first:
        return PyBytes_FromStringAndSize(<const char*>s.start, size)
    if s.end - s.pos <= size >> 1:
        # Not cut to size: glibc keeps freed memory at hand for blocks that are no larger than one freed before.
        s.pos[0] = 0
        Py_SET_SIZE(begun[0], size)
    else:
        _PyBytes_Resize(begun, size)
    made = <object>begun[0]
    Py_DECREF(made)
    begun[0] = NULL
    return made


cdef void go_back(Cursor* c, Sink* s, const uint8_t* start, Py_ssize_t begin) noexcept:
    """Go back to the start of the datum that failed: the next call meets it first, and raises."""
    cur_clear(c)
    sink_forgive(s)
    c.pos = start
    s.pos = s.start + begin


cdef object text_of(Sink* s, bint is_valid):
    """The contents of a sink as str.

    :param is_valid: no label may be malformed; text has been checked.
    """
    cdef Py_ssize_t size = s.pos - s.start
    cdef PyObject* made
    if s.options & EMIT_BEYOND_ASCII and not s.options & EMIT_LATIN:
        made = avrojet_utf8_decode(s.start, size, is_valid)
        if made == NULL:
            return PyUnicode_DecodeUTF8(<const char*>s.start, size, NULL)      # raises the error
        text = <object>made
        Py_DECREF(text)
        return text
    text = PyUnicode_New(size, 255 if s.options & EMIT_BEYOND_ASCII else 127)
    memcpy(PyUnicode_1BYTE_DATA(text), s.start, size)
    return text


cdef class TextEncoder(Planned):
    """Parses JSON to data of one plan, which is frozen for encoding. Thread-safe.

    :param plain: values of unions are not tagged and go to the branch that fits best.
    :param options: `EncodeOptions`, of which `fill_defaults`, `refuse_extra`, `truncate_times` and `naive_is_utc`
        apply.
    """

    cdef int options

    def __init__(self, Plan plan not None, options=EncodeOptions(), *, bint plain=False):
        label_for_parsing(ensure_frozen(plan))
        choose_for_text(plan)
        take_plan(self, plan)
        self.options = PARSE_PLAIN * plain | options_of(options) & OPTIONS

    def data(self, text):
        """The encoded datum of one JSON text.

        :param text: str, or UTF-8 in bytes or another buffer.
        :raises DecodeError: if it is not JSON, or does not fit the schema; ``path``, ``line``
            and ``column`` say where.
        """
        cdef Cursor c
        cdef Sink s
        cdef Held held
        cdef Plan plan = ensure_plan(self.plan)
        hold_text(text, &held)
        try:
            open_both(plan, &c, &s, held.data, held.size, self.options)
            try:
                if not parse_value(plan.root, &c, &s):
                    raise text_failed(&c, &s, "the text", (1, 1, 0))
                if peek(&c) != 0 or c.pos < c.end:
                    text_fail(&c, TEXT_WANTED, b"the end of the text")
                    raise text_failed(&c, &s, "the text", (1, 1, 0))
                return PyBytes_FromStringAndSize(<const char*>s.start, s.pos - s.start)
            finally:
                sink_free(&s)
        finally:
            let_go(&held)

    def many(self, text, Py_ssize_t offset, Py_ssize_t most, *, bint last, number=0, tuple origin=(1, 1, 0)):
        """The encoded data of consecutive JSON texts, with any white space between them.

        :param text: UTF-8 in a buffer, checked with :meth:`whole_characters`.
        :param offset: where in it to begin.
        :param most: stop after the datum that reaches this many bytes of data, or after a million data.
        :param last: the text ends here; else a datum cut off at its end is left for the next call.
        :param number: index of the first text, for errors.
        :param origin: where the buffer begins in the whole text: line, column and offset, for errors.
        :returns: the data, how many they are, and the offset after the last one. They end before text that is not a
            datum of the schema.
        :raises DecodeError: if the first is not.
        """
        cdef Cursor c
        cdef Sink s
        cdef Held held
        cdef Plan plan = ensure_plan(self.plan)
        cdef int64_t count = 0
        cdef const uint8_t* start
        cdef Py_ssize_t begin = 0
        cdef bint done = True
        cdef PyObject* data = NULL
        hold(text, &held)
        try:
            open_both(plan, &c, &s, held.data, held.size, self.options)
            cur_seek(&c, offset + mark_size(&held) if offset == 0 and origin[2] == 0 else offset)
            data = begin_in_bytes(&s, min(most, c.end - c.pos))     # data are rarely longer than their text
            try:
                with nogil:
                    while True:
                        skip_space(&c)
                        start = c.pos
                        begin = s.pos - s.start
                        if c.pos >= c.end or begin >= most or count >= MOST_TEXTS:
                            break
                        cur_renew(&c, &plan.bounds)
                        sink_renew(&s, &plan.bounds)
                        done = (
                            cur_look_nogil(&c)
                            and parse_value(plan.root, &c, &s)
                            and (last or c.pos < c.end or ends_itself(start))
                        )
                        if not done:
                            break
                        count += 1
                if not done:
                    if not last and s.error == WRITE_OK and may_go_on(&c):
                        go_back(&c, &s, start, begin)
                    elif count and c.exception == NULL and s.exception == NULL:
                        go_back(&c, &s, start, begin)
                    else:
                        raise text_failed(&c, &s, f"text {number}", origin, number)
                return bytes_of(&s, &data), count, c.pos - c.start
            finally:
                sink_free(&s)
                Py_XDECREF(data)
        finally:
            let_go(&held)


def whole_characters(bytes text not None, tuple origin, *, bint last):
    """The bytes of a text up to its last whole UTF-8 character, and an error for what follows, or None.

    :param origin: where the text begins: line, column and offset, for the error.
    :param last: the text ends here; else its last character may be truncated.
    """
    cdef const uint8_t* data = <const uint8_t*><const char*>text
    cdef Py_ssize_t size = len(text)
    cdef Py_ssize_t back
    if not last:
        for back in range(1, min(size, 3) + 1):
            if data[size - back] >= 0xC0:      # begins a character, of two bytes or more
                if back < (2 if data[size - back] < 0xE0 else 3 if data[size - back] < 0xF0 else 4):
                    size -= back
                break
    if avrojet_utf8_valid(data, size):
        return size, None
    error = not_utf8(text, origin)
    return error.offset - origin[2], error


cdef inline bint may_go_on(const Cursor* c) noexcept nogil:
    """Whether the error may only be that the text is cut off, in a value or in a word such as ``-Infinity``."""
    return c.error == READ_OK or c.error == TEXT_END or (c.error >= TEXT_WANTED and c.end - c.pos < LONGEST_WORD)


cdef inline bint ends_itself(const uint8_t* start) noexcept nogil:
    """Whether the value's last character shows that it is whole; a number may go on in the next piece."""
    return start[0] == c"{" or start[0] == c"[" or start[0] == c'"'


cdef inline void open_both(
    Plan plan, Cursor* c, Sink* s, const uint8_t* data, Py_ssize_t size, int options
) noexcept:
    open_cursor(c, plan, data, size)
    sink_init(s, options)
    sink_renew(s, &plan.bounds)


cdef inline Py_ssize_t mark_size(const Held* held) noexcept:
    """The size of a byte order mark at the beginning, which is not part of the text."""
    cdef const uint8_t* data = held.data
    return 3 if held.size >= 3 and data[0] == 0xEF and data[1] == 0xBB and data[2] == 0xBF else 0


cdef int hold_text(text, Held* held) except -1:
    """Hold the UTF-8 of a text, checked to be well-formed."""
    if isinstance(text, str):
        held.exported = False
        try:
            held.data = <const uint8_t*>PyUnicode_AsUTF8AndSize(text, &held.size)
        except UnicodeEncodeError:
            raise not_utf8((<str>text).encode("utf-8", "surrogatepass"), (1, 1, 0)) from None
        return 0
    hold(text, held)
    if not avrojet_utf8_valid(held.data, held.size):
        data = (<const char*>held.data)[:held.size]
        let_go(held)
        raise not_utf8(data, (1, 1, 0))
    return 0


cdef object not_utf8(bytes text, tuple origin):
    """The error for a text that is not UTF-8."""
    try:
        text.decode()
        start = len(text)
    except UnicodeDecodeError as error:
        start = error.start
    line, column, offset = moved(origin, text[:start])
    return DecodeError(
        f"at line {line}, column {column} of the text: it is not UTF-8",
        kind=DecodeFailure.TEXT,
        offset=offset,
        line=line,
        column=column,
    )


cdef object failed(Cursor* c, Sink* s, str what, const uint8_t* begin=NULL):
    """The exception for what failed in bytes, or in writing their text; clears both.

    Parameters as in `cur_error`.
    """
    if s.error != WRITE_OK:
        cur_clear(c)
        return sink_error(s)
    return cur_error(c, what, -1, begin)


cdef object text_failed(Cursor* c, Sink* s, str what, tuple origin, Py_ssize_t row=-1):
    """The exception for what failed in a text, or in writing its data; clears both.

    :param origin: line, column and offset of where the cursor's text begins.
    :param row: number of the text, if it is one of many.
    """
    cdef Failure failure
    cdef object cause = None
    line, column = place(c, origin)
    facts = {"offset": origin[2] + (c.pos - c.start), "line": line, "column": column}
    if row >= 0:
        facts["row"] = row
    if s.error != WRITE_OK:
        cur_clear(c)
        error = sink_error(s)
        if isinstance(error, AvroError):
            tell_place(error, f"at line {line}, column {column} of {what}", **facts)
        return error
    path, field = trail_path(&c.trail), trail_innermost(&c.trail)
    facts["path"] = path
    if field is not None:
        facts["field"] = facts["enclosing_field"] = field
    if c.error < TEXT_WANTED:
        failure, reason, more, cause = cur_take_failure(c)
        if failure is None:
            return cause
        facts.update(more)
    else:
        failure = read_failure(c.error)
        reason = failure.say(failure.text, details_of(c, s, facts), None)
        cur_clear(c)
    return failure.raised(f"at {path}, line {line}, column {column} of {what}: ", reason, facts, cause)


cdef dict details_of(Cursor* c, Sink* s, dict facts):
    """What the message is made of; what is expected is added to the facts, too."""
    has_node = TEXT_KIND <= c.error < TEXT_TRIALS and c.error != TEXT_DUPLICATE
    expected = type_name(c.node) if has_node else None
    if expected is not None:
        facts["expected"] = expected
    details = {"expected": expected, "shown": shown(c)}
    if c.error == TEXT_WANTED or c.error == TEXT_END or c.error == TEXT_FORM:
        details["wanted"] = named(c)
    if c.error == TEXT_SIZE:
        details["size"] = c.node.size
    if c.error == TEXT_MISSING:
        details["way_out"] = way_out(s)
    return details


cdef tuple place(Cursor* c, tuple origin):
    """Line and column of the cursor, both counted from 1, columns in characters."""
    before = (<const char*>c.start)[:c.pos - c.start]
    return moved((origin[0], origin[1], 0), before)[:2]


def moved(tuple origin, bytes text not None):
    """Line, column and offset after a text that begins at ``origin``."""
    line, column, offset = origin
    begin = text.rfind(b"\n") + 1
    if begin:
        line += count_lines(text)
        column = 1
    return line, column + len(text[begin:].decode("utf-8", "replace")), offset + len(text)


def count_lines(bytes text not None):
    """The number of line ends in a text; bytes.count() is slower for short lines."""
    return avrojet_count_lines(<const uint8_t*><const char*>text, len(text))


cdef str named(Cursor* c):
    return (<const char*><intptr_t>c.number).decode()


cdef str shown(Cursor* c):
    """The token at the cursor, truncated."""
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
