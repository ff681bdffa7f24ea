"""Where records come from: Avro files, JSON texts, and columns of other libraries.

Each source offers its records in the form that a target takes: steps of an Avro writer, lines of JSON, or
columns. If a format cannot offer a form itself, it goes through Avro: a container file that is made while it
is read.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from avrojet.columns.stream import ArrowStream
from avrojet.container.reader import DataFileReader
from avrojet.container.text_ahead import lines_ahead
from avrojet.container.transfer import copied_blocks
from avrojet.container.writer import DataFileWriter
from avrojet.conversion.columns import Columns
from avrojet.conversion.opening import OpenSource
from avrojet.conversion.options import Options
from avrojet.conversion.outcome import Aside, Asides, aside_of_loss
from avrojet.core.arrow.producer import stream_capsule
from avrojet.errors import EncodeError, SchemaError
from avrojet.plan.arrow.options import ArrowTypes, ExtraColumns
from avrojet.plan.project import project
from avrojet.schema.model import Schema

# Rows of a batch when few are wanted.
_FEW_ROWS = 1 << 10


class Source(ABC):
    """Records of one file.

    :ivar schema: the schema of the records as the caller wants them.
    """

    schema: Schema
    metadata: dict[str, bytes]

    def __init__(self, opened: OpenSource, options: Options, asides: Asides) -> None:
        self.opened = opened
        self.name = opened.name
        self.options = options
        self.asides = asides
        self.metadata = {}

    @abstractmethod
    def steps(self, writer: DataFileWriter) -> Iterator[int]:
        """Write the records, some with each step; return their number."""

    def lines(self, *, plain: bool) -> Iterator[bytes]:
        """Whole lines of JSON."""
        return self._through_avro().lines(plain=plain)

    def columns(self, types: ArrowTypes) -> Columns:
        """The records as columns."""
        return self._through_avro().columns(types)

    def finish(self) -> None:  # noqa: B027 (most sources pass over nothing)
        """Note the data that were skipped, after everything has been read."""

    def close(self) -> None:
        """Close what is open."""
        self.opened.close()

    def _through_avro(self) -> AvroSource:
        """The same records as an Avro file, which is made while it is read."""
        options = replace(self.options, columns=None, reader_schema=None, on_error="raise")
        return AvroSource(OpenSource(_Made(self), {}), options, self.asides)


class AvroSource(Source):
    """An object container file.

    :param wanted: the schema that the records should have, if the options do not say it.
    """

    def __init__(
        self, opened: OpenSource, options: Options, asides: Asides, wanted: Schema | None = None
    ) -> None:
        super().__init__(opened, options, asides)
        asked = options.reader_schema or wanted
        few = options.head is not None
        self._reader = DataFileReader(
            opened.file,
            asked,
            limits=options.limits,
            threads=0 if few or options.on_error == "skip" else options.threads,
            on_error=options.on_error,
        )
        self._asked = asked
        whole = asked or self._reader.schema
        self.schema = whole if options.columns is None else project(whole, options.columns)
        self.codec = self._reader.codec
        self.metadata = {k: v for k, v in self._reader.metadata.items() if not k.startswith("avro.")}

    @property
    def is_whole(self) -> bool:
        """Whether the blocks can be copied unchanged."""
        options = self.options
        return self._asked in (None, self._reader.schema) and options.columns is None and options.head is None

    def copied(self, writer: DataFileWriter, *, recompress: bool) -> Iterator[int]:
        """Write the blocks without decoding their records, some with each step."""
        return copied_blocks(self._reader, writer, recompress=recompress)

    def steps(self, writer: DataFileWriter) -> Iterator[int]:
        stream = None
        if self.options.head is None:
            with suppress(SchemaError):  # for recursive types, which text can hold
                stream = self._reader.to_arrow(self.options.columns, threads=self.options.threads)
        if stream is not None:
            failures: list[BaseException] = []
            with raising(failures):
                yield from writer._arrow_steps(_Noted(stream, failures))
            return
        for lines in self.lines(plain=False):
            yield from writer._json_steps(lines, plain=False)

    def lines(self, *, plain: bool) -> Iterator[bytes]:
        options = self.options
        if options.threads and options.head is None and options.on_error == "raise":
            return lines_ahead(self._reader, options.threads, options.columns, plain=plain)
        lines = self._reader.to_json(plain=plain, columns=options.columns)
        return lines if options.head is None else first_lines(lines, options.head)

    def columns(self, types: ArrowTypes) -> Columns:
        head, threads = self.options.head, self.options.threads
        stream = self._reader.to_arrow(
            self.options.columns,
            types=types,
            # One processor is left to the library that writes the columns, which has more to do than these.
            threads=max(1, threads - 1) if threads and head is None else 0,
            batch_rows=None if head is None else max(1, min(head, _FEW_ROWS)),
        )
        return Columns(stream, iter(stream))

    def finish(self) -> None:
        losses = self._reader.losses
        for loss in losses:
            self.asides.add(aside_of_loss(self.name, loss))

    def close(self) -> None:
        try:
            self._reader.close()
        finally:
            super().close()


class _Made:
    """A container file of a source's records, made while it is read."""

    def __init__(self, source: Source) -> None:
        self._pieces = _pieces(source)
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """Return some bytes; empty only at the end."""
        if not self._rest:
            self._rest = next(self._pieces, b"")
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


def _pieces(source: Source) -> Iterator[bytes]:
    """The bytes of the container file."""
    drain = _Drain()
    with DataFileWriter(
        drain,
        source.schema,
        metadata=source.metadata,
        limits=source.options.limits,
        **encoding(source.options),
    ) as writer:
        yield drain.take()
        for _ in source.steps(writer):
            writer.flush()
            yield from filter(None, [drain.take()])
    yield drain.take()


class _Drain:
    """A file that returns what was written to it."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        """Return the bytes written since the last call."""
        data, self._written = bytes(self._written), bytearray()
        return data


class _Noted:
    """A stream that keeps the error if one is raised."""

    def __init__(self, stream: ArrowStream, failures: list[BaseException]) -> None:
        self._stream = stream
        self._failures = failures

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return stream_capsule(self._stream.layout, noted(iter(self._stream), self._failures))


def noted(items: Iterator[Any], failures: list[BaseException]) -> Iterator[Any]:
    """Yield the items, and keep the error if one is raised."""
    try:
        yield from items
    except BaseException as error:
        failures.append(error)
        del failures  # the error's traceback refers to this frame
        raise


@contextmanager
def raising(failures: list[BaseException]) -> Iterator[None]:
    """Raise what was noted of a stream that is written: Arrow's interface passes on only its message."""
    try:
        yield
    except EncodeError:
        if failures:
            raise failures[0] from None
        raise


def write_batches(
    source: Source, writer: DataFileWriter, batches: Iterator[Any], numbers: Callable[[int], int] = int
) -> Iterator[int]:
    """Write batches of columns, and set aside the rows that do not fit, if the options say so.

    :param batches: tables, batches or frames that have ``slice``, of pyarrow or polars.
    :param numbers: maps the number of a row, counted over all batches, to its number for users.
    """
    options = source.options
    extra: ExtraColumns = "error" if options.columns is None else "ignore"
    first = 0
    for batch in batches:
        length, start = len(batch), 0
        while start < length or not length:
            rest = batch.slice(start) if start else batch
            try:
                yield from writer._arrow_steps(rest, extra, options.names, first + start)
            except EncodeError as error:
                if options.on_error == "raise" or error.row is None:
                    raise
                bad = error.row - first
                yield bad - start
                number, reason = numbers(error.row), error.reason or str(error)
                text = row_text(batch.slice(bad, 1))
                source.asides.add(Aside(source.name, reason, number, path=error.path, data=text))
                start = bad + 1
            else:
                break
        first += length


def row_text(row: Any) -> str | None:
    """The values of a batch of one row, as JSON; None if text in it is not UTF-8."""
    try:
        values = row.to_dicts() if hasattr(row, "to_dicts") else row.to_pylist()
    except UnicodeDecodeError:
        return None
    return json.dumps(values[0], default=str, ensure_ascii=False)


def encoding(options: Options) -> dict[str, Any]:
    """The options of an encoder that writes records of any source."""
    return {"defaults": True, "extra_fields": "error" if options.columns is None else "ignore"}


def first_lines(pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    """The first lines of pieces of text."""
    if most == 0:
        return
    for piece in pieces:
        count = piece.count(b"\n")
        if count < most:
            most -= count
            yield piece
            continue
        yield b"".join(piece.splitlines(keepends=True)[:most])
        return
