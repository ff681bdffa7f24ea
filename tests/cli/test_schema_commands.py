"""The commands about schemas, as a user runs them."""

from __future__ import annotations

import json
from io import BytesIO, TextIOWrapper

import pytest

import avrojet
from avrojet.cli import main
from tests.container.samples import DATA

ORDERS = str(DATA / "orders.avro")
CODE = {"type": "fixed", "name": "n.Code", "size": 2, "doc": "A code."}


@pytest.fixture
def answer(capfdbinary):
    """Runs a command in this process: its exit status, output and errors."""

    def call(*arguments):
        status = main(arguments)
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return call


@pytest.fixture
def avsc(tmp_path):
    def write(schema, name="schema.avsc"):
        path = tmp_path / name
        path.write_text(json.dumps(schema))
        return str(path)

    return write


def test_canonical_form_and_fingerprint_of_files_and_schemas(answer, avsc):
    with avrojet.DataFileReader(ORDERS) as reader:
        schema = reader.schema
    assert answer("canonical", ORDERS) == (0, schema.canonical_form + "\n", "")
    assert answer("fingerprint", ORDERS)[1] == schema.fingerprint().hex() + "\n"
    digest = answer("fingerprint", avsc(CODE), "--algorithm", "MD5")[1]
    assert digest == avrojet.parse_schema(CODE).fingerprint("MD5").hex() + "\n"


def test_diff(answer, avsc):
    old, new = avsc(CODE), avsc({**CODE, "size": 3}, "new.avsc")
    assert answer("diff", old, old) == (0, "", "")
    assert answer("diff", old, new) == (1, "$: size: 2 -> 3\n", "")
    status, out, _ = answer("diff", "--json", old, new)
    assert (status, json.loads(out)) == (1, [{"kind": "size", "path": "$", "old": 2, "new": 3}])
    status, out, err = answer("diff", old, "nowhere.avsc")
    assert (status, out) == (2, "")
    assert "nowhere.avsc" in err


def test_lint(answer, avsc):
    assert answer("lint", avsc(CODE)) == (0, "", "")
    bad = avsc({"type": "enum", "name": "n.E", "symbols": ["A"], "doc": "One."}, "bad.avsc")
    status, out, _ = answer("lint", avsc(CODE), bad)
    assert status == 1
    assert out == f"{bad}: $: enum n.E has no default: readers fail at the first new symbol [enum-default]\n"
    assert answer("lint", bad, "--ignore", "enum-default")[0] == 0
    assert answer("lint", bad, "--rule", "doc")[0] == 0
    assert [finding["rule"] for finding in json.loads(answer("lint", bad, "--json")[1])] == ["enum-default"]
    assert "enum-default " in answer("lint", "--rules")[1]


def test_lint_of_a_folder_looks_at_each_type_once_in_its_own_file(answer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "s"
    (folder / "sub").mkdir(parents=True)
    fields = [
        {"name": "b", "type": "n.B"},
        {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["X"]}},
    ]
    (folder / "a.avsc").write_text(json.dumps({"type": "record", "name": "n.A", "fields": fields}))
    b = {"type": "record", "name": "n.B", "fields": [{"name": "class", "type": "int"}]}
    (folder / "n.B.avsc").write_text(json.dumps(b))
    protocol = {"protocol": "P", "namespace": "p", "types": [{"type": "enum", "name": "F", "symbols": ["Y"]}]}
    (folder / "sub" / "p.avpr").write_text(json.dumps(protocol))
    (folder / "sub" / "q.avdl").write_text("enum G { Z }")
    (folder / ".hidden.avsc").write_text("{")
    (folder / "notes.txt").write_text("{")
    rules = ["--rule", "enum-default", "--rule", "reserved-name"]
    told = "has no default: readers fail at the first new symbol [enum-default]"
    lines = [
        f"s/a.avsc: $.e: enum n.E {told}",
        "s/n.B.avsc: $: the field class is a reserved word of other languages [reserved-name]",
        f"s/sub/p.avpr: p.F: enum p.F {told}",
        f"s/sub/q.avdl: G: enum G {told}",
    ]
    assert answer("lint", "s", *rules) == (1, "".join(f"{line}\n" for line in lines), "")
    files = [entry["file"] for entry in json.loads(answer("lint", "s", "--json", *rules)[1])]
    assert files == ["s/a.avsc", "s/n.B.avsc", "s/sub/p.avpr", "s/sub/q.avdl"]
    # A type that no file of its own is named for is looked at where it is used.
    assert "$.b: the field class" in answer("lint", "s/a.avsc", *rules)[1]


def test_lint_goes_on_after_a_file_that_cannot_be_read(answer, avsc, tmp_path):
    bad = avsc({"type": "enum", "name": "n.E", "symbols": ["A"], "doc": "One."}, "bad.avsc")
    (tmp_path / "a.avsc").write_text("{")
    status, out, err = answer("lint", str(tmp_path), str(tmp_path / "none.avsc"))
    assert status == 2
    assert out.startswith(f"{bad}: $: enum n.E has no default")
    first, second = err.splitlines()
    assert first.startswith(f"avrojet: {tmp_path / 'a.avsc'}: the schema is not JSON")
    assert second == f"avrojet: {tmp_path / 'none.avsc'}: No such file or directory"


def test_lint_of_nothing_is_a_wrong_usage(answer):
    with pytest.raises(SystemExit, match="2"):
        answer("lint")


def test_lint_refuses_rules_that_are_none(answer, avsc):
    with pytest.raises(SystemExit, match="2"):
        answer("lint", avsc(CODE), "--ignore", "docs")


def test_random(answer, avsc, tmp_path):
    schema = avsc({"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}]})
    lines = answer("random", schema, "--count", "3", "--seed", "7")[1].splitlines()
    assert [list(json.loads(line)) for line in lines] == [["a"]] * 3
    assert answer("random", schema, "--count", "3", "--seed", "7")[1].splitlines() == lines
    target = tmp_path / "out.avro"
    assert (
        answer("random", schema, "--seed", "7", "--count", "3", "--out", str(target), "--codec", "deflate")[0]
        == 0
    )
    assert [json.dumps(row, separators=(",", ":")) for row in avrojet.read(target)] == lines


def test_induce(answer, tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"a": 1}\n{"a": null}\n')
    status, out, _ = answer("induce", str(rows), "--name", "Row", "--namespace", "n")
    assert (status, json.loads(out)["name"], json.loads(out)["namespace"]) == (0, "Row", "n")
    assert json.loads(out)["fields"] == [{"name": "a", "type": ["null", "long"], "default": None}]
    rows.write_text('{"a": 1')
    status, _, err = answer("induce", str(rows))
    assert status == 1
    assert "rows.jsonl: not JSON: line 1, column 8: expecting ',' delimiter" in err


def test_a_schema_on_the_standard_input(answer, monkeypatch):
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b'"int"')))
    assert answer("canonical", "-")[1] == '"int"\n'


def test_a_file_that_is_no_schema(answer, tmp_path):
    path = tmp_path / "x.avsc"
    path.write_text('{"type": "fixed"}')
    status, _, err = answer("canonical", str(path))
    assert status == 1
    assert err.startswith("avrojet: ")
    assert "x.avsc" in err


IDL = DATA / "idl"


def test_idl_becomes_json_and_json_idl(answer, tmp_path):
    for name, kind in (("messages", "avpr"), ("schema", "avsc")):
        status, out, err = answer("idl", str(IDL / f"{name}.avdl"))
        assert (status, err) == (0, "")
        json_file = tmp_path / f"{name}.{kind}"
        assert answer("idl", str(IDL / f"{name}.avdl"), str(json_file)) == (0, "", "")
        assert json_file.read_text(encoding="utf-8") == out
        idl = avrojet.load_idl(IDL / f"{name}.avdl")
        what = idl.protocol or idl.schema
        assert json.loads(out) == json.loads(what.json)
        assert answer("idl", str(json_file)) == (0, avrojet.emit_idl(what), "")


def test_the_idl_of_a_file_of_data(answer):
    status, out, err = answer("idl", ORDERS)
    assert (status, err) == (0, "")
    with avrojet.DataFileReader(ORDERS) as reader:
        assert avrojet.parse_idl(out).schema == reader.schema


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("protocol P {}", {"protocol": "P", "types": [], "messages": {}}),
        ("/* a */ schema int;", "int"),
        ('{"protocol": "P"}', "protocol P {\n}\n"),
        (' ["null", "int"]', "schema int?;\n"),
    ],
)
def test_idl_and_json_on_the_standard_input(answer, monkeypatch, text, result):
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(text.encode())))
    status, out, err = answer("idl", "-")
    assert (status, err) == (0, "")
    assert (out if isinstance(result, str) and result != "int" else json.loads(out)) == result


def test_the_types_of_idl(answer, tmp_path):
    folder = tmp_path / "new" / "types"
    assert answer("idl", str(IDL / "only_types.avdl"), "--types", str(folder)) == (0, "", "")
    assert {path.name for path in folder.iterdir()} == {"shop.loose.A.avsc", "shop.loose.B.avsc", "C.avsc"}
    for type in avrojet.load_idl(IDL / "only_types.avdl").types:
        assert avrojet.load_schema(folder / f"{type.fullname}.avsc") == type
    assert answer("idl", ORDERS, "--types", str(folder))[0] == 0
    assert (folder / "shop.Order.avsc").exists()
    status, out, err = answer("idl", str(IDL / "only_types.avdl"))
    assert (status, out) == (1, "")
    assert "--types FOLDER" in err


def test_idl_that_is_wrong_leaves_no_file(answer, tmp_path):
    path, target = tmp_path / "a.avdl", tmp_path / "a.avpr"
    path.write_text("protocol P { record R { int a } }")
    status, out, err = answer("idl", str(path), str(target))
    assert (status, out) == (1, "")
    assert err == f"avrojet: {path}:1:31: expected ';', ',' or '=' and a default, found '}}'\n"
    assert not target.exists()
    with pytest.raises(SystemExit):
        answer("idl", str(path), str(target), "--types", str(tmp_path))
