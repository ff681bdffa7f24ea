"""Schemas to columns: resolved, laid out and compiled once for many batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from avrojet.cache import PlanCache
from avrojet.columns.source import ColumnSource
from avrojet.core.arrow.producer import Batch
from avrojet.core.columns.binary_column import MessageColumn, MessageList, Messages
from avrojet.core.columns.column_set import ColumnSet
from avrojet.core.columns.decode_records import prepare_text
from avrojet.core.plan.plan import freeze
from avrojet.core.rows.rows import RowDecoder
from avrojet.errors import AvroError, DecodeError, SchemaError, TruncatedError, tell_place
from avrojet.failures import DecodeFailure
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.arrow.kept import ensure_as_written
from avrojet.plan.arrow.layout import (
    VALUE,
    is_wrapped,
    narrows,
    nullable_columns,
    table_column,
    union_members,
    wide_bytes,
)
from avrojet.plan.arrow.options import STANDARD_TYPES, ArrowTypes
from avrojet.plan.project import ColumnName, first_field, project, project_kept
from avrojet.plan.resolve import resolve
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

OnMessageError: TypeAlias = Literal["raise", "null", "skip"]

# Columns kept for the next messages: compiling them takes longer than decoding a few messages.
_KEPT_SETS = 4


class ColumnPlan:
    """How data of ``writer`` become columns of ``reader``. Thread-safe.

    :param reader: None for the writer's schema.
    :param columns: the columns to read, as for :func:`avrojet.project`; None for all.
    :param logical_types: False for the plain encoding. (Custom logical types never apply to columns.)
    :param types: which Arrow type to choose if several can hold the data.
    :ivar layout: the columns, an :class:`avrojet.plan.arrow.layout.Column`.
    :ivar wide_bytes: bytes per row in types wider than numbers.
    :raises SchemaError: if the reader's schema is recursive, or has no such column.
    :raises LimitError: if it has more columns than ``limits.columns``, or nests too deep.
    :raises ResolutionError: if the schemas do not match.
    """

    def __init__(
        self,
        writer: Schema,
        reader: Schema | None = None,
        *,
        columns: Sequence[ColumnName] | None = None,
        logical_types: bool = True,
        types: ArrowTypes = STANDARD_TYPES,
        limits: Limits | None = None,
    ) -> None:
        reader = writer if reader is None else reader
        if columns is not None:
            reader = chosen_columns(reader, columns, types)
        self.writer = writer
        self.reader = reader
        self._limits = limits = limits_in_force(limits)
        self.layout = table_column(reader, logical=logical_types, types=types, limits=limits)
        self.wide_bytes = wide_bytes(self.layout)
        self._logical_types = logical_types
        self._idle: deque[ColumnSet] = deque(maxlen=_KEPT_SETS)
        self._explainers: list[RowDecoder] = []
        if types.recursion == "bytes" and reader is not writer:
            ensure_as_written(writer, self.layout)
        members = union_members(reader)
        self._plan = freeze(
            resolve(writer, reader, logical=logical_types),
            tagged=lambda branch: id(branch.schema) in members,
            limits=limits,
        )
        if types.recursion == "json":
            prepare_text(self._plan)

    def column_set(self) -> ColumnSet:
        """Empty columns, for one thread."""
        return ColumnSet(self._plan, self.layout, is_wrapped(self.reader))

    def explain(self, read: Callable[[RowDecoder], object]) -> None:
        """Decode as rows data that could not be made into columns: the error of the rows says where and why.

        These rows refuse what columns refuse, and nothing else, so the error is about the value that failed.
        """
        if not self._explainers:
            # The plain encoding, and then the logical types that do not allow all of its values.
            self._explainers = [
                RowDecoder(freeze(resolve(self.writer, self.reader, logical=logical), limits=self._limits))
                for logical in ((False, narrows) if self._logical_types else (False,))
            ]
        for decoder in self._explainers:
            read(decoder)

    def decode_messages(
        self,
        messages: Any,
        prefix: int = 0,
        on_error: OnMessageError = "raise",
        errors: list[tuple[int, AvroError]] | None = None,
        *,
        nullable: bool = False,
    ) -> Batch:
        """One row per message; see :meth:`avrojet.Decoder.decode_arrow`."""
        if prefix < 0:
            raise ValueError(f"prefix must not be negative: {prefix}")
        if on_error not in ("raise", "null", "skip"):
            raise ValueError(f"on_error must be 'raise', 'null' or 'skip', not {on_error!r}")
        columns = taken(self._idle) or self._message_columns()
        nullable = nullable or on_error == "null"
        number = 0
        for part in self._message_parts(messages):
            for failed in part.fill(columns, prefix, on_error):
                if on_error == "raise":
                    raise self._message_error(part, failed, prefix, number + failed)
                if errors is not None:
                    place = number + failed
                    errors.append((place, self._message_error(part, failed, prefix, place)))
            nullable = nullable or part.nulls > 0
            number += len(part)
        batch = Batch(columns, columns.layout if nullable else self.layout)
        self._idle.append(columns)
        return batch

    def _message_columns(self) -> ColumnSet:
        """Columns that are all nullable, for the rows of missing messages."""
        return ColumnSet(self._plan, nullable_columns(self.layout), is_wrapped(self.reader))

    def _message_parts(self, messages: Any) -> Iterator[Messages]:
        if not hasattr(messages, "__arrow_c_stream__") and not hasattr(messages, "__arrow_c_array__"):
            yield MessageList(messages)
            return
        source = ColumnSource(messages, self._limits, DecodeError)
        reader = source.reader()
        for array in source:
            reader.bind(array)
            yield MessageColumn(reader)

    def _message_error(self, part: Messages, place: int, prefix: int, number: int) -> AvroError:
        """Why a message could not be decoded.

        :param place: index of the message in its part, and
        :param number: in all.
        """
        message = part.message(place) or b""
        data = message[prefix:]
        try:
            if len(message) < prefix:
                raise TruncatedError(f"{len(message)} bytes, of which the first {prefix} are to be left out")
            self.explain(lambda decoder: decoder.decode(data))
            self._message_columns().fill(data, 1, 0, 0)
        except AvroError as error:
            return _numbered(error, number)
        return _numbered(DecodeError("it is not a datum of the schema", kind=DecodeFailure.MALFORMED), number)


def chosen_columns(schema: Schema, columns: Sequence[ColumnName], types: ArrowTypes) -> Schema:
    """The schema of the columns that are chosen, as for :func:`avrojet.project`.

    The values of a schema that is no record are one column. Its name chooses it, unless a record in it has a
    field of that name; an empty path does in any case.

    :raises SchemaError: if there is no such column.
    """
    narrow = project if types.recursion == "error" else project_kept
    if not is_wrapped(schema):
        return narrow(schema, columns)
    paths = [column for column in columns if not _is_whole(schema, column)]
    narrowed = narrow(schema, paths)
    return narrowed if len(paths) == len(columns) else schema


def _is_whole(schema: Schema, column: ColumnName) -> bool:
    if column not in (VALUE, (VALUE,)):
        return not column
    try:
        first_field(schema, column)
    except SchemaError:
        return True
    return False


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """How to read files as columns, whatever their schemas; see :class:`ColumnPlan`."""

    columns: tuple[ColumnName, ...] | None
    logical_types: bool
    types: ArrowTypes
    limits: Limits

    def plan(self, text: str, reader: Schema | None) -> ColumnPlan:
        """The plan for a file with this schema."""
        if reader is not None:
            return self.compile(text, reader)
        plan = _plans.get((self, text))
        if plan is None:
            plan = self.compile(text, None)
            _plans.keep((self, text), plan, len(text))
        return plan

    def compile(self, writer: Schema | str, reader: Schema | None) -> ColumnPlan:
        return ColumnPlan(
            parse_schema(writer, names="lax", limits=self.limits),
            reader,
            columns=self.columns,
            logical_types=self.logical_types,
            types=self.types,
            limits=self.limits,
        )


# So a loop over small files makes one plan.
_plans: PlanCache[ColumnPlan] = PlanCache(32, 512 << 10)


def taken(idle: deque[ColumnSet]) -> ColumnSet | None:
    """Columns that no thread uses, to be used by this one; None if there are none."""
    try:
        return idle.pop()
    except IndexError:  # asking first would not help: another thread may take the last meanwhile
        return None


def _numbered(error: AvroError, number: int) -> AvroError:
    tell_place(error, f"message {number}", row=number)
    return error
