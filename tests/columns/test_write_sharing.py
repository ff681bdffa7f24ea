"""How rows of a type are encoded is found out once: for one file, for many, in all threads."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

import avrojet
from avrojet.columns import source
from tests.vectors import array, record

pa = pytest.importorskip("pyarrow")

THREADS = 6
SCHEMA = record(
    "Row",
    number="long",
    text=["null", "string"],
    colour={"type": "enum", "name": "Colour", "symbols": ["red", "green", "blue"]},
    point=record("Point", x="double", y=["null", "double"]),
    tags=array("string"),
    amounts={"type": "map", "values": "long"},
    either=["null", "long", "string"],
    price={"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
)


def rows(seed: int, count: int = 200) -> list[dict[str, Any]]:
    return [
        {
            "number": seed * 1000 + i,
            "text": None if i % 3 == 0 else f"{seed} ü {i}",
            "colour": ("red", "green", "blue")[(seed + i) % 3],
            "point": {"x": i / 3, "y": None if i % 2 else float(seed)},
            "tags": [f"{seed}-{k}" for k in range(i % 4)],
            "amounts": {f"{seed}{k}": k for k in range(i % 3)},
            "either": (None, i, f"{seed}")[i % 3],
            "price": avrojet.Decoder(
                {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
            ).decode(b"\4" + (seed * 7 + i).to_bytes(2, "big", signed=True)),
        }
        for i in range(count)
    ]


def table(seed: int) -> Any:
    file = io.BytesIO()
    avrojet.write(file, SCHEMA, rows(seed))
    file.seek(0)
    return pa.table(avrojet.read_arrow(file))


@pytest.fixture
def fits(monkeypatch) -> list[object]:
    """The types that are fitted to a schema while the test runs."""
    source._plans.clear()
    fitted: list[object] = []
    fit = source.fit

    def counted(schema: Any, field: Any, **options: Any) -> Any:
        fitted.append(field)
        return fit(schema, field, **options)

    monkeypatch.setattr(source, "fit", counted)
    return fitted


def test_a_type_is_fitted_once(fits):
    schema = avrojet.parse_schema(SCHEMA)
    first, second = table(1), table(2)
    for given, seed in ((first, 1), (second, 2), (first, 1)):
        file = io.BytesIO()
        avrojet.write_arrow(file, given, schema)
        file.seek(0)
        assert list(avrojet.read(file)) == rows(seed)
        assert len(fits) == 1
    encoder = avrojet.Encoder(schema)
    decode = avrojet.Decoder(schema).decode
    assert [decode(message.as_py()) for message in pa.array(encoder.encode_arrow(second))] == rows(2)
    assert len(fits) == 1


@pytest.mark.parametrize(
    "other",
    [
        lambda it: it.rename_columns([*it.column_names[:-1], "other"]),
        lambda it: it.select(it.column_names[::-1]),
        lambda it: it.set_column(0, pa.field("number", pa.int64(), metadata={"a": "b"}), it["number"]),
        lambda it: it.set_column(0, "number", it["number"].cast(pa.int32())),
        lambda it: it.set_column(2, "colour", it["colour"].cast(pa.string())),
    ],
)
def test_another_type_is_fitted_anew(fits, other):
    given = table(1)
    avrojet.write_arrow(io.BytesIO(), given, SCHEMA)
    changed = other(given)
    if "other" in changed.column_names:
        with pytest.raises(avrojet.SchemaError):
            avrojet.write_arrow(io.BytesIO(), changed, SCHEMA)
    else:
        file = io.BytesIO()
        avrojet.write_arrow(file, changed, SCHEMA)
        file.seek(0)
        assert list(avrojet.read(file)) == rows(1)
    assert len(fits) == 2


def test_other_options_are_fitted_anew(fits):
    given = pa.table({"t": pa.array([1_000_001], pa.timestamp("us", "UTC")), "more": [1]})
    schema = record("R", t={"type": "long", "logicalType": "timestamp-millis"})
    with pytest.raises(avrojet.SchemaError, match="more"):
        avrojet.write_arrow(io.BytesIO(), given, schema)
    with pytest.raises(avrojet.EncodeError):
        avrojet.write_arrow(io.BytesIO(), given, schema, extra_columns="ignore")
    file = io.BytesIO()
    avrojet.write_arrow(file, given, schema, extra_columns="ignore", truncate_times=True)
    file.seek(0)
    assert next(iter(avrojet.read(file)))["t"].microsecond == 0
    assert len(fits) == 3


def test_threads_share_what_a_type_has_and_nothing_else(fits):
    schema = avrojet.parse_schema(SCHEMA)
    tables = [table(seed) for seed in range(THREADS)]
    avrojet.write_arrow(io.BytesIO(), tables[0], schema)
    ready = Barrier(THREADS)

    def written(seed: int) -> list[bool]:
        ready.wait()
        same = []
        for _ in range(20):
            file = io.BytesIO()
            avrojet.write_arrow(file, tables[seed], schema)
            file.seek(0)
            same.append(list(avrojet.read(file)) == rows(seed))
        return same

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(all(same) for same in pool.map(written, range(THREADS)))
    assert len(fits) == 1


def test_a_failure_leaves_nothing_to_the_next_rows(fits):
    schema = record("R", a="int", b=array("int"))
    good = pa.table({"a": pa.array([1, 2]), "b": pa.array([[1], [2, 3]])})
    bad = pa.table({"a": pa.array([1, 1 << 40]), "b": pa.array([[1], [2, 3]])})
    for given, wrong in ((bad, True), (good, False), (bad, True), (good, False)):
        file = io.BytesIO()
        if wrong:
            with pytest.raises(avrojet.EncodeError, match="row 1"):
                avrojet.write_arrow(file, given, schema)
        else:
            avrojet.write_arrow(file, given, schema)
            file.seek(0)
            assert list(avrojet.read(file)) == [{"a": 1, "b": [1]}, {"a": 2, "b": [2, 3]}]
    assert len(fits) == 1
