"""Names that the schema functions share; other libraries import from fastavro's module of this name."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from avrojet.levels import is_deep
from avrojet.messages import represent
from avrojet.schema.canonical import fingerprint
from avrojet.schema.model import PRIMITIVE_TYPES

PRIMITIVES: Final = set(PRIMITIVE_TYPES)
RABIN_64: Final = "CRC-64-AVRO"
JAVA_FINGERPRINT_MAPPING: Final = {"SHA-256": "sha256", "MD5": "md5"}
FINGERPRINT_ALGORITHMS: Final = {*hashlib.algorithms_guaranteed, *JAVA_FINGERPRINT_MAPPING, RABIN_64}


class UnknownType(ValueError):
    """A schema refers to a type that is neither primitive nor defined.

    :ivar name: the type's name, or the schema that has it.
    """

    def __init__(self, name: Any) -> None:
        super().__init__(name if isinstance(name, str) or not is_deep(name) else represent(name))
        self.name = name


class SchemaParseException(Exception):
    """A schema breaks one of the rules that fastavro holds it to."""


def rabin_fingerprint(data: bytes) -> str:
    """The CRC-64-AVRO fingerprint of a canonical form, which is UTF-8, in hexadecimal digits."""
    return fingerprint(data.decode(), RABIN_64).hex()
