"""The function: which files become which, options, and what is left when something fails."""

from __future__ import annotations

import errno
import io
import json
import os
import struct
import threading
from pathlib import Path
from uuid import UUID

import pytest

import avrojet
from avrojet.conversion import csv_files
from tests.container.samples import SCHEMA, file_of, rows, rows_of
from tests.vectors import record

FLAT = record("Flat", id="long", name=["null", "string"])


def flat_rows(count: int) -> list[dict]:
    return [{"id": number, "name": None if number % 3 else f"n{number}"} for number in range(count)]


@pytest.fixture
def folder(tmp_path):
    """A folder with a tree of files, and things that are none."""
    source = tmp_path / "in"
    for name, count in (("a.avro", 3), ("deep/b.avro", 4), ("deep/er/c.avro", 5)):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        avrojet.write(path, FLAT, flat_rows(count))
    (source / "notes.txt").write_text("none")
    (source / ".hidden.avro").write_text("none")
    return source


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def lines_of(path: Path) -> list:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


# Which files become which


def test_a_folder_to_a_folder_keeps_its_tree(folder, tmp_path):
    done = avrojet.convert(folder, tmp_path / "out", target_format="jsonl")
    assert tree(tmp_path / "out") == {"a.jsonl", "deep/b.jsonl", "deep/er/c.jsonl"}
    assert done.records == 12
    assert len(done.files) == 3
    assert done.bytes_written == sum(path.stat().st_size for path in (tmp_path / "out").rglob("*.jsonl"))
    assert lines_of(tmp_path / "out/deep/b.jsonl") == flat_rows(4)


def test_wildcards_and_lists_to_one_file(folder, tmp_path):
    pattern = str(folder / "**" / "*.avro")
    done = avrojet.convert(pattern, tmp_path / "all.avro")
    assert done.records == 12
    assert len(avrojet.read(tmp_path / "all.avro")) == 12
    avrojet.convert([folder / "deep/b.avro", folder / "a.avro"], tmp_path / "two.jsonl")
    assert lines_of(tmp_path / "two.jsonl") == flat_rows(4) + flat_rows(3)
    avrojet.convert(pattern, f"{tmp_path}/out/", target_format="json")
    assert tree(tmp_path / "out") == {"a.json", "deep/b.json", "deep/er/c.json"}


def test_an_existing_folder_and_one_file(folder, tmp_path):
    (tmp_path / "out").mkdir()
    avrojet.convert(folder / "a.avro", tmp_path / "out", target_format="jsonl")
    assert tree(tmp_path / "out") == {"a.jsonl"}


@pytest.mark.parametrize(
    ("source", "target", "options", "error", "match"),
    [
        ("nowhere.avro", "x.jsonl", {}, FileNotFoundError, "nowhere"),
        ("in/*.orc", "x.jsonl", {}, FileNotFoundError, "no file matches"),
        ("in/a.avro", "x.unknown", {}, avrojet.AvroError, "name it with --to"),
        ("in/notes.txt", "x.avro", {}, avrojet.AvroError, "name it with --from"),
        ("in", "out/", {}, avrojet.AvroError, "a folder needs the format"),
        ("in", "out", {"target_format": "jason"}, avrojet.AvroError, "no format is called 'jason'"),
        ("in", "in", {"target_format": "avro"}, avrojet.AvroError, "written over"),
        ("in/a.avro", "x.jsonl", {"codec": "gzip"}, avrojet.CodecError, "not compressed"),
        ("in/a.avro", "x.parquet", {"codec": "gzipp"}, avrojet.CodecError, "cannot use the codec 'gzipp'"),
        ("in/a.avro", "x.avro", {"schema": "int"}, avrojet.AvroError, "--reader-schema"),
        ("in/a.avro", "x.jsonl", {"columns": ["nam"]}, avrojet.SchemaError, "did you mean 'name'"),
        ("in/a.avro", "x.jsonl", {"head": -1}, ValueError, "negative"),
        ("in/a.avro", "x.jsonl", {"on_error": "x"}, ValueError, "on_error"),
        ("in/a.avro", "x.jsonl", {"names": "x"}, ValueError, "names"),
        ("in/a.avro", "x.jsonl", {"columns": "id"}, TypeError, "sequence of names"),
    ],
)
def test_what_cannot_be_asked(folder, tmp_path, monkeypatch, source, target, options, error, match):
    monkeypatch.chdir(tmp_path)
    before = tree(tmp_path)
    with pytest.raises(error, match=match):
        avrojet.convert(source, target, **options)
    assert tree(tmp_path) == before


def test_two_files_do_not_become_one(folder, tmp_path):
    other = tmp_path / "other/a.avro"
    other.parent.mkdir()
    avrojet.write(other, FLAT, [])
    with pytest.raises(avrojet.DataFileError, match="would both become"):
        avrojet.convert([folder / "a.avro", other], f"{tmp_path}/out/", target_format="jsonl")
    assert not (tmp_path / "out").exists()


def test_resume_leaves_what_is_there(folder, tmp_path):
    out = tmp_path / "out"
    avrojet.convert(folder, out, target_format="jsonl")
    (out / "a.jsonl").write_text("mine")
    (out / "deep/b.jsonl").unlink()
    done = avrojet.convert(folder, out, target_format="jsonl", resume=True)
    assert (out / "a.jsonl").read_text() == "mine"
    assert [Path(each.target).name for each in done.files] == ["b.jsonl"]
    assert sorted(Path(each).name for each in done.kept) == ["a.jsonl", "c.jsonl"]


def test_a_file_in_its_own_place(tmp_path):
    path = tmp_path / "a.avro"
    avrojet.write(path, FLAT, flat_rows(100))
    avrojet.convert(path, path, codec="deflate", level=9)
    assert avrojet.read(path) == flat_rows(100)
    with avrojet.DataFileReader(path) as reader:
        assert reader.codec == "deflate"


# Options


@pytest.mark.parametrize("format", ["avro", "jsonl", "json", "csv", "parquet", "orc", "arrow"])
@pytest.mark.parametrize("head", [0, 2, 1000])
def test_head(tmp_path, format, head):
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    avrojet.write(tmp_path / "a.avro", FLAT, flat_rows(50), sync_interval=100)
    given = {} if format == "avro" else {"schema": FLAT}
    avrojet.convert(tmp_path / "a.avro", tmp_path / f"b.{format}", head=head)
    avrojet.convert(tmp_path / f"b.{format}", tmp_path / "c.avro", **given)
    assert avrojet.read(tmp_path / "c.avro") == flat_rows(50)[:head]
    avrojet.convert(tmp_path / f"b.{format}", tmp_path / "d.avro", head=1, **given)
    assert avrojet.read(tmp_path / "d.avro") == flat_rows(50)[: min(head, 1)]


@pytest.mark.parametrize("format", ["avro", "jsonl", "csv", "parquet"])
def test_columns_of_any_source(tmp_path, format):
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    avrojet.write(tmp_path / "a.avro", FLAT, flat_rows(5))
    avrojet.convert(tmp_path / "a.avro", tmp_path / f"b.{format}")
    given = {} if format == "avro" else {"schema": FLAT}
    for target in ("c.avro", "d.jsonl"):
        avrojet.convert(tmp_path / f"b.{format}", tmp_path / target, columns=["name"], **given)
    expected = [{"name": row["name"]} for row in flat_rows(5)]
    assert avrojet.read(tmp_path / "c.avro") == lines_of(tmp_path / "d.jsonl") == expected


def test_a_readers_schema(tmp_path):
    wider = record("Flat", name=["null", "string"], id="double")
    avrojet.write(tmp_path / "a.avro", FLAT, flat_rows(5), metadata={"by": "me"})
    avrojet.convert(tmp_path / "a.avro", tmp_path / "b.avro", reader_schema=wider)
    with avrojet.DataFileReader(tmp_path / "b.avro") as reader:
        assert reader.schema == avrojet.parse_schema(wider)
        assert reader.metadata["by"] == b"me"
        assert list(reader) == [{"name": row["name"], "id": float(row["id"])} for row in flat_rows(5)]
    avrojet.convert(tmp_path / "a.avro", tmp_path / "b.jsonl", reader_schema=wider, columns=["id"])
    assert lines_of(tmp_path / "b.jsonl")[1] == {"id": 1.0}


def test_a_recursive_schema_by_text(tmp_path):
    old = record("List", head="int", tail=["null", "List"])
    new = record("List", head="long", tail=["null", "List"])
    rows = [{"head": 1, "tail": {"head": 2, "tail": None}}]
    avrojet.write(tmp_path / "a.avro", old, rows)
    avrojet.convert(tmp_path / "a.avro", tmp_path / "b.avro", reader_schema=new)
    assert avrojet.read(tmp_path / "b.avro") == rows


def test_files_of_other_versions_go_to_one_file(tmp_path):
    newer = {**FLAT, "fields": [*FLAT["fields"], {"name": "x", "type": "int", "default": 7}]}
    avrojet.write(tmp_path / "1.avro", newer, [{"id": 1, "name": None, "x": 1}])
    avrojet.write(tmp_path / "2.avro", FLAT, [{"id": 2, "name": None}])
    for target in ("all.avro", "all.jsonl"):
        avrojet.convert([tmp_path / "1.avro", tmp_path / "2.avro"], tmp_path / target)
    expected = [{"id": 1, "name": None, "x": 1}, {"id": 2, "name": None, "x": 7}]
    assert avrojet.read(tmp_path / "all.avro") == lines_of(tmp_path / "all.jsonl") == expected


@pytest.mark.parametrize("codec", [None, "deflate", "snappy"])
def test_codecs_of_avro_files(tmp_path, codec):
    if codec == "snappy":
        pytest.importorskip("cramjam")
    (tmp_path / "a.avro").write_bytes(file_of(rows(500), codec="bzip2"))
    avrojet.convert(tmp_path / "a.avro", tmp_path / "b.avro", codec=codec)
    with avrojet.DataFileReader(tmp_path / "b.avro") as reader:
        assert reader.codec == (codec or "bzip2")
        assert list(reader) == rows(500)


def test_codecs_of_parquet(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    avrojet.write(tmp_path / "a.avro", FLAT, flat_rows(1000))
    avrojet.convert(tmp_path / "a.avro", tmp_path / "b.parquet", codec="zstd", level=5)
    group = parquet.ParquetFile(tmp_path / "b.parquet").metadata.row_group(0)
    assert {group.column(number).compression for number in range(2)} == {"ZSTD"}


def test_dictionaries_of_parquet_are_for_what_repeats(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    schema = record("R", few="string", many="string", items={"type": "array", "items": "string"}, n="long")
    values = [
        {"few": f"f{n % 5}", "many": f"m{n}", "items": [f"i{n % 3}"] * (n % 4), "n": n % 2}
        for n in range(2000)
    ]
    avrojet.write(tmp_path / "a.avro", schema, values)
    avrojet.convert(tmp_path / "a.avro", tmp_path / "b.parquet")
    group = parquet.ParquetFile(tmp_path / "b.parquet").metadata.row_group(0)
    columns = [group.column(number) for number in range(4)]
    assert {column.path_in_schema for column in columns if column.has_dictionary_page} == {
        "few",
        "items.list.element",
    }
    assert parquet.read_table(tmp_path / "b.parquet").to_pylist() == values


# Schemas of what has none


def test_schemas_are_made_of_json_lines_and_csv(tmp_path):
    pytest.importorskip("polars")
    (tmp_path / "a.jsonl").write_text('{"id": 1, "at": "2026-01-02T03:04:05.123456+00:00"}\n{"id": 2}\n')
    avrojet.convert(tmp_path / "a.jsonl", tmp_path / "a.avro")
    assert [row["id"] for row in avrojet.read(tmp_path / "a.avro")] == [1, 2]
    (tmp_path / "b.csv").write_text('id,at,"order no"\n1,2026-01-02 03:04:05Z,a\n2,,"x, ""y"""\n')
    with pytest.raises(avrojet.SchemaError, match="order no"):
        avrojet.convert(tmp_path / "b.csv", tmp_path / "b.avro")
    avrojet.convert(tmp_path / "b.csv", tmp_path / "b.avro", names="replace")
    got = avrojet.read(tmp_path / "b.avro")
    assert got[0]["at"].isoformat() == "2026-01-02T03:04:05+00:00"
    assert got[1] == {"id": 2, "at": None, "order_no": 'x, "y"'}


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_a_sample_makes_fields_nullable(tmp_path, format):
    pytest.importorskip("polars")
    avrojet.write(tmp_path / "a.avro", FLAT, [{"id": n, "name": "x" if n < 50 else None} for n in range(100)])
    avrojet.convert(tmp_path / "a.avro", tmp_path / f"b.{format}")
    avrojet.convert(tmp_path / f"b.{format}", tmp_path / "c.avro", sample=10)
    assert avrojet.read(tmp_path / "c.avro") == avrojet.read(tmp_path / "a.avro")


def test_json_in_avros_encoding_needs_a_schema(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(avrojet.SchemaError, match="give --schema"):
        avrojet.convert(tmp_path / "a.json", tmp_path / "b.avro")


# Files, bytes, pipes


class Pipe(io.RawIOBase):
    """A pipe: it gives little at once, and cannot seek."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        return self._data.readinto(memoryview(buffer)[:1000])


@pytest.mark.parametrize("format", ["avro", "jsonl", "csv", "parquet", "orc", "arrow"])
def test_pipes(format):
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    middle, back = io.BytesIO(), io.BytesIO()
    avrojet.convert(Pipe(file_of(flat_rows(3000), FLAT)), middle, source_format="avro", target_format=format)
    given = {} if format == "avro" else {"schema": FLAT}
    avrojet.convert(Pipe(middle.getvalue()), back, source_format=format, target_format="avro", **given)
    assert rows_of(back.getvalue()) == flat_rows(3000)


def test_a_stream_of_arrow():
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"a": [1, 2, 3]})
    stream, back = io.BytesIO(), io.BytesIO()
    with pyarrow.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    avrojet.convert(stream.getvalue(), back, source_format="arrow", target_format="avro")
    assert rows_of(back.getvalue()) == [{"a": 1}, {"a": 2}, {"a": 3}]


# Failures


@pytest.mark.parametrize("target", ["avro", "jsonl", "csv", "parquet", "orc", "arrow"])
@pytest.mark.parametrize("offsets", [(0, 4, 1 << 30, 2 << 29), (0, 1 << 30, 8, 12), (-(1 << 30), 4, 8, 12)])
@pytest.mark.parametrize("head", [None, 2])
def test_offsets_of_arrow_that_lead_anywhere(target, head, offsets):
    """pyarrow reads a file without a look at them, and what polars then reads may end the process."""
    pytest.importorskip("polars")
    pyarrow = pytest.importorskip("pyarrow")
    batch = pyarrow.RecordBatch.from_pydict({"a": ["text"] * 3})
    good = struct.pack("<4i", 0, 4, 8, 12)
    for new in (pyarrow.ipc.new_stream, pyarrow.ipc.new_file):
        made = io.BytesIO()
        with new(made, batch.schema) as writer:
            writer.write(batch)
        assert made.getvalue().count(good) == 1
        file = made.getvalue().replace(good, struct.pack("<4i", *offsets))
        with pytest.raises(avrojet.AvroError):
            avrojet.convert(file, io.BytesIO(), source_format="arrow", target_format=target, head=head)


@pytest.mark.parametrize("target", ["avro", "jsonl", "csv", "parquet", "orc", "arrow"])
@pytest.mark.parametrize("source", ["parquet", "orc", "arrow"])
def test_text_of_columns_that_is_not_utf8(source, target):
    pytest.importorskip("polars")
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"a": ["text" * 5]})
    made = io.BytesIO()
    match source:
        case "parquet":
            pytest.importorskip("pyarrow.parquet").write_table(table, made, compression="none")
        case "orc":
            pytest.importorskip("pyarrow.orc").write_table(table, made, compression="uncompressed")
        case _:
            with pyarrow.ipc.new_file(made, table.schema) as writer:
                writer.write(table)
    file = made.getvalue().replace(b"text" * 5, b"text\xff" * 4)
    with pytest.raises(avrojet.AvroError, match="UTF"):
        avrojet.convert(file, io.BytesIO(), source_format=source, target_format=target)
    skipped = avrojet.convert(file, io.BytesIO(), source_format=source, target_format=target, on_error="skip")
    assert (skipped.records, skipped.aside_count) == (0, 1)


def damaged_file(path: Path) -> None:
    data = bytearray(file_of(rows(200), sync_interval=500))
    data[-8] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("target", ["b.avro", "b.jsonl", "b.json", "b.csv", "b.parquet", "b.orc", "b.arrow"])
def test_an_error_leaves_nothing(tmp_path, target):
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    damaged_file(tmp_path / "a.avro")
    columns = ["id", "who"] if target == "b.csv" else None
    with pytest.raises(avrojet.AvroError, match=r"a\.avro: .*block \d+") as caught:
        avrojet.convert(tmp_path / "a.avro", tmp_path / target, columns=columns)
    assert caught.value.file == str(tmp_path / "a.avro")
    assert tree(tmp_path) == {"a.avro"}
    (tmp_path / target).write_text("before")
    with pytest.raises(avrojet.AvroError):
        avrojet.convert(tmp_path / "a.avro", tmp_path / target, columns=columns)
    assert (tmp_path / target).read_text() == "before"


@pytest.mark.parametrize("target", ["b.avro", "b.jsonl", "b.parquet"])
def test_damage_is_set_aside(tmp_path, target):
    pytest.importorskip("pyarrow")
    damaged_file(tmp_path / "a.avro")
    done = avrojet.convert(
        tmp_path / "a.avro", tmp_path / target, on_error="skip", errors=tmp_path / "errors.jsonl"
    )
    assert 0 < done.records < 200
    assert done.aside_count == 1
    (told,) = lines_of(tmp_path / "errors.jsonl")
    assert told["file"] == str(tmp_path / "a.avro")
    assert "sync marker" in told["reason"]
    assert told["size"] > 0


LINES = b"""{"id": 1, "name": "a"}
{"id": "x", "name": "b"}

{"id": 2, "name": "c"
{"id": 3, "name": "d"}
{"id": 4, "name": "\xff"}
not json
{"id": 5}"""


@pytest.mark.parametrize("target", ["b.avro", "b.json"])
def test_bad_lines_are_set_aside(tmp_path, target):
    (tmp_path / "a.jsonl").write_bytes(LINES)
    errors = io.BytesIO()
    done = avrojet.convert(
        tmp_path / "a.jsonl", tmp_path / target, schema=FLAT_DEFAULTS, on_error="skip", errors=errors
    )
    avrojet.convert(
        tmp_path / target, tmp_path / "c.jsonl", **({} if target == "b.avro" else {"schema": FLAT})
    )
    assert [row["id"] for row in lines_of(tmp_path / "c.jsonl")] == [1, 3, 5]
    told = [json.loads(line) for line in errors.getvalue().splitlines()]
    assert [each["line"] for each in told] == [2, 4, 6, 7]
    # What line 4 lacks is found on the next one.
    assert [each.get("column") for each in told] == [8, None, 20, 1]
    assert told[0]["path"] == "$.id"
    assert told[0]["data"] == '{"id": "x", "name": "b"}'
    assert "expected long" in told[0]["reason"]
    assert done.aside_count == len(done.asides) == 4
    assert done.records == 3


@pytest.mark.parametrize(
    ("text", "line", "column", "told"),
    [
        (b'{"a": 1}\n\nhello\n', 3, 1, "line 3, column 1: expecting value"),
        (b'{"a": 1}\r\n{"a": 2 x}\n', 2, 9, "line 2, column 9: "),
        (b'{"a": 1}\n{"a": "\xff"}\n', 2, None, "line 2 is not UTF-8"),
    ],
)
def test_no_schema_can_be_inferred_of_lines_that_are_not_json(tmp_path, text, line, column, told):
    (tmp_path / "a.jsonl").write_bytes(text)
    with pytest.raises(avrojet.SchemaError, match=f"no schema can be inferred.*{told}") as caught:
        avrojet.convert(tmp_path / "a.jsonl", tmp_path / "b.avro")
    assert (caught.value.line, caught.value.column) == (line, column)
    assert not (tmp_path / "b.avro").exists()


FLAT_DEFAULTS = {
    **FLAT,
    "fields": [FLAT["fields"][0], {**FLAT["fields"][1], "default": None}],
}


def test_a_bad_line_is_an_error_with_its_place(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(LINES)
    with pytest.raises(avrojet.DecodeError, match=r"a\.jsonl: at \$\.id, line 2") as caught:
        avrojet.convert(tmp_path / "a.jsonl", tmp_path / "b.avro", schema=FLAT)
    assert (caught.value.path, caught.value.line) == ("$.id", 2)


CSV = """id,name,kind
1,a,ONE
x,b,ONE
3,c
4,d,TWO
5,"e
f",FOUR
,g,ONE
7,,ONE
"""
KINDS = record(
    "Row", id="long", name=["null", "string"], kind={"type": "enum", "name": "K", "symbols": ["ONE", "TWO"]}
)


def test_bad_rows_of_csv(tmp_path):
    pytest.importorskip("polars")
    (tmp_path / "a.csv").write_text(CSV)
    with pytest.raises(avrojet.AvroError, match=r"a\.csv: row \d"):
        avrojet.convert(tmp_path / "a.csv", tmp_path / "b.avro", schema=KINDS)
    done = avrojet.convert(tmp_path / "a.csv", tmp_path / "b.avro", schema=KINDS, on_error="skip")
    assert [row["id"] for row in avrojet.read(tmp_path / "b.avro")] == [1, 4, 7]
    told = {each.record: each for each in done.asides}
    assert set(told) == {1, 2, 4, 5}
    assert told[1].path == "$.id"
    assert told[1].reason == "expected long, got 'x'"
    assert told[2].reason == "2 fields, but there are 3 columns"
    assert told[4].path == "$.kind"
    assert json.loads(told[4].data)["name"] == "e\nf"
    assert told[5].path == "$.id"


def test_bad_rows_of_columns(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as parquet

    table = pyarrow.table({"id": [1, 2**40, None, 4, 2**40], "name": list("abcde")})
    parquet.write_table(table, tmp_path / "a.parquet")
    schema = record("Row", id="int", name="string")
    with pytest.raises(avrojet.EncodeError, match=r"a\.parquet: .*row 1") as caught:
        avrojet.convert(tmp_path / "a.parquet", tmp_path / "b.avro", schema=schema)
    assert caught.value.row == 1
    done = avrojet.convert(tmp_path / "a.parquet", tmp_path / "b.avro", schema=schema, on_error="skip")
    assert [row["id"] for row in avrojet.read(tmp_path / "b.avro")] == [1, 4]
    assert done.records == 2
    assert [each.record for each in done.asides] == [1, 2, 4]
    assert json.loads(done.asides[0].data) == {"id": 2**40, "name": "b"}


class Failing(io.BytesIO):
    """A file of Python code, one of whose methods fails after some calls."""

    def __init__(self, data: bytes, method: str, calls: int, error: type[BaseException]) -> None:
        super().__init__(data)
        self._method, self._calls, self._error = method, calls, error

    def read(self, size=-1, /):
        return self._called("read", size)

    def seek(self, place, whence=0, /):
        return self._called("seek", place, whence)

    def tell(self):
        return self._called("tell")

    def _called(self, method: str, *arguments):
        if method == self._method:
            self._calls -= 1
            if self._calls < 0:
                raise self._error("from the file")
        return getattr(super(), method)(*arguments)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, OSError])
@pytest.mark.parametrize("on_error", ["raise", "skip"])
@pytest.mark.parametrize(
    ("method", "calls"), [("read", 0), ("read", 2), ("seek", 0), ("seek", 2), ("tell", 0)]
)
@pytest.mark.parametrize("format", ["parquet", "orc", "arrow"])
def test_what_a_file_raises_is_no_damage(format, method, calls, on_error, error):
    """pyarrow's ORC keeps only the text of it, Ctrl-C included."""
    pytest.importorskip("pyarrow")
    made = io.BytesIO()
    avrojet.convert(file_of(rows(10), SCHEMA), made, source_format="avro", target_format=format)
    source = Failing(made.getvalue(), method, calls, error)
    with pytest.raises(error, match="from the file") as caught:
        avrojet.convert(source, io.BytesIO(), source_format=format, target_format="avro", on_error=on_error)
    assert type(caught.value) is error


def test_what_a_file_that_cannot_seek_raises_is_no_damage():
    pytest.importorskip("pyarrow")

    class Pipe(Failing):
        def seekable(self):
            return False

    with pytest.raises(RuntimeError, match="from the file"):
        avrojet.convert(
            Pipe(b"", "read", 0, RuntimeError), io.BytesIO(), source_format="orc", target_format="avro"
        )


def test_whole_files_are_set_aside(folder, tmp_path):
    (folder / "bad.avro").write_bytes(b"none")
    with pytest.raises(avrojet.AvroError, match=r"bad\.avro"):
        avrojet.convert(folder, tmp_path / "out", target_format="jsonl")
    done = avrojet.convert(folder, tmp_path / "out", target_format="jsonl", on_error="skip")
    assert done.failed == [str(folder / "bad.avro")]
    assert len(done.files) == 3
    assert "bad.jsonl" not in tree(tmp_path / "out")


@pytest.mark.parametrize("format", ["csv", "parquet", "orc", "arrow", "avro"])
def test_what_is_not_of_the_format(tmp_path, format):
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    for content in (b"", b"\0" * 100):
        (tmp_path / f"a.{format}").write_bytes(content)
        with pytest.raises(avrojet.AvroError, match=rf"a\.{format}: "):
            avrojet.convert(tmp_path / f"a.{format}", tmp_path / "b.jsonl")
    assert tree(tmp_path) == {f"a.{format}"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("format", ["avro", "jsonl", "csv", "parquet", "orc", "arrow"])
def test_a_full_disk(tmp_path, format):
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    (tmp_path / "a.avro").write_bytes(file_of(flat_rows(20_000), FLAT))
    with pytest.raises((OSError, avrojet.DataFileError)) as caught:
        avrojet.convert(tmp_path / "a.avro", "/dev/full", target_format=format, nested="json")
    failure = caught.value
    assert getattr(failure, "errno", errno.ENOSPC) == errno.ENOSPC or "space" in str(failure)


# Progress


def test_progress_is_told(folder, tmp_path):
    seen: list[avrojet.Advance] = []
    avrojet.convert(folder, tmp_path / "out", target_format="jsonl", progress=seen.append, jobs=2)
    last = seen[-1]
    total = sum(path.stat().st_size for path in folder.rglob("[abc].avro"))
    assert (last.files, last.total_files, last.records) == (3, 3, 12)
    assert last.bytes == last.total_bytes == total
    assert [each.bytes for each in seen] == sorted(each.bytes for each in seen)


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_end_of_a_conversion_is_no_error_of_its_files(folder, tmp_path, jobs):
    def stop(advance):
        raise avrojet.DataFileError("enough")

    lost, out = tmp_path / "lost.jsonl", tmp_path / "out"
    options = {"jobs": jobs, "on_error": "skip", "errors": lost}
    with pytest.raises(avrojet.DataFileError, match="enough"):
        avrojet.convert(folder, out, target_format="jsonl", progress=stop, **options)
    assert not lost.exists()


@pytest.mark.parametrize("jobs", [1, 3])
def test_what_progress_raises_ends_all(folder, tmp_path, jobs):
    pytest.importorskip("pyarrow")

    def stop(advance):
        raise KeyboardInterrupt

    threads = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        avrojet.convert(folder, tmp_path / "out", target_format="parquet", progress=stop, jobs=jobs)
    assert not tree(tmp_path / "out")
    assert threading.active_count() == threads


def test_the_outcome_of_one_file(tmp_path):
    source = tmp_path / "a.avro"
    source.write_bytes(file_of(rows(10), SCHEMA))
    done = avrojet.convert(source, tmp_path / "b.jsonl")
    (only,) = done.files
    assert only == avrojet.Converted(
        (str(source),),
        str(tmp_path / "b.jsonl"),
        10,
        source.stat().st_size,
        (tmp_path / "b.jsonl").stat().st_size,
    )
    assert done.seconds >= 0


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
@pytest.mark.parametrize("format", ["csv", "jsonl"])
@pytest.mark.parametrize("on_error", ["raise", "skip"])
def test_texts_are_cut_anywhere(tmp_path, monkeypatch, size, format, on_error):
    """Records with line ends, quotes and commas in them, in pieces that end somewhere."""
    pytest.importorskip("polars")
    texts = ['a "b"\n', "", None, ",\r\n", '"', "é\n\n", "plain", '""', "\n"]
    values = [{"id": number, "name": texts[number % len(texts)]} for number in range(40)]
    avrojet.write(tmp_path / "a.avro", FLAT, values)
    avrojet.convert(tmp_path / "a.avro", tmp_path / f"b.{format}")
    monkeypatch.setattr("avrojet.conversion.csv_files._PIECE", size)
    monkeypatch.setattr("avrojet.conversion.json_text._PIECE", size)
    done = avrojet.convert(tmp_path / f"b.{format}", tmp_path / "c.avro", schema=FLAT, on_error=on_error)
    assert avrojet.read(tmp_path / "c.avro") == values
    assert (done.records, done.aside_count) == (40, 0)


MOMENTS = [
    "2023-11-14T22:13:20.000000+00:00", "2023-11-14T22:13Z", "2023-11-14T22:13+01", "2023-11-14T22+00:00",
    "2023-11-14T22:13:20.0000001Z", "2023-11-14 22:13:20z", "2023-11-14T22:13:20.5+0130",
    "2023-11-14T22:13:20.5 +01:30", "2023-11-14T24:00:00Z", "2023-11-14T23:59:60Z", "2023-02-29T22:13:20Z",
    " 2023-11-14T22:13:20Z", "2023-1-4T22:13:20Z", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20,5Z",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "+2023-11-14T22:13:20Z",
    "2023-11-14T22:13:20.123456+23:59", "2023-11-14T22:13:20+24:00", "2023-11-14T22:13:20",
    "2023-11-14T22:13",
    "2023-11-14 22:13", "2023-11-14T22", "2023-11-14", "1969-12-31T23:59:59.999",
    "2023-11-14T22:13:20.1234567",
    "x", "",
]  # fmt: skip


@pytest.mark.parametrize("unit", ["millis", "micros", "nanos"])
@pytest.mark.parametrize("kind", ["timestamp", "local-timestamp"])
def test_arrow_parses_timestamps_of_csv_as_polars_does(tmp_path, monkeypatch, kind, unit):
    pytest.importorskip("pyarrow")
    pytest.importorskip("polars")
    parsed = csv_files._moments_by_arrow
    taken = 0

    def converted(text: str, *, by_arrow: bool) -> list | str:
        def parse(*arguments):
            nonlocal taken
            values = parsed(*arguments) if by_arrow else None
            taken += values is not None
            return values

        monkeypatch.setattr(csv_files, "_moments_by_arrow", parse)
        (tmp_path / "a.csv").write_text(f'id,at\n1,\n2,"{text}"\n')
        try:
            avrojet.convert(tmp_path / "a.csv", tmp_path / "a.avro", schema=schema)
        except avrojet.AvroError as error:
            return str(error)
        return avrojet.read(tmp_path / "a.avro")

    type = {"type": "long", "logicalType": f"{kind}-{unit}"}
    schema = record("R", id="long", at=["null", type])
    for text in MOMENTS:
        assert converted(text, by_arrow=True) == converted(text, by_arrow=False)
    assert taken


def test_csv_of_other_programs(tmp_path):
    """A byte order mark, CRLF, blank lines, names in quotes, no line end at the end."""
    pytest.importorskip("polars")
    (tmp_path / "a.csv").write_bytes('\ufeffid,"name"\r\n1,"a\r\nb"\r\n\r\n2,é'.encode())
    avrojet.convert(tmp_path / "a.csv", tmp_path / "b.avro", schema=FLAT)
    assert avrojet.read(tmp_path / "b.avro") == [{"id": 1, "name": "a\r\nb"}, {"id": 2, "name": "é"}]
    (tmp_path / "a.csv").write_bytes(b"id,name\n")
    avrojet.convert(tmp_path / "a.csv", tmp_path / "b.avro", schema=FLAT)
    assert avrojet.read(tmp_path / "b.avro") == []
    for content in (b"id,name\n", b"id,id\n1,2\n", b"id,name\n1,\xff\n", b'id,name\n1,"a\n'):
        (tmp_path / "a.csv").write_bytes(content)
        with pytest.raises(avrojet.AvroError, match=r"a\.csv: "):
            avrojet.convert(tmp_path / "a.csv", tmp_path / "c.avro")
    assert not (tmp_path / "c.avro").exists()


def test_one_column_of_csv(tmp_path):
    """Where a null is a blank line."""
    pytest.importorskip("polars")
    schema = record("R", name=["null", "string"])
    values = [{"name": name} for name in ("a", None, "", None)]
    avrojet.write(tmp_path / "a.avro", schema, values)
    avrojet.convert(tmp_path / "a.avro", tmp_path / "b.csv")
    avrojet.convert(tmp_path / "b.csv", tmp_path / "c.avro", schema=schema)
    assert avrojet.read(tmp_path / "c.avro") == values


def test_a_folder_without_files_is_named(tmp_path):
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(FileNotFoundError, match="no files of a known extension to convert") as caught:
        avrojet.convert(tmp_path, tmp_path / "out", target_format="csv")
    assert repr(str(tmp_path)) in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ('"[1, 2"', "end"),
        ('"[""a""]"', "expected int"),
        ('"[1]}{""a"": [2]"', "expected the end of the text"),
        ("1", "expected array"),
        ("", "expected array"),
        ('"[1]\n]"', "expected the end|comma|end of the object"),
    ],
)
def test_cells_that_are_no_nested_values(tmp_path, cell, reason):
    pytest.importorskip("polars")
    schema = record("R", a={"type": "array", "items": "int"}, b=["null", {"type": "map", "values": "int"}])
    (tmp_path / "a.csv").write_text(f'a,b\n[1],\n"[ 1,\n2 ]","{{""k"": 3}}"\n{cell},\n[],{{}}\n')
    with pytest.raises(avrojet.DecodeError, match=f"row 2, at.*({reason})"):
        avrojet.convert(tmp_path / "a.csv", tmp_path / "b.avro", schema=schema)
    done = avrojet.convert(tmp_path / "a.csv", tmp_path / "b.avro", schema=schema, on_error="skip")
    assert [each.record for each in done.asides] == [2]
    assert avrojet.read(tmp_path / "b.avro") == [
        *({"a": [1], "b": None}, {"a": [1, 2], "b": {"k": 3}}),
        {"a": [], "b": {}},
    ]


def test_nested_csv_from_parquet_and_without_rows(tmp_path):
    """Of types that pyarrow makes no empty table of, too."""
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    uuids = {"type": "array", "items": {"type": "string", "logicalType": "uuid"}}
    schema = record("R", a=uuids)
    text = "00000000-0000-0000-0000-000000000005"
    avrojet.write(tmp_path / "a.avro", schema, [{"a": [UUID(int=5)]}])
    avrojet.convert(tmp_path / "a.avro", tmp_path / "a.parquet")
    avrojet.convert(tmp_path / "a.parquet", tmp_path / "a.csv", nested="json")
    assert (tmp_path / "a.csv").read_text() == f'a\n"[""{text}""]"\n'
    avrojet.convert(tmp_path / "a.parquet", tmp_path / "a.csv", nested="json", head=0)
    assert (tmp_path / "a.csv").read_text() == "a\n"
    with pytest.raises(avrojet.SchemaError, match="leave out a, or write them as JSON text"):
        avrojet.convert(tmp_path / "a.avro", tmp_path / "b.csv")
    with pytest.raises(ValueError, match="nested"):
        avrojet.convert(tmp_path / "a.avro", tmp_path / "b.csv", nested="yes")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full here")
@pytest.mark.parametrize("format", ["avro", "jsonl", "csv", "parquet", "orc", "arrow"])
def test_a_full_disk_is_named(tmp_path, format):
    if format not in ("avro", "jsonl"):
        pytest.importorskip("polars")
        pytest.importorskip("pyarrow")
    (tmp_path / "a.avro").write_bytes(file_of(rows(3)))
    with pytest.raises(OSError, match="/dev/full") as caught:
        avrojet.convert(tmp_path / "a.avro", "/dev/full", target_format=format, nested="json")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, "/dev/full")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="there are no names of open files here")
def test_an_open_pipe_by_its_name(tmp_path):
    """As /dev/stdout is: a link to what has no path of its own."""
    (tmp_path / "a.avro").write_bytes(file_of(rows(3)))
    reading, writing = os.pipe()
    with open(reading, "rb") as out:  # noqa: PTH123 (a number)
        avrojet.convert(tmp_path / "a.avro", f"/dev/fd/{writing}", target_format="jsonl")
        os.close(writing)
        assert [json.loads(line)["id"] for line in out] == [0, 1, 2]


def test_a_schema_is_made_of_so_many_bytes(tmp_path, monkeypatch):
    """Of lines that are very long, fewer than are asked for."""
    monkeypatch.setattr("avrojet.conversion.json_text._SAMPLE_BYTES", 10_000)
    monkeypatch.setattr("avrojet.conversion.json_text._PIECE", 1000)
    lines = [json.dumps({"a": "x" * 900, "b": 1}) for _ in range(20)] + ['{"a": "last"}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    assert avrojet.convert(tmp_path / "a.jsonl", tmp_path / "b.avro").records == 21
    assert avrojet.read(tmp_path / "b.avro")[-1] == {"a": "last", "b": None}
    (tmp_path / "a.jsonl").write_text('{"a": "' + "x" * 20_000)
    with pytest.raises(avrojet.LimitError, match="a line has too many bytes"):
        avrojet.convert(tmp_path / "a.jsonl", tmp_path / "b.avro", limits=avrojet.Limits(block_bytes=15_000))


def test_long_fields_of_csv(tmp_path):
    """Longer than Python's csv takes by itself."""
    pytest.importorskip("polars")
    text = "x" * 200_000
    (tmp_path / "a.csv").write_text(f'a,b\n"{text}",\n"y",1\n')
    avrojet.convert(tmp_path / "a.csv", tmp_path / "b.avro")
    assert [row["a"] for row in avrojet.read(tmp_path / "b.avro")] == [text, "y"]


@pytest.mark.parametrize("target", ["avro", "jsonl", "csv", "parquet"])
def test_a_torn_file_is_told_in_the_same_way_whatever_is_made_of_it(tmp_path, target):
    pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    source = tmp_path / "torn.avro"
    source.write_bytes(file_of(rows(2000), SCHEMA, sync_interval=2000)[:-100])
    with pytest.raises(avrojet.TruncatedError, match="torn.avro: the file ends inside block") as caught:
        avrojet.convert(source, tmp_path / "out", target_format=target, columns=["id"])
    assert caught.value.block is not None
    assert list(tmp_path.iterdir()) == [source]
