"""msgspec's MessagePack: the same dict records, one Encoder and one Decoder.

Imported by ``peers.load`` alone.

Decoding is untyped, which is msgspec's fastest way to a dict. Only where the schema has logical types is the
decoder given a TypedDict: without one, dates, times, UUIDs and decimals would come back as text, which is
less work and not the record that was encoded.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from msgspec import msgpack

from benchmarks.peers import Wire
from benchmarks.workloads import SchemaObject, Workload

label = "msgspec"
distributions = ("msgspec",)
wire: Wire = "msgpack"
codecs: frozenset[str] = frozenset()

_LOGICAL_VALUES: dict[str, type] = {
    "decimal": Decimal,
    "uuid": UUID,
    "date": date,
    "time-millis": time,
    "time-micros": time,
    "timestamp-millis": datetime,
    "timestamp-micros": datetime,
    "local-timestamp-millis": datetime,
    "local-timestamp-micros": datetime,
}


def lacks(workload: Workload) -> str:
    return ""


class Prepared:
    def __init__(self, workload: Workload) -> None:
        self.encode = msgpack.Encoder().encode
        logical = not workload.types.isdisjoint(_LOGICAL_VALUES)
        self.decode = msgpack.Decoder(_record_type(workload.schema) if logical else Any).decode


def prepare(workload: Workload) -> Prepared:
    return Prepared(workload)


def _record_type(schema: SchemaObject) -> Any:
    """The TypedDict of a record whose fields are all of logical types."""
    fields = {f["name"]: _LOGICAL_VALUES[f["type"]["logicalType"]] for f in schema["fields"]}
    return TypedDict(schema["name"], fields)  # type: ignore[operator]
