"""Interruptions at places of one's choice: an exception where CPython would run the handler of a signal."""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import avrojet

PACKAGE = str(Path(avrojet.__file__).parent)
# Behind these instructions handlers run.
CHECKED = {"RESUME", "CALL", "CALL_KW", "CALL_FUNCTION_EX", "JUMP_BACKWARD"}


class Interruption(BaseException):
    """As KeyboardInterrupt, which pytest takes for its own."""


class Interrupts:
    """Counts the places in avrojet's own Python code where an interruption could come, and makes one there.

    :param at: the number of the place; None: count only.
    """

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.count = 0
        self.where = ""
        self._checked: dict[CodeType, set[int]] = {}
        self._last: dict[FrameType, int] = {}

    def _places(self, code: CodeType) -> set[int]:
        if code not in self._checked:
            self._checked[code] = {
                instruction.offset
                for instruction in dis.get_instructions(code)
                if instruction.opname.removesuffix("_NO_INTERRUPT") in CHECKED
            }
        return self._checked[code]

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            last = self._last.get(frame)
            self._last[frame] = frame.f_lasti
            if last in self._places(frame.f_code):
                self._pass(frame)
        elif event == "return":
            self._last.pop(frame, None)
        return self._trace

    def _pass(self, frame: FrameType) -> None:
        if self.count == self.at:
            self.where = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}, {frame.f_code.co_name}"
        self.count += 1
        if self.count - 1 == self.at:
            raise Interruption(self.where)

    @contextmanager
    def on(self) -> Iterator[None]:
        """In this thread, meanwhile."""
        before = sys.gettrace()
        sys.settrace(self._trace)
        try:
            yield
        finally:
            sys.settrace(before)


def interrupted_everywhere(run: Callable[[Interrupts], None], stride: int = 1) -> Iterator[Interrupts]:
    """Run anew for each place, or each `stride`-th, with an interruption there; yields what was done."""
    counting = Interrupts()
    run(counting)
    assert counting.count
    for at in range(0, counting.count, stride):
        interrupts = Interrupts(at)
        run(interrupts)
        yield interrupts
