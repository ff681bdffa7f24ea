"""Plan: steps frozen to C nodes, with their peephole rewrites.

The only file of the core that knows ``avrojet.plan.steps``.
"""

cimport cython
from cpython.object cimport PyObject
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF
from libc.stdint cimport int32_t, int64_t, uint8_t

import sys

from avrojet.core.ground.arena cimport Arena
from avrojet.core.ground.cursor cimport bounds_of
from avrojet.core.objects.form cimport Form, Shape
from avrojet.core.plan.node cimport *
from avrojet.core.plan.union_branches cimport Fit, candidates
from avrojet.plan.steps cimport (
    Array, Branch, Convert, Default, Enum, Fail, Fixed, Map, Promote, Read, Record, Union,
)
from avrojet.plan.steps cimport Field as FieldStep

from avrojet.limits import excess, limits_in_force

cdef extern from "capi.h":
    int AVROJET_GIL
    void PyUnicode_InternInPlace(PyObject**)

cdef extern from "rowdict.h":
    bint avrojet_row_has_entries(PyObject*, PyObject**, Py_ssize_t)


# The sizes of records that contain each other twice per level would overflow; no data has as many bytes as this.
cdef int64_t MOST_BYTES = <int64_t>1 << 60

cdef enum:
    # Each round carries widths through one use of a type defined elsewhere.
    MOST_ROUNDS = 64


# Nodes point into what is owned: the garbage collector may free a plan, but must not clear it first.
@cython.no_gc_clear
cdef class Plan(Arena):
    """The C nodes of one (writer, reader) pair for one operation's options."""

    def __cinit__(self):
        self.owned = []
        self.defaults = []
        self.records = []

    def __dealloc__(self):
        cdef Py_ssize_t i
        if self.keys != NULL:
            for i in range(KEY_SLOTS):
                Py_XDECREF(self.keys[i])

    cdef PyObject* own(self, object value):
        """A reference that lives as long as the plan."""
        self.owned.append(value)
        return <PyObject*>value


cdef class Planned:
    """What works by a plan, and gets another one if its ``__init__`` is called again: threads may be using it."""


cdef int take_plan(Planned user, Plan plan) except -1:
    # Costs nothing if there is a GIL.
    with cython.critical_section(user):
        if user.plan is not plan:
            keep_former(user, user.plan)
        user.plan = plan
    return 0


cdef int keep_former(Planned user, object value) except -1:
    """Keep what an attribute was before, for as long as the user lives, if threads take up attributes without a lock:
    one may have seen it, and not hold it yet.
    """
    if not AVROJET_GIL and value is not None:
        user.former = value, user.former
    return 0


def freeze(
    object step,
    object shape=None,
    *,
    bint encoding=False,
    bint first_fit=False,
    bint tuples=False,
    bint bare=False,
    object tagged=None,
    object converters=None,
    object unicode_errors=None,
    object limits=None,
):
    """Turn a graph of steps into a Plan.

    :param shape: a Shape: the Python classes of the value; None: a value without classes.
    :param encoding: freeze for encoding: unions get their table of branches by Python type.
    :param first_fit: choose the first branch that a value fits instead of the best.
    :param tuples: show records as tuples in the reader's order instead of dicts.
    :param bare: show logical types of the specification by their numbers and bytes, times in the reader's unit.
    :param tagged: which branches of a reader's union to show as ``(name, value)``: a function ``Branch -> bool``, or
        None for none.
    :param converters: by name of custom logical type, a function ``Schema -> converter of one value``.
    :param unicode_errors: an ``errors`` name for :meth:`bytes.decode`, or None for strict.
    :param limits: None: those of the process.
    :raises LimitError: if a fixed is larger than ``limits.value_bytes``.
    """
    limits = limits_in_force(limits)
    cdef _Freezer freezer = _Freezer(encoding, first_fit, tuples, bare, tagged, converters or {}, limits)
    cdef Plan plan = freezer.plan
    cdef bytes errors
    plan.bounds = bounds_of(limits)
    if unicode_errors not in (None, "strict"):
        errors = unicode_errors.encode()
        plan.own(errors)
        plan.unicode_errors = errors
    plan.root = freezer.run(step, shape)
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
    ("string", "bytes"): OP_BYTES, ("bytes", "string"): OP_STRING, ("float", "double"): OP_FLOAT,
}
cdef dict ORDERS = {"ascending": ORDER_ASCENDING, "descending": ORDER_DESCENDING, "ignore": ORDER_IGNORE}
# By the kind of quantity that a logical type counts, or by its name.
cdef dict LOGICAL = {
    "date": OP_DATE, "time": OP_TIME, "timestamp": OP_TIMESTAMP, "local-timestamp": OP_TIMESTAMP,
    "duration": OP_DURATION, "decimal": OP_DECIMAL, "big-decimal": OP_BIG_DECIMAL, "uuid": OP_UUID,
}


cdef int64_t width_of(int op) noexcept:
    """Bytes of every value of a primitive type; -1 if they differ, and then there is at least one."""
    if op == OP_NULL:
        return 0
    if op == OP_BOOLEAN:
        return 1
    if op == OP_FLOAT:
        return 4
    return 8 if op == OP_DOUBLE else -1


cdef void fill_primitive(Node* node, int op) noexcept:
    node.op = op
    node.fixed_bytes = width_of(op)
    node.min_bytes = 1 if node.fixed_bytes < 0 else node.fixed_bytes


# One node per primitive type, shared by all plans, as plans add nothing to these types.
cdef Node PRIMITIVE_NODES[OP_COUNT]
for primitive_op in PRIMITIVES.values():
    fill_primitive(&PRIMITIVE_NODES[<int>primitive_op], primitive_op)


cdef class _Freezer:
    """One freeze, in three rounds: make every node, measure them, make the rewrites that their widths allow.

    No round is recursive, as a chain of records in a schema may be of any length.
    """

    cdef Plan plan
    cdef dict memo              # id of a step -> address of its node
    cdef list waiting           # nodes to fill, each with its step
    cdef list made              # addresses of all nodes, parents mostly before children
    cdef dict fitting           # a union's branches -> address of their table
    cdef bint encoding, first_fit, tuples, bare, has_maps
    cdef object tagged
    cdef dict converters
    cdef object limits

    def __cinit__(self, bint encoding, bint first_fit, bint tuples, bint bare, tagged, dict converters, limits):
        self.plan = Plan()
        self.memo = {}
        self.waiting = []
        self.made = []
        self.fitting = {}
        self.encoding = encoding
        self.first_fit = first_fit
        self.tuples = tuples
        self.bare = bare
        self.tagged = tagged
        self.converters = converters
        self.limits = limits

    cdef Node* run(self, step, shape) except NULL:
        cdef Node* root = self.node(step, shape)
        cdef Node* node
        while self.waiting:
            address, step, shape = self.waiting.pop()
            self.fill(<Node*><size_t>address, step, shape)
        self.measure()
        for address in self.made:
            node = <Node*><size_t>address
            node.quiet = has_quiet_items(node, self.plan)
            if node.weight and node.min_bytes == 0 or node.op == OP_DEFAULT:
                self.plan.expands = True
            if node.op == OP_UNION:
                self.finish_union(node)
            elif node.op == OP_RESOLVED or node.op == OP_TUPLE or node.op == OP_OBJECT:
                join_skips(self.plan, node)
        return root

    # Round 1: nodes

    cdef Node* node(self, step, shape=None) except NULL:
        """The node of a step: a leaf is filled at once, all others later."""
        if shape is not None and self.converter_of(shape) is not None:
            return self.converted(step, shape)
        return self.plain_node(step, shape)

    cdef object converter_of(self, Shape shape):
        return shape.encode if self.encoding else shape.decode

    cdef Node* converted(self, step, Shape shape) except NULL:
        """A node for a value that Python represents otherwise than it is decoded."""
        cdef Node* node
        known = self.memo.get((id(step), id(shape), True))
        if known is not None:
            return <Node*><size_t>known
        node = self.new_node()
        self.memo[id(step), id(shape), True] = <size_t>node
        node.op = OP_CUSTOM
        node.object = self.plan.own(self.converter_of(shape))
        node.child = self.plain_node(step, shape)
        return node

    cdef Node* plain_node(self, step, shape) except NULL:
        cdef Node* node
        while self.is_transparent(step):
            if type(step) is Branch:
                shape = part_of(shape, (<Branch>step).index)
                step = (<Branch>step).step
                if shape is not None:
                    return self.node(step, shape)
            else:
                step = (<Convert>step).step
        kind = type(step)
        if kind is Read:
            return &PRIMITIVE_NODES[<int>PRIMITIVES[(<Read>step).type]]
        key = self.key_of(step, shape)
        known = self.memo.get(key)
        if known is not None:
            return <Node*><size_t>known
        node = self.new_node()
        self.memo[key] = <size_t>node
        if kind is Promote:
            fill_primitive(node, PROMOTIONS[step.writer, step.reader])
            node.index = node.op == OP_FLOAT
        elif kind is Fixed:
            self.fixed(node, step)
        elif kind is Enum:
            self.enum(node, step, shape)
        elif kind is Convert:
            self.convert(node, step)
        else:
            self.waiting.append((<size_t>node, step, shape))
        return node

    cdef object key_of(self, step, shape):
        """The key under which a node is shared: unions of the same primitive types are one node, wherever they
        occur."""
        if shape is not None:
            return id(step), id(shape)
        if type(step) is not Union or self.tagged is not None:
            return id(step)
        branches = []
        for branch in (<Union>step).branches:
            name = None
            if type(branch) is Branch:
                name = (<Branch>branch).name
                branch = (<Branch>branch).step
            if type(branch) is not Read:
                return id(step)
            branches.append((name, (<Read>branch).type))
        return tuple(branches)

    cdef Node* new_node(self) except NULL:
        cdef Node* node = <Node*>self.plan.allocate(sizeof(Node))
        node.fixed_bytes = -1
        self.made.append(<size_t>node)
        return node

    cdef bint is_transparent(self, step) except -1:
        """Whether it is a branch shown without its name, or a logical type shown by its plain value."""
        kind = type(step)
        if kind is Branch:
            return self.tagged is None or is_null((<Branch>step).step) or not self.tagged(step)
        if kind is not Convert:
            return False
        if (<Convert>step).logical is None:
            return custom_name(step) not in self.converters
        return self.bare and (<Convert>step).multiplier == (<Convert>step).divisor

    cdef int fill(self, Node* node, step, shape) except -1:
        kind = type(step)
        if kind is Record:
            return self.record(node, step, shape)
        if kind is Union:
            return self.union(node, step, shape)
        if kind is Array:
            node.op = OP_ARRAY
            node.child = self.node((<Array>step).items, part_of(shape, 0))
        elif kind is Map:
            node.op = OP_MAP
            node.child = self.node((<Map>step).values, part_of(shape, 0))
            self.has_maps = True
        elif kind is Branch:
            node.op = OP_TAGGED
            node.object = self.plan.own(interned((<Branch>step).name))
            node.child = self.node((<Branch>step).step, part_of(shape, (<Branch>step).index))
        elif kind is Default:
            self.default(node, step, shape)
        elif kind is Fail:
            self.fail(node, step)
        else:
            raise TypeError(f"not a step: {step!r}")
        return 0

    cdef int fixed(self, Node* node, Fixed step) except -1:
        if step.size > self.limits.value_bytes:
            raise excess(self.limits, "value_bytes", f"the fixed {step.name} of {step.size} bytes")
        node.op = OP_FIXED
        node.label = self.plan.own(step.name)
        node.size = node.min_bytes = node.fixed_bytes = step.size
        return 0

    cdef int enum(self, Node* node, Enum step, Shape shape) except -1:
        cdef Py_ssize_t i
        node.op = OP_ENUM
        node.min_bytes = 1
        node.label = self.plan.own(step.name)
        node.names = self.plan.own(step.writer_symbols)
        node.count = len(step.symbols)
        node.objects = <PyObject**>self.plan.allocate(node.count * sizeof(PyObject*) + 1)
        for i in range(node.count):
            symbol = step.symbols[i]
            if symbol is not None and shape is not None and shape.members is not None:
                node.objects[i] = self.plan.own(shape.members[symbol])
                node.index = 1
            elif symbol is not None:
                node.objects[i] = self.plan.own(interned(symbol))
        if self.encoding:
            node.object = self.plan.own({symbol: i for i, symbol in enumerate(step.writer_symbols)})
        return 0

    cdef int convert(self, Node* node, Convert step) except -1:
        """A logical type of the specification has a leaf below it, a custom one any type."""
        if step.logical is None:
            # Set op before making the child, which may lead back here.
            node.op = OP_CUSTOM
            node.object = self.plan.own(self.converters[custom_name(step)](step.schema))
            node.child = self.node(step.step)
            return 0
        if type(step.step) is Fail:
            return self.fail(node, step.step)
        if step.multiplier == step.divisor:
            return self.logical(node, step)
        if self.bare:
            node.child = self.node(step.step)
        else:
            node.child = self.new_node()
            self.logical(node.child, step)
        node.op = OP_RESCALED
        node.min_bytes = node.child.min_bytes
        node.narrow = node.child.narrow or node.child.op == OP_INT
        node.count = step.multiplier
        node.size = step.divisor
        node.label = self.plan.own(step.written)
        return 0

    cdef int logical(self, Node* node, Convert step) except -1:
        node.child = self.node(step.step)
        clock = step.clock
        node.op = LOGICAL[step.logical.name if clock is None else clock.kind]
        node.min_bytes = node.child.min_bytes
        node.fixed_bytes = node.child.fixed_bytes
        node.narrow = node.child.op == OP_INT
        node.size = node.child.size if node.child.op == OP_FIXED else -1
        node.precision = step.logical.precision
        node.scale = step.logical.scale
        if clock is not None:
            node.first = clock.first
            node.last = clock.last
            node.unit = clock.per_second
            node.local = clock.kind == "local-timestamp"
            node.label = self.plan.own(step.logical.name)
        return 0

    cdef int fail(self, Node* node, Fail step) except -1:
        node.op = OP_FAIL
        node.object = self.plan.own((step.reason, step.facts))
        node.child = self.node(step.step)
        return 0

    cdef int default(self, Node* node, Default step, shape) except -1:
        cdef bytes data = step.data
        node.op = OP_DEFAULT
        node.child = self.node(step.step, shape)
        self.plan.own(data)
        node.data = <const uint8_t*><const char*>data
        node.size = len(data)
        self.plan.defaults.append(<size_t>node)
        return 0

    cdef int record(self, Node* node, Record step, Shape shape) except -1:
        """A plain record keeps the order of its fields; any other has slots."""
        cdef Py_ssize_t i
        cdef Field* field
        cdef FieldStep source
        cdef list fields = step.fields
        cdef bint plain = not self.tuples and len(fields) == len(step.slots)
        node.label = self.plan.own(step.name)
        node.size = len(step.slots)
        node.weight = 1 + node.size
        node.count = len(fields)
        node.fields = <Field*>self.plan.allocate(node.count * sizeof(Field) + 1)
        for i in range(node.count):
            source = <FieldStep?>fields[i]
            if type(source.step) is Default:
                plain = False
                node.weight += len((<Default>source.step).data)
            plain = plain and source.slot == i
            field = &node.fields[i]
            field.name = self.plan.own(interned(source.name))
            field.hash = hash(source.name)
            field.slot = source.slot
            field.order = ORDERS[source.order]
            field.node = self.node(source.step, part_of(shape, source.slot))
            if self.encoding:
                field.default = self.default_of(source, None if shape is None else shape.optional.get(i))
        node.op = OP_RECORD if plain else OP_TUPLE if self.tuples else OP_RESOLVED
        if shape is not None and shape.form is not None:
            return self.object(node, shape.form)
        if node.op != OP_TUPLE and not self.encoding:
            self.template(node, step.slots)
        if node.op == OP_RESOLVED:
            self.plan.records.append(<size_t>node)
        elif node.op == OP_RECORD and not self.encoding:
            node.children = <Node**>self.plan.allocate(node.count * sizeof(Node*) + 1)
            for i in range(node.count):
                node.children[i] = node.fields[i].node
        return 0

    cdef const FieldDefault* default_of(self, FieldStep source, bytes unasked) except? NULL:
        """What is encoded for a field that a value lacks."""
        cdef FieldDefault* default
        cdef bytes data = source.default if unasked is None else unasked
        if data is None and source.unreadable is None:
            return NULL
        default = <FieldDefault*>self.plan.allocate(sizeof(FieldDefault))
        if source.unreadable is not None:
            default.unreadable = self.plan.own(source.unreadable)
        if data is not None:
            self.plan.own(data)
            default.data = <const uint8_t*><const char*>data
            default.size = len(data)
            default.unasked = unasked is not None
        return default

    cdef int object(self, Node* node, Form form) except -1:
        """A record represented by instances of a class."""
        cdef Py_ssize_t i
        if form.form.count != (node.count if self.encoding else node.size):
            raise ValueError(f"a form of {form.form.count} attributes for another record")
        node.form = &form.form
        self.plan.own(form)
        if self.encoding:
            return 0
        node.op = OP_OBJECT
        for i in range(node.count):
            if node.fields[i].slot >= 0:
                node.fields[i].slot = form.order[node.fields[i].slot]
        return 0

    cdef int template(self, Node* node, tuple slots) except -1:
        """A dict with the record's keys, copied for each row: its table has the right size and order.

        (PyDict_New grows twice on the way to ten keys; a copy costs one allocation.)
        """
        cdef Py_ssize_t i
        cdef dict template = {}
        node.objects = <PyObject**>self.plan.allocate(len(slots) * sizeof(PyObject*) + 1)
        for i in range(len(slots)):
            name = interned(slots[i])
            node.objects[i] = <PyObject*>name
            template[name] = None
        node.object = self.plan.own(template)
        node.by_entry = avrojet_row_has_entries(node.object, node.objects, len(slots))
        return 0

    cdef int union(self, Node* node, Union step, Shape shape) except -1:
        cdef Py_ssize_t i
        node.op = OP_UNION
        node.count = len(step.branches)
        node.children = <Node**>self.plan.allocate(node.count * sizeof(Node*) + 1)
        for i in range(node.count):
            node.children[i] = self.node(step.branches[i], shape)
        if self.encoding and shape is not None:
            self.classes(node, shape)
        node.names = self.plan.own(tuple([getattr(branch, "name", None) for branch in step.branches]))
        return 0

    cdef int classes(self, Node* node, Shape shape) except -1:
        """Record which branch of a union the values of each class belong to."""
        cdef dict branches = {}
        for i, part in enumerate(shape.parts):
            if part is not None and (<Shape>part).cls is not None:
                node.index |= branches.setdefault((<Shape>part).cls, i) != i
        if branches:
            node.object = self.plan.own(branches)
        return 0

    # Round 2: widths

    cdef int measure(self) except -1:
        """Set the widths of nodes with children, from the children up, until nothing changes.

        Too small a ``min_bytes`` is safe (a count is then checked less strictly against the bytes left), so for
        types that contain themselves what is known after a few rounds is enough.
        """
        cdef Node* node
        cdef int64_t low, all
        cdef bint changed
        for _ in range(MOST_ROUNDS):
            changed = False
            for address in reversed(self.made):
                node = <Node*><size_t>address
                low = node.min_bytes
                all = node.fixed_bytes
                measure_node(node, &low, &all)
                if low != node.min_bytes or all != node.fixed_bytes:
                    node.min_bytes = low
                    node.fixed_bytes = all
                    changed = True
            if not changed:
                break
        return 0

    # Round 3: rewrites

    cdef int finish_union(self, Node* node) except -1:
        if node.count == 2 and (node.children[0].op == OP_NULL) != (node.children[1].op == OP_NULL):
            node.op = OP_NULLABLE
            node.index = 1 if node.children[0].op == OP_NULL else 0
            node.child = node.children[node.index]
        if self.encoding:
            node.fitting = self.table(node)
        return 0

    cdef BranchList* table(self, const Node* node) except NULL:
        """The branches that may take each kind of Python value; unions of like branches share the table."""
        cdef Py_ssize_t i
        cdef BranchList* fitting
        key = tuple([branch_of(node.children[i]) for i in range(node.count)])
        known = self.fitting.get(key)
        if known is not None:
            return <BranchList*><size_t>known
        fitting = <BranchList*>self.plan.allocate(KIND_COUNT * sizeof(BranchList))
        self.fitting[key] = <size_t>fitting
        self.fill_table(fitting, node)
        return fitting

    cdef int fill_table(self, BranchList* fitting, const Node* node) except -1:
        cdef int kind
        cdef Py_ssize_t i
        cdef Fit* fits = <Fit*>PyMem_Malloc((node.count + 1) * sizeof(Fit))
        if fits == NULL:
            raise MemoryError
        try:
            for kind in range(KIND_COUNT):
                fitting[kind].count = candidates(node.children, <int32_t>node.count, kind, self.first_fit, fits)
                fitting[kind].branches = <int32_t*>self.plan.allocate(fitting[kind].count * sizeof(int32_t) + 1)
                for i in range(fitting[kind].count):
                    fitting[kind].branches[i] = fits[i].branch
        finally:
            PyMem_Free(fits)
        return 0


cdef tuple branch_of(const Node* node):
    """What the choice of a union's branch depends on."""
    return node.op, node.local, node.unit


cdef object interned(text):
    """Python's interned string of that text."""
    cdef PyObject* found = <PyObject*>text
    if type(text) is not str:
        return sys.intern(text)     # which refuses subclasses
    Py_INCREF(text)
    PyUnicode_InternInPlace(&found)
    result = <object>found
    Py_DECREF(result)
    return result


cdef object part_of(shape, Py_ssize_t index):
    """The shape of a part; None if the whole has no shape."""
    cdef list parts
    if shape is None or index < 0:
        return None
    parts = (<Shape>shape).parts
    return parts[index] if index < len(parts) else None


cdef bint is_null(step) except -1:
    return type(step) is Read and (<Read>step).type == "null"


cdef object custom_name(Convert step):
    return step.schema.props["logicalType"]


cdef void measure_node(const Node* node, int64_t* low, int64_t* all) noexcept:
    """Compute the widths of a node from those of its children; a leaf keeps its own."""
    cdef Py_ssize_t i
    cdef const Node* child
    if node.op == OP_ARRAY or node.op == OP_MAP:
        low[0] = 1
    elif node.op == OP_TAGGED or node.op == OP_FAIL or node.op == OP_CUSTOM:
        low[0] = node.child.min_bytes
        all[0] = node.child.fixed_bytes
    elif node.op == OP_DEFAULT:
        low[0] = all[0] = 0
    elif node.op == OP_UNION:
        low[0] = MOST_BYTES if node.count else 0
        for i in range(node.count):
            low[0] = min(low[0], node.children[i].min_bytes)
        low[0] = min(low[0] + 1, MOST_BYTES)
    elif node.op == OP_RECORD or node.op == OP_RESOLVED or node.op == OP_TUPLE or node.op == OP_OBJECT:
        low[0] = all[0] = 0
        for i in range(node.count):
            child = node.fields[i].node
            low[0] = min(low[0] + child.min_bytes, MOST_BYTES)
            all[0] = -1 if all[0] < 0 or child.fixed_bytes < 0 else all[0] + child.fixed_bytes
            if all[0] >= MOST_BYTES:
                all[0] = -1


cdef bint has_quiet_items(const Node* node, Plan plan) noexcept:
    cdef Py_ssize_t i
    if node.op == OP_ARRAY:
        return is_quiet(node.child, plan)
    if node.op != OP_TUPLE:
        return False
    for i in range(node.count):
        if not is_quiet(node.fields[i].node, plan):
            return False
    return True


cdef bint is_quiet(const Node* node, Plan plan) noexcept:
    """Leaves, and unions of leaves: they make no object that could trigger the garbage collector."""
    cdef Py_ssize_t i
    if node.op != OP_UNION and node.op != OP_NULLABLE:
        return is_leaf(node, plan)
    for i in range(node.count):
        if not is_leaf(node.children[i], plan):
            return False
    return True


cdef bint is_leaf(const Node* node, Plan plan) noexcept:
    if node.op == OP_STRING:
        return plan.unicode_errors == NULL      # an error handler is Python code
    return node.op <= OP_ENUM or OP_INT_TO_FLOAT <= node.op <= OP_LONG_TO_DOUBLE


cdef int join_skips(Plan plan, Node* node) except -1:
    """Merge consecutive skipped fields of fixed size into one longer skip."""
    cdef Py_ssize_t i, used = 0
    cdef Field* last
    cdef Field* field
    cdef Node* joined
    for i in range(node.count):
        field = &node.fields[i]
        last = &node.fields[used - 1]
        if used > 0 and is_fixed_skip(last) and is_fixed_skip(field):
            joined = <Node*>plan.allocate(sizeof(Node))
            joined.op = OP_FIXED
            joined.size = last.node.fixed_bytes + field.node.fixed_bytes
            joined.min_bytes = joined.fixed_bytes = joined.size
            last.node = joined
        else:
            node.fields[used] = field[0]
            used += 1
    node.count = used
    return 0


cdef bint is_fixed_skip(const Field* field) noexcept:
    return field.slot < 0 and 0 <= field.node.fixed_bytes < MOST_BYTES
