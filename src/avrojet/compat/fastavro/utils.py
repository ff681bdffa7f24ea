"""Random data for a schema, and schemas that do not reveal their origin.

Random numbers are drawn in fastavro's order, so the same seed makes the same data in both.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from hashlib import md5
from string import ascii_letters
from typing import Any, Final

from avrojet.compat.fastavro._schema_common import PRIMITIVES
from avrojet.compat.fastavro.const import (
    DAYS_SHIFT,
    INT_MAX_VALUE,
    INT_MIN_VALUE,
    LONG_MAX_VALUE,
    LONG_MIN_VALUE,
    MCS_PER_HOUR,
    MLS_PER_HOUR,
)
from avrojet.compat.fastavro.schema import extract_logical_type, extract_record_type, parse_schema
from avrojet.compat.fastavro.types import NamedSchemas, Schema

_ITEMS: Final = 10  # of a random array, map, string or bytes
_RANGES: Final = {
    "int": (INT_MIN_VALUE, INT_MAX_VALUE),
    "long": (LONG_MIN_VALUE, LONG_MAX_VALUE),
    "int-date": (1 - DAYS_SHIFT, date.max.toordinal() - DAYS_SHIFT),
    "int-time-millis": (0, 24 * MLS_PER_HOUR - 1),
    "long-time-micros": (0, 24 * MCS_PER_HOUR - 1),
    # To about the year 3100.
    "long-timestamp-millis": (0, 2**45),
    "long-local-timestamp-millis": (0, 2**45),
    "long-timestamp-micros": (0, 2**55),
    "long-local-timestamp-micros": (0, 2**55),
}


def generate_one(schema: Schema) -> Any:
    """A random value of a schema."""
    return next(generate_many(schema, 1))


def generate_many(schema: Schema, count: int) -> Iterator[Any]:
    """`count` random values of a schema."""
    named: NamedSchemas = {}
    parsed = parse_schema(schema, named)
    for _ in range(count):
        yield gen_data(parsed, named)


def gen_data(schema: Any, named_schemas: NamedSchemas) -> Any:
    """A random value of a schema that is parsed, with the named types in it."""
    kind = extract_record_type(schema)
    make = _RANDOM.get(kind)
    return make(schema, named_schemas) if make else gen_data(named_schemas[kind], named_schemas)


def _integer(schema: Any, named: NamedSchemas) -> int:
    logical = extract_logical_type(schema)
    return random.randint(*_RANGES.get(logical or "", _RANGES[extract_record_type(schema)]))


def _string(schema: Any, named: NamedSchemas) -> str:
    return uuid.uuid4().hex if extract_logical_type(schema) == "string-uuid" else _letters()


def _letters() -> str:
    return "".join(random.choices(ascii_letters, k=_ITEMS))


def _array(schema: Any, named: NamedSchemas) -> list[Any]:
    return [gen_data(schema["items"], named) for _ in range(_ITEMS)]


def _map(schema: Any, named: NamedSchemas) -> dict[str, Any]:
    return {_letters(): gen_data(schema["values"], named) for _ in range(_ITEMS)}


def _record(schema: Any, named: NamedSchemas) -> dict[str, Any]:
    return {field["name"]: gen_data(field["type"], named) for field in schema["fields"]}


def _one_of(choices: list[Any]) -> Any:
    return choices[random.randint(0, len(choices) - 1)]


_RANDOM: Final[dict[Any, Callable[[Any, NamedSchemas], Any]]] = {
    "null": lambda schema, named: None,
    "boolean": lambda schema, named: bool(random.randint(0, 1)),
    "int": _integer,
    "long": _integer,
    "float": lambda schema, named: random.random(),
    "double": lambda schema, named: random.random(),
    "bytes": lambda schema, named: random.randbytes(_ITEMS),
    "string": _string,
    "fixed": lambda schema, named: random.randbytes(schema["size"]),
    "enum": lambda schema, named: _one_of(schema["symbols"]),
    "array": _array,
    "map": _map,
    "union": lambda schema, named: gen_data(_one_of(schema), named),
    "error_union": lambda schema, named: gen_data(_one_of(schema), named),
    "record": _record,
    "error": _record,
}


def anonymize_schema(schema: Schema) -> Schema:
    """Return the schema with hashes for its names, symbols and documentation, to be shown to others.

    Defaults are unchanged.
    """
    return _anonymous(parse_schema(schema))


def _anonymous(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_anonymous(branch) for branch in schema]
    if not isinstance(schema, dict):
        return schema if schema in PRIMITIVES else _anonymous_name(schema)
    kind = schema["type"]
    made: dict[str, Any] = {"type": kind}
    if "doc" in schema:
        made["doc"] = _hash(schema["doc"])
    for part in ("items", "values"):
        if part in schema:
            made[part] = _anonymous(schema[part])
    if "name" in schema:
        made["name"] = _anonymous_name(schema["name"])
    if kind == "enum":
        made["symbols"] = [_anonymous_name(symbol) for symbol in schema["symbols"]]
    if kind == "fixed":
        made["size"] = schema["size"]
    if kind in ("record", "error"):
        made["fields"] = [anonymize_field(field) for field in schema["fields"]]
    return made


def anonymize_field(field: Any, named_schemas: NamedSchemas | None = None) -> dict[str, Any]:
    """The same for a field of a record that is parsed."""
    made: dict[str, Any] = {}
    if "doc" in field:
        made["doc"] = _hash(field["doc"])
    if "aliases" in field:
        made["aliases"] = [_hash(alias) for alias in field["aliases"]]
    if "default" in field:
        made["default"] = field["default"]
    made["name"] = _hash(field["name"])
    made["type"] = _anonymous(field["type"])
    return made


def _anonymous_name(name: str) -> str:
    return f"A_{_hash(name)}"


def _hash(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
