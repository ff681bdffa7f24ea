"""The data of a dump that is not finished: whose they are, and where they are continued."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from avrojet.errors import AvroError, CodecError, DataFileError, TruncatedError

PLACE: Final = {
    "type": "record",
    "name": "avrojet.kafka.Message",
    "fields": [{"name": "partition", "type": "int"}, {"name": "offset", "type": "long"}],
}


def begun_beside(target: Path) -> Path:
    """Return the path of the data that a dump into a file has until it is finished."""
    return target.parent / f".{target.name}.dump"


@contextmanager
def claimed(target: Path) -> Iterator[None]:
    """Let no other process dump into the same file meanwhile.

    :raises AvroError: if one is doing so.
    """
    from avrojet.container.locks import lock

    path = begun_beside(target).with_suffix(".lock")
    file = None
    try:
        while file is None or not _is_at(file.fileno(), path):  # else the one before has just removed it
            if file is not None:
                file.close()
            file = path.open("ab")
            try:
                lock(file.fileno(), 0)
            except DataFileError:
                raise AvroError(f"another process is dumping into {target}") from None
        try:
            yield
        finally:
            with suppress(OSError):  # Windows keeps the file, as it is open
                path.unlink()
    finally:
        if file is not None:
            file.close()


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def prepare(target: Path, *, append: bool, restart: bool) -> None:
    """See that only data exist which the dump may continue; those of a finished file are copied.

    What a killed process has left after the last complete block is cut off, and a file without even a header
    removed.

    :raises CodecError: if the codec of the data is not available on this machine.
    :raises AvroError: if there are other data, or damaged ones.
    """
    from shutil import copyfile

    from avrojet.container.replacing import replacing

    left = begun_beside(target)
    if restart:
        left.unlink(missing_ok=True)
    if left.exists() and not _cut_to_whole(left, f"{left}, which --restart discards,"):
        left.unlink()
    if target.exists() and not left.exists():
        if not append:
            raise AvroError(f"{target} exists: --append continues from the offsets at its end")
        if target.suffix != ".avro":
            raise AvroError(f"{target}: only Avro files can be continued")
        with replacing(left) as copy:
            assert isinstance(copy, Path)
            copyfile(target, copy)
            if not _cut_to_whole(copy, str(target)):
                raise AvroError(f"{target} is not a dump")


def _cut_to_whole(path: Path, name: str) -> bool:
    """Cut off what follows the last complete block; whether the file has at least a header."""
    from avrojet.container.repair import repair_file

    try:
        repair = repair_file(path)
    except CodecError:
        raise
    except (TruncatedError, DataFileError):
        return False
    losses = repair.losses
    if losses:
        if losses.total > 1 or losses[0].offset != repair.size:
            raise AvroError(f"{name} is damaged: {losses[0]}")
        os.truncate(path, repair.size)
    return True


def offsets_after(left: Path) -> dict[int, int] | None:
    """Return where each partition continues after the messages of an unfinished file, if there is one."""
    from avrojet.container.reader import DataFileReader

    if not left.exists():
        return None
    found: dict[int, int] = {}
    with DataFileReader(left, PLACE) as rows:
        for row in rows:
            found[row["partition"]] = max(row["offset"] + 1, found.get(row["partition"], 0))
    return found
