"""Measuring data: counts, bounds and estimates are those of the values."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import avrojet
from avrojet import Encoder
from avrojet.core.plan.plan import freeze
from avrojet.core.rows.measure import Measure
from avrojet.json.encoding import text_decoder
from avrojet.plan.resolve import resolve
from tests import strategies
from tests.cases import for_each
from tests.core.test_hostile_bytes import BAD, DEEP, deep_data
from tests.stacks import in_a_small_stack
from tests.vectors import LIST, VECTORS, array, enum, fixed, logical, mapping, record


def measure_of(schema):
    return Measure(freeze(resolve(avrojet.parse_schema(schema))))


def measured(schema, *values, **options):
    """The rows of values, by their names."""
    encoder = Encoder(schema, **options)
    measure = measure_of(schema)
    data = encoder.encode_many(values)
    assert measure.add(data, len(values)) == len(data)
    return {row[0]: row[1:] for row in measure.rows()}


@pytest.mark.parametrize(
    ("schema", "values", "least", "greatest"),
    [
        ("int", [3, -7, 2], -7, 3),
        ("long", [2**62, -(2**63), 0], -(2**63), 2**62),
        ("boolean", [True, False], False, True),
        ("double", [1.5, -2.5, float("nan")], -2.5, 1.5),
        ("float", [0.25, float("-inf")], "-Infinity", 0.25),
        ("string", ["b", "", "é", "ab"], "", "é"),
        ("bytes", [b"\xff", b"a"], "a", "ÿ"),
        (fixed(2), [b"ab", b"aa"], "aa", "ab"),
        (enum("Z", "A"), ["A", "Z"], "Z", "A"),
        (logical("int", "date"), [1, 0], "1970-01-01", "1970-01-02"),
        (array("int"), [[1, 2], [], [1]], 0, 2),
        (mapping("int"), [{"a": 1}], 1, 1),
    ],
)
def test_bounds(schema, values, least, greatest):
    row = measured(schema, *values)["$"]
    assert row[1:3] == (len(values), 0)
    assert [json.loads(row[4]), json.loads(row[5])] == [least, greatest]


@pytest.mark.parametrize(
    "schema",
    [
        logical("bytes", "decimal", precision=60, scale=2),
        fixed(30, logicalType="decimal", precision=60, scale=2),
    ],
    ids=["bytes", "fixed"],
)
def test_decimals_are_numbers(schema):
    values = [Decimal(each) / 100 for each in (0, 1, -1, 127, 128, -128, -129, 255, 256, -(2**70), 2**70)]
    for left in values:
        for right in values:
            row = measured(schema, left, right)["$"]
            assert (json.loads(row[4]), json.loads(row[5])) == (
                str(min(left, right).quantize(Decimal("0.01"))),
                str(max(left, right).quantize(Decimal("0.01"))),
            )


def test_places():
    schema = record(
        "R",
        a=["null", "int"],
        b=["null", "int", "string"],
        c=array(record("S", d="string")),
        e=mapping(["null", "boolean"]),
        f="null",
        g=logical("bytes", "big-decimal"),
    )
    rows = measured(
        schema,
        {"a": 1, "b": "x", "c": [{"d": "p"}, {"d": "q"}], "e": {"k": None}, "f": None, "g": Decimal("1.5")},
        {"a": None, "b": 5, "c": [], "e": {}, "f": None, "g": Decimal("1.50")},
        {"a": None, "b": None, "c": [], "e": {"k": True}, "f": None, "g": Decimal("1.5")},
    )
    assert list(rows) == [
        *("$", "a", "b", "b(int)", "b(string)", "c", "c[]", "c[].d", "e", "e{}", "f", "g"),
    ]
    assert rows["$"][:3] == ("record R", 3, 0)
    assert rows["a"] == ("int", 3, 2, 4, "1", "1", 1)
    assert rows["b"][1:4] == (3, 1, 3 + 2 + 1)
    assert rows["b(int)"][1:4] == (1, 0, 1)
    assert rows["c[]"][1] == 2
    assert rows["c[].d"] == ("string", 2, 0, 4, '"p"', '"q"', 2)
    assert rows["e{}"][1:3] == (2, 1)
    assert rows["f"] == ("null", 3, 3, 0, None, None, None)
    assert rows["g"][4:] == (None, None, 2)


def test_a_record_that_holds_itself_has_one_tally():
    rows = measured(LIST, {"head": 1, "tail": {"head": 5, "tail": {"head": 3, "tail": None}}})
    assert list(rows) == ["$", "head", "tail"]
    assert rows["$"][1] == 3
    assert rows["head"][1:] == (3, 0, 3, "1", "5", 3)
    assert rows["tail"][1:3] == (3, 1)


def test_long_values_are_cut():
    row = measured("string", "a" * 100, "a" * 64 + "b")["$"]
    assert row[4] == '"' + "a" * 64 + "…"
    assert row[6] == 2
    assert measured("string", "é" * 50)["$"][4].startswith('"ééé')
    huge = measured(logical("bytes", "decimal", precision=9000, scale=0), Decimal(10) ** 500, Decimal(1))["$"]
    assert huge[4:6] == ('"1"', '"1"')  # of the other nothing can be said


@pytest.mark.parametrize("count", [0, 1, 10, 1000, 50_000])
@pytest.mark.parametrize("schema", ["long", "string"])
def test_the_estimate(schema, count):
    values = [number if schema == "long" else f"name {number}" for number in range(count)] * 2
    found = measured(schema, *values)["$"][6]
    assert found is None if not count else abs(found - count) <= max(1, 0.07 * count)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_random_data(data):
    schema = avrojet.parse_schema(data.draw(strategies.writers()))
    values = data.draw(st.lists(strategies.values(schema), max_size=4))
    encoder = Encoder(schema, logical_types=False)
    measure = measure_of(schema)
    encoded = encoder.encode_many(values)
    assert measure.add(b"\0" + encoded, len(values), 1) == len(encoded) + 1
    rows = measure.rows()
    # A record that holds itself counts all its levels.
    assert rows[0][2] >= len(values)
    assert rows[0][4] >= len(encoded)
    if rows[0][2] == len(values):
        assert rows[0][4] == len(encoded)
    for name, _, count, nulls, _, least, greatest, distinct in rows:
        assert 0 <= nulls <= count
        assert (least is None) == (greatest is None)
        assert distinct is None or distinct <= max(count, 0), name
        assert least is None or least.endswith("…") or json.loads(least) is not None


@for_each("vector", VECTORS, ids=lambda vector: vector.name)
def test_vectors(vector):
    measure = measure_of(vector.schema)
    assert measure.add(vector.data, 1) == len(vector.data)
    name, _, count, *_, least, _, _ = measure.rows()[0]
    assert name == "$"
    assert count == 1 or vector.name in {"list", "tree"}  # which hold themselves
    schema = avrojet.parse_schema(vector.schema)
    is_leaf = schema.type not in {"record", "array", "map", "union", "null"}
    if is_leaf and least is not None and not least.endswith("…"):
        text = text_decoder(schema, plain=True).text(vector.data)
        assert least == text or least.strip('"') in {"0", text.strip('"')}


@for_each("name", BAD)
def test_bad_bytes_are_refused(name):
    schema, hex, *_ = BAD[name]
    data = bytes.fromhex(hex)
    measure = measure_of(schema)
    try:
        expected = avrojet.Decoder(schema, logical_types=False)._skip_block(data, 1)
    except avrojet.DecodeError:
        with pytest.raises(avrojet.DecodeError):
            measure.add(data, 1)
    else:
        try:
            assert measure.add(data, 1) == expected
        except avrojet.DecodeError as error:
            assert error.kind in {"BLOCK", "BOOLEAN"}  # which a skip passes
    assert measure.rows()


@pytest.mark.parametrize("case", DEEP)
def test_depth_takes_little_stack(case):
    def add():
        with pytest.raises(avrojet.LimitError, match="depth"):
            measure_of(DEEP[case][0]).add(deep_data(case, 100_000), 1)

    in_a_small_stack(add)


def test_schemas_of_many_places_are_refused():
    twice: object = "int"
    for level in range(20):
        twice = record(f"R{level}", a=twice, b=f"R{level - 1}" if level else "int")
    with pytest.raises(avrojet.SchemaError, match="places"):
        measure_of(twice)
    chain = [record("C0", a="int"), *(record(f"C{i}", a=f"C{i - 1}") for i in range(1, 2000))]

    def measure():
        with pytest.raises(avrojet.SchemaError, match="within one another"):
            measure_of(chain)

    in_a_small_stack(measure)


def test_rows_of_no_bytes():
    measure = measure_of("null")
    assert measure.add(b"", 10**15) == 0
    assert measure.rows()[0][2:5] == (10**15, 10**15, 0)
    measure.add(b"", 2**63 - 1)
    assert measure.rows()[0][2:5] == (2**63 - 1, 2**63 - 1, 0)
    for wrong in ((b"", -1), (b"", 1, 5)):
        with pytest.raises(ValueError, match="count|offset"):
            measure.add(*wrong)
