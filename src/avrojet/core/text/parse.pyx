"""Parse JSON: text to Avro bytes, one routine per op, without the GIL; the table is at the end.

The cursor is in the text, the sink takes the bytes, the same that an Encoder makes of the value. A routine begins at
the first character of its value and ends after the last one; it returns False with ``Cursor.error`` or
``Sink.error`` set, the cursor where the failing value began.
"""

from cpython.object cimport PyObject
from libc.stdint cimport INT32_MAX, INT32_MIN, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy, memmove

from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.error_path cimport trail_field, trail_index, trail_key
from avrojet.core.ground.sink cimport *
from avrojet.core.plan.node cimport *
from avrojet.core.text.labels cimport find_name, reachable
from avrojet.core.text.parse_logical cimport (
    parse_big_decimal, parse_date, parse_decimal, parse_duration, parse_time, parse_timestamp, parse_uuid_text,
)
from avrojet.core.text.powers cimport AvrojetPower, powers_of_ten
from avrojet.core.text.scan cimport *

cdef extern from "scalars.h":
    void avrojet_store32le(uint8_t*, uint32_t) nogil
    void avrojet_store64le(uint8_t*, uint64_t) nogil
    uint64_t avrojet_double_to_bits(double) nogil
    uint32_t avrojet_double_to_float(double) nogil

cdef extern from "numbers.h":
    bint avrojet_nearest_double(const AvrojetPower*, uint64_t, int, double*) nogil
    const uint8_t* avrojet_read_plain(const uint8_t*, const uint8_t*, uint64_t*, int*) nogil

cdef extern from "json_strings.h":
    int avrojet_character(const uint8_t*, uint32_t*) nogil
    bint avrojet_begins_with(const uint8_t*, Py_ssize_t, const uint8_t*, Py_ssize_t) nogil

cdef enum:
    SHORT_TEXT = 32             # bytes copied at once, even if the text is shorter

ctypedef bint (*Routine)(const Node*, Cursor*, Sink*) noexcept nogil


cdef bint parse_value(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    return parse_inline(node, c, s)


cdef inline bint parse_inline(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """Parse a value after any white space."""
    peek(c)
    if node.op == OP_STRING:
        return parse_string(node, c, s)
    if node.op == OP_LONG:
        return parse_long(node, c, s)
    if node.op == OP_DOUBLE:
        return parse_double(node, c, s)
    return PARSE[node.op](node, c, s)


cdef inline bint enter(Cursor* c) noexcept nogil:
    c.depth -= 1
    return cur_look_nogil(c) if c.depth >= 0 else cur_fail(c, READ_DEPTH)


cdef bint refuse(Cursor* c, const Node* node, int error) noexcept nogil:
    """Record that the token at the cursor does not fit the node; at the end of the text, only that it ends."""
    if c.pos >= c.end:
        return text_fail(c, TEXT_END, b"a value")
    c.node = node
    return cur_fail(c, error)


cdef bint refuse_at(Cursor* c, const uint8_t* start, const Node* node, int error) noexcept nogil:
    c.pos = start
    return refuse(c, node, error)


# Primitive types

cdef bint parse_null(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    return scan_word(c, b"null", 4) if peek(c) == c"n" else refuse(c, node, TEXT_KIND)


cdef bint parse_boolean(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef uint8_t char = peek(c)
    if char == c"t":
        return scan_word(c, b"true", 4) and put_byte(s, 1)
    if char == c"f":
        return scan_word(c, b"false", 5) and put_byte(s, 0)
    return refuse(c, node, TEXT_KIND)


cdef inline bint begins_number(Cursor* c) noexcept nogil:
    return c.pos < c.end and (c"0" <= c.pos[0] <= c"9" or c.pos[0] == c"-")


cdef bint read_integer(const Node* node, Cursor* c, int64_t least, int64_t most, int64_t* value) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef Number number
    if not begins_number(c):
        return refuse(c, node, TEXT_KIND)
    if not scan_number(c, &number):
        return False
    if not number.whole:
        return refuse_at(c, start, node, TEXT_KIND)
    if (
        number.exponent or number.digits > <uint64_t>1 << 63
        or (number.digits == <uint64_t>1 << 63 and not number.negative)
    ):
        return refuse_at(c, start, node, TEXT_RANGE)
    value[0] = <int64_t>(0 - number.digits if number.negative else number.digits)
    if not least <= value[0] <= most:
        return refuse_at(c, start, node, TEXT_RANGE)
    return True


cdef inline bint read_short_integer(Cursor* c, int64_t* value) noexcept nogil:
    """An integer of up to 18 digits followed by a comma or a bracket; False if it needs a closer look."""
    cdef const uint8_t* pos = c.pos
    cdef const uint8_t* first
    cdef int64_t digits = 0
    cdef bint negative
    if pos >= c.end:
        return False
    negative = pos[0] == c"-"
    pos += negative
    first = pos
    while pos < c.end and c"0" <= pos[0] <= c"9" and pos - first < 18:
        digits = digits * 10 + (pos[0] - c"0")
        pos += 1
    if (
        pos == first or pos >= c.end or (first[0] == c"0" and pos - first > 1)
        or (pos[0] != c"," and pos[0] != c"}" and pos[0] != c"]")
    ):
        return False
    value[0] = -digits if negative else digits
    c.pos = pos
    return True


cdef bint parse_int(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t value
    if read_short_integer(c, &value) and INT32_MIN <= value <= INT32_MAX:
        return put_long(s, value)
    c.pos = start
    return read_integer(node, c, INT32_MIN, INT32_MAX, &value) and put_long(s, value)


cdef inline bint parse_long(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef int64_t value
    if read_short_integer(c, &value):
        return put_long(s, value)
    return parse_any_long(node, c, s)


cdef bint parse_any_long(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef int64_t value
    return read_integer(node, c, INT64_LEAST, INT64_MOST, &value) and put_long(s, value)


cdef bint parse_number(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """The plain encoding of a date or time."""
    cdef const uint8_t* start = c.pos
    cdef int64_t value
    if not read_integer(
        node, c, INT32_MIN if node.narrow else INT64_LEAST, INT32_MAX if node.narrow else INT64_MOST, &value
    ):
        return False
    return put_moment(node, start, value, c, s)


cdef bint put_moment(const Node* node, const uint8_t* start, int64_t value, Cursor* c, Sink* s) noexcept nogil:
    """Write a date or time that readers can show; ``start`` is where its text begins."""
    if not node.first <= value <= node.last:
        return refuse_at(c, start, node, TEXT_RANGE)
    return put_long(s, value)


cdef bint read_double(const Node* node, Cursor* c, double* value) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef uint8_t char = peek(c)
    cdef Number number
    if char == c'"' or char == c"N" or char == c"I" or (char == c"-" and c.end - c.pos > 1 and c.pos[1] == c"I"):
        return read_special(node, c, value)
    if not begins_number(c):
        return refuse(c, node, TEXT_KIND)
    if not scan_number(c, &number):
        return False
    if number.digits == 0:
        value[0] = -0.0 if number.negative else 0.0
        return True
    if (
        not number.exact or not -400 < number.exponent < 400
        or not avrojet_nearest_double(powers_of_ten(), number.digits, <int>number.exponent, value)
    ):
        if not read_rare_double(c, &number, value):
            return False
        if value[0] - value[0] != 0:
            return refuse_at(c, start, node, TEXT_RANGE)
        return True
    if number.negative:
        value[0] = -value[0]
    return True


cdef bint read_rare_double(Cursor* c, const Number* number, double* value) noexcept nogil:
    """A number whose nearest double 128 bits do not determine: left to CPython's own parser."""
    with gil:
        return read_by_python(c, number, value)


cdef bint read_by_python(Cursor* c, const Number* number, double* value) noexcept:
    try:
        value[0] = float((<const char*>number.start)[:number.size])
    except BaseException as exception:
        cur_caught(c, exception)
        return False
    return True


cdef bint read_special(const Node* node, Cursor* c, double* value) noexcept nogil:
    """NaN and infinities: strings, or the bare words that some writers use."""
    cdef const uint8_t* start = c.pos
    cdef bint in_quotes = c.pos[0] == c'"'
    c.pos += in_quotes
    if word_comes(c, b"NaN", 3):
        value[0] = NOT_A_NUMBER
    elif word_comes(c, b"Infinity", 8):
        value[0] = INFINITE
    elif word_comes(c, b"-Infinity", 9):
        value[0] = -INFINITE
    else:
        return refuse_at(c, start, node, TEXT_KIND)
    if in_quotes:
        if c.pos >= c.end or c.pos[0] != c'"':
            return refuse_at(c, start, node, TEXT_KIND)
        c.pos += 1
    return True


cdef bint word_comes(Cursor* c, const char* word, Py_ssize_t size) noexcept nogil:
    if c.end - c.pos < size or memcmp(c.pos, word, size) != 0:
        return False
    c.pos += size
    return True


cdef inline bint read_plain_double(Cursor* c, double* value) noexcept nogil:
    """A number in the usual form; False if it needs a closer look."""
    cdef uint64_t digits
    cdef int exponent
    cdef bint negative = c.pos < c.end and c.pos[0] == c"-"
    cdef const uint8_t* pos = avrojet_read_plain(c.pos + negative, c.end, &digits, &exponent)
    if pos == NULL or digits == 0 or not avrojet_nearest_double(powers_of_ten(), digits, exponent, value):
        return False
    if negative:
        value[0] = -value[0]
    c.pos = pos
    return True


cdef inline bint parse_double(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef double value
    if not read_plain_double(c, &value) and not read_double(node, c, &value) or not sink_reserve(s, 8):
        return False
    avrojet_store64le(s.pos, avrojet_double_to_bits(value))
    s.pos += 8
    return True


cdef bint parse_float(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef double value
    cdef float narrow
    if not read_double(node, c, &value) or not sink_reserve(s, 4):
        return False
    narrow = <float>value
    if value - value == 0 and narrow - narrow != 0:
        return refuse_at(c, start, node, TEXT_RANGE)
    avrojet_store32le(s.pos, avrojet_double_to_float(value))
    s.pos += 4
    return True


# Text and bytes

cdef bint read_token(const Node* node, Cursor* c, Token* token) noexcept nogil:
    if c.pos >= c.end or c.pos[0] != c'"':
        return refuse(c, node, TEXT_KIND)
    return scan_string(c, token)


cdef inline bint parse_string(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef Token token
    return read_token(node, c, &token) and put_token(c, s, &token)


cdef inline bint put_token(Cursor* c, Sink* s, const Token* token) noexcept nogil:
    """Write a string's length and text."""
    cdef uint8_t* begin
    cdef Py_ssize_t size
    if not sink_reserve(s, token.size + 20 + SHORT_TEXT):
        return False
    if not token.escaped:
        put_number(s, token.size)
        if token.size <= SHORT_TEXT <= c.end - token.data:
            memcpy(s.pos, token.data, SHORT_TEXT)
        else:
            memcpy(s.pos, token.data, token.size)
        s.pos += token.size
        return True
    begin = s.pos + 10
    size = unescape(c, token, begin)
    if size < 0:
        return False
    put_number(s, size)
    memmove(s.pos, begin, size)
    s.pos += size
    return True


cdef bint text_of(Cursor* c, Sink* s, const Token* token, const uint8_t** data, Py_ssize_t* size) noexcept nogil:
    """A string's text; if it has escapes, it stands after the sink's end until the sink is next used."""
    data[0] = token.data
    size[0] = token.size
    if not token.escaped:
        return True
    if not sink_reserve(s, token.size + 10):
        return False
    data[0] = s.pos
    size[0] = unescape(c, token, s.pos)
    return size[0] >= 0


cdef bint parse_bytes(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef Token token
    cdef Py_ssize_t size
    cdef uint8_t* begin
    if not read_token(node, c, &token) or not sink_reserve(s, 2 * token.size + 20):
        return False
    begin = s.pos + 10
    size = put_code_points(c, s, &token, begin)
    if size < 0:
        return False if c.error != TEXT_CODE_POINT else refuse_at(c, start, node, TEXT_CODE_POINT)
    put_number(s, size)
    memmove(s.pos, begin, size)
    s.pos += size
    return True


cdef bint parse_fixed(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef Token token
    cdef Py_ssize_t size
    if not read_token(node, c, &token) or not sink_reserve(s, 2 * token.size + 20):
        return False
    size = put_code_points(c, s, &token, s.pos)
    if size < 0:
        return False if c.error != TEXT_CODE_POINT else refuse_at(c, start, node, TEXT_CODE_POINT)
    if size != node.size:
        return refuse_at(c, start, node, TEXT_SIZE)
    s.pos += size
    return True


cdef Py_ssize_t put_code_points(Cursor* c, Sink* s, const Token* token, uint8_t* out) noexcept nogil:
    """Write a string's code points as bytes (specification: JSON Encoding); returns how many, or -1."""
    cdef uint8_t* text = out
    cdef uint8_t* begin = out
    cdef const uint8_t* pos = token.data
    cdef Py_ssize_t size = token.size
    cdef const uint8_t* end
    cdef uint32_t code
    if token.escaped:
        size = unescape(c, token, text)
        pos = text
        if size < 0:
            return -1
    end = pos + size
    while pos < end:
        if pos[0] < 0x80:
            out[0] = pos[0]
            pos += 1
        else:
            pos += avrojet_character(pos, &code)
            if code > 255:
                cur_fail(c, TEXT_CODE_POINT)
                return -1
            out[0] = <uint8_t>code
        out += 1
    return out - begin


cdef bint parse_enum(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef Token token
    cdef const uint8_t* name
    cdef Py_ssize_t size, index
    if not read_token(node, c, &token) or not text_of(c, s, &token, &name, &size):
        return False
    index = find_name(node.table, name, size)
    if index < 0:
        return refuse_at(c, start, node, TEXT_SYMBOL)
    return put_long(s, index)


# Arrays and maps: one block that does not state its size, then the closing zero

cdef bint parse_array(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef Py_ssize_t begin = s.pos - s.start
    cdef int64_t count = 0
    if peek(c) != c"[":
        return refuse(c, node, TEXT_KIND)
    c.pos += 1
    if not enter(c) or not put_byte(s, 0):
        return False
    if peek(c) == c"]":
        c.pos += 1
        c.depth += 1
        return True
    while True:
        if not one_item(node.child, c, s, count):
            trail_index(&c.trail, count)
            return False
        count += 1
        if peek(c) == c"]":
            break
        if not take(c, c",", b"a comma or the end of the array"):
            return False
    c.pos += 1
    c.depth += 1
    return close_block(s, begin, count)


cdef inline bint one_item(const Node* child, Cursor* c, Sink* s, int64_t count) noexcept nogil:
    if count & LOOK_ITEMS == LOOK_ITEMS and not cur_look_nogil(c):
        return False
    if count >= c.items:
        return cur_fail(c, READ_ITEMS, count)
    if child.min_bytes == 0:
        c.empty_items -= 1
        if c.empty_items < 0:
            return cur_fail(c, READ_EMPTY_ITEMS)
    return parse_inline(child, c, s)


cdef bint close_block(Sink* s, Py_ssize_t begin, int64_t count) noexcept nogil:
    """Put the count where a byte was reserved for it, and the closing zero.

    Items move only if there are 64 or more; in nested arrays so few times that it costs next to nothing.
    """
    cdef Py_ssize_t size = s.pos - s.start - begin - 1
    cdef Py_ssize_t width = 1
    cdef uint64_t rest = <uint64_t>count << 1
    if not sink_reserve(s, 12):
        return False
    while rest > 0x7F:
        rest >>= 7
        width += 1
    if width > 1:
        memmove(s.start + begin + width, s.start + begin + 1, size)
    s.pos = s.start + begin
    put_number(s, count)
    s.pos += size
    s.pos[0] = 0
    s.pos += 1
    return True


cdef bint parse_map(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef Py_ssize_t begin = s.pos - s.start
    cdef int64_t count = 0
    cdef Token token
    if peek(c) != c"{":
        return refuse(c, node, TEXT_KIND)
    c.pos += 1
    if not enter(c) or not put_byte(s, 0):
        return False
    if peek(c) == c"}":
        c.pos += 1
        c.depth += 1
        return True
    while True:
        if not read_key(c, &token) or not put_token(c, s, &token):
            return False
        if not one_item(node.child, c, s, count):
            note_member(c, &token)
            return False
        count += 1
        if peek(c) == c"}":
            break
        if not take(c, c",", b"a comma or the end of the object"):
            return False
    c.pos += 1
    c.depth += 1
    return close_block(s, begin, count)


cdef inline bint read_key(Cursor* c, Token* token) noexcept nogil:
    """Read a key and the colon after it."""
    if peek(c) != c'"':
        return text_fail(c, TEXT_WANTED, b"a key in quotes")
    return scan_string(c, token) and take(c, c":", b"a colon after the key")


cdef void note_member(Cursor* c, const Token* token) noexcept nogil:
    with gil:
        key = (<const char*>token.data)[:token.size].decode("utf-8", "replace")
        trail_key(&c.trail, <PyObject*>key)


# Unions

cdef bint parse_union(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    if s.options & PARSE_PLAIN:
        return parse_best(node, c, s)
    return parse_tagged(node, c, s)


cdef bint parse_tagged(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """null, or an object whose only key names the branch (specification: JSON Encoding)."""
    cdef const uint8_t* start = c.pos
    cdef Token token
    cdef const uint8_t* name
    cdef Py_ssize_t size, index
    if peek(c) == c"n":
        index = find_name(node.table, <const uint8_t*>b"null", 4)
        if index < 0:
            return refuse(c, node, TEXT_BRANCH)
        return scan_word(c, b"null", 4) and put_long(s, index)
    if peek(c) != c"{":
        return refuse(c, node, TEXT_BRANCH)
    c.pos += 1
    if peek(c) == c"}":
        return refuse_at(c, start, node, TEXT_BRANCH)
    if not read_key(c, &token) or not text_of(c, s, &token, &name, &size):
        return False
    index = find_name(node.table, name, size)
    if index < 0 or node.children[index].op == OP_NULL:
        return refuse_at(c, start, node, TEXT_BRANCH)
    if not put_long(s, index) or not parse_inline(node.children[index], c, s):
        return False
    return take(c, c"}", b"the end of the object that names the branch")


cdef enum TextKind:
    # The kinds of JSON text that choosing a union's branch distinguishes; index Node.fitting.
    TEXT_NULL
    TEXT_BOOLEAN
    TEXT_INTEGER
    TEXT_FRACTION
    TEXT_STRING
    TEXT_ARRAY
    TEXT_OBJECT
    TEXT_KINDS


# The ops that take text of each kind, best first: types with a form of their own before those that take any text.
cdef tuple NUMBERS = (
    OP_INT, OP_LONG, OP_DECIMAL, OP_BIG_DECIMAL, OP_DOUBLE, OP_FLOAT, OP_DATE, OP_TIME, OP_TIMESTAMP,
)
cdef tuple STRINGS = (
    OP_ENUM, OP_UUID, OP_TIMESTAMP, OP_DATE, OP_TIME, OP_DURATION, OP_STRING, OP_DECIMAL, OP_BIG_DECIMAL,
    OP_FIXED, OP_BYTES, OP_DOUBLE, OP_FLOAT,
)
cdef tuple FITS = (
    (OP_NULL,),
    (OP_BOOLEAN,),
    NUMBERS,
    (OP_DECIMAL, OP_BIG_DECIMAL, OP_DOUBLE, OP_FLOAT),
    STRINGS,
    (OP_ARRAY,),
    (OP_RECORD, OP_RESOLVED, OP_MAP),
)


cdef int choose_for_text(Plan plan) except -1:
    """Give each union the branches that fit text of each kind, the best first."""
    cdef Node* node
    cdef Py_ssize_t i
    cdef int kind
    for address in reachable(plan):
        node = <Node*><size_t>address
        if node.op != OP_UNION and node.op != OP_NULLABLE:
            continue
        node.fitting = <BranchList*>plan.allocate(KIND_COUNT * sizeof(BranchList))
        ops = [node.children[i].op for i in range(node.count)]
        for kind in range(TEXT_KINDS):
            rank = {op: place for place, op in enumerate(FITS[kind])}
            fits = sorted([i for i in range(node.count) if ops[i] in rank], key=lambda i: rank[ops[i]])
            node.fitting[kind].count = len(fits)
            node.fitting[kind].branches = <int32_t*>plan.allocate(len(fits) * sizeof(int32_t) + 1)
            for i in range(len(fits)):
                node.fitting[kind].branches[i] = fits[i]
    return 0


cdef int kind_of(Cursor* c) noexcept nogil:
    """The kind of the text at the cursor, or -1."""
    cdef uint8_t char = peek(c)
    cdef const uint8_t* pos = c.pos + 1
    if char == c'"':
        return TEXT_STRING
    if char == c"{":
        return TEXT_OBJECT
    if char == c"[":
        return TEXT_ARRAY
    if char == c"n":
        return TEXT_NULL
    if char == c"t" or char == c"f":
        return TEXT_BOOLEAN
    if char == c"N" or char == c"I":
        return TEXT_FRACTION
    if char != c"-" and not c"0" <= char <= c"9":
        return -1
    while pos < c.end and c"0" <= pos[0] <= c"9":
        pos += 1
    if pos < c.end and (pos[0] == c"." or pos[0] | 0x20 == c"e" or pos[0] == c"I"):
        return TEXT_FRACTION
    return TEXT_INTEGER


cdef bint parse_best(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """The first branch that the text fits, of those that take text of its kind.

    Objects are tried three times: without defaults or extra keys, then with defaults, then with extra keys too.
    """
    cdef const uint8_t* start
    cdef int kind = kind_of(c)
    cdef int options = s.options
    cdef const BranchList* fitting
    cdef bint done = False
    start = c.pos
    if kind < 0:
        return refuse(c, node, TEXT_BRANCH)
    fitting = &node.fitting[kind]
    if fitting.count == 0:
        return refuse(c, node, TEXT_BRANCH)
    if fitting.count == 1:
        return put_long(s, fitting.branches[0]) and parse_inline(node.children[fitting.branches[0]], c, s)
    if kind == TEXT_OBJECT:
        s.options = options & ~FILL_DEFAULTS | REFUSE_EXTRA
        done = first_fit(node, fitting, c, s)
        if not done and is_trial(c) and options & FILL_DEFAULTS:
            s.options = options | REFUSE_EXTRA
            done = first_fit(node, fitting, c, s)
        s.options = options
        if done or not is_trial(c):
            return done
    if first_fit(node, fitting, c, s):
        return True
    return refuse_at(c, start, node, TEXT_BRANCH) if is_trial(c) else False


cdef bint first_fit(const Node* node, const BranchList* fitting, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef Py_ssize_t begin = s.pos - s.start
    cdef int depth = c.depth
    cdef int64_t empty_items = c.empty_items
    cdef Py_ssize_t length = c.trail.length
    cdef Py_ssize_t i
    for i in range(fitting.count):
        if put_long(s, fitting.branches[i]) and parse_inline(node.children[fitting.branches[i]], c, s):
            return True
        if not is_trial(c) or s.error != WRITE_OK:
            return False
        s.trials -= 1
        if s.trials < 0:
            return cur_fail(c, TEXT_TRIALS)
        forget(c, length)
        c.pos = start
        c.depth = depth
        c.empty_items = empty_items
        s.pos = s.start + begin
    return cur_fail(c, TEXT_BRANCH)


cdef bint is_trial(Cursor* c) noexcept nogil:
    """Whether the failure only means that the text does not fit this branch."""
    return TEXT_ESCAPE < c.error < TEXT_TRIALS and c.error != TEXT_SURROGATE


cdef void forget(Cursor* c, Py_ssize_t length) noexcept nogil:
    """Drop the places that a failed trial has noted."""
    if c.trail.length > length:
        with gil:
            cur_clear(c)
    c.error = READ_OK


# Records

cdef bint parse_record(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """Members are parsed as they come while in the schema's order; from the first one out of order on, the positions
    of all are noted first, and then they are parsed in the schema's order."""
    cdef Py_ssize_t i = 0
    cdef const uint8_t* member
    cdef const Text* label
    if peek(c) != c"{":
        return refuse(c, node, TEXT_KIND)
    if node.min_bytes == 0:
        c.empty_items -= 1
        if c.empty_items < 0:
            return cur_fail(c, READ_EMPTY_ITEMS)
    c.pos += 1
    if not enter(c):
        return False
    if peek(c) == c"}":
        return end_record(node, c, s, 0)
    while True:
        peek(c)
        member = c.pos
        if i == node.count:
            return parse_unordered(node, c, s, i, member)
        label = &node.texts[i]
        if not avrojet_begins_with(member, c.end - member, label.data, label.size):
            return parse_unordered(node, c, s, i, member)
        c.pos += label.size
        if not take(c, c":", b"a colon after the key"):
            return False
        if not parse_inline(node.fields[i].node, c, s):
            trail_field(&c.trail, &node.fields[i])
            return False
        i += 1
        if peek(c) == c"}":
            return end_record(node, c, s, i)
        if not take(c, c",", b"a comma or the end of the object"):
            return False


cdef inline bint end_record(const Node* node, Cursor* c, Sink* s, Py_ssize_t i) noexcept nogil:
    """Read the closing brace; handle the fields from ``i`` on, which have no member."""
    while i < node.count:
        if not put_missing(node, i, c, s):
            return False
        i += 1
    c.pos += 1
    c.depth += 1
    return True


cdef bint put_missing(const Node* node, Py_ssize_t i, Cursor* c, Sink* s) noexcept nogil:
    cdef const Field* field = &node.fields[i]
    if fills_missing(field, s):
        if not sink_reserve(s, field.default.size):
            return False
        memcpy(s.pos, field.default.data, field.default.size)
        s.pos += field.default.size
        return True
    trail_field(&c.trail, field)
    return refuse(c, field.node, TEXT_MISSING)


cdef bint parse_unordered(
    const Node* node, Cursor* c, Sink* s, Py_ssize_t first, const uint8_t* member
) noexcept nogil:
    """The members from ``member`` on; those of the fields before ``first`` have been parsed."""
    cdef const uint8_t** places = <const uint8_t**>calloc(node.count + 1, sizeof(uint8_t*))
    cdef bint done
    if places == NULL:
        s.error = WRITE_MEMORY
        return False
    c.pos = member
    done = note_members(node, c, s, first, places) and parse_noted(node, c, s, first, places)
    free(places)
    if done:
        c.depth += 1
    return done


cdef bint note_members(
    const Node* node, Cursor* c, Sink* s, Py_ssize_t first, const uint8_t** places
) noexcept nogil:
    cdef const uint8_t* start
    cdef const uint8_t* name
    cdef Py_ssize_t size, i
    cdef Token token
    while True:
        peek(c)
        start = c.pos
        if not read_key(c, &token) or not text_of(c, s, &token, &name, &size):
            return False
        i = find_name(node.table, name, size)
        if i < 0 and s.options & REFUSE_EXTRA:
            return refuse_at(c, start, node, TEXT_EXTRA)
        if i >= 0:
            if i < first or places[i] != NULL:
                return refuse_at(c, start, node, TEXT_DUPLICATE)
            peek(c)
            places[i] = c.pos
        if not scan_past(c) or not cur_look_nogil(c):
            return False
        if peek(c) == c"}":
            c.pos += 1
            return True
        if not take(c, c",", b"a comma or the end of the object"):
            return False


cdef bint parse_noted(
    const Node* node, Cursor* c, Sink* s, Py_ssize_t first, const uint8_t** places
) noexcept nogil:
    cdef const uint8_t* end = c.pos
    cdef Py_ssize_t i
    for i in range(first, node.count):
        if places[i] == NULL:
            c.pos = end - 1
            if not put_missing(node, i, c, s):
                return False
            continue
        c.pos = places[i]
        if not parse_inline(node.fields[i].node, c, s):
            trail_field(&c.trail, &node.fields[i])
            return False
    c.pos = end
    return True


cdef int64_t INT64_MOST = 0x7FFFFFFFFFFFFFFF
cdef int64_t INT64_LEAST = -<int64_t>0x7FFFFFFFFFFFFFFF - 1
cdef double NOT_A_NUMBER = float("nan")
cdef double INFINITE = float("inf")

cdef Routine PARSE[64]
PARSE[<int>OP_NULL] = parse_null
PARSE[<int>OP_BOOLEAN] = parse_boolean
PARSE[<int>OP_INT] = parse_int
PARSE[<int>OP_LONG] = parse_long
PARSE[<int>OP_FLOAT] = parse_float
PARSE[<int>OP_DOUBLE] = parse_double
PARSE[<int>OP_BYTES] = parse_bytes
PARSE[<int>OP_STRING] = parse_string
PARSE[<int>OP_FIXED] = parse_fixed
PARSE[<int>OP_ENUM] = parse_enum
PARSE[<int>OP_ARRAY] = parse_array
PARSE[<int>OP_MAP] = parse_map
PARSE[<int>OP_UNION] = parse_union
PARSE[<int>OP_NULLABLE] = parse_union
PARSE[<int>OP_RECORD] = parse_record
PARSE[<int>OP_DATE] = parse_date
PARSE[<int>OP_TIME] = parse_time
PARSE[<int>OP_TIMESTAMP] = parse_timestamp
PARSE[<int>OP_DURATION] = parse_duration
PARSE[<int>OP_DECIMAL] = parse_decimal
PARSE[<int>OP_BIG_DECIMAL] = parse_big_decimal
PARSE[<int>OP_UUID] = parse_uuid_text
