"""Columns exported to other libraries (Arrow C data interface, Arrow PyCapsule interface).

Arrays share the memory of their batch, which is freed when the last of them is released, in any thread: releasing
takes no GIL. Schemas and streams hold no such memory.
"""

from cpython.bytes cimport PyBytes_AS_STRING
from cpython.exc cimport PyErr_SetInterrupt
from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.errno cimport EINVAL, EIO, ENOMEM
from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset

import struct

from avrojet.core.arrow.abi cimport *
from avrojet.core.columns.column cimport *
from avrojet.core.columns.column_set cimport ColumnSet, ensure_root

cdef extern from "columns.h":
    void avrojet_share(long*) nogil
    bint avrojet_drop(long*) nogil

cdef void* zeroed(size_t size) except NULL:
    cdef void* memory = PyMem_RawCalloc(1, max(size, <size_t>1))
    if memory == NULL:
        raise MemoryError
    return memory


# Schemas

cdef char* copied(bytes value) except NULL:
    cdef char* copy = <char*>zeroed(len(value) + 1)
    memcpy(copy, <const char*>value, len(value))
    return copy


cdef bytes encode_metadata(metadata):
    parts = [struct.pack("=i", len(metadata))]
    for pair in metadata.items():
        for text in pair:
            data = text.encode()
            parts += struct.pack("=i", len(data)), data
    return b"".join(parts)


cdef int export_schema(ArrowSchema* out, layout) except -1:
    """The type that an ``avrojet.plan.arrow.layout.Column`` describes."""
    # Released like any other if it fails halfway: members not yet set are NULL.
    out.release = release_schema
    out.format = copied(layout.format.encode())
    out.name = copied(layout.name.encode())
    if layout.metadata:
        out.metadata = copied(encode_metadata(layout.metadata))
    out.flags = NULLABLE if layout.nullable else 0
    if layout.children:
        out.children = <ArrowSchema**>zeroed(len(layout.children) * sizeof(ArrowSchema*))
        for child in layout.children:
            out.children[out.n_children] = <ArrowSchema*>zeroed(sizeof(ArrowSchema))
            out.n_children += 1
            export_schema(out.children[out.n_children - 1], child)
    if layout.symbols is not None:
        out.dictionary = <ArrowSchema*>zeroed(sizeof(ArrowSchema))
        out.dictionary.release = release_schema
        out.dictionary.format = copied(b"u")
        out.dictionary.name = copied(b"")
    return 0


cdef void release_schema(ArrowSchema* schema) noexcept nogil:
    cdef int64_t i
    for i in range(schema.n_children):
        drop_schema(schema.children[i])
    drop_schema(schema.dictionary)
    PyMem_RawFree(schema.children)
    PyMem_RawFree(<void*>schema.format)
    PyMem_RawFree(<void*>schema.name)
    PyMem_RawFree(<void*>schema.metadata)
    schema.release = NULL


cdef void drop_schema(ArrowSchema* schema) noexcept nogil:
    if schema != NULL:
        if schema.release != NULL:
            schema.release(schema)
        PyMem_RawFree(schema)


cdef void drop_schema_capsule(object capsule) noexcept:
    drop_schema(<ArrowSchema*>PyCapsule_GetPointer(capsule, "arrow_schema"))


def schema_capsule(layout):
    """A capsule ``arrow_schema`` with the type that an ``avrojet.plan.arrow.layout.Column`` describes."""
    cdef ArrowSchema* schema = <ArrowSchema*>zeroed(sizeof(ArrowSchema))
    try:
        export_schema(schema, layout)
        return PyCapsule_New(schema, "arrow_schema", drop_schema_capsule)
    except BaseException:
        drop_schema(schema)
        raise


# Arrays

cdef struct View:
    Shared* shared
    const void* buffers[4]
    int64_t used                # bytes of a view's data; the sizes are a buffer, too


cdef void drop_shared(Shared* shared) noexcept nogil:
    if shared != NULL and avrojet_drop(&shared.references):
        column_free(shared.root)
        PyMem_RawFree(shared)


cdef int export_array(ArrowArray* out, const Column* column, Shared* shared) except -1:
    cdef Py_ssize_t i
    cdef View* view = <View*>zeroed(sizeof(View))
    out.release = release_array
    out.private_data = view
    view.shared = shared
    avrojet_share(&shared.references)
    out.length = column.length
    out.null_count = column.length if column.storage == STORE_NULL else column.nulls
    out.buffers = view.buffers
    export_buffers(out, column, view)
    if column.count:
        out.children = <ArrowArray**>zeroed(column.count * sizeof(ArrowArray*))
    for i in range(column.count):
        out.children[i] = <ArrowArray*>zeroed(sizeof(ArrowArray))
        out.n_children += 1
        export_array(out.children[i], &column.children[i], shared)
    if column.dictionary != NULL:
        out.dictionary = <ArrowArray*>zeroed(sizeof(ArrowArray))
        export_array(out.dictionary, column.dictionary, shared)
    return 0


cdef void export_buffers(ArrowArray* out, const Column* column, View* view) noexcept:
    """Add the buffers in the order of the type (Arrow columnar format: Buffer Listing for Each Layout)."""
    if column.storage == STORE_SPARSE or column.storage == STORE_DENSE:
        add_buffer(out, view, column.values)
    elif column.storage != STORE_NULL:
        add_buffer(out, view, column.validity if column.nulls else NULL)
        if column.storage != STORE_STRUCT and column.storage != STORE_MEMBERS:
            add_buffer(out, view, column.values)
    if column.storage == STORE_BYTES or column.storage == STORE_VIEWS or column.storage == STORE_DENSE:
        add_buffer(out, view, column.data)
    if column.storage == STORE_VIEWS:
        view.used = column.used
        add_buffer(out, view, &view.used)


cdef void add_buffer(ArrowArray* out, View* view, const void* buffer) noexcept:
    view.buffers[out.n_buffers] = buffer
    out.n_buffers += 1


cdef void release_array(ArrowArray* array) noexcept nogil:
    cdef int64_t i
    cdef View* view = <View*>array.private_data
    for i in range(array.n_children):
        drop_array(array.children[i])
    drop_array(array.dictionary)
    PyMem_RawFree(array.children)
    drop_shared(view.shared)
    PyMem_RawFree(view)
    array.release = NULL


cdef void drop_array(ArrowArray* array) noexcept nogil:
    if array != NULL:
        if array.release != NULL:
            array.release(array)
        PyMem_RawFree(array)


cdef void drop_array_capsule(object capsule) noexcept:
    drop_array(<ArrowArray*>PyCapsule_GetPointer(capsule, "arrow_array"))


cdef class ArrowColumn:
    """A finished column. Any library that supports the Arrow PyCapsule interface can take it."""

    def __dealloc__(self):
        drop_shared(self.shared)

    def __len__(self):
        return ensure_shared(self).root.length

    def __arrow_c_schema__(self):
        """A capsule ``arrow_schema``."""
        ensure_shared(self)
        return schema_capsule(self.layout)

    def __arrow_c_array__(self, requested_schema=None):
        """Capsules ``arrow_schema`` and ``arrow_array``.

        :param requested_schema: ignored, as the interface allows.
        """
        cdef ArrowArray* array
        cdef Shared* shared = ensure_shared(self)
        schema = schema_capsule(self.layout)
        array = <ArrowArray*>zeroed(sizeof(ArrowArray))
        try:
            export_array(array, shared.root, shared)
            return schema, PyCapsule_New(array, "arrow_array", drop_array_capsule)
        except BaseException:
            drop_array(array)
            raise


cdef Shared* ensure_shared(ArrowColumn column) except NULL:
    """The memory of a column being used."""
    if column.shared == NULL:
        raise TypeError("__init__ has not been called")
    return column.shared


cdef int arrow_take(ArrowColumn taker, Column* column, layout) except -1:
    """Move the rows of a column, which is empty then, to an array."""
    cdef Shared* shared = <Shared*>zeroed(sizeof(Shared))
    try:
        shared.root = column_take(column)
    except BaseException:
        PyMem_RawFree(shared)
        raise
    shared.references = 1
    drop_shared(taker.shared)
    taker.shared = shared
    taker.layout = layout
    return 0


cdef class Batch(ArrowColumn):
    """Rows as Arrow columns: a struct of them.

    :param columns: their rows are taken; they are empty then, and ready for the next batch.
    :param layout: the layout to export, if not their own: one without nulls, if there are none.
    """

    def __init__(self, ColumnSet columns not None, layout=None):
        arrow_take(self, ensure_root(columns), columns.layout if layout is None else layout)


# Streams

cdef struct Source:
    PyObject* layout
    PyObject* batches           # an iterator
    PyObject* error             # bytes: the last error's message; NULL: UNTOLD
    int failed                  # the code of the error that ended the batches, or 0


# The message for an exception whose own cannot be obtained.
cdef bytes UNTOLD = b"an exception that cannot be shown"


cdef int stream_schema(ArrowArrayStream* stream, ArrowSchema* out) noexcept with gil:
    cdef Source* source = <Source*>stream.private_data
    cdef Failure failure
    memset(out, 0, sizeof(ArrowSchema))
    try:
        export_schema(out, <object>source.layout)
        return 0
    except BaseException as error:
        release_schema(out)
        failure = note_error(source, error)
    return told(&failure)


cdef int stream_next(ArrowArrayStream* stream, ArrowArray* out) noexcept with gil:
    cdef Source* source = <Source*>stream.private_data
    cdef Failure failure
    cdef PyObject* batches
    cdef Batch batch
    memset(out, 0, sizeof(ArrowArray))
    if source.failed:
        # After a failure the iterator is finished: a consumer that asks again must not take that for the end of the
        # data.
        return source.failed
    try:
        batch = next(<object>source.batches, None)
        if batch is not None:
            export_array(out, ensure_shared(batch).root, batch.shared)
        return 0
    except BaseException as error:
        if out.release != NULL:
            out.release(out)
        failure = note_error(source, error)
    source.failed = failure.number
    # The iterator is not used again; its code must not be the first to see the signal.
    batches = source.batches
    source.batches = NULL
    Py_XDECREF(batches)
    return told(&failure)


cdef struct Failure:
    int number                  # an errno code; never 0, which is success
    bint interrupted            # whether it is Ctrl-C


cdef Failure note_error(Source* source, error) noexcept:
    """Keep the message of an exception, and determine the kind of error."""
    cdef PyObject* before = source.error
    cdef Failure failure = Failure(EIO, False)
    source.error = NULL
    Py_XDECREF(before)
    # Called from C, which cannot take an exception, whatever the exception's own code does.
    try:
        failure.interrupted = isinstance(error, KeyboardInterrupt)
        if isinstance(error, MemoryError):
            failure.number = ENOMEM
        elif isinstance(error, ValueError):
            failure.number = EINVAL
        message = f"{type(error).__name__}: {error}".encode("utf-8", "replace").replace(b"\0", b"?")
        Py_INCREF(message)
        source.error = <PyObject*>message
    except BaseException as another:
        failure.interrupted = failure.interrupted or type(another) is KeyboardInterrupt
    return failure


cdef int told(const Failure* failure) noexcept:
    """The error code. Consumers turn it into exceptions of their own, even for Ctrl-C: so Ctrl-C is raised again, for
    the consumer's caller. That comes last, when the exception and all that it held are gone, as their code would
    see it first.
    """
    if failure.interrupted:
        PyErr_SetInterrupt()
    return failure.number


cdef const char* stream_error(ArrowArrayStream* stream) noexcept with gil:
    cdef Source* source = <Source*>stream.private_data
    return PyBytes_AS_STRING(UNTOLD if source.error == NULL else <object>source.error)


cdef void release_stream(ArrowArrayStream* stream) noexcept with gil:
    cdef Source* source = <Source*>stream.private_data
    stream.release = NULL
    Py_XDECREF(source.batches)
    Py_XDECREF(source.layout)
    Py_XDECREF(source.error)
    PyMem_RawFree(source)


cdef void drop_stream_capsule(object capsule) noexcept:
    cdef ArrowArrayStream* stream
    stream = <ArrowArrayStream*>PyCapsule_GetPointer(capsule, "arrow_array_stream")
    if stream.release != NULL:
        stream.release(stream)
    PyMem_RawFree(stream)


def stream_capsule(layout, batches):
    """A capsule ``arrow_array_stream`` that draws batches from an iterator.

    The consumer calls the iterator in its own thread, and drops it when it needs no more.
    """
    cdef ArrowArrayStream* stream = <ArrowArrayStream*>zeroed(sizeof(ArrowArrayStream))
    cdef Source* source
    try:
        source = <Source*>zeroed(sizeof(Source))
    except MemoryError:
        PyMem_RawFree(stream)
        raise
    iterator = iter(batches)
    Py_INCREF(layout)
    Py_INCREF(iterator)
    source.layout = <PyObject*>layout
    source.batches = <PyObject*>iterator
    stream.get_schema = stream_schema
    stream.get_next = stream_next
    stream.get_last_error = stream_error
    stream.release = release_stream
    stream.private_data = source
    return PyCapsule_New(stream, "arrow_array_stream", drop_stream_capsule)
