"""petl: tables to container files and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import petl

DISTRIBUTION = "petl"


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    for rows in (10, 2000):
        table = [
            ["name", "friends", "age"],
            *([f"name {number}", number % 40, number / 4] for number in range(rows)),
        ]
        target = petl.io.sources.MemorySource()
        petl.toavro(table, target)
        yield f"toavro, {rows} rows", _write(table, rows)
        yield f"fromavro, {rows} rows", _read(target.getvalue())


def _write(table: Any, rows: int) -> Callable[[], Any]:
    def run() -> bool:
        target = petl.io.sources.MemorySource()
        petl.toavro(table, target)
        # Its blocks are deflated, which fastavro ends with three bytes of a checksum.
        return len(target.getvalue()) > rows

    return run


def _read(data: bytes) -> Callable[[], Any]:
    return lambda: [tuple(row) for row in petl.fromavro(petl.io.sources.MemorySource(data))]
