"""JSON texts as a source: one record on a line, or one after the other."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from avrojet.container.writer import DataFileWriter
from avrojet.conversion.opening import Behind, OpenSource
from avrojet.conversion.options import Options
from avrojet.conversion.outcome import Aside, Asides
from avrojet.conversion.parallel_text import parallel_steps
from avrojet.conversion.sources import Source
from avrojet.core.text.rows import count_lines
from avrojet.errors import DecodeError, DecodeLimitError, SchemaError
from avrojet.limits import excess
from avrojet.plan.project import project
from avrojet.schema.induce import Wishes, induced, place_of
from avrojet.schema.model import Schema

_PIECE = 1 << 20  # bytes that are read at once
_SAMPLE_BYTES = 64 << 20  # of lines that a schema is inferred from, unless all are used
_PARALLEL = 256 << 10  # the same, for a thread


class TextSource(Source):
    """JSON texts, plain or in Avro's encoding."""

    def __init__(
        self, opened: OpenSource, options: Options, asides: Asides, *, plain: bool, wanted: Schema | None
    ) -> None:
        super().__init__(opened, options, asides)
        self._plain = plain
        self._file: Any = opened.file
        schema = options.schema or wanted
        if schema is None:
            schema = self._induced() if plain else _refuse()
        self.schema = schema if options.columns is None else project(schema, options.columns)

    def steps(self, writer: DataFileWriter) -> Iterator[int]:
        options = self.options
        file = self._file if options.head is None else FirstLines(self._file, options.head)
        if options.on_error == "raise":
            if options.threads and options.head is None:
                pieces = whole_lines(file, options, _PARALLEL)
                yield from parallel_steps(writer, pieces, options.threads, plain=self._plain)
            else:
                yield from writer._json_steps(file, plain=self._plain)
            return
        line = 1
        for piece in whole_lines(file, self.options):
            yield from self._forgiving(writer, piece, line)
            line += count_lines(piece)

    def _forgiving(self, writer: DataFileWriter, piece: bytes, first: int) -> Iterator[int]:
        """Write whole lines, and set aside the lines that are not records.

        :param first: number of the first line.
        """
        start = 0
        while start < len(piece):
            try:
                yield from writer._json_steps(piece[start:], plain=self._plain)
            except DecodeError as error:
                begin, end = _failed_line(piece, start, error)
                line = first + piece.count(b"\n", 0, begin)
                text = piece[begin:end].strip().decode("utf-8", "replace")
                reason = error.reason or str(error)
                column = error.column if start + (error.offset or 0) < end else None
                self.asides.add(
                    Aside(self.name, reason, line - 1, path=error.path, line=line, column=column, data=text)
                )
                start = end
            else:
                return

    def _induced(self) -> Schema:
        """The schema of the first records."""
        sample, whole = self._sample()
        self._file = Behind(sample, self._file)
        lines = sample[: None if whole else sample.rfind(b"\n")].splitlines()
        schema = induced(_values(lines), Wishes())
        return schema if whole else nullable(schema)

    def _sample(self) -> tuple[bytes, bool]:
        """Return the beginning of the file, with the lines to sample, or all of it; and whether it is all."""
        pieces: list[bytes] = []
        left = lines = self.options.sample or sys.maxsize
        size, most = 0, _SAMPLE_BYTES if self.options.sample else sys.maxsize
        while piece := self._file.read(_PIECE):
            pieces.append(piece)
            left -= count_lines(piece)
            size += len(piece)
            if left < 0 or (left < lines and size > most):
                return b"".join(pieces), False
            if left == lines and size > self.options.limits.block_bytes:
                raise _too_long(self.options)
        return b"".join(pieces), True


def _values(lines: list[bytes]) -> Iterator[Any]:
    """The values of lines of JSON.

    :raises SchemaError: at the first line that is none, with its number.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except json.JSONDecodeError as error:
            raise _no_lines(place_of(error, number), number, error.colno) from None
        except UnicodeDecodeError as error:
            raise _no_lines(f"line {number} is not UTF-8: {error.reason}", number) from None


def _no_lines(reason: str, line: int, column: int | None = None) -> SchemaError:
    what = f"no schema can be inferred, as it is not JSON lines: {reason}; --schema says what is expected"
    return SchemaError(what, line=line, column=column)


def _failed_line(piece: bytes, start: int, error: DecodeError) -> tuple[int, int]:
    """Return where the line that is not a record begins and ends.

    :param start: where reading began; each line from there on is one text, or blank.
    """
    at = start + min(error.offset or 0, len(piece) - start - 1)
    begin = max(start, piece.rfind(b"\n", 0, at) + 1)
    if error.row is not None:  # an object that is not closed fails on the next line
        place, left = start, error.row
        while left or not piece[place : piece.find(b"\n", place) + 1 or None].strip():
            left -= bool(piece[place : piece.find(b"\n", place) + 1 or None].strip())
            place = piece.find(b"\n", place) + 1
            if not place or place > begin:
                place = begin
                break
        begin = place
    return begin, piece.find(b"\n", begin) + 1 or len(piece)


def whole_lines(file: Any, options: Options, size: int = _PIECE) -> Iterator[bytes]:
    """Pieces of a file that end where lines end.

    :param size: about how many bytes a piece has.
    :raises LimitError: if a line is longer than ``limits.block_bytes``.
    """
    rest = b""
    while piece := file.read(max(size, len(rest))):
        end = piece.rfind(b"\n") + 1
        if not end:
            rest += piece
            if len(rest) > options.limits.block_bytes:
                raise _too_long(options)
            continue
        yield b"".join((rest, memoryview(piece)[:end]))
        rest = piece[end:]
    if rest:
        yield rest


def _too_long(options: Options) -> DecodeLimitError:
    return excess(options.limits, "block_bytes", "a line has too many bytes", error=DecodeLimitError)


def nullable(schema: Schema) -> Schema:
    """Return the schema of a sample, for records that may lack fields that all records of the sample have."""
    from avrojet.schema.parse import parse_schema

    return parse_schema(_nullable(json.loads(schema.json)))


def _nullable(type: Any) -> Any:
    if isinstance(type, list):
        return [_nullable(branch) for branch in type]
    if not isinstance(type, dict):
        return type
    kind = type["type"]
    if kind == "record":
        fields = [_nullable_field(field) for field in type["fields"]]
        return {**type, "fields": fields}
    if kind == "array":
        return {**type, "items": _nullable(type["items"])}
    return type


def _nullable_field(field: dict[str, Any]) -> dict[str, Any]:
    type = _nullable(field["type"])
    if type == "null":
        return {**field, "type": ["null", "string"], "default": None}
    branches = type if isinstance(type, list) else [type]
    return {**field, "type": ["null", *(each for each in branches if each != "null")], "default": None}


class FirstLines:
    """The first lines of a file."""

    def __init__(self, file: Any, most: int) -> None:
        self._file = file
        self._left = most

    def read(self, size: int = -1) -> bytes:
        """Some bytes; none at the end of the file, or of the last line that is wanted."""
        piece = self._file.read(size) if self._left else b""
        count = piece.count(b"\n")
        if count < self._left:
            self._left -= count
            return bytes(piece)
        lines = bytes(piece).splitlines(keepends=True)[: self._left]
        self._left = 0
        return b"".join(lines)


def _refuse() -> Schema:
    raise SchemaError(
        "JSON in Avro's encoding needs its schema: give --schema; plain JSON is --from jsonl", path="$"
    )
