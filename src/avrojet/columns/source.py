"""Arrow data to rows of a schema: taken, matched and compiled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from avrojet.core.arrow.consumer import ArrowData, ArrowInput
from avrojet.core.arrow.encode_columns import ColumnEncoder
from avrojet.core.columns.binary_column import MessageReader
from avrojet.errors import AvroError, DecodeError, EncodeError, LimitError
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.arrow.fit import fit, fit_messages
from avrojet.plan.arrow.formats import checked_field
from avrojet.plan.arrow.schema import ArrowField, schema_of
from avrojet.schema.model import Schema

ExtraColumns = Literal["error", "ignore"]


class ColumnSource:
    """Tables, batches and columns of any library that knows Arrow. Its arrays can be had once.

    :param data: an object with ``__arrow_c_stream__`` or ``__arrow_c_array__``.
    :param limits: bounds on what the types may cost; None: the process's.
    :param failure: what errors of the stream and of the arrays are: of encoding them, or of decoding
        messages.
    :raises TypeError: if it is none, or its method does not return what it should.
    :raises SchemaError: if the columns' types contradict themselves; the column is told.
    :raises LimitError: if there are more than ``limits.columns``, or they nest too deep.
    :raises EncodeError: here or from the iterator, if the data end in an error of their own, or contradict
        their types (or what `failure` says).
    """

    def __init__(
        self, data: Any, limits: Limits | None = None, failure: type[AvroError] = EncodeError
    ) -> None:
        self._limits = limits_in_force(limits)
        self._input = ArrowInput(data, checked_field, self._limits, failure)

    def schema(self) -> Schema:
        """The schema that the columns give.

        :raises SchemaError: if they give none; the column is told.
        :raises LimitError: if it is larger than ``limits.schema_bytes``, or nests too deep.
        """
        try:
            return schema_of(self.field, self._limits)
        except RecursionError:
            raise _too_deep() from None

    @property
    def field(self) -> ArrowField:
        """The type of the arrays: for a table a struct of its columns."""
        field: ArrowField = self._input.field
        return field

    def encoder(self, schema: Schema, extra_columns: ExtraColumns = "error") -> ColumnEncoder:
        """What writes the rows as ``schema`` says.

        :raises SchemaError: if the columns do not fit it; the column is told.
        :raises LimitError: if they nest too deep.
        """
        if extra_columns not in ("error", "ignore"):
            raise ValueError(f"extra_columns must be 'error' or 'ignore': {extra_columns!r}")
        try:
            return ColumnEncoder(fit(schema, self.field, ignore_extra=extra_columns == "ignore"))
        except RecursionError:
            raise _too_deep() from None

    def reader(self) -> MessageReader:
        """What reads the only column as messages.

        :raises SchemaError: if it is no column of bytes.
        """
        return MessageReader(fit_messages(self.field), DecodeError)

    def __iter__(self) -> Iterator[ArrowData]:
        return self._input


def _too_deep() -> LimitError:
    return LimitError("the Arrow schema nests too deep for Python's stack")
