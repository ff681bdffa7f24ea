"""``confluent_kafka.avro.error``."""

from __future__ import annotations

__all__ = ["ClientError", "UnreachableError"]


class ClientError(Exception):
    """The registry refused, or a schema is not valid.

    :ivar message: what is wrong.
    :ivar http_code: of the registry's answer, or None.
    """

    def __init__(self, message: str, http_code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.http_code = http_code

    def __repr__(self) -> str:
        return f"ClientError(error={self.message})"


class UnreachableError(ClientError, ConnectionError):
    """The registry cannot be reached: an OSError, as programs expect where there is no connection."""
