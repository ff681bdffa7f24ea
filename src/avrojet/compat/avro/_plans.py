"""This interface's schemas to the plans of avrojet's core, and the core's errors to those of this interface.

The only file of the facade that makes encoders and decoders.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import replace
from typing import Any, Final

from avrojet.cache import PlanCache
from avrojet.compat.avro._translate import Known, known
from avrojet.compat.avro.constants import SUPPORTED_LOGICAL_TYPE, UUID
from avrojet.compat.avro.errors import (
    AvroCollectionSizeException,
    AvroException,
    AvroWarning,
    InvalidAvroBinaryEncoding,
    SchemaResolutionException,
)
from avrojet.core.plan.plan import Plan, freeze
from avrojet.core.rows.options import EncodeOptions
from avrojet.core.rows.row_encoder import RowEncoder
from avrojet.core.rows.rows import RowDecoder
from avrojet.errors import AvroError, DecodeLimitError, ResolutionError
from avrojet.failures import DecodeFailure
from avrojet.limits import Limits, cache_key, limits_in_force, on_new_defaults
from avrojet.plan.resolve import resolve
from avrojet.schema.model import LogicalType

MAX_COLLECTION_ITEMS_ENV: Final = "AVRO_MAX_COLLECTION_ITEMS"
DEFAULT_MAX_COLLECTION_ITEMS: Final = 10_000_000
"""Items of no bytes in one datum, such as nulls in an array."""
DEFAULT_MAX_COLLECTION_STRUCTURAL: Final = (1 << 31) - 9
"""Items in one array or map."""

_MOST_PLANS: Final = 16  # that one schema keeps, as a program may read its data as many schemas
_MOST_LIMIT: Final = 1 << 62

# Plans of schemas that were parsed from the same text: programs that parse a schema for each message find its
# plan.
_plans: Final[PlanCache[tuple[RowDecoder, Plan]]] = PlanCache(256, 16 << 20)
_writers: Final[PlanCache[RowEncoder]] = PlanCache(256, 4 << 20)
on_new_defaults(_plans.clear)
on_new_defaults(_writers.clear)


def collection_limits() -> tuple[int, int]:
    """The most items of no bytes in a datum, and the most items in one array or map.

    ``AVRO_MAX_COLLECTION_ITEMS`` sets both.
    """
    value = os.environ.get(MAX_COLLECTION_ITEMS_ENV)
    if value is not None:
        try:
            most = int(value)
        except ValueError:
            most = -1
        if most >= 0:
            return most, most
        warnings.warn(
            AvroWarning(f"{MAX_COLLECTION_ITEMS_ENV} is no number of items: {value!r} is ignored"),
            stacklevel=2,
        )
    return DEFAULT_MAX_COLLECTION_ITEMS, DEFAULT_MAX_COLLECTION_STRUCTURAL


def limits_now() -> Limits:
    """Avrojet's limits, with the limit on items from the environment."""
    limits = limits_in_force()
    if MAX_COLLECTION_ITEMS_ENV not in os.environ:
        return limits
    empty, items = (min(max(most, 1), _MOST_LIMIT) for most in collection_limits())
    return replace(limits, empty_items=empty, items=items)


def _is_shown(logical: LogicalType) -> bool:
    """Whether values are converted for a logical type; UUIDs remain text."""
    return logical.name != UUID and logical.name in SUPPORTED_LOGICAL_TYPE


def reading(writer: Any, reader: Any = None) -> RowDecoder:
    """Return the decoder that reads data of one schema as another, both of this interface.

    :param reader: None: the writer's.
    :raises SchemaResolutionException: if no data can be read like that.
    """
    theirs = known(writer)
    ours = theirs if reader is None or reader is writer else known(reader)
    limits = limits_now()
    key = ours, cache_key(limits)
    found: RowDecoder | None = theirs.plans.get(key)
    if found is None:
        found = _shared_reading(theirs, ours, limits, writer, reader)
        _keep(theirs, key, found)
    return found


def _shared_reading(theirs: Known, ours: Known, limits: Limits, writer: Any, reader: Any) -> RowDecoder:
    if theirs.text is None or ours.text is None:
        return _make_reading(theirs, ours, limits, writer, reader)[0]
    key = theirs.text, ours.text, cache_key(limits)
    found = _plans.get(key)
    if found is None:
        found = _make_reading(theirs, ours, limits, writer, reader)
        _plans.keep(key, found, found[1].allocated)
    return found[0]


def _make_reading(
    theirs: Known, ours: Known, limits: Limits, writer: Any, reader: Any
) -> tuple[RowDecoder, Plan]:
    try:
        steps = resolve(theirs.schema, ours.schema, logical=_is_shown, lenient=True)
    except ResolutionError as error:
        raise read_error(error, writer, reader) from error
    plan = freeze(steps, limits=limits)
    return RowDecoder(plan), plan


def writing(schema: Any) -> RowEncoder:
    """Return the encoder that writes values of a schema of this interface."""
    ours = known(schema)
    found: RowEncoder | None = ours.plans.get("write")
    if found is None:
        found = None if ours.text is None else _writers.get(ours.text)
        if found is None:
            found = _make_writing(ours)
            if ours.text is not None:
                _writers.keep(ours.text, found, len(ours.text))
        _keep(ours, "write", found)
    return found


def _make_writing(ours: Known) -> RowEncoder:
    plan = freeze(resolve(ours.schema, logical=True), encoding=True, limits=limits_in_force())
    return RowEncoder(plan, EncodeOptions(fill_nulls=True, refuse_extra=True, truncate_times=True))


def _keep(of: Known, key: Any, plan: Any) -> None:
    if len(of.plans) >= _MOST_PLANS:
        of.plans.clear()
    of.plans[key] = plan


_NOT_RESOLVED: Final = frozenset({DecodeFailure.BRANCH, DecodeFailure.SYMBOL})


def read_error(error: AvroError, writer: Any = None, reader: Any = None) -> AvroException:
    """Return the exception to raise for an error of the core."""
    if isinstance(error, ResolutionError) or error.kind in _NOT_RESOLVED:
        return SchemaResolutionException(str(error), writer, reader)
    if isinstance(error, DecodeLimitError) and error.limit in ("items", "empty_items"):
        return AvroCollectionSizeException(
            f"{error}; here the environment variable {MAX_COLLECTION_ITEMS_ENV} sets it"
        )
    return InvalidAvroBinaryEncoding(str(error))
