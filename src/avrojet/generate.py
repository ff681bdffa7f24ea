"""Random values of a schema: reproducible with a seed, and valid for every logical type."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from itertools import count as counter
from typing import Any, Final
from uuid import UUID

from avrojet.errors import SchemaError
from avrojet.plan.match import branch_name
from avrojet.schema.model import (
    ArraySchema,
    EnumSchema,
    FixedSchema,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.schema.parse import parse_schema
from avrojet.values import Duration, NanoDatetime

_EPOCH: Final = datetime(1970, 1, 1)
_FIRST, _LAST = datetime(1970, 1, 1), datetime(2100, 1, 1)
_WORDS: Final = (
    "amber brook cedar delta ember fjord grove harbor island juniper kelp lagoon meadow north ocean pine "
    "quartz river summit tundra umber valley willow yarrow zephyr \u00e9 \u65e5\u672c \u043c\u0438\u0440"
).split()
_EDGES: Final = {
    "int": (0, 1, -1, 2**31 - 1, -(2**31)),
    "long": (0, 1, -1, 2**63 - 1, -(2**63)),
    "double": (0.0, -0.0, 1.5, 5e-324, 1.7976931348623157e308),
    "float": (0.0, -0.0, 1.5, 2.0**-149, (2 - 2.0**-23) * 2.0**127),
}
_MOST_DIGITS: Final = 40
MOST_PARTS: Final = 1_000_000


def random_values(
    schema: Any,
    count: int,
    seed: int | str | None = None,
    *,
    items: int = 5,
    text: int = 12,
    null_rate: float = 0.2,
    depth: int = 6,
) -> Iterator[Any]:
    """Random values that an Encoder of the schema accepts, and that its Decoder returns.

    Numbers are sometimes those at the ends of their range. A value of a union is ``(branch name, value)``,
    but just the value if the union is of null and one other type.

    :param schema: a Schema, JSON text or JSON data.
    :param count: how many values.
    :param seed: the same seed makes the same values; None: different ones each time.
    :param items: the most items of an array or map.
    :param text: the most characters or bytes of a string, bytes or key.
    :param null_rate: how often, from 0 to 1, a nullable union is null.
    :param depth: below this many records, arrays and maps, values are the smallest that the schema allows.
    :raises SchemaError: if the schema is not valid, or has no finite value.

    >>> list(random_values("boolean", 3, seed=1))
    [True, False, False]
    """
    source = random.Random(seed)  # noqa: S311  (random data are no secrets)
    return _Generator(parse_schema(schema), source, items, text, null_rate, depth).values(count)


class _Generator:
    def __init__(
        self, schema: Schema, source: random.Random, items: int, text: int, null_rate: float, depth: int
    ) -> None:
        self.schema = schema
        self.random = source
        self.items = items
        self.text = text
        self.null_rate = null_rate
        self.depth = depth
        smallest = smallest_values(schema, lambda _: None)
        self.sizes = {each: size for each, (size, _) in smallest.items()}
        if id(schema) not in self.sizes:
            raise SchemaError(
                "the schema has no finite value: a record always contains itself, or an enum is empty"
            )
        if self.sizes[id(schema)] >= MOST_PARTS:
            raise SchemaError("the smallest value of the schema has a million parts: its records double up")

    def values(self, count: int) -> Iterator[Any]:
        for _ in range(count):
            yield self.value(self.schema, self.depth)

    def value(self, schema: Schema, depth: int) -> Any:
        match schema:
            case RecordSchema():
                return {field.name: self.value(field.type, depth - 1) for field in schema.fields}
            case UnionSchema():
                return self.of_union(schema, depth)
            case ArraySchema():
                return [self.value(schema.items, depth - 1) for _ in range(self.length(schema.items, depth))]
            case MapSchema():
                count = self.length(schema.values, depth)
                return {self.words(): self.value(schema.values, depth - 1) for _ in range(count)}
        if schema.logical is not None:
            return self.of_logical_type(schema)
        match schema:
            case EnumSchema():
                return self.random.choice(schema.symbols)
            case FixedSchema():
                return self.random.randbytes(schema.size)
        return _PLAIN[schema.type](self)

    def of_union(self, schema: UnionSchema, depth: int) -> Any:
        branches = [branch for branch in schema.branches if id(branch) in self.sizes]
        null = next((branch for branch in branches if branch.type == "null"), None)
        if null is not None and len(branches) > 1:
            if depth <= 0 or self.random.random() < self.null_rate:
                return None
            branches.remove(null)
        if depth <= 0:
            least = min(self.sizes[id(branch)] for branch in branches)
            branches = [branch for branch in branches if self.sizes[id(branch)] == least]
        branch = self.random.choice(branches)
        value = self.value(branch, depth)
        return value if len(schema.branches) <= 2 and null is not None else (branch_name(branch), value)

    def length(self, items: Schema, depth: int) -> int:
        return 0 if depth <= 0 or id(items) not in self.sizes else self.random.randint(0, self.items)

    def words(self) -> str:
        size = self.random.randint(0, self.text)
        made = ""
        while len(made) < size:
            made += self.random.choice(_WORDS) + " "
        return made[:size].strip()

    def of_logical_type(self, schema: Schema) -> Any:
        assert schema.logical is not None
        name = schema.logical.name
        if name == "decimal":
            digits = self.random.randint(1, min(schema.logical.precision, _MOST_DIGITS))
            return _scaled(self.signed(10**digits - 1), schema.logical.scale)
        if name == "big-decimal":
            return _scaled(self.signed(10**12), self.random.randint(-3, 9))
        if name == "uuid":
            return UUID(int=self.random.getrandbits(128), version=4)
        if name == "duration":
            return Duration(*(self.random.randrange(1 << self.random.randint(1, 32)) for _ in range(3)))
        if name == "date":
            return self.moment().date()
        if name.startswith("time-"):
            return self.time_of_day(name.removeprefix("time-"))
        return self.timestamp(name)

    def signed(self, most: int) -> int:
        return self.random.randint(-most, most)

    def moment(self) -> datetime:
        days = self.random.randrange((_LAST - _FIRST).days)
        return _FIRST + timedelta(days=days, microseconds=self.random.randrange(86_400_000_000))

    def time_of_day(self, unit: str) -> time:
        moment = self.moment()
        return moment.time() if unit == "micros" else moment.replace(microsecond=_whole(moment)).time()

    def timestamp(self, name: str) -> datetime:
        moment = self.moment() if name.startswith("local") else self.moment().replace(tzinfo=UTC)
        if name.endswith("millis"):
            return moment.replace(microsecond=_whole(moment))
        if name.endswith("micros"):
            return moment
        return NanoDatetime.from_datetime(moment, self.random.randrange(1000))

    def number(self, type: str, draw: Callable[[], Any]) -> Any:
        return self.random.choice(_EDGES[type]) if self.random.random() < 0.1 else draw()

    def fraction(self) -> float:
        return round(self.random.uniform(-1e6, 1e6), self.random.randint(0, 9))

    def integer(self, bits: int) -> int:
        """Any size up to that many bits; small numbers are as frequent as large ones."""
        return self.signed((1 << self.random.randint(1, bits)) - 1)


def _scaled(unscaled: int, scale: int) -> Decimal:
    return Decimal((unscaled < 0, tuple(map(int, str(abs(unscaled)))), -scale))


def _whole(moment: datetime) -> int:
    return moment.microsecond // 1000 * 1000


def _single(value: float) -> float:
    """The nearest number with the 24 bits of a float, for numbers of at most 20 digits."""
    return float(round(value * 1024)) / 1024


_PLAIN: Final[dict[str, Callable[[_Generator], Any]]] = {
    "null": lambda g: None,
    "boolean": lambda g: g.random.random() < 0.5,
    "int": lambda g: g.number("int", lambda: g.integer(31)),
    "long": lambda g: g.number("long", lambda: g.integer(63)),
    "float": lambda g: g.number("float", lambda: _single(g.random.uniform(-1000, 1000))),
    "double": lambda g: g.number("double", g.fraction),
    "bytes": lambda g: g.random.randbytes(g.random.randint(0, g.text)),
    "string": lambda g: g.words(),
}


def smallest_values(root: Schema, leaf: Callable[[Schema], Any]) -> dict[int, tuple[int, Any]]:
    """By id of a schema, the number of parts of its smallest value, and that value; only for schemas with
    one.

    Values have the plain encoding, with branches of unions named. They share their parts.

    :param leaf: returns a value of a primitive type, an enum with symbols or a fixed.
    """
    # Knuth's generalisation of Dijkstra's algorithm: the smallest of all open ones cannot get smaller.
    schemas = _all_schemas(root)
    found: dict[int, tuple[int, Any]] = {}
    open_: list[tuple[int, int, Schema, Schema]] = []
    needed_by = _holders(schemas)
    missing = {id(each): len(each.fields) for each in schemas if isinstance(each, RecordSchema)}
    order = counter()
    for schema in schemas:
        if _is_leaf(schema):
            heappush(open_, (1, next(order), schema, schema))
    while open_:
        size, _, schema, made_of = heappop(open_)
        if id(schema) in found:
            continue
        found[id(schema)] = size, _smallest(schema, made_of, found, leaf)
        for holder in needed_by.get(id(schema), ()):
            if isinstance(holder, UnionSchema):
                heappush(open_, (size, next(order), holder, schema))
                continue
            missing[id(holder)] -= 1
            if not missing[id(holder)]:
                total = 1 + sum(found[id(field.type)][0] for field in holder.fields)
                heappush(open_, (min(total, MOST_PARTS), next(order), holder, holder))
    return found


def _smallest(
    schema: Schema, made_of: Schema, found: dict[int, tuple[int, Any]], leaf: Callable[[Schema], Any]
) -> Any:
    match schema:
        case RecordSchema():
            return {field.name: found[id(field.type)][1] for field in schema.fields}
        case UnionSchema():
            value = found[id(made_of)][1]
            return None if made_of.type == "null" else (branch_name(made_of), value)
        case ArraySchema():
            return []
        case MapSchema():
            return {}
    return leaf(schema)


def _holders(schemas: list[Schema]) -> dict[int, list[RecordSchema | UnionSchema]]:
    """By id of a schema, the records and unions that contain it, as often as they do."""
    holders: dict[int, list[RecordSchema | UnionSchema]] = {}
    for schema in schemas:
        if isinstance(schema, RecordSchema | UnionSchema):
            for each in _inner(schema):
                holders.setdefault(id(each), []).append(schema)
    return holders


def _is_leaf(schema: Schema) -> bool:
    """Whether its values contain no other value."""
    match schema:
        case UnionSchema():
            return False
        case RecordSchema():
            return not schema.fields
        case EnumSchema():
            return bool(schema.symbols)
    return True


def _all_schemas(root: Schema) -> list[Schema]:
    found = {id(root): root}
    waiting = [root]
    for schema in waiting:
        new = [each for each in _inner(schema) if id(each) not in found]
        found.update((id(each), each) for each in new)
        waiting += new
    return list(found.values())


def _inner(schema: Schema) -> Sequence[Schema]:
    match schema:
        case RecordSchema():
            return [field.type for field in schema.fields]
        case UnionSchema():
            return schema.branches
        case ArraySchema():
            return [schema.items]
        case MapSchema():
            return [schema.values]
    return ()
