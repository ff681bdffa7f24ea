"""Reading and writing step by step, if a program replaces a part of it.

The program may have its own decoder or encoder, a stream that cannot seek, or a DatumReader or DatumWriter
with its own methods: each value then goes through the methods that can be replaced. The rules are the same as
in the core, which does all this in one step.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from avrojet.compat.avro import _plans, constants, schema
from avrojet.compat.avro._plans import MAX_COLLECTION_ITEMS_ENV, collection_limits
from avrojet.compat.avro.errors import (
    AvroCollectionSizeException,
    AvroException,
    AvroTypeException,
    InvalidAvroBinaryEncoding,
    SchemaResolutionException,
)

Schema = schema.Schema
RECORDS: Final = ("record", "error", "request")
UNIONS: Final = ("union", "error_union")

MAX_UNCHECKED_COLLECTION: Final = 1024
"""The size of a longer block of items is compared with the bytes that are left before its items are read."""

_PLAIN_OF: Final = {"string": "utf8"}  # if methods of a decoder are not named after the type
_SHOWN_BY: Final = {
    constants.DATE: "date_from_int",
    constants.TIME_MILLIS: "time_millis_from_int",
    constants.TIME_MICROS: "time_micros_from_long",
    constants.TIMESTAMP_MILLIS: "timestamp_millis_from_long",
    constants.TIMESTAMP_MICROS: "timestamp_micros_from_long",
}
_WRITTEN_BY: Final[Mapping[str, tuple[str, type]]] = {
    constants.DATE: ("date_int", dt.date),
    constants.TIME_MILLIS: ("time_millis_int", dt.time),
    constants.TIME_MICROS: ("time_micros_long", dt.time),
    constants.TIMESTAMP_MILLIS: ("timestamp_millis_long", dt.datetime),
    constants.TIMESTAMP_MICROS: ("timestamp_micros_long", dt.datetime),
}
_EXACT: Final[Mapping[type, tuple[str, ...]]] = {
    bool: ("boolean",),
    int: ("int", "long"),
    float: ("double", "float"),
    dt.datetime: (constants.TIMESTAMP_MICROS, constants.TIMESTAMP_MILLIS),
    dt.date: (constants.DATE,),
}


def min_bytes(of: Schema, visited: frozenset[int] = frozenset()) -> int:
    """The fewest bytes that a value can have; 0 if some have none."""
    kind = of.type
    if kind == "null":
        return 0
    if kind == "fixed":
        return int(of.size)  # type: ignore[attr-defined]
    if kind in RECORDS:
        if id(of) in visited:
            return 1  # recursion ends with a branch or an empty array
        inside = visited | {id(of)}
        fields: list[schema.Field] = of.fields  # type: ignore[attr-defined]
        return sum([min_bytes(field.type, inside) for field in fields])
    if kind in UNIONS:
        branches = of.schemas  # type: ignore[attr-defined]
        return 1 + min((min_bytes(branch, visited) for branch in branches), default=0)
    return {"float": 4, "double": 8}.get(kind, 1)


class ReadingSteps:
    """The methods of a DatumReader that a subclass may replace."""

    _zero_byte_items_read = 0

    def read_data(self, writers_schema: Any, readers_schema: Any, decoder: Any) -> Any:
        """Read a value of one schema as another."""
        written, wanted = writers_schema.type, readers_schema.type
        if written in UNIONS:
            return self.read_union(writers_schema, readers_schema, decoder)
        if wanted in UNIONS:
            branch = _readable_branch(writers_schema, readers_schema)
            return self.read_data(writers_schema, branch, decoder)
        if not readers_schema.match(writers_schema):
            raise SchemaResolutionException("the schemas do not match", writers_schema, readers_schema)
        if written in RECORDS:
            return self.read_record(writers_schema, readers_schema, decoder)
        step = _READS.get(written)
        if step is not None:
            return getattr(self, step)(writers_schema, readers_schema, decoder)
        return _promoted(self._read_primitive(writers_schema, readers_schema, decoder), wanted)

    def _read_primitive(self, writers_schema: Any, readers_schema: Any, decoder: Any) -> Any:
        kind = writers_schema.type
        logical = getattr(writers_schema, "logical_type", None)
        if logical is None and kind == readers_schema.type:
            logical = getattr(readers_schema, "logical_type", None)
            writers_schema = readers_schema if logical is not None else writers_schema
        if logical == constants.DECIMAL:
            return decoder.read_decimal_from_bytes(writers_schema.precision, writers_schema.scale)
        return getattr(decoder, f"read_{_SHOWN_BY.get(logical or '') or _PLAIN_OF.get(kind, kind)}")()

    def skip_data(self, writers_schema: Any, decoder: Any) -> None:
        """Skip a value."""
        kind = writers_schema.type
        step = "record" if kind in RECORDS else "union" if kind in UNIONS else kind
        if step in _STEPS:
            getattr(self, f"skip_{step}")(writers_schema, decoder)
        else:
            getattr(decoder, f"skip_{_PLAIN_OF.get(kind, kind)}")()

    def read_fixed(self, writers_schema: Any, readers_schema: Any, decoder: Any) -> Any:
        shown = writers_schema if hasattr(writers_schema, "logical_type") else readers_schema
        if getattr(shown, "logical_type", None) == constants.DECIMAL:
            return decoder.read_decimal_from_fixed(shown.precision, shown.scale, writers_schema.size)
        return decoder.read(writers_schema.size)

    def skip_fixed(self, writers_schema: Any, decoder: Any) -> None:
        decoder.skip(writers_schema.size)

    def read_enum(self, writers_schema: Any, readers_schema: Any, decoder: Any) -> Any:
        index = decoder.read_int()
        symbols = writers_schema.symbols
        if not 0 <= index < len(symbols):
            raise SchemaResolutionException(
                f"the enum has {len(symbols)} symbols, none of the index {index}",
                writers_schema,
                readers_schema,
            )
        symbol = symbols[index]
        if symbol in readers_schema.symbols:
            return symbol
        if readers_schema.default in readers_schema.symbols:
            return readers_schema.default
        raise SchemaResolutionException(
            f"the reader's enum has no symbol {symbol}", writers_schema, readers_schema
        )

    def skip_enum(self, writers_schema: Any, decoder: Any) -> None:
        decoder.skip_int()

    def read_array(self, writers_schema: Any, readers_schema: Any, decoder: Any) -> Any:
        written, wanted = writers_schema.items, readers_schema.items
        return [
            self.read_data(written, wanted, decoder)
            for count in self._blocks(decoder, min_bytes(written))
            for _ in range(count)
        ]

    def read_map(self, writers_schema: Any, readers_schema: Any, decoder: Any) -> Any:
        written, wanted = writers_schema.values, readers_schema.values
        entries: dict[str, Any] = {}
        for count in self._blocks(decoder, 1 + min_bytes(written)):
            for _ in range(count):
                key = decoder.read_utf8()
                entries[key] = self.read_data(written, wanted, decoder)
        return entries

    def skip_array(self, writers_schema: Any, decoder: Any) -> None:
        items = writers_schema.items
        for count in self._blocks(decoder, min_bytes(items), skip=True):
            for _ in range(count):
                self.skip_data(items, decoder)

    def skip_map(self, writers_schema: Any, decoder: Any) -> None:
        values = writers_schema.values
        for count in self._blocks(decoder, 1 + min_bytes(values), skip=True):
            for _ in range(count):
                decoder.skip_utf8()
                self.skip_data(values, decoder)

    def _blocks(self, decoder: Any, least: int, *, skip: bool = False) -> Iterator[int]:
        """The counts of the blocks of items that are to be read.

        :param least: the fewest bytes that an item has.
        :param skip: skip the blocks that state their size.
        """
        read = 0
        while (count := decoder.read_long()) != 0:
            size = None
            if count < 0:
                count, size = -count, decoder.read_long()
            self._check_count(decoder, read, count, least)
            read += count
            if skip and size is not None:
                self._skip_block_bytes(decoder, size, count, least)
            else:
                yield count

    def _check_count(self, decoder: Any, before: int, count: int, least: int) -> None:
        """Check that a block of items is within the limits, and that enough bytes are left for it."""
        empty, most = collection_limits()
        if least == 0:
            self._zero_byte_items_read += count
            self._check_limit(self._zero_byte_items_read, empty, "items of no bytes in a datum")
            return
        if count > MAX_UNCHECKED_COLLECTION:
            left = decoder.bytes_remaining()
            if left is not None and count > left // least:
                raise InvalidAvroBinaryEncoding(f"{count} items are claimed, but only {left} bytes are left")
        self._check_limit(before + count, most, "items in an array or map")

    @staticmethod
    def _check_limit(count: int, most: int, what: str) -> None:
        if count > most:
            raise AvroCollectionSizeException(
                f"{count} {what}: more than {most}, which {MAX_COLLECTION_ITEMS_ENV} sets"
            )

    @staticmethod
    def _skip_block_bytes(decoder: Any, block_size: int, block_count: int, min_bytes: int) -> None:
        """Skip a block of items that states its size.

        :param min_bytes: the fewest bytes that an item has.
        :raises InvalidAvroBinaryEncoding: if the block cannot have that size, or is missing.
        """
        left = decoder.bytes_remaining()
        fits = block_count <= block_size // min_bytes if min_bytes else block_size == 0
        if block_size < 0 or not fits or (left is not None and block_size > left):
            raise InvalidAvroBinaryEncoding(f"a block of {block_count} items has not {block_size} bytes")
        try:
            decoder.skip(block_size)
        except (OSError, ValueError, OverflowError, AttributeError, TypeError) as error:
            raise InvalidAvroBinaryEncoding(f"{block_size} bytes cannot be skipped: {error}") from error

    def read_union(self, writers_schema: Any, readers_schema: Any, decoder: Any) -> Any:
        branch = _branch_of_index(writers_schema, decoder.read_long(), readers_schema)
        if readers_schema is writers_schema:
            readers_schema = branch
        return self.read_data(branch, readers_schema, decoder)

    def skip_union(self, writers_schema: Any, decoder: Any) -> None:
        self.skip_data(_branch_of_index(writers_schema, decoder.read_long()), decoder)

    def read_record(self, writers_schema: Any, readers_schema: Any, decoder: Any) -> Any:
        wanted = _wanted_fields(writers_schema, readers_schema)
        record: dict[str, Any] = {}
        for field in writers_schema.fields:
            ours = wanted.pop(field.name, None)
            if ours is None:
                self.skip_data(field.type, decoder)
            else:
                record[ours.name] = self.read_data(field.type, ours.type, decoder)
        for field in wanted.values():
            record[field.name] = self._default(field, writers_schema, readers_schema)
        return record

    def skip_record(self, writers_schema: Any, decoder: Any) -> None:
        for field in writers_schema.fields:
            self.skip_data(field.type, decoder)

    @staticmethod
    def _default(field: Any, writers_schema: Any, readers_schema: Any) -> Any:
        """The value of a field that the writer does not have, made by the core."""
        if not field.has_default:
            raise SchemaResolutionException(
                f"the field {field.name} is not in the data, and has no default",
                writers_schema,
                readers_schema,
            )
        return _plans.reading(_NO_FIELDS, _only(field)).decode(b"")[field.name]


_STEPS: Final = ("fixed", "enum", "array", "map", "union", "record")
_READS: Final = {"fixed": "read_fixed", "enum": "read_enum", "array": "read_array", "map": "read_map"}
_NO_FIELDS: Final = schema.RecordSchema("Only", None, [])


def _only(field: Any) -> Schema:
    """A record of one field."""
    record = schema.RecordSchema("Only", None, [])
    record.props["fields"] = [field]
    return record


def _wanted_fields(written: Any, wanted: Any) -> dict[str, Any]:
    """The reader's fields by their names in the writer's schema; fields that the writer lacks by their
    own.
    """
    theirs = {field.name for field in written.fields}
    names: dict[str, Any] = {}
    for field in wanted.fields:
        given = field.get_prop("aliases") or ()
        name = next((alias for alias in given if alias in theirs), field.name)
        names[field.name if field.name in theirs else name] = field
    return names


def _readable_branch(written: Any, wanted: Any) -> Schema:
    """The branch that data are read as: preferably one of the same type and name."""
    matching: list[Schema] = [branch for branch in wanted.schemas if branch.match(written)]
    if not matching:
        raise SchemaResolutionException("no branch of the reader's union matches", written, wanted)
    fullname = getattr(written, "fullname", None)
    exact = (
        branch
        for branch in matching
        if branch.type == written.type and getattr(branch, "fullname", None) == fullname
    )
    return next(exact, None) or next((b for b in matching if b.type == written.type), matching[0])


def _branch_of_index(union: Any, index: int, wanted: Any = None) -> Schema:
    branches: list[Schema] = union.schemas
    if not 0 <= index < len(branches):
        raise SchemaResolutionException(
            f"the union has {len(branches)} branches, none of the index {index}", union, wanted
        )
    return branches[index]


def _promoted(value: Any, wanted: str) -> Any:
    """A value of a primitive type as the reader's."""
    if wanted in ("float", "double") and type(value) is int:
        return float(value)
    if wanted == "bytes" and isinstance(value, str):
        return value.encode()
    if wanted == "string" and isinstance(value, bytes):
        return value.decode()
    return value


class WritingSteps:
    """The methods of a DatumWriter that a subclass may replace."""

    def write_data(self, writers_schema: Any, datum: Any, encoder: Any) -> None:
        """Write a value that is known to fit the schema."""
        kind = writers_schema.type
        if kind in UNIONS:
            self.write_union(writers_schema, datum, encoder)
        elif kind in RECORDS:
            self._need(isinstance(datum, Mapping), writers_schema, datum)
            self.write_record(writers_schema, datum, encoder)
        elif kind == "array":
            self._need(isinstance(datum, Sequence), writers_schema, datum)
            self.write_array(writers_schema, datum, encoder)
        elif kind == "map":
            self._need(isinstance(datum, Mapping), writers_schema, datum)
            self.write_map(writers_schema, datum, encoder)
        elif kind == "enum":
            self._need(datum in writers_schema.symbols, writers_schema, datum)
            self.write_enum(writers_schema, datum, encoder)
        else:
            self._write_leaf(writers_schema, datum, encoder)

    def _write_leaf(self, writers_schema: Any, datum: Any, encoder: Any) -> None:
        kind = writers_schema.type
        logical = getattr(writers_schema, "logical_type", "")
        if logical == constants.DECIMAL and isinstance(datum, decimal.Decimal):
            _write_decimal(writers_schema, datum, encoder)
            return
        method, python = _WRITTEN_BY.get(logical, ("", object))
        if method and isinstance(datum, python):
            getattr(encoder, f"write_{method}")(datum)
            return
        if kind == "fixed":
            right = isinstance(datum, bytes) and len(datum) == writers_schema.size
            self._need(right, writers_schema, datum)
            self.write_fixed(writers_schema, datum, encoder)
            return
        if logical == constants.UUID and writers_schema.validate(datum):
            datum = str(datum)
        self._need(schema.PrimitiveSchema(kind).validate(datum) is not None, writers_schema, datum)
        getattr(encoder, f"write_{_PLAIN_OF.get(kind, kind)}")(datum)

    @staticmethod
    def _need(condition: bool, writers_schema: Any, datum: Any) -> None:
        if not condition:
            raise AvroTypeException(writers_schema, getattr(writers_schema, "name", None), datum)

    def write_fixed(self, writers_schema: Any, datum: Any, encoder: Any) -> None:
        encoder.write(datum)

    def write_enum(self, writers_schema: Any, datum: Any, encoder: Any) -> None:
        encoder.write_int(list(writers_schema.symbols).index(datum))

    def write_array(self, writers_schema: Any, datum: Any, encoder: Any) -> None:
        if datum:
            encoder.write_long(len(datum))
        for item in datum:
            self.write_data(writers_schema.items, item, encoder)
        encoder.write_long(0)

    def write_map(self, writers_schema: Any, datum: Any, encoder: Any) -> None:
        if datum:
            encoder.write_long(len(datum))
        for key, value in datum.items():
            encoder.write_utf8(key)
            self.write_data(writers_schema.values, value, encoder)
        encoder.write_long(0)

    def write_union(self, writers_schema: Any, datum: Any, encoder: Any) -> None:
        index = best_branch(writers_schema, datum)
        encoder.write_long(index)
        self.write_data(writers_schema.schemas[index], datum, encoder)

    def write_record(self, writers_schema: Any, datum: Any, encoder: Any) -> None:
        for field in writers_schema.fields:
            self.write_data(field.type, datum.get(field.name), encoder)


def best_branch(union: Any, datum: Any) -> int:
    """The index of the branch for a datum: one of its own Python type, else the first that accepts it.

    :raises AvroTypeException: if none does.
    """
    from avrojet.compat.avro.io import validate

    taking = [index for index, branch in enumerate(union.schemas) if validate(branch, datum)]
    for exact in _EXACT.get(type(datum), ()):
        for index in taking:
            if exact in (getattr(union.schemas[index], "logical_type", None), union.schemas[index].type):
                return index
    if not taking:
        raise AvroTypeException(union, None, datum)
    return taking[0]


def _write_decimal(writers_schema: Any, datum: decimal.Decimal, encoder: Any) -> None:
    if writers_schema.type == "fixed":
        encoder.write_decimal_fixed(datum, writers_schema.scale, writers_schema.size)
    else:
        encoder.write_decimal_bytes(datum, writers_schema.scale)
    digits = datum.as_tuple()
    if len(digits.digits) + int(digits.exponent) + writers_schema.scale > writers_schema.precision and datum:
        raise AvroTypeException(f"{datum} has more digits than the precision {writers_schema.precision}")


def refused(schema_: Any, datum: Any) -> AvroException:
    """Return the exception for a datum that the core refuses, although the steps accept it."""
    return AvroTypeException(schema_, getattr(schema_, "name", None), datum)
