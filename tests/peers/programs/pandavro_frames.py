"""A data frame to an Avro file and back."""

import tempfile
from pathlib import Path

import pandas
import pandavro

FRAME = pandas.DataFrame(
    {
        "flag": [True, False, True],
        "count": [1, 2, 3],
        "ratio": [0.5, float("nan"), 2.5],
        "name": ["a", "b", None],
        "at": pandas.date_range("1969-12-31", periods=3, freq="7654321987us"),
    }
)

with tempfile.TemporaryDirectory() as place:
    path = str(Path(place, "frame.avro"))
    pandavro.to_avro(path, FRAME)
    pandavro.to_avro(path, FRAME, append=True)
    back = pandavro.read_avro(path)
    assert len(back) == 2 * len(FRAME)
    print(back.to_string())
    print(back.dtypes.to_string())
