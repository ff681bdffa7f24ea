"""Bytes that lie: each ends in its documented error, with path and offset, before it costs anything."""

from __future__ import annotations

import gc
import signal
from functools import partial
from typing import Any

import pytest

from avrojet import (
    CustomLogicalType,
    DecodeError,
    Decoder,
    Encoder,
    LimitError,
    Limits,
    TruncatedError,
    parse_schema,
    project,
)
from avrojet.core.plan.plan import Plan
from avrojet.core.rows.block_builder import BlockBuilder
from avrojet.core.rows.compare import Comparator
from avrojet.core.rows.row_encoder import RowEncoder
from avrojet.core.rows.rows import RowDecoder
from avrojet.core.text.rows import TextDecoder, TextEncoder
from avrojet.errors import DecodeLimitError
from tests.cases import for_each
from tests.reference import number
from tests.stacks import in_a_small_stack
from tests.vectors import LIST, SUIT, TREE, array, fixed, logical, mapping, record

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1
NESTED = record(
    "R",
    items=array(record("Item", name="string", price="double", tags=mapping("int"))),
    last=["null", "boolean"],
)


def varint(*numbers: int) -> str:
    return b"".join(map(number, numbers)).hex()


# name: (schema, bytes, error, path, offset, text of the message)
BAD: dict[str, tuple[Any, str, type[DecodeError], str, int, str]] = {
    "int of six bytes": ("int", "80 80 80 80 80 00", DecodeError, "$", 0, "too many bytes"),
    "int of six bytes, cut": ("int", "80 80 80 80 80", DecodeError, "$", 0, "too many bytes"),
    "int too large": ("int", varint(2**31), DecodeError, "$", 0, "2147483648 is not in the range of an int"),
    "int too small": ("int", varint(-(2**31) - 1), DecodeError, "$", 0, "-2147483649 is not in the range"),
    "int with more than 64 bits": ("int", "ff" * 9 + "7f", DecodeError, "$", 0, "too many bytes"),
    "long of eleven bytes": ("long", "80" * 10 + "00", DecodeError, "$", 0, "too many bytes"),
    "long of eleven bytes, cut": ("long", "80" * 10, DecodeError, "$", 0, "too many bytes"),
    "long that overflows": ("long", "ff" * 9 + "02", DecodeError, "$", 0, "too many bytes"),
    "long that overflows by far": ("long", "ff" * 9 + "7f", DecodeError, "$", 0, "too many bytes"),
    "long without end": ("long", "ff" * 100, DecodeError, "$", 0, "too many bytes"),
    "boolean 2": ("boolean", "02", DecodeError, "$", 0, "a boolean is 0 or 1, not 2"),
    "boolean 255": ("boolean", "ff", DecodeError, "$", 0, "a boolean is 0 or 1, not 255"),
    "bytes of length -1": ("bytes", "01 61", DecodeError, "$", 0, "negative length -1"),
    "bytes of the least length": ("bytes", varint(INT64_MIN), DecodeError, "$", 0, f"length {INT64_MIN}"),
    "bytes of 2^30": ("bytes", varint(2**30), TruncatedError, "$", 0, "ends before"),
    "bytes of more than the limit": ("bytes", varint(2**30 + 1), DecodeLimitError, "$", 0, "value_bytes"),
    "bytes of the greatest length": ("bytes", varint(INT64_MAX), DecodeLimitError, "$", 0, "value_bytes"),
    "bytes whose length overflows": ("bytes", "ff" * 9 + "02", DecodeError, "$", 0, "too many bytes"),
    "string of length -1": ("string", "01 61", DecodeError, "$", 0, "negative length -1"),
    "string of the greatest length": ("string", varint(INT64_MAX), DecodeLimitError, "$", 0, "value_bytes"),
    "string of too much": ("string", "06 61 62", TruncatedError, "$", 0, "ends before"),
    "fixed of too much": (fixed(2**30), "00" * 100, TruncatedError, "$", 0, "ends before"),
    "enum index 4 of 4": (SUIT, "08", DecodeError, "$", 0, "enum index 4 is out of range"),
    "enum index -1": (SUIT, "01", DecodeError, "$", 0, "enum index -1 is out of range"),
    "enum index 2^31": (SUIT, varint(2**31), DecodeError, "$", 0, "is not in the range of an int"),
    "enum index 2^32": (SUIT, varint(2**32), DecodeError, "$", 0, "is not in the range of an int"),
    "union index 2 of 2": (["null", "int"], "04", DecodeError, "$", 0, "union index 2 is out of range"),
    "union index 3 of 3": (["null", "int", "long"], "06", DecodeError, "$", 0, "union index 3"),
    "union index -1": (["null", "int"], "01", DecodeError, "$", 0, "union index -1 is out of range"),
    "union index -1 of 3": (["null", "int", "long"], "01", DecodeError, "$", 0, "union index -1"),
    "union index 2^32": (["int", "long"], varint(2**32), DecodeError, "$", 0, "range of an int"),
    "union index 2^16": (["int", "long"], varint(2**16), DecodeError, "$", 0, "union index 65536"),
    "array of the least count": (array("int"), varint(INT64_MIN), DecodeError, "$", 0, "count of items"),
    "array of the greatest count": (array("int"), varint(INT64_MAX), DecodeLimitError, "$", 0, "items"),
    "array of a billion": (array("int"), varint(10**9), TruncatedError, "$", 0, "ends before"),
    "array of a billion doubles": (array("double"), varint(2) + "00" * 15, TruncatedError, "$", 0, "ends"),
    "array of 2^61 doubles": (array("double"), varint(2**61) + "00" * 16, DecodeLimitError, "$", 0, "items"),
    "array of a trillion nulls": (array("null"), varint(10**12), DecodeLimitError, "$", 0, "items"),
    "array of a billion nulls": (array("null"), varint(10**9), DecodeLimitError, "$", 0, "empty_items"),
    "array of a billion empty records": (
        array(record()),
        varint(10**9),
        DecodeLimitError,
        "$",
        0,
        "empty_items",
    ),
    "array of a billion empty fixed": (
        array(fixed(0)),
        varint(10**9),
        DecodeLimitError,
        "$",
        0,
        "empty_items",
    ),
    "array of sized nulls": (array("null"), varint(-(10**9), 0), DecodeLimitError, "$", 0, "empty_items"),
    "map of the least count": (mapping("int"), varint(INT64_MIN), DecodeError, "$", 0, "count of items"),
    "map of the greatest count": (mapping("int"), varint(INT64_MAX), DecodeLimitError, "$", 0, "items"),
    "map of a billion": (mapping("int"), varint(10**9), TruncatedError, "$", 0, "ends before"),
    "map of a billion nulls": (mapping("null"), varint(10**9), TruncatedError, "$", 0, "ends before"),
    "block of negative size": (array("int"), varint(-1, -1) + "0200", DecodeError, "$", 0, "the size it"),
    "block of size INT64_MIN": (array("int"), varint(-1, INT64_MIN) + "0200", DecodeError, "$", 0, "size"),
    "block of too great a size": (array("int"), varint(-1, 100) + "0200", TruncatedError, "$", 0, "ends"),
    "block of the greatest size": (array("int"), varint(-1, INT64_MAX) + "0200", TruncatedError, "$", 0, ""),
    "block longer than its size": (array("int"), varint(-2, 2) + "80010200", DecodeError, "$", 5, "the size"),
    "block too small for its count": (
        array("int"),
        varint(-2, 1) + "020400",
        DecodeError,
        "$",
        0,
        "the size",
    ),
    "block shorter than its size": (array("int"), varint(-1, 2) + "020400", DecodeError, "$", 3, "the size"),
    "later block of a wrong size": (
        array("int"),
        "02 02" + varint(-1, 2) + "020400",
        DecodeError,
        "$",
        5,
        "the size",
    ),
    "map block of a wrong size": (
        mapping("int"),
        varint(-1, 2) + "02610200",
        DecodeError,
        "$",
        5,
        "the size",
    ),
    "key of negative length": (mapping("int"), "02 01 00", DecodeError, "$", 1, "negative length -1"),
    "key that is not UTF-8": (mapping("int"), "02 02 ff 02 00", DecodeError, "$", 1, "utf-8"),
    "value after a key": (mapping("boolean"), "02 02 61 02 00", DecodeError, "$['a']", 3, "not 2"),
    "value in a later block": (
        mapping("boolean"),
        "02 026101 02 026202 00",
        DecodeError,
        "$['b']",
        7,
        "not 2",
    ),
    "item": (array("boolean"), "06 01 00 07 00", DecodeError, "$[2]", 3, "not 7"),
    "item of a later block": (array("boolean"), "04 01 00 04 00 07 00", DecodeError, "$[3]", 5, "not 7"),
    "long key in a path": (
        mapping("boolean"),
        "02 78" + "6b" * 60 + "02",
        DecodeError,
        "$['" + "k" * 39 + "…']",
        62,
        "not 2",
    ),
    "key that needs quoting": (mapping("boolean"), "02 02 27 02", DecodeError, '$["\'"]', 3, "not 2"),
    "nested item": (
        NESTED,
        "02 02 61 0000000000000000 02 02 6b 8080808010 00 00 00",
        DecodeError,
        "$.items[0].tags['k']",
        14,
        "2147483648",
    ),
    "nested branch": (NESTED, "00 02 02", DecodeError, "$.last", 2, "a boolean is 0 or 1"),
    "nested tag": (NESTED, "00 04", DecodeError, "$.last", 1, "union index 2"),
    "deep in a tree": (
        TREE,
        "00 02 00 02 00 02 02 ff 00 00 00 00",
        DecodeError,
        "$.children[0].children[0].children[0].label",
        6,
        "utf-8",
    ),
    "decimal of too many digits": (
        logical("bytes", "decimal", precision=2),
        "02 64",
        DecodeError,
        "$",
        0,
        "exceeds the precision 2",
    ),
    "decimal of too many bytes": (
        logical("bytes", "decimal", precision=20000),
        varint(5000) + "01" * 5000,
        DecodeLimitError,
        "$",
        0,
        "5000",
    ),
    "big-decimal of nothing": (logical("bytes", "big-decimal"), "00", DecodeError, "$", 0, "big-decimal"),
    "big-decimal without scale": (logical("bytes", "big-decimal"), "04 02 01", DecodeError, "$", 0, "scale"),
    "big-decimal with more": (
        logical("bytes", "big-decimal"),
        "08 02 01 00 00",
        DecodeError,
        "$",
        0,
        "scale",
    ),
    "big-decimal that claims more": (
        logical("bytes", "big-decimal"),
        "04 04 01 02 02 02",
        DecodeError,
        "$",
        0,
        "big-decimal",
    ),
    "big-decimal of a long scale": (
        logical("bytes", "big-decimal"),
        "0e 02 01" + varint(2**31),
        DecodeError,
        "$",
        0,
        "big-decimal",
    ),
    "uuid of 35 letters": (logical("string", "uuid"), "46" + "30" * 35, DecodeError, "$", 0, "UUID"),
    "uuid of other letters": (
        logical("string", "uuid"),
        "48" + b"0011223g-4455-6677-8899-aabbccddeeff".hex(),
        DecodeError,
        "$",
        0,
        "",
    ),
    "uuid of other groups": (
        logical("string", "uuid"),
        "48" + b"0011223-34455-6677-8899-aabbccddeeff".hex(),
        DecodeError,
        "$",
        0,
        "",
    ),
    "date past 9999": (logical("int", "date"), varint(2932897), DecodeError, "$", 0, "years 1 to 9999"),
    "date before 1": (logical("int", "date"), varint(-719163), DecodeError, "$", 0, "years 1 to 9999"),
    "date far out": (logical("int", "date"), varint(2**31 - 1), DecodeError, "$", 0, "years 1 to 9999"),
    "time past midnight": (
        logical("int", "time-millis"),
        varint(86_400_000),
        DecodeError,
        "$",
        0,
        "time of day",
    ),
    "time before midnight": (logical("long", "time-micros"), varint(-1), DecodeError, "$", 0, "time of day"),
    "timestamp-millis far out": (
        logical("long", "timestamp-millis"),
        varint(INT64_MAX),
        DecodeError,
        "$",
        0,
        "years 1 to 9999",
    ),
    "timestamp-millis far back": (
        logical("long", "timestamp-millis"),
        varint(INT64_MIN),
        DecodeError,
        "$",
        0,
        "years 1 to 9999",
    ),
    "timestamp-micros past 9999": (
        logical("long", "timestamp-micros"),
        varint(253_402_300_800_000_000),
        DecodeError,
        "$",
        0,
        "logical_types=False",
    ),
    "local-timestamp-micros before 1": (
        logical("long", "local-timestamp-micros"),
        varint(-62_135_596_800_000_001),
        DecodeError,
        "$",
        0,
        "years",
    ),
}


@for_each("case", BAD)
def test_bad_bytes(case):
    schema, hex, kind, path, offset, text = BAD[case]
    decoder = Decoder(schema)
    data = bytes.fromhex(hex)
    for read in (decoder.decode, decoder.decode_from, decoder.decode_many):
        with pytest.raises(DecodeError) as caught:
            read(data)
        error = caught.value
        assert (type(error), error.path, error.offset) == (kind, path, offset)
        assert text in str(error)
        assert str(error).startswith(f"at {path}, byte {offset} of ")


# A skip takes the stated size of a block for true, so it lands elsewhere.
LYING_SIZES = {case for case in BAD if "size" in case and BAD[case][4] > 0}
# A skip does not look at values of a known size, or at text.
NOT_LOOKED_AT = {
    case for case, (schema, *_, text) in BAD.items() if "logicalType" in str(schema)
} | {
    "boolean 2", "boolean 255", "key that is not UTF-8", "value after a key", "value in a later block",
    "item", "item of a later block", "long key in a path", "key that needs quoting", "nested branch",
    "deep in a tree",
}  # fmt: skip


@for_each("case", [case for case in BAD if case not in LYING_SIZES])
def test_bad_bytes_in_a_skip(case):
    """A skip meets what keeps it from the end, at the same place."""
    schema, hex, kind, path, offset, text = BAD[case]
    decoder = Decoder(schema)
    data = bytes.fromhex(hex)
    if case in NOT_LOOKED_AT:
        decoder._skip_block(data + bytes(8), 1)
        return
    with pytest.raises(DecodeError) as caught:
        decoder._skip_block(data, 1)
    assert (type(caught.value), caught.value.path, caught.value.offset) == (kind, path, offset)
    assert text in str(caught.value)


@pytest.mark.parametrize("case", sorted(LYING_SIZES))
def test_lying_sizes_in_a_skip(case):
    schema, hex, *_ = BAD[case]
    data = bytes.fromhex(hex)
    try:
        assert 0 < Decoder(schema)._skip_block(data, 1) <= len(data)
    except DecodeError as error:
        assert 0 <= error.offset <= len(data)


def test_a_later_row_is_named():
    """The offset is that in the data, and the message says which datum it was."""
    decoder = Decoder("boolean")
    for read in (decoder.decode_many, lambda data: decoder._decode_block(data, 9)):
        with pytest.raises(
            DecodeError, match=r"^at \$, byte 3 of the data, in datum 3: a boolean is 0 or 1, not 2$"
        ) as caught:
            read(b"\0\1\0\2\0\0\0\0\0")
        assert (caught.value.path, caught.value.offset) == ("$", 3)
    with pytest.raises(TruncatedError, match="byte 5 of the data, in datum 2"):
        decoder._skip_block(b"\0" * 5, 9, 3)


def test_an_offset_counts_from_the_start_of_the_data():
    with pytest.raises(DecodeError) as caught:
        Decoder(array("boolean")).decode_from(b"\xff\xff\xff\4\0\2\0", 3)
    assert (caught.value.path, caught.value.offset) == ("$[1]", 5)


def test_a_long_path_keeps_both_ends():
    deep = record("Outer", first=LIST)
    with pytest.raises(DecodeError) as caught:
        Decoder(deep).decode(b"\0\2" * 100 + b"\0\6")
    path = caught.value.path
    assert path.startswith("$.first...")
    assert path.endswith(".tail.tail.tail")
    assert len(path) < 250


# Limits


def limited(limits: Limits, schema: Any, data: bytes) -> list[Any]:
    """What each way of reading makes of the data: None or the limit that was exceeded."""
    decoder = Decoder(parse_schema(schema), limits=limits)
    found = []
    skip = partial(decoder._skip_block, count=1)
    for read in (decoder.decode, decoder.decode_from, decoder.decode_many, skip):
        try:
            read(data)
        except LimitError as error:
            found.append(error.limit)
            assert 0 <= error.offset <= len(data)
        else:
            found.append(None)
    return found


AT_A_LIMIT: dict[str, tuple[str, Any, str]] = {  # the limit is 3, and is just kept
    "depth of records": ("depth", LIST, "00 02 00 02 00 00"),
    "depth of arrays": ("depth", array(array(array("int"))), "02 02 02 00 00 00 00"),
    "depth of maps": ("depth", mapping(mapping(mapping("int"))), "02 00 02 00 02 00 00 00 00 00"),
    "depth of a mixture": ("depth", record(a=array(record("K", x="int"))), "02 00 00"),
    "items of an array": ("items", array("int"), "06 00 00 00 00"),
    "items of two blocks": ("items", array("int"), "02 00 04 00 00 00"),
    "items of a sized block": ("items", array("int"), "02 00" + varint(-2, 2) + "00 00 00"),
    "entries of a map": ("items", mapping("int"), "06 00 00 02 61 00 02 62 00 00"),
    "entries of two blocks": ("items", mapping("int"), "02 00 00 04 02 61 00 02 62 00 00"),
    "nulls": ("empty_items", array("null"), "06 00"),
    "nulls in blocks": ("empty_items", array("null"), "04 02 00"),
    "nulls in arrays": ("empty_items", array(array("null")), "04 04 00 02 00 00"),
    "empty fixed": ("empty_items", array(fixed(0)), "06 00"),
    "string": ("value_bytes", "string", "06 61 62 63"),
    "bytes": ("value_bytes", "bytes", "06 61 62 63"),
    "key": ("value_bytes", mapping("int"), "02 06 61 62 63 00 00"),
    "decimal": ("value_bytes", logical("bytes", "decimal", precision=9), "06 00 00 00"),
    "big-decimal": ("value_bytes", logical("bytes", "big-decimal"), "06 02 00 00"),
}


@pytest.mark.parametrize("case", AT_A_LIMIT)
def test_limits(case):
    name, schema, hex = AT_A_LIMIT[case]
    data = bytes.fromhex(hex)
    assert limited(Limits(**{name: 3}), schema, data) == [None] * 4
    exceeded = limited(Limits(**{name: 2}), schema, data)
    # A skip passes a sized block of nulls and the like without a look; all else is held to the limit.
    assert exceeded == [name] * 4


def test_limits_of_a_fixed():
    assert Decoder(fixed(3), limits=Limits(value_bytes=3)).decode(b"abc") == b"abc"
    with pytest.raises(LimitError, match="value_bytes"):
        Decoder(fixed(3), limits=Limits(value_bytes=2))


def test_rows_of_no_bytes_are_limited():
    decoder = Decoder("null", limits=Limits(empty_items=3))
    assert decoder._decode_block(b"", 3) == ([None] * 3, 0)
    with pytest.raises(LimitError, match="empty_items"):
        decoder._decode_block(b"", 4)
    assert decoder._skip_block(b"", 10**15) == 0


def test_the_budget_of_empty_items_is_anew_for_each_row():
    decoder = Decoder(array("null"), limits=Limits(empty_items=3))
    assert decoder.decode_many(b"\6\0" * 50) == [[None] * 3] * 50
    assert decoder._skip_block(b"\6\0" * 50, 50) == 100


def test_a_limit_says_how_to_raise_it():
    told = r"more than limits\.items = 2147483648; to allow it: limits=avrojet\.Limits\(items=...\)"
    with pytest.raises(LimitError, match=told):
        Decoder(array("null")).decode(bytes.fromhex(varint(2**31 + 1)))


# Nesting


DEEP_LEVELS = Limits().depth
# schema, a level's bytes before the next level, after it, and the innermost bytes; levels per round
DEEP: dict[str, tuple[Any, str, str, str, int]] = {
    "records in a nullable": (LIST, "00 02", "", "00 00", 1),
    "records in a union": (record("L", n=["null", "int", "L"]), "04", "", "00", 1),
    "arrays of records": (TREE, "00 02", "00", "00 00", 2),
    "maps of records": (record("M", children=mapping("M")), "02 00", "00", "00", 2),
    "arrays in a union": (record("A", children=["null", array(["null", "A"])]), "02 02 02", "00", "00", 2),
    "many blocks": (record("B", children=array("B")), "01 80 01", "00", "00", 2),
}


def deep_data(case: str, levels: int) -> bytes:
    _, before, after, innermost, per_round = DEEP[case]
    rounds = levels // per_round - 1
    return bytes.fromhex(before * rounds + innermost + after * rounds)


OPTIONS: list[dict[str, Any]] = [{}, {"records": "tuple"}, {"unions": "tagged"}]


@pytest.mark.parametrize("case", ["records in a nullable", "records in a union", "arrays of records",
                                  "maps of records", "arrays in a union"])  # fmt: skip
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_deepest_data(case, options):
    """As deep as the limit lets them be, in the smallest stack, there and back."""
    schema = DEEP[case][0]
    data = deep_data(case, DEEP_LEVELS)

    def there_and_back():
        decoder = Decoder(schema, **options)
        value = decoder.decode(data)
        assert decoder._skip_block(data, 1) == len(data)
        return Encoder(schema).encode(value) == data

    assert in_a_small_stack(there_and_back)


@pytest.mark.parametrize("case", DEEP)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("levels", [DEEP_LEVELS + 2, 200_000])
def test_data_that_are_too_deep(case, options, levels):
    data = deep_data(case, levels)

    def read():
        decoder = Decoder(DEEP[case][0], **options)
        for read in (decoder.decode, decoder.decode_many):
            with pytest.raises(LimitError, match="depth"):
                read(data)
        if case != "many blocks":  # which a skip passes by their sizes
            with pytest.raises(LimitError, match="depth"):
                decoder._skip_block(data, 1)

    in_a_small_stack(read)


def test_deep_data_that_a_reader_skips():
    writer, reader = record("R", a=LIST, b="int"), record("R", b="int")
    decoder = Decoder(writer, reader)
    assert decoder.decode(deep_data("records in a nullable", DEEP_LEVELS - 1) + b"\2") == {"b": 1}
    with pytest.raises(LimitError, match="depth"):
        in_a_small_stack(lambda: decoder.decode(deep_data("records in a nullable", 100_000) + b"\2"))


def test_depth_is_counted_anew_for_each_row():
    decoder = Decoder(LIST, limits=Limits(depth=3))
    data = deep_data("records in a nullable", 3)
    assert len(decoder.decode_many(data * 50)) == 50
    assert decoder._skip_block(data * 50, 50) == len(data) * 50
    with pytest.raises(LimitError):
        decoder.decode_many(data + b"\0\2" * 4)


# Schemas that go with hostile bytes


def test_sizes_whose_sum_overflows():
    fields = {f"f{i}": fixed(2**62, f"F{i}") for i in range(4)}
    wide = record("W", **fields, last="boolean")
    trusting = Limits(value_bytes=2**62)
    for decoder in (
        Decoder(wide, limits=trusting),
        Decoder(record("O", w=wide, z="int"), record("O", z="int"), limits=trusting),
        Decoder(array(wide), limits=trusting),
        Decoder(["null", wide], limits=trusting),
    ):
        for read in (decoder.decode, lambda data, it=decoder: it._skip_block(data, 1)):
            with pytest.raises(TruncatedError):
                read(b"\2" * 50)


def doubling(levels: int, **innermost: Any) -> Any:
    """Records each of which holds the one before twice: of 2 ** levels records."""
    schema = record("R0", **innermost)
    for level in range(1, levels):
        schema = record(f"R{level}", a=schema, b=f"R{level - 1}")
    return schema


def test_records_that_double():
    with pytest.raises(TruncatedError):
        Decoder(doubling(70, x="int")).decode(b"\2" * 1000)
    with pytest.raises(TruncatedError):
        Decoder(doubling(70, x="int"))._skip_block(b"\2" * 1000, 1)
    with pytest.raises(TruncatedError):
        Decoder(doubling(70, x="double"))._skip_block(b"\2" * 1000, 1)
    with pytest.raises(LimitError, match="empty_items"):
        Decoder(doubling(70), limits=Limits(empty_items=1000)).decode(b"")
    assert Decoder(doubling(70))._skip_block(b"", 1) == 0


@pytest.mark.slow
def test_a_chain_of_types_that_each_refer_to_the_one_before():
    """As flat as JSON, and as deep as it is long to a walk that begins at its end."""
    length = 20_000
    chain = [record("C0"), *(record(f"C{i}", x=f"C{i - 1}") for i in range(1, length))]
    writer = parse_schema(record("T", **{f"f{i}": link for i, link in enumerate(chain)}))
    reader = project(writer, [f"f{length - 1}"])

    # Not in a small stack: CPython 3.13 frees nested objects by recursion, up to 10,000 levels deep, which
    # overflows one whatever the objects are. The main thread's holds no 20,000 levels of any walk of ours.
    with pytest.raises(LimitError, match="depth"):
        Decoder(writer, reader).decode(b"")
    assert Encoder(writer)


# Text that is not UTF-8

NOT_UTF8 = {
    "a lone continuation": "80",
    "a lone start": "c3",
    "an overlong NUL": "c0 80",
    "an overlong slash": "e0 80 af",
    "an overlong euro": "f0 82 82 ac",
    "a surrogate": "ed a0 80",
    "a pair of surrogates": "ed a0 bd ed b8 80",
    "beyond the last plane": "f4 90 80 80",
    "a byte that is never used": "ff",
    "five bytes": "f8 88 80 80 80",
    "a cut euro": "e2 82",
    "a cut emoji": "f0 9f 98",
    "a start for a start": "c3 c3",
}


@for_each("before", ["", "abc", "é", "0123456789abcdef", "0123456é89abcdef😀"])
@pytest.mark.parametrize("after", ["", "z", "€ and much more after it"])
@for_each("case", NOT_UTF8)
def test_text_that_is_not_utf8(case, before, after):
    raw = before.encode() + bytes.fromhex(NOT_UTF8[case]) + after.encode()
    data = number(len(raw)) + raw
    with pytest.raises(DecodeError, match="utf-8") as caught:
        Decoder("string").decode(data)
    assert isinstance(caught.value.__cause__, UnicodeDecodeError)
    assert (caught.value.path, caught.value.offset) == ("$", 0)
    for errors in ("replace", "ignore", "surrogateescape", "backslashreplace"):
        assert Decoder("string", unicode_errors=errors).decode(data) == raw.decode("utf-8", errors)
        key = Decoder(mapping("null"), unicode_errors=errors)
        assert key.decode(b"\2" + data + b"\0") == {raw.decode("utf-8", errors): None}
    assert Decoder("bytes").decode(data) == raw
    with pytest.raises(DecodeError, match="utf-8"):
        Decoder("bytes", "string").decode(data)


@pytest.mark.parametrize("text", ["", "a", "é" * 7, "aé€😀", "x" * 100 + "é", "é" + "x" * 100, "\0" * 20])
def test_text_that_is_utf8_whatever_stands_after_it(text):
    raw = text.encode()
    decoder = Decoder("string")
    for after in (b"", b"\x80", b"\xff" * 20, b"\xc3", b"x" * 20):
        assert decoder.decode_from(number(len(raw)) + raw + after)[0] == text


def test_an_unknown_way_with_unicode_errors():
    with pytest.raises((ValueError, LookupError), match="nonsense"):
        Decoder("string", unicode_errors="nonsense").decode(b"\2\xff")


# Converters that fail


class Failing(CustomLogicalType):
    name = "failing"

    def __init__(self, exception: BaseException) -> None:
        self.exception = exception

    def decode(self, value, schema):
        raise self.exception

    def encode(self, value, schema):
        return value


FAILING = record("R", a=array(logical("int", "failing")), b="int")


@pytest.mark.parametrize("kind", [ValueError, TypeError, KeyError, OverflowError, ZeroDivisionError])
def test_what_a_converter_refuses_is_a_decode_error(kind):
    exception = kind("not mine")
    decoder = Decoder(FAILING, logical_types=[Failing(exception)])
    for read in (decoder.decode, decoder.decode_from, decoder.decode_many):
        with pytest.raises(DecodeError, match="not mine") as caught:
            read(b"\2\2\0\2")
        assert (caught.value.path, caught.value.offset) == ("$.a[0]", 1)
        assert caught.value.__cause__ is exception


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, MemoryError, RuntimeError, RecursionError])
def test_what_else_a_converter_raises_goes_through(kind):
    exception = kind("stop")
    decoder = Decoder(FAILING, logical_types=[Failing(exception)])
    for read in (decoder.decode, decoder.decode_from, decoder.decode_many):
        with pytest.raises(kind) as caught:
            read(b"\2\2\0\2")
        assert caught.value is exception


# Callers that meddle


@pytest.mark.parametrize(
    "use",
    [
        lambda: Decoder.__new__(Decoder).decode(b""),
        lambda: Decoder.__new__(Decoder).decode_from(b""),
        lambda: Decoder.__new__(Decoder).decode_many(b""),
        lambda: Decoder.__new__(Decoder)._decode_block(b"", 1),
        lambda: Decoder.__new__(Decoder)._skip_block(b"", 1),
        lambda: Encoder.__new__(Encoder).encode(1),
        lambda: Encoder.__new__(Encoder).encode_many([1]),
        lambda: Encoder.__new__(Encoder).encode_into(bytearray(), 1),
        lambda: Encoder.__new__(Encoder)._block(),
        lambda: RowDecoder(Plan()),
        lambda: RowDecoder(None),
        lambda: RowEncoder(Plan()).encode(1),
        lambda: RowEncoder(None),
        lambda: BlockBuilder(None, 0),
        lambda: BlockBuilder(Plan(), 0),
        lambda: TextDecoder(Plan()),
        lambda: TextDecoder.__new__(TextDecoder).text(b""),
        lambda: TextEncoder.__new__(TextEncoder).data("1"),
        lambda: Comparator.__new__(Comparator).compare(b"", b""),
    ],
)
def test_what_was_never_made_cannot_be_used(use):
    with pytest.raises((TypeError, ValueError)):
        use()


class Reinitialises(CustomLogicalType):
    name = "reinitialises"

    def __init__(self, schema: Any) -> None:
        self.codecs = (Decoder(schema, logical_types=[self]), Encoder(schema, logical_types=[self]))

    def decode(self, value, schema):
        self.codecs[0].__init__("string")
        gc.collect()
        return value

    def encode(self, value, schema):
        self.codecs[1].__init__("string")
        gc.collect()
        return value


@pytest.mark.slow
def test_a_codec_that_is_made_anew_while_it_is_used():
    schema = array(record("R", a=logical("int", "reinitialises"), b=mapping(SUIT)))
    value = [{"a": 1, "b": {"k": "CLUBS"}}, {"a": 2, "b": {"k": "HEARTS"}}]
    data = Encoder(schema).encode(value)
    assert Reinitialises(schema).codecs[0].decode(data) == value
    assert Reinitialises(schema).codecs[0].decode_many(data * 2) == [value] * 2
    assert Reinitialises(schema).codecs[0]._decode_block(data * 2, 2)[0] == [value] * 2
    assert Reinitialises(schema).codecs[1].encode(value) == data
    assert Reinitialises(schema).codecs[1].encode_many([value]) == data


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
def test_a_long_decode_can_be_interrupted():
    def stop(*_):
        raise InterruptedError

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        with pytest.raises(InterruptedError):
            Decoder("null", limits=Limits(empty_items=1 << 40))._decode_block(b"", 1 << 40)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert gc.isenabled()
