"""The frozen form of a step: pure data, owned by a Plan, read by every operation.

Each operation has a table from Op to routine; a routine reads only the members named for its op.
"""

from cpython.object cimport PyObject
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

from avrojet.core.objects.object_form cimport ObjectForm


cdef enum Op:
    # Values that are used as encoded.
    OP_NULL
    OP_BOOLEAN
    OP_INT
    OP_LONG
    OP_FLOAT            # index (1: the reader has a double)
    OP_DOUBLE
    OP_BYTES
    OP_STRING
    OP_FIXED            # size
    OP_ENUM             # count, objects (reader symbols, NULL: unknown to the reader), index (1: members), names
    OP_ARRAY            # child, quiet
    OP_MAP              # child
    OP_UNION            # count, children, names, fitting, object (dict: class -> branch), index (1: some share one)
    OP_NULLABLE         # child, index (the branch that is not null), names
    OP_RECORD           # fields in the order of the dict, object (template dict), by_entry, form; children (to decode)
    # The same for a reader whose schema or options differ.
    OP_RESOLVED         # fields in writer order with slots, object (template dict), by_entry
    OP_TUPLE            # fields in writer order with slots, size (slots), quiet
    OP_OBJECT           # as OP_TUPLE, slots in the order in which form takes values
    OP_INT_TO_FLOAT
    OP_INT_TO_DOUBLE
    OP_LONG_TO_FLOAT
    OP_LONG_TO_DOUBLE
    OP_RESCALED         # child (only its op, first and last), count (multiplier), size (divisor), label, narrow
    OP_TAGGED           # child, object (branch name)
    OP_CONSTANT         # object; nothing on the wire
    OP_DEFAULT          # child, data, size; nothing on the wire
    OP_FAIL             # child (the writer's bytes), object (reason)
    # Logical types. Those of time read a varint from first to last, in units; narrow: it is an int.
    OP_DATE
    OP_TIME
    OP_TIMESTAMP        # local
    OP_DURATION
    OP_DECIMAL          # size (of the fixed, -1: bytes), precision, scale
    OP_BIG_DECIMAL
    OP_UUID             # size (16: fixed, -1: string)
    OP_CUSTOM           # child, object (converter)
    OP_COUNT


cdef enum Kind:
    # The kinds of Python values that choosing a union's branch distinguishes.
    KIND_NONE
    KIND_BOOL
    KIND_INT
    KIND_FLOAT
    KIND_STR
    KIND_BYTES
    KIND_DICT
    KIND_LIST
    KIND_TUPLE
    KIND_DATETIME
    KIND_DATE
    KIND_TIME
    KIND_DECIMAL
    KIND_UUID
    KIND_OTHER
    KIND_COUNT


cdef struct BranchList:
    int32_t count
    int32_t* branches           # best fit first


cdef enum FieldOrder:
    ORDER_ASCENDING
    ORDER_DESCENDING
    ORDER_IGNORE


cdef struct FieldDefault:
    const uint8_t* data         # encoded; NULL: none to encode
    Py_ssize_t size
    PyObject* unreadable        # why the schema's default cannot be encoded, or NULL
    bint unasked                # encoded even if defaults are not asked for


cdef struct Field:
    Node* node
    PyObject* name              # interned
    Py_hash_t hash
    int32_t slot                # index in the reader's record; -1: skip
    int32_t order
    const FieldDefault* default     # only in plans for encoding; NULL: none


cdef struct Text:
    const uint8_t* data
    Py_ssize_t size


cdef struct NameTable:
    # Looks up a name's index by its bytes; see core.text.labels.
    const Text* names
    int32_t* slots              # indices of names, -1: free
    uint32_t mask


cdef struct Node:
    # What rows are decoded with comes first, in one cache line of the processor: topics of thousands of schemas
    # have to read it from memory for each message.
    int op
    uint8_t narrow
    uint8_t quiet               # no Python code runs while items or fields are decoded
    uint8_t by_entry            # copies of the record's template take values by position
    uint8_t local               # a timestamp in local time, not UTC
    Py_ssize_t count
    Py_ssize_t index
    Node* child
    Node** children
    Field* fields
    PyObject* object
    const ObjectForm* form      # of the record's class, or NULL: records are dicts
    Py_ssize_t size
    PyObject** objects
    PyObject* names             # tuple: enum symbols of the writer, branch names
    BranchList* fitting         # KIND_COUNT entries: the branches that fit each kind of Python value
    PyObject* label             # the type's name in messages
    int64_t min_bytes           # fewest bytes of one value
    int64_t fixed_bytes         # bytes of every value, or -1 if they differ
    int64_t weight              # how much a record of no bytes counts against Limits.empty_items
    int precision
    int scale
    int64_t first
    int64_t last
    int64_t unit                # units per second
    const Text* texts           # only in plans for text: what precedes the value of a field or branch; symbols
    const NameTable* table      # only in plans for text: names of fields, branches or symbols
    const uint8_t* data
