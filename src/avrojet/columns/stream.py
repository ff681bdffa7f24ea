"""Container files, one or many, to a stream of Arrow record batches."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, Literal

from avrojet.columns.file import Part, ensure_batch_rows, read_batches
from avrojet.columns.plan import PlanOptions
from avrojet.container.framing import FileParser
from avrojet.container.losses import Losses
from avrojet.container.salvage import Salvager, name_of
from avrojet.container.source import ByteSource, Readable, is_reopened, read_header
from avrojet.container.split import Split, SplitSource, blocks_of, path_of
from avrojet.container.threads import OrderedPool, thread_count
from avrojet.core.arrow.producer import Batch, schema_capsule, stream_capsule
from avrojet.errors import DataFileError
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.arrow.layout import STANDARD_TYPES, ArrowTypes, Column
from avrojet.plan.arrow.properties import to_arrow_metadata
from avrojet.plan.project import ColumnName, ensure_columns
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

# Rows of a batch: enough that a batch costs nothing, few enough to stay in the processor's outer cache.
BATCH_ROWS = 1 << 16


class ArrowStream:
    """Record batches, in the order of the data, with bounded memory.

    Anything that knows the Arrow PyCapsule interface takes it: ``pyarrow.table(stream)``,
    ``polars.DataFrame(stream)``. Iterate it for the single batches; each of them has ``len()``.

    An error in the data is raised behind the rows of the blocks before it. Consumers of the capsule get its
    message only, and raise errors of their own.

    :ivar layout: the columns, a :class:`avrojet.plan.arrow.layout.Column`.
    :ivar losses: what ``on_error="skip"`` has skipped in the last reading, as far as that went.
    """

    def __init__(self, layout: Column, start: Callable[[], Iterator[Batch]], losses: Losses) -> None:
        self.losses = losses
        self.layout = layout
        self._start = start

    def __iter__(self) -> Iterator[Batch]:
        return self._start()

    def __arrow_c_schema__(self) -> Any:
        """A capsule ``arrow_schema``: a struct of the columns."""
        return schema_capsule(self.layout)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """A capsule ``arrow_array_stream``; each call reads anew, if the source is a path.

        :param requested_schema: not heeded, as the interface allows.
        """
        return stream_capsule(self.layout, self._start())


def read_arrow(
    source: Readable | Split | Sequence[SplitSource | Split],
    reader_schema: Schema | Any = None,
    *,
    columns: Sequence[ColumnName] | None = None,
    batch_rows: int = BATCH_ROWS,
    threads: int | None = None,
    logical_types: bool = True,
    types: ArrowTypes = STANDARD_TYPES,
    on_error: Literal["raise", "skip"] = "raise",
    limits: Limits | None = None,
) -> ArrowStream:
    """Read container files as Arrow columns.

    >>> table = pyarrow.table(avrojet.read_arrow("orders.avro", columns=["id", "customer.name"]))

    :param source: a path, something with ``open()`` that gives a binary file (``fsspec.open``), a
        :class:`avrojet.Split`, or a list of them; or a binary file, which is read from where it stands, once.
    :param reader_schema: what rows should look like (specification: Schema Resolution); None: as the first
        file's.
    :param columns: the columns to read, in this order, those of records within as ``"customer.name"``. A
        column of just that name goes before such a path; a path of names that have dots themselves is a tuple
        of them.
    :param batch_rows: most rows of a batch.
    :param threads: threads that read, one at a time, decompress and decode; 0: none, all is done in the
        consumer's. None: as many as there are processors.
    :param logical_types: False shows the plain encoding.
    :param types: which Arrow type to choose where several hold the same data: large offsets, views, unions.
    :param on_error: ``"raise"``, or ``"skip"`` what is damaged, as :class:`avrojet.DataFileReader` does; the
        stream's ``losses`` tell what is missing. Each block is then decoded twice, once by the consumer.
    :raises SchemaError: if the schema is recursive, which Arrow's types cannot be, or has no such column.
    :raises DataFileError: and others as :class:`avrojet.DataFileReader`, here for the first file's header,
        and from the stream for the rest.
    """
    sources: list[Any] = list(source) if isinstance(source, list | tuple) else [source]
    if not sources:
        raise ValueError("no files to read")
    ensure_batch_rows(batch_rows)
    if on_error not in ("raise", "skip"):
        raise ValueError(f"on_error must be 'raise' or 'skip', not {on_error!r}")
    workers = thread_count(threads)
    limits = limits_in_force(limits)
    losses = Losses()
    skipped = losses if on_error == "skip" else None
    first = _File(sources[0], limits, skipped)
    read_once = not is_reopened(path_of(sources[0]))
    if not read_once:
        first.close()
    options = PlanOptions(_named(columns), logical_types, types, limits)
    reader = None if reader_schema is None else parse_schema(reader_schema, limits=limits)
    plan = options.plan(first.schema_text, reader)
    unread = deque([first] if read_once else ())

    def opened(each: Any) -> tuple[_File, Part]:
        file = unread.pop() if unread and each is sources[0] else _File(each, limits, skipped)
        try:
            file_plan = plan
            if file.schema_text != first.schema_text:
                file_plan = options.plan(file.schema_text, plan.writer if reader is None else reader)
            return file, Part(
                file_plan, file.codec, file.blocks, limits, batch_rows, file.salvager, file.size
            )
        except BaseException:
            file.close()
            raise

    def start() -> Iterator[Batch]:
        if read_once and not unread:
            raise DataFileError("the file has been read: a path can be read more than once")
        losses.clear()
        # What is skipped is noted in the order of the files, so they are read one by one.
        side_by_side = workers > 0 and len(sources) > 1 and skipped is None and not _share_files(sources)
        parts = _parts_ahead(opened, sources, workers) if side_by_side else _parts(opened, sources)
        return read_batches(parts, workers)

    return ArrowStream(with_metadata(plan.layout, first.metadata), start, losses)


def _named(columns: Sequence[ColumnName] | None) -> tuple[ColumnName, ...] | None:
    """The columns, so that they can be told apart from others."""
    if columns is None:
        return None
    ensure_columns(columns)
    return tuple([column if isinstance(column, str) else tuple(column) for column in columns])


def with_metadata(layout: Column, metadata: Mapping[str, bytes]) -> Column:
    """The columns, with a file's own metadata beside its schema."""
    entries = to_arrow_metadata(metadata)
    return replace(layout, metadata={**layout.metadata, **entries}) if entries else layout


def _share_files(sources: Iterable[Any]) -> bool:
    """Whether what opens a file comes twice, as with splits of it: each time it may give the same file."""
    openers = [id(path) for path in map(path_of, sources) if not isinstance(path, str | os.PathLike)]
    return len(set(openers)) < len(openers)


def _parts(opened: Callable[[Any], tuple[_File, Part]], sources: Iterable[Any]) -> Iterator[Part]:
    """The files one by one, each closed when it has been read."""
    for source in sources:
        file, part = opened(source)
        with closing(file):
            yield part


def _parts_ahead(
    opened: Callable[[Any], tuple[_File, Part]], sources: Iterable[Any], threads: int
) -> Iterator[Part]:
    """The same in the same order; but the next files are opened ahead, side by side, and their first groups
    read.

    So the time that a remote or small file takes to come is spent on several of them at once.
    """
    open_files: set[_File] = set()

    def opened_ahead(source: Any) -> tuple[_File, Part]:
        file, part = opened(source)
        open_files.add(file)
        part.read_ahead()
        return file, part

    pool = OrderedPool(opened_ahead, threads)
    try:
        for file, part in pool.map(sources):
            yield part
            file.close()
            open_files.discard(file)
    finally:
        pool.close()
        for file in open_files:
            file.close()


def stream_part(
    part: Part, threads: int | None, losses: Losses, metadata: Mapping[str, bytes]
) -> ArrowStream:
    """The batches of one part of a file with these metadata; it can be read once."""
    return ArrowStream(
        with_metadata(part.layout, metadata), lambda: read_batches([part], thread_count(threads)), losses
    )


class _File:
    """A container file that stands behind its header.

    :param losses: where to note what is skipped; None: raise at damage.
    """

    def __init__(self, source: Readable | Split, limits: Limits, losses: Losses | None) -> None:
        self._source = ByteSource(path_of(source))
        try:
            parser = FileParser(limits)
            header = read_header(self._source, parser)
            self.codec = header.codec
            self.schema_text = header.schema_text
            self.metadata = header.metadata
            self.blocks = blocks_of(source, self._source, parser, limits)
        except BaseException:
            self._source.close()
            raise
        self.size = source.end - source.start if isinstance(source, Split) else self._source.known_size()
        self.salvager: Salvager | None = None
        if losses is not None:
            unread = parser.take_unread()
            self.salvager = Salvager(self._source, header, unread, limits, losses, name_of(source))
            if isinstance(source, Split):
                self.salvager.keep_to(source)

    def close(self) -> None:
        """Close the file, if it was opened here."""
        self._source.close()
