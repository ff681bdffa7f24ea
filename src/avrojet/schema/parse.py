"""From JSON text, JSON data or schemas to schemas."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any, Final

from avrojet.errors import LimitError, SchemaError
from avrojet.limits import Limits, excess, limits_in_force
from avrojet.schema.model import NamedSchema, Schema
from avrojet.schema.parser import NameMode, Parser
from avrojet.schema.places import TOO_DEEP


def parse_schema(
    source: Any,
    *,
    names: NameMode = "strict",
    named: Mapping[str, NamedSchema] | None = None,
    limits: Limits | None = None,
) -> Schema:
    """Make a Schema of its JSON (specification: Schema Declaration).

    :param source: JSON text (str, or bytes in UTF-8), JSON data (any Mapping, Sequence or str, with Schemas
        for parts of it if you like), or a Schema, which is returned as it is. A str that begins no JSON
        object, array or string is the name of a type: ``"long"``. Attributes that are null count as absent.
    :param names: ``"strict"`` keeps to the specification. ``"lax"`` is for the old schemas of the world:
        any text but none is a name, and a field whose default does not fit its type counts as one without
        default (:class:`IgnoredDefaultWarning`).
    :param named: named types that the source may refer to, by fullname.
    :param limits: ``depth``, ``schema_bytes`` and ``union_branches`` bound the source; None: the process's.
    :raises SchemaError: if the source breaks a rule; its path and its message name the place.
    :raises LimitError: if it exceeds a limit, or nests too deep for Python's stack.

    A logical type that is not valid where it stands is ignored (:class:`IgnoredLogicalTypeWarning`). A
    default that is no value of its field's logical type is told (:class:`UnreadableDefaultWarning`): only who
    needs it gets an error. Defaults of float and double may be NaN and infinities: the bare words that Python
    reads in JSON text, or the strings ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``, as which they are
    written.

    >>> parse_schema({"type": "array", "items": "long"}).canonical_form
    '{"type":"array","items":"long"}'
    """
    if isinstance(source, Schema):
        return source
    limits = limits_in_force(limits)
    parser = Parser(names, limits, named)
    if isinstance(source, _TEXT):
        source = read_json(source, limits)
    schema = parser.parse(source)
    for category, text in parser.warnings:
        warnings.warn(text, category, stacklevel=2)
    return schema


_TEXT: Final = (str, bytes, bytearray)  # a tuple: the union of types would be made for each call
_MOST: Final = (1 << 31) - 1
_NO_LIMITS: Final = Limits(depth=_MOST, schema_bytes=_MOST, union_branches=_MOST)


def restore_schema(text: str) -> Schema:
    """The schema of its own ``json``, for pickle: what it broke or exceeded was let pass once."""
    return Parser("lax", _NO_LIMITS).parse(read_json(text, _NO_LIMITS))


def read_json(text: str | bytes | bytearray, limits: Limits) -> Any:
    """The JSON data of a schema's text; the text itself if it can only be the name of a type."""
    if len(text) > limits.schema_bytes:
        raise excess(limits, "schema_bytes", f"a schema of {len(text)} characters")
    if not text.strip():
        raise SchemaError("the schema is empty")
    try:
        if not isinstance(text, str):
            text = text.decode()
        text = text.removeprefix("\N{BYTE ORDER MARK}")
        return json.loads(text) if text.lstrip()[:1] in _JSON_BEGINS else text.strip()
    except RecursionError:
        raise LimitError(TOO_DEEP) from None
    except ValueError as error:
        raise SchemaError(f"the schema is no JSON: {error}") from error


_JSON_BEGINS: Final = frozenset('{["')
