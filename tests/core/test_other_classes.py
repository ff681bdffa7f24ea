"""Values of other classes than Python's own: members of enums, numpy's times and numbers."""

from __future__ import annotations

import enum as python_enum
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum
from typing import Any

import numpy as np
import pytest

from avrojet import Decoder, Duration, EncodeError, Encoder, EncodeTypeError, NanoDatetime
from tests.compare import exact
from tests.vectors import array, enum, fixed, logical, mapping, record

SUIT = enum("SPADES", "HEARTS", "one", name="Suit")
DATE = logical("int", "date")
INSTANTS = {unit: logical("long", f"timestamp-{unit}") for unit in ("millis", "micros", "nanos")}
LOCALS = {unit: logical("long", f"local-timestamp-{unit}") for unit in ("millis", "micros", "nanos")}


def there_and_back(schema: Any, value: Any, **options: Any) -> Any:
    return Decoder(schema).decode(Encoder(schema, **options).encode(value))


# Members of enums


class ByValue(Enum):
    A = "SPADES"
    B = "HEARTS"
    SPADES = "one"  # the value counts, whatever the name
    C = "clubs"


class ByName(Enum):
    SPADES = 1
    HEARTS = None
    CLUBS = ("SPADES",)


class Text(StrEnum):
    A = "SPADES"


class Number(IntEnum):
    HEARTS = 0


class Mixed(str, python_enum.Enum):  # noqa: UP042 (what users wrote before there was StrEnum)
    A = "HEARTS"


class Bits(Flag):
    SPADES = 1
    HEARTS = 2


@pytest.mark.parametrize(
    ("member", "symbol"),
    [
        (ByValue.A, "SPADES"), (ByValue.B, "HEARTS"), (ByValue.SPADES, "one"),
        (ByName.SPADES, "SPADES"), (ByName.HEARTS, "HEARTS"),
        (Text.A, "SPADES"), (Number.HEARTS, "HEARTS"), (Mixed.A, "HEARTS"), (Bits.HEARTS, "HEARTS"),
    ],
)  # fmt: skip
def test_a_member_is_its_value_if_that_is_text_else_its_name(member, symbol):
    assert there_and_back(SUIT, member) == symbol
    assert there_and_back(["null", SUIT], member) == symbol
    assert there_and_back(array(SUIT), [member] * 2) == [symbol] * 2
    assert there_and_back(record("R", s=SUIT), {"s": member}) == {"s": symbol}


@pytest.mark.parametrize("member", [ByValue.C, ByName.CLUBS, Bits.SPADES | Bits.HEARTS, Bits(0)])
def test_members_that_are_no_symbols(member):
    for schema in (SUIT, ["null", SUIT]):
        with pytest.raises(EncodeError, match=type(member).__name__):
            Encoder(schema).encode(member)


def test_members_in_unions():
    assert Encoder(["null", "string", SUIT]).encode(ByValue.A) == b"\4\0"
    assert Encoder(["null", "int", SUIT]).encode(Number.HEARTS) == b"\2\0"  # it is an int
    assert Encoder([enum("X", name="Other"), SUIT]).encode(ByName.HEARTS) == b"\2\2"
    with pytest.raises(EncodeTypeError):
        Encoder("string").encode(ByValue.A)


def test_a_member_whose_value_raises():
    class Odd(Enum):
        A = 1

        @property
        def value(self):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Encoder(SUIT).encode(Odd.A)


# numpy.datetime64

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("name", INSTANTS)
def test_times_of_numpy_are_times_of_utc(unit, name):
    value = np.datetime64("2026-01-02T03:04:05.678", unit)
    for naive in ("error", "local", "utc"):
        assert there_and_back(INSTANTS[name], value, naive_datetimes=naive) == MOMENT
    assert there_and_back(LOCALS[name], value) == MOMENT.replace(tzinfo=None)
    assert there_and_back(["null", INSTANTS[name]], value) == MOMENT


@pytest.mark.parametrize(
    ("value", "schema", "kept"),
    [
        (np.datetime64("2026-01-02T03:04:05.678901", "us"), INSTANTS["millis"], "2026-01-02T03:04:05.678"),
        (
            np.datetime64("2026-01-02T03:04:05.678901234", "ns"),
            INSTANTS["micros"],
            "2026-01-02T03:04:05.678901",
        ),
        (np.datetime64("1969-12-31T23:59:59.999999", "us"), LOCALS["millis"], "1969-12-31T23:59:59.999"),
        (np.datetime64(-1, "as"), LOCALS["micros"], "1969-12-31T23:59:59.999999"),
    ],
)
def test_digits_are_kept_or_refused(value, schema, kept):
    with pytest.raises(EncodeError, match="would be lost"):
        Encoder(schema).encode(value)
    made = there_and_back(schema, value, truncate_times=True)
    assert made.replace(tzinfo=None) == datetime.fromisoformat(kept)


def test_nanoseconds():
    value = np.datetime64("2026-01-02T03:04:05.678901234", "ns")
    expected = NanoDatetime(2026, 1, 2, 3, 4, 5, 678901, UTC, nanosecond=234)
    assert exact(there_and_back(INSTANTS["nanos"], value)) == exact(expected)
    for extreme in (2**63 - 1, -(2**63) + 1):
        data = Encoder(INSTANTS["nanos"]).encode(np.datetime64(extreme, "ns"))
        assert Decoder("long").decode(data) == extreme


@pytest.mark.parametrize(
    "value",
    [
        np.datetime64("2026-01-02"), np.datetime64("2026-01", "M"), np.datetime64("2026", "Y"),
        np.datetime64("1969-12-31"), np.datetime64("0001-01-01"), np.datetime64("9999-12-31"),
        np.datetime64("2026-01-02", "ns"), np.datetime64("1600-02", "M"), np.datetime64(5, "W"),
        np.datetime64(-7, "25D"), np.datetime64(86400 * 10**12, "ps"), np.array(["2026-01-02"], ">M8[s]")[0],
    ],
    ids=repr,
)  # fmt: skip
def test_days(value):
    day = np.datetime64(value, "D").item()
    assert exact(there_and_back(DATE, value)) == exact(day)
    assert exact(there_and_back(["null", DATE], value)) == exact(day)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert there_and_back(INSTANTS["micros"], value) == midnight
    assert there_and_back(["null", INSTANTS["micros"]], value) == midnight


def test_days_or_times_in_unions():
    both = [INSTANTS["micros"], DATE]
    assert there_and_back(both, np.datetime64("2026-01-02")) == date(2026, 1, 2)
    assert there_and_back(both, np.datetime64("2026-01-02", "s")) == datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schema", "value", "reason"),
    [
        (DATE, np.datetime64("2026-01-02T01"), "a time of day, and a date has none"),
        (DATE, np.datetime64("0000-12-31"), "out of range for date"),
        (DATE, np.datetime64("10000", "Y"), "out of range for date"),
        (DATE, np.datetime64(10**15, "Y"), "outside of the years"),
        (INSTANTS["micros"], np.datetime64("0000-12-31"), "out of range for timestamp-micros"),
        (INSTANTS["micros"], np.datetime64(2**62, "s"), "out of range for timestamp-micros"),
        (INSTANTS["nanos"], np.datetime64("2263"), "out of range for timestamp-nanos"),
        (INSTANTS["nanos"], np.datetime64("NaT", "ns"), "use None"),
        (DATE, np.datetime64("NaT", "D"), "use None"),
        (logical("int", "time-millis"), np.datetime64("2026-01-02"), "expected time-millis"),
        ("long", np.datetime64("2026-01-02"), "expected long"),
        ("string", np.datetime64("2026-01-02"), "expected string"),
        ("bytes", np.datetime64("2026-01-02"), "expected bytes"),
        (DATE, np.array(["2026-01-02"], "M8[D]"), "expected date"),
        (INSTANTS["micros"], np.timedelta64(1, "s"), "expected timestamp-micros"),
    ],
)
def test_times_of_numpy_that_do_not_fit(schema, value, reason):
    with pytest.raises(EncodeError, match=reason):
        Encoder(schema).encode(value)


@pytest.mark.parametrize("unit", ["D", "s", "ms", "us", "ns"])
def test_arrays_of_times_are_times(unit):
    """numpy's own tolist makes plain ints of nanoseconds, and times without a zone of the others."""
    values = np.array(["2026-01-02", "1969-12-31", "2000-02-29"], f"M8[{unit}]")
    midnights = [datetime(*day, tzinfo=UTC) for day in ((2026, 1, 2), (1969, 12, 31), (2000, 2, 29))]
    for given in (values, values[::2], list(values)):
        expected = midnights[::2] if len(given) == 2 else midnights
        for schema in INSTANTS.values():
            assert there_and_back(array(schema), given) == expected
        assert there_and_back(array(DATE), given) == [moment.date() for moment in expected]
    with pytest.raises(EncodeTypeError):
        Encoder(array("long")).encode(values)


def test_a_random_walk_of_numpy_s_times():
    generator = np.random.default_rng(1)
    for unit, per_second in (("us", 10**6), ("ms", 10**3), ("s", 1)):
        for number in generator.integers(-62_135_596_800 * per_second, 253_402_300_800 * per_second, 200):
            value = np.datetime64(int(number), unit)
            expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
                microseconds=int(number) * 10**6 // per_second
            )
            assert there_and_back(INSTANTS["micros"], value) == expected


# numpy's numbers

INTEGERS = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]


PRICE = logical("bytes", "decimal", precision=4, scale=2)
TAKE_INTEGERS = [
    "int", "long", "float", "double", ["null", "int"], ["null", "long"], ["null", "double"],
    ["string", "long"], DATE, ["null", DATE], *INSTANTS.values(), *LOCALS.values(),
    logical("int", "time-millis"), logical("long", "time-micros"), PRICE, ["null", PRICE],
    logical("bytes", "big-decimal"), fixed(8, logicalType="decimal", precision=4),
]  # fmt: skip


@pytest.mark.parametrize("kind", INTEGERS)
def test_integers_of_numpy_are_taken_where_pythons_are(kind):
    value = kind(5)
    for schema in TAKE_INTEGERS:
        assert exact(there_and_back(schema, value)) == exact(there_and_back(schema, 5))
    duration = fixed(12, logicalType="duration")
    assert there_and_back(duration, (value, value, value)) == Duration(5, 5, 5)
    with pytest.raises(EncodeTypeError):
        Encoder("string").encode(value)
    with pytest.raises(EncodeTypeError):
        Encoder("bytes").encode(value)
    with pytest.raises(EncodeTypeError):
        Encoder("boolean").encode(value)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_floats_of_numpy_are_taken_where_pythons_are(kind):
    for schema in ("float", "double", ["null", "double"], ["null", "string", "float"]):
        assert exact(there_and_back(schema, kind(1.5))) == exact(1.5)
    for schema in ("int", "long", "bytes", "string", DATE, logical("bytes", "decimal", precision=4)):
        with pytest.raises(EncodeTypeError):
            Encoder(schema).encode(kind(1.5))


def test_other_scalars_of_numpy():
    assert there_and_back("boolean", np.True_) is True
    assert there_and_back(["null", "boolean"], np.False_) is False
    assert there_and_back("string", np.str_("text")) == "text"
    assert there_and_back("bytes", np.bytes_(b"ab")) == b"ab"
    assert there_and_back("bytes", np.void(b"ab")) == b"ab"
    assert there_and_back(fixed(2), np.void(b"ab")) == b"ab"
    assert there_and_back(mapping("int"), {np.str_("k"): np.int8(1)}) == {"k": 1}
    assert there_and_back(enum("A"), np.str_("A")) == "A"
    for value in (np.complex128(1), np.timedelta64(1, "s"), np.True_):
        for schema in ("bytes", "long", "double", logical("bytes", "big-decimal")):
            with pytest.raises(EncodeTypeError):
                Encoder(schema).encode(value)


@pytest.mark.parametrize("kind", [*INTEGERS, np.float32, np.float64, np.bool_])
def test_rows_of_a_numpy_array(kind):
    plain = "boolean" if kind is np.bool_ else "double" if np.issubdtype(kind, np.floating) else "long"
    values = np.array([0, 1, 1], kind)
    rows = [{"a": value, "b": values} for value in values]
    schema = array(record("R", a=["null", plain], b=array(plain)))
    assert there_and_back(schema, rows) == [{"a": value.item(), "b": values.tolist()} for value in values]


def test_integers_of_numpy_keep_their_digits():
    assert there_and_back(logical("bytes", "decimal", precision=20), np.uint64(2**64 - 1)) == Decimal(
        2**64 - 1
    )
    with pytest.raises(EncodeError, match="before the point"):
        Encoder(logical("bytes", "decimal", precision=4)).encode(np.int16(10_000))
