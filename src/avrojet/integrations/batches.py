"""Scans as record batches of pyarrow, which engines take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from avrojet.columns.stream import ArrowStream
from avrojet.scanning.scan import Scan


def arrow_batches(source: Scan | ArrowStream) -> Iterator[Any]:
    """Each ``pyarrow.RecordBatch``. Errors are avrojet's, not pyarrow's as of its streams."""
    for batch in source:
        yield pa.record_batch(batch)
