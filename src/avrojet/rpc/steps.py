"""The client's work, written once for threads and for asyncio.

Such work is a generator: it yields the bytes of a request, and receives those of the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

Steps: TypeAlias = Generator[bytes, Any, T]


def run(steps: Steps[T], exchange: Callable[[bytes], bytes]) -> T:
    """Do the work.

    :param exchange: sends a request and returns the answer. An exception that it raises ends the work.
    """
    reply: bytes | None = None
    while True:
        try:
            request = steps.send(reply)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        reply = exchange(request)


async def run_async(steps: Steps[T], exchange: Callable[[bytes], Awaitable[bytes]]) -> T:
    """Do the work in asyncio."""
    reply: bytes | None = None
    while True:
        try:
            request = steps.send(reply)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        reply = await exchange(request)
