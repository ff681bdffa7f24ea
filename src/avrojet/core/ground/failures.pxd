"""What can go wrong in the core: one vocabulary for reading and one for writing, of rows, columns and text.

A routine that fails leaves a code in its cursor, sink or output. `failures.pyx` has what each code says.
"""

cdef extern from "failures.h":
    enum:
        WRITE_NULL "AVROJET_WRITE_NULL"     # null where the schema does not allow it


cdef enum ReadError:
    READ_OK = 0
    READ_TRUNCATED
    READ_VARINT
    READ_INT_RANGE
    READ_LENGTH
    READ_BOOLEAN
    READ_ENUM
    READ_SYMBOL
    READ_BRANCH
    READ_COUNT
    READ_BLOCK_SIZE
    READ_MISMATCH
    READ_DEPTH
    READ_ITEMS
    READ_EMPTY_ITEMS
    READ_VALUE_BYTES
    READ_DECIMAL_BYTES
    READ_DIGITS_LOST
    READ_BEYOND_UNIT
    READ_TEXT
    READ_TIME
    READ_DIGITS
    READ_BIG_DECIMAL
    READ_UUID
    READ_NO_TIME                # not a date or time in Python: exception says why
    READ_NO_VALUE               # not a value of the logical type: exception says why
    READ_PYTHON                 # exception: raised by a conversion
    READ_CLASS                  # node: the record of a class; exception: raised by making an instance
    READ_MEMORY
    # Columns.
    READ_FULL                   # 32-bit offsets overflow
    READ_UNFIT                  # the column's type cannot hold a value of the Avro type
    READ_MALFORMED              # the rows are not encoded data of the schema
    # Text. The cursor is where the line and column can be determined.
    TEXT_WANTED                 # number: the address of what is expected here
    TEXT_END                    # likewise
    TEXT_ESCAPE
    TEXT_SURROGATE
    TEXT_KIND                   # node: what the schema expects here
    TEXT_RANGE
    TEXT_SYMBOL
    TEXT_BRANCH
    TEXT_SIZE
    TEXT_CODE_POINT
    TEXT_FORM                   # number: the address of the expected form
    TEXT_MISSING
    TEXT_DUPLICATE
    TEXT_EXTRA
    TEXT_TRIALS


cdef enum WriteError:
    WRITE_OK = 0
    WRITE_NOT_NULL = WRITE_NULL + 1     # a value where the schema allows only null
    WRITE_TYPE
    WRITE_RANGE
    WRITE_SIZE
    WRITE_SYMBOL
    WRITE_SURROGATE
    WRITE_KEY
    WRITE_MISSING
    WRITE_EXTRA
    WRITE_BRANCH
    WRITE_CHANGED
    WRITE_VALUE                 # exception says what a conversion found
    WRITE_DEPTH
    WRITE_TRIALS
    WRITE_BYTES
    WRITE_EMPTY_ITEMS
    WRITE_EMPTY_ROWS
    WRITE_ITEMS
    WRITE_DECIMAL_BYTES
    WRITE_MEMORY
    WRITE_CONVERTER             # exception: raised by a custom logical type
    WRITE_PYTHON                # exception: raised by the value's own code or a signal handler
    # Columns.
    WRITE_UNSIGNED
    WRITE_UNIT
    WRITE_REAL                  # number: the bits of a double
    WRITE_TEXT
    WRITE_UUID
    WRITE_PRECISION
    WRITE_SCALE
    WRITE_NO_NUMBER
    WRITE_BIG_SCALE
    WRITE_BIG_DECIMAL
    WRITE_INTERVAL
    WRITE_LENGTH
    WRITE_NO_MEMBER
    WRITE_MEMBERS
    WRITE_INDEX
    WRITE_VIEW
    WRITE_LIST
    WRITE_UNION_TYPE
    WRITE_ARRAY                 # about a whole array: reason says why
    WRITE_FULL                  # a column of messages


cdef class Failure:
    """What a failure code means.

    :ivar kind: the error's kind.
    :ivar error: its class.
    :ivar text: the reason, as a template filled from facts and details; for a limit, what exceeds it.
    :ivar in_column: the same for a value of an Arrow array, where that differs.
    :ivar brief: the same where the value is known.
    :ivar number: the fact that holds the failure's number, if it has one.
    :ivar limit: the limit that is exceeded, if it can be set.
    """

    cdef readonly object kind
    cdef readonly object error
    cdef readonly str text
    cdef readonly str in_column
    cdef readonly str brief
    cdef readonly str number
    cdef readonly str limit
    cdef bint is_limit

    cdef bint counts(self, str template)
    cdef str say(self, str template, dict details, bound)
    cdef object raised(self, str place, str reason, dict facts, cause, error=*)


cdef Failure read_failure(int error)
cdef Failure write_failure(int error)
