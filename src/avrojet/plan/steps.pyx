"""The table of what the engines can do: one class per step, in WRITER order.

``resolve(writer, reader)`` makes a graph of these, ``core.plan.freeze`` turns it into C nodes. A recursive
schema makes a cyclic graph: ``Record.fields`` is filled after the Record exists, and a step that is met
again is the same object. Steps are compared by identity and never changed once resolved.
"""

cimport cython


cdef class Read:
    """A primitive value as it is; ``type`` is the specification's name."""

    __match_args__ = ("type",)

    def __init__(self, type):
        self.type = type


cdef class Promote:
    """A primitive value of the writer's type, shown as the reader's.

    Of the promotions only int to long is not one of these: it is a Read of the writer's type. float to double
    does not change the value, but its text: a double's has more digits.
    """

    __match_args__ = ("writer", "reader")

    def __init__(self, writer, reader):
        self.writer = writer
        self.reader = reader


cdef class Fixed:
    """Exactly ``size`` bytes."""

    __match_args__ = ("name", "size")

    def __init__(self, name, size):
        self.name = name
        self.size = size


cdef class Enum:
    """Writer index -> reader symbol; None if the reader has neither the symbol nor a default."""

    __match_args__ = ("name", "symbols", "writer_symbols")

    def __init__(self, name, tuple symbols, tuple writer_symbols):
        self.name = name
        self.symbols = symbols
        self.writer_symbols = writer_symbols


@cython.freelist(64)
cdef class Array:
    __match_args__ = ("items",)

    def __init__(self, items):
        self.items = items


@cython.freelist(64)
cdef class Map:
    __match_args__ = ("values",)

    def __init__(self, values):
        self.values = values


@cython.freelist(64)
cdef class Branch:
    """A value that is a branch of the READER's union; it has no index in the input.

    ``name`` is the branch's name in the JSON encoding: the fullname of a named type, else the type.
    ``schema`` is the reader's branch.
    """

    __match_args__ = ("index", "name", "schema", "step")

    def __init__(self, Py_ssize_t index, name, schema, step):
        self.index = index
        self.name = name
        self.schema = schema
        self.step = step


@cython.freelist(64)
cdef class Union:
    """An index in the input chooses the step: one per branch of the WRITER's union.

    Each is a Branch if the reader has a union, too, else the bare step; or Fail.
    """

    __match_args__ = ("branches",)

    def __init__(self, tuple branches):
        self.branches = branches


cdef class Default:
    """A value that is not in the input: ``data`` holds it encoded, ``step`` decodes it anew each time."""

    __match_args__ = ("data", "step")

    def __init__(self, bytes data, step):
        self.data = data
        self.step = step


@cython.freelist(64)
cdef class Field:
    """One field of the writer's record, or (with a Default step) one that only the reader has.

    :ivar name: the reader's name; the writer's if the field is skipped.
    :ivar slot: index in the reader's record, or -1: skip it.
    :ivar default: the reader's default, encoded, if it has one (an Encoder may use it).
    :ivar order: how the field takes part in sorting, if reader and writer are the same.
    :ivar unreadable: why that default cannot be used: it is not a value of its logical type.
    """

    __match_args__ = ("name", "slot", "step", "default", "order", "unreadable")

    def __init__(self, name, Py_ssize_t slot, step, bytes default=None, order="ascending", unreadable=None):
        self.name = name
        self.slot = slot
        self.step = step
        self.default = default
        self.order = order
        self.unreadable = unreadable


@cython.freelist(64)
cdef class Record:
    """Fields in writer order, then the Default fields in reader order.

    :ivar name: fullname of the reader's record.
    :ivar slots: the reader's field names in the reader's order.
    """

    __match_args__ = ("name", "slots", "fields")

    def __init__(self, name, tuple slots, list fields=None):
        self.name = name
        self.slots = slots
        self.fields = [] if fields is None else fields


@cython.freelist(64)
cdef class Convert:
    """A logical type over the plain step, which shows its value; ``schema`` is its underlying node.

    :ivar logical: None for a custom logical type, named by ``schema.props["logicalType"]``.
    :ivar clock: the unit of a logical type of time.
    :ivar written: the writer's logical type, if it has another unit: its number times ``multiplier``, or
        divided by ``divisor``, is that of ``logical``.
    """

    __match_args__ = ("step", "logical", "schema", "clock", "written", "multiplier", "divisor")

    def __init__(self, step, logical, schema, clock=None, written="", multiplier=1, divisor=1):
        self.step = step
        self.logical = logical
        self.schema = schema
        self.clock = clock
        self.written = written
        self.multiplier = multiplier
        self.divisor = divisor


cdef class Fail:
    """A mismatch that only matters when data meet it (a branch of the writer's union).

    ``step`` reads the writer's bytes, so that the value can still be skipped. ``facts`` are those of the error.
    """

    __match_args__ = ("reason", "step", "facts")

    def __init__(self, reason, step, facts=None):
        self.reason = reason
        self.step = step
        self.facts = {} if facts is None else facts


Step = Read | Promote | Fixed | Enum | Array | Map | Branch | Union | Default | Record | Convert | Fail
