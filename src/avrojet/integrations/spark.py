"""Avro files and messages in Spark, without a package of the JVM.

>>> import avrojet.spark
>>> avrojet.spark.register(spark)
>>> orders = spark.read.format("avrojet").load("orders/")
>>> orders.write.format("avrojet").option("compression", "zstandard").mode("append").save("copy/")
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from avrojet.columns.source import ColumnSource
from avrojet.container.codecs import codec_of
from avrojet.errors import SchemaError
from avrojet.integrations.spark_options import (
    READING,
    WRITING,
    files_of,
    has_container_file,
    is_set,
    known,
    number,
    on_error,
    scan_of,
    split_bytes,
)
from avrojet.integrations.spark_types import arrow_schema, shown_schema, struct_type
from avrojet.integrations.staging import Staging, staged
from avrojet.scanning.scan import Scan
from avrojet.schema.model import RecordSchema
from avrojet.schema.parse import parse_schema

# The import above raises the error if Spark is not installed.
# isort: split
import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql.datasource import (
    DataSource,
    DataSourceArrowWriter,
    DataSourceReader,
    InputPartition,
    WriterCommitMessage,
)

from avrojet.integrations.batches import arrow_batches, named_as
from avrojet.integrations.spark_columns import from_avro, to_avro
from avrojet.integrations.types import as_type, converted

__all__ = ["from_avro", "register", "to_avro"]


def register(spark: Any) -> None:
    """Make the format ``"avrojet"`` known to a session, for reading and writing.

    Options are those of spark-avro and some of :func:`avrojet.scan`; docs/howto/engines.md has them. Others
    are errors.

    :param spark: a ``SparkSession``, of Spark Connect too, whose workers have avrojet.
    """
    spark.dataSource.register(AvroSource)


class AvroSource(DataSource):  # type: ignore[misc]
    """The object that Spark asks for schemas, readers and writers."""

    @classmethod
    def name(cls) -> str:
        """The name of the format."""
        return "avrojet"

    def schema(self) -> Any:
        """The columns of the files, where the program does not say which it wants."""
        options = known(self.options, READING)
        whole = scan_of(options)
        stream = whole.to_arrow()
        shown = pa.schema(stream)
        if is_set(options, "enableStableIdentifiersForUnionType"):
            prefix = options.get("stableIdentifierPrefixForUnionType", "member_")
            shown = shown_schema(shown, stream.layout, prefix)
        # A stream may find new folders, of which one is that of null.
        partitions = whole.files[0].partitions
        return struct_type(
            pa.schema([field.with_nullable(field.nullable or field.name in partitions) for field in shown])
        )

    def reader(self, schema: Any) -> Any:
        """The reader, which plans on the driver and reads in tasks."""
        options = known(self.options, READING)
        return _reader(scan_of(options), schema, options)

    def streamReader(self, schema: Any) -> Any:  # noqa: N802 (as Spark calls it)
        """The reader of the new files of a folder, batch by batch."""
        from avrojet.integrations.spark_stream import FolderStream

        options = known(self.options, READING)
        most = number(options, "maxFilesPerTrigger", 1, 1) if "maxFilesPerTrigger" in options else None

        def planned(paths: list[str]) -> Scan | None:
            wanted = set(paths)
            listing = [file for file in files_of(options) if file.path in wanted]
            gone = wanted.difference([file.path for file in listing])
            if gone:
                raise FileNotFoundError(f"{min(gone)} was to be read, and is gone")
            scan = scan_of(options, listing)
            return scan if on_error(options) == "raise" or has_container_file(scan) else None

        return FolderStream(
            options.get("path", ""),
            lambda: files_of(options),
            planned,
            lambda scan: _reader(scan, schema, options),
            most,
        )

    def writer(self, schema: Any, overwrite: bool) -> Any:  # noqa: FBT001 (as Spark calls it)
        """The writer, which writes in tasks and commits on the driver."""
        options = known(self.options, WRITING)
        columns, chosen = _written_schema(schema, options), _written_options(schema, options)
        job = staged(options["path"], "overwrite" if overwrite else "append")
        return _Writer(job.begin(), columns, chosen)

    def streamWriter(self, schema: Any, overwrite: bool) -> Any:  # noqa: FBT001, N802
        """The writer that adds the rows of each batch to a folder."""
        from avrojet.integrations.spark_stream import StreamWriter

        if overwrite:
            raise ValueError("a stream adds files to a folder: its output mode is append")
        options = known(self.options, WRITING)
        folder = staged(options["path"], "append").folder
        return StreamWriter(folder, _written_schema(schema, options), _written_options(schema, options))


def _reader(whole: Scan, schema: Any, options: Mapping[str, str]) -> _Reader:
    shown = arrow_schema(schema)
    names, by_position = shown.names, is_set(options, "positionalFieldMatching")
    if by_position:
        known = pa.schema(whole.schema).names
        if len(known) < len(names):
            raise ValueError(f"the files have {len(known)} columns, of which {len(names)} are asked for")
        names = known[: len(names)]
    # Raises here, before a job starts, if there is no such column, or its type is another.
    there = pa.schema(whole.only(names).schema)
    for name, field in zip(names, shown, strict=True):
        as_type(pa.nulls(0, there.field(name).type), field.type, by_position=by_position)
    return _Reader(whole, names, schema, split_bytes(options, whole.files), by_position=by_position)


class _Reader(DataSourceReader):  # type: ignore[misc]
    """:ivar names: the names in the files of the schema's columns."""

    def __init__(self, whole: Scan, names: list[str], schema: Any, size: int, *, by_position: bool) -> None:
        self._by_position = by_position
        self._scan = whole
        self._names = names
        self._schema = schema
        self._size = size

    def partitions(self) -> list[InputPartition]:
        # Spark has a task for each processor already.
        return [InputPartition(part.with_threads(1)) for part in self._scan.splits(self._size)]

    def read(self, partition: InputPartition) -> Iterator[Any]:
        shown = arrow_schema(self._schema)
        for batch in arrow_batches(partition.value.only(self._names)):
            chosen = batch.select(self._names)
            _ensure_nulls_are_allowed(chosen, shown, partition.value)
            yield converted(chosen, shown, by_position=self._by_position)


def _ensure_nulls_are_allowed(batch: Any, schema: Any, part: Scan) -> None:
    """Refuse nulls where the schema has none: Spark would take them for zeros."""
    for column, field in zip(batch.columns, schema, strict=True):
        if not field.nullable and column.null_count:
            raise SchemaError(
                f"{part!r}: the column {field.name} has nulls, and the schema that it is read as allows none"
            )


def _written_options(schema: Any, options: Mapping[str, str]) -> dict[str, Any]:
    """How :func:`avrojet.write_arrow` is to write the files."""
    codec = options.get("compression", "snappy").lower()
    codec = "null" if codec == "uncompressed" else codec
    codec_of(codec)
    written = _avro_schema(schema, options)
    # Raises here, before a job starts, if the columns do not fit the schema.
    ColumnSource(_written_schema(schema, options).empty_table()).encoder(parse_schema(written))
    return {"schema": written, "codec": codec, "threads": 0}


def _written_schema(schema: Any, options: Mapping[str, str]) -> Any:
    """Return the columns to write: if matched by position, they get the names of the schema's fields."""
    if not is_set(options, "positionalFieldMatching") or "avroSchema" not in options:
        return arrow_schema(schema)
    record = parse_schema(options["avroSchema"])
    columns = arrow_schema(schema)
    if not isinstance(record, RecordSchema) or len(record.fields) != len(columns):
        raise ValueError(f"avroSchema is not a record of {len(columns)} fields, to match them by position")
    return pa.schema(
        [column.with_name(field.name) for column, field in zip(columns, record.fields, strict=True)]
    )


def _avro_schema(schema: Any, options: Mapping[str, str]) -> str:
    """The schema of the files that are written, as JSON."""
    if "avroSchema" in options:
        return parse_schema(options["avroSchema"]).json
    made = json.loads(ColumnSource(arrow_schema(schema).empty_table()).schema().json)
    made["name"] = options.get("recordName", "topLevelRecord")
    if options.get("recordNamespace"):
        made["namespace"] = options["recordNamespace"]
    return parse_schema(made).json


@dataclass
class _Written(WriterCommitMessage):  # type: ignore[misc]
    name: str


class _Writer(DataSourceArrowWriter):  # type: ignore[misc]
    def __init__(self, job: Staging, schema: Any, options: dict[str, Any]) -> None:
        self._job = job
        self._schema = schema
        self._options = options

    def write(self, iterator: Iterator[Any]) -> _Written:
        rows = pa.RecordBatchReader.from_batches(self._schema, named_as(iterator, self._schema))
        return _Written(self._job.write(TaskContext.get().partitionId(), rows, self._options))

    def commit(self, messages: list[Any]) -> None:
        self._job.commit([message.name for message in messages if message is not None])

    def abort(self, messages: list[Any]) -> None:
        self._job.abort()
