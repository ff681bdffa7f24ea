"""Arrow data to rows of a schema: imported, matched and compiled."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, TypeAlias

from avrojet.cache import PlanCache
from avrojet.columns.frames import with_frame_types
from avrojet.core.arrow.array_reader import ArrayReader, ArrowPlan
from avrojet.core.arrow.consumer import ArrowData, ArrowInput
from avrojet.core.arrow.encode_columns import ColumnEncoder, EncodePlan
from avrojet.errors import AvroError, DecodeError, EncodeError, SchemaLimitError
from avrojet.limits import Limits, limits_in_force, on_new_defaults
from avrojet.plan.arrow.fit import fit, fit_messages
from avrojet.plan.arrow.formats import checked_field
from avrojet.plan.arrow.options import ExtraColumns, NamesOfColumns, Options
from avrojet.plan.arrow.properties import from_arrow_metadata
from avrojet.plan.arrow.schema import kept_schema, schema_of
from avrojet.schema.model import Schema

_STANDARD = Options()

_Found: TypeAlias = tuple[Hashable, EncodePlan, Schema]

# By type of the rows, schema and options. Sizes are in bytes; a column takes about 500.
_plans: PlanCache[_Found] = PlanCache(64, 2 << 20)
on_new_defaults(_plans.clear)
# Readers of messages, by the type of their column.
_message_plans: PlanCache[ArrowPlan] = PlanCache(64, 2 << 20)
on_new_defaults(_message_plans.clear)


class ColumnSource:
    """Tables, batches and columns of any library that supports Arrow. Its arrays can be iterated once.

    :param data: an object with ``__arrow_c_stream__`` or ``__arrow_c_array__``.
    :param limits: bounds on what the types may cost; None: those of the process.
    :param failure: the class of errors of the stream and of the arrays: those of encoding them, or of
        decoding messages.
    :ivar field: the type of the arrays: for a table a struct of its columns.
    :ivar file_metadata: metadata of the file that the columns are from, if :meth:`schema` is still its
        schema.
    :raises TypeError: if `data` is not such an object, or its method does not return what it should.
    :raises SchemaError: if the columns' types contradict themselves; the error names the column.
    :raises LimitError: if there are more than ``limits.columns``, or they are nested too deeply.
    :raises EncodeError: here or from the iterator, if the data end with an error of their own, or contradict
        their types.
    """

    def __init__(
        self, data: Any, limits: Limits | None = None, failure: type[AvroError] = EncodeError
    ) -> None:
        self._limits = limits_in_force(limits)
        self._input = ArrowInput(data, checked_field, self._limits, failure)
        self.field = with_frame_types(data, self._input.field)
        self.file_metadata: dict[str, bytes] = {}
        self._found: _Found | None = None

    def schema(self, names: NamesOfColumns = "strict") -> Schema:
        """The schema derived from the columns.

        :param names: what to do with names that Avro does not allow.
        :raises SchemaError: if they have no Avro schema; the error names the column.
        :raises LimitError: if it exceeds ``limits.schema_bytes``, or is nested too deeply.
        """
        _ensure_names(names)
        try:
            kept = kept_schema(self.field, self._limits)
            if kept is not None:
                self.file_metadata = from_arrow_metadata(self.field.metadata)
            return kept or schema_of(self.field, self._limits, names)
        except RecursionError:
            raise _too_deep() from None

    def encoder(
        self,
        schema: Schema,
        extra_columns: ExtraColumns = "error",
        names: NamesOfColumns = "strict",
        options: Options = _STANDARD,
    ) -> ColumnEncoder:
        """A plan that writes the rows by ``schema``.

        :param names: ``"replace"``: columns also go to the fields with their replacement names.
        :raises SchemaError: if the columns do not fit it; the error names the column.
        :raises LimitError: if they are nested too deeply.
        """
        if extra_columns not in ("error", "ignore"):
            raise ValueError(f"extra_columns must be 'error' or 'ignore': {extra_columns!r}")
        _ensure_names(names)
        try:
            plan = self._plan(
                schema,
                ignore_extra=extra_columns == "ignore",
                replace_names=names == "replace",
                options=options,
            )
            return ColumnEncoder(plan)
        except RecursionError:
            raise _too_deep() from None

    def _plan(
        self, schema: Schema, *, ignore_extra: bool, replace_names: bool, options: Options
    ) -> EncodePlan:
        """The plan for these rows, cached by their type."""
        key = id(schema), ignore_extra, replace_names, options, self.field.key()
        found = self._found if self._found is not None and self._found[0] == key else _plans.get(key)
        if found is None:
            step = fit(
                schema, self.field, ignore_extra=ignore_extra, replace_names=replace_names, options=options
            )
            plan = EncodePlan(step)
            found = key, plan, schema  # identified in the key by its address
            _plans.keep(key, found, plan.size)
        self._found = found
        return found[1]

    def reader(self) -> ArrayReader:
        """A plan that reads the only column as messages.

        :raises SchemaError: if it is not a column of bytes.
        """
        key = self.field.key()
        plan = _message_plans.get(key)
        if plan is None:
            plan = ArrowPlan(fit_messages(self.field))
            _message_plans.keep(key, plan, plan.size)
        return ArrayReader(plan, DecodeError)

    def __iter__(self) -> Iterator[ArrowData]:
        return self._input


def _ensure_names(names: str) -> None:
    if names not in ("strict", "replace"):
        raise ValueError(f"names must be 'strict' or 'replace': {names!r}")


def _too_deep() -> SchemaLimitError:
    return SchemaLimitError("the Arrow schema nests too deep for Python's stack")
