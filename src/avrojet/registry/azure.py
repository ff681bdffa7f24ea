"""Azure's Schema Registry, through the client of azure-schemaregistry. Its ids are 32 hexadecimal
characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from avrojet.registry.base import LATEST, Latest
from avrojet.registry.errors import RegistryError, UnavailableError
from avrojet.registry.exchange import About, Exchange, error_kind
from avrojet.registry.given import AsyncGivenRegistry, GivenApi, GivenRegistry, answers
from avrojet.registry.kept import Answers
from avrojet.registry.model import RegisteredSchema, SchemaReference
from avrojet.registry.references import Source, own_text, parse_given


class AzureRegistry(GivenRegistry):
    """Azure's Schema Registry. Threads may share it.

    A schema of the group is a subject. Messages carry an id that is not a number: ``by_guid`` finds it.
    Azure's client can only register schemas, look them up, and find them by id or by version.

    :param client: ``azure.schemaregistry.SchemaRegistryClient``, which has the credentials.
    :param group: the group of schemas.
    :param cached: the most answers to keep.
    :param cache_seconds: how long a kept version of a subject is used.
    :param missing_seconds: how long a missing schema is assumed to be missing.
    """

    def __init__(
        self,
        client: Any,
        group: str,
        *,
        cached: int = 2000,
        cache_seconds: float = 60.0,
        missing_seconds: float = 5.0,
    ) -> None:
        def api(client: Any, kept: Answers) -> AzureApi:
            return AzureApi(client, kept, group)

        super().__init__(api, client, answers(cached, cache_seconds, missing_seconds))


class AsyncAzureRegistry(AsyncGivenRegistry):
    """The same for asyncio, by the client of ``azure.schemaregistry.aio``: see :class:`AzureRegistry`."""

    def __init__(
        self,
        client: Any,
        group: str,
        *,
        cached: int = 2000,
        cache_seconds: float = 60.0,
        missing_seconds: float = 5.0,
    ) -> None:
        def api(client: Any, kept: Answers) -> AzureApi:
            return AzureApi(client, kept, group)

        super().__init__(api, client, answers(cached, cache_seconds, missing_seconds))


class AzureApi(GivenApi):
    """azure-schemaregistry's client, which makes its own retries."""

    NAME = "Azure's SchemaRegistryClient"

    def __init__(self, client: Any, kept: Answers, group: str) -> None:
        super().__init__(client, kept)
        self._group = group

    def _error(self, error: Exception, about: About) -> RegistryError:
        status = getattr(error, "status_code", None)
        if isinstance(status, int):
            message = str(getattr(error, "reason", None) or type(error).__name__)
            told = f"{about.what}: {message} (status {status}, by {self.NAME})"
            return error_kind(status)(told, status=status, reason=message, **about.facts())
        if type(error).__module__.startswith("azure."):
            kind = type(error).__name__
            return UnavailableError(f"{about.what}: {self.NAME} has no answer: {kind}", **about.facts())
        return super()._error(error, about)

    def by_guid(self, guid: str) -> Exchange[RegisteredSchema]:
        about = About(f"the schema of id {guid}", guid=guid)
        found = yield from self._call(lambda: self._client.get_schema(guid), about)
        return (yield from self._registered(found, about))

    def version(self, subject: str, version: int | Latest) -> Exchange[RegisteredSchema]:
        if version == LATEST:
            raise self._cannot("tell which version is the latest", subject=subject)
        about = About(f"version {version} of {subject!r}", subject, version)
        place = {"group_name": self._group, "name": subject, "version": version}
        found = yield from self._call(lambda: self._client.get_schema(**place), about)
        return (yield from self._registered(found, about))

    def register(
        self,
        subject: str,
        schema: Any,
        references: tuple[SchemaReference, ...],
        *,
        normalize: bool,
        metadata: Mapping[str, Any] | None,
        rules: Mapping[str, Any] | None,
    ) -> Exchange[RegisteredSchema]:
        about = About(f"registering a schema in {subject!r}", subject)
        self._refuse(about, references, metadata, rules)
        return (yield from self._place(self._client.register_schema, subject, schema, about))

    def lookup(
        self, subject: str, schema: Any, references: tuple[SchemaReference, ...], *, normalize: bool
    ) -> Exchange[RegisteredSchema]:
        about = About(f"looking up a schema in {subject!r}", subject)
        self._refuse(about, references)
        return (yield from self._place(self._client.get_schema_properties, subject, schema, about))

    def _place(self, function: Any, subject: str, schema: Any, about: About) -> Exchange[RegisteredSchema]:
        """Call a function of the client that returns a schema's id and version."""
        parsed, text = parse_given(schema, {}), own_text(schema, {})
        found = yield from self._call(lambda: function(self._group, subject, text, "Avro"), about)
        return RegisteredSchema(parsed, None, found.id, subject, found.version, text=text)

    def _registered(self, found: Any, about: About) -> Exchange[RegisteredSchema]:
        place = found.properties
        text = str(found.definition)
        schema = yield from self._resolved(Source(text), about)
        return RegisteredSchema(schema, None, place.id, place.name, place.version, text=text)
