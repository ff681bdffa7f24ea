"""A schema for values that have none: the narrowest types that hold all of them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from avrojet.errors import SchemaError, SchemaLimitError
from avrojet.levels import is_deep, text_is_deep
from avrojet.schema.model import Schema
from avrojet.schema.names import is_name
from avrojet.schema.parse import parse_schema

_LONG: Final = range(-(2**63), 2**63)
_SAMPLES: Final = 10_000  # different texts that are kept to see whether they are the symbols of an enum
_MOST_PLACES: Final = 38  # digits of a decimal in Arrow's 128 bits

# Patterns of the values that a text may express.
_NEXT: Final = re.compile(r"\s*(?=\S)")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d\Z")
# An hour has two digits up to 23: Python 3.14 and later read 24:00 as the next midnight.
_TIME: Final = re.compile(r"(?!24)\d\d:\d\d:\d\d(\.\d{1,6})?\Z")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ](?!24)\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?\Z")
_NANOS: Final = re.compile(r"(\.\d{6})\d+")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_INTEGER: Final = re.compile(r"-?(0|[1-9]\d{0,18})\Z")
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?\Z")


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of :func:`avrojet.induce`."""

    name: str = "Record"
    namespace: str = ""
    enums: int = 0
    text_types: bool = True
    csv: bool = False
    notes: bool = False


def induced(values: Iterable[Any], wishes: Wishes) -> Schema:
    """The schema that holds all of the values.

    :raises SchemaError: if there are no values, if one fits no Avro type, or if a key is not a name.
    :raises LimitError: if a value nests some hundred levels deep.
    """
    seen = _Seen()
    try:
        for value in values:
            if is_deep(value):
                raise SchemaLimitError(_TOO_DEEP)
            seen.add(value, csv=wishes.csv)
        if not seen.count:
            raise SchemaError("there are no values to induce a schema from")
        return parse_schema(_Maker(wishes).type_of(seen, wishes.name))
    except RecursionError:
        raise SchemaLimitError(_TOO_DEEP) from None


_TOO_DEEP: Final = "a value nests too deep for Python's stack"


def json_values(data: bytes) -> Iterator[Any]:
    """The values of consecutive JSON texts, on separate lines or not.

    :raises SchemaError: if the data are not JSON; ``line`` and ``column`` name the place.
    :raises LimitError: if a value nests some hundred levels deep.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SchemaError(f"line {line} is not UTF-8: {error.reason}", line=line) from None
    if text_is_deep(text):
        raise SchemaLimitError(_TOO_DEEP)
    decoder = json.JSONDecoder()
    place = 0
    try:
        while match := _NEXT.match(text, place):
            value, place = decoder.raw_decode(text, match.end())
            yield value
    except json.JSONDecodeError as error:
        line, column = error.lineno, error.colno
        raise SchemaError(f"not JSON: {place_of(error, line)}", line=line, column=column) from None


def place_of(error: json.JSONDecodeError, line: int) -> str:
    """Say where and why text is not JSON."""
    return f"line {line}, column {error.colno}: {error.msg[0].lower()}{error.msg[1:]}"


@dataclass
class _Seen:
    """What was seen in one place in the values."""

    count: int = 0
    nulls: int = 0
    booleans: int = 0
    integers: int = 0
    least: int = 0
    most: int = 0
    floats: int = 0
    texts: int = 0
    kinds: set[str] = field(default_factory=set)
    symbols: dict[str, int] = field(default_factory=dict)
    too_many: bool = False
    blobs: int = 0
    temporal: dict[str, int] = field(default_factory=dict)
    decimals: int = 0
    whole_digits: int = 0
    scale: int = 0
    items: _Seen | None = None
    records: int = 0
    fields: dict[str, _Seen] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def add(self, value: Any, *, csv: bool) -> None:
        self.count += 1
        kind = self._add(value, csv=csv)
        if kind not in self.order:
            self.order.append(kind)

    def _add(self, value: Any, *, csv: bool) -> str:
        match value:
            case None:
                self.nulls += 1
                return "null"
            case bool():
                self.booleans += 1
                return "boolean"
            case int():
                self._add_integer(value)
                return "number"
            case float():
                self.floats += 1
                return "number"
            case str():
                return self._add_text(value, csv=csv)
            case bytes() | bytearray() | memoryview():
                self.blobs += 1
                return "bytes"
            case datetime():
                return self._add_temporal("timestamp-micros" if value.tzinfo else "local-timestamp-micros")
            case date():
                return self._add_temporal("date")
            case time():
                return self._add_temporal("time-micros")
            case UUID():
                return self._add_temporal("uuid")
            case Decimal():
                self._add_decimal(value)
                return "decimal"
            case Mapping():
                self._add_record(value, csv=csv)
                return "record"
            case list() | tuple():
                self.items = self.items or _Seen()
                for item in value:
                    self.items.add(item, csv=csv)
                return "array"
        raise SchemaError(f"Avro has no type for values of {type(value).__name__}")

    def _add_integer(self, value: int) -> None:
        if not self.integers:
            self.least = self.most = value
        self.integers += 1
        self.least = min(self.least, value)
        self.most = max(self.most, value)

    def _add_text(self, value: str, *, csv: bool) -> str:
        if csv and value == "":
            self.nulls += 1
            return "null"
        self.texts += 1
        self.kinds |= {kind_of_text(value)}
        if self.too_many:
            return "text"
        self.symbols[value] = self.symbols.get(value, 0) + 1
        self.too_many = len(self.symbols) > _SAMPLES
        return "text"

    def _add_temporal(self, name: str) -> str:
        self.temporal[name] = self.temporal.get(name, 0) + 1
        return name

    def _add_decimal(self, value: Decimal) -> None:
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int):
            raise SchemaError(f"Avro has no type for the decimal {value}")
        self.decimals += 1
        self.scale = max(self.scale, -exponent)
        self.whole_digits = max(self.whole_digits, value.adjusted() + 1)

    def _add_record(self, value: Mapping[Any, Any], *, csv: bool) -> None:
        for key, item in value.items():
            if not isinstance(key, str):
                raise SchemaError(f"a record's key must be str, not {type(key).__name__}")
            known = self.fields.get(key)
            if known is None:
                known = self.fields[key] = _Seen()
                known.count = known.nulls = self.records  # earlier records lacked it
            known.add(item, csv=csv)
        self.records += 1
        for known in self.fields.values():
            if known.count < self.records:
                known.count += 1
                known.nulls += 1


def kind_of_text(text: str) -> str:
    """The kind of value that a text expresses: ``date``, ``time``, ``timestamp``, ``local-timestamp``,
    ``uuid``, ``integer``, ``number``, ``boolean`` or ``string``.
    """
    if _INTEGER.match(text):
        return "integer" if int(text) in _LONG else "number"
    if _NUMBER.match(text):
        return "number" if math.isfinite(float(text)) else "string"
    if text in ("true", "false"):
        return "boolean"
    if _UUID.match(text):
        return "uuid"
    try:
        if _DATE.match(text):
            date.fromisoformat(text)
            return "date"
        if _TIME.match(text):
            time.fromisoformat(text)
            return "time"
        if _MOMENT.match(text):
            moment = datetime.fromisoformat(_NANOS.sub(r"\1", text))  # Python's have microseconds
            return "timestamp" if moment.tzinfo else "local-timestamp"
    except ValueError:
        pass
    return "string"


_TEXT_TYPES: Final[dict[str, Any]] = {
    "date": {"type": "int", "logicalType": "date"},
    "time": {"type": "long", "logicalType": "time-micros"},
    "timestamp": {"type": "long", "logicalType": "timestamp-micros"},
    "local-timestamp": {"type": "long", "logicalType": "local-timestamp-micros"},
    "uuid": {"type": "string", "logicalType": "uuid"},
}
_CSV_TYPES: Final = {"boolean": "boolean", "integer": "long", "number": "double"}
_TEMPORAL: Final = {
    "uuid": _TEXT_TYPES["uuid"],
    "date": _TEXT_TYPES["date"],
    "time-micros": _TEXT_TYPES["time"],
    "timestamp-micros": _TEXT_TYPES["timestamp"],
    "local-timestamp-micros": _TEXT_TYPES["local-timestamp"],
}


class _Maker:
    """Makes the JSON data of a schema from what was seen."""

    def __init__(self, wishes: Wishes) -> None:
        self.wishes = wishes
        self.names: set[str] = set()

    def type_of(self, seen: _Seen, name: str) -> Any:
        branches = []
        for kind in seen.order:
            made = self.branch(kind, seen, name)
            if made is not None and made not in branches:
                branches.append(made)
        if seen.nulls:
            branches.insert(0, "null")
        if not branches:
            return "null"
        return branches[0] if len(branches) == 1 else branches

    def branch(self, kind: str, seen: _Seen, name: str) -> Any:
        match kind:
            case "null":
                return None
            case "boolean" | "bytes":
                return kind
            case "number":
                return self.number(seen)
            case "text":
                return self.text(seen, name)
            case "decimal":
                return self.decimal(seen)
            case "array":
                assert seen.items is not None
                items = self.type_of(seen.items, name) if seen.items.count else "null"
                return {"type": "array", "items": items}
            case "record":
                return self.record(seen, name)
        return _TEMPORAL[kind]

    def number(self, seen: _Seen) -> Any:
        if seen.floats:
            return "double"
        if seen.least in _LONG and seen.most in _LONG:
            return "long"
        digits = max(len(str(abs(seen.least))), len(str(abs(seen.most))))
        return {"type": "bytes", "logicalType": "decimal", "precision": digits, "scale": 0}

    def decimal(self, seen: _Seen) -> Any:
        digits = max(1, seen.whole_digits + seen.scale)
        precision = max(digits, _MOST_PLACES) if digits <= _MOST_PLACES else digits
        return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": seen.scale}

    def text(self, seen: _Seen, name: str) -> Any:
        kinds = seen.kinds
        if self.wishes.csv and kinds <= set(_CSV_TYPES):
            if kinds == {"boolean"}:
                return "boolean"
            if "boolean" not in kinds:
                return "long" if kinds == {"integer"} else "double"
        if self.wishes.text_types and len(kinds) == 1 and (kind := next(iter(kinds))) in _TEXT_TYPES:
            return _TEXT_TYPES[kind]
        if self.is_enum(seen):
            return {"type": "enum", "name": self.unused(name), "symbols": sorted(seen.symbols)}
        return "string"

    def is_enum(self, seen: _Seen) -> bool:
        return (
            0 < len(seen.symbols) <= self.wishes.enums
            and not seen.too_many
            and seen.texts >= 2 * len(seen.symbols)
            and all(map(is_name, seen.symbols))
        )

    def record(self, seen: _Seen, name: str) -> Any:
        fullname = self.unused(name)
        fields = []
        for key, inner in seen.fields.items():
            type = self.type_of(inner, key[:1].upper() + key[1:])
            entry: dict[str, Any] = {"name": key, "type": type}
            if type == "null" or (isinstance(type, list) and type[0] == "null"):
                entry["default"] = None
            if self.wishes.notes:
                entry["seen"] = noted(inner)
            fields.append(entry)
        return {"type": "record", "name": fullname, "fields": fields}

    def unused(self, name: str) -> str:
        """The name, with a number if it is taken."""
        made, number = name, 2
        while made in self.names:
            made = f"{name}{number}"
            number += 1
        self.names.add(made)
        return f"{self.wishes.namespace}.{made}" if self.wishes.namespace else made


def noted(seen: _Seen) -> dict[str, Any]:
    """What was seen of a field, as an attribute of the field."""
    notes: dict[str, Any] = {"values": seen.count, "nulls": seen.nulls}
    if seen.integers:
        notes |= {"least": seen.least, "most": seen.most}
    if seen.texts:
        notes["different"] = f"more than {_SAMPLES}" if seen.too_many else len(seen.symbols)
    return notes
