"""The Parsing Canonical Form of a schema and its fingerprints (specification: the sections so named).

Floor 1.
"""

from __future__ import annotations

from functools import cache
from json.encoder import encode_basestring
from typing import Final

from avrojet.schema.model import (
    ArraySchema,
    EnumSchema,
    FixedSchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)


def to_canonical_form(schema: Schema) -> str:
    """What of a schema decides which bytes it reads: no namespaces, attributes, spaces or documentation.

    Strings are escaped only where JSON demands it; non-ASCII characters stand as they are.
    """
    parts: list[str] = []
    _write(schema, parts, set())
    return "".join(parts)


def _write(schema: Schema, parts: list[str], defined: set[str]) -> None:
    if isinstance(schema, NamedSchema):
        _write_named(schema, parts, defined)
    elif isinstance(schema, UnionSchema):
        for i, branch in enumerate(schema.branches):
            parts.append("," if i else "[")
            _write(branch, parts, defined)
        parts.append("]" if schema.branches else "[]")
    elif isinstance(schema, ArraySchema):
        parts.append('{"type":"array","items":')
        _write(schema.items, parts, defined)
        parts.append("}")
    elif isinstance(schema, MapSchema):
        parts.append('{"type":"map","values":')
        _write(schema.values, parts, defined)
        parts.append("}")
    else:
        parts.append(f'"{schema.type}"')


def _write_named(schema: NamedSchema, parts: list[str], defined: set[str]) -> None:
    name = encode_basestring(schema.fullname)
    if schema.fullname in defined:
        parts.append(name)
        return
    defined.add(schema.fullname)
    parts.append(f'{{"name":{name},"type":"{schema.type}",')
    if isinstance(schema, FixedSchema):
        parts.append(f'"size":{schema.size}}}')
    elif isinstance(schema, EnumSchema):
        parts.append(f'"symbols":[{",".join(map(encode_basestring, schema.symbols))}]}}')
    elif isinstance(schema, RecordSchema):
        parts.append('"fields":[')
        for i, field in enumerate(schema.fields):
            parts.append(f'{"," if i else ""}{{"name":{encode_basestring(field.name)},"type":')
            _write(field.type, parts, defined)
            parts.append("}")
        parts.append("]}")


_EMPTY: Final = 0xC15D213AA4D7A795


@cache
def _rabin_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (_EMPTY & -(value & 1))
        table.append(value)
    return tuple(table)


def _crc_64_avro(data: bytes) -> bytes:
    table = _rabin_table()
    value = _EMPTY
    for byte in data:
        value = (value >> 8) ^ table[(value ^ byte) & 0xFF]
    return value.to_bytes(8, "little")


def fingerprint(canonical_form: str, algorithm: str = "CRC-64-AVRO") -> bytes:
    """The fingerprint of a canonical form; see :meth:`avrojet.Schema.fingerprint`."""
    data = canonical_form.encode()
    if algorithm == "CRC-64-AVRO":
        return _crc_64_avro(data)
    if algorithm in ("MD5", "SHA-256"):
        import hashlib

        return hashlib.new(algorithm.replace("-", "").lower(), data, usedforsecurity=False).digest()
    raise ValueError(f"algorithm must be CRC-64-AVRO, MD5 or SHA-256: {algorithm!r}")
