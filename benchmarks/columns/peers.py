"""The libraries that read container files as columns, all in the same few words.

Imported by the worker. A library is imported where its reader is made, which fails with ImportError where it
is not installed. The number of threads is told to each as it wants to be told: some by the environment only,
see :func:`environment`.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import avrojet


@dataclass(frozen=True)
class Reader:
    """How a library reads a file.

    ``table`` reads it whole, or the columns that are named, and returns what the library makes of it;
    ``rows`` takes that and numbers of rows, and gives the number of all rows and the values of those: by them
    it is checked. ``json`` tells that nested values come as JSON text. ``reads`` is False for what makes no
    columns at all.
    """

    table: Callable[[str, Sequence[str] | None], Any]
    rows: Callable[[Any, Iterable[int]], tuple[int, list[list[Any]]]]
    json: bool = False
    reads: bool = True


def arrow_rows(table: Any, numbers: Iterable[int]) -> tuple[int, list[list[Any]]]:
    """Rows of a pyarrow table."""
    found = []
    for number in numbers:
        (row,) = table.slice(number, 1).to_pylist(maps_as_pydicts="strict")
        found.append(list(row.values()))
    return table.num_rows, found


def environment(threads: int) -> dict[str, str]:
    """What libraries must find when they start."""
    names = ("POLARS_MAX_THREADS", "TOKIO_WORKER_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS")
    return {
        **dict.fromkeys(names, str(threads)),
        "RUST_BACKTRACE": "0",
    }  # a panic is a result, told in a line


def _avrojet(threads: int) -> Reader:
    import pyarrow as pa

    workers = 0 if threads == 1 else threads

    def read(path: str, columns: Sequence[str] | None) -> Any:
        stream = avrojet.read_arrow(path, columns=columns, threads=workers)
        # pyarrow.table(stream) would import pandas where it is installed: 300 ms of the first call.
        return pa.RecordBatchReader.from_stream(stream).read_all()

    return Reader(read, arrow_rows)


def _decompression(threads: int) -> Reader:
    """Only what must be done in any case: read the file and decompress its blocks."""

    def read(path: str, columns: Sequence[str] | None) -> Any:
        with avrojet.DataFileReader(path) as reader:
            for block in reader.blocks():
                block.decompressed()

    return Reader(read, lambda nothing, numbers: (0, []), reads=False)


def _rugo(threads: int) -> Reader:
    from rugo import avro

    def read(path: str, columns: Sequence[str] | None) -> Any:
        with avro.read_avro(path, columns=columns, max_threads=threads) as morsels:
            return list(morsels)

    def rows(morsels: Any, numbers: Iterable[int]) -> tuple[int, list[list[Any]]]:
        starts = list(accumulate((morsel.num_rows for morsel in morsels), initial=0))
        found = []
        for number in numbers:
            part = bisect_right(starts, number) - 1
            row = morsels[part].slice(number - starts[part], 1)
            found.append([row.column(name).to_pylist()[0] for name in row.column_names])
        return starts[-1], found

    return Reader(read, rows, json=True)


def _datafusion(threads: int) -> Reader:
    import datafusion
    import pyarrow as pa

    config = datafusion.SessionConfig().with_target_partitions(threads)

    def column(name: str) -> Any:
        first, *rest = name.split(".")
        found = datafusion.col(f'"{first}"')
        for part in rest:
            found = found[part]
        return found

    def read(path: str, columns: Sequence[str] | None) -> Any:
        frame = datafusion.SessionContext(config).read_avro(path)
        if columns is not None:
            frame = frame.select(*(column(name) for name in columns))
        return frame.collect()

    return Reader(read, lambda batches, numbers: arrow_rows(pa.Table.from_batches(batches), numbers))


def _polars_like(read_avro: Callable[..., Any]) -> Reader:
    """For those who read data frames of polars: columns of records are read whole, then taken apart."""
    import polars as pl

    def field(name: str) -> Any:
        first, *rest = name.split(".")
        found = pl.col(first)
        for part in rest:
            found = found.struct.field(part)
        return found.alias(name)

    def read(path: str, columns: Sequence[str] | None) -> Any:
        if columns is None:
            return read_avro(path)
        frame = read_avro(path, columns=list(dict.fromkeys(name.partition(".")[0] for name in columns)))
        return frame.select([field(name) for name in columns])

    return Reader(read, lambda frame, numbers: arrow_rows(frame.to_arrow(), numbers))


def _polars(threads: int) -> Reader:
    import polars as pl

    return _polars_like(pl.read_avro)


def _polars_avro(threads: int) -> Reader:
    import polars_avro

    return _polars_like(polars_avro.read_avro)


def _jetliner(threads: int) -> Reader:
    import jetliner

    return _polars_like(jetliner.read_avro)


def _duckdb(threads: int) -> Reader:
    """Its extension comes from the package duckdb-extension-avro, of the very version of duckdb."""
    import duckdb
    import duckdb_extensions

    connection = duckdb.connect(config={"threads": threads})
    try:
        duckdb_extensions.import_extension("avro", con=connection)
        connection.load_extension("avro")
    except (duckdb.Error, ImportError) as error:
        raise ImportError(f"the avro extension cannot be loaded: {error}") from error

    def read(path: str, columns: Sequence[str] | None) -> Any:
        chosen = "*" if columns is None else ", ".join(columns)
        return connection.sql(f"SELECT {chosen} FROM read_avro('{path}')").to_arrow_table()

    return Reader(read, arrow_rows)


def _fastavro(threads: int) -> Reader:
    """Rows of Python objects first."""
    import fastavro
    import pyarrow as pa

    def schema_of(path: str) -> Any:
        # pyarrow takes a dict for a struct, and the keys of a million maps for its fields, unless it is told.
        schema = pa.schema(avrojet.read_arrow(path))
        return schema if "map<" in str(schema) else None

    def leaf(row: Any, names: Sequence[str]) -> Any:
        for name in names:
            row = row[name]
        return row

    def read(path: str, columns: Sequence[str] | None) -> Any:
        with open(path, "rb") as file:  # noqa: PTH123 - as its documentation does
            if columns is None:
                return pa.Table.from_pylist(list(fastavro.reader(file)), schema=schema_of(path))
            narrowed = fastavro.parse_schema(_narrowed(path, columns))
            rows = list(fastavro.reader(file, narrowed))
        return pa.table({name: [leaf(row, name.split(".")) for row in rows] for name in columns})

    return Reader(read, arrow_rows)


def _narrowed(path: str, columns: Sequence[str]) -> Any:
    with avrojet.DataFileReader(path) as file:
        return json.loads(avrojet.project(file.schema, columns).json)


PEERS: dict[str, Callable[[int], Reader]] = {
    "avrojet": _avrojet,
    "rugo": _rugo,
    "datafusion": _datafusion,
    "polars-avro": _polars_avro,
    "polars": _polars,
    "jetliner": _jetliner,
    "duckdb": _duckdb,
    "fastavro": _fastavro,
    "decompression": _decompression,
}
"""Name -> what makes its reader for so many threads."""

ONE_THREAD = frozenset(("fastavro", "decompression"))
"""Those that more cores would not help: they are measured with the fewest."""

DISTRIBUTIONS = {
    "avrojet": ("avrojet",),
    "rugo": ("rugo",),
    "datafusion": ("datafusion",),
    "polars-avro": ("polars-avro", "polars"),
    "polars": ("polars",),
    "jetliner": ("jetliner", "polars"),
    "duckdb": ("duckdb", "duckdb-extension-avro"),
    "fastavro": ("fastavro", "pyarrow"),
    "decompression": ("avrojet",),
}
"""The distributions whose versions a result records."""
