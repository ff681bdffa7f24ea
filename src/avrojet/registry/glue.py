"""AWS Glue's Schema Registry, through boto3. Its ids are UUIDs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from avrojet.errors import AvroError
from avrojet.plan.levels import Level
from avrojet.registry.api import MOST_LISTED, MOST_PAGES, known_level, too_many
from avrojet.registry.base import LATEST, Latest
from avrojet.registry.errors import (
    DeniedError,
    IncompatibleError,
    InvalidSchemaError,
    NotFoundError,
    RegistryError,
    UnavailableError,
)
from avrojet.registry.exchange import About, Exchange, Wait
from avrojet.registry.given import GivenApi, GivenRegistry, answers
from avrojet.registry.history import check_next
from avrojet.registry.kept import Answers
from avrojet.registry.model import RegisteredSchema, RegistryCheck, SchemaReference
from avrojet.registry.references import Source, own_text, parse_given

T = TypeVar("T")

_ONLY_PERMANENT: Final = "delete other than permanently (permanent=True)"
# AWS has other names for the levels.
_LEVELS: Final[Mapping[str, str]] = {
    "NONE": "NONE",
    "BACKWARD": "BACKWARD",
    "BACKWARD_ALL": "BACKWARD_TRANSITIVE",
    "FORWARD": "FORWARD",
    "FORWARD_ALL": "FORWARD_TRANSITIVE",
    "FULL": "FULL",
    "FULL_ALL": "FULL_TRANSITIVE",
}
_NAMES: Final = {level: name for name, level in _LEVELS.items()}
_ERRORS: Final[Mapping[str, type[RegistryError]]] = {
    "EntityNotFoundException": NotFoundError,
    "InvalidInputException": InvalidSchemaError,
    "AccessDeniedException": DeniedError,
    "UnrecognizedClientException": DeniedError,
    "ExpiredTokenException": DeniedError,
    "InternalServiceException": UnavailableError,
    "ThrottlingException": UnavailableError,
    "ConcurrentModificationException": UnavailableError,
}
_PATIENCE: Final = 20  # how many times to ask for a version that AWS is still checking, half a second apart


class GlueRegistry(GivenRegistry):
    """AWS Glue's Schema Registry. Threads may share it; it needs boto3 (the extra ``glue``).

    A schema of Glue is a subject. Messages carry the UUID of its version: ``by_guid`` finds it, and ``id`` is
    None. Glue has no references, and only deletes permanently. For asyncio, wrap it in a
    :class:`ThreadedRegistry`.

    :param registry_name: the registry; None: AWS's default one.
    :param client: boto3's client for Glue; None: a new one, with the credentials of the environment.
    :param region: the region of a new client; None: that of the environment.
    :param level: the compatibility level of subjects that registering creates.
    :param cached: the most answers to keep.
    :param cache_seconds: how long the latest version of a subject is assumed to be the latest.
    :param missing_seconds: how long a missing schema is assumed to be missing.
    :raises AvroError: if a client is needed, and boto3 is not installed.
    """

    def __init__(
        self,
        registry_name: str | None = None,
        *,
        client: Any = None,
        region: str | None = None,
        level: Level = "BACKWARD",
        cached: int = 2000,
        cache_seconds: float = 60.0,
        missing_seconds: float = 5.0,
    ) -> None:
        def api(client: Any, kept: Answers) -> GlueApi:
            return GlueApi(client, kept, registry_name, level)

        made = _client(region) if client is None else client
        super().__init__(api, made, answers(cached, cache_seconds, missing_seconds))


def _client(region: str | None) -> Any:
    try:
        import boto3
    except ImportError as error:
        raise AvroError(
            "AWS Glue needs boto3, which is not installed: pip install 'avrojet[glue]'"
        ) from error
    return boto3.client("glue", region_name=region)


class GlueApi(GivenApi):
    """boto3's client for Glue, which makes its own retries."""

    NAME = "AWS Glue"

    def __init__(self, client: Any, kept: Answers, registry_name: str | None, level: Level) -> None:
        super().__init__(client, kept)
        self._registry = registry_name
        self._level = level

    def _schema_id(self, subject: str) -> dict[str, str]:
        """Return the parameters by which AWS identifies a subject; an ARN is used unchanged."""
        if subject.startswith("arn:"):
            return {"SchemaArn": subject}
        return {"RegistryName": self._registry or "default-registry", "SchemaName": subject}

    def _error(self, error: Exception, about: About) -> RegistryError:
        response = getattr(error, "response", None)
        told = response.get("Error", {}) if isinstance(response, dict) else {}
        if not told:
            if type(error).__module__.startswith("botocore"):  # no answer, no credentials, no region
                name = type(error).__name__
                return UnavailableError(f"{about.what}: AWS Glue has no answer: {name}", **about.facts())
            return super()._error(error, about)
        code, message = str(told.get("Code")), str(told.get("Message"))
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode") if response else None
        kind = _ERRORS.get(code, RegistryError)
        return kind(f"{about.what}: {message} ({code})", status=status, reason=message, **about.facts())

    def by_guid(self, guid: str) -> Exchange[RegisteredSchema]:
        about = About(f"the schema of version id {guid}", guid=guid)
        found = yield from self._call(lambda: self._client.get_schema_version(SchemaVersionId=guid), about)
        return (yield from self._registered(found, about))

    def version(self, subject: str, version: int | Latest) -> Exchange[RegisteredSchema]:
        what = "the latest version" if version == LATEST else f"version {version}"
        about = About(f"{what} of {subject!r}", subject, version)
        number = {"LatestVersion": True} if version == LATEST else {"VersionNumber": version}
        found = yield from self._call(
            lambda: self._client.get_schema_version(
                SchemaId=self._schema_id(subject), SchemaVersionNumber=number
            ),
            about,
        )
        return (yield from self._registered(found, about, subject))

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
        client = self._client
        try:
            made = yield from self._call(
                lambda: client.register_schema_version(
                    SchemaId=self._schema_id(subject), SchemaDefinition=text
                ),
                about,
            )
        except NotFoundError:
            made = yield from self._created(subject, text, about)
        guid = str(made["SchemaVersionId"])
        found = yield from self._examined(guid, about)
        return RegisteredSchema(parsed, None, guid, subject, found.get("VersionNumber"), text=text)

    def _created(self, subject: str, text: str, about: About) -> Exchange[Any]:
        """A new subject, with its first version."""
        registry = {"RegistryName": self._registry} if self._registry else None
        options = {"RegistryId": registry} if registry else {}
        return (
            yield from self._call(
                lambda: self._client.create_schema(
                    SchemaName=subject,
                    DataFormat="AVRO",
                    Compatibility=_NAMES[self._level],
                    SchemaDefinition=text,
                    **options,
                ),
                about,
            )
        )

    def _examined(self, guid: str, about: About) -> Exchange[dict[str, Any]]:
        """A new version, after AWS has checked whether it is compatible."""
        found: dict[str, Any] = {}
        for _ in range(_PATIENCE):
            found = yield from self._call(
                lambda: self._client.get_schema_version(SchemaVersionId=guid), about
            )
            if found.get("Status") != "PENDING":
                break
            yield Wait(0.5)
        if found.get("Status") == "FAILURE":
            raise IncompatibleError(f"{about.what}: it breaks the level of the subject", **about.facts())
        if found.get("Status") == "PENDING":
            raise UnavailableError(f"{about.what}: AWS Glue is still examining it", **about.facts())
        return found

    def lookup(
        self, subject: str, schema: Any, references: tuple[SchemaReference, ...], *, normalize: bool
    ) -> Exchange[RegisteredSchema]:
        about = About(f"looking up a schema in {subject!r}", subject)
        self._refuse(about, references)
        text = own_text(schema, {})
        found = yield from self._call(
            lambda: self._client.get_schema_by_definition(
                SchemaId=self._schema_id(subject), SchemaDefinition=text
            ),
            about,
        )
        return (yield from self.by_guid(str(found["SchemaVersionId"])))

    def check(
        self, subject: str, schema: Any, version: int | Latest | None, references: tuple[SchemaReference, ...]
    ) -> Exchange[RegistryCheck]:
        """Check here: AWS checks a schema only when it is registered."""
        self._refuse(About(f"checking a schema against {subject!r}", subject), references)
        level = yield from self.level(subject)
        numbers: list[int | Latest] = [LATEST] if version is None else [version]
        if version is None and level.endswith("_TRANSITIVE"):
            numbers = list((yield from self.versions(subject, deleted=False)))
        older = []
        for number in numbers:
            registered = yield from self.version(subject, number)
            older.append(registered.schema)
        history = check_next(older, parse_given(schema, {}), level)
        messages = tuple(str(check) for check in history.checks if not check)
        return RegistryCheck(bool(history), level, messages, history)

    def subjects(self, *, deleted: bool) -> Exchange[list[str]]:
        options = {"RegistryId": {"RegistryName": self._registry}} if self._registry else {}
        about = About("the subjects")
        return (yield from self._pages("list_schemas", about, options, lambda each: str(each["SchemaName"])))

    def versions(self, subject: str, *, deleted: bool) -> Exchange[list[int]]:
        about = About(f"the versions of {subject!r}", subject)
        options = {"SchemaId": self._schema_id(subject)}
        found = yield from self._pages("list_schema_versions", about, options, _available)
        return sorted(number for number in found if number is not None)

    def _pages(
        self, name: str, about: About, options: Mapping[str, Any], value: Callable[[Any], T]
    ) -> Exchange[list[T]]:
        """Return a value of each schema of a list that comes in pages."""
        found: list[T] = []
        token: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            page = yield from self._call(
                lambda token=token: getattr(self._client, name)(**options, **token),  # type: ignore[misc]
                about,
            )
            listed = page.get("Schemas")
            if not isinstance(listed, list):
                raise self.nonsense(about, "a list of Schemas was to come", listed)
            try:
                found += map(value, listed)
            except (KeyError, TypeError, ValueError, AttributeError):
                raise self.nonsense(about, "schemas were to come", listed) from None
            if not page.get("NextToken"):
                return found
            if len(found) > MOST_LISTED:
                break
            token = {"NextToken": page["NextToken"]}
        raise too_many(about)

    def level(self, subject: str | None) -> Exchange[Level]:
        about = About("the compatibility level", subject)
        if subject is None:
            raise self._cannot("have a level for all subjects")
        found = yield from self._call(
            lambda: self._client.get_schema(SchemaId=self._schema_id(subject)), about
        )
        level = found.get("Compatibility")
        return known_level(_LEVELS.get(level, level), about)

    def set_level(self, level: Level, subject: str | None) -> Exchange[None]:
        about = About(f"setting the compatibility level {level}", subject)
        if subject is None:
            raise self._cannot("have a level for all subjects")
        place = {"SchemaId": self._schema_id(subject), "Compatibility": _NAMES[level]}
        yield from self._call(
            lambda: self._client.update_schema(**place, SchemaVersionNumber={"LatestVersion": True}), about
        )

    def delete_subject(self, subject: str, *, permanent: bool) -> Exchange[list[int]]:
        about = About(f"deleting {subject!r}", subject)
        if not permanent:
            raise self._cannot(_ONLY_PERMANENT, subject=subject)
        versions = yield from self.versions(subject, deleted=False)
        yield from self._call(lambda: self._client.delete_schema(SchemaId=self._schema_id(subject)), about)
        return versions

    def delete_version(self, subject: str, version: int, *, permanent: bool) -> Exchange[int]:
        about = About(f"deleting version {version} of {subject!r}", subject, version)
        if not permanent:
            raise self._cannot(_ONLY_PERMANENT, subject=subject, version=version)
        yield from self._call(
            lambda: self._client.delete_schema_versions(
                SchemaId=self._schema_id(subject), Versions=str(version)
            ),
            about,
        )
        return version

    def _registered(
        self, found: Mapping[str, Any], about: About, subject: str | None = None
    ) -> Exchange[RegisteredSchema]:
        kind, text = found.get("DataFormat", "AVRO"), found.get("SchemaDefinition")
        if kind != "AVRO":
            raise InvalidSchemaError(f"{about.what} is not a schema of Avro, but of {kind}", **about.facts())
        if not isinstance(text, str):
            raise self.nonsense(about, "SchemaDefinition should be text", text)
        schema = yield from self._resolved(Source(text), about)
        if subject is None:
            subject = str(found.get("SchemaArn", "")).rpartition("/")[2] or None
        guid, version = str(found.get("SchemaVersionId")), found.get("VersionNumber")
        return RegisteredSchema(schema, None, guid, subject, version, text=text)


def _available(version: Any) -> int | None:
    """Return the number of a version of a schema, if it can be used."""
    return int(version["VersionNumber"]) if version.get("Status") == "AVAILABLE" else None
