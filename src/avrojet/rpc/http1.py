"""Requests and responses of HTTP/1.1 on a connected socket: as much of it as calls need, and quickly.

The standard library's parsing of headers takes several times as long as a call itself. What comes is bounded
in bytes and, whatever a server drips, in time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from avrojet.rpc.failures import ConnectionClosedError, RpcError
from avrojet.rpc.web import CONTENT_TYPE

if TYPE_CHECKING:
    from avrojet.rpc.timed_socket import TimedSocket

_MOST_HEAD: Final = 64 << 10  # bytes of a status line and headers, and of what follows a body
_MOST_INTERIM: Final = 10  # answers of status 1xx before the one that counts
_MOST_DIGITS: Final = 16
_BLANK: Final = b"\r\n\r\n"
_STATUS: Final = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: |$)")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;|$)")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_TARGET: Final = re.compile(r"/[\x21-\x7e]*")
_FRAMING: Final = {"host", "content-length", "transfer-encoding", "connection"}
_BODILESS: Final = {204, 304}


class Answer(NamedTuple):
    """What a server says.

    :ivar is_last: the connection is of no use after it.
    """

    status: int
    body: bytes
    is_last: bool


class _Head(NamedTuple):
    """What of a status line and headers counts."""

    status: int
    length: int | None
    is_chunked: bool
    is_last: bool


def request_head(host: str, target: str, headers: Mapping[str, str]) -> bytes:
    """A POST request up to the number of bytes of its body, which is to follow with a blank line.

    :param host: with the port, if it is not the usual one.
    :param target: path and query.
    :raises ValueError: if they or the headers have characters that those cannot have.
    """
    if not _TARGET.fullmatch(target):
        raise ValueError("the path of the URL has characters that are to be percent-encoded")
    lines = [
        f"{name}: {value}" for name, value in checked({"Accept-Encoding": "identity", **headers}).items()
    ]
    head = [f"POST {target} HTTP/1.1", f"Host: {host}", *lines, "Content-Length: "]
    return "\r\n".join(head).encode("latin-1")


def checked(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a call: those, its content type, and that nothing compressed is wanted, which could be a
    thousand times what it seems.

    :raises ValueError: if one has characters that it cannot have, or is not the caller's to say.
    """
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise ValueError(f"a header of HTTP cannot have such a name or value: {name!r}")
        if name.lower() in _FRAMING:
            raise ValueError(f"the header {name} is up to the transport")
    told = {name.lower() for name in headers}
    usual = {"Content-Type": CONTENT_TYPE, "Accept-Encoding": "identity"}
    return {**{name: value for name, value in usual.items() if name.lower() not in told}, **headers}


class HttpSocket:
    """A connected socket that carries requests and their answers, one after the other.

    :param most: bytes that the body of an answer may have.
    """

    __slots__ = ("_at", "_data", "_deadline", "_most", "_wire")

    def __init__(self, wire: TimedSocket, most: int) -> None:
        self._wire = wire
        self._most = most
        self._data = b""  # what has come
        self._at = 0  # how much of it was read
        self._deadline = 0.0

    def is_usable(self) -> bool:
        """Whether another request can be sent: the server has not closed it, nor said what nobody asked."""
        try:
            return self._at == len(self._data) and self._wire.receive_at_once() is None
        except ConnectionClosedError:
            return False

    def send(self, head: bytes, body: bytes, deadline: float) -> None:
        """Send a request in one write: the system may wait between two.

        :param head: of :func:`request_head`.
        :param deadline: the time of ``time.monotonic()`` by which the answer has to be there.
        :raises ConnectionClosedError: if it cannot be sent.
        :raises TimedOutError: if that takes too long.
        """
        self._deadline = deadline
        self._wire.send(b"%b%d\r\n\r\n%b" % (head, len(body), body), deadline)
        self._wire.acknowledge_at_once()

    def answer(self) -> Answer:
        """The answer to the request that was sent.

        :raises TimedOutError: if it is not there in time.
        :raises ConnectionClosedError: if the connection ends before.
        :raises RpcError: if it is no answer of HTTP, or too long.
        """
        for _ in range(_MOST_INTERIM):
            head = self._head()
            if head.status >= 200:
                return Answer(head.status, self._body(head), head.is_last)
        raise RpcError(f"the server announces an answer more than {_MOST_INTERIM} times")

    def _more(self) -> None:
        """Wait for bytes."""
        came = self._wire.receive(self._deadline)
        if not came:
            raise ConnectionClosedError("the server has closed the connection within its answer")
        self._data = self._data[self._at :] + came
        self._at = 0

    def _until(self, mark: bytes) -> bytes:
        """The bytes before a mark, which is read as well."""
        while (end := self._data.find(mark, self._at)) < 0:
            if len(self._data) - self._at > _MOST_HEAD:
                raise RpcError(f"the headers of the answer have more than {_MOST_HEAD} bytes")
            self._more()
        found = self._data[self._at : end]
        self._at = end + len(mark)
        return found

    def _head(self) -> _Head:
        lines = self._until(_BLANK).split(b"\r\n")
        status = _STATUS.match(lines[0])
        if status is None:
            raise RpcError("the server does not answer in HTTP/1.1")
        length, chunked, last = None, False, status[1] == b"0"
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            name, value = name.lower(), value.strip()
            if not colon:
                raise RpcError("a line of the answer's headers has no colon")
            if name == b"content-length":
                length = _length(value, length)
            elif name == b"transfer-encoding":
                if chunked or value.lower() != b"chunked":
                    raise RpcError("the answer is encoded in a way that was not asked for")
                chunked = True
            elif name == b"connection":
                last = value.lower() == b"close" or (last and value.lower() != b"keep-alive")
        if chunked and length is not None:
            raise RpcError("the answer states two lengths")
        return _Head(int(status[2]), length, chunked, last or not (chunked or length is not None))

    def _body(self, head: _Head) -> bytes:
        if head.status in _BODILESS:
            return b""
        if head.is_chunked:
            return self._chunks()
        if head.length is None:
            return self._rest()
        self._check(head.length)
        return self._take(head.length)

    def _take(self, size: int) -> bytes:
        """As many bytes."""
        end = self._at + size
        if end <= len(self._data):
            found = self._data[self._at : end]
            self._at = end
            return found
        pieces, left = [self._data[self._at :]], end - len(self._data)
        self._data, self._at = b"", 0
        while left:
            self._more()
            pieces.append(self._data[:left])
            self._at = len(pieces[-1])
            left -= self._at
        return b"".join(pieces)

    def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            size = _CHUNK.match(self._until(b"\r\n"))
            if size is None:
                raise RpcError("a chunk of the answer has no size")
            length = int(size[1], 16)
            if not length:
                break
            self._check(len(body) + length)
            body += self._take(length)
            if self._take(2) != b"\r\n":
                raise RpcError("a chunk of the answer is longer than it says")
        trailers = 0
        while line := self._until(b"\r\n"):
            trailers += len(line)
            if trailers > _MOST_HEAD:
                raise RpcError(f"what follows the answer has more than {_MOST_HEAD} bytes")
        return bytes(body)

    def _rest(self) -> bytes:
        """All until the server closes the connection."""
        body = bytearray(self._data[self._at :])
        self._data, self._at = b"", 0
        while True:
            self._check(len(body))
            came = self._wire.receive(self._deadline)
            if not came:
                return bytes(body)
            body += came

    def _check(self, length: int) -> None:
        if length > self._most:
            raise RpcError(f"the answer has more than {self._most} bytes")


def _length(value: bytes, before: int | None) -> int:
    if not value.isdigit() or len(value) > _MOST_DIGITS or before not in (None, int(value)):
        raise RpcError("the length that the answer states is no number, or two")
    return int(value)
