"""Arrow data from other libraries: their capsules are consumed, and released once (Arrow PyCapsule interface).

What a schema states is checked here and by the function called for each type; what an array states, by
``array_reader``. Addresses are trusted, and so are the sizes of buffers: the C data interface offers no way to
check them.
"""

from cpython.exc cimport PyErr_CheckSignals
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy, memset, strcmp, strerror

from avrojet.core.arrow.abi cimport *
from avrojet.errors import DecodeError, EncodeError, SchemaError, SchemaLimitError
from avrojet.failures import DecodeFailure, EncodeFailure
from avrojet.limits import excess

cdef extern from "<string.h>":
    size_t strnlen(const char*, size_t)

cdef enum:
    MOST_TOLD = 1000            # bytes of a stream's message about its failure
    # Each level costs a C call here and in encoding; the same depth as Limits allows for schemas by default.
    MOST_LEVELS = 400


# Schemas

cdef struct Place:
    # A schema and those around it. Made into text only for an error.
    const Place* above
    const ArrowSchema* schema
    int64_t index               # among the children of the parent; -1: its dictionary


cdef struct Walk:
    int64_t left                # columns still allowed
    int levels                  # still allowed below


cdef object describe(const Place* at, make, Walk* walk, limits):
    """The schema as ``make(format, name, nullable, metadata, children, dictionary)``; children and dictionary alike."""
    cdef const ArrowSchema* schema = at.schema
    cdef tuple children
    ensure_schema(at)
    if walk.levels == 0:
        raise SchemaLimitError(f"the Arrow schema is nested deeper than {MOST_LEVELS} levels")
    walk.left -= is_column(at)
    if walk.left < 0 or schema.n_children > walk.left + 1:
        raise excess(limits, "columns", "the Arrow schema has too many columns", path=path_of(at))
    walk.levels -= 1
    children = describe_children(at, make, walk, limits)
    dictionary = describe_child(at, schema.dictionary, -1, make, walk, limits) if schema.dictionary != NULL else None
    walk.levels += 1
    metadata = {} if schema.metadata == NULL else read_metadata(schema.metadata, at)
    format, name = text_of(schema.format, at), text_of(schema.name, at)
    try:
        return make(format, name, bool(schema.flags & NULLABLE), metadata, children, dictionary)
    except SchemaLimitError:
        raise
    except SchemaError as error:
        raise invalid(at, str(error)) from None


cdef tuple describe_children(const Place* at, make, Walk* walk, limits):
    cdef int64_t i
    cdef list children = []
    for i in range(at.schema.n_children):
        children.append(describe_child(at, at.schema.children[i], i, make, walk, limits))
    return tuple(children)


cdef object describe_child(const Place* at, const ArrowSchema* child, int64_t index, make, Walk* walk, limits):
    cdef Place place = Place(at, child, index)
    return describe(&place, make, walk, limits)


cdef int ensure_schema(const Place* at) except -1:
    cdef const ArrowSchema* schema = at.schema
    if schema == NULL:
        raise invalid(at, "it is missing")
    if schema.release == NULL:
        raise invalid(at, "it has been released or consumed already")
    if schema.format == NULL:
        raise invalid(at, "it has no format")
    if schema.n_children < 0 or (schema.n_children > 0 and schema.children == NULL):
        raise invalid(at, "it lacks children that it declares")
    return 0


cdef bint is_column(const Place* at) noexcept:
    """Whether a schema counts as a column: as in reading, a map's entries, its keys and an enum's symbols do not."""
    cdef const Place* above = at.above
    cdef bint is_leaf = at.schema.n_children == 0 and at.schema.dictionary == NULL
    if above == NULL or (at.index < 0 and is_leaf):
        return False
    if strcmp(above.schema.format, "+m") == 0:
        return strcmp(at.schema.format, "+s") != 0
    return not (
        at.index == 0 and is_leaf and above.above != NULL and strcmp(above.above.schema.format, "+m") == 0
    )


cdef str text_of(const char* text, const Place* at):
    if text == NULL:
        return ""
    try:
        return (<bytes>text).decode("utf-8")
    except UnicodeDecodeError:
        raise invalid(at, "its name or format is not UTF-8") from None


cdef str path_of(const Place* at):
    """The path, like ``$.items[].price``."""
    cdef list parts = []
    while at.above != NULL:
        parts.append(part_of(at))
        at = at.above
    return "$" + "".join(reversed(parts))


cdef str part_of(const Place* at):
    if at.index < 0:
        return ""
    if (<bytes>at.above.schema.format).startswith((b"+l", b"+L", b"+v", b"+w:", b"+m")):
        return "[]"
    if at.schema == NULL or at.schema.name == NULL:
        return f"[{at.index}]"
    return "." + (<bytes>at.schema.name).decode("utf-8", "replace")


cdef object invalid(const Place* at, str reason):
    path = path_of(at)
    return SchemaError(f"{path}: the Arrow schema is not valid: {reason}", path=path)


cdef dict read_metadata(const char* data, const Place* at):
    cdef dict found = {}
    cdef int32_t left = take_size(&data, at)
    while left > 0:
        key = take_text(&data, at)
        found[key] = take_text(&data, at)
        left -= 1
    return found


cdef int32_t take_size(const char** data, const Place* at) except -1:
    cdef int32_t size
    memcpy(&size, data[0], 4)
    data[0] += 4
    if size < 0:
        raise invalid(at, "its metadata have a negative size")
    return size


cdef str take_text(const char** data, const Place* at):
    cdef int32_t size = take_size(data, at)
    cdef bytes text = data[0][:size]
    data[0] += size
    return text.decode("utf-8", "replace")


cdef object describe_root(const ArrowSchema* schema, make, limits):
    cdef Place place = Place(NULL, schema, 0)
    cdef Walk walk = Walk(limits.columns, MOST_LEVELS)
    return describe(&place, make, &walk, limits)


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

    :param data: the object. The contents of its capsules are taken at once, and released with this object or
        with the arrays that it returns.
    :param make: called as ``make(format, name, nullable, metadata, children, dictionary)`` for each type; it may
        raise a SchemaError, to which the place is added.
    :param limits: bound the number of columns.
    :param failure: the class of errors in the arrays and from the stream.
    :ivar field: what ``make`` returned for the type of the arrays.
    :raises TypeError: if the object has neither method, or one that does not return what it should.
    :raises ValueError: if the capsules are of another kind, or have been consumed.
    :raises SchemaError: if the type of the arrays contradicts itself.
    :raises LimitError: if it has too many columns, or is nested too deep.
    """

    def __cinit__(self, data, make, limits, failure=EncodeError):
        self.failure = failure
        if hasattr(data, "__arrow_c_stream__"):
            self.take_stream(data.__arrow_c_stream__(), make, limits)
        elif hasattr(data, "__arrow_c_array__"):
            self.take_array(data.__arrow_c_array__(), make, limits)
        else:
            raise TypeError(
                f"{type(data).__name__} has neither __arrow_c_stream__ nor __arrow_c_array__: "
                "pass a table or a batch of a library that supports Arrow"
            )

    def __dealloc__(self):
        if self.single.release != NULL:
            self.single.release(&self.single)
        if self.stream.release != NULL:
            self.stream.release(&self.stream)

    cdef int take_stream(self, capsule, make, limits) except -1:
        cdef ArrowArrayStream* source
        cdef ArrowSchema schema
        cdef int error
        source = <ArrowArrayStream*>PyCapsule_GetPointer(capsule, "arrow_array_stream")
        if source.release == NULL:
            raise ValueError("the Arrow stream has been consumed already")
        self.stream = source[0]
        source.release = NULL
        if self.stream.get_schema == NULL or self.stream.get_next == NULL:
            raise self.error("invalid Arrow data: the stream has no function for its schema or its arrays")
        memset(&schema, 0, sizeof(schema))
        with nogil:
            error = self.stream.get_schema(&self.stream, &schema)
        if error:
            raise self.failed(error)
        try:
            self.field = describe_root(&schema, make, limits)
        finally:
            if schema.release != NULL:
                schema.release(&schema)
        return 0

    cdef int take_array(self, capsules, make, limits) except -1:
        cdef ArrowSchema* schema
        cdef ArrowArray* array
        if not isinstance(capsules, tuple) or len(<tuple>capsules) != 2:
            raise TypeError("__arrow_c_array__ must return two capsules: arrow_schema and arrow_array")
        schema = <ArrowSchema*>PyCapsule_GetPointer((<tuple>capsules)[0], "arrow_schema")
        array = <ArrowArray*>PyCapsule_GetPointer((<tuple>capsules)[1], "arrow_array")
        if array.release == NULL:
            raise ValueError("the Arrow array has been consumed already")
        self.single = array[0]
        array.release = NULL
        self.field = describe_root(schema, make, limits)
        return 0

    cdef object failed(self, int error):
        """The exception for an error code from a stream; a signal handler's exception takes precedence."""
        cdef const char* text = NULL
        if self.stream.get_last_error != NULL:
            text = self.stream.get_last_error(&self.stream)
        if text == NULL:
            text = strerror(error)
        message = text[:strnlen(text, MOST_TOLD)].decode("utf-8", "replace")
        PyErr_CheckSignals()
        return self.error(f"the Arrow stream failed: {message}")

    cdef object error(self, str message):
        """The exception for invalid data."""
        return self.failure(message, kind=(DecodeFailure if self.failure is DecodeError else EncodeFailure).ARROW)

    def __iter__(self):
        return self

    def __next__(self):
        cdef ArrowData data = ArrowData()
        cdef int error = 0
        if self.stream.release != NULL:
            with nogil:
                error = self.stream.get_next(&self.stream, &data.array)
            if error:
                # What a failed stream leaves must not be released.
                data.array.release = NULL
                raise self.failed(error)
        else:
            data.array = self.single
            self.single.release = NULL
        if data.array.release == NULL:
            raise StopIteration
        return data
