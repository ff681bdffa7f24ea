"""A responder as an ASGI application: for FastAPI, Starlette, and servers such as uvicorn.

>>> application = AsgiApplication(AsyncResponder(protocol, handlers))
>>> fastapi_app.mount("/mail", application)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from typing import Any, Final, TypeAlias

from avrojet.rpc.async_responder import AsyncResponder
from avrojet.rpc.framing import frame
from avrojet.rpc.web import Intake, RefusedError, headers_of

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_OK: Final = "200 OK"


class _ClientLeftError(Exception):
    """No client waits for the answer."""


class AsgiApplication:
    """Answers POST requests with a framed message each.

    If a client disconnects, the handler of its call is cancelled.

    :param responder: answers the calls.
    :param most: bytes that a request may have; None: ``limits.block_bytes``. A larger one is answered with
        status 413, one that is not a framed message with 400, one with another method with 405, and one that
        does not arrive in time with 408.
    :param timeout: seconds in which a request must arrive completely. The responder decides how long its
        answer may take.
    :param lifespan: makes an asynchronous context manager that is entered when the server starts, and left
        when it ends, to open and close the resources of the handlers. Frameworks in which the application is
        mounted have their own.
    """

    def __init__(
        self,
        responder: AsyncResponder,
        *,
        most: int | None = None,
        timeout: float = 60.0,
        lifespan: Callable[[], AbstractAsyncContextManager[Any]] | None = None,
    ) -> None:
        self._responder = responder
        self._most = most
        self._timeout = timeout
        self._lifespan = lifespan or nullcontext

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = await self._read(scope, receive)
            answer = frame(await self._respond(request, receive) or b"")
        except _ClientLeftError:
            return
        except RefusedError as refused:
            # A part of the request may still be unread. HTTP/2 has no such header, and does not need it.
            is_last = scope.get("http_version", "1.1").startswith("1")
            headers = [*refused.headers, ("Connection", "close")] if is_last else refused.headers
            await _send(send, refused.status, headers, refused.body)
        else:
            await _send(send, _OK, headers_of(answer), answer)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        """The message of a request's body."""
        length = next((value for name, value in scope["headers"] if name.lower() == b"content-length"), b"")
        intake = Intake(scope["method"], length.decode("latin-1"), self._most)
        try:
            async with asyncio.timeout(self._timeout):
                while True:
                    came = await receive()
                    if came["type"] == "http.disconnect":
                        raise _ClientLeftError
                    intake.add(came.get("body", b""))
                    if not came.get("more_body", False):
                        return intake.message()
        except TimeoutError:
            raise RefusedError("408 Request Timeout", "the request did not come in time") from None

    async def _respond(self, request: bytes, receive: Receive) -> bytes | None:
        """Return the answer, unless the client disconnects first."""
        answering = asyncio.ensure_future(self._responder.respond(request))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                raise _ClientLeftError
            return answering.result()
        finally:
            await _cancel(answering)
            await _cancel(leaving)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Run the server's start-up and shutdown."""
        phase = "startup"
        try:
            await receive()
            async with self._lifespan():
                await send({"type": "lifespan.startup.complete"})
                phase = "shutdown"
                await receive()
        except Exception as error:
            await send({"type": f"lifespan.{phase}.failed", "message": f"{type(error).__name__}: {error}"})
            raise
        await send({"type": "lifespan.shutdown.complete"})


async def _left(receive: Receive) -> None:
    """Wait until the client disconnects."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cancel(task: asyncio.Future[Any]) -> None:
    """Cancel a task that is no longer needed, and wait for its end."""
    if task.cancel():
        with suppress(asyncio.CancelledError, Exception):
            await task


async def _send(send: Send, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
    coded = [(name.lower().encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": int(status[:3]), "headers": coded})
    await send({"type": "http.response.body", "body": body})
