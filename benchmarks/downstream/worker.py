"""One package with one library: ``python -m benchmarks.downstream.worker LIBRARY PROGRAM``.

LIBRARY is fastavro, or avrojet, which then stands in its place before anything imports it. Commands are as
those of :mod:`benchmarks.worker`.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Any

from benchmarks.process import serve

if TYPE_CHECKING:
    from benchmarks.worker import Lane


class Session:
    """Answers commands for one program."""

    def __init__(self, library: str, program: str) -> None:
        if library == "avrojet":
            from avrojet import compat

            compat.install("fastavro")
        self.library = library
        self.program = program
        self.lanes: dict[str, Lane] = {}
        self.passes: dict[str, int] = {}

    def hello(self, message: dict[str, Any]) -> dict[str, Any]:
        import fastavro

        home = fastavro.reader.__module__.partition(".")[0]
        if home != self.library:
            return {"lacks": f"fastavro is that of {home}"}
        return {"version": fastavro.__version__}

    def open(self, message: dict[str, Any]) -> dict[str, Any]:
        """The cases, each with a digest of what it returns and its beginning."""
        from benchmarks.worker import repeated

        try:
            module = importlib.import_module(f"benchmarks.downstream.programs.{self.program}")
            version = metadata.version(module.DISTRIBUTION)
        except (ImportError, metadata.PackageNotFoundError) as error:
            return {"lacks": f"{type(error).__name__}: {error}"}
        found = {}
        for name, body in module.cases():
            shown = repr(body())
            if repr(body()) != shown:
                return {"lacks": f"{name} returns something else each time"}
            found[name] = [hashlib.sha256(shown.encode()).hexdigest(), shown[:200]]
            self.lanes[name] = repeated(body)
        return {"cases": found, "version": f"{module.DISTRIBUTION} {version}"}

    def run(self, message: dict[str, Any]) -> dict[str, Any]:
        from benchmarks.worker import calibrated, timed

        name = message["case"]
        if name not in self.passes:
            self.passes[name] = calibrated(self.lanes[name], message["seconds"])
        timing = timed(self.lanes[name], self.passes[name])
        return {"wall": timing.wall, "cpu": timing.cpu}


if __name__ == "__main__":
    serve(lambda: Session(sys.argv[1], sys.argv[2]))
