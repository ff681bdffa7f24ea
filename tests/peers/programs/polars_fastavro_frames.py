"""A polars frame to an Avro file and back, lazily too."""

import datetime
import io

import polars
import polars_fastavro

FRAME = polars.DataFrame(
    {
        "count": [1, 2, None],
        "ratio": [0.5, None, 2.5],
        "name": ["a", None, "c"],
        "flag": [True, None, False],
        "raw": [b"\0", b"", None],
        "day": [datetime.date(2026, 1, 1), None, datetime.date(1969, 12, 31)],
        "list": [[1, 2], [], None],
        "struct": [{"x": 1, "y": "a"}, {"x": None, "y": None}, {"x": 3, "y": "c"}],
    }
)

for codec in ("null", "deflate"):
    buffer = io.BytesIO()
    polars_fastavro.write_avro(FRAME, buffer, codec=codec)
    buffer.seek(0)
    back = polars_fastavro.read_avro(buffer)
    print(back)
    buffer.seek(0)
    print(
        polars_fastavro.scan_avro(buffer).select("name", "struct").filter(polars.col("name") == "a").collect()
    )
