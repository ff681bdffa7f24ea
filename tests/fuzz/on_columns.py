"""What must hold of columns: they take the data that rows take, and show the same values.

Rows are those of the plain encoding, as what Python's types cannot hold Arrow's may.
"""

from __future__ import annotations

import io
import warnings
import zlib
from typing import Any

import avrojet
from avrojet import AvroError, Decoder, Limits, SchemaError
from avrojet.columns.plan import ColumnPlan
from avrojet.core.arrow.producer import Batch
from avrojet.plan.arrow.layout import is_wrapped
from tests.compare import exact
from tests.fuzz.finding import Finding

try:
    from tests.columns import shown
except BaseException as error:  # what pytest.importorskip raises is no Exception
    if type(error).__name__ != "Skipped" and not isinstance(error, ImportError):
        raise
    shown = None  # type: ignore[assignment]

# Looking at columns through pyarrow takes a hundred times as long as making them: one input in so many.
_SHOWN = 16


class Columns:
    """The columns of one pair of schemas, kept from input to input as a reader keeps them."""

    def __init__(self, writer: Any, reader: Any, limits: Limits, *, logical: bool) -> None:
        self.logical = logical
        self.decoder = Decoder(writer, reader, limits=limits, logical_types=False, unions="tagged")
        self.plan = ColumnPlan(
            self.decoder.writer_schema, self.decoder.reader_schema, logical_types=logical, limits=limits
        )
        self.set = self.plan.column_set()


def columns_of(writer: Any, reader: Any, limits: Limits) -> list[Columns]:
    """None of a schema that contains itself, or has too many columns."""
    try:
        return [Columns(writer, reader, limits, logical=logical) for logical in (False, True)]
    except (SchemaError, avrojet.LimitError):
        return []


def check_columns(columns: Columns, data: bytes) -> None:
    """Bytes of a datum, and whatever may follow it."""
    value = end = None
    try:
        value, end = columns.decoder.decode_from(data)
    except (avrojet.DecodeError, avrojet.ResolutionError) as error:
        refusal: AvroError | None = error
    else:
        refusal = None
    columns.set.cut(0)
    try:
        filled = columns.set.fill(data, 1, 0, 1)
    except (avrojet.DecodeError, avrojet.ResolutionError) as error:
        if columns.set.rows:
            raise Finding("a row that failed left something behind") from error
        if refusal is None and not (columns.logical and _is_unfit(columns, value)):
            raise Finding(f"rows take {value!r}, columns do not: {error!r}") from error
        return
    if isinstance(refusal, avrojet.LimitError):
        return  # a record in a record is one more item of no bytes, but no column
    if refusal is not None:
        raise Finding(f"only columns take it, rows do not: {refusal!r}")
    if filled != end:
        raise Finding(f"rows end at {end}, columns at {filled}")
    if shown is not None and zlib.crc32(data) % _SHOWN == 0:
        _check_shown(columns, value)


def _is_unfit(columns: Columns, value: Any) -> bool:
    """A time of a day of 25 hours, say."""
    if shown is None:
        return True
    try:
        shown.expected(columns.plan.reader, value)
    except shown.UnfitError:
        return True
    return False


def _check_shown(columns: Columns, value: Any) -> None:
    rows = shown.rows_of(Batch(columns.set))
    if is_wrapped(columns.plan.reader):
        rows = [row["value"] for row in rows]
    expected = shown.expected(columns.plan.reader, value, logical=columns.logical)
    if exact(rows) != exact([expected]):
        raise Finding(f"rows show {expected!r}, columns {rows!r}")


def check_file_columns(data: bytes, rows: int, error: AvroError | None, limits: Limits) -> None:
    """Bytes of a file that has so many rows of the plain encoding, or none because of the error."""
    threads = zlib.crc32(data) % 4 == 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", avrojet.IgnoredLogicalTypeWarning)
            stream = avrojet.read_arrow(
                io.BytesIO(data), logical_types=False, limits=limits, batch_rows=1000, threads=2 * threads
            )
            count = sum(len(batch) for batch in stream)
    except (SchemaError, avrojet.LimitError):
        return  # its schema contains itself, or has too many columns
    except AvroError as failure:
        if error is None or (type(failure), failure.kind) != (type(error), error.kind):
            raise Finding(f"{rows} rows and {error!r}; columns: {failure!r}") from failure
        return
    if error is not None or count != rows:
        raise Finding(f"{rows} rows and {error!r}; {count} in columns")
