"""What an error says of a value that does not fit: enough to know what to do."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

import avrojet
from avrojet import EncodeError, Encoder, EncodeTypeError
from tests.cases import for_each
from tests.vectors import array, enum, fixed, logical, mapping, record

MICROS = logical("long", "timestamp-micros")
UUID = logical("string", "uuid")
A, B = record("n.A", a="int"), record("n.B", a="int")
RECORDS = [record("A", x="int", y="int"), record("B", x="int", z="int"), record("C", x="int", w="int")]
VALUE = record("Value", E="int")
OTHER = record("n.Other", F="int")


def refused(schema: Any, value: Any, kind: type[EncodeError] = EncodeError, **options: Any) -> str:
    with pytest.raises(EncodeError) as caught:
        Encoder(schema, **options).encode(value)
    assert type(caught.value) is kind
    with pytest.raises(kind) as again:
        Encoder(schema, **options)._block().append(value)
    assert str(again.value) == str(caught.value)
    return str(caught.value)


# Unions


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("B", "one is 'n.B'"),
        ("m.B", "one is 'n.B'"),
        ("n.b", "one is 'n.B'"),
        ("String", "one is 'string'"),
        ("C", "they are 'n.A', 'n.B', 'string', 'int'"),
    ],
)
def test_a_tuple_that_names_no_branch(name, meant):
    text = refused([A, B, "string", "int"], (name, {"a": 1}), EncodeTypeError)
    assert text.endswith(f"no branch of the union is named {name!r}: {meant}")


def test_a_tuple_that_names_no_branch_but_may_be_a_value():
    text = refused(["null", array("string")], ("text", 1), EncodeTypeError)
    assert text.startswith("at $[1]: expected string, got int 1; no branch of the union is named 'text'")
    assert Encoder(["null", array("string")]).encode(("text", "more")) == b"\2\4\x08text\x08more\0"
    assert "named" not in refused(["null", "int"], ("int", "x"), EncodeTypeError)
    assert "named" not in refused(["null", "int"], (1, 2), EncodeTypeError)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**30, np.uint64(2**63)])
def test_an_int_that_no_branch_has_room_for(value):
    assert " is out of range for union of null, int, long" in refused(["null", "int", "long"], value)
    assert " is out of range for long" in refused(["null", "long"], value)
    assert " is out of range for long" in refused("long", value)
    assert Encoder(["null", "int", "double"]).encode(2**63)[0] == 4


def test_a_dict_that_no_record_takes():
    text = refused(RECORDS, {"x": 1})
    assert text == (
        "at $: dict {'x': 1} fits no branch of union of A, B, C: A: the field 'y' is missing; "
        "B: the field 'z' is missing; C: the field 'w' is missing"
    )
    text = refused(RECORDS, {"x": 1, "y": 2, "q": 3}, extra_fields="error")
    assert "A: it has keys that are not fields: q; " in text
    text = refused(array(RECORDS), [{"x": 1, "z": 2}, {"x": None, "q": 1, "y": "s"}])
    assert text.startswith("at $[1]: dict ")
    assert "A: at .x: expected int, got NoneType None" in text


def test_the_nearest_branches_come_first_and_only_a_few():
    many = [record(f"R{i}", **{f"a{i}": "int", f"b{i}": "int"}) for i in range(100)]
    text = refused(many, {"a7": 1, "b7": "x", "c": 1})
    assert ": R7: at .b7: expected int, got str 'x'; R0: " in text
    assert text.endswith("; and 95 more branches")
    assert "R19, ...:" in text


def test_a_record_of_just_these_keys_says_what_is_wrong_with_it():
    assert refused(RECORDS, {"x": 1, "z": None}, EncodeTypeError) == (
        "at $.z: expected int, got NoneType None"
    )


def test_text_that_no_branch_takes():
    text = refused(["null", enum("A", name="E"), UUID], "q")
    assert text.endswith(
        "E: str 'q' is not a symbol of enum E; string: str 'q' for uuid: not the text of a UUID"
    )


def test_unions_within_unions_are_told_at_small_cost():
    """Each level asks its branches again only for the error, and no level below does so once more."""
    schema: Any = "int"
    value: Any = None
    for level in range(8):
        schema = [
            record(f"A{level}", x=schema),
            record(f"B{level}", x=f"A{level - 1}" if level else "int", y="int"),
        ]
        value = {"x": value}
    text = refused(schema, value, EncodeTypeError)
    assert len(text) < 2000


def test_code_of_a_value_that_is_asked_why():
    class Once:
        asked = 0

        def __index__(self) -> int:
            self.asked += 1
            if self.asked > 2:
                raise KeyboardInterrupt
            return 2**63

    with pytest.raises(KeyboardInterrupt):
        Encoder(["null", "int", "long"]).encode(Once())


@pytest.mark.parametrize(
    ("schema", "value", "kind", "text", "name"),
    [
        (["null", VALUE], {"Value": {"E": 1}}, EncodeError, "field 'E' is missing", "Value"),
        (["null", "string"], {"string": "x"}, EncodeTypeError, "expected string, got dict", "string"),
        (["null", array("int")], {"array": [1]}, EncodeTypeError, "expected array, got dict", "array"),
        (["null", mapping("int")], {"map": {"a": 1}}, EncodeTypeError, "at $['map']: expected int", "map"),
        (["null", "int", "string"], {"int": 1}, EncodeTypeError, "expected union of null, int", "int"),
        (["null", VALUE, OTHER], {"Value": {"E": 1}}, EncodeError, "fits no branch of union of", "Value"),
        (["null", VALUE, OTHER], {"Other": {"F": 1}}, EncodeError, "fits no branch of union of", "n.Other"),
        (
            record("R", f=["null", "long"]),
            {"f": {"long": 5}},
            EncodeTypeError,
            "at $.f: expected long",
            "long",
        ),
        (["null", MICROS], {"long": 5}, EncodeTypeError, "expected timestamp-micros", "long"),
        (["null", fixed(2, "n.F")], {"n.F": "ab"}, EncodeTypeError, "expected fixed n.F", "n.F"),
    ],
)
def test_a_value_as_the_json_encoding_has_it(schema, value, kind, text, name):
    said = refused(schema, value, kind)
    assert text in said
    assert said.endswith(f"pass the value itself, or ({name!r}, value)")


def test_other_dicts_of_one_key_get_no_such_hint():
    for schema, value in [
        (["null", VALUE], {"F": 1}),
        (["null", "string"], {"text": "x"}),
        ("int", {"int": 1}),
    ]:
        with pytest.raises(EncodeError) as caught:
            Encoder(schema).encode(value)
        assert "plain" not in str(caught.value)
    assert Encoder(["null", record("E", E="int")]).encode({"E": 1}) == b"\2\2"


# What other libraries have for a value that is missing

MISSING = [
    ("pandas.NaT", "NaT"),
    (np.datetime64("NaT", "us"), "NaT"),
    ("pandas.NA", "NA"),
    (float("nan"), "NaN"),
    (np.float32("nan"), "NaN"),
    (np.float64("nan"), "NaN"),
]
MAY_BE_MISSING = [
    MICROS, ["null", MICROS], ["null", logical("int", "date")], logical("long", "local-timestamp-nanos"),
    ["null", "int"], ["null", "string"], ["null", "string", "long"], ["null", "boolean"], UUID,
    ["null", UUID], ["null", logical("int", "time-millis")], logical("bytes", "decimal", precision=4),
    ["null", enum("A")], ["null", array("int")], ["null", record("R", a="int")], "bytes", "null",
]  # fmt: skip


@for_each("schema", MAY_BE_MISSING, ids=str)
@for_each(("value", "name"), MISSING, ids=repr)
def test_what_is_missing_is_none(schema, value, name):
    if isinstance(value, str):
        value = getattr(pytest.importorskip("pandas"), name)
    for given, where in ((schema, value), (record("Outer", f=schema), {"f": value})):
        with pytest.raises(EncodeError) as caught:
            Encoder(given).encode(where)
        assert str(caught.value).endswith(f"; {name} is not a value: use None")


def test_nan_is_a_float():
    for schema in ("double", "float", ["null", "double"], ["string", "float"]):
        Encoder(schema).encode(float("nan"))


def test_pandas_na_is_no_float():
    pandas = pytest.importorskip("pandas")
    for schema in ("double", "float", ["null", "double"], ["string", "float"]):
        with pytest.raises(EncodeError, match="NA is not a value: use None"):
            Encoder(schema).encode(pandas.NA)


# Other values


@pytest.mark.parametrize(
    "value",
    ["", "abc", "123e4567-e89b-12d3-a456-42661417400ZZ", "1_3e4567-e89b-12d3-a456-426614174000", " " * 32],
)
@pytest.mark.parametrize("schema", [UUID, fixed(16, logicalType="uuid")])
def test_what_is_no_uuid(schema, value):
    assert refused(schema, value).endswith("for uuid: not the text of a UUID")


def test_a_number_that_is_out_of_range_is_told_the_range():
    text = refused(record("R", t=logical("int", "time-millis")), {"t": 86_400_000})
    assert text == "at $.t: int 86400000 is out of range for time-millis (0 to 86399999)"
    assert "(-719162 to 2932896)" in refused(logical("int", "date"), 2_932_897)


def test_rows_say_which_they_are():
    with pytest.raises(EncodeTypeError, match=r"record 5: at \$\.a: expected int, got NoneType None"):
        avrojet.write(io.BytesIO(), record("R", a="int"), [{"a": 1}] * 5 + [{"a": None}])
    with pytest.raises(EncodeTypeError, match="not in a dict"):
        avrojet.write(io.BytesIO(), record("R", a="int"), {"a": 1})


def test_no_message_grows_with_the_value():
    huge = {"x": "long" * 100_000}
    for schema, value in [
        (["null", "int"], ("n" * 100_000, 1)),
        (["null", VALUE], huge),
        (RECORDS, huge),
        ([fixed(1, f"F{i}") for i in range(5000)], 1),
        (["null", UUID], "u" * 100_000),
    ]:
        with pytest.raises(EncodeError) as caught:
            Encoder(schema).encode(value)
        assert len(str(caught.value)) < 1500
