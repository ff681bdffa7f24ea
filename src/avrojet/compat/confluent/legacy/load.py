"""``confluent_kafka.avro.load``: schemas from text and from files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from avrojet.compat.confluent.legacy.error import ClientError
from avrojet.errors import SchemaError
from avrojet.schema.model import NamedSchema, Schema
from avrojet.schema.parse import parse_schema

__all__ = ["LoadedSchema", "load", "loads"]


class LoadedSchema:
    """A schema, with the attributes of Apache ``avro``'s schemas that programs use. ``str()`` is its JSON
    text.

    :ivar schema: the same schema as avrojet's.
    """

    def __init__(self, text: str) -> None:
        self.schema: Schema = parse_schema(text)
        self._text = (
            json.dumps(json.loads(text)) if text.lstrip()[:1] in ('"', "{", "[") else self.schema.json
        )

    @property
    def type(self) -> str:
        """The name of its type, such as ``record``."""
        return self.schema.type

    @property
    def fullname(self) -> str:
        """Namespace and name; the name of its type if it is not a named type."""
        return self.schema.fullname if isinstance(self.schema, NamedSchema) else self.schema.type

    @property
    def name(self) -> str:
        """The name without the namespace."""
        return self.fullname.rpartition(".")[2]

    @property
    def namespace(self) -> str | None:
        """The namespace, or None."""
        return self.fullname.rpartition(".")[0] or None

    def to_json(self, names: Any = None) -> Any:
        """The schema as JSON data."""
        return json.loads(self._text)

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<schema {self._text}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LoadedSchema) and self.schema == other.schema

    def __hash__(self) -> int:
        return hash(self._text)


def loads(schema_str: str) -> LoadedSchema:
    """The schema of a JSON text.

    :raises ClientError: if it is not valid.
    """
    try:
        return LoadedSchema(schema_str)
    except SchemaError as error:
        raise ClientError(f"Schema parse failed: {error}") from error


def load(fp: str | os.PathLike[str]) -> LoadedSchema:
    """The schema of a file.

    :param fp: its path.
    :raises ClientError: if it is not valid.
    """
    return loads(Path(fp).read_text(encoding="utf-8"))
