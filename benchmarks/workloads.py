"""The data of the benchmarks: for each workload a schema, a maker of records and the fields to drop.

Imported by the worker, the runner and the other scripts here; imports no serializer.

Records are plain dicts, made from a seeded generator, so that every process makes the same ones. Text is
made of words, as compressors meet it, and no number is one that a float or a millisecond cannot hold: a
decoded value can be compared with the record itself.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Any, TypeAlias
from uuid import UUID

Record: TypeAlias = dict[str, Any]
SchemaObject: TypeAlias = Any

NAMESPACE = "bench"


@dataclass(frozen=True)
class Workload:
    """One kind of data.

    ``datums`` records are coded one at a time; ``rows`` records make a container file of about 1 MB without
    compression. ``dropped`` names the fields (about half, at every level) that the reader schema of the
    evolution benchmark leaves out; no map key and no kept field has such a name. ``beyond_ascii`` tells that
    its strings are not ASCII alone.
    """

    name: str
    about: str
    schema: SchemaObject
    make: Callable[[Random], Record]
    dropped: frozenset[str]
    datums: int
    rows: int
    beyond_ascii: bool = False

    def records(self, count: int) -> list[Record]:
        """The first ``count`` records, the same ones on every call and in every process."""
        random = Random(self.name)
        return [self.make(random) for _ in range(count)]

    def unencoded(self, records: list[Record]) -> list[Record]:
        """The records, with strings that nobody has encoded yet.

        CPython keeps the UTF-8 of a string beyond ASCII once somebody has asked for it in a certain way, and
        encoding the same string again is then a mere copy: a gain that data met for the first time never has.
        """
        return [_unencoded(record) for record in records] if self.beyond_ascii else records

    @cached_property
    def types(self) -> frozenset[str]:
        """Every type and logical type that the schema uses, by the specification's name."""
        return frozenset(_types(self.schema))

    @cached_property
    def reader_schema(self) -> SchemaObject:
        """The schema without the dropped fields."""
        return _without(self.schema, self.dropped)

    def projected(self, value: Any) -> Any:
        """What a reader with ``reader_schema`` must get for a record."""
        if isinstance(value, dict):
            return {key: self.projected(item) for key, item in value.items() if key not in self.dropped}
        if isinstance(value, list):
            return [self.projected(item) for item in value]
        return value


def identical(left: Any, right: Any) -> bool:
    """Equal in value and in type at every level: 1 is not True, and 1.0 is not 1."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(identical(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(identical, left, right))
    if isinstance(left, datetime) and left.utcoffset() != right.utcoffset():
        return False
    return bool(left == right)


def _unencoded(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode().decode()
    if isinstance(value, dict):
        return {key: _unencoded(item) for key, item in value.items()}
    return value


def _types(schema: SchemaObject) -> set[str]:
    if isinstance(schema, str):
        return {schema}
    if isinstance(schema, list):
        return set().union(*map(_types, schema))
    found = {schema["logicalType"]} if "logicalType" in schema else set()
    found |= _types(schema["type"])
    for inner in (schema.get("items"), schema.get("values"), *(f["type"] for f in schema.get("fields", ()))):
        if inner is not None:
            found |= _types(inner)
    return found


def _without(schema: SchemaObject, dropped: frozenset[str]) -> SchemaObject:
    if isinstance(schema, list):
        return [_without(branch, dropped) for branch in schema]
    if not isinstance(schema, Mapping):
        return schema
    narrowed = {
        key: _without(value, dropped) if key in ("type", "items", "values") else value
        for key, value in schema.items()
    }
    if "fields" in schema:
        narrowed["fields"] = [_without(f, dropped) for f in schema["fields"] if f["name"] not in dropped]
    return narrowed


def _record(name: str, /, **fields: SchemaObject) -> SchemaObject:
    return {"type": "record", "name": name, "fields": [_field(n, type_) for n, type_ in fields.items()]}


def _field(name: str, type_: SchemaObject) -> SchemaObject:
    return {"name": name, "type": type_, **({"default": None} if _nullable(type_) else {})}


def _nullable(type_: SchemaObject) -> bool:
    return isinstance(type_, list) and type_[0] == "null"


def _top(schema: SchemaObject) -> SchemaObject:
    return {**schema, "namespace": NAMESPACE}


def _array(items: SchemaObject) -> SchemaObject:
    return {"type": "array", "items": items}


def _map(values: SchemaObject) -> SchemaObject:
    return {"type": "map", "values": values}


def _logical(type_: str, logical_type: str) -> SchemaObject:
    return {"type": type_, "logicalType": logical_type}


_ASCII = (
    "river stone light window paper garden silver market winter summer copper engine station letter "
    "bridge signal forest planet candle harbor meadow orange purple quiet rapid simple thunder velvet"
).split()
_MIXED = (
    "café naïve Zürich señor Ærø żółw привет дорога зима город письмо река 東京 北京 你好 世界 データ "
    "こんにちは 한국어 서울 🚀 🌍 🎉 👩‍🚀 smile😀 Ωmega λόγος שלום مرحبا"
).split()


def _text(random: Random, words: int, vocabulary: list[str] = _ASCII) -> str:
    return " ".join(random.choices(vocabulary, k=words))


def _float(random: Random) -> float:
    """A number that single precision holds exactly."""
    value: float = struct.unpack("<f", struct.pack("<f", random.uniform(-1000, 1000)))[0]
    return value


def _flat(random: Random) -> Record:
    return {
        "id": random.randrange(1 << 40),
        "count": random.randrange(-5000, 5000),
        "price": round(random.uniform(0, 500), 2),
        "ratio": _float(random),
        "active": random.random() < 0.5,
        "name": _text(random, 2),
        "city": random.choice(_ASCII),
        "token": random.randbytes(12),
        "note": _text(random, 2) if random.random() < 0.5 else None,
        "rank": random.randrange(100_000) if random.random() < 0.5 else None,
    }


FLAT = _top(_record(
    "Flat", id="long", count="int", price="double", ratio="float", active="boolean", name="string",
    city="string", token="bytes", note=["null", "string"], rank=["null", "long"],
))  # fmt: skip

_STATUS = ["NEW", "PAID", "SHIPPED", "RETURNED"]


def _order(random: Random) -> Record:
    return {
        "order_id": random.randrange(1 << 48),
        "placed": 1_700_000_000_000 + random.randrange(10**10),
        "status": random.choice(_STATUS),
        "customer": {
            "customer_id": random.randrange(1 << 32),
            "full_name": _text(random, 2),
            "email": f"{random.choice(_ASCII)}@{random.choice(_ASCII)}.example",
            "address": {
                "street": _text(random, 3),
                "postcode": str(random.randrange(10_000, 99_999)),
                "country": random.choice(["NO", "DE", "FR", "JP", "BR"]),
                "lines": [_text(random, 2) for _ in range(2)],
            },
        },
        "items": [
            {
                "sku": f"SKU-{random.randrange(100_000):05}",
                "title": _text(random, 3),
                "quantity": random.randrange(1, 20),
                "unit_price": round(random.uniform(1, 300), 2),
                "discount": round(random.random(), 2) if random.random() < 0.3 else None,
                "gift": random.random() < 0.1,
            }
            for _ in range(random.randrange(2, 9))
        ],
        "tags": random.sample(_ASCII, 3),
        "comment": _text(random, 8) if random.random() < 0.5 else None,
        "totals": {"net": round(random.uniform(1, 900), 2), "tax": round(random.uniform(1, 90), 2)},
    }


_ADDRESS = _record("Address", street="string", postcode="string", country="string", lines=_array("string"))
_CUSTOMER = _record("Customer", customer_id="long", full_name="string", email="string", address=_ADDRESS)
_ITEM = _record(
    "Item", sku="string", title="string", quantity="int", unit_price="double", discount=["null", "double"],
    gift="boolean",
)  # fmt: skip
ORDER = _top(_record(
    "Order", order_id="long", placed="long", status={"type": "enum", "name": "Status", "symbols": _STATUS},
    customer=_CUSTOMER, items=_array(_ITEM), tags=_array("string"), comment=["null", "string"],
    totals=_map("double"),
))  # fmt: skip

_NULLABLE_TYPES = ("long", "string", "double", "boolean", "int", "string")
_NULLABLE_FIELDS = {f"f{index:03}": _NULLABLE_TYPES[index % len(_NULLABLE_TYPES)] for index in range(120)}
_MAKERS: Mapping[str, Callable[[Random], object]] = {
    "long": lambda random: random.randrange(1 << 36),
    "int": lambda random: random.randrange(1 << 14),
    "double": lambda random: random.uniform(0, 1),
    "boolean": lambda random: random.random() < 0.5,
    "string": lambda random: random.choice(_ASCII),
}


def _nullables(random: Random) -> Record:
    return {
        name: _MAKERS[type_](random) if random.random() < 0.5 else None
        for name, type_ in _NULLABLE_FIELDS.items()
    }


NULLABLE = _top(_record("Nullable", **{name: ["null", type_] for name, type_ in _NULLABLE_FIELDS.items()}))

_STRING_FIELDS = {"title": 3, "author": 2, "place": 1, "summary": 12, "body": 40, "footer": 6}
STRINGS = _top(_record("Strings", **dict.fromkeys(_STRING_FIELDS, "string")))


def _strings(vocabulary: list[str]) -> Callable[[Random], Record]:
    def make(random: Random) -> Record:
        return {name: _text(random, words, vocabulary) for name, words in _STRING_FIELDS.items()}

    return make


def _arrays(random: Random) -> Record:
    return {
        "longs": [random.randrange(-(1 << 40), 1 << 40) for _ in range(100)],
        "ints": [random.randrange(-1000, 1000) for _ in range(100)],
        "doubles": [random.uniform(-1, 1) for _ in range(100)],
        "floats": [_float(random) for _ in range(100)],
    }


ARRAYS = _top(_record(
    "Arrays", longs=_array("long"), ints=_array("int"), doubles=_array("double"), floats=_array("float"),
))  # fmt: skip


def _maps(random: Random) -> Record:
    def keys() -> list[str]:
        return [f"{random.choice(_ASCII)}-{index}" for index in range(20)]

    return {
        "labels": {key: random.choice(_ASCII) for key in keys()},
        "counters": {key: random.randrange(1 << 20) for key in keys()},
        "scores": {key: random.uniform(0, 1) for key in keys()},
        "flags": {key: random.random() < 0.5 for key in keys()},
    }


MAPS = _top(_record(
    "Maps", labels=_map("string"), counters=_map("long"), scores=_map("double"), flags=_map("boolean"),
))  # fmt: skip

_EVENT_MAKERS: tuple[Callable[[Random], Record], ...] = (
    lambda random: {"x": random.randrange(2000), "y": random.randrange(2000), "element": _text(random, 1)},
    lambda random: {"amount": random.uniform(1, 99), "currency": "EUR", "article": random.getrandbits(20)},
    lambda random: {"url": "/" + "/".join(random.sample(_ASCII, 3)), "millis": random.randrange(5000)},
    lambda random: {
        "code": random.randrange(600),
        "message": _text(random, 5),
        "fatal": random.random() < 0.1,
    },
    lambda random: {"user": random.choice(_ASCII), "attempts": random.randrange(4)},
)
_EVENTS = [
    _record("Click", x="int", y="int", element="string"),
    _record("Purchase", amount="double", currency="string", article="long"),
    _record("View", url="string", millis="long"),
    _record("Failure", code="int", message="string", fatal="boolean"),
    _record("Login", user="string", attempts="int"),
]


def _unions(random: Random) -> Record:
    return {
        "sequence": random.randrange(1 << 32),
        "source": random.choice(_ASCII),
        "first": random.choice(_EVENT_MAKERS)(random),
        "then": [random.choice(_EVENT_MAKERS)(random) for _ in range(random.randrange(2, 7))],
    }


UNIONS = _top(_record(
    "Unions", sequence="long", source="string", first=_EVENTS,
    then=_array(["Click", "Purchase", "View", "Failure", "Login"]),
))  # fmt: skip

_EPOCH = datetime(1970, 1, 1)


def _moment(random: Random, unit: timedelta) -> datetime:
    """A naive moment between 1970 and 2065, a whole number of ``unit``."""
    return _EPOCH + random.randrange(timedelta(days=34_700) // unit) * unit


def _time(random: Random, unit: timedelta) -> time:
    return (_EPOCH + random.randrange(timedelta(days=1) // unit) * unit).time()


_MILLI, _MICRO = timedelta(milliseconds=1), timedelta(microseconds=1)


def _logicals(random: Random) -> Record:
    return {
        "amount": Decimal(random.randrange(-(10**9), 10**9)).scaleb(-2),
        "balance": Decimal(random.randrange(-(10**14), 10**14)).scaleb(-4),
        "identity": UUID(int=random.getrandbits(128), version=4),
        "day": date(1970, 1, 1) + timedelta(days=random.randrange(30_000)),
        "clock_millis": _time(random, _MILLI),
        "clock_micros": _time(random, _MICRO),
        "at_millis": _moment(random, _MILLI).replace(tzinfo=UTC),
        "at_micros": _moment(random, _MICRO).replace(tzinfo=UTC),
    }


_DECIMAL = {"logicalType": "decimal"}
LOGICAL = _top(_record(
    "Logical",
    amount={"type": "bytes", "precision": 12, "scale": 2, **_DECIMAL},
    balance={"type": "fixed", "name": "Balance", "size": 8, "precision": 18, "scale": 4, **_DECIMAL},
    identity=_logical("string", "uuid"),
    day=_logical("int", "date"),
    clock_millis=_logical("int", "time-millis"),
    clock_micros=_logical("long", "time-micros"),
    at_millis=_logical("long", "timestamp-millis"),
    at_micros=_logical("long", "timestamp-micros"),
))  # fmt: skip


def _local(random: Random) -> Record:
    return {
        "start_millis": _moment(random, _MILLI),
        "start_micros": _moment(random, _MICRO),
        "end_millis": _moment(random, _MILLI),
        "end_micros": _moment(random, _MICRO),
    }


_LOCAL_MILLIS = _logical("long", "local-timestamp-millis")
_LOCAL_MICROS = _logical("long", "local-timestamp-micros")
LOCAL = _top(_record(
    "Local", start_millis=_LOCAL_MILLIS, start_micros=_LOCAL_MICROS, end_millis=_LOCAL_MILLIS,
    end_micros=_LOCAL_MICROS,
))  # fmt: skip


def _tree(random: Random, depth: int = 6) -> Record:
    return {
        "value": random.randrange(1 << 30),
        "label": random.choice(_ASCII),
        "weight": random.uniform(0, 1),
        "children": [_tree(random, depth - 1) for _ in range(random.randrange(1, 4))] if depth else [],
    }


TREE = _top(_record("Node", value="long", label="string", weight="double", children=_array("Node")))

WORKLOADS: Mapping[str, Workload] = {
    workload.name: workload
    for workload in (
        Workload("flat", "10 fields of primitive types, about 67 bytes", FLAT, _flat,
                 frozenset({"count", "ratio", "city", "token", "note"}), 1000, 15_000),
        Workload("nested", "an order: customer, address, items, tags, totals", ORDER, _order,
                 frozenset({"placed", "customer_id", "email", "street", "lines", "sku", "unit_price",
                            "gift", "tags", "totals"}), 200, 2500),
        Workload("nullable", "120 nullable fields, half of them null", NULLABLE, _nullables,
                 frozenset(list(_NULLABLE_FIELDS)[1::2]), 100, 2400),
        Workload("ascii", "6 ASCII strings of 1 to 40 words", STRINGS, _strings(_ASCII),
                 frozenset({"author", "body", "footer"}), 200, 2200),
        Workload("unicode", "6 strings beyond ASCII", STRINGS, _strings(_MIXED),
                 frozenset({"author", "body", "footer"}), 200, 1600, beyond_ascii=True),
        Workload("arrays", "100 longs, ints, doubles and floats", ARRAYS, _arrays,
                 frozenset({"ints", "floats"}), 100, 520),
        Workload("maps", "4 maps of 20 entries", MAPS, _maps, frozenset({"scores", "flags"}), 100, 1000),
        Workload("unions", "records of 5 types in a union", UNIONS, _unions,
                 frozenset({"source", "y", "element", "currency", "article", "millis", "message",
                            "attempts"}), 200, 7500),
        Workload("logical", "decimals, UUID, date, times, timestamps", LOGICAL, _logicals,
                 frozenset({"balance", "day", "clock_micros", "at_micros"}), 500, 12_500),
        Workload("local", "4 local timestamps", LOCAL, _local,
                 frozenset({"start_micros", "end_micros"}), 500, 35_000),
        Workload("tree", "a recursive record, about 130 nodes", TREE, _tree,
                 frozenset({"label", "weight"}), 50, 260),
    )
}  # fmt: skip
