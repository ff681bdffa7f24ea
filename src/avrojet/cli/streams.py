"""The argument FILE of the commands, and their output: UTF-8 on every system."""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from errno import ENOENT
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from avrojet.cli.progress import Progress
    from avrojet.container.source import Readable
    from avrojet.container.target import Writable


def add_file(parser: argparse.ArgumentParser) -> None:
    """Add the argument FILE."""
    parser.add_argument("file", metavar="FILE", help="an Avro file, or - for the standard input")


def open_file(name: str) -> Readable:
    """Return the source that `container` reads for the argument FILE."""
    return sys.stdin.buffer if name == "-" else name


def open_twice(name: str) -> Readable:
    """Return the source of the argument FILE for a command that reads it more than once."""
    return all_bytes(name) if gives_once(name) else name


def gives_once(name: str) -> bool:
    """Whether it can be read only once: the standard input, or a pipe, such as ``<(...)`` of a shell is."""
    if name == "-":
        return True
    try:
        mode = os.stat(name).st_mode  # noqa: PTH116 (pathlib takes long to import)
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def all_bytes(name: str) -> bytes:
    """All bytes of the argument FILE."""
    if name == "-":
        return sys.stdin.buffer.read()
    with open(name, "rb") as file:  # noqa: PTH123
        return file.read()


def add_files(parser: argparse.ArgumentParser) -> None:
    """Add the argument FILE, which may name several files."""
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="an Avro file, a folder, a URL, a wildcard, or - for stdin"
    )


def add_count(parser: Any, what: str, *, default: int | None = None, others: tuple[str, ...] = ()) -> None:
    """Add the option -n for the number of records, the same in all commands.

    :param others: further names of it.
    """
    shown = "" if default is None else " (%(default)s)"
    parser.add_argument(
        *("-n", "--count", *others),
        dest="count",
        type=number,
        default=default,
        metavar="N",
        help=f"{what}{shown}",
    )


def each_file(names: Iterable[str]) -> Iterator[str]:
    """The files that the arguments FILE name, with those of wildcards and folders.

    :raises FileNotFoundError: if a wildcard matches none, or a folder has none.
    """
    for name in names:
        if _is_pattern(name):
            from avrojet.scanning.listing import listed

            yield from (file.path or name for file in listed(name))
        else:
            yield name


def _is_pattern(name: str) -> bool:
    """Whether the arguments may mean several files."""
    if any(each in name for each in "*?["):
        return True
    return name.endswith("/") if "://" in name else os.path.isdir(name)  # noqa: PTH112 (pathlib takes long to import)


class Watched:
    """A file that reports how far it has been read.

    :param name: as the argument FILE.
    """

    def __init__(self, name: str, progress: Progress) -> None:
        self.full_name = name
        self._progress = progress

    def open(self) -> Any:
        """The file, as `container` reads it."""
        from avrojet.container.source import ByteSource

        return _WatchedFile(ByteSource(self.full_name), self._progress)


class _WatchedFile:
    def __init__(self, source: Any, progress: Progress) -> None:
        self._source = source
        self._progress = progress

    def read(self, size: int) -> bytes:
        data: bytes = self._source.read(size)
        self._progress.update(self._source.intake.at, 0)
        return data

    def seekable(self) -> bool:
        return bool(self._source.seekable)

    def seek(self, offset: int, whence: int = 0) -> None:
        if whence:
            offset += self.tell() if whence == 1 else self._source.size()
        self._source.seek(offset)

    def tell(self) -> int:
        return int(self._source.intake.at)

    def close(self) -> None:
        self._source.close()


def watched(name: str, progress: Progress) -> Readable:
    """Yield the source that `container` reads for the argument FILE from beginning to end, and show
    progress.
    """
    return Watched(name, progress) if sys.stderr.isatty() and name != "-" else open_file(name)


def open_target(name: str) -> Writable:
    """Return the target that `container` writes for the argument OUT.

    :raises AvroError: if it is the standard output, and a terminal, which binary data would confuse.
    """
    if name != "-":
        return name
    if sys.stdout.isatty():
        from avrojet.errors import AvroError

        raise AvroError("an Avro file cannot be shown on a terminal: name a file, or redirect the output")
    return sys.stdout.buffer


def make_folder(name: str) -> Path:
    """The folder for files that a command makes; it is created if needed.

    :raises FileNotFoundError: if the name is empty, which Path would take for the current folder.
    """
    from pathlib import Path

    if not name:
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT), "''")
    folder = Path(name)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def size_of(name: str) -> int | None:
    """Bytes of a file, if that can be found out quickly."""
    try:
        found = os.stat(name)  # noqa: PTH116 (pathlib takes long to import)
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def number(text: str) -> int:
    """The type of arguments that are counts: no negative numbers."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return value


def told(error: Exception) -> str:
    """Return the text of an error; for an error of the system, the file and the reason."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    what = f"{error.strerror}; a file is needed" if isinstance(error, IsADirectoryError) else error.strerror
    return what if error.filename is None else f"{os.fsdecode(error.filename)}: {what}"


def complain(error: Exception) -> None:
    """Report an error in one line on stderr, after the output on stdout."""
    from avrojet.messages import readable

    sys.stdout.flush()
    print("avrojet:", readable(" ".join(told(error).split())), file=sys.stderr)


def print_json(value: Any) -> None:
    """Print JSON data, indented; on a terminal, nothing in it moves the cursor."""
    import json

    text = json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"
    if sys.stdout.isatty():
        from avrojet.cli.terminal import clean_json

        text = clean_json(text)
    sys.stdout.buffer.write(text)
