"""The parts shared by clients over HTTP: the server that is called, and the checks of its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypedDict
from urllib.parse import SplitResult, urlsplit

from avrojet.limits import limits_in_force
from avrojet.rpc.failures import HttpStatusError, RpcError
from avrojet.rpc.framing import unframe
from avrojet.rpc.http1 import checked

if TYPE_CHECKING:
    import ssl

_OK: Final = 200


class HttpOptions(TypedDict, total=False):
    """The options of :class:`HttpTransport`, which :class:`AsyncHttpTransport` takes as well."""

    timeout: float
    headers: Mapping[str, str] | None
    tls: ssl.SSLContext | None
    most: int | None


class HttpCaller:
    """A server that is called over HTTP.

    :raises ValueError: if the URL or a header is not valid.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 30.0,
        headers: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        most: int | None = None,
    ) -> None:
        self._url = _parts_of(url)
        self._host: str = self._url.hostname or ""
        self._timeout = timeout
        self._headers = checked(headers or {})
        self._tls = tls
        self._most = limits_in_force().block_bytes if most is None else most

    def _check_status(self, status: int) -> None:
        if status != _OK:
            raise HttpStatusError(self._host, status)

    def __repr__(self) -> str:
        return f"<avrojet.rpc.{type(self).__name__} {self._host}>"


def _parts_of(url: str) -> SplitResult:
    """The parts of a server's URL. An error does not show it, as it may contain credentials."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the URL of a server must begin with http:// or https:// and have a host")
    if parts.username is not None:
        raise ValueError("the URL of a server must not contain credentials: use a header, headers={...}")
    return parts


def message_of(body: bytes, most: int) -> bytes:
    """The message in the body of an answer.

    :raises RpcError: if it is not a framed message, or is too large.
    """
    try:
        return unframe(body, most)
    except ValueError as error:
        raise RpcError(f"the answer is not a framed message: {error}") from error
