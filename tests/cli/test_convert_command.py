"""`avrojet convert`, as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import avrojet
from avrojet.cli import main
from tests.container.samples import DATA, file_of, rows

ORDERS = str(DATA / "orders.avro")
COMMAND = [sys.executable, "-m", "avrojet"]


@pytest.fixture
def answer(capfdbinary):
    """Runs the command in this process: its exit status, output, and errors."""

    def call(*arguments):
        status = main(["convert", *map(str, arguments)])
        out, err = capfdbinary.readouterr()
        return status, out, err.decode()

    return call


def test_to_a_file_and_back(answer, tmp_path):
    target = tmp_path / "orders.jsonl"
    assert answer(ORDERS, target) == (0, b"", "")
    assert answer(target, tmp_path / "b.avro", "--schema", ORDERS, "--codec", "bzip2", "--jobs", "1") == (
        0,
        b"",
        "",
    )
    assert avrojet.read(tmp_path / "b.avro") == avrojet.read(ORDERS)


def test_to_stdout(answer):
    status, out, err = answer(ORDERS, "-", "--to", "jsonl", "--columns", "id,customer.name", "--head", "2")
    assert (status, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert len(lines) == 2
    assert lines[1]["customer"] == {"name": "Bo Lindqvist"}


@pytest.mark.slow
def test_from_stdin():
    command = [*COMMAND, "convert", "-", "-", "--from", "avro", "--to", "json"]
    done = subprocess.run(
        command, input=Path(ORDERS).read_bytes(), capture_output=True, check=True, timeout=60
    )
    assert len(done.stdout.splitlines()) == 8
    assert not done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.avro", "b.jsonl"], "avrojet: nowhere.avro: No such file or directory\n"),
        ([ORDERS, "b.what"], "b.what: the format is not clear from the extension; name it with --to"),
        ([ORDERS, "b.jsonl", "--columns", "idd"], "did you mean 'id'?"),
        ([ORDERS, "b.csv"], "cells of CSV cannot hold"),
        (["a.avro", "b.jsonl"], "a.avro: "),
        (["a.jsonl", "b.avro", "--schema", ORDERS], "a.jsonl: at $.id, line 1, column 8 of text 0"),
    ],
)
def test_errors_are_one_line(answer, tmp_path, monkeypatch, arguments, told):
    pytest.importorskip("polars")
    monkeypatch.chdir(tmp_path)
    Path("a.avro").write_bytes(file_of(rows(100))[:-3])
    Path("a.jsonl").write_text('{"id": 1}\n')
    status, out, err = answer(*arguments)
    assert (status, out) == (1, b"")
    assert err.count("\n") == 1
    assert err.startswith("avrojet: ")
    assert told in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.avro", "a.jsonl"]


@pytest.mark.parametrize(
    "arguments", [["--head", "-1"], ["--storage-option", "x"], ["--on-error", "x"], ["--level", "x"]]
)
def test_wrong_usage(answer, tmp_path, arguments):
    with pytest.raises(SystemExit) as caught:
        answer(ORDERS, tmp_path / "b.jsonl", *arguments)
    assert caught.value.code == 2


def test_what_is_set_aside_is_told(answer, tmp_path):
    data = bytearray(file_of(rows(200), sync_interval=500))
    data[-8] ^= 1
    (tmp_path / "a.avro").write_bytes(data)
    errors = tmp_path / "errors.jsonl"
    status, _, err = answer(
        tmp_path / "a.avro", tmp_path / "b.jsonl", "--on-error", "skip", "--errors", errors
    )
    assert (status, err) == (0, "avrojet: set aside: 1\n")
    assert json.loads(errors.read_bytes())["file"].endswith("a.avro")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/c.avro").write_bytes(b"none")
    status, _, err = answer(tmp_path / "in", tmp_path / "out", "--to", "jsonl", "--on-error", "skip")
    assert (status, err) == (1, "avrojet: set aside: 1 (whole files: 1)\n")


def large_file(path: Path) -> None:
    avrojet.write(path, "string", ["x" * 1000] * 60_000, codec="xz")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.parametrize("target", ["b.avro", "b.jsonl"])
def test_ctrl_c_leaves_nothing(tmp_path, target):
    large_file(tmp_path / "a.avro")
    command = [
        *COMMAND,
        "convert",
        str(tmp_path / "a.avro"),
        str(tmp_path / target),
        "--codec",
        "xz",
        "--level",
        "9",
    ]
    command = command if target == "b.avro" else command[:-4]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        while process.poll() is None and not any(tmp_path.glob(".*.part/*")):  # until the file is begun
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == b""
        assert process.wait(60) in (130, 0)  # 0: it was faster
    left = {path.name for path in tmp_path.iterdir()}
    assert left == ({"a.avro"} if process.returncode else {"a.avro", target})


@pytest.mark.slow
def test_the_reader_of_the_output_goes_away(tmp_path):
    large_file(tmp_path / "a.avro")
    reading, writing = os.pipe()
    command = [*COMMAND, "convert", str(tmp_path / "a.avro"), "-", "--to", "jsonl"]
    with subprocess.Popen(command, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        assert os.read(reading, 10)
        os.close(reading)
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_control_characters_do_not_reach_a_terminal(tmp_path):
    path = tmp_path / "a.avro"
    avrojet.write(path, "string", ["a\x1b[31m\x9b31m\x7f\u202eb"])
    code = (
        f"import pty, sys; sys.exit(pty.spawn([{sys.executable!r}, '-m', 'avrojet', 'cat', {str(path)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=60, check=True, stdin=subprocess.DEVNULL
    )
    assert done.stdout.strip() == rb'"a\u001b[31m\u009b31m\u007f\u202eb"'
