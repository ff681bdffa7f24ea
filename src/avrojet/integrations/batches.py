"""Scans as pyarrow record batches, for the engines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from avrojet.columns.stream import ArrowStream
from avrojet.scanning.scan import Scan


def arrow_batches(source: Scan | ArrowStream) -> Iterator[Any]:
    """Yield each ``pyarrow.RecordBatch``. Errors are avrojet's own; pyarrow's streams would turn them into
    pyarrow's.
    """
    for batch in source:
        yield pa.record_batch(batch)


def named_as(batches: Iterable[Any], schema: Any) -> Iterator[Any]:
    """The batches with the names of a schema, whose types they have."""
    for batch in batches:
        yield batch_of(batch.columns, schema, batch.num_rows)


def batch_of(columns: list[Any], schema: Any, rows: int) -> Any:
    """A record batch of so many rows, which are not lost if there are no columns."""
    if columns:
        return pa.record_batch(columns, schema=schema)
    return pa.RecordBatch.from_struct_array(pa.Array.from_buffers(pa.struct([]), rows, [None]))
