"""Answers of HTTP/1.1: parsed by httptools, or by the standard library where that is missing.

The libraries differ in what they accept. So the headers that determine where a body ends are checked here for
both, and an ambiguous answer is refused.
"""

from __future__ import annotations

import http.client
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import Final, NamedTuple, Protocol

from avrojet.rpc.failures import ConnectionClosedError, RpcError

_MOST_BETWEEN: Final = 64 << 10  # consecutive bytes outside of a body: status lines, headers, trailers
_PIECE: Final = 64 << 10
_MOST_INTERIM: Final = 10  # answers of status 1xx before the final one
_MOST_DIGITS: Final = 16
_SWITCHING: Final = 101
_BODILESS: Final = {204, 304}
_LENGTH: Final = re.compile(r"[0-9]+")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*[;\r]")


class Answer(NamedTuple):
    """An answer of a server.

    :ivar is_last: the connection cannot be used after it.
    """

    status: int
    body: bytes
    is_last: bool


class Answers(Protocol):
    """The answers that arrive on one connection."""

    def __init__(self, most: int) -> None:
        """:param most: bytes that the body of an answer may have."""

    def is_empty(self) -> bool:
        """Whether nothing has arrived after the last answer."""

    def next(self, receive: Callable[[], bytes], /) -> Answer:
        """The next answer. After an error the connection cannot be used.

        :param receive: returns the next bytes, none at the end of the connection.
        :raises ConnectionClosedError: if the connection ends within it.
        :raises RpcError: if it is not an answer of HTTP/1.1, or too long.
        """


@cache
def kind_of_answers() -> type[Answers]:
    """The faster class that can be used in this interpreter."""
    # httptools does not declare that it supports free threading: importing it would enable the GIL.
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return PlainAnswers
    try:
        import httptools  # noqa: F401
    except ImportError:
        return PlainAnswers
    return FastAnswers


def _noted(method: Callable[..., None]) -> Callable[..., None]:
    """Make a method that httptools calls keep its exception, for :meth:`FastAnswers._reason`."""

    @wraps(method)
    def noted(self: FastAnswers, *arguments: bytes) -> None:
        try:
            method(self, *arguments)
        except BaseException as error:
            self._raised = error
            raise

    return noted


class FastAnswers:
    """Answers that httptools parses: it calls the methods that begin with ``on_``."""

    def __init__(self, most: int) -> None:
        import httptools

        self._most = most
        self._parser = httptools.HttpResponseParser(self)
        self._errors = httptools.HttpParserError, httptools.HttpParserUpgrade
        self._error_of_method = httptools.HttpParserCallbackError
        self._raised: BaseException | None = None

    def is_empty(self) -> bool:
        return True  # if anything follows an answer, that is the last one

    def next(self, receive: Callable[[], bytes], /) -> Answer:
        self._is_whole, self._is_last, self._interim = False, False, 0
        self._is_until_end, self._status = False, 0
        self._body = bytearray()
        between = 0
        while not self._is_whole:
            came, size = receive(), len(self._body)
            if not came:
                if not self._is_until_end:
                    raise _closed()
                self._is_last = True
                break
            self._feed(came)
            between = 0 if len(self._body) > size else between + len(came)
            _check_between(between)
        return Answer(self._status, bytes(self._body), self._is_last)

    def _feed(self, came: bytes) -> None:
        handled = sys.exception()
        try:
            self._parser.feed_data(came)
        except self._errors as error:
            reason = self._reason(error, handled)
            if not self._is_whole or not isinstance(reason, RpcError | None):
                raise reason or _no_answer() from None
            self._is_last = True

    def _reason(self, error: Exception, handled: BaseException | None) -> BaseException | None:
        """The exception of a method that httptools called; None if the error has another cause.

        httptools sets it as the context of its own error, but Python replaces it there if the caller is
        handling another exception.
        """
        if not isinstance(error, self._error_of_method):
            return None
        if self._raised is None:  # a signal handler raised it, before the method's first step
            context = error.__context__
            return KeyboardInterrupt() if context in (None, handled) else context
        raised, self._raised = self._raised, None
        return raised

    @_noted
    def on_message_begin(self) -> None:
        if self._is_whole:
            raise _no_answer()  # an answer without a request
        self._lengths: list[str] = []
        self._codings: list[str] = []

    @_noted
    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"content-length":
            self._lengths.append(value.decode("latin-1"))
        elif name == b"transfer-encoding":
            self._codings.append(value.decode("latin-1"))

    @_noted
    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        if not self._parser.get_http_version().startswith("1."):
            raise _no_answer()
        if _is_interim(self._status):
            self._interim += 1
            _check_interim(self._interim)
        else:
            length = _length(self._lengths, self._codings, self._most)
            self._is_until_end = length is None and not self._codings

    @_noted
    def on_body(self, piece: bytes) -> None:
        self._body += piece
        _check_size(len(self._body), self._most)

    @_noted
    def on_message_complete(self) -> None:
        if self._status >= 200:
            self._is_whole, self._is_last = True, not self._parser.should_keep_alive()


class PlainAnswers:
    """Answers that the standard library parses."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = _Bytes(most)

    def is_empty(self) -> bool:
        return self._bytes.is_empty()

    def next(self, receive: Callable[[], bytes], /) -> Answer:
        self._bytes.begin(receive)
        try:
            response = self._response()
            body = self._body(response)
        except http.client.HTTPException as error:
            raise _no_answer() from error
        return Answer(response.status, body, response.will_close or response.status in _BODILESS)

    def _response(self) -> http.client.HTTPResponse:
        """The response whose headers were read."""
        for interim in range(_MOST_INTERIM + 2):
            _check_interim(interim)
            response = http.client.HTTPResponse(self._bytes, method="POST")  # type: ignore[arg-type]
            response.begin()
            if not _is_interim(response.status):
                break
        self._check(response)
        return response

    @staticmethod
    def _body(response: http.client.HTTPResponse) -> bytes:
        if response.status in _BODILESS:
            return b""
        if not response.chunked:
            return response.read()
        # read() without a size makes a list of all chunks, which takes much more memory than their bytes.
        return b"".join(iter(lambda: response.read(_PIECE), b""))

    def _check(self, response: http.client.HTTPResponse) -> None:
        """Check that the library has understood the headers, and that they are not ambiguous."""
        headers = response.headers
        if headers.defects:
            raise _no_answer()
        codings = headers.get_all("Transfer-Encoding", [])
        length = _length(headers.get_all("Content-Length", []), codings, self._most)
        if response.status in _BODILESS:
            return
        if response.length != length or bool(response.chunked) != bool(codings):
            raise _two_lengths()
        self._bytes.is_chunks = bool(codings)


class _Bytes:
    """Acts as the socket of a response of the standard library, and as the file that the response reads.

    It bounds what is read, and checks the ends of lines and chunks, which the library does not.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._data = bytearray()
        self._receive: Callable[[], bytes] = bytes
        self._between = self._size = 0
        self.is_chunks = False
        """Whether the next line must be the size of a chunk."""

    def begin(self, receive: Callable[[], bytes]) -> None:
        """Begin the next answer, whose bytes the function returns."""
        self._receive = receive
        self._between = self._size = 0
        self.is_chunks = False

    def is_empty(self) -> bool:
        return not self._data

    def makefile(self, _mode: str) -> _Bytes:
        return self

    def flush(self) -> None:
        """Do nothing; files have this method."""

    def close(self) -> None:
        """Stay open for the next answer."""

    def readline(self, _limit: int = -1) -> bytes:
        looked = 0
        while (end := self._data.find(b"\n", looked)) < 0:
            looked = len(self._data)
            _check_between(self._between + looked)
            self._more()
        line = self._take(end + 1)
        self._between += len(line)
        _check_between(self._between)
        if line.find(b"\r") != len(line) - 2:
            raise _no_answer()
        if self.is_chunks:
            self._check_chunk(line)
        return line

    def _check_chunk(self, line: bytes) -> None:
        """Check that a chunk ends where its line says: the library accepts any two bytes as its end."""
        found = _CHUNK.match(line)
        if found is None:
            raise RpcError("a chunk of the answer has no size")
        size = int(found[1], 16)
        if size:
            self._size += size
            _check_size(self._size, self._most)
            self._wait_for(size + 2)
            if self._data[size : size + 2] != b"\r\n":
                raise RpcError("a chunk of the answer is longer than it says")
        self.is_chunks = size > 0

    def read(self, size: int = -1) -> bytes:
        self._between = 0
        if size >= 0:
            self._wait_for(size)
            return self._take(size)
        while True:
            _check_size(len(self._data), self._most)
            came = self._receive()
            if not came:
                return self._take(len(self._data))
            self._data += came

    def _wait_for(self, size: int) -> None:
        while len(self._data) < size:
            self._more()

    def _more(self) -> None:
        came = self._receive()
        if not came:
            raise _closed()
        self._data += came

    def _take(self, size: int) -> bytes:
        taken = bytes(self._data[:size])
        del self._data[:size]
        return taken


def _length(lengths: Sequence[str], codings: Sequence[str], most: int) -> int | None:
    """The length that headers state; None if there is none."""
    if len(lengths) + len(codings) > 1:
        raise _two_lengths()
    if codings and codings[0].strip(" \t").lower() != "chunked":
        raise RpcError("the answer is encoded in a way that was not asked for")
    if not lengths:
        return None
    digits = lengths[0].strip(" \t")
    if not _LENGTH.fullmatch(digits) or len(digits) > _MOST_DIGITS:
        raise RpcError("the length that the answer states is not a number")
    _check_size(int(digits), most)
    return int(digits)


def _is_interim(status: int) -> bool:
    if status == _SWITCHING:
        raise RpcError("the server goes on in another protocol, which was not asked for")
    return status < 200


def _check_interim(number: int) -> None:
    if number > _MOST_INTERIM:
        raise RpcError(f"the server announces an answer more than {_MOST_INTERIM} times")


def _check_between(size: int) -> None:
    if size > _MOST_BETWEEN:
        raise RpcError(f"the headers of the answer, or what follows it, have more than {_MOST_BETWEEN} bytes")


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise RpcError(f"the answer has more than {most} bytes")


def _no_answer() -> RpcError:
    return RpcError("the server does not answer in HTTP/1.1")


def _two_lengths() -> RpcError:
    return RpcError("the answer states two lengths")


def _closed() -> RpcError:
    return ConnectionClosedError("the server closed the connection in the middle of its answer")
