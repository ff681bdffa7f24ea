"""Emit JSON: Avro bytes to text, one routine per op, without the GIL; the table is at the end.

The plan determines the form of JSON. Frozen with plain types and tagged branches, it emits the specification's
JSON encoding; with logical types and bare branches, JSON as people write it.

A routine takes the place to write to and returns the place after what it wrote, which so stays in a register:
``Sink.pos`` would be read and written again for each byte. It finds ROOM bytes there, enough for any value of a
bounded size, and leaves none. It returns NULL with ``Cursor.error`` or ``Sink.error`` set.
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
    uint8_t* avrojet_put_integer(int64_t, uint8_t*) nogil
    uint8_t* avrojet_put_double(const AvrojetPower*, double, uint8_t*) nogil
    uint8_t* avrojet_put_float(const AvrojetPower*, uint32_t, uint8_t*) nogil

cdef extern from "json_strings.h":
    bint avrojet_is_special(uint8_t) nogil
    Py_ssize_t avrojet_copy_plain(const uint8_t*, Py_ssize_t, const uint8_t*, uint8_t*, uint64_t*) nogil
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
    COPY_ROOM = 32              # what copying a label writes beyond

cdef const AvrojetPower* POWERS = powers_of_ten()

ctypedef uint8_t* (*Routine)(const Node*, Cursor*, Sink*, uint8_t*) noexcept nogil

cdef struct Member:
    Py_ssize_t start
    Py_ssize_t size


cdef bint emit_value(const Node* node, Cursor* c, Sink* s) noexcept nogil:
    """Append a value to the sink; returns whether it could."""
    cdef uint8_t* out = room_at(s, s.pos, ROOM)
    if out != NULL:
        out = emit_inline(node, c, s, out)
    if out == NULL:
        return False
    s.pos = out
    return True


cdef inline uint8_t* emit_inline(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    """One value. The most common types are tested for here, to save the indirect call."""
    if node.op == OP_NULLABLE:
        return emit_union(node, c, s, out)
    return emit_type(node, c, s, out)


cdef inline uint8_t* emit_type(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    """One value that is not of a union, or seldom."""
    if node.op == OP_STRING:
        return emit_string(node, c, s, out)
    if node.op == OP_LONG:
        return emit_long(node, c, s, out)
    if node.op == OP_DOUBLE:
        return emit_double(node, c, s, out)
    if node.op == OP_INT:
        return emit_int(node, c, s, out)
    return EMIT[node.op](node, c, s, out)


cdef inline bint enter(Cursor* c) noexcept nogil:
    c.depth -= 1
    return cur_look_nogil(c) if c.depth >= 0 else cur_fail(c, READ_DEPTH)


cdef inline uint8_t* put(uint8_t* out, const char* text, Py_ssize_t size) noexcept nogil:
    """Copy a short text, for which there is room."""
    memcpy(out, text, size)
    return out + size


cdef inline uint8_t* put_comma(const Sink* s, uint8_t* out) noexcept nogil:
    out[0] = c","
    out[1] = c" "
    return out + (2 if s.options & EMIT_SPACED else 1)


cdef inline uint8_t* put_label(Sink* s, uint8_t* out, const Text* text) noexcept nogil:
    """What precedes a value, and room for the value."""
    out = room_at(s, out, text.size + COPY_ROOM + ROOM)
    if out == NULL:
        return NULL
    avrojet_copy(out, text.data, text.size)
    return out + text.size


cdef inline uint8_t* close(Sink* s, uint8_t* out, uint8_t bracket) noexcept nogil:
    out = room_at(s, out, 1)
    if out == NULL:
        return NULL
    out[0] = bracket
    return out + 1


# Primitive types

cdef uint8_t* emit_null(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    return put(out, b"null", 4)


cdef uint8_t* emit_boolean(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef const char* words = b"truefalse"
    cdef uint8_t byte
    if not cur_need(c, 1):
        return NULL
    byte = c.pos[0]
    if byte > 1:
        cur_fail(c, READ_BOOLEAN, byte)
        return NULL
    c.pos += 1
    memcpy(out, words + 4 * (1 - byte), 5)     # no branch, as the next value is anyone's guess
    return out + 5 - byte


cdef inline uint8_t* emit_int(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t value
    if read_long(c, &value) and c.pos - start <= INT_BYTES and INT32_MIN <= value <= INT32_MAX:
        return avrojet_put_integer(value, out)
    c.pos = start
    cur_int(c, &value)              # reports what is wrong
    return NULL


cdef inline uint8_t* emit_long(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef int64_t value
    return avrojet_put_integer(value, out) if read_long(c, &value) else NULL


cdef uint8_t* emit_float(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef uint32_t bits
    if not cur_need(c, 4):
        return NULL
    bits = avrojet_load32le(c.pos)
    c.pos += 4
    if node.index or s.options & EMIT_WIDE or bits & 0x7F800000 == 0x7F800000:
        return put_floating(avrojet_float_to_double(bits), s, out)
    return avrojet_put_float(POWERS, bits, out)


cdef inline uint8_t* emit_double(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    if not cur_need(c, 8):
        return NULL
    c.pos += 8
    return put_floating(avrojet_bits_to_double(avrojet_load64le(c.pos - 8)), s, out)


cdef uint8_t* put_floating(double value, const Sink* s, uint8_t* out) noexcept nogil:
    return put_special(value, s, out) if value - value != 0 else avrojet_put_double(POWERS, value, out)


cdef uint8_t* put_special(double value, const Sink* s, uint8_t* out) noexcept nogil:
    """NaN and the infinities, which are not JSON numbers: strings, as in schema defaults."""
    cdef const char* text = b'"NaN"' if value != value else b'"Infinity"' if value > 0 else b'"-Infinity"'
    cdef Py_ssize_t size = 5 if value != value else 10 if value > 0 else 11
    return put(out, text + 1, size - 2) if s.options & EMIT_BARE else put(out, text, size)


cdef uint8_t* emit_int_as_float(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef int64_t value
    return put_floating(<float>value, s, out) if cur_int(c, &value) else NULL


cdef uint8_t* emit_int_as_double(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef int64_t value
    return put_floating(<double>value, s, out) if cur_int(c, &value) else NULL


cdef uint8_t* emit_long_as_float(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef int64_t value
    return put_floating(<float>value, s, out) if cur_long(c, &value) else NULL


cdef uint8_t* emit_long_as_double(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef int64_t value
    return put_floating(<double>value, s, out) if cur_long(c, &value) else NULL


# Text and bytes

cdef inline uint8_t* emit_string(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    """A JSON string of text that has not been checked for UTF-8 yet."""
    cdef const uint8_t* start = c.pos
    cdef const uint8_t* text
    cdef int64_t size
    cdef uint64_t seen = 0
    cdef Py_ssize_t begin = out - s.start
    if not cur_length(c, &size):
        return NULL
    text = c.pos
    out = put_string(s, out, text, size, c.end, &seen)
    if out != NULL and AVROJET_SEEN_HIGH(seen):
        out = settle_text(c, s, out, text, size, begin)
    c.pos = text + size if out != NULL else start
    return out


cdef inline uint8_t* put_string(
    Sink* s, uint8_t* out, const uint8_t* text, Py_ssize_t size, const uint8_t* end, uint64_t* seen
) noexcept nogil:
    """The bytes of a text as a JSON string.

    :param end: where what may be read ends, at the end of the text or after it.
    :param seen: as in avrojet_copy_plain.
    """
    cdef Py_ssize_t done
    out = room_at(s, out, size + ESCAPE_ROOM)
    if out == NULL:
        return NULL
    out[0] = c'"'
    out += 1
    done = avrojet_copy_plain(text, size, end, out, seen)
    if done < size:
        return put_escaped(s, out + done, text + done, size - done, end, seen)
    out[done] = c'"'
    return out + done + 1


cdef uint8_t* put_escaped(
    Sink* s, uint8_t* out, const uint8_t* text, Py_ssize_t size, const uint8_t* end, uint64_t* seen
) noexcept nogil:
    """The rest of put_string for a text from the first character on that must be escaped."""
    cdef Py_ssize_t done = 0
    while done < size:
        out = avrojet_put_escape(text[done], out)
        text += done + 1
        size -= done + 1
        out = room_at(s, out, size + ESCAPE_ROOM)
        if out == NULL:
            return NULL
        done = avrojet_copy_plain(text, size, end, out, seen)
        out += done
    out[0] = c'"'
    return out + 1


cdef uint8_t* settle_text(
    Cursor* c, Sink* s, uint8_t* out, const uint8_t* data, Py_ssize_t size, Py_ssize_t begin
) noexcept nogil:
    """The rest of emit_string for text beyond ASCII, which has been written from ``begin`` on."""
    cdef uint64_t seen = 0
    if not avrojet_utf8_valid(data, size):
        cur_fail(c, READ_TEXT)
        return NULL
    if s.options & EMIT_ASCII:
        return put_ascii(s, s.start + begin, data, size)
    if s.options & EMIT_LATIN:
        out = leave_latin(s, s.start + begin)
        if out != NULL:
            out = put_string(s, out, data, size, c.end, &seen)
    s.options |= EMIT_BEYOND_ASCII
    return out


cdef uint8_t* leave_latin(Sink* s, uint8_t* out) noexcept nogil:
    """Convert what has been written to UTF-8; all that follows is written as UTF-8."""
    cdef Py_ssize_t size = out - s.start
    cdef Py_ssize_t more
    s.options &= ~EMIT_LATIN
    if not s.options & EMIT_BEYOND_ASCII:
        return out
    more = avrojet_count_high(s.start, size)
    out = room_at(s, out, more)
    if out == NULL:
        return NULL
    avrojet_widen_latin(s.start, size, more)
    return out + more


cdef uint8_t* put_ascii(Sink* s, uint8_t* out, const uint8_t* data, Py_ssize_t size) noexcept nogil:
    """A JSON string of UTF-8 text, with all characters beyond ASCII escaped."""
    cdef const uint8_t* end = data + size
    cdef uint32_t code
    out[0] = c'"'
    out += 1
    while data < end:
        out = room_at(s, out, ESCAPE_ROOM)
        if out == NULL:
            return NULL
        if data[0] >= 0x80:
            data += avrojet_character(data, &code)
            out = avrojet_put_code(code, out)
            continue
        if avrojet_is_special(data[0]):
            out = avrojet_put_escape(data[0], out)
        else:
            out[0] = data[0]
            out += 1
        data += 1
    return close(s, out, c'"')


cdef uint8_t* emit_bytes(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef int64_t size
    if not cur_length(c, &size):
        return NULL
    c.pos += size
    return put_code_points(c, s, out, c.pos - size, size)


cdef uint8_t* emit_fixed(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    if not cur_skip(c, node.size):
        return NULL
    return put_code_points(c, s, out, c.pos - node.size, node.size)


cdef uint8_t* put_code_points(
    const Cursor* c, Sink* s, uint8_t* out, const uint8_t* data, Py_ssize_t size
) noexcept nogil:
    """Bytes as the characters with those code points (specification: JSON Encoding)."""
    cdef uint64_t seen = 0
    if not s.options & EMIT_LATIN:
        return put_wide_points(s, out, data, size)
    out = put_string(s, out, data, size, c.end, &seen)
    if AVROJET_SEEN_HIGH(seen):
        s.options |= EMIT_BEYOND_ASCII
    return out


cdef uint8_t* put_wide_points(Sink* s, uint8_t* out, const uint8_t* data, Py_ssize_t size) noexcept nogil:
    """The same as UTF-8, or escapes."""
    cdef Py_ssize_t done = 0
    cdef uint8_t byte
    out = room_at(s, out, size + ESCAPE_ROOM)
    if out == NULL:
        return NULL
    out[0] = c'"'
    out += 1
    while done < size:
        byte = data[done]
        done += 1
        if avrojet_is_special(byte):
            out = avrojet_put_escape(byte, out)
        elif byte < 0x80:
            out[0] = byte
            out += 1
            continue
        elif s.options & EMIT_ASCII:
            out = avrojet_put_code(byte, out)
        else:
            out = avrojet_put_utf8(byte, out)
            s.options |= EMIT_BEYOND_ASCII
        out = room_at(s, out, size - done + ESCAPE_ROOM)
        if out == NULL:
            return NULL
    out[0] = c'"'
    return out + 1


cdef uint8_t* emit_enum(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t index
    if not cur_index(c, node.count, READ_ENUM, &index):
        return NULL
    if node.texts[index].data == NULL:
        c.pos = start
        c.node = node
        cur_fail(c, READ_SYMBOL, index)
        return NULL
    return put_label(s, out, &node.texts[index])


# Arrays, maps and unions

cdef uint8_t* emit_array(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef const uint8_t* end
    cdef int64_t count, i
    cdef int64_t before = 0
    if not enter(c):
        return NULL
    out[0] = c"["
    out += 1
    while True:
        if not block_open(c, node.child.min_bytes, before, &count, &end):
            return NULL
        if count == 0:
            c.depth += 1
            return close(s, out, c"]")
        for i in range(count):
            out = emit_item(node.child, c, s, out, before + i)
            if out == NULL:
                trail_index(&c.trail, before + i)
                return NULL
        before += count
        if not block_close(c, end):
            return NULL


cdef inline uint8_t* emit_item(const Node* node, Cursor* c, Sink* s, uint8_t* out, int64_t index) noexcept nogil:
    if index & LOOK_ITEMS == LOOK_ITEMS and not cur_look_nogil(c):
        return NULL
    out = room_at(s, out, ROOM + 2)
    if out == NULL:
        return NULL
    return emit_inline(node, c, s, put_comma(s, out) if index else out)


cdef uint8_t* emit_map(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef const uint8_t* key
    cdef const uint8_t* end
    cdef int64_t count, i
    cdef int64_t before = 0
    if not enter(c):
        return NULL
    out[0] = c"{"
    out += 1
    while True:
        if not block_open(c, node.child.min_bytes + 1, before, &count, &end):
            return NULL
        if count == 0:
            c.depth += 1
            return close(s, out, c"}")
        for i in range(count):
            key = c.pos
            out = emit_key(node, c, s, out, before + i)
            if out == NULL:
                return NULL
            out = emit_inline(node.child, c, s, out)
            if out == NULL:
                note_key(c, key)
                return NULL
        before += count
        if not block_close(c, end):
            return NULL


cdef inline uint8_t* emit_key(const Node* node, Cursor* c, Sink* s, uint8_t* out, int64_t index) noexcept nogil:
    """A key with its colon, and room for the value."""
    if index & LOOK_ITEMS == LOOK_ITEMS and not cur_look_nogil(c):
        return NULL
    out = room_at(s, out, ROOM)
    if out != NULL:
        out = emit_string(node, c, s, put_comma(s, out) if index else out)
    if out != NULL:
        out = room_at(s, out, ROOM + 2)
    if out == NULL:
        return NULL
    out[0] = c":"
    out[1] = c" "
    return out + (2 if s.options & EMIT_SPACED else 1)


cdef inline uint8_t* emit_union(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    cdef int64_t index
    if c.pos < c.end and c.pos[0] & 0x81 == 0 and c.pos[0] >> 1 < node.count:
        index = c.pos[0] >> 1
        c.pos += 1
    elif not cur_index(c, node.count, READ_BRANCH, &index):
        return NULL
    node = node.children[index]
    if node.op == OP_NULL:
        return put(out, b"null", 4)
    return emit_type(node, c, s, out)


cdef inline uint8_t* emit_tagged(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    if s.options & EMIT_UNTAGGED:
        return emit_inline(node.child, c, s, out)
    out = put_label(s, out, node.texts)
    if out != NULL:
        out = emit_inline(node.child, c, s, out)
    return close(s, out, c"}") if out != NULL else NULL


# Records

cdef uint8_t* emit_record(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    """Members in the reader's order, which may differ from that of the encoded fields."""
    if not enter(c):
        return NULL
    out = emit_shuffled(node, c, s, out) if node.index else emit_fields(node, c, s, out)
    if out == NULL:
        return NULL
    c.depth += 1
    return close(s, out, c"}")


cdef inline uint8_t* emit_fields(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    """The fields in their encoded order."""
    cdef const Field* field = node.fields
    cdef const Field* end = field + node.count
    cdef const Text* text = node.texts
    if node.size == 0:
        out[0] = c"{"
        out += 1
    while field < end:
        if field.slot >= 0:
            out = emit_field(field.node, c, s, out, text)
        elif not skip_value(field.node, c):
            out = NULL
        if out == NULL:
            trail_field(&c.trail, field)
            return NULL
        field += 1
        text += 1
    return out


cdef inline uint8_t* emit_field(
    const Node* node, Cursor* c, Sink* s, uint8_t* out, const Text* text
) noexcept nogil:
    out = put_label(s, out, text)
    return NULL if out == NULL else emit_inline(node, c, s, out)


cdef uint8_t* emit_shuffled(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    """Emit the fields, then sort them. Per-field state is not kept on the stack, as records nest."""
    cdef Member* members = <Member*>malloc(node.size * sizeof(Member) + 1)
    cdef Py_ssize_t begin = 0
    if members == NULL:
        s.error = WRITE_MEMORY
        return NULL
    # Otherwise the offsets noted would shift when the text before them is converted to UTF-8.
    if s.options & EMIT_LATIN:
        out = leave_latin(s, out)
    if out != NULL:
        begin = out + 1 - s.start
        out = emit_members(node, c, s, out, members)
    if out != NULL:
        out = put_in_order(node, s, out, begin, members)
    free(members)
    return out


cdef uint8_t* emit_members(
    const Node* node, Cursor* c, Sink* s, uint8_t* out, Member* members
) noexcept nogil:
    """The fields in their encoded order; notes in ``members`` where each is, by its slot."""
    cdef Py_ssize_t i, start
    cdef const Field* field
    cdef Py_ssize_t comma = 2 if s.options & EMIT_SPACED else 1
    cdef Py_ssize_t before = 1      # the brace, then commas
    for i in range(node.count):
        field = &node.fields[i]
        if field.slot < 0:
            if skip_value(field.node, c):
                continue
            trail_field(&c.trail, field)
            return NULL
        start = out - s.start + before
        out = emit_field(field.node, c, s, out, &node.texts[i])
        if out == NULL:
            trail_field(&c.trail, field)
            return NULL
        members[field.slot].start = start
        members[field.slot].size = out - s.start - start
        before = comma
    return out


cdef uint8_t* put_in_order(
    const Node* node, Sink* s, uint8_t* out, Py_ssize_t begin, const Member* members
) noexcept nogil:
    """Reorder the members from ``begin`` on by their slots."""
    cdef Py_ssize_t i
    cdef Py_ssize_t size = out - s.start - begin
    cdef const uint8_t* copy
    out = room_at(s, out, size)
    if out == NULL:
        return NULL
    copy = out
    out = s.start + begin
    memcpy(out + size, out, size)
    for i in range(node.size):
        if i:
            out = put_comma(s, out)
        memcpy(out, copy + (members[i].start - begin), members[i].size)
        out += members[i].size
    return out


cdef uint8_t* emit_default(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    """A value from the schema, not from the input."""
    cdef const uint8_t* start = c.start
    cdef const uint8_t* pos = c.pos
    cdef const uint8_t* end = c.end
    cdef const uint8_t* look_at = c.look
    c.start = c.pos = node.data
    c.end = c.look = node.data + node.size
    out = emit_inline(node.child, c, s, out)
    c.start = start
    c.pos = pos
    c.end = end
    c.look = look_at
    return out


cdef uint8_t* emit_fail(const Node* node, Cursor* c, Sink* s, uint8_t* out) noexcept nogil:
    c.node = node
    cur_fail(c, READ_MISMATCH)
    return NULL


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
