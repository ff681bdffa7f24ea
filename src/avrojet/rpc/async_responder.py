"""The server's side of calls in asyncio, without I/O."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from avrojet.rpc.context import AsyncMiddleware, Context, around_async, current
from avrojet.rpc.failures import RemoteError
from avrojet.rpc.responder import ResponderOfMessages, Session, is_coroutine_function, refuse_late
from avrojet.schema.protocol import Protocol

if TYPE_CHECKING:
    from avrojet.typed.binding import Classes


# Up to this many bytes, a request is read in the event loop: a larger one could contain a protocol, which
# could take half a second to parse.
_MOST_IN_LOOP: Final = 32 << 10


class AsyncResponder(ResponderOfMessages):
    """Answers the calls of a protocol in asyncio; otherwise it works like :class:`avrojet.rpc.Responder`.

    Handlers may be coroutine functions. Others are called in the threads of the event loop, so that they do
    not block other calls. A handler that has not answered when its time is over is cancelled, and the client
    receives an error.

    :param protocol: the server's.
    :param handlers: an object with a method for each message, a class of such, or a Mapping of functions.
    :param middleware: functions around each call, the outermost first: coroutine functions, or functions that
        return the result of the next one.
    :param classes: the classes to use for records.
    :param timeout: seconds that a call may take, unless its client sets fewer; None: no bound.
    :param threads: False: call the other handlers in the event loop, too; only for handlers that are quick
        and never wait.
    :raises RpcError: if a message has no handler.
    """

    def __init__(
        self,
        protocol: Protocol,
        handlers: Any,
        *,
        middleware: Iterable[AsyncMiddleware] = (),
        classes: Classes | None = None,
        timeout: float | None = None,
        threads: bool = True,
    ) -> None:
        super().__init__(protocol, handlers, classes)
        self._timeout = timeout
        self._in_threads = {
            name for name, handler in self._handlers.items() if threads and not is_coroutine_function(handler)
        }
        self._call = around_async(tuple(middleware), self._handle)

    async def respond(self, data: bytes, session: Session | None = None) -> bytes | None:
        """Answer one call.

        :param data: the bytes of a request.
        :param session: the session of the connection; None: there is none.
        :returns: the bytes of the answer; None if there is none to send.
        """
        session = session or Session()
        if len(data) > _MOST_IN_LOOP:
            incoming = await asyncio.to_thread(self.receive, data, session)
        else:
            incoming = self.receive(data, session)
        context = incoming.context
        if context is None:
            return None if incoming.is_silent else incoming.reply
        if self._timeout is not None:
            context.limit(self._timeout)
        try:
            value = await self._in_time(context)
        except Exception as error:  # noqa: BLE001 (the server goes on)
            return self.answer_error(incoming, error)
        return self.answer(incoming, value)

    async def _in_time(self, context: Context) -> Any:
        refuse_late(context)
        if context.deadline is None:
            return await self._call(context)
        try:
            async with asyncio.timeout(context.seconds_left) as scope:
                return await self._call(context)
        except TimeoutError as error:
            if scope.expired():
                raise RemoteError(f"{context.message.name} was not answered in time") from error
            raise

    async def _handle(self, context: Context) -> Any:
        name = context.message.name
        handler = self._handlers[name]
        token = current.set(context)
        try:
            if name in self._in_threads:
                value = await asyncio.to_thread(handler, **context.parameters)
            else:
                value = handler(**context.parameters)
            return await value if inspect.isawaitable(value) else value
        finally:
            current.reset(token)
