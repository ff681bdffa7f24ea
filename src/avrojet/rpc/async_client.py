"""Clients for asyncio, over any transport."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from avrojet.rpc.client import ClientOfMessages
from avrojet.rpc.context import AsyncMiddleware, Context, around_async, send_deadline
from avrojet.rpc.failures import ConnectionClosedError, TimedOutError
from avrojet.rpc.steps import run_async
from avrojet.schema.protocol import Protocol as AvroProtocol

if TYPE_CHECKING:
    from avrojet.rpc.async_responder import AsyncResponder
    from avrojet.typed.binding import Classes


class AsyncTransport(Protocol):
    """Carries a request to a server and its answer back, in asyncio.

    A call is cancelled, like a task, when its time is over.
    """

    async def exchange(self, request: bytes, /) -> bytes:
        """Send a request, and return its answer.

        :raises TimedOutError: if it does not arrive in time.
        :raises ConnectionClosedError: if no answer arrives.
        """

    async def close(self) -> None:
        """Close all connections."""


class AsyncLocalTransport:
    """Carries requests to a responder in the same process."""

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
    """Calls a server from asyncio; otherwise it works like :class:`avrojet.rpc.Client`.

    >>> async def main():
    ...     async with AsyncClient(protocol, AsyncHttpTransport("http://localhost:8080/")) as client:
    ...         await client.send(message={"to": "you", "body": "hello"})
    ...         return await client.call("send", message={"to": "you", "body": "hello"}, timeout=2)
    >>> asyncio.run(main())
    'sent to you'

    Tasks may share it. Their calls run concurrently.

    :param protocol: the client's.
    :param transport: carries the bytes.
    :param middleware: functions around each call, the outermost first: coroutine functions, or functions that
        return the result of the next one.
    :param classes: the classes to use for records.
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
        """Check that the server answers, and shake hands.

        :returns: the server's protocol.
        :raises RpcError: if it does not answer, or does not support pings.
        """
        return await run_async(self._requestor.ping(), self._transport.exchange)

    async def _exchange(self, context: Context) -> Any:
        left = context.seconds_left
        if left is None:
            return await run_async(self._requestor.call(context), self._transport.exchange)
        send_deadline(context)
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
