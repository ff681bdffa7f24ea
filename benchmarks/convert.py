"""Conversion of whole files against what it stands on, and against other tools.

    python -m benchmarks.convert [--records 100000] [--rounds 7] [--peers FOLDER] [--tools JAR] [CASE ...]

Each side of a case is a process of its own, and they take turns. A ratio is that of the wall times of two
neighbours; the median of the rounds is told, with the least and the greatest, and the ratio of processor time
beside it, which other work on the machine disturbs less. FOLDER is one with duckdb and its avro
extension: `pip install --target FOLDER duckdb==1.5.5 duckdb-extension-avro==1.5.5
duckdb-extensions`.

The first side of a case is avrojet; `alone` is the part of the work that is not avrojet's: the other
library's writer on data in memory, a copy of the file, decompression and compression. Commands (`cat`,
`tojson`, those of fastavro and avro-tools) are measured with the start of their process, all else without.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import avrojet
from benchmarks.process import Worker, serve

FLAT = {
    "type": "record",
    "name": "Trip",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "vendor", "type": "string"},
        {"name": "passengers", "type": ["null", "int"], "default": None},
        {"name": "distance", "type": "double"},
        {"name": "fare", "type": "double"},
        {"name": "paid", "type": "boolean"},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["CARD", "CASH", "OTHER"]}},
        {"name": "begun", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "note", "type": ["null", "string"]},
        {"name": "zone", "type": "string"},
    ],
}
NESTED = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "string"},
        {
            "name": "customer",
            "type": {
                "type": "record",
                "name": "Customer",
                "fields": [{"name": "name", "type": "string"}, {"name": "email", "type": ["null", "string"]}],
            },
        },
        {
            "name": "items",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Item",
                    "fields": [
                        {"name": "sku", "type": "string"},
                        {"name": "quantity", "type": "int"},
                        {"name": "price", "type": "double"},
                    ],
                },
            },
        },
        {"name": "tags", "type": {"type": "array", "items": "string"}},
    ],
}


def flat_records(count: int) -> Iterator[dict[str, Any]]:
    random = Random(1)
    for number in range(count):
        yield {
            "id": number,
            "vendor": random.choice(["Acme", "Yellow", "Green cab"]),
            "passengers": random.choice([None, 1, 2, 3]),
            "distance": random.random() * 30,
            "fare": round(random.random() * 100, 2),
            "paid": random.random() < 0.9,
            "kind": random.choice(["CARD", "CASH", "OTHER"]),
            "begun": 1_700_000_000_000_000 + number * 1_000_000,
            "note": random.choice([None, None, None, f"note {random.randrange(10**6)}"]),
            "zone": f"zone {random.randrange(260)}",
        }


def nested_records(count: int) -> Iterator[dict[str, Any]]:
    random = Random(2)
    for number in range(count):
        yield {
            "id": f"{random.getrandbits(128):032x}",
            "customer": {
                "name": f"N{random.randrange(9999)}",
                "email": random.choice([None, f"a{number}@b.org"]),
            },
            "items": [
                {
                    "sku": f"S{random.randrange(999)}",
                    "quantity": random.randrange(9),
                    "price": random.random(),
                }
                for _ in range(random.randrange(5))
            ],
            "tags": [f"v{tag}" for tag in range(random.randrange(3))],
        }


DATA = {"flat": (FLAT, flat_records), "nested": (NESTED, nested_records)}


def make_files(folder: Path, records: int) -> None:
    """The sources of all cases."""
    for name, (schema, make) in DATA.items():
        source = folder / f"{name}.avro"
        avrojet.write(source, schema, make(records), codec="deflate", logical_types=False)
        for suffix in ("jsonl", "parquet"):
            avrojet.convert(source, folder / f"{name}.{suffix}")
    small = folder / "small"
    small.mkdir()
    one = folder / "one.avro"
    avrojet.write(one, FLAT, flat_records(1000), codec="deflate", logical_types=False)
    for number in range(1000):
        shutil.copyfile(one, small / f"{number}.avro")


# What the sides do; each takes the folder, and one that is for its results.


def ours(source: str, target: str, folder: Path, out: Path, **options: Any) -> None:
    avrojet.convert(folder / source, out / target, **options)


class Alone:
    """The part of a case that is not avrojet's, what it needs kept in memory from the first call on."""

    def __init__(self, make: Callable[[Path], Any], work: Callable[[Any, Path], None]) -> None:
        self._make = make
        self._work = work
        self._made: Any = None

    def __call__(self, folder: Path, out: Path) -> None:
        if self._made is None:
            self._made = self._make(folder)
        self._work(self._made, out)


def arrow_table(name: str, folder: Path) -> Any:
    import pyarrow as pa

    return pa.RecordBatchReader.from_stream(avrojet.read_arrow(folder / f"{name}.avro")).read_all()


def write_parquet(table: Any, out: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from avrojet.conversion.arrow_files import GROUP_ROWS, repeating_columns

    dictionaries = repeating_columns(pa, table)
    pq.write_table(table, out / "alone.parquet", use_dictionary=dictionaries, row_group_size=GROUP_ROWS)


def read_parquet(name: str, folder: Path, out: Path) -> None:
    import pyarrow.parquet as pq

    for _ in pq.ParquetFile(folder / f"{name}.parquet").iter_batches():
        pass


def polars_parquet(name: str, folder: Path, out: Path) -> None:
    import polars as pl

    pl.read_avro(folder / f"{name}.avro").write_parquet(out / "polars.parquet", compression="snappy")


def duckdb_parquet(name: str, folder: Path, out: Path) -> None:
    import duckdb
    import duckdb_extensions

    with duckdb.connect() as connection:
        duckdb_extensions.import_extension("avro", con=connection)
        connection.execute("LOAD avro")
        source, target = folder / f"{name}.avro", out / "duckdb.parquet"
        connection.execute(f"COPY (SELECT * FROM read_avro('{source}')) TO '{target}' (FORMAT parquet)")


def recompress(name: str, folder: Path, out: Path) -> None:
    from avrojet.container.codecs import make_compress

    compress = make_compress("zstandard")
    with avrojet.DataFileReader(folder / f"{name}.avro") as reader, (out / "alone").open("wb") as file:
        for block in reader.blocks():
            file.write(compress(block.decompressed()))


def copy_twice(name: str, folder: Path, out: Path) -> None:
    with (out / "copy").open("wb") as target:
        for _ in range(2):
            with (folder / f"{name}.avro").open("rb") as source:
                shutil.copyfileobj(source, target, 1 << 20)


def ours_twice(name: str, folder: Path, out: Path) -> None:
    avrojet.convert([folder / f"{name}.avro"] * 2, out / "twice.avro")


def ours_command(name: str, command: str, folder: Path, out: Path) -> None:
    words = [sys.executable, "-m", "avrojet", command, str(folder / f"{name}.avro")]
    with (out / "ours.jsonl").open("wb") as target:
        subprocess.run(words, stdout=target, check=True)


def fastavro_cat(name: str, folder: Path, out: Path) -> None:
    with (out / "fastavro.jsonl").open("wb") as target:
        subprocess.run(
            [sys.executable, "-m", "fastavro", str(folder / f"{name}.avro")], stdout=target, check=True
        )


def avro_tools(name: str, folder: Path, out: Path) -> None:
    command = ["java", "-jar", os.environ["AVRO_TOOLS"], "tojson", str(folder / f"{name}.avro")]
    with (out / "tools.jsonl").open("wb") as target:
        subprocess.run(command, stdout=target, stderr=subprocess.DEVNULL, check=True)


def fastavro_write(name: str, folder: Path, out: Path) -> None:
    import json
    from datetime import datetime

    import fastavro

    def records() -> Iterator[Any]:
        with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                if "begun" in record:
                    record["begun"] = datetime.fromisoformat(record["begun"])
                yield record

    with (out / "fastavro.avro").open("wb") as target:
        fastavro.writer(target, fastavro.parse_schema(DATA[name][0]), records())


def polars_write(name: str, folder: Path, out: Path) -> None:
    import polars as pl

    frame = pl.read_ndjson(folder / f"{name}.jsonl")
    if "begun" in frame.columns:
        frame = frame.with_columns(pl.col("begun").str.to_datetime(time_zone="UTC"))
    avrojet.write_arrow(out / "polars.avro", frame, DATA[name][0])


def ours_small(folder: Path, out: Path) -> None:
    avrojet.convert(folder / "small", out / "small", target_format="parquet")


def fastavro_small(folder: Path, out: Path) -> None:
    import fastavro
    import pyarrow as pa
    import pyarrow.parquet as pq

    (out / "small").mkdir(exist_ok=True)
    for path in (folder / "small").iterdir():
        with path.open("rb") as file:
            table = pa.Table.from_pylist(list(fastavro.reader(file)))
        pq.write_table(table, out / "small" / f"{path.stem}.parquet")


Side = Callable[[Path, Path], None]


def cases() -> dict[str, dict[str, Side]]:
    """The sides of each case; the first is avrojet's."""
    found: dict[str, dict[str, Side]] = {}
    for name, (schema, _) in DATA.items():
        found[f"{name}: Avro to Parquet"] = {
            "avrojet": partial(ours, f"{name}.avro", "ours.parquet"),
            "alone": Alone(partial(arrow_table, name), write_parquet),
            "polars": partial(polars_parquet, name),
            "duckdb": partial(duckdb_parquet, name),
        }
        found[f"{name}: Parquet to Avro"] = {
            "avrojet": partial(ours, f"{name}.parquet", "ours.avro"),
            "alone": partial(read_parquet, name),
        }
        found[f"{name}: recodec"] = {
            "avrojet": partial(ours, f"{name}.avro", "ours.avro", codec="zstandard"),
            "alone": partial(recompress, name),
        }
        found[f"{name}: concat"] = {"avrojet": partial(ours_twice, name), "alone": partial(copy_twice, name)}
        found[f"{name}: Avro to JSON lines"] = {
            "avrojet": partial(ours, f"{name}.avro", "ours.jsonl"),
            "fastavro": partial(fastavro_cat, name),
            "avro-tools": partial(avro_tools, name),
        }
        for command in ("cat", "tojson"):
            found[f"{name}: {command}"] = {
                "avrojet": partial(ours_command, name, command),
                "fastavro": partial(fastavro_cat, name),
                "avro-tools": partial(avro_tools, name),
            }
        found[f"{name}: JSON lines to Avro"] = {
            "avrojet": partial(ours, f"{name}.jsonl", "ours.avro", schema=schema),
            "fastavro": partial(fastavro_write, name),
            "polars": partial(polars_write, name),
        }
    found["1,000 files of 1,000 records to Parquet"] = {"avrojet": ours_small, "fastavro": fastavro_small}
    return found


class Session:
    """The side that is measured in this process."""

    def __init__(self, case: str, side: str) -> None:
        self._side = cases()[case][side]

    def hello(self, message: Any) -> dict[str, Any]:
        return {}

    def measure(self, message: dict[str, Any]) -> dict[str, Any]:
        folder = Path(message["folder"])
        with tempfile.TemporaryDirectory(dir=folder) as out:
            before, began = self._processor(), time.perf_counter()
            try:
                self._side(folder, Path(out))
            except Exception as error:  # noqa: BLE001 (told, and the side left out)
                return {"error": f"{type(error).__name__}: {error}"}
            return {"wall": time.perf_counter() - began, "processor": self._processor() - before}

    def _processor(self) -> float:
        own = resource.getrusage(resource.RUSAGE_SELF)
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def run(case: str, sides: list[str], folder: Path, rounds: int, peers: str | None) -> None:
    workers = {}
    for side in sides:
        extra = {"PYTHONPATH": peers} if side == "duckdb" and peers else {}
        workers[side] = Worker(case, "benchmarks.convert", "--serve", side, environment=extra)
    found: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    try:
        for number in range(rounds + 1):  # the first warms up
            for side, worker in list(workers.items()):
                answer = worker.ask("measure", folder=str(folder))
                if "error" in answer:
                    print(f"    {side}: {answer['error']}"[:200])
                    workers.pop(side).end()
                elif number:
                    found[side].append(answer)
    finally:
        for worker in workers.values():
            worker.end()
    print(case)
    mine = found["avrojet"]
    print(f"    avrojet     {statistics.median(each['wall'] for each in mine):8.3f} s")
    for side in sides[1:]:
        if len(found[side]) != len(mine):
            continue
        pairs = list(zip(found[side], mine, strict=True))
        wall = sorted(other["wall"] / own["wall"] for other, own in pairs)
        processor = statistics.median(other["processor"] / own["processor"] for other, own in pairs)
        seconds = statistics.median(other["wall"] for other, _ in pairs)
        spread = f"ratio {statistics.median(wall):.2f} ({wall[0]:.2f} to {wall[-1]:.2f})"
        print(f"    {side:12}{seconds:8.3f} s, {spread}, processor {processor:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", metavar="CASE", nargs="*", help="parts of the names of cases; all")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peers", help="a folder with duckdb and its avro extension")
    parser.add_argument("--tools", help="the jar of avro-tools")
    parser.add_argument("--without", action="append", default=[], metavar="SIDE")
    arguments = parser.parse_args()
    if arguments.tools:
        os.environ["AVRO_TOOLS"] = str(Path(arguments.tools).resolve())
    without = {*arguments.without, *(() if arguments.tools else ("avro-tools",))}
    with tempfile.TemporaryDirectory() as name:
        make_files(Path(name), arguments.records)
        for case, sides in cases().items():
            if not arguments.cases or any(part in case for part in arguments.cases):
                kept = [side for side in sides if side not in without]
                run(case, kept, Path(name), arguments.rounds, arguments.peers)


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve(lambda: Session(sys.argv[1], sys.argv[3]))
    else:
        main()
