"""Single messages as the rows of a batch."""

from __future__ import annotations

import _thread
import gc
import operator
import signal
import weakref
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrojet import (
    ArrowTypes,
    AvroError,
    DecodeError,
    Decoder,
    EncodeError,
    Encoder,
    LimitError,
    Limits,
    ResolutionError,
    SchemaError,
    TruncatedError,
    parse_schema,
)
from avrojet.columns.plan import ColumnPlan
from avrojet.core.columns.binary_column import MessageList
from avrojet.errors import DecodeLimitError
from tests import reference
from tests.cases import for_each
from tests.compare import exact
from tests.container.samples import SCHEMA
from tests.container.samples import rows as rows_of
from tests.producers import Changed, buffer_to
from tests.strategies import many, writers
from tests.vectors import VECTORS, array, by_name, logical, mapping, record

pa = pytest.importorskip("pyarrow")
shown = pytest.importorskip("tests.columns.shown", exc_type=ImportError)

ROWS = rows_of(20)
MESSAGES = [Encoder(SCHEMA).encode(row) for row in ROWS]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_messages(kind):
    batch = Decoder(SCHEMA).decode_arrow(kind(message) for message in MESSAGES)
    record_batch = pa.record_batch(batch)
    record_batch.validate(full=True)
    assert record_batch.to_pylist() == ROWS


def test_a_prefix_is_left_out():
    decoder = Decoder(SCHEMA)
    for _ in range(2):
        batch = decoder.decode_arrow([b"\0\0\0\0\x07" + message for message in MESSAGES], prefix=5)
        assert pa.record_batch(batch).to_pylist() == ROWS
    with pytest.raises(ValueError, match="prefix"):
        decoder.decode_arrow(MESSAGES, prefix=-1)


def test_no_messages():
    assert len(Decoder(SCHEMA).decode_arrow([])) == 0


def test_a_message_that_fails_has_its_number_and_path():
    short = [*MESSAGES[:3], MESSAGES[3][:-1]]
    with pytest.raises(TruncatedError, match=r"message 3: at \$\.scores"):
        Decoder(SCHEMA).decode_arrow(short)
    with pytest.raises(DecodeError, match="message 1: .*1 bytes follow"):
        Decoder(SCHEMA).decode_arrow([MESSAGES[0], MESSAGES[1] + b"\0"])
    with pytest.raises(TruncatedError, match="message 0"):
        Decoder(SCHEMA).decode_arrow([b"\0\0"], prefix=5)


KINDS = ["binary", "large_binary", "binary_view"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_of_messages(kind):
    column = pa.array([b"\0\1" + message for message in MESSAGES], getattr(pa, kind)())
    decoder = Decoder(SCHEMA)
    table = pa.table({"value": pa.chunked_array([column.slice(0, 3), column.slice(3)])})
    for messages, rows in [
        (column, ROWS),
        (column.slice(7, 5), ROWS[7:12]),
        (column.slice(0, 0), []),
        (table, ROWS),
        (table["value"], ROWS),
    ]:
        batch = pa.record_batch(decoder.decode_arrow(messages, prefix=2))
        batch.validate(full=True)
        assert batch.to_pylist() == rows


def test_a_column_of_messages_that_fails():
    decoder = Decoder(SCHEMA)
    with pytest.raises(TruncatedError, match=r"message 3: at \$\.scores"):
        decoder.decode_arrow(
            pa.chunked_array([pa.array(MESSAGES[:2]), pa.array([MESSAGES[2], MESSAGES[3][:-1]])])
        )
    with pytest.raises(DecodeError, match="message 1: .*1 bytes follow"):
        decoder.decode_arrow(pa.array([MESSAGES[0], MESSAGES[1] + b"\0"]))
    with pytest.raises(TruncatedError, match="message 0"):
        decoder.decode_arrow(pa.array([b"\0\0"]), prefix=5)
    with pytest.raises(DecodeError, match="message 1: .*utf-8"):
        Decoder('"string"').decode_arrow(pa.array([b"\2a", b"\2\xff", b"\2b"]))
    for column in (pa.array([1]), pa.table({"a": [b""], "b": [b""]}), pa.array([b""]).dictionary_encode()):
        with pytest.raises(SchemaError, match="messages must be"):
            decoder.decode_arrow(column)


def test_rows_to_messages_and_back():
    encoder = Encoder(SCHEMA)
    column = encoder.encode_arrow(pa.Table.from_pylist(ROWS).slice(5), prefix=b"\0id")
    array = pa.array(column)
    array.validate(full=True)
    assert len(column) == 15
    assert array.to_pylist() == [b"\0id" + message for message in MESSAGES[5:]]
    assert pa.record_batch(Decoder(SCHEMA).decode_arrow(column, prefix=3)).to_pylist() == ROWS[5:]


def test_many_messages():
    rows = rows_of(5000)
    encoder = Encoder(SCHEMA)
    column = encoder.encode_arrow(pa.Table.from_pylist(rows))
    assert pa.array(column).to_pylist() == [encoder.encode(row) for row in rows]


def test_no_rows_to_messages():
    table = pa.Table.from_pylist(ROWS).slice(0, 0)
    assert pa.array(Encoder(SCHEMA).encode_arrow(table)).to_pylist() == []
    assert pa.array(Encoder('"null"').encode_arrow(pa.nulls(3))).to_pylist() == [b""] * 3


def test_a_row_that_is_no_message_has_its_number():
    table = pa.table({"value": pa.chunked_array([[1, 2], [3, None]])})
    with pytest.raises(EncodeError, match=r"at \$, row 3: null"):
        Encoder('"long"').encode_arrow(table)


# Null messages, and messages that fail

KIND = {
    "list": list,
    "tuple": tuple,
    "generator": iter,
    "column": lambda messages: pa.array(messages, pa.binary()),
    "chunked column": lambda messages: pa.chunked_array(
        [pa.array(messages[:2], pa.binary()), pa.array(messages[2:], pa.large_binary()).cast(pa.binary())]
    ),
}
kinds = pytest.mark.parametrize("kind", KIND)
NULL_ROW = dict.fromkeys(ROWS[0])


def rows_in(batch: Any) -> list[Any]:
    table = pa.record_batch(batch)
    table.validate(full=True)
    return table.to_pylist()


@kinds
def test_null_messages_become_rows_of_nulls(kind):
    decoder = Decoder(SCHEMA)
    messages = KIND[kind]([None, MESSAGES[0], None, None, MESSAGES[1]])
    batch = decoder.decode_arrow(messages)
    assert rows_in(batch) == [NULL_ROW, ROWS[0], NULL_ROW, NULL_ROW, ROWS[1]]
    assert all(field.nullable for field in pa.schema(batch))
    assert rows_in(
        decoder.decode_arrow(KIND[kind]([None, None, None])[1:] if kind != "generator" else [None] * 2)
    )


@pytest.mark.parametrize(
    "types",
    [
        ArrowTypes(),
        ArrowTypes(strings="view", unions="sparse"),
        ArrowTypes(strings="large", unions="dense", durations="interval"),
    ],
    ids=str,
)
@for_each("vector", VECTORS, ids=by_name)
def test_rows_of_nulls_beside_every_type(vector, types):
    schema = parse_schema(vector.schema)
    decoder = Decoder(schema)
    messages = [None, vector.data, None, vector.data, *[None] * 70]
    try:
        want = rows_of_batch(decoder.decode_arrow([vector.data], types=types))[0]
    except (SchemaError, DecodeError):
        return  # it contains itself, or the columns' types cannot hold the value
    got = rows_of_batch(decoder.decode_arrow(messages, types=types))
    columns = list(want)
    assert exact([got[1], got[3]]) == exact([want, want])
    for row in (0, 2, -1):
        for column in columns:
            value = got[row][column]
            # Arrow's unions have no nulls of their own: one of their members is.
            assert value is None or set(value.values()) == {None}


def rows_of_batch(batch: Any) -> list[Any]:
    return shown.rows_of(batch)


def test_the_null_of_a_row_of_nulls_is_the_unions_own():
    decoder = Decoder(record(u=["string", "null", "int"]))
    for unions in ("sparse", "dense"):
        batch = pa.record_batch(decoder.decode_arrow([None, b"\2", None], types=ArrowTypes(unions=unions)))
        batch.validate(full=True)
        assert batch.column(0).type_codes.to_pylist() == [1, 1, 1]


@kinds
def test_columns_are_nullable_where_there_is_a_null_or_they_are_to_be(kind):
    decoder = Decoder(record(a="long", b=["null", "string"]))
    good, bad = b"\2\0", b"\2"
    make = KIND[kind]

    def nullable(messages: list[Any], **options: Any) -> list[bool]:
        return [field.nullable for field in pa.schema(decoder.decode_arrow(make(messages), **options))]

    assert nullable([good, good, good]) == [False, True]
    assert nullable([good, bad, good], on_error="skip") == [False, True]
    assert nullable([good, good, good], nullable=True) == [True, True]
    assert nullable([good, good, good], on_error="null") == [True, True]
    assert nullable([good, bad, good], on_error="null") == [True, True]
    assert nullable([good, None, good]) == [True, True]
    assert nullable([good, None, good], on_error="skip") == [True, True]
    assert nullable([good, good, good]) == [False, True]


@kinds
def test_messages_that_fail(kind):
    decoder = Decoder(SCHEMA)
    frame = b"\0\0\0\0\7"
    framed = [frame + message for message in MESSAGES]
    messages = [framed[0], framed[1][:-1], None, frame[:3], framed[2], framed[3] + b"x", b"", framed[4]]
    failing = [
        (1, TruncatedError, r"message 1: at \$\.scores"),
        (3, TruncatedError, "message 3: 3 bytes, of which"),
        (5, DecodeError, "message 5: .*1 bytes follow"),
        (6, TruncatedError, "message 6: 0 bytes, of which"),
    ]
    good = {0: 0, 4: 2, 7: 4}
    for policy in ("null", "skip"):
        errors: list[tuple[int, AvroError]] = []
        batch = decoder.decode_arrow(KIND[kind](messages), prefix=5, on_error=policy, errors=errors)
        expected = [
            ROWS[good[n]] if n in good else NULL_ROW
            for n in range(8)
            if policy == "null" or n in good or n == 2
        ]
        assert rows_in(batch) == expected
        assert [(number, type(error)) for number, error in errors] == [each[:2] for each in failing]
        for (_, error), (_, _, message) in zip(errors, failing, strict=True):
            with pytest.raises(type(error), match=message):
                raise error
        assert rows_in(decoder.decode_arrow(KIND[kind](messages), prefix=5, on_error=policy)) == expected
    for number, error_type, message in failing:
        rest = [framed[0]] * number + messages[number:]
        with pytest.raises(error_type, match=message):
            decoder.decode_arrow(KIND[kind](rest), prefix=5)


@kinds
@pytest.mark.parametrize("policy", ["null", "skip"])
def test_text_that_is_not_utf_8_fails_its_message_alone(kind, policy):
    """Strings are joined, so that bytes of one could be of a character of another's."""
    messages = [b"\2a", b"\4\xc3\xa4", b"\2\xc3", b"\2\xa4", b"\2b", b"\x06\xff\xff\xff"]
    errors: list[tuple[int, AvroError]] = []
    batch = Decoder("string").decode_arrow(KIND[kind](messages), on_error=policy, errors=errors)
    expected = [{"value": text} for text in ("a", "ä", None, None, "b", None)]
    assert rows_in(batch) == [row for row in expected if row["value"] is not None or policy == "null"]
    assert [number for number, _ in errors] == [2, 3, 5]
    with pytest.raises(DecodeError, match="message 2: .*utf-8"):
        Decoder("string").decode_arrow(KIND[kind](messages))
    with pytest.raises(DecodeError, match="message 2: .*utf-8"):
        Decoder("string").decode_arrow(KIND[kind]([*messages, b""]))  # what comes first is told first


def test_errors_of_every_kind():
    writer = ["null", "int", "string", array("null")]
    decoder = Decoder(writer, ["null", "int", array("null")], limits=Limits(empty_items=5))
    messages = [b"\0", b"\2\4", b"\4\2a", b"\6\x0c\0", b"\6\x0a\0", b"\x08", b"\2" + b"\xff" * 20]
    errors: list[tuple[int, AvroError]] = []
    batch = decoder.decode_arrow(messages, on_error="skip", errors=errors)
    assert len(batch) == 3
    assert [(number, type(error)) for number, error in errors] == [
        (2, ResolutionError),
        (3, DecodeLimitError),
        (5, DecodeError),
        (6, DecodeError),
    ]


RANDOM_TYPES = st.builds(
    ArrowTypes,
    strings=st.sampled_from(["small", "large", "view"]),
    unions=st.sampled_from(["struct", "sparse", "dense"]),
    durations=st.sampled_from(["fixed", "interval"]),
)


@pytest.mark.slow
@given(st.data(), RANDOM_TYPES)
def test_messages_of_which_some_fail(data, types):
    """What fails leaves nothing in any column, whatever it had begun."""
    schema = parse_schema(data.draw(writers()))
    decoder = Decoder(schema)
    rows = data.draw(many(schema))
    encoded = [reference.encode(schema, value, logical=False) for value in rows.values]
    good = rows.all_of(encoded)[:200]
    places = data.draw(st.sets(st.integers(0, max(0, len(good) - 1)), max_size=20))
    changed = data.draw(st.binary(max_size=3))
    messages = [each[:-1] + changed if place in places else each for place, each in enumerate(good)]
    try:
        plain = Decoder(schema).decode_arrow([], types=types)
    except SchemaError:
        return  # it contains itself
    assert len(plain) == 0
    alone = {}
    for message in set(messages):
        try:
            alone[message] = exact(shown.rows_of(decoder.decode_arrow([message], types=types)))[1]
        except (DecodeError, ResolutionError):
            alone[message] = []
    for kind in ("list", "column"):
        errors: list[tuple[int, AvroError]] = []
        batch = decoder.decode_arrow(KIND[kind](messages), types=types, on_error="skip", errors=errors)
        assert exact(shown.rows_of(batch))[1] == [row for message in messages for row in alone[message]]
        assert [number for number, _ in errors] == [
            n for n, message in enumerate(messages) if not alone[message]
        ]
        nulls = decoder.decode_arrow(KIND[kind](messages), types=types, on_error="null")
        for row, message in zip(exact(shown.rows_of(nulls))[1], messages, strict=True):
            assert not alone[message] or [row] == alone[message]


@pytest.mark.parametrize("unions", ["struct", "sparse", "dense"])
def test_what_has_failed_takes_no_time_of_those_that_follow(unions):
    """Nearly all fail, in their last byte: were all rows looked at for each, it would not end."""
    schema = record(
        a="boolean",
        b=["null", "string"],
        c=array(["null", "boolean"]),
        d=["null", "string", mapping("int")],
        e="int",
    )
    message = Encoder(schema).encode({"a": True, "b": "x", "c": [True, None], "d": {"k": 1}, "e": 1})
    messages = [message[:-1] if n % 100 else message for n in range(300_000)]
    batch = Decoder(schema).decode_arrow(messages, types=ArrowTypes(unions=unions), on_error="null")
    assert len(batch) == 300_000
    assert pa.record_batch(batch).column("a").null_count == 297_000


@pytest.mark.parametrize("message", [1, "text", [], object(), memoryview(b"abcd")[::2], 1.5])
def test_what_is_no_message_is_told_with_its_number(message):
    for policy in ("raise", "null", "skip"):
        with pytest.raises(TypeError, match=f"message 2: expected bytes.* not {type(message).__name__}"):
            Decoder("int").decode_arrow([b"\2", None, message], on_error=policy)
    with pytest.raises(TypeError, match="not iterable"):
        Decoder("int").decode_arrow(5)


def test_buffers_are_held_while_they_are_read_and_let_go():
    message = bytearray(b"\2")
    with pytest.raises(DecodeError):
        Decoder("int").decode_arrow([message, bytearray(), b""])
    message.append(0)  # which an export would not allow
    with pytest.raises(TypeError, match="message 1"):
        Decoder("int").decode_arrow([message, 1])
    message.append(0)


def test_an_iterable_that_fails_raises_its_own():
    def messages() -> Any:
        yield b"\2"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Decoder("int").decode_arrow(messages(), on_error="skip")


def test_an_array_that_is_not_what_its_type_says_is_no_message_that_fails():
    column = Changed(
        pa.array([b"\2", b"x" * 20], pa.binary_view()),
        buffer_to(1, b"\1\0\0\0\2" + bytes(11) + b"\x14" + b"\0" * 3 + b"xxxx" + b"\5" + bytes(7)),
    )
    with pytest.raises(DecodeError, match="row 1: invalid Arrow data: a view points outside of the data"):
        Decoder("int").decode_arrow(column, on_error="skip")


def test_wrong_options():
    with pytest.raises(ValueError, match="on_error must be 'raise', 'null' or 'skip', not 'ignore'"):
        Decoder("int").decode_arrow([], on_error="ignore")


def test_batches_share_nothing():
    decoder = Decoder(SCHEMA)
    first = decoder.decode_arrow(MESSAGES)
    second = decoder.decode_arrow([None, *MESSAGES[:3]])
    with pytest.raises(DecodeError):
        decoder.decode_arrow([MESSAGES[5], b""])
    third = decoder.decode_arrow(MESSAGES[3:5])
    assert rows_in(first) == ROWS
    assert rows_in(second) == [NULL_ROW, *ROWS[:3]]
    assert rows_in(third) == ROWS[3:5]


# The error is of the value that it was

YEAR_10000 = 253402300800000
MOMENT = record(ts=logical("long", "timestamp-millis"), tm=logical("int", "time-millis"))


def moments(*rows: tuple[int, int]) -> list[bytes]:
    return [reference.encode(parse_schema(MOMENT), {"ts": ts, "tm": tm}, logical=False) for ts, tm in rows]


def test_a_value_that_only_rows_refuse_is_never_blamed():
    decoder = Decoder(MOMENT)
    messages = moments((YEAR_10000, 1), (0, 5), (YEAR_10000, 86400001))
    assert len(decoder.decode_arrow(messages[:2])) == 2
    with pytest.raises(DecodeError, match=r"message 2: at \$\.tm, .*86400001 is not a time of day") as caught:
        decoder.decode_arrow(messages)
    assert caught.value.path == "$.tm"


def test_a_duration_that_arrows_interval_cannot_hold_has_its_path():
    duration = {"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"}
    decoder = Decoder(record(r=record("In", ds=array(["null", duration]))))
    good = b"\2\2" + bytes(12) + b"\0"
    bad = b"\4\0\2" + b"\xff" * 4 + bytes(8) + b"\0"
    types = ArrowTypes(durations="interval")
    assert len(decoder.decode_arrow([good], types=types)) == 1
    with pytest.raises(DecodeError, match=r"message 1: at \$\.r\.ds\[\]: .*cannot hold") as caught:
        decoder.decode_arrow([good, bad], types=types)
    assert caught.value.path == "$.r.ds[]"


AMPLE = Limits(empty_items=1 << 40)


def test_a_column_that_is_full_has_its_path():
    five_million = b"\x80\xad\xe2\x04\0"  # nulls, which need no memory
    for schema, path in [(array("null"), "$[]"), (record(a=record("In", b=array("null"))), "$.a.b[]")]:
        with pytest.raises(LimitError, match=r"2\*\*31 items") as caught:
            Decoder(schema, limits=AMPLE).decode_arrow([five_million] * 430, on_error="skip")
        assert caught.value.path == path


@pytest.mark.slow
def test_nulls_of_wide_types_are_bounded():
    """They take as much in a column as other values do, and next to nothing, or nothing, in messages."""
    wide = {"type": "fixed", "name": "W", "size": 1 << 20}
    assert len(Decoder(["null", wide]).decode_arrow([b"\0"] * 20)) == 20
    for schema, messages, path in [
        (["null", wide], [b"\0"] * 100_000, None),
        (wide, [None] * 100_000, None),
        (record(**{f"c{number}": "long" for number in range(1000)}), [None] * 1_000_000, None),
        (array(["null", wide]), [b"\xc0\x9a\x0c" + bytes(100_000) + b"\0"] * 2, "$[]"),
    ]:
        with pytest.raises(LimitError, match="2 GiB") as caught:
            Decoder(schema).decode_arrow(messages)
        assert caught.value.path == path


def test_messages_that_are_too_short_take_no_memory():
    huge = {"type": "fixed", "name": "H", "size": 1 << 30}
    errors: list[tuple[int, AvroError]] = []
    assert len(Decoder(huge).decode_arrow([b"abc"] * 100, on_error="skip", errors=errors)) == 0
    assert len(errors) == 100


# Ctrl-C

LONG = {
    "many": ("long", [b"\2"] * 1_200_000),
    "of many nulls": (array("null"), [b"\x80\xad\xe2\x04\0"] * 5),
    "large": ("bytes", [b"\x80\x80\x80\1" + bytes(1 << 20)] * 3),
}


@pytest.mark.parametrize("case", LONG)
def test_ctrl_c(case):
    schema, messages = LONG[case]
    plan = ColumnPlan(parse_schema(schema), limits=AMPLE)
    held = MessageList(messages)
    done: list[Any] = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()  # its callbacks would see the signal first
    try:
        with pytest.raises(KeyboardInterrupt):
            work = partial(held.fill, plan.column_set(), 0, "raise")
            comes = partial(_thread.interrupt_main, signal.SIGINT)
            list(map(operator.call, [comes, work, partial(done.append, None)]))
    finally:
        gc.enable()
        signal.signal(signal.SIGINT, before)
    assert not done


def test_messages_are_let_go():
    class Message(bytearray):
        pass

    message = Message(b"\2")
    reference_to_it = weakref.ref(message)
    batch = Decoder("int").decode_arrow([message])
    del message
    gc.collect()
    assert reference_to_it() is None
    assert rows_in(batch) == [{"value": 1}]
