"""Which files a source names: paths, wildcards, folders, URLs, and lists of them; each listed once."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from errno import ELOOP
from pathlib import Path
from typing import Any, Final, TypeAlias

from avrojet.container.source import Readable, is_url, name_of
from avrojet.container.split import Split, SplitSource, path_of, size_of
from avrojet.scanning.partitions import parts_of
from avrojet.scanning.urls import url_files

Source: TypeAlias = Readable | Split | Sequence[SplitSource | Split]

# Whether a file in a folder counts, by its name.
Counts: TypeAlias = Callable[[str], bool]

# What counts in a folder; a wildcard takes other names.
_SUFFIXES: Final = (".avro", ".avro.gz", ".avro.bz2", ".avro.xz")
# Names of files and folders that are not data: ``_SUCCESS``, ``.part.crc``, ``_delta_log``.
_HIDDEN: Final = ("_", ".")


@dataclass(frozen=True, slots=True)
class ScanFile:
    """A file of a scan.

    :ivar source: a path, something with ``open()``, the bytes of the file, or a :class:`avrojet.Split`.
    :ivar path: its path or URL; None if it has none.
    :ivar size: bytes; None if they are not known.
    :ivar partitions: the values in the names of the folders between the given folder and the file.
    :ivar below: its path below that folder, or below the last one of a pattern that has no wildcard; else its
        name.
    """

    source: Any
    path: str | None
    size: int | None
    partitions: Mapping[str, str] = field(default_factory=dict)
    below: str = ""


def is_avro_name(name: str) -> bool:
    """Whether a file in a folder is an Avro file, by its name."""
    return name.endswith(_SUFFIXES)


def listed(
    source: Any,
    storage_options: Mapping[str, Any] | None = None,
    *,
    counts: Counts = is_avro_name,
    kind: str = "Avro files: none that ends in .avro",
) -> list[ScanFile]:
    """The files of a source, in the order in which they are read: those of a folder or wildcard by name.

    In folders, at any depth, files count that end in ``.avro`` (or such a file compressed as a whole); names
    that begin with ``_`` or ``.`` do not. A path that exists is taken as it stands, whatever its name. In
    URLs only ``*`` is a wildcard: other characters have a meaning of their own there.

    A link that would count but leads nowhere is an error: its rows would be missing.

    :param storage_options: for the file systems of URLs, as fsspec's ``storage_options``.
    :param counts: which files of folders count, if not the Avro files, and
    :param kind: what to call these files in a message.
    :raises FileNotFoundError: if there are none, or a link leads nowhere.
    """
    sources = source if isinstance(source, list | tuple) else [source]
    listing = _Listing(storage_options or {}, counts, kind)
    found = [file for one in sources for file in listing.files_of(one)]
    if not found:
        raise ValueError("no files to read")
    return found


@dataclass(frozen=True, slots=True)
class _Listing:
    """Which files are looked for."""

    storage_options: Mapping[str, Any]
    counts: Counts
    kind: str

    def files_of(self, source: Any) -> Iterator[ScanFile]:
        """The files of one source."""
        if isinstance(source, ScanFile):  # listed before
            yield source
            return
        if not isinstance(source, str | os.PathLike):
            yield ScanFile(source, name_of(path_of(source)), size_of(source))
            return
        path = os.fspath(source)
        if is_url(path):
            yield from _some(self._at_url(path), self._lack(path))
        elif Path(path).is_dir():
            yield from _some(self._in_folder(path, len(path)), self._lack(path))
        elif not glob.has_magic(path) or Path(path).exists():
            yield ScanFile(path, path, os.stat(path).st_size, below=Path(path).name)  # noqa: PTH116 (or raises)
        else:
            yield from _some(self._matching(path), self._lack(path))

    def _lack(self, path: str) -> str:
        if "*" not in path and (is_url(path) or Path(path).is_dir()):
            return f"the folder {path!r} has no {self.kind}"
        return f"no file matches {path!r}"

    def _matching(self, pattern: str) -> Iterator[ScanFile]:
        """The files of a wildcard, and those in the folders that it matches."""
        fixed = _fixed_part(pattern)
        for path in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207 (Path.glob takes no absolute pattern)
            found = os.stat(path)  # noqa: PTH116 (asked for each of many files)
            if stat.S_ISDIR(found.st_mode):
                if "**" not in pattern:  # which has their files anyway
                    yield from self._in_folder(path, fixed)
            else:
                yield _file_below(path, fixed, found.st_size if stat.S_ISREG(found.st_mode) else None)

    def _in_folder(self, folder: str, fixed: int, above: tuple[str, ...] = ()) -> Iterator[ScanFile]:
        """The files of a folder.

        :param above: the real paths of the folders that it is in: a link back to one of them is not followed.
        """
        real = os.path.realpath(folder)
        if real in above:
            return
        with os.scandir(folder) as scanned:
            entries = sorted(scanned, key=lambda entry: entry.name)
        for entry in entries:
            if entry.name.startswith(_HIDDEN):
                continue
            if self._is_folder(entry):
                yield from self._in_folder(entry.path, fixed, (*above, real))
            elif self.counts(entry.name):
                found = entry.stat()
                if stat.S_ISREG(found.st_mode):
                    yield _file_below(entry.path, fixed, found.st_size)

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_dir()
        except OSError as error:
            if error.errno != ELOOP or self.counts(entry.name):
                raise
            return False  # a link to itself is neither

    def _at_url(self, url: str) -> Iterator[ScanFile]:
        fixed = _fixed_part(url) if "*" in url else len(url) if url.endswith("/") else url.rfind("/") + 1
        for file in url_files(url, self.storage_options):
            below = _below_url(file.url, url[:fixed])
            if not file.is_of_folder or (self.counts(below) and not _is_hidden(below)):
                yield ScanFile(file.source, file.url, file.size, _partitions(below), below)


def _some(files: Iterator[ScanFile], message: str) -> Iterator[ScanFile]:
    first = next(files, None)
    if first is None:
        raise FileNotFoundError(message)
    yield first
    yield from files


def _fixed_part(pattern: str) -> int:
    """The length of the folders in front of the first wildcard."""
    first = next(place for place, character in enumerate(pattern) if character in "*?[")
    return max(pattern.rfind("/", 0, first), pattern.rfind(os.sep, 0, first)) + 1


def _file_below(path: str, fixed: int, size: int | None) -> ScanFile:
    below = path[fixed:].lstrip("/" + os.sep)
    return ScanFile(path, path, size, _partitions(below), below)


def _below_url(url: str, folder: str) -> str:
    """The path of a file at a URL relative to a folder whose scheme and first slash may be written
    differently.
    """
    if not url.startswith(folder):
        url, folder = (each.partition("://")[2].lstrip("/") for each in (url, folder))
    below = url.removeprefix(folder) if url.startswith(folder) else url.rpartition("/")[2]
    return below.lstrip("/").partition("::")[0]


def _is_hidden(path: str) -> bool:
    """Whether a file, or a folder on the way to it, is not part of the data."""
    return any(part.startswith(_HIDDEN) for part in path.split("/"))


def _partitions(path: str) -> dict[str, str]:
    return parts_of(os.path.dirname(path))  # noqa: PTH120 (a hundred thousand paths)
