"""Schemas in fastavro's form: JSON data in, JSON data with full names out."""

from __future__ import annotations

import hashlib
import os
from typing import Any

from avrojet.compat.fastavro._parse import (
    HINTS,
    extract_logical_type,
    extract_record_type,
    fullname,
    schema_name,
)
from avrojet.compat.fastavro._schema_common import (
    FINGERPRINT_ALGORITHMS,
    JAVA_FINGERPRINT_MAPPING,
    PRIMITIVES,
    RABIN_64,
    SchemaParseException,
    UnknownType,
    rabin_fingerprint,
)
from avrojet.compat.fastavro._schemas import expand_schema, parse_schema, to_parsing_canonical_form
from avrojet.compat.fastavro.const import AVRO_TYPES
from avrojet.compat.fastavro.repository import (
    AbstractSchemaRepository,
    FlatDictRepository,
    SchemaRepositoryError,
)
from avrojet.compat.fastavro.types import DictSchema, NamedSchemas, Schema

__all__ = [
    "FINGERPRINT_ALGORITHMS",
    "SchemaParseException",
    "UnknownType",
    "expand_schema",
    "extract_logical_type",
    "extract_record_type",
    "fingerprint",
    "fullname",
    "load_schema",
    "load_schema_ordered",
    "parse_schema",
    "schema_name",
    "to_parsing_canonical_form",
]


def without_hints(schema: Any) -> Any:
    """Return a schema in the form that is written to files."""
    if isinstance(schema, list):
        return [without_hints(part) for part in schema]
    if isinstance(schema, dict):
        return {key: value for key, value in schema.items() if key not in HINTS}
    return schema


# Names and kinds


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


# Fingerprints


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
        return rabin_fingerprint(parsing_canonical_form.encode())
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

    :param schema_path: path of a file, with the other files in the same folder; with `repo`, a name in it.
    :param named_schemas: types that are known already; those that are loaded are added.
    :raises SchemaRepositoryError: if the schema cannot be loaded.
    :raises UnknownType: if one that it refers to cannot.
    """
    name = schema_path
    if repo is None:
        directory, file_name = os.path.split(schema_path)
        name, repo = os.path.splitext(file_name)[0], FlatDictRepository(directory)  # noqa: PTH122 (a str)
    named = {} if named_schemas is None else named_schemas
    injected = set() if _injected_schemas is None else _injected_schemas
    return _load(name, repo, named, injected, hint=_write_hint)


def _load(
    name: str, repo: AbstractSchemaRepository, named: NamedSchemas, injected: set[str], *, hint: bool
) -> Any:
    """Parse; while a type is missing, load it and put its definition where it is first named."""
    schema = repo.load(name)
    while True:
        known = dict(named)
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
    """Load the files of schemas that build on one another; the last one contains the others.

    :param ordered_schemas: paths, each after those of the schemas that it refers to.
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
