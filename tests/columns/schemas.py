"""Hypothesis: schemas with all that Arrow's columns make something of, on top of what all tests draw."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.strategies import writers

# What may stand in a primitive type's place.
ADDED: dict[str, list[Any]] = {
    "long": [
        *({"type": "long", "arrow.format": f"tD{unit}"} for unit in "smun"),
        {"type": "long", "arrow.format": "tDx"},
        {"type": "long", "logicalType": "timestamp-millis", "arrow.timezone": "Europe/Berlin"},
        {"type": "long", "logicalType": "timestamp-nanos", "arrow.timezone": "-03:30"},
    ],
    "string": [
        {"type": "string", "arrow.dictionary": True},
        {"type": "string", "arrow.dictionary": ["", "a"]},
    ],
    "bytes": [
        {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
        for precision, scale in [(38, 0), (39, 39), (50, 10), (76, 2), (100, 20), (100, 80)]
    ],
}


@st.composite
def arrow_writers(draw: st.DrawFn) -> Any:
    """A writer's schema."""
    return _with_arrow(draw, draw(writers()), [0])


def _with_arrow(draw: st.DrawFn, schema: Any, names: list[int]) -> Any:
    if isinstance(schema, list):
        return [_with_arrow(draw, branch, names) for branch in schema]
    if isinstance(schema, str):
        return draw(st.sampled_from([schema, *ADDED.get(schema, [])]))
    if "items" in schema:
        return _array(draw, _with_arrow(draw, schema["items"], names), names)
    if "values" in schema:
        return {**schema, "values": _with_arrow(draw, schema["values"], names)}
    if "fields" in schema:
        return {**schema, "fields": [_field(draw, field, names) for field in schema["fields"]]}
    return schema


def _array(draw: st.DrawFn, items: Any, names: list[int]) -> Any:
    """An array, or one that is a map by other keys than strings."""
    if draw(st.integers(0, 2)):
        return {"type": "array", "items": items}
    names[0] += 1
    key = draw(st.sampled_from(["int", "string", "boolean", ["null", "int"]]))
    fields = [{"name": "key", "type": key}, {"name": "value", "type": items}]
    entry = {"type": "record", "name": f"maps.Entry{names[0]}", "fields": fields}
    return {"type": "array", "items": entry, "logicalType": "map"}


def _field(draw: st.DrawFn, field: Any, names: list[int]) -> Any:
    made = {**field, "type": _with_arrow(draw, field["type"], names)}
    if draw(st.integers(0, 5)) == 0:
        made["arrow.name"] = draw(st.sampled_from(["a b", "f0", "", "ä.ö"]))
    return made
