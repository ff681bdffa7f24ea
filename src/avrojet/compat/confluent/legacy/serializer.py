"""``confluent_kafka.avro.serializer``: the errors of messages."""

from __future__ import annotations

__all__ = ["KeySerializerError", "SerializerError", "ValueSerializerError"]


class SerializerError(Exception):
    """A message cannot be written or read.

    :ivar message: what is wrong.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __repr__(self) -> str:
        return f"{type(self).__name__}(error={self.message})"


class KeySerializerError(SerializerError):
    """The same of a key."""


class ValueSerializerError(SerializerError):
    """The same of a value."""
