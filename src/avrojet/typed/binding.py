"""Classes in the place of schemas: the schema and the shape of an annotation, made once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from avrojet.cache import PlanCache
from avrojet.core.objects.form import Shape
from avrojet.core.plan.plan import freeze
from avrojet.core.rows.row_encoder import RowEncoder
from avrojet.core.rows.rows import RowDecoder
from avrojet.custom import encode_converters, logical_types_in_force
from avrojet.errors import AvroError, SchemaError
from avrojet.limits import Limits, on_new_defaults
from avrojet.plan.resolve import resolve
from avrojet.schema.defaults import encode_default
from avrojet.schema.model import RecordSchema, Schema, UnionSchema
from avrojet.schema.parse import parse_schema
from avrojet.typed import annotation_key
from avrojet.typed.annotations import shown
from avrojet.typed.fit import Fitter
from avrojet.typed.options import RecordOptions
from avrojet.typed.schema import Pending, SchemaBuilder
from avrojet.varint import decode_long

Classes: TypeAlias = Mapping[str, type] | Iterable[type]


class Bound(NamedTuple):
    """A schema, and the shape of its Python values; None if that is the usual one."""

    schema: Schema
    shape: Shape | None


def schema_of(
    cls: Any,
    *,
    name: str | None = None,
    namespace: str | None = None,
    aliases: Iterable[str] = (),
    doc: str | None = None,
    localns: Mapping[str, Any] | None = None,
) -> Schema:
    """The schema of a class: a dataclass, msgspec.Struct, attrs class, NamedTuple, TypedDict, pydantic
    model, or any annotation made of them and of Python's types. docs/howto/typed.md has the table.

    >>> @dataclass
    ... class Order:
    ...     id: int
    ...     note: str | None = None
    >>> schema_of(Order).canonical_form
    '{"name":"Order","type":"record","fields":[{"name":"id","type":"long"},{"name":"note","type":["null","string"]}]}'

    :param name: of the record. This and the next three are those of :func:`avrojet.record`, for a class that
        you cannot decorate.
    :param namespace: of the record, and of those in it that have none of their own.
    :param aliases: other names that writers may have used.
    :param doc: documentation.
    :param localns: names that the annotations use and that are defined in a function: ``locals()`` there.
    :raises SchemaError: if an annotation has no exact form in Avro; the message says what to write.
    """
    if name is None and namespace is None and doc is None and localns is None and aliases == ():
        return bound(cls).schema
    options = RecordOptions(name, namespace, tuple(aliases), doc)
    return _bound(cls, options, localns, None, trusted=False).schema


def bound(cls: Any, *, limits: Limits | None = None, trusted: bool = False) -> Bound:
    """The schema and the shape of an annotation; recently used ones are cached.

    :param trusted: make models of pydantic without validation.
    """
    key: Hashable = (annotation_key(cls), trusted)
    known = _known.get(key)
    if known is None:
        known = _bound(cls, RecordOptions(), None, limits, trusted=trusted)
        _known.keep(key, known, len(known.schema.json))
    return known


_known: PlanCache[Bound] = PlanCache()
on_new_defaults(_known.clear)


def _bound(
    cls: Any,
    options: RecordOptions,
    localns: Mapping[str, Any] | None,
    limits: Limits | None,
    *,
    trusted: bool,
) -> Bound:
    builder = SchemaBuilder(localns)
    data = builder.root(cls, options)
    schema = parse_schema(data, limits=limits)
    if builder.pending:
        _Defaults(schema, Fitter(localns)).add(builder.pending)
        schema = parse_schema(data, limits=limits)
    return Bound(schema, Fitter(localns, trusted=trusted).shape(cls, schema, shown(cls)))


def bound_by_names(schema: Schema, classes: Classes, *, trusted: bool = False) -> Bound:
    """A schema whose named types are those of classes.

    :param classes: from fullname to class, or classes that are found by the names of their own schemas.
    """
    if not isinstance(classes, Mapping):
        classes = by_fullname(classes)
    key = id(schema), trusted, tuple(classes.items())
    known = _named.get(key)
    if known is None:
        known = Bound(schema, Fitter(trusted=trusted, classes=classes).found(schema))
        _named.keep(key, known, len(schema.json))
    return known


_named: PlanCache[Bound] = PlanCache()
on_new_defaults(_named.clear)


def by_fullname(classes: Iterable[type]) -> dict[str, type]:
    """Return classes by the names in their own schemas.

    :raises SchemaError: if one has none.
    """
    return {_fullname(cls): cls for cls in classes}


def _fullname(cls: type) -> str:
    schema = bound(cls).schema
    name: str | None = getattr(schema, "fullname", None)
    if name is None:
        raise SchemaError(f"{shown(cls)} has no name in Avro: give classes={{fullname: class}}")
    return name


class _Defaults:
    """Puts defaults into the fields of a schema: they are encoded by the class and decoded as plain data."""

    def __init__(self, schema: Schema, fitter: Fitter) -> None:
        self._fitter = fitter
        self._records: dict[str, RecordSchema] = {}
        self._collect(schema)

    def _collect(self, schema: Schema) -> None:
        waiting = [schema]
        while waiting:
            each = waiting.pop()
            if isinstance(each, UnionSchema):
                waiting += each.branches
            elif isinstance(each, RecordSchema):
                if each.fullname not in self._records:
                    self._records[each.fullname] = each
                    waiting += [field.type for field in each.fields]
            elif each.type in ("array", "map"):
                waiting.append(each.items if each.type == "array" else each.values)  # type: ignore[attr-defined]

    def add(self, pending: list[Pending]) -> None:
        for each in pending:
            try:
                self._add(each)
            except AvroError as error:
                raise SchemaError(
                    f"{each.path}: its default {each.value!r:.80} cannot be expressed in Avro: {error}; "
                    "set another with "
                    f"avrojet.field(default=...)",
                    path=each.path,
                ) from error

    def _add(self, pending: Pending) -> None:
        record = self._records[pending.record]
        schema = next(field.type for field in record.fields if field.name == pending.field["name"])
        data = self._encoded(pending, schema)
        if isinstance(schema, UnionSchema) and pending.sort:
            branch = decode_long(data, 0)[0]
            types_ = pending.field["type"]
            pending.field["type"] = [types_[branch], *(t for i, t in enumerate(types_) if i != branch)]
        plain: Any = RowDecoder(freeze(resolve(schema, logical=False))).decode(data)
        pending.field["default"] = _as_json(plain)
        if encode_default(schema, pending.field["default"]) != data:
            raise SchemaError("a value of a union in it would be taken for one of another branch")

    def _encoded(self, pending: Pending, schema: Schema) -> bytes:
        shape = self._fitter.shape(pending.hint, schema, pending.path, pending.variables)
        custom = logical_types_in_force(wanted=True)
        steps = resolve(schema, custom=custom.keys())
        plan = freeze(steps, shape, encoding=True, converters=encode_converters(custom))
        return RowEncoder(plan).encode(pending.value)


def _as_json(plain: Any) -> Any:
    """Return a default as JSON data: bytes are text of their code points (specification: default values)."""
    if isinstance(plain, bytes):
        return plain.decode("latin-1")
    if isinstance(plain, list):
        return [_as_json(each) for each in plain]
    if isinstance(plain, dict):
        return {key: _as_json(each) for key, each in plain.items()}
    return plain
