"""Container files, one or many, read as one table: one after another."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any

from avrojet.columns.added import AddedColumns, limited, numbered
from avrojet.columns.file import Part, read_batches
from avrojet.columns.heads import Head, Heads, first_source
from avrojet.columns.plan import ColumnPlan, PlanOptions
from avrojet.columns.stream import ArrowStream, Origin, with_metadata
from avrojet.container.framing import FileParser
from avrojet.container.losses import Loss, Losses
from avrojet.container.salvage import Salvager
from avrojet.container.source import ByteSource, Readable, is_reopened, name_of, read_header
from avrojet.container.split import Split, blocks_of, path_of, size_of
from avrojet.container.threads import Pool
from avrojet.core.arrow.producer import Batch
from avrojet.errors import AvroError, DataFileError, errors_in
from avrojet.limits import Limits
from avrojet.messages import warn
from avrojet.plan.arrow.properties import SCHEMA_KEY
from avrojet.schema.model import RecordSchema, Schema

# Plans cached by one reading, as many files share few schemas.
_MOST_PLANS = 16


class IgnoredColumnsWarning(UserWarning):
    """A file has columns that the first file lacks, so they are left out."""


class Files:
    """Container files that are read as one table, by options that have been checked.

    :param reader: None: the schema of the first file, whatever the names of the others' outermost records.
    :param heads: headers that have been read.
    :param skip: skip damage.
    :param is_part: there are other files, so all of these may be skipped; the reader's schema is given.
    :param choose: what to read of the first file's schema, if that is the reader's; None:
        ``options.columns``.
    :param by_name: the files' outermost records must have the name of the reader's.
    :param added: columns that no datum has.
    :param most_rows: where the batches end; None: with the data.
    """

    def __init__(
        self,
        sources: Sequence[Any],
        reader: Schema | None,
        options: PlanOptions,
        heads: Heads,
        *,
        batch_rows: int,
        workers: int,
        skip: bool,
        is_part: bool = False,
        choose: Callable[[Schema], Schema] | None = None,
        by_name: bool = True,
        added: AddedColumns | None = None,
        most_rows: int | None = None,
    ) -> None:
        self._sources = sources
        self._options = options
        self._batch_rows = batch_rows
        self._workers = workers
        self._added = added
        self._most_rows = most_rows
        self._losses = Losses()
        self._skipped = self._losses if skip else None
        self._may_skip_files = skip and (is_part or len(sources) > 1)
        self._tells_ignored = reader is None and options.columns is None
        self._unread: deque[_File] = deque()
        self._head = self._find_head(heads, reader if is_part else None)
        self._is_read_once = bool(self._unread) and not is_reopened(path_of(self._head.source))
        if reader is None and choose is not None:
            by_name = False
            with errors_in(self._head.name):
                reader = choose(self._head.schema)
        self._reader = reader
        self._by_name = by_name and reader is not None
        self._plan = self._head.planned(options, None if reader is None else self._reader_for(self._head))
        self._plans = {self._head.schema_text: self._plan}
        self._layout = with_metadata(self._plan.layout, self._head.metadata)
        if reader is not None and options.columns is None:  # whatever the name of the file's outermost record
            self._layout = replace(self._layout, metadata={**self._layout.metadata, SCHEMA_KEY: reader.json})

    def stream(self, origin: Origin | None = None) -> ArrowStream:
        """The batches of all files.

        :param origin: what makes the stream, for its pickles.
        """
        layout = self._layout if self._added is None else self._added.after(self._layout)
        return ArrowStream(layout, self._batches, self._losses, origin)

    def _find_head(self, heads: Heads, reader: Schema | None) -> Head:
        """The header of the first file; if files may be skipped, of the first that is a container file.

        A file that can be read only once is opened here, and so are bytes, which never change and need not
        be closed.

        :param reader: the schema to use if none is a container file; None: raise.
        """
        source, limits = self._sources[0], self._options.limits
        if self._may_skip_files:
            try:
                source = first_source(self._sources, limits, heads)
            except AvroError:
                if reader is None:
                    raise
                return Head(source, None, reader.json, {}, limits)
        path = path_of(source)
        if is_reopened(path) and not isinstance(path, bytes):
            return heads.of(source, limits)
        self._unread.append(_File(source, limits, self._skipped))
        return self._unread[0].head

    def _batches(self) -> Iterator[Batch]:
        if self._is_read_once and not self._unread:
            raise DataFileError("the file has been read: a path can be read more than once")
        self._losses.clear()
        reading = _Reading()
        batches = read_batches(self._parts(reading), self._workers)
        if self._most_rows is not None:
            batches = limited(batches, self._most_rows)
        if self._added is not None and self._added.number is not None:
            batches = numbered(batches, self._added.number)
        return _closing(reading, batches)

    def _parts(self, reading: _Reading) -> Iterator[Part]:
        """The files in their order; each is closed when it has been read.

        :param reading: closes what is still open when it ends.
        """
        # Skipped parts are recorded in the order of the files, so they are read one by one.
        if self._workers == 0 or self._skipped is not None or not _are_several(self._sources):
            return self._one_by_one(reading)
        return self._ahead(reading)

    def _one_by_one(self, reading: _Reading) -> Iterator[Part]:
        for source in self._sources:
            try:
                file = self._open(source)
            except AvroError as error:
                if not self._may_skip_files:
                    raise
                self._losses.add(_whole_file(source, error))
                continue
            reading.add(file)
            yield self._part(file)
            reading.close_one(file)

    def _ahead(self, reading: _Reading) -> Iterator[Part]:
        """Open the next files ahead, in parallel, and read their first groups.

        So the waiting times of several remote or small files overlap.
        """

        def open_ahead(source: Any) -> tuple[_File, Part]:
            file = self._open(source)
            reading.add(file)
            part = self._part(file)
            part.read_ahead()
            return file, part

        pool = Pool(open_ahead, self._workers, "reader")
        reading.add(pool)
        for file, part in pool.map(self._sources):
            yield part
            reading.close_one(file)

    def _open(self, source: Any) -> _File:
        file = self._take_unread() if source is self._head.source else None
        if file is None:
            file = _File(source, self._options.limits, self._skipped)
        if file.head.schema_text not in self._plans:
            file.check_schema()
        return file

    def _take_unread(self) -> _File | None:
        try:
            return self._unread.pop()
        except IndexError:  # asking first would not help: another thread may take it meanwhile
            return None

    def _part(self, file: _File) -> Part:
        plan = self._plans.get(file.head.schema_text) or self._new_plan(file.head)
        add = None if self._added is None else self._added.adder(self._layout, file.head.source)
        return file.part(plan, self._batch_rows, add)

    def _new_plan(self, head: Head) -> ColumnPlan:
        if self._tells_ignored:
            _tell_ignored(self._head.schema, head)
        if len(self._plans) >= _MOST_PLANS:
            self._plans.clear()
        plan = self._plans[head.schema_text] = head.planned(self._options, self._reader_for(head))
        return plan

    def _reader_for(self, head: Head) -> Schema:
        """The schema to read a file as."""
        reader = self._plan.writer if self._reader is None else self._reader
        return reader if self._by_name else _named_as(reader, head.schema)


def _tell_ignored(first: Schema, file: Head) -> None:
    """Warn of columns of a file that the first file lacks."""
    if isinstance(first, RecordSchema) and isinstance(file.schema, RecordSchema):
        known = {name for field in first.fields for name in (field.name, *field.aliases)}
        ignored = [field.name for field in file.schema.fields if field.name not in known]
        if ignored:
            warn(
                IgnoredColumnsWarning,
                f"{file.name or 'a file'}: {', '.join(ignored)}: the first file has no such columns, so they"
                " are left out: merge='union' reads them, columns and reader_schema say what to read",
            )


def _named_as(schema: Schema, other: Schema) -> Schema:
    """The schema, which then matches another whatever the names of their outermost records."""
    if not isinstance(other, RecordSchema) or not isinstance(schema, RecordSchema) or schema.type != "record":
        return schema
    if other.fullname in (schema.fullname, *schema.aliases):
        return schema
    aliases = (*schema.aliases, other.fullname)
    record = RecordSchema(schema.fullname, aliases, schema.doc, schema.props)
    record.close(schema.fields)
    return record


def _are_several(sources: Sequence[Any]) -> bool:
    """Whether there are several files, which can be open at the same time.

    If the same opener comes twice, as with splits of a file, it may return the same file each time.
    """
    if len(sources) == 1:
        return False
    openers = [id(path) for path in map(path_of, sources) if not isinstance(path, str | os.PathLike)]
    return len(set(openers)) == len(openers)


def _whole_file(source: Any, error: AvroError) -> Loss:
    """The loss of a file that is not a container file."""
    size = size_of(source)
    known = 0 if size == 0 else None
    return Loss(0, size or 0, known, known, error.with_traceback(None), name_of(path_of(source)))


class _Reading:
    """What one reading has open: files, and the threads that open them.

    All are closed when the reading ends, in whatever way; a file that a thread opens later is closed at once.
    If generators closed them, an error's traceback, or a thread inside a generator, would keep them open.
    """

    def __init__(self) -> None:
        self._open: set[_File | Pool[Any, Any]] = set()
        self._ended = False

    def add(self, opened: _File | Pool[Any, Any]) -> None:
        """Keep an open file or pool, to close it later."""
        self._open.add(opened)
        if self._ended:
            self.close()

    def close_one(self, opened: _File) -> None:
        """Close a file that has been read."""
        opened.close()
        self._open.discard(opened)

    def close(self) -> None:
        """Close all, even if closing one fails."""
        self._ended = True
        with ExitStack() as stack:
            while self._open:
                with suppress(KeyError):  # another thread has closed it
                    stack.callback(self._open.pop().close)


def _closing(reading: _Reading, batches: Iterator[Batch]) -> Iterator[Batch]:
    """The batches; at their end the reading is closed. A generator, which also ends when it is dropped
    midway.
    """
    try:
        yield from batches
    finally:
        reading.close()


class _File:
    """A container file, read up to the end of its header. Errors say which file it is.

    :param losses: where to record what is skipped; None: raise at damage.
    """

    def __init__(self, source: Readable | Split, limits: Limits, losses: Losses | None) -> None:
        self._limits = limits
        self._file = ByteSource(path_of(source))
        self._salvager: Salvager | None = None
        try:
            with errors_in(self._file.name):
                parser = FileParser(limits)
                header = read_header(self._file, parser)
                self._codec = header.codec
                self.head = Head(source, self._file.name, header.schema_text, header.metadata, limits)
                self._blocks = blocks_of(source, self._file, parser, limits)
        except BaseException:
            self._file.close()
            raise
        self._size = self._file.known_size()
        if isinstance(source, Split):  # the last part of a file may have no end
            end = source.end if self._size is None else min(source.end, self._size)
            self._size = max(0, end - source.start)
        if losses is not None:
            unread, name = parser.take_unread(), self._file.name
            self._salvager = Salvager(self._file, header, unread, limits, losses, name)
            if isinstance(source, Split):
                self._salvager.keep_to(source)

    def check_schema(self) -> None:
        """Close the file if its schema is invalid."""
        try:
            _ = self.head.schema
        except BaseException:
            self.close()
            raise

    def part(self, plan: ColumnPlan, batch_rows: int, add: Callable[[Batch], None] | None) -> Part:
        """Its blocks and how to make batches of them.

        :param add: as in :class:`Part`.
        """
        name = self._file.name
        with errors_in(name):
            return Part(
                plan,
                self._codec,
                self._blocks,
                self._limits,
                batch_rows,
                self._salvager,
                size=self._size,
                file=name,
                add=add,
            )

    def close(self) -> None:
        """Close the file, if it was opened here."""
        self._file.close()
