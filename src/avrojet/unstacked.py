"""Recursion that is not bounded by Python's stack; any module may import this one."""

from __future__ import annotations

from collections.abc import Generator
from types import GeneratorType
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

Work: TypeAlias = "Generator[T | Work[T], T, T]"
"""A recursive function as a generator: it yields each recursive call, and is sent the call's result."""


def is_work(part: object) -> bool:
    """Whether it is a generator; those of compiled modules have a type of their own."""
    return type(part) is GeneratorType or isinstance(part, Generator)


def finish(part: T | Work[T]) -> T:
    """Run a generator to its end and return its result; anything else is returned unchanged."""
    if not is_work(part):
        return part  # type: ignore[return-value]
    waiting: list[Any] = []
    work: Any = part
    given: Any = None  # a generator is started with None
    try:
        while True:
            try:
                given = work.send(given)
            except StopIteration as end:
                given = end.value
                if not waiting:
                    result: T = given
                    return result
                work = waiting.pop()
            else:
                if is_work(given):
                    waiting.append(work)
                    work, given = given, None
    except BaseException:
        # Each may hold the one that it waits for: from the outermost on they would be freed recursively.
        for each in reversed(waiting):
            each.close()
        raise
