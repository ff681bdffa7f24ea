"""Interruptions at places of one's choice: an exception where CPython would run the handler of a signal."""

from __future__ import annotations

import dis
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import avrojet

PACKAGE = str(Path(avrojet.__file__).parent)
# After these instructions handlers run.
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
        self.skipped = 0  # places that a tracer cannot make, see `_pass_between`
        self._checked: dict[CodeType, set[int]] = {}
        self._handlers: dict[CodeType, dict[int, int]] = {}
        self._last: dict[FrameType, int] = {}

    def _places(self, code: CodeType) -> set[int]:
        if code not in self._checked:
            self._checked[code] = {
                instruction.offset
                for instruction in dis.get_instructions(code)
                if instruction.opname.removesuffix("_NO_INTERRUPT") in CHECKED
            }
        return self._checked[code]

    def _handler(self, code: CodeType, offset: int) -> int:
        """Where an exception of the instruction goes on, -1 for the caller."""
        if code not in self._handlers:
            self._handlers[code] = {
                covered: entry.target
                for entry in dis.Bytecode(code).exception_entries
                for covered in range(entry.start, entry.end, 2)
            }
        return self._handlers[code].get(offset, -1)

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace = self._trace  # CPython 3.13 shows instructions at once only where there is a tracer
        frame.f_trace_opcodes = True
        if event == "opcode":
            last = self._last.get(frame)
            self._last[frame] = frame.f_lasti
            if last in self._places(frame.f_code):
                self._pass_between(frame, last)
        elif event == "return":
            self._last.pop(frame, None)
        return self._trace

    def _pass_between(self, frame: FrameType, last: int) -> None:
        """A signal's exception is that of the instruction before; a tracer's is that of the one to come.

        Where they are handled in different places, one of the tracer's would leave an ``except`` and the
        exception in it as the one that is handled, as no signal can.
        """
        if self._handler(frame.f_code, last) == self._handler(frame.f_code, frame.f_lasti):
            self._pass(frame)
        else:
            self.skipped += 1

    def _pass(self, frame: FrameType) -> None:
        if self.count == self.at:
            self.where = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}, {frame.f_code.co_name}"
        self.count += 1
        if self.count - 1 == self.at:
            raise Interruption(self.where)

    @contextmanager
    def on(self) -> Iterator[None]:
        """In this thread, meanwhile. No garbage is collected: it could have destructors of other tests."""
        before = sys.gettrace()
        collects = gc.isenabled()
        gc.disable()
        # CPython 3.12 looks, when a tracer is set, whether any frame wants to see its instructions.
        sys._getframe().f_trace_opcodes = True
        sys.settrace(self._trace)
        try:
            yield
        finally:
            sys.settrace(before)
            if collects:
                gc.enable()


def interrupted_everywhere(run: Callable[[Interrupts], None], stride: int = 1) -> Iterator[Interrupts]:
    """Run anew for each place, or each `stride`-th, with an interruption there; yields what was done."""
    counting = Interrupts()
    run(counting)
    assert counting.count
    for at in range(0, counting.count, stride):
        interrupts = Interrupts(at)
        run(interrupts)
        yield interrupts
