"""Locks on files, so that processes can take turns writing to one, or keep others out.

They are the system's own (`flock`, on Windows `locking`), end with the process, and affect only programs that
ask for them.
"""

from __future__ import annotations

import errno
import sys
import time
from contextlib import suppress

from avrojet.errors import DataFileError

# Errors of file systems without locks.
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}

# Seconds between two tries: the first pause, and the longest. A block is written in a fraction of the first.
_FIRST_PAUSE = 0.0002
_LONGEST_PAUSE = 0.02

if sys.platform == "win32":
    import msvcrt
    import os

    # On Windows others cannot read locked bytes, so lock one where no file has any.
    _PLACE = 1 << 62

    def _try_to_lock(fd: int) -> None:
        os.lseek(fd, _PLACE, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)

    def _unlock(fd: int) -> None:
        os.lseek(fd, _PLACE, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

else:
    try:
        import fcntl
    except ImportError:  # a system without file locks
        fcntl = None  # type: ignore[assignment]

    def _try_to_lock(fd: int) -> None:
        if fcntl is None:
            raise OSError(errno.ENOSYS, "no locks")
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(fd: int) -> None:
        if fcntl is not None:
            fcntl.flock(fd, fcntl.LOCK_UN)


def lock(fd: int, patience: float) -> bool:
    """Lock an open file; its position may be lost.

    :param patience: seconds to wait for another process that has the lock.
    :returns: False if the system or the file system has no locks.
    :raises DataFileError: if another process holds it all that time.
    """
    pause = _FIRST_PAUSE
    end = time.monotonic() + patience
    while True:
        try:
            _try_to_lock(fd)
        except (BlockingIOError, PermissionError):  # raised on different systems
            if time.monotonic() >= end:
                raise DataFileError("the file is locked by another writer") from None
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return False
            raise
        else:
            return True
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def unlock(fd: int) -> None:
    """Release the lock, if it is held."""
    with suppress(OSError):
        _unlock(fd)
