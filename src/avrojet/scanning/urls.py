"""The files at a URL with wildcards or of a folder, found by fsspec."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from avrojet.container.source import by_fsspec


@dataclass(frozen=True, slots=True)
class UrlFile:
    """A file at a URL.

    :ivar source: what opens it: the URL, or an object that knows the options of its file system.
    :ivar size: bytes; None if they were not told with the name.
    :ivar is_of_folder: whether a folder was asked for, whose hidden files are none of the data.
    """

    source: Any
    url: str
    size: int | None
    is_of_folder: bool


def url_files(url: str, storage_options: Mapping[str, Any]) -> Iterator[UrlFile]:
    """The files at a URL: those that its wildcards match, those of a folder (it ends in ``/``), or itself.

    :raises DataFileError: if fsspec is not installed, or has no way to such files.
    """
    is_folder = url.endswith("/")
    if not is_folder and "*" not in url:
        source = _opening(url, storage_options) if storage_options else url
        yield UrlFile(source, url, None, is_of_folder=False)
    elif "::" in url:  # one file system through another, as in "simplecache::s3://orders/*.avro"
        pattern = f"{url}**" if is_folder else url
        for file in by_fsspec(url, lambda fsspec: fsspec.open_files(pattern, **storage_options)):
            source = file if storage_options else file.full_name
            yield UrlFile(source, file.full_name, None, is_of_folder=is_folder)
    else:
        file_system, path = by_fsspec(url, lambda fsspec: fsspec.url_to_fs(url, **storage_options))
        found = (file_system.find if is_folder else file_system.glob)(path, detail=True)
        for name, entry in sorted(found.items()):
            if entry.get("type") != "directory":
                full_name = file_system.unstrip_protocol(name)
                source = _opening(full_name, storage_options) if storage_options else full_name
                yield UrlFile(source, full_name, entry.get("size"), is_of_folder=is_folder)


def _opening(url: str, storage_options: Mapping[str, Any]) -> Any:
    return by_fsspec(url, lambda fsspec: fsspec.open(url, "rb", **storage_options))
