"""polars-fastavro: polars' frames to container files and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import polars as pl
import polars_fastavro

DISTRIBUTION = "polars-fastavro"


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    for rows in (10, 5000):
        frame = pl.DataFrame(
            {
                "count": range(rows),
                "ratio": [number / 8 for number in range(rows)],
                "name": [f"name {number}" for number in range(rows)],
                "day": [dt.date(2026, 1, 1 + number % 28) for number in range(rows)],
                "list": [[number, number + 1] for number in range(rows)],
            }
        )
        file = BytesIO()
        polars_fastavro.write_avro(frame, file)
        data = file.getvalue()
        yield f"write_avro, {rows} rows", _write(frame)
        yield f"read_avro, {rows} rows", _read(data)
        yield f"scan_avro, one column of {rows} rows", _scan(data)


def _write(frame: Any) -> Callable[[], Any]:
    def run() -> int:
        file = BytesIO()
        polars_fastavro.write_avro(frame, file)
        return len(file.getvalue())

    return run


def _read(data: bytes) -> Callable[[], Any]:
    return lambda: polars_fastavro.read_avro(BytesIO(data)).to_dict(as_series=False)


def _scan(data: bytes) -> Callable[[], Any]:
    return lambda: polars_fastavro.scan_avro(BytesIO(data)).select("name").collect().to_dict(as_series=False)
