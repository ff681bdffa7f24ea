"""Which sources go to which targets: lists, wildcards and folders go to one file, or to a folder with the
same tree.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from errno import ENOENT
from pathlib import Path
from typing import Any

from avrojet.container.source import is_path, is_url
from avrojet.conversion.formats import FORMATS, Format, ensure_format, format_named, format_of
from avrojet.errors import DataFileError
from avrojet.scanning.listing import listed


@dataclass(frozen=True, slots=True)
class Job:
    """A file to make, and its sources."""

    sources: tuple[Any, ...]
    target: Any
    format: Format


@dataclass(frozen=True, slots=True)
class _Found:
    """A source, and its path relative to the folder that was named."""

    source: Any
    relative: str


def jobs_of(
    sources: Sequence[Any],
    target: Any,
    source_format: str | None,
    target_format: str | None,
    storage_options: Mapping[str, Any],
) -> list[Job]:
    """The files to make.

    The target is a folder if there is one of that name, if its name ends with a slash, or if it has no
    extension of a format and there may be several sources; else all sources go to one file.

    :raises FileNotFoundError: if a source is not there, no file matches, or a folder has none.
    :raises DataFileError: if a format is not known, two sources would become one file of a folder, or a
        target is a source.
    """
    found = [each for source in sources for each in _found(source, source_format, storage_options)]
    if not found:
        raise DataFileError("there is nothing to convert")
    many = len(found) > 1 or any(_may_be_many(source) for source in sources)
    if not _is_folder(target, many=many, named=target_format is not None):
        format = ensure_format(target, target_format, "--to")
        jobs = [Job(tuple(each.source for each in found), target, format)]
    else:
        if target_format is None:
            raise DataFileError(f"{target}: a folder needs the format of its files: --to {'|'.join(FORMATS)}")
        format = format_named(target_format)
        jobs = [Job((each.source,), _below(target, each.relative, format), format) for each in found]
    _check(jobs)
    return jobs


def _found(source: Any, source_format: str | None, storage_options: Mapping[str, Any]) -> Iterator[_Found]:
    if not is_path(source):
        yield _Found(source, "data")
        return
    path = os.fspath(source)
    if not is_url(path) and not glob.has_magic(path) and not Path(path).exists():
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT), path)
    wanted = None if source_format is None else format_named(source_format)

    def counts(name: str) -> bool:
        format = format_of(name)
        return format is not None and wanted in (None, format)

    kind = "files of a known extension" if wanted is None else f"files of the format {wanted.name}"
    for file in listed(path, storage_options, counts=counts, kind=f"{kind} to convert"):
        # The options of a file system are used when the URL is opened.
        yield _Found(file.path, file.below)


def _may_be_many(source: Any) -> bool:
    if not is_path(source):
        return False
    path = os.fspath(source)
    return "*" in path or path.endswith("/") if is_url(path) else not Path(path).is_file()


def _is_folder(target: Any, *, many: bool, named: bool) -> bool:
    if not is_path(target):
        return False
    path = os.fspath(target)
    if path.endswith("/") or (os.sep != "/" and path.endswith(os.sep)):
        return True
    if is_url(path):
        return many and named and format_of(path) is None
    if not path:  # which Path takes for the current folder
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT), "''")
    return Path(path).is_dir() or (many and named and format_of(path) is None and not Path(path).exists())


def _below(folder: Any, relative: str, format: Format) -> str:
    name = relative
    if format_of(name) is not None:
        name = name.rpartition(".")[0]
    name += format.suffixes[0]
    path = os.fspath(folder)
    return f"{path.rstrip('/')}/{name}" if is_url(path) else str(Path(path) / name)


def _check(jobs: list[Job]) -> None:
    """Check that no file is written twice, or over a file that is still to be read."""
    targets: dict[Any, Job] = {}
    for job in jobs:
        key = _identity(job.target)
        if key is not None and key in targets:
            one, other = targets[key].sources[0], job.sources[0]
            raise DataFileError(f"{one} and {other} would both become {job.target}: convert them separately")
        targets[key] = job
    for job in jobs:
        for source in job.sources:
            target = targets.get(_identity(source))
            if target is not None and _identity(source) is not None and len(jobs) + len(job.sources) > 2:
                raise DataFileError(
                    f"{source} would be written over while others are read: use another folder"
                )


def _identity(place: Any) -> Any:
    if not is_path(place):
        return None
    path = os.fspath(place)
    return path if is_url(path) else os.path.realpath(path)
