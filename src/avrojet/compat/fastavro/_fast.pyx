"""schemaless_reader and schemaless_writer: little more than the look-up of a schema's plan.

A call finds its plan by the identity of the schema objects. They may be changed like any dict or list, so
each plan has a watch that detects whether all of them are unchanged since it was made. Schemas that are
created anew for each call have no watch: their plan is found by their content.
"""

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_XDECREF, Py_INCREF
from libc.stdint cimport uintptr_t

from io import BytesIO

from avrojet.compat.fastavro import _compile
from avrojet.compat.fastavro._known cimport MOST_CHARACTERS, PROBES, SLOTS, Seen, seen_object
from avrojet.compat.fastavro._plans cimport Table
from avrojet.core.ground.foreign cimport no_stop
from avrojet.core.rows.rows cimport RowDecoder
from avrojet.compat.fastavro._errors import write_error
from avrojet.compat.fastavro._input import as_bytes
from avrojet.compat.fastavro._stream import copy_datum
from avrojet.errors import DecodeError, EncodeError, ResolutionError, TruncatedError
from avrojet.failures import DecodeFailure
from avrojet.limits import on_new_defaults

cdef class _Entry:
    """A plan, and the schemas and options that it is for."""

    cdef object writer, reader, errors
    cdef int flags
    cdef Seen seen_writer, seen_reader
    cdef object state           # of the table of logical types
    cdef object codec           # a RowDecoder or RowEncoder
    cdef object reading         # the decoder with its schemas
    cdef Py_ssize_t hint        # bytes that a datum of the schema may have


cdef class _Cache:
    """The most recently used entries, by the identity of the schemas. If several compete for a slot, the
    oldest is dropped.
    """

    cdef PyObject* slots[SLOTS]
    cdef Py_ssize_t turn
    cdef Py_ssize_t held        # characters of their schemas

    cdef _Entry find(self, object writer, object reader, int flags, object errors):
        cdef Py_ssize_t place = home(writer, reader, flags)
        cdef _Entry entry = None
        # Costs nothing if there is a GIL. Nothing in it can run other code.
        with cython.critical_section(self):
            entry = self.look(place, writer, reader, flags, errors)
        return entry

    cdef _Entry look(self, Py_ssize_t place, object writer, object reader, int flags, object errors):
        cdef Py_ssize_t i
        cdef PyObject* slot
        for i in range(PROBES):
            slot = self.slots[(place + i) & (SLOTS - 1)]
            if slot == NULL:
                continue
            entry = <_Entry>slot
            if same_key(entry, writer, reader, flags, errors) and is_same(entry):
                return entry
        return None

    cdef int add(self, _Entry entry) except -1:
        """Put an entry into the slot of an earlier one for the same objects, changed since, or into a free one."""
        cdef Py_ssize_t place = home(entry.writer, entry.reader, entry.flags)
        cdef PyObject* old
        if self.held > MOST_CHARACTERS:
            self.clear()
        Py_INCREF(entry)
        with cython.critical_section(self):
            place = self.free(place, entry)
            old = self.slots[place]
            self.slots[place] = <PyObject*>entry
            self.held += size_of(entry) - (0 if old == NULL else size_of(<_Entry>old))
        Py_XDECREF(old)
        return 0

    cdef int clear(self) except -1:
        cdef list gone = []         # freed once the slots are unlocked, as that can run other code
        cdef Py_ssize_t i
        with cython.critical_section(self):
            for i in range(SLOTS):
                if self.slots[i] != NULL:
                    gone.append(<object>self.slots[i])
                    Py_XDECREF(self.slots[i])
                    self.slots[i] = NULL
            self.held = 0
        return 0

    cdef Py_ssize_t free(self, Py_ssize_t place, _Entry entry) noexcept:
        cdef Py_ssize_t i, found = -1
        cdef PyObject* slot
        for i in range(PROBES):
            slot = self.slots[(place + i) & (SLOTS - 1)]
            if slot == NULL:
                found = i
            elif same_key(<_Entry>slot, entry.writer, entry.reader, entry.flags, entry.errors):
                found = i
                break
        if found < 0:
            self.turn += 1
            found = self.turn % PROBES
        return (place + found) & (SLOTS - 1)


cdef inline Py_ssize_t size_of(_Entry entry) noexcept:
    return entry.seen_writer.known.size + (0 if entry.seen_reader is None else entry.seen_reader.known.size)


cdef inline bint is_same(_Entry entry) noexcept:
    return entry.seen_writer.watch.same() and (entry.seen_reader is None or entry.seen_reader.watch.same())


cdef inline bint same_key(_Entry entry, object writer, object reader, int flags, object errors) noexcept:
    return (
        entry.writer is writer
        and entry.reader is reader
        and entry.flags == flags
        and (entry.errors is errors or entry.errors == errors)
    )


cdef inline Py_ssize_t home(object writer, object reader, int flags) noexcept:
    cdef uintptr_t mixed = <uintptr_t><PyObject*>writer * 31 + <uintptr_t><PyObject*>reader + flags * 64
    return <Py_ssize_t>((mixed ^ (mixed >> 12)) >> 4 & (SLOTS - 1))


cdef Table READ_TABLE = _compile.READERS
cdef Table WRITE_TABLE = _compile.WRITERS
cdef _Cache READERS = _Cache()
cdef _Cache WRITERS = _Cache()


def _forget():
    READERS.clear()
    WRITERS.clear()


on_new_defaults(_forget)


cdef _Entry new_reader(object writer, object reader, int flags, object errors):
    cdef _Entry entry = _Entry()
    entry.writer, entry.reader, entry.flags, entry.errors = writer, reader, flags, errors
    entry.state = READ_TABLE.state_now()
    entry.reading = _compile.reading(writer, reader, flags, errors)
    entry.codec = entry.reading.decoder
    entry.hint = entry.reading.hint
    entry.seen_writer = seen_object(writer)
    entry.seen_reader = None if reader is None else seen_object(reader)
    if entry.seen_writer is not None and (reader is None or entry.seen_reader is not None):
        READERS.add(entry)
    return entry


cdef _Entry new_writer(object schema, int flags):
    cdef _Entry entry = _Entry()
    entry.writer, entry.flags = schema, flags
    entry.state = WRITE_TABLE.state_now()
    entry.codec = _compile.writing(schema, flags)
    entry.seen_writer = seen_object(schema)
    if entry.seen_writer is not None:
        WRITERS.add(entry)
    return entry


def schemaless_reader(
    fo,
    writer_schema,
    reader_schema=None,
    bint return_record_name=False,
    bint return_record_name_override=False,
    handle_unicode_errors="strict",
    bint return_named_type=False,
    bint return_named_type_override=False,
):
    """Read one datum without header from a binary file, which is left just after it.

    :param writer_schema: the schema that it was written with.
    :param reader_schema: the schema to read it as; None: the writer's.
    :param return_record_name: show a record in a union as ``(fullname, record)``.
    :param return_record_name_override: not if it is the only record in the union.
    :param return_named_type: show a value of any named type in a union as ``(fullname, value)``.
    :param return_named_type_override: not if it is the only named type in the union.
    :param handle_unicode_errors: an ``errors`` of bytes.decode.
    :raises EOFError: if the file ends before the datum does.
    """
    cdef int flags = (
        return_record_name
        | return_record_name_override << 1
        | return_named_type << 2
        | return_named_type_override << 3
    )
    cdef _Entry entry = READERS.find(writer_schema, reader_schema, flags, handle_unicode_errors)
    if entry is None or entry.state is not READ_TABLE.state_now():
        entry = new_reader(writer_schema, reader_schema, flags, handle_unicode_errors)
    try:
        if type(fo) is not BytesIO and not can_seek(fo):
            return entry.codec.decode(copy_datum(entry.reading.writer, fo))
        return read_ahead(entry, fo)
    except (DecodeError, ResolutionError) as error:
        raise entry.reading.error(error)
    except StopIteration as error:      # of the file
        raise no_stop(error)


cdef object can_seek(object fo):
    seekable = getattr(fo, "seekable", None)
    return seekable is not None and seekable()


cdef object read_ahead(_Entry entry, object fo):
    """Read as many bytes as a datum may have, and go back to its end."""
    cdef Py_ssize_t hint = entry.hint
    cdef Py_ssize_t end
    cdef bytes more
    cdef bytes data = as_bytes(fo.read(hint))
    if not data and (<RowDecoder>entry.codec).plan.root.min_bytes > 0:
        raise TruncatedError("the file has no more data", kind=DecodeFailure.NO_DATA, path="$", offset=0)
    while True:
        try:
            value, end = entry.codec.decode_from(data, 0)
            break
        except TruncatedError:
            # A raw file may return less than it has.
            more = as_bytes(fo.read(hint)) if len(data) else b""
            if not more:
                raise
            data += more
            hint = 2 * len(data)
            entry.hint = entry.reading.hint = max(entry.hint, min(hint, 1 << 20))
    if end != len(data):
        fo.seek(end - len(data), 1)
    return value


def schemaless_writer(
    fo,
    schema,
    record,
    bint strict=False,
    bint strict_allow_default=False,
    bint disable_tuple_notation=False,
):
    """Write one datum without header to a binary file.

    :param strict: the keys of a record must be just the fields of the schema.
    :param strict_allow_default: the same, but a field with a default may be missing.
    :param disable_tuple_notation: a tuple in a union is data, and not ``(branch name, value)``.
    :raises ValueError: if the value does not fit the schema; nothing is written.
    """
    cdef int flags = strict | strict_allow_default << 1 | disable_tuple_notation << 2
    cdef _Entry entry = WRITERS.find(schema, None, flags, None)
    if entry is None or entry.state is not WRITE_TABLE.state_now():
        entry = new_writer(schema, flags)
    try:
        data = entry.codec.encode(record)
    except EncodeError as error:
        raise write_error(error, strict=strict or strict_allow_default)
    fo.write(data)
