"""Streams of Spark: the new files of a folder, and files that each batch adds to one.

Spark keeps the offsets of a query in its checkpoint. Those of a folder say which files have been read, by
digests of their names, so that files may come in any order and with any time of modification.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from avrojet.integrations.spark_types import TYPES  # noqa: F401 (raises the error if Spark is not installed)
from avrojet.integrations.staging import Staging
from avrojet.scanning.listing import ScanFile
from avrojet.scanning.scan import Scan

# isort: split
import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql.datasource import (
    DataSourceReader,
    DataSourceStreamArrowWriter,
    DataSourceStreamReader,
    InputPartition,
    WriterCommitMessage,
)

try:
    from pyspark.sql.streaming.datasource import ReadAllAvailable, ReadMaxFiles, SupportsTriggerAvailableNow
except ImportError as error:
    raise ImportError(
        "streams of avrojet.spark need pyspark 4.2 or newer, which says where to continue"
    ) from error

from avrojet.integrations.batches import named_as

_DIGEST_BYTES: Final = 8


class FolderStream(DataSourceStreamReader, SupportsTriggerAvailableNow):  # type: ignore[misc]
    """Reads each file of a folder once.

    An offset has the digests of all files up to it, and the names of those that were new in it.

    :param path: the folder or wildcard.
    :param listing: the files that are there.
    :param planned: the scan of some of these, by their paths; None if all of them are skipped.
    :param reader: reads the parts of the scan.
    :param most_files: the most files in one batch; None: all new files.
    """

    def __init__(
        self,
        path: str,
        listing: Callable[[], list[ScanFile]],
        planned: Callable[[list[str]], Scan | None],
        reader: Callable[[Scan], DataSourceReader],
        most_files: int | None,
    ) -> None:
        self._path = path
        self._listing = listing
        self._planned = planned
        self._reader = reader
        self._most_files = most_files
        self._last: set[bytes] | None = None  # the files at the time of an AvailableNow trigger

    def initialOffset(self) -> dict[str, Any]:  # noqa: N802 (as Spark calls it)
        return _offset(set(), [])

    def getDefaultReadLimit(self) -> Any:  # noqa: N802
        return ReadAllAvailable() if self._most_files is None else ReadMaxFiles(self._most_files)

    def prepareForTriggerAvailableNow(self) -> None:  # noqa: N802
        self._last = {_digest(path) for path in self._paths()}

    def latestOffset(self, start: dict[str, Any], limit: Any) -> dict[str, Any]:  # noqa: N802
        seen = _digests(start)
        new = [path for path in self._paths() if _digest(path) not in seen]
        if self._last is not None:
            new = [path for path in new if _digest(path) in self._last]
        if isinstance(limit, ReadMaxFiles):
            new = new[: limit.max_files]
        return _offset(seen.union(map(_digest, new)), new) if new else start

    def partitions(self, start: dict[str, Any], end: dict[str, Any]) -> list[InputPartition]:
        """Return the parts of the files between two offsets; after a restart, these may be other files than
        the new ones of the last offset.
        """
        wanted = _digests(end) - _digests(start)
        paths = list(end["new"])
        if wanted != set(map(_digest, paths)):
            paths = [path for path in self._paths() if _digest(path) in wanted]
            if len(paths) < len(wanted):
                raise FileNotFoundError(
                    f"{self._path}: {len(wanted) - len(paths)} files that were planned to be read are gone"
                )
        scan = self._planned(paths) if paths else None
        return [] if scan is None else list(self._reader(scan).partitions())

    def read(self, partition: InputPartition) -> Iterator[Any]:
        yield from self._reader(partition.value).read(partition)

    def _paths(self) -> list[str]:
        try:
            return [file.path for file in self._listing() if file.path is not None]
        except FileNotFoundError:
            return []  # no file yet


def _digest(path: str) -> bytes:
    return hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=_DIGEST_BYTES).digest()


def _offset(seen: set[bytes], new: list[str]) -> dict[str, Any]:
    return {"seen": base64.b64encode(b"".join(sorted(seen))).decode(), "new": new}


def _digests(offset: dict[str, Any]) -> set[bytes]:
    data = base64.b64decode(offset["seen"])
    return {data[at : at + _DIGEST_BYTES] for at in range(0, len(data), _DIGEST_BYTES)}


@dataclass
class _Written(WriterCommitMessage):  # type: ignore[misc]
    query: str
    name: str | None


class StreamWriter(DataSourceStreamArrowWriter):  # type: ignore[misc]
    """Adds the files of each batch to a folder, once.

    If Spark is stopped before it has recorded that the last batch is done, it runs that batch again. So a
    note for the query, in its own hidden folder, lists the files of its last batch. A batch that is already
    in the note is completed with the files listed there, and the files written again are removed.
    """

    def __init__(self, folder: str, schema: Any, options: dict[str, Any]) -> None:
        self._folder = folder
        self._schema = schema
        self._options = options

    def write(self, iterator: Iterator[Any]) -> _Written:
        context = TaskContext.get()
        query = context.getLocalProperty("sql.streaming.queryId") or "stream"
        batches = [batch for batch in iterator if batch.num_rows]
        if not batches:
            return _Written(query, None)
        rows = pa.RecordBatchReader.from_batches(self._schema, named_as(batches, self._schema))
        staging = self._staging(query).begin()  # kept by all batches of the query
        return _Written(query, staging.write(context.partitionId(), rows, self._options))

    def commit(self, messages: list[Any], batchId: int) -> None:  # noqa: N803 (as Spark calls it)
        for query in {message.query for message in messages if message is not None}:
            names = [each.name for each in messages if each is not None and each.query == query]
            self._show(self._staging(query), [name for name in names if name is not None], batchId)

    def abort(self, messages: list[Any], batchId: int) -> None:  # noqa: N803
        for message in messages:
            if message is not None and message.name is not None:
                (self._staging(message.query).hidden / message.name).unlink(missing_ok=True)

    def _staging(self, query: str) -> Staging:
        return Staging(self._folder, "append", query)

    def _show(self, staging: Staging, names: list[str], batch: int) -> None:
        note = staging.hidden / "batch.json"
        noted = _read_note(note)
        if noted is not None and noted["batch"] == batch:
            names = noted["names"]
        else:
            staging.hidden.mkdir(parents=True, exist_ok=True)
            written = note.with_suffix(".new")
            written.write_text(json.dumps({"batch": batch, "names": names}), encoding="utf-8")
            written.replace(note)
        for name in names:
            if (staging.hidden / name).exists():  # else it was shown before
                (staging.hidden / name).rename(Path(self._folder, name))
        _remove(path for path in staging.hidden.iterdir() if path != note)


def _read_note(note: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def _remove(paths: Iterable[Path]) -> None:
    """Remove the files of tasks whose result was ignored, and of drivers that were killed."""
    for path in paths:
        if path.is_file() or path.is_symlink():
            path.unlink(missing_ok=True)
        elif os.path.isdir(path):  # noqa: PTH112 (it may go away meanwhile)
            for inner in path.iterdir():
                inner.unlink(missing_ok=True)
            path.rmdir()
