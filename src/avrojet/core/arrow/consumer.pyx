"""Arrow data of other libraries: their capsules are taken, and released once (Arrow PyCapsule interface).

Pointers are trusted, as the C data interface has no sizes to check them by; ``encode_columns`` checks what
an array says of itself against its type.
"""

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy, memset, strerror

from avrojet.core.arrow.abi cimport *
from avrojet.errors import EncodeError, LimitError, SchemaError

cdef enum:
    # Each level costs a C call here and in encoding; as deep as Limits lets schemas be by default.
    MOST_LEVELS = 400


# Schemas

cdef object describe(const ArrowSchema* schema, make, int levels):
    """The schema as ``make(format, name, nullable, metadata, kids, dictionary)``; kids and dictionary alike."""
    cdef int64_t i
    cdef list kids = []
    if levels == 0:
        raise LimitError(f"the Arrow schema is nested deeper than {MOST_LEVELS} levels")
    if schema == NULL or schema.release == NULL or schema.format == NULL or schema.n_children < 0:
        raise SchemaError("the Arrow schema is not valid: it has a type without a format, or a released one")
    for i in range(schema.n_children):
        kids.append(describe(schema.children[i], make, levels - 1))
    return make(
        (<bytes>schema.format).decode("utf-8", "replace"),
        "" if schema.name == NULL else (<bytes>schema.name).decode("utf-8", "replace"),
        bool(schema.flags & NULLABLE),
        {} if schema.metadata == NULL else read_metadata(schema.metadata),
        tuple(kids),
        None if schema.dictionary == NULL else describe(schema.dictionary, make, levels - 1),
    )


cdef dict read_metadata(const char* data):
    cdef dict found = {}
    cdef int32_t left = take_size(&data)
    while left > 0:
        key = take_text(&data)
        found[key] = take_text(&data)
        left -= 1
    return found


cdef int32_t take_size(const char** data) except -1:
    cdef int32_t size
    memcpy(&size, data[0], 4)
    data[0] += 4
    if size < 0:
        raise SchemaError("the Arrow schema is not valid: its metadata have a negative size")
    return size


cdef str take_text(const char** data):
    cdef int32_t size = take_size(data)
    cdef bytes text = data[0][:size]
    data[0] += size
    return text.decode("utf-8", "replace")


cdef object take_schema(ArrowSchema* schema, make):
    """The description of a schema that is released then."""
    try:
        return describe(schema, make, MOST_LEVELS)
    finally:
        if schema.release != NULL:
            schema.release(schema)


# Arrays

cdef class ArrowData:
    """One array, released with this object. :class:`ArrowInput` makes them."""

    def __dealloc__(self):
        if self.array.release != NULL:
            self.array.release(&self.array)

    def __len__(self):
        return self.array.length


cdef class ArrowInput:
    """An iterator over the arrays of an object with ``__arrow_c_stream__`` or ``__arrow_c_array__``.

    :param data: the object. What its capsules hold is taken at once, and released with this object or with
        the arrays that it gives.
    :param make: called as ``make(format, name, nullable, metadata, kids, dictionary)`` for each type.
    :ivar field: what ``make`` gave for the type of the arrays.
    :raises TypeError: if the object has neither method.
    :raises EncodeError: if the stream fails, with the message that it has.
    """

    def __cinit__(self, data, make):
        if hasattr(data, "__arrow_c_stream__"):
            self.take_stream(data.__arrow_c_stream__(), make)
        elif hasattr(data, "__arrow_c_array__"):
            self.take_array(data.__arrow_c_array__(), make)
        else:
            raise TypeError(
                f"{type(data).__name__} has neither __arrow_c_stream__ nor __arrow_c_array__: "
                "give a table or a batch of a library that knows Arrow"
            )

    def __dealloc__(self):
        if self.single.release != NULL:
            self.single.release(&self.single)
        if self.stream.release != NULL:
            self.stream.release(&self.stream)

    cdef int take_stream(self, capsule, make) except -1:
        cdef ArrowArrayStream* source
        cdef ArrowSchema schema
        cdef int failure
        source = <ArrowArrayStream*>PyCapsule_GetPointer(capsule, "arrow_array_stream")
        if source.release == NULL:
            raise ValueError("the Arrow stream has been taken by another")
        self.stream = source[0]
        source.release = NULL
        memset(&schema, 0, sizeof(schema))
        with nogil:
            failure = self.stream.get_schema(&self.stream, &schema)
        if failure:
            raise self.failed(failure)
        self.field = take_schema(&schema, make)
        return 0

    cdef int take_array(self, tuple capsules, make) except -1:
        cdef ArrowSchema* schema = <ArrowSchema*>PyCapsule_GetPointer(capsules[0], "arrow_schema")
        cdef ArrowArray* array = <ArrowArray*>PyCapsule_GetPointer(capsules[1], "arrow_array")
        if array.release == NULL:
            raise ValueError("the Arrow array has been taken by another")
        self.single = array[0]
        array.release = NULL
        self.field = describe(schema, make, MOST_LEVELS)
        return 0

    cdef object failed(self, int failure):
        """The exception for a stream that gave an error number."""
        cdef const char* text = NULL
        if failure and self.stream.get_last_error != NULL:
            text = self.stream.get_last_error(&self.stream)
        if text == NULL:
            text = strerror(failure)
        return EncodeError(f"the Arrow stream failed: {(<bytes>text).decode('utf-8', 'replace')}")

    def __iter__(self):
        return self

    def __next__(self):
        cdef ArrowData data = ArrowData()
        cdef int failure = 0
        if self.stream.release != NULL:
            with nogil:
                failure = self.stream.get_next(&self.stream, &data.array)
            if failure:
                # What a stream leaves behind when it fails is not to be released.
                data.array.release = NULL
                raise self.failed(failure)
        else:
            data.array = self.single
            self.single.release = NULL
        if data.array.release == NULL:
            raise StopIteration
        return data
