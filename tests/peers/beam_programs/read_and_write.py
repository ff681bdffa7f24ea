"""Apache Beam's ReadFromAvro, ReadAllFromAvro and WriteToAvro; files are cut into bundles."""

import logging
import tempfile
from pathlib import Path

import apache_beam as beam
from apache_beam.io.avroio import ReadAllFromAvro, ReadFromAvro, WriteToAvro
from apache_beam.testing.util import assert_that, equal_to

logging.disable(logging.WARNING)
SCHEMA = {
    "type": "record",
    "name": "Point",
    "fields": [
        {"name": "name", "type": "string"},
        {"name": "value", "type": ["null", "double"]},
        {"name": "tags", "type": {"type": "map", "values": "int"}},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
        {"name": "raw", "type": {"type": "fixed", "name": "Raw", "size": 2}},
    ],
}
POINTS = [
    {
        "name": f"p{number}",
        "value": None if number % 5 == 0 else number / 8,
        "tags": {"n": number},
        "kind": "AB"[number % 2],
        "raw": bytes([number % 256, 1]),
    }
    for number in range(3000)
]

with tempfile.TemporaryDirectory() as place:
    for codec in ("null", "deflate"):
        prefix = str(Path(place, codec))
        with beam.Pipeline() as pipeline:
            points = pipeline | beam.Create(POINTS)
            points | WriteToAvro(prefix, SCHEMA, file_name_suffix=".avro", codec=codec, num_shards=3)
        with beam.Pipeline() as pipeline:
            files = f"{prefix}-*.avro"
            read = pipeline | ReadFromAvro(files, min_bundle_size=4000)
            assert_that(read, equal_to(POINTS), label="read")
            read = pipeline | beam.Create([files]) | ReadAllFromAvro(desired_bundle_size=4000)
            assert_that(read, equal_to(POINTS), label="read all")
        print(codec, len(list(Path(place).glob(f"{codec}-*.avro"))))
    with beam.Pipeline() as pipeline:  # rows of a schema that Beam makes itself
        rows = pipeline | beam.Create([beam.Row(a=1, b="x"), beam.Row(a=2, b="y")])
        rows | WriteToAvro(str(Path(place, "rows")), file_name_suffix=".avro")
    with beam.Pipeline() as pipeline:
        read = pipeline | ReadFromAvro(str(Path(place, "rows-*.avro")), as_rows=True)
        read | beam.Map(lambda row: (row.a, row.b)) | beam.Map(print)
