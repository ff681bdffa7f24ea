"""Decode: bytes to Python values, one routine per op; the table at the end lists them.

A routine returns a new reference, or NULL with ``Cursor.error`` set and the cursor where the failing
value began. Containers record their place while a failure unwinds, so that only failures pay for the path.
The entry points are in `core.rows.rows`.
"""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

from avrojet.core.ground.blocks cimport block_close, block_open
from avrojet.core.ground.collector cimport collector_pause, collector_resume
from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.error_path cimport trail_field, trail_index, trail_key
from avrojet.core.ground.objects cimport *
from avrojet.core.objects.instances cimport drop_values, object_new
from avrojet.core.plan.node cimport *
from avrojet.core.plan.plan cimport KEY_SLOTS, Plan
from avrojet.core.rows.decode_logical cimport (
    decode_big_decimal, decode_date, decode_decimal, decode_duration, decode_rescaled, decode_time,
    decode_timestamp, decode_uuid,
)
from avrojet.core.rows.skip cimport skip_value

cdef extern from "capi.h":
    PyObject* avrojet_dict_new(Py_ssize_t)
    int avrojet_dict_set(PyObject*, PyObject*, PyObject*, Py_hash_t)

cdef extern from "rowdict.h":
    bint avrojet_row_fill(PyObject*, Py_ssize_t, PyObject*)

cdef extern from "scalars.h":
    bint avrojet_same_bytes(const uint8_t*, const uint8_t*, Py_ssize_t) nogil
    uint32_t avrojet_key_hash(const uint8_t*, Py_ssize_t) nogil
    bint avrojet_is_ascii(const uint8_t*, Py_ssize_t) nogil
    uint32_t avrojet_load32le(const uint8_t*) nogil
    uint64_t avrojet_load64le(const uint8_t*) nogil
    double avrojet_bits_to_double(uint64_t) nogil
    double avrojet_float_to_double(uint32_t) nogil

cdef extern from "utf8decode.h":
    PyObject* avrojet_utf8_decode(const uint8_t*, Py_ssize_t, bint)

cdef enum:
    LONGEST_KEY = 32            # bytes; longer keys seldom recur
    MOST_PRESIZED = 65536       # entries reserved for a map by its count alone
    LARGE_DATUM = 65536         # bytes
    FEW_FIELDS = 16             # whose values are on the stack until an instance is made

ctypedef PyObject* (*Routine)(const Node*, Cursor*) noexcept


cdef PyObject* decode_datum(Plan plan, Cursor* c) noexcept:
    """One value. If its bytes do not bound its objects, the collector is paused while they are made."""
    cdef int paused = 0
    cdef PyObject* value
    if plan.expands or c.end - c.pos > LARGE_DATUM:
        paused = collector_pause()
    value = decode_inline(plan.root, c)
    if paused:
        collector_resume(paused)
    return value


cdef PyObject* decode_value(const Node* node, Cursor* c) noexcept:
    return decode_inline(node, c)


cdef inline PyObject* decode_inline(const Node* node, Cursor* c) noexcept:
    """One value. The most common types are tested for here, to save the indirect call."""
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
    """Check a new value from the C API, which fails only if memory runs out."""
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
        value = avrojet_utf8_decode(data, size, False)
        if value == NULL and PyErr_Occurred() == NULL:
            return mend_text(c, data, size)
    return checked(value, c)


cdef PyObject* mend_text(Cursor* c, const uint8_t* data, Py_ssize_t size) noexcept:
    """Decode text that is not UTF-8, as ``unicode_errors`` says."""
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
    if not cur_index(c, node.count, READ_ENUM, &index):
        return NULL
    if node.objects[index] == NULL:
        c.pos = start
        c.node = node
        cur_fail(c, READ_SYMBOL, index)
        return NULL
    return new_ref(node.objects[index])


# Promotions (specification: Schema Resolution). A float keeps 24 bits of an int or long.

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
    """The list is allocated for the first block's count, which in nearly every file is all of it."""
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
    # Code that runs meanwhile, such as a converter or a signal handler, must not find the list with the gc module.
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
    """The items of a block, stored into a new list of that length."""
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
    """The blocks of an array after its first."""
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
    """The dict is sized for the first block's count, which in nearly every file is all of it."""
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
    """Keys and values of one block."""
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
    """A map's key. Keys recur from datum to datum: short ones are cached in the plan, with their hash.

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
    """A key has two possible slots; a new one takes the first, whose key moves to the second."""
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
    cdef int64_t index
    if not cur_index(c, node.count, READ_BRANCH, &index):
        return NULL
    return decode_inline(node.children[index], c)


cdef PyObject* decode_nullable(const Node* node, Cursor* c) noexcept:
    """A union of null and one other type: its index is one byte, 0 or 2."""
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
    """Records of no bytes still take memory: a schema can nest them, two in one at each level."""
    c.empty_items -= node.weight
    if c.empty_items < 0:
        return cur_fail(c, READ_EMPTY_ITEMS)
    # Without bytes, the cursor never reaches its next check for Ctrl-C.
    return c.empty_items & LOOK_ITEMS > node.weight or cur_signals(c)


cdef PyObject* decode_record(const Node* node, Cursor* c) noexcept:
    """A record as a dict: a copy of the template, with the value of each field stored."""
    cdef Py_ssize_t i
    cdef const uint8_t* start = c.pos
    cdef PyObject* row
    cdef PyObject* value
    cdef bint hidden = False
    if not enter(c):
        return NULL
    row = PyDict_Copy(node.object)
    if row == NULL:
        return <PyObject*>cur_raised(c)
    for i in range(node.count):
        value = decode_inline(node.children[i], c)
        if value == NULL:
            trail_field(&c.trail, &node.fields[i])
            decref(row)
            return NULL
        if node.by_entry:
            hidden |= avrojet_row_fill(row, i, value)
        elif not put_value(c, row, &node.fields[i], value):
            decref(row)
            return NULL
    return finish_row(node, c, row, start, hidden)


cdef PyObject* decode_resolved(const Node* node, Cursor* c) noexcept:
    """A record as a dict in the reader's order."""
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
    """Read the fields in the writer's order into a new row; takes the reference and returns it."""
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
    return finish_row(node, c, row, start, hidden)


cdef inline PyObject* finish_row(
    const Node* node, Cursor* c, PyObject* row, const uint8_t* start, bint hidden
) noexcept:
    """The completed row; takes the reference and returns it.

    :param hidden: the garbage collector does not track it yet.
    """
    if c.pos == start and not count_empty(node, c):
        decref(row)
        return NULL
    c.depth += 1
    if hidden:
        PyObject_GC_Track(row)
    return row


cdef bint put_value(Cursor* c, PyObject* row, const Field* field, PyObject* value) noexcept:
    """Store a value by look-up, if the layout of dicts is not known; takes the reference."""
    cdef int failed = avrojet_dict_set(row, field.name, value, field.hash)
    decref(value)
    if failed:
        cur_raised(c)
    return not failed


cdef PyObject* decode_object(const Node* node, Cursor* c) noexcept:
    """A record as an instance of its class, made once all of its values are read."""
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
    """Read the fields in the writer's order, each into its slot."""
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
    """A value from the schema, not from the input: decoded anew each time, so that no two rows share it."""
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
DECODE[<int>OP_RESOLVED] = decode_resolved
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
