"""The cold half of the sink: growing, and building errors."""

from cpython.exc cimport PyErr_CheckSignals
from cpython.mem cimport PyMem_RawFree, PyMem_RawMalloc, PyMem_RawRealloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF, Py_XINCREF
from cpython.unicode cimport PyUnicode_FromObject
from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memcpy

from reprlib import Repr

from avrojet.core.ground.cursor cimport Bounds, bound_of
from avrojet.core.plan.node cimport *
from avrojet.core.ground.foreign cimport no_stop
from avrojet.core.ground.error_path cimport trail_clear, trail_innermost, trail_path
from avrojet.errors import EncodeError, EncodeTypeError
from avrojet.messages import readable

cdef enum:
    MOST_NAMES = 20             # branch names listed in a message
    LEAST_ROOM = 1024           # bytes that a sink has room for, whatever the limit


cdef int options_of(object options) except -1:
    """An encoder's `EncodeOptions` as bits of `Option`."""
    return (
        TUPLE_TAGS * bool(options.tuple_tags)
        | TYPE_KEYS * bool(options.type_keys)
        | FILL_DEFAULTS * bool(options.fill_defaults)
        | FILL_NULLS * bool(options.fill_nulls)
        | REFUSE_EXTRA * bool(options.refuse_extra)
        | READ_ATTRIBUTES * bool(options.read_attributes)
        | TRUNCATE_TIMES * bool(options.truncate_times)
        | NAIVE_IS_UTC * bool(options.naive_is_utc)
        | NAIVE_IS_LOCAL * bool(options.naive_is_local)
        | LENIENT * bool(options.lenient)
    )


cdef void sink_init(Sink* s, int options) noexcept nogil:
    sink_begin_in(s, s.small, sizeof(s.small))
    s.look = LOOK_BYTES
    s.error = WRITE_OK
    s.options = options
    s.node = NULL
    s.field = NULL
    s.value = NULL
    s.exception = NULL
    s.union_node = NULL
    s.union_value = NULL
    s.reasons = NULL
    s.trail.length = 0


cdef void sink_begin_in(Sink* s, void* memory, Py_ssize_t size) noexcept nogil:
    """Begin in the caller's memory, while the sink holds nothing."""
    s.first = s.start = s.pos = <uint8_t*>memory
    s.end = s.first + size


cdef void sink_renew(Sink* s, const Bounds* bounds) noexcept nogil:
    """Reset the budgets for another, appended datum."""
    s.most = (s.pos - s.start) + bounds.value_bytes
    if s.start == s.small:      # what is over the limit must not fit
        s.end = s.small + min(<int64_t>sizeof(s.small), max(s.most, LEAST_ROOM))
    s.depth = bounds.depth
    s.empty_items = bounds.empty_items
    s.trials = MOST_TRIALS
    s.bounds = bounds


cdef void sink_free(Sink* s) noexcept:
    if s.error != WRITE_OK:     # else nothing was noted
        sink_forgive(s)
    if s.start != s.first:
        PyMem_RawFree(s.start)
    sink_begin_in(s, s.small, sizeof(s.small))


cdef void sink_forgive(Sink* s) noexcept:
    """Clear the state of a failed write, so that another can be tried."""
    cdef PyObject* value = s.value
    cdef PyObject* exception = s.exception
    cdef PyObject* union_value = s.union_value
    cdef PyObject* reasons = s.reasons
    s.error = WRITE_OK
    s.node = NULL
    s.value = NULL
    s.exception = NULL
    s.union_node = NULL
    s.union_value = NULL
    s.reasons = NULL
    Py_XDECREF(value)
    Py_XDECREF(exception)
    Py_XDECREF(union_value)
    Py_XDECREF(reasons)
    trail_clear(&s.trail)


cdef bint sink_grow(Sink* s, Py_ssize_t size) noexcept nogil:
    """Make room for ``size`` more bytes: grow by half at least."""
    cdef Py_ssize_t used = s.pos - s.start
    cdef int64_t wanted = <int64_t>used + size
    cdef uint8_t* moved
    if wanted > s.most:
        s.error = WRITE_BYTES
        return False
    wanted += wanted // 2
    if s.start == s.first:
        moved = <uint8_t*>PyMem_RawMalloc(wanted)
        if moved != NULL:
            memcpy(moved, s.start, used)
    else:
        moved = <uint8_t*>PyMem_RawRealloc(s.start, wanted)
    if moved == NULL:
        s.error = WRITE_MEMORY
        return False
    s.start = moved
    s.pos = moved + used
    s.end = moved + wanted
    return True


cdef bint sink_fail(Sink* s, int error, const Node* node, PyObject* value) noexcept:
    cdef PyObject* old = s.value
    s.error = error
    s.node = node
    Py_XINCREF(value)
    s.value = value
    Py_XDECREF(old)
    return False


cdef bint sink_caught(Sink* s, int error, object exception) noexcept:
    cdef PyObject* old = s.exception
    Py_INCREF(exception)
    s.exception = <PyObject*>exception
    s.error = error
    Py_XDECREF(old)
    return False


cdef bint sink_signals(Sink* s) noexcept:
    """Run the handlers of pending signals; False if one raised."""
    s.look = (s.pos - s.start) + LOOK_BYTES
    try:
        PyErr_CheckSignals()
    except BaseException as exception:
        return sink_caught(s, WRITE_PYTHON, exception)
    return True


cdef int reraise() except -1:
    return -1


cdef bint sink_raised(Sink* s, int error) noexcept:
    """Keep the exception that a C API call has set."""
    try:
        reraise()
    except BaseException as exception:
        sink_caught(s, error, exception)
    return False


cdef object sink_error(Sink* s):
    """The exception for a failed write, to be raised by the caller; clears the failure."""
    cdef Failure failure
    cause = <object>s.exception if s.exception != NULL else None
    try:
        if s.error == WRITE_PYTHON:
            return no_stop(cause)
        failure = write_failure(s.error)
        path = trail_path(&s.trail)
        facts = facts_of(s, failure)
        if s.error == WRITE_BRANCH and s.reasons != NULL:
            reason = f"{show(<object>s.value)} {<str>s.reasons}"
        else:
            reason = failure.say(failure.text, details_of(s, facts, cause), limit_of(s, failure))
        if not failure.is_limit:
            reason += hint_of_missing(<object>s.value if s.value != NULL else None) + hint_of_union(s)
        error = class_of(s, failure, cause)
    finally:
        sink_forgive(s)
    facts["path"] = path
    return failure.raised(f"at {path}: ", reason, facts, cause, error)


cdef tuple sink_reason(Sink* s):
    """Whether the value is to blame, and why in a few words; clears the failure. If it is not, the second is an
    exception to raise as it is.
    """
    cdef Failure failure
    cause = <object>s.exception if s.exception != NULL else None
    try:
        if s.error == WRITE_PYTHON and not isinstance(cause, Exception):
            return False, cause
        failure = write_failure(s.error)
        if failure.error is MemoryError:
            return False, MemoryError()
        place = trail_path(&s.trail)[1:]
        details = details_of(s, facts_of(s, failure), cause)
        reason = failure.say(failure.brief, details, limit_of(s, failure))
    finally:
        sink_forgive(s)
    return True, f"at {place}: {reason}" if place else reason


cdef void sink_note_reasons(Sink* s, str reasons) noexcept:
    """Record why no branch of a union takes the value, for the error to come."""
    Py_INCREF(reasons)
    s.reasons = <PyObject*>reasons


cdef dict facts_of(Sink* s, Failure failure):
    """What the sink knows about its failure, besides the path."""
    cdef dict facts = {}
    innermost = trail_innermost(&s.trail)
    if innermost is not None:
        facts["field"] = facts["enclosing_field"] = innermost
    if failure.counts(failure.text):
        facts[failure.number] = s.number
    if s.node != NULL and not failure.is_limit:
        facts["expected"] = type_name(s.node)
    if s.value != NULL and s.error != WRITE_MISSING:
        facts["value_type"] = type(<object>s.value).__name__
    if s.error == WRITE_MISSING:
        facts["field"] = <str>s.field.name
    elif s.error == WRITE_RANGE and isinstance(<object>s.value, int):
        facts["number"] = int(<object>s.value)
    elif s.error == WRITE_EXTRA:
        facts["extra"] = extra_keys(s.node, <object>s.value)
    elif s.error == WRITE_SYMBOL and isinstance(<object>s.value, str):
        facts["symbol"] = PyUnicode_FromObject(<object>s.value)
    elif s.error == WRITE_BRANCH and is_tag(s, <object>s.value):
        facts["branch"] = (<object>s.value)[0]
    return facts


cdef dict details_of(Sink* s, dict facts, cause):
    """The facts, and what else the message is made of."""
    cdef dict details = dict(facts)
    if cause is not None:
        details["cause"] = str(cause)
        details["cause_type"] = type(cause).__name__
    if s.value != NULL:
        details["value"] = show(<object>s.value)
    if s.node != NULL:
        details["size"] = s.node.size
        details["bounds"] = f" ({s.node.first} to {s.node.last})" if s.node.last else ""
    if s.error == WRITE_MISSING:
        details["way_out"] = way_out(s)
    elif s.error == WRITE_EXTRA:
        details["keys"] = ", ".join(facts["extra"])
    return details


cdef object class_of(Sink* s, Failure failure, cause):
    """The exception's class, if facts about the value determine it; else None."""
    if s.error == WRITE_CONVERTER:
        return EncodeTypeError if isinstance(cause, TypeError) else EncodeError
    if s.error == WRITE_BRANCH and s.reasons != NULL:
        return EncodeError
    return None


cdef object limit_of(Sink* s, Failure failure):
    return None if failure.limit is None else bound_of(s.bounds, failure.limit)


cdef bint is_tag(Sink* s, value):
    """Whether it is a tuple of a branch's name and a value."""
    return type(value) is tuple and len(value) == 2 and type(value[0]) is str and s.options & TUPLE_TAGS


cdef str hint_of_missing(object value):
    """Advice on a value that other libraries use for a missing one."""
    try:
        name = type(value).__name__
        is_nan = (isinstance(value, float) or name in ("float32", "float16", "longdouble")) and value != value
        is_nat = name == "NaTType" or (name == "datetime64" and str(value) == "NaT")
    except Exception:
        return ""
    if not (is_nan or is_nat or name == "NAType"):
        return ""
    return f"; {'NaN' if is_nan else 'NaT' if is_nat else 'NA'} is not a value: use None"


cdef str hint_of_union(Sink* s):
    """Advice on a union's value that names its branch the way JSON does."""
    if s.union_node == NULL:
        return ""
    names = [name for name in <tuple>s.union_node.names if name is not None]
    value = <object>s.union_value
    if is_tag(s, value):
        return hint_of_name(value[0], names)
    if type(value) is dict and len(value) == 1:
        key = next(iter(value))
        for name in names if type(key) is str else ():
            if key == name or key == last_part(name):
                return (
                    f"; an object with the name of a union's branch is for JSON only: "
                    f"pass the value itself, or ({name!r}, value)"
                )
    return ""


cdef str hint_of_name(str given, list names):
    """Advice on a tuple that names no branch; it may be a value and not a tag."""
    if given in names:
        return ""
    likely = [name for name in names if last_part(name) == last_part(given)]
    likely = likely or [name for name in names if name.lower() == given.lower()]
    meant = f"one is {likely[0]!r}" if likely else f"they are {', '.join(map(repr, names[:MOST_NAMES]))}"
    return f"; no branch of the union is named {SHORT.repr(given)}: {meant}"


cdef str last_part(str name):
    return name.rpartition(".")[2]


cdef str way_out(Sink* s):
    """Advice on a field that is missing from a value."""
    cdef const FieldDefault* default = NULL if s.field == NULL else s.field.default
    if default != NULL and default.unreadable != NULL:
        return f"the schema's default cannot be used: {<str>default.unreadable}"
    if s.options & FILL_DEFAULTS:
        return "the schema has no default for it"
    return "an Encoder with defaults=True uses the schema's default, if it has one"


cdef tuple extra_keys(const Node* node, object value):
    """The first few keys of a Mapping that are not fields of the record."""
    cdef Py_ssize_t i
    fields = {<str>node.fields[i].name for i in range(node.count)}
    return tuple([str(key) for key in value if key not in fields][:10])


# Looks only three levels and a few items into containers: a value may be nested deeper than the stack allows, and
# its whole repr may not fit in memory.
cdef object SHORT = Repr()
SHORT.maxlevel = 3
SHORT.maxstring = SHORT.maxother = 60


cdef str show(object value):
    """Type and value, truncated; a repr that raises is left out."""
    try:
        text = readable(SHORT.repr(value))
    except Exception:
        text = "<no repr>"
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:59] + '...'}"


cdef dict OP_NAMES = {
    OP_NULL: "null", OP_BOOLEAN: "boolean", OP_INT: "int", OP_LONG: "long", OP_FLOAT: "float",
    OP_DOUBLE: "double", OP_BYTES: "bytes", OP_STRING: "string", OP_FIXED: "fixed", OP_ENUM: "enum",
    OP_ARRAY: "array", OP_MAP: "map", OP_UNION: "union", OP_NULLABLE: "union", OP_RECORD: "record",
    OP_RESOLVED: "record", OP_TUPLE: "record", OP_OBJECT: "record", OP_INT_TO_FLOAT: "float",
    OP_INT_TO_DOUBLE: "double", OP_LONG_TO_FLOAT: "float", OP_LONG_TO_DOUBLE: "double",
    OP_RESCALED: "rescaled", OP_TAGGED: "branch", OP_CONSTANT: "constant", OP_DEFAULT: "default",
    OP_FAIL: "mismatch", OP_DATE: "date", OP_TIME: "time", OP_TIMESTAMP: "timestamp",
    OP_DURATION: "duration", OP_DECIMAL: "decimal", OP_BIG_DECIMAL: "big-decimal", OP_UUID: "uuid",
    OP_CUSTOM: "custom logical type",
}


cdef str type_name(const Node* node):
    """The schema's name for the type, e.g. ``enum org.foo.Suit`` or ``union of null, long``."""
    cdef str name = OP_NAMES[node.op]
    if node.op == OP_UNION or node.op == OP_NULLABLE:
        names = [str(branch) for branch in <tuple>node.names]
        return f"{name} of {', '.join(names[:MOST_NAMES])}{', ...' if len(names) > MOST_NAMES else ''}"
    if node.op == OP_DECIMAL:
        return f"decimal({node.precision}, {node.scale})"
    if node.op == OP_DATE or node.op == OP_TIME or node.op == OP_TIMESTAMP:
        return <str>node.label
    return f"{name} {<str>node.label}" if node.label != NULL else name
