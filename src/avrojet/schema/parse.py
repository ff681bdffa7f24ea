"""From JSON text, JSON data or schemas to schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from marshal import dumps
from typing import Any, Final, TypeAlias

from avrojet.cache import PlanCache
from avrojet.limits import Limits, cache_key, limits_in_force
from avrojet.messages import warn
from avrojet.schema.model import NamedSchema, Schema
from avrojet.schema.parser import NameMode, Parser
from avrojet.schema.text import read_json


def parse_schema(
    source: Any,
    *,
    names: NameMode = "strict",
    named: Mapping[str, NamedSchema] | None = None,
    limits: Limits | None = None,
) -> Schema:
    """Make a Schema of its JSON (specification: Schema Declaration).

    :param source: JSON text (str, or bytes in UTF-8), JSON data (any Mapping, Sequence or str, with Schemas
        for parts of it if you like), or a Schema, which is returned as it is. A str that does not begin a
        JSON object, array or string is the name of a type, such as ``"long"`` or ``"null"`` (None is not). A
        class has the schema of :func:`avrojet.schema_of`.
        Attributes that are null count as absent. Any string may be an alias, even one that is not a name, so
        that a reader's schema can correct the bad names of old data (specification: Aliases).
    :param names: ``"strict"`` keeps to the specification. ``"lax"`` is for old and careless schemas, such as
        those in the headers of files. As data can be read all the same, it also accepts:

        - any text that UTF-8 can encode, even an empty one, as a name; records, enums and fixed without a
          name; a type that has the name of a primitive type in a namespace;
        - a type that is used before it is defined, or defined twice in the same way;
        - ``order`` in any case, and comments as in Java and C;
        - a default that does not fit its field; the field then counts as one without default
          (:class:`IgnoredDefaultWarning`);
        - invalid documentation, namespaces, aliases, orders and defaults of enums, which are ignored
          (:class:`IgnoredAttributeWarning`).
    :param named: named types that the source may refer to, by fullname.
    :param limits: ``depth``, ``schema_bytes`` and ``union_branches`` bound the source; None: the process's.
    :raises SchemaError: if the source breaks a rule; its path and its message name the place.
    :raises LimitError: if it exceeds a limit, or a default or an attribute nests too deep for Python's stack.

    A logical type that is not valid for its type is ignored (:class:`IgnoredLogicalTypeWarning`). A default
    that is not a value of its field's logical type gets a warning (:class:`UnreadableDefaultWarning`); an
    error is raised only when it is needed. Defaults of float and double may be NaN and infinities: the bare
    words that Python reads in JSON text, or the strings ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``, which
    is how they are written.

    Recently used schemas are cached: the same text, or data of the same content, is parsed once.

    >>> parse_schema({"type": "array", "items": "long"}).canonical_form
    '{"type":"array","items":"long"}'
    """
    if isinstance(source, Schema):
        return source
    limits = limits_in_force(limits)
    same = None if named else _content(source)
    if same is None:
        from avrojet.typed import is_annotation

        if is_annotation(source):
            from avrojet.typed.binding import bound

            return bound(source, limits=limits).schema
    key = type(source), same, names, cache_key(limits)
    parsed = None if same is None else _parsed.get(key)
    if parsed is None:
        parsed = _parse(source, names, named, limits)
        if same is not None:
            _parsed.keep(key, parsed, len(same))
    schema, warnings = parsed
    for category, text in warnings:
        warn(category, text)
    return schema


_Parsed: TypeAlias = tuple[Schema, Sequence[tuple[type[Warning], str]]]
# Files, messages and calls contain the same sources again and again.
_parsed: PlanCache[_Parsed] = PlanCache()


def _content(source: Any) -> str | bytes | None:
    """The source's content as a key of the cache; None if there is no quick way to make one."""
    if type(source) is str:
        return source
    if type(source) not in _NESTED or not _is_plain(source):
        return None
    return dumps(source, _MARSHAL)


_NESTED: Final = {dict, list, tuple}
# The version of marshal's format in which the bytes of equal data are equal; later ones depend on references.
_MARSHAL: Final = 0
_SCALARS: Final = {str, int, float, bool, type(None)}
# Bounds on levels and containers: marshal takes some hundred bytes of stack for each level.
_DEEPEST: Final = 100
_WIDEST: Final = 10_000


def _is_plain(data: Any) -> bool:
    """Whether JSON data consist of Python's own types, and are neither deep nor large."""
    level = [data]
    for _ in range(_DEEPEST):
        inner = [
            each
            for outer in level
            for each in (outer.values() if type(outer) is dict else outer)
            if type(each) not in _SCALARS
        ]
        if not inner:
            return True
        if len(inner) > _WIDEST or not _NESTED.issuperset(map(type, inner)):
            return False
        level = inner
    return False


def _parse(source: Any, names: NameMode, named: Mapping[str, NamedSchema] | None, limits: Limits) -> _Parsed:
    parser = Parser(names, limits, named)
    if isinstance(source, _TEXT):
        source = read_json(source, limits, comments=names == "lax")
    return parser.parse(source), parser.warnings


_TEXT: Final = (str, bytes, bytearray)  # a tuple: the union of types would be made for each call
_MOST: Final = (1 << 31) - 1
NO_LIMITS: Final = Limits(depth=_MOST, schema_bytes=_MOST, union_branches=_MOST)


def restore_schema(text: str) -> Schema:
    """The schema with this ``json``, for pickle, in lax mode and without limits: it was accepted before."""
    return Parser("lax", NO_LIMITS).parse(read_json(text, NO_LIMITS))
