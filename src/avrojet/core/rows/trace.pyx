"""Trace: what each byte of a datum is, one routine per op; the table is at the end.

A routine notes the parts of a value: a length and the content, the index of a branch, the count of a block. Parts
are contiguous, so that those of a datum cover each of its bytes exactly once. Each refers to its place in the datum
and its node, from which its name and text are made on request.

The plan is one for text, of plain and logical types. Values whose JSON text is refused are refused here.
"""

from cpython.mem cimport PyMem_RawFree, PyMem_RawRealloc
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint8_t

from avrojet.core.ground.blocks cimport block_close, block_open
from avrojet.core.ground.buffer cimport Held, hold, let_go
from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.error_path cimport TRAIL_LENGTH, Place, show_place, trail_field, trail_index
from avrojet.core.ground.sink cimport WRITE_OK, Sink, sink_free, sink_init, sink_renew, type_name
from avrojet.core.plan.datum cimport ensure_frozen, ensure_plan
from avrojet.core.plan.node cimport *
from avrojet.core.plan.plan cimport Plan
from avrojet.core.rows.skip cimport note_key
from avrojet.core.text.emit cimport emit_value
from avrojet.core.text.labels cimport label_for_emitting

cdef extern from "columns.h":
    bint avrojet_utf8_valid(const uint8_t*, Py_ssize_t) nogil

cdef enum:
    MOST_NOTES = 100000000      # parts and places of one trace: several gigabytes
    SHOWN_BYTES = 256           # of a value shown in full

cdef enum Kind:
    VALUE
    LENGTH                      # of text or bytes
    CONTENT                     # the text or bytes themselves
    COUNT                       # number of items in a block of an array or map
    SIZE                        # size of such a block in bytes
    END                         # the count 0 after the last block
    KEY_LENGTH
    KEY
    BRANCH                      # index of a union's branch

KINDS = ("value", "length", "content", "count", "size", "end", "key length", "key", "branch")

cdef struct Spot:
    # A place in the datum, as a step from the enclosing one.
    int64_t around              # index of that place, -1 for the datum itself
    int64_t depth               # steps from the datum
    const Field* field          # the field of a record, or
    int64_t index               # the index of an array's item, or
    int64_t key                 # where the key of a map's entry begins, and
    int64_t key_size

cdef struct Part:
    int64_t start
    int64_t end
    const Node* node
    int64_t spot
    int kind

cdef struct Notes:
    # What a trace has noted, in growing memory.
    Part* parts
    Spot* spots
    Py_ssize_t part_count
    Py_ssize_t spot_count
    Py_ssize_t part_room
    Py_ssize_t spot_room
    Py_ssize_t most             # the most parts and spots together; 0: none are noted
    int64_t spot                # the current place
    bint full
    bint keep
    Sink* scratch               # for text made only to see whether it can be

ctypedef bint (*Routine)(const Node*, Cursor*, Notes*) noexcept nogil


cdef inline bint trace_value(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    return TRACE[node.op](node, c, n)


cdef inline bint look(Cursor* c) noexcept nogil:
    return c.pos <= c.look or cur_signals_nogil(c)


cdef inline bint enter(Cursor* c) noexcept nogil:
    c.depth -= 1
    return look(c) if c.depth >= 0 else cur_fail(c, READ_DEPTH)


# Notes

cdef void* grown(void* old, Py_ssize_t* room, size_t size) noexcept nogil:
    """Make room for more; NULL if out of memory, with the old unchanged."""
    cdef Py_ssize_t wanted = room[0] + room[0] // 2 + 64
    cdef void* made = PyMem_RawRealloc(old, wanted * size)
    if made != NULL:
        room[0] = wanted
    return made


cdef inline bint has_room(Notes* n) noexcept nogil:
    if n.part_count + n.spot_count < n.most:
        return True
    n.full = True
    return False


cdef bint note(
    const Node* node, Cursor* c, Notes* n, int kind, const uint8_t* start, const uint8_t* end
) noexcept nogil:
    """Note a part, unless it has no bytes."""
    cdef Part* part
    if not n.keep or start == end:
        return True
    if not has_room(n):
        c.pos = start
        return False
    if n.part_count == n.part_room:
        moved = <Part*>grown(n.parts, &n.part_room, sizeof(Part))
        if moved == NULL:
            return cur_fail(c, READ_MEMORY)
        n.parts = moved
    part = &n.parts[n.part_count]
    n.part_count += 1
    part.start = start - c.start
    part.end = end - c.start
    part.node = node
    part.spot = n.spot
    part.kind = kind
    return True


cdef Spot* go_into(Cursor* c, Notes* n) noexcept nogil:
    """Enter a place within the current one; NULL if there is no room."""
    cdef Spot* spot
    if not has_room(n):
        return NULL
    if n.spot_count == n.spot_room:
        moved = <Spot*>grown(n.spots, &n.spot_room, sizeof(Spot))
        if moved == NULL:
            cur_fail(c, READ_MEMORY)
            return NULL
        n.spots = moved
    spot = &n.spots[n.spot_count]
    spot.around = n.spot
    spot.depth = n.spots[n.spot].depth + 1 if n.spot >= 0 else 1
    spot.field = NULL
    spot.index = spot.key = -1
    n.spot = n.spot_count
    n.spot_count += 1
    return spot


# Leaves

cdef inline const uint8_t* varint_end(const uint8_t* start) noexcept nogil:
    """The end of a varint that has been read."""
    while start[0] >= 0x80:
        start += 1
    return start + 1


cdef bint trace_nothing(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    return True


cdef bint trace_boolean(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    if not cur_need(c, 1):
        return False
    if c.pos[0] > 1:
        return cur_fail(c, READ_BOOLEAN, c.pos[0])
    c.pos += 1
    return note(node, c, n, VALUE, c.pos - 1, c.pos)


cdef bint trace_int(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t value
    return cur_int(c, &value) and note(node, c, n, VALUE, start, c.pos)


cdef bint trace_long(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t value
    return cur_long(c, &value) and note(node, c, n, VALUE, start, c.pos)


cdef bint trace_width(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    return cur_skip(c, node.fixed_bytes) and note(node, c, n, VALUE, c.pos - node.fixed_bytes, c.pos)


cdef inline bint note_sized(
    const Node* node, Cursor* c, Notes* n, const uint8_t* start, int length, int content
) noexcept nogil:
    """The length and the content of a value that was read from ``start`` on."""
    cdef const uint8_t* text = varint_end(start)
    return note(node, c, n, length, start, text) and note(node, c, n, content, text, c.pos)


cdef bint trace_bytes(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t size
    if not cur_length(c, &size):
        return False
    c.pos += size
    return note_sized(node, c, n, start, LENGTH, CONTENT)


cdef bint read_text(Cursor* c) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t size
    if not cur_length(c, &size):
        return False
    c.pos += size
    if avrojet_utf8_valid(c.pos - size, size):
        return True
    c.pos = start
    return cur_fail(c, READ_TEXT)


cdef bint trace_string(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    cdef const uint8_t* start = c.pos
    return read_text(c) and note_sized(node, c, n, start, LENGTH, CONTENT)


cdef bint trace_enum(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t index
    if not cur_index(c, node.count, READ_ENUM, &index):
        return False
    return note(node, c, n, VALUE, start, c.pos)


cdef bint trace_logical(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    """A logical type, refused if it has no text; on bytes or string (size -1), on a number or on fixed."""
    cdef const uint8_t* start = c.pos
    cdef Sink* s = n.scratch
    s.pos = s.start
    if not emit_value(node, c, s):
        return False
    if node.op == OP_BIG_DECIMAL or node.size < 0 and (node.op == OP_DECIMAL or node.op == OP_UUID):
        return note_sized(node, c, n, start, LENGTH, CONTENT)
    return note(node, c, n, VALUE, start, c.pos)


# Arrays, maps, unions and records

cdef bint trace_block(
    const Node* node, Cursor* c, Notes* n, int64_t item_bytes, int64_t before, int64_t* count, const uint8_t** end
) noexcept nogil:
    """Note the head of a block of items: its count, and its size if it states one; or the end."""
    cdef const uint8_t* start = c.pos
    cdef const uint8_t* counted
    if not block_open(c, item_bytes, before, count, end):
        return False
    counted = varint_end(start)
    return note(node, c, n, COUNT if count[0] else END, start, counted) and note(
        node, c, n, SIZE, counted, c.pos
    )


cdef bint trace_array(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    cdef const uint8_t* end
    cdef int64_t count, i
    cdef int64_t before = 0
    if not enter(c):
        return False
    while True:
        if not trace_block(node, c, n, node.child.min_bytes, before, &count, &end):
            return False
        if count == 0:
            c.depth += 1
            return True
        # Items of no bytes have no parts.
        for i in range(count if node.child.fixed_bytes != 0 else 0):  # no-cython-lint (told below)
            if (i & LOOK_ITEMS == LOOK_ITEMS and not look(c)) or not trace_item(node, c, n, before + i):
                trail_index(&c.trail, before + i)
                return False
        before += count
        if not block_close(c, end):
            return False


cdef inline bint trace_item(const Node* node, Cursor* c, Notes* n, int64_t index) noexcept nogil:
    cdef int64_t around = n.spot
    cdef Spot* spot
    cdef bint done
    if n.keep:
        spot = go_into(c, n)
        if spot == NULL:
            return False
        spot.index = index
    done = trace_value(node.child, c, n)
    n.spot = around
    return done


cdef bint trace_map(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    cdef const uint8_t* end
    cdef int64_t count, i
    cdef int64_t before = 0
    if not enter(c):
        return False
    while True:
        if not trace_block(node, c, n, node.child.min_bytes + 1, before, &count, &end):
            return False
        if count == 0:
            c.depth += 1
            return True
        for i in range(count):
            if (i & LOOK_ITEMS == LOOK_ITEMS and not look(c)) or not trace_entry(node, c, n):
                return False
        before += count
        if not block_close(c, end):
            return False


cdef bint trace_entry(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    """A key, which belongs to the place that it names, and the value."""
    cdef const uint8_t* start = c.pos
    cdef const uint8_t* text
    cdef int64_t around = n.spot
    cdef Spot* spot
    cdef bint done
    if not read_text(c):
        return False
    if n.keep:
        spot = go_into(c, n)
        if spot == NULL:
            c.pos = start
            return False
        text = varint_end(start)
        spot.key = text - c.start
        spot.key_size = c.pos - text
    done = note_sized(node, c, n, start, KEY_LENGTH, KEY) and trace_value(node.child, c, n)
    n.spot = around
    if not done:
        note_key(c, start)
    return done


cdef bint trace_union(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    cdef const uint8_t* start = c.pos
    cdef int64_t index
    if not cur_index(c, node.count, READ_BRANCH, &index):
        return False
    return note(node, c, n, BRANCH, start, c.pos) and trace_value(node.children[index], c, n)


cdef bint trace_record(const Node* node, Cursor* c, Notes* n) noexcept nogil:
    cdef Py_ssize_t i
    if not enter(c):
        return False
    for i in range(node.count):
        # Fields of no bytes have no parts.
        if node.fields[i].node.fixed_bytes != 0 and not trace_field(&node.fields[i], c, n):
            trail_field(&c.trail, &node.fields[i])
            return False
    c.depth += 1
    return True


cdef inline bint trace_field(const Field* field, Cursor* c, Notes* n) noexcept nogil:
    cdef int64_t around = n.spot
    cdef Spot* spot
    cdef bint done
    if n.keep:
        spot = go_into(c, n)
        if spot == NULL:
            return False
        spot.field = field
    done = trace_value(field.node, c, n)
    n.spot = around
    return done


cdef Routine TRACE[64]
TRACE[<int>OP_NULL] = trace_nothing
TRACE[<int>OP_BOOLEAN] = trace_boolean
TRACE[<int>OP_INT] = trace_int
TRACE[<int>OP_LONG] = trace_long
TRACE[<int>OP_FLOAT] = trace_width
TRACE[<int>OP_DOUBLE] = trace_width
TRACE[<int>OP_BYTES] = trace_bytes
TRACE[<int>OP_STRING] = trace_string
TRACE[<int>OP_FIXED] = trace_width
TRACE[<int>OP_ENUM] = trace_enum
TRACE[<int>OP_ARRAY] = trace_array
TRACE[<int>OP_MAP] = trace_map
TRACE[<int>OP_UNION] = trace_union
TRACE[<int>OP_NULLABLE] = trace_union
TRACE[<int>OP_RECORD] = trace_record
TRACE[<int>OP_DATE] = trace_logical
TRACE[<int>OP_TIME] = trace_logical
TRACE[<int>OP_TIMESTAMP] = trace_logical
TRACE[<int>OP_DURATION] = trace_logical
TRACE[<int>OP_DECIMAL] = trace_logical
TRACE[<int>OP_BIG_DECIMAL] = trace_logical
TRACE[<int>OP_UUID] = trace_logical


# The entry from Python

cdef class Trace:
    """The parts of the traced data, in the order of their bytes.

    :ivar start: where the first datum begins.
    :ivar end: after the last byte that has a part: the end of the last datum, or where the error is.
    :ivar count: number of whole data.
    :ivar error: why the next one is not a datum, or None. Its offset is ``end``.
    :ivar is_cut: whether there were more parts than requested.
    """

    cdef Plan plan
    cdef Held held
    cdef bint holds
    cdef Notes notes
    cdef object source
    cdef readonly Py_ssize_t start
    cdef readonly Py_ssize_t end
    cdef readonly Py_ssize_t count
    cdef readonly object error
    cdef readonly bint is_cut

    def __dealloc__(self):
        PyMem_RawFree(self.notes.parts)
        PyMem_RawFree(self.notes.spots)
        if self.holds:
            let_go(&self.held)

    def __len__(self):
        return self.notes.part_count

    def parts(self, Py_ssize_t first=0, Py_ssize_t most=MOST_NOTES):
        """Some parts, as tuples: start, end, kind (one of `KINDS`), path, type, and the text of the value.

        The text is JSON: a number for lengths and counts, the value of a leaf, the name of a branch. A long value
        is truncated and ends in an ellipsis.
        """
        cdef list found = []
        cdef Py_ssize_t i
        cdef Part* part
        cdef int64_t last = -2
        cdef str path = ""
        for i in range(max(0, first), min(self.notes.part_count, max(0, first) + most)):
            part = &self.notes.parts[i]
            if part.spot != last:
                path = self.path(part.spot)
                last = part.spot
            found.append((part.start, part.end, KINDS[part.kind], path, type_of(part), self.text(part)))
        return found

    cdef str path(self, int64_t spot):
        """The path from the datum to a place; the middle of a long one is left out, as in errors."""
        cdef list steps = []
        cdef Spot* found
        while spot >= 0:
            found = &self.notes.spots[spot]
            if len(steps) < TRAIL_LENGTH - 1 or found.depth == 1:
                steps.append(self.step(found))
            elif len(steps) == TRAIL_LENGTH - 1:
                steps.append("...")
            spot = found.around
        steps.append("$")
        steps.reverse()
        return "".join(steps)

    cdef str step(self, const Spot* spot):
        cdef Place place
        cdef object key = None
        place.field = spot.field
        place.index = spot.index
        place.key = NULL
        if spot.key >= 0:
            key = (<const char*>self.held.data + spot.key)[:spot.key_size].decode()
            place.key = <PyObject*>key
        return show_place(&place)

    cdef str text(self, const Part* part):
        cdef Cursor c
        cdef const Node* node = part.node
        cdef int64_t number
        cur_init(&c, self.held.data + part.start, part.end - part.start, &self.plan.bounds)
        if part.kind == VALUE or part.kind == CONTENT or part.kind == KEY:
            if part.end - part.start > SHOWN_BYTES:
                return self.beginning(part)
            return self.whole(part)
        cur_long(&c, &number)
        if part.kind == BRANCH:
            return str((<tuple>node.names)[number])
        return str(abs(number) if part.kind == COUNT else number)

    cdef str whole(self, const Part* part):
        """The JSON text of a value that has been traced."""
        cdef Cursor c
        cdef Sink s
        cdef const Node* node = part.node
        cdef int64_t start = part.start
        cdef bint done
        if part.kind == KEY:
            return quoted((<const char*>self.held.data + start)[:part.end - start].decode())
        if part.kind == CONTENT:        # the length before it is part of the value
            start = (part - 1).start
        cur_init(&c, self.held.data + start, part.end - start, &self.plan.bounds)
        sink_init(&s, 0)
        sink_renew(&s, &self.plan.bounds)
        try:
            done = emit_value(node, &c, &s)
            assert done, "what was traced has a text"
            return (<const char*>s.start)[:s.pos - s.start].decode()
        finally:
            sink_free(&s)

    cdef str beginning(self, const Part* part):
        """The beginning of a long value: as text if it is text, else as bytes."""
        cdef bytes data = (<const char*>self.held.data + part.start)[:SHOWN_BYTES]
        if part.kind == KEY or part.node.op == OP_STRING:
            return quoted(data.decode("utf-8", "ignore"))[:-1] + "\N{HORIZONTAL ELLIPSIS}"
        return quoted(data.decode("latin-1"))[:-1] + "\N{HORIZONTAL ELLIPSIS}"


cdef str quoted(str text):
    from json import dumps

    return dumps(text, ensure_ascii=False)


cdef str type_of(const Part* part):
    """The schema's name for the type of the value that a part belongs to."""
    return "string" if part.kind == KEY or part.kind == KEY_LENGTH else type_name(part.node)


cdef class Tracer:
    """Traces data of one plan for text. Thread-safe: it keeps no state between calls."""

    cdef Plan plan

    def __init__(self, Plan plan not None):
        label_for_emitting(ensure_frozen(plan), False)
        self.plan = plan

    def trace(self, data, Py_ssize_t offset=0, Py_ssize_t count=1, *, Py_ssize_t most=MOST_NOTES):
        """The parts of consecutive data.

        Corrupt data raise no exception: the data before them have parts, and the trace says what is wrong.

        :param data: a buffer, which the trace keeps.
        :param offset: where the first datum begins.
        :param count: how many there are.
        :param most: the most parts, plus places in the data, before it stops.
        """
        cdef Trace made = Trace.__new__(Trace)
        cdef Sink scratch
        cdef Cursor c
        cdef Plan plan = ensure_plan(self.plan)
        if count < 0:
            raise ValueError(f"count must not be negative: {count}")
        hold(data, &made.held)
        made.holds = True
        made.source = data
        made.plan = plan
        if not 0 <= offset <= made.held.size:
            raise ValueError(f"offset {offset} is outside of the {made.held.size} bytes")
        made.notes.keep = True
        made.notes.most = max(0, min(most, MOST_NOTES))
        made.notes.scratch = &scratch
        cur_init(&c, made.held.data, made.held.size, &plan.bounds)
        c.pos += offset
        sink_init(&scratch, 0)
        sink_renew(&scratch, &plan.bounds)
        try:
            made.start = offset
            made.count = walk(plan, &c, &made.notes, count)
            made.end = c.pos - c.start
            made.is_cut = made.notes.full
            if made.notes.full:
                cur_clear(&c)
            elif made.count < count:
                made.error = refusal(&c, &scratch, "the data", made.count)
            drop_unfinished(&made.notes, made.end)
        finally:
            sink_free(&scratch)
            made.notes.scratch = NULL
        return made

    def check(self, data, Py_ssize_t count, Py_ssize_t offset=0):
        """Check that each value of consecutive data is valid for its type.

        :returns: the offset after the last one.
        :raises DecodeError: at the first that is not a datum of the schema; the error has its index.
        """
        cdef Notes notes
        cdef Sink scratch
        cdef Cursor c
        cdef Held held
        cdef Plan plan = ensure_plan(self.plan)
        cdef Py_ssize_t done
        if count < 0:
            raise ValueError(f"count must not be negative: {count}")
        hold(data, &held)
        try:
            if not 0 <= offset <= held.size:
                raise ValueError(f"offset {offset} is outside of the {held.size} bytes")
            notes.keep = notes.full = False
            notes.spot = -1
            notes.scratch = &scratch
            cur_init(&c, held.data, held.size, &plan.bounds)
            c.pos += offset
            sink_init(&scratch, 0)
            sink_renew(&scratch, &plan.bounds)
            try:
                done = walk(plan, &c, &notes, count)
                if done < count:
                    raise refusal(&c, &scratch, f"the data, in datum {done}", done)
                return c.pos - c.start
            finally:
                sink_free(&scratch)
        finally:
            let_go(&held)


cdef Py_ssize_t walk(Plan plan, Cursor* c, Notes* n, Py_ssize_t count) noexcept:
    """Trace data; returns how many are whole."""
    cdef Py_ssize_t i = 0
    n.spot = -1
    with nogil:
        # Data of no bytes have no parts.
        while i < count and plan.root.fixed_bytes != 0:
            cur_renew(c, &plan.bounds)
            if not look(c) or not trace_value(plan.root, c, n):
                return i
            i += 1
    return count


cdef object refusal(Cursor* c, Sink* s, str what, Py_ssize_t row):
    """The exception for refused data; an interruption is raised unchanged."""
    if s.error != WRITE_OK:
        cur_clear(c)
        raise MemoryError
    error = cur_error(c, what, row)
    if not isinstance(error, Exception) or isinstance(error, MemoryError):
        raise error
    return error


cdef void drop_unfinished(Notes* n, int64_t end) noexcept:
    """Drop the parts of a value that was refused after they were noted."""
    while n.part_count > 0 and n.parts[n.part_count - 1].end > end:
        n.part_count -= 1
