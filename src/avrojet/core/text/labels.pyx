"""Names as their bytes in JSON text, and look-up of a name by those bytes.

Plans for text get them once, when they are made; nothing else in a plan changes.
"""

from libc.stdint cimport int32_t, uint32_t, uint64_t
from libc.string cimport memcmp

import json

from avrojet.core.plan.node cimport *
from avrojet.errors import SchemaError
from avrojet.messages import show

cdef extern from "scalars.h":
    uint64_t avrojet_load64(const uint8_t*) nogil

cdef extern from "columns.h":
    int COPY_SLACK "AVROJET_COPY_SLACK"

# Different in every process, so that no one can craft a schema whose names all hash to one slot.
cdef uint64_t SEED = <uint64_t>(hash("avrojet") & 0xFFFFFFFFFFFFFFFF) | 1


cdef int label_for_emitting(Plan plan, bint spaced) except -1:
    """Give records, tagged branches and enums the text that stands for them in JSON.

    A field's text begins with the brace or comma before it.

    :param spaced: a blank after each comma and colon.
    :returns: whether any text is beyond ASCII.
    """
    cdef Node* node
    cdef Py_ssize_t i
    cdef str colon = ": " if spaced else ":"
    cdef str comma = ", " if spaced else ","
    cdef str before
    cdef bint beyond = False
    cdef Text* texts
    for address in reachable(plan):
        node = <Node*><size_t>address
        if is_record(node):
            texts = new_texts(plan, node.count)
            before = "{"
            for i in range(node.count):
                if node.fields[i].slot >= 0:
                    texts[i] = text_of(plan, before + quoted(<str>node.fields[i].name) + colon, &beyond)
                    before = comma
            node.index = not slots_ascend(node)
        elif node.op == OP_TAGGED:
            texts = new_texts(plan, 1)
            texts[0] = text_of(plan, "{" + quoted(<str>node.object) + colon, &beyond)
        elif node.op == OP_ENUM:
            texts = new_texts(plan, node.count)
            for i in range(node.count):
                if node.objects[i] != NULL:
                    texts[i] = text_of(plan, quoted(<str>node.objects[i]), &beyond)
        else:
            continue
        node.texts = texts
    return beyond


cdef int label_for_parsing(Plan plan) except -1:
    """Give records, unions and enums the tables that look their names up in JSON, and records their keys."""
    cdef Node* node
    cdef Py_ssize_t i
    cdef bint beyond = False
    cdef Text* texts
    for address in reachable(plan):
        node = <Node*><size_t>address
        if is_record(node):
            node.table = table_of(plan, [<str>node.fields[i].name for i in range(node.count)])
            texts = new_texts(plan, node.count)
            for i in range(node.count):
                texts[i] = text_of(plan, quoted(<str>node.fields[i].name), &beyond)
            node.texts = texts
        elif node.op == OP_UNION or node.op == OP_NULLABLE or node.op == OP_ENUM:
            node.table = table_of(plan, list(<tuple>node.names))
    return 0


cdef list reachable(Plan plan):
    """The addresses of all nodes of a plan."""
    cdef list found = []
    cdef set seen = set()
    cdef list waiting = [<size_t>plan.root]
    cdef Node* node
    cdef Py_ssize_t i
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        found.append(address)
        node = <Node*><size_t>address
        if node.child != NULL:
            waiting.append(<size_t>node.child)
        if node.children != NULL:
            waiting.extend([<size_t>node.children[i] for i in range(node.count)])
        if is_record(node):
            waiting.extend([<size_t>node.fields[i].node for i in range(node.count)])
    return found


cdef bint is_record(const Node* node) noexcept:
    return node.op == OP_RECORD or node.op == OP_RESOLVED


cdef bint slots_ascend(const Node* node) noexcept:
    """Whether the fields that are shown are in the reader's order."""
    cdef Py_ssize_t i, last = -1
    for i in range(node.count):
        if node.fields[i].slot >= 0:
            if node.fields[i].slot < last:
                return False
            last = node.fields[i].slot
    return True


cdef str quoted(str name):
    return json.dumps(name, ensure_ascii=False)


cdef Text* new_texts(Plan plan, Py_ssize_t count) except NULL:
    return <Text*>plan.allocate(count * sizeof(Text) + 1)


cdef Text text_of(Plan plan, str text, bint* beyond) except *:
    cdef Text made
    beyond[0] = beyond[0] or not text.isascii()
    cdef bytes data
    try:
        data = text.encode()
    except UnicodeEncodeError:  # in a schema of a facade; the others have no such names
        raise SchemaError(f"a name has a lone surrogate, which no JSON text can have: {show(text)}") from None
    made.size = len(data)
    data += bytes(COPY_SLACK)
    plan.own(data)
    made.data = <const uint8_t*><const char*>data
    return made


cdef NameTable* table_of(Plan plan, list names) except NULL:
    """A hash table; at least half of its slots stay free, so that searches are short."""
    cdef NameTable* table = <NameTable*>plan.allocate(sizeof(NameTable))
    cdef Py_ssize_t count = len(names)
    cdef Py_ssize_t size = 4
    cdef Py_ssize_t i, slot
    cdef Text* texts = new_texts(plan, count)
    cdef bint beyond = False
    while size < 2 * count:
        size *= 2
    table.names = texts
    table.mask = <uint32_t>(size - 1)
    table.slots = <int32_t*>plan.allocate(size * sizeof(int32_t))
    for i in range(size):
        table.slots[i] = -1
    for i in range(count):
        if names[i] is None:
            continue
        texts[i] = text_of(plan, names[i], &beyond)
        slot = hash_of(texts[i].data, texts[i].size) & table.mask
        while table.slots[slot] >= 0:
            slot = (slot + 1) & table.mask
        table.slots[slot] = <int32_t>i
    return table


cdef inline uint64_t hash_of(const uint8_t* data, Py_ssize_t size) noexcept nogil:
    cdef uint64_t mixed = SEED ^ <uint64_t>size
    cdef uint64_t last = 0
    cdef Py_ssize_t i
    while size >= 8:
        mixed = mix(mixed ^ avrojet_load64(data))
        data += 8
        size -= 8
    for i in range(size):
        last = last << 8 | data[i]
    return mix(mixed ^ last)


cdef inline uint64_t mix(uint64_t value) noexcept nogil:
    value = (value ^ value >> 32) * <uint64_t>0x9E3779B97F4A7C15
    return (value ^ value >> 29) * (SEED | 1) ^ value >> 32


cdef Py_ssize_t find_name(const NameTable* table, const uint8_t* data, Py_ssize_t size) noexcept nogil:
    """The index of the name with these bytes, or -1."""
    cdef uint64_t slot = hash_of(data, size) & table.mask
    cdef int32_t found
    cdef const Text* name
    while True:
        found = table.slots[slot]
        if found < 0:
            return -1
        name = &table.names[found]
        if name.size == size and memcmp(name.data, data, size) == 0:
            return found
        slot = (slot + 1) & table.mask
