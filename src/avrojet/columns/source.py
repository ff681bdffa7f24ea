"""Arrow data to rows of a schema: taken, matched and compiled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from avrojet.core.arrow.consumer import ArrowData, ArrowInput
from avrojet.core.arrow.encode_columns import ColumnEncoder
from avrojet.core.columns.binary_column import MessageReader
from avrojet.plan.arrow.fit import fit, fit_messages
from avrojet.plan.arrow.schema import ArrowField, schema_of
from avrojet.schema.model import Schema

ExtraColumns = Literal["error", "ignore"]


class ColumnSource:
    """Tables, batches and columns of any library that knows Arrow. Its arrays can be had once.

    :param data: an object with ``__arrow_c_stream__`` or ``__arrow_c_array__``.
    :raises TypeError: if it is none.
    :raises EncodeError: here or from the iterator, if the data end in an error of their own.
    """

    def __init__(self, data: Any) -> None:
        self._input = ArrowInput(data, ArrowField)

    def schema(self) -> Schema:
        """The schema that the columns give.

        :raises SchemaError: if they give none; the column is told.
        """
        return schema_of(self.field)

    @property
    def field(self) -> ArrowField:
        """The type of the arrays: for a table a struct of its columns."""
        field: ArrowField = self._input.field
        return field

    def encoder(self, schema: Schema, extra_columns: ExtraColumns = "error") -> ColumnEncoder:
        """What writes the rows as ``schema`` says.

        :raises SchemaError: if the columns do not fit it; the column is told.
        """
        if extra_columns not in ("error", "ignore"):
            raise ValueError(f"extra_columns must be 'error' or 'ignore': {extra_columns!r}")
        return ColumnEncoder(fit(schema, self.field, ignore_extra=extra_columns == "ignore"))

    def reader(self) -> MessageReader:
        """What reads the only column as messages.

        :raises SchemaError: if it is no column of bytes.
        """
        return MessageReader(fit_messages(self.field))

    def __iter__(self) -> Iterator[ArrowData]:
        return self._input
