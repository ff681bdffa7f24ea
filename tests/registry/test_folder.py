"""A registry that is a folder of .avsc files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avrojet import SchemaError, parse_schema
from avrojet.registry import FolderRegistry, IncompatibleError, NotFoundError, RegistryError, SchemaReference
from tests.registry.test_memory import LINE, ONE, POINT, TWO, WORSE
from tests.vectors import record


def write(folder, files):
    for name, schema in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(schema if isinstance(schema, str) else json.dumps(schema), encoding="utf-8")


def test_files_are_subjects(tmp_path):
    write(
        tmp_path,
        {
            "line.avsc": LINE,
            "geo/Point.avsc": f"// a point\n{json.dumps(POINT)}",
            "s-value/1.avsc": ONE,
            "s-value/2.avsc": TWO,
            "s-value/10.avsc": record("R", a="int", z="int"),
            "a%2Fb.avsc": '"string"',
        },
    )
    registry = FolderRegistry(tmp_path)
    assert registry.subjects() == ["Point", "a/b", "line", "s-value"]
    assert registry.versions("s-value") == [1, 2, 10]
    line = registry.latest("line")
    assert line.schema == parse_schema(record("geo.Line", start=POINT, end="geo.Point"))
    assert line.references == (SchemaReference("geo.Point", "Point", 1),)
    assert registry.by_id(line.id).schema == registry.by_guid(line.guid).schema == line.schema
    assert registry.version("s-value", 2).schema == registry.lookup("s-value", TWO).schema
    # Another copy has the same ids, whatever else is in it.
    again = tmp_path / "again"
    write(again, {"x.avsc": POINT, "s-value.avsc": ONE})
    other = FolderRegistry(again)
    assert other.latest("s-value").id == registry.version("s-value", 1).id
    assert other.latest("x").id == registry.latest("Point").id


@pytest.mark.parametrize("subject", [".", "..", "..."])
def test_subjects_of_dots_stay_in_the_folder(tmp_path, subject):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    FolderRegistry(folder).register(subject, ONE)
    assert [path.parent.parent for path in tmp_path.rglob("*.avsc")] == [folder]
    assert FolderRegistry(folder).subjects() == [subject]


def test_a_subject_without_a_name_is_refused(tmp_path):
    registry = FolderRegistry(tmp_path)
    with pytest.raises(RegistryError, match="without a name"):
        registry.register("", ONE)
    assert not registry.subjects()
    assert not list(tmp_path.iterdir())


def test_what_is_registered_is_written(tmp_path):
    registry = FolderRegistry(tmp_path)
    registry.register("point", POINT)
    line = registry.register("a/line", LINE, references=[SchemaReference("geo.Point", "point", 1)])
    assert registry.register("a/line", LINE, references=line.references) == line
    registry.register("s", ONE)
    registry.register("s", TWO)
    text = (tmp_path / "a%2Fline" / "1.avsc").read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(line.text)
    assert '"int"' not in text
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["1.avsc", "1.avsc", "1.avsc", "2.avsc"]
    again = FolderRegistry(tmp_path)
    assert again.latest("a/line") == line
    assert again.by_id(line.id).schema == line.schema
    with pytest.raises(IncompatibleError):
        again.register("s", WORSE)
    assert again.check("s", TWO)
    again.set_level("NONE", "s")
    assert (again.level("s"), again.level()) == ("NONE", "BACKWARD")
    for cannot in (
        lambda: again.delete_subject("s"),
        lambda: again.delete_version("s", 1),
        lambda: again.register("s", ONE, rules={}),
    ):
        with pytest.raises(RegistryError, match=r"delete the files|cannot keep"):
            cannot()


def test_what_cannot_be_written_is_not_registered(tmp_path, monkeypatch):
    registry = FolderRegistry(tmp_path)

    def full(path, target):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="No space"):
            registry.register("s-value", ONE)
    assert registry.subjects() == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert registry.register("s-value", ONE).version == 1
    assert FolderRegistry(tmp_path).versions("s-value") == [1]


def test_files_that_come_later_are_found(tmp_path, monkeypatch):
    registry = FolderRegistry(tmp_path)
    monkeypatch.setattr("avrojet.registry.folder._SECONDS", 0.0)
    with pytest.raises(NotFoundError):
        registry.latest("s")
    write(tmp_path, {"s.avsc": ONE})
    assert registry.latest("s").version == 1
    registry.set_level("NONE", "s")
    write(tmp_path, {"t.avsc": ONE})
    assert registry.subjects() == ["s", "t"]
    assert registry.level("s") == "NONE"
    with pytest.raises(NotFoundError):
        registry.by_id(5)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.avsc": "{"}, r"a\.avsc: the schema is not JSON"),
        ({"a.avsc": '"b.C"'}, r"a\.avsc: 'b.C' is neither"),
        ({"x/s.avsc": '"int"', "y/s.avsc": '"int"'}, "are both version 1 of 's'"),
        ({"a.avsc": ONE, "b.avsc": TWO}, "both define R"),
        (
            {"a.avsc": record("A", x="B"), "b.avsc": record("B", x="A")},
            "in a circle: a.avsc -> b.avsc -> a.avsc",
        ),
    ],
)
def test_folders_that_are_not_valid(tmp_path, files, message):
    write(tmp_path, files)
    with pytest.raises((SchemaError, RegistryError), match=message):
        FolderRegistry(tmp_path)


def test_no_folder(tmp_path):
    with pytest.raises(NotADirectoryError, match="no folder"):
        FolderRegistry(tmp_path / "none")


def test_two_schemas_of_one_id(tmp_path, monkeypatch):
    monkeypatch.setattr("avrojet.registry.folder._IDS", 0)
    registry = FolderRegistry(tmp_path)
    registry.register("a", "int")
    with pytest.raises(RegistryError, match="have the id 1"):
        registry.register("b", "long")
