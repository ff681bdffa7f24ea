"""The benchmarks measure what they say: their data, their arithmetic and what they make of it."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

import avrojet
from benchmarks import chart, report
from benchmarks.cases import Case, cases
from benchmarks.results import Measured, Results, Spread, geometric_mean, overall
from benchmarks.targets import verdicts
from benchmarks.workloads import WORKLOADS, identical


def results(*measured):
    info = {name: {"label": name.title(), "versions": {name: "1.0"}} for name in ("avrojet", "fastavro")}
    place = {"processor": "P", "cores": 2, "system": "S", "python": "CPython", "date": "2024-02-29"}
    return Results(place, {}, info, {"cavro": "not installed"}, list(measured))


def decoding(workload, ours, theirs):
    wall = {"avrojet/decode": ours, "fastavro/decode": theirs}
    return Measured(Case("decode", workload), items=100, wall=wall, sizes={"avrojet": 10, "fastavro": 10})


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=lambda workload: workload.name)
def test_a_workload_survives_the_round_trip(workload):
    records = workload.records(20)
    datums = [avrojet.Encoder(workload.schema).encode(record) for record in records]
    assert identical([avrojet.Decoder(workload.schema).decode(datum) for datum in datums], records)
    half = avrojet.Decoder(workload.schema, workload.reader_schema)
    assert identical([half.decode(datum) for datum in datums], [workload.projected(r) for r in records])


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=lambda workload: workload.name)
def test_a_workload_is_the_same_every_time_and_no_record_like_another(workload):
    records = workload.records(50)
    assert identical(records, workload.records(50))
    assert all(first != second for first, second in pairwise(records))


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=lambda workload: workload.name)
def test_a_reader_schema_drops_about_half(workload):
    names = [f["name"] for record in records_in(workload.schema) for f in record["fields"]]
    kept = [f["name"] for record in records_in(workload.reader_schema) for f in record["fields"]]
    assert kept == [name for name in names if name not in workload.dropped]
    assert 0.4 <= len(kept) / len(names) <= 0.6


def records_in(schema):
    if isinstance(schema, list):
        return [record for branch in schema for record in records_in(branch)]
    if isinstance(schema, str):
        return []
    inner = [schema.get(key, "null") for key in ("items", "values")]
    inner += [f["type"] for f in schema.get("fields", ())]
    return [schema] * ("fields" in schema) + [record for one in inner for record in records_in(one)]


@pytest.mark.parametrize(
    ("left", "right"),
    [(1, True), (1, 1.0), ({"a": 1}, {"a": 2}), ([1], [1, 2]), ({"a": 1}, {"b": 1}), (b"", "")],
)
def test_identical_tells_values_apart_that_python_calls_equal(left, right):
    assert identical(left, left)
    assert not identical(left, right)


def test_a_ratio_divides_samples_of_the_same_round():
    measured = decoding("flat", [1.0, 2.0, 4.0], [8.0, 16.0])
    assert measured.speeds("avrojet/decode", "fastavro/decode") == [8.0, 8.0]
    assert measured.speeds("avrojet/decode", "cavro/decode") == []


def test_a_spread_is_the_quartiles_or_all_there_is():
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
    assert Spread.of([1.0, 2.0, 3.0, 4.0, 5.0]) == Spread(3.0, 2.0, 4.0)


def test_the_overall_speed_is_the_geometric_mean_of_the_medians():
    slow, fast = decoding("flat", [1.0, 1.0], [2.0, 2.0]), decoding("tree", [1.0, 1.0], [8.0, 8.0])
    assert geometric_mean([2.0, 8.0]) == pytest.approx(4.0)
    mean = overall([slow, fast], "avrojet/decode", "fastavro/decode")
    assert (mean.median, mean.low, mean.high) == pytest.approx((4.0, 4.0, 4.0))
    assert overall([slow], "avrojet/decode", "cavro/decode") is None


def test_a_target_is_missed_by_the_mean_or_by_one_workload():
    kept, low_mean, low_one = (
        next(verdicts(results(*(decoding(name, [1.0], [speed]) for name, speed in speeds.items()))))
        for speeds in ({"flat": 9.0, "tree": 8.0}, {"flat": 7.0, "tree": 7.0}, {"flat": 40.0, "tree": 4.0})
    )
    assert kept.kept
    assert not low_mean.kept
    assert low_mean.short == ()
    assert not low_one.kept
    assert low_one.short == ("tree 4.00x",)


def test_results_come_back_from_their_file(tmp_path):
    found = results(decoding("flat", [1.0, 1.1], [8.0, 8.2]))
    found.save(tmp_path / "results.json")
    assert Results.load(tmp_path / "results.json") == found


def test_a_report_names_speeds_faults_and_who_is_missing():
    found = results(
        decoding("flat", [1.0, 1.0], [8.0, 8.0]), Measured(Case("encode", "flat"), wrong={"avrojet": "x"})
    )
    text = report.render(found)
    for part in ("8.00x (8.00-8.00)", "cavro: not here (not installed)", "encode, flat: avrojet FAILED: x"):
        assert part in text


def test_a_chart_is_well_formed_and_has_a_bar_for_each_library():
    svg = ET.fromstring(chart.draw(results(decoding("flat", [1.0], [8.0]))))
    bars = [bar.get("class") for bar in svg.iter("{http://www.w3.org/2000/svg}rect")]
    assert bars == ["card", "ours", "bar"]


def test_a_chart_is_drawn_of_a_run_without_avrojet():
    """`--peers` may leave it out."""
    found = results(decoding("flat", [1.0], [8.0]))
    del found.libraries["avrojet"]
    svg = ET.fromstring(chart.draw(found))
    assert [bar.get("class") for bar in svg.iter("{http://www.w3.org/2000/svg}rect")] == ["card", "bar"]


def test_codecs_matter_to_files_alone():
    titles = [case.title for case in cases(["decode", "files"], ["flat"], ["null", "deflate"])]
    assert titles == ["decode", "read null", "read deflate", "write null", "write deflate"]


def test_strings_beyond_ascii_come_unencoded_and_all_else_as_it_is():
    unicode, flat = WORKLOADS["unicode"], WORKLOADS["flat"]
    records = unicode.records(3)
    again = unicode.unencoded(records)
    assert identical(again, records)
    assert all(new["body"] is not old["body"] for new, old in zip(again, records, strict=True))
    assert flat.unencoded(records) is records


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=lambda workload: workload.name)
def test_a_workload_says_whether_its_strings_are_ascii(workload):
    assert workload.beyond_ascii is not all(str(record).isascii() for record in workload.records(20))
