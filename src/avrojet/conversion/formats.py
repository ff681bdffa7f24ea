"""The formats that files are converted from and to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from avrojet.container.codecs import codec_names
from avrojet.errors import CodecError, DataFileError, errors_in


class Kind(Enum):
    """The kind of data in a format, which decides how they are converted."""

    AVRO = "blocks of an object container file"
    TEXT = "JSON texts"
    COLUMNS = "Arrow columns, by another library"


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    :ivar name: what users call it.
    :ivar suffixes: the extensions of its files; files that are written get the first.
    :ivar codecs: the codecs that compress data within a file, the default first; None: those of Avro.
    """

    name: str
    kind: Kind
    suffixes: tuple[str, ...]
    title: str
    codecs: tuple[str, ...] | None = ()

    def check_codec(self, codec: str | None, level: int | None) -> None:
        """Check that files of the format can be compressed with this codec and level.

        :raises CodecError: if not; the message lists the codecs that are possible.
        """
        if self.codecs is None:
            return
        if not self.codecs and (codec is not None or level is not None):
            raise CodecError(f"files of {self.name} are not compressed: leave out the codec and its level")
        if codec is not None and codec not in self.codecs:
            raise CodecError(f"files of {self.name} cannot use the codec {codec!r}: {', '.join(self.codecs)}")


FORMATS: Final = {
    format.name: format
    for format in (
        Format("avro", Kind.AVRO, (".avro",), "Avro object container files", None),
        Format("jsonl", Kind.TEXT, (".jsonl", ".ndjson"), "JSON lines, plain: one record on a line"),
        Format("json", Kind.TEXT, (".json",), "JSON texts in Avro's JSON encoding, one on a line"),
        Format("csv", Kind.COLUMNS, (".csv",), "CSV with the names of the columns in the first line"),
        Format(
            "parquet",
            Kind.COLUMNS,
            (".parquet", ".pq"),
            "Apache Parquet",
            ("snappy", "none", "gzip", "brotli", "lz4", "zstd"),
        ),
        Format("orc", Kind.COLUMNS, (".orc",), "Apache ORC", ("snappy", "none", "zlib", "lz4", "zstd")),
        Format(
            "arrow",
            Kind.COLUMNS,
            (".arrow", ".feather", ".ipc"),
            "Arrow IPC files (Feather)",
            ("none", "lz4", "zstd"),
        ),
    )
}
_BY_SUFFIX: Final = {suffix: format for format in FORMATS.values() for suffix in format.suffixes}


def format_named(name: str) -> Format:
    """Return the format with the name that a user gave.

    :raises DataFileError: if there is none.
    """
    found = FORMATS.get(name.lower()) or _BY_SUFFIX.get(f".{name.lower().lstrip('.')}")
    if found is None:
        raise DataFileError(f"no format is called {name!r}: {', '.join(FORMATS)}")
    return found


def format_of(name: str) -> Format | None:
    """Return the format for the extension of a path or URL; None if there is none."""
    return _BY_SUFFIX.get(os.path.splitext(name.partition("?")[0])[1].lower())  # noqa: PTH122 (also of URLs)


def ensure_format(place: Any, name: str | None, option: str) -> Format:
    """Return the format of a source or target: the one asked for, else the one for its extension.

    :param option: the option with which a caller sets the format, for the message.
    :raises DataFileError: if neither tells.
    """
    if name is not None:
        return format_named(name)
    path = os.fspath(place) if isinstance(place, str | os.PathLike) else None
    found = None if path is None else format_of(path)
    if found is None:
        with errors_in(path):
            raise DataFileError(
                f"the format is not clear from the extension; name it with {option}: {', '.join(FORMATS)}"
            )
    return found


def known_codecs() -> list[str]:
    """Return the codecs of all formats, for help texts."""
    names = {*codec_names(), *(codec for format in FORMATS.values() for codec in format.codecs or ())}
    return sorted(names)
