"""What must hold of the trace of any bytes: parts follow one another, and what has no text has no trace."""

from __future__ import annotations

from avrojet import DecodeError, Limits, Schema, inspect
from avrojet.core.rows.trace import Tracer
from avrojet.errors import facts_of
from avrojet.json.encoding import text_decoder
from tests.fuzz.finding import Finding


def check_trace(tracer: Tracer, schema: Schema, data: bytes, limits: Limits | None = None) -> bool:
    """Bytes of a datum, and whatever may follow it."""
    trace = tracer.trace(data)
    parts = trace.parts()
    at = 0
    for start, end, *_ in parts:
        if start != at or end <= start:
            raise Finding(f"a part from {start} to {end} comes after one that ends at {at}")
        at = end
    if at != trace.end:
        raise Finding(f"the parts end at {at}, the trace at {trace.end}")
    _check_against_text(trace, schema, data, limits)
    _check_cut(tracer, data, parts)
    return trace.error is None


def check_inspection(data: bytes, limits: Limits) -> bool:
    """Bytes of a file: each byte of a section has one range, and damage is marked where there is some."""
    found = inspect(data, head=1000, limits=limits)
    for section in found.sections:
        at = section.origin
        for each in section.ranges:
            if each.start != at or each.end < at:
                raise Finding(f"{each} comes after what ends at {at}")
            at = each.end
        if at != section.origin + len(section.data):
            raise Finding(f"{section.title} ends at {at}, of {len(section.data)} bytes from {section.origin}")
        if (section.error is None) == any(each.kind == "error" for each in section.ranges):
            raise Finding(f"{section.title} has the error {section.error!r}, and its ranges do not say so")
    if not (found.hex() and found.html()):
        raise Finding("an inspection that says nothing")
    return found.error is None


def _check_against_text(trace, schema, data, limits) -> None:
    try:
        _, _, end = text_decoder(schema, plain=True, limits=limits).lines(data, 1)
    except DecodeError as error:
        if trace.error is None:
            raise Finding(f"there is a trace of what has no text: {error!r}") from error
        ours, theirs = ({**facts_of(each), "row": None} for each in (trace.error, error))
        if ours != theirs or type(trace.error) is not type(error):
            raise Finding(f"two errors: {trace.error!r} and {error!r}") from error
    else:
        if trace.error is not None or trace.end != end:
            raise Finding(f"text ends at {end}, the trace at {trace.end}: {trace.error!r}")


def _check_cut(tracer, data, parts) -> None:
    most = len(parts) // 2
    some = tracer.trace(data, most=most)
    found = some.parts()
    if len(found) > most or found != parts[: len(found)] or (parts and not some.is_cut):
        raise Finding(f"of {len(parts)} parts, {most} at most give {len(found)}")
