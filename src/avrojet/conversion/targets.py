"""Where records go: an Avro file, lines of JSON, or columns of another library. A source opens its target."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

from avrojet.container.writer import DataFileWriter
from avrojet.conversion.ahead import ahead
from avrojet.conversion.columns import Columns
from avrojet.conversion.formats import Format
from avrojet.conversion.options import Options
from avrojet.conversion.sources import AvroSource, Source, encoding
from avrojet.core.text.rows import count_lines
from avrojet.schema.model import Schema


class Target(ABC):
    """A file that is made of the records of one source or several.

    :ivar schema: of the records; None before the first source.
    """

    def __init__(self, place: Any, options: Options) -> None:
        self.place = place
        self.options = options
        self.schema: Schema | None = None

    def take(self, source: Source) -> Iterator[int]:
        """Write the records, some with each step; return their number."""
        if self.schema is None:
            self.schema = source.schema
        return self._take(source)

    @abstractmethod
    def _take(self, source: Source) -> Iterator[int]: ...

    @abstractmethod
    def close(self) -> None:
        """Finish the file."""

    @abstractmethod
    def abandon(self) -> None:
        """Abandon the file, which will be incomplete."""


class AvroTarget(Target):
    """An object container file."""

    _writer: DataFileWriter | None = None

    def _take(self, source: Source) -> Iterator[int]:
        writer = self._writer
        if writer is None:
            writer = self._writer = self._opened(source)
        if isinstance(source, AvroSource) and source.is_whole:
            recompress = self.options.codec is not None or self.options.level is not None
            yield from source.copied(writer, recompress=recompress)
        else:
            yield from source.steps(writer)

    def close(self) -> None:
        assert self._writer is not None
        self._writer.close()

    def abandon(self) -> None:
        if self._writer is not None:
            self._writer.__exit__(None, None, None)

    def _opened(self, source: Source) -> DataFileWriter:
        options = self.options
        codec = options.codec or (source.codec if isinstance(source, AvroSource) else "null")
        return DataFileWriter(
            self.place,
            source.schema,
            codec,
            options.level,
            source.metadata,
            threads=options.threads,
            limits=options.limits,
            **encoding(options),
        )


class TextTarget(Target):
    """Lines of JSON, plain or in Avro's encoding."""

    def __init__(self, place: Any, options: Options, *, plain: bool) -> None:
        super().__init__(place, options)
        self._plain = plain
        self._owned = not hasattr(place, "write")
        self._file: Any = open(place, "wb") if self._owned else place  # noqa: PTH123, SIM115 (closed below)

    def _take(self, source: Source) -> Iterator[int]:
        write = self._file.write
        for lines in source.lines(plain=self._plain):
            write(lines)
            yield count_lines(lines)

    def close(self) -> None:
        if self._owned:
            self._file.close()
        elif hasattr(self._file, "flush"):
            self._file.flush()

    def abandon(self) -> None:
        if self._owned:
            self._file.close()


class ColumnsTarget(Target):
    """A file of columns, which another library writes."""

    _writer: Any = None

    def __init__(self, place: Any, options: Options, format: Format) -> None:
        super().__init__(place, options)
        self._format = format
        self._owned = not hasattr(place, "write")
        self._file: Any = open(place, "wb") if self._owned else place  # noqa: PTH123, SIM115 (closed below)

    def _take(self, source: Source) -> Iterator[int]:
        make, types = self._maker()
        columns = source.columns(types)
        if self._writer is None:
            self._writer = make(columns)
        writer = self._writer
        taken = map(writer.taken, columns.batches)
        groups = writer.groups(taken if self.options.head is None else _first_rows(taken, self.options.head))
        steps = ahead(groups, stalls=source.opened.stalls) if self.options.threads else groups
        del columns, taken, groups  # an error's traceback refers to this frame, and reading has threads
        try:
            for group in steps:
                writer.write(group)
                yield len(group)
        except BaseException:
            source.opened.stop()  # the end of the steps waits for the threads that read
            raise
        finally:
            del steps

    def close(self) -> None:
        self._writer.close()
        if self._owned:
            self._file.close()

    def abandon(self) -> None:
        try:
            if self._writer is not None:
                self._writer.abandon()
        finally:
            if self._owned:
                self._file.close()

    def _maker(self) -> tuple[Callable[[Columns], Any], Any]:
        if self._format.name == "csv":
            from avrojet.conversion.csv_files import TYPES, CsvWriter

            schema = self.schema
            assert schema is not None
            return (lambda columns: CsvWriter(self._file, columns, schema, self.options)), TYPES
        from avrojet.conversion.arrow_files import WRITERS

        kind = WRITERS[self._format.name]
        options = self.options
        return (lambda columns: kind(self._file, columns, options.codec, options.level)), kind.types


def _first_rows(batches: Iterator[Any], most: int) -> Iterator[Any]:
    for batch in batches:
        yield batch.slice(0, most)
        most -= min(len(batch), most)
        if not most:
            return
