"""ArrayReader: how the values of an Arrow array become Avro's, frozen to C, and where they are in the array."""

from cpython.object cimport PyObject
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from avrojet.core.arrow.consumer cimport ArrowData
from avrojet.core.ground.failures cimport *
from avrojet.core.ground.sink cimport Sink

cdef extern from "encode_columns.h":
    int16_t item_i16 "avrojet_item_i16"(const uint8_t*, int64_t) nogil
    int32_t item_i32 "avrojet_item_i32"(const uint8_t*, int64_t) nogil
    int64_t item_i64 "avrojet_item_i64"(const uint8_t*, int64_t) nogil
    uint16_t item_u16 "avrojet_item_u16"(const uint8_t*, int64_t) nogil
    uint32_t item_u32 "avrojet_item_u32"(const uint8_t*, int64_t) nogil
    uint64_t item_u64 "avrojet_item_u64"(const uint8_t*, int64_t) nogil
    bint likely "AVROJET_LIKELY"(bint) nogil


cdef enum:
    # Rows whose text is checked, and the next of which are prefetched, at once: what they read stays cached.
    ROWS_AT_ONCE = 128


cdef enum ArrowOp:
    # Written by the loop itself, see `set_code`.
    ARROW_INT64                   # any int64 as an Avro long
    ARROW_INT32                   # any int32 as an Avro int or long
    ARROW_DOUBLE
    ARROW_BOOLEAN
    ARROW_SHORT_BYTES             # 32-bit offsets, and text known to be UTF-8
    ARROW_VIEW
    ARROW_NULL
    ARROW_ABSENT                  # never a value
    ARROW_INTEGER                 # any width; factor, divisor, low, high
    ARROW_INTEGER_FLOAT           # the nearest
    ARROW_INTEGER_DOUBLE
    ARROW_FLOAT
    ARROW_DOUBLE_FLOAT            # the nearest, if it is in range
    ARROW_HALF_FLOAT
    ARROW_HALF_DOUBLE
    ARROW_FLOAT_DOUBLE
    ARROW_BYTES                   # any bytes; text: only UTF-8
    ARROW_FIXED                   # size
    ARROW_SYMBOL                  # symbols
    ARROW_UUID_TEXT               # 16 bytes as text
    ARROW_UUID_CHECKED            # text in its canonical form
    ARROW_UUID_RAW                # text as 16 bytes
    ARROW_DECIMAL                 # size (of the fixed, -1: bytes), width, bound
    ARROW_DECIMAL_SCALED          # the same, and exponent
    ARROW_INTEGER_DECIMAL         # size, bound, exponent
    ARROW_TEXT_DECIMAL            # size, digits, exponent
    ARROW_BYTES_DECIMAL           # the encoded number: size, constant (the greatest number)
    ARROW_DECIMAL_BIG             # width, exponent (minus the scale)
    ARROW_INTEGER_BIG
    ARROW_TEXT_BIG
    ARROW_BYTES_BIG               # the encoded number and its scale
    ARROW_INTERVAL                # width
    ARROW_INTERVAL_LENGTH         # factor, divisor; width is 16
    ARROW_RECORD                  # children
    ARROW_LIST                    # children (one)
    ARROW_MEMBERS                 # children, one of which has a value
    ARROW_UNION                   # children, branches
    ARROW_FIRST                   # children, all of the same array
    ARROW_DICTIONARY              # children (one)
    ARROW_RUNS                    # children (one)
    ARROW_CONSTANT                # data, size
    ARROW_OP_COUNT


cdef enum Store:
    # How the values of an array are stored.
    STORED_NOT
    STORED_BITS
    STORED_I8
    STORED_I16
    STORED_I32
    STORED_I64
    STORED_U8
    STORED_U16
    STORED_U32
    STORED_U64
    STORED_WIDE                 # width bytes each
    STORED_OFFSETS_32
    STORED_OFFSETS_64
    STORED_VIEWS                # of bytes
    STORED_LIST_32
    STORED_LIST_64
    STORED_LIST_VIEWS_32
    STORED_LIST_VIEWS_64
    STORED_LIST_SIZED           # width items each
    STORED_STRUCT
    STORED_DENSE
    STORED_SPARSE
    STORED_RUNS


cdef extern from "array_reader.h":
    enum:
        SHORT_SIZE "AVROJET_SHORT_SIZE"
    enum:
        CODE_CALL
        CODE_END
        CODE_STRUCT
        CODE_TAGGED
        CODE_INT64
        CODE_INT32
        CODE_FLOAT
        CODE_DOUBLE
        CODE_BOOLEAN
        CODE_BYTES
        CODE_VIEW
        CODE_NULLABLE_INT64
        CODE_NULLABLE_INT32
        CODE_NULLABLE_DOUBLE
        CODE_NULLABLE_BOOLEAN
        CODE_NULLABLE_BYTES
    ctypedef struct Output "AvrojetOutput":
        void* sink
        uint8_t* end
        ArrowNode* at
        int error
        int64_t number
        const char* reason
        int64_t work
        int64_t empty_items
    ctypedef uint8_t* (*ArrowRoutine "AvrojetArrowRoutine")(ArrowNode*, int64_t, uint8_t*, Output*) noexcept nogil
    ctypedef struct ArrowNode "AvrojetArrowNode":
        int code
        int plain
        int tag_size
        int null_size
        uint8_t tags[2][4]
        int64_t need
        const uint8_t* validity
        int64_t shift
        const uint8_t* values
        const uint8_t* data
        const uint8_t* data_end
        int64_t last_short
        ArrowRoutine call
        ArrowNode** program
        ArrowNode** fields
        int64_t extent
        int64_t limit
        int64_t run
        const int64_t* sizes
        const void** buffers
        Py_ssize_t buffer_count
        int32_t* positions
        int64_t position_room
        int64_t position_count
        int op
        int store
        bint text
        int column
        int64_t columns
        bint has_dictionary
        bint empty
        int64_t empty_cost
        int64_t weight
        Py_ssize_t width
        Py_ssize_t size
        int64_t factor
        int64_t divisor
        bint truncate
        int64_t low
        int64_t high
        uint64_t bound[4]
        int64_t digits
        int64_t exponent
        const uint8_t* constant
        Py_ssize_t constant_size
        int32_t* slots
        uint32_t mask
        int32_t* ends
        int8_t* branches
        Py_ssize_t count
        ArrowNode* children
        PyObject* place             # tuple: path, the schema's type there
    bint bit "avrojet_bit"(const uint8_t*, int64_t) nogil


cdef class ArrowPlan:
    cdef ArrowNode* nodes        # the root, followed by its descendants
    cdef Py_ssize_t count
    cdef Py_ssize_t compiled    # how many are compiled
    cdef ArrowNode** programs   # the programs of the nodes, one after another
    cdef Py_ssize_t entries
    cdef list owned

    cdef int compile(self, ArrowNode* p, object plan, int64_t after) except -1
    cdef int compile_children(self, ArrowNode* p, object plan, int64_t after, int64_t room) except -1
    cdef int index_symbols(self, ArrowNode* p, tuple symbols) except -1
    cdef const uint8_t* own(self, bytes data)


cdef class ArrayReader:
    cdef ArrowNode* root              # followed by the other nodes, and their programs
    cdef Py_ssize_t count
    cdef ArrowPlan plan
    cdef object failure         # class of its errors
    cdef ArrowData data
    cdef public int64_t before  # rows in the arrays before this one
    cdef int64_t row            # the next row in this one
    cdef int64_t prepared       # rows that are ready to be written

    cdef void prepare(self) noexcept nogil
    cdef object error(self, Output* out, int64_t row)


cdef bint is_struct(const ArrowNode* p) noexcept nogil
cdef uint8_t* put_failed(Output* out, const ArrowNode* p, int error, int64_t number=*) noexcept nogil
cdef const uint8_t* find_bytes(const ArrowNode* p, int64_t i, int64_t* size, Output* out) noexcept nogil
cdef int32_t find_symbol(const ArrowNode* p, const uint8_t* data, int64_t size) noexcept nogil
cdef const uint8_t* find_view(const ArrowNode* p, const uint8_t* view, int64_t* size, Output* out) noexcept nogil
cdef object output_error(Output* out, int64_t row, object failure=*)


cdef uint8_t* enlarge(Output* out, const ArrowNode* p, uint8_t* pos, int64_t size) noexcept nogil


cdef inline uint8_t* reserve(Output* out, const ArrowNode* p, uint8_t* pos, int64_t size) noexcept nogil:
    """Reserve ``size`` bytes; returns the new position, or NULL with an error."""
    return pos if likely(out.end - pos >= size) else enlarge(out, p, pos, size)


cdef inline int64_t load_integer(const ArrowNode* p, int64_t i) noexcept nogil:
    """An integer of any width, except an unsigned one of 64 bits that is too large."""
    if p.store == STORED_I8:
        return (<const int8_t*>p.values)[i]
    elif p.store == STORED_I16:
        return item_i16(p.values, i)
    elif p.store == STORED_I32:
        return item_i32(p.values, i)
    elif p.store == STORED_U8:
        return p.values[i]
    elif p.store == STORED_U16:
        return item_u16(p.values, i)
    elif p.store == STORED_U32:
        return item_u32(p.values, i)
    return item_i64(p.values, i)


cdef inline int64_t run_end(const ArrowNode* p, int64_t run) noexcept nogil:
    if p.width == 2:
        return item_i16(p.values, run)
    return item_i32(p.values, run) if p.width == 4 else item_i64(p.values, run)
