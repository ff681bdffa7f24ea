"""Conversion of files: jobs, each with its sources and its target, several side by side."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import get_ident
from typing import Any

from avrojet.container.replacing import replacing
from avrojet.container.source import Readable, is_path, is_url
from avrojet.container.target import Writable
from avrojet.container.threads import Pool, thread_count
from avrojet.conversion.formats import FORMATS, Kind, ensure_format
from avrojet.conversion.opening import OpenSource, size_at, source_name
from avrojet.conversion.options import Meter, Nested, OnError, Options, ProgressCallback
from avrojet.conversion.outcome import Asides, Conversion, Converted
from avrojet.conversion.places import Job, jobs_of
from avrojet.conversion.sources import AvroSource, Source
from avrojet.conversion.targets import AvroTarget, ColumnsTarget, Target, TextTarget
from avrojet.errors import AvroError, DataFileError, errors_in
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.project import ColumnName, ensure_columns
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

# Up to this many bytes of sources, one thread is fastest.
_SMALL = 256 << 10


def convert(
    source: Readable | Sequence[Readable],
    target: Writable,
    *,
    source_format: str | None = None,
    target_format: str | None = None,
    schema: Schema | Any = None,
    reader_schema: Schema | Any = None,
    columns: Sequence[ColumnName] | None = None,
    head: int | None = None,
    codec: str | None = None,
    level: int | None = None,
    names: str = "strict",
    nested: Nested = "error",
    sample: int = 10_000,
    jobs: int | None = None,
    on_error: OnError = "raise",
    errors: Writable | None = None,
    resume: bool = False,
    progress: ProgressCallback | None = None,
    storage_options: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
) -> Conversion:
    """Convert files from one format to another: Avro, JSON lines, JSON in Avro's encoding, CSV, Parquet, ORC,
    Arrow IPC. No Python object is made for a value.

    >>> avrojet.convert("orders.avro", "orders.parquet").records
    100
    >>> done = avrojet.convert("2026/", "out/", source_format="avro", target_format="parquet", jobs=4)
    >>> len(done.files)
    2

    A file appears under its name only when it is complete; if the conversion fails, it does not appear at
    all. The extensions decide the formats. docs/howto/convert.md describes how types are converted, and what
    happens on errors.

    :param source: a path, which may have wildcards; a folder; a URL, by fsspec; bytes; a binary file; or a
        list of them. From a folder, the files of `source_format` are taken (of any known format if it is
        None).
    :param target: a path, URL or binary file: all sources go to it, one after the other. Or a folder (there
        is one, the name ends with a slash, or it has no extension and there are several sources): each
        source goes to a file in it, and the tree of a folder or wildcard is kept.
    :param source_format: and `target_format`: ``"avro"``, ``"jsonl"``, ``"json"``, ``"csv"``, ``"parquet"``,
        ``"orc"``, ``"arrow"``; None: as the extension says. A folder needs the target's.
    :param schema: of the records, where the source is not Avro. None: what Arrow's types or the metadata
        say; for JSON lines and CSV one is made of the first records.
    :param reader_schema: what the records of Avro files should look like; None: as written.
    :param columns: the fields to convert, as for :func:`avrojet.read_arrow`.
    :param head: convert only this many records of each source, from its beginning; None: all.
    :param codec: the codec that compresses the target. None: from Avro to Avro, the source's codec; else the
        format's usual one.
    :param level: the compression level; None: the codec's usual one.
    :param names: ``"replace"``: columns whose names are not valid in Avro are renamed, as by
        :func:`avrojet.write_arrow`.
    :param nested: ``"json"``: lists, maps, records and unions are written as JSON text in a cell of CSV,
        which cannot hold them otherwise. Lists, maps and records are read from such cells in any case, if
        `schema` has them; without this option, unions of several types are read as text.
    :param sample: how many lines of JSON or CSV a schema is inferred from; 0: all. If the file has more lines
        than that, each field may be null.
    :param jobs: how many files are converted in parallel; None: as many as there are processors.
    :param on_error: ``"raise"``, or ``"skip"``: bad records, damaged parts of Avro files, and files that
        cannot be read at all are set aside, and the rest is converted.
    :param errors: a path or binary file that gets a line of JSON, with the reason, for each thing that was
        set aside.
    :param resume: leave existing targets as they are: they are complete.
    :param progress: called with an :class:`Advance` some twenty times a second, from any thread, but never
        from two at once. An exception that it raises ends the conversion.
    :param storage_options: options for the file systems of URLs, see fsspec.
    :param limits: bounds on what hostile data may cost; None: the process's.
    :returns: a summary of what was done.
    :raises FileNotFoundError: and other OSErrors, if files cannot be read or written.
    :raises DataFileError: if a format is unknown, a library is not installed, or a file is damaged.
    :raises SchemaError: if there is no schema, or the target's format cannot store a type.
    :raises AvroError: any other error of reading or writing. Each error names the file.
    """
    began = time.monotonic()
    limits = limits_in_force(limits)
    if columns is not None:
        ensure_columns(columns)
    if on_error not in ("raise", "skip"):
        raise ValueError(f"on_error must be 'raise' or 'skip', not {on_error!r}")
    if names not in ("strict", "replace"):
        raise ValueError(f"names must be 'strict' or 'replace': {names!r}")
    if nested not in ("error", "json"):
        raise ValueError(f"nested must be 'error' or 'json': {nested!r}")
    if head is not None and head < 0:
        raise ValueError(f"head must not be negative: {head}")
    options = Options(
        limits,
        source_format,
        target_format,
        None if schema is None else parse_schema(schema, limits=limits),
        None if reader_schema is None else parse_schema(reader_schema, limits=limits),
        None if columns is None else tuple(columns),
        head,
        codec,
        level,
        on_error,
        sample,
        names,  # type: ignore[arg-type]
        0,
        nested,
        dict(storage_options or {}),
    )
    sources = list(source) if isinstance(source, list | tuple) else [source]
    work = jobs_of(sources, target, source_format, target_format, options.storage_options)
    conversion = Conversion()
    if resume:
        work = list(_unfinished(work, conversion, options))
    asides = Asides(conversion, errors)
    with closing(asides):
        _Conversion(options, conversion, asides, progress).run(work, thread_count(jobs) if jobs != 1 else 1)
    conversion.seconds = time.monotonic() - began
    return conversion


def _unfinished(jobs: list[Job], conversion: Conversion, options: Options) -> Iterator[Job]:
    for job in jobs:
        if is_path(job.target) and _exists(job.target, options):
            conversion.kept.append(source_name(job.target))
        else:
            yield job


def _exists(target: Any, options: Options) -> bool:
    if not is_url(target):
        return Path(target).exists()
    from avrojet.container.source import open_url

    opener = open_url(target, **options.storage_options)
    return bool(opener.fs.exists(opener.path))


class _Conversion:
    """Runs all jobs."""

    def __init__(
        self, options: Options, conversion: Conversion, asides: Asides, progress: ProgressCallback | None
    ) -> None:
        self._options = options
        self._conversion = conversion
        self._asides = asides
        self._progress = progress
        self._folders: set[str] = set()  # that are there
        self._last: dict[int, OpenSource] = {}  # the last source of each thread

    def run(self, jobs: list[Job], side_by_side: int) -> None:
        """Run all jobs, and note what was done."""
        for job in jobs:
            job.format.check_codec(self._options.codec, self._options.level)
        sizes = [size_at(source) for job in jobs for source in job.sources]
        total = sum(size for size in sizes if size is not None) if None not in sizes else None
        self._meter = Meter(self._progress, total, len(jobs))
        workers = max(1, min(side_by_side, len(jobs)))
        self._options = replace(self._options, threads=0 if workers > 1 else thread_count(None))
        if workers == 1:
            self._note(map(self._done, jobs))
            return
        pool: Pool[Job, Converted | None] = Pool(self._done, workers, "reader")
        try:
            self._note(pool.map(jobs))
        except BaseException:
            self._meter.stop()
            for opened in list(self._last.values()):
                opened.stop()
            raise
        finally:
            pool.close()

    def _note(self, done: Iterator[Converted | None]) -> None:
        for each in done:
            if each is not None:
                self._conversion.files.append(each)

    def _done(self, job: Job) -> Converted | None:
        """Run one job; return None if its only source was set aside."""
        name = source_name(job.target)
        if is_path(job.target) and not is_url(job.target):
            folder = os.path.dirname(job.target)  # noqa: PTH120 (asked for each of many files)
            if folder not in self._folders:
                Path(folder).mkdir(parents=True, exist_ok=True)
                self._folders.add(folder)
        try:
            records, size = self._made(job)
        except AvroError as error:
            # With several sources, the others would be lost too.
            if self._options.on_error == "raise" or len(job.sources) > 1 or error.file is None:
                raise
            if self._meter.ends:  # that is no error of the file
                raise
            self._asides.add_file(source_name(job.sources[0]), error)
            self._meter.add(name, 0, 0, done=True)
            return None
        names = tuple(map(source_name, job.sources))
        return Converted(names, name, records, size, size_at(job.target))

    def _made(self, job: Job) -> tuple[int, int]:
        records = size = 0
        options = self._options
        if options.threads and _is_small(job):
            options = replace(options, threads=0)
        with (
            replacing(job.target, fsync=None, storage_options=options.storage_options) as place,
            _finished(_target(place, job, options)) as target,
        ):
            for number, each in enumerate(job.sources):
                name = source_name(each)
                with errors_in(name), closing(self._opened(each, target.schema, options)) as source:
                    for count in target.take(source):
                        records += count
                        self._meter.add(name, source.opened.taken(), count)
                    source.finish()
                    self._meter.add(name, source.opened.taken(), 0, done=number == len(job.sources) - 1)
                    size += source.opened.total
        return records, size

    def _opened(self, place: Any, wanted: Schema | None, options: Options) -> Source:
        """Open a source.

        :param wanted: the schema of the earlier sources that go to the same file.
        """
        format = ensure_format(place, options.source_format, "--from")
        if format.kind is Kind.AVRO and options.schema is not None:
            raise DataFileError("an Avro file has its schema: give --reader-schema to see it as another")
        if format.kind is not Kind.AVRO and options.reader_schema is not None:
            raise DataFileError(f"{format.name} has no writer's schema: give --schema, not --reader-schema")
        opened = OpenSource(place, options.storage_options)
        self._last[get_ident()] = opened
        try:
            self._meter.check()  # perhaps it was stopped before this one was known, which may wait for ever
            if format.kind is Kind.AVRO:
                return AvroSource(opened, options, self._asides, wanted)
            if format.kind is Kind.TEXT:
                from avrojet.conversion.json_text import TextSource

                plain = format is FORMATS["jsonl"]
                return TextSource(opened, options, self._asides, plain=plain, wanted=wanted)
            if format.name == "csv":
                from avrojet.conversion.csv_files import CsvSource

                return CsvSource(opened, options, self._asides, wanted)
            from avrojet.conversion.arrow_files import ArrowSource

            return ArrowSource(opened, options, self._asides, format.name, wanted)
        except BaseException:
            opened.close()
            raise


def _is_small(job: Job) -> bool:
    """Whether threads would take longer to start than to do the work."""
    sizes = [size_at(source) for source in job.sources]
    return sum(_SMALL if size is None else size for size in sizes) < _SMALL


def _target(place: Any, job: Job, options: Options) -> Target:
    format = job.format
    if format.kind is Kind.AVRO:
        return AvroTarget(place, options)
    if format.kind is Kind.TEXT:
        return TextTarget(place, options, plain=format is FORMATS["jsonl"])
    return ColumnsTarget(place, options, format)


@contextmanager
def _finished(target: Target) -> Iterator[Target]:
    """Open the target; it is completed at the end, or abandoned after an error."""
    try:
        yield target
        target.close()
    except BaseException:
        with suppress(Exception):  # the first error counts
            target.abandon()
        raise
