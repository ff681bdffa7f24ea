"""Schemas as fastavro has them: JSON data in, JSON data with full names out."""

from __future__ import annotations

import hashlib
import json
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from avrojet.compat.fastavro._schema_common import (
    FINGERPRINT_ALGORITHMS,
    JAVA_FINGERPRINT_MAPPING,
    PRIMITIVES,
    RABIN_64,
    SchemaParseException,
    UnknownType,
)
from avrojet.compat.fastavro.const import AVRO_TYPES
from avrojet.compat.fastavro.repository import (
    AbstractSchemaRepository,
    FlatDictRepository,
    SchemaRepositoryError,
)
from avrojet.compat.fastavro.types import DictSchema, NamedSchemas, Schema
from avrojet.schema.canonical import fingerprint as avro_fingerprint
from avrojet.schema.logical import most_digits
from avrojet.schema.names import is_name

__all__ = [
    "FINGERPRINT_ALGORITHMS",
    "SchemaParseException",
    "UnknownType",
    "expand_schema",
    "fingerprint",
    "fullname",
    "load_schema",
    "load_schema_ordered",
    "parse_schema",
    "to_parsing_canonical_form",
]

HINTS: Final = ("__fastavro_parsed", "__named_schemas")

_NO_DEFAULT: Final = object()
# Of a schema; each kind of schema puts back those that it knows.
_KNOWN: Final = frozenset(
    ("type", "name", "namespace", "fields", "items", "size", "symbols", "values", "doc")
)
_FIELD_ORDER: Final = ("doc", "aliases", "default")
_DEFAULT_TYPES: Final[dict[str, Any]] = {
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


def parse_schema(
    schema: Schema,
    named_schemas: NamedSchemas | None = None,
    *,
    expand: bool = False,
    _write_hint: bool = True,
    _force: bool = False,
    _ignore_default_error: bool = False,
) -> Schema:
    """Check a schema and give it with every name in full.

    :param schema: JSON data; not changed. One that is marked as parsed is returned as it is.
    :param named_schemas: types that the schema may refer to, by fullname; those it defines are added.
    :param expand: put the definitions of named types in the place of their names, for people to read.
    :raises SchemaParseException: if the schema breaks a rule.
    :raises UnknownType: if it refers to a type that nothing defines.
    """
    named = {} if named_schemas is None else named_schemas
    if isinstance(schema, dict) and HINTS[0] in schema:
        if HINTS[1] not in schema:
            _force = True
        else:
            named.update(schema[HINTS[1]])
            if not _force and not expand:
                return schema
    if isinstance(schema, list) and not _force and not expand:
        return [
            parse_schema(part, named, _write_hint=_write_hint, _ignore_default_error=_ignore_default_error)
            for part in schema
        ]
    parser = Parser(named, expand=expand, lenient=_ignore_default_error)
    return parser.schema(schema, "", hint=_write_hint)


class Parser:
    """One parse.

    :param named: types by fullname; grows.
    :param lenient: leave defaults of a wrong type alone.
    """

    def __init__(self, named: NamedSchemas, *, expand: bool, lenient: bool) -> None:
        self.named = named
        self.expand = expand
        self.lenient = lenient
        self.defined: set[str] = set()

    def schema(self, schema: Any, namespace: str, default: Any = _NO_DEFAULT, *, hint: bool = False) -> Any:
        if isinstance(schema, list):
            branches = [self.schema(branch, namespace) for branch in schema]
            if default is not _NO_DEFAULT and not any(_may_default(default, branch) for branch in branches):
                self.wrong_default(default, f"a schema in union with type: {schema}")
            return branches
        if not isinstance(schema, dict):
            return self.reference(schema, namespace, default)
        return self.declared(schema, namespace, default, hint=hint)

    def reference(self, name: Any, namespace: str, default: Any) -> Any:
        if name in PRIMITIVES:
            if default is not _NO_DEFAULT and not _may_default(default, name):
                self.wrong_default(default, f"schema type: {name}")
            return name
        if isinstance(name, str) and namespace and "." not in name:
            name = f"{namespace}.{name}"
        known = self.named.get(name)
        if known is None:
            raise UnknownType(name)
        # A record that is still being parsed has no name yet: to expand it would have no end.
        return known if self.expand and "name" in known else name

    def declared(self, schema: DictSchema, namespace: str, default: Any, *, hint: bool) -> Any:
        kind = schema["type"]
        parsed = {key: value for key, value in schema.items() if key not in _KNOWN}
        parsed["type"] = kind
        if "doc" in schema:
            parsed["doc"] = schema["doc"]
        if parsed.get("logicalType") == "decimal":
            _check_decimal(schema)
        if not isinstance(kind, str) or kind not in _DEFAULT_TYPES:
            raise UnknownType(schema)
        if kind == "array":
            parsed["items"] = self.schema(schema["items"], namespace)
        elif kind == "map":
            parsed["values"] = self.schema(schema["values"], namespace)
        elif kind not in PRIMITIVES:
            self.define(schema, parsed, namespace, hint=hint)
        if default is not _NO_DEFAULT and not _is_of_type(default, kind):
            self.wrong_default(default, f"schema type: {kind}")
        return parsed

    def define(self, schema: DictSchema, parsed: DictSchema, namespace: str, *, hint: bool) -> None:
        """The rest of a named type."""
        namespace, full = schema_name(schema, namespace)
        if full in self.defined:
            raise SchemaParseException(f"redefined named type: {full}")
        self.defined.add(full)
        self.named[full] = parsed
        if parsed["type"] == "enum":
            _check_symbols(schema)
            parsed.update(name=full, symbols=schema["symbols"])
        elif parsed["type"] == "fixed":
            parsed.update(name=full, size=schema["size"])
        else:
            fields = [self.field(field, namespace) for field in schema.get("fields", [])]
            parsed.update(name=full, fields=fields)
            if hint:
                # A copy, so that the types that the hint lists do not contain the hint.
                self.named[full] = dict(parsed)
                parsed[HINTS[0]] = True
                parsed[HINTS[1]] = self.named

    def field(self, field: Any, namespace: str) -> DictSchema:
        if not isinstance(field, dict):
            raise SchemaParseException(f"Record field must be a dict, not {type(field).__name__}: {field}")
        if "name" not in field:
            raise SchemaParseException(f"Record field is missing 'name': {field}")
        if "type" not in field:
            raise SchemaParseException(f"Record field '{field['name']}' is missing 'type'")
        parsed = {key: value for key, value in field.items() if key not in ("type", "name", *_FIELD_ORDER)}
        parsed.update((key, field[key]) for key in _FIELD_ORDER if key in field)
        if not isinstance(parsed.get("aliases", []), list):
            raise SchemaParseException(f"aliases must be a list, not {parsed['aliases']}")
        parsed["name"] = field["name"]
        parsed["type"] = self.schema(field["type"], namespace, field.get("default", _NO_DEFAULT))
        return parsed

    def wrong_default(self, default: Any, expected: str) -> None:
        if not self.lenient:
            raise SchemaParseException(f"Default value <{default}> must match {expected}")


def _may_default(default: Any, schema: Any) -> bool:
    """Whether a default goes with a primitive type given by its name; other schemas are not looked at.

    Text that is a number, ``"NaN"`` for one, is a default of float and double.
    """
    if not isinstance(schema, str) or schema not in PRIMITIVES:
        return True
    if schema in ("float", "double"):
        try:
            float(default)
        except (TypeError, ValueError):
            return False
        return True
    return _is_of_type(default, schema)


def _is_of_type(default: Any, kind: str) -> bool:
    return isinstance(default, _DEFAULT_TYPES[kind])


def _check_decimal(schema: DictSchema) -> None:
    scale, precision = schema.get("scale"), schema.get("precision")
    if scale and (not isinstance(scale, int) or scale < 0):
        raise SchemaParseException(f"decimal scale must be a positive integer, not {scale}")
    if not precision:
        return
    if not isinstance(precision, int) or precision <= 0:
        raise SchemaParseException(f"decimal precision must be a positive integer, not {precision}")
    if schema["type"] == "fixed" and precision > most_digits(schema["size"]):
        raise SchemaParseException(
            f"decimal precision of {precision} doesn't fit into array of length {schema['size']}"
        )
    if scale and precision < scale:
        raise SchemaParseException(
            f"decimal scale must be less than or equal to the precision of {precision}"
        )


def _check_symbols(schema: DictSchema) -> None:
    symbols = schema["symbols"]
    if not all(isinstance(symbol, str) and is_name(symbol) for symbol in symbols):
        raise SchemaParseException("Every symbol must match the regular expression [A-Za-z_][A-Za-z0-9_]*")
    if len(set(symbols)) != len(symbols):
        raise SchemaParseException("All symbols in an enum must be unique")
    if "default" in schema and schema["default"] not in symbols:
        raise SchemaParseException("Default value for enum must be in symbols list")


def without_hints(schema: Any) -> Any:
    """A schema as it is written to files."""
    if isinstance(schema, list):
        return [without_hints(part) for part in schema]
    if isinstance(schema, dict):
        return {key: value for key, value in schema.items() if key not in HINTS}
    return schema


# Names and kinds


def schema_name(schema: DictSchema, parent_ns: str) -> tuple[str, str]:
    """Namespace and fullname of a named type that stands in a namespace."""
    if "name" not in schema:
        raise SchemaParseException(f'"name" is a required field missing from the schema: {schema}')
    name: str = schema["name"]
    if "." in name:
        return name.rpartition(".")[0], name
    namespace: str = schema.get("namespace", parent_ns) or ""
    return namespace, f"{namespace}.{name}" if namespace else name


def fullname(schema: DictSchema) -> str:
    """Fullname of a named type."""
    return schema_name(schema, "")[1]


def extract_record_type(schema: Any) -> Any:
    """``"union"``, or the type of a schema; a name is its own type."""
    if isinstance(schema, dict):
        return schema["type"]
    return "union" if isinstance(schema, list) else schema


def extract_logical_type(schema: Any) -> str | None:
    """``"<type>-<logical type>"``, the key of LOGICAL_READERS and LOGICAL_WRITERS; None if there is none."""
    if not isinstance(schema, dict) or not schema.get("logicalType"):
        return None
    return f"{schema['type']}-{schema['logicalType']}"


def is_record_branch(branch: Any) -> bool:
    """Whether ``return_record_name`` tags a union's branch: a record, or any type given by its name."""
    kind = extract_record_type(branch)
    return kind == "record" or kind not in AVRO_TYPES


def is_named_branch(branch: Any) -> bool:
    """Whether the branch counts as a named type; the records of errors do not."""
    return is_record_branch(branch) or extract_record_type(branch) in ("enum", "fixed")


def is_single_record_union(schema: list[Any]) -> bool:
    return sum(map(is_record_branch, schema)) == 1


def is_single_name_union(schema: list[Any]) -> bool:
    return sum(map(is_named_branch, schema)) == 1


def expand_schema(schema: Schema) -> Schema:
    """The schema with the definition of each named type in every place that names it.

    For people and tools to look at: Avro allows one definition of a type only.
    """
    return parse_schema(schema, expand=True, _write_hint=False)


# Canonical form and fingerprints


def to_parsing_canonical_form(schema: Schema) -> str:
    """The Parsing Canonical Form (specification: Parsing Canonical Form for Schemas)."""
    return _canonical(parse_schema(schema))


def _canonical(schema: Any) -> str:
    if isinstance(schema, list):
        return f"[{','.join(map(_canonical, schema))}]"
    if not isinstance(schema, dict):
        return _quoted(schema)
    kind = schema["type"]
    if kind in PRIMITIVES:
        return _quoted(kind)
    if kind == "array":
        return f'{{"type":"array","items":{_canonical(schema["items"])}}}'
    if kind == "map":
        return f'{{"type":"map","values":{_canonical(schema["values"])}}}'
    name = _quoted(schema["name"])
    if kind == "enum":
        return f'{{"name":{name},"type":"enum","symbols":[{",".join(map(_quoted, schema["symbols"]))}]}}'
    if kind == "fixed":
        return f'{{"name":{name},"type":"fixed","size":{schema["size"]}}}'
    fields = [
        f'{{"name":{_quoted(field["name"])},"type":{_canonical(field["type"])}}}'
        for field in schema["fields"]
    ]
    return f'{{"name":{name},"type":"record","fields":[{",".join(fields)}]}}'


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def fingerprint(parsing_canonical_form: str, algorithm: str) -> str:
    """The fingerprint of a canonical form in lower-case hexadecimal digits.

    :param algorithm: one of :data:`FINGERPRINT_ALGORITHMS`.
    """
    if algorithm not in FINGERPRINT_ALGORITHMS:
        raise ValueError(
            f"Unknown schema fingerprint algorithm {algorithm}. "
            f"Valid values include: {sorted(FINGERPRINT_ALGORITHMS)}"
        )
    if algorithm == RABIN_64:
        return avro_fingerprint(parsing_canonical_form, algorithm).hex()
    name = JAVA_FINGERPRINT_MAPPING.get(algorithm, algorithm)
    return hashlib.new(name, parsing_canonical_form.encode()).hexdigest()


# Loading schemas that refer to others


def load_schema(
    schema_path: str,
    *,
    repo: AbstractSchemaRepository | None = None,
    named_schemas: NamedSchemas | None = None,
    _write_hint: bool = True,
    _injected_schemas: set[str] | None = None,
) -> Schema:
    """Load a schema, and those that it refers to, each by its fullname.

    :param schema_path: path of a file, beside which the others are; with `repo`, a name in it.
    :param named_schemas: types that are known already; those that are loaded are added.
    :raises SchemaRepositoryError: if the schema cannot be loaded.
    :raises UnknownType: if one that it refers to cannot.
    """
    name = schema_path
    if repo is None:
        path = Path(schema_path)
        name, repo = path.stem, FlatDictRepository(str(path.parent))
    named = {} if named_schemas is None else named_schemas
    injected = set() if _injected_schemas is None else _injected_schemas
    return _load(name, repo, named, injected, hint=_write_hint)


def _load(
    name: str, repo: AbstractSchemaRepository, named: NamedSchemas, injected: set[str], *, hint: bool
) -> Any:
    """Parse; while a type is missing, load it and put its definition where it is first named."""
    schema = repo.load(name)
    while True:
        known = deepcopy(named)
        try:
            return parse_schema(schema, named, _write_hint=hint)
        except UnknownType as error:
            try:
                part = _load(error.name, repo, known, injected, hint=False)
            except SchemaRepositoryError:
                raise error from None
        if part["name"] not in injected:
            schema = _inject(schema, part)[0]
            injected.add(part["name"])
        named = known


def _inject(schema: Any, part: DictSchema, namespace: str = "") -> tuple[Any, bool]:
    """`schema` with the definition `part` in the first place that names it, and whether there is one.

    Changes the schema's own dicts, which are fresh from a repository.
    """
    if isinstance(schema, str):
        full = schema if "." in schema or not namespace or schema in PRIMITIVES else f"{namespace}.{schema}"
        return (part, True) if full == part["name"] else (full, False)
    if isinstance(schema, list):
        for position, branch in enumerate(schema):
            schema[position], done = _inject(branch, part, namespace)
            if done:
                return schema, True
        return schema, False
    key = {"array": "items", "map": "values"}.get(schema["type"])
    if key is not None:
        schema[key], done = _inject(schema[key], part, namespace)
        return schema, done
    if schema["type"] in ("record", "error"):
        namespace = schema_name(schema, namespace)[0]
        for field in schema.get("fields", []):
            field["type"], done = _inject(field["type"], part, namespace)
            if done:
                return schema, True
    return schema, False


def load_schema_ordered(ordered_schemas: list[str], *, _write_hint: bool = True) -> Schema:
    """Load the files of schemas that build on one another; the last is the whole.

    :param ordered_schemas: paths, each behind those of the schemas that it refers to.
    """
    named: NamedSchemas = {}
    last = len(ordered_schemas) - 1
    loaded = [
        load_schema(path, named_schemas=named, _write_hint=_write_hint and position == last)
        for position, path in enumerate(ordered_schemas)
    ]
    whole = loaded.pop()
    for part in reversed(loaded):
        assert isinstance(part, dict)
        whole, _ = _inject(whole, part)
    return whole
