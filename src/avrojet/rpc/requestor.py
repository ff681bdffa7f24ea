"""The client's side of calls, without I/O."""

from __future__ import annotations

from typing import Any, Final

from avrojet.errors import DecodeError, SchemaError
from avrojet.rpc.calls import PING, answer_of, decode_system_error, encode_metadata, encode_name, request_of
from avrojet.rpc.context import Context
from avrojet.rpc.failures import HandshakeError, RpcError
from avrojet.rpc.handshake import ClientHandshake, HandshakeResponse, Peer, Protocols
from avrojet.schema.protocol import Protocol
from avrojet.schema.protocol_json import parse_protocol


def _parse(text: str) -> Protocol:
    return parse_protocol(text, names="lax")


# Of servers: clients of one server, and connections to it, find what others have learned.
_servers: Final[Protocols[Protocol]] = Protocols(_parse)


class Requestor:
    """Makes the bytes of calls to one server, and reads its answers. Threads may share it.

    >>> requestor = Requestor(protocol)
    >>> context, exchange = requestor.context("send", {"message": message}), Exchange()
    >>> request = requestor.request(context, exchange)
    >>> reply = send(request)
    >>> while requestor.is_to_repeat(reply, exchange):
    ...     reply = send(requestor.request(context, exchange))
    >>> requestor.response(context, reply, exchange)

    :param protocol: the client's.
    """

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self._handshake = ClientHandshake(protocol, protocol.md5, protocol.json, _servers)

    @property
    def server(self) -> Protocol:
        """The server's protocol; until a handshake tells it, the client's."""
        return self._handshake.server.protocol

    def context(
        self, name: str, parameters: dict[str, Any], metadata: dict[str, bytes] | None = None
    ) -> Context:
        """A call.

        :raises RpcError: if the protocol has no such message.
        """
        message = self.protocol.messages.get(name)
        if message is None:
            known = ", ".join(self.protocol.messages)
            raise RpcError(f"{self.protocol.fullname} has no message {name!r}; it has {known}")
        return Context(message, parameters, dict(metadata or {}))

    def request(self, context: Context | None, exchange: Exchange) -> bytes:
        """The bytes to send.

        :param context: None: a ping.
        :raises EncodeError: if the parameters do not fit.
        """
        server = exchange.server = self._handshake.server
        if context is None:
            body = encode_metadata({}) + encode_name(PING)
        else:
            request = request_of(self.protocol, context.message)
            body = request.encode(context.parameters, context.request_metadata)
        if exchange.is_settled:
            return body
        return self._handshake.request(server, send_protocol=exchange.send_protocol).encode() + body

    def is_to_repeat(self, reply: bytes, exchange: Exchange) -> bool:
        """Whether the server asks for the protocol: then the request is to be made and sent again.

        :raises HandshakeError: if it cannot be agreed with.
        """
        exchange.start = 0
        if exchange.is_settled:
            return False
        assert exchange.server is not None
        try:
            answer, exchange.start = HandshakeResponse.decode(reply)
            taken, exchange.server = self._handshake.accept(
                answer, exchange.server, sent_protocol=exchange.send_protocol
            )
        except DecodeError as error:
            raise HandshakeError(f"the answer does not begin with a handshake: {error}") from error
        except SchemaError as error:
            raise HandshakeError(f"the server's protocol is not valid: {error}") from error
        exchange.send_protocol = not taken
        return not taken

    def response(self, context: Context, reply: bytes, exchange: Exchange) -> Any:
        """The response.

        :raises RemoteError: if the server answers with an error.
        :raises RpcError: if its answers cannot be read.
        :raises DecodeError: if the bytes are no response.
        """
        assert exchange.server is not None
        try:
            answer = answer_of(self.protocol, exchange.server.protocol, context.message.name)
        except RpcError:
            told = decode_system_error(reply, exchange.start)  # by the server, if it has no such message
            if told is not None:
                raise told from None
            raise
        return answer.decode(reply, exchange.start, context.response_metadata)


class Exchange:
    """What is known while one call is made.

    :ivar is_settled: the connection remembers its handshake, so that none is sent.
    :ivar send_protocol: the server has asked for it.
    :ivar server: what was known of the server when the request was made, and then by its answer.
    :ivar start: where the answer begins, after the handshake.
    """

    __slots__ = ("is_settled", "send_protocol", "server", "start")

    def __init__(self, *, is_settled: bool = False) -> None:
        self.is_settled = is_settled
        self.send_protocol = False
        self.server: Peer[Protocol] | None = None
        self.start = 0
