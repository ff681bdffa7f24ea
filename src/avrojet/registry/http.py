"""Registries over HTTP: their URLs, credentials and options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypedDict, Unpack
from urllib.parse import unquote, urlsplit, urlunsplit

from avrojet.registry.api import Api
from avrojet.registry.asked import AsyncExchangeRegistry, ExchangeRegistry
from avrojet.registry.auth import Auth, Basic, authentication
from avrojet.registry.exchange import Exchanger, Retries
from avrojet.registry.kept import Answers
from avrojet.registry.transport import AsyncTransport, Connection, Transport

if TYPE_CHECKING:
    import ssl


MakeApi: TypeAlias = Callable[[Exchanger, Answers], Api]
"""Makes the interface of a registry from the object that sends requests, and the kept answers."""


class HttpOptions(TypedDict, total=False):
    """The options of registries over HTTP."""

    auth: Auth
    headers: Mapping[str, str]
    timeout: float
    retries: Retries
    verify: bool | str | ssl.SSLContext
    cert: str | tuple[str, ...]
    proxy: str
    client: Any
    cached: int
    cache_seconds: float
    missing_seconds: float


_CONNECTION: Final = ("timeout", "verify", "cert", "proxy", "client")


class _Setup:
    """The meaning of options and URLs.

    :raises TypeError: for an unknown option.
    :raises ValueError: for an invalid URL.
    """

    def __init__(self, url: str | Iterable[str], options: Mapping[str, Any]) -> None:
        unknown = sorted(options.keys() - HttpOptions.__annotations__.keys())
        if unknown:
            raise TypeError(f"not options of a registry: {', '.join(unknown)}")
        urls = url.split(",") if isinstance(url, str) else list(url)
        parsed = [_without_credentials(each.strip()) for each in urls]
        if not parsed:
            raise ValueError("a registry needs a URL")
        auth = options.get("auth") or next((credentials for _, credentials in parsed if credentials), None)
        self.urls = [place for place, _ in parsed]
        self.authentication = authentication(auth)
        self.retries = options.get("retries") or Retries()
        self.headers = options.get("headers") or {}
        self.connection = Connection(**{name: options[name] for name in _CONNECTION if name in options})
        self.answers = Answers(
            options.get("cached", 2000),
            options.get("cache_seconds", 60.0),
            options.get("missing_seconds", 5.0),
        )

    @property
    def shown(self) -> str:
        return ", ".join(map(repr, self.urls))

    def api(self, kind: MakeApi, headers: Mapping[str, str], suffix: str) -> Api:
        urls = [url if not suffix or "/apis/" in url else url + suffix for url in self.urls]
        exchanger = Exchanger(urls, self.authentication, {**headers, **self.headers}, self.retries)
        return kind(exchanger, self.answers)


def _without_credentials(url: str) -> tuple[str, Basic | None]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the URL of a registry begins with http:// or https://")
    place = parts.netloc.rpartition("@")[2]
    plain = urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))
    if parts.username is None:
        return plain, None
    return plain, Basic(unquote(parts.username), unquote(parts.password or ""))


class HttpRegistry(ExchangeRegistry):
    """A registry over HTTP; subclasses say of which kind.

    :param api: makes its interface.
    :param api_headers: sent with each request of the interface.
    :param suffix: added to a URL that has no ``/apis/``.
    """

    def __init__(
        self,
        url: str | Iterable[str],
        api: MakeApi,
        *,
        api_headers: Mapping[str, str] | None = None,
        suffix: str = "",
        **options: Unpack[HttpOptions],
    ) -> None:
        setup = _Setup(url, options)
        made, runner = setup.api(api, api_headers or {}, suffix), Transport(setup.connection)
        super().__init__(made, runner, setup.answers, setup.shown)


class AsyncHttpRegistry(AsyncExchangeRegistry):
    """The same for asyncio."""

    def __init__(
        self,
        url: str | Iterable[str],
        api: MakeApi,
        *,
        api_headers: Mapping[str, str] | None = None,
        suffix: str = "",
        **options: Unpack[HttpOptions],
    ) -> None:
        setup = _Setup(url, options)
        super().__init__(
            setup.api(api, api_headers or {}, suffix),
            AsyncTransport(setup.connection),
            setup.answers,
            setup.shown,
        )
