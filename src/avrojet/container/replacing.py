"""Whole files, which appear under their names only when complete, and stay there."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from avrojet.container.locks import lock
from avrojet.container.source import is_url, open_url
from avrojet.container.target import Writable, sync_file, sync_folder
from avrojet.errors import DataFileError

if TYPE_CHECKING:
    from pathlib import Path

# Errors that only writing can raise.
_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC, errno.EFBIG}

# The folder beside a target, which users need not know about.
_PART = re.compile(r"[/\\]\.[^/\\]*\.part[^/\\]*($|[/\\])")

# Names tried before a unique one: that many writers may make the same file at once.
_NAMES = 8

_ALL = stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO

# Characters of the file's name in that of the folder: even with four bytes each, below every file system's
# limit.
_NAME_SIZE = 55


@contextmanager
def replacing(
    target: Writable, *, fsync: bool | None = True, storage_options: Mapping[str, Any] | None = None
) -> Iterator[Writable]:
    """A place for a whole file that appears under its path only on success.

    For a path the body gets another one, in a folder beside it, which replaces the first when the body ends
    without an exception, and is removed otherwise. For a URL it gets a file that is kept on the same terms,
    if the store can do that. Other targets, and paths of devices and pipes, are passed unchanged.

    The folder is called ``.NAME.part``. If the process is killed it stays, and is removed when the same file
    is written again.

    A file that may not be written is not replaced either.

    :param fsync: have the system write the file to the disk before it gets its name, and then the name.
        None: only the former, and only if it replaces another file, so that one survives a power cut.
    :param storage_options: of the file system of a URL.
    """
    if is_url(target):
        assert isinstance(target, str)
        with _transaction(target, storage_options or {}) as file:
            yield file
        return
    if not isinstance(target, str | os.PathLike):
        yield target
        return
    from pathlib import Path  # here, as it would take a large part of the time of importing avrojet

    given = Path(target)
    exists = given.exists()
    if exists and not given.is_file():
        with _named(target):
            yield given  # may be a link to something without a path, like /dev/stdout
        return
    final = Path(os.path.realpath(given))
    if final.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fspath(target))
    if exists and not os.access(final, os.W_OK):  # renaming asks only for rights to the folder
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(target))
    owner = os.getpid()
    with _named(target), _folder_beside(final) as folder:
        part = folder / final.name
        yield part
        if os.getpid() != owner:
            raise DataFileError("the file is made by the parent of this process")
        if exists if fsync is None else fsync:
            with part.open("r+b") as file:
                sync_file(file)
        if exists:
            part.chmod(stat.S_IMODE(final.stat().st_mode))
        part.replace(final)
        if fsync:
            sync_folder(final.parent)


@contextmanager
def _named(target: str | os.PathLike[str]) -> Iterator[None]:
    """Add the target to errors of the system, such as a full disk or a missing folder."""
    try:
        yield
    except OSError as error:
        name = error.filename
        is_inner = isinstance(name, str) and _PART.search(name)
        if is_inner or (name is None and error.errno in _FULL):
            error.filename = os.fspath(target)
        raise


@contextmanager
def _transaction(url: str, options: Mapping[str, Any]) -> Iterator[Any]:
    """A file at a URL that fsspec commits if the body ends without an exception."""
    opener = open_url(url, "wb", **options)
    shared = opener.fs
    # A transaction covers a whole file system object, so use one of our own.
    own = type(shared)(*shared.storage_args, skip_instance_cache=True, **shared.storage_options)
    with own.transaction, own.open(opener.path, "wb") as file:
        yield file


@contextmanager
def _folder_beside(final: Path) -> Iterator[Path]:
    """An empty folder that nobody else uses. A child process leaves it to its parent."""
    folder = _Folder(final)
    with ExitStack() as at_end:
        at_end.callback(folder.release)
        at_end.callback(folder.remove)  # again, if an interruption ended the first attempt
        at_end.callback(folder.remove)
        yield folder.take()


class _Folder:
    """A folder beside a file. It can be removed even if taking it was interrupted."""

    def __init__(self, final: Path) -> None:
        self._final = final
        self._owner = os.getpid()
        self._path = final  # until there is a folder
        self._descriptor: int | None = None  # holds the lock while open
        self._is_ours = False  # whether no other process can have it

    def take(self) -> Path:
        """Make it, or take over one that a dead process has left there."""
        name = f".{self._final.name[:_NAME_SIZE]}.part"
        if hasattr(os, "O_DIRECTORY"):  # otherwise folders cannot be locked
            for number in range(_NAMES):
                self._path = self._final.with_name(f"{name}{number or ''}")
                if self._lock_path():
                    self._is_ours = True
                    return self._path
                self.release()
        self._path = self._final.with_name(f"{name}.{os.urandom(8).hex()}")
        self._is_ours = True
        self._path.mkdir(0o700)
        return self._path

    def _lock_path(self) -> bool:
        """Make the folder, or take over an existing one, if possible."""
        try:
            self._path.mkdir(0o700)
            made = True
        except FileExistsError:
            made = False
        try:
            if self._open() and self._is_free(made=made) and self._is_at_path():
                for left in self._path.iterdir():
                    left.unlink()
                return True
        except OSError:
            pass
        return False

    def _open(self) -> bool:
        with suppress(OSError):  # not a folder, another user's, or just removed
            self._descriptor = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        return self._descriptor is not None

    def _is_free(self, *, made: bool = False) -> bool:
        """Lock the folder; returns whether it is ours. Others must not be able to change its contents."""
        assert self._descriptor is not None
        found = os.fstat(self._descriptor)
        if found.st_uid != os.geteuid() or found.st_mode & _ALL != stat.S_IRWXU:
            return False
        with suppress(DataFileError):
            return lock(self._descriptor, 0) or made
        return False

    def _is_at_path(self) -> bool:
        """Whether the folder was not removed or replaced before it was locked."""
        assert self._descriptor is not None
        return os.path.samestat(os.fstat(self._descriptor), os.lstat(self._path))

    def remove(self) -> None:
        """Remove it and its contents, if it is there. If taking it was not finished, only an empty one that
        no other process has.
        """
        import shutil

        if os.getpid() != self._owner or self._path == self._final:
            return
        with suppress(OSError):
            if not self._is_ours:
                if (self._descriptor is not None or self._open()) and self._is_free() and self._is_at_path():
                    self._path.rmdir()
            elif self._descriptor is None or self._is_at_path():
                shutil.rmtree(self._path, ignore_errors=True)

    def release(self) -> None:
        """Release the lock."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
