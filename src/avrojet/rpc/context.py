"""What is known of one call, and the functions around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from avrojet.schema.protocol import Message


@dataclass(slots=True)
class Context:
    """One call, on either side.

    :ivar message: the message, of the side's own protocol.
    :ivar parameters: by name.
    :ivar request_metadata: what goes with the request: credentials, the ids of a trace.
    :ivar response_metadata: what goes with the response.
    """

    message: Message
    parameters: dict[str, Any]
    request_metadata: dict[str, bytes] = field(default_factory=dict)
    response_metadata: dict[str, bytes] = field(default_factory=dict)


Middleware: TypeAlias = Callable[[Context, Callable[[Context], Any]], Any]
"""A function around each call: it gets the context, and the function that goes on, and returns the response.

>>> def with_token(context, go_on):
...     context.request_metadata["token"] = token
...     return go_on(context)
"""

AsyncMiddleware: TypeAlias = Callable[[Context, Callable[[Context], Awaitable[Any]]], Awaitable[Any]]
"""The same of coroutines."""


def around(functions: tuple[Any, ...], innermost: Callable[[Context], Any]) -> Callable[[Context], Any]:
    """A function that calls the first, which may call the second, and so on; the innermost at last."""
    made = innermost
    for function in reversed(functions):
        made = _bound(function, made)
    return made


def _bound(function: Any, go_on: Callable[[Context], Any]) -> Callable[[Context], Any]:
    return lambda context: function(context, go_on)
