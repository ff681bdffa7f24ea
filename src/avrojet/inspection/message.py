"""A single message: its frame, if it has one, and its datum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from avrojet.core.rows.trace import Trace, Tracer
from avrojet.errors import AvroError, DecodeError, untraced
from avrojet.failures import DecodeFailure
from avrojet.inspection.ranges import DATA, ERROR, SKIPPED, ByteRange, Section, ranges_of, reason_of
from avrojet.limits import Limits
from avrojet.messages import counted
from avrojet.schema.model import Schema
from avrojet.wire.framing import FRAMINGS, Unframed, datum_of, unframe
from avrojet.wire.single_object import MARKER

# The frames that are tried, in this order, when the caller does not name one.
_TRIED: Final = ("confluent", "apicurio", "glue", "azure-beta")

FRAMES: Final = tuple(
    name for name, framing in FRAMINGS.items() if name != "auto" and not framing.uses_headers
)
"""The frames that can precede a datum."""


def message_sections(
    data: memoryview, schema: Schema, tracer: Tracer, frame: str | None, most: int, limits: Limits
) -> Iterator[Section]:
    """The bytes of a message, and those of a datum that is compressed.

    :param frame: one of :data:`FRAMES`. None: the frame after which the rest is a datum of the schema; if
        there is none, ``"none"``, unless the message begins with the marker of single-object encoding.
    :param most: stop after this many parts of the datum.
    """
    name = _frame_of(data, schema, tracer, limits) if frame is None else frame
    title = "message" if name == "none" else f"message ({name} frame)"
    try:
        found = unframe(data, None, name)
    except AvroError as failure:
        bad = ByteRange(0, len(data), "frame", "", ERROR, "", reason_of(failure))
        yield Section(title, data, 0, [bad], untraced(failure))
        return
    ranges = list(_frame(data, found, schema))
    if not found.compressed:
        datum, error = _datum(data, found, schema, tracer, most)
        yield Section(title, data, 0, [*ranges, *datum], error)
        return
    size = len(data) - found.offset
    try:
        restored = memoryview(datum_of(data, found, limits=limits))
    except AvroError as failure:
        ranges.append(ByteRange(found.offset, len(data), "", "", ERROR, "", reason_of(failure)))
        yield Section(title, data, 0, ranges, untraced(failure))
        return
    said = f"{size} bytes, compressed (zlib)"
    yield Section(title, data, 0, [*ranges, ByteRange(found.offset, len(data), "", "", DATA, "", said)])
    datum, error = _datum(restored, found._replace(offset=0), schema, tracer, most)
    yield Section("datum, restored (zlib)", restored, 0, datum, error, is_restored=True)


def _frame_of(data: memoryview, schema: Schema, tracer: Tracer, limits: Limits) -> str:
    if bytes(data[: len(MARKER) + 8]) == MARKER + schema.fingerprint():
        return "single-object"
    if _is_datum(data, tracer):
        return "none"
    for name in _TRIED:
        try:
            found = unframe(data, None, name)
            datum = memoryview(datum_of(data, found, limits=limits))
        except AvroError:
            continue
        if _is_bare(found, schema) or _is_datum(datum, tracer):
            return name
    return "single-object" if bytes(data[: len(MARKER)]) == MARKER else "none"


def _is_datum(data: memoryview, tracer: Tracer) -> bool:
    try:
        return tracer.check(data, 1) == len(data)
    except DecodeError:
        return False


def _is_bare(found: Unframed, schema: Schema) -> bool:
    """Whether the datum is bytes without a length prefix."""
    return found.bare_bytes and schema.type == "bytes"


def _frame(data: memoryview, found: Unframed, schema: Schema) -> Iterator[ByteRange]:
    """The marker of a frame, and what it says about the schema."""
    if found.schema_id is None:
        return
    kind, value = found.schema_id
    # The number of bytes that are not of the id: 1 or 2 before a number or UUID, 4 before digits.
    begin = {5: 1, 9: 1, 10: 2, 17: 1, 18: 2, 36: 4}[found.offset]
    yield ByteRange(0, begin, "frame", "", "marker", "", data[:begin].hex(" "))
    said = value.hex() if isinstance(value, bytes) else str(value)
    if kind == "fingerprint" and value != schema.fingerprint():
        said += f", not that of the schema, {schema.fingerprint().hex()}"
    kind_said = {"id": "schema id", "guid": "schema guid"}.get(kind, kind)
    yield ByteRange(begin, found.offset, "frame", "", kind_said, "", said)


def _datum(
    data: memoryview, found: Unframed, schema: Schema, tracer: Tracer, most: int
) -> tuple[list[ByteRange], AvroError | None]:
    """The ranges of a datum that ends with the message, and what is wrong with it."""
    begin = found.offset
    if _is_bare(found, schema) and not _is_datum(data[begin:], tracer):
        said = f"{counted(len(data) - begin, 'byte')} without a length"
        return [ByteRange(begin, len(data), "", "$", "content", "bytes", said)], None
    trace = tracer.trace(data, begin, most=most)
    ranges = list(ranges_of(trace, ""))
    error: AvroError | None = trace.error
    if trace.is_cut:
        ranges.append(
            ByteRange(trace.end, len(data), "", "", SKIPPED, "", counted(len(data) - trace.end, "byte"))
        )
    elif error is not None or trace.end < len(data):
        error = error or _trailing(trace, len(data))
        ranges.append(ByteRange(trace.end, len(data), "", error.path or "", ERROR, "", reason_of(error)))
    return ranges, error


def _trailing(trace: Trace, size: int) -> DecodeError:
    left = size - trace.end
    reason = f"{counted(left, 'byte')} after the datum"
    return DecodeError(
        f"at byte {trace.end}: {reason}",
        reason=reason,
        kind=DecodeFailure.TRAILING,
        offset=trace.end,
        number=left,
    )
