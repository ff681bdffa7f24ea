"""Requests and responses as other implementations have written them."""

from __future__ import annotations

import pytest

from avrojet import rpc
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
