"""Messages that cannot be read or written: the facts of their errors, and how they are handled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from avrojet.errors import AvroError, tell_place
from avrojet.registry.errors import DeniedError, RegistryError, UnavailableError
from avrojet.registry.messages import SKIPPED

__all__ = ["FailedMessage", "OnError", "ensure_policy", "handle", "tell_message"]


@dataclass(frozen=True, slots=True)
class FailedMessage:
    """A message that cannot be read, as passed to a callback of ``on_error``.

    :ivar error: the reason; its facts say where the message is.
    :ivar data: its bytes as received.
    :ivar field: ``"value"`` or ``"key"``.
    :ivar headers: the headers of the message.
    """

    error: Exception
    data: Any
    topic: str | None
    partition: int | None
    offset: int | None
    field: str
    headers: Any

    def dead_letter(self) -> tuple[bytes, list[tuple[str, bytes]]]:
        """Return the bytes for a dead-letter topic, and headers that say why they go there.

        The headers are those of the message, and Kafka Connect's ``__connect.errors.*``.

        >>> def on_error(failed):
        ...     value, headers = failed.dead_letter()
        ...     producer.produce("orders.dead", value, headers=headers)
        """
        told = {
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "stage": f"{self.field.upper()}_CONVERTER",
            "exception.class.name": f"{type(self.error).__module__}.{type(self.error).__qualname__}",
            "exception.message": str(self.error),
        }
        given = self.headers.items() if isinstance(self.headers, dict) else self.headers or ()
        headers = [(name, value) for name, value in given]
        headers += [
            (f"__connect.errors.{name}", str(value).encode("utf-8", "replace"))
            for name, value in told.items()
            if value is not None
        ]
        return bytes(self.data), headers


OnError: TypeAlias = Literal["raise", "skip"] | Callable[[FailedMessage], Any]

_POLICIES: Final = ("raise", "skip")


def ensure_policy(on_error: OnError) -> None:
    if on_error not in _POLICIES and not callable(on_error):
        raise ValueError(f"on_error must be 'raise', 'skip' or a function: {on_error!r}")


def tell_message(error: Exception, context: Any, schema_id: Any, topic: str | None = None) -> None:
    """Add the facts of the message to an error."""
    facts: dict[str, Any] = {
        "topic": getattr(context, "topic", None) or topic,
        "partition": getattr(context, "partition", None),
        "message_offset": getattr(context, "offset", None),
        "schema_id": getattr(schema_id, "value", schema_id),
    }
    words = [
        f"{word} {fact}"
        for word, fact in zip(("topic", "partition", "offset"), facts.values(), strict=False)
        if fact is not None
    ]
    if schema_id is not None:
        words.append(f"schema {schema_id}")
    if words:
        tell_place(
            error, ", ".join(words), **{name: fact for name, fact in facts.items() if fact is not None}
        )


def is_of_message(error: Exception, *, was_read: bool) -> bool:
    """Whether the message is at fault, so that the next may be read. A registry that is down is not the
    message's fault.
    """
    if isinstance(error, MemoryError | UnavailableError | DeniedError):
        return False
    return was_read or (isinstance(error, AvroError) and type(error) is not RegistryError)


def handle(error: Exception, data: Any, context: Any, on_error: OnError, *, was_read: bool) -> Any:
    """Raise the error, or return the value to use for its message."""
    if on_error == "raise" or not is_of_message(error, was_read=was_read):
        raise error
    if on_error == "skip":
        return SKIPPED
    assert callable(on_error)
    return on_error(
        FailedMessage(
            error,
            data,
            getattr(context, "topic", None),
            getattr(context, "partition", None),
            getattr(context, "offset", None),
            str(getattr(context, "field", "value")),
            getattr(context, "headers", None),
        )
    )
