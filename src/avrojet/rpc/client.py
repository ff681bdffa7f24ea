"""Clients, over any transport."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from avrojet.rpc.context import Context, Middleware, around, send_deadline
from avrojet.rpc.failures import ConnectionClosedError, TimedOutError, no_message
from avrojet.rpc.requestor import Exchange, Requestor
from avrojet.rpc.responder import Responder
from avrojet.rpc.steps import run
from avrojet.schema.model import NO_DEFAULT, Field
from avrojet.schema.protocol import Message
from avrojet.schema.protocol import Protocol as AvroProtocol

if TYPE_CHECKING:
    from avrojet.rpc.handshake import Peer
    from avrojet.typed.binding import Classes


class Transport(Protocol):
    """Carries a request to a server and its answer back; it is stateless, so each request has a handshake.

    A transport whose `exchange` takes no `timeout` can only be used for calls without one.
    """

    def exchange(self, request: bytes, /, *, timeout: float | None = None) -> bytes:
        """The answer to a request.

        :param timeout: the seconds that it may take, if those are fewer than the transport's own.
        :raises TimedOutError: if it does not arrive in time.
        :raises ConnectionClosedError: if no answer arrives.
        """

    def close(self) -> None:
        """Close all connections."""


class Connection(Protocol):
    """A connection to a server, for one call at a time. It remembers its handshake."""

    @property
    def server(self) -> Peer[AvroProtocol] | None:
        """The knowledge of the server from a handshake; None before it."""

    def settle(self, server: Peer[AvroProtocol], /) -> None:
        """Remember the handshake."""

    def exchange(self, request: bytes, /) -> bytes:
        """The answer to a request."""

    def send(self, request: bytes, /) -> bytes:
        """Send a request that has no answer, and return no bytes."""

    def close(self) -> None:
        """Drop the connection: the state of the other side is unknown."""


@runtime_checkable
class StatefulTransport(Protocol):
    """Makes connections that remember their handshake, and keeps them between calls."""

    def connection(self, timeout: float | None = None) -> AbstractContextManager[Connection]:
        """A connection for one call.

        :param timeout: the seconds that the call may take, if those are fewer than the transport's own.
        :raises ConnectionClosedError: if the server cannot be reached.
        """

    def close(self) -> None:
        """Close all connections."""


class LocalTransport:
    """Carries requests to a responder in the same process. It waits for the responder without a time
    limit.
    """

    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    def exchange(self, request: bytes, /, *, timeout: float | None = None) -> bytes:
        answer = self._responder.respond(request)
        if answer is None:
            raise ConnectionClosedError("the responder has no answer")
        return answer

    def close(self) -> None:
        return None


class MessageCall:
    """A message of a client's protocol as a function of its parameters."""

    __slots__ = ("_call", "_message")

    def __init__(self, call: Any, message: Message) -> None:
        self._call = call
        self._message = message

    def __call__(self, /, **parameters: Any) -> Any:
        return self._call(self._message.name, parameters)

    @property
    def __name__(self) -> str:
        return self._message.name

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return self._message.doc or f"Send the message {self._message.name}."

    @property
    def __signature__(self) -> inspect.Signature:
        """The parameters, for :func:`inspect.signature` and editors."""
        return inspect.Signature([_parameter(field) for field in self._message.request.fields])

    def __repr__(self) -> str:
        return f"<message {self._message.name}{self.__signature__}>"


def _parameter(field: Field) -> inspect.Parameter:
    default = inspect.Parameter.empty if field.default is NO_DEFAULT else field.default
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default)


class ClientOfMessages:
    """The parts shared by clients: a method for each message, which makes a call by name."""

    def __init__(self, protocol: AvroProtocol, classes: Classes | None) -> None:
        self.protocol = protocol
        self._requestor = Requestor(protocol, classes)

    def call(self, name: str, parameters: Mapping[str, Any] | None = None, /) -> Any:
        """Send a message."""
        raise NotImplementedError

    def _context(
        self,
        name: str,
        parameters: Mapping[str, Any],
        metadata: Mapping[str, bytes] | None,
        timeout: float | None,
    ) -> Context:
        context = self._requestor.context(name, dict(parameters), dict(metadata or {}))
        if timeout is not None:
            context.limit(timeout)
        return context

    def __getattr__(self, name: str) -> MessageCall:
        if name.startswith("_") or name not in self.protocol.messages:
            raise AttributeError(no_message(self.protocol, name))
        return MessageCall(self.call, self.protocol.messages[name])

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.protocol.messages]


class Client(ClientOfMessages):
    """Calls a server.

    >>> with Client(protocol, HttpTransport("http://localhost:8080/")) as client:
    ...     client.send(message={"to": "you", "body": "hello"})
    ...     client.call("send", message={"to": "you", "body": "hello"})
    'sent to you'
    'sent to you'

    Threads may share it if they may share its transport. A parameter with a default may be left out. A
    message whose name is one of the client's own methods is sent by :meth:`call`.

    :param protocol: the client's; the server's may differ, as a reader's schema may from a writer's.
    :param transport: carries the bytes.
    :param middleware: functions around each call, the outermost first.
    :param classes: the classes to use for records, as for :class:`avrojet.Decoder`: a mapping from fullname
        to class, or classes that are found by their names. If the class of an error is an exception, that
        exception is raised.
    :raises SchemaError: if one of them does not fit.
    """

    def __init__(
        self,
        protocol: AvroProtocol,
        transport: Transport | StatefulTransport,
        *,
        middleware: Iterable[Middleware] = (),
        classes: Classes | None = None,
    ) -> None:
        super().__init__(protocol, classes)
        self._transport = transport
        self._ping: Callable[[], AvroProtocol]
        if isinstance(transport, StatefulTransport):
            exchange = partial(self._call_over_connection, transport)
            self._ping = partial(self._ping_over_connection, transport)
        else:
            exchange = partial(self._call_stateless, transport)
            self._ping = partial(self._ping_stateless, transport)
        self._call = around(tuple(middleware), exchange)

    def call(
        self,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        /,
        *,
        metadata: Mapping[str, bytes] | None = None,
        timeout: float | None = None,
        **named: Any,
    ) -> Any:
        """Send a message and wait for the response.

        :param name: the name of the message.
        :param parameters: by name. They may be given as keywords as well.
        :param metadata: the metadata of the request.
        :param timeout: seconds that the call may take; also sent to the server.
        :returns: the response; None for a one-way message.
        :raises RemoteError: if the server answered with an error, declared or not.
        :raises EncodeError: if the parameters do not fit; nothing is sent.
        :raises HandshakeError: if the other side does not speak Avro, or does not agree about protocols.
        :raises TimedOutError: if it does not answer in time.
        :raises ConnectionClosedError: if it does not answer.
        :raises RpcError: if one side has no such message, or does not understand the other's.
        """
        return self._call(self._context(name, {**(parameters or {}), **named}, metadata, timeout))

    def ping(self) -> AvroProtocol:
        """Check that the server answers, and shake hands.

        :returns: the server's protocol.
        :raises RpcError: if it does not answer, or does not support pings.
        """
        return self._ping()

    def _ping_stateless(self, transport: Transport) -> AvroProtocol:
        return run(self._requestor.ping(), transport.exchange)

    def _ping_over_connection(self, transport: StatefulTransport) -> AvroProtocol:
        with transport.connection() as connection, _exchange_over(connection) as exchange:
            return run(self._requestor.ping(exchange), connection.exchange)

    def _call_stateless(self, transport: Transport, context: Context) -> Any:
        """Make a call over a stateless transport."""
        if context.deadline is None:
            return run(self._requestor.call(context), transport.exchange)
        send_deadline(context)
        return run(self._requestor.call(context), partial(self._in_time, transport, context))

    @staticmethod
    def _in_time(transport: Transport, context: Context, request: bytes) -> bytes:
        return transport.exchange(request, timeout=_time_left(context))

    def _call_over_connection(self, transport: StatefulTransport, context: Context) -> Any:
        """Make a call over a connection that remembers its handshake."""
        send_deadline(context)
        with transport.connection(_time_left(context)) as connection, _exchange_over(connection) as exchange:
            is_last = exchange.is_settled and context.message.one_way
            carry = connection.send if is_last else connection.exchange
            return run(self._requestor.call(context, exchange), carry)

    def close(self) -> None:
        """Close the transport."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _time_left(context: Context) -> float | None:
    left = context.seconds_left
    if left == 0.0:
        raise TimedOutError(f"there was no time left to send {context.message.name}")
    return left


@contextmanager
def _exchange_over(connection: Connection) -> Iterator[Exchange]:
    """An exchange over a connection; then the connection remembers the handshake, or closes without one."""
    known = connection.server
    exchange = Exchange(known)
    try:
        yield exchange
    finally:
        if not exchange.is_settled:
            connection.close()
        elif known is None and exchange.server is not None:
            connection.settle(exchange.server)
