"""Writing columns as container files: avrojet beside the libraries that are installed here.

    taskset -c 0 python -m benchmarks.columns.writing [--shapes flat,nested] [--to file,memory] [--rounds 9]

Each round runs every library once, in random order, on the same rows and with one thread; what counts are the
ratios of processor time within rounds. Every file is read again and compared before it is timed. A file is a
new one each time, in the directory for temporary files. ``fastavro`` starts from a list of dicts, the others
from columns in their own memory; ``rugo`` makes a file in memory only, and ``rugo`` and ``polars`` write the
schema that their columns give.
"""

from __future__ import annotations

import argparse
import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import avrojet
from benchmarks.cases import CODECS
from benchmarks.columns.check import WrongError, check, samples
from benchmarks.columns.files import SHAPES, Shape
from benchmarks.columns.peers import environment
from benchmarks.peers import LEVELS
from benchmarks.results import Spread

Write = Callable[[str | None], bytes]
"""Writes the rows to a path; to None: gives the file, or files that have them together."""


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


def _to(path: str | None, write: Callable[[Any], None]) -> bytes:
    """Let a library write to what it takes both: a path, or a binary file."""
    if path is not None:
        write(path)
        return b""
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def _avrojet_of(data: Data, columns: Any) -> Write:
    schema, codec, level = data.shape.schema, data.codec, LEVELS[data.codec]

    def write(target: Any) -> None:
        avrojet.write_arrow(target, columns, schema, codec, level=level, threads=0)

    return lambda path: _to(path, write)


def _rugo(data: Data) -> Write:
    from rugo import avro

    with avro.read_avro(data.file, max_threads=1) as read:
        morsels = list(read)
    options = {"codec": data.codec, "max_threads": 1, "dictionary": False}

    def write(path: str | None) -> bytes:
        files = [avro.write_avro(morsel, **options) for morsel in morsels]
        if path is not None:
            with Path(path).open("wb", buffering=0) as file:
                file.writelines(files)
        return files[0]

    return write


def _polars(data: Data) -> Write:
    import polars as pl

    frame = pl.DataFrame(data.table)
    codec: Any = {"null": "uncompressed"}.get(data.codec, data.codec)
    return lambda path: _to(path, lambda target: frame.write_avro(target, codec, name="Row"))


def _fastavro(data: Data) -> Write:
    import fastavro

    schema = fastavro.parse_schema(data.shape.schema)
    options = {"codec": data.codec, "codec_compression_level": LEVELS[data.codec]}

    def write(path: str | None) -> bytes:
        if path is None:
            return _to(None, lambda file: fastavro.writer(file, schema, data.rows, **options))
        with Path(path).open("wb") as file:
            fastavro.writer(file, schema, data.rows, **options)
        return b""

    return write


WRITERS: dict[str, Callable[[Data], Write]] = {
    "avrojet": _avrojet,
    "avrojet of polars": _avrojet_of_polars,
    "rugo": _rugo,
    "polars": _polars,
    "fastavro": _fastavro,
}


def measure(data: Data, path: str | None, rounds: int) -> dict[str, list[float] | str]:
    """Seconds by library and round, or why a library has none."""
    found: dict[str, list[float] | str] = {}
    writers = {}
    for name, make in WRITERS.items():
        try:
            writers[name] = make(data)
            _check(writers[name](None), data.shape)
        except Exception as error:  # noqa: BLE001 (a library that fails is told in the table)
            found[name] = f"{type(error).__name__}: {error}".splitlines()[0]
            writers.pop(name, None)
    order = list(writers)
    for number in range(rounds):
        Random(number).shuffle(order)  # each leaves the memory behind that the next one finds
        for name in order:
            write = writers[name]
            if path is not None:
                Path(path).unlink(missing_ok=True)
            start = time.process_time()
            file = write(path)
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
            lines.append(f"{name:<24} {times!s:.80}")
            continue
        spread = Spread.of([other / mine for other, mine in zip(times, own, strict=True)])
        each = sorted(times)[len(times) // 2] / count * 1e9
        lines.append(f"{name:<24} {each:8.0f}   {spread.median:6.2f} ({spread.low:.2f}-{spread.high:.2f})")
    return "\n".join(lines)


def main() -> None:
    os.environ.update(environment(1))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.columns.writing")
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--codecs", default="null", help=f"of {', '.join(CODECS)}")
    parser.add_argument("--to", default="file,memory", help="file, memory")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    for shape in options.shapes.split(","):
        for codec in options.codecs.split(","):
            data = Data(SHAPES[shape], options.rows, codec)
            for to in options.to.split(","):
                print(f"\n{f'{shape}, {codec}, {to}':<24} ns a row   times avrojet", flush=True)
                with TemporaryDirectory() as directory:
                    path = str(Path(directory, "written.avro")) if to == "file" else None
                    print(report(options.rows, measure(data, path, options.rounds)), flush=True)


if __name__ == "__main__":
    main()
