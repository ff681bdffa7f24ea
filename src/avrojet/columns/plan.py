"""Schemas to columns: what is resolved, laid out and compiled once for many batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from avrojet.columns.source import ColumnSource
from avrojet.core.arrow.producer import Batch
from avrojet.core.columns.column_set import ColumnSet
from avrojet.core.plan.plan import freeze
from avrojet.datum import Decoder
from avrojet.errors import AvroError, DecodeError
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.arrow.layout import STANDARD_TYPES, ArrowTypes, is_wrapped, table_column, union_members
from avrojet.plan.cache import PlanCache
from avrojet.plan.project import ColumnName, project
from avrojet.plan.resolve import resolve
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema


class ColumnPlan:
    """How data of ``writer`` become columns of ``reader``. Threads may share it.

    :param reader: None for the writer's schema.
    :param columns: the columns to read, as for :func:`avrojet.project`; None for all.
    :param logical_types: False for the plain encoding. (Custom logical types never apply to columns.)
    :param types: which Arrow type to choose where several hold the same data.
    :ivar layout: the columns, an :class:`avrojet.plan.arrow.layout.Column`.
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
            reader = project(reader, columns)
        self.writer = writer
        self.reader = reader
        self._limits = limits = limits_in_force(limits)
        self.layout = table_column(reader, logical=logical_types, types=types, limits=limits)
        self._logical_types = logical_types
        members = union_members(reader)
        self._plan = freeze(
            resolve(writer, reader, logical=logical_types),
            tagged=lambda branch: id(branch.schema) in members,
            limits=limits,
        )

    def column_set(self) -> ColumnSet:
        """Empty columns, for one thread."""
        return ColumnSet(self._plan, self.layout, is_wrapped(self.reader))

    def explain(self, read: Callable[[Decoder], object]) -> None:
        """Let rows fail over data that columns cannot be made of: their error says where and why.

        Rows of the plain encoding go first: Python's dates and times refuse values that Arrow's take.
        """
        for logical_types in (False, True) if self._logical_types else (False,):
            read(Decoder(self.writer, self.reader, logical_types=logical_types, limits=self._limits))

    def decode_messages(self, messages: Any, prefix: int) -> Batch:
        """One row for each message; see :meth:`avrojet.Decoder.decode_arrow`."""
        if prefix < 0:
            raise ValueError(f"prefix must not be negative: {prefix}")
        columns = self.column_set()
        if hasattr(messages, "__arrow_c_stream__") or hasattr(messages, "__arrow_c_array__"):
            self._decode_column(columns, ColumnSource(messages, self._limits, DecodeError), prefix)
            return Batch(columns)
        for number, message in enumerate(messages):
            try:
                columns.append(message, prefix)
            except AvroError as error:
                self._explain_message(number, bytes(memoryview(message)[prefix:]))
                raise _numbered(error, number) from None
        return Batch(columns)

    def _decode_column(self, columns: ColumnSet, messages: ColumnSource, prefix: int) -> None:
        reader = messages.reader()
        for array in messages:
            reader.bind(array)
            failed = reader.fill(columns, prefix)
            if failed is not None:
                number, message, error = failed
                if message is not None:
                    self._explain_message(number, message[prefix:])
                raise _numbered(error, number)

    def _explain_message(self, number: int, data: bytes) -> None:
        try:
            self.explain(lambda decoder: decoder.decode(data))
        except AvroError as error:
            raise _numbered(error, number) from None


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """How to read files as columns, whatever their schemas are; see :class:`ColumnPlan`."""

    columns: tuple[ColumnName, ...] | None
    logical_types: bool
    types: ArrowTypes
    limits: Limits

    def plan(self, text: str, reader: Schema | None) -> ColumnPlan:
        """The plan of a file with this schema."""
        if reader is not None:
            return self.compile(text, reader)
        plan = _plans.get((self, text))
        if plan is None:
            plan = self.compile(text, None)
            _plans.keep((self, text), plan, len(text))
        return plan

    def compile(self, text: str, reader: Schema | None) -> ColumnPlan:
        return ColumnPlan(
            parse_schema(text, names="lax", limits=self.limits),
            reader,
            columns=self.columns,
            logical_types=self.logical_types,
            types=self.types,
            limits=self.limits,
        )


# A loop over small files makes one plan.
_plans: PlanCache[ColumnPlan] = PlanCache(32, 512 << 10)


def _numbered(error: AvroError, number: int) -> AvroError:
    error.args = (f"message {number}: {error}",)
    return error
