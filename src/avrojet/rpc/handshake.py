"""The handshake, by which client and server learn each other's protocols. Specification: Handshake.

Bytes in, bytes out; no I/O. A protocol is identified by its hash, and its text is sent only to a side that
does not know it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Generic, NamedTuple, TypeVar

from avrojet.cache import PlanCache
from avrojet.datum import Decoder, Encoder
from avrojet.limits import Limits, limits_in_force
from avrojet.rpc.failures import HandshakeError
from avrojet.schema.parse import parse_schema

P = TypeVar("P")

_MD5: Final = {"type": "fixed", "name": "MD5", "size": 16}
_META: Final = ["null", {"type": "map", "values": "bytes"}]

REQUEST_SCHEMA: Final = parse_schema(
    {
        "type": "record",
        "name": "HandshakeRequest",
        "namespace": "org.apache.avro.ipc",
        "fields": [
            {"name": "clientHash", "type": _MD5},
            {"name": "clientProtocol", "type": ["null", "string"]},
            {"name": "serverHash", "type": "MD5"},
            {"name": "meta", "type": _META},
        ],
    }
)
RESPONSE_SCHEMA: Final = parse_schema(
    {
        "type": "record",
        "name": "HandshakeResponse",
        "namespace": "org.apache.avro.ipc",
        "fields": [
            {
                "name": "match",
                "type": {"type": "enum", "name": "HandshakeMatch", "symbols": ["BOTH", "CLIENT", "NONE"]},
            },
            {"name": "serverProtocol", "type": ["null", "string"]},
            {"name": "serverHash", "type": ["null", _MD5]},
            {"name": "meta", "type": _META},
        ],
    }
)

METADATA_LIMITS: Final = Limits(items=1000)
"""The bound for maps of metadata. An entry of a few bytes takes a hundred in memory, and metadata are read
before the client is authenticated.
"""

_MOST_CHARACTERS: Final = 1 << 20


def protocol_limits() -> Limits:
    """The bound for protocols from the other side: a million characters, half a second to parse."""
    limits = limits_in_force()
    return replace(limits, schema_bytes=min(limits.schema_bytes, _MOST_CHARACTERS))


_request_encoder: Final = Encoder(REQUEST_SCHEMA)
_request_decoder: Final = Decoder(REQUEST_SCHEMA, records="tuple", limits=METADATA_LIMITS)
_response_encoder: Final = Encoder(RESPONSE_SCHEMA)
_response_decoder: Final = Decoder(RESPONSE_SCHEMA, records="tuple", limits=METADATA_LIMITS)


class Match(StrEnum):
    """What the server knows of the two protocols."""

    BOTH = "BOTH"
    """The server knows the client's protocol, and the client knows the server's."""

    CLIENT = "CLIENT"
    """The server knows the client's protocol, but the client does not know the server's, which is sent with
    this.
    """

    NONE = "NONE"
    """The server does not know the client's protocol: the client must send it. The server's is sent with
    this.
    """


@dataclass(frozen=True, slots=True)
class HandshakeRequest:
    """The client's message in a handshake.

    :ivar client_hash: the hash of its protocol.
    :ivar client_protocol: the JSON text, if the server has asked for it.
    :ivar server_hash: the hash of the protocol that it expects the server to have.
    """

    client_hash: bytes
    client_protocol: str | None
    server_hash: bytes
    meta: Mapping[str, bytes] | None = None

    def encode(self) -> bytes:
        return _request_encoder.encode((self.client_hash, self.client_protocol, self.server_hash, self.meta))

    @classmethod
    def decode(cls, data: bytes) -> tuple[HandshakeRequest, int]:
        """Return the request at the beginning of data, and where it ends.

        :raises DecodeError: if there is none.
        """
        fields, end = _request_decoder.decode_from(data)
        return cls(*fields), end


@dataclass(frozen=True, slots=True)
class HandshakeResponse:
    """The server's message in a handshake.

    :ivar server_protocol: the JSON text of its protocol, unless `match` is BOTH.
    :ivar server_hash: the hash of its protocol, likewise.
    """

    match: Match
    server_protocol: str | None = None
    server_hash: bytes | None = None
    meta: Mapping[str, bytes] | None = None

    def encode(self) -> bytes:
        return _response_encoder.encode((self.match, self.server_protocol, self.server_hash, self.meta))

    @classmethod
    def decode(cls, data: bytes) -> tuple[HandshakeResponse, int]:
        """Return the response at the beginning of data, and where it ends.

        :raises DecodeError: if there is none.
        """
        if data.startswith(_AGREED):
            return _agreement, len(_AGREED)
        (match, protocol, server_hash, meta), end = _response_decoder.decode_from(data)
        return cls(Match(match), protocol, server_hash, meta), end


# The response to all calls but the first.
_agreement: Final = HandshakeResponse(Match.BOTH)
_AGREED: Final = _agreement.encode()


class Protocols(Generic[P]):
    """Protocols of other sides, by hash: the most recently used ones.

    Their number is bounded, as anyone can send new ones.

    :param parse: makes a protocol from its JSON text.
    """

    def __init__(self, parse: Callable[[str], P], most: int = 128, characters: int = 4 << 20) -> None:
        self._parse = parse
        self._known: PlanCache[P] = PlanCache(most, characters)

    def get(self, hash: bytes) -> P | None:
        return self._known.get(hash)

    def keep(self, hash: bytes, protocol: P, text: str) -> None:
        self._known.keep(hash, protocol, len(text))

    def add(self, hash: bytes, text: str) -> P:
        """Return the protocol for a text, and keep it under the hash that its owner states.

        It is kept only if that is the MD5 of the text, so that no client can replace the protocol of another.

        :raises SchemaError: (or what `parse` raises) if the text is not a protocol.
        """
        if hashlib.md5(text.encode(), usedforsecurity=False).digest() != hash:
            return self._parse(text)
        found = self.get(hash)
        if found is None:
            found = self._parse(text)
            self.keep(hash, found, text)
        return found


class Peer(NamedTuple, Generic[P]):
    """A client's knowledge of its server.

    :ivar protocol: the server's protocol; until it is known, the client's own.
    :ivar hash: the server's hash of it.
    """

    protocol: P
    hash: bytes


class ClientHandshake(Generic[P]):
    """The client's side, with one server.

    :param local: the client's protocol.
    :param hash: its hash.
    :param text: its JSON text.
    :param known: protocols of servers.
    :ivar server: the knowledge of the server.
    """

    def __init__(self, local: P, hash: bytes, text: str, known: Protocols[P]) -> None:
        self._hash = hash
        self._text = text
        self._known = known
        self.server = Peer(local, hash)

    def request(self, server: Peer[P], *, send_protocol: bool = False) -> HandshakeRequest:
        """Return the request to send before a call.

        :param server: the present knowledge of the server.
        :param send_protocol: whether the server has asked for the protocol.
        """
        return HandshakeRequest(self._hash, self._text if send_protocol else None, server.hash)

    def accept(
        self, response: HandshakeResponse, server: Peer[P], *, sent_protocol: bool = False
    ) -> tuple[bool, Peer[P]]:
        """Learn from the server's response.

        :param server: the knowledge with which the request was made.
        :param sent_protocol: whether the protocol was sent.
        :returns: whether the server has accepted the call (otherwise it must be sent again with the
            protocol); and the new knowledge of the server.
        :raises HandshakeError: if the server asks for the protocol again, or does not send its own.
        """
        if response.match is Match.BOTH:
            return True, server
        if response.server_protocol is None or response.server_hash is None:
            raise HandshakeError(f"the server says {response.match} and does not send its protocol")
        if response.match is Match.NONE and sent_protocol:
            raise HandshakeError("the server has the protocol, but does not accept it")
        protocol = self._known.add(response.server_hash, response.server_protocol)
        self.server = Peer(protocol, response.server_hash)
        return response.match is Match.CLIENT, self.server


class ServerHandshake(Generic[P]):
    """The server's side.

    :param hash: the hash of the server's protocol.
    :param text: its JSON text.
    :param known: protocols of clients.
    """

    def __init__(self, local: P, hash: bytes, text: str, known: Protocols[P]) -> None:
        self._local = local
        self._hash = hash
        self._text = text
        self._known = known
        self._answers = {
            Match.BOTH: HandshakeResponse(Match.BOTH),
            Match.CLIENT: HandshakeResponse(Match.CLIENT, text, hash),
            Match.NONE: HandshakeResponse(Match.NONE, text, hash),
        }

    def answer(self, request: HandshakeRequest) -> tuple[HandshakeResponse, P | None]:
        """Return the response to send, and the client's protocol; None if the client must send it.

        :raises SchemaError: (or what the parsing raises) if the client sends an invalid protocol.
        """
        client = self._client(request)
        if client is None:
            return self._answers[Match.NONE], None
        same = request.server_hash == self._hash
        return self._answers[Match.BOTH if same else Match.CLIENT], client

    def refusal(self, *, is_final: bool = False) -> HandshakeResponse:
        """Return the response to bytes that are not a handshake.

        :param is_final: the client must not send its protocol: an error follows.
        """
        return self._answers[Match.CLIENT if is_final else Match.NONE]

    def _client(self, request: HandshakeRequest) -> P | None:
        if request.client_hash == self._hash:
            return self._local
        if request.client_protocol is None:
            return self._known.get(request.client_hash)
        return self._known.add(request.client_hash, request.client_protocol)
