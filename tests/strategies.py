"""Hypothesis: writers' schemas as JSON data, readers' schemas that have evolved from them, and values.

Each value of a union is tagged, so that there is one encoding of each.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import strategies as st

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
from tests.reference import branch_name, fewest_bytes, from_underlying, number

JSON = Any  # a schema
UNITS = ("millis", "micros", "nanos")

PRIMITIVES: list[JSON] = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
LOGICAL: list[JSON] = [
    {"type": "int", "logicalType": "date"},
    {"type": "int", "logicalType": "time-millis"},
    {"type": "long", "logicalType": "time-micros"},
    *({"type": "long", "logicalType": f"timestamp-{unit}"} for unit in ("millis", "micros", "nanos")),
    *({"type": "long", "logicalType": f"local-timestamp-{unit}"} for unit in ("millis", "micros", "nanos")),
    {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
    {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 1},
    {"type": "bytes", "logicalType": "decimal", "precision": 30, "scale": 10},
    {"type": "bytes", "logicalType": "big-decimal"},
    {"type": "string", "logicalType": "uuid"},
]
FIXED: list[JSON] = [
    {"type": "fixed", "size": 0},
    {"type": "fixed", "size": 3},
    {"type": "fixed", "size": 16, "logicalType": "uuid"},
    {"type": "fixed", "size": 12, "logicalType": "duration"},
    {"type": "fixed", "size": 2, "logicalType": "decimal", "precision": 4, "scale": 2},
]
WIDER = {
    "int": ["long", "float", "double"],
    "long": ["float", "double"],
    "float": ["double"],
    "string": ["bytes"],
    "bytes": ["string"],
}
SYMBOLS = ["A", "B", "C", "D"]
SIMPLE_DEFAULTS: list[tuple[JSON, Any]] = [
    ("int", 5),
    ("double", 1),
    ("string", "é"),
    ("bytes", "\xff"),
    (["null", "string"], None),
    (["string", "null"], None),
    ({"type": "array", "items": "int"}, [1]),
    ({"type": "map", "values": "float"}, {"k": 0.1}),
    ({"type": "int", "logicalType": "date"}, 1),
    ("double", "NaN"),
    ("float", "-Infinity"),
    (["null", "double", "string"], "NaN"),
    (["null", "float"], "Infinity"),
    # Of no use: who needs one gets an error.
    ({"type": "int", "logicalType": "time-millis"}, -1),
    (["null", {"type": "string", "logicalType": "uuid"}], ""),
    ({"type": "array", "items": {"type": "bytes", "logicalType": "decimal", "precision": 2}}, ["\x7f"]),
]


FIELD_NAMES = ["f0", "f1", "f2", "f3"]
DEFAULTED = [{"type": "int", "default": 7}, {"type": ["null", "int"], "default": None}]


class Names:
    """Fullnames that are new, in two namespaces."""

    def __init__(self) -> None:
        self.count = 0

    def new(self, draw: st.DrawFn) -> str:
        self.count += 1
        return draw(st.sampled_from(["a.", "b.", ""])) + f"N{self.count}"


@st.composite
def writers(draw: st.DrawFn) -> JSON:
    """A writer's schema."""
    return _schema(draw, 3, Names(), [])


def _schema(draw: st.DrawFn, depth: int, names: Names, above: list[str], union: bool = True) -> JSON:
    kinds = ["primitive", "logical", "enum", "fixed"]
    if depth:
        kinds += ["array", "map", "record", "record"] + ["union", "nullable", "wrapper", "wrapper"] * union
    match draw(st.sampled_from(kinds)):
        case "primitive":
            return draw(st.sampled_from(PRIMITIVES))
        case "logical":
            return draw(st.sampled_from(LOGICAL))
        case "enum":
            symbols = draw(st.lists(st.sampled_from(SYMBOLS), min_size=1, unique=True))
            return {"type": "enum", "name": names.new(draw), "symbols": symbols}
        case "fixed":
            return {"name": names.new(draw), **draw(st.sampled_from(FIXED))}
        case "array":
            return {"type": "array", "items": _schema(draw, depth - 1, names, above)}
        case "map":
            return {"type": "map", "values": _schema(draw, depth - 1, names, above)}
        case "nullable":
            return _nullable(draw, _schema(draw, depth - 1, names, above, union=False))
        case "wrapper":
            return _nullable(draw, _wrapper(draw, names))
        case "union":
            drawn = [_schema(draw, depth - 1, names, above, union=False) for _ in range(3)]
            return list({branch_key(branch): branch for branch in drawn}.values())
        case _:
            return _record(draw, depth, names, above)


def _nullable(draw: st.DrawFn, other: JSON) -> JSON:
    """Null may be either branch."""
    return [other] if other == "null" else draw(st.sampled_from([["null", other], [other, "null"]]))


def _wrapper(draw: st.DrawFn, names: Names) -> JSON:
    """A record of one value, as the nullable types of other formats become (StringValue)."""
    fields = [{"name": "value", "type": draw(st.sampled_from(PRIMITIVES))}]
    if draw(st.integers(0, 3)) == 0:
        fields.insert(draw(st.integers(0, 1)), {"name": "none", "type": _empty_record(names, draw)})
    record = {"type": "record", "name": names.new(draw), "namespace": "", "fields": fields}
    if draw(st.integers(0, 3)) == 0:
        around = [{"name": "inner", "type": record}]
        return {"type": "record", "name": names.new(draw), "namespace": "", "fields": around}
    return record


def _empty_record(names: Names, draw: st.DrawFn) -> JSON:
    return {"type": "record", "name": names.new(draw), "namespace": "", "fields": []}


def branch_key(branch: JSON) -> str:
    """No two branches of a union may agree in this."""
    return branch if isinstance(branch, str) else branch.get("name", branch["type"])


def _record(draw: st.DrawFn, depth: int, names: Names, above: list[str]) -> JSON:
    fullname = names.new(draw)
    above = [*above, fullname]
    fields: list[JSON] = []
    for index in range(draw(st.integers(0, 3))):
        if draw(st.integers(0, 4)) == 0:
            # ".N" would be no name: a name without namespace stands for itself only outside of one.
            same = [name for name in above if "." in name]
            type = ["null", draw(st.sampled_from(same))] if same else "long"
        else:
            type = _schema(draw, depth - 1, names, above)
        fields.append({"name": f"f{index}", "type": type})
        if draw(st.integers(0, 9)) == 0:
            fields[-1]["aliases"] = [draw(st.sampled_from(FIELD_NAMES))]
    return {"type": "record", "name": fullname, "namespace": "", "fields": fields}


@st.composite
def readers(draw: st.DrawFn, writer: JSON) -> JSON:
    """What may have become of a writer's schema; it need not fit any more."""
    return _evolved(draw, writer, {})


def _evolved(draw: st.DrawFn, schema: JSON, renamed: dict[str, str]) -> JSON:
    if isinstance(schema, list):
        return _evolved_union(draw, schema, renamed)
    if isinstance(schema, dict):
        new = dict(schema)
        if "name" in new:
            _rename(draw, new, renamed)
        if "items" in new:
            new["items"] = _evolved(draw, new["items"], renamed)
        if "values" in new:
            new["values"] = _evolved(draw, new["values"], renamed)
        if "symbols" in new:
            new["symbols"] = draw(st.lists(st.sampled_from(SYMBOLS), min_size=1, unique=True))
            if draw(st.booleans()):
                new["default"] = draw(st.sampled_from(new["symbols"]))
        if "fields" in new:
            new["fields"] = _evolved_fields(draw, new["fields"], renamed)
        schema = new
    else:
        schema = renamed.get(schema, schema)
    return _changed(draw, schema)


def _changed(draw: st.DrawFn, schema: JSON) -> JSON:
    kind = schema if isinstance(schema, str) else schema["type"]
    match draw(st.integers(0, 9)):
        case 0 if kind in WIDER:
            return draw(st.sampled_from(WIDER[kind]))
        case 1:
            others = [branch for branch in ("null", "float", "long", "string") if branch != kind]
            drawn = draw(st.lists(st.sampled_from(others), unique=True, max_size=2))
            return draw(st.permutations([schema, *drawn]))
        case 2 if kind in PRIMITIVES:
            return draw(st.sampled_from([kind, *(one for one in LOGICAL if one["type"] == kind)]))
        case 3 if draw(st.integers(0, 9)) == 0:
            return draw(st.sampled_from(PRIMITIVES))
        case 4 if isinstance(schema, dict) and "logicalType" in schema and "name" not in schema:
            return draw(st.sampled_from(LOGICAL))
        case 5 | 6 if isinstance(schema, dict) and schema.get("logicalType", "").endswith(UNITS):
            start = schema["logicalType"].rpartition("-")[0]
            return draw(
                st.sampled_from([one for one in LOGICAL if one["logicalType"].startswith(f"{start}-")])
            )
    return schema


def _evolved_union(draw: st.DrawFn, schema: list[JSON], renamed: dict[str, str]) -> JSON:
    branches: dict[str, JSON] = {}
    for branch in schema:
        new = _evolved(draw, branch, renamed)
        for each in new if isinstance(new, list) else [new]:
            branches.setdefault(branch_key(each), each)
    # Definitions may be moved after their uses only if there are none.
    order = list(branches.values())
    if all(isinstance(branch, str) for branch in order):
        order = draw(st.permutations(order))
    return order[0] if draw(st.integers(0, 9)) == 0 else order


def _rename(draw: st.DrawFn, schema: dict[str, Any], renamed: dict[str, str]) -> None:
    old = schema["name"]
    match draw(st.integers(0, 9)):
        case 0:
            schema["name"], schema["aliases"] = f"c.X{old.rpartition('.')[2]}", [old]
        case 1:
            schema["name"] = f"c.{old.rpartition('.')[2]}"
        case 2:
            schema["aliases"] = draw(st.lists(st.sampled_from([old, *renamed]), max_size=2))
        case 3:
            schema["name"] = f"c.X{old.rpartition('.')[2]}"
            schema["aliases"] = draw(st.lists(st.sampled_from([old, *renamed]), max_size=2))
    renamed[old] = schema["name"]


def _evolved_fields(draw: st.DrawFn, fields: list[JSON], renamed: dict[str, str]) -> list[JSON]:
    new = []
    for field in fields:
        evolved = {**field, "type": _evolved(draw, field["type"], renamed)}
        match draw(st.integers(0, 5)):
            case 0:
                evolved |= {"name": f"x{field['name']}", "aliases": [field["name"]]}
            case 1 if not _defines(evolved["type"]):
                continue
            case 2:
                # Names and aliases that collide: nobody checks that they make sense.
                evolved["name"] = draw(st.sampled_from([field["name"], *FIELD_NAMES]))
                evolved["aliases"] = draw(st.lists(st.sampled_from(FIELD_NAMES), max_size=2))
                if not _defines(evolved["type"]) and draw(st.booleans()):
                    evolved |= draw(st.sampled_from(DEFAULTED))
        taken = [other["name"] for other in new]
        evolved["name"] = next(
            name for name in (evolved["name"], *FIELD_NAMES, "y0", "y1") if name not in taken
        )
        new.append(evolved)
    for index in range(draw(st.integers(0, 1))):
        type, default = draw(st.sampled_from(SIMPLE_DEFAULTS))
        new.append({"name": f"new{index}", "type": type, "default": default})
    return draw(st.permutations(new)) if not any(_defines(field["type"]) for field in new) else new


def _defines(schema: JSON) -> bool:
    """Whether a named type is defined in it, which others may refer to."""
    if isinstance(schema, list):
        return any(map(_defines, schema))
    if isinstance(schema, str):
        return False
    return "name" in schema or any(_defines(schema[part]) for part in ("items", "values") if part in schema)


@st.composite
def values(
    draw: st.DrawFn, schema: Schema, depth: int = 5, *, logical: bool = False, nulls: bool | None = None
) -> Any:
    """A value, unions tagged. With ``logical`` those of logical types are dates and the like; else they
    are of the plain encoding, and not always ones that the logical type has a meaning for.

    :param nulls: where a union has null, always choose it (True), or never (False).
    """
    options = {"logical": logical, "nulls": nulls}
    if isinstance(schema, UnionSchema):
        wanted = True if depth < 0 else nulls
        branches = [branch for branch in schema.branches if wanted in {None, branch.type == "null"}]
        branch = draw(st.sampled_from(branches or schema.branches))
        name = branch.fullname if isinstance(branch, NamedSchema) else branch.type
        value = draw(values(branch, depth, **options))
        return None if branch.type == "null" else (name, value)
    if isinstance(schema, RecordSchema):
        return {field.name: draw(values(field.type, depth - 1, **options)) for field in schema.fields}
    if isinstance(schema, ArraySchema):
        items = values(schema.items, depth - 1, **options)
        return draw(st.lists(items, max_size=max(0, min(3, depth))))
    if isinstance(schema, MapSchema):
        held = values(schema.values, depth - 1, **options)
        return draw(st.dictionaries(st.text(max_size=3), held, max_size=max(0, min(2, depth))))
    if schema.logical and (logical or draw(st.booleans())):
        plain = draw(likely(schema))
        return from_underlying(schema, plain) if logical else plain
    if isinstance(schema, EnumSchema):
        return draw(st.sampled_from(schema.symbols))
    if isinstance(schema, FixedSchema):
        return draw(st.binary(min_size=schema.size, max_size=schema.size))
    return draw(LEAVES[schema.type])


@dataclasses.dataclass(frozen=True)
class Rows:
    """Rows of which many are equal: a row is the value of that number.

    Loops that take several rows' bytes at a look, or leave nulls out, do so only where there are many rows.
    """

    values: list[Any]
    order: list[int] = dataclasses.field(repr=False)

    def __len__(self) -> int:
        return len(self.order)

    def all_of(self, each: list[Any]) -> list[Any]:
        """For each row what is given for each value."""
        return [each[number] for number in self.order]

    @property
    def shown(self) -> list[int]:
        """The rows that are looked at one by one: all, or some at both ends and in the middle."""
        count = len(self)
        if count <= 60:
            return list(range(count))
        return [*range(20), *range(count // 2, count // 2 + 20), *range(count - 20, count)]


@st.composite
def many(draw: st.DrawFn, schema: Schema) -> Rows:
    """Few rows, or 50 or 5,000: any, all with nulls wherever there can be, none, or nearly all."""
    count = draw(st.sampled_from([None, 50, 5_000]))
    nulls = draw(st.sampled_from([None, True, False, "nearly"]))
    if nulls == "nearly":
        drawn = [draw(values(schema, nulls=True)), draw(values(schema, nulls=False))]
        count = count or 20
        there = draw(st.sets(st.integers(0, count - 1), max_size=3))
        return Rows(drawn, [int(number in there) for number in range(count)])
    if count is None:
        drawn = draw(st.lists(values(schema, nulls=nulls), max_size=20))
        return Rows(drawn, list(range(len(drawn))))
    drawn = draw(st.lists(values(schema, nulls=nulls), min_size=1, max_size=6))
    stride = draw(st.integers(1, 7))
    return Rows(drawn, [number // stride % len(drawn) for number in range(count)])


LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "bytes": st.binary(max_size=4) | st.just("é".encode()),
    "string": st.text(max_size=4),
}


def likely(schema: Schema) -> st.SearchStrategy[Any]:
    """Plain values that the logical type has a meaning for; any others are errors when they are converted."""
    assert schema.logical
    size = schema.size if isinstance(schema, FixedSchema) else None
    if schema.logical.name == "decimal":
        most = 10**schema.logical.precision - 1
        return st.integers(-most, most).map(lambda number: two_complement(number, size))
    if schema.logical.name == "uuid" and size:
        return st.binary(min_size=size, max_size=size)
    return LIKELY[schema.logical.name]


def two_complement(number: int, size: int | None = None) -> bytes:
    return number.to_bytes(size or fewest_bytes(number), "big", signed=True)


def big_decimal(unscaled: int, scale: int) -> bytes:
    digits = two_complement(unscaled)
    return number(len(digits)) + digits + number(scale)


def units(first: int, last: int) -> st.SearchStrategy[int]:
    """Numbers of a unit of time; many are whole numbers of a coarser one."""
    any = st.integers(first, last)
    return any | any.map(lambda number: number // 1000 * 1000).filter(lambda number: number >= first)


LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "date": st.integers(-719162, 2932896),
    "time-millis": st.integers(0, 86_399_999),
    "time-micros": units(0, 86_399_999_999),
    **{
        f"{zone}timestamp-{unit}": units(-62_135_596_800 * per_second, 253_402_300_800 * per_second - 1)
        for zone in ("", "local-")
        for unit, per_second in (("millis", 10**3), ("micros", 10**6))
    },
    "timestamp-nanos": units(-(2**63), 2**63 - 1),
    "local-timestamp-nanos": units(-(2**63), 2**63 - 1),
    "big-decimal": st.builds(big_decimal, st.integers(), st.integers(-1000, 1000)),
    "uuid": st.uuids().map(str),
    "duration": st.binary(min_size=12, max_size=12),
}


# What tests ask of schemas and values


def untagged(schema: Schema, value: Any) -> Any:
    """The value as it is shown with plain unions."""
    if isinstance(schema, UnionSchema):
        if value is None:
            return None
        names = [branch_name(branch) for branch in schema.branches]
        return untagged(schema.branches[names.index(value[0])], value[1])
    if isinstance(schema, RecordSchema):
        return {field.name: untagged(field.type, value[field.name]) for field in schema.fields}
    if isinstance(schema, ArraySchema):
        return [untagged(schema.items, item) for item in value]
    if isinstance(schema, MapSchema):
        return {key: untagged(schema.values, item) for key, item in value.items()}
    return value


def parts(schema: Schema) -> list[Schema]:
    """The schema and all that is in it, each once."""
    found = {id(schema): schema}
    waiting = [schema]
    for each in waiting:
        children: list[Schema] = []
        if isinstance(each, UnionSchema):
            children = list(each.branches)
        elif isinstance(each, RecordSchema):
            children = [field.type for field in each.fields]
        elif isinstance(each, ArraySchema):
            children = [each.items]
        elif isinstance(each, MapSchema):
            children = [each.values]
        new = [child for child in children if id(child) not in found]
        found.update((id(child), child) for child in new)
        waiting += new
    return list(found.values())
