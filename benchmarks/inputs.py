"""The encoded inputs that all Avro libraries read: written once by one of them, kept in a directory.

Imported by the worker. Reading the same bytes, no library has an encoding of its own that is easier to read.
"""

from __future__ import annotations

import pickle
from pathlib import Path

from benchmarks.peers import AvroBound
from benchmarks.workloads import Workload


class Inputs:
    """The datums and container files of the workloads, under ``directory``."""

    def __init__(self, directory: str) -> None:
        self.directory = Path(directory)

    def make(self, bound: AvroBound, workload: Workload, codec: str, rows: int) -> None:
        """Write what is not there yet."""
        datums = self._datums(workload)
        if not datums.exists():
            datums.write_bytes(pickle.dumps([bound.encode(r) for r in workload.records(workload.datums)]))
        file = self._file(workload, codec)
        if rows and not file.exists():
            with file.open("wb") as target:
                bound.write_file(target, workload.records(rows), codec)

    def datums(self, workload: Workload) -> list[bytes]:
        datums: list[bytes] = pickle.loads(self._datums(workload).read_bytes())
        return datums

    def file(self, workload: Workload, codec: str) -> bytes:
        return self._file(workload, codec).read_bytes()

    def _datums(self, workload: Workload) -> Path:
        return self.directory / f"{workload.name}.datums"

    def _file(self, workload: Workload, codec: str) -> Path:
        return self.directory / f"{workload.name}.{codec}.avro"
