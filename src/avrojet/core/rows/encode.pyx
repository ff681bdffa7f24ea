"""Encode: Python values to bytes, one routine per op; the table at the end lists them.

A routine returns True, or False with ``Sink.error`` set; the caller rolls back what it has written. Values are
borrowed: code that takes one out of a container owns a reference while it is encoded, as the value's own code may
change the container. The entry points are `core.rows.row_encoder` and `core.rows.block_builder`.

"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_CheckBuffer, PyObject_GetBuffer
from cpython.object cimport PyObject
from libc.math cimport isfinite
from libc.stdint cimport INT32_MAX, INT32_MIN, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum as PythonEnum
from numbers import Real

from avrojet.core.ground.error_path cimport trail_field, trail_index, trail_key
from avrojet.core.ground.objects cimport *
from avrojet.core.ground.sink cimport *
from avrojet.core.objects.encode_objects cimport branch_of_class, entries_of, is_absent, member_index
from avrojet.core.objects.instances cimport have_same_class, is_instance, object_item
from avrojet.core.plan.node cimport *
from avrojet.core.plan.plan cimport Plan
from avrojet.core.rows.choose_branch cimport *
from avrojet.core.rows.encode_logical cimport (
    can_be_read, encode_big_decimal, encode_date, encode_decimal, encode_duration, encode_time,
    encode_timestamp, encode_uuid,
)

cdef extern from "capi.h":
    int AVROJET_GIL
    PyObject* avrojet_dict_get(PyObject*, PyObject*, Py_hash_t)
    PyObject* avrojet_dict_next(PyObject*, Py_ssize_t*, PyObject*)
    PyObject* avrojet_item(PyObject*, Py_ssize_t)
    bint avrojet_long_value(PyObject*, int64_t*)

cdef extern from "scalars.h":
    void avrojet_store32le(uint8_t*, uint32_t) nogil
    void avrojet_store64le(uint8_t*, uint64_t) nogil
    uint64_t avrojet_double_to_bits(double) nogil
    uint32_t avrojet_double_to_float(double) nogil

cdef extern from "utf8.h":
    int AVROJET_UTF8_SLACK
    Py_ssize_t avrojet_utf8_size(PyObject*)
    void avrojet_utf8_write(PyObject*, uint8_t*)
    int avrojet_utf8_ready(PyObject*)

ctypedef bint (*Routine)(const Node*, PyObject*, Sink*) noexcept


cdef bint encode_datum(Plan plan, PyObject* value, Sink* s) noexcept:
    """Encode one value with budgets of its own, appending to the sink."""
    cdef Py_ssize_t begin = s.pos - s.start
    sink_renew(s, &plan.bounds)
    if not encode_inline(plan.root, value, s):
        return False
    # The sink's initial buffer is filled without a check of the bound.
    if s.pos - s.start - begin > plan.bounds.value_bytes:
        s.error = WRITE_BYTES
        return False
    return True


cdef bint encode_value(const Node* node, PyObject* value, Sink* s) noexcept:
    return encode_inline(node, value, s)


cdef inline bint encode_inline(const Node* node, PyObject* value, Sink* s) noexcept:
    """One value. The most common types are tested for here, to save the indirect call."""
    if node.op == OP_STRING:
        return encode_string(node, value, s)
    if node.op == OP_LONG:
        return encode_long(node, value, s)
    if node.op == OP_DOUBLE:
        return encode_double(node, value, s)
    if node.op == OP_NULLABLE and value == Py_None:
        return put_byte(s, 2 - 2 * node.index)
    return ENCODE[node.op](node, value, s)


# Primitive types

cdef bint encode_null(const Node* node, PyObject* value, Sink* s) noexcept:
    return value == Py_None or sink_fail(s, WRITE_TYPE, node, value)


cdef bint encode_boolean(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef bint truth
    if value == Py_True or value == Py_False:
        truth = value == Py_True
    elif not read_truth(node, value, &truth, s):
        return False
    if not sink_reserve(s, 1):
        return False
    s.pos[0] = truth
    s.pos += 1
    return True


cdef bint read_truth(const Node* node, PyObject* value, bint* truth, Sink* s) noexcept:
    """A numpy boolean, or a number if numbers are accepted as booleans."""
    cdef int64_t number
    try:
        if is_numpy(<object>value, "b"):
            truth[0] = bool(<object>value)
        elif takes_alike(s) and whole_of(value, &number) and 0 <= number <= 1:
            truth[0] = number == 1
        else:
            return sink_fail(s, WRITE_TYPE, node, value)
        return True
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)


cdef bint is_number(PyObject* value) except -1:
    """Whether a value that is not an int may be a number."""
    return is_float(value) or is_numpy(<object>value, "f") or is_numpy(<object>value, "b")


cdef inline bint read_int(const Node* node, PyObject* value, int64_t* number, Sink* s) noexcept:
    """The value of an int, or of an object with __index__; a bool is not a number (specification: Primitive Types)."""
    cdef PyObject* index
    cdef bint fits
    if type_of(value) == &PyLong_Type:
        return avrojet_long_value(value, number) or sink_fail(s, WRITE_RANGE, node, value)
    if not has_index(value) or (type_of(value) == &PyBool_Type and not takes_alike(s)):
        return read_whole(node, value, number, s)
    index = index_of(value)
    if index == NULL:
        return not_a_number(node, value, s)
    fits = avrojet_long_value(index, number)
    decref(index)
    return fits or sink_fail(s, WRITE_RANGE, node, value)


cdef bint not_a_number(const Node* node, PyObject* value, Sink* s) noexcept:
    """Record that a value's own code failed to make it a number; if the value has the wrong type, say that."""
    if PyErr_ExceptionMatches(TypeError):
        PyErr_Clear()
        return sink_fail(s, WRITE_TYPE, node, value)
    return sink_raised(s, WRITE_PYTHON)


cdef bint read_whole(const Node* node, PyObject* value, int64_t* number, Sink* s) noexcept:
    """The value of a number that is not an int, if other types are accepted."""
    try:
        if takes_alike(s) and whole_of(value, number):
            return True
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)
    return sink_fail(s, WRITE_TYPE, node, value)


cdef bint whole_of(PyObject* value, int64_t* number) except -1:
    """Whether a value is an integer of any class, a float or Decimal without fraction, or a numpy bool, and its
    number. Errors of its own code mean no, but interruptions pass."""
    try:
        given = <object>value
        if not (has_index(value) or isinstance(given, float) or isinstance(given, Decimal)):
            if not (is_numpy(given, "f") or is_numpy(given, "b")):
                return False
        whole = int(given)
        return whole == given and avrojet_long_value(<PyObject*>whole, number)
    except MemoryError:
        raise
    except Exception:
        return False


cdef bint encode_int(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef int64_t number
    if not read_int(node, value, &number, s):
        return False
    if number < INT32_MIN or number > INT32_MAX:
        return sink_fail(s, WRITE_RANGE, node, value)
    return put_long(s, number)


cdef inline bint encode_long(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef int64_t number
    return read_int(node, value, &number, s) and put_long(s, number)


cdef inline bint read_float(const Node* node, PyObject* value, double* number, Sink* s) noexcept:
    """A float, an int, or a numpy scalar of either; not a str, nor a Decimal, which would lose digits."""
    if type_of(value) == &PyFloat_Type or is_float(value):
        number[0] = PyFloat_AS_DOUBLE(value)
        return True
    return read_float_slow(node, value, number, s)


cdef bint read_float_slow(const Node* node, PyObject* value, double* number, Sink* s) noexcept:
    if (type_of(value) == &PyBool_Type and not takes_alike(s)) or s.options & EXACT_TYPES:
        return sink_fail(s, WRITE_TYPE, node, value)
    try:
        if is_int(value):
            number[0] = <double><object>value
        elif has_index(value) or is_numpy(<object>value, "f"):
            number[0] = float(<object>value)
        elif s.options & LENIENT and isinstance(<object>value, Real):
            number[0] = float(<object>value)
        elif takes_alike(s) and (is_str(value) or hasattr(<object>value, "__float__")):
            number[0] = float(<object>value)
        else:
            return sink_fail(s, WRITE_TYPE, node, value)
        return True
    except OverflowError:
        return sink_fail(s, WRITE_RANGE, node, value)
    except TypeError:
        return sink_fail(s, WRITE_TYPE, node, value)    # such as an array of several numbers
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)


cdef bint encode_float(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef double number
    if not read_float(node, value, &number, s) or not sink_reserve(s, 4):
        return False
    if isfinite(number) and not isfinite(<float>number):
        return sink_fail(s, WRITE_RANGE, node, value)
    if s.options & EXACT_TYPES and isfinite(number) and <float>number != number:
        return sink_fail(s, WRITE_RANGE, node, value)
    avrojet_store32le(s.pos, avrojet_double_to_float(number))
    s.pos += 4
    return True


cdef inline bint encode_double(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef double number
    if not read_float(node, value, &number, s) or not sink_reserve(s, 8):
        return False
    avrojet_store64le(s.pos, avrojet_double_to_bits(number))
    s.pos += 8
    return True


cdef inline bint encode_string(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef Py_ssize_t size
    if not is_str(value):
        return sink_fail(s, WRITE_TYPE, node, value)
    if not PyUnicode_IS_COMPACT_ASCII(value):
        return encode_text(node, value, s)
    size = PyUnicode_GET_LENGTH(value)
    if not sink_reserve(s, size + 10):
        return False
    put_number(s, size)
    memcpy(s.pos, PyUnicode_1BYTE_DATA(value), size)
    s.pos += size
    return True


cdef bint encode_text(const Node* node, PyObject* value, Sink* s) noexcept:
    """A str that is not plain ASCII."""
    cdef Py_ssize_t size
    if avrojet_utf8_ready(value) < 0:
        return sink_raised(s, WRITE_PYTHON)
    size = avrojet_utf8_size(value)
    if size < 0:
        return sink_fail(s, WRITE_SURROGATE, node, value)
    if not sink_reserve(s, size + 10 + AVROJET_UTF8_SLACK):
        return False
    put_number(s, size)
    avrojet_utf8_write(value, s.pos)
    s.pos += size
    return True


cdef bint encode_bytes(const Node* node, PyObject* value, Sink* s) noexcept:
    if type_of(value) == &PyBytes_Type:
        return put_sized(s, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value), True)
    return encode_buffer(node, value, s)


cdef bint encode_fixed(const Node* node, PyObject* value, Sink* s) noexcept:
    if type_of(value) != &PyBytes_Type:
        return encode_buffer(node, value, s)
    if PyBytes_GET_SIZE(value) != node.size:
        return sink_fail(s, WRITE_SIZE, node, value)
    return put_sized(s, PyBytes_AS_STRING(value), node.size, False)


cdef inline bint put_sized(Sink* s, const void* data, Py_ssize_t size, bint length) noexcept:
    if not sink_reserve(s, size + 10):
        return False
    if length:
        put_number(s, size)
    memcpy(s.pos, data, size)
    s.pos += size
    return True


cdef bint encode_buffer(const Node* node, PyObject* value, Sink* s) noexcept:
    """Bytes or fixed from a bytearray, memoryview or other buffer; a strided one is copied in order."""
    cdef Py_buffer view
    cdef bint done
    if not PyObject_CheckBuffer(<object>value):
        return sink_fail(s, WRITE_TYPE, node, value)
    try:
        if is_number_of_numpy(<object>value):
            return sink_fail(s, WRITE_TYPE, node, value)
        source = memoryview(<object>value)
        if not source.c_contiguous:
            source = source.tobytes()
        PyObject_GetBuffer(source, &view, PyBUF_SIMPLE)
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)
    if node.op == OP_FIXED and view.len != node.size:
        done = sink_fail(s, WRITE_SIZE, node, value)
    else:
        done = put_sized(s, view.buf, view.len, node.op != OP_FIXED)
    PyBuffer_Release(&view)
    return done


cdef bint is_number_of_numpy(object value):
    """A numpy number or time, which is not to be taken for its bytes."""
    dtype = getattr(value, "dtype", None)
    return dtype is not None and value.shape == () and dtype.kind not in "SV"


cdef bint encode_enum(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef PyObject* index
    cdef int64_t number
    if node.index:
        number = member_index(node, value)
        if number >= 0:
            return put_long(s, number)
    if not is_str(value):
        return encode_member(node, value, s)
    index = find_item(node.object, value)
    if index == NULL:
        if PyErr_Occurred() != NULL:
            return sink_raised(s, WRITE_PYTHON)
        return sink_fail(s, WRITE_SYMBOL, node, value)
    avrojet_long_value(index, &number)
    return put_long(s, number)


cdef bint encode_member(const Node* node, PyObject* value, Sink* s) noexcept:
    """A member of a Python enum: by its value if that is text, else by its name."""
    try:
        if not isinstance(<object>value, PythonEnum):
            return sink_fail(s, WRITE_TYPE, node, value)
        symbol = (<object>value).value
        if not isinstance(symbol, str):
            symbol = (<object>value).name
            if symbol is None:      # several flags
                return sink_fail(s, WRITE_TYPE, node, value)
        if encode_enum(node, <PyObject*>symbol, s):
            return True
        return sink_fail(s, WRITE_SYMBOL, node, value) if s.error == WRITE_SYMBOL else False
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)


# Arrays and maps: one block that does not state its size, then the closing zero

cdef inline bint enter(Sink* s) noexcept:
    s.depth -= 1
    if s.depth >= 0:
        return sink_look(s)
    s.error = WRITE_DEPTH
    return False


cdef bint encode_array(const Node* node, PyObject* value, Sink* s) noexcept:
    if type_of(value) == &PyList_Type or is_exact_tuple(value):
        return encode_items(node, value, s)
    return encode_sequence(node, value, s)


cdef bint encode_items(const Node* node, PyObject* items, Sink* s) noexcept:
    """The items of a list or tuple, whose size must not change meanwhile."""
    cdef const Node* child = node.child
    cdef Py_ssize_t i
    cdef Py_ssize_t count = size_of(items)
    cdef PyObject* item
    cdef bint done
    if not enter(s) or not count_items(child, count, s):
        return False
    if count > 0 and not put_long(s, count):
        return False
    if child.op == OP_DOUBLE:
        i = encode_doubles(items, count, s)
    elif child.op == OP_LONG or child.op == OP_INT:
        i = encode_longs(items, count, child.op == OP_INT, s)
    else:
        i = 0
    while i < count:
        item = avrojet_item(items, i)
        if item == NULL:
            return sink_fail(s, WRITE_CHANGED, node, items)
        done = (i & LOOK_ITEMS != LOOK_ITEMS or sink_look(s)) and encode_inline(child, item, s)
        decref(item)
        if not done:
            trail_index(&s.trail, i)
            return False
        i += 1
    if size_of(items) != count:
        return sink_fail(s, WRITE_CHANGED, node, items)
    s.depth += 1
    return put_long(s, 0)


cdef inline bint count_items(const Node* child, Py_ssize_t count, Sink* s) noexcept:
    """Enforce what readers allow: items in one array or map, and items of no bytes in one datum."""
    if count > s.bounds.items:
        s.number = count
        s.error = WRITE_ITEMS
        return False
    return child.min_bytes > 0 or count_empty(count, s)


cdef bint count_empty(int64_t weight, Sink* s) noexcept:
    s.empty_items -= weight
    if s.empty_items >= 0:
        return True
    s.error = WRITE_EMPTY_ITEMS
    return False


cdef Py_ssize_t encode_doubles(PyObject* items, Py_ssize_t count, Sink* s) noexcept:
    """Write the floats that an array begins with, reserving room for all at once; returns how many.

    No code of a value runs here, so the items can be borrowed where there is a GIL.
    """
    cdef PyObject** values = items_of(items)
    cdef Py_ssize_t i = 0
    if values == NULL or not sink_reserve(s, 8 * count):
        return 0
    while i < count and type_of(values[i]) == &PyFloat_Type:
        avrojet_store64le(s.pos, avrojet_double_to_bits(PyFloat_AS_DOUBLE(values[i])))
        s.pos += 8
        i += 1
    return i


cdef Py_ssize_t encode_longs(PyObject* items, Py_ssize_t count, bint narrow, Sink* s) noexcept:
    """The same for ints in range."""
    cdef PyObject** values = items_of(items)
    cdef Py_ssize_t i = 0
    cdef int64_t number
    if values == NULL or not sink_reserve(s, 10 * count):
        return 0
    while i < count and type_of(values[i]) == &PyLong_Type:
        if not avrojet_long_value(values[i], &number):
            break
        if narrow and (number < INT32_MIN or number > INT32_MAX):
            break
        put_number(s, number)
        i += 1
    return i


cdef inline PyObject** items_of(PyObject* items) noexcept:
    """The array of a list or tuple; NULL if another thread could change it."""
    return PySequence_Fast_ITEMS(items) if AVROJET_GIL else NULL


cdef inline Py_ssize_t size_of(PyObject* items) noexcept:
    return PyTuple_GET_SIZE(items) if is_exact_tuple(items) else PyList_GET_SIZE(items)


cdef bint encode_sequence(const Node* node, PyObject* value, Sink* s) noexcept:
    """Any other sequence, and arrays of numbers, by their list of items."""
    try:
        items = list_of(<object>value, takes_alike(s))
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)
    if items is None:
        return sink_fail(s, WRITE_TYPE, node, value)
    return encode_items(node, <PyObject*>items, s)


cdef list list_of(object value, bint any_iterable):
    """The items; None for text, bytes, mappings and, unless the options allow them, sets and iterators: they are
    not sequences."""
    # One class at a time: Cython 3 takes an exception of isinstance(x, (str, Class)) for True.
    if isinstance(value, (str, bytes, bytearray)) or isinstance(value, Mapping):
        return None
    if isinstance(value, Sequence):
        return list(value)
    convert = getattr(value, "tolist", None)    # numpy arrays, array.array, memoryview
    if is_numpy(value, "M"):
        return list(value) if getattr(value, "shape", ()) else None     # tolist() would return nanoseconds as ints
    if convert is None:
        return list(value) if any_iterable and isinstance(value, Iterable) else None
    made = convert()
    return made if type(made) is list else None


cdef bint encode_map(const Node* node, PyObject* value, Sink* s) noexcept:
    if is_dict(value) and AVROJET_GIL:
        return encode_entries(node, value, s)
    try:
        if not isinstance(<object>value, Mapping):
            return sink_fail(s, WRITE_TYPE, node, value)
        entries = dict(<object>value)
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)
    return encode_entries(node, <PyObject*>entries, s)


cdef bint encode_entries(const Node* node, PyObject* entries, Sink* s) noexcept:
    """The entries of a dict, whose size must not change meanwhile."""
    cdef Py_ssize_t count = dict_size(entries)
    cdef Py_ssize_t position = 0, seen = 0
    cdef PyObject* key
    cdef PyObject* value
    cdef bint done
    if not enter(s):
        return False
    if count > s.bounds.items:
        s.number = count
        s.error = WRITE_ITEMS
        return False
    if count > 0 and not put_long(s, count):
        return False
    while seen <= count and PyDict_Next(entries, &position, &key, &value):
        incref(key)
        incref(value)
        done = seen & LOOK_ITEMS != LOOK_ITEMS or sink_look(s)
        done = done and (is_str(key) or sink_fail(s, WRITE_KEY, node, key))
        done = done and encode_string(node, key, s)
        if done and not encode_inline(node.child, value, s):
            trail_key(&s.trail, key)
            done = False
        decref(key)
        decref(value)
        if not done:
            return False
        seen += 1
    if seen != count or dict_size(entries) != count:
        return sink_fail(s, WRITE_CHANGED, node, entries)
    s.depth += 1
    return put_long(s, 0)


# Unions

cdef bint encode_nullable(const Node* node, PyObject* value, Sink* s) noexcept:
    """A union of null and one other type: its index is one byte, 0 or 2. (encode_inline has handled null.)"""
    cdef const Node* child = node.child
    if is_tag(value, s):
        return encode_union(node, value, s)
    if not put_byte(s, 2 * node.index):
        return False
    if child.op == OP_STRING:
        return encode_string(child, value, s) or note_union(node, value, s)
    if takes_alike(s):
        return encode_chosen(child, value, s) or note_union(node, value, s)
    if child.op == OP_LONG:
        return encode_long(child, value, s) or note_union(node, value, s)
    return ENCODE[child.op](child, value, s) or note_union(node, value, s)


cdef bint encode_chosen(const Node* node, PyObject* value, Sink* s) noexcept:
    """A value in a union that does not name its branch: it must have the branch's own type."""
    cdef bint done
    s.options |= CHOSEN_BRANCH
    done = encode_inline(node, value, s)
    s.options &= ~CHOSEN_BRANCH
    return done


cdef bint encode_union(const Node* node, PyObject* value, Sink* s) noexcept:
    """The branch that a tag names; without a tag, the branch that fits."""
    cdef Py_ssize_t branch
    cdef bint done
    if is_tag(value, s) and PyTuple_GET_SIZE(value) == 2:
        branch = find_name(node, PyTuple_GET_ITEM(value, 0))
        if branch >= 0:
            return encode_branch(node, branch, PyTuple_GET_ITEM(value, 1), s)
        if s.options & TYPE_KEYS and is_str(PyTuple_GET_ITEM(value, 0)):
            return sink_fail(s, WRITE_BRANCH, node, value)
    if not takes_alike(s):
        return encode_fitting(node, value, s)
    s.options |= CHOSEN_BRANCH
    done = encode_fitting(node, value, s)
    s.options &= ~CHOSEN_BRANCH
    return done


cdef inline bint is_tag(PyObject* value, const Sink* s) noexcept:
    """Whether a tuple names its branch. A namedtuple does if names are binding, else it is a record's row."""
    return s.options & TUPLE_TAGS and (is_exact_tuple(value) or (s.options & TYPE_KEYS and is_tuple(value)))


cdef bint encode_fitting(const Node* node, PyObject* value, Sink* s) noexcept:
    """The branch for the value's type, from a table; several are tried in turn, best fit first."""
    cdef const BranchList* fitting
    cdef Py_ssize_t branch
    cdef int kind
    if s.options & TYPE_KEYS and is_dict(value):
        branch = find_type_key(node, value)
        if branch >= 0:
            return encode_branch(node, branch, value, s)
        if branch == RAISED:
            return sink_raised(s, WRITE_PYTHON)
        if branch == NO_SUCH_RECORD:
            return encode_as_map(node, value, s)
    if node.object != NULL:
        if not find_class(node, value, &branch, s):
            return False
        if branch >= 0:
            return encode_of_class(node, branch, value, s) or note_union(node, value, s)
    kind = kind_of(value)
    if kind == KIND_FOREIGN and not find_kind(value, &kind, s):
        return False
    fitting = &node.fitting[kind]
    if fitting.count == 1:
        return encode_branch(node, fitting.branches[0], value, s) or note_union(node, value, s)
    if fitting.count == 0:
        return sink_fail(s, WRITE_BRANCH, node, value) or note_union(node, value, s)
    if kind == KIND_OTHER and s.options & TYPE_KEYS:
        return encode_other(node, fitting, value, s)
    return try_branches(node, fitting, value, s) or note_union(node, value, s)


cdef bint find_kind(PyObject* value, int* kind, Sink* s) noexcept:
    try:
        kind[0] = foreign_kind(value)
        return True
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)


cdef bint find_class(const Node* node, PyObject* value, Py_ssize_t* branch, Sink* s) noexcept:
    """The branch for the value's class, -1 if there is none."""
    try:
        branch[0] = branch_of_class(node.object, value)
        return True
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)


cdef bint encode_of_class(const Node* node, Py_ssize_t branch, PyObject* value, Sink* s) noexcept:
    """The branch for the value's class. Box[int] and Box[str] are one class: the first that takes the value."""
    cdef Py_ssize_t i
    if node.index:
        for i in range(branch + 1, node.count):
            if not have_same_class(node.children[branch].form, node.children[i].form):
                continue
            if try_branch(node, branch, value, s):
                return True
            if is_fatal(s):
                return False
            branch = i
        sink_forgive(s)
    return encode_branch(node, branch, value, s)


cdef bint note_union(const Node* node, PyObject* value, Sink* s) noexcept:
    """Record the innermost union around the failure: its value may be in the form of the JSON encoding, say."""
    if s.union_node == NULL:
        s.union_node = node
        incref(value)
        s.union_value = value
    return False


cdef bint encode_other(const Node* node, const BranchList* fitting, PyObject* value, Sink* s) noexcept:
    """A value of no known kind; a Mapping is examined like a dict."""
    cdef Py_ssize_t i
    for i in range(node.count):
        if node.children[i].op == OP_CUSTOM:      # which must get the value itself
            return try_branches(node, fitting, value, s)
    try:
        entries = dict(<object>value) if isinstance(<object>value, Mapping) else None
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)
    if entries is None:
        return try_branches(node, fitting, value, s)
    return encode_fitting(node, <PyObject*>entries, s)


cdef inline bint encode_branch(const Node* node, Py_ssize_t branch, PyObject* value, Sink* s) noexcept:
    return put_long(s, branch) and encode_inline(node.children[branch], value, s)


cdef bint encode_as_map(const Node* node, PyObject* value, Sink* s) noexcept:
    """A dict whose ``-type`` names no record of the union: to a map that is a key like any other."""
    cdef Py_ssize_t i
    for i in range(node.count):
        if node.children[i].op != OP_MAP and (node.children[i].op != OP_CUSTOM or holds_record(node.children[i])):
            continue
        if try_branch(node, i, value, s):
            return True
        if is_fatal(s):
            return False
    sink_forgive(s)
    return sink_fail(s, WRITE_BRANCH, node, value)


cdef bint try_branches(const Node* node, const BranchList* fitting, PyObject* value, Sink* s) noexcept:
    """Try each candidate until one takes the value: a value fits if it encodes without error.

    For a dict, records whose fields are exactly its keys come first: those that keep its values' types, then those
    that widen them. Then come those that share the most keys, maps, and records that share none. If nothing fits,
    the error of a record with exactly these keys says more than that of the union.
    """
    cdef Py_ssize_t branch
    cdef Py_ssize_t matching = -1
    if is_dict(value):
        if not s.options & (LENIENT | EXACT_TYPES):
            s.options |= EXACT_TYPES
            if try_records(node, fitting, value, &matching, s):
                s.options &= ~EXACT_TYPES
                return True
            s.options &= ~EXACT_TYPES
        elif try_records(node, fitting, value, &matching, s):
            return True
        if is_fatal(s):
            return False
    try:
        order = order_of(node, fitting, value)
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)
    for branch in order:
        if try_branch(node, branch, value, s):
            return True
        if is_fatal(s):
            return False
    sink_forgive(s)
    if matching >= 0:
        return encode_branch(node, matching, value, s)
    return sink_fail(s, WRITE_BRANCH, node, value)


cdef bint try_records(
    const Node* node, const BranchList* fitting, PyObject* value, Py_ssize_t* matching, Sink* s
) noexcept:
    """Try the records whose fields are exactly the keys of a dict; ``matching`` is set to the last of them."""
    cdef Py_ssize_t i, branch
    cdef int same
    for i in range(fitting.count):
        branch = fitting.branches[i]
        same = fields_are_keys(node.children[branch], value)
        if same == RAISED:
            return sink_raised(s, WRITE_PYTHON)
        if same:
            matching[0] = branch
            if try_branch(node, branch, value, s):
                return True
            if is_fatal(s):
                return False
    return False


cdef bint try_branch(const Node* node, Py_ssize_t branch, PyObject* value, Sink* s) noexcept:
    """Encode as one branch; if it does not fit, everything it wrote is removed."""
    cdef Py_ssize_t mark = s.pos - s.start
    cdef int depth = s.depth
    sink_forgive(s)
    s.trials -= 1
    if s.trials < 0:
        s.error = WRITE_TRIALS
        return False
    if encode_branch(node, branch, value, s):
        return True
    s.pos = s.start + mark
    s.depth = depth
    return False


cdef bint is_fatal(const Sink* s) noexcept:
    """Whether no other branch could avoid the error."""
    return s.error in (
        WRITE_PYTHON, WRITE_DEPTH, WRITE_TRIALS, WRITE_BYTES, WRITE_MEMORY, WRITE_EMPTY_ITEMS, WRITE_ITEMS,
        WRITE_CHANGED,
    )


# Records

cdef bint encode_record(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef Py_ssize_t before = s.pos - s.start
    cdef bint done
    if not enter(s):
        return False
    if is_dict(value):
        done = encode_dict(node, value, value, s)
    elif node.form != NULL and not is_exact_tuple(value):
        done = encode_instance(node, value, s)
    elif is_tuple(value):
        done = encode_row(node, value, s)
    else:
        done = encode_object(node, value, s)
    s.depth += 1
    if s.pos - s.start == before and done:
        return count_empty(node.weight, s)
    return done


cdef inline bint encode_dict(const Node* node, PyObject* value, PyObject* owner, Sink* s) noexcept:
    """The entries of a dict, without look-ups as long as they come in the order of the fields.

    ``owner`` is the value that they were taken from, for errors.
    """
    cdef Py_ssize_t i
    cdef Py_ssize_t position = 0, found = 0
    cdef bint ordered = True
    cdef const Field* field
    cdef PyObject* item
    cdef bint done
    for i in range(node.count):
        field = &node.fields[i]
        item = avrojet_dict_next(value, &position, field.name) if ordered else NULL
        if item == NULL:
            ordered = False
            item = avrojet_dict_get(value, field.name, field.hash)
            if item == NULL:
                if not encode_missing(field, owner, s):
                    return False
                continue
        found += 1
        done = encode_inline(field.node, item, s)
        decref(item)
        if not done:
            trail_field(&s.trail, field)
            return False
    if found < dict_size(value) and s.options & (REFUSE_EXTRA | CHOSEN_BRANCH):
        if s.options & REFUSE_EXTRA:
            return sink_fail(s, WRITE_EXTRA, node, owner)
        return has_type(node, value, owner, s)
    return True


cdef bint has_type(const Node* node, PyObject* value, PyObject* owner, Sink* s) noexcept:
    """Whether a dict with more keys than the record has fields may be that record."""
    cdef int same = is_of_type(node, value)
    if same == RAISED:
        return sink_raised(s, WRITE_PYTHON)
    return same or sink_fail(s, WRITE_TYPE, node, owner)


cdef bint encode_missing(const Field* field, PyObject* value, Sink* s) noexcept:
    """A field that the value lacks: its default or null if the options allow, else an error."""
    cdef const Node* node = field.node
    if PyErr_Occurred() != NULL:
        return sink_raised(s, WRITE_PYTHON)
    if fills_missing(field, s):
        return put_sized(s, field.default.data, field.default.size, False)
    if s.options & FILL_NULLS:
        if node.op == OP_NULL:
            return True
        if node.fitting != NULL and node.fitting[<int>KIND_NONE].count > 0:
            return put_long(s, node.fitting[<int>KIND_NONE].branches[0])
    s.field = field
    return sink_fail(s, WRITE_MISSING, node, value)


cdef bint encode_row(const Node* node, PyObject* value, Sink* s) noexcept:
    """A tuple with one item per field, in order."""
    cdef Py_ssize_t i
    if PyTuple_GET_SIZE(value) != node.count:
        return sink_fail(s, WRITE_TYPE, node, value)
    for i in range(node.count):
        if not encode_inline(node.fields[i].node, PyTuple_GET_ITEM(value, i), s):
            trail_field(&s.trail, &node.fields[i])
            return False
    return True


cdef bint encode_instance(const Node* node, PyObject* value, Sink* s) noexcept:
    """An instance of the record's class or a subclass, or an object with the same attributes."""
    cdef Py_ssize_t i
    cdef PyObject* item
    cdef bint done
    if not is_instance(value, node.form):
        return encode_alike(node, value, s)
    for i in range(node.count):
        item = object_item(node.form, value, i)
        if item == NULL:
            if not (lacks(node, value, i, s) and encode_missing(&node.fields[i], value, s)):
                return False
            continue
        done = encode_inline(node.fields[i].node, item, s)
        decref(item)
        if not done:
            trail_field(&s.trail, &node.fields[i])
            return False
    return True


cdef bint lacks(const Node* node, PyObject* value, Py_ssize_t i, Sink* s) noexcept:
    """Whether the exception that is set only means that an instance lacks field i; then it is cleared."""
    sink_raised(s, WRITE_PYTHON)
    try:
        if not is_absent(<object>value, <object>node.form.names[i], <object>s.exception):
            return False
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)
    sink_forgive(s)
    return True


cdef bint encode_alike(const Node* node, PyObject* value, Sink* s) noexcept:
    """A value that is not an instance of the record's class: a Mapping, or an object with the same attributes."""
    try:
        entries = entries_of(node, <object>value, True)
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)
    if not entries:
        return sink_fail(s, WRITE_TYPE, node, value)
    return encode_dict(node, <PyObject*>entries, value, s)


cdef bint encode_object(const Node* node, PyObject* value, Sink* s) noexcept:
    """A Mapping, or the attributes of any object if the encoder was asked to read them."""
    try:
        entries = entries_of(node, <object>value, s.options & READ_ATTRIBUTES)
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)
    if entries is None:
        return sink_fail(s, WRITE_TYPE, node, value)
    return encode_dict(node, <PyObject*>entries, value, s)


# Logical types, whose plain encoding is accepted, too

cdef bint may_be_number(PyObject* value, bint* may, Sink* s) noexcept:
    try:
        may[0] = is_number(value)
        return True
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)


cdef bint encode_temporal(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef int64_t number
    cdef bint given = has_index(value) and not s.options & EXACT_TYPES
    if not given and s.options & LENIENT and not may_be_number(value, &given, s):
        return False
    if given:
        if not read_int(node, value, &number, s):
            return False
        if number < node.first or number > node.last:
            return sink_fail(s, WRITE_RANGE, node, value)
        return put_long(s, number)
    if node.op == OP_DATE:
        return encode_date(node, value, s)
    if node.op == OP_TIME:
        return encode_time(node, value, s)
    return encode_timestamp(node, value, s)


cdef bint encode_sized(const Node* node, PyObject* value, Sink* s) noexcept:
    """decimal, big-decimal, duration and uuid, whose underlying types are bytes, fixed and string."""
    if s.options & EXACT_TYPES and (is_bytes(value) or is_int(value) or is_str(value)):
        return sink_fail(s, WRITE_TYPE, node, value)
    if is_bytes(value) and (node.size >= 0 or node.op != OP_UUID):
        if node.size >= 0 and PyBytes_GET_SIZE(value) != node.size:
            return sink_fail(s, WRITE_SIZE, node, value)
        return encode_plain(node, value, s)
    if node.op == OP_DECIMAL:
        return encode_decimal(node, value, s)
    if node.op == OP_UUID:
        return encode_uuid(node, value, s)
    if node.op == OP_DURATION:
        return encode_duration(node, value, s)
    return encode_big_decimal(node, value, s)


cdef bint encode_plain(const Node* node, PyObject* value, Sink* s) noexcept:
    """The underlying bytes of a logical type, if they are a value of it."""
    cdef Py_ssize_t start = s.pos - s.start
    if not put_sized(s, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value), node.size < 0):
        return False
    if node.op != OP_BIG_DECIMAL and (node.op != OP_DECIMAL or s.options & LENIENT):
        return True
    return can_be_read(node, start, value, s)


# What a converter raises for a value that it does not take; anything else is passed on unchanged.
cdef tuple REFUSALS = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError)


cdef bint encode_custom(const Node* node, PyObject* value, Sink* s) noexcept:
    cdef PyObject* plain = PyObject_CallOneArg(node.object, value)
    cdef bint done
    if plain == NULL:
        sink_raised(s, WRITE_CONVERTER)
        if not isinstance(<object>s.exception, REFUSALS):
            s.error = WRITE_PYTHON
        return False
    done = encode_inline(node.child, plain, s)
    decref(plain)
    return done


cdef Routine ENCODE[64]
ENCODE[<int>OP_NULL] = encode_null
ENCODE[<int>OP_BOOLEAN] = encode_boolean
ENCODE[<int>OP_INT] = encode_int
ENCODE[<int>OP_LONG] = encode_long
ENCODE[<int>OP_FLOAT] = encode_float
ENCODE[<int>OP_DOUBLE] = encode_double
ENCODE[<int>OP_BYTES] = encode_bytes
ENCODE[<int>OP_STRING] = encode_string
ENCODE[<int>OP_FIXED] = encode_fixed
ENCODE[<int>OP_ENUM] = encode_enum
ENCODE[<int>OP_ARRAY] = encode_array
ENCODE[<int>OP_MAP] = encode_map
ENCODE[<int>OP_UNION] = encode_union
ENCODE[<int>OP_NULLABLE] = encode_nullable
ENCODE[<int>OP_RECORD] = encode_record
ENCODE[<int>OP_DATE] = encode_temporal
ENCODE[<int>OP_TIME] = encode_temporal
ENCODE[<int>OP_TIMESTAMP] = encode_temporal
ENCODE[<int>OP_DURATION] = encode_sized
ENCODE[<int>OP_DECIMAL] = encode_sized
ENCODE[<int>OP_BIG_DECIMAL] = encode_sized
ENCODE[<int>OP_UUID] = encode_sized
ENCODE[<int>OP_CUSTOM] = encode_custom
