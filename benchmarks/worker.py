"""One library in a process of its own: opens a case, proves it right, then times it on demand.

Run by ``benchmarks.run`` as ``python -m benchmarks.worker LIBRARY``; not to be imported.

Commands and answers are JSON, one per line, on standard input and output. What the library itself prints
goes to standard error.
"""

from __future__ import annotations

import gc
import json
import math
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from io import BytesIO
from itertools import count, zip_longest
from typing import Any, TypeAlias, TypeVar, cast

from benchmarks.cases import Case
from benchmarks.inputs import Inputs
from benchmarks.peers import AvroBound, AvroLibrary, Library, load
from benchmarks.process import serve
from benchmarks.workloads import NAMESPACE, WORKLOADS, Workload, identical

T = TypeVar("T")
Run: TypeAlias = Callable[[], None]


@dataclass(frozen=True)
class Lane:
    """What is timed: runs of so many passes, ``batch`` at most, that ``arm`` makes ready off the clock."""

    arm: Callable[[int], Run]
    batch: int = sys.maxsize


class WrongError(Exception):
    """The library gave something else than what it was given."""


@dataclass
class Opened:
    """A case made ready: its lanes, and what one pass goes over."""

    lanes: dict[str, Lane]
    items: int
    size: int


@dataclass
class Request:
    """What an opener works with."""

    library: Library
    workload: Workload
    codec: str
    rows: int
    inputs: Inputs


def open_decode(request: Request) -> Opened:
    bound = request.library.prepare(request.workload)
    records = request.workload.records(request.workload.datums)
    if request.library.wire == "avro":
        datums = request.inputs.datums(request.workload)
    else:
        datums = [bound.encode(record) for record in records]
    decode = bound.decode
    _expect(records, map(decode, datums))

    def body() -> None:
        for datum in datums:
            decode(datum)

    return Opened({"decode": repeated(body)}, len(datums), sum(map(len, datums)))


def open_encode(request: Request) -> Opened:
    bound = request.library.prepare(request.workload)
    records = request.workload.records(request.workload.datums)
    encode = bound.encode
    datums = [encode(record) for record in records]
    _expect(records, map(bound.decode, datums))

    def body(records: list[Any]) -> None:
        for record in records:
            encode(record)

    lane = _unencoded_lane(body, request.workload, records)
    return Opened({"encode": lane}, len(records), sum(map(len, datums)))


def open_read(request: Request) -> Opened:
    bound = cast(AvroBound, request.library.prepare(request.workload))
    data = request.inputs.file(request.workload, request.codec)
    _expect(request.workload.records(request.rows), bound.read_file(BytesIO(data)))
    return Opened({"read": repeated(partial(_exhaust, bound, data, None))}, request.rows, len(data))


def open_write(request: Request) -> Opened:
    bound = cast(AvroBound, request.library.prepare(request.workload))
    records = request.workload.records(request.rows)
    target = BytesIO()
    bound.write_file(target, records, request.codec)
    _expect(records, bound.read_file(BytesIO(target.getvalue())))

    def body(records: list[Any]) -> None:
        bound.write_file(BytesIO(), records, request.codec)

    lane = _unencoded_lane(body, request.workload, records)
    return Opened({"write": lane}, request.rows, len(target.getvalue()))


def open_evolution(request: Request) -> Opened:
    bound = cast(AvroBound, request.library.prepare(request.workload))
    data = request.inputs.file(request.workload, "null")
    half = request.workload.reader_schema
    records = request.workload.records(request.rows)
    _expect(map(request.workload.projected, records), bound.read_file(BytesIO(data), half))
    lanes = {
        "half": repeated(partial(_exhaust, bound, data, half)),
        "all": repeated(partial(_exhaust, bound, data, None)),
    }
    return Opened(lanes, request.rows, len(data))


_serial = count()


def open_cold(request: Request) -> Opened:
    library = cast(AvroLibrary, request.library)
    datum = request.inputs.datums(request.workload)[0]
    _expect(request.workload.records(1), [library.first(request.workload.schema, datum)])
    text = json.dumps(request.workload.schema)

    lanes = {
        "first": _fresh(lambda schema: library.first(schema, datum), lambda: _renamed(text), batch=100),
        "parse": _fresh(library.parse, lambda: _renamed(text), batch=100),
    }
    return Opened(lanes, 1, len(datum))


OPENERS: dict[str, Callable[[Request], Opened]] = {
    "decode": open_decode,
    "encode": open_encode,
    "read": open_read,
    "write": open_write,
    "evolution": open_evolution,
    "cold": open_cold,
}


def _renamed(text: str) -> Any:
    """The schema in a namespace never used before, so that no cache of parsed schemas or plans can help."""
    return json.loads(text.replace(f'"{NAMESPACE}"', f'"{NAMESPACE}{next(_serial)}"'))


def _exhaust(bound: AvroBound, data: bytes, reader_schema: Any) -> None:
    for _ in bound.read_file(BytesIO(data), reader_schema):
        pass


def repeated(body: Run) -> Lane:
    """A lane whose passes are all alike."""

    def arm(passes: int) -> Run:
        def run() -> None:
            for _ in range(passes):
                body()

        return run

    return Lane(arm)


def _fresh(body: Callable[[T], object], make: Callable[[], T], batch: int) -> Lane:
    """A lane whose every pass has something new to work on; making it is not timed."""

    def arm(passes: int) -> Run:
        made = [make() for _ in range(passes)]

        def run() -> None:
            for one in made:
                body(one)

        return run

    return Lane(arm, batch)


def _unencoded_lane(body: Callable[[list[Any]], None], workload: Workload, records: list[Any]) -> Lane:
    if workload.beyond_ascii:
        return _fresh(body, lambda: workload.unencoded(records), batch=2)
    return repeated(lambda: body(records))


def _expect(expected: Iterable[Any], found: Iterable[Any]) -> None:
    missing = object()
    for index, (wanted, got) in enumerate(zip_longest(expected, found, fillvalue=missing)):
        if wanted is missing or got is missing:
            raise WrongError(f"{'more' if wanted is missing else 'fewer'} than {index} records")
        if not identical(wanted, got):
            raise WrongError(f"record {index} is {str(got)[:80]}, not {str(wanted)[:80]}")


@dataclass
class Timing:
    wall: float
    cpu: float


def timed(lane: Lane, passes: int) -> Timing:
    """Seconds per pass. Garbage of earlier samples is collected first; the collector itself stays on."""
    wall = cpu = 0.0
    gc.collect()
    for start in range(0, passes, lane.batch):
        run = lane.arm(min(lane.batch, passes - start))
        cpu_then, then = time.process_time(), time.perf_counter()
        run()
        wall += time.perf_counter() - then
        cpu += time.process_time() - cpu_then
    return Timing(_shortened(wall / passes), _shortened(cpu / passes))


def _shortened(seconds: float) -> float:
    """Four digits: more than a sample is good for, and half the size of a saved result."""
    return float(f"{seconds:.4g}")


def calibrated(lane: Lane, seconds: float) -> int:
    """How many passes take about ``seconds``."""
    passes = 1
    while (spent := timed(lane, passes).wall * passes) < seconds / 4:
        passes = max(passes * 2, math.ceil(passes * seconds / 3 / max(spent, 1e-6)))
    return max(1, round(passes * seconds / spent))


class Session:
    """Answers commands for one library."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.lanes: dict[str, Lane] = {}
        self.passes: dict[str, int] = {}

    def hello(self, message: dict[str, Any]) -> dict[str, Any]:
        return {"label": self.library.label, "versions": _versions(self.library.distributions),
                "avro": self.library.wire == "avro"}  # fmt: skip

    def make(self, message: dict[str, Any]) -> dict[str, Any]:
        workload = WORKLOADS[message["workload"]]
        bound = cast(AvroBound, self.library.prepare(workload))
        Inputs(message["inputs"]).make(bound, workload, message["codec"], message["rows"])
        return {}

    def open(self, message: dict[str, Any]) -> dict[str, Any]:
        case = Case(message["group"], message["workload"], message["codec"])
        lacks = self._lacks(case)
        if lacks:
            return {"lacks": lacks}
        workload = WORKLOADS[case.workload]
        request = Request(self.library, workload, case.codec, message["rows"], Inputs(message["inputs"]))
        try:
            opened = OPENERS[case.group](request)
        except Exception as error:  # noqa: BLE001 - whatever a library does wrong is a result
            return {"wrong": f"{type(error).__name__}: {error}"[:300]}
        self.lanes = opened.lanes
        self.passes = {name: calibrated(lane, message["seconds"]) for name, lane in opened.lanes.items()}
        return {"items": opened.items, "size": opened.size}

    def run(self, message: dict[str, Any]) -> dict[str, Any]:
        lane = message["lane"]
        timing = timed(self.lanes[lane], self.passes[lane])
        return {"wall": timing.wall, "cpu": timing.cpu, "passes": self.passes[lane]}

    def close(self, message: dict[str, Any]) -> dict[str, Any]:
        self.lanes.clear()
        gc.collect()
        return {}

    def _lacks(self, case: Case) -> str:
        if case.group in ("decode", "encode"):
            return self.library.lacks(WORKLOADS[case.workload])
        if self.library.wire != "avro":
            return "not Avro"
        if case.codec not in self.library.codecs:
            return f"no {case.codec}"
        return self.library.lacks(WORKLOADS[case.workload])


def _versions(distributions: Iterable[str]) -> dict[str, str]:
    found = {}
    for name in distributions:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            # Not installed, but imported: a checkout, which says its version itself.
            if version := getattr(sys.modules.get(name), "__version__", None):
                found[name] = version
    return found


def main() -> None:
    serve(lambda: Session(load(sys.argv[1])))


if __name__ == "__main__":
    main()
