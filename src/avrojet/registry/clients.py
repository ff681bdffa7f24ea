"""Registries through clients that a program already has: confluent-kafka's, and
python-schema-registry-client's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from avrojet.plan.levels import Level
from avrojet.registry.api import known_level
from avrojet.registry.base import LATEST, Latest
from avrojet.registry.errors import InvalidSchemaError, NotFoundError
from avrojet.registry.exchange import About, Exchange
from avrojet.registry.given import AsyncGivenRegistry, GivenApi, GivenRegistry, answers
from avrojet.registry.kept import Answers
from avrojet.registry.model import RegisteredSchema, RegistryCheck, SchemaReference
from avrojet.registry.references import Source, own_text, parse_given


class ClientRegistry(GivenRegistry):
    """A registry through an existing client. Threads may share it if they may share the client.

    :param client: ``confluent_kafka.schema_registry.SchemaRegistryClient``, or
        ``schema_registry.client.SchemaRegistryClient`` (of python-schema-registry-client).
    :param cached: the most answers to keep.
    :param cache_seconds: how long the latest version of a subject is assumed to be the latest.
    :param missing_seconds: how long a missing schema is assumed to be missing.
    :raises TypeError: for another client.
    """

    def __init__(
        self, client: Any, *, cached: int = 2000, cache_seconds: float = 60.0, missing_seconds: float = 5.0
    ) -> None:
        super().__init__(_api, client, answers(cached, cache_seconds, missing_seconds))


class AsyncClientRegistry(AsyncGivenRegistry):
    """The same for asyncio, through the asyncio client of either library: see :class:`ClientRegistry`."""

    def __init__(
        self, client: Any, *, cached: int = 2000, cache_seconds: float = 60.0, missing_seconds: float = 5.0
    ) -> None:
        super().__init__(_api, client, answers(cached, cache_seconds, missing_seconds))


def _api(client: Any, kept: Answers) -> GivenApi:
    for name, kind in (("register_schema", ConfluentClientApi), ("check_version", PythonClientApi)):
        if hasattr(client, name):
            return kind(client, kept)
    raise TypeError(
        "the client is confluent_kafka's SchemaRegistryClient or python-schema-registry-client's, "
        f"not {type(client).__name__}"
    )


class ConfluentClientApi(GivenApi):
    """confluent-kafka's client."""

    NAME = "confluent_kafka's SchemaRegistryClient"

    def by_id(self, id: int, subject: str | None) -> Exchange[RegisteredSchema]:
        about = About(f"the schema of id {id}", id=id)
        schema = yield from self._call(lambda: self._client.get_schema(id, subject), about)
        return (yield from self._registered(schema, about, id=id, subject=subject))

    def by_guid(self, guid: str) -> Exchange[RegisteredSchema]:
        about = About(f"the schema of GUID {guid}", guid=guid)
        schema = yield from self._call(lambda: self._client.get_schema_by_guid(guid), about)
        return (yield from self._registered(schema, about, guid=guid))

    def version(self, subject: str, version: int | Latest) -> Exchange[RegisteredSchema]:
        about = _of(subject, version)
        found = yield from self._version(subject, version, about)
        return (yield from self._of_registered(found, about, subject))

    def _version(self, subject: str, version: int | Latest, about: About) -> Exchange[Any]:
        client = self._client
        if version == LATEST:
            return (yield from self._call(lambda: client.get_latest_version(subject), about))
        return (yield from self._call(lambda: client.get_version(subject, version), about))

    def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> Exchange[RegisteredSchema]:
        about = About(f"the version of {subject!r} with the metadata {dict(metadata)}", subject)
        wanted = dict(metadata)
        found = yield from self._call(lambda: self._client.get_latest_with_metadata(subject, wanted), about)
        return (yield from self._of_registered(found, about, subject))

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
        named = yield from self._named(references, about)
        parsed, text = parse_given(schema, named), own_text(schema, named)
        given = _given(text, references, metadata, rules)
        made = yield from self._call(
            lambda: self._client.register_schema_full_response(subject, given, normalize), about
        )
        version, id, guid = made.version, made.schema_id, made.guid
        if version is None:  # the client knew the schema, but has not kept its version
            find = self._client.lookup_schema
            version = (yield from self._call(lambda: find(subject, given, normalize), about)).version
        return RegisteredSchema(parsed, id, guid, subject, version, references, metadata, rules, text)

    def lookup(
        self, subject: str, schema: Any, references: tuple[SchemaReference, ...], *, normalize: bool
    ) -> Exchange[RegisteredSchema]:
        about = About(f"looking up a schema in {subject!r}", subject)
        named = yield from self._named(references, about)
        parsed, text = parse_given(schema, named), own_text(schema, named)
        given = _given(text, references, None, None)
        found = yield from self._call(lambda: self._client.lookup_schema(subject, given, normalize), about)
        place = found.schema_id, found.guid, subject, found.version
        return RegisteredSchema(parsed, *place, references, text=text)

    def check(
        self, subject: str, schema: Any, version: int | Latest | None, references: tuple[SchemaReference, ...]
    ) -> Exchange[RegistryCheck]:
        about = About(f"checking a schema against {subject!r}", subject, version)
        named = yield from self._named(references, about)
        given = _given(own_text(parse_given(schema, named), {}), (), None, None)
        client = self._client
        if version is None:
            compatible = yield from self._call(
                lambda: client.test_compatibility_all_versions(subject, given), about
            )
        else:
            compatible = yield from self._call(
                lambda: client.test_compatibility(subject, given, version), about
            )
        return RegistryCheck(bool(compatible))

    def subjects(self, *, deleted: bool) -> Exchange[list[str]]:
        about = About("the subjects")
        return list((yield from self._call(lambda: self._client.get_subjects(deleted=deleted), about)))

    def versions(self, subject: str, *, deleted: bool) -> Exchange[list[int]]:
        about = About(f"the versions of {subject!r}", subject)
        find = self._client.get_versions
        return list((yield from self._call(lambda: find(subject, deleted=deleted), about)))

    def level(self, subject: str | None) -> Exchange[Level]:
        about = About("the compatibility level", subject)
        try:
            level = yield from self._call(lambda: self._client.get_compatibility(subject), about)
        except NotFoundError:
            level = yield from self._call(self._client.get_compatibility, about)
        return known_level(level, about)

    def set_level(self, level: Level, subject: str | None) -> Exchange[None]:
        about = About(f"setting the compatibility level {level}", subject)
        yield from self._call(lambda: self._client.set_compatibility(subject, level), about)

    def delete_subject(self, subject: str, *, permanent: bool) -> Exchange[list[int]]:
        about = About(f"deleting {subject!r}", subject)
        client = self._client
        return list((yield from self._call(lambda: client.delete_subject(subject, permanent), about)))

    def delete_version(self, subject: str, version: int, *, permanent: bool) -> Exchange[int]:
        about = About(f"deleting version {version} of {subject!r}", subject, version)
        yield from self._call(lambda: self._client.delete_version(subject, version, permanent), about)
        return version

    def _source(self, subject: str, version: int) -> Exchange[Source]:
        about = _of(subject, version)
        found = yield from self._version(subject, version, about)
        return self._source_of(found.schema, about)

    def _source_of(self, schema: Any, about: About) -> Source:
        if (schema.schema_type or "AVRO") != "AVRO":
            kind = schema.schema_type
            raise InvalidSchemaError(f"{about.what} is not a schema of Avro, but of {kind}", **about.facts())
        references = [
            SchemaReference(each.name, each.subject, each.version) for each in schema.references or ()
        ]
        return Source(schema.schema_str, tuple(references))

    def _registered(self, schema: Any, about: About, **place: Any) -> Exchange[RegisteredSchema]:
        source = self._source_of(schema, about)
        parsed = yield from self._resolved(source, about)
        return RegisteredSchema(
            parsed,
            references=source.references,
            metadata=None if schema.metadata is None else schema.metadata.to_dict(),
            rules=None if schema.rule_set is None else schema.rule_set.to_dict(),
            text=source.text,
            **place,
        )

    def _of_registered(self, found: Any, about: About, subject: str) -> Exchange[RegisteredSchema]:
        place = {"id": found.schema_id, "guid": found.guid, "version": found.version, "subject": subject}
        return (yield from self._registered(found.schema, about, **place))


def _given(
    text: str,
    references: tuple[SchemaReference, ...],
    metadata: Mapping[str, Any] | None,
    rules: Mapping[str, Any] | None,
) -> Any:
    """Return a schema as confluent-kafka's class."""
    from confluent_kafka import schema_registry
    from confluent_kafka.schema_registry.common.schema_registry_client import Metadata, RuleSet

    return schema_registry.Schema(
        text,
        "AVRO",
        [schema_registry.SchemaReference(each.name, each.subject, each.version) for each in references],
        None if metadata is None else Metadata.from_dict(dict(metadata)),
        None if rules is None else RuleSet.from_dict(dict(rules)),
    )


class PythonClientApi(GivenApi):
    """python-schema-registry-client's client, which does not support references."""

    NAME: ClassVar[str] = "python-schema-registry-client's client"

    def by_id(self, id: int, subject: str | None) -> Exchange[RegisteredSchema]:
        about = About(f"the schema of id {id}", id=id)
        found = yield from self._call(lambda: self._client.get_by_id(id), about)
        return (yield from self._registered(found, about, id=id))

    def version(self, subject: str, version: int | Latest) -> Exchange[RegisteredSchema]:
        about = _of(subject, version)
        found = yield from self._call(lambda: self._client.get_schema(subject, version), about)
        place = {} if found is None else {"id": found.schema_id, "version": found.version}
        return (yield from self._registered(found and found.schema, about, subject=subject, **place))

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
        parsed, text = parse_given(schema, {}), own_text(schema, {})
        data = json.loads(text)
        yield from self._call(lambda: self._client.register(subject, data), about)
        found = yield from self.lookup(subject, schema, references, normalize=normalize)
        return RegisteredSchema(parsed, found.id, None, subject, found.version, text=text)

    def lookup(
        self, subject: str, schema: Any, references: tuple[SchemaReference, ...], *, normalize: bool
    ) -> Exchange[RegisteredSchema]:
        about = About(f"looking up a schema in {subject!r}", subject)
        self._refuse(about, references)
        parsed, text = parse_given(schema, {}), own_text(schema, {})
        data = json.loads(text)
        found = yield from self._call(lambda: self._client.check_version(subject, data), about)
        if found is None:
            raise NotFoundError(f"{about.what}: it is not there", **about.facts())
        return RegisteredSchema(parsed, found.schema_id, None, subject, found.version, text=text)

    def check(
        self, subject: str, schema: Any, version: int | Latest | None, references: tuple[SchemaReference, ...]
    ) -> Exchange[RegistryCheck]:
        about = About(f"checking a schema against {subject!r}", subject, version)
        self._refuse(about, references)
        if version is None:
            raise self._cannot("check compatibility with all versions", subject=subject)
        data = json.loads(own_text(schema, {}))
        compatible = yield from self._call(
            lambda: self._client.test_compatibility(subject, data, version), about
        )
        return RegistryCheck(bool(compatible))

    def subjects(self, *, deleted: bool) -> Exchange[list[str]]:
        return list((yield from self._call(self._client.get_subjects, About("the subjects"))))

    def versions(self, subject: str, *, deleted: bool) -> Exchange[list[int]]:
        about = About(f"the versions of {subject!r}", subject)
        return list((yield from self._call(lambda: self._client.get_versions(subject), about)))

    def level(self, subject: str | None) -> Exchange[Level]:
        about = About("the compatibility level", subject)
        try:
            level = yield from self._call(lambda: self._client.get_compatibility(subject), about)
        except NotFoundError:
            level = yield from self._call(self._client.get_compatibility, about)
        return known_level(level, about)

    def set_level(self, level: Level, subject: str | None) -> Exchange[None]:
        about = About(f"setting the compatibility level {level}", subject)
        yield from self._call(lambda: self._client.update_compatibility(level, subject), about)

    def delete_subject(self, subject: str, *, permanent: bool) -> Exchange[list[int]]:
        about = About(f"deleting {subject!r}", subject)
        if permanent:
            raise self._cannot("delete for good", subject=subject)
        return list((yield from self._call(lambda: self._client.delete_subject(subject), about)))

    def delete_version(self, subject: str, version: int, *, permanent: bool) -> Exchange[int]:
        about = About(f"deleting version {version} of {subject!r}", subject, version)
        if permanent:
            raise self._cannot("delete for good", subject=subject, version=version)
        yield from self._call(lambda: self._client.delete_version(subject, version), about)
        return version

    def _registered(self, schema: Any, about: About, **place: Any) -> Exchange[RegisteredSchema]:
        if schema is None:
            raise NotFoundError(f"{about.what}: {self.NAME} does not find it", status=404, **about.facts())
        text = json.dumps(schema.raw_schema)
        parsed = yield from self._resolved(Source(text), about)
        return RegisteredSchema(parsed, text=text, **place)


def _of(subject: str, version: int | Latest) -> About:
    what = "the latest version" if version == LATEST else f"version {version}"
    return About(f"{what} of {subject!r}", subject, version)
