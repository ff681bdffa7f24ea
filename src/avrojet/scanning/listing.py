"""Which files a source names: paths, wildcards, folders, URLs, and lists of them; each listed once."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from avrojet.container.source import Readable, is_url, name_of
from avrojet.container.split import Split, SplitSource, path_of, size_of
from avrojet.scanning.partitions import parts_of
from avrojet.scanning.urls import url_files

Source: TypeAlias = Readable | Split | Sequence[SplitSource | Split]

# What counts in a folder; a wildcard takes other names.
_SUFFIXES: Final = (".avro", ".avro.gz", ".avro.bz2", ".avro.xz")
# Of files and folders that are none of the data: ``_SUCCESS``, ``.part.crc``, ``_delta_log``.
_HIDDEN: Final = ("_", ".")


@dataclass(frozen=True, slots=True)
class ScanFile:
    """A file of a scan.

    :ivar source: what is read: a path, what opens a file, its bytes, or a :class:`avrojet.Split`.
    :ivar path: its path or URL; None if it has none.
    :ivar size: bytes; None if they are not known.
    :ivar partitions: what the names of the folders between the folder that was asked for and the file say.
    """

    source: Any
    path: str | None
    size: int | None
    partitions: Mapping[str, str] = field(default_factory=dict)


def listed(source: Any, storage_options: Mapping[str, Any] | None = None) -> list[ScanFile]:
    """The files of a source, in the order in which they are read: those of a folder or wildcard by name.

    In folders, at any depth, files count that end in ``.avro`` (or such a file compressed as a whole); names
    that begin with ``_`` or ``.`` do not. A path that exists is taken as it stands, whatever its name. In
    URLs only ``*`` is a wildcard: other characters have a meaning of their own there.

    :param storage_options: for the file systems of URLs, as fsspec's ``storage_options``.
    :raises FileNotFoundError: if there are none.
    """
    sources = source if isinstance(source, list | tuple) else [source]
    found = [file for one in sources for file in _files_of(one, storage_options or {})]
    if not found:
        raise ValueError("no files to read")
    return found


def _files_of(source: Any, storage_options: Mapping[str, Any]) -> Iterator[ScanFile]:
    if isinstance(source, ScanFile):  # listed before
        yield source
        return
    if not isinstance(source, str | os.PathLike):
        yield ScanFile(source, name_of(path_of(source)), size_of(source))
        return
    path = os.fspath(source)
    if is_url(path):
        yield from _some(_at_url(path, storage_options), f"no file matches {path!r}")
    elif Path(path).is_dir():
        yield from _some(_in_folder(path), f"the folder {path!r} has no Avro files: none that ends in .avro")
    elif not glob.has_magic(path) or Path(path).exists():
        yield ScanFile(path, path, size_of(path))
    else:
        yield from _some(_matching(path), f"no file matches {path!r}")


def listed_in_folders(path: str) -> list[ScanFile]:
    """As :func:`listed`, where files of folders count whatever their names end in; hidden ones do not.

    :raises FileNotFoundError: if there are none.
    """
    if not (path.endswith("/") if is_url(path) else Path(path).is_dir()):
        return listed(path)
    folder = path.rstrip("/" if os.altsep is None else f"/{os.sep}")
    files = listed(f"{folder}/**")
    shown = [file for file in files if not _is_hidden((file.path or "")[len(folder) :])]
    if not shown:
        raise FileNotFoundError(f"the folder {path!r} has no files")
    return shown


def _is_hidden(path: str) -> bool:
    return any(part.startswith(_HIDDEN) for part in re.split(r"[/\\]", path))


def _some(files: Iterator[ScanFile], message: str) -> Iterator[ScanFile]:
    first = next(files, None)
    if first is None:
        raise FileNotFoundError(message)
    yield first
    yield from files


def _matching(pattern: str) -> Iterator[ScanFile]:
    """The files of a wildcard, and those in the folders that it matches."""
    fixed = _fixed_part(pattern)
    for path in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207 (Path.glob takes no absolute pattern)
        if Path(path).is_dir():
            if "**" not in pattern:  # which has their files anyway
                yield from _in_folder(path, fixed)
        else:
            yield ScanFile(path, path, size_of(path), _partitions(path, fixed))


def _fixed_part(pattern: str) -> int:
    """The length of the folders in front of the first wildcard."""
    first = next(place for place, character in enumerate(pattern) if character in "*?[")
    return max(pattern.rfind("/", 0, first), pattern.rfind(os.sep, 0, first)) + 1


def _in_folder(folder: str, fixed: int | None = None) -> Iterator[ScanFile]:
    fixed = len(folder) if fixed is None else fixed
    with os.scandir(folder) as scanned:
        entries = sorted(scanned, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.startswith(_HIDDEN):
            continue
        if entry.is_dir():
            yield from _in_folder(entry.path, fixed)
        elif entry.name.endswith(_SUFFIXES):
            yield ScanFile(entry.path, entry.path, entry.stat().st_size, _partitions(entry.path, fixed))


def _at_url(url: str, storage_options: Mapping[str, Any]) -> Iterator[ScanFile]:
    fixed = _fixed_part(url) if "*" in url else len(url)
    for file in url_files(url, storage_options):
        if not file.is_of_folder or _counts(file.url[fixed:]):
            yield ScanFile(file.source, file.url, file.size, _partitions(file.url, fixed))


def _counts(path: str) -> bool:
    """Whether a file in a folder is one of the data."""
    return path.endswith(_SUFFIXES) and not _is_hidden(path)


def _partitions(path: str, fixed: int) -> dict[str, str]:
    return parts_of(os.path.dirname(path[fixed:]))  # noqa: PTH120 (a hundred thousand paths)
