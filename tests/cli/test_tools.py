"""The commands that show records, and those that make files of files."""

from __future__ import annotations

import io
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
from tests.container.samples import CODECS, DATA, SCHEMA, file_of, rows
from tests.reference import number
from tests.vectors import record

ORDERS = str(DATA / "orders.avro")
EVIL = "a\x1b[31mb\x9bc\u202ed"


class Screen(io.StringIO):
    """A terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def answer(capfdbinary):
    """Runs a command in this process: its exit status, output, and errors."""

    def call(*arguments):
        status = main([str(each) for each in arguments])
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return call


@pytest.fixture
def show(monkeypatch):
    """Runs a command on a terminal: what it shows."""

    def call(*arguments, width=100):
        screen = Screen()
        monkeypatch.setattr(sys, "stdout", screen)
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.delenv("NO_COLOR", raising=False)
        main([str(each) for each in arguments])
        return screen.getvalue()

    return call


@pytest.fixture
def file(tmp_path):
    """Makes a file: of a number of visits, or of other data."""

    def make(name, data=0, **options):
        path = tmp_path / name
        path.write_bytes(file_of(rows(data), **options) if isinstance(data, int) else data)
        return path

    return make


def values(text):
    return [json.loads(line) for line in text.splitlines()]


def ids(path):
    return [row["id"] for row in avrojet.read(path)]


# head, tail, sample, cat


@pytest.mark.parametrize("count", [0, 1, 9, 30, 31, 100])
@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_the_first_and_the_last_records(answer, file, count, codec):
    path = file("a.avro", 30, codec=codec, sync_interval=60)
    whole = answer("cat", path)[1].splitlines()
    assert len(whole) == 30
    assert answer("head", path, "-n", count)[1].splitlines() == whole[:count]
    assert answer("tail", path, "-n", count)[1].splitlines() == whole[max(0, 30 - count) :]
    assert answer("cat", path, "--head", count)[1].splitlines() == whole[:count]


def test_several_files_wildcards_and_columns(answer, file, tmp_path):
    one, two = file("1.avro", 3), file("2.avro", 2)
    both = values(answer("cat", one, two, "--columns", "id")[1])
    assert both == [{"id": each} for each in (0, 1, 2, 0, 1)]
    assert values(answer("cat", tmp_path / "*.avro", "--columns", "id", "--head", 4)[1]) == both[:4]
    assert values(answer("tail", one, two, "-n", 1, "--columns", "id")[1]) == [{"id": 2}, {"id": 1}]
    for command in ("cat", "head", "tail", "sample"):
        status, out, err = answer(command, one, "--columns", "ids")
        assert (status, out) == (1, "")
        assert "did you mean 'id'" in err
    assert answer("cat", tmp_path / "no*.avro")[0] == 1


def test_the_tail_reads_the_end_only(answer, file, monkeypatch):
    path = file("a.avro", [*range(200_000)] and file_of(range(200_000), "int", sync_interval=500))
    spans = []
    monkeypatch.setattr("avrojet.container.ends._SPAN", 2000)
    read = avrojet.DataFileReader.blocks
    monkeypatch.setattr(
        avrojet.DataFileReader, "blocks", lambda self, start=None: spans.append(start) or read(self, start)
    )
    assert values(answer("tail", path, "-n", 3)[1]) == [199_997, 199_998, 199_999]
    assert spans == [path.stat().st_size - 2000]
    # What looks like a sync marker within the data is none.
    marker = bytes(range(16))
    tricky = file("b.avro", file_of([marker * 300] * 30, "bytes", sync_interval=1, sync_marker=marker))
    assert len(answer("tail", tricky, "-n", 2)[1].splitlines()) == 2


def test_the_end_of_a_damaged_file(answer, file):
    path = file("a.avro", file_of(range(100), "int", sync_interval=10)[:-3])
    status, out, err = answer("tail", path)
    assert (status, out) == (1, "")
    assert "inside block" in err


def test_samples(answer, file):
    path = file("a.avro", file_of(range(1000), "int", sync_interval=50))
    chosen = values(answer("sample", path, "-n", 20, "--seed", "x")[1])
    assert len(set(chosen)) == 20
    assert chosen == sorted(chosen) == values(answer("sample", path, "-n", 20, "--seed", "x")[1])
    assert values(answer("sample", path, "-n", 5000)[1]) == [*range(1000)]
    assert values(answer("sample", path, "--rate", 1)[1]) == [*range(1000)]
    assert answer("sample", path, "--rate", 0)[1] == ""
    some = values(answer("sample", path, "--rate", 0.2, "--seed", 1)[1])
    assert 120 < len(some) < 280
    target = path.with_name("b.avro")
    assert answer("sample", path, "-n", 20, "--seed", "x", "--out", target)[0] == 0
    assert avrojet.read(target) == chosen


@pytest.mark.parametrize("count", [2**63 - 1, 2**40])
def test_rows_of_no_bytes_that_nobody_can_show(answer, file, count):
    """Twenty bytes claim them."""
    head = file_of([], {"type": "record", "name": "Empty", "fields": []})
    path = file("a.avro", head + (number(count) + b"\0" + head[-16:]) * 3)
    for command in (
        ["head"],
        ["tail"],
        ["sample"],
        ["sample", "--rate", 1],
        ["cat", "--offset", 5],
        ["cat", "--samplerate", 1],
        ["sample", "--out", path.with_name("b")],
    ):
        status, out, err = answer(command[0], path, *command[1:])
        assert (status, out) == (1, "")
        assert "rows of no bytes" in err
    assert answer("count", path)[1].strip() == str(3 * count)
    assert answer("stats", path)[0] == 0
    with avrojet.DataFileReader(path) as reader, pytest.raises(avrojet.LimitError):
        next(reader.blocks()).select(range(count))


def test_the_number_of_records_is_said_in_one_way(answer, file):
    path = file("a.avro", 30)
    for command, names in (
        ("cat", ("--head", "--limit")),
        ("head", ("--head",)),
        ("tail", ("--tail",)),
        ("tojson", ("--head",)),
    ):
        for name in ("-n", "--count", *names):
            assert len(answer(command, path, name, 4)[1].splitlines()) == 4, (command, name)
    assert len(answer("sample", path, "--count", 3)[1].splitlines()) == 3
    assert len(answer("tojson", path, "--head")[1].splitlines()) == 10
    target = path.with_name("b.jsonl")
    for name in ("-n", "--count", "--head"):
        assert answer("convert", path, target, name, 4, "--quiet")[0] == 0
        assert len(target.read_text().splitlines()) == 4


def test_records_seen_as_another_schema(answer, file):
    path = file("a.avro", 30, codec="deflate", sync_interval=60)
    wanted = json.dumps(record(SCHEMA.fullname, id="double", more="string"))
    wanted = wanted.replace('"type": "string"', '"type": "string", "default": "x"')
    schema = file("v2.avsc", wanted.encode())
    for given in (wanted, schema):
        for command in ("cat", "head", "tail", "sample"):
            rows_ = values(answer(command, path, "-n", 2, "--reader-schema", given)[1])
            assert len(rows_) == 2
            assert all(list(row) == ["id", "more"] and isinstance(row["id"], float) for row in rows_), command
    only = values(answer("cat", path, "--reader-schema", wanted, "--columns", "more")[1])
    assert only == [{"more": "x"}] * 30


def test_chosen_records_of_several_files(answer, file, tmp_path):
    one = file("1.avro", 10, codec="deflate", sync_interval=60)
    two = file("2.avro", 10, sync_interval=60)
    all_ids = [*range(10), *range(10)]

    def shown(*arguments):
        return [row["id"] for row in values(answer("cat", one, two, *arguments)[1])]

    assert shown("--offset", 7) == all_ids[7:]
    assert shown("--offset", 7, "--limit", 5) == all_ids[7:12]
    assert shown("--offset", 10, "-n", 1) == [0]
    assert shown("--offset", 99) == []
    assert shown("--samplerate", 1) == all_ids
    assert shown("--samplerate", 0) == []
    target = tmp_path / "out.avro"
    assert answer("cat", one, two, "--offset", 8, "--limit", 4, "--out", target)[0] == 0
    assert ids(target) == all_ids[8:12]
    assert answer("cat", one, two, "--out", target)[0] == 0
    assert ids(target) == all_ids
    assert answer("cat", one, "--limit", 0, "--out", target)[0] == 0
    assert ids(target) == []
    other = file("3.avro", file_of([1], "int"))
    assert answer("cat", one, other, "--out", target)[0] == 1
    assert ids(target) == []  # as it was
    assert "convert" in answer("cat", one, "--out", target, "--columns", "id")[2]
    for wrong in (["--samplerate", "2"], ["--samplerate", "x"], ["--offset", "-1"]):
        with pytest.raises(SystemExit):
            answer("cat", one, *wrong)


def test_folders_are_their_files(answer, file, tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("1.avro", "deep/2.avro", "_3.avro", "4.txt"):
        file(f"in/{name}", 3)
    folder = tmp_path / "in"
    assert answer("validate", folder)[1].count("ok ") == 2
    assert len(answer("cat", folder)[1].splitlines()) == 6
    assert answer("count", folder)[1].splitlines()[-1].split() == ["all", "6"]
    assert answer("concat", folder, tmp_path / "all.avro")[0] == 0
    assert ids(tmp_path / "all.avro") == [*range(3)] * 2


@pytest.mark.parametrize("width", [50, 80, 100, 140])
def test_stats_fold_no_name_of_many_fields(show, file, width):
    names = [f"a_rather_long_name_of_a_column_{number}" for number in range(60)]
    path = file(
        "a.avro", file_of([dict.fromkeys(names, "x" * 90)], record("R", **dict.fromkeys(names, "string")))
    )
    lines = show("stats", path, "--color", "never", width=width).splitlines()
    assert all(any(name in line for line in lines) for name in names)
    assert max(map(len, lines[1:])) <= max(width, 70)
    assert len(lines) < 190
    assert ("least" in "".join(lines)) == (width > 100)


def test_names_that_are_meant(answer, file):
    path = file("a.avro", file_of([], record("R", a="int", Id="int", total="int")))
    for wrong, hint in {
        "ID": "did you mean 'Id'?",
        "totl": "did you mean 'total'?",
        "A": "did you mean 'a'?",
        "ab": "its fields are 'a', 'Id', 'total'",
    }.items():
        err = answer("cat", path, "--columns", wrong)[2]
        assert err.endswith(f"has no field {wrong!r}; {hint}\n")
    for wrong in ("", "a,", ",a", "a,,b"):
        for command in (["cat"], ["convert", path]):
            with pytest.raises(SystemExit) as caught:
                answer(*command, path, f"--columns={wrong}")
            assert caught.value.code == 2
    text = file("t.avro", b"hello")
    for command in (["random", text], ["cat", path, "--reader-schema", text], ["canonical", text]):
        assert answer(*command)[2].count(str(text)) == 1, command


def test_flags_of_avro_tools(answer, file, tmp_path):
    schema = file("s.avsc", b'"long"')
    frag = file("f.bin", b"\2\4")
    assert answer("fragtojson", "--no-pretty", '"long"', frag)[1] == "1\n2\n"
    assert answer("fragtojson", "--no-pretty", "--schema-file", schema, frag)[1] == "1\n2\n"
    assert answer("jsontofrag", '"long"', file("f.json", b"1 2"))[1] == "\2\4"
    for wrong in ([frag], ['"long"', frag, "--schema", '"int"']):
        with pytest.raises(SystemExit):
            answer("fragtojson", *wrong)
    target = tmp_path / "r.avro"
    options = ["--count", 7, "--seed", 1, "--codec", "deflate", "--level", 9]
    for arguments in (["--schema", '"long"', target], ["--schema-file", schema, target], [schema, target]):
        assert answer("random", *arguments, *options)[0] == 0
        assert avrojet.count_records(target) == 7
        target.unlink()
    for wrong in ([], [schema, target, target], ["--schema", '"long"', schema, target]):
        with pytest.raises(SystemExit):
            answer("random", *wrong)
    assert answer("canonical", schema, tmp_path / "c.txt")[0] == 0
    assert (tmp_path / "c.txt").read_bytes() == b'"long"\n'
    digits = answer("fingerprint", schema)[1].strip()
    assert answer("fingerprint", "--fingerprint", "CRC-64-AVRO", schema, '"long"')[1] == (
        f'{digits} {schema}\n{digits} "long"\n'
    )


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_fragments_are_shown_as_they_are_read(answer, file, monkeypatch, size):
    monkeypatch.setattr("avrojet.cli.fragtojson._PIECE", size)
    long = "x" * 50
    data = b"".join(avrojet.encode(text, "string") for text in ("", "a", long))
    shown = f'""\n"a"\n"{long}"\n'
    path = file("f.bin", data)
    assert answer("fragtojson", "--no-pretty", '"string"', path) == (0, shown, "")
    status, out, err = answer("fragtojson", "--no-pretty", '"string"', file("g.bin", data[:-1]))
    assert (status, out) == (1, shown.partition(f'"{long}')[0])
    assert err.startswith("avrojet: datum 2: at $, byte 0 of the data: ")
    assert answer("fragtojson", '"null"', file("n.bin", b""))[1] == "null\n"
    assert answer("fragtojson", '"long"', file("n.bin", b""))[0] == 1


def test_what_stands_before_or_after_the_damage(answer, file, tmp_path):
    data = bytearray(file_of(["aaaa", "bbbb", "cccc", "dddd", "eeee"], "string", sync_interval=1))
    data[data.index(b"bbbb")] = 0xFF
    path, target = file("a.avro", bytes(data)), tmp_path / "b.avro"
    for option, kept in {"all": "acde", "prior": "a", "after": "cde"}.items():
        assert answer("repair", "-o", option, path, target)[0] == 1
        assert avrojet.read(target) == [4 * letter for letter in kept]
    target.unlink()
    assert answer("repair", "-o", "report", path, target) == answer("repair", path, "--report")
    assert not target.exists()


def test_remote_files(answer, file):
    """By fsspec's file system in memory."""
    fsspec = pytest.importorskip("fsspec")
    url = "memory://tools/a.avro"
    data = file_of(rows(30), codec="deflate", sync_interval=60)
    with fsspec.open(url, "wb") as remote:
        remote.write(data)
    local = file("a.avro", data)
    for command in (
        *(["cat"], ["head", "-n", 3], ["tail", "-n", 3], ["sample", "--seed", 1], ["count"], ["schema"]),
        *(["stats"], ["inspect"], ["inspect", "--record", 20], ["tojson"], ["getmeta"], ["meta"]),
    ):
        assert answer(*command, url) == answer(*command, local), command
    assert answer("validate", url)[1] == answer("validate", local)[1].replace(str(local), url)
    assert len(answer("cat", "memory://tools/*.avro")[1].splitlines()) == 30
    assert answer("overview", url)[1].splitlines()[0] == url
    assert "avro.codec" in answer("getmeta", "memory://tools/a.avro")[1]
    assert answer("cat", "memory://tools/b.avro")[0] == 1


# Files of files


@pytest.mark.parametrize("codec", CODECS)
def test_recodec(answer, file, codec):
    path = file("a.avro", 20, codec="deflate", metadata={"k": "v"})
    assert answer("recodec", path, path, "--codec", codec)[0] == 0
    with avrojet.DataFileReader(path) as reader:
        assert (reader.codec, reader.metadata["k"]) == (codec, b"v")
        assert list(reader) == rows(20)


def test_concat(answer, file, tmp_path):
    parts = [file(f"{i}.avro", 5, codec="deflate") for i in range(3)]
    assert answer("concat", tmp_path / "?.avro", tmp_path / "all.avro")[0] == 0
    assert ids(tmp_path / "all.avro") == [*range(5)] * 3
    other = file("x.avro", file_of([1], "int"))
    status, _, err = answer("concat", *parts, other, tmp_path / "bad.avro")
    assert status == 1
    assert "schema" in err
    assert not (tmp_path / "bad.avro").exists()
    assert not [each for each in tmp_path.iterdir() if each.is_dir()]


@pytest.mark.parametrize(
    ("options", "counts"),
    [
        (["--records", 10], [10, 10, 5]),
        (["--records", 100], [25]),
        (["--records", 1], [1] * 25),
        (["--parts", 4], [7, 7, 7, 4]),
        (["--size", "1G"], [25]),
    ],
)
def test_split(answer, file, tmp_path, options, counts):
    path = file("a.avro", 25, codec="deflate", sync_interval=70, metadata={"k": "v"})
    status, out, err = answer("split", path, tmp_path / "parts", *options)
    assert (status, err) == (0, "")
    made = [Path(line) for line in out.splitlines()]
    assert [avrojet.count_records(each) for each in made] == counts
    assert [row for each in made for row in ids(each)] == [*range(25)]
    with avrojet.DataFileReader(made[-1]) as reader:
        assert reader.codec == "deflate"
        assert reader.metadata["k"] == b"v"
    again = answer("split", path, tmp_path / "parts", *options)
    assert again[0] == 1
    assert "--force" in again[2]
    assert answer("split", path, tmp_path / "parts", *options, "--force")[0] == 0


def test_split_by_size_and_of_a_damaged_file(answer, file, tmp_path):
    path = file("a.avro", 25, sync_interval=70)
    made = answer("split", path, tmp_path / "p", "--size", 150)[1].splitlines()
    assert len(made) > 3
    assert [row for each in made for row in ids(each)] == [*range(25)]
    bad = file("b.avro", path.read_bytes()[:-1])
    assert answer("split", bad, tmp_path / "q", "--records", 4)[0] == 1
    assert list((tmp_path / "q").iterdir()) == []
    for wrong in (["--records", "0"], ["--size", "1X"], []):
        with pytest.raises(SystemExit):
            main(["split", str(path), str(tmp_path / "r"), *wrong])


# validate, stats, count, repair, overview


def test_validate(answer, file, monkeypatch):
    good, text = file("a.avro", 25, sync_interval=70, codec="deflate"), file("b.avro", b"no Avro")
    assert answer("validate", good) == (0, f"ok   {good}: 6 blocks, 25 records\n", "")
    status, out, _ = answer("validate", good, text, "--json")
    assert status == 1
    whole, broken = json.loads(out)
    assert whole == {
        "file": str(good),
        "valid": True,
        "blocks": 6,
        "records": 25,
        "wrong": 0,
        "problems": [],
    }
    assert "not an Avro" in broken["problems"][0]["message"]
    assert answer("validate", text, "--quiet") == (1, "", "")
    assert answer("validate", good.with_name("absent"))[0] == 1

    # A record that is none, and a marker that is wrong: what comes after them is looked at.
    blocks = file_of(["aaaa", "bbbb", "cccc", "dddd", "eeee"], "string", sync_interval=1)
    bad = bytearray(blocks)
    bad[blocks.index(b"bbbb")] = 0xFF
    bad[blocks.index(b"dddd") + 5] ^= 1
    path = file("c.avro", bytes(bad))
    status, out, _ = answer("validate", path, "--json")
    (found,) = json.loads(out)
    # What stands before the next sync marker is lost with a block whose own is wrong.
    assert (status, found["blocks"], found["records"], found["wrong"]) == (1, 2, 2, 2)
    assert [(each["block"], each["kind"]) for each in found["problems"]][0] == (1, "TEXT")
    assert found["problems"][0]["record"] == 0
    assert "bad  " in answer("validate", path)[1]


def test_validate_as_another_schema(answer, file):
    path = file("a.avro", file_of(["A", "B"], {"type": "enum", "name": "E", "symbols": ["A", "B"]}))
    newer = file("e.avsc", b'{"type": "enum", "name": "E", "symbols": ["A"]}')
    assert answer("validate", path)[0] == 0
    status, out, _ = answer("validate", path, "--schema", newer)
    assert status == 1
    assert "'B'" in out
    other = file("i.avsc", b'"int"')
    assert "cannot be read" in answer("validate", path, "--schema", other)[1]


def test_stats(answer, file):
    path = file("a.avro", 25, sync_interval=70, codec="deflate")
    status, out, _ = answer("stats", path, "--json", "--blocks")
    found = json.loads(out)
    assert (status, found["records"], found["blocks"], len(found["each_block"])) == (0, 25, 6, 6)
    assert sum(each["bytes"] for each in found["each_block"]) == found["bytes"]
    by_name = {each["name"]: each for each in found["fields"]}
    assert list(by_name) == ["$", "id", "who", "day", "scores", "scores[]"]
    assert by_name["who"]["nulls"] == 16
    assert by_name["day"]["least"] == "2026-01-01"
    assert by_name["$"]["bytes"] == found["decompressed"]
    assert "25 records, 6 blocks, codec deflate" in answer("stats", path)[1]
    bad = file("b.avro", file_of(["a"], "string").replace(b"\x02\x04\x02a", b"\x02\x04\x03a"))
    status, out, err = answer("stats", bad)
    assert (status, out) == (1, "")
    assert "block 0" in err


def test_count_and_repair_and_overview_as_json(answer, file):
    one, two = file("1.avro", 3), file("2.avro", 2)
    assert json.loads(answer("count", one, two, "--json")[1])[1] == {"file": str(two), "records": 2}
    assert answer("count", one, two)[1].splitlines()[-1].split() == ["all", "5"]
    said = json.loads(answer("repair", one, "--report", "--json")[1])
    assert (said["records"], said["lost"], said["losses"]) == (3, 0, [])
    said = json.loads(answer("overview", one, "--json")[1])
    assert said["codec"] == "null"
    assert said["records"] == 3
    assert avrojet.parse_schema(said["schema"]) == SCHEMA
    assert len(said["first"]) == 3
    assert "├─ who     string?" in answer(one)[1]


# The commands of avro-tools


def test_there_and_back_as_in_avro_tools(answer, file, tmp_path, capfdbinary):
    schema = file("s.avsc", answer("getschema", ORDERS)[1].encode())
    lines = answer("tojson", ORDERS)[1]
    assert json.loads(lines.splitlines()[0])["customer"]["email"] == {"string": "ada@example.org"}
    assert answer("tojson", "--head=2", ORDERS)[1].splitlines() == lines.splitlines()[:2]
    pretty = answer("tojson", "--pretty", ORDERS)[1]
    assert [*map(json.dumps, _many(pretty))] == [*map(json.dumps, values(lines))]
    text = file("o.json", lines.encode())
    assert main(["fromjson", "--schema-file", str(schema), "--codec", "deflate", str(text)]) == 0
    made = capfdbinary.readouterr().out
    assert avrojet.read(made) == avrojet.read(ORDERS)
    assert main(["jsontofrag", "--schema-file", str(schema), str(text)]) == 0
    fragments = file("o.bin", capfdbinary.readouterr().out)
    assert answer("fragtojson", "--no-pretty", "--schema-file", schema, fragments)[1] == lines
    assert _many(answer("fragtojson", "--schema-file", schema, fragments)[1]) == values(lines)
    reader = '{"type":"record","name":"shop.Order","fields":[{"name":"status","type":"string"}]}'
    status, _, err = answer("tojson", "--reader-schema", reader, ORDERS)
    assert status == 1
    assert "cannot be read" in err
    reader = reader.replace('"status"', '"id"')
    assert len(answer("tojson", "--reader-schema", reader, ORDERS)[1].splitlines()[0]) == 45
    assert answer("fragtojson", "--schema", '"int"', file("bad.bin", b"\2\xff"))[0] == 1


def _many(text):
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        at += 1
    return found


def test_metadata_as_in_avro_tools(answer):
    lines = answer("getmeta", ORDERS)[1].splitlines()
    assert "avro.codec\tdeflate" in lines
    assert answer("getmeta", "--key", "shop.branch", ORDERS)[1] == "Lisboa\n"
    assert "did you mean 'avro.codec'" in answer("getmeta", "--key", "avro.code", ORDERS)[2]


def test_text_as_in_avro_tools(answer, file, tmp_path):
    text = file("a.txt", "one\n\nzwölf\xff".encode("latin-1"))
    path = tmp_path / "a.avro"
    assert answer("fromtext", text, path)[0] == 0
    with avrojet.DataFileReader(path) as reader:
        assert reader.codec == "deflate"
        assert list(reader) == [b"one", b"", "zwölf\xff".encode("latin-1")]
    assert answer("totext", path, tmp_path / "b.txt")[0] == 0
    assert (tmp_path / "b.txt").read_bytes() == text.read_bytes() + b"\n"
    assert "not bytes" in answer("totext", ORDERS, tmp_path / "c.txt")[2]
    assert not (tmp_path / "c.txt").exists()


def test_idl2schemata(answer, file, tmp_path):
    idl = file("a.avdl", b'@namespace("n") protocol P { enum E { A } record R { E e; } }')
    assert answer("idl2schemata", "--useJavaCC", idl, tmp_path / "out")[0] == 0
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["E.avsc", "R.avsc"]
    assert avrojet.load_schema(tmp_path / "out" / "E.avsc").fullname == "n.E"
    twice = file("b.avdl", b'protocol P { @namespace("a") enum E { A } @namespace("b") enum E { A } }')
    assert "would both be" in answer("idl2schemata", twice, tmp_path / "two")[2]


# inspect


def test_inspect(answer, file, tmp_path):
    status, out, err = answer("inspect", ORDERS)
    assert (status, err) == (0, "")
    assert out.splitlines()[-3:] == [
        "    0    1007        5    292     1010     1318",
        "    1    1318        3    200     1321     1537",
        "2 blocks, 8 records, 492 bytes",
    ]
    assert (
        'block 1 record 1 $.customer.name content  "Greta Vogel"'
        in (answer("inspect", ORDERS, "--hex", "--record", 6)[1])
    )
    assert (
        answer("inspect", ORDERS, "--hex", "--block", 1, "--record", 1)[1]
        == (answer("inspect", ORDERS, "--hex", "--record", 6)[1])
    )
    section = json.loads(answer("inspect", ORDERS, "--json", "--head", 1)[1])[2]
    assert section["restored"]
    assert section["ranges"][1]["name"] == "block 0 record 0 $.id content"
    assert answer("inspect", ORDERS, "--mermaid")[1] == avrojet.inspect(ORDERS, head=0).mermaid()
    assert answer("inspect", ORDERS, "--html")[1] == avrojet.inspect(ORDERS).html()
    schema = file("s.avsc", b'"string"')
    assert answer("inspect", schema, "--mermaid")[1].startswith("classDiagram")
    message = file("m.bin", b"\0\0\0\0\1\6foo")
    assert '$ content  "foo"' in answer("inspect", message, "--schema", schema)[1]
    status, out, _ = answer("inspect", message, "--schema", schema, "--frame", "none")
    assert status == 1
    assert "error  " in out


def test_inspect_of_damaged_files(answer, file):
    cut = file("a.avro", Path(ORDERS).read_bytes()[:1400])
    status, out, err = answer("inspect", cut)
    assert status == 1
    assert "1 block, 5 records" in out
    assert "inside block 1" in err
    status, out, err = answer("inspect", cut, "--hex", "--head", 10)
    assert status == 1
    assert "block 1 error" in out
    status, out, err = answer("inspect", file("b.avro", b"text"))
    assert status == 1
    assert "error  " in out
    assert "not an Avro" in err
    assert answer("inspect", ORDERS, "--record", 99)[0] == 1
    status, out, err = answer("inspect", file("d.avro", file_of([1], "int").replace(b'"int"', b'"ant"')))
    assert (status, out.splitlines()[-1]) == (1, "1 block, 1 record, 1 byte")
    assert "ant" in err
    many = file("c.avro", file_of(range(100), "int", sync_interval=1))
    assert len(answer("inspect", many)[1].splitlines()) == 4 + 1 + 100 + 1


# Terminals


def test_terminals_get_tables(show, file):
    pytest.importorskip("rich")
    shown = show("head", ORDERS, "-n", "2", "--columns", "status,ship_by")
    assert "╭" in shown
    assert "date?" in shown
    wide = show("head", ORDERS, "-n", "2")
    assert "items[0].sku" in wide
    assert "╭" not in wide
    assert "╭" in show("tail", ORDERS, "-n", "2", "--columns", "status")
    assert "╭" in show("inspect", ORDERS)
    assert "… 84 more" in show("inspect", file("c.avro", file_of(range(100), "int", sync_interval=1)))
    assert "╭" in show("stats", ORDERS, "--blocks", width=200)
    assert "\x1b[32m" in show("inspect", ORDERS, "--hex")


@pytest.mark.parametrize(
    "command",
    [
        *("cat", "head", "tail", "sample", "tojson", "overview", "stats", "validate", "getmeta", "schema"),
        *("inspect", ["inspect", "--hex"], ["inspect", "--html"], ["cat", "--pretty"], ["tail", "--json"]),
        *("meta", "canonical", "idl", "lint", "random", ["stats", "--json"], ["inspect", "--json"]),
        *(["overview", "--json"], ["inspect", "--mermaid"], ["repair", "--report"]),
    ],
    ids=str,
)
def test_nothing_of_the_data_moves_the_cursor(command, monkeypatch, tmp_path, capfdbinary):
    schema = record("R", a="string", b={"type": "map", "values": "string"}) | {"doc": EVIL, "attribute": EVIL}
    path = tmp_path / "e.avro"
    path.write_bytes(file_of([{"a": EVIL, "b": {EVIL: EVIL}}], schema, metadata={EVIL: EVIL}))

    class Tty(io.TextIOWrapper):
        def isatty(self):
            return True

    monkeypatch.setenv("NO_COLOR", "1")
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", Tty(raw, encoding="utf-8"))
    command = [command] if isinstance(command, str) else command
    main([*command, str(path), "--color", "never"])
    sys.stdout.flush()
    text = raw.getvalue().decode()
    assert "\x1b" not in text.replace("\x1b[0m", "").replace("\x1b[1m", "").replace("\x1b[2m", "").replace(
        "\x1b[22m", ""
    )
    assert "\x9b" not in text
    assert "\u202e" not in text
    assert text


def test_an_avro_file_is_nothing_for_a_terminal(show, capsys):
    assert show("recodec", ORDERS) == ""
    assert "cannot be shown on a terminal" in capsys.readouterr().err


# Endings


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full here")
@pytest.mark.parametrize(
    "command", [["cat"], ["inspect", "--html"], ["recodec"], ["stats", "--json"]], ids=str
)
def test_a_full_disk(command):
    with Path("/dev/full").open("wb") as full:
        run = [sys.executable, "-m", "avrojet", *command, ORDERS]
        done = subprocess.run(run, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"avrojet: ")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("at", [0, 1, 4])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("replaced", [(), (0,), (1, 4), (9,)])
def test_an_interruption_while_a_part_gets_its_name(at, moment, replaced, tmp_path, monkeypatch):
    """No part is left, and those of before stay, up to those that were replaced."""
    names = [f"orders-{number:05}.avro" for number in range(10)]
    for each in replaced:
        (tmp_path / names[each]).write_bytes(b"before")
    true, left = Path.replace, [at]

    def replace(path, target):
        left[0] -= 1
        if left[0] < 0 and moment == "before":
            raise KeyboardInterrupt
        true(path, target)
        if left[0] < 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", replace)
    assert main(["split", ORDERS, str(tmp_path), "--records", "1", "--force"]) == 130
    kept = [number for number in replaced if number > at or (number == at and moment == "before")]
    assert sorted(each.name for each in tmp_path.iterdir()) == [names[number] for number in kept]
    assert all((tmp_path / names[number]).read_bytes() == b"before" for number in kept)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
@pytest.mark.parametrize("command", ["concat", "recodec", "split"])
def test_an_interruption_leaves_nothing(command, tmp_path):
    source = tmp_path / "pipe"
    os.mkfifo(source)
    options = {"split": ["--records", "2"], "recodec": ["--codec", "deflate"]}.get(command, [])
    run = [sys.executable, "-m", "avrojet", command, str(source), str(tmp_path / "out"), *options]
    with subprocess.Popen(run, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        with source.open("wb") as pipe:
            pipe.write(file_of(rows(30), sync_interval=50)[:-20])
            pipe.flush()
            while process.poll() is None and not [each for each in tmp_path.rglob("*") if each != source]:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            assert process.wait() == 130
        assert process.stderr.read() == b""
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".")]
