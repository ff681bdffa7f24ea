"""Values that demonstrate what check_compatibility reports: made to reach the place, then encoded and
read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, Final, TypeAlias

from avrojet.datum import Decoder, Encoder
from avrojet.errors import AvroError, LimitError, ResolutionError
from avrojet.generate import MOST_PARTS, random_values, smallest_values
from avrojet.plan.alterations import ANY
from avrojet.plan.match import branch_name, describe
from avrojet.plan.places import along, end_of
from avrojet.plan.reasons import Alteration, Reason, Witness
from avrojet.schema.model import ArraySchema, Field, FixedSchema, MapSchema, RecordSchema, Schema, UnionSchema

Told: TypeAlias = "list[tuple[Reason, Any]]"
"""Reasons, each with an example: a plain value required at its place, or ANY."""

_MOST_PARTS_OF_ALL: Final = 200_000  # thousands of reasons may each need a record of thousands of fields
_KEY: Final = "key"
_TRIES: Final = 8  # random values tried for a field that is dropped
_UUID: Final = "00000000-0000-4000-8000-000000000000"
# For places that do not matter: the reader may have a logical type there that does not allow all values.
_TEXTS: Final = ("", _UUID, _UUID)
_BYTES: Final = (b"", b"\0", b"\x02\0\0")


class _NoWitnessError(Exception):
    """No value demonstrates a reason; the message says why."""


class Witnesses:
    """Finds witnesses for the reasons reported about two schemas."""

    def __init__(self, writer: Schema, reader: Schema) -> None:
        self._writer = writer
        self._reader = reader
        self._left = _MOST_PARTS_OF_ALL

    def of(self, told: Told) -> Told:
        """The same reasons, each with its witness, or why there is none."""
        return [(self._with_witness(reason, example), example) for reason, example in told]

    def _with_witness(self, reason: Reason, example: Any) -> Reason:
        try:
            return replace(reason, witness=self._witness(reason, example))
        except _NoWitnessError as why:
            return replace(reason, unwitnessed=str(why))
        except (LimitError, RecursionError):
            return replace(reason, unwitnessed="a value that reaches the place nests too deep")
        except AvroError as error:  # from a custom logical type
            return replace(reason, unwitnessed=f"no value can be made to show it: {error}")

    def _witness(self, reason: Reason, example: Any) -> Witness:
        if id(self._writer) not in self._smallest[0]:
            raise _NoWitnessError(f"the writer's schema has no finite value: {self._endless(self._writer)}")
        if isinstance(self._decoder, AvroError) and isinstance(reason.kind, Alteration):
            raise _NoWitnessError("no data of the writer can be read")
        failed: tuple[bytes, AvroError] | None = None
        for data in self._data(reason, example):
            read = self._read(data)
            if isinstance(read, LimitError):
                raise read
            if not isinstance(read, AvroError):
                if self._alters(reason, data, read):
                    return Witness(self._shown(data), data, read=read)
            elif self._is_of(reason, read):
                return Witness(self._shown(data), data, error=str(read))
            elif failed is None:
                failed = data, read
        if failed is None:
            raise _NoWitnessError("no value was found that shows it")
        data, error = failed
        if isinstance(reason.kind, Alteration):
            raise _NoWitnessError(f"no value was found that shows it; the reader refuses them: {error}")
        # Another mismatch comes earlier in the data.
        return Witness(self._shown(data), data, error=str(error))

    def _is_of(self, reason: Reason, error: AvroError) -> bool:
        """Whether a value is refused for this reason."""
        if isinstance(reason.kind, Alteration) and reason.kind is not Alteration.UNREADABLE_VALUES:
            return False
        return error is self._decoder or error.path == self._path(reason)

    def _path(self, reason: Reason) -> str:
        """The path in the value that the reader's error will have."""
        path = ["$"]
        for schema, taken in along(self._reader, reason.reader_path):
            if isinstance(taken, Field):
                path.append(f".{taken.name}")
            elif not isinstance(schema, UnionSchema):
                path.append("[0]" if isinstance(schema, ArraySchema) else f"[{_KEY!r}]")
        return "".join(path)

    # -- encoding and reading --------------------------------------------------------------------------

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder(self._writer, logical_types=False)

    @cached_property
    def _decoder(self) -> Decoder | AvroError:
        """The decoder between the schemas, or the error if nothing can be read."""
        try:
            return Decoder(self._writer, self._reader)
        except ResolutionError as error:
            return error

    @cached_property
    def _own_decoder(self) -> Decoder:
        return Decoder(self._writer)

    @cached_property
    def _own_encoder(self) -> Encoder:
        return Encoder(self._writer)

    @cached_property
    def _tagged_decoder(self) -> Decoder:
        return Decoder(self._writer, unions="tagged")

    def _read(self, data: bytes) -> Any:
        if isinstance(self._decoder, AvroError):
            return self._decoder
        try:
            return self._decoder.decode(data)
        except AvroError as error:
            return error

    def _shown(self, data: bytes) -> Any:
        """The value as a Decoder of the writer shows it; branches are named only if an Encoder needs it."""
        try:
            value = self._own_decoder.decode(data)
            if self._own_encoder.encode(value) == data:
                return value
            return self._tagged_decoder.decode(data)
        except LimitError:
            raise
        except AvroError:  # from a custom logical type
            return Decoder(self._writer, logical_types=False, unions="tagged").decode(data)

    # -- values ------------------------------------------------------------------------------------

    @cached_property
    def _smallest(self) -> list[dict[int, tuple[int, Any]]]:
        """The smallest values, in several variants of the leaves that do not matter."""
        return [smallest_values(self._writer, _leaves(style)) for style in range(len(_TEXTS))]

    def _data(self, reason: Reason, example: Any) -> Iterator[bytes]:
        """Data that reach the place and have the example there."""
        try:
            for smallest in self._smallest:
                value = self._steered(reason, example, smallest)
                if reason.kind is Alteration.FIELD_DROPPED:
                    yield from self._varied(reason, smallest)
                else:
                    yield self._encoder.encode(value)
        except _NoWitnessError:
            size, value = self._smallest[0][id(self._writer)]
            if not isinstance(self._decoder, AvroError) or size >= MOST_PARTS or self._left <= 0:
                raise
            self._left -= size
            # Nothing at all can be read, so any value demonstrates it.
            yield self._encoder.encode(value)

    def _steered(self, reason: Reason, example: Any, smallest: dict[int, tuple[int, Any]]) -> Any:
        """A value of the writer's schema that has the example at the reason's place."""
        if self._left <= 0:
            raise _NoWitnessError("the witnesses of the other reasons are large enough together")
        end, way = self._way(reason.writer_path)
        if example is ANY:
            if id(end) not in smallest:
                raise _NoWitnessError(f"no value can stand there: {self._endless(end)}")
            size, value = smallest[id(end)]
        else:
            size, value = 1, example
        for schema, taken in reversed(way):
            if isinstance(schema, RecordSchema):
                assert isinstance(taken, Field)
                others = [field for field in schema.fields if field is not taken]
                if any(id(field.type) not in smallest for field in others):
                    raise _NoWitnessError(f"no value can stand there: {self._endless(schema)}")
                size += sum(smallest[id(field.type)][0] for field in others)
                value = {
                    field.name: value if field is taken else smallest[id(field.type)][1]
                    for field in schema.fields
                }
            elif isinstance(schema, UnionSchema):
                assert isinstance(taken, int)
                branch = schema.branches[taken]
                value = None if branch.type == "null" else (branch_name(branch), value)
            else:
                value = [value] if isinstance(schema, ArraySchema) else {_KEY: value}
        if size >= MOST_PARTS:
            raise _NoWitnessError("the smallest value that reaches the place has more than a million parts")
        self._left -= size
        return value

    def _varied(self, reason: Reason, smallest: dict[int, tuple[int, Any]]) -> Iterator[bytes]:
        """Data that differ only at the place."""
        end, _ = self._way(reason.writer_path)
        encoder, decoder = Encoder(end), Decoder(end, logical_types=False, unions="tagged")
        for value in random_values(end, _TRIES, seed=1, items=1, text=8, null_rate=0, depth=2):
            plain = decoder.decode(encoder.encode(value))
            yield self._encoder.encode(self._steered(reason, plain, smallest))

    def _way(self, path: str) -> tuple[Schema, list[tuple[Schema, Field | int | None]]]:
        """The writer's schema at a place, and the steps to it."""
        if path.startswith("\N{HORIZONTAL ELLIPSIS}"):
            raise _NoWitnessError("the place is too deep in the schema")
        return end_of(self._writer, path), list(along(self._writer, path))

    def _endless(self, schema: Schema) -> str:
        if schema.type == "enum":
            return f"{describe(schema)} has no symbols"
        return f"{describe(schema)} always contains itself, or an enum without symbols"

    # -- alterations ---------------------------------------------------------------------------

    def _alters(self, reason: Reason, data: bytes, read: Any) -> bool:
        """Whether the value read at the place differs from the one written there."""
        if not isinstance(reason.kind, Alteration):
            return False
        if reason.kind is Alteration.FIELD_DROPPED:
            # It is lost if data that differ only in it are read as the same value.
            end, _ = self._way(reason.writer_path)
            plain = self._smallest[0][id(end)][1]
            for smallest in self._smallest:
                other = self._encoder.encode(self._steered(reason, plain, smallest))
                if other != data and _same(self._read(other), read):
                    return True
            return False
        written = _at(self._own_decoder.decode(data), along(self._writer, reason.writer_path))
        seen = _at(read, along(self._reader, reason.reader_path))
        return not _same(written, seen)


def _leaves(style: int) -> Any:
    def leaf(schema: Schema) -> Any:
        logical = schema.logical.name if schema.logical is not None else ""
        if isinstance(schema, FixedSchema):
            return b"\0" * schema.size
        match schema.type:
            case "enum":
                symbols: tuple[str, ...] = schema.symbols  # type: ignore[attr-defined]
                return symbols[min(style, len(symbols) - 1)]
            case "string":
                return _UUID if logical == "uuid" else _TEXTS[style]
            case "bytes":
                return {"decimal": b"\0", "big-decimal": b"\x02\0\0"}.get(logical, _BYTES[style])
        return _LEAVES[schema.type]

    return leaf


_LEAVES: Final = {"null": None, "boolean": False, "int": 0, "long": 0, "float": 0.0, "double": 0.0}


def _at(value: Any, way: Iterator[tuple[Schema, Field | int | None]]) -> Any:
    """The part of a decoded value at a place that it was made to reach."""
    for schema, taken in way:
        if isinstance(taken, Field):
            value = value[taken.name]
        elif isinstance(schema, ArraySchema):
            value = value[0]
        elif isinstance(schema, MapSchema):
            value = value[_KEY]
    return value


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal and of equal types: an int is not a float, nor a date a number."""
    return type(one) is type(other) and one == other
