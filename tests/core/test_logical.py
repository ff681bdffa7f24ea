"""Logical types in both directions: extremes, forms that are taken, and losses that are not."""

from __future__ import annotations

import copy
import decimal
import gc
import pickle
import time as clock
import uuid
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import MAX_PREC, Context, Decimal
from typing import Any

import numpy as np
import pytest

from avrojet import (
    DecodeError,
    Decoder,
    Duration,
    EncodeError,
    Encoder,
    EncodeTypeError,
    LimitError,
    Limits,
    NanoDatetime,
)
from avrojet.schema.logical import CLOCKS
from tests.cases import for_each
from tests.compare import exact
from tests.reference import number
from tests.strategies import two_complement
from tests.vectors import UUID_1, array, fixed, logical

DATE = logical("int", "date")
TIMES = {"millis": logical("int", "time-millis"), "micros": logical("long", "time-micros")}
UNITS = {"millis": 10**3, "micros": 10**6, "nanos": 10**9}
INSTANTS = {unit: logical("long", f"timestamp-{unit}") for unit in UNITS}
LOCALS = {unit: logical("long", f"local-timestamp-{unit}") for unit in UNITS}
DURATION = fixed(12, logicalType="duration")
UUID_TEXT = logical("string", "uuid")
UUID_BYTES = fixed(16, logicalType="uuid")
BIG = logical("bytes", "big-decimal")


def amount(precision: int, scale: int = 0, size: int | None = None) -> Any:
    kind = {"logicalType": "decimal", "precision": precision, "scale": scale}
    return {"type": "bytes", **kind} if size is None else fixed(size, **kind)


def there_and_back(schema: Any, value: Any) -> Any:
    return Decoder(schema).decode(Encoder(schema).encode(value))


def long_of(schema: Any, value: Any, **options: Any) -> int:
    """The number that stands for the value in the bytes."""
    return Decoder(schema, logical_types=False).decode(Encoder(schema, **options).encode(value))


# Dates and times of day


@pytest.mark.parametrize("day", [date.min, date.max, date(1900, 2, 28), date(2000, 2, 29), date(1970, 1, 1)])
def test_dates(day):
    assert exact(there_and_back(DATE, day)) == exact(day)
    assert long_of(DATE, day) == day.toordinal() - date(1970, 1, 1).toordinal()


def test_every_day_of_four_centuries():
    encoder, decoder = Encoder(array(DATE)), Decoder(array(DATE))
    for first in (date(1600, 1, 1), date(1, 1, 1), date(9599, 12, 31)):
        days = [first + timedelta(days) for days in range(0, 146_100, 13)]
        assert decoder.decode(encoder.encode(days)) == days


class Day(date):
    pass


@pytest.mark.parametrize("value", [datetime(2020, 1, 1), "2020-01-01", 1.0, time(), None, True])
def test_what_is_no_date(value):
    with pytest.raises(EncodeTypeError):
        Encoder(DATE).encode(value)


def test_other_dates():
    assert long_of(DATE, Day(1970, 1, 2)) == 1
    assert long_of(DATE, -5) == -5
    with pytest.raises(EncodeError, match="out of range"):
        Encoder(DATE).encode(2**31)


@pytest.mark.parametrize("unit", TIMES)
@pytest.mark.parametrize("moment", [time(), time(23, 59, 59), time(12, 34, 56, 789000), time(1, fold=1)])
def test_times(unit, moment):
    assert exact(there_and_back(TIMES[unit], moment)) == exact(moment.replace(fold=0))
    since = timedelta(
        hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond
    )
    assert long_of(TIMES[unit], moment) == since * UNITS[unit] // timedelta(seconds=1)


def test_times_that_would_lose_digits():
    moment = time(1, 2, 3, 4567)
    assert there_and_back(TIMES["micros"], moment) == moment
    with pytest.raises(EncodeError, match="microseconds would be lost"):
        Encoder(TIMES["millis"]).encode(moment)
    assert long_of(TIMES["millis"], moment, truncate_times=True) == 3_723_004


@pytest.mark.parametrize("unit", TIMES)
@pytest.mark.parametrize("value", [datetime(2020, 1, 1), timedelta(hours=1), "01:02", 1.0, None, True])
def test_what_is_no_time(unit, value):
    with pytest.raises(EncodeTypeError):
        Encoder(TIMES[unit]).encode(value)


def test_a_time_of_day_has_no_zone():
    with pytest.raises(EncodeError, match="no zone"):
        Encoder(TIMES["micros"]).encode(time(1, tzinfo=UTC))


# Timestamps

ODD = [
    timezone(timedelta(hours=14)),
    timezone(-timedelta(hours=12)),
    timezone(timedelta(hours=5, minutes=45)),
    timezone(timedelta(minutes=19, seconds=32)),
    timezone(-timedelta(hours=3, minutes=6, seconds=28, microseconds=123456)),
    timezone(timedelta(microseconds=-1)),
    timezone(timedelta(hours=23, minutes=59, seconds=59, microseconds=999999)),
]
MOMENTS = [
    datetime(1970, 1, 1),
    datetime(1969, 12, 31, 23, 59, 59, 999999),
    datetime(2026, 1, 2, 3, 4, 5, 678901),
    datetime(1700, 1, 1),
    datetime(2262, 4, 10, 23, 47, 16),
    datetime(2000, 2, 29, 12),
    datetime(1900, 3, 1),
]


def units_since_1970(moment: datetime, unit: str) -> int:
    start = datetime(1970, 1, 1, tzinfo=moment.tzinfo and UTC)
    return (moment - start) // timedelta(microseconds=1) * UNITS[unit] // 10**6


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
@pytest.mark.parametrize("unit", UNITS)
def test_local_timestamps(unit, moment):
    if unit == "millis":
        moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    shown = there_and_back(LOCALS[unit], moment)
    assert shown == moment
    assert shown.tzinfo is None
    assert type(shown) is (NanoDatetime if unit == "nanos" else datetime)
    assert long_of(LOCALS[unit], moment) == units_since_1970(moment, unit)


@for_each("moment", MOMENTS, ids=str)
@pytest.mark.parametrize("zone", [UTC, *ODD], ids=str)
@pytest.mark.parametrize("unit", ["micros", "nanos"])
def test_instants(unit, zone, moment):
    moment = moment.replace(tzinfo=zone)
    shown = there_and_back(INSTANTS[unit], moment)
    assert shown == moment
    assert shown.tzinfo is UTC
    assert type(shown) is (NanoDatetime if unit == "nanos" else datetime)
    assert long_of(INSTANTS[unit], moment) == units_since_1970(moment, unit)


@pytest.mark.parametrize("zone", ODD, ids=str)
@pytest.mark.parametrize("moment", [datetime.min, datetime.max.replace(microsecond=0)], ids=str)
def test_an_instant_at_the_end_of_the_calendar(zone, moment):
    """Its number is exact; it is refused if its UTC is in no year that Python knows."""
    number_ = long_of(LOCALS["micros"], moment) - zone.utcoffset(None) // timedelta(microseconds=1)
    ends = [long_of(LOCALS["micros"], end) for end in (datetime.min, datetime.max)]
    if ends[0] <= number_ <= ends[1]:
        assert long_of(INSTANTS["micros"], moment.replace(tzinfo=zone)) == number_
    else:
        with pytest.raises(EncodeError, match="outside of the years"):
            long_of(INSTANTS["micros"], moment.replace(tzinfo=zone))


class Zone(tzinfo):
    """A zone that does as it is told."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def utcoffset(self, moment: datetime | None) -> Any:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer(moment) if callable(self.answer) else self.answer


def test_a_zone_with_a_clock_change():
    zone = Zone(lambda moment: timedelta(hours=1 if moment.fold else 2))
    first = datetime(2025, 10, 26, 2, 30, tzinfo=zone)
    assert (
        long_of(INSTANTS["millis"], first.replace(fold=1)) - long_of(INSTANTS["millis"], first) == 3_600_000
    )


def test_a_zone_without_offset_is_none():
    """Python calls such a datetime naive."""
    moment = datetime(1970, 1, 1, tzinfo=Zone(None))
    with pytest.raises(EncodeError, match="without time zone"):
        Encoder(INSTANTS["millis"]).encode(moment)
    assert long_of(INSTANTS["millis"], moment, naive_datetimes="utc") == 0


def test_a_zone_that_raises():
    for kind in (ZeroDivisionError, KeyboardInterrupt):
        with pytest.raises(kind):
            Encoder(INSTANTS["millis"]).encode(datetime(1970, 1, 1, tzinfo=Zone(kind())))
    with pytest.raises(EncodeError, match="mine"):
        Encoder(INSTANTS["millis"]).encode(datetime(1970, 1, 1, tzinfo=Zone(ValueError("mine"))))
    with pytest.raises(TypeError):
        Encoder(INSTANTS["millis"]).encode(datetime(1970, 1, 1, tzinfo=Zone(5)))


@pytest.mark.parametrize("unit", UNITS)
def test_naive_datetimes(unit):
    moment = datetime(2026, 1, 2, 3, 4, 5)
    with pytest.raises(EncodeError, match="naive_datetimes="):
        Encoder(INSTANTS[unit]).encode(moment)
    assert long_of(INSTANTS[unit], moment, naive_datetimes="utc") == units_since_1970(moment, unit)
    here = moment.astimezone(UTC)
    assert long_of(INSTANTS[unit], moment, naive_datetimes="local") == units_since_1970(here, unit)
    elsewhere = moment.replace(tzinfo=ODD[2])
    for choice in ("utc", "local"):
        assert long_of(INSTANTS[unit], elsewhere, naive_datetimes=choice) == units_since_1970(elsewhere, unit)


@pytest.mark.skipif(not hasattr(clock, "tzset"), reason="the zone of the process is fixed here")
def test_the_zone_of_the_machine(monkeypatch):
    try:
        for name, hours in [("XXX-9", -9), ("YYY5", 5)]:
            monkeypatch.setenv("TZ", name)
            clock.tzset()
            assert long_of(INSTANTS["millis"], datetime(1970, 1, 2), naive_datetimes="local") == (
                (24 + hours) * 3_600_000
            )
        for moment in (datetime.min, datetime.max.replace(microsecond=0)):
            for name in ("XXX-14", "YYY12"):
                monkeypatch.setenv("TZ", name)
                clock.tzset()
                try:
                    Encoder(INSTANTS["micros"], naive_datetimes="local").encode(moment)
                except EncodeError as error:
                    assert error.path == "$"
    finally:
        monkeypatch.undo()
        clock.tzset()


@pytest.mark.parametrize("unit", UNITS)
def test_a_local_timestamp_has_no_zone(unit):
    with pytest.raises(EncodeError, match=r"value.replace\(tzinfo=None\)"):
        Encoder(LOCALS[unit]).encode(datetime(1970, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("schema", [*INSTANTS.values(), *LOCALS.values()], ids=str)
@pytest.mark.parametrize("value", [date(2020, 1, 1), time(), "2020-01-01", 1.0, None, True, timedelta(1)])
def test_what_is_no_timestamp(schema, value):
    with pytest.raises(EncodeTypeError):
        Encoder(schema).encode(value)


@pytest.mark.parametrize("schemas", [INSTANTS, LOCALS], ids=["instants", "locals"])
def test_timestamps_that_would_lose_digits(schemas):
    zone = UTC if schemas is INSTANTS else None
    micros = datetime(1970, 1, 1, 0, 0, 0, 1234, zone)
    nanos = NanoDatetime(1970, 1, 1, 0, 0, 0, 1234, zone, nanosecond=567)
    for schema, value in [
        (schemas["millis"], micros),
        (schemas["millis"], nanos),
        (schemas["micros"], nanos),
    ]:
        with pytest.raises(EncodeError, match="truncate_times=True"):
            Encoder(schema).encode(value)
    assert long_of(schemas["millis"], micros, truncate_times=True) == 1
    assert long_of(schemas["millis"], nanos, truncate_times=True) == 1
    assert long_of(schemas["micros"], nanos, truncate_times=True) == 1234
    assert long_of(schemas["nanos"], nanos) == 1_234_567
    assert long_of(schemas["nanos"], micros) == 1_234_000


def test_truncation_goes_back_in_time():
    """Before 1970 as well: a truncated time is never later than what it was."""
    before = datetime(1969, 12, 31, 23, 59, 59, 999999, UTC)
    assert long_of(INSTANTS["millis"], before, truncate_times=True) == -1
    assert long_of(INSTANTS["micros"], before) == -1
    odd = datetime(1970, 1, 1, tzinfo=timezone(timedelta(microseconds=1)))
    assert long_of(INSTANTS["millis"], odd, truncate_times=True) == -1


@pytest.mark.parametrize("schema", [INSTANTS["nanos"], LOCALS["nanos"]], ids=["instant", "local"])
def test_nanoseconds_end_with_their_64_bits(schema):
    zone = UTC if schema is INSTANTS["nanos"] else None
    first = NanoDatetime(1677, 9, 21, 0, 12, 43, 145224, zone, nanosecond=192)
    last = NanoDatetime(2262, 4, 11, 23, 47, 16, 854775, zone, nanosecond=807)
    for number_, moment in ((-(2**63), first), (2**63 - 1, last)):
        assert exact(Decoder(schema).decode(number(number_))) == exact(moment)
        assert long_of(schema, moment) == number_
    microsecond, second = timedelta(microseconds=1), timedelta(seconds=1)
    inside = [first + microsecond, first + second, last - microsecond, last - second]
    for moment in inside:
        assert exact(there_and_back(schema, moment)) == exact(moment)
    outside = [
        first.replace(nanosecond=191),
        last.replace(nanosecond=808),
        first - microsecond,
        last + microsecond,
    ]
    for moment in [*outside, first - second, last + second, datetime.min.replace(tzinfo=zone)]:
        with pytest.raises(EncodeError, match="1677 to 2262"):
            Encoder(schema).encode(moment)


class Stamp(datetime):
    """As pandas makes them: a datetime that knows more."""

    nanosecond: Any = 0


def stamp(nanosecond: Any) -> Stamp:
    made = Stamp(1970, 1, 1, 0, 0, 0, 5, UTC)
    made.nanosecond = nanosecond
    return made


class NaT(datetime):
    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = datetime.__hash__


def test_a_subclass_with_nanoseconds():
    assert long_of(INSTANTS["nanos"], stamp(678)) == 5678
    assert long_of(INSTANTS["micros"], stamp(0)) == 5
    with pytest.raises(EncodeError, match="truncate_times"):
        Encoder(INSTANTS["micros"]).encode(stamp(678))
    assert long_of(INSTANTS["micros"], Stamp(1970, 1, 1, tzinfo=UTC)) == 0
    assert long_of(LOCALS["millis"], Stamp(1970, 1, 1)) == 0


def test_a_subclass_with_nonsense():
    for nanosecond in (-1, 1000, 2**70):
        with pytest.raises(EncodeError, match="nanosecond"):
            Encoder(INSTANTS["nanos"]).encode(stamp(nanosecond))
    with pytest.raises(TypeError):
        Encoder(INSTANTS["nanos"]).encode(stamp("5"))
    with pytest.raises(EncodeError, match="NaT"):
        Encoder(INSTANTS["nanos"]).encode(NaT(1970, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("schema", [*INSTANTS.values(), *LOCALS.values(), *TIMES.values(), DATE], ids=str)
def test_plain_numbers_are_taken_as_they_are(schema):
    clock = CLOCKS[schema["logicalType"]]
    for number_ in (0, 1, clock.first, clock.last, np.int64(5), np.int32(clock.first % 1000)):
        assert long_of(schema, number_) == number_
    for number_ in (clock.first - 1, clock.last + 1, 2**63, -(2**63) - 1):
        with pytest.raises(EncodeError, match="out of range"):
            Encoder(schema).encode(number_)
    for value in (True, 1.0, np.float64(1), np.bool_(True)):
        with pytest.raises(EncodeTypeError):
            Encoder(schema).encode(value)


# NanoDatetime

nano = NanoDatetime(2026, 1, 2, 3, 4, 5, 678901, UTC, nanosecond=234)


def test_nano_datetime_is_a_datetime():
    assert isinstance(nano, datetime)
    assert (nano.microsecond, nano.nanosecond) == (678901, 234)
    assert nano.to_datetime() == datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
    assert type(nano.to_datetime()) is datetime
    assert NanoDatetime(2026, 1, 2).nanosecond == 0
    assert NanoDatetime.from_datetime(nano.to_datetime(), 234) == nano
    assert NanoDatetime(2026, 1, 2, fold=1, nanosecond=1).fold == 1
    with pytest.raises(AttributeError):
        nano.nanosecond = 5


@pytest.mark.parametrize("nanosecond", [-1, 1000])
def test_nanoseconds_that_do_not_exist(nanosecond):
    with pytest.raises(ValueError, match="nanosecond must be in 0..999"):
        NanoDatetime(2026, 1, 2, nanosecond=nanosecond)
    with pytest.raises(ValueError, match="nanosecond must be in 0..999"):
        nano.replace(nanosecond=nanosecond)


def test_nano_datetime_comparison():
    later, plain = nano.replace(nanosecond=235), nano.to_datetime()
    assert nano == nano.replace()
    assert nano != later
    assert nano < later <= later
    assert later > nano >= nano
    assert not nano < nano.replace()
    assert plain < nano
    assert nano > plain
    assert nano != plain
    assert plain != nano
    assert nano.replace(nanosecond=0) == plain
    assert plain == nano.replace(nanosecond=0)
    assert nano < plain + timedelta(microseconds=1)
    assert plain + timedelta(microseconds=1) > later
    assert nano.astimezone(ODD[2]) == nano
    assert nano.astimezone(ODD[2]) < later
    assert nano != "text"
    assert not nano == "text"  # noqa: SIM201 (the two are different methods)
    assert sorted([later, nano, plain]) == [plain, nano, later]
    naive = nano.replace(tzinfo=None)
    assert naive != nano
    with pytest.raises(TypeError):
        assert naive < nano
    with pytest.raises(TypeError):
        assert nano < "text"


def test_nano_datetime_hash():
    assert hash(nano) == hash(nano.replace())
    assert hash(nano) == hash(nano.astimezone(ODD[0]))
    assert hash(nano.replace(nanosecond=0)) == hash(nano.to_datetime())
    assert {nano: 1, nano.to_datetime(): 2, nano.replace(nanosecond=0): 3} == {nano: 1, nano.to_datetime(): 3}


def test_nano_datetime_text():
    assert nano.isoformat() == "2026-01-02T03:04:05.678901234+00:00"
    assert str(nano) == "2026-01-02 03:04:05.678901234+00:00"
    assert f"{nano:%Y-%m}" == "2026-01"
    assert nano.isoformat(timespec="seconds") == "2026-01-02T03:04:05+00:00"
    assert nano.isoformat("_", "nanoseconds") == "2026-01-02_03:04:05.678901234+00:00"
    whole = NanoDatetime(2026, 1, 2)
    assert whole.isoformat() == "2026-01-02T00:00:00"
    assert whole.isoformat(timespec="nanoseconds") == "2026-01-02T00:00:00.000000000"
    assert NanoDatetime(2026, 1, 2, nanosecond=7).isoformat() == "2026-01-02T00:00:00.000000007"
    assert repr(nano) == (
        "NanoDatetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc, nanosecond=234)"
    )
    assert repr(whole.replace(fold=1)) == "NanoDatetime(2026, 1, 2, 0, 0, fold=1, nanosecond=0)"


def test_nano_datetime_arithmetic():
    second = timedelta(seconds=1)
    assert exact(nano + second) == exact(nano.replace(second=6))
    assert exact(second + nano) == exact(nano + second)
    assert exact(nano - second) == exact(nano.replace(second=4))
    assert nano - nano.to_datetime() == timedelta(0)
    assert (nano + second) - nano == second
    assert nano.to_datetime() - nano == timedelta(0)
    with pytest.raises(TypeError):
        assert nano + 1
    with pytest.raises(TypeError):
        assert nano - "text"
    with pytest.raises(OverflowError):
        assert nano + timedelta(days=10**7)


def test_nano_datetime_copies():
    for twin in (copy.copy(nano), copy.deepcopy(nano), nano.replace(), nano.astimezone(UTC)):
        assert exact(twin) == exact(nano)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert exact(pickle.loads(pickle.dumps(nano, protocol))) == exact(nano)
    folded = NanoDatetime(2026, 1, 2, fold=1, nanosecond=3)
    assert pickle.loads(pickle.dumps(folded)).fold == 1
    assert exact(nano.replace(year=2027, nanosecond=5)) == exact(
        NanoDatetime(2027, 1, 2, 3, 4, 5, 678901, UTC, nanosecond=5)
    )


def test_what_is_read_as_nanoseconds_is_a_whole_nano_datetime():
    """It is not made by its own constructor."""
    made = Decoder(INSTANTS["nanos"]).decode(number(1_234_567))
    assert exact(made) == exact(NanoDatetime(1970, 1, 1, 0, 0, 0, 1234, UTC, nanosecond=567))
    assert hash(made) == hash(NanoDatetime(1970, 1, 1, 0, 0, 0, 1234, UTC, nanosecond=567))
    assert exact(pickle.loads(pickle.dumps(made))) == exact(made)
    assert there_and_back(INSTANTS["nanos"], made) == made


# Durations


@pytest.mark.parametrize("value", [Duration(1, 2, 3), (1, 2, 3), Duration(0, 0, 2**32 - 1), (2**32 - 1,) * 3])
def test_durations(value):
    shown = there_and_back(DURATION, value)
    assert exact(shown) == exact(Duration(*value))
    assert (shown.months, shown.days, shown.milliseconds) == tuple(value)
    assert there_and_back(["null", DURATION, "string"], value) == value


NO_DURATIONS: list[Any] = [
    (1, 2),
    (1, 2, 3, 4),
    [1, 2, 3],
    (1.0, 2, 3),
    (True, 0, 0),
    ("1", 2, 3),
    None,
    timedelta(1),
    5,
]


@pytest.mark.parametrize("value", NO_DURATIONS)
def test_what_is_no_duration(value):
    with pytest.raises(EncodeTypeError):
        Encoder(DURATION).encode(value)


@pytest.mark.parametrize("value", [(-1, 0, 0), (0, 2**32, 0), (0, 0, 2**100)])
def test_durations_out_of_range(value):
    with pytest.raises(EncodeError, match="out of range for duration"):
        Encoder(DURATION).encode(value)


# Decimals


def short(value: Any) -> str:
    """What pytest calls a value: Python does not write out long integers."""
    return "long" if isinstance(value, int) and abs(value) > 2**99 else str(value)[:40]


@pytest.mark.parametrize(
    ("schema", "text", "unscaled"),
    [
        (amount(4, 2), "12.34", 1234),
        (amount(4, 2), "12.3", 1230),
        (amount(4, 2), "12", 1200),
        (amount(4, 2), "1E+1", 1000),
        (amount(4, 2), "-99.99", -9999),
        (amount(4, 2), "0.010", 1),
        (amount(4, 2), "12.3400000000000000000000", 1234),
        (amount(4, 2), "0E+50", 0),
        (amount(4, 2), "0E-50", 0),
        (amount(4, 2), "-0", 0),
        (amount(4, 2), "-0.00", 0),
        (amount(4, 4), "0.9999", 9999),
        (amount(1), "9", 9),
        (amount(1, 1), "-.9", -9),
        (amount(18), "9" * 18, 10**18 - 1),
        (amount(18, 18), "-0." + "9" * 18, 1 - 10**18),
        (amount(19), "9" * 19, 10**19 - 1),
        (amount(19), "-9223372036854775808", -(2**63)),
        (amount(19), "9223372036854775808", 2**63),
        (amount(38, 10), "-1234567890123456789012345678.0123456789", -12345678901234567890123456780123456789),
        (amount(50, 10), "1E-10", 1),
        (amount(50, 49), "1", 10**49),
        (amount(9000, 3), "9" * 8997 + ".999", 10**9000 - 1),
        (amount(2, 0, 1), "99", 99),
        (amount(2, 0, 1), "-99", -99),
        (amount(4, 2, 2), "-0.01", -1),
        (amount(18, 0, 8), "9" * 18, 10**18 - 1),
        (amount(18, 0, 20), "-" + "9" * 18, 1 - 10**18),
        (amount(38, 0, 16), "9" * 38, 10**38 - 1),
    ],
    ids=short,
)
def test_decimals(schema, text, unscaled):
    value, size, scale = Decimal(text), schema.get("size"), schema["scale"]
    shown = there_and_back(schema, value)
    assert shown == value
    assert -shown.as_tuple().exponent == scale
    assert Encoder(schema).encode(value) == Encoder(schema).encode(shown)
    plain = Decoder(schema, logical_types=False).decode(Encoder(schema).encode(value))
    assert int.from_bytes(plain, "big", signed=True) == unscaled
    fewest = ((unscaled if unscaled >= 0 else ~unscaled).bit_length()) // 8 + 1
    assert len(plain) == (size or fewest)


@for_each("digits", range(1, 42))
@pytest.mark.parametrize("scale", [0, 1, 17, 18, 19])
def test_decimals_at_each_power_of_ten(digits, scale):
    """The edges of the ways that a decimal can go: 64 bits, 18 digits, any number."""
    schema = amount(max(digits, scale), scale)
    encoder, decoder = Encoder(schema), Decoder(schema)
    for unscaled in (10 ** (digits - 1), 10**digits - 1, 5 * 10 ** (digits - 1) + 1):
        for sign in (1, -1):
            value = Decimal(sign * unscaled).scaleb(-scale, decimal.Context(prec=60))
            assert exact(decoder.decode(encoder.encode(value))) == exact(value)


@for_each("bits", range(1, 130))
def test_decimals_at_each_power_of_two(bits):
    schema = amount(45)
    encoder, decoder = Encoder(schema), Decoder(schema)
    for unscaled in (2**bits - 1, 2**bits, 2**bits + 1, -(2**bits) - 1, -(2**bits), 1 - 2**bits):
        data = encoder.encode(Decimal(unscaled))
        assert len(data) == (unscaled if unscaled >= 0 else ~unscaled).bit_length() // 8 + 2
        assert decoder.decode(data) == unscaled


@pytest.mark.parametrize(
    ("schema", "text", "reason"),
    [
        (amount(4, 2), "123.45", "more digits than the precision 4 leaves before the point"),
        (amount(4, 2), "-100", "before the point"),
        (amount(4, 2), "1E+2", "before the point"),
        (amount(4, 2), "1E+1000000000", "before the point"),
        (amount(4, 2), "9" * 10000, "before the point"),
        (amount(18), "9" * 19, "before the point"),
        (amount(18, 18), "1", "before the point"),
        (amount(18, 17), "-10", "before the point"),
        (amount(17, 17), "1.0", "before the point"),
        (amount(4, 2), "1.234", "digits after the point than the scale 2"),
        (amount(4, 2), "0.001", "digits after the point than the scale 2"),
        (amount(4, 2), "1E-1000000000", "digits after the point than the scale 2"),
        (amount(4, 2), "99.999", "digits after the point than the scale 2"),
        (amount(40, 2), "1." + "1" * 30, "digits after the point than the scale 2"),
        (amount(4, 2), "NaN", "a decimal must be finite"),
        (amount(4, 2), "sNaN", "a decimal must be finite"),
        (amount(4, 2), "-Infinity", "a decimal must be finite"),
        (amount(4, 2, 2), "Infinity", "a decimal must be finite"),
        (amount(2, 0, 1), "100", "before the point"),
        (BIG, "NaN", "a decimal must be finite"),
        (BIG, "-Infinity", "a decimal must be finite"),
        (BIG, "1E-2147483648", "scale does not fit"),
    ],
    ids=short,
)
def test_decimals_that_do_not_fit(schema, text, reason):
    with pytest.raises(EncodeError, match=reason) as caught:
        Encoder(schema).encode(Decimal(text))
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("schema", [amount(4, 2), amount(4, 2, 2), BIG], ids=["bytes", "fixed", "big"])
def test_what_is_no_decimal(schema):
    for value in (1.5, "1.5", None, True, (0, (1,), 0), 1j):
        with pytest.raises(EncodeTypeError):
            Encoder(schema).encode(value)


class Money(Decimal):
    pass


@pytest.mark.parametrize("schema", [amount(4, 2), amount(4, 2, 2), BIG], ids=["bytes", "fixed", "big"])
def test_other_decimals(schema):
    assert there_and_back(schema, 12) == 12
    assert there_and_back({**schema, "precision": 2, "scale": 2}, 0) == 0
    assert there_and_back(schema, -99) == -99
    assert there_and_back(schema, Money("1.5")) == Decimal("1.5")
    assert there_and_back(schema, np.int16(12)) == 12
    with pytest.raises((EncodeError, LimitError)):
        Encoder(schema).encode(10**20000)


@pytest.mark.parametrize("digit", "19")
@pytest.mark.parametrize("digits", [9862, 9863, 9864, 9865, 12_000])
def test_the_longest_decimals(digits, digit):
    """What is written is what can be read: where one ends, the other does."""
    value = Decimal(digit + "7" * (digits - 1))
    size = len(two_complement(int(Context(prec=MAX_PREC).to_integral_value(value))))
    for schema in (
        amount(2 * digits),
        amount(2 * digits, 0, 2 * digits),
        amount(2 * digits, digits // 2),
        BIG,
    ):
        scaled = value.scaleb(-schema.get("scale", 0), Context(prec=MAX_PREC))
        for given in (scaled, int(value)) if scaled == value else (scaled,):
            if size <= Limits().decimal_bytes:
                assert there_and_back(schema, given) == scaled
                continue
            with pytest.raises(LimitError) as caught:
                Encoder(schema).encode(given)
            assert caught.value.limit == "decimal_bytes"
            raised = Limits(decimal_bytes=size)
            data = Encoder(schema, limits=raised).encode(given)
            assert Decoder(schema, limits=raised).decode(data) == scaled
            with pytest.raises(LimitError, match="decimal_bytes"):
                Decoder(schema).decode(data)


@pytest.mark.parametrize("scale", [100_000, 2**30])
def test_a_scale_that_would_take_hours_is_refused_at_once(scale):
    for value in (Decimal(1), 1, Decimal("1E-5"), Decimal("9" * 30)):
        with pytest.raises(LimitError, match="decimal_bytes"):
            Encoder(amount(2**31 - 1, scale)).encode(value)
    assert there_and_back(amount(2**31 - 1, scale), Decimal("0E+9")) == 0
    assert there_and_back(amount(2**31 - 1, scale), Decimal((1, (5,), 3 - scale))) == Decimal(
        (1, (5,), 3 - scale)
    )


def test_a_long_int_is_not_turned_into_digits_to_be_refused():
    with pytest.raises(EncodeError, match="before the point"):
        Encoder(amount(40, 2)).encode(1 << 10**8)
    for schema in (amount(2**31 - 1), BIG):
        with pytest.raises(LimitError):
            Encoder(schema).encode(1 << 10**8)


@pytest.mark.parametrize("schema", [amount(2), amount(5), amount(19), amount(40)])
@pytest.mark.parametrize("near", [0, 1, -1])
def test_ints_at_the_edge_of_the_precision(schema, near):
    for sign in (1, -1):
        value = sign * 10 ** schema["precision"] + near
        if abs(value) < 10 ** schema["precision"]:
            assert there_and_back(schema, value) == value
        else:
            with pytest.raises(EncodeError, match="before the point"):
                Encoder(schema).encode(value)


def test_a_decimal_of_no_bytes_is_nothing():
    """Two's complement of no bytes is 0, and some writers have no other for it."""
    assert exact(Decoder(amount(4, 2)).decode(b"\0")) == exact(Decimal("0.00"))
    assert exact(Decoder(BIG).decode(b"\4\0\6")) == exact(Decimal("0.000"))
    assert Encoder(amount(4, 2)).encode(b"") == b"\0"
    assert Encoder(amount(4, 2)).encode(0) == b"\2\0"


@pytest.mark.parametrize(
    ("schema", "value", "reason"),
    [
        (amount(4, 2), b"\x7f\xff", "5 digits exceeds the precision 4"),
        (amount(4, 2, 2), b"\x80\0", "5 digits exceeds the precision 4"),
        (amount(19), b"\x7f" * 9, "22 digits exceeds the precision 19"),
        (BIG, b"", "not the unscaled bytes and the scale"),
        (BIG, b"\2\1", "not the unscaled bytes and the scale"),
        (BIG, b"\2\1\2\0", "not the unscaled bytes and the scale"),
    ],
)
def test_plain_bytes_that_are_no_decimal_are_refused(schema, value, reason):
    with pytest.raises(EncodeError, match=reason):
        Encoder(schema).encode(value)
    Encoder(schema, logical_types=False).encode(value)


def test_contexts_are_not_kept_for_each_precision():
    encoders = [Encoder(amount(precision, 1)) for precision in range(30, 330)]
    objects = Counter(type(each) for each in gc.get_objects())[decimal.Context]
    for encoder in encoders:
        encoder.encode(Decimal("1234567890123456789012.5"))
    assert Counter(type(each) for each in gc.get_objects())[decimal.Context] <= objects


def test_plain_bytes_are_taken_as_they_are():
    assert Encoder(amount(4, 2)).encode(b"\x27\x0f") == b"\4\x27\x0f"
    assert Encoder(BIG).encode(b"\2\x05\2") == b"\6\2\x05\2"
    assert Encoder(amount(4, 2, 2)).encode(b"\0\1") == b"\0\1"
    with pytest.raises(EncodeError, match="expected 2 bytes"):
        Encoder(amount(4, 2, 2)).encode(b"\1")


def test_sign_bytes_that_say_nothing_do_not_count():
    for extra in (1, 10, 5000):
        for digit in (b"\x01", b"\xff"):
            data = (b"\0" if digit == b"\x01" else b"\xff") * extra + digit
            assert Decoder(amount(2)).decode(number(len(data)) + data) == int.from_bytes(
                digit, "big", signed=True
            )
    with pytest.raises(DecodeError, match="precision"):
        Decoder(amount(2)).decode(b"\4\0\x80")
    with pytest.raises(DecodeError, match="precision"):
        Decoder(amount(2)).decode(b"\4\xff\x7f")


@pytest.mark.parametrize("precision", [17, 18, 19, 40])
def test_digits_that_exceed_the_precision(precision):
    decoder, plain = Decoder(amount(precision)), Encoder("bytes")
    for unscaled in (10**precision - 1, 1 - 10**precision):
        data = unscaled.to_bytes(20, "big", signed=True)
        assert decoder.decode(plain.encode(data)) == unscaled
    for unscaled in (10**precision, -(10**precision), 10 ** (precision + 1)):
        data = unscaled.to_bytes(20, "big", signed=True)
        with pytest.raises(DecodeError, match=f"exceeds the precision {precision}"):
            decoder.decode(plain.encode(data))


def test_decimals_do_not_heed_the_context():
    """Nor do they leave anything in it."""
    schema, value = amount(40, 10), Decimal("123456789012345678901234567890.0123456789")
    with decimal.localcontext(decimal.Context(prec=3, Emax=5, Emin=-5)) as context:
        for trap in context.traps:
            context.traps[trap] = True
        context.clear_flags()
        assert there_and_back(schema, value).compare_total(value) == 0
        assert there_and_back(BIG, value).compare_total(value) == 0
        assert there_and_back(amount(4, 2), Decimal("1.5")).compare_total(Decimal("1.50")) == 0
        with pytest.raises(EncodeError):
            Encoder(amount(4, 2)).encode(Decimal("1.234"))
        assert not any(context.flags.values())


@pytest.mark.parametrize(
    "text",
    ["0", "1", "-1", "12.34", "1E+5", "-1.5E-7", "1E+2147483647", "1E-2147483647", "0E+7", "0E-7", "9" * 9000,
     "-" + "9" * 30 + "E+30", "0." + "1" * 300, "-9223372036854775808", "1E+2147483646"],
    ids=lambda it: it[:20],
)  # fmt: skip
def test_big_decimals(text):
    value = Decimal(text)
    assert exact(there_and_back(BIG, value)) == exact(value)


def test_a_big_decimal_of_minus_nothing():
    assert exact(there_and_back(BIG, Decimal("-0"))) == exact(Decimal(0))


# UUIDs

FORMS = {
    "the canonical": str(UUID_1),
    "capitals": str(UUID_1).upper(),
    "no hyphens": UUID_1.hex,
    "braces": "{" + str(UUID_1) + "}",
    "a URN": UUID_1.urn,
}


class Identity(uuid.UUID):
    pass


@pytest.mark.parametrize("schema", [UUID_TEXT, UUID_BYTES], ids=["text", "bytes"])
def test_uuids(schema):
    data = Encoder(schema).encode(UUID_1)
    assert data == (b"\x48" + str(UUID_1).encode() if schema is UUID_TEXT else UUID_1.bytes)
    for form in FORMS.values():
        assert Encoder(schema).encode(form) == data
    assert Encoder(schema).encode(Identity(int=UUID_1.int)) == data
    for value in (uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.UUID(int=1), uuid.uuid4()):
        assert there_and_back(schema, value) == value


@pytest.mark.parametrize("schema", [UUID_TEXT, UUID_BYTES], ids=["text", "bytes"])
def test_a_uuid_that_is_read_is_a_whole_uuid(schema):
    """It is not made by its own constructor."""
    shown = there_and_back(schema, UUID_1)
    assert type(shown) is uuid.UUID
    assert (shown, hash(shown), repr(shown)) == (UUID_1, hash(UUID_1), repr(UUID_1))
    assert (shown.hex, shown.fields, shown.is_safe) == (UUID_1.hex, UUID_1.fields, UUID_1.is_safe)
    assert pickle.loads(pickle.dumps(shown)) == UUID_1
    assert shown < uuid.UUID(int=2**128 - 1)
    with pytest.raises(TypeError):
        shown.int = 5


@pytest.mark.parametrize(
    "text",
    [
        *("", "x" * 36, str(UUID_1)[:-1], str(UUID_1) + "0", "00112233" * 3, "é" * 36),
        *(f"{{{str(UUID_1)[:-1]}}}", f"urn:uuid:{str(UUID_1)[1:]}", "urn:uuid:" * 5, "{}" * 18),
    ],
)
def test_what_is_no_uuid(text):
    with pytest.raises(EncodeError):
        Encoder(UUID_TEXT).encode(text)
    with pytest.raises(DecodeError, match="UUID"):
        Decoder(UUID_TEXT).decode(Encoder("string").encode(text))


def test_uuids_of_other_types():
    for value in (5, None, 1.5, UUID_1.bytes):
        with pytest.raises(EncodeTypeError):
            Encoder(UUID_TEXT).encode(value)
    assert Encoder(UUID_BYTES).encode(UUID_1.bytes) == UUID_1.bytes
    with pytest.raises(EncodeError, match="expected 16 bytes"):
        Encoder(UUID_BYTES).encode(b"short")
    for value in (5, None):
        with pytest.raises(EncodeTypeError):
            Encoder(UUID_BYTES).encode(value)
