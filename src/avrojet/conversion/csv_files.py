"""CSV, by polars, which reads and writes it fastest (docs/explanation/benchmarks.md has the numbers).

Bytes, fixed and durations are hexadecimal digits, UUIDs text, dates and times as ISO 8601 has them. An empty
field is a null, and ``""`` is empty text. Nested values are JSON text, if the caller asks for it.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from bisect import bisect_right, insort
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any, Final

from avrojet.container.writer import DataFileWriter
from avrojet.conversion.ahead import ahead
from avrojet.conversion.columns import Columns, library, told_by
from avrojet.conversion.csv_nested import NestedCells, is_text_of_json
from avrojet.conversion.json_text import nullable
from avrojet.conversion.opening import Behind, OpenSource
from avrojet.conversion.options import Options
from avrojet.conversion.outcome import Aside, Asides
from avrojet.conversion.sources import Source, write_batches
from avrojet.errors import AvroError, DataFileError, DecodeError, DecodeLimitError, SchemaError
from avrojet.limits import excess
from avrojet.plan.arrow.names import replaced_names
from avrojet.plan.arrow.options import ArrowTypes
from avrojet.plan.arrow.properties import column_names
from avrojet.plan.project import project
from avrojet.schema.induce import Wishes, induced
from avrojet.schema.model import Field, RecordSchema, Schema, UnionSchema

# polars' decimals have 38 digits at most.
TYPES: Final = ArrowTypes(decimals="text")

_PIECE: Final = 4 << 20
_LONGEST_FIELD: Final = (1 << 31) - 1  # the largest bound that Python's csv accepts on every platform
_BOM: Final = b"\xef\xbb\xbf"
_UNITS: Final = {"millis": "ms", "micros": "us", "nanos": "ns"}
# Rows after which Arrow's parser is imported for timestamps, if it is not there yet.
_MANY_ROWS: Final = 250_000
_MOMENTS: Final = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")


class CsvWriter:
    """Writes batches as CSV."""

    def __init__(self, file: Any, columns: Columns, schema: Schema, options: Options) -> None:
        self._polars = polars = library("polars", "CSV")
        self._file = file
        with told_by("polars", "write"):
            self._schema = polars.Schema(columns.schema)
        nested = [name for name, type in self._schema.items() if type.is_nested()]
        if nested and options.nested == "error":
            raise SchemaError(
                f"cells of CSV cannot hold lists, maps, records and unions: leave out {', '.join(nested)},"
                " or write them as JSON text (--nested json)",
                path=f"$.{nested[0]}",
            )
        self._nested = {name: NestedCells(polars, schema, name, options) for name in nested}
        self._uuids = _uuids(columns.schema)
        self._begun = False

    def taken(self, batch: Any) -> Any:
        """Return a batch of any library as a frame."""
        with told_by("polars", "take"):
            frame = self._polars.DataFrame(batch)
            return frame.with_columns([cells.text(batch) for cells in self._nested.values()])

    def groups(self, frames: Iterator[Any]) -> Iterator[Any]:
        """Yield the frames with text for what polars would write otherwise; each is written at a time."""
        for frame in frames:
            with told_by("polars", "write"):
                text = frame.select([self._text_of(name, type) for name, type in frame.schema.items()])
            yield text

    def close(self) -> None:
        """Write the line of names if there were no rows."""
        if not self._begun:
            self.write(self._polars.DataFrame(schema=dict.fromkeys(self._schema, self._polars.String)))

    def abandon(self) -> None:
        """Nothing is held."""

    def write(self, frame: Any) -> None:
        """Write the rows of a group."""
        with told_by("polars", "write"):
            made = io.BytesIO()  # else polars would report errors of the file as its own
            frame.write_csv(made, include_header=not self._begun)
        self._file.write(made.getvalue())
        self._begun = True

    def _text_of(self, name: str, type: Any) -> Any:
        polars = self._polars
        column = polars.col(name)
        if name in self._uuids:
            digits = column.bin.encode("hex")
            parts = [digits.str.slice(at, size) for at, size in ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))]
            return polars.concat_str(parts, separator="-").alias(name)
        if type == polars.Datetime:
            return column.dt.to_string("iso:strict")
        return column.bin.encode("hex") if type == polars.Binary else column


def _uuids(schema: Any) -> set[str]:
    """The columns of UUIDs, which are bytes in polars."""
    layout = getattr(schema, "layout", None)
    if layout is not None:
        extensions = {child.name: child.metadata.get("ARROW:extension:name") for child in layout.children}
    else:
        extensions = {field.name: getattr(field.type, "extension_name", None) for field in schema}
    return {name for name, extension in extensions.items() if extension == "arrow.uuid"}


class CsvSource(Source):
    """CSV with the names of its columns in the first line."""

    def __init__(
        self, opened: OpenSource, options: Options, asides: Asides, wanted: Schema | None = None
    ) -> None:
        super().__init__(opened, options, asides)
        self._polars = library("polars", "CSV")
        head = _line(opened.file, options)
        self._names = _names(head.text, options)
        self._file = Behind(head.rest, opened.file)
        schema = options.schema or wanted or self._induced()
        self.schema = schema if options.columns is None else project(schema, options.columns)
        self._fields = _fields_by_name(self.schema)
        self._numbers: list[int] = []  # of the rows that were set aside, in order

    def steps(self, writer: DataFileWriter) -> Iterator[int]:
        frames = self._frames()
        # What is set aside is told in the order of the rows: a frame is made when that before it is written.
        if self.options.threads and self.options.on_error == "raise":
            frames = ahead(frames, stalls=self.opened.stalls)
        with closing(frames):
            yield from write_batches(self, writer, frames, self._number)

    def _frames(self) -> Generator[Any, None, None]:
        left = self.options.head
        first = 0
        for piece in _records(self._file, self.options):
            text = self._read(piece, first)
            if left is not None:
                text = text.slice(0, left)
                left -= len(text)
            frame = self._typed(text, first)
            first += len(frame)
            yield frame
            if left == 0:
                return

    def _number(self, row: int) -> int:
        """Return the number in the file of a row, given its number without the rows that were set aside."""
        numbers = self._numbers
        return row + bisect_right(range(len(numbers)), row, key=lambda at: numbers[at] - at)

    def _read(self, piece: bytes, first: int) -> Any:
        """The fields of whole records as text."""
        polars = self._polars
        schema = dict.fromkeys(self._names, polars.String)
        try:
            text = polars.read_csv(io.BytesIO(piece), has_header=False, schema=schema)
        except polars.exceptions.PolarsError:
            text = None  # which record is too long?
        if text is None or self._may_lack_fields(piece, text):
            piece = self._cleaned(piece, first)
            if not piece:
                return polars.DataFrame(schema=schema)
            with told_by("polars", "read"):
                text = polars.read_csv(io.BytesIO(piece), has_header=False, schema=schema)
        return text

    def _may_lack_fields(self, piece: bytes, text: Any) -> bool:
        """Whether polars may have taken a record for a longer one that ends in nulls."""
        most = len(self._names)
        if most == 1 or not text[self._names[-1]].null_count():
            return False
        return b'"' in piece or piece.count(b",") != len(text) * (most - 1)

    def _cleaned(self, piece: bytes, first: int) -> bytes:
        """Yield the records, without blank lines. A record with another number of fields is set aside, or is
        an error.
        """
        lines = list(io.StringIO(piece.decode("utf-8", "surrogateescape"), newline="\n"))
        _allow_long_fields(self.options)
        reader = csv.reader(lines)
        good: list[str] = []
        number, start = self._number(first), 0
        with told_by("csv", "read"):
            for fields in reader:
                record, start = lines[start : reader.line_num], reader.line_num
                if len(fields) == len(self._names):
                    good += record
                elif fields:
                    reason = f"{len(fields)} fields, but there are {len(self._names)} columns"
                    if self.options.on_error == "raise":
                        raise DecodeError(f"row {number}: {reason}", row=number, reason=reason)
                    self._set_aside(number, reason, None, dict(zip(self._names, fields, strict=False)))
                number += bool(fields)
        return "".join(good).encode("utf-8", "surrogateescape")

    def _set_aside(self, number: int, reason: str, path: str | None, values: Any) -> None:
        text = json.dumps(values, ensure_ascii=False, default=str)
        self.asides.add(Aside(self.name, reason, number, path=path, data=text))
        insort(self._numbers, number)

    def _typed(self, text: Any, first: int) -> Any:
        """The columns with the types of their fields."""
        nested, bad = self._nested(text)
        if bad:
            text, first = self._without(text, bad, first)
            return self._typed(text, first)
        quick = sys.modules.get("pyarrow") is not None or first >= _MANY_ROWS
        made = [self._column(name, text[name] if quick else None) for name in self._names]
        with told_by("polars", "read"):
            frame = text.select([ways[0] for ways, _ in made])
            for name, (ways, _) in zip(self._names, made, strict=True):
                if len(ways) > 1 and frame[name].null_count() > text[name].null_count():
                    frame = frame.with_columns(text.select(self._polars.coalesce(ways))[name])
        for name, (_, expected) in zip(self._names, made, strict=True):
            if expected is not None and frame[name].null_count() > text[name].null_count():
                bad = frame[name].is_null() & text[name].is_not_null()
                self._refuse(text, name, expected, bad.arg_true(), first)
                return self._typed(text.filter(~bad), first)
        return frame.with_columns(nested)

    def _nested(self, text: Any) -> tuple[list[Any], dict[int, AvroError]]:
        """Return the columns of nested values, and the errors in some of their rows."""
        columns = []
        for name in self._names:
            field = self._fields.get(name)
            if field is None or not is_text_of_json(field.type, self.options):
                continue
            cells = NestedCells(self._polars, self.schema, field.name, self.options)
            values, bad = cells.values(text[name])
            if bad:
                return [], bad
            columns.append(values.alias(name))
        return columns, {}

    def _without(self, text: Any, bad: dict[int, AvroError], first: int) -> tuple[Any, int]:
        """Return the rows whose cells hold valid nested values. The others are set aside, or are an error."""
        for row, number in [(row, self._number(first + row)) for row in bad]:
            error = bad[row]
            reason = error.reason or str(error)
            if self.options.on_error == "raise":
                raise DecodeError(
                    f"row {number}, at {error.path}: {reason}", row=number, path=error.path, reason=reason
                )
            self._set_aside(number, reason, error.path, text.row(row, named=True))
        keep = self._polars.Series([row not in bad for row in range(len(text))], dtype=self._polars.Boolean)
        return text.filter(keep), first

    def _refuse(self, text: Any, name: str, expected: str, bad: Any, first: int) -> None:
        """Set aside the rows whose text does not fit a column, or raise for the first of them."""
        if self.options.on_error == "raise":
            raise self._misfit(name, expected, text[name][bad[0]], first + bad[0])
        for row, number in [(row, self._number(first + row)) for row in bad]:
            error = self._misfit(name, expected, text[name][row], number)
            self._set_aside(number, str(error.reason), error.path, text.row(row, named=True))

    def _misfit(self, name: str, expected: str, value: str, row: int) -> DecodeError:
        reason = f"expected {expected}, got {value!r}"
        path = f"$.{name}"
        return DecodeError(
            f"row {row}, at {path}: {reason}", row=row, path=path, reason=reason, expected=expected
        )

    def _column(self, name: str, text: Any) -> tuple[list[Any], str | None]:
        """Return the expressions that parse text, each for the forms that those before it reject; and what to
        call the type in errors, if text may fail to be of it.

        :param text: the text, if Arrow may parse it.
        """
        polars = self._polars
        column = polars.col(name)
        field = self._fields.get(name)
        if field is None or is_text_of_json(field.type, self.options):
            return [column], None
        type = field.type
        if isinstance(type, UnionSchema):
            branches = [branch for branch in type.branches if branch.type != "null"]
            if len(branches) != 1:
                return [column], None
            type = branches[0]
        elif type.type == "string" and type.logical is None:
            column = column.fill_null("")
        values = None if text is None else _moments_by_arrow(polars, text, type)
        return _expressions(polars, column, type) if values is None else ([polars.lit(values)], None)

    def _induced(self) -> Schema:
        """The schema of the first records."""
        pieces = _records(self._file, self.options)
        first = next(pieces, b"")
        # What was read beyond the first piece has not been returned yet.
        self._file = Behind(first, _Rest(pieces))
        _allow_long_fields(self.options)
        reader = csv.reader(io.StringIO(first.decode("utf-8", "replace"), newline=""))
        rows = (dict(zip(self._names, row, strict=False)) for row in reader if row)
        whole, most = len(first) < _PIECE, self.options.sample
        taken = (row for number, row in enumerate(rows) if not most or number < most)
        schema = induced(taken, Wishes(csv=True))
        return schema if whole and not (most and first.count(b"\n") > most) else nullable(schema)


class _Rest:
    """The remaining pieces, as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, size: int = -1) -> bytes:
        """Return the next piece, whatever its size."""
        return next(self._pieces, b"")


def _expressions(polars: Any, column: Any, type: Schema) -> tuple[list[Any], str | None]:
    logical = type.logical.name if type.logical is not None else None
    moments = _moments(column, logical or "")
    if moments:
        return moments, logical
    if logical in ("decimal", "uuid"):
        return [column], None
    match type.type:
        case "int" | "long" | "float" | "double":
            names = {"int": "Int32", "long": "Int64", "float": "Float32", "double": "Float64"}
            return [column.cast(getattr(polars, names[type.type]), strict=False)], type.type
        case "boolean":
            lower = column.str.to_lowercase()
            chosen = polars.when(lower == "true").then(1).when(lower == "false").then(0).otherwise(None)
            return [chosen.cast(polars.Boolean).alias(column.meta.output_name())], "boolean"
        case "bytes" | "fixed":
            return [column.str.decode("hex", strict=False)], f"hexadecimal digits of {type.type}"
    return [column], None


def _moments(column: Any, logical: str) -> list[Any]:
    """Return the expressions that parse a date or time in each form it may have; none for other types."""
    if logical == "date":
        return [column.str.to_date("%Y-%m-%d", strict=False)]
    if logical.startswith("time-"):
        return [column.str.to_time(form, strict=False) for form in ("%H:%M:%S%.f", "%H:%M")]
    if logical.startswith(("timestamp-", "local-timestamp-")):
        unit = _UNITS[logical.rpartition("-")[2]]
        zone = "" if logical.startswith("local") else "%#z"
        return [column.str.to_datetime(form + zone, time_unit=unit, strict=False) for form in _MOMENTS]
    return []


def _moments_by_arrow(polars: Any, text: Any, type: Schema) -> Any:
    """Timestamps as Arrow parses them, ten times as fast as polars; None if it does not take them all.

    What it takes is equal to what polars makes of it, but for hours without minutes, which are shorter.
    """
    logical = type.logical.name if type.logical is not None else ""
    is_local = logical.startswith("local-timestamp-")
    if not is_local and not logical.startswith("timestamp-"):
        return None
    shortest = text.str.len_bytes().min()
    if shortest is None or shortest < len("2026-01-02T03:04" if is_local else "2026-01-02T03:04:05Z"):
        return None
    try:
        import pyarrow as pa
        import pyarrow.compute as compute
    except ImportError:
        return None
    kind = pa.timestamp(_UNITS[logical.rpartition("-")[2]], None if is_local else "UTC")
    try:
        return polars.from_arrow(compute.cast(text.to_arrow(), kind)).alias(text.name)
    except pa.ArrowInvalid:
        return None


class _Head:
    """The first line of a file, and what was read beyond it."""

    def __init__(self, text: bytes, rest: bytes) -> None:
        self.text = text
        self.rest = rest


def _line(file: Any, options: Options) -> _Head:
    """The first record, which may go over several lines."""
    text = b""
    while True:
        piece = file.read(1 << 16)
        text += piece
        start = 0
        while end := text.find(b"\n", start) + 1:
            if text.count(b'"', 0, end) % 2 == 0:
                return _Head(text[:end], text[end:])
            start = end
        if not piece:
            return _Head(text, b"")
        _check_size(len(text), options)


def _names(line: bytes, options: Options) -> list[str]:
    try:
        text = line.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"line 1: it is not UTF-8, from byte {error.start} on", line=1) from None
    _allow_long_fields(options)
    names = next(csv.reader(io.StringIO(text, newline="")), [])
    if not names:
        raise DataFileError("the file has no line with the names of its columns")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataFileError(f"two columns have the name {twice!r}")
    return replaced_names(names) if options.names == "replace" else names


def _allow_long_fields(options: Options) -> None:
    """Allow fields as long as a record may be in Python's csv, whose own bound is for the whole process."""
    if csv.field_size_limit() < options.limits.block_bytes:
        csv.field_size_limit(min(options.limits.block_bytes, _LONGEST_FIELD))


def _fields_by_name(schema: Schema) -> dict[str, Field]:
    """Return the fields of a record by each name that their column may have."""
    if not isinstance(schema, RecordSchema):
        raise SchemaError(f"the rows of CSV are records, not {schema.type}")
    named: dict[str, Field] = {}
    for field in schema.fields:
        named[field.name] = field
    for field, column in zip(schema.fields, column_names(schema), strict=True):
        for name in (column, *field.aliases):
            named.setdefault(name, field)
    return named


def _records(file: Any, options: Options) -> Iterator[bytes]:
    """Pieces of a file that end where records end: at an end of line that is not within quotes."""
    rest = b""
    while piece := file.read(_PIECE):
        rest += piece
        while len(rest) < _PIECE and (piece := file.read(_PIECE - len(rest))):
            rest += piece
        end = _end_of_records(rest)
        if not end:
            _check_size(len(rest), options)
            continue
        yield rest[:end]
        rest = rest[end:]
    if rest:
        yield rest


def _end_of_records(text: bytes) -> int:
    """Where the last whole record ends."""
    end = len(text)
    odd = text.count(b'"') % 2
    while place := text.rfind(b"\n", 0, end) + 1:
        odd ^= text.count(b'"', place, end) % 2
        if not odd:
            return place
        end = place - 1
    return 0


def _check_size(size: int, options: Options) -> None:
    if size > options.limits.block_bytes:
        raise excess(
            options.limits, "block_bytes", f"a record has {size} bytes and more", error=DecodeLimitError
        )
