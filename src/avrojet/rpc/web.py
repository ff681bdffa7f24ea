"""The parts that the WSGI and ASGI applications share: which requests are not calls, and the answers to
them.
"""

from __future__ import annotations

from typing import Final

from avrojet.errors import LimitError
from avrojet.limits import limits_in_force
from avrojet.rpc.framing import LENGTH_SIZE, unframe

CONTENT_TYPE: Final = "avro/binary"
FRAME_SIZE: Final = 2 * LENGTH_SIZE
"""How many bytes framing adds to a message of one buffer."""


class RefusedError(Exception):
    """A request is not a call.

    :ivar status: the HTTP status, with its reason.
    :ivar text: the message for the client.
    :ivar headers: the headers of the answer.
    """

    def __init__(self, status: str, text: str, *headers: tuple[str, str]) -> None:
        super().__init__(text)
        self.status = status
        self.body = text.encode()
        self.headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(self.body))), *headers]


class Intake:
    """The body of a request, as it arrives.

    :param method: the method of the request.
    :param length: the header Content-Length, empty or None for none.
    :param most: bytes that a message may have; None: ``limits.block_bytes``.
    :raises RefusedError: if it cannot be a call.
    """

    def __init__(self, method: str | None, length: str | None, most: int | None) -> None:
        if method != "POST":
            raise RefusedError("405 Method Not Allowed", "calls must be POST requests", ("Allow", "POST"))
        self._most = limits_in_force().block_bytes if most is None else most
        self.length = _number(length) if length else None
        if self.length is not None and self.length > self._most + FRAME_SIZE:
            raise too_large()
        self._body = bytearray()
        self.left = self._most + FRAME_SIZE if self.length is None else self.length
        """How many bytes may still come: as stated by the client, or the most that a message may have."""

    def add(self, piece: bytes) -> None:
        """Add bytes.

        :raises RefusedError: if there are too many.
        """
        self._body += piece
        self.left -= len(piece)
        if self.left < 0:
            raise too_large()

    def message(self) -> bytes:
        """Return the message in the framed bytes.

        :raises RefusedError: if they are not a framed message.
        """
        try:
            return unframe(bytes(self._body), self._most)
        except LimitError:
            raise too_large() from None
        except ValueError:
            raise RefusedError("400 Bad Request", "the body is not a framed message") from None


def _number(length: str) -> int:
    if not (length.isascii() and length.isdigit()):
        raise RefusedError("400 Bad Request", "Content-Length is not a number")
    return int(length[:_MOST_DIGITS])  # a number with more digits than any valid length is too large as well


_MOST_DIGITS: Final = 30


def too_large() -> RefusedError:
    return RefusedError("413 Content Too Large", "the request is too large")


def headers_of(answer: bytes) -> list[tuple[str, str]]:
    """The headers of an answer in Avro."""
    return [("Content-Type", CONTENT_TYPE), ("Content-Length", str(len(answer)))]
