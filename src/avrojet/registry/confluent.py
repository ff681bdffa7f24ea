"""Registries with Confluent's interface: Confluent's own, Karapace, Redpanda, Apicurio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self, Unpack

from avrojet.registry.config import http_options
from avrojet.registry.confluent_api import HEADERS, ConfluentApi
from avrojet.registry.http import AsyncHttpRegistry, HttpOptions, HttpRegistry


class ConfluentRegistry(HttpRegistry):
    """A registry with Confluent's interface. Threads may share it; it needs httpx (the extra ``registry``).

    Each schema is requested once, however many threads need it, and cached. Known schemas remain usable while
    the registry is down.

    :param url: the registry's URL, or several of them, of which the first that answers is used: as a list, or
        separated by commas. A user and password in the URL are credentials.
    :param auth: credentials: ``(user, password)``, :class:`Basic`, :class:`Bearer`, :class:`OAuth`, or a
        function that returns a token or headers.
    :param headers: sent with each request.
    :param timeout: seconds that connecting, sending, and each wait for more of an answer may take.
    :param retries: how often and when a request that failed is tried again.
    :param verify: whether certificates are verified; or the path of the authorities' certificates, or an SSL
        context.
    :param cert: the client's certificate: its path, or a tuple of its path, the path of its key, and the
        key's password.
    :param proxy: a proxy's URL; without it, the environment's.
    :param client: a client of httpx to use as it is; it is left open.
    :param cached: the most answers to keep.
    :param cache_seconds: how long the latest version of a subject is assumed to be the latest; ids never
        change.
    :param missing_seconds: how long a missing schema is assumed to be missing.
    :raises AvroError: if httpx is not installed.
    :raises TypeError: for an unknown option.
    :raises ValueError: for an invalid URL.
    """

    def __init__(self, url: str | Iterable[str], **options: Unpack[HttpOptions]) -> None:
        super().__init__(url, ConfluentApi, api_headers=HEADERS, **options)

    @classmethod
    def from_config(cls, conf: Mapping[str, Any]) -> Self:
        """Make a registry from the configuration of confluent-kafka's ``SchemaRegistryClient``.

        :param conf: its keys, such as ``url`` and ``basic.auth.user.info``; each may have the prefix
            ``schema.registry.``.
        :raises ValueError: if a key is unknown, there is no URL, or a value is not valid.
        """
        url, options = http_options(conf)
        return cls(url, **options)


class AsyncConfluentRegistry(AsyncHttpRegistry):
    """The same for asyncio: see :class:`ConfluentRegistry`, whose options it has."""

    def __init__(self, url: str | Iterable[str], **options: Unpack[HttpOptions]) -> None:
        super().__init__(url, ConfluentApi, api_headers=HEADERS, **options)

    @classmethod
    def from_config(cls, conf: Mapping[str, Any]) -> Self:
        """As :meth:`ConfluentRegistry.from_config`."""
        url, options = http_options(conf)
        return cls(url, **options)
