"""The server's side of calls, without I/O."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

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
from avrojet.rpc.classes import RecordClasses
from avrojet.rpc.context import Context, Middleware, around, current, receive_deadline
from avrojet.rpc.failures import RemoteError, RpcError
from avrojet.rpc.handshake import HandshakeRequest, Protocols, ServerHandshake, protocol_limits
from avrojet.schema.protocol import Protocol
from avrojet.schema.protocol_json import parse_protocol

if TYPE_CHECKING:
    from avrojet.typed.binding import Classes

_log: Final = logging.getLogger("avrojet.rpc")

# Sent to a client if its call failed for a reason internal to the server.
_INTERNAL: Final = "the server failed to answer; its log has the reason"


class Session:
    """The state of a connection with a client.

    Stateless transports, such as HTTP, have one for each request.

    :ivar client: the client's protocol, None before the handshake.
    :ivar user: the client's user, if its connection has one.
    """

    __slots__ = ("client", "is_stateful", "user")

    def __init__(self, *, is_stateful: bool = False) -> None:
        self.client: Protocol | None = None
        self.user: str | None = None
        self.is_stateful = is_stateful


class Incoming:
    """A call that has been received.

    :ivar context: its context; None if only `reply` has to be sent.
    :ivar reply: the bytes at the beginning of the answer: the handshake's, or the whole answer.
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


class ResponderOfMessages:
    """The parts that responders share: reading calls, and writing answers.

    :param handlers: an object with a method for each message, a class of such, or a Mapping of functions.
    :raises RpcError: if a message has no handler.
    :raises SchemaError: if a class does not fit.
    """

    def __init__(self, protocol: Protocol, handlers: Any, classes: Classes | None) -> None:
        self.protocol = protocol
        if isinstance(handlers, type):
            handlers = handlers()
        self._handlers = {name: _handler(handlers, name) for name in protocol.messages}
        self._classes = RecordClasses(classes)
        if classes is not None:  # report a class that does not fit before the first client comes
            for name in protocol.messages:
                server_message(protocol, protocol, name, self._classes)
        self._handshake = ServerHandshake(protocol, protocol.md5, protocol.json, Protocols(_parse))

    def receive(self, data: bytes, session: Session) -> Incoming:
        """Read a request. If it is not valid, the error becomes the answer."""
        reply = b""
        try:
            start = 0
            if session.client is None:
                reply, start = self._shake_hands(data, session)
            if session.client is None:
                return Incoming(reply)
            return self._read_call(data, start, reply, session)
        except AvroError as error:
            return Incoming(self.refusal(session, str(error), reply))

    def refusal(self, session: Session, text: str, reply: bytes = b"", *, is_final: bool = False) -> bytes:
        """Return the answer to a request that is not a call.

        :param text: the message for the client.
        :param reply: the answer to its handshake, if there was one.
        :param is_final: the connection ends with it, so the client must not send its protocol.
        """
        if not reply and session.client is None:
            reply = self._handshake.refusal(is_final=is_final).encode()
        return reply + encode_metadata({}) + encode_system_error(text)

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
        # If the client's protocol declares the message one-way, the client reads no answer; its next call
        # would get this one.
        sent = session.client.messages.get(name)
        silent = sent is not None and sent.one_way and session.is_stateful and not reply
        try:
            message = server_message(self.protocol, session.client, name, self._classes)
            context = Context(message.local, message.parameters(data, start), metadata, user=session.user)
        except AvroError as error:
            if not silent:
                raise
            _log.error("the one-way message %r cannot be read", name, exc_info=error)
            return Incoming(b"", is_silent=True)
        receive_deadline(context)
        return Incoming(reply, context, message, is_silent=silent)

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
        if not isinstance(error, RemoteError) and self._classes.name_of(error) is None:
            name = incoming.context.message.name if incoming.context else ""
            _log.error("the message %s could not be answered", name, exc_info=error)
        if incoming.is_silent:
            return None
        return incoming.reply + self._metadata(incoming) + self._error_body(incoming, error)

    @staticmethod
    def _metadata(incoming: Incoming) -> bytes:
        try:
            return encode_metadata(incoming.context.response_metadata if incoming.context else {})
        except EncodeError as refused:
            _log.error("the metadata of an answer must map text to bytes", exc_info=refused)
            return encode_metadata({})

    def _error_body(self, incoming: Incoming, error: Exception) -> bytes:
        is_for_client = isinstance(error, RemoteError) or self._classes.name_of(error) is not None
        if not is_for_client or incoming.message is None:
            return encode_system_error(_INTERNAL)
        try:
            return incoming.message.error(error)
        except EncodeError as refused:
            _log.error("an error does not fit what its message declares", exc_info=refused)
            return encode_system_error(_INTERNAL)


class Responder(ResponderOfMessages):
    """Answers the calls of a protocol. Threads may share it.

    A handler gets the parameters by name and returns the response. Its exceptions are sent to the client: a
    :class:`RemoteError` unchanged, a message's declared error with its record. For any other exception the
    client only learns that there was one; the log ``avrojet.rpc`` has its traceback. :func:`current_call`
    returns the context of the call.

    A call whose client no longer waits is not passed to its handler. A handler that is already running cannot
    be stopped, but it can check ``current_call().seconds_left``.

    :param protocol: the server's.
    :param handlers: an object with a method for each message, a class of such, or a Mapping of functions.
    :param middleware: functions around each call, the outermost first.
    :param classes: the classes to use for records, as for :class:`avrojet.Decoder`: handlers get and return
        their instances, and raise those that are exceptions.
    :raises RpcError: if a message has no handler, or one that needs asyncio.
    :raises SchemaError: if a class does not fit.
    """

    def __init__(
        self,
        protocol: Protocol,
        handlers: Any,
        *,
        middleware: Iterable[Middleware] = (),
        classes: Classes | None = None,
    ) -> None:
        super().__init__(protocol, handlers, classes)
        for name, handler in self._handlers.items():
            if is_coroutine_function(handler):
                raise RpcError(f"the handler of {name!r} is a coroutine function: it needs an AsyncResponder")
        self._call = around(tuple(middleware), self._handle)

    def respond(self, data: bytes, session: Session | None = None) -> bytes | None:
        """Answer one call.

        :param data: the bytes of a request.
        :param session: the session of the connection; None: there is none.
        :returns: the bytes of the answer; None if there is none to send.
        """
        return self.handle(self.receive(data, session or Session()))

    def handle(self, incoming: Incoming) -> bytes | None:
        """Answer a received call.

        :returns: the bytes of the answer; None if there is none to send.
        """
        context = incoming.context
        if context is None:
            return None if incoming.is_silent else incoming.reply
        try:
            refuse_late(context)
            value = self._call(context)
            if inspect.iscoroutine(value):
                value.close()
                raise RpcError("middleware or a handler returns a coroutine: it needs an AsyncResponder")
        except Exception as error:  # noqa: BLE001 (the server goes on)
            return self.answer_error(incoming, error)
        return self.answer(incoming, value)

    def _handle(self, context: Context) -> Any:
        token = current.set(context)
        try:
            return self._handlers[context.message.name](**context.parameters)
        finally:
            current.reset(token)


def is_coroutine_function(handler: Callable[..., Any]) -> bool:
    """Whether a handler is a coroutine function, or an object with a coroutine function as its
    ``__call__``.
    """
    call = getattr(handler, "__call__", None)  # noqa: B004 (it is known to be callable)
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(call)


def refuse_late(context: Context) -> None:
    """Refuse a call whose client no longer waits.

    :raises RemoteError: if so.
    """
    if context.deadline is not None and not context.seconds_left:
        raise RemoteError(f"{context.message.name} came too late to be answered in time")


def _handler(handlers: Any, name: str) -> Callable[..., Any]:
    found = handlers.get(name) if isinstance(handlers, Mapping) else getattr(handlers, name, None)
    if not callable(found):
        raise RpcError(f"the message {name!r} has no handler")
    return found  # type: ignore[no-any-return]


def _parse(text: str) -> Protocol:
    return parse_protocol(text, names="lax", limits=protocol_limits())
