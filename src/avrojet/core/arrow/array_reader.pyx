"""ArrayReader: compiled once, then bound to array after array, by setting the pointers through which values are read.

What can be checked for a whole array is checked here, so that each value costs little.
"""

from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_RawFree, PyMem_RawRealloc
from cpython.object cimport PyObject
from libc.stdint cimport INT64_MAX, int8_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from avrojet.core.arrow.abi cimport ArrowArray
from avrojet.core.arrow.consumer cimport ArrowData
from avrojet.core.ground.cursor cimport bound_of
from avrojet.core.ground.sink cimport sink_error, sink_grow
from avrojet.errors import DecodeError, EncodeError
from avrojet.failures import DecodeFailure

cdef extern from "encode_columns.h":
    bint avrojet_is_ascii(const uint8_t*, Py_ssize_t) nogil
    bint avrojet_utf8_valid(const uint8_t*, Py_ssize_t) nogil
    bint avrojet_same_bytes(const uint8_t*, const uint8_t*, Py_ssize_t) nogil
    uint32_t avrojet_key_hash(const uint8_t*, Py_ssize_t) nogil
    void avrojet_fetch(const uint8_t*, int64_t) nogil


# Compiling

cdef dict OPS = {
    "null": ARROW_NULL, "absent": ARROW_ABSENT, "boolean": ARROW_BOOLEAN, "int32": ARROW_INT32, "int64": ARROW_INT64,
    "integer": ARROW_INTEGER, "integer to float": ARROW_INTEGER_FLOAT, "integer to double": ARROW_INTEGER_DOUBLE,
    "float": ARROW_FLOAT, "double": ARROW_DOUBLE, "half to float": ARROW_HALF_FLOAT,
    "half to double": ARROW_HALF_DOUBLE, "float to double": ARROW_FLOAT_DOUBLE,
    "double to float": ARROW_DOUBLE_FLOAT, "bytes": ARROW_BYTES, "fixed": ARROW_FIXED, "symbol": ARROW_SYMBOL,
    "uuid to text": ARROW_UUID_TEXT, "uuid text": ARROW_UUID_CHECKED, "uuid of text": ARROW_UUID_RAW,
    "decimal": ARROW_DECIMAL, "decimal scaled": ARROW_DECIMAL_SCALED, "integer to decimal": ARROW_INTEGER_DECIMAL,
    "text to decimal": ARROW_TEXT_DECIMAL, "bytes to decimal": ARROW_BYTES_DECIMAL,
    "decimal to big": ARROW_DECIMAL_BIG, "integer to big": ARROW_INTEGER_BIG, "text to big": ARROW_TEXT_BIG,
    "bytes to big": ARROW_BYTES_BIG, "interval": ARROW_INTERVAL, "interval to length": ARROW_INTERVAL_LENGTH,
    "record": ARROW_RECORD, "list": ARROW_LIST, "members": ARROW_MEMBERS, "union": ARROW_UNION, "first": ARROW_FIRST,
    "dictionary": ARROW_DICTIONARY, "runs": ARROW_RUNS, "constant": ARROW_CONSTANT,
}
# Arrow's format strings (C data interface: Data type description) -> how values are stored, bytes per value.
cdef dict STORES = {
    "n": (STORED_NOT, 0), "b": (STORED_BITS, 1), "c": (STORED_I8, 1), "C": (STORED_U8, 1),
    "s": (STORED_I16, 2), "S": (STORED_U16, 2), "i": (STORED_I32, 4), "I": (STORED_U32, 4),
    "l": (STORED_I64, 8), "L": (STORED_U64, 8), "w": (STORED_WIDE, 0),
    "z": (STORED_OFFSETS_32, 4), "Z": (STORED_OFFSETS_64, 8), "vz": (STORED_VIEWS, 16),
    "+l": (STORED_LIST_32, 4), "+L": (STORED_LIST_64, 8), "+vl": (STORED_LIST_VIEWS_32, 4),
    "+vL": (STORED_LIST_VIEWS_64, 8), "+w": (STORED_LIST_SIZED, 0), "+s": (STORED_STRUCT, 0),
    "+ud": (STORED_DENSE, 1), "+us": (STORED_SPARSE, 1), "+r": (STORED_RUNS, 0), "": (STORED_NOT, 0),
}
# Bytes that each op writes at most, without those that it reserves itself.
cdef dict ROOMS = {
    "null": 0, "absent": 0, "boolean": 1, "int32": 10, "int64": 10, "integer": 10, "integer to float": 4,
    "integer to double": 8, "float": 4, "double": 8, "half to float": 4, "half to double": 8,
    "float to double": 8, "double to float": 4, "decimal to big": 64, "integer to big": 64, "text to big": 64,
    "bytes to big": 10, "bytes": 1 + SHORT_SIZE, "symbol": 10, "uuid to text": 37, "uuid text": 37,
    "uuid of text": 16, "interval": 12, "interval to length": 10, "list": 11,
}

# Each op's stores, as keys of STORES. The loops read values as an op says, without checks.
cdef frozenset INTEGERS = frozenset("cCsSiIlL")
cdef frozenset STRINGS = frozenset(["z", "Z", "vz"])
cdef dict READS = {
    "null": {"n"}, "absent": frozenset(STORES) - {"+ud", "+us", "+r", ""}, "boolean": {"b"}, "int32": {"i"},
    "int64": {"l"}, "integer": INTEGERS, "integer to float": INTEGERS, "integer to double": INTEGERS,
    "float": {"i"}, "double": {"l"}, "half to float": {"s"}, "half to double": {"s"},
    "float to double": {"i"}, "double to float": {"l"}, "bytes": STRINGS | {"w"}, "fixed": STRINGS | {"w"},
    "symbol": STRINGS | {"w"}, "uuid to text": STRINGS | {"w"}, "uuid text": STRINGS | {"w"},
    "uuid of text": STRINGS | {"w"}, "decimal": {"w"}, "decimal scaled": {"w"},
    "integer to decimal": INTEGERS, "text to decimal": STRINGS, "bytes to decimal": STRINGS | {"w"},
    "decimal to big": {"w"}, "integer to big": INTEGERS, "text to big": STRINGS,
    "bytes to big": STRINGS | {"w"}, "interval": {"w"}, "interval to length": {"w"}, "record": {"+s"},
    "list": {"+l", "+L", "+vl", "+vL", "+w"}, "members": {"+s"}, "union": {"+ud", "+us"},
    "dictionary": INTEGERS, "runs": {"+r"}, "constant": {""}, "first": {""},
}
# The number of children of each op; the others have none.
cdef dict CHILDREN = {
    "list": 1, "dictionary": 1, "runs": 1, "record": None, "members": None, "union": None, "first": None,
}
# Bytes that the values of an op may have, if its store does not say so.
cdef frozenset DECIMALS = frozenset([4, 8, 16, 32])
cdef dict WIDTHS = {
    "decimal": DECIMALS, "decimal scaled": DECIMALS, "decimal to big": DECIMALS, "interval": {4, 8, 16},
    "interval to length": {16}, "runs": {2, 4, 8},
}
# Ops that write a decimal to a fixed, or to bytes (size -1).
cdef frozenset TO_DECIMAL = frozenset(
    ["decimal", "decimal scaled", "integer to decimal", "text to decimal", "bytes to decimal"]
)
# Those that compare the number with a power of ten.
cdef frozenset BOUNDED = frozenset(["decimal", "decimal scaled", "integer to decimal"])


cdef bint is_sound(plan):
    """Whether the routines and loops can do what a node says, if the array matches its type."""
    children = plan.children
    if plan.store not in READS[plan.op] or len(plan.tag) > TAG_SLACK or len(plan.null or b"") > TAG_SLACK:
        return False
    if plan.op in WIDTHS and plan.width not in WIDTHS[plan.op]:
        return False
    if plan.width < 0 or plan.size < -1 or (plan.size < 0 and plan.op not in TO_DECIMAL):
        return False
    if CHILDREN.get(plan.op, 0) not in (len(children), None):
        return False
    if plan.op == "union":
        if len(plan.branches) != 128 or not all(-1 <= each < len(children) for each in plan.branches):
            return False
    return all([child.column in child_columns(plan, child) for child in children])


cdef object child_columns(plan, child):
    """Where among the children of the array the child's values may be."""
    if child.op == "constant":
        return (-1,)
    if plan.op == "first":
        return (plan.column,)
    return (-2,) if plan.op == "dictionary" else range(plan.columns)


cdef void* zeroed(size_t size) except NULL:
    cdef void* memory = PyMem_Calloc(1, size)
    if memory == NULL:
        raise MemoryError
    return memory


cdef enum:
    TAG_SLACK = 4               # tags are written as four bytes, however long they are


cdef class ArrowPlan:
    """How arrays of one type are read: a tree of nodes bound to no array. Immutable once made: threads share it, and
    each call has a copy of the tree, `ArrayReader`.

    :param plan: an ``avrojet.plan.arrow.encoding.ArrowNode``.
    """

    def __cinit__(self, plan):
        self.owned = []
        self.count = count_of(plan)
        self.nodes = <ArrowNode*>zeroed(self.count * sizeof(ArrowNode))
        self.compiled = 1
        self.compile(self.nodes, plan, TAG_SLACK)

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.count if self.nodes != NULL else 0):
            PyMem_Free(self.nodes[i].slots)
            PyMem_Free(self.nodes[i].ends)
            PyMem_Free(self.nodes[i].branches)
        PyMem_Free(self.nodes)
        PyMem_Free(self.programs)

    @property
    def size(self):
        """The size in bytes of the tree and its programs, which each call copies."""
        return self.count * sizeof(ArrowNode) + self.entries * sizeof(ArrowNode*)

    cdef const uint8_t* own(self, bytes data):
        self.owned.append(data)
        return <const uint8_t*><const char*>data

    cdef int compile(self, ArrowNode* p, plan, int64_t after) except -1:
        cdef Py_ssize_t k
        cdef int64_t room = 0
        if not is_sound(plan):
            raise RuntimeError(f"internal error: {plan.op!r} of {plan.store!r} at {plan.path}; please report it")
        p.op = OPS[plan.op]
        p.store, p.width = STORES[plan.store]
        p.width = plan.width or p.width
        p.column, p.columns, p.has_dictionary = plan.column, plan.columns, plan.op == "dictionary"
        p.tag_size = len(plan.tag)
        memcpy(p.tags[1], <const char*><bytes>plan.tag, p.tag_size)
        p.null_size = -1 if plan.null is None else len(plan.null)
        if plan.null is not None:
            memcpy(p.tags[0], <const char*><bytes>plan.null, p.null_size)
        p.text, p.size, p.factor, p.divisor = plan.text, plan.size, plan.factor, plan.divisor
        p.low, p.high, p.truncate = plan.low, plan.high, plan.truncate
        p.digits, p.exponent = plan.precision, plan.exponent
        bound = 10 ** plan.precision if plan.op in BOUNDED else 0
        for k in range(4):
            p.bound[k] = bound >> 64 * k & 0xFFFFFFFFFFFFFFFF
        place = plan.path, plan.expected
        self.owned.append(place)
        p.place = <PyObject*>place
        if plan.op == "constant":
            p.constant = self.own(plan.data)
            p.size = room = len(plan.data)
        elif plan.op == "fixed":
            room = p.size
        elif plan.op in TO_DECIMAL:
            p.constant, p.constant_size = self.own(plan.data), len(plan.data)
            room = max(p.size, 8) if p.size >= 0 else 43
        elif plan.op == "symbol":
            self.index_symbols(p, plan.symbols)
        self.compile_children(p, plan, after, room)
        p.empty = is_empty(p)
        p.empty_cost = empty_cost(p)
        if plan.branches:
            p.branches = <int8_t*>zeroed(128)
            for k in range(128):
                p.branches[k] = plan.branches[k]
        return 0

    cdef int compile_children(self, ArrowNode* p, plan, int64_t after, int64_t room) except -1:
        """Compile the children, and add up how many bytes must be free and how many nodes there are."""
        cdef Py_ssize_t k
        cdef list children = list(plan.children)
        cdef int64_t rest = after
        p.weight = 1
        if children:
            p.children = &self.nodes[self.compiled]
            p.count = len(children)
            self.compiled += p.count
        if plan.op == "list":
            rest += 1
        for k in range(p.count - 1, -1, -1):
            self.compile(&p.children[k], children[k], rest)
            p.weight += p.children[k].weight
            if p.op == ARROW_RECORD:
                rest = p.children[k].need
            elif p.op != ARROW_LIST:
                room = max(room, p.children[k].need - after)
        if p.op == ARROW_RECORD:
            room = rest - after
        p.need = TAG_SLACK + ROOMS.get(plan.op, 0) + room + after
        return 0

    cdef int index_symbols(self, ArrowNode* p, tuple symbols) except -1:
        """Make a hash table with open addressing, at least half empty."""
        cdef int32_t position = 0
        cdef uint32_t slot
        cdef bytes text
        cdef Py_ssize_t size = 2
        cdef bytes joined = b"".join([symbol.encode() for symbol in symbols])
        while size < 2 * len(symbols):
            size *= 2
        p.mask = <uint32_t>(size - 1)
        p.slots = <int32_t*>zeroed(4 * size)
        p.ends = <int32_t*>zeroed(4 * (len(symbols) + 1))
        memset(p.slots, 0xFF, 4 * size)
        p.constant = self.own(joined)
        for symbol in symbols:
            text = symbol.encode()
            p.ends[position + 1] = p.ends[position] + <int32_t>len(text)
            slot = avrojet_key_hash(<const uint8_t*><const char*>text, len(text)) & p.mask
            while p.slots[slot] >= 0:
                slot = (slot + 1) & p.mask
            p.slots[slot] = position
            position += 1
        return 0


cdef Py_ssize_t count_of(plan) except -1:
    """The number of nodes in a node, including itself."""
    cdef Py_ssize_t count = 1
    for child in plan.children:
        count += count_of(child)
    return count


cdef class ArrayReader:
    """A plan's nodes, for one caller, bound to one array after another.

    :param plan: for the type of the arrays.
    :param failure: the class of errors in the arrays.
    """

    def __cinit__(self, ArrowPlan plan not None, failure=EncodeError):
        self.failure = failure
        self.plan = plan
        self.root = <ArrowNode*>zeroed(plan.size)
        self.count = plan.count
        copy_nodes(plan, self.root)

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.count):
            PyMem_RawFree(self.root[i].positions)
        PyMem_Free(self.root)

    def bind(self, ArrowData data not None):
        """Continue with the rows of another array, whose type is that of the plan.

        :raises EncodeError: if the array contradicts its type.
        """
        cdef Output out
        cdef bint done
        if self.data is not None:
            self.before += self.data.array.length
        self.row = self.prepared = 0
        self.data = data
        with nogil:
            done = bind(self.root, &data.array, 0, 0, data.array.length, &out)
        if not done:
            self.row = data.array.length
            raise self.error(&out, self.before)

    cdef object error(self, Output* out, int64_t row):
        """The error for a row, counted from 0 over all arrays."""
        return output_error(out, row, self.failure)

    cdef void prepare(self) noexcept nogil:
        """Prepare the next rows, from where the last ended."""
        cdef int64_t end = min(self.prepared + ROWS_AT_ONCE, self.data.array.length)
        prepare(self.root, self.prepared, end)
        self.prepared = end


cdef void copy_nodes(ArrowPlan plan, ArrowNode* nodes) noexcept:
    """Copy the nodes of a plan and, after them, its programs, so that the copies point to each other."""
    cdef ArrowNode** programs = <ArrowNode**>(nodes + plan.count)
    cdef Py_ssize_t i
    cdef ArrowNode* p
    memcpy(nodes, plan.nodes, plan.count * sizeof(ArrowNode))
    for i in range(plan.count):
        p = &nodes[i]
        if p.children != NULL:
            p.children = nodes + (p.children - plan.nodes)
        if p.program != NULL:
            p.program = programs + (p.program - plan.programs)
            p.fields = programs + (p.fields - plan.programs)
    for i in range(plan.entries):
        p = plan.programs[i]
        # The end of a program is not part of the plan.
        programs[i] = nodes + (p - plan.nodes) if plan.nodes <= p < plan.nodes + plan.count else p


cdef bint is_empty(const ArrowNode* p) noexcept:
    """Whether its values have no bytes (in Avro all values of a type, or none), once its children are compiled."""
    cdef Py_ssize_t k
    if p.tag_size or p.null_size > 0:
        return False
    if p.op == ARROW_FIXED or p.op == ARROW_CONSTANT:
        return p.size == 0
    if p.op == ARROW_RECORD or p.op == ARROW_DICTIONARY or p.op == ARROW_RUNS:
        for k in range(p.count):
            if not p.children[k].empty:
                return False
        return True
    return p.op == ARROW_NULL


cdef int64_t empty_cost(const ArrowNode* p) noexcept:
    """What rows count for records of no bytes: one, plus one for each field. Nothing for nullable records."""
    cdef int64_t cost = 0
    cdef Py_ssize_t k
    if p.null_size > 0 or (p.op != ARROW_RECORD and p.op != ARROW_DICTIONARY and p.op != ARROW_RUNS):
        return 0
    for k in range(p.count):
        cost += p.children[k].empty_cost
    return cost + 1 + p.count if p.op == ARROW_RECORD and p.empty else cost


# Binding to an array

cdef uint8_t NOWHERE[16]        # the target of pointers to nothing, which are never NULL


cdef bint invalid(Output* out, const ArrowNode* p, const char* reason) noexcept nogil:
    put_failed(out, p, WRITE_ARRAY)
    out.reason = reason
    return False


cdef bint bind(
    ArrowNode* p, const ArrowArray* array, int64_t base, int64_t low, int64_t high, Output* out
) noexcept nogil:
    """Bind a node to the values ``low`` to ``high`` of an array, counted from its value ``base``."""
    cdef Py_ssize_t k
    if p.op == ARROW_FIRST:
        p.extent = high
        for k in range(p.count):
            if not bind(&p.children[k], array, base, low, high, out):
                return False
        return True
    if not is_valid(p, array, p.columns, value_bytes(p), out):
        return False
    if base > array.length or high > array.length - base:
        return invalid(out, p, "it is shorter than the array around it needs")
    if (array.dictionary != NULL) != p.has_dictionary:
        return invalid(out, p, "it has a dictionary and its type has none, or the other way round")
    p.shift = array.offset + base
    p.extent = high
    p.position_count = 0
    p.validity = NULL
    p.data = p.values = NOWHERE
    p.data_end = NULL
    if low < high and not (bind_validity(p, array, out) and bind_values(p, array, low, high, out)):
        return False
    set_code(p)
    return True


cdef int64_t MOST_ADDRESSES = <int64_t>1 << 57  # that a process can have, on any machine so far


cdef bint is_valid(
    const ArrowNode* p, const ArrowArray* array, int64_t children, int64_t width, Output* out
) noexcept nogil:
    """Whether an array of values of ``width`` bytes is consistent, as far as can be seen without its buffers."""
    if array == NULL or array.release == NULL:
        return invalid(out, p, "it is missing, or has been released")
    if array.length < 0 or array.offset < 0:
        return invalid(out, p, "it has a negative length or offset")
    if array.offset > INT64_MAX - array.length:
        return invalid(out, p, "its length and offset have more than 63 bits together")
    if width and array.offset + array.length >= MOST_ADDRESSES // width:
        return invalid(out, p, "its values have more bytes than memory could")
    if array.null_count < -1 or array.null_count > array.length:
        return invalid(out, p, "it has more nulls than values, or fewer than none")
    if array.n_children != children or (children and array.children == NULL):
        return invalid(out, p, "it has other children than its type")
    return True


# Ops that the loop itself performs: op -> the code for a value, and for a value or a null.
cdef int[2][ARROW_OP_COUNT] CODES
CODES[0][<int>ARROW_INT64], CODES[1][<int>ARROW_INT64] = CODE_INT64, CODE_NULLABLE_INT64
CODES[0][<int>ARROW_INT32], CODES[1][<int>ARROW_INT32] = CODE_INT32, CODE_NULLABLE_INT32
CODES[0][<int>ARROW_DOUBLE], CODES[1][<int>ARROW_DOUBLE] = CODE_DOUBLE, CODE_NULLABLE_DOUBLE
CODES[0][<int>ARROW_BOOLEAN], CODES[1][<int>ARROW_BOOLEAN] = CODE_BOOLEAN, CODE_NULLABLE_BOOLEAN
CODES[0][<int>ARROW_SHORT_BYTES], CODES[1][<int>ARROW_SHORT_BYTES] = CODE_BYTES, CODE_NULLABLE_BYTES
CODES[0][<int>ARROW_FLOAT] = CODE_FLOAT
CODES[0][<int>ARROW_VIEW] = CODE_VIEW


cdef bint is_struct(const ArrowNode* p) noexcept nogil:
    """Whether it is a record that writes nothing of its own, so that its fields are part of the enclosing program."""
    return p.op == ARROW_RECORD and p.null_size < 0 and p.tag_size == 0


cdef void set_code(ArrowNode* p) noexcept nogil:
    """Choose how the loop writes the values of the bound array."""
    if is_struct(p):
        p.code = CODE_STRUCT
    elif p.validity != NULL:
        p.code = CODES[1][p.op] if p.null_size >= 0 else CODE_CALL
    else:
        p.code = p.plain = CODES[0][p.op]
        if p.tag_size and p.plain != CODE_CALL:
            p.code = CODE_TAGGED


cdef bint bind_validity(ArrowNode* p, const ArrowArray* array, Output* out) noexcept nogil:
    cdef int64_t count = buffers_of(p.store)
    if p.store == STORED_NOT:
        # Some libraries export a validity bitmap for them, as Arrow did before version 1.0.
        return True
    if p.store == STORED_VIEWS:
        if array.n_buffers < count:
            return invalid(out, p, "it has fewer buffers than its type")
    elif array.n_buffers != count:
        return invalid(out, p, "it has not as many buffers as its type")
    if count and array.buffers == NULL:
        return invalid(out, p, "its buffers are missing")
    if count == 0 or p.store == STORED_DENSE or p.store == STORED_SPARSE or array.null_count == 0:
        return True
    p.validity = <const uint8_t*>array.buffers[0]
    if p.validity == NULL and array.null_count > 0:
        return invalid(out, p, "it has nulls, but no validity bitmap")
    return True


cdef int64_t buffers_of(int store) noexcept nogil:
    """The number of buffers of an array; for views, without those of the data."""
    if store == STORED_NOT or store == STORED_RUNS:
        return 0
    if store == STORED_STRUCT or store == STORED_SPARSE or store == STORED_LIST_SIZED:
        return 1
    if STORED_OFFSETS_32 <= store <= STORED_VIEWS or store == STORED_LIST_VIEWS_32 or store == STORED_LIST_VIEWS_64:
        return 3
    return 2


cdef bint bind_values(ArrowNode* p, const ArrowArray* array, int64_t low, int64_t high, Output* out) noexcept nogil:
    cdef int64_t count = buffers_of(p.store)
    cdef const uint8_t* values
    if p.store == STORED_SPARSE or p.store == STORED_DENSE:
        values = <const uint8_t*>array.buffers[0]
    elif count > 1:
        values = <const uint8_t*>array.buffers[1]
    else:
        values = NOWHERE
    if values == NULL:
        if p.width:
            return invalid(out, p, "its values are missing")
        values = NOWHERE
    # Bits are located by the shift.
    p.values = values if p.store == STORED_BITS else values + p.shift * value_bytes(p)
    if p.store == STORED_OFFSETS_32 or p.store == STORED_OFFSETS_64:
        return bind_bytes(p, array, low, high, out)
    if p.store == STORED_VIEWS:
        return bind_views(p, array, out)
    if p.store == STORED_RUNS:
        return bind_runs(p, array, high, out)
    if p.store == STORED_DENSE or p.store == STORED_LIST_VIEWS_32 or p.store == STORED_LIST_VIEWS_64:
        values = <const uint8_t*>array.buffers[count - 1]
        if values == NULL:
            return invalid(out, p, "its offsets are missing")
        p.data = values + p.shift * (8 if p.store == STORED_LIST_VIEWS_64 else 4)
    return bind_children(p, array, low, high, out)


cdef Py_ssize_t value_bytes(const ArrowNode* p) noexcept nogil:
    return 0 if p.store == STORED_LIST_SIZED or p.store == STORED_RUNS else p.width


cdef bint bind_children(ArrowNode* p, const ArrowArray* array, int64_t low, int64_t high, Output* out) noexcept nogil:
    cdef int64_t base = 0
    cdef int64_t rows = high - low
    cdef Py_ssize_t k
    cdef ArrowNode* child
    cdef const ArrowArray* within
    for k in range(p.count):
        child = &p.children[k]
        if child.column == -1:
            continue
        within = array.dictionary if child.column == -2 else array.children[child.column]
        if within == NULL:
            return invalid(out, child, "it is missing")
        p.limit = within.length
        if p.store == STORED_STRUCT or p.store == STORED_SPARSE:
            base = p.shift
        elif p.store == STORED_LIST_32 or p.store == STORED_LIST_64:
            if not ascend(p, low, high, &low, &high):
                return invalid(out, p, "its offsets do not ascend")
        elif p.store == STORED_LIST_SIZED:
            if high + p.shift > within.length // max(p.width, 1) and p.width:
                return invalid(out, child, "it is shorter than the array around it needs")
            low = (low + p.shift) * p.width
            high = (high + p.shift) * p.width
        else:
            low = 0
            high = within.length
        if not bind(child, within, base, low, high, out):
            return False
        if not in_order(p.store):
            prepare(child, low, high)
            if child.op == ARROW_SYMBOL and high <= rows:
                find_symbols(child, high, out)
    return True


cdef bint in_order(int store) noexcept nogil:
    """Whether the children's values are read in order; if not, all are prepared at once."""
    return (
        store == STORED_STRUCT or store == STORED_SPARSE
        or store == STORED_LIST_32 or store == STORED_LIST_64 or store == STORED_LIST_SIZED
    )


cdef bint ascend(const ArrowNode* p, int64_t low, int64_t high, int64_t* first, int64_t* last) noexcept nogil:
    """Whether the offsets of some values are valid; returns the first and the last of them."""
    cdef bint descends = False
    cdef int64_t i
    if p.width == 4:
        for i in range(low, high):
            descends |= item_i32(p.values, i + 1) < item_i32(p.values, i)
        first[0] = item_i32(p.values, low)
        last[0] = item_i32(p.values, high)
    else:
        for i in range(low, high):
            descends |= item_i64(p.values, i + 1) < item_i64(p.values, i)
        first[0] = item_i64(p.values, low)
        last[0] = item_i64(p.values, high)
    return not descends and first[0] >= 0


cdef bint bind_bytes(ArrowNode* p, const ArrowArray* array, int64_t low, int64_t high, Output* out) noexcept nogil:
    cdef int64_t first, last
    if not ascend(p, low, high, &first, &last):
        return invalid(out, p, "its offsets do not ascend")
    p.data = <const uint8_t*>array.buffers[2]
    if p.data == NULL:
        if last > first:
            return invalid(out, p, "its data are missing")
        p.data = NOWHERE - first
    p.data_end = p.data + last
    p.last_short = last - SHORT_SIZE
    if p.op == ARROW_BYTES or p.op == ARROW_SHORT_BYTES:
        p.op = ARROW_SHORT_BYTES if p.store == STORED_OFFSETS_32 else ARROW_BYTES
    return True


cdef bint bind_views(ArrowNode* p, const ArrowArray* array, Output* out) noexcept nogil:
    cdef Py_ssize_t i
    p.buffers = array.buffers + 2
    p.buffer_count = array.n_buffers - 3
    p.sizes = <const int64_t*>array.buffers[array.n_buffers - 1]
    if p.op == ARROW_BYTES:
        p.op = ARROW_VIEW
    if p.buffer_count and p.sizes == NULL:
        return invalid(out, p, "the sizes of its buffers are missing")
    for i in range(p.buffer_count):
        if p.sizes[i] < 0 or (p.sizes[i] and p.buffers[i] == NULL):
            return invalid(out, p, "a buffer is missing")
    return True


cdef bint bind_runs(ArrowNode* p, const ArrowArray* array, int64_t high, Output* out) noexcept nogil:
    """Run ends are positive and ascend up to the last value, or beyond (Arrow: Run-End Encoded Layout)."""
    cdef const ArrowArray* ends = array.children[0]
    cdef int64_t before = 0
    cdef int64_t i
    if not is_valid(p, ends, 0, p.width, out):
        return False
    if ends.length < 1 or ends.n_buffers != 2 or ends.buffers == NULL or ends.buffers[1] == NULL:
        return invalid(out, p, "its run ends are missing")
    if ends.null_count > 0:
        return invalid(out, p, "its run ends have nulls")
    p.values = <const uint8_t*>ends.buffers[1] + ends.offset * p.width
    p.limit = ends.length
    p.run = 0
    for i in range(p.limit):
        if run_end(p, i) <= before:
            return invalid(out, p, "its run ends do not ascend")
        before = run_end(p, i)
    if before < high + p.shift:
        return invalid(out, p, "its run ends end too early")
    if not bind(p.children, array.children[1], 0, 0, p.limit, out):
        return False
    prepare(p.children, 0, p.limit)
    return True


cdef void find_symbols(ArrowNode* p, int64_t count, Output* out) noexcept nogil:
    """Find the first values' symbols, for the more numerous rows that refer to them. Without memory, each row does."""
    cdef int64_t i, size
    cdef const uint8_t* data
    cdef int32_t* positions = p.positions
    if count > p.position_room:
        positions = <int32_t*>PyMem_RawRealloc(positions, count * sizeof(int32_t))
        if positions == NULL:
            return
        p.positions = positions
        p.position_room = count
    for i in range(count):
        data = find_bytes(p, i, &size, out)
        positions[i] = -1 if data == NULL else find_symbol(p, data, size)
    p.position_count = count


# Preparing rows

cdef void prepare(ArrowNode* p, int64_t low, int64_t high) noexcept nogil:
    """Check the text of values, and prefetch those that follow them."""
    cdef Py_ssize_t k
    cdef int64_t width = value_bytes(p)
    if low == high or p.column == -1:
        return
    if p.op == ARROW_FIRST:
        for k in range(p.count):
            prepare(&p.children[k], low, high)
        return
    if p.store != STORED_BITS:
        avrojet_fetch(p.values + high * width, (high - low) * width)
    if p.validity != NULL:
        avrojet_fetch(p.validity + (high + p.shift) // 8, 1)
    if p.op == ARROW_SHORT_BYTES:
        if p.text and not is_text(p, low, high):
            p.op = ARROW_BYTES
            set_code(p)
        return
    if p.store == STORED_LIST_32:
        low, high = item_i32(p.values, low), item_i32(p.values, high)
    elif p.store == STORED_LIST_64:
        low, high = item_i64(p.values, low), item_i64(p.values, high)
    elif p.store == STORED_LIST_SIZED:
        low, high = (low + p.shift) * p.width, (high + p.shift) * p.width
    elif p.store != STORED_STRUCT and p.store != STORED_SPARSE:
        return
    for k in range(p.count):
        prepare(&p.children[k], low, high)


cdef bint is_text(const ArrowNode* p, int64_t low, int64_t high) noexcept nogil:
    """Whether all strings are UTF-8: well-formed joined, with each beginning at a character's first byte.

    The bytes below a null may be invalid: if this returns False, the strings are checked one by one.
    """
    cdef int64_t i
    cdef int32_t start
    cdef int32_t first = item_i32(p.values, low)
    cdef int32_t last = item_i32(p.values, high)
    if avrojet_is_ascii(p.data + first, last - first):
        return True
    if not avrojet_utf8_valid(p.data + first, last - first):
        return False
    for i in range(low, high):
        start = item_i32(p.values, i)
        if start < last and p.data[start] & 0xC0 == 0x80:
            return False
    return True


# Room for what an op writes beyond what its node has reserved

cdef uint8_t* enlarge(Output* out, const ArrowNode* p, uint8_t* pos, int64_t size) noexcept nogil:
    """Reserve ``size`` bytes; returns the new position."""
    cdef Sink* s = <Sink*>out.sink
    s.pos = pos
    cdef int error
    if not sink_grow(s, size):
        error = s.error
        s.error = WRITE_OK
        return put_failed(out, p, error)
    out.end = s.end
    return s.pos


# Bytes, wherever they are stored

cdef const uint8_t* find_bytes(const ArrowNode* p, int64_t i, int64_t* size, Output* out) noexcept nogil:
    """The bytes of a value, wherever they are stored; NULL with an error if they cannot be found."""
    cdef int64_t start
    if p.store == STORED_WIDE:
        size[0] = p.width
        return p.values + i * p.width
    if p.store == STORED_VIEWS:
        return find_view(p, p.values + 16 * i, size, out)
    if p.store == STORED_OFFSETS_32:
        start = item_i32(p.values, i)
        size[0] = item_i32(p.values, i + 1) - start
    else:
        start = item_i64(p.values, i)
        size[0] = item_i64(p.values, i + 1) - start
    return p.data + start


cdef int32_t find_symbol(const ArrowNode* p, const uint8_t* data, int64_t size) noexcept nogil:
    """The position of a symbol; -1 if it is none."""
    cdef uint32_t slot = avrojet_key_hash(data, size) & p.mask
    cdef int32_t position, start
    while p.slots[slot] >= 0:
        position = p.slots[slot]
        start = p.ends[position]
        if p.ends[position + 1] - start == size and avrojet_same_bytes(p.constant + start, data, size):
            return position
        slot = (slot + 1) & p.mask
    return -1


cdef const uint8_t* find_view(const ArrowNode* p, const uint8_t* view, int64_t* size, Output* out) noexcept nogil:
    """A view holds up to 12 bytes itself, or the place of more (Arrow: Variable-size Binary View Layout)."""
    cdef int64_t buffer = item_i32(view, 2)
    cdef int64_t start = item_i32(view, 3)
    size[0] = item_i32(view, 0)
    if 0 <= size[0] <= 12:
        return view + 4
    if size[0] < 0 or buffer < 0 or buffer >= p.buffer_count or start < 0 or start + size[0] > p.sizes[buffer]:
        put_failed(out, p, WRITE_VIEW)
        return NULL
    return <const uint8_t*>p.buffers[buffer] + start


# Errors

cdef uint8_t* put_failed(Output* out, const ArrowNode* p, int error, int64_t number=0) noexcept nogil:
    out.at = <ArrowNode*>p
    out.error = error
    out.number = number
    return NULL


cdef object output_error(Output* out, int64_t row, failure=EncodeError):
    """The error for a row, counted from 0 over all arrays.

    :param failure: the class for errors of the data, if messages are read from them.
    """
    cdef Failure code = write_failure(out.error)
    if out.error == WRITE_PYTHON:
        return sink_error(<Sink*>out.sink)
    path, expected = <tuple>out.at.place
    field = path.field()
    facts = {"path": str(path), "row": row}
    if expected is not None and not code.is_limit:
        facts["expected"] = expected
    if field is not None:
        facts["field"] = facts["enclosing_field"] = field
    bound = None if code.limit is None else bound_of((<Sink*>out.sink).bounds, code.limit)
    details = details_of(out)
    if code.counts(code.in_column):
        facts[code.number] = details["number"]
    if failure is DecodeError and not code.is_limit:
        facts["kind"] = DecodeFailure.ARROW
    place = f"at {path}, row {row}: "
    if out.error == WRITE_ARRAY:
        place = f"at {path}, from row {row} on: "
    elif out.error == WRITE_FULL:
        return code.raised(f"row {row}: ", code.text, facts, None)
    reason = code.say(code.in_column, details, bound)
    return code.raised(place, reason, facts, None, None if code.is_limit else failure)


cdef dict details_of(Output* out):
    """What the message of the failure is made of."""
    cdef double real
    memcpy(&real, &out.number, 8)
    number = int(out.number)
    if out.error == WRITE_UNSIGNED:
        number = int(<uint64_t>out.number)
    why = (<bytes>out.reason).decode() if out.error == WRITE_ARRAY else ""
    return {"number": number, "real": real, "why": why}
