"""Container files, one or many, to a stream of Arrow record batches."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

from avrojet.columns.added import AddedColumns, limited, numbered
from avrojet.columns.file import Part, read_batches
from avrojet.columns.plan import ColumnPlan, PlanOptions
from avrojet.container.framing import FileParser
from avrojet.container.losses import Loss, Losses
from avrojet.container.salvage import Salvager
from avrojet.container.source import ByteSource, Readable, file_header, is_reopened, name_of, read_header
from avrojet.container.split import Split, blocks_of, path_of, size_of
from avrojet.container.threads import Pool, thread_count
from avrojet.core.arrow.producer import Batch, schema_capsule, stream_capsule
from avrojet.core.ground.exclusive import Place, Steps
from avrojet.derived import derived
from avrojet.errors import AvroError, DataFileError, errors_in, untraced
from avrojet.limits import Limits
from avrojet.messages import readable, shorten, warn
from avrojet.plan.arrow.layout import Column
from avrojet.plan.arrow.properties import SCHEMA_KEY, to_arrow_metadata
from avrojet.plan.project import ColumnName, ensure_columns
from avrojet.schema.model import RecordSchema, Schema
from avrojet.schema.parse import parse_schema

# Rows of a batch: enough that a batch costs nothing, few enough to stay in the processor's outer cache.
BATCH_ROWS = 1 << 16

# Plans that a stream keeps, where many files share few schemas.
_MOST_PLANS = 16
# Headers that are kept.
_MOST_HEADS = 16


class ArrowStream:
    """Record batches, in the order of the data, with bounded memory.

    Anything that knows the Arrow PyCapsule interface takes it: ``pyarrow.table(stream)``,
    ``polars.DataFrame(stream)``. Iterate it for the single batches; each of them has ``len()``.

    An error, in the data or of their source, is raised after the rows of the blocks before it. Asking for
    more raises it again; after an interruption, asking for more raises an error that says so. Consumers of
    the capsule get its message only, and raise errors of their own.

    :ivar layout: the columns, a tree of Arrow types.
    :ivar losses: what ``on_error="skip"`` has skipped in the last reading, as far as that went.
    """

    def __init__(
        self,
        layout: Column,
        start: Callable[[], Iterator[Batch]],
        losses: Losses,
        origin: Origin | None = None,
    ) -> None:
        self.losses = losses
        self.layout = layout
        self._start = start
        self._origin = origin

    def __iter__(self) -> Iterator[Batch]:
        return Steps(_Lasting(self._start()).step, Place())

    def __repr__(self) -> str:
        origin = "" if self._origin is None else f" of {self._origin!r}"
        return f"<avrojet.ArrowStream{origin}: {columns_text(self.layout)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        if self._origin is None:
            raise TypeError("a stream of an open file cannot be pickled: read a path")
        return _stream_of, (self._origin,)

    def __arrow_c_schema__(self) -> Any:
        """A capsule ``arrow_schema``: a struct of the columns."""
        return schema_capsule(self.layout)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """A capsule ``arrow_array_stream``; each call reads anew, if the source is a path.

        :param requested_schema: ignored, as the interface allows.
        """
        return stream_capsule(self.layout, iter(self))


class Origin(Protocol):
    """Makes a stream; can be pickled if its source can."""

    def to_arrow(self) -> ArrowStream:
        """The stream."""


def _stream_of(origin: Origin) -> ArrowStream:
    """A stream that was pickled."""
    return origin.to_arrow()


class ArrowSchema:
    """The columns alone. Anything that knows the Arrow PyCapsule interface takes them: ``pyarrow.schema``."""

    def __init__(self, layout: Column) -> None:
        self._layout = layout

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self._layout.children]

    def __arrow_c_schema__(self) -> Any:
        """A capsule ``arrow_schema``: a struct of the columns."""
        return schema_capsule(self._layout)

    def __repr__(self) -> str:
        return f"<avrojet.ArrowSchema {columns_text(self._layout)}>"


def columns_text(layout: Column) -> str:
    """The names of the columns, for people."""
    return readable(shorten(", ".join([column.name for column in layout.children]) or "no columns"))


class IgnoredColumnsWarning(UserWarning):
    """A file has columns that the first file has not, so they are left out."""


@dataclass(frozen=True)
class Head:
    """What the header of a file says of its data.

    :ivar source: the file, or a part of it.
    :ivar name: what messages call it.
    """

    source: Any
    name: str | None
    schema_text: str
    metadata: Mapping[str, bytes]
    limits: Limits

    @derived
    def schema(self) -> Schema:
        """The writer's schema."""
        with errors_in(self.name):
            return parse_schema(self.schema_text, names="lax", limits=self.limits)

    def planned(self, options: PlanOptions, reader: Schema | None) -> ColumnPlan:
        """How to read the file."""
        with errors_in(self.name):
            if "schema" in self.__dict__:
                return options.compile(self.schema, reader)
            return options.plan(self.schema_text, reader)


class Heads:
    """Headers that have been read: the first one is kept, which all parts of a scan need, and some others."""

    def __init__(self) -> None:
        self._known: dict[Any, Head] = {}

    def of(self, source: Any, limits: Limits) -> Head:
        """The header of a file that can be read more than once; that of a kept one is not read again."""
        path = path_of(source)
        key = path if isinstance(path, str) else id(path)  # the head keeps it
        found = self._known.get(key)
        if found is None:
            header, name = file_header(path, limits), name_of(path)
            with errors_in(name):
                found = Head(source, name, header.schema_text, header.metadata, limits)
            if len(self._known) >= _MOST_HEADS:
                for old in list(self._known)[1:]:
                    self._known.pop(old, None)  # another thread may have done it
            self._known[key] = found
        return found


def first_source(sources: Sequence[Any], limits: Limits, heads: Heads) -> Any:
    """The first file that is one, where others are skipped; one that can be read only once is not tried.

    :raises AvroError: that of the first file, if none is one.
    """
    failure: AvroError | None = None
    for source in sources:
        try:
            if is_reopened(path_of(source)):
                _ = heads.of(source, limits).schema
        except AvroError as error:
            failure = failure or error
        else:
            return source
    assert failure is not None
    try:
        raise failure
    finally:
        del failure  # whose traceback leads here


def stream_files(
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
    origin: Origin | None = None,
) -> ArrowStream:
    """The batches of container files, by options that have been checked.

    :param reader: None: the schema of the first file, whatever the others' outermost records are called.
    :param heads: headers that have been read.
    :param skip: what is damaged.
    :param is_part: there are other files, so that all of these may be skipped; the reader's schema is given.
    :param choose: what to read of the first file's schema, where that is the reader's; None: what
        ``options.columns`` say.
    :param by_name: the files' outermost records have to be called as the reader's.
    :param added: columns that no datum has.
    :param most_rows: where the stream ends; None: with the data.
    :param origin: what makes the stream, for its pickles.
    """
    limits = options.limits
    losses = Losses()
    skipped = losses if skip else None
    unread: deque[_File] = deque()
    head = _first_head(sources, limits, skipped, heads, unread, reader if is_part else None)
    read_once = bool(unread)
    first_only = reader is None and options.columns is None
    if reader is None and choose is not None:
        by_name = False
        with errors_in(head.name):
            reader = choose(head.schema)
    plan = head.planned(options, reader if reader is None or by_name else _named_as(reader, head.schema))
    plans = {head.schema_text: plan}
    layout = with_metadata(plan.layout, head.metadata)
    if reader is not None and options.columns is None:  # whatever the file calls its outermost record
        layout = replace(layout, metadata={**layout.metadata, SCHEMA_KEY: reader.json})

    def opened(each: Any) -> _File:
        file = unread.pop() if unread and each is head.source else _File(each, limits, skipped)
        if file.head.schema_text not in plans:
            file.check_schema()
        return file

    def part_of(file: _File) -> Part:
        found = plans.get(file.head.schema_text)
        if found is None:
            wanted = plan.writer if reader is None else reader
            if reader is None or not by_name:
                wanted = _named_as(wanted, file.head.schema)
            if first_only:
                _tell_ignored(head.schema, file.head)
            if len(plans) >= _MOST_PLANS:
                plans.clear()
            found = plans[file.head.schema_text] = file.head.planned(options, wanted)
        add = None if added is None else added.adder(layout, file.head.source)
        return file.part(found, batch_rows, add)

    def start() -> Iterator[Batch]:
        if read_once and not unread:
            raise DataFileError("the file has been read: a path can be read more than once")
        losses.clear()
        reading = _Reading()
        # What is skipped is noted in the order of the files, so they are read one by one.
        if workers > 0 and len(sources) > 1 and skipped is None and not _share_files(sources):
            parts = _parts_ahead(opened, part_of, sources, workers, reading)
        else:
            parts = _parts(
                opened, part_of, sources, skipped if is_part or len(sources) > 1 else None, reading
            )
        batches = read_batches(parts, workers)
        if most_rows is not None:
            batches = limited(batches, most_rows)
        if added is not None and added.number is not None:
            batches = numbered(batches, added.number)
        return _closing(reading, batches)

    return ArrowStream(layout if added is None else added.after(layout), start, losses, origin)


def _tell_ignored(first: Schema, file: Head) -> None:
    """Warn of the columns of a file that the first file has not."""
    if isinstance(first, RecordSchema) and isinstance(file.schema, RecordSchema):
        known = {name for field in first.fields for name in (field.name, *field.aliases)}
        ignored = [field.name for field in file.schema.fields if field.name not in known]
        if ignored:
            warn(
                IgnoredColumnsWarning,
                f"{file.name or 'a file'}: {', '.join(ignored)}: the first file has no such columns, so they"
                " are left out: merge='union' reads them, columns and reader_schema say what to read",
            )


def ensure_on_error(on_error: str) -> None:
    """Raise unless it says what to do with damage."""
    if on_error not in ("raise", "skip"):
        raise ValueError(f"on_error must be 'raise' or 'skip', not {on_error!r}")


def named(columns: Sequence[ColumnName] | None) -> tuple[ColumnName, ...] | None:
    """The columns, in a form that can be compared with others."""
    if columns is None:
        return None
    ensure_columns(columns)
    return tuple([column if isinstance(column, str) else tuple(column) for column in columns])


def with_metadata(layout: Column, metadata: Mapping[str, bytes]) -> Column:
    """The columns, with a file's own metadata beside its schema."""
    entries = to_arrow_metadata(metadata)
    return replace(layout, metadata={**layout.metadata, **entries}) if entries else layout


def _first_head(
    sources: Sequence[Any],
    limits: Limits,
    losses: Losses | None,
    heads: Heads,
    unread: deque[_File],
    reader: Schema | None,
) -> Head:
    """The header of the first file; of several that are skipped if they are none, of the first that is one.

    :param unread: gets the file if it can be read only once.
    :param reader: the schema to take if no file is one; None: raise.
    """
    source = sources[0]
    if losses is not None and (len(sources) > 1 or reader is not None):
        try:
            source = first_source(sources, limits, heads)
        except AvroError:
            if reader is None:
                raise
            return Head(source, None, reader.json, {}, limits)
    if is_reopened(path_of(source)):
        return heads.of(source, limits)
    unread.append(_File(source, limits, losses))
    return unread[0].head


def _named_as(schema: Schema, other: Schema) -> Schema:
    """The schema, which matches another whatever their outermost records are called."""
    if not isinstance(other, RecordSchema) or not isinstance(schema, RecordSchema) or schema.type != "record":
        return schema
    if other.fullname in (schema.fullname, *schema.aliases):
        return schema
    aliases = (*schema.aliases, other.fullname)
    record = RecordSchema(schema.fullname, aliases, schema.doc, schema.props)
    record.close(schema.fields)
    return record


def _share_files(sources: Iterable[Any]) -> bool:
    """Whether the same opener comes twice, as with splits of a file: it may return the same file each
    time.
    """
    openers = [id(path) for path in map(path_of, sources) if not isinstance(path, str | os.PathLike)]
    return len(set(openers)) < len(openers)


def _parts(
    opened: Callable[[Any], _File],
    part_of: Callable[[_File], Part],
    sources: Sequence[Any],
    losses: Losses | None,
    reading: _Reading,
) -> Iterator[Part]:
    """The files, one by one; each is closed when it has been read.

    :param losses: where to note files that are none; None: raise.
    :param reading: closes what is open at its end.
    """
    for source in sources:
        try:
            file = opened(source)
        except AvroError as error:
            if losses is None:
                raise
            losses.add(_whole_file(source, error))
            continue
        reading.add(file)
        yield part_of(file)
        reading.close_one(file)


def _whole_file(source: Any, error: AvroError) -> Loss:
    """The loss of a file that is none."""
    size = size_of(source)
    known = 0 if size == 0 else None
    return Loss(0, size or 0, known, known, error.with_traceback(None), name_of(path_of(source)))


def _parts_ahead(
    opened: Callable[[Any], _File],
    part_of: Callable[[_File], Part],
    sources: Iterable[Any],
    threads: int,
    reading: _Reading,
) -> Iterator[Part]:
    """The same files in the same order; but the next ones are opened ahead, side by side, and their first
    groups read.

    So the waiting time for remote or small files is spent on several of them at once.
    """

    def opened_ahead(source: Any) -> tuple[_File, Part]:
        file = opened(source)
        reading.add(file)
        part = part_of(file)
        part.read_ahead()
        return file, part

    pool = Pool(opened_ahead, threads, "reader")
    reading.add(pool)
    for file, part in pool.map(sources):
        yield part
        reading.close_one(file)


class _Reading:
    """What one reading has open: files, and the threads that open them.

    They are closed when the reading ends, however that is; a file that a thread opens after that is closed at
    once. If generators closed them, an error's traceback, or a thread that is in a generator, would keep them
    open.
    """

    def __init__(self) -> None:
        self._open: set[_File | Pool[Any, Any]] = set()
        self._ended = False

    def add(self, opened: _File | Pool[Any, Any]) -> None:
        """Keep a file or pool that was opened, to close it later."""
        self._open.add(opened)
        if self._ended:
            self.close()

    def close_one(self, opened: _File) -> None:
        """Close what has been read."""
        opened.close()
        self._open.discard(opened)

    def close(self) -> None:
        """Close all, even if that fails for one."""
        self._ended = True
        with ExitStack() as stack:
            while self._open:
                with suppress(KeyError):  # another thread has taken it
                    stack.callback(self._open.pop().close)


def _closing(reading: _Reading, batches: Iterator[Batch]) -> Iterator[Batch]:
    """The batches; at their end the reading is closed. A generator: being dropped midway is an end too."""
    try:
        yield from batches
    finally:
        reading.close()


def stream_part(
    layout: Column, start: Callable[[], Part], threads: int | None, losses: Losses
) -> ArrowStream:
    """The batches of one part.

    :param start: called for each reading.
    """
    return ArrowStream(layout, lambda: read_batches([start()], thread_count(threads)), losses)


class _Lasting:
    """Batches that end where the data do: after an error there are no more batches, and the error is raised
    again.
    """

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self._error: BaseException | None = None

    def step(self, _: object) -> tuple[Batch, None] | None:
        if isinstance(self._error, Exception):
            raise untraced(self._error)
        if self._error is not None:
            kind = type(self._error).__name__
            raise DataFileError(f"reading was interrupted by {kind}: read the file again") from self._error
        try:
            batch = next(self._batches, None)
        except BaseException as error:
            self._error = untraced(error)
            del self  # the error's traceback leads here
            raise
        return None if batch is None else (batch, None)


class _File:
    """A container file, read up to the end of its header. Errors say which file it is.

    :param losses: where to note what is skipped; None: raise at damage.
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
        self._size = source.end - source.start if isinstance(source, Split) else self._file.known_size()
        if losses is not None:
            unread, name = parser.take_unread(), self._file.name
            self._salvager = Salvager(self._file, header, unread, limits, losses, name)
            if isinstance(source, Split):
                self._salvager.keep_to(source)

    def check_schema(self) -> None:
        """Close the file if its schema is none."""
        try:
            _ = self.head.schema
        except BaseException:
            self.close()
            raise

    def part(self, plan: ColumnPlan, batch_rows: int, add: Callable[[Batch], None] | None) -> Part:
        """Its blocks and how to make batches of them.

        :param add: as that of :class:`Part`.
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
