"""The container files that are read: for each shape a schema, a maker of records and the columns to choose.

Imported by the runner and the workers; imports no library of columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import avrojet
from benchmarks.peers import LEVELS, SYNC_INTERVAL

# Different records of a file, which come in turn: more than two blocks full, so that no compressor sees one
# of them twice, and too many for a processor's branch predictor to learn.
_DISTINCT = 20_000

_LETTERS = "abcdefghijklmnopqrstuvwxyz     "
_SCRIPTS = ("äöüßéèêñçåøæ", "абвгдежзиклмнопрст", "東京都日本語中文字漢", "😀🚀🌍🎉", _LETTERS)


@dataclass(frozen=True)
class Shape:
    """One kind of file. ``some`` are about 2 of 10 columns, fields of records written ``outer.inner``.

    ``make`` gets a random generator and the number of the record.
    """

    name: str
    about: str
    schema: Mapping[str, Any]
    some: tuple[str, ...]
    make: Callable[[Random, int], dict[str, Any]]

    @cached_property
    def sample(self) -> list[dict[str, Any]]:
        """The different records."""
        return [self.record(number) for number in range(_DISTINCT)]

    @cached_property
    def width(self) -> float:
        """Encoded bytes of a record, on average."""
        return len(avrojet.Encoder(self.schema).encode_many(self.sample)) / _DISTINCT

    def record(self, number: int) -> dict[str, Any]:
        """The same one in every process, without making those before it."""
        number %= _DISTINCT
        return self.make(Random(f"{self.name} {number}"), number)

    def records(self, count: int) -> Iterator[dict[str, Any]]:
        return islice(cycle(self.sample), count)

    def rows_in(self, size: int) -> int:
        """How many records make so many bytes without compression."""
        return max(1, round(size / self.width))

    def write(self, path: Path, codec: str, rows: int) -> None:
        avrojet.write(
            path,
            self.schema,
            self.records(rows),
            codec=codec,
            level=LEVELS[codec],
            sync_interval=SYNC_INTERVAL,
        )

    def expected(self, number: int, columns: Sequence[str] | None) -> list[Any]:
        """The values of a record of the file; with `columns` those, in that order."""
        record = self.record(number)
        if columns is None:
            return list(record.values())
        return [_leaf(record, column) for column in columns]


def _leaf(record: Mapping[str, Any], column: str) -> Any:
    value: Any = record
    for name in column.split("."):
        value = value[name]
    return value


def _record(name: str, /, **fields: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [{"name": n, "type": t} for n, t in fields.items()]}


def _array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _logical(plain: str, name: str, **attributes: Any) -> dict[str, Any]:
    return {"type": plain, "logicalType": name, **attributes}


def _null_or(type_: Any) -> list[Any]:
    return ["null", type_]


def _word(random: Random, least: int, most: int, letters: str = _LETTERS) -> str:
    return "".join(random.choices(letters, k=random.randint(least, most)))


def _flat(random: Random, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"name{random.randrange(10**6)}",
        "email": f"user{number}@example.com",
        "age": random.randrange(100),
        "score": random.random(),
        "active": number % 2 == 0,
        "created": 1_700_000_000_000 + number,
        "country": random.choice(["de", "fr", "us"]),
        "balance": None if number % 3 == 0 else random.random(),
        "note": None if number % 4 else f"note {number}",
    }


FLAT = _record(
    "Flat", id="long", name="string", email="string", age="int", score="double", active="boolean",
    created="long", country="string", balance=_null_or("double"), note=_null_or("string"),
)  # fmt: skip


def _nested(random: Random, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "customer": {
            "name": _word(random, 6, 20),
            "email": f"user{number}@example.com" if number % 3 else None,
            "address": {
                "street": _word(random, 8, 24),
                "city": _word(random, 4, 12),
                "zip": random.randrange(10**5),
            },
        },
        "items": [
            {"sku": _word(random, 4, 8), "quantity": random.randrange(9), "price": random.random()}
            for _ in range(random.randrange(6))
        ],
        "labels": {_word(random, 3, 8): _word(random, 3, 8) for _ in range(random.randrange(4))},
        "shipped": None if random.random() < 0.5 else {"day": random.randrange(20_000), "carrier": "dhl"},
        "total": random.random() * 1000,
    }  # fmt: skip


NESTED = _record(
    "Order",
    id="long",
    customer=_record(
        "Customer", name="string", email=_null_or("string"),
        address=_record("Address", street="string", city="string", zip="int"),
    ),
    items=_array(_record("Item", sku="string", quantity="int", price="double")),
    labels={"type": "map", "values": "string"},
    shipped=_null_or(_record("Shipment", day="int", carrier="string")),
    total="double",
)  # fmt: skip


_WIDE_TYPES = ("long", "double", "string", "int", "boolean", "string")
_WIDE = {f"c{number:02}": _WIDE_TYPES[number % len(_WIDE_TYPES)] for number in range(60)}


def _wide(random: Random, number: int) -> dict[str, Any]:
    makers: dict[str, Callable[[], Any]] = {
        "long": lambda: random.randrange(1 << 40),
        "double": random.random,
        "string": lambda: _word(random, 0, 12),
        "int": lambda: random.randrange(1000),
        "boolean": lambda: random.random() < 0.5,
    }
    return {name: None if random.random() < 0.4 else makers[type_]() for name, type_ in _WIDE.items()}


def _strings(random: Random, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "title": _word(random, 5, 40, _SCRIPTS[number % len(_SCRIPTS)]),
        "body": _word(random, 200, 1500),
        "abstract": _word(random, 20, 300, random.choice(_SCRIPTS)),
        "comment": None if number % 3 else _word(random, 20, 100, "".join(_SCRIPTS)),
    }


def _numbers(random: Random, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "counts": [random.randrange(200) for _ in range(random.randrange(20))],
        "times": [random.randrange(1 << 42) for _ in range(random.randrange(10))],
        "weights": [random.random() for _ in range(random.randrange(30))],
        "pixels": [random.randrange(256) / 2 for _ in range(16)],
    }


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(random: Random, *, exact: bool) -> datetime:
    seconds, part = random.randrange(2_000_000_000), random.randrange(1_000_000 if exact else 1000)
    return _EPOCH + timedelta(seconds=seconds, microseconds=part * (1 if exact else 1000))


def _times(random: Random, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "day": date.fromordinal(700_000 + random.randrange(40_000)),
        "opens": time(random.randrange(24), random.randrange(60), 0, random.randrange(1000) * 1000),
        "closes": time(random.randrange(24), random.randrange(60), 0, random.randrange(1_000_000)),
        "created": _moment(random, exact=False),
        "changed": _moment(random, exact=True),
        "amount": Decimal(random.randrange(-(10**9), 10**9)).scaleb(-2),
        "key": UUID(int=random.getrandbits(128)),
        "deleted": None if number % 2 else _moment(random, exact=True),
    }


LOGICAL = _record(
    "Event",
    id="long",
    day=_logical("int", "date"),
    opens=_logical("int", "time-millis"),
    closes=_logical("long", "time-micros"),
    created=_logical("long", "timestamp-millis"),
    changed=_logical("long", "timestamp-micros"),
    amount=_logical("bytes", "decimal", precision=18, scale=2),
    key=_logical("string", "uuid"),
    deleted=_null_or(_logical("long", "timestamp-micros")),
)

SHAPES = {
    shape.name: shape
    for shape in (
        Shape("flat", "10 columns, 2 nullable", FLAT, ("id", "country"), _flat),
        Shape(
            "nested", "records in records, an array of records, a map, a nullable record",
            NESTED, ("customer.name", "customer.address.city"), _nested,
        ),
        Shape(
            "wide", "60 nullable columns",
            _record("Wide", **{name: _null_or(type_) for name, type_ in _WIDE.items()}),
            tuple(list(_WIDE)[::5]), _wide,
        ),
        Shape(
            "strings", "long strings, half of the short ones not ASCII",
            _record(
                "Text", id="long", title="string", body="string", abstract="string",
                comment=_null_or("string"),
            ),
            ("id", "title"), _strings,
        ),
        Shape(
            "numbers", "arrays of int, long, double, float",
            _record(
                "Series", id="long", counts=_array("int"), times=_array("long"), weights=_array("double"),
                pixels=_array("float"),
            ),
            ("id", "times"), _numbers,
        ),
        Shape("logical", "dates, times, timestamps, decimals, UUIDs", LOGICAL, ("day", "amount"), _times),
    )
}  # fmt: skip
