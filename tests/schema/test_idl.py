"""Text in Avro's IDL: what it means, and what is said of text that is wrong."""

from __future__ import annotations

import json
import pickle
import warnings

import pytest

import avrojet
from avrojet.errors import IdlError
from avrojet.schema.idl.words import WORDS, is_identifier, quoted
from tests.cases import for_each
from tests.schema.idl_differences import DIFFERENCES


def field_of(declaration: str, more: str = "") -> dict:
    """The JSON data of the one field of a record."""
    types = avrojet.parse_idl(f"record R {{ {declaration}; }} {more}").types
    return json.loads(next(type for type in types if type.name == "R").json)["fields"][0]


def type_of(text: str, more: str = "") -> object:
    return json.loads(avrojet.parse_idl(f"schema {text}; {more}").schema.json)


TYPES = {
    "int": "int",
    "null": "null",
    "array<int>": {"type": "array", "items": "int"},
    "map<array<string>>": {"type": "map", "values": {"type": "array", "items": "string"}},
    "union { null, int, map<long> }": ["null", "int", {"type": "map", "values": "long"}],
    "union{int}": ["int"],
    "string?": ["null", "string"],
    "array<string?>": {"type": "array", "items": ["null", "string"]},
    "date": {"type": "int", "logicalType": "date"},
    "time_ms": {"type": "int", "logicalType": "time-millis"},
    "timestamp_ms": {"type": "long", "logicalType": "timestamp-millis"},
    "local_timestamp_ms": {"type": "long", "logicalType": "local-timestamp-millis"},
    "uuid": {"type": "string", "logicalType": "uuid"},
    "decimal(9)": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 0},
    "decimal(9, 2)": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
    "date?": ["null", {"type": "int", "logicalType": "date"}],
    "@x(1) int": {"type": "int", "x": 1},
    "@x(1) int?": ["null", {"type": "int", "x": 1}],
    "@x(1) array<@y(2) int>": {"type": "array", "items": {"type": "int", "y": 2}, "x": 1},
    "@x(1) union { @y(2) null, int }": {"type": [{"type": "null", "y": 2}, "int"], "x": 1},
    '@logicalType("timestamp-nanos") long': {"type": "long", "logicalType": "timestamp-nanos"},
    '@java-class("x.Y") @a.b("c") string': {"type": "string", "java-class": "x.Y", "a.b": "c"},
}


@pytest.mark.parametrize("text", TYPES)
def test_types(text):
    assert type_of(text) == TYPES[text]


VALUES = {
    "0": 0,
    "-0": 0,
    "12": 12,
    "-12": -12,
    "0x1F": 31,
    "-0XfF": -255,
    "017": 15,
    "5L": 5,
    "5l": 5,
    "9223372036854775807": 2**63 - 1,
    "1.5": 1.5,
    "1.": 1.0,
    ".5": 0.5,
    "+2.5e-3": 0.0025,
    "1e3": 1000.0,
    "1f": 1.0,
    "2.5D": 2.5,
    "0x1.8p1": 3.0,
    "0x.8p1f": 1.0,
    '""': "",
    '"a"': "a",
    '"\\"\\\'\\\\\\/"': "\"'\\/",
    '"\\b\\f\\n\\r\\t"': "\b\f\n\r\t",
    '"\\0\\7\\77\\377\\400"': "\0\7\77\xff\x200",
    '"\\u00e9\\ud83d\\ude00"': "é😀",
    '"é😀 // /* */"': "é😀 // /* */",
    "true": True,
    "false": False,
    "null": None,
    "[]": [],
    "[1, [2, []], {}]": [1, [2, []], {}],
    "{}": {},
    '{"a": 1, "b": {"c": [null]}}': {"a": 1, "b": {"c": [None]}},
}


@pytest.mark.parametrize("text", VALUES)
def test_values(text):
    assert field_of(f"int @x({text}) f")["x"] == VALUES[text]
    assert type(field_of(f"int @x({text}) f")["x"]) is type(VALUES[text])


def test_numbers_that_json_has_not():
    fields = (
        avrojet.parse_idl(
            "record R { double a = NaN; double b = Infinity; float c = -Infinity; double d = +Infinity; }"
        )
        .types[0]
        .fields
    )
    assert [str(field.default) for field in fields] == ["nan", "inf", "-inf", "inf"]


def test_half_a_surrogate_pair_stays():
    assert field_of('int @x("\\ud800") f')["x"] == "\ud800"


def test_a_question_mark_puts_null_where_the_default_wants_it():
    assert field_of("string? f") == {"name": "f", "type": ["null", "string"]}
    assert field_of("string? f = null") == {"name": "f", "type": ["null", "string"], "default": None}
    assert field_of('string? f = "x"') == {"name": "f", "type": ["string", "null"], "default": "x"}
    assert field_of("array<int?> f = [1]")["type"]["items"] == ["null", "int"]


def test_fields_of_one_type():
    (record,) = avrojet.parse_idl('record R { string? a, b = "x", @y(1) c = null; }').types
    assert json.loads(record.json)["fields"] == [
        {"name": "a", "type": ["null", "string"]},
        {"name": "b", "type": ["string", "null"], "default": "x"},
        {"name": "c", "type": ["null", "string"], "default": None, "y": 1},
    ]


def test_annotations_with_meanings():
    idl = avrojet.parse_idl(
        """
        @namespace("a") @x(1) protocol P {
            @namespace("b") @aliases(["Old", "c.Older"]) @y(2) record R {
                int @order("IGNORE") @aliases(["g"]) @z(3) f;
            }
            @logicalType("duration") fixed D(12);
            @u(4) void m();
        }
        """
    )
    record, duration = idl.types
    assert record.fullname == "b.R"
    assert record.aliases == ("b.Old", "c.Older")
    assert dict(record.props) == {"y": 2}
    assert (record.fields[0].order, record.fields[0].aliases) == ("ignore", ("g",))
    assert dict(record.fields[0].props) == {"z": 3}
    assert duration.fullname == "a.D"
    assert duration.logical.name == "duration"
    assert dict(idl.protocol.props) == {"x": 1}
    assert dict(idl.protocol.messages["m"].props) == {"u": 4}


def test_namespaces():
    idl = avrojet.parse_idl(
        """
        namespace a;
        record R { S s; b.S other; b.c.T t; Null n; }
        record S {}
        record b.S { T t; }
        @namespace("b") record T {}
        record b.c.T { a.R? r; }
        @namespace("") record Null { a.S s; }
        """
    )
    assert [type.fullname for type in idl.types] == ["a.R", "a.S", "b.S", "b.T", "b.c.T", "Null"]


def test_a_text_of_a_schema():
    idl = avrojet.parse_idl("namespace a; schema array<R>; record R { E e; } enum E { A } fixed Unused(1);")
    assert idl.protocol is None
    assert idl.schema.canonical_form.startswith('{"type":"array","items":{"name":"a.R"')
    assert [type.fullname for type in idl.types] == ["a.R", "a.E", "a.Unused"]
    assert idl.types[0] is idl.schema.items


def test_a_text_of_types_only():
    idl = avrojet.parse_idl("record A { B b; } record B {}")
    assert (idl.protocol, idl.schema) == (None, None)
    assert [type.name for type in idl.types] == ["A", "B"]
    assert avrojet.parse_schema(idl.types[0].json) == idl.types[0]
    assert avrojet.parse_idl("").types == ()


def test_what_was_parsed_is_a_value():
    idl = avrojet.parse_idl("schema int;")
    assert idl == avrojet.parse_idl("schema int;")
    assert pickle.loads(pickle.dumps(idl)) == idl
    with pytest.raises(AttributeError):
        idl.schema = None


def test_types_may_be_used_before_they_are_defined():
    protocol = avrojet.parse_idl(
        'protocol P { R m(E e) throws X; record R { E e = "B"; R? r; F f; } enum E { A, B } '
        "error X { R r; } fixed F(2); }"
    ).protocol
    assert avrojet.parse_protocol(protocol.json) == protocol
    assert [type.name for type in protocol.types] == ["R", "E", "F", "X"]
    assert protocol.messages["m"].response is protocol.types[0]


def test_a_long_chain_of_uses_before_definitions():
    count = 350
    text = "".join(f"record R{i} {{ R{i + 1} r; }}" for i in range(count)) + f"record R{count} {{}}"
    assert len(avrojet.parse_idl(text).types) == count + 1
    with pytest.raises(avrojet.LimitError) as caught:
        avrojet.parse_idl(text, limits=avrojet.Limits(depth=300))
    assert caught.value.limit == "depth"


def test_any_word_may_be_an_identifier_in_backquotes():
    words = sorted(WORDS - {"null"})
    fields = "".join(f"int `{word}`;" for word in words)
    (record,) = avrojet.parse_idl(f"record `record` {{ {fields} }}").types
    assert [field.name for field in record.fields] == words
    assert type_of("`date`?", "fixed `date`(1);")[1]["name"] == "date"
    assert type_of("`array`", "fixed `array`(1);")["name"] == "array"
    assert type_of("`a`.b.`c`", "fixed a.`b`.c(1);")["namespace"] == "a.b"


def test_words_are_identifiers_where_nothing_else_can_stand():
    idl = avrojet.parse_idl("schema array?; fixed array(1); enum E { null, int, record } = int;")
    assert idl.schema.branches[1].fullname == "array"
    assert idl.types[1].symbols == ("null", "int", "record")


def test_identifiers():
    assert all(map(is_identifier, ["a", "_", "a.b", "java-class", "a1-b2.c3", "Größe"]))
    assert not any(map(is_identifier, ["", "1a", "a b", "a.", ".a", "a..b", "a-", "$", "a`", "a²"]))
    assert [quoted(name) for name in ("a", "int", "a.int")] == ["a", "`int`", "a.int"]


def test_comments_and_blanks_stand_anywhere():
    plain = 'protocol P { @x ( "y" ) record R { int ? a = 1 , b ; } void m ( int a ) ; }'
    comments = plain.replace(" ", " /* \n*/ /**/ // x\r\n\t\f")
    assert avrojet.parse_idl(comments) == avrojet.parse_idl(plain)
    assert avrojet.parse_idl("/* a *//***/ protocol P {}//").protocol.doc == ""


def test_nothing_counts_after_the_old_mark_of_the_end():
    assert avrojet.parse_idl("protocol P {}\x1a nonsense").protocol.name == "P"


def test_bytes_and_byte_order_marks(tmp_path):
    assert avrojet.parse_idl("\ufeffschema int;".encode()).schema.type == "int"
    path = tmp_path / "a.avdl"
    path.write_bytes("\ufeff/** é */ protocol P {}".encode())
    assert avrojet.load_idl(path).protocol.doc == "é"
    with pytest.raises(IdlError) as caught:
        avrojet.parse_idl(b"schema int;\n// caf\xe9")
    assert (caught.value.line, caught.value.column) == (2, 7)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_what_differs_from_java_is_what_is_meant(name):
    text = DIFFERENCES[name][0]
    refused = {"message_twice", "type_twice", "throws_no_error", "stray_character", "unicode_names"}
    if name in refused:
        with pytest.raises(IdlError):
            avrojet.parse_idl(text)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            avrojet.parse_idl(text)


def test_names_of_all_scripts_are_taken_by_the_lax_mode():
    idl = avrojet.parse_idl("record Größe { int मात्रा; }", names="lax")
    assert idl.types[0].fields[0].name == "मात्रा"


# § is the place that the error has to name.
WRONG = {
    "no beginning": (
        "§{}",
        "expected 'protocol', 'namespace', 'schema', 'import' or a definition, found '{'",
    ),
    "a message without a protocol": ("§int m();", "expected 'protocol', 'namespace', 'schema', 'import'"),
    "two protocols": ("protocol P {} §protocol Q {}", "expected the end of the text"),
    "a namespace too late": ("schema int; §namespace a;", "'namespace' stands at the beginning"),
    "a schema too late": ("record R {} §schema R;", "'schema' stands at the beginning"),
    "no name": ("protocol §{}", "expected the name of the protocol, found '{'"),
    "no brace": ("protocol P §;", "expected '{' and what the protocol consists of, found ';'"),
    "no end": (
        "protocol P {§",
        "expected a definition, a message, an import or '}', found the end of the text",
    ),
    "no end of a record": ("record R { int a;§", "expected a field or '}', found the end of the text"),
    "no semicolon": ("record R { int a §}", "expected ';', ',' or '=' and a default, found '}'"),
    "no field name": ("record R { int §; }", "expected the name of a field, found ';'"),
    "no type": ("record R { §; }", "expected a type, found ';'"),
    "no closing of an array": ("record R { array<int §a; }", "expected '>', found 'a'"),
    "no closing of a union": ("record R { union { int §> a; }", "expected ',' or '}', found '>'"),
    "a union of nothing": ("record R { union { §} a; }", "expected a type, found '}'"),
    "a nullable array": ("record R { array<int>§? a; }", "expected the name of a field, found '?'"),
    "a symbol that is a number": ("enum E { §1 }", "expected a symbol, found '1'"),
    "a comma too many": ("enum E { A, §}", "expected a symbol, found '}'"),
    "no end of an enum's default": ("enum E { A } = A§", "expected ';', found the end of the text"),
    "a fixed without a size": ("fixed F(§);", "expected the size, a number of bytes, found ')'"),
    "a fixed of half a byte": ("fixed F(§0.5);", "expected the size, a number of bytes, found 0.5"),
    "a decimal of no digits": ("schema §decimal(0);", "there is no such decimal: its precision must be"),
    "a decimal of too many digits": (
        "schema §decimal(2, 3);",
        "its scale must be an integer from 0 to the precision",
    ),
    "no parameter name": ("protocol P { void m(int§); }", "expected the name of a parameter, found ')'"),
    "no end of parameters": ("protocol P { void m(int a§; }", "expected ',' or ')', found ';'"),
    "no end of a message": ("protocol P { void m() §}", "expected ';', 'oneway' or 'throws' and the errors"),
    "no error": ("protocol P { void m() throws §; }", "expected the name of an error, found ';'"),
    "void as a field": ("record R { §void a; }", "'void' is neither a primitive type nor the name of a type"),
    "an import of nothing": ('import §avdl "a";', "expected 'idl', 'protocol' or 'schema', found 'avdl'"),
    "an import without quotes": (
        "import idl §a.avdl;",
        "expected the name of a file, a string, found 'a.avdl'",
    ),
    "no value": ("@x(§) protocol P {}", "expected a JSON value, found ')'"),
    "a value without quotes": ("@x(§y) protocol P {}", "expected a JSON value, found 'y'"),
    "no end of a value": ("@x([1§) protocol P {}", "expected ',' or ']', found ')'"),
    "a name without quotes": ("@x({§a: 1}) protocol P {}", "expected the name of an attribute, a string"),
    "no colon": ('@x({"a" §1}) protocol P {}', "expected ':', found '1'"),
    "no annotation": ("@§(1) protocol P {}", "expected the name of an annotation, found '('"),
    "an annotation twice": ("@x(1) @§x(2) protocol P {}", "the annotation @x stands here twice"),
    "an annotation of what is said": ("record R { int @§type(1) a; }", "@type cannot be set here"),
    "documentation as an annotation": ('@§doc("x") record R {}', "@doc cannot be set here"),
    "a precision twice": ("record R { @§precision(1) decimal(1) a; }", "@precision cannot be set here"),
    "an annotation of a reference": ("record R { @§x(1) R? a; }", "a reference to a type, R here"),
    "a namespace that is no text": ("@namespace(§1) protocol P {}", "a namespace must be a string, not 1"),
    "a namespace with a dash": ('@namespace(§"a-b") record R {}', "the namespace 'a-b'"),
    "aliases that are text": ('@aliases(§"A") record R {}', "aliases must be an array of strings"),
    "an order that is none": ('record R { int @order(§"up") a; }', "the order must be 'ascending'"),
    "a name with a dash": ("record §a-b {}", "the name 'a-b' is not"),
    "a field name with a dot": ("record R { int §a.b; }", "the field name 'a.b' is not"),
    "the name of a primitive": ("record §int {}", "'int' is a type of Avro already; `int` in backquotes"),
    "the name of a primitive in backquotes": (
        "record §`int` {}",
        "no type may have the name of a primitive type",
    ),
    "an unknown type": ("record R { §Lung a; }", "'Lung' is neither a primitive type nor the name of a type"),
    "an unknown type in an array": ("record R { array<§Lung> a; }", "'Lung' is neither"),
    "an unknown type in a union": ("record R { union { null, §Lung } a; }", "'Lung' is neither"),
    "an unknown type of a schema": ("schema map<§Lung>;", "'Lung' is neither"),
    "an unknown type of a parameter": ("protocol P { void m(int a, §Lung b); }", "'Lung' is neither"),
    "an unknown type of a response": ("protocol P { §Lung m(); }", "'Lung' is neither"),
    "an unknown error": ("protocol P { void m() §throws Lung; }", "'Lung' is neither"),
    "a type twice": ("record R {} record §R {}", "'R' is defined twice, first at line 1, column 8"),
    "a field twice": ("record R { int a; int §a; }", "the record has two fields 'a'"),
    "a symbol twice": ("enum §E { A, A }", "the enum has the symbol 'A' twice"),
    "an enum's default": ("enum E { A } = §B;", "'B' is not one of the symbols"),
    "a branch twice": ("record R { union { int, §int } a; }", "the union contains 'int' twice"),
    "a union in a union": (
        "record R { union { int, §union { null } } a; }",
        "may not immediately contain a union",
    ),
    "a nullable null": ("record R { §null? a; }", "the union contains 'null' twice"),
    "a negative size": ("fixed F(§-1);", "a fixed needs a size"),
    "a default": ('record R { int a = §"x"; }', "'x' is not a default for int"),
    "a default within": ('record R { array<int> a = §[1, "x"]; }', "'x' is not a default for int"),
    "a default of a type to come": ('record R { E a = §"B"; } enum E { A }', "'B' is not a default for enum"),
    "a default of a parameter": ('protocol P { void m(int a = §"x"); }', "'x' is not a default for int"),
    "a message twice": (
        "protocol P { void m(); int §m(int a); }",
        "the message 'm' is declared twice, first at line 1",
    ),
    "a one-way message with a response": (
        "protocol P { §int m() oneway; }",
        "the response of a one-way message is null",
    ),
    "a stray character": ("protocol P { §# }", "'#' has no meaning here"),
    "a dot": ("record R { int a§. ; }", "'.' has no meaning here"),
    "a string without its end": ('@x(§"abc) protocol P {}', "a string that does not end in its line"),
    "a string with a line end": ('@x(§"a\nb") protocol P {}', "a string that does not end in its line"),
    "an escape that is none": ('@x("a§\\q") protocol P {}', "'\\q' is not an escape"),
    "an escape that is cut": ('@x("a§\\u00e") protocol P {}', "'\\u' is not an escape"),
    "a comment without its end": ("protocol P { §/* }", "a comment without its end"),
    "documentation without its end": ("protocol P { §/** }", "a comment without its end"),
    "a number with letters": ("@x(§12ab) protocol P {}", "'12ab' is not a number"),
    "an octal number of nine": ("@x(§09) protocol P {}", "'09' is not a number"),
    "a hexadecimal number of nothing": ("@x(§0x) protocol P {}", "'0x' is not a number"),
    "an exponent of nothing": ("@x(§1e) protocol P {}", "'1e' is not a number"),
    "a plus before an integer": ("@x(§+1) protocol P {}", "'+1' is not a number"),
    "an identifier that is none": ("record §a² {}", "'a²' is not an identifier"),
    "an empty backquote": ("record §`` {}", "'`' has no meaning here"),
    "the third line": (
        "protocol P {\r\n  record R {\n    int a = §true;\n  }\n}",
        "True is not a default for int",
    ),
}


@for_each("name", WRONG)
def test_what_is_wrong_is_told_with_its_place(name):
    marked, words = WRONG[name]
    at = marked.index("§")
    text = marked.replace("§", "", 1)
    with pytest.raises(IdlError) as caught:
        avrojet.parse_idl(text)
    error = caught.value
    assert words in str(error)
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    assert (error.file, error.line, error.column) == (None, line, column), str(error)
    assert str(error).startswith(f"line {line}, column {column}: ")
    assert isinstance(error, avrojet.SchemaError)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.line, again.column) == (str(error), line, column)


def test_the_place_of_what_nests_deep():
    text = "record A {}\nrecord R { " + "array<" * 200 + "Lung" + ">" * 200 + " f; }"
    with pytest.raises(IdlError) as caught:
        avrojet.parse_idl(text)
    assert (caught.value.line, caught.value.column) == (2, 8)  # that of the record: the whole way is too long


def test_errors_name_the_file(tmp_path):
    path = tmp_path / "a.avdl"
    path.write_text("protocol P {\n  record R { Lung a; }\n}", encoding="utf-8")
    with pytest.raises(IdlError) as caught:
        avrojet.load_idl(path)
    assert (caught.value.file, caught.value.line, caught.value.column) == (str(path), 2, 14)
    assert str(caught.value).startswith(f"{path}:2:14: 'Lung' is neither")
    assert caught.value.path == "fields[0].type"


def test_what_has_no_place_in_json_is_told():
    text = "/** licence */ /** doc */ protocol P {\n /** why */ enum E { /** a */ A, @x(1) B } /** left */ }"
    with pytest.warns(avrojet.IgnoredIdlWarning) as caught:
        protocol = avrojet.parse_idl(text).protocol
    assert protocol.doc == "doc"
    assert protocol.types[0].doc == "why"
    assert [str(warning.message) for warning in caught] == [
        "line 1, column 1: 4 comments or annotations that nothing has a place for are ignored"
    ]
    assert caught[0].filename == __file__


def test_warnings_of_the_schemas_name_the_place():
    text = 'protocol P {\n record R { @logicalType("date") string a; } }'
    with pytest.warns(avrojet.IgnoredLogicalTypeWarning) as caught:
        avrojet.parse_idl(text)
    assert str(caught[0].message).startswith("line 2, column 34: the logical type 'date' is ignored")


def test_limits_hold():
    def limit(text: str, **limits: int) -> str | None:
        with pytest.raises(avrojet.LimitError) as caught:
            avrojet.parse_idl(text, limits=avrojet.Limits(**limits))
        return caught.value.limit

    assert limit("schema int;", schema_bytes=10) == "schema_bytes"
    assert limit("schema array<array<int>>;", depth=1) == "depth"
    assert limit("@x([[1]]) protocol P {}", depth=1) == "depth"
    assert limit("schema union { null, int, long };", union_branches=2) == "union_branches"
    assert limit("namespace " + "a" * 60 + "; fixed A(1); fixed B(1);", schema_bytes=100) == "schema_bytes"
    deep = "array<" * 300 + "int" + ">" * 300
    assert avrojet.parse_idl(f"@x({'[' * 300}{']' * 300}) protocol P {{ {deep} m(); }}").protocol
