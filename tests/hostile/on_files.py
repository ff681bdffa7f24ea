"""Hostile file objects, to read from and to write to."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

from tests.container.samples import SYNC, file_of
from tests.hostile.case import Case, Either, Gives, Outcome, Refused

ROWS = list(range(500))
FILE = file_of(ROWS, '"long"', sync_interval=100, sync_marker=SYNC)
MINE = (OSError,)


class Source:
    """Gives what `answer(data, size)` makes of each read."""

    def __init__(self, answer: Callable[[bytes, int, int], Any]) -> None:
        self._data = io.BytesIO(FILE)
        self._answer = answer
        self._reads = 0

    def read(self, size: int = -1, /) -> Any:
        self._reads += 1
        return self._answer(self._data.read(size), size, self._reads)


class Seekless(io.BytesIO):
    def seekable(self) -> bool:
        return False

    def seek(self, *_: Any) -> int:
        raise OSError("mine")


class Generous:
    """Gives all that it has at the first read, even if less is wanted."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int = -1, /) -> bytes:
        data, self._data = self._data, b""
        return data


def _raise(error: BaseException) -> Any:
    raise error


def one_byte() -> Any:
    """A byte at a time, whatever is asked for."""

    class Trickle:
        def __init__(self) -> None:
            self._data = io.BytesIO(FILE)

        def read(self, size: int = -1, /) -> bytes:
            return self._data.read(min(size, 1) if size >= 0 else 1)

    return Trickle()


def cut(places: int) -> Any:
    return io.BytesIO(FILE[:-places])


SOURCES: dict[str, tuple[Callable[[], Any], Outcome]] = {
    "a plain file": (lambda: io.BytesIO(FILE), Gives(ROWS)),
    "a byte at a time": (one_byte, Gives(ROWS)),
    "a file that cannot seek": (lambda: Seekless(FILE), Gives(ROWS)),
    "a buffered file": (lambda: io.BufferedReader(io.BytesIO(FILE)), Gives(ROWS)),
    "text": (lambda: io.StringIO("Obj"), Refused()),
    "text at each read": (lambda: Source(lambda data, *_: data.decode("latin-1")), Refused()),
    "None at each read": (lambda: Source(lambda *_: None), Refused()),
    "None at the second read": (
        lambda: Source(lambda data, _, reads: data if reads == 1 else None),
        Either(ROWS),
    ),
    "all at once, whatever was asked for": (lambda: Generous(FILE), Gives(ROWS)),
    "ints": (lambda: Source(lambda *_: 1), Refused()),
    "lists": (lambda: Source(lambda *_: [1, 2]), Refused()),
    "nothing at all": (lambda: Source(lambda *_: b""), Refused()),
    "bytearrays": (lambda: Source(lambda data, *_: bytearray(data)), Gives(ROWS)),
    "memoryviews": (lambda: Source(lambda data, *_: memoryview(data)), Gives(ROWS)),
    "zeros without end": (lambda: Source(lambda *_: bytes(1000)), Refused()),
    "magic without end": (lambda: Source(lambda *_: b"Obj\x01" * 100), Refused()),
    "an error at once": (lambda: Source(lambda *_: _raise(OSError("mine"))), Refused(MINE)),
    "an error at its end": (
        lambda: Source(lambda data, *_: data or _raise(OSError("mine"))),
        Refused(MINE),
    ),
    "a file that is closed": (lambda: _closed(io.BytesIO(FILE)), Refused((ValueError,))),
    "a file that ends one byte early": (lambda: cut(1), Refused()),
    "a file that ends a marker early": (lambda: cut(16), Refused()),
    "no file": (object, Refused()),
    "a number": (lambda: 10**6, Refused()),
    "None": (lambda: None, Refused()),
    "bytes": (lambda: FILE, Gives(ROWS)),
}


def _closed(file: Any) -> Any:
    file.close()
    return file


class Target:
    """Takes of each write what `take(data, number of the write)` says."""

    def __init__(self, take: Callable[[Any, int], Any]) -> None:
        self.taken = bytearray()
        self._take = take
        self._writes = 0

    def write(self, data: Any, /) -> Any:
        self._writes += 1
        count = self._take(data, self._writes)
        if isinstance(count, int) and count > 0:
            self.taken += bytes(data)[:count]
        return count

    def flush(self) -> None:
        pass


class Forgetful(Target):
    """Takes all and returns None, as some do."""

    def write(self, data: Any, /) -> None:
        super().write(data)


TARGETS: dict[str, tuple[Callable[[], Any], Outcome]] = {
    "a target that takes all": (lambda: Target(lambda data, _: len(data)), Gives(ROWS)),
    "a target that says nothing": (lambda: Forgetful(lambda data, _: len(data)), Gives(ROWS)),
    "a target that takes a byte": (lambda: Target(lambda *_: 1), Gives(ROWS)),
    "a target that takes half": (lambda: Target(lambda data, _: (len(data) + 1) // 2), Gives(ROWS)),
    "a target that takes nothing": (lambda: Target(lambda *_: 0), Refused()),
    "a target that is full at once": (lambda: Target(lambda *_: _raise(OSError("mine"))), Refused(MINE)),
    "a target that is full later": (
        lambda: Target(lambda data, writes: len(data) if writes < 2 else _raise(OSError("mine"))),
        Refused(MINE),
    ),
    "a target that says that it took more": (lambda: Target(lambda data, _: len(data) + 1), Refused()),
    "a target that says that it took less than nothing": (lambda: Target(lambda *_: -1), Refused()),
    "a target that says what it took as text": (lambda: Target(lambda data, _: str(len(data))), Refused()),
    "a target that says that it took something": (lambda: Target(lambda *_: True), Refused()),
    "a target that says that it took nothing": (lambda: Target(lambda *_: False), Refused()),
    "a target that says half a byte": (lambda: Target(lambda *_: 0.5), Refused()),
    "a target for text": (io.StringIO, Refused()),
    "a target that is closed": (lambda: _closed(io.BytesIO()), Refused((ValueError,))),
    "a target that cannot write": (object, Refused()),
}


def cases() -> Iterator[Case]:
    for name, (make, outcome) in SOURCES.items():
        yield Case(name, "files", lambda library, make=make: library.read(make()), outcome)
    for name, (make, outcome) in TARGETS.items():
        yield Case(name, "files", lambda library, make=make: _written(library, make()), outcome)


def _written(library: Any, target: Any) -> Any:
    library.write(target, "long", ROWS)
    data = target.getvalue() if isinstance(target, io.BytesIO) else bytes(target.taken)
    return library.read(io.BytesIO(data))
