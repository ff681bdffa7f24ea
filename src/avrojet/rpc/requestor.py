"""The client's side of calls, without I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from avrojet.errors import DecodeError, SchemaError
from avrojet.rpc.calls import PING_REQUEST, answer_of, decode_system_error, request_of
from avrojet.rpc.classes import RecordClasses
from avrojet.rpc.context import Context
from avrojet.rpc.failures import HandshakeError, RpcError, no_message
from avrojet.rpc.handshake import ClientHandshake, HandshakeResponse, Peer, Protocols, protocol_limits
from avrojet.rpc.steps import Steps
from avrojet.schema.protocol import Protocol
from avrojet.schema.protocol_json import parse_protocol

if TYPE_CHECKING:
    from avrojet.typed.binding import Classes


def _parse(text: str) -> Protocol:
    return parse_protocol(text, names="lax", limits=protocol_limits())


# Knowledge of servers: clients of one server, and connections to it, share it.
_servers: Final[Protocols[Protocol]] = Protocols(_parse)


class Requestor:
    """Makes the bytes of calls to one server, and reads its answers. Threads may share it.

    >>> requestor = Requestor(protocol)
    >>> steps = requestor.call(requestor.context("send", {"message": message}))
    >>> run(steps, exchange)        # or await run_async(steps, exchange)
    'sent to you'

    :param protocol: the client's.
    :param classes: the classes to use for records, see :class:`avrojet.Decoder`.
    :raises SchemaError: if one does not fit.
    """

    def __init__(self, protocol: Protocol, classes: Classes | None = None) -> None:
        self.protocol = protocol
        self._classes = RecordClasses(classes)
        if classes is not None:  # report a class that does not fit before the first call
            for message in protocol.messages.values():
                request_of(protocol, message, self._classes)
                answer_of(protocol, protocol, message.name, self._classes)
        self._handshake = ClientHandshake(protocol, protocol.md5, protocol.json, _servers)

    @property
    def server(self) -> Protocol:
        """The server's protocol; before a handshake, the client's."""
        return self._handshake.server.protocol

    def context(
        self, name: str, parameters: dict[str, Any], metadata: dict[str, bytes] | None = None
    ) -> Context:
        """Make the context of a call.

        :raises RpcError: if the protocol has no such message.
        """
        message = self.protocol.messages.get(name)
        if message is None:
            raise RpcError(no_message(self.protocol, name))
        return Context(message, parameters, dict(metadata or {}))

    def call(self, context: Context, exchange: Exchange | None = None) -> Steps[Any]:
        """Return the steps that lead to the response of a call; see :meth:`response` for their errors.

        :param exchange: None: a connection without a handshake so far. After one, a one-way message has no
            answer, and the value sent into the steps is ignored.
        """
        exchange = exchange or Exchange()
        is_settled = exchange.is_settled
        reply = yield self.request(context, exchange)
        if is_settled and context.message.one_way:
            return None
        while self.is_to_repeat(reply, exchange):
            reply = yield self.request(context, exchange)
        return self.response(context, reply, exchange)

    def ping(self, exchange: Exchange | None = None) -> Steps[Protocol]:
        """Return the steps that lead to the server's protocol, by a handshake without a call."""
        exchange = exchange or Exchange()
        while self.is_to_repeat((yield self.request(None, exchange)), exchange):
            pass
        return self.server

    def request(self, context: Context | None, exchange: Exchange) -> bytes:
        """Return the bytes to send.

        :param context: None: a ping.
        :raises EncodeError: if the parameters do not fit.
        """
        if exchange.server is None:
            exchange.server = self._handshake.server
        if context is None:
            body = PING_REQUEST
        else:
            request = request_of(self.protocol, context.message, self._classes)
            body = request.encode(context.parameters, context.request_metadata)
        if exchange.is_settled:
            return body
        return self._handshake.request(exchange.server, send_protocol=exchange.send_protocol).encode() + body

    def is_to_repeat(self, reply: bytes, exchange: Exchange) -> bool:
        """Whether the server asks for the protocol: then the request must be made and sent again.

        :raises HandshakeError: if client and server cannot agree.
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
        exchange.is_settled = taken
        exchange.send_protocol = not taken
        return not taken

    def response(self, context: Context, reply: bytes, exchange: Exchange) -> Any:
        """The response.

        :raises RemoteError: if the server answered with an error; if its class is an exception, that
            exception is raised.
        :raises RpcError: if its answers cannot be read.
        :raises DecodeError: if the bytes are not a response.
        """
        assert exchange.server is not None
        try:
            answer = answer_of(self.protocol, exchange.server.protocol, context.message.name, self._classes)
        except RpcError:
            error = decode_system_error(reply, exchange.start)  # from the server, if it has no such message
            if error is not None:
                raise error from None
            raise
        return answer.decode(reply, exchange.start, context.response_metadata)


class Exchange:
    """The state of one call in progress.

    :param server: the knowledge of the server from a handshake over the same connection; None: there was
        none, or the connection does not remember it.
    :ivar is_settled: whether there has been a handshake, so that none is sent.
    :ivar send_protocol: whether the server has asked for the protocol.
    :ivar server: the knowledge of the server when the request was made, and then from its answer.
    :ivar start: where the answer begins, after the handshake.
    """

    __slots__ = ("is_settled", "send_protocol", "server", "start")

    def __init__(self, server: Peer[Protocol] | None = None) -> None:
        self.is_settled = server is not None
        self.send_protocol = False
        self.server = server
        self.start = 0
