"""Calls over HTTP from asyncio, with httpx. Each request is a POST with a framed message."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from types import ModuleType
from typing import Any, Final, Unpack

from avrojet.errors import AvroError
from avrojet.rpc.failures import ConnectionClosedError, RpcError, TimedOutError
from avrojet.rpc.framing import frame
from avrojet.rpc.http_caller import HttpCaller, HttpOptions, message_of
from avrojet.rpc.web import FRAME_SIZE

_MOST_CONNECTIONS: Final = 100


class AsyncHttpTransport(HttpCaller):
    """Carries calls to a server over HTTP or HTTPS. Tasks may share it: calls run concurrently. It may be
    used in one event loop after another.

    It uses httpx, which ``pip install 'avrojet[rpc]'`` installs. Connections are kept and reused; there are a
    hundred at most, and further calls wait for one. No request is sent twice, no redirection is followed, and
    no cookies are kept.

    :param url: of the server, ``http://host:port/path``.
    :param client: an ``httpx.AsyncClient`` that is used unchanged, and left open: for proxies, HTTP/2, and
        tests. Then `tls` has no effect: the client has its own.
    :param options: those of :class:`HttpTransport`.
    :raises ValueError: if the URL is not valid.
    :raises AvroError: if httpx is not installed.
    """

    def __init__(self, url: str, *, client: Any = None, **options: Unpack[HttpOptions]) -> None:
        super().__init__(url, **options)
        self._httpx = _import_httpx()
        self._given = client
        self._made: tuple[object, Any] | None = None

    async def exchange(self, request: bytes, /) -> bytes:
        """The answer to a request.

        :raises TimedOutError: if it does not arrive in time.
        :raises ConnectionClosedError: if the server cannot be reached, or does not answer.
        :raises HttpStatusError: if the answer has another status than 200.
        :raises RpcError: if the answer is not Avro.
        """
        try:
            async with asyncio.timeout(self._timeout):
                return await self._exchange(request)
        except TimedOutError:
            raise
        except TimeoutError as error:
            raise TimedOutError(f"{self._host} does not answer in {self._timeout} s") from error
        except (self._httpx.HTTPError, OSError) as error:
            if isinstance(error, RpcError):
                raise
            # httpx's own message is not shown: it may contain a proxy's credentials.
            raise ConnectionClosedError(f"{self._host} does not answer: {type(error).__name__}") from error

    async def _exchange(self, request: bytes) -> bytes:
        client = self._client()
        sent = client.build_request("POST", self._url.geturl(), content=frame(request), headers=self._headers)
        response = await client.send(sent, stream=True, follow_redirects=False)
        try:
            self._check_status(response.status_code)
            return message_of(await self._body(response), self._most)
        finally:
            await response.aclose()

    async def _body(self, response: Any) -> bytes:
        most, body = self._most + FRAME_SIZE, bytearray()
        length = response.headers.get("content-length", "")
        if not (length.isdigit() and int(length[:30]) > most):
            async with aclosing(response.aiter_raw()) as pieces:
                async for piece in pieces:
                    body += piece
                    if len(body) > most:
                        break
                else:
                    return bytes(body)
        raise RpcError(f"{self._host}: the answer has more than {most} bytes")

    def _client(self) -> Any:
        """Return the client of the running event loop: connections cannot move to another one."""
        if self._given is not None:
            return self._given
        loop = asyncio.get_running_loop()
        if self._made is None or self._made[0] is not loop:
            from avrojet.cookies import no_cookies

            limits = self._httpx.Limits(
                max_connections=_MOST_CONNECTIONS, max_keepalive_connections=_MOST_CONNECTIONS
            )
            verify = True if self._tls is None else self._tls
            made = self._httpx.AsyncClient(verify=verify, timeout=None, limits=limits, cookies=no_cookies())
            self._made = loop, made
        return self._made[1]

    async def close(self) -> None:
        """Close the connections, if they are its own."""
        made, self._made = self._made, None
        if made is not None:
            await made[1].aclose()


def _import_httpx() -> ModuleType:
    try:
        import httpx
    except ImportError as error:
        raise AvroError(
            "calls over HTTP from asyncio need httpx, which is not installed: pip install 'avrojet[rpc]'"
        ) from error
    return httpx
