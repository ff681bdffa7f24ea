"""Files that the tasks of a job write into one folder: they appear together, once all are complete."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from avrojet.columns.source import ColumnSource
from avrojet.container.codecs import codec_of
from avrojet.container.files import WRITERS, write_arrow
from avrojet.container.source import is_url
from avrojet.keywords import ensure_known
from avrojet.scanning.listing import listed
from avrojet.schema.parse import parse_schema

SaveMode: TypeAlias = Literal["error", "append", "overwrite"]
SAVE_MODES: Final = ("error", "append", "overwrite")


@dataclass(frozen=True, slots=True)
class Staging:
    """The folder of a job, and a hidden one in it, where its files are until the job is done.

    It can be pickled. A task that runs twice writes two files, and the job keeps the one that is reported to
    it; files that a killed task left are removed with the hidden folder.

    :ivar mode: what to do with Avro files that the folder has: ``"error"`` refuses them, ``"append"`` keeps
        them, ``"overwrite"`` removes them when the new ones are there.
    """

    folder: str
    mode: SaveMode
    job: str

    @property
    def hidden(self) -> Path:
        """Where the files are at first; readers of folders skip names that begin with a full stop."""
        return Path(self.folder, f".{self.job}.parts")

    def begin(self) -> Staging:
        """Make the hidden folder. Tasks do not: one that still runs after :meth:`abort` would leave it."""
        self.hidden.mkdir(parents=True, exist_ok=True)
        return self

    def write(self, number: int, data: Any, options: dict[str, Any]) -> str:
        """Write a file in a task.

        :param number: the task's number, by which the files are sorted.
        :param options: those of :func:`avrojet.write_arrow`.
        :returns: its name, for :meth:`commit`.
        """
        name = f"part-{number:05}-{self.job}-{uuid.uuid4().hex[:8]}.avro"
        write_arrow(self.hidden / name, data, **options)
        return name

    def commit(self, names: Iterable[str]) -> list[str]:
        """Make the files visible.

        :returns: their paths.
        """
        before = _avro_files(self.folder) if self.mode == "overwrite" else []
        paths = [Path(self.folder, name) for name in names]
        for path in paths:
            (self.hidden / path.name).rename(path)
        for old in before:
            Path(old).unlink(missing_ok=True)
        self.abort()
        return [str(path) for path in paths]

    def abort(self) -> None:
        """Remove the files that are not committed. Tasks that still run find no folder for theirs."""
        ended = self.hidden.with_suffix(".ended")
        with suppress(OSError):  # not where files in it are open, on Windows
            self.hidden.rename(ended)
        for folder in (ended, self.hidden):
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def whole_or_nothing(self) -> Iterator[None]:
        """Begin, and abort if what is done within fails."""
        self.begin()
        try:
            yield
        except BaseException:
            self.abort()
            raise


def staged(folder: str | os.PathLike[str], mode: str) -> Staging:
    """Start a job that writes into a folder, which is created if it does not exist.

    :raises ValueError: if there is no such mode, or the folder is a URL, where files cannot be renamed
        atomically.
    :raises FileExistsError: if the folder has Avro files and the mode is ``"error"``.
    """
    path = os.fspath(folder)
    if mode not in SAVE_MODES:
        raise ValueError(f"mode must be one of {', '.join(map(repr, SAVE_MODES))}, not {mode!r}")
    if is_url(path):
        raise ValueError(
            f"{path}: files of several tasks are written to a local or mounted folder, not to URLs"
        )
    Path(path).mkdir(parents=True, exist_ok=True)
    if mode == "error" and _avro_files(path):
        raise FileExistsError(
            f"the folder {path!r} has Avro files already: choose the mode append or overwrite"
        )
    return Staging(str(Path(path).resolve()), mode, uuid.uuid4().hex)  # type: ignore[arg-type]


def ensure_writable(caller: str, codec: str, options: Iterable[str]) -> None:
    """Refuse options that no task of a job would understand, before the job starts.

    :param caller: the function that was called with them.
    :param options: the names of those that are passed on to :func:`avrojet.write_arrow`.
    """
    ensure_known(caller, options, write_arrow, *WRITERS)
    codec_of(codec)


def task_options(schema: Any, example: Any, codec: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options with which the tasks of a job write, which can be pickled.

    :param schema: what to write; None: what the columns of the example are.
    """
    parsed = ColumnSource(example).schema() if schema is None else parse_schema(schema)
    return {"schema": parsed.json, "codec": codec, "threads": 0, **options}


def _avro_files(folder: str) -> list[str]:
    try:
        return [file.path for file in listed(folder) if file.path is not None]
    except FileNotFoundError:
        return []
