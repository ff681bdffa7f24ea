"""Imports of IDL: other IDL, protocols and schemas, each once, wherever they refer to each other."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

import avrojet
from avrojet.errors import IdlError
from tests.vectors import array, enum, fixed, record


@pytest.fixture
def write(tmp_path):
    """Writes files, by name and text or JSON data, and returns the folder."""

    def files(**contents) -> Path:
        for name, content in contents.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(exist_ok=True)
            text = content if isinstance(content, str) else json.dumps(content)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return files


def names(idl: avrojet.Idl) -> list[str]:
    return [type.fullname for type in idl.types]


def test_each_kind(write):
    folder = write(
        a_avdl="namespace a; record A { int i; }",
        b_avpr={"protocol": "B", "namespace": "b", "types": [record("B")], "messages": {}},
        c_avsc=record("c.C"),
    )
    imports = 'import idl "a.avdl"; import protocol "b.avpr"; import schema "c.avsc";'
    text = f"protocol P {{ {imports} void m(a.A a, b.B b, c.C c); }}"
    idl = avrojet.parse_idl(text, folder)
    assert names(idl) == ["a.A", "b.B", "c.C"]
    assert idl.protocol.types == idl.types
    assert avrojet.parse_idl(text, str(folder)) == idl
    with pytest.raises(IdlError, match="no folder is given"):
        avrojet.parse_idl(text)


def test_names_are_relative_to_the_file_that_imports(write, monkeypatch, tmp_path):
    folder = write(
        a_avdl='import idl "sub/b.avdl"; record A { B b; }',
        sub__b_avdl='import idl "c.avdl"; import schema "../d.avsc"; record B { C c; D d; }',
        sub__c_avdl="record C {}",
        d_avsc=record("D"),
    )
    assert names(avrojet.load_idl(folder / "a.avdl")) == ["C", "D", "B", "A"]
    monkeypatch.chdir(folder)
    assert names(avrojet.load_idl("a.avdl")) == names(avrojet.load_idl(folder / "a.avdl"))
    assert names(avrojet.parse_idl(f'import idl "{(folder / "sub/c.avdl").as_posix()}";', tmp_path)) == ["C"]


def test_types_come_where_they_are_imported(write):
    folder = write(a_avdl="record A {}", b_avsc=record("B"))
    text = 'protocol P { record X {} import schema "b.avsc"; record Y {} import idl "a.avdl"; record Z {} }'
    assert names(avrojet.parse_idl(text, folder)) == ["X", "B", "Y", "A", "Z"]


def test_only_types_of_other_files_are_imported_into_a_schema(write):
    folder = write(
        p_avdl="protocol Q { record A {} A m(); }",
        p_avpr={"protocol": "R", "types": [], "messages": {"n": {"request": [], "response": "int"}}},
        s_avdl="schema S; record S {}",
    )
    idl = avrojet.parse_idl(
        'schema A; import idl "p.avdl"; import protocol "p.avpr"; import idl "s.avdl";', folder
    )
    assert idl.protocol is None
    assert idl.schema.name == "A"
    assert names(idl) == ["A", "S"]


def test_messages_are_imported_into_a_protocol(write):
    folder = write(
        p_avdl='protocol Q { import protocol "p.avpr"; record A {} A m(); }',
        p_avpr={"protocol": "R", "types": [], "messages": {"n": {"request": [], "response": "int", "x": 1}}},
        s_avdl='import idl "hidden.avdl"; record S {}',
        hidden_avdl="protocol H { void hidden(); }",
    )
    protocol = avrojet.parse_idl(
        'protocol P { void first(); import idl "p.avdl"; import idl "s.avdl"; void last(); }', folder
    ).protocol
    assert list(protocol.messages) == ["first", "n", "m", "last"]
    assert dict(protocol.messages["n"].props) == {"x": 1}
    assert (protocol.name, protocol.namespace) == ("P", "")


def test_an_imported_protocol_has_its_own_namespace(write):
    folder = write(q_avdl='@namespace("q") protocol Q { record A {} A m(A a); }')
    protocol = avrojet.parse_idl('@namespace("p") protocol P { import idl "q.avdl"; }', folder).protocol
    assert protocol.messages["m"].response.fullname == "q.A"
    assert avrojet.parse_protocol(protocol.json) == protocol


def test_a_file_is_imported_once(write):
    folder = write(
        a_avdl='import idl "c.avdl"; record A { C c; }',
        b_avdl='import idl "./c.avdl"; import schema "d.avsc"; record B { C c; }',
        c_avdl="record C {}",
        d_avsc=record("D"),
    )
    text = 'protocol P { import idl "a.avdl"; import idl "b.avdl"; import schema "d.avsc"; }'
    assert names(avrojet.parse_idl(text, folder)) == ["C", "A", "D", "B"]


def test_a_circle_of_imports_ends(write):
    folder = write(
        a_avdl='import idl "b.avdl"; record A { B? b; }',
        b_avdl='import idl "a.avdl"; import idl "b.avdl"; record B { A? a; }',
    )
    for name in ("a", "b"):
        idl = avrojet.load_idl(folder / f"{name}.avdl")
        assert sorted(names(idl)) == ["A", "B"]
        assert avrojet.parse_schema(idl.types[0].json) == idl.types[0]


def test_schemas_may_refer_to_what_was_imported_before(write):
    folder = write(
        money_avsc=record("Money", c=enum("EUR", name="Currency")),
        bill_avsc=record("Bill", m="Money", c="Currency"),
    )
    text = 'protocol P { import schema "money.avsc"; import schema "bill.avsc"; }'
    assert names(avrojet.parse_idl(text, folder)) == ["Money", "Currency", "Bill"]


def test_schemas_and_idl_may_refer_to_each_other(write):
    folder = write(a_avsc=record("A", x=["null", "X"], b=["null", "B"]), b_avsc=record("B", a=["null", "A"]))
    idl = avrojet.parse_idl(
        'record X { A a; Y? y; } import schema "a.avsc"; import schema "b.avsc"; record Y { B b; }',
        folder,
    )
    assert sorted(names(idl)) == ["A", "B", "X", "Y"]
    by_name = {type.name: type for type in idl.types}
    assert by_name["X"].fields[0].type == by_name["A"]


def test_schemas_may_define_the_same_type_in_the_same_way(write):
    folder = write(
        a_avsc=record("A", f=fixed(1)), b_avsc=record("B", f=fixed(1)), c_avsc=record("C", f=fixed(2)),
        p_avpr={"protocol": "Q", "types": [fixed(1)]},
    )  # fmt: skip
    imports = 'import schema "a.avsc"; import schema "{}.avsc"; import protocol "p.avpr";'
    text = f"protocol P {{{{ {imports} record R {{{{ F f; }}}} }}}}"
    assert names(avrojet.parse_idl(text.format("b"), folder)) == ["A", "F", "B", "R"]
    with pytest.raises(IdlError, match="in the imported 'c.avsc': .*'F' is defined twice") as caught:
        avrojet.parse_idl(text.format("c"), folder)
    assert (caught.value.line, caught.value.column) == (1, 52)


def test_schemas_that_are_no_named_type(write):
    folder = write(
        a_avsc=[record("A"), array(fixed(1, "B"))],
        b_avsc="int",
        c_avsc='/* Java\'s */ {"type": "fixed", "name": "C", "size": 1} // x',
    )
    text = 'import schema "a.avsc"; import schema "b.avsc"; import schema "c.avsc";'
    assert names(avrojet.parse_idl(text, folder)) == ["A", "B", "C"]


WRONG = {
    "a file that is not there": (
        'import idl "nowhere.avdl";',
        12,
        "cannot import 'nowhere.avdl': there is no file",
    ),
    "a folder": ('import idl "sub";', 12, "cannot import 'sub': there is no file"),
    "nothing": ('import idl "";', 12, "cannot import '': there is no file"),
    "a name with a NUL": ('import idl "\\0";', 12, "cannot import '\\x00': "),
    "a name that is too long": (f'import idl "{"x" * 5000}";', 12, "cannot import 'xxx"),
    "a URL": ('import idl "http://host/a.avdl";', 12, "there is no file"),
    "a schema that is no JSON": (
        'import schema "bad.avsc";',
        15,
        "in the imported 'bad.avsc': the schema is ",
    ),
    "a schema that is wrong": (
        'import schema "wrong.avsc";',
        15,
        "in the imported 'wrong.avsc': fields[0].type: 'lung'",
    ),
    "a default that is wrong": (
        'import schema "default.avsc";',
        15,
        "in the imported 'default.avsc': fields[0].default: 'x' is no",
    ),
    "a protocol that is none": (
        'import protocol "wrong.avsc";',
        17,
        "in the imported 'wrong.avsc': a protocol needs a name",
    ),
    "a protocol that is wrong": (
        'import protocol "wrong.avpr";',
        17,
        "types[0].fields[0].type: 'lung' is neither",
    ),
    "a type that is defined here too": ('import schema "r.avsc"; record R {}', 32, "'R' is defined twice"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_at_the_import(write, name):
    default = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "default": "x"}]}
    folder = write(
        sub__a_avdl="", bad_avsc='{"type":', wrong_avsc=record("W", a="lung"), default_avsc=default,
        wrong_avpr={"protocol": "W", "types": [record("W", a="lung")]}, r_avsc=record("R", a="int"),
    )  # fmt: skip
    text, column, words = WRONG[name]
    with pytest.raises(IdlError) as caught:
        avrojet.parse_idl(text, folder)
    assert words in str(caught.value)
    assert (caught.value.line, caught.value.column) == (1, column)


def test_what_is_wrong_in_imported_idl_is_told_there(write):
    folder = write(a_avdl='import idl "b.avdl";', b_avdl="record B {\n  Lung a;\n}", c_avdl="record §")
    with pytest.raises(IdlError) as caught:
        avrojet.load_idl(folder / "a.avdl")
    assert (caught.value.file, caught.value.line, caught.value.column) == (str(folder / "b.avdl"), 2, 3)
    with pytest.raises(IdlError) as caught:
        avrojet.parse_idl('import idl "c.avdl";', folder)
    assert (caught.value.file, caught.value.line, caught.value.column) == (str(folder / "c.avdl"), 1, 8)


def test_what_two_files_declare_is_told_with_both_places(write):
    folder = write(
        a_avdl="protocol A { record R {} void m(); }",
        b_avpr={"protocol": "B", "messages": {"m": {"request": [], "response": "int"}}},
    )
    with pytest.raises(IdlError) as caught:
        avrojet.parse_idl('protocol P {\n  import idl "a.avdl"; record R {}\n}', folder)
    assert str(caught.value) == f"line 2, column 31: 'R' is defined twice, first at {folder / 'a.avdl'}:1:21"
    with pytest.raises(IdlError) as caught:
        avrojet.parse_idl('protocol P { import protocol "b.avpr"; import idl "a.avdl"; }', folder)
    assert (
        str(caught.value)
        == f"{folder / 'a.avdl'}:1:31: the message 'm' is declared twice, first at line 1, column 30"
    )


def test_warnings_of_imported_files_name_them(write):
    schema = record("R", a={"type": "string", "logicalType": "date"})
    folder = write(a_avsc=schema, b_avdl='/** a */ import idl "c.avdl";', c_avdl="")
    with pytest.warns(avrojet.IgnoredLogicalTypeWarning) as caught:
        avrojet.parse_idl('import schema "a.avsc";', folder)
    message = str(caught[0].message)
    assert message.startswith("line 1, column 15: in the imported 'a.avsc': ")
    assert "'date' is ignored" in message
    with pytest.warns(avrojet.IgnoredIdlWarning) as ignored:
        avrojet.load_idl(folder / "b.avdl")
    assert str(ignored[0].message).startswith(f"{folder / 'b.avdl'}:1:1: ")


def test_many_files_in_a_row(write):
    count = 1200  # more than Python's stack would bear
    folder = write(
        **{f"f{i}_avdl": f'import idl "f{i + 1}.avdl"; record R{i} {{}}' for i in range(count)},
        **{f"f{count}_avdl": ""},
    )
    assert len(avrojet.load_idl(folder / "f0.avdl").types) == count


def test_files_are_bounded(write):
    folder = write(a_avsc=record("A"), b_avdl="record B {} // " + "x" * 100)
    limits = avrojet.Limits(schema_bytes=40)
    for text in ('import schema "a.avsc";', 'import idl "b.avdl";'):
        with pytest.raises(avrojet.LimitError) as caught:
            avrojet.parse_idl(text, folder, limits=limits)
        assert caught.value.limit == "schema_bytes"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
def test_what_is_no_regular_file_is_not_read(write, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "/dev/zero"):
        with pytest.raises(IdlError, match="there is no file"):
            avrojet.parse_idl(f'import schema "{name}";', tmp_path)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="everything can be read here")
def test_a_file_that_cannot_be_read(write):
    folder = write(a_avsc="int")
    (folder / "a.avsc").chmod(0)
    with pytest.raises(IdlError, match="cannot import 'a.avsc': .*Permission"):
        avrojet.parse_idl('import schema "a.avsc";', folder)
