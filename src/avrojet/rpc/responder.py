"""The server's side of calls, without I/O."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from avrojet.errors import AvroError, EncodeError
from avrojet.rpc.calls import (
    PING,
    ServerMessage,
    encode_metadata,
    encode_system_error,
    metadata_decoder,
    name_decoder,
    server_message,
)
from avrojet.rpc.context import Context, Middleware, around
from avrojet.rpc.failures import RemoteError, RpcError
from avrojet.rpc.handshake import HandshakeRequest, Protocols, ServerHandshake
from avrojet.schema.protocol import Protocol
from avrojet.schema.protocol_json import parse_protocol

_log: Final = logging.getLogger("avrojet.rpc")

# Told to a client whose call failed for a reason that is none of its business.
_INTERNAL: Final = "the server failed to answer; its log has the reason"


class Session:
    """What a connection remembers of its client.

    Stateless transports, such as HTTP, have one for each request.

    :ivar client: the client's protocol, None before the handshake.
    """

    __slots__ = ("client", "is_stateful")

    def __init__(self, *, is_stateful: bool = False) -> None:
        self.client: Protocol | None = None
        self.is_stateful = is_stateful


class Incoming:
    """A call that has come.

    :ivar context: what is known of it; None if there is nothing to do but to send `reply`.
    :ivar reply: bytes that the answer begins with: the handshake's, or all of it.
    :ivar is_silent: no answer is to be sent.
    """

    __slots__ = ("context", "is_silent", "message", "reply")

    def __init__(
        self,
        reply: bytes,
        context: Context | None = None,
        message: ServerMessage | None = None,
        *,
        is_silent: bool = False,
    ) -> None:
        self.reply = reply
        self.context = context
        self.message = message
        self.is_silent = is_silent


class Responder:
    """Answers the calls of a protocol. Threads may share it.

    A handler gets the parameters by name and returns the response. What it raises is told to the client: a
    :class:`RemoteError` as it is, a message's declared error with its record; of any other exception only
    that there was one, while the log ``avrojet.rpc`` has its traceback.

    :param protocol: the server's.
    :param handlers: an object with a method for each message, or a Mapping of functions.
    :param middleware: functions around each call, the outermost first.
    :raises RpcError: if a message has no handler.
    """

    def __init__(
        self,
        protocol: Protocol,
        handlers: Any,
        *,
        middleware: Iterable[Middleware] = (),
    ) -> None:
        self.protocol = protocol
        self._handlers = {name: _handler(handlers, name) for name in protocol.messages}
        self._call = around(tuple(middleware), self._handle)
        self._handshake = ServerHandshake(protocol, protocol.md5, protocol.json, Protocols(_parse))

    def respond(self, data: bytes, session: Session | None = None) -> bytes | None:
        """Answer one call.

        :param data: the bytes of a request.
        :param session: of the connection; None: there is none.
        :returns: the bytes of the answer; None if there is none to send.
        """
        incoming = self.receive(data, session or Session())
        if incoming.context is None:
            return None if incoming.is_silent else incoming.reply
        try:
            value = self._call(incoming.context)
            if inspect.iscoroutine(value):
                value.close()
                raise RpcError("the handler is a coroutine: serve it as an ASGI application")
        except Exception as error:  # noqa: BLE001 (the server goes on)
            return self.answer_error(incoming, error)
        return self.answer(incoming, value)

    def receive(self, data: bytes, session: Session) -> Incoming:
        """Read a request. What is wrong with it becomes the answer."""
        reply = b""
        try:
            start = 0
            if session.client is None:
                reply, start = self._shake_hands(data, session)
            if session.client is None:
                return Incoming(reply)
            return self._read_call(data, start, reply, session)
        except AvroError as error:
            if not reply and session.client is None:
                reply = self._handshake.refusal().encode()
            return Incoming(reply + encode_metadata({}) + encode_system_error(str(error)))

    def _shake_hands(self, data: bytes, session: Session) -> tuple[bytes, int]:
        request, start = HandshakeRequest.decode(data)
        answer, session.client = self._handshake.answer(request)
        return answer.encode(), start

    def _read_call(self, data: bytes, start: int, reply: bytes, session: Session) -> Incoming:
        assert session.client is not None
        metadata, start = metadata_decoder.decode_from(data, start)
        name, start = name_decoder.decode_from(data, start)
        if name == PING:
            return Incoming(reply)
        message = server_message(self.protocol, session.client, name)
        context = Context(message.local, message.parameters(data, start), metadata)
        silent = message.local.one_way and session.is_stateful and not reply
        return Incoming(reply, context, message, is_silent=silent)

    def _handle(self, context: Context) -> Any:
        return self._handlers[context.message.name](**context.parameters)

    def answer(self, incoming: Incoming, value: Any) -> bytes | None:
        """The answer with a response."""
        if incoming.is_silent:
            return None
        assert incoming.message is not None
        assert incoming.context is not None
        try:
            if incoming.message.local.one_way:
                value = None
            body = incoming.message.response(value)
            return incoming.reply + encode_metadata(incoming.context.response_metadata) + body
        except EncodeError as error:
            return self.answer_error(incoming, error)

    def answer_error(self, incoming: Incoming, error: Exception) -> bytes | None:
        """The answer with an error."""
        if not isinstance(error, RemoteError):
            name = incoming.context.message.name if incoming.context else ""
            _log.error("the message %s could not be answered", name, exc_info=error)
        if incoming.is_silent:
            return None
        return incoming.reply + encode_metadata({}) + self._error_body(incoming, error)

    @staticmethod
    def _error_body(incoming: Incoming, error: Exception) -> bytes:
        if not isinstance(error, RemoteError) or incoming.message is None:
            return encode_system_error(_INTERNAL)
        try:
            return incoming.message.error(error)
        except EncodeError as refused:
            _log.error("an error does not fit what its message declares", exc_info=refused)
            return encode_system_error(_INTERNAL)


def _handler(handlers: Any, name: str) -> Callable[..., Any]:
    found = handlers.get(name) if isinstance(handlers, Mapping) else getattr(handlers, name, None)
    if not callable(found):
        raise RpcError(f"the message {name!r} has no handler")
    return found  # type: ignore[no-any-return]


def _parse(text: str) -> Protocol:
    return parse_protocol(text, names="lax")
