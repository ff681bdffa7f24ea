"""Decode: bytes to Python values, one routine per op; the table at the foot is the contents.

A routine returns a new reference, or NULL with ``Cursor.error`` set and the cursor where the failing
value began. Containers note their place on the way out, so that only failures pay for the path.
"""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from avrojet.core.ground.blocks cimport block_close, block_open
from avrojet.core.ground.buffer cimport Held, hold, let_go
from avrojet.core.ground.collector cimport collector_pause, collector_resume
from avrojet.core.ground.cursor cimport *
from avrojet.core.rows.decode_logical cimport (
    decode_big_decimal, decode_date, decode_decimal, decode_duration, decode_rescaled, decode_time,
    decode_timestamp, decode_uuid,
)
from avrojet.core.objects.objects cimport drop_values, object_new
from avrojet.core.plan.node cimport *
from avrojet.core.plan.plan cimport KEY_SLOTS, Plan
from avrojet.core.rows.skip cimport skip_value
from avrojet.core.ground.foreign cimport no_stop
from avrojet.core.ground.error_path cimport trail_field, trail_index, trail_key
from avrojet.errors import DecodeError
from avrojet.failures import DecodeFailure

cdef extern from "Python.h":
    # Raw pointers: references are counted by hand here, as a failing routine must give its own back.
    PyObject* Py_None
    PyObject* Py_True
    PyObject* Py_False
    void incref "Py_INCREF"(PyObject*)
    void decref "Py_DECREF"(PyObject*)
    PyObject* PyLong_FromLongLong(long long)
    PyObject* PyFloat_FromDouble(double)
    PyObject* PyBytes_FromStringAndSize(const char*, Py_ssize_t)
    PyObject* PyUnicode_New(Py_ssize_t, uint32_t)
    PyObject* PyUnicode_DecodeUTF8(const char*, Py_ssize_t, const char*)
    void* PyUnicode_1BYTE_DATA(PyObject*)
    bint PyUnicode_IS_COMPACT_ASCII(PyObject*)
    Py_ssize_t PyUnicode_GET_LENGTH(PyObject*)
    Py_hash_t PyObject_Hash(PyObject*)
    PyObject* PyList_New(Py_ssize_t)
    void PyList_SET_ITEM(PyObject*, Py_ssize_t, PyObject*)
    int PyList_Append(PyObject*, PyObject*)
    PyObject* PyTuple_New(Py_ssize_t)
    void PyTuple_SET_ITEM(PyObject*, Py_ssize_t, PyObject*)
    PyObject* PyTuple_Pack(Py_ssize_t, ...)
    PyObject* PyDict_New()
    PyObject* PyDict_Copy(PyObject*)
    PyObject* PyObject_CallOneArg(PyObject*, PyObject*)
    PyObject* PyErr_Occurred()
    void PyObject_GC_Track(PyObject*)
    void PyObject_GC_UnTrack(PyObject*)
    void* memcpy(void*, const void*, size_t) nogil

cdef extern from "capi.h":
    PyObject* avrojet_dict_new(Py_ssize_t)
    bint avrojet_same_bytes(const uint8_t*, const uint8_t*, Py_ssize_t) nogil
    uint32_t avrojet_key_hash(const uint8_t*, Py_ssize_t) nogil
    bint avrojet_row_fill(PyObject*, Py_ssize_t, PyObject*)
    bint avrojet_occupy(int*)
    void avrojet_vacate(int*)
    int avrojet_dict_set(PyObject*, PyObject*, PyObject*, Py_hash_t)
    bint avrojet_is_ascii(const uint8_t*, Py_ssize_t) nogil
    uint32_t avrojet_load32le(const uint8_t*) nogil
    uint64_t avrojet_load64le(const uint8_t*) nogil
    double avrojet_bits_to_double(uint64_t) nogil
    double avrojet_float_to_double(uint32_t) nogil

cdef enum:
    LONGEST_KEY = 32            # bytes; longer keys are seldom the same again
    MOST_PRESIZED = 65536       # entries that a map gets room for on the word of its count alone
    LARGE_DATUM = 65536         # bytes
    FEW_FIELDS = 16             # whose values wait on the stack until an instance is made of them

cdef extern from "utf8.h":
    PyObject* avrojet_utf8_decode(const uint8_t*, Py_ssize_t)

ctypedef PyObject* (*Routine)(const Node*, Cursor*) noexcept

# Types whose values no caller can change, so that rows may share them.
cdef frozenset SHAREABLE = frozenset(
    (type(None), bool, int, float, str, bytes, Decimal, UUID, date, time, datetime)
)


cdef PyObject* decode_value(const Node* node, Cursor* c) noexcept:
    return decode_inline(node, c)


cdef inline PyObject* decode_inline(const Node* node, Cursor* c) noexcept:
    """One value. What most fields are is tested here, which saves them the indirect call."""
    if node.op == OP_STRING:
        return decode_string(node, c)
    if node.op == OP_LONG:
        return decode_long(node, c)
    if node.op == OP_DOUBLE:
        return decode_double(node, c)
    return DECODE[node.op](node, c)


cdef inline PyObject* new_ref(PyObject* value) noexcept:
    incref(value)
    return value


cdef inline PyObject* checked(PyObject* value, Cursor* c) noexcept:
    """A value fresh from the C API, whose only failure is want of memory."""
    return value if value != NULL else <PyObject*>cur_raised(c)


# Primitive types

cdef PyObject* decode_null(const Node* node, Cursor* c) noexcept:
    return new_ref(Py_None)


cdef PyObject* decode_boolean(const Node* node, Cursor* c) noexcept:
    cdef uint8_t byte
    if not cur_need(c, 1):
        return NULL
    byte = c.pos[0]
    if byte > 1:
        cur_fail(c, READ_BOOLEAN, byte)
        return NULL
    c.pos += 1
    return new_ref(Py_True if byte == 1 else Py_False)


cdef PyObject* decode_int(const Node* node, Cursor* c) noexcept:
    cdef int64_t value
    if not cur_int(c, &value):
        return NULL
    return checked(PyLong_FromLongLong(value), c)


cdef inline PyObject* decode_long(const Node* node, Cursor* c) noexcept:
    cdef int64_t value
    if not cur_long(c, &value):
        return NULL
    return checked(PyLong_FromLongLong(value), c)


cdef PyObject* decode_float(const Node* node, Cursor* c) noexcept:
    if not cur_need(c, 4):
        return NULL
    c.pos += 4
    return checked(PyFloat_FromDouble(avrojet_float_to_double(avrojet_load32le(c.pos - 4))), c)


cdef inline PyObject* decode_double(const Node* node, Cursor* c) noexcept:
    if not cur_need(c, 8):
        return NULL
    c.pos += 8
    return checked(PyFloat_FromDouble(avrojet_bits_to_double(avrojet_load64le(c.pos - 8))), c)


cdef PyObject* decode_bytes(const Node* node, Cursor* c) noexcept:
    cdef int64_t size
    if not cur_length(c, &size):
        return NULL
    c.pos += size
    return checked(PyBytes_FromStringAndSize(<const char*>c.pos - size, size), c)


cdef inline PyObject* decode_string(const Node* node, Cursor* c) noexcept:
    cdef const uint8_t* start = c.pos
    cdef int64_t size
    cdef PyObject* value
    if not cur_length(c, &size):
        return NULL
    value = decode_text(c, size)
    if value == NULL:
        c.pos = start
    return value


cdef inline PyObject* decode_text(Cursor* c, Py_ssize_t size) noexcept:
    cdef const uint8_t* data = c.pos
    cdef PyObject* value
    c.pos += size
    if avrojet_is_ascii(data, size):
        value = PyUnicode_New(size, 127)
        if value != NULL:
            memcpy(PyUnicode_1BYTE_DATA(value), data, size)
    else:
        value = avrojet_utf8_decode(data, size)
        if value == NULL and PyErr_Occurred() == NULL:
            return mend_text(c, data, size)
    return checked(value, c)


cdef PyObject* mend_text(Cursor* c, const uint8_t* data, Py_ssize_t size) noexcept:
    """Text that is not UTF-8, as ``unicode_errors`` asks for."""
    if c.unicode_errors != NULL:
        return checked(PyUnicode_DecodeUTF8(<const char*>data, size, c.unicode_errors), c)
    cur_fail(c, READ_TEXT)
    return NULL


cdef PyObject* decode_fixed(const Node* node, Cursor* c) noexcept:
    if not cur_skip(c, node.size):
        return NULL
    return checked(PyBytes_FromStringAndSize(<const char*>c.pos - node.size, node.size), c)


cdef PyObject* decode_enum(const Node* node, Cursor* c) noexcept:
    cdef const uint8_t* start = c.pos
    cdef int64_t index
    if not cur_int(c, &index):
        return NULL
    if index < 0 or index >= node.count:
        c.pos = start
        cur_fail(c, READ_ENUM, index)
        return NULL
    if node.objects[index] == NULL:
        c.pos = start
        c.node = node
        cur_fail(c, READ_SYMBOL, index)
        return NULL
    return new_ref(node.objects[index])


# Promotions (specification: Schema Resolution). A float has 24 bits of an int's or long's digits.

cdef PyObject* decode_int_to_float(const Node* node, Cursor* c) noexcept:
    cdef int64_t value
    if not cur_int(c, &value):
        return NULL
    return checked(PyFloat_FromDouble(<float>value), c)


cdef PyObject* decode_int_to_double(const Node* node, Cursor* c) noexcept:
    cdef int64_t value
    if not cur_int(c, &value):
        return NULL
    return checked(PyFloat_FromDouble(<double>value), c)


cdef PyObject* decode_long_to_float(const Node* node, Cursor* c) noexcept:
    cdef int64_t value
    if not cur_long(c, &value):
        return NULL
    return checked(PyFloat_FromDouble(<float>value), c)


cdef PyObject* decode_long_to_double(const Node* node, Cursor* c) noexcept:
    cdef int64_t value
    if not cur_long(c, &value):
        return NULL
    return checked(PyFloat_FromDouble(<double>value), c)


# Arrays and maps

cdef inline bint enter(Cursor* c) noexcept:
    c.depth -= 1
    return cur_look(c) if c.depth >= 0 else cur_fail(c, READ_DEPTH)


cdef PyObject* decode_array(const Node* node, Cursor* c) noexcept:
    """The first block's count makes the list, which is right for all of it in nearly every file."""
    cdef const Node* child = node.child
    cdef const uint8_t* end
    cdef int64_t count
    cdef PyObject* items
    cdef bint hidden, done
    if not enter(c) or not block_open(c, child.min_bytes, 0, &count, &end):
        return NULL
    items = PyList_New(count)
    if items == NULL:
        return <PyObject*>cur_raised(c)
    # Code that runs meanwhile, a converter's or a signal handler's, is not to find it with the gc module.
    hidden = count > LOOK_ITEMS or (count > 0 and not node.quiet)
    if hidden:
        PyObject_GC_UnTrack(items)
    done = fill_list(child, c, items, count)
    if hidden and done:
        PyObject_GC_Track(items)
    if not done or (count > 0 and not (block_close(c, end) and append_blocks(child, c, items, count))):
        decref(items)
        return NULL
    c.depth += 1
    return items


cdef inline bint fill_list(const Node* child, Cursor* c, PyObject* items, Py_ssize_t count) noexcept:
    """The items of a block for a fresh list of as many."""
    cdef PyObject* item = NULL
    cdef Py_ssize_t i = 0
    cdef Py_ssize_t stop
    while i < count:
        stop = min(count, i + LOOK_ITEMS)
        while i < stop:
            item = decode_inline(child, c)
            if item == NULL:
                break
            PyList_SET_ITEM(items, i, item)
            i += 1
        if i < stop or (i < count and not (cur_look(c) if child.min_bytes else cur_signals(c))):
            trail_index(&c.trail, i)
            return False
    return True


cdef bint append_blocks(const Node* child, Cursor* c, PyObject* items, Py_ssize_t index) noexcept:
    """The blocks of an array behind its first."""
    cdef const uint8_t* end
    cdef int64_t count
    cdef PyObject* item
    cdef int failed
    while True:
        if not block_open(c, child.min_bytes, index, &count, &end):
            return False
        if count == 0:
            return True
        while count > 0:
            if index & LOOK_ITEMS == LOOK_ITEMS and not cur_look(c):
                item = NULL
            else:
                item = decode_inline(child, c)
            if item == NULL:
                trail_index(&c.trail, index)
                return False
            failed = PyList_Append(items, item)
            decref(item)
            if failed:
                cur_raised(c)
                return False
            index += 1
            count -= 1
        if not block_close(c, end):
            return False


cdef PyObject* decode_map(const Node* node, Cursor* c) noexcept:
    """The first block's count sizes the dict, which is right for all of it in nearly every file."""
    cdef const uint8_t* end
    cdef int64_t count
    cdef int64_t before = 0
    cdef PyObject* entries
    if not enter(c) or not block_open(c, node.child.min_bytes + 1, 0, &count, &end):
        return NULL
    entries = avrojet_dict_new(min(count, MOST_PRESIZED))
    if entries == NULL:
        return <PyObject*>cur_raised(c)
    while count > 0:
        before += count
        if (
            not decode_entries(node.child, c, entries, count)
            or not block_close(c, end)
            or not block_open(c, node.child.min_bytes + 1, before, &count, &end)
        ):
            decref(entries)
            return NULL
    c.depth += 1
    return entries


cdef bint decode_entries(const Node* child, Cursor* c, PyObject* entries, int64_t count) noexcept:
    """One block's keys and values."""
    cdef PyObject* key
    cdef PyObject* value
    cdef int failed
    while count > 0:
        if count & LOOK_ITEMS == 0 and not cur_look(c):
            return False
        key = decode_key(c)
        if key == NULL:
            return False
        value = decode_inline(child, c)
        if value == NULL:
            trail_key(&c.trail, key)
            decref(key)
            return False
        failed = avrojet_dict_set(entries, key, value, PyObject_Hash(key))
        decref(key)
        decref(value)
        if failed:
            cur_raised(c)
            return False
        count -= 1
    return True


cdef PyObject* decode_key(Cursor* c) noexcept:
    """A map's key. Keys recur from datum to datum: short ones are kept, with their hash, in the plan.

    The cache has no lock, so plans of free-threaded builds have none.
    """
    cdef const uint8_t* start = c.pos
    cdef int64_t size
    cdef PyObject* key
    if not cur_length(c, &size):
        return NULL
    if c.keys == NULL or size == 0 or size > LONGEST_KEY:
        key = decode_text(c, size)
    else:
        key = cached_key(c, size)
    if key == NULL:
        c.pos = start
    return key


cdef inline PyObject* cached_key(Cursor* c, Py_ssize_t size) noexcept:
    """A key has two places; a new one takes the first, whose key moves to the second."""
    cdef PyObject** first = &c.keys[avrojet_key_hash(c.pos, size) & (KEY_SLOTS - 1)]
    cdef PyObject** second = &c.keys[(first - c.keys) ^ 1]
    cdef PyObject* key
    if is_key(first[0], c.pos, size):
        c.pos += size
        return new_ref(first[0])
    if is_key(second[0], c.pos, size):
        c.pos += size
        return new_ref(second[0])
    key = decode_text(c, size)
    if key != NULL and PyUnicode_IS_COMPACT_ASCII(key):
        if second[0] != NULL:
            decref(second[0])
        second[0] = first[0]
        first[0] = new_ref(key)
    return key


cdef inline bint is_key(PyObject* key, const uint8_t* text, Py_ssize_t size) noexcept:
    return (
        key != NULL
        and PyUnicode_GET_LENGTH(key) == size
        and avrojet_same_bytes(<const uint8_t*>PyUnicode_1BYTE_DATA(key), text, size)
    )


# Unions

cdef PyObject* decode_union(const Node* node, Cursor* c) noexcept:
    cdef const uint8_t* start = c.pos
    cdef int64_t index
    if not cur_int(c, &index):
        return NULL
    if index < 0 or index >= node.count:
        c.pos = start
        cur_fail(c, READ_BRANCH, index)
        return NULL
    return decode_inline(node.children[index], c)


cdef PyObject* decode_nullable(const Node* node, Cursor* c) noexcept:
    """A union of null and one other type: its tag is one byte, 0 or 2."""
    if c.pos < c.end and c.pos[0] == 2 * node.index:
        c.pos += 1
        return decode_inline(node.child, c)
    if c.pos < c.end and c.pos[0] == 2 - 2 * node.index:
        c.pos += 1
        return new_ref(Py_None)
    return decode_union(node, c)


cdef PyObject* decode_tagged(const Node* node, Cursor* c) noexcept:
    cdef PyObject* value = decode_inline(node.child, c)
    cdef PyObject* pair
    if value == NULL:
        return NULL
    pair = PyTuple_Pack(2, node.object, value)
    decref(value)
    return checked(pair, c)


cdef PyObject* decode_fail(const Node* node, Cursor* c) noexcept:
    c.node = node
    cur_fail(c, READ_MISMATCH)
    return NULL


# Records

cdef bint count_empty(const Node* node, Cursor* c) noexcept:
    """Records of no bytes take memory all the same: a schema can hold one in another, twice at each level."""
    c.empty_items -= node.weight
    if c.empty_items < 0:
        return cur_fail(c, READ_EMPTY_ITEMS)
    # No bytes move the cursor on to where it looks for Ctrl-C.
    return c.empty_items & LOOK_ITEMS > node.weight or cur_signals(c)


cdef PyObject* decode_record(const Node* node, Cursor* c) noexcept:
    """A record as a dict in the reader's order: a copy of the template, its values put in."""
    cdef PyObject* row
    if not enter(c):
        return NULL
    row = PyDict_Copy(node.object)
    return fill_row(node, c, row, False)


cdef PyObject* decode_tuple(const Node* node, Cursor* c) noexcept:
    """A record as a tuple in the reader's order."""
    cdef PyObject* row
    if not enter(c):
        return NULL
    row = PyTuple_New(node.size)
    return fill_row(node, c, row, True)


cdef inline PyObject* fill_row(const Node* node, Cursor* c, PyObject* row, bint is_tuple) noexcept:
    """Read the fields in the writer's order into a fresh row; takes the reference and gives it back."""
    cdef Py_ssize_t i
    cdef const Field* field
    cdef const uint8_t* start = c.pos
    cdef PyObject* value
    cdef bint hidden = False
    if row == NULL:
        return <PyObject*>cur_raised(c)
    if is_tuple and not node.quiet:
        PyObject_GC_UnTrack(row)
        hidden = True
    for i in range(node.count):
        field = &node.fields[i]
        if field.slot < 0:
            if skip_value(field.node, c):
                continue
            value = NULL
        else:
            value = decode_inline(field.node, c)
        if value == NULL:
            trail_field(&c.trail, field)
            decref(row)
            return NULL
        if is_tuple:
            PyTuple_SET_ITEM(row, field.slot, value)
        elif node.by_entry:
            hidden |= avrojet_row_fill(row, field.slot, value)
        elif not put_value(c, row, field, value):
            decref(row)
            return NULL
    if c.pos == start and not count_empty(node, c):
        decref(row)
        return NULL
    c.depth += 1
    if hidden:
        PyObject_GC_Track(row)
    return row


cdef bint put_value(Cursor* c, PyObject* row, const Field* field, PyObject* value) noexcept:
    """The same by look-up, where the layout of dicts is not known; takes the reference."""
    cdef int failed = avrojet_dict_set(row, field.name, value, field.hash)
    decref(value)
    if failed:
        cur_raised(c)
    return not failed


cdef PyObject* decode_object(const Node* node, Cursor* c) noexcept:
    """A record as an instance of its class, made when all of its values are there."""
    cdef PyObject* few[FEW_FIELDS]
    cdef PyObject** values = few
    cdef PyObject* made
    if not enter(c):
        return NULL
    if node.size <= FEW_FIELDS:
        return make_object(node, c, few)
    values = <PyObject**>PyMem_Malloc(node.size * sizeof(PyObject*))
    if values == NULL:
        c.error = READ_MEMORY
        return NULL
    made = make_object(node, c, values)
    PyMem_Free(values)
    return made


cdef inline PyObject* make_object(const Node* node, Cursor* c, PyObject** values) noexcept:
    cdef Py_ssize_t i
    cdef const uint8_t* start = c.pos
    cdef PyObject* made
    for i in range(node.size):
        values[i] = NULL
    if not fill_values(node, c, values) or (c.pos == start and not count_empty(node, c)):
        drop_values(values, node.size)
        return NULL
    made = object_new(node.form, values)
    if made == NULL:
        c.pos = start
        c.node = node
        return <PyObject*>cur_raised(c, READ_CLASS)
    c.depth += 1
    return made


cdef inline bint fill_values(const Node* node, Cursor* c, PyObject** values) noexcept:
    """Read the fields in the writer's order, each into its place."""
    cdef Py_ssize_t i
    cdef const Field* field
    for i in range(node.count):
        field = &node.fields[i]
        if field.slot < 0:
            if skip_value(field.node, c):
                continue
        else:
            values[field.slot] = decode_inline(field.node, c)
            if values[field.slot] != NULL:
                continue
        trail_field(&c.trail, field)
        return False
    return True


cdef PyObject* decode_constant(const Node* node, Cursor* c) noexcept:
    return new_ref(node.object)


cdef PyObject* decode_default(const Node* node, Cursor* c) noexcept:
    """A value from the schema, not from the wire: decoded afresh, so that no two rows share it."""
    cdef const uint8_t* start = c.start
    cdef const uint8_t* pos = c.pos
    cdef const uint8_t* end = c.end
    cdef const uint8_t* look = c.look
    cdef PyObject* value
    c.start = c.pos = node.data
    c.end = c.look = node.data + node.size
    value = decode_inline(node.child, c)
    c.in_default |= value == NULL
    c.start = start
    c.pos = pos
    c.end = end
    c.look = look
    return value


cdef PyObject* decode_custom(const Node* node, Cursor* c) noexcept:
    cdef const uint8_t* start = c.pos
    cdef PyObject* plain = decode_inline(node.child, c)
    cdef PyObject* value
    if plain == NULL:
        return NULL
    value = PyObject_CallOneArg(node.object, plain)
    decref(plain)
    if value == NULL:
        c.pos = start
        return <PyObject*>cur_raised(c)
    return value


cdef Routine DECODE[64]
DECODE[<int>OP_NULL] = decode_null
DECODE[<int>OP_BOOLEAN] = decode_boolean
DECODE[<int>OP_INT] = decode_int
DECODE[<int>OP_LONG] = decode_long
DECODE[<int>OP_FLOAT] = decode_float
DECODE[<int>OP_DOUBLE] = decode_double
DECODE[<int>OP_BYTES] = decode_bytes
DECODE[<int>OP_STRING] = decode_string
DECODE[<int>OP_FIXED] = decode_fixed
DECODE[<int>OP_ENUM] = decode_enum
DECODE[<int>OP_ARRAY] = decode_array
DECODE[<int>OP_MAP] = decode_map
DECODE[<int>OP_UNION] = decode_union
DECODE[<int>OP_NULLABLE] = decode_nullable
DECODE[<int>OP_RECORD] = decode_record
DECODE[<int>OP_RESOLVED] = decode_record
DECODE[<int>OP_TUPLE] = decode_tuple
DECODE[<int>OP_OBJECT] = decode_object
DECODE[<int>OP_INT_TO_FLOAT] = decode_int_to_float
DECODE[<int>OP_INT_TO_DOUBLE] = decode_int_to_double
DECODE[<int>OP_LONG_TO_FLOAT] = decode_long_to_float
DECODE[<int>OP_LONG_TO_DOUBLE] = decode_long_to_double
DECODE[<int>OP_RESCALED] = decode_rescaled
DECODE[<int>OP_TAGGED] = decode_tagged
DECODE[<int>OP_CONSTANT] = decode_constant
DECODE[<int>OP_DEFAULT] = decode_default
DECODE[<int>OP_FAIL] = decode_fail
DECODE[<int>OP_DATE] = decode_date
DECODE[<int>OP_TIME] = decode_time
DECODE[<int>OP_TIMESTAMP] = decode_timestamp
DECODE[<int>OP_DURATION] = decode_duration
DECODE[<int>OP_DECIMAL] = decode_decimal
DECODE[<int>OP_BIG_DECIMAL] = decode_big_decimal
DECODE[<int>OP_UUID] = decode_uuid
DECODE[<int>OP_CUSTOM] = decode_custom


# The way in from Python

cdef inline void open_cursor(Cursor* c, Plan plan, const uint8_t* data, Py_ssize_t size) noexcept:
    cur_init(c, data, size, &plan.bounds)
    c.keys = plan.keys
    c.unicode_errors = plan.unicode_errors


cdef class RowDecoder:
    """Decodes data of one plan. Safe to share between threads: it holds no state of a call."""

    def __init__(self, Plan plan not None):
        if plan.root == NULL:
            raise ValueError("the plan is empty: freeze makes one")
        settle_defaults(plan)
        self.plan = plan

    def decode(self, data):
        """Decode one datum.

        :param data: bytes, bytearray, memoryview or another buffer that holds just the datum.
        :returns: the value.
        :raises DecodeError: if the bytes are not a datum of the schema, or go on behind it.
        """
        cdef Cursor c
        cdef Held held
        cdef PyObject* value
        cdef Plan plan = plan_of(self)
        hold(data, &held)
        try:
            open_cursor(&c, plan, held.data, held.size)
            value = decode_datum(plan, &c)
            if value == NULL:
                raise cur_error(&c, "the datum", -1, c.start)
            result = <object>value
            decref(value)
            if c.pos != c.end:
                raise trailing(&c)
            return result
        finally:
            let_go(&held)

    def decode_from(self, data, Py_ssize_t offset=0):
        """Decode the datum that begins at ``offset``; bytes behind it are left.

        :returns: ``(value, end)``, where ``end`` is the offset just behind the datum.
        :raises DecodeError: as :meth:`decode`.
        """
        cdef Cursor c
        cdef Held held
        cdef PyObject* value
        cdef Plan plan = plan_of(self)
        hold(data, &held)
        try:
            open_cursor(&c, plan, held.data, held.size)
            seek(&c, offset)
            value = decode_datum(plan, &c)
            if value == NULL:
                raise cur_error(&c, "the data", -1, c.start + offset)
            result = <object>value
            decref(value)
            return result, c.pos - c.start
        finally:
            let_go(&held)

    def decode_many(self, data):
        """Decode data that follow one another to the last byte.

        :returns: the list of values.
        :raises DecodeError: as :meth:`decode`; the message says which datum it was.
        """
        return decode_rows(plan_of(self), data, -1, 0)[0]

    def decode_block(self, data, Py_ssize_t count, Py_ssize_t offset=0):
        """Decode ``count`` data that follow one another from ``offset``.

        :returns: ``(values, end)``, where ``end`` is the offset just behind the last one.
        :raises DecodeError: as :meth:`decode`; the message says which datum it was.
        """
        check_count(count)
        return decode_rows(plan_of(self), data, count, offset)

    def rows(self, data, Py_ssize_t count, complain):
        """An iterator over ``count`` data that fill ``data`` to its last byte; see :class:`RowIterator`."""
        return RowIterator(self, data, count, complain)

    def empty_row_cost(self):
        """What a row of no bytes counts against ``Limits.empty_items``.

        :raises LimitError: if that is more than the limit.
        """
        cdef Cursor c
        cdef PyObject* value
        cdef Plan plan = plan_of(self)
        open_cursor(&c, plan, NULL, 0)
        if plan.root.fixed_bytes == 0:
            value = decode_datum(plan, &c)
            if value == NULL:
                raise cur_error(&c, "a row")
            decref(value)
        return cost_of_row(plan, &c)

    def skip_block(self, data, Py_ssize_t count, Py_ssize_t offset=0):
        """Walk over ``count`` data from ``offset`` without making values; returns the end's offset."""
        cdef Cursor c
        cdef Held held
        cdef Py_ssize_t i
        cdef Plan plan = plan_of(self)
        cdef const Node* root = plan.root
        cdef bint done = True
        check_count(count)
        hold(data, &held)
        try:
            open_cursor(&c, plan, held.data, held.size)
            seek(&c, offset)
            with nogil:
                # Rows of no bytes need no walk.
                for i in range(count if root.fixed_bytes != 0 else 0):  # no-cython-lint (told below)
                    cur_renew(&c, &plan.bounds)
                    if (c.pos > c.look and not cur_signals_nogil(&c)) or not skip_value(root, &c):
                        done = False
                        break
            if not done:
                raise cur_error(&c, f"datum {i}", i)
            return c.pos - c.start
        finally:
            let_go(&held)


cdef inline PyObject* decode_datum(Plan plan, Cursor* c) noexcept:
    """One value. Where its bytes do not bound its objects, the collector is not to walk them as they come."""
    cdef int paused = 0
    cdef PyObject* value
    if plan.expands or c.end - c.pos > LARGE_DATUM:
        paused = collector_pause()
    value = decode_inline(plan.root, c)
    if paused:
        collector_resume(paused)
    return value


cdef inline PyObject* decode_row(Plan plan, Cursor* c) noexcept:
    """The same where other data follow, so that nothing tells a large one."""
    return decode_datum(plan, c) if plan.expands else decode_inline(plan.root, c)


cdef inline int64_t cost_of_row(Plan plan, const Cursor* c) noexcept:
    """What a row that turned out to have no bytes has used of the budget, and one for itself."""
    return plan.bounds.empty_items - c.empty_items + 1


cdef inline Plan plan_of(RowDecoder decoder):
    """Held for the whole call, whatever becomes of the decoder meanwhile."""
    if decoder.plan is None:
        raise TypeError("the decoder's __init__ has not been called")
    return decoder.plan


cdef tuple decode_rows(Plan plan, data, Py_ssize_t count, Py_ssize_t offset):
    """``count`` values, or all to the end of the data if it is negative, and the end's offset."""
    cdef Cursor c
    cdef Held held
    cdef int paused
    cdef list values = []
    hold(data, &held)
    try:
        open_cursor(&c, plan, held.data, held.size)
        seek(&c, offset)
        paused = collector_pause()
        try:
            fill_rows(plan, &c, values, count)
        finally:
            collector_resume(paused)
        return values, c.pos - c.start
    finally:
        let_go(&held)


cdef int fill_rows(Plan plan, Cursor* c, list values, Py_ssize_t count) except -1:
    """Append ``count`` values, or all that there are. Rows of no bytes are bounded as items of none are."""
    cdef const Node* root = plan.root
    cdef const uint8_t* start
    cdef PyObject* value
    cdef Py_ssize_t i = 0
    cdef int64_t left = plan.bounds.empty_items
    cdef int failed
    if count < 0 and root.fixed_bytes == 0 and c.pos < c.end:
        raise trailing(c)
    while i != count and (count >= 0 or c.pos < c.end):
        cur_renew(c, &plan.bounds)
        start = c.pos
        value = decode_inline(root, c) if cur_look(c) and (i & LOOK_ITEMS or cur_signals(c)) else NULL
        if value == NULL:
            raise cur_error(c, f"datum {i}", i, start)
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
    """The data of a block one at a time, so that a row which the caller lets go is freed before the next.

    That keeps the memory warm, and the cyclic garbage collector, which counts what is made and not
    yet freed, from running at all. Not for several threads.

    An error leaves it before the datum that failed: the next call tries that again.

    :param data: a buffer, held until the iterator is gone.
    :param count: how many data fill it.
    :param complain: what to raise instead of an error: called with the error and the number of the datum,
        or, where the last datum is not the end of the data, with None and the offset that it ends at.
        That datum is then not given.
    """

    cdef Plan plan
    cdef object source          # plain bytes are held by this reference alone
    cdef Held held
    cdef Cursor cursor
    cdef Py_ssize_t count
    cdef Py_ssize_t number
    cdef object complain
    cdef int busy

    def __cinit__(self, RowDecoder decoder not None, data, Py_ssize_t count, complain):
        check_count(count)
        self.plan = plan_of(decoder)
        self.complain = complain
        self.source = data
        hold(data, &self.held)
        self.count = count
        open_cursor(&self.cursor, self.plan, self.held.data, self.held.size)

    def __dealloc__(self):
        let_go(&self.held)

    def __iter__(self):
        return self

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
            # An interruption says nothing of the data.
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


cdef int check_count(Py_ssize_t count) except -1:
    if count < 0:
        raise ValueError(f"count must not be negative: {count}")
    return 0


cdef int seek(Cursor* c, Py_ssize_t offset) except -1:
    if offset < 0 or offset > c.end - c.start:
        raise ValueError(f"offset {offset} is outside of the data's {c.end - c.start} bytes")
    c.pos += offset
    return 0


cdef int reraise() except -1:
    return -1


cdef object trailing(Cursor* c):
    offset = c.pos - c.start
    return DecodeError(
        f"at byte {offset}: {c.end - c.pos} bytes follow the datum; decode_many reads several",
        kind=DecodeFailure.TRAILING,
        offset=offset,
        number=c.end - c.pos,
    )


def settled(Plan plan not None):
    """The plan itself, its defaults made: from then on it does not change, and threads may share it."""
    settle_defaults(plan)
    return plan


cdef int settle_defaults(Plan plan) except -1:
    """Defaults that cannot change are made once; those of dicts' last fields go into the template.

    A list, map or record as default stays a Default: each row gets its own.
    """
    cdef Cursor c
    cdef Node* node
    cdef PyObject* value
    open_cursor(&c, plan, NULL, 0)
    for address in plan.defaults:
        node = <Node*><size_t>address
        cur_renew(&c, &plan.bounds)
        value = decode_default(node, &c)
        if value == NULL:
            error = cur_error(&c, "a default")
            if not isinstance(error, Exception):
                raise error
            continue        # only who needs the default is to get the error
        made = <object>value
        decref(value)
        if type(made) in SHAREABLE:
            node.object = plan.own(made)
            node.op = OP_CONSTANT
    plan.defaults.clear()
    for address in plan.records:
        fold_constants(<Node*><size_t>address)
    plan.records.clear()
    return 0


cdef int fold_constants(Node* node) except -1:
    cdef Field* field
    while node.count > 0:
        field = &node.fields[node.count - 1]
        if field.slot < 0 or field.node.op != OP_CONSTANT:
            break
        (<dict>node.object)[<object>field.name] = <object>field.node.object
        node.count -= 1
    # Copies are found by the collector as their template is: rows only once they are finished.
    PyObject_GC_UnTrack(node.object)
    return 0
