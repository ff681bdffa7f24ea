"""Requests and responses as other implementations have written them."""

from __future__ import annotations

import json

import pytest

import avrojet
from avrojet import rpc
from avrojet.rpc.calls import Answer, Request, ServerMessage
from avrojet.rpc.classes import NO_CLASSES
from avrojet.rpc.handshake import HandshakeRequest, HandshakeResponse, Match


def test_the_handshake_is_the_specifications():
    request = HandshakeRequest(b"c" * 16, None, b"s" * 16)
    assert request.encode() == b"c" * 16 + b"\x00" + b"s" * 16 + b"\x00"
    assert HandshakeRequest.decode(request.encode()) == (request, 34)
    assert HandshakeResponse(Match.BOTH).encode() == b"\x00\x00\x00\x00"
    answer = HandshakeResponse(Match.CLIENT, "{}", b"s" * 16, {"k": b"v"})
    assert answer.encode() == b"\x02\x02\x04{}\x02" + b"s" * 16 + b"\x02\x02\x02k\x02v\x00"
    assert HandshakeResponse.decode(answer.encode())[0] == answer


def test_apaches_client_and_server_are_understood(tmp_path):
    ipc = pytest.importorskip("avro.ipc")
    apache = pytest.importorskip("avro.protocol")
    from tests.rpc.test_calls import Mail, protocol

    class Local:
        def __init__(self, respond):
            self.transceive = respond
            self.remote_name = str(tmp_path)

    class Server(ipc.Responder):
        def invoke(self, local_message, request):
            return "from Apache"

    text = protocol().json
    responder = rpc.Responder(protocol(), Mail())
    requestor = ipc.Requestor(apache.parse(text), Local(responder.respond))
    assert requestor.request("send", {"letter": {"to": "ann"}}) == '{"to": "ann"}'

    kept = Server(apache.parse(text))

    class Kept:
        def exchange(self, request, /):
            return kept.respond(request)

    assert rpc.Client(protocol(), Kept()).send(letter={"to": "ann"}) == "from Apache"


PAIRS = ["add/onePlusOne", "echo/foo", "hello/world"]


def only(path):
    with avrojet.DataFileReader(path) as reader:
        (value,) = reader
        return json.loads(reader.schema.json), value


@pytest.mark.parametrize("pair", PAIRS)
def test_requests_and_responses_of_other_implementations(pair, shared_testdata):
    folder = shared_testdata / "apache-avro" / "interop" / "rpc" / pair
    (request, parameters), (response, value) = only(folder / "request.avro"), only(folder / "response.avro")
    named = [field["type"] for field in request["fields"] if isinstance(field["type"], dict)]
    message = {
        "request": [
            {
                "name": field["name"],
                "type": field["type"]["name"] if field["type"] in named else field["type"],
            }
            for field in request["fields"]
        ],
        "response": response["name"] if isinstance(response, dict) else response,
    }
    name = request["name"]
    protocol = avrojet.parse_protocol(
        {
            "protocol": "Interop",
            "namespace": "org.apache.avro.test",
            "types": named,
            "messages": {name: message},
        }
    )
    seen = []
    responder = rpc.Responder(protocol, {name: lambda **given: seen.append(given) or value})
    client = rpc.Client(protocol, rpc.LocalTransport(responder))
    assert client.call(name, parameters) == value
    assert seen == [parameters]
    local = protocol.messages[name]
    sent = Request(local, NO_CLASSES).encode(parameters, {})
    assert sent.endswith(avrojet.Encoder(request).encode(parameters))
    answer = b"\0" + ServerMessage(local, local, NO_CLASSES).response(value)
    assert answer == b"\0\0" + avrojet.Encoder(response).encode(value)
    assert Answer(local, local, NO_CLASSES).decode(answer, 0, {}) == value
