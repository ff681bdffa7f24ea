"""Clients, whatever carries their bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import TracebackType
from typing import Any, Protocol, Self

from avrojet.rpc.context import Context, Middleware, around
from avrojet.rpc.failures import ConnectionClosedError
from avrojet.rpc.requestor import Exchange, Requestor
from avrojet.rpc.responder import Responder
from avrojet.schema.protocol import Protocol as AvroProtocol


class Transport(Protocol):
    """What carries a request to a server and its answer back; stateless, so each has a handshake."""

    def exchange(self, request: bytes, /) -> bytes:
        """The answer to a request.

        :raises ConnectionClosedError: if there is none.
        """

    def close(self) -> None:
        """Let go of what is open."""


class LocalTransport:
    """Carries requests to a responder of the same process."""

    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    def exchange(self, request: bytes, /) -> bytes:
        answer = self._responder.respond(request)
        if answer is None:
            raise ConnectionClosedError("the responder has no answer")
        return answer

    def close(self) -> None:
        return None


class Client:
    """Calls a server.

    >>> client = Client(protocol, HttpTransport("http://localhost:8080/"))
    >>> client.send(message={"to": "you", "body": "hello"})
    >>> client.call("send", {"message": {"to": "you", "body": "hello"}})

    Threads may share it if they may share its transport. A parameter with a default may be left out.

    :param protocol: the client's; the server's may differ, as a reader's schema may from a writer's.
    :param transport: what carries the bytes.
    :param middleware: functions around each call, the outermost first.
    """

    def __init__(
        self,
        protocol: AvroProtocol,
        transport: Transport,
        *,
        middleware: Iterable[Middleware] = (),
    ) -> None:
        self.protocol = protocol
        self._transport = transport
        self._requestor = Requestor(protocol)
        self._call = around(tuple(middleware), self._exchange)

    def call(
        self,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        metadata: Mapping[str, bytes] | None = None,
    ) -> Any:
        """Send a message and wait for the response.

        :param name: of the message.
        :param parameters: by name.
        :param metadata: what goes with the request.
        :returns: the response; None for a one-way message.
        :raises RemoteError: if the server answers with an error, declared or not.
        :raises EncodeError: if the parameters do not fit; nothing is sent.
        :raises HandshakeError: if the other side does not speak Avro, or does not agree about protocols.
        :raises ConnectionClosedError: if it does not answer.
        :raises RpcError: if one side has no such message, or does not understand the other's.
        """
        return self._call(self._requestor.context(name, dict(parameters or {}), dict(metadata or {})))

    def ping(self) -> AvroProtocol:
        """See whether the server answers, and shake hands.

        :returns: the server's protocol.
        :raises RpcError: if it does not answer, or does not know pings.
        """
        exchange = Exchange()
        while self._requestor.is_to_repeat(self._send(None, exchange), exchange):
            pass
        return self._requestor.server

    def _exchange(self, context: Context) -> Any:
        exchange = Exchange()
        reply = self._send(context, exchange)
        while self._requestor.is_to_repeat(reply, exchange):
            reply = self._send(context, exchange)
        return self._requestor.response(context, reply, exchange)

    def _send(self, context: Context | None, exchange: Exchange) -> bytes:
        return self._transport.exchange(self._requestor.request(context, exchange))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_") or name not in self.protocol.messages:
            raise AttributeError(f"the protocol {self.protocol.fullname} has no message {name!r}")
        return partial(self._call_by_name, name)

    def _call_by_name(self, name: str, /, **parameters: Any) -> Any:
        return self.call(name, parameters)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.protocol.messages]

    def close(self) -> None:
        """Close the transport."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
