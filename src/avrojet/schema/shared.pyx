"""What most schemas are made of: nodes that all of them share, and fields of no more than name and type."""

from types import MappingProxyType

from avrojet.schema.logical import plain_logical_types
from avrojet.schema.model import (
    NO_DEFAULT, PRIMITIVE_TYPES, ArraySchema, Field, MapSchema, PrimitiveSchema, UnionSchema,
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
# Those whose first branch is null, by the other, and the other way round.
cdef dict _NULL_FIRST = {
    type: UnionSchema((PRIMITIVES["null"], PRIMITIVES[type])) for type in PRIMITIVE_TYPES if type != "null"
}
cdef dict _NULL_LAST = {
    type: UnionSchema((PRIMITIVES[type], PRIMITIVES["null"])) for type in PRIMITIVE_TYPES if type != "null"
}
cdef frozenset _TAKE_NULL = frozenset(
    {id(PRIMITIVES["null"]), *(id(optional) for optional in _NULL_FIRST.values())}
)

cdef tuple _NOTHING_ELSE = Field("", PRIMITIVES["null"])[2:]
cdef tuple _DEFAULT_NULL = (None, *_NOTHING_ELSE[1:])
cdef object _Field = Field
cdef object _new_tuple = tuple.__new__      # without the call of Field's own


def shared(source):
    """The shared schema of JSON data, if they are a plain form of what is made of one primitive type, or None."""
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


def usual_field(name, schema, source):
    """The field of JSON data of no more than name and type, and null for the default of an optional type.

    None if there is more.
    """
    if not isinstance(source, dict):
        return None
    if len(<dict>source) == 2:
        return _new_tuple(_Field, (name, schema, *_NOTHING_ELSE))
    if len(<dict>source) != 3 or (<dict>source).get("default", schema) is not None:
        return None
    return _new_tuple(_Field, (name, schema, *_DEFAULT_NULL)) if id(schema) in _TAKE_NULL else None
