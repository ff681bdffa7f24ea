"""``avrojet compat``, as people and builds run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from avrojet.cli import main
from avrojet.cli.places import line_of
from avrojet.schema.load import load_schema

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")

OLD = {
    "type": "record",
    "name": "shop.Price",
    "fields": [
        {"name": "sku", "type": "string"},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["NEW", "USED"]}},
        {"name": "amount", "type": "long"},
        {"name": "note", "type": "string"},
    ],
}
NEW = {
    "type": "record",
    "name": "shop.Price",
    "fields": [
        {"name": "sku", "type": "string"},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["NEW"]}},
        {"name": "amount", "type": "double"},
        {"name": "currency", "type": "string"},
    ],
}
WIDER = {**OLD, "fields": [*OLD["fields"], {"name": "currency", "type": "string", "default": "EUR"}]}


@pytest.fixture
def answer(capfdbinary):
    """Runs the command in this process: its exit status, output and errors."""

    def call(*arguments):
        status = main(["compat", *map(str, arguments)])
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return call


@pytest.fixture
def file(tmp_path):
    def write(path, content, **options):
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content, indent=2)
        place.write_text(text, encoding="utf-8", **options)
        return place

    return write


@pytest.fixture
def git(tmp_path):
    def call(*arguments):
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        named = ["-c", "user.name=n", "-c", "user.email=e", "-c", "core.autocrlf=false"]
        subprocess.run(["git", *named, *arguments], cwd=tmp_path, check=True, env=environment)

    return call


def test_two_files(answer, file):
    old, new = file("old.avsc", OLD), file("new.avsc", NEW)
    status, out, err = answer(old, new)
    assert (status, err) == (1, "")
    assert (
        out
        == f"""\
\N{BALLOT X} shop.Price  {new}
    new reads old, $.kind: enum shop.Kind has neither a default nor the symbols USED
        add the symbols to the reader's enum shop.Kind, or give it a default
        fails: {{"sku":"","kind":"USED","amount":0,"note":""}}
    new reads old, $.currency: the reader's field 'currency' is not in record shop.Price and has no default
        give `currency` a default
        fails: {{"sku":"","kind":"NEW","amount":0,"note":""}}
    new reads old, $.amount: warning: long is read as double, which rounds numbers beyond 2**53
    new reads old, $.note: warning: the writer's field 'note' is not in record shop.Price: it is dropped
1 schema compared (BACKWARD): 1 incompatible
"""
    )


def test_what_is_compatible_is_said_in_a_line(answer, file):
    assert answer(file("old.avsc", OLD), file("new.avsc", WIDER)) == (
        0,
        "1 schema compared (BACKWARD): all compatible\n",
        "",
    )


def test_warnings_count_if_they_are_to(answer, file):
    old, new = file("old.avsc", '"long"'), file("new.avsc", '"double"')
    status, out, _ = answer(old, new)
    assert status == 0
    assert "9007199254740993 is read as 9007199254740992.0" in out
    assert out.endswith("all compatible, 1 with warnings\n")
    assert answer(old, new, "--strict")[0] == 1
    assert answer(old, old, "--strict")[0] == 0


@pytest.mark.parametrize(
    ("level", "status"),
    [("none", 0), ("BACKWARD", 0), ("FORWARD", 1), ("full", 1), ("BACKWARD_TRANSITIVE", 1)],
)
def test_levels(answer, file, level, status):
    """The first and the last do not get along, neighbours do."""
    base = {"type": "record", "name": "R", "fields": []}
    one = {"name": "x", "type": "int"}
    versions = [
        file("1.avsc", base),
        file("2.avsc", {**base, "fields": [{**one, "default": 0}]}),
        file("3.avsc", {**base, "fields": [{**one, "type": "long"}]}),
    ]
    assert answer(*versions, "--level", level)[0] == status


def test_json(answer, file):
    old, new = file("old.avsc", OLD), file("new.avsc", NEW)
    status, out, _ = answer(old, new, "--json", "--level", "FULL")
    said = json.loads(out)
    assert (status, said["compatible"], said["level"]) == (1, False, "FULL")
    (schema,) = said["schemas"]
    backward, forward = schema["checks"]
    assert (backward["reader"], backward["writer"]) == (str(new), str(old))
    assert (forward["reader"], forward["writer"]) == (str(old), str(new))
    reason = backward["reasons"][1]
    assert reason == {
        "kind": "READER_FIELD_MISSING_DEFAULT_VALUE",
        "path": "$.currency",
        "message": "the reader's field 'currency' is not in record shop.Price and has no default",
        "remedy": "give `currency` a default",
        "reader_path": "fields[3]",
        "writer_path": "",
        "reader_type": "string",
        "writer_type": "record shop.Price",
        "line": reason["line"],
        "witness": {
            "value": {"sku": "", "kind": "NEW", "amount": 0, "note": ""},
            "data": "00000000",
            "error": reason["witness"]["error"],
        },
    }
    assert '"currency"' in new.read_text().splitlines()[reason["line"] - 1]
    assert (
        "witness"
        not in json.loads(answer(old, new, "--json", "--no-witness")[1])["schemas"][0]["checks"][0][
            "reasons"
        ][0]
    )


def test_annotations(answer, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file("old.avsc", OLD)
    file("a,b.avsc", NEW)
    status, out, _ = answer("old.avsc", "a,b.avsc", "--format", "github")
    lines = out.splitlines()
    assert status == 1
    assert lines[1].startswith(
        "::error file=a%2Cb.avsc,line=24,title=shop.Price%3A READER_FIELD_MISSING_DEFAULT_VALUE::"
        "new reads old, $.currency: the reader's field"
    )
    assert [line.split()[0] for line in lines[:-1]] == ["::error", "::error", "::warning", "::warning"]
    status, out, _ = answer("old.avsc", "a,b.avsc", "--format", "gitlab")
    found = json.loads(out)
    assert status == 1
    assert found[1]["location"] == {"path": "a,b.avsc", "lines": {"begin": 24}}
    assert {each["severity"] for each in found} == {"blocker", "minor"}
    assert len({each["fingerprint"] for each in found}) == len(found) == 4


IDL = """\
@namespace("shop")
protocol Orders {
  record Order { long id; string customer; }
  record Gone { int x; }
}
"""
NEW_IDL = """\
@namespace("shop")
protocol Orders {
  /** The order, as Order once was. */
  @aliases(["Order"])
  record Purchase {
    long id;
    int customer;
  }
  record Fresh { int x; }
}
"""


def folders(file):
    """Two versions of a folder of all kinds of files."""
    for place, schema, idl, unnamed in (("old", OLD, IDL, '["int"]'), ("new", NEW, NEW_IDL, '["long"]')):
        file(f"{place}/price.avsc", schema)
        file(f"{place}/deep/orders.avdl", idl)
        file(f"{place}/unnamed.avsc", unnamed)
        file(
            f"{place}/p.avpr",
            {"protocol": "P", "types": [{"type": "fixed", "name": "F", "size": len(place)}]},
        )
        file(f"{place}/.hidden/x.avsc", "broken")
        file(f"{place}/readme.txt", "no schema")


def test_folders_are_matched_by_fullname(answer, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders(file)
    status, out, err = answer("old", "new")
    assert (status, err) == (1, "")
    assert "\N{BALLOT X} shop.Purchase  new/deep/orders.avdl\n" in out
    assert "$.customer: string cannot be read as int" in out
    assert "- shop.Gone was removed\n" in out
    assert out.endswith("4 schemas compared (BACKWARD): 2 incompatible, 1 new, 1 removed\n")
    said = json.loads(answer("old", "new", "--json")[1])
    assert (said["added"], said["removed"]) == (["shop.Fresh"], ["shop.Gone"])
    assert [each["name"] for each in said["schemas"]] == ["F", "shop.Price", "unnamed.avsc", "shop.Purchase"]
    github = answer("old", "new", "--format", "github")[1]
    assert "file=new/deep/orders.avdl,line=7," in github


def test_broken_files_in_folders(answer, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders(file)
    file("new/broken.avsc", '{"type": "rec')
    status, out, _ = answer("old", "new")
    assert status == 2
    assert "? new/broken.avsc: the schema is not JSON" in out
    assert "2 incompatible, 1 new, 1 removed, 1 broken file\n" in out
    assert (
        "::error file=new/broken.avsc,line=1::the schema is not JSON"
        in answer("old", "new", "--format", "github")[1]
    )
    # What was broken before is no fault of the new.
    (tmp_path / "new/broken.avsc").rename(tmp_path / "old/broken.avsc")
    status, out, _ = answer("old", "new", "--level", "NONE")
    assert status == 0
    assert "? old/broken.avsc is not compared: the schema is not JSON" in out


def test_a_name_that_is_defined_twice(answer, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file("old/a.avsc", OLD)
    file("new/a.avsc", OLD)
    file("new/b.avsc", OLD)
    assert answer("old", "new")[0] == 0
    file("new/b.avsc", NEW)
    status, out, _ = answer("old", "new")
    assert status == 2
    assert "? new/b.avsc: it defines shop.Price otherwise than new/a.avsc does: keep one of them" in out


@needs_git
def test_a_revision(answer, file, git, tmp_path, monkeypatch):
    git("init", "-q")
    file("proj/schemas/price.avsc", OLD)
    file(
        "proj/schemas/deep/orders.avdl",
        'protocol Orders {\n import schema "../../common.avsc";\n record Order {\n Id id; } }',
    )
    file("proj/common.avsc", {"type": "fixed", "name": "Id", "size": 4})
    git("add", ".")
    git("commit", "-q", "-m", "x")
    file("proj/schemas/price.avsc", NEW)
    file("proj/common.avsc", {"type": "fixed", "name": "Id", "size": 5})
    monkeypatch.chdir(tmp_path / "proj")
    for arguments in (["schemas"], ["schemas/price.avsc", "schemas/deep"], []):
        status, out, err = answer("--against", "HEAD", *arguments)
        assert (status, err) == (1, "")
        assert "$.currency" in out
        assert "$.id: fixed Id has 4 bytes, the reader's has 5" in out
        assert "Order  schemas/deep/orders.avdl" in out
    github = answer("--against", "HEAD", "schemas", "--format", "github")[1]
    assert "::error file=proj/schemas/price.avsc,line=24," in github
    monkeypatch.chdir(tmp_path.parent)
    for place in (tmp_path / "proj/schemas", tmp_path / "proj/schemas/price.avsc"):
        said = answer("--against", "HEAD", place, "--format", "github")[1]
        assert "::error file=proj/schemas/price.avsc,line=24," in said
    monkeypatch.chdir(tmp_path / "proj")
    file("proj/schemas/price.avsc", WIDER)
    status, out, _ = answer("--against", "HEAD", "schemas/price.avsc")
    assert (status, out) == (0, "1 schema compared (BACKWARD): all compatible\n")


@needs_git
def test_a_folder_that_a_revision_had_not(answer, file, git, tmp_path, monkeypatch):
    git("init", "-q")
    file("a.avsc", OLD)
    git("add", ".")
    git("commit", "-q", "-m", "x")
    file("new/b.avsc", NEW)
    monkeypatch.chdir(tmp_path)
    assert answer("--against", "HEAD", "new") == (
        0,
        "0 schemas compared (BACKWARD): all compatible, 1 new\n",
        "",
    )


@needs_git
@pytest.mark.parametrize("revision", ["nowhere", "-x", "HEAD:a.avsc", "HEAD^{tree}:", "HEAD\n"])
def test_revisions_that_there_are_not(answer, file, git, tmp_path, monkeypatch, revision):
    git("init", "-q")
    file("a.avsc", OLD)
    git("add", ".")
    git("commit", "-q", "-m", "x")
    monkeypatch.chdir(tmp_path)
    status, _, err = answer(f"--against={revision}")
    assert status in (0, 2)
    assert status == 0 or "revision" in err


@needs_git
def test_a_branch_that_a_shallow_clone_lacks(answer, file, git, tmp_path, monkeypatch):
    git("init", "-q")
    file("a.avsc", OLD)
    monkeypatch.chdir(tmp_path)
    for revision, told in (("origin/x/y", "origin x/y:refs/remotes/origin/x/y"), ("v1", "origin v1")):
        assert answer("--against", revision)[2].endswith(f"git fetch --depth 1 {told}\n")


@needs_git
def test_no_repository(answer, file, tmp_path, monkeypatch):
    file("a.avsc", OLD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    status, out, err = answer("--against", "HEAD")
    assert (status, out) == (2, "")
    assert "not a git repository" in err


def test_no_git(answer, file, tmp_path, monkeypatch):
    file("a.avsc", OLD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    status, out, err = answer("--against", "HEAD")
    assert (status, out) == (2, "")
    assert "needs git, which is not installed" in err


def test_wrong_usage(answer, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    old = file("old.avsc", OLD)
    (tmp_path / "empty").mkdir()
    for arguments, said in (
        ([], "two versions"),
        ([old], "two versions"),
        ([old, "nowhere.avsc"], "nowhere.avsc"),
        ([old, "empty"], "there are no schemas"),
        ([old, file("bad.avsc", "{")], "bad.avsc"),
    ):
        status, out, err = answer(*arguments)
        assert (status, out) == (2, "")
        assert said in err


def test_lines_are_those_that_people_look_for(file):
    text = """\
{"type": "record",
 "name": "R", "fields": [
  {"name": "e", "type": "int"},
  {"name": "x", "type":
   {"type": "enum", "name": "n.E", "symbols": ["x"]}},
  {"name": "y", "type": ["null", {"type": "array", "items": {"name": "S",
   "type": "record", "fields": [{"name":
 "x", "type": "long"}]}}]}
]}
"""
    place = file("r.avsc", text, newline="\r\n")
    schema = load_schema(place)
    lines = {
        path: line_of(place, schema, path)
        for path in (
            "",
            "fields[0]",
            "fields[1].type",
            "fields[2].type[1].items.fields[0].type",
            "fields[9",
            "x",
        )
    }
    assert lines == {
        "": 2,
        "fields[0]": 3,
        "fields[1].type": 5,
        "fields[2].type[1].items.fields[0].type": 7,
        "fields[9": 2,
        "x": 2,
    }
    assert line_of(Path("nowhere"), schema, "fields[0]") == 1


HELD = """\
namespace shop;
schema Order;
record Order {{ long id; array<Item> items; }}
record Item {{ {type} sku; }}
record Other {{ {type} x; }}
"""


def test_what_a_type_holds_is_told_once(answer, file):
    old, new = file("old.avdl", HELD.format(type="string")), file("new.avdl", HELD.format(type="int"))
    status, out, _ = answer(old, new)
    assert status == 1
    assert out.count("string cannot be read as int") == 2
    assert "$.items[].sku" in out
    assert "shop.Item " not in out
    assert out.endswith("3 schemas compared (BACKWARD): 3 incompatible\n")


@needs_git
def test_names_of_all_scripts(answer, file, git, tmp_path, monkeypatch):
    git("init", "-q")
    folder = "\u0441\u0445\u0435\u043c\u044b \u540d/a \"b\" 'c'"
    if os.name == "nt":
        folder = folder.replace('"', "")
    file(f"{folder}/\u00e9.avsc", OLD)
    file(f"{folder}/bom.avsc", "\ufeff" + json.dumps({"type": "fixed", "name": "F", "size": 1}))
    git("add", ".")
    git("commit", "-q", "-m", "x")
    file(f"{folder}/\u00e9.avsc", NEW, newline="\r\n")
    monkeypatch.chdir(tmp_path)
    status, out, err = answer("--against", "HEAD", "--format", "github")
    assert (status, err) == (1, "")
    assert f"::error file={folder}/\u00e9.avsc,line=24," in out
    assert out.endswith("2 schemas compared (BACKWARD): 1 incompatible\n")


@needs_git
@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_of_a_revision_are_left_out(answer, file, git, tmp_path, monkeypatch):
    git("init", "-q")
    file("a.avsc", OLD)
    (tmp_path / "b.avsc").symlink_to("a.avsc")
    (tmp_path / "loop").symlink_to(".")
    git("add", ".")
    git("commit", "-q", "-m", "x")
    monkeypatch.chdir(tmp_path)
    assert answer("--against", "HEAD") == (0, "1 schema compared (BACKWARD): all compatible\n", "")


def test_hostile_folders(answer, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file("old/a.avsc", OLD)
    file("new/a.avsc", OLD)
    (tmp_path / "new/binary.avsc").write_bytes(b"\xff\xfe\0\0")
    file("new/empty.avsc", "")
    file("new/deep.avsc", '{"type":"array","items":' * 5000)
    file("new/idl.avdl", "protocol P {")
    file("new/p.avpr", "[]")
    (tmp_path / "new/folder.avsc").mkdir()
    status, out, err = answer("old", "new")
    assert (status, err) == (2, "")
    assert out.endswith("1 schema compared (BACKWARD): all compatible, 5 broken files\n")
    assert len(out) < 2000


CALLS = """\
@namespace("shop")
protocol Shop {{
  error Missing {{ string why; }}
  record Order {{ long id; }}
  Order find({parameters}) throws Missing;
  {response} count(string sku);
  void forget(long id) oneway;
}}
"""


def test_messages_of_protocols(answer, file):
    old = file("old.avdl", CALLS.format(parameters="long id", response="int"))
    new = file("new.avdl", CALLS.format(parameters="long id, boolean quick, int most = 1", response="string"))
    assert answer(old, old)[0] == 0
    status, out, _ = answer(old, new)
    assert status == 1
    assert "\N{BALLOT X} shop.Shop.find (request)  " in out
    assert "$.quick: the reader's field 'quick' is not in record without a name and has no default" in out
    assert '        fails: {"id":0}\n' in out
    assert "\N{BALLOT X} shop.Shop.count (response)  " in out
    assert "$.most" not in out
    assert out.endswith("8 schemas compared (BACKWARD): 2 incompatible\n")
    lines = answer(old, new, "--format", "github")[1].splitlines()
    assert ",line=5,title=shop.Shop.find (request)%3A READER_FIELD" in lines[0]
    less = file(
        "less.avdl",
        CALLS.format(parameters="long id", response="int").replace("void forget(long id) oneway;", ""),
    )
    assert "- shop.Shop.forget (request) was removed\n" in answer(old, less)[1]
