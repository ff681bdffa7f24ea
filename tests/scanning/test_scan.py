"""avrojet.scan: which files, which columns, which rows, whole and in parts."""

from __future__ import annotations

import io
import os
import pickle
from datetime import date
from pathlib import Path

import pytest

import avrojet
from avrojet.container import source as source_module

pa = pytest.importorskip("pyarrow")

ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "customer", "type": {"type": "record", "name": "Customer", "fields": [
            {"name": "name", "type": "string"},
            {"name": "city", "type": ["null", "string"], "default": None}]}},
    ],
}  # fmt: skip


def orders(first: int, count: int) -> list[dict[str, object]]:
    return [
        {"id": number, "customer": {"name": f"n{number}", "city": None}}
        for number in range(first, first + count)
    ]


def written(path: Path, first: int, count: int, schema: object = ORDER, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    avrojet.write(path, schema, orders(first, count), **options)
    return path


def table(scan: avrojet.Scan) -> pa.Table:
    found = pa.table(scan)
    found.validate(full=True)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written(tmp_path / "day=2024-03-08" / "shop=1" / "b.avro", 10, 5)
    written(tmp_path / "day=2024-03-07" / "shop=2" / "a.avro", 0, 10)
    (tmp_path / "day=2024-03-07" / "_SUCCESS").touch()
    (tmp_path / "day=2024-03-07" / "shop=2" / ".a.avro.crc").write_bytes(b"no Avro")
    (tmp_path / "README.txt").write_text("no Avro either")
    return tmp_path


def test_a_folder_is_read_with_its_partitions(folder):
    scan = avrojet.scan(folder)
    assert [Path(file.path).name for file in scan.files] == ["a.avro", "b.avro"]
    found = table(scan)
    assert found.column_names == ["id", "customer", "day", "shop"]
    assert found["id"].to_pylist() == list(range(15))
    assert found["day"].to_pylist() == [date(2024, 3, 7)] * 10 + [date(2024, 3, 8)] * 5
    assert found["shop"].to_pylist() == [2] * 10 + [1] * 5
    assert scan.schema.names == found.column_names
    assert pa.schema(scan.schema) == found.schema
    assert scan.count() == 15


@pytest.mark.parametrize("pattern", ["*/*/*.avro", "**/*.avro", "day=*", "day=2024-03-0?/shop=*"])
def test_wildcards_find_the_same_files(folder, pattern):
    assert table(avrojet.scan(folder / pattern))["shop"].to_pylist() == [2] * 10 + [1] * 5


def test_links_that_lead_back_are_not_followed(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    avrojet.write(tmp_path / "a" / "b" / "1.avro", "long", [1])
    try:
        (tmp_path / "a" / "b" / "up").symlink_to(tmp_path / "a", target_is_directory=True)
        (tmp_path / "a" / "gone").symlink_to(tmp_path / "nowhere")
        (tmp_path / "a" / "itself").symlink_to(tmp_path / "a" / "itself")
    except OSError:
        pytest.skip("links are not allowed here")
    assert [file.below for file in avrojet.scan(tmp_path / "a").files] == [f"b{os.sep}1.avro"]
    (tmp_path / "a" / "itself.avro").symlink_to(tmp_path / "a" / "itself.avro")
    with pytest.raises(OSError, match=r"itself\.avro"):  # as of a file that cannot be read
        avrojet.scan(tmp_path / "a")


@pytest.mark.parametrize("pattern", ["", "*.avro", "**/*.avro"])
def test_links_that_lead_nowhere_are_told(tmp_path, pattern):
    """Else their rows would be missing, and nobody would know."""
    avrojet.write(tmp_path / "1.avro", "long", [1])
    try:
        (tmp_path / "gone.avro").symlink_to(tmp_path / "nowhere")
    except OSError:
        pytest.skip("links are not allowed here")
    source = f"{tmp_path}/{pattern}"
    with pytest.raises(FileNotFoundError, match=r"gone\.avro"):
        avrojet.scan(source)
    with pytest.raises(FileNotFoundError, match=r"gone\.avro"):
        avrojet.convert(source, tmp_path / "out", source_format="avro", target_format="jsonl")
    assert not (tmp_path / "out").exists()


def test_partitions_only_where_they_are_asked_for(folder):
    files = sorted(folder.rglob("*.avro"))
    assert table(avrojet.scan(files)).column_names == ["id", "customer"]
    assert table(avrojet.scan(folder, hive_partitioning=False)).column_names == ["id", "customer"]
    typed = avrojet.scan(folder, hive_partitioning={"shop": "string"})
    assert table(typed)["shop"].to_pylist()[0] == "2"


def test_no_file_of_another_partition_is_opened(folder):
    (folder / "day=2024-03-08" / "shop=1" / "b.avro").write_bytes(b"no Avro")
    wanted = avrojet.scan(folder).where(lambda part: part["day"] < date(2024, 3, 8) and part["shop"] == 2)
    assert table(wanted).num_rows == 10
    with pytest.raises(ValueError, match="no file is in the partitions"):
        wanted.where(lambda part: part["shop"] == 3)


def test_partitions_are_escaped_and_may_be_null(tmp_path):
    written(tmp_path / "place=a%2Fb c" / "1.avro", 0, 1)
    written(tmp_path / "place=__HIVE_DEFAULT_PARTITION__" / "1.avro", 1, 1)
    found = table(avrojet.scan(tmp_path))
    assert dict(zip(found["id"].to_pylist(), found["place"].to_pylist(), strict=True)) == {
        0: "a/b c",
        1: None,
    }


def test_partitions_whose_escapes_are_not_utf_8_stay_apart(tmp_path):
    written(tmp_path / "place=%FE" / "1.avro", 0, 1)
    written(tmp_path / "place=%FF" / "1.avro", 1, 1)
    assert table(avrojet.scan(tmp_path))["place"].to_pylist() == ["%FE", "%FF"]


def test_a_partition_that_is_not_utf_8_is_told(tmp_path):
    try:
        written(tmp_path / "place=\udcff" / "1.avro", 0, 1)
    except OSError:
        pytest.skip("names of files are text here")
    with pytest.raises(avrojet.SchemaError, match="the partition place=.* is not UTF-8"):
        avrojet.scan(tmp_path)


def test_other_partitions_are_told(tmp_path):
    written(tmp_path / "day=2024-03-08" / "1.avro", 0, 1)
    written(tmp_path / "shop=1" / "1.avro", 0, 1)
    with pytest.raises(
        avrojet.SchemaError, match=r"partitioned by different columns: .*1.avro by day, .* by shop"
    ):
        avrojet.scan(tmp_path)
    with pytest.raises(avrojet.SchemaError, match="the partition day=soon is not of the type date"):
        written(tmp_path / "x" / "day=soon" / "1.avro", 0, 1)
        avrojet.scan(tmp_path / "x", hive_partitioning={"day": "date"})


@pytest.mark.parametrize("values", [("1", "2"), ("1", "1")])
def test_a_partition_of_two_folders_is_told(tmp_path, values):
    written(tmp_path / f"day={values[0]}" / "x" / f"day={values[1]}" / "a=b=c.avro", 0, 1)
    with pytest.raises(
        avrojet.SchemaError, match=r"a=b=c\.avro: the partition day has two folders"
    ) as caught:
        avrojet.scan(tmp_path)
    assert caught.value.path == "day"
    assert "day" not in table(avrojet.scan(tmp_path, hive_partitioning=False)).column_names


def test_a_value_of_a_partition_may_look_like_one(tmp_path):
    written(tmp_path / "day=day=1" / "day=3.avro", 0, 1)
    assert table(avrojet.scan(tmp_path)).to_pydict()["day"] == ["day=1"]


def test_a_partition_goes_before_a_field_of_its_name(tmp_path):
    written(tmp_path / "id=7" / "1.avro", 0, 2)
    assert table(avrojet.scan(tmp_path)).to_pydict()["id"] == [7, 7]


def test_partitions_in_the_paths_of_single_files(folder):
    paths = [file.path for file in avrojet.scan(folder).files]
    assert table(avrojet.scan(paths)).column_names == ["id", "customer"]
    found = table(avrojet.scan(paths[0], hive_partitioning=True))
    assert found.slice(0, 1).to_pylist()[0]["day"] == date(2024, 3, 7)
    typed = table(avrojet.scan(paths, hive_partitioning={"shop": "string"}))
    assert typed["shop"].unique().to_pylist() == ["2", "1"]


def test_partitions_are_left_out_by_name(folder):
    scan = avrojet.scan(folder, exclude=["shop", "customer.city"])
    assert table(scan).column_names == ["id", "customer", "day"]
    parts = [pickle.loads(pickle.dumps(part)) for part in scan.splits(size=100)]
    assert {(*table(part).column_names,) for part in parts} == {("id", "customer", "day")}
    assert table(scan.only(["day"])).column_names == ["day"]
    assert table(scan.where(lambda partition: partition["shop"] == 1)).num_rows == 5


@pytest.mark.parametrize(
    "options",
    [
        {"path_column": "id"},
        {"row_column": "day"},
        {"path_column": "added", "row_column": "added"},
        {"path_column": "value", "source": "longs"},
    ],
)
def test_columns_that_are_added_have_names_of_their_own(folder, options):
    avrojet.write(folder / "day=2024-03-07" / "_longs.avro", "long", [1])
    source = folder / "day=2024-03-07" / "_longs.avro" if options.pop("source", None) else folder
    with pytest.raises(avrojet.SchemaError, match="another column .* a name of its own"):
        avrojet.scan(source, **options).to_arrow()


def test_types_of_partitions_are_checked(folder):
    with pytest.raises(ValueError, match="type of shop is one of string, long, date, not 'int'"):
        avrojet.scan(folder, hive_partitioning={"shop": "int"})


def test_path_and_number_of_each_row(folder):
    scan = avrojet.scan(folder, path_column="file", row_column="row", hive_partitioning=False, batch_rows=3)
    found = table(scan)
    assert found.column_names == ["id", "customer", "file", "row"]
    assert found["row"].to_pylist() == list(range(15))
    assert {Path(path).name for path in found["file"].to_pylist()[:10]} == {"a.avro"}
    assert found["file"].to_pylist()[-1].endswith("b.avro")
    assert table(scan.head(12))["row"].to_pylist() == list(range(12))


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 10, 12, 15, 99])
@pytest.mark.parametrize("threads", [0, 2])
def test_head(folder, rows, threads):
    scan = avrojet.scan(folder, n_rows=rows, batch_rows=4, threads=threads)
    assert table(scan)["id"].to_pylist() == list(range(min(rows, 15)))
    assert scan.count() == min(rows, 15)
    assert table(scan.head(5)).num_rows == min(rows, 5)


def test_columns_and_all_but_some(folder):
    scan = avrojet.scan(folder, path_column="file")
    assert table(scan.select(["customer.name", "shop"])).column_names == ["customer", "shop", "file"]
    without = avrojet.scan(folder, exclude=["id", "customer.city"])
    assert without.avro_schema.fields[0].type.fields[0].name == "name"
    assert table(without)["customer"].to_pylist()[0] == {"name": "n0"}
    with pytest.raises(avrojet.SchemaError, match="no column 'nothing'"):
        avrojet.scan(folder, exclude=["nothing"]).to_arrow()


def test_only_some_of_its_columns(folder):
    scan = avrojet.scan(folder, path_column="file")
    assert table(scan.only(["day", "id"])).column_names == ["id", "day"]
    assert table(scan.only(["file"])).column_names == ["file"]
    assert table(scan.select(["customer.name", "id"]).only(["customer"]))["customer"][0].as_py() == {
        "name": "n0"
    }
    assert table(avrojet.scan(folder, exclude=["customer.city"]).only(["customer"]))["customer"][
        0
    ].as_py() == {"name": "n0"}
    for part in scan.select(["customer.city", "shop"]).splits(size=1):
        assert table(part.only(["shop", "customer"]).head(1))["customer"].to_pylist() in (
            [{"city": None}],
            [],
        )
    assert table(scan.only([])).num_columns == 0
    assert sum(map(len, scan.only([]))) == 15
    with pytest.raises(avrojet.SchemaError, match="has no field 'nothing'; its fields are 'id', 'customer'"):
        table(scan.only(["nothing"]))


@pytest.mark.slow
def test_threads_change_nothing_else(folder):
    scan = avrojet.scan(folder, path_column="file", threads=3)
    for part in [scan.only(["id", "file"]), *scan.splits(size=1)]:
        assert table(part.with_threads(1)) == table(part) == table(part.with_threads(None))
    with pytest.raises(ValueError, match="threads must not be negative: -1"):
        scan.with_threads(-1)


def test_splits_have_each_row_once(tmp_path):
    for number in range(6):
        written(tmp_path / f"{number}.avro", 100 * number, 100)
    big = written(tmp_path / "big.avro", 600, 5000, sync_interval=1000)
    scan = avrojet.scan(tmp_path, path_column="file")
    parts = scan.splits(big.stat().st_size // 4)
    assert len(parts) > 4
    assert len(parts[0].files) > 1, "small files are put together"
    assert sorted(row for part in parts for row in table(part)["id"].to_pylist()) == list(range(5600))
    assert sum(part.count() for part in parts) == 5600
    assert len(scan.splits(count=3)) in {3, 4}
    assert len(scan.splits()) == 1


def test_a_split_is_small_and_complete(tmp_path):
    fields = [
        {"name": f"field{number}", "type": "long", "default": 0, "doc": "x" * 100} for number in range(300)
    ]
    wide = {**ORDER, "fields": [*ORDER["fields"], *fields]}
    written(tmp_path / "1.avro", 0, 500, wide, sync_interval=1 << 16, defaults=True)
    parts = avrojet.scan(tmp_path, columns=["id"]).splits(count=5)
    texts = [pickle.dumps(part) for part in parts]
    assert max(map(len, texts)) < 2000
    again = [pickle.loads(text) for text in texts]
    assert sorted(row for part in again for row in table(part)["id"].to_pylist()) == list(range(500))


def test_streams_are_shown_and_pickled(folder):
    stream = avrojet.read_arrow(folder, columns=["id"])
    assert repr(stream).startswith("<avrojet.ArrowStream of <avrojet.Scan of ")
    assert "day, shop" not in repr(stream)
    assert pa.table(pickle.loads(pickle.dumps(stream))) == pa.table(stream)
    with (
        (folder / "day=2024-03-08" / "shop=1" / "b.avro").open("rb") as file,
        pytest.raises(TypeError, match="cannot be pickled"),
    ):
        pickle.dumps(avrojet.read_arrow(file))


def test_rows_of_parts_are_not_counted(folder):
    for scan in (avrojet.scan(folder, row_column="n"), avrojet.scan(folder, n_rows=3)):
        with pytest.raises(ValueError, match="know nothing of each other"):
            scan.splits()


def test_urls_with_options(folder):
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.pipe({f"/scan/n={number}/1.avro": path.read_bytes()
                 for number, path in enumerate(sorted(folder.rglob("*.avro")))})  # fmt: skip
    memory.pipe("/scan/_SUCCESS", b"")
    try:
        for source, options in [
            ("memory://scan/", None),
            ("memory://scan/*/*.avro", {"skip_instance_cache": True}),
        ]:
            found = table(avrojet.scan(source, storage_options=options))
            assert found["n"].to_pylist() == [0] * 10 + [1] * 5
        assert avrojet.scan("memory://scan/").files[0].size > 100
    finally:
        memory.rm("/scan", recursive=True)


def test_damage_is_skipped(folder):
    (folder / "day=2024-03-07" / "shop=2" / "a.avro").write_bytes(b"no Avro")
    scan = avrojet.scan(folder, on_error="skip")
    stream = scan.to_arrow()
    found = pa.table(stream)
    assert found["shop"].to_pylist() == [1] * 5
    assert len(stream.losses) == 1


def test_no_header_is_read_twice(tmp_path, monkeypatch):
    """By the planner: to read data is to open a file again."""
    for number, name in enumerate("abc"):
        written(tmp_path / f"{name}.avro", 10 * number, 10)
    opened: list[str] = []

    def open_counted(source: object, real: object = source_module._opened) -> object:
        opened.append(Path(source).stem)
        return real(source)

    monkeypatch.setattr(source_module, "_opened", open_counted)
    for options, headers in ({}, "a"), ({"merge": "union"}, "abc"), ({"on_error": "skip"}, "a"):
        opened.clear()
        scan = avrojet.scan(tmp_path, **options)
        parts = scan.splits(max(file.size for file in scan.files))
        assert sorted(opened) == list(headers if options else "")
        assert scan.schema.names == [field.name for field in scan.avro_schema.fields]
        streams = [scan.to_arrow(), scan.head(3).to_arrow(), scan.only(["id"]).to_arrow()]
        assert sorted(opened) == list(headers)
        assert [pa.table(stream).num_rows for stream in streams] == [30, 3, 30]
        assert opened.count("a") == 4
        opened.clear()
        assert [table(part).num_rows for part in parts] == [10, 10, 10]
        assert max(map(opened.count, "abc")) <= 2  # for what a part shows, and to read it


def test_a_part_may_have_only_what_is_skipped(tmp_path):
    """If the first file is none, too, and in another process."""
    for number, name in enumerate("bd"):
        written(tmp_path / f"{name}.avro", 10 * number, 10)
    for name in "ac":
        (tmp_path / f"{name}.avro").write_bytes(b"no Avro at all" * 9)
    for reader in (None, {**ORDER, "fields": ORDER["fields"][:1]}):
        scan = avrojet.scan(tmp_path, on_error="skip", reader_schema=reader)
        assert scan.avro_schema.fields[0].name == scan.schema.names[0] == "id"
        parts = [
            pickle.loads(pickle.dumps(part)) for part in scan.splits(max(file.size for file in scan.files))
        ]
        rows = [row for part in parts for row in table(part.only(["id"]))["id"].to_pylist()]
        assert sorted(rows) == list(range(20))
        stream = parts[0].to_arrow()
        assert [len(batch) for batch in stream] == []
        assert [loss.source for loss in stream.losses] == [str(tmp_path / "a.avro")]
        assert sum(part.count() for part in parts) == 20
    with pytest.raises(avrojet.DataFileError, match=r"a\.avro: not an Avro"):
        avrojet.scan([tmp_path / "a.avro", tmp_path / "c.avro"], on_error="skip").to_arrow()


def test_nothing_to_read(tmp_path):
    with pytest.raises(FileNotFoundError, match="has no Avro files"):
        avrojet.scan(tmp_path)
    with pytest.raises(FileNotFoundError, match="no file matches"):
        avrojet.scan(tmp_path / "*.avro")
    for source in (tmp_path / "1.avro", [tmp_path / "1.avro"]):
        with pytest.raises(FileNotFoundError, match=r"1\.avro"):
            avrojet.scan(source)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"merge": "all"}, "merge must be"),
        ({"recursion": "no"}, "recursion must be"),
        ({"recursion": -1}, "recursion must be"),
        ({"n_rows": -1}, "n_rows must not be negative"),
        ({"on_error": "no"}, "on_error must be"),
        ({"batch_rows": 0}, "batch_rows must be positive"),
    ],
)
def test_options_are_checked_at_once(folder, options, told):
    with pytest.raises(ValueError, match=told):
        avrojet.scan(folder, **options)


def test_a_file_that_grows_after_it_was_planned(tmp_path):
    schema = {"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}]}
    path = tmp_path / "1.avro"
    avrojet.write(path, schema, [{"id": number} for number in range(1000)], sync_interval=100)
    whole = avrojet.scan(path)
    parts = whole.splits(count=4)
    with avrojet.DataFileWriter(path, mode="a") as writer:
        for number in range(1000, 1500):
            writer.append({"id": number})
    ids = [row["id"] for part in parts for row in pa.table(part).to_pylist()]
    assert ids == list(range(1500))
    assert pa.table(whole)["id"].to_pylist() == list(range(1500))


def test_a_longer_file_that_replaces_one_after_it_was_planned(tmp_path):
    path = written(tmp_path / "1.avro", 0, 500, sync_interval=100)
    parts = avrojet.scan(path).splits(count=3)
    assert sum(part.files[0].size for part in parts) == path.stat().st_size
    assert [len(part.splits(count=2)) for part in parts] == [2, 2, 2]
    written(path, 7000, 2000, sync_interval=100)
    for some in (parts, [each for part in parts for each in part.splits(count=2)]):
        ids = [row["id"] for part in some for row in table(part).to_pylist()]
        assert ids == list(range(7000, 9000))
        assert sum(part.count() for part in some) == 2000


def test_what_the_last_part_of_a_file_loses(tmp_path):
    path = tmp_path / "1.avro"
    path.write_bytes(b"no Avro" * 100)
    written(tmp_path / "2.avro", 0, 3)
    stream = avrojet.scan([path, tmp_path / "2.avro"], on_error="skip").splits(350)[1].to_arrow()
    assert sum(map(len, stream)) == 0
    assert [loss.size for loss in stream.losses] == [350]


KINDS = {
    "long": ("long", [1, 2, 3]),
    "null": ("null", [None, None]),
    "array": ({"type": "array", "items": "long"}, [[1], []]),
    "union": (["null", "long", "string"], [None, 1, "x"]),
    "record or null": (["null", ORDER], [None, *orders(0, 2)]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_values_that_are_no_records_are_one_column(tmp_path, kind):
    avrojet.write(tmp_path / "1.avro", *KINDS[kind], sync_interval=1)
    scan = avrojet.scan(tmp_path, path_column="path")
    rows = table(scan).to_pylist()
    values = [{"value": row["value"]} for row in rows]
    assert table(scan.only(["value"])).to_pylist() == values
    assert table(scan.only(["value", "path"])).to_pylist() == rows
    assert table(scan.only(["path"])).select(["path"]).to_pylist() == [{"path": row["path"]} for row in rows]
    for name in ("value", ("value",)):
        assert table(scan.select([name]).only(["value"])).to_pylist() == values
    parts = [pickle.loads(pickle.dumps(part)).only(["value"]) for part in scan.splits(size=30)]
    assert [row for part in parts for row in table(part).to_pylist()] == values
    with pytest.raises(avrojet.SchemaError, match="'valu'"):
        _ = scan.select(["value", "valu"]).schema


def test_a_field_called_value_is_chosen_before_the_whole(tmp_path):
    record = {"type": "record", "name": "R", "fields": [
        {"name": "value", "type": "long"}, {"name": "more", "type": "long"}]}  # fmt: skip
    avrojet.write(tmp_path / "1.avro", ["null", record], [{"value": 1, "more": 2}, None])
    scan = avrojet.scan(tmp_path)
    assert table(scan.only(["value"])).to_pylist() == [{"value": {"value": 1, "more": 2}}, {"value": None}]
    assert table(scan.select(["value"])).to_pylist() == [{"value": {"value": 1}}, {"value": None}]
    assert table(scan.select(["more"]).only(["value"])).to_pylist() == [
        {"value": {"more": 2}},
        {"value": None},
    ]


@pytest.mark.parametrize("threads", [None, 0, 1, 3])
def test_errors_in_a_first_block_name_the_file(tmp_path, threads):
    """Also of a file that is opened while another is read."""
    whole = written(tmp_path / "1.avro", 0, 10).read_bytes()
    (tmp_path / "2.avro").write_bytes(whole[:-20])
    with pytest.raises(avrojet.TruncatedError, match=r"^.*2\.avro: the file ends inside block 0"):
        list(avrojet.scan(tmp_path, threads=threads))


def test_errors_of_columns_name_the_file(folder):
    scan = avrojet.scan(folder, columns=["idd"])
    for ask in (lambda: scan.avro_schema, lambda: scan.only(["id"])):
        with pytest.raises(avrojet.SchemaError, match=r"a\.avro: .*'idd'"):
            ask()


def test_what_was_listed_is_not_listed_again(tmp_path):
    path = tmp_path / "day=3" / "1.avro"
    path.parent.mkdir()
    avrojet.write(path, "long", [1])
    files = list(avrojet.scan(tmp_path).files)
    assert pa.table(avrojet.scan(files)).to_pylist() == [{"value": 1, "day": 3}]


def test_memory_that_changes_is_read_as_it_is_at_each_reading():
    def file(count: int) -> bytes:
        target = io.BytesIO()
        avrojet.write(target, '"long"', range(count))
        return target.getvalue()

    memory = bytearray(file(3))
    stream = avrojet.read_arrow(memory)
    memory[:] = file(5)
    assert [sum(map(len, stream)), sum(map(len, stream))] == [5, 5]
