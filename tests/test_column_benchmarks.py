"""The benchmarks of columns measure what they say: files, checks of values, ratios, targets."""

from __future__ import annotations

import pytest

from benchmarks.columns import __main__ as command
from benchmarks.columns import report
from benchmarks.columns.check import WrongError, check, samples
from benchmarks.columns.files import SHAPES
from benchmarks.columns.peers import PEERS
from benchmarks.columns.results import Measured, Results
from benchmarks.columns.targets import verdicts

PLACE = {"processor": "P", "cores": 2, "system": "S", "python": "CPython", "date": "2024-02-29"}


def results(*measured):
    libraries = {name: {name: "1.0"} for name in ("avrojet", "rugo", "datafusion")}
    options = {"cores": [1, 2], "columns": ["all", "some"]}
    return Results(PLACE, options, libraries, {"duckdb": "not installed"}, list(measured))


def flat(**wall):
    lanes = {f"{name}/1/all": seconds for name, seconds in wall.items()}
    return Measured("flat", "null", rows=100, size=6700, wall=lanes)


@pytest.mark.parametrize(
    "peer", ["avrojet", "datafusion", "duckdb", "fastavro", "jetliner", "polars-avro", "rugo"]
)
@pytest.mark.parametrize("columns", ["all", "some"])
def test_a_peer_reads_what_the_file_has(tmp_path, peer, columns):
    pytest.importorskip("pyarrow")
    try:
        reader = PEERS[peer](1)
    except ImportError as error:
        pytest.skip(str(error))
    shape = SHAPES["flat"]
    shape.write(tmp_path / "flat.avro", "null", 300)
    wanted = None if columns == "all" else shape.some
    count, found = reader.rows(reader.table(str(tmp_path / "flat.avro"), wanted), samples(300))
    assert count == 300
    check(found, shape, 300, wanted, text=reader.json)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: shape.name)
def test_avrojet_reads_every_shape_and_others_would_be_told(tmp_path, shape):
    pytest.importorskip("pyarrow")
    reader = PEERS["avrojet"](1)
    shape.write(tmp_path / "it.avro", "deflate", 200)
    for columns in (None, shape.some):
        _, found = reader.rows(reader.table(str(tmp_path / "it.avro"), columns), samples(200))
        check(found, shape, 200, columns, text=False)
        found[7], found[9] = found[9], found[7]
        with pytest.raises(WrongError):
            check(found, shape, 200, columns, text=False)


def test_ratios_are_of_the_same_round():
    one = flat(avrojet=[1.0, 2.0, 1.0], rugo=[3.0, 6.0, 3.0, 9.0])
    assert one.speeds("avrojet/1/all", "rugo/1/all") == [3.0, 3.0, 3.0]
    assert one.speeds("avrojet/1/all", "polars/1/all") == []


def test_the_best_peer_is_the_fastest_that_took_part():
    one = flat(avrojet=[1.0], rugo=[3.0], datafusion=[2.0])
    assert one.best("1/all", ["rugo", "datafusion", "polars"]) == "datafusion"
    assert one.best("2/all", ["rugo"]) is None


def test_targets_that_were_not_measured_are_left_out():
    found = {verdict.promise: verdict for verdict in verdicts(results(flat(avrojet=[1.0], rugo=[2.0])))}
    assert not found["read, flat, null, 1 core: >= 2.5x rugo"].kept
    assert not any("datafusion" in promise for promise in found)


def test_a_report_shows_ratios_failures_and_who_is_missing(tmp_path):
    one = flat(avrojet=[1.0], rugo=[2.0])
    one.wrong["datafusion/1/all"] = "PanicError: <no>"
    one.text.append("rugo")
    whole = results(one)
    text = report.render(whole)
    assert "2.00 (2.00-2.00) *" in text
    assert "| fails |" in text
    assert "datafusion fails on flat: PanicError: (no)" in text
    assert "duckdb is not here: not installed" in text
    whole.save(tmp_path / "columns.json")
    assert report.render(Results.load(tmp_path / "columns.json")) == text


@pytest.mark.slow
def test_a_whole_run(tmp_path, capsys):
    pytest.importorskip("pyarrow")
    saved = tmp_path / "columns.json"
    choice = "--shapes flat --codecs null --peers avrojet --cores 1 --columns some,all".split()
    pace = "--rows 50 --rounds 2 --first 1 --output".split()
    assert command.main([*choice, *pace, str(saved)]) == 0
    (measured,) = Results.load(saved).measured
    assert {lane: len(seconds) for lane, seconds in measured.wall.items()} == {
        "avrojet/1/all": 2,
        "avrojet/1/some": 2,
    }
    assert len(measured.first["avrojet/1/all"]) == 1
    assert "**one core, some columns**" in capsys.readouterr().out
