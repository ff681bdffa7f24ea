"""Running code where there is little stack."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
SMALL_STACK = 256 * 1024  # bytes; the least that common platforms give a thread by default
if os.environ.get("AVROJET_SANITIZE"):
    SMALL_STACK *= 16  # the address sanitizer puts red zones around every variable of a frame


def in_a_small_stack(function: Callable[[], T]) -> T:
    """What the function returns or raises, run in a thread with a small stack."""
    returned: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            returned.append(function())
        except BaseException as exception:  # noqa: BLE001 (it is raised again below)
            raised.append(exception)

    before = threading.stack_size(SMALL_STACK)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    if raised:
        raise raised.pop()
    return returned.pop()
