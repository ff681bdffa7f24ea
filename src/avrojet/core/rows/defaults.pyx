"""Makes the values of a reader's defaults that rows can share; after that the plan is immutable."""

from cpython.object cimport PyObject

from datetime import date, datetime, time
from decimal import Decimal

from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.objects cimport PyObject_GC_UnTrack, decref
from avrojet.core.plan.datum cimport open_cursor
from avrojet.core.plan.node cimport *
from avrojet.core.plan.plan cimport Plan
from avrojet.core.rows.decode cimport decode_value
from avrojet.core.rows.decode_logical cimport is_uuid

# Types whose values are immutable, so that rows may share them.
cdef frozenset SHAREABLE = frozenset(
    (type(None), bool, int, float, str, bytes, Decimal, date, time, datetime)
)


def settled(Plan plan not None):
    """The plan itself, with its defaults made: from now on it does not change, and threads may share it."""
    settle_defaults(plan)
    return plan


cdef int settle_defaults(Plan plan) except -1:
    """Make immutable defaults once; those of the last fields of dicts go into the template.

    A list, map or record as default stays an OP_DEFAULT: each row gets its own.
    """
    cdef Cursor c
    cdef Node* node
    cdef PyObject* value
    open_cursor(&c, plan, NULL, 0)
    for address in plan.defaults:
        node = <Node*><size_t>address
        cur_renew(&c, &plan.bounds)
        value = decode_value(node, &c)
        if value == NULL:
            error = cur_error(&c, "a default")
            if not isinstance(error, Exception):
                raise error
            continue        # only data that need the default raise the error
        made = <object>value
        decref(value)
        if type(made) in SHAREABLE or is_uuid(<PyObject*>made):
            node.object = plan.own(made)
            node.op = OP_CONSTANT
    plan.defaults.clear()
    for address in plan.records:
        fold_constants(<Node*><size_t>address)
    plan.records.clear()
    return 0


cdef int fold_constants(Node* node) except -1:
    cdef Field* field
    while node.count > 0:
        field = &node.fields[node.count - 1]
        if field.slot < 0 or field.node.op != OP_CONSTANT:
            break
        (<dict>node.object)[<object>field.name] = <object>field.node.object
        node.count -= 1
    # Copies are tracked by the collector if their template is: rows shall be only once they are finished.
    PyObject_GC_UnTrack(node.object)
    return 0
