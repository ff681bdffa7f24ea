"""Logical types on both sides: units of one kind convert exactly, kinds do not mix, in every engine."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, time
from typing import Any

import pytest

import avrojet
from avrojet import (
    CustomLogicalType,
    DecodeError,
    Decoder,
    Encoder,
    NanoDatetime,
    ResolutionError,
    check_compatibility,
    parse_schema,
)
from avrojet.failures import Incompatibility
from avrojet.schema.logical import CLOCKS
from tests import reference
from tests.cases import for_each
from tests.compare import exact
from tests.reference import MalformedError, MismatchError
from tests.vectors import array, fixed, logical, mapping, record

TYPES: dict[str, Any] = {
    **{name: logical("int" if name in ("date", "time-millis") else "long", name) for name in CLOCKS},
    "decimal": logical("bytes", "decimal", precision=6, scale=2),
    "decimal of another scale": logical("bytes", "decimal", precision=6, scale=3),
    "decimal of another precision": logical("bytes", "decimal", precision=7, scale=2),
    "big-decimal": logical("bytes", "big-decimal"),
    "uuid": logical("string", "uuid"),
    "fixed uuid": fixed(16, logicalType="uuid"),
    "fixed decimal": fixed(16, logicalType="decimal", precision=6, scale=2),
    "duration": fixed(12, logicalType="duration"),
    "fixed 12": fixed(12),
    "fixed 12 decimal": fixed(12, logicalType="decimal", precision=6, scale=2),
    **{name: name for name in ("int", "long", "float", "double", "bytes", "string")},
}
PAIRS = [(writer, reader) for writer in TYPES for reader in TYPES]
KINDS = {name: clock.kind for name, clock in CLOCKS.items()}
NUMBERS = [
    0,
    1,
    -1,
    999,
    1000,
    86_399,
    10**6,
    10**9,
    -(10**9),
    86_399_999,
    5_000_000_000,
    10**15 + 500,
    10**18,
]
UUID_TEXT = "00112233-4455-6677-8899-aabbccddeeff"


def plain_values(schema: Any) -> list[Any]:
    """Some of each type, in and out of what the logical types hold."""
    type = schema if isinstance(schema, str) else schema["type"]
    match type:
        case "int":
            return [number for number in NUMBERS if -(2**31) <= number < 2**31]
        case "long":
            return [*NUMBERS, 2**63 - 1, -(2**63)]
        case "float" | "double":
            return [1.5]
        case "bytes":
            return [b"", b"\x01", b"\x0f\xff", b"\x0f\xff\xff\xff", b"\x02\x01\x04", UUID_TEXT.encode()]
        case "string":
            return [UUID_TEXT, "", "text"]
        case _:
            return [bytes(range(schema["size"])), bytes(schema["size"])]


def outcome(read: Any) -> Any:
    try:
        return exact(read())
    except (DecodeError, MalformedError):
        return "malformed"
    except (ResolutionError, MismatchError):
        return "mismatch"


@pytest.mark.slow
@for_each(("writer", "reader"), PAIRS)
@pytest.mark.parametrize("on", [True, False])
def test_every_pair_in_rows_as_in_the_reference(writer, reader, on):
    theirs, ours = TYPES[writer], TYPES[reader]
    around = [
        (theirs, ours, lambda value: value),
        (array(theirs), array(ours), lambda value: [value, value]),
        (mapping(theirs), mapping(ours), lambda value: {"k": value}),
        (
            ["null", theirs],
            ["null", ours],
            lambda value: (reference.branch_name(parse_schema(theirs)), value),
        ),
        (theirs, ["null", ours], lambda value: value),
        (
            record("R", a="int", f=theirs, z="int"),
            record("R", f=ours, z="int"),
            lambda value: {"a": 1, "f": value, "z": 2},
        ),
    ]
    for outer_theirs, outer_ours, wrap in around:
        written, read = parse_schema(outer_theirs), parse_schema(outer_ours)
        for value in plain_values(theirs):
            data = reference.encode(written, wrap(value), logical=False)
            expected = outcome(lambda: reference.read_resolved(written, read, data, logical=on))  # noqa: B023
            try:
                decoder = Decoder(written, read, logical_types=on)
            except ResolutionError:
                assert expected == "mismatch"
                continue
            assert outcome(lambda: decoder.decode(data)) == expected  # noqa: B023
            assert decoder._skip_block(data, 1) == len(data)


@for_each(("writer", "reader"), PAIRS)
def test_every_pair_in_columns_as_in_rows(writer, reader):
    pyarrow = pytest.importorskip("pyarrow")
    theirs, ours = TYPES[writer], TYPES[reader]
    try:
        decoder = Decoder(theirs, ours)
    except ResolutionError:
        with pytest.raises(ResolutionError):
            avrojet.columns.plan.ColumnPlan(parse_schema(theirs), parse_schema(ours))
        return
    for value in plain_values(theirs):
        data = reference.encode(parse_schema(theirs), value, logical=False)
        row = outcome(lambda: decoder.decode(data))  # noqa: B023
        try:
            column = pyarrow.record_batch(decoder.decode_arrow([data, data])).column(0)
        except (DecodeError, ResolutionError) as error:
            assert row == ("mismatch" if isinstance(error, ResolutionError) else "malformed")
            continue
        # Columns take years that Python's dates do not have, and have no big-decimals.
        if row == "malformed":
            assert KINDS.get(reader, reader) in ("date", "timestamp", "local-timestamp", "big-decimal")
            continue
        if reader in CLOCKS:
            number = reference.in_the_readers_unit(parse_schema(theirs), parse_schema(ours), value)
            width = pyarrow.int64() if column.type.bit_width == 64 else pyarrow.int32()
            assert column.cast(width).to_pylist() == [number] * 2


@for_each(("writer", "reader"), PAIRS)
def test_every_pair_in_text_as_in_rows(writer, reader):
    theirs, ours = TYPES[writer], TYPES[reader]
    try:
        decoder = Decoder(theirs, ours)
    except ResolutionError:
        return
    for value in plain_values(theirs):
        data = reference.encode(parse_schema(theirs), value, logical=False)
        row = outcome(lambda: decoder.decode(data))  # noqa: B023
        try:
            text = decoder.to_json(data, plain=True)
        except (DecodeError, ResolutionError) as error:
            assert row == ("mismatch" if isinstance(error, ResolutionError) else "malformed")
            continue
        if row != "malformed":
            again = Encoder(ours).from_json(text, plain=True)
            assert exact(Decoder(ours).decode(again)) == row


@for_each(("writer", "reader"), PAIRS)
def test_every_pair_in_the_json_encoding_is_of_the_readers_schema(writer, reader):
    """Its numbers are plain, but those of the reader's logical type, in a union too."""
    theirs, ours = TYPES[writer], TYPES[reader]
    around = [(theirs, ours, b""), (["null", theirs], ["null", ours], b"\2")]
    for written, read, before in around:
        try:
            decoder = Decoder(written, read)
        except ResolutionError:
            continue
        for value in plain_values(theirs):
            data = before + reference.encode(parse_schema(theirs), value, logical=False)
            row = outcome(lambda: decoder.decode(data))  # noqa: B023
            try:
                text = decoder.to_json(data)
            except (DecodeError, ResolutionError) as error:
                assert row == ("mismatch" if isinstance(error, ResolutionError) else "malformed")
                continue
            if row != "malformed":
                again = Encoder(read, logical_types=False).from_json(text)
                assert exact(Decoder(read).decode(again)) == row


@for_each(("writer", "reader"), PAIRS)
def test_compatibility_says_which(writer, reader):
    theirs, ours = parse_schema(TYPES[writer]), parse_schema(TYPES[reader])
    found = check_compatibility(ours, theirs)
    plain = [parse_schema(bare(TYPES[name])) for name in (writer, reader)]
    kinds = {reason.kind for reason in found.reasons}
    if not reference.matches(*plain):
        assert not found
    elif not theirs.logical or not ours.logical or theirs.logical == ours.logical:
        assert found
    elif reference.kind(theirs) != reference.kind(ours):
        both = theirs.logical.name == ours.logical.name
        assert kinds == {Incompatibility.DECIMAL_MISMATCH if both else Incompatibility.LOGICAL_TYPE_MISMATCH}
        with pytest.raises(ResolutionError):
            Decoder(theirs, ours)
    else:
        finer = CLOCKS[reader].per_second > CLOCKS[writer].per_second
        assert kinds == (set() if finer else {Incompatibility.LOGICAL_TYPE_MISMATCH})
        Decoder(theirs, ours)


def bare(schema: Any) -> Any:
    if isinstance(schema, str):
        return schema
    return {key: item for key, item in schema.items() if key not in ("logicalType", "precision", "scale")}


# Of one's own making


MILLIS, MICROS, NANOS = (TYPES[f"timestamp-{unit}"] for unit in ("millis", "micros", "nanos"))


def test_an_instant_stays_the_same():
    moment = datetime(2020, 1, 1, 12, 30, 15, 250_000, tzinfo=UTC)
    for writer in (MILLIS, MICROS, NANOS):
        data = Encoder(writer).encode(moment)
        for reader in (MILLIS, MICROS, NANOS):
            shown = Decoder(writer, reader).decode(data)
            assert shown == moment
            assert (type(shown) is NanoDatetime) == (reader is NANOS)
    data = Encoder(TYPES["time-millis"]).encode(time(1, 2, 3, 4000))
    assert Decoder(TYPES["time-millis"], TYPES["time-micros"]).decode(data) == time(1, 2, 3, 4000)


@pytest.mark.parametrize(
    ("writer", "reader", "number", "kind", "text"),
    [
        (MICROS, MILLIS, 1001, ResolutionError, "1001 of the writer's timestamp-micros has digits"),
        (NANOS, MICROS, -1, ResolutionError, "-1 of the writer's timestamp-nanos has digits"),
        (
            MILLIS,
            NANOS,
            10**13,
            DecodeError,
            "10000000000000 of the writer's timestamp-millis is out of range",
        ),
        (MILLIS, NANOS, -(2**63), DecodeError, "is out of range"),
        (MILLIS, MICROS, 10**15, DecodeError, "outside of the years 1 to 9999"),
        (TYPES["time-millis"], TYPES["time-micros"], -1, DecodeError, "-1000 is not a time of day"),
        (TYPES["time-millis"], TYPES["time-micros"], 86_400_000, DecodeError, "is not a time of day"),
    ],
)
def test_what_does_not_convert_is_told(writer, reader, number, kind, text):
    written = record("R", before="int", at=writer)
    data = Encoder(written, logical_types=False).encode({"before": 7, "at": number})
    decoder = Decoder(written, record("R", at=reader))
    for read in (decoder.decode, decoder.decode_many, lambda it: decoder.decode_arrow([it])):
        if kind is DecodeError and "years" in text and read not in (decoder.decode, decoder.decode_many):
            continue  # columns have all years
        with pytest.raises(kind, match=text) as caught:
            read(data)
        assert type(caught.value) is kind
        assert caught.value.path == "$.at"
        assert caught.value.offset == 1
    plain = Decoder(written, record("R", at=reader), logical_types=False)
    assert plain.decode(data) == {"at": number}


def test_the_mismatch_says_which_kinds():
    with pytest.raises(ResolutionError, match="date cannot be read as timestamp-millis") as caught:
        Decoder(record("R", d=TYPES["date"]), record("R", d=MILLIS))
    assert caught.value.path == "fields[0].type"
    with pytest.raises(ResolutionError, match="timestamp-micros cannot be read as local-timestamp-micros"):
        Decoder(MICROS, TYPES["local-timestamp-micros"])
    with pytest.raises(ResolutionError, match="matches int: date cannot be read as time-millis"):
        Decoder(TYPES["date"], ["null", TYPES["time-millis"]])


def test_a_union_s_branch_is_found_by_kind():
    date, millis = TYPES["date"], TYPES["time-millis"]
    data = Encoder(date, logical_types=False).encode(5)
    assert Decoder(date, [millis, "double"]).decode(data) == 5.0
    assert Decoder(date, [MILLIS, "string", "float"]).decode(data) == 5.0
    with pytest.raises(ResolutionError):
        Decoder(date, [MILLIS, millis])
    unions = Decoder(["null", date, MICROS], ["null", millis, MILLIS])
    assert unions.decode(b"\0") is None
    with pytest.raises(ResolutionError, match="date cannot be read as time-millis"):
        unions.decode(b"\2\2")
    assert unions.decode(b"\4" + Encoder(MICROS).encode(datetime(1970, 1, 2, tzinfo=UTC))) == datetime(
        1970, 1, 2, tzinfo=UTC
    )


def test_custom_types_get_the_number_as_it_is():
    """What they mean is their own affair, and nothing is converted to or from them."""

    class Own(CustomLogicalType):
        def __init__(self, name: str) -> None:
            self.name = name

        def decode(self, value, schema):
            return "own", value

        def encode(self, value, schema):
            return value[1]

    data = Encoder(MILLIS, logical_types=False).encode(5000)
    assert Decoder(MILLIS, MICROS, logical_types=[Own("timestamp-micros")]).decode(data) == ("own", 5000)
    assert Decoder(MILLIS, MICROS, logical_types=[Own("timestamp-millis")]).decode(data) == datetime(
        1970, 1, 1, 0, 0, 0, 5000, tzinfo=UTC
    )
    assert Decoder(TYPES["date"], MICROS, logical_types=[Own("date")]).decode(b"\2") == datetime(
        1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC
    )
    price, other = TYPES["decimal"], TYPES["decimal of another scale"]
    assert Decoder(price, other, logical_types=[Own("decimal")]).decode(b"\2\5") == ("own", b"\5")


def test_a_reader_s_default_is_in_the_reader_s_unit():
    reader = {"type": "record", "name": "R", "fields": [{"name": "at", "type": MICROS, "default": 1500}]}
    assert Decoder(record("R"), reader).decode(b"") == {"at": datetime(1970, 1, 1, 0, 0, 0, 1500, tzinfo=UTC)}
    written = Encoder(record("R", at=MILLIS)).encode({"at": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)})
    assert Decoder(record("R", at=MILLIS), reader).decode(written) == {
        "at": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    }


def test_a_logical_type_that_is_not_valid_counts_as_none():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        narrow = parse_schema({"type": "int", "logicalType": "timestamp-millis"})
        real = parse_schema({"type": "double", "logicalType": "timestamp-millis"})
    assert Decoder(narrow, MICROS).decode(b"\2") == datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    assert Decoder(TYPES["date"], real).decode(b"\2") == 1.0
    assert check_compatibility(MICROS, narrow)


def test_many_rows_of_another_unit():
    """The loop over columns, and rows within blocks, at every length of a number."""
    numbers = [sign * (1 << bits) for bits in range(40) for sign in (1, -1)]
    written = record("R", at=["null", MILLIS], more="string")
    read = record("R", at=["null", MICROS])
    data = Encoder(written, logical_types=False).encode_many(
        {"at": number, "more": "x"} for number in numbers
    )
    rows = Decoder(written, read).decode_many(data)
    assert [row["at"] for row in rows] == [
        Decoder(MILLIS).decode(Encoder("long").encode(number)) for number in numbers
    ]
