"""Emit JSON: Avro bytes to text, one routine per op, without the GIL; the table is at the end.

The plan determines the form of JSON. Frozen with plain types and tagged branches, it emits the specification's
JSON encoding; with logical types and bare branches, JSON as people write it. A routine returns False with
``Cursor.error`` or ``Sink.error`` set.
"""

from libc.stdint cimport INT32_MAX, INT32_MIN, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from avrojet.core.ground.blocks cimport block_close, block_open
from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.error_path cimport trail_field, trail_index
from avrojet.core.ground.sink cimport *
from avrojet.core.plan.node cimport *
from avrojet.core.rows.skip cimport note_key, skip_value
from avrojet.core.text.emit_logical cimport (
    emit_big_decimal, emit_date, emit_decimal, emit_duration, emit_rescaled, emit_time, emit_timestamp,
    emit_uuid,
)
from avrojet.core.text.powers cimport AvrojetPower, powers_of_ten

cdef extern from "scalars.h":
    uint32_t avrojet_load32le(const uint8_t*) nogil
    double avrojet_bits_to_double(uint64_t) nogil
    double avrojet_float_to_double(uint32_t) nogil

cdef extern from "columns.h":
    void avrojet_copy(uint8_t*, const uint8_t*, Py_ssize_t) nogil
    bint avrojet_utf8_valid(const uint8_t*, Py_ssize_t) nogil

cdef extern from "numbers.h":
    int AVROJET_NUMBER_ROOM
    uint8_t* avrojet_put_integer(int64_t, uint8_t*) nogil
    uint8_t* avrojet_put_double(const AvrojetPower*, double, uint8_t*) nogil
    uint8_t* avrojet_put_float(const AvrojetPower*, uint32_t, uint8_t*) nogil

cdef extern from "json_strings.h":
    Py_ssize_t avrojet_copy_plain(const uint8_t*, Py_ssize_t, uint8_t*, uint64_t*) nogil
    bint AVROJET_SEEN_HIGH(uint64_t) nogil
    uint8_t* avrojet_put_escape(uint8_t, uint8_t*) nogil
    uint8_t* avrojet_put_code(uint32_t, uint8_t*) nogil
    uint8_t* avrojet_put_utf8(uint32_t, uint8_t*) nogil
    Py_ssize_t avrojet_count_high(const uint8_t*, Py_ssize_t) nogil
    void avrojet_widen_latin(uint8_t*, Py_ssize_t, Py_ssize_t) nogil
    int avrojet_character(const uint8_t*, uint32_t*) nogil

cdef enum:
    INT_BYTES = 5               # bytes of the longest int
    ESCAPE_ROOM = 32            # a surrogate pair's twelve characters, and what copying writes beyond
    LABEL_ROOM = 64             # a comma, a number, and what copying a label writes beyond

cdef const AvrojetPower* POWERS = powers_of_ten()

ctypedef bint (*Routine)(const Node*, Cursor*, Sink*) noexcept nogil

cdef struct Member:
    Py_ssize_t start
    Py_ssize_t size


cdef bint emit_value(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    return emit_inline(node, c, s)


cdef inline bint emit_inline(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """One value. The most common types are tested for here, to save the indirect call."""
    if node.op == OP_STRING:
        return emit_string(node, c, s)
    if node.op == OP_LONG:
        return emit_long(node, c, s)
    if node.op == OP_DOUBLE:
        return emit_double(node, c, s)
    if node.op == OP_INT:
        return emit_int(node, c, s)
    return EMIT[node.op](node, c, s)


cdef inline bint enter(Cursor* c) noexcept nogil:
    c.depth -= 1
    return cur_look_nogil(c) if c.depth >= 0 else cur_fail(c, READ_DEPTH)


cdef inline bint emit_raw(Sink* s, const void* data, Py_ssize_t size) noexcept nogil:
    """Some bytes, which are copied without a call if it is known how many they are when this is compiled."""
    if not sink_reserve(s, size):
        return False
    memcpy(s.pos, data, size)
    s.pos += size
    return True


cdef inline bint emit_label(Sink* s, const Text* label) noexcept nogil:
    if not sink_reserve(s, label.size + LABEL_ROOM):
        return False
    avrojet_copy(s.pos, label.data, label.size)
    s.pos += label.size
    return True


cdef inline bint emit_comma(Sink* s) noexcept nogil:
    if not sink_reserve(s, 2):
        return False
    s.pos[0] = c","
    s.pos[1] = c" "
    s.pos += 2 if s.options & EMIT_SPACED else 1
    return True


# Primitive types

cdef bint emit_null(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    return emit_raw(s, b"null", 4)


cdef bint emit_boolean(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef uint8_t byte
    if not cur_need(c, 1):
        return False
    byte = c.pos[0]
    if byte > 1:
        return cur_fail(c, READ_BOOLEAN, byte)
    c.pos += 1
    return emit_raw(s, b"true", 4) if byte else emit_raw(s, b"false", 5)


cdef inline bint emit_number(int64_t value, Sink* s) noexcept nogil:
    if not sink_reserve(s, AVROJET_NUMBER_ROOM):
        return False
    s.pos = avrojet_put_integer(value, s.pos)
    return True


cdef inline bint emit_int(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t value
    if read_long(c, &value) and c.pos - start <= INT_BYTES and INT32_MIN <= value <= INT32_MAX:
        return emit_number(value, s)
    c.pos = start
    return cur_int(c, &value)       # reports what is wrong


cdef inline bint emit_long(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef int64_t value
    return read_long(c, &value) and emit_number(value, s)


cdef bint emit_float(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef uint32_t bits
    if not cur_need(c, 4):
        return False
    bits = avrojet_load32le(c.pos)
    c.pos += 4
    if node.index or s.options & EMIT_WIDE or bits & 0x7F800000 == 0x7F800000:
        return emit_floating(avrojet_float_to_double(bits), s)
    if not sink_reserve(s, AVROJET_NUMBER_ROOM):
        return False
    s.pos = avrojet_put_float(POWERS, bits, s.pos)
    return True


cdef inline bint emit_double(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    if not cur_need(c, 8):
        return False
    c.pos += 8
    return emit_floating(avrojet_bits_to_double(avrojet_load64le(c.pos - 8)), s)


cdef bint emit_floating(double value, Sink* s) noexcept nogil:
    if value - value != 0:
        return emit_special(value, s)
    if not sink_reserve(s, AVROJET_NUMBER_ROOM):
        return False
    s.pos = avrojet_put_double(POWERS, value, s.pos)
    return True


cdef bint emit_special(double value, Sink* s) noexcept nogil:
    """NaN and the infinities, which are not JSON numbers: strings, as in schema defaults."""
    cdef const char* text = b'"NaN"' if value != value else b'"Infinity"' if value > 0 else b'"-Infinity"'
    cdef Py_ssize_t size = 5 if value != value else 10 if value > 0 else 11
    if s.options & EMIT_BARE:
        return emit_raw(s, text + 1, size - 2)
    return emit_raw(s, text, size)


cdef bint emit_int_as_float(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef int64_t value
    return cur_int(c, &value) and emit_floating(<float>value, s)


cdef bint emit_int_as_double(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef int64_t value
    return cur_int(c, &value) and emit_floating(<double>value, s)


cdef bint emit_long_as_float(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef int64_t value
    return cur_long(c, &value) and emit_floating(<float>value, s)


cdef bint emit_long_as_double(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef int64_t value
    return cur_long(c, &value) and emit_floating(<double>value, s)


# Text and bytes

cdef inline bint emit_string(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t size
    if not cur_length(c, &size):
        return False
    c.pos += size
    if emit_text(c, s, c.pos - size, size):
        return True
    c.pos = start
    return False


cdef bint emit_text(Cursor* c, Sink* s, const uint8_t* data, Py_ssize_t size) noexcept nogil:
    """A JSON string of text that has not been checked for UTF-8 yet."""
    cdef uint64_t seen = 0
    cdef Py_ssize_t begin = s.pos - s.start
    return put_string(s, data, size, &seen) and (
        not AVROJET_SEEN_HIGH(seen) or settle_text(c, s, data, size, begin)
    )


cdef inline bint put_string(Sink* s, const uint8_t* text, Py_ssize_t size, uint64_t* seen) noexcept nogil:
    """The bytes of a text as a JSON string; `seen` as in avrojet_copy_plain."""
    cdef Py_ssize_t done
    if not sink_reserve(s, size + ESCAPE_ROOM):
        return False
    s.pos[0] = c'"'
    s.pos += 1
    done = avrojet_copy_plain(text, size, s.pos, seen)
    s.pos += done
    while done < size:
        s.pos = avrojet_put_escape(text[done], s.pos)
        text += done + 1
        size -= done + 1
        if not sink_reserve(s, size + ESCAPE_ROOM):
            return False
        done = avrojet_copy_plain(text, size, s.pos, seen)
        s.pos += done
    s.pos[0] = c'"'
    s.pos += 1
    return True


cdef bint settle_text(Cursor* c, Sink* s, const uint8_t* data, Py_ssize_t size, Py_ssize_t begin) noexcept nogil:
    """The rest of emit_text for text beyond ASCII, which has been written from ``begin`` on."""
    cdef uint64_t seen = 0
    if not avrojet_utf8_valid(data, size):
        return cur_fail(c, READ_TEXT)
    if s.options & EMIT_ASCII:
        s.pos = s.start + begin
        return emit_ascii(s, data, size)
    if s.options & EMIT_LATIN:
        s.pos = s.start + begin
        if not leave_latin(s) or not put_string(s, data, size, &seen):
            return False
    s.options |= EMIT_BEYOND_ASCII
    return True


cdef bint leave_latin(Sink* s) noexcept nogil:
    """Convert what the sink holds to UTF-8; all that follows is written as UTF-8."""
    cdef Py_ssize_t size = s.pos - s.start
    cdef Py_ssize_t more
    s.options &= ~EMIT_LATIN
    if not s.options & EMIT_BEYOND_ASCII:
        return True
    more = avrojet_count_high(s.start, size)
    if not sink_reserve(s, more):
        return False
    avrojet_widen_latin(s.start, size, more)
    s.pos += more
    return True


cdef bint emit_ascii(Sink* s, const uint8_t* data, Py_ssize_t size) noexcept nogil:
    """A JSON string of UTF-8 text, with all characters beyond ASCII escaped."""
    cdef const uint8_t* end = data + size
    cdef uint32_t code
    if not put_byte(s, c'"'):
        return False
    while data < end:
        if not sink_reserve(s, ESCAPE_ROOM):
            return False
        if data[0] >= 0x80:
            data += avrojet_character(data, &code)
            s.pos = avrojet_put_code(code, s.pos)
            continue
        if data[0] < 0x20 or data[0] == c'"' or data[0] == c"\\":
            s.pos = avrojet_put_escape(data[0], s.pos)
        else:
            s.pos[0] = data[0]
            s.pos += 1
        data += 1
    return put_byte(s, c'"')


cdef bint emit_bytes(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef int64_t size
    if not cur_length(c, &size):
        return False
    c.pos += size
    return emit_code_points(s, c.pos - size, size)


cdef bint emit_fixed(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    if not cur_skip(c, node.size):
        return False
    return emit_code_points(s, c.pos - node.size, node.size)


cdef bint emit_code_points(Sink* s, const uint8_t* data, Py_ssize_t size) noexcept nogil:
    """Bytes as the characters with those code points (specification: JSON Encoding)."""
    cdef uint64_t seen = 0
    if not s.options & EMIT_LATIN:
        return emit_wide_points(s, data, size)
    if not put_string(s, data, size, &seen):
        return False
    if AVROJET_SEEN_HIGH(seen):
        s.options |= EMIT_BEYOND_ASCII
    return True


cdef bint emit_wide_points(Sink* s, const uint8_t* data, Py_ssize_t size) noexcept nogil:
    """The same as UTF-8, or escapes."""
    cdef Py_ssize_t done = 0
    cdef uint8_t byte
    if not sink_reserve(s, size + ESCAPE_ROOM):
        return False
    s.pos[0] = c'"'
    s.pos += 1
    while done < size:
        byte = data[done]
        done += 1
        if byte < 0x20 or byte == c'"' or byte == c"\\":
            s.pos = avrojet_put_escape(byte, s.pos)
        elif byte < 0x80:
            s.pos[0] = byte
            s.pos += 1
            continue
        elif s.options & EMIT_ASCII:
            s.pos = avrojet_put_code(byte, s.pos)
        else:
            s.pos = avrojet_put_utf8(byte, s.pos)
            s.options |= EMIT_BEYOND_ASCII
        if not sink_reserve(s, size - done + ESCAPE_ROOM):
            return False
    s.pos[0] = c'"'
    s.pos += 1
    return True


cdef bint emit_enum(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t index
    if not cur_index(c, node.count, READ_ENUM, &index):
        return False
    if node.texts[index].data == NULL:
        c.pos = start
        c.node = node
        return cur_fail(c, READ_SYMBOL, index)
    return emit_label(s, &node.texts[index])


# Arrays, maps and unions

cdef bint emit_array(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* end
    cdef int64_t count, i
    cdef int64_t before = 0
    if not enter(c) or not put_byte(s, c"["):
        return False
    while True:
        if not block_open(c, node.child.min_bytes, before, &count, &end):
            return False
        if count == 0:
            c.depth += 1
            return put_byte(s, c"]")
        for i in range(count):
            if (
                (i & LOOK_ITEMS == LOOK_ITEMS and not cur_look_nogil(c))
                or (before + i and not emit_comma(s))
                or not emit_inline(node.child, c, s)
            ):
                trail_index(&c.trail, before + i)
                return False
        before += count
        if not block_close(c, end):
            return False


cdef bint emit_map(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef const uint8_t* key
    cdef const uint8_t* end
    cdef int64_t count, i
    cdef int64_t before = 0
    if not enter(c) or not put_byte(s, c"{"):
        return False
    while True:
        if not block_open(c, node.child.min_bytes + 1, before, &count, &end):
            return False
        if count == 0:
            c.depth += 1
            return put_byte(s, c"}")
        for i in range(count):
            key = c.pos
            if (
                (i & LOOK_ITEMS == LOOK_ITEMS and not cur_look_nogil(c))
                or (before + i and not emit_comma(s))
                or not emit_string(node, c, s)
                or not put_byte(s, c":")
                or (s.options & EMIT_SPACED and not put_byte(s, c" "))
            ):
                return False
            if not emit_inline(node.child, c, s):
                note_key(c, key)
                return False
        before += count
        if not block_close(c, end):
            return False


cdef bint emit_union(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    cdef int64_t index
    if not cur_index(c, node.count, READ_BRANCH, &index):
        return False
    return emit_inline(node.children[index], c, s)


cdef bint emit_tagged(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    if s.options & EMIT_UNTAGGED:
        return emit_inline(node.child, c, s)
    return (
        emit_label(s, &node.texts[0])
        and emit_inline(node.child, c, s)
        and put_byte(s, c"}")
    )


# Records

cdef bint emit_record(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """Members in the reader's order, which may differ from that of the encoded fields."""
    if not enter(c) or not put_byte(s, c"{"):
        return False
    if not (emit_shuffled(node, c, s) if node.index else emit_fields(node, c, s, NULL)):
        return False
    c.depth += 1
    return put_byte(s, c"}")


cdef bint emit_shuffled(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """Emit the fields, then sort them. Per-field state is not kept on the stack, as records nest."""
    cdef Member* members = <Member*>malloc(node.size * sizeof(Member) + 1)
    cdef bint done
    if members == NULL:
        s.error = WRITE_MEMORY
        return False
    # Otherwise the offsets noted would shift when the text before them is converted to UTF-8.
    done = not s.options & EMIT_LATIN or leave_latin(s)
    done = done and emit_fields(node, c, s, members) and put_in_order(node, s, members)
    free(members)
    return done


cdef bint emit_fields(const Node* node, Cursor* c, Sink* s, Member* members) noexcept nogil:
    """Emit the fields in their encoded order; notes in ``members`` where each is, by its slot."""
    cdef Py_ssize_t i, start
    cdef const Field* field
    cdef const Text* text
    cdef Py_ssize_t comma = 2 if s.options & EMIT_SPACED else 1
    cdef bint first = True
    for i in range(node.count):
        field = &node.fields[i]
        if field.slot < 0:
            if skip_value(field.node, c):
                continue
            trail_field(&c.trail, field)
            return False
        text = &node.texts[i]
        if not sink_reserve(s, text.size + LABEL_ROOM):
            return False
        if not first:
            s.pos[0] = c","
            s.pos[1] = c" "
            s.pos += comma
        first = False
        start = s.pos - s.start
        avrojet_copy(s.pos, text.data, text.size)
        s.pos += text.size
        if not emit_inline(field.node, c, s):
            trail_field(&c.trail, field)
            return False
        if members != NULL:
            members[field.slot].start = start
            members[field.slot].size = s.pos - s.start - start
    return True


cdef bint put_in_order(const Node* node, Sink* s, const Member* members) noexcept nogil:
    """Reorder the members at the end of the sink by their slots."""
    cdef Py_ssize_t i
    cdef Py_ssize_t comma = 2 if s.options & EMIT_SPACED else 1
    cdef Py_ssize_t start = s.pos - s.start
    cdef Py_ssize_t end = start
    cdef const uint8_t* copy
    for i in range(node.size):
        start = min(start, members[i].start)
    if not sink_reserve(s, end - start):
        return False
    memcpy(s.pos, s.start + start, end - start)
    copy = s.pos
    s.pos = s.start + start
    for i in range(node.size):
        if i:
            s.pos[0] = c","
            s.pos[1] = c" "
            s.pos += comma
        memcpy(s.pos, copy + (members[i].start - start), members[i].size)
        s.pos += members[i].size
    return True


cdef bint emit_default(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """A value from the schema, not from the input."""
    cdef const uint8_t* start = c.start
    cdef const uint8_t* pos = c.pos
    cdef const uint8_t* end = c.end
    cdef const uint8_t* look_at = c.look
    cdef bint done
    c.start = c.pos = node.data
    c.end = c.look = node.data + node.size
    done = emit_inline(node.child, c, s)
    c.start = start
    c.pos = pos
    c.end = end
    c.look = look_at
    return done


cdef bint emit_fail(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    c.node = node
    return cur_fail(c, READ_MISMATCH)


cdef Routine EMIT[64]
EMIT[<int>OP_NULL] = emit_null
EMIT[<int>OP_BOOLEAN] = emit_boolean
EMIT[<int>OP_INT] = emit_int
EMIT[<int>OP_LONG] = emit_long
EMIT[<int>OP_FLOAT] = emit_float
EMIT[<int>OP_DOUBLE] = emit_double
EMIT[<int>OP_BYTES] = emit_bytes
EMIT[<int>OP_STRING] = emit_string
EMIT[<int>OP_FIXED] = emit_fixed
EMIT[<int>OP_ENUM] = emit_enum
EMIT[<int>OP_ARRAY] = emit_array
EMIT[<int>OP_MAP] = emit_map
EMIT[<int>OP_UNION] = emit_union
EMIT[<int>OP_NULLABLE] = emit_union
EMIT[<int>OP_RECORD] = emit_record
EMIT[<int>OP_RESOLVED] = emit_record
EMIT[<int>OP_INT_TO_FLOAT] = emit_int_as_float
EMIT[<int>OP_INT_TO_DOUBLE] = emit_int_as_double
EMIT[<int>OP_LONG_TO_FLOAT] = emit_long_as_float
EMIT[<int>OP_LONG_TO_DOUBLE] = emit_long_as_double
EMIT[<int>OP_RESCALED] = emit_rescaled
EMIT[<int>OP_TAGGED] = emit_tagged
EMIT[<int>OP_DEFAULT] = emit_default
EMIT[<int>OP_FAIL] = emit_fail
EMIT[<int>OP_DATE] = emit_date
EMIT[<int>OP_TIME] = emit_time
EMIT[<int>OP_TIMESTAMP] = emit_timestamp
EMIT[<int>OP_DURATION] = emit_duration
EMIT[<int>OP_DECIMAL] = emit_decimal
EMIT[<int>OP_BIG_DECIMAL] = emit_big_decimal
EMIT[<int>OP_UUID] = emit_uuid
