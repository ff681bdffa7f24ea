"""Avro files and messages in Spark, without a package of the JVM.

>>> import avrojet.spark
>>> avrojet.spark.register(spark)
>>> orders = spark.read.format("avrojet").load("orders/")
>>> orders.write.format("avrojet").option("compression", "zstandard").mode("append").save("copy/")
"""

from __future__ import annotations

import fnmatch
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from avrojet.columns.source import ColumnSource
from avrojet.integrations.spark_types import TYPES, arrow_schema, struct_type
from avrojet.integrations.staging import Staging, staged
from avrojet.scanning.listing import listed
from avrojet.scanning.scan import SPLIT_BYTES, Scan, scan
from avrojet.schema.parse import parse_schema

# What is above says so where Spark is not installed.
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

from avrojet.integrations.batches import arrow_batches
from avrojet.integrations.spark_columns import from_avro, to_avro
from avrojet.integrations.types import converted

__all__ = ["from_avro", "register", "to_avro"]

_READING: Final = (
    "avroSchema", "merge", "onError", "path", "pathGlobFilter", "recursiveFieldMaxDepth",
    "recursiveFileLookup", "splitBytes",
)  # fmt: skip
_WRITING: Final = ("avroSchema", "compression", "path", "recordName", "recordNamespace")


def register(spark: Any) -> None:
    """Make the format ``"avrojet"`` known to a session, for reading and writing.

    Options are those of spark-avro and some of :func:`avrojet.scan`; docs/howto/engines.md has them. Others
    are errors.

    :param spark: a ``SparkSession``, of Spark Connect too, whose workers have avrojet.
    """
    spark.dataSource.register(AvroSource)


class AvroSource(DataSource):  # type: ignore[misc]
    """What Spark asks for schemas, readers and writers."""

    @classmethod
    def name(cls) -> str:
        """How the format is called."""
        return "avrojet"

    def schema(self) -> Any:
        """The columns of the files, where the program does not say which it wants."""
        return struct_type(pa.schema(_scan(self.options).schema))

    def reader(self, schema: Any) -> Any:
        """What plans and reads, on the driver and in tasks."""
        return _Reader(_scan(self.options), schema, int(self.options.get("splitBytes", SPLIT_BYTES)))

    def writer(self, schema: Any, overwrite: bool) -> Any:  # noqa: FBT001 (as Spark calls it)
        """What writes, in tasks, and commits, on the driver."""
        options = _known(self.options, _WRITING)
        job = staged(options["path"], "overwrite" if overwrite else "append")
        codec = options.get("compression", "snappy").lower()
        chosen = {"schema": _written(schema, options), "codec": "null" if codec == "uncompressed" else codec}
        return _Writer(job, schema, chosen)


def _known(options: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The options by the names that we have for them: Spark does not mind capitals."""
    known = {name.lower(): name for name in names}
    unknown = [name for name in options if name.lower() not in known]
    if unknown:
        raise ValueError(f"no option {unknown[0]!r}: there are {', '.join(names)}")
    if "path" not in options:
        raise ValueError("no path: load and save take it")
    return {known[name.lower()]: value for name, value in options.items()}


def _scan(given: Mapping[str, str]) -> Scan:
    options = _known(given, _READING)
    source: Any = options["path"]
    more: dict[str, Any] = {}
    if "pathGlobFilter" in options:
        pattern = options["pathGlobFilter"]
        paths = [file.path or "" for file in listed(source)]
        source = [path for path in paths if fnmatch.fnmatch(os.path.basename(path), pattern)]  # noqa: PTH119 (or a URL)
        if not source:
            raise FileNotFoundError(
                f"no file in {options['path']!r} is called as pathGlobFilter says: {pattern!r}"
            )
    if options.get("recursiveFileLookup", "false").lower() == "true":
        more["hive_partitioning"] = False
    depth = int(options.get("recursiveFieldMaxDepth", "-1"))
    if depth > 0:
        more["recursion"] = depth - 1  # Spark counts the record itself
    if "avroSchema" in options:
        more["reader_schema"] = options["avroSchema"]
    return scan(
        source,
        merge=options.get("merge", "first"),  # type: ignore[arg-type] # which checks it
        on_error=options.get("onError", "raise"),  # type: ignore[arg-type]
        types=TYPES,
        threads=1,  # Spark has a task for each processor
        **more,
    )


class _Reader(DataSourceReader):  # type: ignore[misc]
    def __init__(self, whole: Scan, schema: Any, size: int) -> None:
        self._scan = whole
        self._schema = schema
        self._size = size

    def partitions(self) -> list[InputPartition]:
        return [InputPartition(part) for part in self._scan.splits(self._size)]

    def read(self, partition: InputPartition) -> Iterator[Any]:
        shown = arrow_schema(self._schema)
        for batch in arrow_batches(partition.value.only(shown.names)):
            yield converted(batch.select(shown.names), shown)


def _written(schema: Any, options: Mapping[str, str]) -> str:
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
        rows = pa.RecordBatchReader.from_batches(arrow_schema(self._schema), iterator)
        number = TaskContext.get().partitionId()
        return _Written(self._job.write(number, rows, {**self._options, "threads": 0}))

    def commit(self, messages: list[Any]) -> None:
        self._job.commit([message.name for message in messages if message is not None])

    def abort(self, messages: list[Any]) -> None:
        self._job.abort()
