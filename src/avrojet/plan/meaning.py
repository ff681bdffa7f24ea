"""Logical types in resolution: which match, and how their units convert.

The specification has rules only for decimals. For the rest: values of one kind are shown in the reader's
unit, and different kinds do not match, as a date is not a time of day whatever its number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from avrojet.frozen import frozen
from avrojet.plan.steps import Convert, Step
from avrojet.schema.logical import CLOCKS, kind_of
from avrojet.schema.model import LogicalType, Schema


@frozen
class Meaning:
    """The logical types of one resolution.

    :ivar custom: names of custom logical types, which take precedence over the specification's. What they
        mean is up to them: they match everything, and nothing converts to them.
    :ivar on: False ignores all logical types, so that numbers and bytes pass unchanged.
    :ivar lenient: values are shown by the writer's logical type if both schemas have one, decimals with all
        their digits; only the scales of decimals must match then.
    :ivar shown: which logical types of the specification show more than plain values; None: all.
    """

    custom: Collection[str] = ()
    on: bool = True
    lenient: bool = False
    shown: Callable[[LogicalType], bool] | None = None

    def conflict(self, writer: Schema, reader: Schema) -> str | None:
        """Why values of the writer's logical type are not values of the reader's; None if they are.

        If only one has a logical type, the underlying types decide.
        """
        theirs, ours = self._of(writer), self._of(reader)
        if theirs is None or ours is None or theirs == ours:
            return None
        if theirs.name == ours.name == "decimal":
            if self.lenient and theirs.scale == ours.scale:
                return None
            return (
                f"{_describe(theirs)} cannot be read with precision {ours.precision} and scale {ours.scale}"
            )
        if self.lenient or kind_of(theirs) == kind_of(ours):
            return None
        return f"{_describe(theirs)} cannot be read as {_describe(ours)}: they are different kinds of values"

    def convert(self, step: Step, writer: Schema, reader: Schema) -> Step:
        """The step, converting its plain value to the one shown."""
        if not self.on:
            return step
        shown = writer if self.lenient and self._shows(writer) and self._shows(reader) else reader
        if self.custom and self._is_custom(shown):
            return Convert(step, None, shown)
        logical = shown.logical
        if logical is None or (self.shown is not None and not self.shown(logical)):
            return step
        if self.lenient and logical.precision:
            logical = LogicalType(logical.name, 0, logical.scale)
        clock = CLOCKS.get(logical.name)
        if clock is None or writer is shown:
            return Convert(step, logical, shown, clock)
        theirs = self._of(writer)
        if theirs is None or theirs.name == logical.name:
            return Convert(step, logical, shown, clock)
        finer, coarser = clock.per_second, CLOCKS[theirs.name].per_second
        return Convert(
            step,
            logical,
            shown,
            clock,
            written=theirs.name,
            multiplier=max(1, finer // coarser),
            divisor=max(1, coarser // finer),
        )

    def _of(self, schema: Schema) -> LogicalType | None:
        """The logical type of the specification that applies."""
        return schema.logical if self.on and not self._is_custom(schema) else None

    def _is_custom(self, schema: Schema) -> bool:
        name = schema.props.get("logicalType") if schema.props else None
        return isinstance(name, str) and name in self.custom

    def _shows(self, schema: Schema) -> bool:
        return schema.logical is not None or self._is_custom(schema)


def _describe(logical: LogicalType) -> str:
    if logical.name != "decimal":
        return logical.name
    return f"decimal of precision {logical.precision} and scale {logical.scale}"
