"""A plan of what to read from which files: the entry point for columns of many files, whole or in parts."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Any, Final, Literal, Self, TypeAlias, TypeVar

from avrojet.columns.added import AddedColumns, Constant, long_column, text_column
from avrojet.columns.file import ensure_batch_rows
from avrojet.columns.files import Files
from avrojet.columns.heads import Heads, first_source
from avrojet.columns.plan import PlanOptions, chosen_columns
from avrojet.columns.stream import BATCH_ROWS, ArrowSchema, ArrowStream, ensure_on_error, named
from avrojet.container.count import count_records
from avrojet.container.source import is_reopened, name_of
from avrojet.container.split import NO_END, Split, path_of, size_of
from avrojet.container.threads import Pool, thread_count
from avrojet.core.arrow.producer import Batch
from avrojet.derived import derived
from avrojet.errors import SchemaError, errors_in
from avrojet.keywords import ensure_known
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.arrow.layout import VALUE, Column, is_wrapped
from avrojet.plan.arrow.options import STANDARD_TYPES, ArrowTypes
from avrojet.plan.project import ColumnName, first_field, project_without
from avrojet.scanning.listing import ScanFile, listed
from avrojet.scanning.merge import merged_schema
from avrojet.scanning.partitions import (
    PartitionType,
    ensure_each_once,
    partition_columns,
    partition_types,
    partition_value,
    parts_of,
    python_value,
)
from avrojet.scanning.recursion import cut_schema, is_recursive
from avrojet.schema.diff import Change, ChangeKind, schema_diff
from avrojet.schema.model import RecordSchema, Schema
from avrojet.schema.parse import parse_schema

Merge: TypeAlias = Literal["first", "union", "strict"]
Recursion: TypeAlias = int | Literal["error", "json", "bytes", "drop"]

# Default bytes of a part: what engines use for one task.
SPLIT_BYTES: Final = 128 << 20
# Options for recursive records that do not change their schema.
_NOT_CUT: Final = ("error", "json", "bytes")

# Attributes of a schema that do not change how its data are encoded.
_NO_DATA: Final = {
    ChangeKind.DEFAULT,
    ChangeKind.ALIASES,
    ChangeKind.DOC,
    ChangeKind.ATTRIBUTE,
    ChangeKind.ORDER,
    ChangeKind.LOGICAL_TYPE,
}

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of :func:`scan`, besides the files."""

    columns: tuple[ColumnName, ...] | None
    exclude: tuple[ColumnName, ...]
    path_column: str | None
    row_column: str | None
    recursion: Recursion
    n_rows: int | None
    on_error: Literal["raise", "skip"]
    logical_types: bool
    types: ArrowTypes
    batch_rows: int
    threads: int | None
    limits: Limits | None


@dataclass(frozen=True, slots=True)
class _View:
    """The schema that all files are seen as, before columns are chosen from it.

    :ivar given: None: that of a file.
    :ivar source: this file.
    :ivar by_name: the files' outermost records must have the name of the schema's.
    """

    given: Schema | None
    source: Any
    by_name: bool

    def __reduce__(self) -> tuple[Any, ...]:
        text = None if self.given is None else zlib.compress(self.given.json.encode())
        return _view, (text, self.source, self.by_name)


def scan(
    source: Any,
    *,
    columns: Sequence[ColumnName] | None = None,
    exclude: Sequence[ColumnName] = (),
    reader_schema: Schema | Any = None,
    merge: Merge = "first",
    hive_partitioning: bool | Mapping[str, PartitionType] | None = None,
    path_column: str | None = None,
    row_column: str | None = None,
    recursion: Recursion = "error",
    n_rows: int | None = None,
    on_error: Literal["raise", "skip"] = "raise",
    storage_options: Mapping[str, Any] | None = None,
    logical_types: bool = True,
    types: ArrowTypes = STANDARD_TYPES,
    batch_rows: int = BATCH_ROWS,
    threads: int | None = None,
    limits: Limits | None = None,
) -> Scan:
    """Plan the reading of files as columns: list them, and read only the headers that this needs.

    >>> orders = avrojet.scan("orders/", merge="union", path_column="file")
    >>> table = pyarrow.table(orders.select(["id", "total", "file"]))

    :param source: a path, a path with wildcards (``"orders/*.avro"``), a folder, a URL of fsspec's (which may
        have ``*``, and is a folder's if it ends in ``/``), the bytes of a file, something with ``open()``, a
        :class:`avrojet.Split`, or a list of them. In folders, at any depth, files count that end in
        ``.avro``; names that begin with ``_`` or ``.`` do not. Files come in the order of their names.
    :param columns: the columns to read, in this order, those of records within as ``"customer.name"``.
    :param exclude: columns to leave out, named likewise.
    :param reader_schema: what rows should look like (specification: Schema Resolution).
    :param merge: without `reader_schema`, ``"first"``: rows look like those of the first file;
        ``"union"``: they have the fields of all files, whose headers are read for that, side by side; what a
        file lacks is null there; ``"strict"``: all files must have the schema of the first.
    :param hive_partitioning: whether folders called ``name=value`` make columns; their types may be given:
        ``{"day": "date", "shop": "string"}``, else whole numbers are long, days are dates, and all else is
        text. Only those below a folder or wildcard given as the source count. If there are none, True and
        types look in the whole paths, as of files that are given one by one. A field of such a name is left
        out.
    :param path_column: the name of a column for the path or URL of each row's file.
    :param row_column: the name of a column for the number of each row, from 0 over all files.
    :param recursion: what to do with records that contain themselves, which Arrow's types cannot:
        ``"error"``; ``"json"``: as JSON text where they recur; ``"bytes"``: as Avro encodes them there;
        ``"drop"``: leave out the fields in which they do; or a number: follow them that many times.
    :param n_rows: most rows.
    :param on_error: ``"raise"``, or ``"skip"`` what is damaged, as :func:`avrojet.read_arrow` does.
    :param storage_options: for the file systems of URLs, as fsspec has them.
    :param logical_types: and the rest: as those of :func:`avrojet.read_arrow`.
    :raises FileNotFoundError: if there are no such files.
    :raises SchemaError: if the files' partitions differ, or a value is not of its type.
    """
    ensure_batch_rows(batch_rows)
    ensure_on_error(on_error)
    thread_count(threads)
    if merge not in ("first", "union", "strict"):
        raise ValueError(f"merge must be 'first', 'union' or 'strict', not {merge!r}")
    if recursion not in ("error", "json", "bytes", "drop") and not (
        isinstance(recursion, int) and recursion >= 0
    ):
        raise ValueError(
            f"recursion must be 'error', 'json', 'bytes', 'drop' or a number of times, not {recursion!r}"
        )
    if n_rows is not None and n_rows < 0:
        raise ValueError(f"n_rows must not be negative: {n_rows}")
    files = listed(source, storage_options)
    reader = None if reader_schema is None else parse_schema(reader_schema, limits=limits_in_force(limits))
    options = _Options(
        named(columns),
        named(exclude) or (),
        path_column,
        row_column,
        recursion,
        n_rows,
        on_error,
        logical_types,
        types,
        batch_rows,
        threads,
        limits,
    )
    if recursion == "json" or recursion == "bytes":
        options = replace(options, types=replace(types, recursion=recursion))
    known, partitions = _partitions(files, wanted=hive_partitioning)
    return Scan(tuple(known), options, partitions, merge, reader)


def read_arrow(source: Any, reader_schema: Schema | Any = None, **options: Any) -> ArrowStream:
    """Read container files as Arrow columns.

    >>> table = pyarrow.table(avrojet.read_arrow("orders/*.avro", columns=["id", "customer.name"]))

    :param source: a path, wildcard, folder or URL, the bytes of a file, something with ``open()`` that opens
        a binary file (``fsspec.open``), a :class:`avrojet.Split`, or a list of them, as for :func:`scan`; or
        a binary file, which is read from where it stands, once.
    :param reader_schema: what rows should look like (specification: Schema Resolution); None: as the first
        file's, whatever the outermost records of the others are called.
    :param options: those of :func:`scan`: which columns, what to do with files of several schemas, with
        recursive ones and with damage, and how to read.
    :raises SchemaError: if the schema is recursive, which Arrow's types cannot be, or has no such column.
    :raises DataFileError: and others as :class:`avrojet.DataFileReader`, here for the first file's header,
        and from the stream for the rest.
    """
    ensure_known("read_arrow", options, read_arrow, scan)
    return scan(source, reader_schema=reader_schema, **options).to_arrow()


class Scan:
    """A plan of what to read from which files: made by :func:`scan`, immutable, and safe to share between
    threads.

    Any library that supports the Arrow PyCapsule interface accepts it: ``pyarrow.table(scan)``. Parts of it
    (:meth:`splits`) are scans too, which can be pickled and sent to other processes and machines.

    :ivar files: the files, in the order in which they are read: each has ``path``, ``size``, ``partitions``.
    """

    files: tuple[ScanFile, ...]

    def __init__(
        self,
        files: tuple[ScanFile, ...],
        options: _Options,
        partitions: tuple[Column, ...],
        merge: Merge,
        reader: Schema | None,
    ) -> None:
        self.files = files
        self._options = options
        self._partitions = partitions
        self._merge = merge
        self._reader = reader
        self._heads = Heads()
        self._is_part = False

    @derived
    def avro_schema(self) -> Schema:
        """The reader's schema of the data: the chosen part of the schema that all files are read with."""
        base, view = self._base, self._view
        with errors_in(None if view.given is not None else name_of(path_of(view.source))):
            return self._chosen(base)

    @derived
    def schema(self) -> ArrowSchema:
        """The columns: an object with ``__arrow_c_schema__``, such as ``pyarrow.schema`` takes."""
        return ArrowSchema(self.to_arrow().layout)

    def to_arrow(self) -> ArrowStream:
        """The stream of record batches; see :func:`avrojet.read_arrow`.

        :raises SchemaError: if a column does not exist, the schema is recursive, or files do not go together.
        :raises DataFileError: if the first file is no container file, and from the stream for others.
        """
        options = self._options
        workers = thread_count(options.threads)
        batch_rows = options.batch_rows
        reader, columns, choose = self._reading()
        if options.n_rows is not None and options.n_rows <= batch_rows:
            batch_rows = max(1, options.n_rows)
            workers = workers if options.threads is not None else 0  # they would decode unwanted data
        files = Files(
            [file.source for file in self.files],
            reader,
            PlanOptions(columns, options.logical_types, options.types, limits_in_force(options.limits)),
            self._heads,
            batch_rows=batch_rows,
            workers=workers,
            skip=options.on_error == "skip",
            is_part=self._is_part,
            choose=choose,
            by_name=self._view.by_name,
            added=self._added(),
            most_rows=options.n_rows,
        )
        can_reopen = all(is_reopened(path_of(file.source)) for file in self.files)
        return files.stream(origin=self if can_reopen else None)

    def __arrow_c_schema__(self) -> Any:
        """A capsule ``arrow_schema``: a struct of the columns."""
        return self.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """A capsule ``arrow_array_stream``; each call reads anew."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def __iter__(self) -> Iterator[Batch]:
        return iter(self.to_arrow())

    def __repr__(self) -> str:
        first = self.files[0].path or "..."
        more = f" and {len(self.files) - 1} more" if len(self.files) > 1 else ""
        columns = self._options.columns
        chosen = "" if columns is None else f", columns {', '.join(map(str, columns))}"
        return f"<avrojet.Scan of {first}{more}{chosen}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _scan_of, (self.files, self._options, self._partitions, self._view, self._is_part)

    def select(self, columns: Sequence[ColumnName]) -> Self:
        """Return the same scan with only these columns, in this order; added columns keep their places."""
        return self._with(replace(self._options, columns=named(columns), exclude=()))

    def only(self, names: Iterable[str]) -> Self:
        """Return the same scan without the columns that have other names; the rest is unchanged.

        This is the projection that engines push down: each name is that of a column of :attr:`schema`, even
        if it has dots. If ``columns`` chose a part of a record, only that part stays.

        :raises SchemaError: if there is no such column.
        """
        wanted, options = list(names), self._options
        roots = self._roots(wanted)
        return self._with(
            replace(
                options,
                columns=tuple([column for name in wanted for column in roots.get(name, [(name,)])]),
                path_column=options.path_column if options.path_column in wanted else None,
                row_column=options.row_column if options.row_column in wanted else None,
            )
        )

    def head(self, n: int) -> Self:
        """Return the same scan with the first `n` rows, or all rows if there are fewer."""
        if n < 0:
            raise ValueError(f"n must not be negative: {n}")
        most = self._options.n_rows
        return self._with(replace(self._options, n_rows=n if most is None else min(n, most)))

    def with_threads(self, threads: int | None) -> Self:
        """Return the same scan, read with so many threads: ``threads`` of :func:`scan`.

        Parts that an engine reads side by side need few, where the planning of the whole does well with more.
        """
        thread_count(threads)
        return self._with(replace(self._options, threads=threads))

    def where(self, wanted: Callable[[dict[str, str | int | date | None]], bool]) -> Self:
        """Return the same scan with only the files whose partitions are wanted; no other file is opened.

        >>> spring = scan("days/").where(lambda part: part["day"] >= date(2024, 3, 1))

        Rows are numbered and limited (``row_column``, ``n_rows``) in these files alone.

        :param wanted: a function of the values of a file's partitions.
        :raises ValueError: if no file is left.
        """
        types = _types_of(self._partitions)
        files = tuple(
            file
            for file in self.files
            if wanted({name: python_value(file.partitions[name], type) for name, type in types.items()})
        )
        if not files:
            raise ValueError("no file is in the partitions that are wanted")
        return self._with(self._options, files)

    def count(self) -> int:
        """How many rows there are, by the headers of blocks where that is enough: nothing is decoded then."""
        options = self._options
        if options.on_error == "skip" or any(isinstance(file.source, Split) for file in self.files):
            rows = sum(len(batch) for batch in self.select([]).to_arrow())
        else:
            count = partial(count_records, limits=options.limits)
            rows = sum(_side_by_side(count, [file.source for file in self.files], options.threads))
        return rows if options.n_rows is None else min(rows, options.n_rows)

    def splits(self, size: int | None = None, *, count: int | None = None) -> list[Self]:
        """Parts of about one size that have each row once: small files together, large ones cut.

        Only the sizes of files are looked at. A part can be pickled; it takes the schema with it only where
        that is not the first file's.

        :param size: bytes of a part; 128 MiB unless `count` is given.
        :param count: about how many parts.
        :raises ValueError: if rows are counted or limited (``row_column``, ``n_rows``), over all files.
        """
        self._ensure_parts()
        if size is not None and count is not None:
            raise ValueError("give the size of the parts or their count, not both")
        if (size is not None and size < 1) or (count is not None and count < 1):
            raise ValueError("the size and the count of parts must be positive")
        sizes = [_size(file) for file in self.files]
        if count is not None:
            size = max(1, -(-sum(sizes) // count))
        groups = _groups(zip(self.files, sizes, strict=True), SPLIT_BYTES if size is None else size)
        return [self._with(self._options, tuple(group)) for group in groups]

    def _each_file(self) -> list[Self]:
        """Parts of one file each, as :meth:`splits`."""
        self._ensure_parts()
        return [self._with(self._options, (file,)) for file in self.files]

    def _ensure_parts(self) -> None:
        if self._options.row_column is not None or self._options.n_rows is not None:
            raise ValueError("parts of a scan know nothing of each other: they cannot count or limit rows")

    def _with(self, options: _Options, files: tuple[ScanFile, ...] | None = None) -> Self:
        """The same with other options, or of some of the files, which are seen as all were."""
        made = type(self)(
            self.files if files is None else files, options, self._partitions, self._merge, self._reader
        )
        if files is None or self._merge == "first":
            made.__dict__["_view"] = self._view
        else:
            made.__dict__["_view"] = _View(self._base, None, self._view.by_name)
        made.__dict__.update({"_base": self.__dict__["_base"]} if "_base" in self.__dict__ else {})
        made._heads = self._heads
        made._is_part = self._is_part or made.files is not self.files
        return made

    def _reading(
        self,
    ) -> tuple[Schema | None, tuple[ColumnName, ...] | None, Callable[[Schema], Schema] | None]:
        """The reader's schema and the columns of it, or what chooses them from the first file's schema."""
        options, view = self._options, self._view
        is_own = not self._is_part or view.source is self.files[0].source
        if view.given is not None or self._merge != "first" or not is_own:
            return self.avro_schema, None, None
        if options.exclude or self._partitions or options.recursion not in _NOT_CUT:
            return None, None, self._chosen
        return None, self._data_columns(), None

    def _roots(self, names: Sequence[str]) -> dict[str, list[ColumnName]]:
        """What was asked for in each of these columns, where their names do not say it."""
        columns = self._options.columns
        added = {*[column.name for column in self._partitions], *self._own_columns()}
        if columns is None:
            is_whole = VALUE in names and VALUE not in added and is_wrapped(self.avro_schema)
            return {VALUE: [()]} if is_whole else {}
        schema = self.avro_schema
        roots: dict[str, list[ColumnName]] = {}
        for column in columns:
            own = _name_of(column)
            if own is None or own not in added:
                own = VALUE if is_wrapped(schema) else first_field(schema, column)
            roots.setdefault(own, []).append(column)
        return roots

    def _data_columns(self) -> tuple[ColumnName, ...] | None:
        """The columns that are chosen, without those that are added."""
        if self._options.columns is None:
            return None
        added = {*[column.name for column in self._partitions], *self._own_columns()}
        return tuple([column for column in self._options.columns if _name_of(column) not in added])

    @derived
    def _view(self) -> _View:
        source = self.files[0].source
        if self._reader is None and self._options.on_error == "skip" and len(self.files) > 1:
            limits = limits_in_force(self._options.limits)
            source = first_source([file.source for file in self.files], limits, self._heads)
        return _View(self._reader, source, by_name=self._reader is not None)

    @derived
    def _base(self) -> Schema:
        """The schema that all files are seen as."""
        if self._view.given is not None:
            return self._view.given
        if self._merge == "first" or len(self.files) == 1:
            return self._schema_of(self._view.source)
        schemas = [
            (file.path or f"file {number}", schema) for number, (file, schema) in enumerate(self._all())
        ]
        if self._merge == "union":
            return merged_schema(schemas)
        first_name, first = schemas[0]
        for name, schema in schemas:
            if schema.canonical_form != first.canonical_form:
                change = _first_change(first, schema)
                raise SchemaError(
                    f"{name} has another schema than {first_name}, and merge is 'strict': {change}",
                    path=change.path,
                )
        return first

    def _all(self) -> Iterator[tuple[ScanFile, Schema]]:
        """The schema of each file; those of one text are parsed once."""
        headers = _side_by_side(self._schema_of, [file.source for file in self.files], self._options.threads)
        return zip(self.files, headers, strict=True)

    def _schema_of(self, source: Any) -> Schema:
        return self._heads.of(source, limits_in_force(self._options.limits)).schema

    def _chosen(self, schema: Schema) -> Schema:
        """What the options choose of a schema."""
        options = self._options
        if options.recursion not in _NOT_CUT and is_recursive(schema):
            depth = 0 if options.recursion == "drop" else int(options.recursion)
            schema = cut_schema(schema, depth, limits_in_force(options.limits))
        added = {column.name for column in self._partitions}
        exclude = [column for column in options.exclude if _name_of(column) not in added]
        if isinstance(schema, RecordSchema):
            exclude += [(field.name,) for field in schema.fields if field.name in added]
        if exclude:
            schema = project_without(schema, exclude)
        columns = self._data_columns()
        if columns is None:
            return schema
        return chosen_columns(schema, columns, options.types)

    def _own_columns(self) -> list[str]:
        return [name for name in (self._options.path_column, self._options.row_column) if name is not None]

    def _added(self) -> AddedColumns | None:
        """The columns that are added: all of them, or those that are chosen."""
        columns = self._options.columns
        chosen = None if columns is None else {_name_of(column) for column in columns}
        excluded = {_name_of(column) for column in self._options.exclude}
        partitions = [
            each
            for each in self._partitions
            if each.name not in excluded and (chosen is None or each.name in chosen)
        ]
        path, row = self._options.path_column, self._options.row_column
        shown = [*partitions, *([text_column(path)] if path is not None else [])]
        if not shown and row is None:
            return None
        types = _types_of(partitions)
        values = {
            id(file.source): (
                *[partition_value(file.partitions[name], type) for name, type in types.items()],
                *([_path_text(file)] if path is not None else []),
            )
            for file in self.files
        }

        def values_of(source: Any) -> tuple[Constant, ...]:
            return values[id(source)]

        return AddedColumns(tuple(shown), values_of, None if row is None else long_column(row))


def _name_of(column: ColumnName) -> str | None:
    """The name of an added column, which is in no record."""
    return column if isinstance(column, str) else column[0] if len(column) == 1 else None


def _scan_of(
    files: tuple[ScanFile, ...],
    options: _Options,
    partitions: tuple[Column, ...],
    view: _View,
    is_part: bool,  # noqa: FBT001 (of a pickle)
) -> Scan:
    """A scan that was pickled."""
    made = Scan(files, options, partitions, "first", view.given)
    made.__dict__["_view"] = view
    made._is_part = is_part
    return made


def _view(text: bytes | None, source: Any, by_name: bool) -> _View:  # noqa: FBT001 (of a pickle)
    given = None if text is None else parse_schema(zlib.decompress(text).decode(), names="lax")
    return _View(given, source, by_name)


def _partitions(
    files: list[ScanFile], *, wanted: bool | Mapping[str, PartitionType] | None
) -> tuple[list[ScanFile], tuple[Column, ...]]:
    """The files with the partitions that count, and the columns of these."""
    if wanted and not any(file.partitions for file in files):
        files = [
            replace(file, partitions=parts_of(os.path.dirname(file.path or "")), below=file.path or "")  # noqa: PTH120
            for file in files
        ]
    if wanted is False or not (wanted or any(file.partitions for file in files)):
        return [replace(file, partitions={}) if file.partitions else file for file in files], ()
    ensure_each_once((file.path or "", file.below) for file in files)
    types = partition_types(
        [(file.path or "", file.partitions) for file in files],
        wanted if isinstance(wanted, Mapping) else None,
    )
    return files, partition_columns(types, [file.partitions for file in files])


def _types_of(partitions: Iterable[Column]) -> dict[str, PartitionType]:
    names: dict[str, PartitionType] = {"u": "string", "l": "long", "tdD": "date"}
    return {column.name: names[column.format] for column in partitions}


def _first_change(old: Schema, new: Schema) -> Change:
    """The first difference between schemas whose data differ."""
    changes = schema_diff(old, new)
    return next((each for each in changes if each.kind not in _NO_DATA), changes[0])


def _path_text(file: ScanFile) -> str:
    if file.path is None:
        raise ValueError("path_column: a source without a path has none to show")
    return file.path


def _size(file: ScanFile) -> int:
    size = size_of(file.source) if file.size is None else file.size
    if size is None:
        raise ValueError(f"the size of {file.path or file.source!r} is not known, so it cannot be split")
    return size


def _groups(files: Iterable[tuple[ScanFile, int]], most: int) -> Iterator[list[ScanFile]]:
    """Files, or parts of them, that make about `most` bytes together."""
    group: list[ScanFile] = []
    held = 0
    for file, size in files:
        if size <= most:
            if group and held + size > most:
                yield group
                group, held = [], 0
            group.append(file)
            held += size
            continue
        if group:
            yield group
            group, held = [], 0
        yield from ([part] for part in _cut(file, size, -(-size // most)))
    if group:
        yield group


def _cut(file: ScanFile, size: int, count: int) -> Iterator[ScanFile]:
    """Parts of a file, or of a split of it, of one size.

    The last one of a file has no end: what is there when it is read is read, as of a file that is not cut.
    The file may be a longer one by then, of which a part of the rows would be missing.
    """
    whole = file.source if isinstance(file.source, Split) else Split(file.source, 0, NO_END)
    bounds = [*[whole.start + size * number // count for number in range(count)], whole.end]
    for start, end in pairwise(bounds):
        yield replace(file, source=Split(whole.path, start, end), size=min(end, whole.start + size) - start)


def _side_by_side(work: Callable[[Item], Result], items: list[Item], threads: int | None) -> list[Result]:
    """What a function returns for each, in threads."""
    workers = min(len(items), max(thread_count(threads), _WAITING if threads is None else 0))
    if workers < 2:
        return [work(item) for item in items]
    with closing(Pool(work, workers, "reader")) as pool:
        return list(pool.map(items))


# Threads that read headers: they mostly wait.
_WAITING: Final = 8
