"""The context of one call, and middleware: functions around it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, Final, TypeAlias

from avrojet.rpc.failures import RpcError
from avrojet.schema.protocol import Message

TIMEOUT: Final = "avrojet.timeout"
"""The metadata key with which a client states how long it waits: milliseconds, in decimal digits.

They are counted from the arrival of the request, so the clocks of both sides may differ.
"""

_MOST_DIGITS: Final = 12  # thirty years


@dataclass(slots=True)
class Context:
    """One call, on either side.

    :ivar message: the message, of the side's own protocol.
    :ivar parameters: by name.
    :ivar request_metadata: sent with the request: credentials, the ids of a trace.
    :ivar response_metadata: sent with the response, even if it is an error.
    :ivar deadline: the time of ``time.monotonic()`` until which the client waits; None: not stated.
    :ivar user: on the server: the client's user, if its connection has one.
    """

    message: Message
    parameters: dict[str, Any]
    request_metadata: dict[str, bytes] = field(default_factory=dict)
    response_metadata: dict[str, bytes] = field(default_factory=dict)
    deadline: float | None = None
    user: str | None = None

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the deadline, 0.0 after it; None without one."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def limit(self, seconds: float) -> None:
        """Set the deadline to some seconds from now, unless it is earlier already."""
        deadline = time.monotonic() + seconds
        self.deadline = deadline if self.deadline is None else min(self.deadline, deadline)


def send_deadline(context: Context) -> None:
    """Put the time left until the deadline into the metadata of the request."""
    left = context.seconds_left
    if left is not None:
        context.request_metadata[TIMEOUT] = str(int(left * 1000)).encode()


def receive_deadline(context: Context) -> None:
    """Take the deadline from the metadata of the request. A value that is not a number is ignored."""
    text = context.request_metadata.get(TIMEOUT)
    if text is not None and text.isdigit() and len(text) <= _MOST_DIGITS:
        context.limit(int(text) / 1000)


current: Final[ContextVar[Context]] = ContextVar("avrojet.rpc.current")


def current_call() -> Context:
    """The call that a handler is answering: its metadata, how long the client waits.

    >>> def send(letter):
    ...     user = rpc.current_call().request_metadata["user"]

    :raises RpcError: outside of a handler.
    """
    found = current.get(None)
    if found is None:
        raise RpcError("no call is being answered here: current_call() is for handlers")
    return found


Middleware: TypeAlias = Callable[[Context, Callable[[Context], Any]], Any]
"""A function around each call. It receives the context and a function that continues the call, and returns
the response.

>>> def with_token(context, call_next):
...     context.request_metadata["token"] = token
...     return call_next(context)
"""

AsyncMiddleware: TypeAlias = Callable[[Context, Callable[[Context], Awaitable[Any]]], Any]
"""The same for asyncio: a coroutine function, which awaits what `call_next` returns, or a function like the
one above, which returns it as it is.
"""


def around(functions: tuple[Any, ...], innermost: Callable[[Context], Any]) -> Callable[[Context], Any]:
    """Return a function that calls the first one, which may call the second, and so on to the innermost."""
    made = innermost
    for function in reversed(functions):
        made = _bound(function, made)
    return made


def _bound(function: Any, call_next: Callable[[Context], Any]) -> Callable[[Context], Any]:
    return lambda context: function(context, call_next)


def around_async(
    functions: tuple[Any, ...], innermost: Callable[[Context], Awaitable[Any]]
) -> Callable[[Context], Awaitable[Any]]:
    """The same for coroutine functions."""
    made = innermost
    for function in reversed(functions):
        made = _bound_async(function, made)
    return made


def _bound_async(
    function: Any, call_next: Callable[[Context], Awaitable[Any]]
) -> Callable[[Context], Awaitable[Any]]:
    async def layer(context: Context) -> Any:
        value = function(context, call_next)
        return await value if isawaitable(value) else value

    return layer
