"""examples/movies: the log is parsed, the schemas get along, and both libraries read the same."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from examples.movies.log import make_log, parse_log

MOVIES = Path(__file__).resolve().parents[2] / "examples" / "movies"
TIME = datetime(2024, 3, 8, 23, 6, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "kind", "event"),
    [
        (
            "GET /data/m/dear+zachary+a+letter+to+a+son+about+his+father+2008/84.mpg",
            "Watch",
            {"movieId": "dear+zachary+a+letter+to+a+son+about+his+father+2008", "minute": 84},
        ),
        (
            "GET /data/m/a+1999/9.mpg?device=tv&end",
            "Watch",
            {"movieId": "a+1999", "minute": 9, "deviceType": "tv", "watchedInFull": True},
        ),
        ("GET /rate/a+1999=5", "Rating", {"movieId": "a+1999", "rating": 5}),
        (
            "GET /rate/a+1999=1?after=credits",
            "Rating",
            {"movieId": "a+1999", "rating": 1, "ratingContext": "credits"},
        ),
        (
            "recommendation request 10.0.0.3:8082, status 200, result: a+1999, b+2001, on web, 120 ms",
            "Recommendation",
            {"server": "10.0.0.3:8082", "status": 200, "results": ["a+1999", "b+2001"], "responseMillis": 120,
             "deviceType": "web"},
        ),
    ],
)  # fmt: skip
def test_lines_are_events(line, kind, event):
    assert [*parse_log([f"2024-03-08T23:06:09,422004,{line}\n"])] == [
        (kind, {"time": TIME, "userId": 422004, **event})
    ]


@pytest.mark.parametrize(
    "line", ["", "noise", "2024-03-08T23:06:09,1,GET /rate/a=6", "2024-03-08T23:06:09,x,GET /"]
)
def test_other_lines_are_none(line):
    assert [kind for kind, _ in parse_log([line])] == [""]


def test_every_kind_of_line_is_made():
    kinds = {kind for kind, _ in parse_log(make_log(2000))}
    assert kinds == {"", "Watch", "Rating", "Recommendation"}
    assert {key for _, event in parse_log(make_log(2000)) for key in event} > {
        "watchedInFull",
        "ratingContext",
    }


def test_old_data_are_read_with_new_schemas_and_new_data_with_old_ones(tmp_path):
    log = tmp_path / "log"
    log.write_text("".join(f"{line}\n" for line in make_log(1000)), encoding="utf-8")
    command = [sys.executable, "-m", "avrojet.compat", "avro", MOVIES / "movies.py", log, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert sum(found["events"].values()) + found["no events"] == 1000
    assert len([*tmp_path.glob("*.avro")]) == 6


@pytest.mark.slow
def test_the_whole_example_runs():
    pytest.importorskip("avro")
    pytest.importorskip("polars")
    command = [sys.executable, MOVIES / "run.py", "500"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "all compatible" in done.stdout
    assert "Apache avro: written in" in done.stdout
    assert "avrojet: written in" in done.stdout
    assert "Devices" in done.stdout
