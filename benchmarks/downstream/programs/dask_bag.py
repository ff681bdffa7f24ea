"""dask: a bag of records to container files and back, in one thread."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dask
import dask.bag

DISTRIBUTION = "dask"
SCHEMA = {
    "type": "record",
    "name": "Point",
    "fields": [
        {"name": "name", "type": "string"},
        {"name": "value", "type": ["null", "double"]},
        {"name": "tags", "type": {"type": "map", "values": "int"}},
    ],
}


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    dask.config.set(scheduler="synchronous")
    place = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    points = [
        {"name": f"p{number}", "value": None if number % 5 == 0 else number / 8, "tags": {"n": number}}
        for number in range(4000)
    ]
    bag = dask.bag.from_sequence(points, npartitions=4)
    pattern = str(Path(place, "points.*.avro"))
    bag.to_avro(pattern, SCHEMA)
    other = str(Path(place, "written.*.avro"))
    yield "to_avro, 4 files of 1000 rows", lambda: len(bag.to_avro(other, SCHEMA))
    yield "read_avro, whole files", lambda: dask.bag.read_avro(pattern).compute()
    yield "read_avro, parts of 4000 bytes", lambda: dask.bag.read_avro(pattern, blocksize=4000).compute()
