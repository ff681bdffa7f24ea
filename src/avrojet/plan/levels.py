"""The levels of compatibility of schema registries: which schemas of a history must read which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias, get_args

Level: TypeAlias = Literal[
    "NONE",
    "BACKWARD",
    "BACKWARD_TRANSITIVE",
    "FORWARD",
    "FORWARD_TRANSITIVE",
    "FULL",
    "FULL_TRANSITIVE",
]
LEVELS: Final[tuple[str, ...]] = get_args(Level)


def pairs(count: int, level: Level) -> Iterator[tuple[int, int]]:
    """The indices of each reader and writer that a level compares, in a history of that many schemas."""
    for newer in range(1, count):
        first = 0 if level.endswith("_TRANSITIVE") else newer - 1
        for older in range(first, newer):
            if level.startswith(("BACKWARD", "FULL")):
                yield newer, older
            if level.startswith(("FORWARD", "FULL")):
                yield older, newer
