"""Whether values fit a schema: the check for each value. :mod:`.validation` handles the result."""

import array
from collections.abc import Mapping, Sequence
from numbers import Integral, Real

from avrojet.compat.fastavro._schema_common import UnknownType
from avrojet.compat.fastavro.const import (
    INT_MAX_VALUE, INT_MIN_VALUE, LONG_MAX_VALUE, LONG_MIN_VALUE,
)
from avrojet.compat.fastavro.logical_writers import LOGICAL_WRITERS
from avrojet.limits import excess, limits_in_force

cdef object ABSENT = object()
cdef dict PREPARE = LOGICAL_WRITERS
cdef tuple SEQUENCES = (Sequence, array.array)

cdef enum Kind:
    NAMED                       # not a type but the name of one
    NOTHING
    BOOLEAN
    INT
    LONG
    REAL
    STRING
    BYTES
    FIXED
    ENUM
    ARRAY
    MAP
    UNION
    RECORD

cdef dict KINDS = {
    "null": NOTHING,
    "boolean": BOOLEAN,
    "int": INT,
    "long": LONG,
    "float": REAL,
    "double": REAL,
    "string": STRING,
    "bytes": BYTES,
    "fixed": FIXED,
    "enum": ENUM,
    "array": ARRAY,
    "map": MAP,
    "union": UNION,
    "error_union": UNION,
    "record": RECORD,
    "error": RECORD,
    "request": RECORD,
}


cdef class Check:
    """One validation.

    :param named: the named types of the schema, by fullname.
    :param errors: (value, schema, field) is added for each value that does not fit; None: not needed.
    """

    cdef object named
    cdef bint strict, tuples
    cdef list errors
    cdef object limits
    cdef int levels             # levels that are left

    def __init__(self, named, list errors, *, bint strict=False, bint tuples=True):
        self.named = named
        self.errors = errors
        self.strict = strict
        self.tuples = tuples
        self.limits = limits_in_force()
        self.levels = self.limits.depth

    def fits(self, datum, schema, field):
        """Whether a value fits.

        :param field: where it is.
        """
        return self.value(datum, schema, None, field)

    cdef bint value(self, object datum, object schema, object record, object field) except -1:
        """The same in a record, whose name precedes the field's in errors."""
        cdef Py_ssize_t known = 0 if self.errors is None else len(self.errors)
        cdef bint fit
        if datum is ABSENT:
            datum = None
            fit = not self.strict and self.fits_type(prepared(None, schema), schema, record, field)
        else:
            if type(schema) is not str:
                datum = prepared(datum, schema)
            fit = self.fits_type(datum, schema, record, field)
        return fit or (self.errors is not None and self.note(datum, schema, record, field, known))

    cdef bint note(self, object datum, object schema, object record, object field, Py_ssize_t known) except -1:
        """Note a value that does not fit, unless something in it was noted; return False."""
        if len(self.errors) == known:
            self.errors.append((datum, schema, field if record is None else f"{record}.{field}"))
        return False

    cdef bint fits_type(self, object datum, object schema, object record, object field) except -1:
        cdef int kind = kind_of(schema)
        cdef bint fit
        if kind == NAMED:
            return self.value(datum, self.definition(schema), record, field)
        if kind < ARRAY:
            return fits_leaf(kind, datum, schema)
        self.levels -= 1
        if self.levels < 0:
            raise self.too_deep()
        if kind == UNION:
            fit = self.union(datum, schema, record, field)
        elif kind == RECORD:
            fit = self.record(datum, <dict>schema)
        elif kind == ARRAY:
            fit = self.items(datum, schema, record, field)
        else:
            fit = self.entries(datum, schema, record, field)
        self.levels += 1
        return fit

    cdef object definition(self, object schema):
        name = (<dict>schema)["type"] if isinstance(schema, dict) else schema
        if name not in self.named:
            raise UnknownType(name)
        return self.named[name]

    cdef object too_deep(self):
        return excess(self.limits, "depth", "the value has too many levels of records, arrays, maps and unions")

    cdef bint items(self, object datum, object schema, object record, object field) except -1:
        cdef bint fit = True
        if not is_array(datum):
            return False
        schema = schema["items"]
        for item in datum:
            # If errors are wanted, checking continues after the first value that does not fit.
            if not self.value(item, schema, record, field):
                fit = False
                if self.errors is None:
                    break
        return fit

    cdef bint entries(self, object datum, object schema, object record, object field) except -1:
        cdef bint fit = True
        if not is_map(datum):
            return False
        schema = schema["values"]
        for item in datum.values():
            if not self.value(item, schema, record, field):
                fit = False
                if self.errors is None:
                    break
        return fit

    cdef bint union(self, object datum, object branches, object record, object field) except -1:
        cdef list errors = self.errors
        if self.tuples and isinstance(datum, tuple) and len(<tuple>datum) == 2:
            branch = named_branch(branches, (<tuple>datum)[0])
            return branch is not None and self.value((<tuple>datum)[1], branch, record, field)
        self.errors = None
        for branch in branches:
            if self.value(datum, branch, record, field):
                self.errors = errors
                return True
        self.errors = errors
        if errors is not None:
            for branch in branches:
                self.value(datum, branch, record, field)
        return False

    cdef bint record(self, object datum, dict schema) except -1:
        cdef object name = schema["name"]
        cdef bint fit = True
        cdef dict field
        if not is_record(datum, name):
            return False
        for field in schema["fields"]:
            item = datum.get(field["name"], ABSENT)
            if item is ABSENT:
                item = field.get("default", ABSENT)
            if not self.value(item, field["type"], name, field["name"]):
                fit = False
                if self.errors is None:
                    break
        return fit


cdef int kind_of(object schema) except -1:
    if isinstance(schema, list):
        return UNION
    kind = KINDS.get((<dict>schema)["type"] if isinstance(schema, dict) else schema)
    return NAMED if kind is None else kind


cdef bint is_array(object datum) except -1:
    return type(datum) is list or (isinstance(datum, SEQUENCES) and not isinstance(datum, str))


cdef bint is_map(object datum) except -1:
    if type(datum) is not dict and not isinstance(datum, Mapping):
        return False
    for key in datum:
        if not isinstance(key, str):
            return False
    return True


cdef bint is_record(object datum, object name) except -1:
    if type(datum) is not dict and not isinstance(datum, Mapping):
        return False
    return "-type" not in datum or datum["-type"] == name


cdef object prepared(object datum, object schema):
    """Return the plain value for a value of a logical type."""
    if not isinstance(schema, dict) or not (<dict>schema).get("logicalType"):
        return datum
    prepare = PREPARE.get(f"{schema['type']}-{schema['logicalType']}")
    return datum if prepare is None else prepare(datum, schema)


cdef object named_branch(object branches, object name):
    for branch in branches:
        if branch_name(branch) == name:
            return branch
    return None


cdef object branch_name(object branch):
    """The name of a union's branch in a tuple: the fullname of a named type, else the type."""
    if not isinstance(branch, dict):
        return branch
    name = (<dict>branch).get("name")
    return branch["type"] if name is None else name


cdef bint fits_leaf(int kind, object datum, object schema) except -1:
    if kind == NOTHING:
        return datum is None
    if kind == BOOLEAN:
        return isinstance(datum, bool)
    if kind == STRING:
        return isinstance(datum, str)
    if kind == INT:
        return is_integer(datum) and INT_MIN_VALUE <= datum <= INT_MAX_VALUE
    if kind == LONG:
        return is_integer(datum) and LONG_MIN_VALUE <= datum <= LONG_MAX_VALUE
    if kind == REAL:
        if type(datum) is float or type(datum) is int:
            return True
        return isinstance(datum, Real) and not isinstance(datum, bool)
    if kind == BYTES:
        return isinstance(datum, (bytes, bytearray))
    if kind == FIXED:
        return isinstance(datum, bytes) and len(datum) == schema["size"]
    return isinstance(datum, str) and datum in schema["symbols"]


cdef inline bint is_integer(object datum):
    if type(datum) is int:
        return True
    return isinstance(datum, Integral) and not isinstance(datum, bool)
