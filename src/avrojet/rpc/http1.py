"""Requests of HTTP/1.1 on a connected socket, and their answers.

Answers are bounded in bytes and in time, however slowly a server sends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from avrojet.rpc.failures import ConnectionClosedError
from avrojet.rpc.http_answers import Answer, kind_of_answers
from avrojet.rpc.web import CONTENT_TYPE

if TYPE_CHECKING:
    from avrojet.rpc.timed_socket import TimedSocket

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_TARGET: Final = re.compile(r"/[\x21-\x7e]*")
_FRAMING: Final = {"host", "content-length", "transfer-encoding", "connection"}


def request_head(host: str, target: str, headers: Mapping[str, str]) -> bytes:
    """A POST request up to the value of ``Content-Length``, which the caller adds with a blank line.

    :param host: with the port, if it is not the usual one.
    :param target: path and query.
    :raises ValueError: if the target or a header has characters that are not allowed there.
    """
    if not _TARGET.fullmatch(target):
        raise ValueError("the path of the URL has characters that must be percent-encoded")
    lines = [
        f"{name}: {value}" for name, value in checked({"Accept-Encoding": "identity", **headers}).items()
    ]
    head = [f"POST {target} HTTP/1.1", f"Host: {host}", *lines, "Content-Length: "]
    return "\r\n".join(head).encode("latin-1")


def checked(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a call: the given ones, the content type, and a refusal of compressed answers, which
    could expand a thousandfold.

    :raises ValueError: if one has characters that are not allowed, or is set by the transport.
    """
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise ValueError(f"a header of HTTP cannot have such a name or value: {name!r}")
        if name.lower() in _FRAMING:
            raise ValueError(f"the header {name} is set by the transport")
    names = {name.lower() for name in headers}
    usual = {"Content-Type": CONTENT_TYPE, "Accept-Encoding": "identity"}
    return {**{name: value for name, value in usual.items() if name.lower() not in names}, **headers}


class HttpSocket:
    """A connected socket that carries requests and their answers, one after the other.

    :param most: bytes that the body of an answer may have.
    """

    __slots__ = ("_answers", "_deadline", "_wire")

    def __init__(self, wire: TimedSocket, most: int) -> None:
        self._wire = wire
        self._answers = kind_of_answers()(most)
        self._deadline = 0.0

    def is_usable(self) -> bool:
        """Whether another request can be sent: the server has not closed it, nor sent anything unasked."""
        try:
            return self._answers.is_empty() and self._wire.receive_at_once() is None
        except ConnectionClosedError:
            return False

    def send(self, head: bytes, body: bytes, deadline: float) -> None:
        """Send a request in one write: the system may delay a second one.

        :param head: the result of :func:`request_head`.
        :param deadline: the time of ``time.monotonic()`` by which the answer must be complete.
        :raises ConnectionClosedError: if it cannot be sent.
        :raises TimedOutError: if that takes too long.
        """
        self._deadline = deadline
        self._wire.send(b"%b%d\r\n\r\n%b" % (head, len(body), body), deadline)
        self._wire.acknowledge_at_once()

    def answer(self) -> Answer:
        """The answer to the request that was sent.

        :raises TimedOutError: if it does not arrive in time.
        :raises ConnectionClosedError: if the connection ends before it is complete.
        :raises RpcError: if it is not an HTTP answer, or too long.
        """
        return self._answers.next(self._receive)

    def _receive(self) -> bytes:
        return self._wire.receive(self._deadline)
