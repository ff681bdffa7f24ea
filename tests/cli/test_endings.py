"""Every command that makes files: on a full disk, interrupted, and where it may not write."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from avrojet.cli import main
from avrojet.cli.commands import COMMANDS
from tests.container.samples import DATA, file_of
from tests.vectors import record

ORDERS = str(DATA / "orders.avro")
# The arguments of each, with OUT for the file, or the folder, that it makes.
MAKERS = {
    "cat": [ORDERS, "--out", "OUT"],
    "classes": [ORDERS, "OUT"],
    "concat": [ORDERS, ORDERS, "OUT"],
    "convert": [ORDERS, "OUT", "--to", "avro", "--codec", "null"],
    "convert to text": [ORDERS, "OUT", "--to", "jsonl"],
    "convert to columns": [ORDERS, "OUT", "--to", "parquet"],
    "convert of text": ["RECORDS", "OUT", "--from", "jsonl", "--to", "avro"],
    "convert through Avro": ["RECORDS", "OUT", "--from", "jsonl", "--to", "arrow"],
    "fromtext": ["RECORDS", "OUT"],
    "idl": [ORDERS, "OUT"],
    "idl2schemata": ["PROTOCOL", "OUT"],
    "random": [ORDERS, "OUT", "--count", "3"],
    "recodec": [ORDERS, "OUT", "--codec", "null"],
    "repair": [ORDERS, "OUT"],
    "sample": [ORDERS, "-n", "2", "--out", "OUT"],
    "split": [ORDERS, "OUT", "--records", "3"],
    "totext": ["TEXT", "OUT"],
}
FOLDERS = {"idl2schemata", "split"}
# What makes no file: it prints. The last three do make some, and have tests of their own for how that ends.
OTHERS = {
    *("canonical", "compat", "count", "diff", "doctor", "fingerprint", "fragtojson", "fromjson", "getmeta"),
    *("getschema", "head", "induce", "inspect", "jsontofrag", "lint", "meta", "overview", "rpc", "schema"),
    *("stats", "tail", "tojson", "validate"),
    *(
        "completion",
        "kafka",
        "registry",
    ),  # tests/cli/test_doctor.py, test_kafka_commands.py, test_registry_commands.py
}
LIMITED = pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no sizes of files")


@pytest.fixture
def make(tmp_path, capsysbinary):
    """Runs a command of the table: its exit status, and what is in the folder of its output."""
    sources = tmp_path / "sources"
    sources.mkdir()
    places = {
        "RECORDS": (sources / "records.jsonl", b'{"a": 1}\n{"a": 2}\n'),
        "PROTOCOL": (sources / "protocol.avdl", b"protocol P { record R { int a; } }"),
        "TEXT": (sources / "text.avro", file_of([b"a", b"b"], "bytes")),
    }
    for path, data in places.values():
        path.write_bytes(data)

    def call(name, out):
        if "columns" in name or "through" in name:
            pytest.importorskip("pyarrow")
        named = {"OUT": str(out), **{word: str(path) for word, (path, _) in places.items()}}
        status = main([name.split()[0], *(named.get(word, word) for word in MAKERS[name])])
        return status, capsysbinary.readouterr().err.decode()

    return call


def test_the_table_has_every_command():
    assert {name.split()[0] for name in MAKERS} | OTHERS == COMMANDS.keys()


def left_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file() or path.name.startswith("."))


@LIMITED
@pytest.mark.parametrize("name", MAKERS)
def test_a_full_disk(name, make, tmp_path):
    import resource

    folder = tmp_path / "out"
    folder.mkdir()
    out = folder / ("made" if name in FOLDERS else "made.avro")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        status, told = make(name, out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert status in (1, 2)
    assert told.startswith("avrojet: ")
    assert str(out) in told
    assert told.count("\n") == 1
    assert left_in(folder) == []


@pytest.mark.parametrize("name", MAKERS)
def test_an_interruption_at_the_last_moment(name, make, tmp_path, monkeypatch):
    def interrupt(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    monkeypatch.setattr(Path, "replace", interrupt)
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "made.avro").write_bytes(b"before")
    out = folder / ("made" if name in FOLDERS else "made.avro")
    assert make(name, out) == (130, "")
    assert left_in(folder) == ["made.avro"]
    assert (folder / "made.avro").read_bytes() == b"before"


@pytest.mark.parametrize("name", MAKERS)
def test_where_no_file_can_be(name, make, tmp_path):
    """Below a file, which no rights help against."""
    (tmp_path / "file").write_bytes(b"before")
    out = tmp_path / "file" / "made.avro"
    status, told = make(name, out)
    assert status in (1, 2)
    assert told.startswith("avrojet: ")
    assert str(tmp_path / "file") in told
    assert told.count("\n") == 1
    assert (tmp_path / "file").read_bytes() == b"before"


@pytest.mark.parametrize("name", MAKERS)
def test_a_link_to_itself(name, make, tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    status, told = make(name, tmp_path / "loop")
    assert status in (1, 2)
    assert told.startswith(f"avrojet: {tmp_path / 'loop'}: ")
    assert told.count("\n") == 1
    assert (tmp_path / "loop").is_symlink()


@pytest.mark.parametrize("name", MAKERS)
def test_a_name_that_is_empty(name, make, tmp_path, monkeypatch):
    """As the shell has it where a variable is not set: it is not the current folder."""
    monkeypatch.chdir(tmp_path)
    before = left_in(tmp_path)
    status, told = make(name, "")
    assert status in (1, 2)
    assert told.startswith("avrojet: ")
    assert left_in(tmp_path) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full here")
@pytest.mark.parametrize("name", [name for name in MAKERS if name not in FOLDERS])
def test_a_device_that_is_full(name, make):
    status, told = make(name, "/dev/full")
    assert status in (1, 2)
    assert told == "avrojet: /dev/full: No space left on device\n"


HELP = [["--help"], ["--version"], ["cat", "--help"]]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full here")
@pytest.mark.parametrize("words", HELP)
def test_help_that_the_output_does_not_take(words):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "avrojet", *words], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (1, b"avrojet: No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipe that a shell could close so")
@pytest.mark.parametrize("words", HELP)
def test_help_that_nobody_reads(words):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "avrojet", *words], stdout=writing, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take only text as names of files")
def test_names_of_files_in_any_bytes_whatever_the_locale(tmp_path):
    """The names that `split` prints are those of its files; others are text that ASCII does not have."""
    name = os.fsdecode(b"caf\xe9 \xc3\xa9.avro")
    schema = {**record("R", x="string"), "doc": "\u0394"}
    (tmp_path / name).write_bytes(file_of([{"x": "\xe9"}], schema))
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    for words in (
        ["split", name, "caf\xe9", "--records", "1"],
        ["lint", name],
        ["cat", name],
        ["classes", name],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "avrojet", *words],
            cwd=tmp_path,
            capture_output=True,
            env={**os.environ, **ascii_only},
            check=False,
        )
        assert done.stderr == b""
        if words[0] == "split":
            (made,) = (tmp_path / "caf\xe9").iterdir()
            assert done.stdout == os.fsencode(made.relative_to(tmp_path)) + b"\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(
    "words",
    [
        ["convert", "-", "out/made.avro", "--from", "avro"],
        ["convert", "-", "out/made.jsonl", "--from", "avro"],
        ["split", "-", "out", "--records", "50000"],
        ["cat", "-", "--out", "out/made.avro"],
    ],
)
def test_a_signal_that_ends_it(name, words, tmp_path):
    """It comes while the command waits for the rest of its input."""
    number = getattr(signal, name)
    (tmp_path / "out").mkdir()
    command = [sys.executable, "-m", "avrojet", *words]
    before = signal.signal(number, signal.SIG_DFL)  # a process inherits what is ignored, as under nohup
    try:
        process = subprocess.Popen(
            command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    finally:
        signal.signal(number, before)
    with process:
        assert process.stdin is not None
        data = file_of(range(100_000), '"long"')
        process.stdin.write(data[:-100])
        process.stdin.flush()
        while not left_in(tmp_path / "out"):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(number)
        shown = process.communicate()[1]
    assert (process.returncode, shown) == (128 + number, b"")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")
def test_a_signal_that_is_ignored_stays_so():
    """As nohup has it."""
    code = (
        "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); from avrojet.cli import main; "
        "import avrojet.cli.standard; avrojet.cli.standard.end_in_order(); signal.raise_signal(signal.SIGHUP)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


SCHEMA = '{"type": "record", "name": "R", "fields": [{"name": "x", "type": "long"}]}'
PIPED = {
    "lint": ["SCHEMA"],
    "fingerprint": ["SCHEMA"],
    "canonical": ["SCHEMA"],
    "idl": ["SCHEMA"],
    "diff": ["SCHEMA", "SCHEMA"],
    "compat": ["SCHEMA", "SCHEMA"],
    "random": ["SCHEMA", "--count", "1", "--seed", "1"],
    "overview": ["DATA"],
    "cat": ["DATA", "--columns", "x"],
    "cat as another": ["DATA", "--reader-schema", "SCHEMA"],
    "schema": ["DATA"],
    "sample": ["DATA", "-n", "2", "--seed", "1", "--columns", "x"],
    "split": ["DATA", "OUT", "--parts", "2"],
    "head": ["DATA"],
    "tail": ["DATA"],
}


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="there are no names for open pipes here")
@pytest.mark.parametrize("name", PIPED)
def test_pipes_that_have_names(name, tmp_path, capfdbinary):
    """As the shell has them for ``<(...)``: they give their bytes once."""
    contents = {"SCHEMA": SCHEMA.encode(), "DATA": file_of([{"x": 1}, {"x": 2}], SCHEMA)}
    out = {"OUT": str(tmp_path)}

    def run(place):
        status = main([name.split()[0], *(place(word) for word in PIPED[name])])
        assert status == (name == "lint")  # which finds something
        return capfdbinary.readouterr()

    def as_file(word):
        if word in contents:
            (tmp_path / word).write_bytes(contents[word])
            return str(tmp_path / word)
        return out.get(word, word)

    def as_pipe(word):
        if word not in contents:
            return out.get(word, word)
        reading, writing = os.pipe()
        os.write(writing, contents[word])
        os.close(writing)
        open_pipes.append(reading)
        return f"/dev/fd/{reading}"

    open_pipes: list[int] = []
    expected = run(as_file)
    try:
        shown = run(as_pipe)
    finally:
        for each in open_pipes:
            os.close(each)
    assert shown.err == b""
    if name not in ("lint", "split", "compat", "overview", "tail"):  # which name the file, or know its size
        assert shown.out == expected.out
