"""The tokens of JSON text (RFC 8259): strings, numbers, and values that are skipped."""

from libc.stdint cimport int64_t, intptr_t, uint8_t, uint32_t, uint64_t

from avrojet.core.ground.cursor cimport *

cdef extern from "json_strings.h":
    int avrojet_hex_unit(const uint8_t*) nogil
    uint8_t* avrojet_put_utf8(uint32_t, uint8_t*) nogil

cdef enum:
    MOST_DIGITS_AT_HAND = 19    # decimal digits that always fit 64 bits


cdef bint text_fail(Cursor* c, int error, const char* what) noexcept nogil:
    """``what`` is static text: what is expected at the cursor."""
    if error == TEXT_WANTED and c.pos >= c.end:
        error = TEXT_END
    return cur_fail(c, error, <int64_t><intptr_t>what)


cdef bint scan_rare_string(Cursor* c, Token* token, const uint8_t* pos) noexcept nogil:
    """Scan the rest of a string, from its first special character that is not a quote."""
    while True:
        if pos >= c.end:
            c.pos = c.end
            return text_fail(c, TEXT_END, b"the end of a string")
        if pos[0] == c'"':
            token.size = pos - token.data
            c.pos = pos + 1
            return True
        if pos[0] != c"\\":
            c.pos = pos
            return text_fail(c, TEXT_WANTED, b"an escape for a control character")
        token.escaped = True
        pos = avrojet_to_special(pos + 2, c.end) if c.end - pos > 2 else c.end


cdef Py_ssize_t unescape(Cursor* c, const Token* token, uint8_t* out) noexcept nogil:
    """Write the text of a string with escapes, never longer than the string; returns its size, or -1."""
    cdef const uint8_t* pos = token.data
    cdef const uint8_t* end = pos + token.size
    cdef uint8_t* begin = out
    cdef int unit, low
    while pos < end:
        if pos[0] != c"\\":
            out[0] = pos[0]
            out += 1
            pos += 1
            continue
        if pos[1] == c"u":
            unit = avrojet_hex_unit(pos + 2) if end - pos >= 6 else -1
            if unit < 0:
                return failed_at(c, pos, TEXT_ESCAPE)
            if 0xD800 <= unit <= 0xDFFF:
                low = -1
                if unit < 0xDC00 and end - pos >= 12 and pos[6] == c"\\" and pos[7] == c"u":
                    low = avrojet_hex_unit(pos + 8)
                if not 0xDC00 <= low <= 0xDFFF:
                    return failed_at(c, pos, TEXT_SURROGATE)
                unit = 0x10000 + ((unit - 0xD800) << 10 | (low - 0xDC00))
                pos += 6
            out = avrojet_put_utf8(unit, out)
            pos += 6
            continue
        out[0] = escaped(pos[1])
        if out[0] == 0:
            return failed_at(c, pos, TEXT_ESCAPE)
        out += 1
        pos += 2
    return out - begin


cdef inline uint8_t escaped(uint8_t letter) noexcept nogil:
    if letter == c'"' or letter == c"\\" or letter == c"/":
        return letter
    if letter == c"n":
        return 10
    if letter == c"t":
        return 9
    if letter == c"r":
        return 13
    if letter == c"b":
        return 8
    return 12 if letter == c"f" else 0


cdef Py_ssize_t failed_at(Cursor* c, const uint8_t* pos, int error) noexcept nogil:
    c.pos = pos
    cur_fail(c, error)
    return -1


cdef bint scan_number(Cursor* c, Number* number) noexcept nogil:
    """Scan a JSON number: no plus sign, no leading zeros, digits on both sides of a point."""
    cdef const uint8_t* pos = c.pos
    cdef const uint8_t* first
    cdef int64_t exponent = 0
    cdef bint negative
    number.start = pos
    number.digits = 0
    number.exponent = 0
    number.exact = number.whole = True
    number.negative = pos[0] == c"-"
    if number.negative:
        pos += 1
    first = pos
    pos = scan_digits(pos, c.end, number, False)
    if pos == first or (first[0] == c"0" and pos - first > 1):
        c.pos = first
        return text_fail(c, TEXT_WANTED, b"a number")
    if pos < c.end and pos[0] == c".":
        number.whole = False
        first = pos + 1
        pos = scan_digits(first, c.end, number, True)
        if pos == first:
            c.pos = pos
            return text_fail(c, TEXT_WANTED, b"a digit after the point")
    if pos < c.end and pos[0] | 0x20 == c"e":
        number.whole = False
        pos += 1
        negative = pos < c.end and pos[0] == c"-"
        if pos < c.end and (pos[0] == c"-" or pos[0] == c"+"):
            pos += 1
        first = pos
        while pos < c.end and c"0" <= pos[0] <= c"9":
            if exponent < 100000000:
                exponent = exponent * 10 + (pos[0] - c"0")
            pos += 1
        if pos == first:
            c.pos = pos
            return text_fail(c, TEXT_WANTED, b"a digit of the exponent")
        number.exponent += -exponent if negative else exponent
    number.size = pos - number.start
    c.pos = pos
    return True


cdef inline const uint8_t* scan_digits(
    const uint8_t* pos, const uint8_t* end, Number* number, bint fraction
) noexcept nogil:
    """Scan digits of the number; those that do not fit its 64 bits change only the exponent."""
    cdef uint64_t digits = number.digits
    while pos < end and c"0" <= pos[0] <= c"9":
        if digits < <uint64_t>1000000000000000000:
            digits = digits * 10 + (pos[0] - c"0")
            number.exponent -= fraction
        else:
            number.exact = number.exact and pos[0] == c"0"
            number.exponent += not fraction
        pos += 1
    number.digits = digits
    return pos


cdef bint scan_past(Cursor* c) noexcept nogil:
    """Skip a value of any kind."""
    cdef Token token
    cdef Number number
    cdef uint8_t char = peek(c)
    if char == c'"':
        return scan_string(c, &token)
    if char == c"{" or char == c"[":
        c.depth -= 1
        if c.depth < 0:
            return cur_fail(c, READ_DEPTH)
        if not (past_members(c) if char == c"{" else past_items(c)):
            return False
        c.depth += 1
        return True
    if char == c"t":
        return scan_word(c, b"true", 4)
    if char == c"f":
        return scan_word(c, b"false", 5)
    if char == c"n":
        return scan_word(c, b"null", 4)
    if char == c"N":
        return scan_word(c, b"NaN", 3)
    if char == c"I":
        return scan_word(c, b"Infinity", 8)
    if char == c"-" and c.end - c.pos > 1 and c.pos[1] == c"I":
        return scan_word(c, b"-Infinity", 9)
    if char == c"-" or c"0" <= char <= c"9":
        return scan_number(c, &number)
    return text_fail(c, TEXT_WANTED, b"a value")


cdef bint past_members(Cursor* c) noexcept nogil:
    cdef Token token
    c.pos += 1
    if peek(c) == c"}":
        c.pos += 1
        return True
    while True:
        if peek(c) != c'"':
            return text_fail(c, TEXT_WANTED, b"a key in quotes")
        if not scan_string(c, &token) or not take(c, c":", b"a colon after the key") or not scan_past(c):
            return False
        if not cur_look_nogil(c):
            return False
        if peek(c) == c"}":
            c.pos += 1
            return True
        if not take(c, c",", b"a comma or the end of the object"):
            return False


cdef bint past_items(Cursor* c) noexcept nogil:
    c.pos += 1
    if peek(c) == c"]":
        c.pos += 1
        return True
    while True:
        if not scan_past(c):
            return False
        if not cur_look_nogil(c):
            return False
        if peek(c) == c"]":
            c.pos += 1
            return True
        if not take(c, c",", b"a comma or the end of the array"):
            return False
