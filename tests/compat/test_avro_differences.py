"""One test for each row of the tables in docs/moving/avro.md, by the name that stands there."""

from __future__ import annotations

import contextlib
import io
import json
import re
import select
import socket
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from avrojet.compat import avro
from avrojet.compat.avro import codecs, datafile, errors, ipc, protocol, schema
from avrojet.compat.avro.datafile import DataFileReader, DataFileWriter
from avrojet.compat.avro.io import BinaryDecoder, BinaryEncoder, DatumReader, DatumWriter

PAGE = Path(__file__).resolve().parents[2] / "docs" / "moving" / "avro.md"
DAY = {"type": "int", "logicalType": "date"}
PRICE = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
UUIDS = {"type": "string", "logicalType": "uuid"}
OPTIONAL = {"name": "y", "type": ["null", "int"]}
AB = {"type": "enum", "name": "E", "symbols": ["A", "B"]}


def record(*fields, name="R", **more):
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(type, **more):
    return {"name": "x", "type": type, **more}


def encode(type, value):
    target = io.BytesIO()
    DatumWriter(schema.parse(json.dumps(type))).write(value, BinaryEncoder(target))
    return target.getvalue()


def decode(data, writer, reader=None):
    readers = None if reader is None else schema.parse(json.dumps(reader))
    return DatumReader(schema.parse(json.dumps(writer)), readers).read(BinaryDecoder(io.BytesIO(data)))


def default(type, value):
    """What a reader's field gets that the data have not."""
    return decode(b"", record(), record(field(type, default=value)))["x"]


def test_every_row_of_the_tables_has_its_test_and_every_test_its_row():
    rows = re.findall(r"`(test_\w+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    tests = {name for name in globals() if name.startswith("test_") and "every_row" not in name}
    assert len(rows) == len(set(rows))
    assert set(rows) == tests


@pytest.mark.parametrize(
    ("union", "value", "branch"),
    [
        (["boolean", "int"], True, 0),
        (["int", "boolean"], True, 1),
        (["int", "long"], 1, 0),
        (["int", "double"], 1, 0),
        ([record(field("int")), {"type": "map", "values": "int"}], {"x": 1}, 0),
        ([record(field("int")), record(field("int"), OPTIONAL, name="S")], {"x": 1}, 0),
    ],
)
def test_a_value_goes_to_the_branch_that_it_fits_best(union, value, branch):
    assert encode(union, value)[0] == 2 * branch
    assert decode(encode(union, value), union) == value
    assert type(decode(encode(union, value), union)) is type(value)


@pytest.mark.parametrize("number", ["-1.2", "1.2", "12", "-1.28", "0", "1E+1"])
def test_decimals_keep_their_point(number):
    for type in (PRICE, {**PRICE, "type": "fixed", "name": "F", "size": 4}):
        assert decode(encode(type, Decimal(number)), type) == Decimal(number)


def test_decimals_beyond_the_precision_are_refused():
    with pytest.raises(errors.AvroTypeException):
        encode(PRICE, Decimal("123.45"))
    with pytest.raises(errors.AvroOutOfScaleException):
        encode(PRICE, Decimal("1.234"))


def test_decimals_are_read_with_all_their_digits():
    short = {**PRICE, "precision": 2, "scale": 0}
    assert str(decode(b"\x04\xff\x00", short)) == "-256"
    assert decode(b"\x00", short) == 0


def test_a_decimal_of_another_scale_is_refused():
    with pytest.raises(errors.SchemaResolutionException):
        decode(b"\x04\xff\x85", PRICE, {**PRICE, "scale": 1})


def test_numbers_are_promoted_to_floats():
    for writer, reader in (("int", "float"), ("int", "double"), ("long", "double")):
        value = decode(b"\x02", writer, reader)
        assert value == 1.0
        assert type(value) is float


def test_strings_and_bytes_are_promoted():
    assert decode(b"\x02x", "string", "bytes") == b"x"
    assert decode(b"\x02x", "bytes", "string") == "x"
    assert schema.parse('"bytes"').match(schema.parse('"string"'))


def test_items_and_values_are_promoted():
    assert decode(b"\x02\x02\x00", {"type": "array", "items": "int"}, {"type": "array", "items": "long"}) == [
        1
    ]
    maps = [{"type": "map", "values": type} for type in ("int", "double")]
    assert decode(b"\x02\x02k\x02\x00", *maps) == {"k": 1.0}


def test_aliases_rename():
    assert decode(b"\x02", record(field("int")), record({"name": "y", "type": "int", "aliases": ["x"]})) == {
        "y": 1
    }
    assert decode(b"\x02", record(field("int"), name="Old"), record(field("int"), aliases=["Old"])) == {
        "x": 1
    }


def test_names_match_without_their_namespaces():
    assert decode(b"\x02", record(field("int"), namespace="a"), record(field("int"), namespace="b")) == {
        "x": 1
    }


def test_a_union_is_read_as_what_is_no_union():
    assert decode(b"\x00\x02", ["int", "string"], "int") == 1
    with pytest.raises(errors.SchemaResolutionException):
        decode(b"\x02\x02x", ["int", "string"], "int")


def test_the_readers_default_stands_for_symbols_that_it_lacks():
    assert decode(b"\x02", AB, {**AB, "symbols": ["A"], "default": "A"}) == "A"


def test_an_index_that_an_enum_lacks_is_damage():
    with pytest.raises(errors.SchemaResolutionException):
        decode(b"\x04", {**AB, "default": "A"})


def test_defaults_of_bytes_are_code_points():
    assert default("bytes", "\u00ff") == b"\xff"
    assert default({"type": "fixed", "name": "F", "size": 2}, "a\u00ff") == b"a\xff"


def test_defaults_of_floats_are_floats():
    assert type(default("double", 1)) is float
    assert default("float", 1.1) == 1.100000023841858


def test_a_unions_default_may_be_of_any_branch():
    assert default(["null", "int"], 5) == 5
    assert default(["int", "null"], None) is None


def test_defaults_have_their_logical_type():
    assert default(DAY, 1) == date(1970, 1, 2)


@pytest.mark.parametrize(("type", "value"), [("boolean", 1), ("int", "x"), (AB, "Z")])
def test_a_default_that_does_not_fit_is_none(type, value):
    with pytest.raises(errors.SchemaResolutionException):
        default(type, value)


def test_the_readers_schema_says_what_a_number_means():
    assert decode(b"\x02", DAY, "int") == 1
    assert decode(b"\x02", "int", DAY) == date(1970, 1, 2)


@pytest.mark.parametrize(
    ("type", "data"),
    [
        ("boolean", b"\x02"),
        ("string", b"\x02\xff"),
        ({"type": "int", "logicalType": "time-millis"}, b"\x01"),
        ({"type": "long", "logicalType": "timestamp-micros"}, b"\xfe" + b"\xff" * 8 + b"\x01"),
        ({"type": "array", "items": "int"}, b"\x01" + b"\xff" * 9 + b"\x01\x00"),
    ],
)
def test_bytes_that_are_no_value_are_malformed(type, data):
    with pytest.raises(errors.InvalidAvroBinaryEncoding):
        decode(data, type)


@pytest.mark.parametrize(
    ("type", "value"),
    [("float", 1e300), ("double", 10**400), ("string", "\ud800")],
    ids=["float", "int", "text"],
)
def test_values_that_have_no_bytes_are_of_the_wrong_type(type, value):
    with pytest.raises(errors.AvroTypeException):
        encode(type, value)


@pytest.mark.parametrize(
    ("type", "value", "read"),
    [
        (DAY, 5, date(1970, 1, 6)),
        (DAY, datetime(2020, 1, 1, 12, tzinfo=UTC), date(2020, 1, 1)),
        (PRICE, b"\x01", Decimal("0.01")),
        (UUIDS, UUID(int=5), str(UUID(int=5))),
        ({"type": "array", "items": "int"}, (1, 2), [1, 2]),
        ("bytes", bytearray(b"x"), b"x"),
    ],
)
def test_more_values_are_taken(type, value, read):
    assert decode(encode(type, value), type) == read


def test_uuids_are_written_in_their_form():
    for text in ("DBF7A98A-FF50-4C69-9F04-897726204155", "dbf7a98aff504c699f04897726204155"):
        assert decode(encode(UUIDS, text), UUIDS) == "dbf7a98a-ff50-4c69-9f04-897726204155"


def test_canonical_forms_are_the_specifications():
    assert schema.parse('{"type": "int", "logicalType": "date", "x": 1}').canonical_form == '"int"'
    assert '"type":"record"' in schema.parse('{"type": "error", "name": "E", "fields": []}').canonical_form
    fixed = {"type": "fixed", "name": "F", "size": 2}
    twice = schema.parse(json.dumps(record(field(fixed), {"name": "y", "type": "F"})))
    assert twice.canonical_form.count('"size"') == 1


def test_the_text_of_a_schema_can_be_parsed():
    fixed = {**PRICE, "type": "fixed", "name": "F", "size": 4}
    twice = schema.parse(json.dumps(record(field(fixed), {"name": "y", "type": "F"}, namespace="a")))
    assert schema.parse(str(twice)) == twice
    bare = schema.parse(json.dumps(record(field({**fixed, "namespace": ""}), namespace="a")))
    assert schema.parse(str(bare)).fields[0].type.fullname == "F"


def test_a_schema_may_stand_in_the_place_of_a_type():
    assert schema.parse('{"type": {"type": "array", "items": {"type": "int"}}}').items.type == "int"
    assert schema.parse('{"type": ["null", "int"]}').schemas[1].type == "int"


def test_decoded_instants_have_pythons_own_zone():
    moment = {"type": "long", "logicalType": "timestamp-millis"}
    assert decode(b"\x00", moment).tzinfo is UTC


def test_attributes_are_set_by_set_prop():
    parsed = schema.parse(json.dumps(AB))
    assert DatumReader(parsed).read(BinaryDecoder(io.BytesIO(b"\x02"))) == "B"
    parsed.set_prop("symbols", ["A", "C"])
    assert DatumReader(parsed).read(BinaryDecoder(io.BytesIO(b"\x02"))) == "C"


def written(*rows, codec="null", type="long"):
    target = io.BytesIO()
    writer = DataFileWriter(target, DatumWriter(), schema.parse(json.dumps(type)), codec)
    for row in rows:
        writer.append(row)
    writer.flush()
    return target.getvalue(), writer


def test_a_file_without_its_sync_marker_is_damaged():
    data, writer = written(1, 2)
    broken = data[: -len(writer.sync_marker)] + b"x" * 16
    with pytest.raises(errors.DataFileException):
        list(DataFileReader(io.BytesIO(broken), DatumReader()))
    with pytest.raises(errors.InvalidAvroBinaryEncoding):
        list(DataFileReader(io.BytesIO(data[:-8]), DatumReader()))


def test_a_block_whose_count_lies_is_damaged():
    data, writer = written(1, 2)
    start = data.index(writer.sync_marker) + 16
    assert data[start] == 4
    for count in (2, 6):
        broken = data[:start] + bytes([count]) + data[start + 1 :]
        with pytest.raises((errors.DataFileException, errors.InvalidAvroBinaryEncoding)):
            list(DataFileReader(io.BytesIO(broken), DatumReader()))


def test_a_file_is_read_block_by_block():
    data, writer = written(*range(100))
    reader = DataFileReader(io.BytesIO(data), DatumReader())
    assert reader.reader.tell() == data.index(writer.sync_marker) + 16
    assert next(reader) == 0
    assert iter(reader) is not reader
    assert reader.reader.tell() == len(data)
    assert reader.block_count == 99
    assert not reader.is_EOF()
    assert list(reader) == list(range(1, 100))
    assert reader.is_EOF()


def test_xz_is_known():
    assert "xz" in datafile.VALID_CODECS
    data, _ = written(1, codec="xz")
    assert list(DataFileReader(io.BytesIO(data), DatumReader())) == [1]
    assert codecs.get_codec("xz").compress(b"x")[1] > 1


def test_files_with_odd_names_are_read():
    data, _ = written({"x": 1}, type=record(field("int")))
    odd = data.replace(b'"name": "x"', b'"name": "-"')
    assert list(DataFileReader(io.BytesIO(odd), DatumReader())) == [{"-": 1}]


class Pipe:
    """A stream that cannot seek, and gives a byte at a time."""

    def __init__(self, data):
        self._stream = io.BytesIO(data)

    def read(self, size):
        return self._stream.read(min(size, 1))


def test_streams_need_not_seek():
    writer, reader = record({"name": "y", "type": "string"}, field("int")), record(field("long"))
    parsed = [schema.parse(json.dumps(each)) for each in (writer, reader)]
    assert DatumReader(*parsed).read(BinaryDecoder(Pipe(b"\x06abc\x02"))) == {"x": 1}


MAIL = {
    "protocol": "Mail",
    "namespace": "a",
    "doc": "for letters",
    "types": [{"type": "error", "name": "Bad", "fields": [{"name": "why", "type": "string"}]}],
    "messages": {
        "send": {"request": [{"name": "to", "type": "string"}], "response": "string", "errors": ["Bad"]},
        "fire": {"request": [], "response": "null", "one-way": True},
    },
}


def test_protocols_keep_what_they_say():
    parsed = protocol.parse(json.dumps(MAIL))
    assert "for letters" in str(parsed)
    assert parsed.messages["fire"].one_way
    assert json.loads(str(parsed))["messages"]["fire"]["one-way"] is True
    with pytest.raises(errors.ProtocolParseException):
        protocol.parse('{"namespace": "a"}')


class Local:
    """Carries calls to a responder of the same process."""

    remote_name = "the same"

    def __init__(self, responder):
        self.responder = responder
        self.calls = 0

    def transceive(self, request):
        self.calls += 1
        return self.responder.respond(request)


class Mail(ipc.Responder):
    def __init__(self, more=()):
        super().__init__(protocol.parse(json.dumps({**MAIL, "messages": {**MAIL["messages"], **dict(more)}})))

    def invoke(self, local_message, request):
        if request["to"] == "bad":
            raise errors.AvroRemoteException({"why": "no box"})
        if request["to"] == "odd":
            return 5
        return f"to {request['to']}"


def test_declared_errors_can_be_sent():
    requestor = ipc.Requestor(protocol.parse(json.dumps(MAIL)), Local(Mail()))
    assert requestor.request("send", {"to": "me"}) == "to me"
    with pytest.raises(errors.AvroRemoteException) as caught:
        requestor.request("send", {"to": "bad"})
    assert caught.value.datum == {"why": "no box"}


def test_a_call_that_cannot_be_answered_gets_an_error():
    messages = {**MAIL["messages"], "more": MAIL["messages"]["fire"]}
    requestor = ipc.Requestor(protocol.parse(json.dumps({**MAIL, "messages": messages})), Local(Mail()))
    with pytest.raises(errors.AvroRemoteException, match="not an example"):
        requestor.request("send", {"to": "odd"})
    assert b"Unknown local message" in Mail().respond(handshake(requestor.local_protocol) + b"\x00\x08more")
    assert b"not an" not in Mail().respond(b"garbage")


def handshake(local):
    return local.md5 + b"\x02" + encode("string", str(local)) + local.md5 + b"\x00"


def test_a_second_requestor_knows_the_server():
    local = Local(Mail({"more": MAIL["messages"]["send"]}.items()))
    for _ in range(2):
        requestor = ipc.Requestor(protocol.parse(json.dumps(MAIL)), local)
        assert requestor.request("send", {"to": "me"}) == "to me"
    assert "more" in requestor.remote_protocol.messages


def test_a_ping_is_answered_by_the_handshake():
    local = Mail()
    request = handshake(local.local_protocol) + b"\x00\x00"
    answer = local.respond(request)
    assert answer == b"\x00\x00\x00\x00"  # BOTH, and nothing besides


def test_a_transceiver_connects_when_it_is_used():
    transceiver = ipc.HTTPTransceiver("no.such.host.invalid", 80, "/x")
    assert transceiver.remote_name == "no.such.host.invalid:80/x"
    assert transceiver.conn.sock is None


@contextlib.contextmanager
def answering(*answers):
    """A server whose connections get one answer each, and are closed."""

    def serve():
        for answer in answers:
            with listening.accept()[0] as connection:
                connection.recv(1 << 16)
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        transceiver = ipc.HTTPTransceiver(*listening.getsockname())
        yield transceiver
        transceiver.close()
        thread.join()


def test_a_transceiver_connects_again():
    frames = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\0\0\0\x01a\0\0\0\0"
    with answering(frames, frames) as transceiver:
        assert transceiver.transceive(b"x") == b"a"
        select.select([transceiver.conn.sock], [], [], 30)  # until the server has closed it
        assert transceiver.transceive(b"x") == b"a"


def test_a_transceiver_tells_the_status():
    with (
        answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") as transceiver,
        pytest.raises(errors.AvroException, match="status 404"),
    ):
        transceiver.transceive(b"x")


def test_a_framed_message_is_one_write():
    writes = []

    class Target:
        def write(self, data):
            writes.append(data)

    ipc.FramedWriter(Target()).write_framed_message(b"x" * 20_000)
    assert len(writes) == 1
    assert ipc.FramedReader(io.BytesIO(writes[0])).read_framed_message() == b"x" * 20_000


def test_tether_is_left_out():
    assert not hasattr(avro, "tether")


def test_readers_may_be_shared_by_threads():
    reader = DatumReader(schema.parse('{"type": "array", "items": "long"}'))
    data, seen = encode({"type": "array", "items": "long"}, list(range(1000))), []

    def read():
        seen.extend(len(reader.read(BinaryDecoder(io.BytesIO(data)))) for _ in range(50))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1000] * 200
