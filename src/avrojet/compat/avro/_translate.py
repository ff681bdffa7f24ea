"""This interface's schemas as avrojet's, and the results that are cached with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

from avrojet.schema.canonical import fingerprint
from avrojet.schema.defaults import check_default
from avrojet.schema.model import (
    NO_DEFAULT,
    NO_PROPS,
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    LogicalType,
    MapSchema,
    NamedSchema,
    PrimitiveSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.schema.names import fullname as in_namespace

_RECORDS: Final = ("record", "error", "request")
_UNIONS: Final = ("union", "error_union")


class Known:
    """The results cached for a schema.

    :ivar schema: the schema as avrojet's.
    :ivar text: the JSON text that it was parsed from, if it was; schemas with the same text share plans.
    :ivar plans: the plans that read or write its data, by their purpose.
    """

    __slots__ = ("epoch", "plans", "schema", "text")

    def __init__(self, schema: Schema, text: str | None) -> None:
        self.epoch = _epoch
        self.schema = schema
        self.text = text
        self.plans: dict[Any, Any] = {}


_epochs: Final = count(1)
_epoch = 0


def schema_has_changed() -> None:
    """Discard the results for all schemas, as an attribute of one was set."""
    global _epoch  # noqa: PLW0603 (one for the process, as schemas are shared)
    _epoch = next(_epochs)


def known(schema: Any) -> Known:
    """Return the results for a schema of this interface; make them now if there are none, or it has changed
    since.
    """
    found: Known | None = schema.__dict__.get("_known")
    if found is None or found.epoch != _epoch:
        text = schema.__dict__.get("_text") if found is None else None
        found = schema._known = Known(_Translator().whole(schema), text)
    return found


def remember_text(schema: Any, text: str) -> None:
    """Note the JSON text that a schema was parsed from."""
    schema._text = text


@contextmanager
def within(names: Any, namespace: str | None) -> Iterator[None]:
    """Make a record's namespace the enclosing one, while its fields are written."""
    before = namespace_around(names)
    names._around = namespace
    try:
        yield
    finally:
        names._around = before


def namespace_around(names: Any) -> str | None:
    """The namespace for a definition that has none of its own."""
    around: str | None = names.__dict__.get("_around", names.default_namespace)
    return around


def canonical_form(schema: Any) -> str:
    """The Parsing Canonical Form."""
    return known(schema).schema.canonical_form


def canonical_fingerprint(schema: Any) -> bytes:
    """The 64-bit Rabin fingerprint, little-endian."""
    return fingerprint(canonical_form(schema), "CRC-64-AVRO")


class _Translator:
    """Builds one graph of avrojet's schemas."""

    def __init__(self) -> None:
        self._made: dict[int, Schema] = {}
        self._records: list[tuple[RecordSchema, Any]] = []

    def whole(self, source: Any) -> Schema:
        made = self._schema(source)
        for record, fields in self._records:  # which grows during this loop
            record.close(tuple([self._field(field) for field in fields]))
        for record, fields in self._records:
            _check_defaults(record, fields)
        return made

    def _schema(self, source: Any) -> Schema:
        made = self._made.get(id(source))
        if made is None:
            made = self._made[id(source)] = self._make(source)
        return made

    def _make(self, source: Any) -> Schema:
        kind = source.type
        if kind in _RECORDS:
            return self._record(source, kind)
        if kind in _UNIONS:
            return UnionSchema(tuple([self._schema(branch) for branch in source.schemas]))
        if kind == "array":
            return ArraySchema(self._schema(source.items))
        if kind == "map":
            return MapSchema(self._schema(source.values))
        if kind == "enum":
            default = source.get_prop("default")
            default = default if default in source.symbols else None
            return EnumSchema(source.fullname, tuple(source.symbols), default, aliases(source))
        if kind == "fixed":
            names = aliases(source)
            return FixedSchema(source.fullname, source.size, names, None, NO_PROPS, _logical(source))
        return PrimitiveSchema(kind, NO_PROPS, _logical(source))

    def _record(self, source: Any, kind: str) -> NamedSchema:
        if kind == "request":
            made = RecordSchema("request")
        else:
            made = RecordSchema(
                source.fullname, aliases(source), None, NO_PROPS, "error" if kind == "error" else "record"
            )
        self._records.append((made, source.fields))
        return made

    def _field(self, source: Any) -> Field:
        default = source.default if source.has_default else NO_DEFAULT
        given = source.get_prop("aliases")
        names = [alias for alias in given if isinstance(alias, str)] if isinstance(given, list) else []
        return Field(source.name, self._schema(source.type), default, aliases=tuple(names))


def _check_defaults(record: RecordSchema, fields: Any) -> None:
    """Remove defaults that do not fit: if one is needed, the error is that there is none."""
    checked = [
        field._replace(default=NO_DEFAULT)
        if field.default is not NO_DEFAULT and check_default(field.type, field.default)
        else field
        for field in record.fields
    ]
    if any(new is not old for new, old in zip(checked, record.fields, strict=True)):
        record.correct(tuple(checked))


def aliases(source: Any) -> tuple[str, ...]:
    """The aliases of a named type, as fullnames."""
    namespace = source.fullname.rpartition(".")[0]
    given = source.get_prop("aliases")
    if not isinstance(given, list | tuple):
        return ()
    return tuple([in_namespace(alias, namespace) for alias in given if isinstance(alias, str)])


def _logical(source: Any) -> LogicalType | None:
    name = getattr(source, "logical_type", None)
    if name is None:
        return None
    props: Mapping[str, Any] = source.props
    return LogicalType(name, props.get("precision", 0), props.get("scale", 0))
