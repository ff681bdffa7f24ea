"""Who does the steps of an exchange: httpx, in threads or in asyncio."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from avrojet.errors import AvroError
from avrojet.registry.exchange import Answer, Call, Exchange, NoAnswer, Send, Step, Wait, shown_url

if TYPE_CHECKING:
    import ssl

T = TypeVar("T")

_MOST_BYTES: Final = 64 << 20  # of an answer; a schema may have Limits.schema_bytes


@dataclass(frozen=True, slots=True)
class Connection:
    """How a registry is reached.

    :ivar timeout: seconds that connecting, sending, and each wait for more of an answer may take.
    :ivar verify: whether certificates are verified; a path of the authorities', or an SSL context.
    :ivar cert: the client's certificate: a path, or a path and that of its key, and the key's password.
    :ivar proxy: a proxy's URL.
    :ivar client: a client of httpx that is used as it is, and left open.
    """

    timeout: float = 10.0
    verify: bool | str | ssl.SSLContext = True
    cert: str | tuple[str, ...] | None = None
    proxy: str | None = None
    client: Any = None

    def options(self) -> dict[str, Any]:
        """What httpx's clients are made with."""
        return {"timeout": self.timeout, "verify": self._context(), "proxy": self.proxy, "trust_env": True}

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
    """Httpx.

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
    """Does the steps of exchanges that are calls, each when the one before is done. Threads may share it."""

    def run(self, exchange: Exchange[T]) -> T:
        """What comes of an exchange."""
        try:
            step = next(exchange)
            while True:
                try:
                    came = self._done(step)
                except Exception as error:  # noqa: BLE001 (the exchange knows what of it is to be expected)
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
    """The same for asyncio; what the calls return is awaited."""

    async def run(self, exchange: Exchange[T]) -> T:
        """What comes of an exchange."""
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
    """Does them over HTTP."""

    def __init__(self, connection: Connection) -> None:
        self._httpx = import_httpx()
        self._connection = connection
        self._made: tuple[int, Any] | None = None
        self._lock = Lock()
        if connection.client is None:
            self._client()  # so that a certificate that is not there is told at once

    def _done(self, step: Step) -> Any:
        if not isinstance(step, Send):
            return super()._done(step)
        try:
            with self._client().stream(
                step.method, step.url, headers=step.headers, content=step.content
            ) as response:
                body = bytearray()
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > _MOST_BYTES:
                        return _too_long()
                return _answer(response, body, step)
        except (self._httpx.HTTPError, OSError) as error:  # some of TLS pass httpx by
            return _no_answer(error)

    def _client(self) -> Any:
        if self._connection.client is not None:
            return self._connection.client
        made = self._made
        if made is None or made[0] != os.getpid():  # connections are not to be shared with a child
            with self._lock:
                made = self._made
                if made is None or made[0] != os.getpid():
                    made = self._made = os.getpid(), self._httpx.Client(**self._connection.options())
        return made[1]

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
        try:
            async with self._client().stream(
                step.method, step.url, headers=step.headers, content=step.content
            ) as response:
                body = bytearray()
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > _MOST_BYTES:
                        return _too_long()
                return _answer(response, body, step)
        except (self._httpx.HTTPError, OSError) as error:  # some of TLS pass httpx by
            return _no_answer(error)

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


def _answer(response: Any, body: bytearray, step: Send) -> Answer:
    headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, bytes(body), shown_url(step.url))


def _no_answer(error: Exception) -> NoAnswer:
    """Why there is no answer. httpx's own words are not shown, as there may be a proxy's URL among them."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    kind = type(error).__name__
    if isinstance(cause, OSError) and cause.strerror:
        return NoAnswer(f"{kind} ({cause.strerror})")
    return NoAnswer(kind)


def _too_long() -> NoAnswer:
    return NoAnswer(f"the answer is longer than {_MOST_BYTES} bytes")
