"""Measure: statistics of the values at each place of a schema, one routine per op; the table is at the end.

A place is a field, the items of an array, a branch of a union. Each has a tally: values and bytes are counted, the
least and the greatest kept, and the distinct ones estimated (HyperLogLog: Flajolet et al., 2007). A record that
contains itself has one tally for all its levels. Data are traversed without making values, and without the GIL.

The plan is one for text, which shows the values that were kept.
"""

from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree
from libc.math cimport log
from libc.stdint cimport INT64_MAX, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy

from avrojet.core.ground.arena cimport Arena
from avrojet.core.ground.blocks cimport block_close, block_open
from avrojet.core.ground.buffer cimport Held, hold, let_go
from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.error_path cimport trail_field, trail_index
from avrojet.core.ground.sink cimport Sink, sink_free, sink_init, sink_renew, type_name
from avrojet.core.plan.datum cimport ensure_frozen
from avrojet.core.plan.node cimport *
from avrojet.core.plan.plan cimport Plan
from avrojet.core.rows.skip cimport note_key
from avrojet.core.text.emit cimport emit_value
from avrojet.core.text.labels cimport label_for_emitting
from avrojet.errors import SchemaError
from avrojet.varint import encode_long

cdef extern from "scalars.h":
    uint32_t avrojet_load32le(const uint8_t*) nogil
    uint64_t avrojet_load64le(const uint8_t*) nogil
    double avrojet_bits_to_double(uint64_t) nogil
    double avrojet_float_to_double(uint32_t) nogil

cdef extern from "capi.h":
    bint avrojet_occupy(int*)
    void avrojet_vacate(int*)

cdef enum:
    KEPT = 64                   # bytes kept of the least and the greatest value
    REGISTERS = 2048            # of an estimate, whose error is about 2 percent
    INDEX_BITS = 11
    MOST_TALLIES = 10000        # the most places of one schema
    MOST_LEVELS = 400           # of nested places, each of which takes some stack

cdef struct Bound:
    # The least or the greatest value: its content, without its length.
    bint known
    Py_ssize_t size             # of the value; if more than KEPT, the rest is not kept
    int64_t number
    double real
    uint8_t data[64]

cdef struct Tally:
    const Node* node
    int64_t count
    int64_t nulls
    int64_t bytes
    Bound least
    Bound most
    uint8_t* registers          # NULL: no values, or distinct ones are not counted
    Tally** parts               # for fields, branches or items
    Py_ssize_t part_count

ctypedef bint (*Routine)(const Node*, Cursor*, Tally*) noexcept nogil


cdef inline bint measure_value(Tally* t, Cursor* c) noexcept nogil:
    cdef const uint8_t* start = c.pos
    t.count += 1
    if not MEASURE[t.node.op](t.node, c, t):
        return False
    t.bytes += c.pos - start
    return True


cdef inline bint look(Cursor* c) noexcept nogil:
    return c.pos <= c.look or cur_signals_nogil(c)


cdef inline bint enter(Cursor* c) noexcept nogil:
    c.depth -= 1
    return look(c) if c.depth >= 0 else cur_fail(c, READ_DEPTH)


# What is kept of a value

cdef inline uint64_t mixed(uint64_t hash) noexcept nogil:
    """The finalizer of splitmix64."""
    hash = (hash ^ hash >> 30) * <uint64_t>0xBF58476D1CE4E5B9
    hash = (hash ^ hash >> 27) * <uint64_t>0x94D049BB133111EB
    return hash ^ hash >> 31


cdef inline uint64_t hash_of(const uint8_t* data, Py_ssize_t size) noexcept nogil:
    cdef uint64_t hash = <uint64_t>size * <uint64_t>0x9E3779B97F4A7C15
    cdef uint64_t rest = 0
    cdef int shift = 0
    while size >= 8:
        hash = mixed(hash ^ avrojet_load64le(data))
        data += 8
        size -= 8
    while size > 0:
        rest |= <uint64_t>data[0] << shift
        data += 1
        size -= 1
        shift += 8
    return mixed(hash ^ rest)


cdef bint note_hash(Tally* t, Cursor* c, uint64_t hash) noexcept nogil:
    """Add a value to the estimate of distinct ones."""
    cdef uint8_t rank = 1
    cdef uint64_t rest = hash << INDEX_BITS | <uint64_t>1 << INDEX_BITS - 1
    if t.registers == NULL:
        t.registers = <uint8_t*>PyMem_RawCalloc(REGISTERS, 1)
        if t.registers == NULL:
            return cur_fail(c, READ_MEMORY)
    while not rest >> 63:
        rest <<= 1
        rank += 1
    if rank > t.registers[hash >> 64 - INDEX_BITS]:
        t.registers[hash >> 64 - INDEX_BITS] = rank
    return True


cdef inline void keep(Bound* bound, const uint8_t* data, Py_ssize_t size) noexcept nogil:
    bound.known = True
    bound.size = size
    memcpy(bound.data, data, min(size, <Py_ssize_t>KEPT))


cdef inline bint note_number(Tally* t, Cursor* c, int64_t number, const uint8_t* start) noexcept nogil:
    if not t.least.known or number < t.least.number:
        t.least.number = number
        keep(&t.least, start, c.pos - start)
    if not t.most.known or number > t.most.number:
        t.most.number = number
        keep(&t.most, start, c.pos - start)
    return note_hash(t, c, mixed(<uint64_t>number))


cdef inline bint note_real(Tally* t, Cursor* c, double real, const uint8_t* start) noexcept nogil:
    """A NaN is a value, but neither the least nor the greatest."""
    if real == real and (not t.least.known or real < t.least.real):
        t.least.real = real
        keep(&t.least, start, c.pos - start)
    if real == real and (not t.most.known or real > t.most.real):
        t.most.real = real
        keep(&t.most, start, c.pos - start)
    return note_hash(t, c, hash_of(start, c.pos - start))


cdef inline int order_of(const uint8_t* data, Py_ssize_t size, const Bound* bound) noexcept nogil:
    """Compares bytes with those that were kept, unsigned; if these are truncated, only by the part kept."""
    cdef Py_ssize_t common = min(min(size, bound.size), <Py_ssize_t>KEPT)
    cdef int order = memcmp(data, bound.data, common)
    if order or common == KEPT:
        return order
    return (size > bound.size) - (size < bound.size)


cdef bint note_content(Tally* t, Cursor* c, const uint8_t* data, Py_ssize_t size) noexcept nogil:
    """Text or bytes, ordered by their bytes."""
    if not t.least.known or order_of(data, size, &t.least) < 0:
        keep(&t.least, data, size)
    if not t.most.known or order_of(data, size, &t.most) > 0:
        keep(&t.most, data, size)
    return note_hash(t, c, hash_of(data, size))


cdef bint note_unscaled(Tally* t, Cursor* c, const uint8_t* data, Py_ssize_t size) noexcept nogil:
    """A big-endian two's-complement number, without redundant leading bytes."""
    while size > 1 and (
        (data[0] == 0 and data[1] < 0x80) or (data[0] == 0xFF and data[1] >= 0x80)
    ):
        data += 1
        size -= 1
    if size <= KEPT:        # longer numbers are not compared
        if not t.least.known or unscaled_order(data, size, &t.least) < 0:
            keep(&t.least, data, size)
        if not t.most.known or unscaled_order(data, size, &t.most) > 0:
            keep(&t.most, data, size)
    return note_hash(t, c, hash_of(data, size))


cdef int unscaled_order(const uint8_t* data, Py_ssize_t size, const Bound* bound) noexcept nogil:
    cdef bint negative = size > 0 and data[0] >= 0x80
    cdef bint other = bound.size > 0 and bound.data[0] >= 0x80
    if negative != other:
        return -1 if negative else 1
    if size != bound.size:
        return -1 if (size < bound.size) != negative else 1
    return memcmp(data, bound.data, size)


# Leaves

cdef bint measure_null(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    t.nulls += 1
    return True


cdef bint measure_boolean(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    if not cur_need(c, 1):
        return False
    if c.pos[0] > 1:
        return cur_fail(c, READ_BOOLEAN, c.pos[0])
    c.pos += 1
    return note_number(t, c, c.pos[-1], c.pos - 1)


cdef bint measure_int(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t number
    return cur_int(c, &number) and note_number(t, c, number, start)


cdef bint measure_long(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t number
    return cur_long(c, &number) and note_number(t, c, number, start)


cdef bint measure_time(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    return measure_int(node, c, t) if node.narrow else measure_long(node, c, t)


cdef bint measure_float(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    if not cur_skip(c, 4):
        return False
    return note_real(t, c, avrojet_float_to_double(avrojet_load32le(c.pos - 4)), c.pos - 4)


cdef bint measure_double(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    if not cur_skip(c, 8):
        return False
    return note_real(t, c, avrojet_bits_to_double(avrojet_load64le(c.pos - 8)), c.pos - 8)


cdef bint measure_bytes(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    cdef int64_t size
    if not cur_length(c, &size):
        return False
    c.pos += size
    return note_content(t, c, c.pos - size, size)


cdef bint measure_fixed(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    return cur_skip(c, node.fixed_bytes) and note_content(t, c, c.pos - node.fixed_bytes, node.fixed_bytes)


cdef bint measure_sized(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    return measure_bytes(node, c, t) if node.size < 0 else measure_fixed(node, c, t)


cdef bint measure_decimal(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    cdef int64_t size = node.size
    if not (cur_length(c, &size) if node.size < 0 else cur_need(c, size)):
        return False
    c.pos += size
    return note_unscaled(t, c, c.pos - size, size)


cdef bint measure_big_decimal(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    """One number has other bytes in other scales: only distinct encodings are counted."""
    cdef int64_t size
    if not cur_length(c, &size):
        return False
    c.pos += size
    return note_hash(t, c, hash_of(c.pos - size, size))


cdef bint measure_enum(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    """Ordered by the symbols' positions."""
    cdef const uint8_t* start = c.pos
    cdef int64_t index
    return cur_index(c, node.count, READ_ENUM, &index) and note_number(t, c, index, start)


# Arrays, maps, unions and records

cdef void note_items(Tally* t, int64_t items) noexcept nogil:
    """Update the least and the greatest number of items."""
    if not t.least.known or items < t.least.number:
        t.least.number = items
    if not t.most.known or items > t.most.number:
        t.most.number = items
    t.least.known = t.most.known = True


cdef bint measure_array(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    cdef const uint8_t* end
    cdef int64_t count, i
    cdef int64_t before = 0
    if not enter(c):
        return False
    while True:
        if not block_open(c, node.child.min_bytes, before, &count, &end):
            return False
        if count == 0:
            c.depth += 1
            note_items(t, before)
            return True
        for i in range(count):
            if (i & LOOK_ITEMS == LOOK_ITEMS and not look(c)) or not measure_value(t.parts[0], c):
                trail_index(&c.trail, before + i)
                return False
        before += count
        if not block_close(c, end):
            return False


cdef bint measure_map(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    cdef const uint8_t* end
    cdef const uint8_t* key
    cdef int64_t count, i, size
    cdef int64_t before = 0
    if not enter(c):
        return False
    while True:
        if not block_open(c, node.child.min_bytes + 1, before, &count, &end):
            return False
        if count == 0:
            c.depth += 1
            note_items(t, before)
            return True
        for i in range(count):
            key = c.pos
            if (i & LOOK_ITEMS == LOOK_ITEMS and not look(c)) or not cur_length(c, &size):
                return False
            c.pos += size
            if not measure_value(t.parts[0], c):
                note_key(c, key)
                return False
        before += count
        if not block_close(c, end):
            return False


cdef bint measure_union(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    cdef int64_t index
    if not cur_index(c, node.count, READ_BRANCH, &index):
        return False
    if node.children[index].op == OP_NULL:
        t.nulls += 1
        return True
    return measure_value(t.parts[index], c)


cdef bint measure_record(const Node* node, Cursor* c, Tally* t) noexcept nogil:
    cdef Py_ssize_t i
    if not enter(c):
        return False
    for i in range(node.count):
        if not measure_value(t.parts[i], c):
            trail_field(&c.trail, &node.fields[i])
            return False
    c.depth += 1
    return True


cdef Routine MEASURE[64]
MEASURE[<int>OP_NULL] = measure_null
MEASURE[<int>OP_BOOLEAN] = measure_boolean
MEASURE[<int>OP_INT] = measure_int
MEASURE[<int>OP_LONG] = measure_long
MEASURE[<int>OP_FLOAT] = measure_float
MEASURE[<int>OP_DOUBLE] = measure_double
MEASURE[<int>OP_BYTES] = measure_bytes
MEASURE[<int>OP_STRING] = measure_bytes
MEASURE[<int>OP_FIXED] = measure_fixed
MEASURE[<int>OP_ENUM] = measure_enum
MEASURE[<int>OP_ARRAY] = measure_array
MEASURE[<int>OP_MAP] = measure_map
MEASURE[<int>OP_UNION] = measure_union
MEASURE[<int>OP_NULLABLE] = measure_union
MEASURE[<int>OP_RECORD] = measure_record
MEASURE[<int>OP_DATE] = measure_time
MEASURE[<int>OP_TIME] = measure_time
MEASURE[<int>OP_TIMESTAMP] = measure_time
MEASURE[<int>OP_DURATION] = measure_fixed
MEASURE[<int>OP_DECIMAL] = measure_decimal
MEASURE[<int>OP_BIG_DECIMAL] = measure_big_decimal
MEASURE[<int>OP_UUID] = measure_sized


# The entry from Python

cdef class Measure:
    """Tallies of all places of one plan. Not thread-safe.

    :raises SchemaError: if the schema has too many places, as one whose records contain each other twice has.
    """

    cdef Plan plan
    cdef Arena arena
    cdef Tally* root
    cdef list made              # addresses of all tallies
    cdef list names             # the name of each one's place
    cdef int busy

    def __cinit__(self, Plan plan not None):
        label_for_emitting(ensure_frozen(plan), False)
        self.plan = plan
        self.arena = Arena()
        self.made = []
        self.names = []
        self.root = self.tally(plan.root, "", {}, 0)

    def __dealloc__(self):
        if self.made is not None:
            for address in self.made:
                PyMem_RawFree((<Tally*><size_t>address).registers)

    cdef Tally* tally(self, const Node* node, str name, dict above, int level) except NULL:
        """A tally, with those of its parts.

        :param above: tallies of the records around it, which a record that contains itself shares.
        """
        cdef Tally* made
        cdef Py_ssize_t i
        key = <size_t>node
        if key in above:
            return <Tally*><size_t>above[key]
        if len(self.made) >= MOST_TALLIES or level > MOST_LEVELS:
            raise SchemaError(
                f"the schema has more than {MOST_TALLIES} places, or {MOST_LEVELS} within one another:"
                " too many to be measured"
            )
        made = <Tally*>self.arena.allocate(sizeof(Tally))
        made.node = node
        self.made.append(<size_t>made)
        self.names.append(name)
        if node.op == OP_RECORD:
            above = {**above, key: <size_t>made}
            self.parts(made, node.count)
            for i in range(node.count):
                field = <str>node.fields[i].name
                made.parts[i] = self.tally(node.fields[i].node, f"{name}.{field}" if name else field, above, level + 1)
        elif node.op == OP_UNION or node.op == OP_NULLABLE:
            self.parts(made, node.count)
            for i in range(node.count):
                branch = name if node.op == OP_NULLABLE else f"{name}({(<tuple>node.names)[i]})"
                if node.children[i].op != OP_NULL:
                    made.parts[i] = self.tally(node.children[i], branch, above, level + 1)
        elif node.op == OP_ARRAY or node.op == OP_MAP:
            self.parts(made, 1)
            name += "[]" if node.op == OP_ARRAY else "{}"
            made.parts[0] = self.tally(node.child, name, above, level + 1)
        return made

    cdef int parts(self, Tally* tally, Py_ssize_t count) except -1:
        tally.parts = <Tally**>self.arena.allocate(count * sizeof(Tally*) + 1)
        tally.part_count = count
        return 0

    def add(self, data, Py_ssize_t count, Py_ssize_t offset=0):
        """Measure consecutive data; returns the offset after the last one.

        :raises DecodeError: at the first that is not a datum of the schema. Parts of it may have been counted.
        """
        if count < 0:
            raise ValueError(f"count must not be negative: {count}")
        if not avrojet_occupy(&self.busy):
            raise ValueError("another thread is measuring")
        try:
            return self.measure(data, count, offset)
        finally:
            avrojet_vacate(&self.busy)

    cdef object measure(self, data, Py_ssize_t count, Py_ssize_t offset):
        cdef Cursor c
        cdef Held held
        cdef Py_ssize_t i = 0
        cdef Plan plan = self.plan
        hold(data, &held)
        try:
            if not 0 <= offset <= held.size:
                raise ValueError(f"offset {offset} is outside of the {held.size} bytes")
            cur_init(&c, held.data, held.size, &plan.bounds)
            c.pos += offset
            if plan.root.fixed_bytes == 0:      # however many there are
                self.root.count += min(count, INT64_MAX - self.root.count)
                self.root.nulls = self.root.count if plan.root.op == OP_NULL else 0
                return offset
            with nogil:
                while i < count:
                    cur_renew(&c, &plan.bounds)
                    if not look(&c) or not measure_value(self.root, &c):
                        break
                    i += 1
            if i < count:
                raise cur_error(&c, f"the data, in datum {i}", i)
            return c.pos - c.start
        finally:
            let_go(&held)

    def rows(self):
        """For each place: name, type, values, nulls, bytes, the least and the greatest value as JSON text or None, and
        the number of distinct ones, or None.

        For arrays and maps the least and the greatest are numbers of items. A nullable type shares the place of the
        type itself. Bytes are those of the encoding, including the parts.
        """
        cdef list found = []
        cdef Tally* t
        cdef Tally* other
        cdef set told = set()
        for address, name in zip(self.made, self.names):
            if address in told:
                continue
            told.add(address)
            t = other = <Tally*><size_t>address
            if t.node.op == OP_NULLABLE:
                other = t.parts[t.node.index]
                told.add(<size_t>other)
            found.append((
                name or "$", type_name(other.node), t.count, t.nulls, t.bytes,
                self.shown(other, &other.least), self.shown(other, &other.most), estimate(other),
            ))
        return found

    cdef object shown(self, Tally* t, Bound* bound):
        """The JSON text of a value that was kept."""
        cdef int op = t.node.op
        if not bound.known:
            return None
        if op == OP_ARRAY or op == OP_MAP:
            return str(bound.number)
        content = (<const char*>bound.data)[:min(bound.size, <Py_ssize_t>KEPT)]
        if bound.size > KEPT:
            return beginning(content, op == OP_STRING)
        if op == OP_DECIMAL and t.node.size >= 0:
            fill = b"\xff" if content[:1] >= b"\x80" else b"\0"
            content = content.rjust(t.node.size, fill)
        elif op == OP_STRING or op == OP_BYTES or (t.node.size < 0 and (op == OP_DECIMAL or op == OP_UUID)):
            content = encode_long(len(content)) + content
        return self.text(t.node, content)

    cdef object text(self, const Node* node, bytes data):
        """The JSON text of a datum; one that was not checked and has no JSON text is shown as bytes."""
        cdef Cursor c
        cdef Sink s
        cur_init(&c, <const uint8_t*><const char*>data, len(data), &self.plan.bounds)
        sink_init(&s, 0)
        sink_renew(&s, &self.plan.bounds)
        try:
            if not emit_value(node, &c, &s):
                cur_clear(&c)
                return beginning(data, False)
            return (<const char*>s.start)[:s.pos - s.start].decode()
        finally:
            sink_free(&s)


cdef object beginning(bytes data, bint is_text):
    from json import dumps

    text = data.decode("utf-8", "ignore") if is_text else data.decode("latin-1")
    return dumps(text, ensure_ascii=False)[:-1] + "\N{HORIZONTAL ELLIPSIS}"


cdef object estimate(const Tally* t):
    """The number of distinct values; None if they are not counted."""
    cdef double total = 0, size = REGISTERS, guess
    cdef Py_ssize_t i, free = 0
    if t.registers == NULL:
        return None
    for i in range(REGISTERS):
        total += 1.0 / <double>(<uint64_t>1 << t.registers[i])
        free += t.registers[i] == 0
    guess = 0.7213 / (1 + 1.079 / size) * size * size / total
    if guess <= 2.5 * size and free:
        guess = size * log(size / free)
    return min(t.count, <int64_t>(guess + 0.5))
