"""The usual parts of schemas: nodes that all schemas share, and fields with only a name and a type."""

from types import MappingProxyType

from avrojet.schema.logical import plain_logical_types
from avrojet.schema.model import (
    NO_DEFAULT, NO_PROPS, PRIMITIVE_TYPES, ArraySchema, Field, MapSchema, PrimitiveSchema, UnionSchema,
)

cdef extern from *:
    """
    /* A NamedTuple of seven items, made without calling its constructor. */
    static PyObject *avrojet_seven(PyObject *type, PyObject *a, PyObject *b, PyObject *c, PyObject *d, PyObject *e,
                                   PyObject *f, PyObject *g) {
        PyObject *items[7] = {a, b, c, d, e, f, g};
        PyObject *made = ((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 7);
        Py_ssize_t i;
        if (made == NULL) return NULL;
        for (i = 0; i < 7; i++) {
            Py_INCREF(items[i]);
            PyTuple_SET_ITEM(made, i, items[i]);
        }
        return made;
    }
    """
    object avrojet_seven(
        object type, object name, object schema, object default, object doc, object order, object aliases, object props
    )

# Schemas may share nodes, which are immutable.
PRIMITIVES = {type: PrimitiveSchema(type) for type in PRIMITIVE_TYPES}

cdef dict _PRIMITIVES = PRIMITIVES
cdef dict _LOGICALS = {
    (type, logical.name): PrimitiveSchema(type, MappingProxyType({"logicalType": logical.name}), logical)
    for type in PRIMITIVE_TYPES
    for logical in plain_logical_types(type)
}
cdef dict _ARRAYS = {type: ArraySchema(items) for type, items in PRIMITIVES.items()}
cdef dict _MAPS = {type: MapSchema(values) for type, values in PRIMITIVES.items()}
# Unions of null and another primitive type, by the other type.
cdef dict _NULL_FIRST = {
    type: UnionSchema((PRIMITIVES["null"], PRIMITIVES[type])) for type in PRIMITIVE_TYPES if type != "null"
}
cdef dict _NULL_LAST = {
    type: UnionSchema((PRIMITIVES[type], PRIMITIVES["null"])) for type in PRIMITIVE_TYPES if type != "null"
}
cdef frozenset _TAKE_NULL = frozenset(
    {id(PRIMITIVES["null"]), *(id(optional) for optional in _NULL_FIRST.values())}
)

cdef object _Field = Field
cdef object _NO_DEFAULT = NO_DEFAULT
cdef object _NO_PROPS = NO_PROPS


cpdef object shared(source):
    """The shared schema of JSON data, if they are a primitive type or a simple form made of one; else None."""
    if type(source) is str:
        return _PRIMITIVES.get(source)
    if isinstance(source, dict):
        return shared_object(<dict>source)
    return optional(<list>source) if isinstance(source, list) and len(source) == 2 else None


cdef object optional(list source):
    one, other = source
    if type(one) is not str or type(other) is not str:
        return None
    if <str>one == "null":
        return _NULL_FIRST.get(other)
    return _NULL_LAST.get(one) if <str>other == "null" else None


cdef object shared_object(dict source):
    kind = source.get("type")
    if type(kind) is not str or len(source) > 2:
        return None
    if len(source) == 1:
        return _PRIMITIVES.get(kind)
    if <str>kind == "array":
        return shared_collection(_ARRAYS, source.get("items"))
    if <str>kind == "map":
        return shared_collection(_MAPS, source.get("values"))
    name = source.get("logicalType")
    return _LOGICALS.get((kind, name)) if type(name) is str else None


cdef object shared_collection(dict collections, inner):
    return collections.get(inner) if type(inner) is str else None


cpdef object usual_field(name, kind, source, bint nested):
    """The field of JSON data that have only a name, a type with a shared schema, and maybe null as the default.

    None if they have more.

    :param kind: the JSON data of its type.
    :param nested: whether the type may be an object or an array.
    """
    if not isinstance(source, dict) or not (nested or type(kind) is str):
        return None
    schema = shared(kind)
    if schema is None:
        return None
    if len(<dict>source) == 2:
        return field(name, schema, _NO_DEFAULT)
    if len(<dict>source) != 3 or (<dict>source).get("default", schema) is not None:
        return None
    return field(name, schema, None) if id(schema) in _TAKE_NULL else None


cpdef object new_field(name, schema, default, doc, order, aliases, props):
    """A Field, made without calling its constructor."""
    return avrojet_seven(_Field, name, schema, default, doc, order, aliases, props)


cdef object field(name, schema, default):
    return new_field(name, schema, default, None, "ascending", (), _NO_PROPS)
