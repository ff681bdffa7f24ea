"""Records as text or bytes: ops of ``decode_columns`` for records that contain themselves.

The text is JSON as people write it, without the names of unions' branches; the bytes are those of the encoded
datum. The ``count`` of an op is the number of levels still allowed there.
"""

from libc.stdint cimport int64_t, uint8_t

from avrojet.core.columns.decode_columns cimport *
from avrojet.core.columns.decode_decimals cimport add_text, free_text
from avrojet.core.ground.cursor cimport *
from avrojet.core.ground.sink cimport *
from avrojet.core.plan.datum cimport ensure_frozen
from avrojet.core.plan.node cimport *
from avrojet.core.plan.plan cimport Plan
from avrojet.core.rows.skip cimport skip_value
from avrojet.core.text.emit cimport EMIT_UNTAGGED, emit_value
from avrojet.core.text.labels cimport label_for_emitting


def prepare_text(Plan plan not None):
    """Add to a plan the names that text contains, before it is shared."""
    label_for_emitting(ensure_frozen(plan), False)


cdef const uint8_t* fill_record_text(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef Cursor* c = <Cursor*>run.cursor
    cdef const uint8_t* after = NULL
    cdef Sink text
    sink_init(&text, EMIT_UNTAGGED)
    sink_renew(&text, c.bounds)
    c.pos = pos
    c.depth = <int>op.count
    if emit_value(<const Node*>op.node, c, &text):
        if add_text(op, row, run, text.start, text.pos - text.start):
            after = c.pos
    elif text.error == WRITE_BYTES:
        failed(run, READ_FULL, op.column)
    elif text.error:
        failed(run, READ_MEMORY, op.column)
    free_text(&text)
    return after


cdef const uint8_t* fill_record_bytes(const ColumnOp* op, const uint8_t* pos, int64_t row, Run* run) noexcept nogil:
    cdef Cursor* c = <Cursor*>run.cursor
    c.pos = pos
    c.depth = <int>op.count
    if not skip_value(<const Node*>op.node, c) or not add_text(op, row, run, pos, c.pos - pos):
        return NULL
    return c.pos
