"""Engines, by turns on the same files.

    python -m benchmarks.engines [RECORDS] [--shapes flat,nested,text] [--engines polars,daft] [--rounds N]

An engine that is not installed is left out. AVROJET_SPARK_JARS names the jar of spark-avro. Times are medians
and quartiles, as wall time, and as processor time of this process and those that it has started (on Linux).
Spark is measured in a run of its own: Java's processes end without telling what they took.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.engines import frames, spark
from benchmarks.engines.measure import Query, measure, table
from benchmarks.engines.shapes import FILES, SHAPES

ENGINES = {
    "polars": frames.polars,
    "daft": frames.daft,
    "dask": frames.dask,
    "dask_bag": frames.dask_bag,
    "ray": frames.ray,
    "spark": spark.spark,
}


def queries(names: list[str], folder: Path, records: int) -> list[Query]:
    made = [*frames.own(folder, records)]
    for name in names:
        try:
            made += ENGINES[name](folder, records)
        except ImportError as error:
            print(f"left out: {error}", file=sys.stderr)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="?", type=int, default=200_000)
    parser.add_argument("--shapes", default="flat")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="where files are made, and kept for the next time")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments.shapes.split(","):
            folder = SHAPES[name].write(arguments.folder or Path(scratch), arguments.records)
            made = queries(arguments.engines.split(","), folder, arguments.records)
            measure(made, arguments.rounds)
            print(f"\n{arguments.records} {name} records in {FILES} files")
            print(*table(made), sep="\n")


if __name__ == "__main__":
    main()
