"""Clients for asyncio, whatever carries their bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from avrojet.rpc.client import ClientOfMessages
from avrojet.rpc.context import AsyncMiddleware, Context, around_async, tell_timeout
from avrojet.rpc.failures import ConnectionClosedError, TimedOutError
from avrojet.rpc.steps import run_async
from avrojet.schema.protocol import Protocol as AvroProtocol

if TYPE_CHECKING:
    from avrojet.rpc.async_responder import AsyncResponder
    from avrojet.typed.binding import Classes


class AsyncTransport(Protocol):
    """What carries a request to a server and its answer back, in asyncio.

    A call that has no time left is cancelled within it, as a task is.
    """

    async def exchange(self, request: bytes, /) -> bytes:
        """The answer to a request.

        :raises TimedOutError: if it is not there in time.
        :raises ConnectionClosedError: if there is none.
        """

    async def close(self) -> None:
        """Let go of what is open."""


class AsyncLocalTransport:
    """Carries requests to a responder of the same process."""

    def __init__(self, responder: AsyncResponder) -> None:
        self._responder = responder

    async def exchange(self, request: bytes, /) -> bytes:
        answer = await self._responder.respond(request)
        if answer is None:
            raise ConnectionClosedError("the responder has no answer")
        return answer

    async def close(self) -> None:
        return None


class AsyncClient(ClientOfMessages):
    """Calls a server from asyncio; what it does otherwise is what :class:`avrojet.rpc.Client` does.

    >>> async with AsyncClient(protocol, AsyncHttpTransport("http://localhost:8080/")) as client:
    ...     await client.send(message={"to": "you", "body": "hello"})
    ...     await client.call("send", message={"to": "you", "body": "hello"}, timeout=2)

    Tasks may share it. Calls of several go on at the same time.

    :param protocol: the client's.
    :param transport: what carries the bytes.
    :param middleware: functions around each call, the outermost first: coroutine functions, or functions
        that return what the next one does.
    :param classes: in the place of records.
    :raises SchemaError: if one of them does not fit.
    """

    def __init__(
        self,
        protocol: AvroProtocol,
        transport: AsyncTransport,
        *,
        middleware: Iterable[AsyncMiddleware] = (),
        classes: Classes | None = None,
    ) -> None:
        super().__init__(protocol, classes)
        self._transport = transport
        self._call = around_async(tuple(middleware), self._exchange)

    async def call(
        self,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        /,
        *,
        metadata: Mapping[str, bytes] | None = None,
        timeout: float | None = None,
        **named: Any,
    ) -> Any:
        """Send a message and wait for the response, as :meth:`avrojet.rpc.Client.call` does."""
        return await self._call(self._context(name, {**(parameters or {}), **named}, metadata, timeout))

    async def ping(self) -> AvroProtocol:
        """See whether the server answers, and shake hands.

        :returns: the server's protocol.
        :raises RpcError: if it does not answer, or does not know pings.
        """
        return await run_async(self._requestor.ping(), self._transport.exchange)

    async def _exchange(self, context: Context) -> Any:
        left = context.seconds_left
        if left is None:
            return await run_async(self._requestor.call(context), self._transport.exchange)
        tell_timeout(context)
        try:
            async with asyncio.timeout(left):
                return await run_async(self._requestor.call(context), self._transport.exchange)
        except TimedOutError:
            raise
        except TimeoutError as error:
            raise TimedOutError(f"there was no answer to {context.message.name} in time") from error

    async def close(self) -> None:
        """Close the transport."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
