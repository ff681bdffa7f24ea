"""What can go wrong in a call.

RpcError(AvroError)
├── HandshakeError                           client and server do not agree about protocols
├── AuthenticationError                      the server does not know who the client is
├── ConnectionClosedError(ConnectionError)   the other side closed the connection within a message
│   └── TimedOutError(TimeoutError)          there was no answer in time
├── HttpStatusError                          the server, or a proxy, does not answer in Avro
└── RemoteError                              the server answered with an error
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from avrojet.errors import AvroError
from avrojet.messages import did_you_mean, shorten

if TYPE_CHECKING:
    from avrojet.schema.protocol import Protocol


class RpcError(AvroError):
    """A call failed."""


class HandshakeError(RpcError):
    """Client and server do not agree about protocols, or the other side does not speak Avro."""


class AuthenticationError(RpcError):
    """The server refuses the client. The error never contains a name or a password."""


class ConnectionClosedError(RpcError, ConnectionError):
    """The other side closed the connection within a message, or does not answer."""


class TimedOutError(ConnectionClosedError, TimeoutError):
    """There was no complete answer in time. The server may still have received the call."""


class RemoteError(RpcError):
    """An error that the server sends to the client.

    A handler raises it for an error that its message declares; a call raises it if the server answers with an
    error.

    >>> raise RemoteError({"why": "no such box"}, name="org.foo.BadAddress")
    Traceback (most recent call last):
    avrojet.rpc.failures.RemoteError: org.foo.BadAddress: {'why': 'no such box'}

    :ivar value: the error's record; text, if the message does not declare the error.
    :ivar name: the fullname of the declared error; None if it is not declared.
    """

    def __init__(self, value: Any, name: str | None = None) -> None:
        what = f"{name}: " if name else ""
        super().__init__(what + shorten(value if isinstance(value, str) else repr(value)))
        self.value = value
        self.name = name

    def __reduce__(self) -> tuple[Any, ...]:
        return RemoteError, (self.value, self.name)


class HttpStatusError(RpcError):
    """An answer over HTTP has another status than 200: the path does not exist, the client is not authorized,
    or the server is overloaded.

    :ivar status: the status.
    """

    def __init__(self, host: str, status: int) -> None:
        super().__init__(f"{host} answers with HTTP status {status}")
        self.status = status
        self._host = host

    def __reduce__(self) -> tuple[Any, ...]:
        return HttpStatusError, (self._host, self.status)


def no_message(protocol: Protocol, name: str) -> str:
    """The text of the error that a protocol has no message of a name, with the likely name."""
    hint = did_you_mean(name, protocol.messages) or f"; it has {', '.join(protocol.messages) or 'none'}"
    return f"{protocol.fullname} has no message {name!r}{hint}"
