"""Check schemas and return them with every name in full, like fastavro; their canonical form."""

from json.encoder import encode_basestring

from avrojet.compat.fastavro._schema_common import PRIMITIVES, SchemaParseException, UnknownType
from avrojet.limits import excess, limits_in_force
from avrojet.messages import represent
from avrojet.schema.logical import most_digits
from avrojet.schema.names import is_name

cdef str PARSED_HINT = "__fastavro_parsed"
cdef str NAMED_HINT = "__named_schemas"
HINTS = (PARSED_HINT, NAMED_HINT)

cdef object NO_DEFAULT = object()
cdef frozenset PRIMITIVE_NAMES = frozenset(PRIMITIVES)
# Attributes of a schema; each kind of schema restores those that it knows.
cdef frozenset KNOWN = frozenset(
    ("type", "name", "namespace", "fields", "items", "size", "symbols", "values", "doc")
)
cdef tuple FIELD_ORDER = ("doc", "aliases", "default")
cdef frozenset FIELD_KNOWN = frozenset(("type", "name", *FIELD_ORDER))
cdef dict DEFAULT_TYPES = {
    "null": type(None),
    "boolean": bool,
    "string": str,
    "bytes": str,
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "array": list,
    "map": dict,
    "enum": str,
    "fixed": str,
    "record": dict,
    "error": dict,
}


cdef class Parser:
    """One parse.

    :param named: types by fullname; those of the schema are added.
    :param lenient: leave defaults of a wrong type alone.
    """

    def __init__(self, named, *, bint expand=False, bint lenient=False):
        self.limits = limits_in_force()
        self.levels = self.limits.depth
        self.named = named
        self.expand = expand
        self.lenient = lenient
        self.defined = set()

    cdef object schema(self, object schema, object namespace, object default, bint hint):
        cdef object parsed
        if not isinstance(schema, (dict, list)):
            return self.reference(schema, namespace, default)
        self.levels -= 1
        if self.levels < 0:
            raise excess(self.limits, "depth", "the schema is nested too deep")
        if isinstance(schema, dict):
            parsed = self.declared(<dict>schema, namespace, default, hint)
        else:
            parsed = self.union(<list>schema, namespace, default)
        self.levels += 1
        return parsed

    cdef list union(self, list schema, object namespace, object default):
        cdef list branches = [self.schema(branch, namespace, NO_DEFAULT, False) for branch in schema]
        if default is not NO_DEFAULT:
            for branch in branches:
                if may_default(default, branch):
                    break
            else:
                self.wrong_default(default, f"a schema in union with type: {represent(schema, str)}")
        return branches

    cdef object reference(self, object name, object namespace, object default):
        if name in PRIMITIVE_NAMES:
            if default is not NO_DEFAULT and not may_default(default, name):
                self.wrong_default(default, f"schema type: {name}")
            return name
        if isinstance(name, str) and namespace and "." not in name:
            name = f"{namespace}.{name}"
        known = self.named.get(name)
        if known is None:
            raise UnknownType(name)
        # A record that is still being parsed has no name yet: expanding it would never end.
        return known if self.expand and "name" in known else name

    cdef dict declared(self, dict schema, object namespace, object default, bint hint):
        cdef dict parsed = without(schema, KNOWN)
        kind = schema["type"]
        parsed["type"] = kind
        if "doc" in schema:
            parsed["doc"] = schema["doc"]
        if parsed.get("logicalType") == "decimal":
            check_decimal(schema)
        if not isinstance(kind, str) or kind not in DEFAULT_TYPES:
            raise UnknownType(schema)
        if kind in PRIMITIVE_NAMES:
            pass
        elif kind == "array":
            parsed["items"] = self.schema(schema["items"], namespace, NO_DEFAULT, False)
        elif kind == "map":
            parsed["values"] = self.schema(schema["values"], namespace, NO_DEFAULT, False)
        else:
            self.define(schema, parsed, namespace, hint)
        if default is not NO_DEFAULT and not isinstance(default, DEFAULT_TYPES[kind]):
            self.wrong_default(default, f"schema type: {kind}")
        return parsed

    cdef int define(self, dict schema, dict parsed, object namespace, bint hint) except -1:
        """Parse the rest of a named type."""
        namespace, full = full_name(schema, namespace)
        kind = parsed["type"]
        if full in self.defined:
            raise SchemaParseException(f"redefined named type: {full}")
        self.defined.add(full)
        self.named[full] = parsed
        if kind == "enum":
            check_symbols(schema)
            parsed["name"] = full
            parsed["symbols"] = schema["symbols"]
            return 0
        if kind == "fixed":
            parsed["name"] = full
            parsed["size"] = schema["size"]
            return 0
        fields = [self.field(field, namespace) for field in schema.get("fields", ())]
        parsed["name"] = full
        parsed["fields"] = fields
        if hint:
            # A copy, so that the types that the hint lists do not contain the hint.
            self.named[full] = parsed.copy()
            parsed[PARSED_HINT] = True
            parsed[NAMED_HINT] = self.named
        return 0

    cdef dict field(self, object given, object namespace):
        cdef dict field, parsed
        if not isinstance(given, dict):
            shown = represent(given, str)
            raise SchemaParseException(f"Record field must be a dict, not {type(given).__name__}: {shown}")
        field = <dict>given
        if "name" not in field:
            raise SchemaParseException(f"Record field is missing 'name': {represent(field, str)}")
        if "type" not in field:
            raise SchemaParseException(f"Record field '{represent(field['name'], str)}' is missing 'type'")
        parsed = without(field, FIELD_KNOWN)
        for key in FIELD_ORDER:
            if key in field:
                parsed[key] = field[key]
        if "aliases" in parsed and not isinstance(parsed["aliases"], list):
            raise SchemaParseException(f"aliases must be a list, not {represent(parsed['aliases'], str)}")
        parsed["name"] = field["name"]
        parsed["type"] = self.schema(field["type"], namespace, field.get("default", NO_DEFAULT), False)
        return parsed

    cdef int wrong_default(self, object default, str expected) except -1:
        if not self.lenient:
            raise SchemaParseException(f"Default value <{represent(default, str)}> must match {expected}")
        return 0


cdef object parsed_schema(object schema, object named, bint expand, bint hint, bint lenient):
    """Parse a schema, even one that is marked as parsed.

    :param hint: mark a record as parsed.
    """
    return Parser(named, expand=expand, lenient=lenient).schema(schema, "", NO_DEFAULT, hint)


cdef dict without(dict schema, frozenset known):
    """The attributes that are not known."""
    cdef dict others = {}
    for key, value in schema.items():
        if key not in known:
            others[key] = value
    return others


cdef bint may_default(object default, object schema) except -1:
    """Whether a default fits a primitive type given by its name; other schemas are not checked.

    Text that is a number, ``"NaN"`` for one, is a default of float and double.
    """
    if not isinstance(schema, str) or schema not in PRIMITIVE_NAMES:
        return True
    if schema == "float" or schema == "double":
        try:
            float(default)
        except (TypeError, ValueError):
            return False
        return True
    return isinstance(default, DEFAULT_TYPES[schema])


cdef int check_decimal(dict schema) except -1:
    scale, precision = schema.get("scale"), schema.get("precision")
    if scale and (not isinstance(scale, int) or scale < 0):
        raise SchemaParseException(f"decimal scale must be a positive integer, not {represent(scale, str)}")
    if not precision:
        return 0
    if not isinstance(precision, int) or precision <= 0:
        raise SchemaParseException(f"decimal precision must be a positive integer, not {represent(precision, str)}")
    if schema["type"] == "fixed" and precision > most_digits(schema["size"]):
        raise SchemaParseException(
            f"decimal precision of {precision} doesn't fit into array of length {represent(schema['size'], str)}"
        )
    if scale and precision < scale:
        raise SchemaParseException(
            f"decimal scale must be less than or equal to the precision of {precision}"
        )
    return 0


cdef int check_symbols(dict schema) except -1:
    symbols = schema["symbols"]
    for symbol in symbols:
        if not isinstance(symbol, str) or not is_name(symbol):
            raise SchemaParseException(
                "Every symbol must match the regular expression [A-Za-z_][A-Za-z0-9_]*"
            )
    if len(set(symbols)) != len(symbols):
        raise SchemaParseException("All symbols in an enum must be unique")
    if "default" in schema and schema["default"] not in symbols:
        raise SchemaParseException("Default value for enum must be in symbols list")
    return 0


# Names and kinds


cdef tuple full_name(dict schema, object parent_ns):
    if "name" not in schema:
        raise SchemaParseException(f'"name" is a required field missing from the schema: {represent(schema, str)}')
    name = schema["name"]
    if "." in name:
        return name.rpartition(".")[0], name
    namespace = schema.get("namespace", parent_ns)
    return (namespace, f"{namespace}.{name}") if namespace else ("", name)


def schema_name(dict schema not None, parent_ns):
    """Namespace and fullname of a named type within a namespace."""
    return full_name(schema, parent_ns)


def fullname(schema):
    """Fullname of a named type."""
    if not isinstance(schema, dict):
        return full_name(schema, "")[1]
    name = (<dict>schema).get("name")
    if type(name) is not str:
        return full_name(schema, "")[1]
    namespace = (<dict>schema).get("namespace")
    return f"{namespace}.{name}" if namespace and "." not in <str>name else name


def extract_record_type(schema):
    """``"union"``, or the type of a schema; a name is its own type."""
    if isinstance(schema, dict):
        return (<dict>schema)["type"]
    return "union" if isinstance(schema, list) else schema


def extract_logical_type(schema):
    """``"<type>-<logical type>"``, the key of LOGICAL_READERS and LOGICAL_WRITERS; None if there is none."""
    if not isinstance(schema, dict):
        return None
    logical = (<dict>schema).get("logicalType")
    return f"{schema['type']}-{logical}" if logical else None


# Canonical form (specification: Parsing Canonical Form for Schemas)


def canonical_form(schema):
    """The canonical form of a parsed schema."""
    cdef list parts = []
    add_canonical(schema, parts)
    return "".join(parts)


cdef int add_canonical(object schema, list parts) except -1:
    if isinstance(schema, dict):
        return add_declared(<dict>schema, parts)
    if not isinstance(schema, list):
        parts.append(quoted(schema))
        return 0
    parts.append("[")
    for position, branch in enumerate(<list>schema):
        if position:
            parts.append(",")
        add_canonical(branch, parts)
    parts.append("]")
    return 0


cdef int add_declared(dict schema, list parts) except -1:
    kind = schema["type"]
    if kind in PRIMITIVE_NAMES:
        parts.append(quoted(kind))
    elif kind == "array":
        parts.append('{"type":"array","items":')
        add_canonical(schema["items"], parts)
        parts.append("}")
    elif kind == "map":
        parts.append('{"type":"map","values":')
        add_canonical(schema["values"], parts)
        parts.append("}")
    elif kind == "enum":
        symbols = ",".join([quoted(symbol) for symbol in schema["symbols"]])
        parts.append(f'{{"name":{quoted(schema["name"])},"type":"enum","symbols":[{symbols}]}}')
    elif kind == "fixed":
        parts.append(f'{{"name":{quoted(schema["name"])},"type":"fixed","size":{schema["size"]}}}')
    else:
        add_record(schema, parts)
    return 0


cdef int add_record(dict schema, list parts) except -1:
    parts.append(f'{{"name":{quoted(schema["name"])},"type":"record","fields":[')
    for position, field in enumerate(schema["fields"]):
        parts.append(f'{"," if position else ""}{{"name":{quoted(field["name"])},"type":')
        add_canonical(field["type"], parts)
        parts.append("}")
    parts.append("]}")
    return 0


cdef object quoted(object name):
    return encode_basestring(name)
