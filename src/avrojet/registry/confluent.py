"""Registries with Confluent's interface: Confluent's own, Karapace, Redpanda, Apicurio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self, Unpack

from avrojet.registry.config import http_options
from avrojet.registry.confluent_api import HEADERS, ConfluentApi
from avrojet.registry.http import AsyncHttpRegistry, HttpOptions, HttpRegistry


class ConfluentRegistry(HttpRegistry):
    """A registry with Confluent's interface. Threads may share it; it needs httpx (the extra ``registry``).

    Schemas are asked for once, be there any number of threads, and kept. What is known stays in use where the
    registry is down.

    :param url: the registry's URL, or several of them, of which the first that answers is used: as a list, or
        with commas between them. User and password in it are credentials.
    :param auth: credentials: ``(user, password)``, :class:`Basic`, :class:`Bearer`, :class:`OAuth`, or a
        function that returns a token or headers.
    :param headers: sent with each request.
    :param timeout: seconds that connecting, sending, and each wait for more of an answer may take.
    :param retries: how often and when a request that failed is tried again.
    :param verify: whether certificates are verified; a path of the authorities', or an SSL context.
    :param cert: the client's certificate: a path, or a path and that of its key, and the key's password.
    :param proxy: a proxy's URL; without it, the environment's.
    :param client: a client of httpx to use as it is; it is left open.
    :param cached: the most answers that are kept.
    :param cache_seconds: how long the latest version of a subject is taken for that; an id is for ever.
    :param missing_seconds: how long a schema that is not there is taken for that.
    :raises AvroError: if httpx is not installed.
    :raises TypeError: for an option that is none.
    :raises ValueError: for a URL that is none.
    """

    def __init__(self, url: str | Iterable[str], **options: Unpack[HttpOptions]) -> None:
        super().__init__(url, ConfluentApi, api_headers=HEADERS, **options)

    @classmethod
    def from_config(cls, conf: Mapping[str, Any]) -> Self:
        """A registry by the configuration of confluent-kafka's ``SchemaRegistryClient``.

        :param conf: its keys, such as ``url`` and ``basic.auth.user.info``; ``schema.registry.`` may stand
            before each.
        :raises ValueError: if there is a key that is not known, or no URL, or a value that makes no sense.
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
