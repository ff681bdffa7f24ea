"""A single message: its frame, if it has one, and its datum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from avrojet.core.rows.trace import Trace, Tracer
from avrojet.errors import AvroError, DecodeError
from avrojet.failures import DecodeFailure
from avrojet.inspection.ranges import ERROR, SKIPPED, ByteRange, Section, ranges_of, reason_of
from avrojet.schema.model import Schema
from avrojet.wire.single_object import MARKER

Frame: TypeAlias = Literal["none", "single-object", "confluent"]

_SINGLE_OBJECT: Final = len(MARKER) + 8
_MAGIC: Final = b"\0"
_CONFLUENT: Final = len(_MAGIC) + 4  # the magic byte 0, and the number of the schema, big-endian


def message_section(
    data: memoryview, schema: Schema, tracer: Tracer, frame: Frame | None, most: int
) -> Section:
    """The bytes of a message.

    :param frame: what stands before the datum. None: what makes the rest of the bytes a datum of the schema;
        where nothing does, none unless there is the marker of single-object encoding.
    :param most: parts of the datum to stop at.
    """
    if frame is None:
        frame = _frame_of(data, schema, tracer)
    ranges = list(_FRAMES[frame](data, schema))
    if ranges and ranges[-1].kind == ERROR:
        error: AvroError | None = DecodeError(ranges[-1].text, kind=DecodeFailure.HEADER, offset=0)
        return Section("message", data, 0, ranges, error)
    begin = ranges[-1].end if ranges else 0
    trace = tracer.trace(data, begin, most=most)
    ranges += ranges_of(trace, "")
    error = trace.error
    if trace.is_cut:
        ranges.append(ByteRange(trace.end, len(data), "", "", SKIPPED, "", f"{len(data) - trace.end} bytes"))
    elif trace.end < len(data):
        error = error or _trailing(trace, len(data))
        ranges.append(ByteRange(trace.end, len(data), "", error.path or "", ERROR, "", reason_of(error)))
    elif error is not None:  # nothing is left to be marked but the end itself
        ranges.append(ByteRange(len(data), len(data), "", error.path or "", ERROR, "", reason_of(error)))
    title = "message" if frame == "none" else f"message ({frame} frame)"
    return Section(title, data, 0, ranges, error)


def _frame_of(data: memoryview, schema: Schema, tracer: Tracer) -> Frame:
    if _begins_with_fingerprint(data, schema):
        return "single-object"
    if _is_datum(data, tracer, 0):
        return "none"
    if bytes(data[:1]) == _MAGIC and _is_datum(data, tracer, _CONFLUENT):
        return "confluent"
    return "single-object" if bytes(data[: len(MARKER)]) == MARKER else "none"


def _begins_with_fingerprint(data: memoryview, schema: Schema) -> bool:
    return bytes(data[:_SINGLE_OBJECT]) == MARKER + schema.fingerprint()


def _is_datum(data: memoryview, tracer: Tracer, begin: int) -> bool:
    if begin > len(data):
        return False
    try:
        return tracer.check(data, 1, begin) == len(data)
    except DecodeError:
        return False


def _none(data: memoryview, schema: Schema) -> Iterator[ByteRange]:
    return iter(())


def _single_object(data: memoryview, schema: Schema) -> Iterator[ByteRange]:
    marker = len(MARKER)
    if bytes(data[:marker]) != MARKER or len(data) < _SINGLE_OBJECT:
        yield _no_frame(data, "no single-object message: it does not begin with c3 01 and 8 bytes more")
        return
    yield ByteRange(0, marker, "frame", "", "marker", "", "")
    fingerprint = bytes(data[marker:_SINGLE_OBJECT])
    said = fingerprint.hex()
    if fingerprint != schema.fingerprint():
        said += f", not that of the schema, {schema.fingerprint().hex()}"
    yield ByteRange(marker, _SINGLE_OBJECT, "frame", "", "fingerprint", "", said)


def _confluent(data: memoryview, schema: Schema) -> Iterator[ByteRange]:
    if bytes(data[:1]) != _MAGIC or len(data) < _CONFLUENT:
        yield _no_frame(data, "no message of Confluent's: it does not begin with a byte 0 and 4 bytes more")
        return
    yield ByteRange(0, 1, "frame", "", "magic", "", "0")
    number = int.from_bytes(data[1:_CONFLUENT], "big")
    yield ByteRange(1, _CONFLUENT, "frame", "", "schema id", "", str(number))


def _no_frame(data: memoryview, text: str) -> ByteRange:
    return ByteRange(0, len(data), "frame", "", ERROR, "", text)


def _trailing(trace: Trace, size: int) -> DecodeError:
    left = size - trace.end
    return DecodeError(
        f"at byte {trace.end}: {left} bytes follow the datum",
        reason=f"{left} bytes follow the datum",
        kind=DecodeFailure.TRAILING,
        offset=trace.end,
        number=left,
    )


_FRAMES: Final = {"none": _none, "single-object": _single_object, "confluent": _confluent}
