"""Canonical form and fingerprints (specification: Parsing Canonical Form for Schemas)."""

from __future__ import annotations

from functools import cache
from json.encoder import encode_basestring
from typing import Final, TypeAlias

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

Part: TypeAlias = "str | Schema"


def to_canonical_form(schema: Schema) -> str:
    """The Parsing Canonical Form: what in a schema decides how its data are read.

    The errors of protocols are written as records, as Java does: the specification does not say, and
    fingerprints are useful only if implementations agree. Strings have only the escapes that JSON demands.
    """
    defined: set[str] = set()
    text: list[str] = []
    waiting: list[Part] = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            text.append(part)
        else:
            waiting += reversed(_parts(part, defined))
    return "".join(text)


def _parts(schema: Schema, defined: set[str]) -> list[Part]:
    if isinstance(schema, NamedSchema):
        return _named(schema, defined)
    if isinstance(schema, UnionSchema):
        parts: list[Part] = ["["]
        for branch in schema.branches:
            if len(parts) > 1:
                parts.append(",")
            parts.append(branch)
        parts.append("]")
        return parts
    if isinstance(schema, ArraySchema):
        return ['{"type":"array","items":', schema.items, "}"]
    if isinstance(schema, MapSchema):
        return ['{"type":"map","values":', schema.values, "}"]
    return [f'"{schema.type}"']


def _named(schema: NamedSchema, defined: set[str]) -> list[Part]:
    name = encode_basestring(schema.fullname)
    if schema.fullname in defined:
        return [name]
    if schema.name:  # a type without a name is never referred to
        defined.add(schema.fullname)
    kind = "record" if isinstance(schema, RecordSchema) else schema.type
    parts: list[Part] = [f'{{"name":{name},"type":"{kind}"']
    if isinstance(schema, RecordSchema):
        parts.append(',"fields":[')
        for index, field in enumerate(schema.fields):
            parts.append(f'{"," if index else ""}{{"name":{encode_basestring(field.name)},"type":')
            parts.append(field.type)
            parts.append("}")
        parts.append("]")
    elif isinstance(schema, EnumSchema):
        parts.append(f',"symbols":[{",".join(map(encode_basestring, schema.symbols))}]')
    elif isinstance(schema, FixedSchema):
        parts.append(f',"size":{schema.size}')
    parts.append("}")
    return parts


_EMPTY: Final = 0xC15D213AA4D7A795
"""The fingerprint of zero bytes, also used as the polynomial (specification: Schema Fingerprints)."""


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


def fingerprint(text: str, algorithm: str = "CRC-64-AVRO") -> bytes:
    """The fingerprint of a canonical form; see :meth:`avrojet.Schema.fingerprint`.

    :raises ValueError: for an algorithm that is not in the specification.
    """
    data = text.encode()
    if algorithm == "CRC-64-AVRO":
        return _crc_64_avro(data)
    if algorithm in ("MD5", "SHA-256"):
        import hashlib

        return hashlib.new(algorithm.replace("-", ""), data, usedforsecurity=False).digest()
    raise ValueError(f"the algorithm is 'CRC-64-AVRO', 'MD5' or 'SHA-256', not {algorithm!r}")
