"""Work that needs answers from a registry, written once for threads and for asyncio.

Such work is a generator: it yields a question, and the answer is sent in, or the error thrown in.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple, TypeAlias, TypeVar

from avrojet.messages import show
from avrojet.registry.model import RegisteredSchema
from avrojet.schema.model import Schema

T = TypeVar("T")


class Ask(NamedTuple):
    """A method of a registry to call, and its arguments."""

    method: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]


Steps: TypeAlias = Generator[Ask, Any, T]


def ask(method: str, *arguments: Any, **options: Any) -> Steps[Any]:
    """The answer of a registry."""
    return (yield Ask(method, arguments, options))


def ask_schema(method: str, *arguments: Any, **options: Any) -> Steps[RegisteredSchema]:
    """The answer of a registry that is a schema.

    :raises TypeError: if it is something else: a registry of the caller's own does not keep to the interface.
    """
    answer = yield from ask(method, *arguments, **options)
    found = getattr(answer, "schema", None) if isinstance(answer, RegisteredSchema) else answer
    if not isinstance(found, Schema):
        what = "a RegisteredSchema, with a Schema"
        raise TypeError(f"the registry's {method}() must return {what}, not {show(found)}")
    return answer  # type: ignore[no-any-return]


def run(steps: Steps[T], registry: Any) -> T:
    """Do the work with a registry."""
    try:
        wanted = next(steps)
        while True:
            try:
                answer = getattr(registry, wanted.method)(*wanted.arguments, **wanted.options)
            except Exception as error:  # noqa: BLE001 (whoever asks handles it)
                wanted = steps.throw(error)
            else:
                wanted = steps.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]


async def run_async(steps: Steps[T], registry: Any) -> T:
    """Do the work with a registry of asyncio."""
    try:
        wanted = next(steps)
        while True:
            try:
                answer = await getattr(registry, wanted.method)(*wanted.arguments, **wanted.options)
            except Exception as error:  # noqa: BLE001 (whoever asks handles it)
                wanted = steps.throw(error)
            else:
                wanted = steps.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
