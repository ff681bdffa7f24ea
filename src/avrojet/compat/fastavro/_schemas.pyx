"""The functions on schemas that programs call for each message; repeated calls are cheap."""

from cpython.dict cimport PyDict_Update

from avrojet.compat.fastavro._copies cimport Copies
from avrojet.compat.fastavro._known cimport Known, known_schema, plain_schema
from avrojet.compat.fastavro._parse cimport parsed_schema
from avrojet.compat.fastavro._parse import HINTS, canonical_form
from avrojet.compat.fastavro._schema_common import PRIMITIVES

cdef str PARSED_HINT = HINTS[0]
cdef str NAMED_HINT = HINTS[1]

cdef frozenset PRIMITIVE_NAMES = frozenset(PRIMITIVES)

cdef enum Wish:
    EXPAND = 1
    HINT = 2
    FORCE = 4
    LENIENT = 8


def parse_schema(
    schema,
    named_schemas=None,
    *,
    bint expand=False,
    bint _write_hint=True,
    bint _force=False,
    bint _ignore_default_error=False,
):
    """Check a schema and return it with every name in full.

    :param schema: JSON data; not changed. One that is marked as parsed is returned as it is.
    :param named_schemas: types that the schema may refer to, by fullname; those it defines are added.
    :param expand: replace the names of named types by their definitions, for people to read.
    :raises SchemaParseException: if the schema breaks a rule.
    :raises UnknownType: if it refers to a type that nothing defines.
    """
    cdef int wishes = EXPAND * expand | HINT * _write_hint | FORCE * _force | LENIENT * _ignore_default_error
    if type(schema) is str and schema in PRIMITIVE_NAMES:
        return schema
    if isinstance(schema, dict) and PARSED_HINT in <dict>schema and not _force and not expand:
        hinted = (<dict>schema).get(NAMED_HINT)
        if hinted is not None:
            if type(named_schemas) is dict and type(hinted) is dict:
                PyDict_Update(<dict>named_schemas, <dict>hinted)
            elif named_schemas is not None:
                named_schemas.update(hinted)
            return schema
    if named_schemas is not None:
        return parse(schema, named_schemas, wishes)
    return parsed_again(schema, wishes)


cdef object parsed_again(object schema, int wishes):
    """A schema parsed; a copy, if the object was parsed before."""
    cdef Known known = None
    if isinstance(schema, list) and not wishes & (EXPAND | FORCE):
        if all_parsed(<list>schema):
            return list(schema)
        if not has_parsed(<list>schema):
            known = plain_schema(schema)
    elif isinstance(schema, (dict, list)):
        known = plain_schema(schema)
    if known is None:
        return parse(schema, {}, wishes)
    copies = known.made.get(wishes)
    if copies is None:
        copies = known.made[wishes] = Copies(parse(known.schema, {}, wishes))
    return (<Copies>copies).make()


cdef bint all_parsed(list union) except -1:
    """Whether every branch is a primitive type's name or marked as parsed."""
    for branch in union:
        if isinstance(branch, dict):
            if PARSED_HINT not in <dict>branch or NAMED_HINT not in <dict>branch:
                return False
        elif type(branch) is not str or branch not in PRIMITIVE_NAMES:
            return False
    return True


cdef bint has_parsed(list union) except -1:
    """Whether a branch is marked as parsed, and so stays the same object."""
    for branch in union:
        if isinstance(branch, dict) and PARSED_HINT in <dict>branch:
            return True
    return False


cdef object parse(object schema, object named, int wishes):
    if isinstance(schema, dict) and PARSED_HINT in <dict>schema:
        if NAMED_HINT not in <dict>schema:
            wishes |= FORCE
        else:
            named.update((<dict>schema)[NAMED_HINT])
            if not wishes & (FORCE | EXPAND):
                return schema
    if isinstance(schema, list) and not wishes & (FORCE | EXPAND):
        for part in <list>schema:
            if isinstance(part, list):      # not a valid union, but fastavro accepts it at any depth
                return parsed_schema(schema, named, False, False, wishes & LENIENT)
        return [parse(part, named, wishes) for part in <list>schema]
    return parsed_schema(schema, named, wishes & EXPAND, wishes & HINT, wishes & LENIENT)


def expand_schema(schema):
    """The schema with the definition of each named type in every place that names it.

    For people and tools to look at: Avro allows only one definition of a type.
    """
    return parsed_again(schema, EXPAND)


def to_parsing_canonical_form(schema):
    """The Parsing Canonical Form (specification: Parsing Canonical Form for Schemas)."""
    cdef Known known = plain_schema(schema) if isinstance(schema, (dict, list)) else None
    if known is None:
        return canonical_form(parse(schema, {}, HINT))
    form = known.made.get("canonical form")
    if form is None:
        form = known.made["canonical form"] = canonical_form(parse(known.schema, {}, HINT))
    return form


def parsed_with_names(schema):
    """A schema parsed, and its named types by fullname. They are shared, and must not be changed."""
    cdef Known known
    if isinstance(schema, dict) and PARSED_HINT in <dict>schema:
        named = (<dict>schema).get(NAMED_HINT)
        if named is not None:
            return schema, named
    known = known_schema(schema)
    found = known.made.get("parsed with names")
    if found is None:
        named = {}
        found = parse(known.schema, named, HINT), named
        if known.shared:
            known.made["parsed with names"] = found
    return found
