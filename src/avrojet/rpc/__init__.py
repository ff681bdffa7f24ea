"""Remote procedure calls (specification: Protocol Wire Format).

>>> from avrojet import rpc
>>> class Mail:
...     def send(self, message):
...         return f"sent to {message['to']}"
>>> responder = rpc.Responder(protocol, Mail())
>>> client = rpc.Client(protocol, rpc.LocalTransport(responder))
>>> client.send(message={"to": "you", "body": "hello"})
'sent to you'

docs/howto/rpc.md describes clients and servers over HTTP.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avrojet.rpc.asgi import AsgiApplication
    from avrojet.rpc.async_client import AsyncClient, AsyncLocalTransport, AsyncTransport
    from avrojet.rpc.async_http import AsyncHttpTransport
    from avrojet.rpc.async_responder import AsyncResponder
    from avrojet.rpc.client import Client, Connection, LocalTransport, StatefulTransport, Transport
    from avrojet.rpc.context import AsyncMiddleware, Context, Middleware, current_call
    from avrojet.rpc.failures import (
        AuthenticationError,
        ConnectionClosedError,
        HandshakeError,
        HttpStatusError,
        RemoteError,
        RpcError,
        TimedOutError,
    )
    from avrojet.rpc.http import HttpTransport
    from avrojet.rpc.responder import Responder
    from avrojet.rpc.server import HttpServer
    from avrojet.rpc.socket_client import SocketTransport
    from avrojet.rpc.socket_server import SocketServer
    from avrojet.rpc.wsgi import WsgiApplication

_HOMES = {
    "AsgiApplication": "asgi",
    "AsyncClient": "async_client",
    "AsyncHttpTransport": "async_http",
    "AsyncLocalTransport": "async_client",
    "AsyncMiddleware": "context",
    "AsyncResponder": "async_responder",
    "AsyncTransport": "async_client",
    "AuthenticationError": "failures",
    "Client": "client",
    "Connection": "client",
    "ConnectionClosedError": "failures",
    "Context": "context",
    "HandshakeError": "failures",
    "HttpServer": "server",
    "HttpStatusError": "failures",
    "HttpTransport": "http",
    "LocalTransport": "client",
    "Middleware": "context",
    "RemoteError": "failures",
    "Responder": "responder",
    "RpcError": "failures",
    "SocketServer": "socket_server",
    "SocketTransport": "socket_client",
    "StatefulTransport": "client",
    "TimedOutError": "failures",
    "Transport": "client",
    "WsgiApplication": "wsgi",
    "current_call": "context",
}

__all__ = [
    "AsgiApplication",
    "AsyncClient",
    "AsyncHttpTransport",
    "AsyncLocalTransport",
    "AsyncMiddleware",
    "AsyncResponder",
    "AsyncTransport",
    "AuthenticationError",
    "Client",
    "Connection",
    "ConnectionClosedError",
    "Context",
    "HandshakeError",
    "HttpServer",
    "HttpStatusError",
    "HttpTransport",
    "LocalTransport",
    "Middleware",
    "RemoteError",
    "Responder",
    "RpcError",
    "SocketServer",
    "SocketTransport",
    "StatefulTransport",
    "TimedOutError",
    "Transport",
    "WsgiApplication",
    "current_call",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'avrojet.rpc' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"avrojet.rpc.{_HOMES[name]}"), name)
    return value
