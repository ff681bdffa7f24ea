"""A bag of records to Avro files and back."""

import tempfile
from pathlib import Path

import dask
import dask.bag

SCHEMA = {
    "type": "record",
    "name": "Point",
    "fields": [
        {"name": "name", "type": "string"},
        {"name": "value", "type": ["null", "double"]},
        {"name": "tags", "type": {"type": "map", "values": "int"}},
    ],
}
POINTS = [
    {"name": f"p{number}", "value": None if number % 5 == 0 else number / 8, "tags": {"n": number}}
    for number in range(1000)
]

dask.config.set(scheduler="synchronous")
with tempfile.TemporaryDirectory() as place:
    for codec in ("null", "deflate", "snappy"):
        bag = dask.bag.from_sequence(POINTS, npartitions=4)
        files = bag.to_avro(str(Path(place, f"{codec}.*.avro")), SCHEMA, codec=codec)
        whole = dask.bag.read_avro(str(Path(place, f"{codec}.*.avro"))).compute()
        parts = dask.bag.read_avro(str(Path(place, f"{codec}.*.avro")), blocksize=2000).compute()
        assert whole == parts == POINTS
        print(codec, len(files), len(whole), whole[7])
