"""What an encoder or a writer takes, a decoder or a reader of the same options gives back."""

from __future__ import annotations

import io
import warnings
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

import avrojet
from avrojet import Decoder, EncodeError, Encoder, LimitError, Limits, parse_schema
from avrojet.schema.logical import CLOCKS, unreadable
from avrojet.schema.model import (
    ArraySchema,
    EnumSchema,
    FixedSchema,
    MapSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from tests.compare import exact
from tests.strategies import LEAVES, LOGICAL, likely, parts, two_complement, writers

pytestmark = pytest.mark.filterwarnings("ignore::avrojet.UnreadableDefaultWarning")

ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))) | st.just(UTC)
EDGES = st.sampled_from([datetime.min, datetime.max, datetime(1970, 1, 1), datetime(2262, 4, 11, 23, 47, 16)])
MOMENTS = st.datetimes() | EDGES
DECIMALS = (
    st.decimals(allow_nan=False)
    | st.decimals(-100, 100, places=2)
    | st.builds(lambda sign, digits, exponent: Decimal((sign, digits, exponent)),
                st.integers(0, 1), st.lists(st.integers(0, 9), min_size=1, max_size=60).map(tuple),
                st.integers(-40, 40))
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-(2**64), 2**64),
    st.sampled_from([edge for clock in CLOCKS.values() for edge in (clock.first, clock.last)]).flatmap(
        lambda edge: st.integers(edge - 1, edge + 1)
    ),
)
# What a logical type may be given: values of Python, plain ones, and any other.
ANY = st.one_of(
    NUMBERS,
    NUMBERS.filter(lambda number: -(2**63) <= number < 2**63).map(np.int64),
    MOMENTS,
    st.builds(lambda moment, zone: moment.replace(tzinfo=zone), MOMENTS, ZONES),
    st.dates(),
    st.times(),
    DECIMALS,
    st.uuids(),
    st.text(max_size=3),
    st.uuids().map(str),
    st.uuids().map(lambda value: value.hex),
    st.binary(max_size=20),
    st.builds(
        np.datetime64,
        st.integers(-(2**63), 2**63 - 1) | st.integers(-(10**5), 10**5),
        st.sampled_from(["D", "s", "ms", "us", "ns", "Y"]),
    ),
    st.tuples(*[st.integers(-1, 2**32)] * 3),
    st.builds(lambda number, size: number.to_bytes(size, "big", signed=True), st.integers(-128, 127),
              st.integers(1, 20)),
)  # fmt: skip
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "defaults": st.booleans(),
        "extra_fields": st.sampled_from(["ignore", "error"]),
        "attributes": st.booleans(),
        "truncate_times": st.booleans(),
        "naive_datetimes": st.sampled_from(["error", "utc", "local"]),
    },
)
LIMITS = st.sampled_from(
    [
        Limits(),
        Limits(decimal_bytes=5),
        Limits(items=2),
        Limits(empty_items=3),
        Limits(value_bytes=20),
        Limits(depth=3),
        Limits(block_bytes=20),
    ]
)


@st.composite
def given_values(draw: st.DrawFn, schema: Schema, depth: int = 5) -> Any:
    """A value that a user might give; fields are left out, others are there."""
    if isinstance(schema, UnionSchema):
        nulls = [branch for branch in schema.branches if branch.type == "null"] if depth < 0 else []
        return draw(given_values(draw(st.sampled_from(nulls or schema.branches)), depth))
    if isinstance(schema, RecordSchema):
        made = {field.name: draw(given_values(field.type, depth - 1)) for field in schema.fields}
        for name in draw(st.sets(st.sampled_from(sorted(made)), max_size=1)) if made else ():
            del made[name]
        return made | draw(st.sampled_from([{}, {}, {"more": 1}]))
    if isinstance(schema, ArraySchema):
        return draw(st.lists(given_values(schema.items, depth - 1), max_size=max(0, min(4, depth))))
    if isinstance(schema, MapSchema):
        held = given_values(schema.values, depth - 1)
        return draw(st.dictionaries(st.text(max_size=3), held, max_size=max(0, min(4, depth))))
    if schema.logical:
        return draw(st.one_of(likely(schema), ANY, LEAVES.get(schema.type, ANY)))
    if isinstance(schema, EnumSchema):
        return draw(st.sampled_from(schema.symbols))
    if isinstance(schema, FixedSchema):
        return draw(st.binary(min_size=schema.size, max_size=schema.size))
    return draw(LEAVES[schema.type] | LEAVES[schema.type] | NUMBERS)


@st.composite
def with_defaults(draw: st.DrawFn, source: Any) -> Any:
    """The schema with defaults that fit the types, if not always the logical types."""
    if isinstance(source, list):
        return [draw(with_defaults(branch)) for branch in source]
    if not isinstance(source, dict):
        return source
    made = dict(source)
    for part in ("items", "values"):
        if part in made:
            made[part] = draw(with_defaults(made[part]))
    if "fields" in made:
        made["fields"] = [draw(field_with_default(field)) for field in made["fields"]]
    return made


@st.composite
def field_with_default(draw: st.DrawFn, field: Any) -> Any:
    made = {**field, "type": draw(with_defaults(field["type"]))}
    kind = made["type"][0] if isinstance(made["type"], list) else made["type"]
    name = kind["type"] if isinstance(kind, dict) else kind
    if draw(st.booleans()) or name not in DEFAULTS:
        return made
    return {**made, "default": draw(DEFAULTS[name])}


DEFAULTS: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1) | st.integers(0, 5),
    "long": st.integers(-(2**63), 2**63 - 1) | st.integers(0, 5),
    "double": st.floats() | st.just("NaN"),
    "bytes": st.binary(max_size=3).map(lambda data: data.decode("latin-1")),
    "string": st.text(max_size=3) | st.uuids().map(str),
    "array": st.just([]),
    "map": st.just({}),
}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Schema, Any]:
    source = draw(writers() | st.sampled_from(LOGICAL))
    schema = parse_schema(draw(with_defaults(source)))
    return schema, draw(given_values(schema))


@given(cases(), OPTIONS, st.booleans(), LIMITS)
def test_what_is_encoded_can_be_decoded(case, options, logical, limits):
    schema, value = case
    try:
        encoder = Encoder(schema, logical_types=logical, limits=limits, **options)
        data = encoder.encode(value)
    except (EncodeError, LimitError) as error:
        event(type(error).__name__)
        return
    event("written")
    shown = Decoder(schema, logical_types=logical, unions="tagged", limits=limits).decode(data)
    plain = Decoder(schema, logical_types=logical, limits=limits).decode(data)
    rows = Decoder(schema, logical_types=logical, records="tuple", limits=limits).decode(data)
    assert Decoder(schema, logical_types=logical, limits=limits)._skip_block(data, 1) == len(data)
    # What is shown can be written again, and shows the same.
    again = encoder.encode(shown)
    assert exact(
        Decoder(schema, logical_types=logical, unions="tagged", limits=limits).decode(again)
    ) == exact(shown)
    assert (rows is None) == (plain is None)


@given(cases(), OPTIONS, st.booleans(), LIMITS, st.sampled_from(["null", "deflate"]))
def test_what_is_written_can_be_read(case, options, logical, limits, codec):
    schema, value = case
    target = io.BytesIO()
    taken = []
    options = {**options, "logical_types": logical, "limits": limits}
    if limits.block_bytes < 1000:
        codec = "null"  # what cannot be compressed takes some bytes more than it has
    try:
        with avrojet.DataFileWriter(target, schema.json, codec=codec, sync_interval=30, **options) as writer:
            for _ in range(5):
                try:
                    writer.append(value)
                except (EncodeError, LimitError):
                    event("refused")
                else:
                    taken.append(value)
    except LimitError:
        assume(False)
    encoder = Encoder(schema, **options)
    expected = [
        Decoder(schema, logical_types=logical, limits=limits).decode(encoder.encode(row)) for row in taken
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = avrojet.read(io.BytesIO(target.getvalue()), logical_types=logical, limits=limits)
    assert exact(read) == exact(expected)


@given(cases())
def test_the_rules_for_defaults_are_those_of_decoding(case):
    """A default is of no use just if its bytes cannot be decoded."""
    schema, _ = case
    for record in parts(schema):
        if not isinstance(record, RecordSchema):
            continue
        empty = parse_schema({"type": "record", "name": record.fullname, "fields": []})
        for field in record.fields:
            if field.default is avrojet.schema.model.NO_DEFAULT:
                continue
            reader = RecordSchema(record.fullname)
            reader.close((field,))
            plain = Decoder(empty, reader, logical_types=False).decode(b"")
            data = Encoder(reader, logical_types=False).encode(plain)
            try:
                expected = Decoder(reader).decode(data)
            except avrojet.DecodeError:
                with pytest.raises(avrojet.ResolutionError, match="its default cannot be used"):
                    Decoder(empty, reader)
                assert not avrojet.check_compatibility(reader, empty)
            else:
                assert exact(Decoder(empty, reader).decode(b"")) == exact(expected)
                assert avrojet.check_compatibility(reader, empty)


FIXED_TYPES = [
    {"type": "fixed", "name": "F", "size": 3, "logicalType": "decimal", "precision": 6},
    {"type": "fixed", "name": "F", "size": 16, "logicalType": "uuid"},
    {"type": "fixed", "name": "F", "size": 12, "logicalType": "duration"},
]
TEXTS = (
    st.text("0123456789abcdefABCDEF-", max_size=40) | st.uuids().map(str) | st.uuids().map(lambda it: it.hex)
)
BIG_DECIMALS = st.builds(
    lambda digits, scale, more: avrojet.varint.encode_long(len(digits)) + digits + scale + more,
    st.binary(max_size=4), st.binary(max_size=6), st.sampled_from([b"", b"", b"\0"]),
)  # fmt: skip


@given(st.sampled_from(LOGICAL + FIXED_TYPES), st.data())
def test_what_a_plain_value_is_worth_is_known_to_schemas_as_to_the_core(source, data):
    schema = parse_schema(source)
    assert schema.logical
    if schema.type == "string":
        plain: Any = data.draw(TEXTS)
    elif schema.type == "fixed":
        plain = data.draw(st.binary(min_size=schema.size, max_size=schema.size))
    elif schema.type == "bytes":
        plain = data.draw(
            st.binary(max_size=20) | BIG_DECIMALS | st.integers(-(10**31), 10**31).map(two_complement)
        )
    else:
        bits = 31 if schema.type == "int" else 63
        plain = data.draw(NUMBERS.filter(lambda number: -(1 << bits) <= number < 1 << bits))
    encoded = Encoder(schema, logical_types=False).encode(plain)
    json = plain.decode("latin-1") if isinstance(plain, bytes) else plain
    try:
        Decoder(schema).decode(encoded)
    except avrojet.DecodeError:
        event("of no use")
        assert unreadable(schema.type, schema.logical, json)
        if schema.type != "string":
            with pytest.raises(EncodeError):
                Encoder(schema).encode(plain)
    else:
        assert unreadable(schema.type, schema.logical, json) is None
        assert exact(Decoder(schema).decode(Encoder(schema).encode(plain))) == exact(
            Decoder(schema).decode(encoded)
        )


@pytest.mark.parametrize("name", [name for name in CLOCKS if name != "date" and not name.startswith("time-")])
def test_an_instant_whose_year_is_another_in_utc(name):
    schema = parse_schema({"type": "long", "logicalType": name})
    for moment, hours in ((datetime.max, -1), (datetime.min, 1)):
        zoned = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
        with pytest.raises(EncodeError):
            Encoder(schema, truncate_times=True).encode(zoned)
    if not name.endswith("nanos"):
        kept = datetime.max.replace(tzinfo=None if name.startswith("local") else UTC)
        for options in ({}, {"naive_datetimes": "utc"}):
            made = Encoder(schema, truncate_times=True, **options).encode(kept)
            assert Decoder(schema).decode(made).replace(tzinfo=None, microsecond=0) == datetime.max.replace(
                microsecond=0
            )
