"""Plan: steps frozen to C nodes, with their peephole rewrites.

The only file of the core that knows ``avrojet.plan.steps``.
"""

cimport cython
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from cpython.ref cimport Py_XDECREF
from libc.stdint cimport int16_t, int64_t, uint8_t

import sys

from avrojet.core.cursor cimport bounds_of
from avrojet.core.node cimport *
from avrojet.limits import DEFAULT_LIMITS
from avrojet.plan.steps import (
    Array, Branch, Convert, Default, Enum, Fail, Fixed, Map, Promote, Read, Record, Union,
)

cdef extern from "capi.h":
    int AVROJET_GIL


cdef enum:
    # Records that hold one another twice at each level would overflow a sum of sizes; no data has as
    # many bytes as this.
    MOST_BYTES = 1 << 60


# Nodes point into what is owned: the garbage collector may free a plan, but not empty it before.
@cython.no_gc_clear
cdef class Plan:
    """The C nodes of one (writer, reader) pair as one operation's options want them."""

    def __cinit__(self):
        self.owned = []
        self.defaults = []
        self.records = []

    def __dealloc__(self):
        cdef Chunk* chunk = self.chunks
        cdef Chunk* next
        cdef Py_ssize_t i
        if self.keys != NULL:
            for i in range(KEY_SLOTS):
                Py_XDECREF(self.keys[i])
        while chunk != NULL:
            next = chunk.next
            PyMem_Free(chunk)
            chunk = next

    cdef void* allocate(self, size_t size) except NULL:
        """Zeroed memory that lives as long as the plan."""
        cdef Chunk* chunk = <Chunk*>PyMem_Calloc(1, sizeof(Chunk) + size)
        if chunk == NULL:
            raise MemoryError
        chunk.next = self.chunks
        self.chunks = chunk
        return chunk + 1

    cdef PyObject* own(self, object value):
        """A reference that lives as long as the plan."""
        self.owned.append(value)
        return <PyObject*>value


def freeze(
    object step,
    *,
    bint encoding=False,
    bint first_fit=False,
    bint tuples=False,
    object tagged=None,
    object converters=None,
    object unicode_errors=None,
    object limits=DEFAULT_LIMITS,
):
    """Turn a graph of steps into a Plan.

    :param encoding: freeze for encoding: unions get their table of branches by Python type.
    :param first_fit: of the branches that a value fits choose the first instead of the best.
    :param tuples: show records as tuples in the reader's order instead of dicts.
    :param tagged: which branches of a reader's union to show as ``(name, value)``: a function
        ``Branch -> bool``, or None for none.
    :param converters: by name of custom logical type, a function ``Schema -> converter of one value``.
    :param unicode_errors: an ``errors`` name for :meth:`bytes.decode`, or None for strict.
    """
    cdef _Freezer freezer = _Freezer(encoding, first_fit, tuples, tagged, converters or {})
    cdef Plan plan = freezer.plan
    cdef bytes errors
    plan.bounds = bounds_of(limits)
    if unicode_errors not in (None, "strict"):
        errors = unicode_errors.encode()
        plan.own(errors)
        plan.unicode_errors = errors
    plan.root = freezer.node(step)
    if freezer.has_maps and AVROJET_GIL and not encoding:
        plan.keys = <PyObject**>plan.allocate(KEY_SLOTS * sizeof(PyObject*))
    return plan


cdef dict PRIMITIVES = {
    "null": OP_NULL, "boolean": OP_BOOLEAN, "int": OP_INT, "long": OP_LONG, "float": OP_FLOAT,
    "double": OP_DOUBLE, "bytes": OP_BYTES, "string": OP_STRING,
}
cdef dict PROMOTIONS = {
    ("int", "float"): OP_INT_TO_FLOAT, ("int", "double"): OP_INT_TO_DOUBLE,
    ("long", "float"): OP_LONG_TO_FLOAT, ("long", "double"): OP_LONG_TO_DOUBLE,
    ("string", "bytes"): OP_BYTES, ("bytes", "string"): OP_STRING,
}
cdef dict LOGICAL = {
    "date": OP_DATE, "time-millis": OP_TIME_MILLIS, "time-micros": OP_TIME_MICROS,
    "timestamp-millis": OP_TIMESTAMP_MILLIS, "timestamp-micros": OP_TIMESTAMP_MICROS,
    "timestamp-nanos": OP_TIMESTAMP_NANOS, "local-timestamp-millis": OP_LOCAL_MILLIS,
    "local-timestamp-micros": OP_LOCAL_MICROS, "local-timestamp-nanos": OP_LOCAL_NANOS,
    "duration": OP_DURATION, "decimal": OP_DECIMAL, "big-decimal": OP_BIG_DECIMAL, "uuid": OP_UUID,
}

# Bytes of one value by op: fewest, and all if every value has as many (else -1).
cdef dict WIDTHS = {
    OP_NULL: (0, 0), OP_BOOLEAN: (1, 1), OP_FLOAT: (4, 4), OP_DOUBLE: (8, 8),
}


cdef class _Freezer:
    """One freeze: the memo that closes cycles, and the options."""

    cdef Plan plan
    cdef dict memo
    cdef bint encoding, first_fit, tuples, has_maps
    cdef object tagged
    cdef dict converters

    def __cinit__(self, bint encoding, bint first_fit, bint tuples, tagged, dict converters):
        self.plan = Plan()
        self.memo = {}
        self.encoding = encoding
        self.first_fit = first_fit
        self.tuples = tuples
        self.tagged = tagged
        self.converters = converters

    cdef Node* node(self, step) except NULL:
        cdef Node* node
        known = self.memo.get(id(step))
        if known is not None:
            return <Node*><size_t>known
        kind = type(step)
        if kind is Branch:
            return self.branch(step)
        if kind is Convert and step.logical is None and custom_name(step) not in self.converters:
            return self.node(step.step)
        node = <Node*>self.plan.allocate(sizeof(Node))
        node.fixed_bytes = -1
        self.memo[id(step)] = <size_t>node
        if kind is Read:
            self.primitive(node, PRIMITIVES[step.type])
        elif kind is Promote:
            self.primitive(node, PROMOTIONS[step.writer, step.reader])
        elif kind is Record:
            self.record(node, step)
        elif kind is Union:
            self.union(node, step)
        elif kind is Array:
            node.op = OP_ARRAY
            self.collection(node, step.items)
        elif kind is Map:
            node.op = OP_MAP
            self.has_maps = True
            self.collection(node, step.values)
        elif kind is Enum:
            self.enum(node, step)
        elif kind is Fixed:
            node.op = OP_FIXED
            node.label = self.plan.own(step.name)
            self.fixed(node, step.size)
        elif kind is Convert:
            self.convert(node, step)
        elif kind is Default:
            self.default(node, step)
        elif kind is Fail:
            node.op = OP_FAIL
            node.object = self.plan.own(step.reason)
            node.kid = self.node(step.step)
            self.widths(node, node.kid.min_bytes, node.kid.fixed_bytes)
        else:
            raise TypeError(f"not a step: {step!r}")
        return node

    cdef int widths(self, Node* node, int64_t min_bytes, int64_t fixed_bytes) except -1:
        node.min_bytes = min_bytes
        node.fixed_bytes = fixed_bytes
        return 0

    cdef int primitive(self, Node* node, int op) except -1:
        node.op = op
        low, all = WIDTHS.get(op, (1, -1))
        return self.widths(node, low, all)

    cdef int fixed(self, Node* node, Py_ssize_t size) except -1:
        node.size = size
        return self.widths(node, size, size)

    cdef int collection(self, Node* node, kid) except -1:
        # The kid may lead back here, so what it may ask of this node is set first.
        node.min_bytes = 1
        node.kid = self.node(kid)
        return 0

    cdef int enum(self, Node* node, step) except -1:
        cdef Py_ssize_t i
        node.op = OP_ENUM
        node.min_bytes = 1
        node.label = self.plan.own(step.name)
        node.count = len(step.symbols)
        node.objects = <PyObject**>self.plan.allocate(node.count * sizeof(PyObject*) + 1)
        for i in range(node.count):
            symbol = step.symbols[i]
            if symbol is not None:
                node.objects[i] = self.plan.own(sys.intern(symbol))
        if self.encoding:
            node.object = self.plan.own({symbol: i for i, symbol in enumerate(step.writer_symbols)})
        return 0

    cdef int record(self, Node* node, step) except -1:
        """A plain record keeps the order of its fields; any other has slots."""
        cdef Py_ssize_t i, used = 0
        cdef Field* field
        cdef list fields = step.fields
        cdef Py_ssize_t count = len(fields)
        cdef int64_t low = 0, all = 0
        cdef bint plain = not self.tuples and count == len(step.slots)
        node.label = self.plan.own(step.name)
        node.size = len(step.slots)
        node.fields = <Field*>self.plan.allocate(count * sizeof(Field) + 1)
        node.op = OP_TUPLE if self.tuples else OP_RESOLVED
        for i in range(count):
            source = fields[i]
            plain = plain and source.slot == i and type(source.step) is not Default
            field = &node.fields[used]
            field.name = self.plan.own(sys.intern(source.name))
            field.hash = hash(source.name)
            field.slot = source.slot
            field.node = self.node(source.step)
            low = min(low + field.node.min_bytes, MOST_BYTES)
            all = -1 if all < 0 or field.node.fixed_bytes < 0 else all + field.node.fixed_bytes
            if all >= MOST_BYTES:
                all = -1
            if source.default is not None and self.encoding:
                data = <bytes>source.default
                self.plan.own(data)
                field.default = <const uint8_t*><const char*>data
                field.default_size = len(data)
            if not self.joins_skip(node, used):
                used += 1
        node.count = used
        if plain:
            node.op = OP_RECORD
        if node.op != OP_TUPLE and (not plain or count > 5) and not self.encoding:
            self.template(node, step.slots)
        if node.op == OP_RESOLVED:
            self.plan.records.append(<size_t>node)
        return self.widths(node, low, all)

    cdef bint joins_skip(self, Node* node, Py_ssize_t i) except -1:
        """Two skipped fields of fixed size in a row are one longer skip."""
        cdef Field* field = &node.fields[i]
        cdef Field* before = field - 1
        cdef Node* joined
        if i == 0 or field.slot >= 0 or before.slot >= 0 or self.encoding:
            return False
        if field.node.fixed_bytes < 0 or before.node.fixed_bytes < 0:
            return False
        joined = <Node*>self.plan.allocate(sizeof(Node))
        joined.op = OP_FIXED
        self.fixed(joined, before.node.fixed_bytes + field.node.fixed_bytes)
        before.node = joined
        return True

    cdef int template(self, Node* node, slots) except -1:
        """A dict with the record's keys, copied for each row: its table has the right size and order.

        (PyDict_New grows twice on the way to ten keys; a copy costs one allocation.)
        """
        cdef dict template = {}
        for name in slots:
            template[sys.intern(name)] = None
        node.object = self.plan.own(template)
        return 0

    cdef Node* branch(self, step) except NULL:
        cdef Node* kid = self.node(step.step)
        cdef Node* node
        if self.tagged is None or kid.op == OP_NULL or not self.tagged(step):
            return kid
        node = <Node*>self.plan.allocate(sizeof(Node))
        node.op = OP_TAGGED
        node.kid = kid
        node.object = self.plan.own(sys.intern(step.name))
        self.widths(node, kid.min_bytes, kid.fixed_bytes)
        return node

    cdef int union(self, Node* node, step) except -1:
        cdef Py_ssize_t i
        cdef Py_ssize_t count = len(step.branches)
        cdef int64_t low = -1
        node.op = OP_UNION
        node.count = count
        node.min_bytes = 1
        node.kids = <Node**>self.plan.allocate(count * sizeof(Node*) + 1)
        for i in range(count):
            node.kids[i] = self.node(step.branches[i])
            if low < 0 or node.kids[i].min_bytes < low:
                low = node.kids[i].min_bytes
        node.min_bytes = 1 + max(low, 0)
        node.names = self.plan.own(tuple([getattr(branch, "name", None) for branch in step.branches]))
        if count == 2 and (node.kids[0].op == OP_NULL) != (node.kids[1].op == OP_NULL):
            node.op = OP_NULLABLE
            node.index = 1 if node.kids[0].op == OP_NULL else 0
            node.kid = node.kids[node.index]
        if self.encoding:
            self.pick(node)
        return 0

    cdef int pick(self, Node* node) except -1:
        """For each kind of Python value the branches that may take it, best fit first."""
        cdef Py_ssize_t i, kind
        cdef Picks* picks = <Picks*>self.plan.allocate(KIND_COUNT * sizeof(Picks))
        cdef list fits
        node.picks = picks
        for kind in range(KIND_COUNT):
            fits = sorted(
                [(self.place(node, kind, i), i) for i in range(node.count)
                 if rank(kind, node.kids[i].op) >= 0]
            )
            picks[kind].count = <int16_t>len(fits)
            picks[kind].branches = <int16_t*>self.plan.allocate(len(fits) * sizeof(int16_t) + 1)
            for i, (_, branch) in enumerate(fits):
                picks[kind].branches[i] = branch
        return 0

    cdef int place(self, Node* node, Py_ssize_t kind, Py_ssize_t i) except -1:
        """Where a branch stands among those that a kind of value fits, 0 first.

        Even where the first fit counts, a double goes before a float, and a branch that would lose
        something behind all others.
        """
        cdef Py_ssize_t j
        cdef int op = node.kids[i].op
        if not self.first_fit:
            return rank(kind, op)
        if (kind, op) in LOSSY:
            return 2 * node.count
        for j in range(i + 1, node.count):
            if op == OP_FLOAT and node.kids[j].op == OP_DOUBLE:
                return 2 * j + 1
        return 2 * i

    cdef int convert(self, Node* node, step) except -1:
        cdef Node* kid
        # A custom type may stand on a record that leads back here: the op is set before its kid.
        node.op = OP_CUSTOM
        node.kid = kid = self.node(step.step)
        self.widths(node, kid.min_bytes, kid.fixed_bytes)
        if step.logical is None:
            node.object = self.plan.own(self.converters[custom_name(step)](step.schema))
            return 0
        if kid.op == OP_FAIL:
            node[0] = kid[0]
            return 0
        node.op = LOGICAL[step.logical.name]
        node.narrow = kid.op == OP_INT
        node.size = kid.size if kid.op == OP_FIXED else -1
        node.precision = step.logical.precision
        node.scale = step.logical.scale
        return 0

    cdef int default(self, Node* node, step) except -1:
        cdef bytes data = step.data
        node.op = OP_DEFAULT
        node.kid = self.node(step.step)
        self.plan.own(data)
        node.data = <const uint8_t*><const char*>data
        node.size = len(data)
        self.plan.defaults.append(<size_t>node)
        return self.widths(node, 0, 0)


cdef object custom_name(step):
    return step.schema.props["logicalType"]


# Which ops take which kind of Python value, best fit first: an exact type before a wider one, the
# plain encoding of a logical type (an int for a date, say) after both.
cdef dict RANKS = {
    KIND_NONE: ((OP_NULL,),),
    KIND_BOOL: ((OP_BOOLEAN,),),
    KIND_INT: (
        (OP_INT, OP_LONG), (OP_DOUBLE,), (OP_FLOAT,), (OP_DECIMAL,), (OP_BIG_DECIMAL,),
        (OP_DATE, OP_TIME_MILLIS, OP_TIME_MICROS, OP_TIMESTAMP_MILLIS, OP_TIMESTAMP_MICROS,
         OP_TIMESTAMP_NANOS, OP_LOCAL_MILLIS, OP_LOCAL_MICROS, OP_LOCAL_NANOS),
    ),
    KIND_FLOAT: ((OP_DOUBLE,), (OP_FLOAT,)),
    KIND_STR: ((OP_STRING, OP_ENUM), (OP_UUID,), (OP_DATE,)),
    KIND_BYTES: ((OP_BYTES, OP_FIXED), (OP_DECIMAL, OP_BIG_DECIMAL, OP_UUID, OP_DURATION)),
    KIND_DICT: ((OP_RECORD, OP_RESOLVED, OP_TUPLE), (OP_MAP,)),
    KIND_LIST: ((OP_ARRAY,),),
    KIND_TUPLE: ((OP_DURATION,), (OP_RECORD, OP_RESOLVED, OP_TUPLE), (OP_ARRAY,)),
    KIND_DATETIME: (
        (OP_TIMESTAMP_NANOS,), (OP_TIMESTAMP_MICROS,), (OP_TIMESTAMP_MILLIS,),
        (OP_LOCAL_NANOS,), (OP_LOCAL_MICROS,), (OP_LOCAL_MILLIS,), (OP_DATE,),
    ),
    KIND_DATE: ((OP_DATE,),),
    KIND_TIME: ((OP_TIME_MICROS,), (OP_TIME_MILLIS,)),
    KIND_DECIMAL: ((OP_DECIMAL,), (OP_BIG_DECIMAL,)),
    KIND_UUID: ((OP_UUID,),),
}
# A date has no time of day; an int that is no decimal comes back as one.
cdef frozenset LOSSY = frozenset(
    ((KIND_DATETIME, OP_DATE), (KIND_INT, OP_DECIMAL), (KIND_INT, OP_BIG_DECIMAL))
)
cdef dict RANK_OF = {
    (kind, op): place for kind, groups in RANKS.items() for place, ops in enumerate(groups) for op in ops
}


cdef int rank(Py_ssize_t kind, int op) except -2:
    """How well an op takes a kind of value, 0 best; -1: not at all.

    A custom logical type decides for itself, and so does every type for a value of unknown kind.
    """
    if (op == OP_CUSTOM and kind != KIND_NONE) or (kind == KIND_OTHER and op != OP_NULL):
        return 0
    return RANK_OF.get((kind, op), -1)
