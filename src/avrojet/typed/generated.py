"""Classes of a schema, made at run time."""

from __future__ import annotations

from typing import Any

from avrojet.cache import PlanCache
from avrojet.limits import on_new_defaults
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema
from avrojet.typed.classes import NAMESPACE
from avrojet.typed.source import Kind, Module


def classes_from(schema: Any, kind: Kind = "dataclass") -> dict[str, type]:
    """Classes for the records and enums of a schema, by fullname. They are cached: the same schema has the
    same classes.

    >>> classes = classes_from(schema)
    >>> classes["shop.Order"](id=7).id
    7
    >>> Decoder(schema, classes=classes).decode(data)
    Order(id=7, note=None)

    ``avrojet classes`` writes the same classes as source code, which type checkers can read.

    :param schema: a Schema, JSON text or JSON data.
    :param kind: ``"dataclass"``, ``"struct"`` (msgspec), ``"attrs"``, ``"pydantic"``, ``"namedtuple"`` or
        ``"typeddict"``.
    :raises SchemaError: if the schema has no record and no enum.
    :raises ImportError: if the library of the kind is not installed.
    """
    parsed = parse_schema(schema)
    key = parsed.json, kind
    found = _made.get(key)
    if found is None:
        found = _make(parsed, kind)
        _made.keep(key, found, len(parsed.json))
    return dict(found)


_made: PlanCache[dict[str, type]] = PlanCache()
on_new_defaults(_made.clear)


def _make(schema: Schema, kind: Kind) -> dict[str, type]:
    module = Module([schema], kind)
    # The name of an existing module, as dataclasses look it up; the names are found by NAMESPACE.
    names: dict[str, Any] = {"__name__": __name__}
    exec(compile(module.text(""), "<avrojet classes>", "exec"), names)  # noqa: S102 (of names and literals only)
    found = {fullname: names[name] for fullname, name in module.classes.items()}
    classes = {fullname: cls for fullname, cls in found.items() if isinstance(cls, type)}
    for cls in classes.values():
        if kind == "pydantic" and hasattr(cls, "model_rebuild"):
            cls.model_rebuild(_types_namespace=names)
        setattr(cls, NAMESPACE, names)
    return classes
