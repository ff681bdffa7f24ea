"""The files that engines read: three shapes of records."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import avrojet

FILES = 4
_AT = dt.datetime(2024, 3, 7, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Shape:
    """Records with an ``id``, from 0, and a text ``shop`` to group by.

    :ivar record: makes the record of a number.
    """

    name: str
    schema: Any
    record: Callable[[int], dict[str, Any]]

    def write(self, folder: Path, records: int) -> Path:
        """Write the records into files of deflated blocks; those that are there are kept."""
        made = folder / f"{self.name}-{records}"
        if not made.exists():
            made.mkdir(parents=True)
            for number in range(FILES):
                rows: Iterator[Any] = map(self.record, range(number, records, FILES))
                avrojet.write(made / f"{number}.avro", self.schema, rows, codec="deflate")
        return made


def _record(name: str, /, **fields: Any) -> dict[str, Any]:
    return {
        "type": "record",
        "name": name,
        "fields": [{"name": field, "type": type} for field, type in fields.items()],
    }


def _array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _flat(row: int) -> dict[str, Any]:
    return {
        "id": row,
        "shop": f"shop {row % 50}",
        "at": _AT,
        "total": Decimal(row % 10_000).scaleb(-2),
        "tags": ["new", "gift"],
        "place": None if row % 3 else {"city": "Ulm", "size": row % 7},
    }


def _nested(row: int) -> dict[str, Any]:
    lines = [
        {"article": row % 997 + line, "price": line / 4, "options": {"color": line % 9, "size": row % 40}}
        for line in range(row % 4)
    ]
    return {
        "id": row,
        "shop": f"shop {row % 50}",
        "customer": {
            "name": f"customer {row % 5_000}",
            "address": None if row % 5 == 0 else {"city": "Ulm", "at": {"north": 48.4, "east": row % 90 / 9}},
        },
        "lines": lines,
        "grid": [[row % 7, 1], [], [2]],
    }


_WORDS = "the quick brown fox jumps over a lazy dog für Größe 価格 and ships twelve boxes of liquor".split()


def _text(row: int) -> dict[str, Any]:
    words = random.Random(row).choices(_WORDS, k=40)
    return {
        "id": row,
        "shop": f"shop {row % 50}",
        "title": " ".join(words[:5]),
        "body": " ".join(words),
        "comment": None if row % 2 else " ".join(words[:12]),
        "url": f"https://shop.example/articles/{row}?from={words[0]}",
    }


SHAPES = {
    shape.name: shape
    for shape in [
        Shape(
            "flat",
            _record(
                "Order",
                id="long",
                shop="string",
                at={"type": "long", "logicalType": "timestamp-micros"},
                total={"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2},
                tags=_array("string"),
                place=["null", _record("Place", city="string", size="int")],
            ),
            _flat,
        ),
        Shape(
            "nested",
            _record(
                "Order",
                id="long",
                shop="string",
                customer=_record(
                    "Customer",
                    name="string",
                    address=[
                        "null",
                        _record("Address", city="string", at=_record("Point", north="double", east="double")),
                    ],
                ),
                lines=_array(
                    _record("Line", article="int", price="double", options={"type": "map", "values": "int"})
                ),
                grid=_array(_array("int")),
            ),
            _nested,
        ),
        Shape(
            "text",
            _record(
                "Article",
                id="long",
                shop="string",
                title="string",
                body="string",
                comment=["null", "string"],
                url="string",
            ),
            _text,
        ),
    ]
}
