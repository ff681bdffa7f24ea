"""What messages begin with: each framing both ways, which one it is, and what is none."""

from __future__ import annotations

import zlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrojet import DecodeError, EncodeError, LimitError, Limits, TruncatedError
from avrojet.failures import DecodeFailure
from avrojet.wire.framing import FRAMINGS, SchemaId, Unframed, datum_of, frame, framing_of, unframe

GUID = "0f9a8b7c-1122-3344-5566-778899aabbcc"
UUID_BYTES = UUID(GUID).bytes
DIGITS = UUID(GUID).hex
DATUM = b"\x0a\x04hi"

# Framing, id, message, headers: as observed of the serializers whose they are.
WRITTEN = [
    ("confluent", 7, b"\0\0\0\0\x07" + DATUM, []),
    ("confluent-guid", GUID, b"\1" + UUID_BYTES + DATUM, []),
    ("confluent-headers", GUID, DATUM, [("__value_schema_id", b"\1" + UUID_BYTES)]),
    ("apicurio", 7, b"\0" + bytes(7) + b"\x07" + DATUM, []),
    ("apicurio-4", 7, b"\0\0\0\0\x07" + DATUM, []),
    (
        "apicurio-headers",
        7,
        DATUM,
        [("apicurio.value.globalId", bytes(7) + b"\x07"), ("apicurio.value.encoding", b"BINARY")],
    ),
    (
        "apicurio-content-headers",
        7,
        DATUM,
        [("apicurio.value.contentId", bytes(7) + b"\x07"), ("apicurio.value.encoding", b"BINARY")],
    ),
    ("glue", GUID, b"\3\0" + UUID_BYTES + DATUM, []),
    ("glue-zlib", GUID, b"\3\5" + UUID_BYTES + zlib.compress(DATUM), []),
    ("azure", DIGITS, DATUM, [("content-type", b"avro/binary+" + DIGITS.encode())]),
    ("azure-beta", DIGITS, bytes(4) + DIGITS.encode() + DATUM, []),
    ("single-object", b"12345678", b"\xc3\x0112345678" + DATUM, []),
    ("none", None, DATUM, []),
]
BY_NAME = [case[0] for case in WRITTEN]
# What the bytes and the headers do not tell: 8-byte ids, which look like 4-byte ones; Azure's preamble, which
# looks like a small id; and nothing.
UNTOLD = {"apicurio", "azure-beta", "none"}


@pytest.mark.parametrize(("name", "schema_id", "message", "headers"), WRITTEN, ids=BY_NAME)
def test_a_frame_goes_both_ways(name, schema_id, message, headers):
    assert frame(schema_id, DATUM, name) == (message, headers)
    found = unframe(message, headers, name)
    assert (None if found.schema_id is None else found.schema_id.value) == schema_id
    assert datum_of(message, found) == DATUM
    assert unframe(memoryview(message), dict(headers), name) == found
    keys = [(each.replace("value", "key"), value) for each, value in headers]
    assert frame(schema_id, DATUM, name, field="key") == (message, keys)
    assert unframe(message, keys, name, field="key") == found
    assert frame(schema_id, None, name) == (None, [])


@pytest.mark.parametrize(("name", "schema_id", "message", "headers"), WRITTEN, ids=BY_NAME)
def test_which_framing_it_is_can_be_told_by_most(name, schema_id, message, headers):
    told = unframe(message, headers, name)
    if name in UNTOLD:
        with pytest.raises(AssertionError):
            assert _auto(message, headers) == told
    else:
        assert _auto(message, headers) == told


def _auto(message, headers):
    try:
        return unframe(message, headers)
    except DecodeError:
        return None


def test_a_set_of_framings_reads_what_each_reads():
    names = ("apicurio", "glue", "single-object")
    for name, _, message, headers in WRITTEN:
        if name in names:
            assert unframe(message, headers, names) == unframe(message, headers, name)
    with pytest.raises(ValueError, match="cannot be told apart"):
        framing_of(("confluent", "apicurio"))
    with pytest.raises(ValueError, match="confluent-headers"):
        framing_of("kafka")
    with pytest.raises(ValueError, match="for reading only"):
        frame(1, b"", "auto")


def test_headers_go_before_what_the_bytes_look_like():
    headers = [("a", b""), ("__value_schema_id", b"\1" + UUID_BYTES)]
    assert unframe(b"\0\0\0\0\x07x", headers, "confluent") == Unframed(
        SchemaId("guid", GUID), 0, bare_bytes=True
    )
    assert unframe(b"\0\0\0\0\x07x", headers, "confluent", field="key").schema_id == SchemaId("id", 7)
    in_header = unframe(b"x", [("__value_schema_id", b"\0\0\0\1\0")], "confluent")
    assert (in_header.schema_id, in_header.offset) == (SchemaId("id", 256), 0)
    json = [("apicurio.value.globalId", bytes(7) + b"\x09"), ("apicurio.value.encoding", "JSON")]
    assert unframe(b"{}", json, "apicurio") == Unframed(SchemaId("global_id", 9), 0, "json")
    assert unframe(b"x", [["content-type", f"avro/binary+{DIGITS}"]], "azure").schema_id == SchemaId(
        "guid", DIGITS
    )


HOSTILE = [
    ("confluent", b"", []),
    ("confluent", b"\0\0\0\0", []),
    ("confluent", b"\1" + UUID_BYTES[:-1], []),
    ("confluent", b"\x05abcdef", []),
    ("confluent", b"x", [("__value_schema_id", b"\1")]),
    ("confluent", b"x", [("__value_schema_id", b"")]),
    ("confluent", b"x", [("__value_schema_id", 7)]),
    ("apicurio", b"\0" + bytes(7), []),
    ("apicurio", b"x", [("apicurio.value.globalId", b"1")]),
    ("apicurio", b"x", [("apicurio.value.globalId", bytes(8)), ("apicurio.value.encoding", b"XML")]),
    ("glue", b"\3", []),
    ("glue", b"\3\4" + UUID_BYTES, []),
    ("glue", b"\3\0" + UUID_BYTES[:-1], []),
    ("azure", b"x", []),
    ("azure", b"x", [("content-type", b"application/json")]),
    ("azure", b"x", [("content-type", b"avro/binary+")]),
    ("azure", b"x", [("content-type", b"avro/binary+a b")]),
    ("azure", b"x", [("content-type", b"\xff")]),
    ("azure-beta", bytes(4) + b"g" * 32, []),
    ("single-object", b"\xc3", []),
    ("single-object", b"\xc3\x02" + bytes(8), []),
    ("auto", b"", []),
]


@pytest.mark.parametrize(("name", "message", "headers"), HOSTILE)
def test_what_is_no_frame_is_an_error(name, message, headers):
    with pytest.raises(DecodeError) as caught:
        unframe(message, headers, name)
    assert caught.value.kind is DecodeFailure.HEADER


@given(
    st.binary(max_size=40),
    st.sampled_from(sorted(FRAMINGS)),
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "__value_schema_id",
                    "apicurio.value.globalId",
                    "apicurio.value.encoding",
                    "content-type",
                    "x",
                ]
            ),
            st.binary(max_size=20) | st.none() | st.text(max_size=5),
        ),
        max_size=3,
    ),
)
def test_any_bytes_are_a_frame_or_an_error(data, name, headers):
    try:
        found = unframe(data, headers, name)
    except DecodeError as error:
        assert error.kind is DecodeFailure.HEADER
    else:
        assert 0 <= found.offset <= len(data)


def test_ids_that_have_no_place_are_refused():
    for name, schema_id in (
        ("confluent", 1 << 32), ("confluent", -1), ("confluent", GUID), ("confluent", None),
        ("confluent-guid", 7), ("glue", "seven"), ("azure", "7"), ("single-object", b"1234"),
        ("apicurio", 1 << 63),
    ):  # fmt: skip
        with pytest.raises(EncodeError):
            frame(schema_id, b"", name)


def test_a_zlib_stream_is_bounded_and_whole():
    head = b"\3\5" + UUID_BYTES
    large = head + zlib.compress(bytes(5000))
    found = unframe(large)
    assert len(datum_of(large, found)) == 5000
    assert len(datum_of(large, found, limits=Limits(block_bytes=5000))) == 5000
    with pytest.raises(LimitError) as caught:
        datum_of(large, found, limits=Limits(block_bytes=4999))
    assert caught.value.limit == "block_bytes"
    with pytest.raises(TruncatedError):
        datum_of(large[:-1], found)
    with pytest.raises(DecodeError) as trailing:
        datum_of(large + b"x", found)
    assert trailing.value.kind is DecodeFailure.TRAILING
    with pytest.raises(DecodeError):
        datum_of(head + b"no zlib", found)
