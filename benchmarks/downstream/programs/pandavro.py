"""pandavro: data frames to container files and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pandas as pd
import pandavro

DISTRIBUTION = "pandavro"


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    for rows in (10, 5000):
        frame = pd.DataFrame(
            {
                "flag": [number % 2 == 0 for number in range(rows)],
                "count": range(rows),
                "ratio": [number / 8 for number in range(rows)],
                "name": [f"name {number}" for number in range(rows)],
                "at": pd.date_range("2026-01-01", periods=rows, freq="s"),
            }
        )
        file = BytesIO()
        pandavro.to_avro(file, frame)
        data = file.getvalue()
        yield f"to_avro, {rows} rows", _write(frame)
        yield f"read_avro, {rows} rows", _read(data)


def _write(frame: Any) -> Callable[[], Any]:
    def run() -> int:
        file = BytesIO()
        pandavro.to_avro(file, frame)
        return len(file.getvalue())

    return run


def _read(data: bytes) -> Callable[[], Any]:
    return lambda: pandavro.read_avro(BytesIO(data)).to_string()
