"""The tokens of JSON text (RFC 8259): the cursor is in UTF-8 that is known to be well-formed."""

from libc.stdint cimport int64_t, uint8_t, uint64_t

from avrojet.core.ground.cursor cimport Cursor
from avrojet.core.ground.failures cimport TEXT_WANTED
from avrojet.core.ground.sink cimport Sink
from avrojet.core.plan.node cimport Node

cdef extern from "json_strings.h":
    const uint8_t* avrojet_to_special(const uint8_t*, const uint8_t*) nogil

cdef struct Token:
    # A string without its quotes. If it has escapes, they have not been replaced yet.
    const uint8_t* data
    Py_ssize_t size
    bint escaped

cdef struct Number:
    # digits * 10**exponent; `whole` if written without a point and an exponent.
    uint64_t digits
    int64_t exponent
    bint negative
    bint whole
    bint exact                  # `digits` holds all digits
    const uint8_t* start
    Py_ssize_t size

cdef bint scan_rare_string(Cursor* c, Token* token, const uint8_t* pos) noexcept nogil
cdef bint scan_number(Cursor* c, Number* number) noexcept nogil
cdef bint scan_past(Cursor* c) noexcept nogil
cdef Py_ssize_t unescape(Cursor* c, const Token* token, uint8_t* out) noexcept nogil
cdef bint text_fail(Cursor* c, int error, const char* what) noexcept nogil


cdef inline bint scan_string(Cursor* c, Token* token) noexcept nogil:
    """Scan a string with its quotes; the cursor is at the first."""
    cdef const uint8_t* pos = avrojet_to_special(c.pos + 1, c.end)
    token.data = c.pos + 1
    token.escaped = False
    if pos < c.end and pos[0] == c'"':
        token.size = pos - token.data
        c.pos = pos + 1
        return True
    return scan_rare_string(c, token, pos)


cdef inline void skip_space(Cursor* c) noexcept nogil:
    while c.pos < c.end and (c.pos[0] == c" " or c.pos[0] == c"\n" or c.pos[0] == c"\t" or c.pos[0] == c"\r"):
        c.pos += 1


cdef inline uint8_t peek(Cursor* c) noexcept nogil:
    """The next character that is not white space; 0 at the end."""
    if c.pos < c.end and c.pos[0] > c" ":
        return c.pos[0]
    skip_space(c)
    return c.pos[0] if c.pos < c.end else 0


cdef inline bint take(Cursor* c, uint8_t char, const char* wanted) noexcept nogil:
    """Consume this character; ``wanted`` names it for the error."""
    if peek(c) != char:
        return text_fail(c, TEXT_WANTED, wanted)
    c.pos += 1
    return True


cdef inline bint scan_word(Cursor* c, const char* word, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t i
    if c.end - c.pos < size:
        return text_fail(c, TEXT_WANTED, word)
    for i in range(size):
        if c.pos[i] != <uint8_t>word[i]:
            return text_fail(c, TEXT_WANTED, word)
    c.pos += size
    return True
