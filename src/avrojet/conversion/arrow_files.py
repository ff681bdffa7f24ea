"""Parquet, ORC and Arrow IPC files, by pyarrow, which keeps all types (docs/explanation/benchmarks.md)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

from avrojet.columns.source import ColumnSource
from avrojet.container.writer import DataFileWriter
from avrojet.conversion.ahead import ahead
from avrojet.conversion.between import Calm, Noting, is_plain
from avrojet.conversion.columns import Columns, library, told_by
from avrojet.conversion.opening import OpenSource
from avrojet.conversion.options import Options
from avrojet.conversion.outcome import Asides
from avrojet.conversion.sources import Source, noted, raising, write_batches
from avrojet.errors import CodecError
from avrojet.plan.arrow.options import ArrowTypes, ExtraColumns
from avrojet.plan.project import project
from avrojet.schema.model import Schema

# Rows, and bytes in memory, of a row group of Parquet, a stripe of ORC, or a batch of Arrow. The first is
# small, and each has twice the rows of the one before: writing begins soon, and goes on while more is read.
GROUP_ROWS: Final = 1 << 17
GROUP_BYTES: Final = 64 << 20
_FIRST_ROWS: Final = 1 << 14

# Rows that are read at a time.
_BATCH_ROWS: Final = 1 << 14

# Rows that are sampled to count distinct values, and the largest share of distinct values that still makes a
# dictionary worthwhile.
_SAMPLE_ROWS: Final = 1 << 14
_FEW: Final = 0.2

# Below this many rows there are no dictionaries: sampling would cost more than they save.
_FEW_ROWS: Final = 256


class GroupWriter:
    """Collects batches, and writes them in groups.

    :ivar types: the types that pyarrow or the format cannot store otherwise.
    """

    types = ArrowTypes()
    module = "pyarrow"
    title = ""

    def __init__(self, file: Any, columns: Columns, codec: str | None, level: int | None) -> None:
        self._arrow = library("pyarrow", self.title)
        self._library = library(self.module, self.title)
        self._file = Calm(file)
        self._codec = codec
        self._level = level
        with told_by("pyarrow", "write"):
            self._schema = self._arrow.schema(columns.schema)
        self._writer: Any = None

    def taken(self, batch: Any) -> Any:
        """Return a batch of any library as one of pyarrow's."""
        with told_by("pyarrow", "take"):
            return self._arrow.record_batch(batch)

    def groups(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Yield tables of several batches, each to be written as one group."""
        group: list[Any] = []
        rows = size = 0
        most = _FIRST_ROWS
        for batch in batches:
            group.append(batch)
            rows += batch.num_rows
            size += batch.nbytes
            if rows >= most or size >= GROUP_BYTES:
                yield self._table(group)
                group, rows, size = [], 0, 0
                most = min(2 * most, GROUP_ROWS)
        if group:
            yield self._table(group)

    def write(self, table: Any) -> None:
        """Write a group."""
        with told_by("pyarrow", "write"):
            if self._writer is None:
                self._writer = self._opened(table)
            self._put(table)
        self._file.check()

    def close(self) -> None:
        """Write the end of the file."""
        if self._writer is None:
            self.write(self._table([]))
        with told_by("pyarrow", "write"):
            self._writer.close()
        self._file.check()

    def abandon(self) -> None:
        """Close the file, which is incomplete."""
        self._file.give_up()
        if self._writer is not None:
            self._writer.close()

    def _table(self, group: list[Any]) -> Any:
        with told_by("pyarrow", "write"):
            return self._arrow.Table.from_batches(group, self._schema)

    def _opened(self, first: Any) -> Any:
        raise NotImplementedError

    def _put(self, table: Any) -> None:
        self._writer.write_table(table)


class ParquetWriter(GroupWriter):
    """Writes Parquet; columns whose values repeat have dictionaries."""

    module = "pyarrow.parquet"
    title = "Parquet"

    def _opened(self, first: Any) -> Any:
        return self._library.ParquetWriter(
            self._file,
            self._schema,
            compression=self._codec or "snappy",
            compression_level=self._level,
            use_dictionary=repeating_columns(self._arrow, first),
        )

    def _put(self, table: Any) -> None:
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))


class OrcWriter(GroupWriter):
    """Writes ORC. Values for which ORC has no type are written in the plain encoding, or as text."""

    types = ArrowTypes(decimals="text")
    module = "pyarrow.orc"
    title = "ORC"

    def _opened(self, first: Any) -> Any:
        if self._level is not None:
            raise CodecError("pyarrow's ORC has no levels of compression: leave the level out")
        self._plain = self._arrow.schema(
            [field.with_type(_orc_type(self._arrow, field.type)) for field in self._schema],
            metadata=self._schema.metadata,
        )
        codec = {None: "snappy", "none": "uncompressed"}.get(self._codec, self._codec)
        return self._library.ORCWriter(self._file, compression=codec)

    def _put(self, table: Any) -> None:
        self._writer.write(_cast(self._arrow, table, self._plain))


class ArrowWriter(GroupWriter):
    """Writes an Arrow IPC file."""

    title = "Arrow"

    def _opened(self, first: Any) -> Any:
        codec = None if self._codec in (None, "none") else self._codec
        if codec is not None and self._level is not None:
            codec = self._arrow.Codec(codec, self._level)
        options = self._arrow.ipc.IpcWriteOptions(compression=codec)
        return self._arrow.ipc.new_file(self._file, self._schema, options=options)


WRITERS: Final = {"parquet": ParquetWriter, "orc": OrcWriter, "arrow": ArrowWriter}


def repeating_columns(arrow: Any, table: Any) -> list[str]:
    """Return the paths, as Parquet writes them, of the columns of text and bytes whose values repeat in a
    sample.
    """
    import pyarrow.compute as compute

    if table.num_rows < _FEW_ROWS:
        return []
    sample = table.slice(0, _SAMPLE_ROWS).combine_chunks()
    found = []
    for field, column in zip(sample.schema, sample.columns, strict=True):
        chunks = column.chunks if hasattr(column, "chunks") else [column]
        for chunk in chunks[:1]:
            for path, leaf in _leaves(arrow, field.name, chunk):
                if arrow.types.is_dictionary(leaf.type) or _repeats(arrow, compute, leaf):
                    found.append(path)
    return found


def _repeats(arrow: Any, compute: Any, leaf: Any) -> bool:
    types = arrow.types
    if not (
        types.is_string(leaf.type) or types.is_binary(leaf.type) or types.is_fixed_size_binary(leaf.type)
    ):
        return False
    values = leaf[:_SAMPLE_ROWS]
    return bool(len(values)) and compute.count_distinct(values).as_py() <= _FEW * len(values)


def _leaves(arrow: Any, path: str, array: Any) -> Iterator[tuple[str, Any]]:
    """The columns that Parquet stores, with their paths."""
    types = arrow.types
    if isinstance(array, arrow.ExtensionArray):
        array = array.storage
    if types.is_struct(array.type):
        for number, field in enumerate(array.type):
            yield from _leaves(arrow, f"{path}.{field.name}", array.field(number))
    elif types.is_map(array.type):
        yield from _leaves(arrow, f"{path}.key_value.key", array.keys)
        yield from _leaves(arrow, f"{path}.key_value.value", array.items)
    elif types.is_list(array.type):
        yield from _leaves(arrow, f"{path}.list.element", array.values)
    else:
        yield path, array


def _orc_type(arrow: Any, type: Any) -> Any:
    """Return the type that ORC has for the values of the given type."""
    types = arrow.types
    if isinstance(type, arrow.BaseExtensionType):
        return _orc_type(arrow, type.storage_type)
    if types.is_dictionary(type):
        return arrow.string()
    if types.is_time32(type):
        return arrow.int32()
    if types.is_time64(type):
        return arrow.int64()
    if types.is_fixed_size_binary(type):
        return arrow.binary()
    if types.is_null(type):
        return arrow.bool_()
    if types.is_struct(type):
        return arrow.struct([field.with_type(_orc_type(arrow, field.type)) for field in type])
    if types.is_map(type):
        return arrow.map_(_orc_type(arrow, type.key_type), _orc_type(arrow, type.item_type))
    if types.is_list(type):
        return arrow.list_(type.value_field.with_type(_orc_type(arrow, type.value_type)))
    return type


def _cast(arrow: Any, table: Any, schema: Any) -> Any:
    """The columns with the types of a schema that holds the same values."""
    columns = [
        column
        if column.type == field.type
        else arrow.chunked_array(
            [_cast_array(arrow, chunk, field.type) for chunk in column.chunks], field.type
        )
        for column, field in zip(table.columns, schema, strict=True)
    ]
    return arrow.Table.from_arrays(columns, schema=schema)


def _cast_array(arrow: Any, array: Any, type: Any) -> Any:
    if array.type == type:
        return array
    if isinstance(array, arrow.ExtensionArray):
        return _cast_array(arrow, array.storage, type)
    types = arrow.types
    mask = array.is_null() if array.null_count else None
    if types.is_struct(type):
        children = [_cast_array(arrow, array.field(number), field.type) for number, field in enumerate(type)]
        return arrow.StructArray.from_arrays(children, fields=list(type), mask=mask)
    if types.is_map(type):
        keys = _cast_array(arrow, array.keys, type.key_type)
        items = _cast_array(arrow, array.items, type.item_type)
        return arrow.MapArray.from_arrays(array.offsets, keys, items, type, mask=mask)
    if types.is_list(type):
        values = _cast_array(arrow, array.values, type.value_type)
        return arrow.ListArray.from_arrays(array.offsets, values, type, mask=mask)
    return array.cast(type)


class ArrowSource(Source):
    """Parquet, ORC or Arrow IPC.

    :param kind: the name of the format.
    """

    def __init__(
        self, opened: OpenSource, options: Options, asides: Asides, kind: str, wanted: Schema | None = None
    ) -> None:
        super().__init__(opened, options, asides)
        self._arrow = library("pyarrow", kind)
        file = opened.seekable()
        self._noting = None if is_plain(file) else Noting(file)
        with self._reading():
            self._schema, self._read = _READERS[kind](self._arrow, self._noting or file)
        given = options.schema or wanted
        if given is None:
            # An empty table: pyarrow cannot make one of some nested types.
            no_rows = self._arrow.RecordBatchReader.from_batches(self._schema, [])
            source = ColumnSource(no_rows, options.limits)
            given = source.schema(options.names)
            self.metadata = source.file_metadata
        self.schema = given if options.columns is None else project(given, options.columns)
        self._is_own = options.schema is None and wanted is None and options.columns is None

    def steps(self, writer: DataFileWriter) -> Iterator[int]:
        with closing(self._batches()) as batches:  # an error's traceback may refer to it
            if self.options.on_error == "skip":
                yield from write_batches(self, writer, batches)
            else:
                yield from self._stream_steps(writer, batches)

    def _stream_steps(self, writer: DataFileWriter, batches: Iterator[Any]) -> Iterator[int]:
        """Write one stream, so that columns are matched with fields once."""
        failures: list[BaseException] = []
        stream = self._arrow.RecordBatchReader.from_batches(self._schema, noted(batches, failures))
        extra: ExtraColumns = "error" if self.options.columns is None else "ignore"
        with raising(failures):
            yield from writer._arrow_steps(stream, extra, self.options.names)

    def columns(self, types: ArrowTypes) -> Columns:
        """Return the columns unchanged, unless a schema or a choice of columns is given."""
        if not self._is_own:
            return super().columns(types)
        return Columns(self._schema, map(_checked, self._batches()))

    def _batches(self) -> Generator[Any, None, None]:
        left = self.options.head
        batches = self._told()
        for batch in batches if left is not None else ahead(batches):
            if left is not None:
                batch = batch.slice(0, left)
                left -= batch.num_rows
            yield batch
            if left == 0:
                return

    def _told(self) -> Iterator[Any]:
        with self._reading():
            for batch in self._read():
                batch.validate()  # the last offsets, which nobody who takes the batch could check
                yield batch

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Raise the file's errors as they are, and pyarrow's as errors of a file."""
        try:
            with told_by("pyarrow", "read"):
                yield
        except Exception:
            failure = None if self._noting is None else self._noting.taken()
            try:
                if failure is not None:
                    raise failure from failure.__cause__
            finally:
                del failure  # its traceback refers to this frame
            raise


def _checked(batch: Any) -> Any:
    """Return the batch. Other libraries trust that its offsets ascend and its text is UTF-8, and may read any
    memory; avrojet's writer has a look itself.
    """
    with told_by("pyarrow", "read"):
        batch.validate(full=True)
    return batch


def _parquet(arrow: Any, file: Any) -> tuple[Any, Callable[[], Iterator[Any]]]:
    import pyarrow.parquet as parquet

    read = parquet.ParquetFile(file, pre_buffer=False)
    return read.schema_arrow, lambda: read.iter_batches(_BATCH_ROWS)


def _orc(arrow: Any, file: Any) -> tuple[Any, Callable[[], Iterator[Any]]]:
    import pyarrow.orc as orc

    read = orc.ORCFile(file)
    return read.schema, lambda: map(read.read_stripe, range(read.nstripes))


def _ipc(arrow: Any, file: Any) -> tuple[Any, Callable[[], Iterator[Any]]]:
    start = file.tell()
    is_file = file.read(6) == b"ARROW1"
    file.seek(start)
    if not is_file:
        stream = arrow.ipc.open_stream(file)
        return stream.schema, lambda: iter(stream)
    reader = arrow.ipc.open_file(file)
    return reader.schema, lambda: map(reader.get_batch, range(reader.num_record_batches))


_READERS: Final = {"parquet": _parquet, "orc": _orc, "arrow": _ipc}
