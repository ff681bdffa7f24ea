"""The process of one library, which works only when it is asked to.

Imported by the runners and the workers. Commands and answers are JSON, one per line, on its standard input
and output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks import machine


class WorkerDiedError(Exception):
    """The process of a library ended in the middle of a case."""


class Worker:
    """The process of one library.

    ``module`` is run with the library's name and ``arguments``; ``environment`` is added to that of this
    process. ``info`` is its answer to ``hello``.
    """

    def __init__(
        self,
        name: str,
        module: str = "benchmarks.worker",
        *arguments: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._command = [sys.executable, "-m", module, name, *arguments]
        self._environment = {**os.environ, **(environment or {})}
        self._start()
        self.info = self.ask("hello")

    def ask(self, do: str, **message: Any) -> dict[str, Any]:
        """Send a command and wait for its answer; WorkerDiedError, and a new process, where none comes."""
        commands, answers = self._process.stdin, self._process.stdout
        assert commands is not None
        assert answers is not None
        try:
            commands.write(json.dumps({"do": do, **message}) + "\n")
            commands.flush()
            line = answers.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            status = self._process.wait()
            self._start()
            raise WorkerDiedError(f"the process ended with status {status}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        self._process.communicate()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=machine.ROOT,
            env=self._environment,
        )  # fmt: skip


def serve(make: Callable[[], Any]) -> None:
    """The other end, in the worker: each command is a method of what `make` gives.

    What the library prints meanwhile goes to standard error, as standard output holds the answers.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    session = make()
    for line in sys.stdin:
        message = json.loads(line)
        answers.write(json.dumps(getattr(session, message["do"])(message)) + "\n")
        answers.flush()
