"""Puts: how the values of an Arrow array become Avro's, frozen to C, and where the array has them."""

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
    # Rows whose text is checked, and the next of which are fetched, at once: what they read stays in the cache.
    ROWS_AT_ONCE = 128


cdef enum PutOp:
    # Those that the loop itself writes, see `set_code`.
    PUT_INT64                   # of any int64 an Avro long
    PUT_INT32                   # of any int32 an Avro int or long
    PUT_DOUBLE
    PUT_BOOLEAN
    PUT_SHORT_BYTES             # offsets of 32 bits, and text that is known to be UTF-8
    PUT_VIEW
    PUT_NULL
    PUT_ABSENT                  # never a value
    PUT_INTEGER                 # any width; factor, divisor, low, high
    PUT_INTEGER_FLOAT           # the nearest
    PUT_INTEGER_DOUBLE
    PUT_FLOAT
    PUT_DOUBLE_FLOAT            # the nearest, if it is in range
    PUT_HALF_FLOAT
    PUT_HALF_DOUBLE
    PUT_FLOAT_DOUBLE
    PUT_BYTES                   # any bytes; text: only UTF-8
    PUT_FIXED                   # size
    PUT_SYMBOL                  # symbols
    PUT_UUID_TEXT               # of 16 bytes the text
    PUT_UUID_CHECKED            # of text its canonical form
    PUT_UUID_RAW                # of text the 16 bytes
    PUT_DECIMAL                 # size (of the fixed, -1: bytes), width, bound
    PUT_DECIMAL_SCALED          # the same, and exponent
    PUT_INTEGER_DECIMAL         # size, bound, exponent
    PUT_TEXT_DECIMAL            # size, digits, exponent
    PUT_BYTES_DECIMAL           # the encoded number: size, constant (the greatest number)
    PUT_DECIMAL_BIG             # width, exponent (minus the scale)
    PUT_INTEGER_BIG
    PUT_TEXT_BIG
    PUT_BYTES_BIG               # the encoded number and its scale
    PUT_INTERVAL                # width
    PUT_INTERVAL_LENGTH         # factor, divisor; width is 16
    PUT_RECORD                  # children
    PUT_LIST                    # children (one)
    PUT_MEMBERS                 # children, of which one has a value
    PUT_UNION                   # children, branches
    PUT_FIRST                   # children, of one array
    PUT_DICTIONARY              # children (one)
    PUT_RUNS                    # children (one)
    PUT_CONSTANT                # data, size
    PUT_OP_COUNT


cdef enum Store:
    # How the values of an array lie.
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
        Put* at
        int error
        int64_t number
        const char* reason
        int64_t work
        int64_t empty_items
    ctypedef uint8_t* (*Putter "AvrojetPutter")(Put*, int64_t, uint8_t*, Output*) noexcept nogil
    ctypedef struct Put "AvrojetPut":
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
        Putter call
        Put** program
        Put** fields
        int64_t extent
        int64_t limit
        int64_t run
        const int64_t* sizes
        const void** buffers
        Py_ssize_t buffer_count
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
        Put* children
        PyObject* place             # tuple: path, what the schema has there
    bint bit "avrojet_bit"(const uint8_t*, int64_t) nogil


cdef class ArrowPlan:
    cdef Put* puts              # the root, and all within it
    cdef Py_ssize_t count
    cdef Py_ssize_t compiled    # how many have their place
    cdef Put** programs         # of the puts, one after the other
    cdef Py_ssize_t entries
    cdef list owned

    cdef int compile(self, Put* p, object plan, int64_t after) except -1
    cdef int compile_children(self, Put* p, object plan, int64_t after, int64_t room) except -1
    cdef int index_symbols(self, Put* p, tuple symbols) except -1
    cdef const uint8_t* own(self, bytes data)


cdef class Puts:
    cdef Put* root              # and after it the others, and their programs
    cdef ArrowPlan plan
    cdef object failure         # class of its errors
    cdef ArrowData data
    cdef public int64_t before  # rows of the arrays before this one
    cdef int64_t row            # the next in this one
    cdef int64_t prepared       # rows that are ready to be written

    cdef void prepare(self) noexcept nogil
    cdef object error(self, Output* out, int64_t row)


cdef bint is_struct(const Put* p) noexcept nogil
cdef uint8_t* put_failed(Output* out, const Put* p, int error, int64_t number=*) noexcept nogil
cdef const uint8_t* find_bytes(const Put* p, int64_t i, int64_t* size, Output* out) noexcept nogil
cdef const uint8_t* find_view(const Put* p, const uint8_t* view, int64_t* size, Output* out) noexcept nogil
cdef object output_error(Output* out, int64_t row, object failure=*)


cdef uint8_t* enlarge(Output* out, const Put* p, uint8_t* pos, int64_t size) noexcept nogil


cdef inline uint8_t* reserve(Output* out, const Put* p, uint8_t* pos, int64_t size) noexcept nogil:
    """Room for ``size`` bytes; the new position, or NULL with an error."""
    return pos if likely(out.end - pos >= size) else enlarge(out, p, pos, size)


cdef inline int64_t load_integer(const Put* p, int64_t i) noexcept nogil:
    """An integer of any width but an unsigned one of 64 bits that is too large."""
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


cdef inline int64_t run_end(const Put* p, int64_t run) noexcept nogil:
    if p.width == 2:
        return item_i16(p.values, run)
    return item_i32(p.values, run) if p.width == 4 else item_i64(p.values, run)
