"""Writing columns as container files, in memory: avrojet beside the libraries that are installed here.

    taskset -c 0 python -m benchmarks.columns.writing [--shapes flat,nested] [--rows 200000] [--rounds 9]

Each round runs every library once, in random order, on the same rows and with one thread; what counts are the
ratios of processor time within rounds. Every file is read again and compared before it is timed. ``fastavro``
starts from a list of dicts, the others from columns in their own memory; ``rugo`` and ``polars`` write the
schema that their columns give.
"""

from __future__ import annotations

import argparse
import io
import os
import time
from collections.abc import Callable
from random import Random
from typing import Any

import avrojet
from benchmarks.cases import CODECS
from benchmarks.columns.check import WrongError, check, samples
from benchmarks.columns.files import SHAPES, Shape
from benchmarks.columns.peers import environment
from benchmarks.peers import LEVELS
from benchmarks.results import Spread

Write = Callable[[], bytes]
"""Writes the rows and gives the file, or files that have them together."""


class Pieces:
    """A binary file that keeps what is written, without the growing and copying of ``io.BytesIO``."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(piece)
        return len(piece)

    def flush(self) -> None:
        """There is nothing to hand on."""

    def getvalue(self) -> bytes:
        return b"".join(self._pieces)


class Data:
    """The rows of a shape, in every form that a library starts from."""

    def __init__(self, shape: Shape, count: int, codec: str) -> None:
        import pyarrow as pa

        self.shape = shape
        self.codec = codec
        self.rows = list(shape.records(count))
        file = io.BytesIO()
        avrojet.write(file, shape.schema, self.rows)
        self.file = file.getvalue()
        self.table = pa.table(avrojet.read_arrow(io.BytesIO(self.file)))


def _avrojet(data: Data) -> Write:
    return _avrojet_of(data, data.table)


def _avrojet_of_polars(data: Data) -> Write:
    import polars as pl

    return _avrojet_of(data, pl.DataFrame(data.table))


def _avrojet_of(data: Data, columns: Any) -> Write:
    def write() -> bytes:
        file = Pieces()
        level = LEVELS[data.codec]
        avrojet.write_arrow(file, columns, data.shape.schema, data.codec, level=level, threads=0)
        return file.getvalue()

    return write


def _rugo(data: Data) -> Write:
    from rugo import avro

    with avro.read_avro(data.file, max_threads=1) as read:
        morsels = list(read)
    options = {"codec": data.codec, "max_threads": 1, "dictionary": False}

    def write() -> bytes:
        files = [avro.write_avro(morsel, **options) for morsel in morsels]
        return files[0]

    return write


def _polars(data: Data) -> Write:
    import polars as pl

    frame = pl.DataFrame(data.table)
    codec: Any = {"null": "uncompressed"}.get(data.codec, data.codec)

    def write() -> bytes:
        file = io.BytesIO()
        frame.write_avro(file, codec, name="Row")
        return file.getvalue()

    return write


def _fastavro(data: Data) -> Write:
    import fastavro

    schema = fastavro.parse_schema(data.shape.schema)

    def write() -> bytes:
        file = io.BytesIO()
        fastavro.writer(file, schema, data.rows, data.codec, codec_compression_level=LEVELS[data.codec])
        return file.getvalue()

    return write


WRITERS: dict[str, Callable[[Data], Write]] = {
    "avrojet": _avrojet,
    "avrojet of polars": _avrojet_of_polars,
    "rugo": _rugo,
    "polars": _polars,
    "fastavro": _fastavro,
}


def measure(shape: Shape, codec: str, count: int, rounds: int) -> dict[str, list[float] | str]:
    """Seconds by library and round, or why a library has none."""
    data = Data(shape, count, codec)
    found: dict[str, list[float] | str] = {}
    writers = {}
    for name, make in WRITERS.items():
        try:
            writers[name] = make(data)
            _check(writers[name](), shape)
        except Exception as error:  # noqa: BLE001 (a library that fails is told in the table)
            found[name] = f"{type(error).__name__}: {error}".splitlines()[0]
            writers.pop(name, None)
    order = list(writers)
    for number in range(rounds):
        Random(number).shuffle(order)  # each leaves the memory behind that the next one finds
        for name in order:
            write = writers[name]
            start = time.process_time()
            file = write()
            taken = time.process_time() - start
            del file
            times = found.setdefault(name, [])
            assert isinstance(times, list)
            times.append(taken)
    return found


def _check(file: bytes, shape: Shape) -> None:
    rows = avrojet.read(io.BytesIO(file))
    numbers = samples(len(rows))
    if not rows:
        raise WrongError("no rows")
    check([list(rows[number].values()) for number in numbers], shape, len(rows), None, text=False)


def report(count: int, measured: dict[str, list[float] | str]) -> str:
    own = measured["avrojet"]
    lines = []
    for name, times in measured.items():
        if isinstance(times, str) or isinstance(own, str):
            lines.append(f"{name:<20} {times!s:.80}")
            continue
        spread = Spread.of([other / mine for other, mine in zip(times, own, strict=True)])
        each = sorted(times)[len(times) // 2] / count * 1e9
        lines.append(f"{name:<20} {each:8.0f}   {spread.median:6.2f} ({spread.low:.2f}-{spread.high:.2f})")
    return "\n".join(lines)


def main() -> None:
    os.environ.update(environment(1))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.columns.writing")
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--codecs", default="null", help=f"of {', '.join(CODECS)}")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    for shape in options.shapes.split(","):
        for codec in options.codecs.split(","):
            print(f"\n{shape + ', ' + codec:<20} ns a row   times avrojet", flush=True)
            print(
                report(options.rows, measure(SHAPES[shape], codec, options.rows, options.rounds)), flush=True
            )


if __name__ == "__main__":
    main()
