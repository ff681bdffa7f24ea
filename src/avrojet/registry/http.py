"""Registries over HTTP, for threads and for asyncio: exchanges, kept answers, and httpx put together."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypedDict, TypeVar, Unpack
from urllib.parse import unquote, urlsplit, urlunsplit

from avrojet.plan.levels import Level
from avrojet.registry.api import Api, version_key
from avrojet.registry.auth import Auth, Basic, authentication
from avrojet.registry.base import LATEST, AsyncRegistry, Latest, Registry
from avrojet.registry.errors import RegistryError
from avrojet.registry.exchange import Exchange, Exchanger, Retries, hasty
from avrojet.registry.kept import FOR_EVER, Answers, Flights, Kept
from avrojet.registry.model import RegisteredSchema, RegistryCheck, SchemaReference
from avrojet.registry.references import own_text
from avrojet.registry.transport import AsyncTransport, Connection, Transport
from avrojet.schema.model import Schema

if TYPE_CHECKING:
    import ssl

T = TypeVar("T")


MakeApi: TypeAlias = Callable[[Exchanger, Answers], Api]
"""Makes the interface of a registry of what asks it, and what it has answered."""


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
    """What options and URLs say.

    :raises TypeError: for an option that is none.
    :raises ValueError: for a URL that is none.
    """

    def __init__(self, url: str | Iterable[str], options: Mapping[str, Any]) -> None:
        unknown = sorted(options.keys() - HttpOptions.__annotations__.keys())
        if unknown:
            raise TypeError(f"no options of a registry: {', '.join(unknown)}")
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


@dataclass(frozen=True, slots=True)
class _Asked(Generic[T]):
    """What is asked for.

    :ivar key: what the answer is kept by.
    :ivar seconds: how long.
    """

    key: Hashable
    seconds: float
    ask: Callable[[], Exchange[T]]


class _Keys:
    """By what answers are kept; what this process writes is seen by it at once."""

    def __init__(self) -> None:
        self._epochs: dict[str, int] = {}

    def of(self, what: str, subject: str, *more: Hashable) -> Hashable:
        return what, subject, self._epochs.get(subject, 0), *more

    def changed(self, subject: str) -> None:
        """A subject is another now."""
        self._epochs[subject] = self._epochs.get(subject, 0) + 1


class _Common:
    """What registries for threads and for asyncio have in common."""

    def __init__(
        self, url: str | Iterable[str], api: MakeApi, headers: Mapping[str, str], suffix: str, options: Any
    ) -> None:
        setup = _Setup(url, options)
        self._urls = setup.urls
        self._answers = setup.answers
        self._api = setup.api(api, headers, suffix)
        self._connection = setup.connection
        self._flights = Flights()
        self._keys = _Keys()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._urls))})"

    # -- what is kept --------------------------------------------------------------------------------

    def _hit(self, asked: _Asked[T], place: Hashable) -> Kept[T] | None:
        """What is kept, if it can be taken for the answer: as it is, or while another one asks anew."""
        kept: Kept[T] | None = self._answers.get(asked.key)
        if kept is None or monotonic() < kept.until or (kept.error is None and place in self._flights):
            return kept
        return None

    def _answered(self, asked: _Asked[T]) -> Exchange[T]:
        """The answer of the registry, which is kept from now on, or what is taken for it if there is none."""
        kept: Kept[T] | None = self._answers.get(asked.key)
        if kept is not None and monotonic() < kept.until:  # another flight has landed just now
            return kept.result()
        exchange = asked.ask()
        try:
            value = yield from (exchange if kept is None or kept.error is not None else hasty(exchange))
        except RegistryError as error:
            return self._answers.failed(asked.key, error, kept)  # type: ignore[no-any-return]
        self._answers.keep(asked.key, value, asked.seconds, _size(value))
        return value

    def _by_id(self, id: int, subject: str | None) -> _Asked[RegisteredSchema]:
        return _Asked(("id", id, subject), FOR_EVER, lambda: self._api.by_id(id, subject))

    def _by_guid(self, guid: str) -> _Asked[RegisteredSchema]:
        return _Asked(("guid", guid), FOR_EVER, lambda: self._api.by_guid(guid))

    def _latest(self, subject: str) -> _Asked[RegisteredSchema]:
        key = self._keys.of("latest", subject)
        return _Asked(key, self._answers.seconds, lambda: self._api.version(subject, LATEST))

    def _latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> _Asked[RegisteredSchema]:
        key = self._keys.of("metadata", subject, tuple(sorted(metadata.items())))
        return _Asked(key, self._answers.seconds, lambda: self._api.latest_with_metadata(subject, metadata))

    def _version(self, subject: str, version: int) -> _Asked[RegisteredSchema]:
        key = version_key(subject, version)
        return _Asked(key, self._answers.seconds, lambda: self._api.version(subject, version))

    def _lookup(
        self,
        subject: str,
        schema: Any,
        references: Iterable[SchemaReference],
        normalize: bool,  # noqa: FBT001
    ) -> _Asked[RegisteredSchema]:
        referred = tuple(references)
        said = schema if isinstance(schema, str | Schema) else own_text(schema, {}) if not referred else None
        key = self._keys.of("lookup", subject, said or object(), referred, normalize)
        return _Asked(
            key,
            self._answers.seconds,
            lambda: self._api.lookup(subject, schema, referred, normalize=normalize),
        )

    def _wrote(self, registered: RegisteredSchema) -> RegisteredSchema:
        """A schema is there that may not have been before."""
        self._keys.changed(registered.subject or "")
        if registered.id is not None:
            plain = RegisteredSchema(
                registered.schema,
                registered.id,
                registered.guid,
                references=registered.references,
                metadata=registered.metadata,
                rules=registered.rules,
                text=registered.text,
            )
            self._answers.keep(("id", registered.id, None), plain, FOR_EVER, _size(plain))
        return registered

    def clear(self) -> None:
        """Forget what was answered."""
        self._answers.clear()


def _size(value: Any) -> int:
    text = getattr(value, "text", None)
    return 100 + len(text) if isinstance(text, str) else 100


class HttpRegistry(_Common, Registry):
    """A registry over HTTP; the classes that users make say of which kind.

    :param api: makes its interface.
    :param api_headers: sent with each request of the interface.
    :param suffix: what a URL without ``/apis/`` ends in.
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
        super().__init__(url, api, api_headers or {}, suffix, options)
        self._transport = Transport(self._connection)

    def _found(self, asked: _Asked[T]) -> T:
        """The answer that is kept, or else the registry's, which one asks for all that want it."""
        place = os.getpid(), asked.key
        while True:
            kept = self._hit(asked, place)
            if kept is not None:
                return kept.result()
            flight, mine = self._flights.board(place)
            if mine:
                try:
                    value = self._transport.run(self._answered(asked))
                    flight.arrive(value)
                except Exception as error:
                    flight.crash(error)
                    raise
                else:
                    return value
                finally:
                    self._flights.land(place, flight)
            flight.landed.wait()
            if flight.arrived:
                return flight.result()  # type: ignore[no-any-return]

    def by_id(self, id: int, subject: str | None = None) -> RegisteredSchema:
        return self._found(self._by_id(id, subject))

    def by_guid(self, guid: str) -> RegisteredSchema:
        return self._found(self._by_guid(guid))

    def latest(self, subject: str) -> RegisteredSchema:
        return self._found(self._latest(subject))

    def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> RegisteredSchema:
        return self._found(self._latest_with_metadata(subject, metadata))

    def version(self, subject: str, version: int) -> RegisteredSchema:
        return self._found(self._version(subject, version))

    def register(
        self,
        subject: str,
        schema: Any,
        *,
        references: Iterable[SchemaReference] = (),
        normalize: bool = False,
        metadata: Mapping[str, Any] | None = None,
        rules: Mapping[str, Any] | None = None,
    ) -> RegisteredSchema:
        exchange = self._api.register(
            subject, schema, tuple(references), normalize=normalize, metadata=metadata, rules=rules
        )
        return self._wrote(self._transport.run(exchange))

    def lookup(
        self,
        subject: str,
        schema: Any,
        *,
        references: Iterable[SchemaReference] = (),
        normalize: bool = False,
    ) -> RegisteredSchema:
        return self._found(self._lookup(subject, schema, references, normalize))

    def check(
        self,
        subject: str,
        schema: Any,
        version: int | Latest | None = LATEST,
        *,
        references: Iterable[SchemaReference] = (),
    ) -> RegistryCheck:
        return self._transport.run(self._api.check(subject, schema, version, tuple(references)))

    def subjects(self, *, deleted: bool = False) -> Sequence[str]:
        return self._transport.run(self._api.subjects(deleted=deleted))

    def versions(self, subject: str, *, deleted: bool = False) -> Sequence[int]:
        return self._transport.run(self._api.versions(subject, deleted=deleted))

    def level(self, subject: str | None = None) -> Level:
        return self._transport.run(self._api.level(subject))

    def set_level(self, level: Level, subject: str | None = None) -> None:
        self._transport.run(self._api.set_level(level, subject))

    def delete_subject(self, subject: str, *, permanent: bool = False) -> Sequence[int]:
        self._keys.changed(subject)
        return self._transport.run(self._api.delete_subject(subject, permanent=permanent))

    def delete_version(self, subject: str, version: int, *, permanent: bool = False) -> int:
        self._keys.changed(subject)
        return self._transport.run(self._api.delete_version(subject, version, permanent=permanent))

    def close(self) -> None:
        self._transport.close()


class AsyncHttpRegistry(_Common, AsyncRegistry):
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
        super().__init__(url, api, api_headers or {}, suffix, options)
        self._transport = AsyncTransport(self._connection)

    async def _found(self, asked: _Asked[T]) -> T:
        """As that for threads; what waits in another event loop cannot be woken, so each has its flights."""
        import asyncio

        place = os.getpid(), id(asyncio.get_running_loop()), asked.key
        while True:
            kept = self._hit(asked, place)
            if kept is not None:
                return kept.result()
            flight, mine = self._flights.board(place, asyncio.Event)
            if mine:
                try:
                    value = await self._transport.run(self._answered(asked))
                    flight.arrive(value)
                except Exception as error:
                    flight.crash(error)
                    raise
                else:
                    return value
                finally:
                    self._flights.land(place, flight)
            await flight.landed.wait()
            if flight.arrived:
                return flight.result()  # type: ignore[no-any-return]

    async def by_id(self, id: int, subject: str | None = None) -> RegisteredSchema:
        return await self._found(self._by_id(id, subject))

    async def by_guid(self, guid: str) -> RegisteredSchema:
        return await self._found(self._by_guid(guid))

    async def latest(self, subject: str) -> RegisteredSchema:
        return await self._found(self._latest(subject))

    async def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> RegisteredSchema:
        return await self._found(self._latest_with_metadata(subject, metadata))

    async def version(self, subject: str, version: int) -> RegisteredSchema:
        return await self._found(self._version(subject, version))

    async def register(
        self,
        subject: str,
        schema: Any,
        *,
        references: Iterable[SchemaReference] = (),
        normalize: bool = False,
        metadata: Mapping[str, Any] | None = None,
        rules: Mapping[str, Any] | None = None,
    ) -> RegisteredSchema:
        exchange = self._api.register(
            subject, schema, tuple(references), normalize=normalize, metadata=metadata, rules=rules
        )
        return self._wrote(await self._transport.run(exchange))

    async def lookup(
        self,
        subject: str,
        schema: Any,
        *,
        references: Iterable[SchemaReference] = (),
        normalize: bool = False,
    ) -> RegisteredSchema:
        return await self._found(self._lookup(subject, schema, references, normalize))

    async def check(
        self,
        subject: str,
        schema: Any,
        version: int | Latest | None = LATEST,
        *,
        references: Iterable[SchemaReference] = (),
    ) -> RegistryCheck:
        return await self._transport.run(self._api.check(subject, schema, version, tuple(references)))

    async def subjects(self, *, deleted: bool = False) -> Sequence[str]:
        return await self._transport.run(self._api.subjects(deleted=deleted))

    async def versions(self, subject: str, *, deleted: bool = False) -> Sequence[int]:
        return await self._transport.run(self._api.versions(subject, deleted=deleted))

    async def level(self, subject: str | None = None) -> Level:
        return await self._transport.run(self._api.level(subject))

    async def set_level(self, level: Level, subject: str | None = None) -> None:
        await self._transport.run(self._api.set_level(level, subject))

    async def delete_subject(self, subject: str, *, permanent: bool = False) -> Sequence[int]:
        self._keys.changed(subject)
        return await self._transport.run(self._api.delete_subject(subject, permanent=permanent))

    async def delete_version(self, subject: str, version: int, *, permanent: bool = False) -> int:
        self._keys.changed(subject)
        return await self._transport.run(self._api.delete_version(subject, version, permanent=permanent))

    async def close(self) -> None:
        await self._transport.close()
