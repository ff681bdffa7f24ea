"""Defaults of a schema as expressions of Python."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from avrojet.core.plan.plan import freeze
from avrojet.core.rows.rows import RowDecoder
from avrojet.plan.resolve import resolve
from avrojet.schema.defaults import encode_default
from avrojet.schema.model import ArraySchema, EnumSchema, MapSchema, RecordSchema, Schema, UnionSchema
from avrojet.values import Duration, NanoDatetime

Members = Callable[[EnumSchema, str], str]
Instance = Callable[[RecordSchema, Mapping[str, str]], str]


def expression_of(
    schema: Schema, default: Any, classes: Mapping[str, str], members: Members, instance: Instance
) -> str:
    """The value of a default, as source code.

    :param classes: from fullname to the name of a class.
    :param members: the member of an enum for a symbol.
    :param instance: of a record, made of the expressions of its fields.
    """
    data = encode_default(schema, default)
    value = RowDecoder(freeze(resolve(schema), tagged=lambda branch: True)).decode(data)
    return _Writer(classes, members, instance).text(schema, value)


class _Writer:
    def __init__(self, classes: Mapping[str, str], members: Members, instance: Instance) -> None:
        self._classes = classes
        self._members = members
        self._instance = instance

    def text(self, schema: Schema, value: Any) -> str:
        if isinstance(schema, UnionSchema):
            return self._of_union(schema, value)
        if isinstance(schema, ArraySchema):
            return f"[{', '.join(self.text(schema.items, each) for each in value)}]"
        if isinstance(schema, MapSchema):
            entries = [f"{key!r}: {self.text(schema.values, each)}" for key, each in value.items()]
            return f"{{{', '.join(entries)}}}"
        if isinstance(schema, RecordSchema):
            return self._instance(
                schema, {field.name: self.text(field.type, value[field.name]) for field in schema.fields}
            )
        if isinstance(schema, EnumSchema):
            return f"{self._classes[schema.fullname]}.{self._members(schema, value)}"
        return _of_value(value)

    def _of_union(self, schema: UnionSchema, value: Any) -> str:
        from avrojet.plan.match import branch_name

        if value is None:
            return "None"
        name, inner = value
        return self.text(next(each for each in schema.branches if branch_name(each) == name), inner)


def _of_value(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, NanoDatetime):
        return f"avrojet.NanoDatetime.from_datetime({_of_value(value.to_datetime())}, {value.nanosecond})"
    if isinstance(value, datetime | date | time):
        return repr(value).replace("datetime.timezone", "timezone").replace("datetime.", "", 1)
    if isinstance(value, Decimal | UUID):
        return f'{type(value).__name__}("{value}")'
    if isinstance(value, Duration):
        return f"avrojet.{value!r}"
    if isinstance(value, str):
        return json.dumps(value) if value.isprintable() and value.isascii() else repr(value)
    if isinstance(value, bytes) and b'"' not in value and b"'" not in value:
        return f'b"{repr(value)[2:-1]}"'
    return repr(value)
