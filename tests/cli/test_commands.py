"""The commands, as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest

import avrojet
from avrojet.cli import main
from avrojet.container.framing import build_block, build_header
from tests.container.samples import DATA, SYNC, file_of

ORDERS = str(DATA / "orders.avro")


def run(*arguments, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "avrojet", *arguments]
    return subprocess.run(command, capture_output=True, timeout=60, check=False, **options)


@pytest.fixture
def answer(capfdbinary):
    """Runs a command in this process: its exit status, lines of output, and errors."""

    def call(*arguments):
        status = main(arguments)
        out, err = capfdbinary.readouterr()
        return status, out.decode().splitlines(), err.decode()

    return call


DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2}
DURATION = {"type": "fixed", "name": "d", "size": 12, "logicalType": "duration"}
NANOS = {"type": "long", "logicalType": "local-timestamp-nanos"}


def test_cat(answer):
    status, lines, err = answer("cat", ORDERS)
    assert (status, err) == (0, "")
    rows = [json.loads(line) for line in lines]
    assert len(rows) == 8
    assert rows[2]["customer"] == {"name": "Chloé Dubois", "email": "chloe@example.org"}
    assert rows[0]["items"][0] == {"sku": "TEA-GREEN", "quantity": 2, "price": "4.50"}
    assert rows[0]["placed"] == "2026-02-27T09:00:30.250000+00:00"
    assert rows[0]["ship_by"] == "2026-03-04"
    assert rows[0]["id"] == "5eed0000-0000-4000-8000-000000000000"
    assert "Chloé" in lines[2]


@pytest.mark.parametrize("head", [0, 1, 7, 100])
def test_cat_head(answer, head):
    whole = answer("cat", ORDERS)[1]
    assert answer("cat", ORDERS, "--head", str(head))[1] == whole[:head]


@pytest.mark.parametrize("head", ["-1", "x"])
def test_cat_head_must_be_a_count(answer, head):
    with pytest.raises(SystemExit) as caught:
        answer("cat", ORDERS, "--head", head)
    assert caught.value.code == 2


def test_schema(answer):
    status, lines, err = answer("schema", ORDERS)
    assert (status, err) == (0, "")
    with avrojet.DataFileReader(ORDERS) as reader:
        assert avrojet.parse_schema("\n".join(lines)) == reader.schema
    assert len(lines) > 20


def test_meta(answer):
    status, lines, _ = answer("meta", ORDERS)
    assert status == 0
    assert json.loads("\n".join(lines)) == {"shop.branch": "Lisboa", "avro.codec": "deflate"}


def test_meta_of_bytes(answer, tmp_path):
    path = tmp_path / "a.avro"
    path.write_bytes(file_of([], '"null"', metadata={"a": b"\xff\x00", "b": "é"}))
    shown = json.loads("\n".join(answer("meta", str(path))[1]))
    assert shown == {"avro.codec": "null", "a": "ÿ\x00", "b": "é"}


def test_count(answer):
    assert answer("count", ORDERS) == (0, ["8"], "")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["cat", "schema", "meta", "count"])
def test_standard_input(command):
    with (DATA / "orders.avro").open("rb") as file:
        piped = run(command, "-", input=file.read())
        file.seek(0)
        redirected = run(command, "-", stdin=file)
    named = run(command, ORDERS)
    assert piped.stdout == redirected.stdout == named.stdout
    assert named.stdout
    assert (piped.returncode, redirected.returncode, named.returncode) == (0, 0, 0)


@pytest.mark.parametrize("command", ["cat", "schema", "meta", "count"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no Avro", "not an Avro object container file"),
        (b"", "a.avro: the file is empty"),
        (None, "No such file"),
    ],
)
def test_errors_are_one_line(answer, tmp_path, command, content, message):
    path = tmp_path / "a.avro"
    if content is not None:
        path.write_bytes(content)
    status, lines, err = answer(command, str(path))
    assert (status, lines) == (1, [])
    assert err.startswith("avrojet: ")
    assert message in err
    assert err.count("\n") == 1


def test_rows_before_an_error_are_printed(answer, tmp_path):
    path = tmp_path / "a.avro"
    path.write_bytes(file_of([1, 2, 3], '"long"', sync_interval=1)[:-1])
    status, lines, err = answer("cat", str(path))
    assert (status, lines) == (1, ["1", "2"])
    assert "block 2" in err


def test_schema_that_is_no_json(answer, tmp_path):
    path = tmp_path / "a.avro"
    path.write_bytes(file_of([], '"null"').replace(b'"null"', b'"null('))
    assert answer("schema", str(path))[0] == 1


def test_the_reader_of_the_output_goes_away(tmp_path):
    path = tmp_path / "a.avro"
    path.write_bytes(file_of(["x" * 100] * 50_000, '"string"'))
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "avrojet", "cat", str(path)]
    with subprocess.Popen(command, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        assert os.read(reading, 10)
        os.close(reading)
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


def test_closed_standard_streams_are_told(monkeypatch, answer, tmp_path):
    monkeypatch.setattr(sys, "stdin", None)
    status, lines, err = answer("cat", "-")
    assert (status, lines, err) == (1, [], "avrojet: the standard input is closed\n")
    for command in ("cat", "schema", "stats"):
        monkeypatch.setattr(sys, "stdout", None)
        assert main([command, ORDERS]) == 1
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["convert", "--quiet", ORDERS, str(tmp_path / "orders.jsonl")]) == 0
    assert (tmp_path / "orders.jsonl").stat().st_size


def test_without_a_standard_error_nothing_of_it_is_among_the_output(monkeypatch, answer):
    monkeypatch.setattr(sys, "stderr", None)
    assert answer("cat", "nothing.avro") == (1, [], "")


def test_a_folder_is_no_file(answer, tmp_path):
    if os.name == "nt":
        pytest.skip("Windows calls that a lack of permission")
    status, lines, err = answer("schema", str(tmp_path))
    assert (status, lines, err) == (1, [], f"avrojet: {tmp_path}: Is a directory; a file is needed\n")
    status, lines, err = answer("cat", str(tmp_path))
    assert (status, lines) == (1, [])
    assert "has no Avro files: none that ends in .avro" in err


def test_output_is_utf_8_everywhere():
    done = run(
        "cat", ORDERS, env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    )
    assert done.returncode == 0
    assert "田中" in done.stdout.decode()


def test_version_and_usage():
    assert run("--version").stdout.decode().splitlines()[0] == f"avrojet {avrojet.__version__}"
    nothing = run()
    assert nothing.returncode == 2
    assert b"usage: avrojet" in nothing.stderr
    assert run("--help").stdout.startswith(b"usage: avrojet")


def test_interrupt(monkeypatch, answer):
    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("avrojet.cli.count.run", interrupted)
    assert answer("count", ORDERS) == (130, [], "")


@pytest.mark.parametrize(
    ("schema", "value", "text"),
    [
        ("bytes", b"\x00\xffA", '"\\u0000ÿA"'),
        (DECIMAL, Decimal("1.50"), '"1.50"'),
        ({"type": "int", "logicalType": "date"}, date(2026, 1, 2), '"2026-01-02"'),
        ("double", float("nan"), '"NaN"'),
        ({"type": "map", "values": "double"}, {"a": float("-inf"), "b": 1.5}, '{"a": "-Infinity", "b": 1.5}'),
        ("float", 0.1, "0.10000000149011612"),
        ({"type": "array", "items": ["null", "int"]}, [1, None], "[1, null]"),
        (DURATION, avrojet.Duration(1, 2, 3), '"P1M2DT0.003S"'),
        (NANOS, avrojet.NanoDatetime(2026, 1, 2, nanosecond=7), '"2026-01-02T00:00:00.000000007"'),
        ("string", "é\n", '"é\\n"'),
        ("null", None, "null"),
    ],
)
def test_cat_shows_values_as_people_write_them(answer, tmp_path, schema, value, text):
    path = tmp_path / "a.avro"
    path.write_bytes(file_of([value], schema))
    assert answer("cat", str(path)) == (0, [text], "")


# repair


@pytest.fixture
def damaged(tmp_path):
    """A file of three blocks, of which the second has a wrong marker."""
    path = tmp_path / "damaged.avro"
    blocks = (2, b"\x02\x04", SYNC), (1, b"\x06", SYNC[::-1]), (1, b"\x08", SYNC)
    data = b"".join(build_block(*block) for block in blocks)
    path.write_bytes(build_header({"avro.schema": b'"long"'}, SYNC) + data)
    return path


def test_repair(answer, damaged, tmp_path):
    status, lines, err = answer("repair", str(damaged), str(tmp_path / "whole.avro"))
    assert (status, err) == (1, "")
    assert lines[0].startswith("whole: blocks: 2, bytes: ")
    assert lines[1] == "lost: 1 loss, bytes: 19, records: 1"
    assert lines[2].startswith(f"  {damaged}: bytes ")
    assert "block 1 at byte" in lines[2]
    assert len(lines) == 3
    assert avrojet.read(tmp_path / "whole.avro") == [1, 2, 4]


def test_repair_of_a_whole_file(answer, tmp_path):
    target = tmp_path / "whole.avro"
    status, lines, err = answer("repair", ORDERS, str(target))
    assert (status, err) == (0, "")
    assert lines[1:] == ["lost: nothing"]
    assert target.read_bytes() == (DATA / "orders.avro").read_bytes()


def test_repair_report_only_tells(answer, damaged, tmp_path):
    status, lines, err = answer("repair", str(damaged), "--report")
    assert (status, err) == (1, "")
    assert lines == answer("repair", str(damaged), str(tmp_path / "whole.avro"))[1]
    (tmp_path / "whole.avro").unlink()
    assert list(tmp_path.iterdir()) == [damaged]


def test_repair_that_cannot_be(answer, damaged, tmp_path):
    status, lines, err = answer("repair", str(damaged), str(damaged))
    assert (status, lines) == (2, [])
    assert "in place" in err
    (tmp_path / "text").write_text("no Avro")
    assert answer("repair", str(tmp_path / "text"), "--report")[0] == 2
    assert answer("repair", str(tmp_path / "absent"), "--report")[0] == 2


@pytest.mark.parametrize("arguments", [[], ["a"], ["a", "b", "--report"]])
def test_repair_wants_a_target_or_to_report(answer, arguments):
    with pytest.raises(SystemExit) as caught:
        answer("repair", *arguments)
    assert caught.value.code == 2


@pytest.mark.parametrize("text", ["-1", "x", "1.5"])
def test_a_wrong_count_says_what_a_count_is(capsys, text):
    with pytest.raises(SystemExit) as caught:
        main(["head", ORDERS, f"-n={text}"])
    assert caught.value.code == 2
    assert "is not a whole number of 0 or more" in capsys.readouterr().err
