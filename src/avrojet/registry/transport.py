"""Runs the steps of an exchange, with httpx, in threads or in asyncio."""

from __future__ import annotations

import os
import sys
import time
import zlib
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from avrojet.errors import AvroError
from avrojet.locks import ProcessLock
from avrojet.messages import shorten
from avrojet.registry.deadlines import Deadlines, UnfitError, too_slow
from avrojet.registry.exchange import (
    MOST_BYTES,
    Answer,
    Call,
    Exchange,
    NoAnswer,
    Send,
    Step,
    Wait,
    shown_url,
)

if TYPE_CHECKING:
    import ssl

T = TypeVar("T")

_MOST_WAITS: Final = 60  # how many times Connection.timeout a whole answer may take, piece after piece


@dataclass(frozen=True, slots=True)
class Connection:
    """How a registry is reached.

    :ivar timeout: seconds that connecting, sending, and each wait for more of an answer may take; a whole
        answer may take 60 times that.
    :ivar verify: whether certificates are verified; or the path of the authorities' certificates, or an SSL
        context.
    :ivar cert: the client's certificate: its path, or a tuple of its path, the path of its key, and the key's
        password.
    :ivar proxy: a proxy's URL.
    :ivar client: a client of httpx to use unchanged, except that redirects are not followed; it is left open.
    """

    timeout: float = 10.0
    verify: bool | str | ssl.SSLContext = True
    cert: str | tuple[str, ...] | None = field(default=None, repr=False)  # both may contain passwords
    proxy: str | None = field(default=None, repr=False)
    client: Any = None

    def options(self) -> dict[str, Any]:
        """The arguments for httpx's clients."""
        from avrojet.cookies import no_cookies

        return {
            "timeout": self.timeout,
            "verify": self._context(),
            "proxy": self.proxy,
            "trust_env": True,
            "cookies": no_cookies(),
        }

    def patience(self) -> float | None:
        """Seconds that a whole answer may take."""
        return None if self.timeout is None else _MOST_WAITS * self.timeout

    def _context(self) -> bool | ssl.SSLContext:
        if isinstance(self.verify, bool) and self.cert is None:
            return self.verify
        import ssl

        context: ssl.SSLContext
        if isinstance(self.verify, ssl.SSLContext):
            context = self.verify
        else:
            place = self.verify if isinstance(self.verify, str) else None
            folder = place is not None and os.path.isdir(place)  # noqa: PTH112
            context = ssl.create_default_context(
                cafile=None if folder else place, capath=place if folder else None
            )
            if self.verify is False:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
        if self.cert is not None:
            context.load_cert_chain(*((self.cert,) if isinstance(self.cert, str) else self.cert))
        return context


def import_httpx() -> ModuleType:
    """Import httpx.

    :raises AvroError: if it is not installed.
    """
    try:
        import httpx
    except ImportError as error:
        raise AvroError(
            "registries over HTTP need httpx, which is not installed: pip install 'avrojet[registry]'"
        ) from error
    return httpx


class Runner:
    """Runs the steps of exchanges that are calls, one after the other. Threads may share it."""

    def run(self, exchange: Exchange[T]) -> T:
        """Run an exchange, and return its result."""
        try:
            step = next(exchange)
            while True:
                try:
                    came = self._done(step)
                except Exception as error:  # noqa: BLE001 (the exchange decides which errors are expected)
                    step = exchange.throw(error)
                else:
                    step = exchange.send(came)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def _done(self, step: Step) -> Any:
        if isinstance(step, Wait):
            return time.sleep(step.seconds)
        assert isinstance(step, Call)
        return step.function()

    def close(self) -> None:
        """Close what is its own."""


class AsyncRunner:
    """The same for asyncio; results of the calls are awaited."""

    async def run(self, exchange: Exchange[T]) -> T:
        """Run an exchange, and return its result."""
        try:
            step = next(exchange)
            while True:
                try:
                    came = await self._done(step)
                except Exception as error:  # noqa: BLE001
                    step = exchange.throw(error)
                else:
                    step = exchange.send(came)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def _done(self, step: Step) -> Any:
        from asyncio import sleep
        from inspect import isawaitable

        if isinstance(step, Wait):
            return await sleep(step.seconds)
        assert isinstance(step, Call)
        made = step.function()
        return await made if isawaitable(made) else made

    async def close(self) -> None:
        """Close what is its own."""


class Transport(Runner):
    """Runs the steps over HTTP."""

    def __init__(self, connection: Connection) -> None:
        self._httpx = import_httpx()
        self._connection = connection
        self._made: tuple[int, Any, Any] | None = None
        self._lock = ProcessLock()
        self._given = connection.client, Deadlines(None)
        if connection.client is None:
            self._client()  # so that a missing certificate is reported at once

    def _done(self, step: Step) -> Any:
        if not isinstance(step, Send):
            return super()._done(step)
        handled = sys.exception()
        client, deadlines = self._client()
        patience = self._connection.patience()
        try:
            with (
                deadlines.within(patience),
                client.stream(
                    step.method, step.url, headers=_asked(step), content=step.content, follow_redirects=False
                ) as response,
            ):
                body = _Body(response, patience)
                for piece in body.known or response.iter_raw():
                    body.take(piece)
                return body.answer(step)
        except UnfitError as unfit:
            return NoAnswer(str(unfit))
        except (
            self._httpx.HTTPError,
            self._httpx.InvalidURL,
            OSError,
        ) as error:  # some of TLS are not wrapped
            return _no_answer(error, handled)

    def _client(self) -> tuple[Any, Any]:
        """The client, and its deadlines, which a user's own client does not get."""
        if self._connection.client is not None:
            return self._given
        made = self._made
        if made is None or made[0] != os.getpid():  # connections must not be shared with a child
            with self._lock.lock:
                made = self._made
                if made is None or made[0] != os.getpid():
                    client = self._httpx.Client(**self._connection.options())
                    made = self._made = os.getpid(), client, Deadlines(client)
        return made[1:]

    def close(self) -> None:
        """Close the connections, if they are its own."""
        made, self._made = self._made, None
        if made is not None and made[0] == os.getpid():
            made[1].close()


class AsyncTransport(AsyncRunner):
    """The same for asyncio; it may be used in one event loop after another."""

    def __init__(self, connection: Connection) -> None:
        self._httpx = import_httpx()
        self._connection = connection
        self._made: tuple[object, Any] | None = None
        self._options = connection.options() if connection.client is None else {}

    async def _done(self, step: Step) -> Any:
        if not isinstance(step, Send):
            return await super()._done(step)
        from asyncio import timeout

        handled = sys.exception()
        try:
            async with timeout(self._connection.patience()):
                return await self._answer(step)
        except UnfitError as unfit:
            return NoAnswer(str(unfit))
        except TimeoutError:
            return NoAnswer(str(too_slow()))
        except (
            self._httpx.HTTPError,
            self._httpx.InvalidURL,
            OSError,
        ) as error:  # some of TLS are not wrapped
            return _no_answer(error, handled)

    async def _answer(self, step: Send) -> Answer:
        async with self._client().stream(
            step.method, step.url, headers=_asked(step), content=step.content, follow_redirects=False
        ) as response:
            body = _Body(response, self._connection.patience())
            for piece in body.known:
                body.take(piece)
            if not body.known:
                async for piece in response.aiter_raw():
                    body.take(piece)
            return body.answer(step)

    def _client(self) -> Any:
        import asyncio

        if self._connection.client is not None:
            return self._connection.client
        loop = asyncio.get_running_loop()
        if self._made is None or self._made[0] is not loop:
            self._made = loop, self._httpx.AsyncClient(**self._options)
        return self._made[1]

    async def close(self) -> None:
        """Close the connections, if they are its own."""
        made, self._made = self._made, None
        if made is not None:
            await made[1].aclose()


def _asked(step: Send) -> dict[str, str]:
    return {**step.headers, "accept-encoding": "gzip"}


class _Body:
    """The bytes of an answer as they arrive, decompressed up to a bound, which httpx does not have.

    :ivar known: the whole body, if a user's transport has returned it at once; it is already decompressed.
    """

    def __init__(self, response: Any, seconds: float | None) -> None:
        self._response = response
        self._ends = None if seconds is None else time.monotonic() + seconds
        self._data = bytearray()
        self._came = 0
        self.known: tuple[bytes, ...] = (response.content,) if response.is_stream_consumed else ()
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        self._gzip: Any = None
        if coding in ("gzip", "x-gzip") and not self.known:
            self._gzip = _gunzip()
        elif coding not in ("identity", "") and not self.known:
            raise UnfitError(f"the answer is compressed, unasked: content-encoding is {shorten(coding, 40)}")

    def take(self, piece: bytes) -> None:
        """Add bytes that have arrived."""
        self._came += len(piece)
        if self._came > MOST_BYTES:
            raise _too_long()
        if self._ends is not None and time.monotonic() > self._ends:
            raise too_slow()
        if self._gzip is None:
            self._data += piece
        else:
            self._unpack(piece)

    def _unpack(self, piece: bytes) -> None:
        try:
            while piece:
                if self._gzip.eof:  # there may be several in a row
                    self._gzip = _gunzip()
                self._data += self._gzip.decompress(piece, MOST_BYTES + 1 - len(self._data))
                if len(self._data) > MOST_BYTES:
                    raise _too_long()
                piece = self._gzip.unconsumed_tail or self._gzip.unused_data
        except zlib.error:
            raise UnfitError("the answer is not gzip, as its header says") from None

    def answer(self, step: Send) -> Answer:
        """Return the answer, once no more bytes come."""
        if self._gzip is not None and self._came and not self._gzip.eof:
            raise UnfitError("the answer ends early")
        headers = {name.lower(): value for name, value in self._response.headers.items()}
        return Answer(self._response.status_code, headers, bytes(self._data), shown_url(step.url))


def _gunzip() -> Any:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)


def _no_answer(error: Exception, handled: BaseException | None) -> NoAnswer:
    """Return why there is no answer. httpx's own message is not shown, as it may contain a proxy's URL.

    :param handled: the exception that the caller is handling, which is the context of the first of httpx's.
    """
    cause: BaseException | None = error
    while cause is not None and cause is not handled and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    kind = type(error).__name__
    if isinstance(cause, OSError) and cause is not handled and cause.strerror:
        return NoAnswer(f"{kind} ({cause.strerror})")
    return NoAnswer(kind)


def _too_long() -> UnfitError:
    return UnfitError(f"the answer is longer than {MOST_BYTES} bytes")
