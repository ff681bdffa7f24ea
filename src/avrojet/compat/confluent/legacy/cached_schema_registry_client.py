"""``confluent_kafka.avro.cached_schema_registry_client``: a client for the registry."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from typing import Any, Final, Self, TypeVar

from avrojet.compat.confluent.legacy.error import ClientError, UnreachableError
from avrojet.compat.confluent.legacy.load import LoadedSchema, loads
from avrojet.registry.confluent import ConfluentRegistry
from avrojet.registry.errors import NotFoundError, RegistryError, UnavailableError
from avrojet.registry.exchange import shown_url
from avrojet.registry.model import RegisteredSchema

__all__ = ["VALID_AUTH_PROVIDERS", "VALID_LEVELS", "VALID_METHODS", "CachedSchemaRegistryClient"]

VALID_LEVELS: Final = ["NONE", "FULL", "FORWARD", "BACKWARD"]
VALID_METHODS: Final = ["GET", "POST", "PUT", "DELETE"]
VALID_AUTH_PROVIDERS: Final = ["URL", "USER_INFO", "SASL_INHERIT"]

log = logging.getLogger(__name__)
T = TypeVar("T")


class CachedSchemaRegistryClient:
    """A client for a registry with Confluent's interface. Threads may share it.

    :param url: the configuration, a dict with ``url``, or the URL.
    :ivar url: the URL, without credentials.
    :ivar id_to_schema: the schemas seen so far, by id.
    :raises ValueError: if the configuration has unknown keys, or contradicts itself.
    """

    def __init__(
        self,
        url: Any,
        max_schemas_per_subject: int = 1000,
        ca_location: str | None = None,
        cert_location: str | None = None,
        key_location: str | None = None,
    ) -> None:
        if isinstance(url, dict):
            conf = dict(url)
        else:
            warnings.warn(
                "give CachedSchemaRegistryClient its configuration as a dict",
                DeprecationWarning,
                stacklevel=2,
            )
            conf = {
                "url": url,
                "ssl.ca.location": ca_location,
                "ssl.certificate.location": cert_location,
                "ssl.key.location": key_location,
            }
        place = conf.pop("url", "")
        if not isinstance(place, str):
            raise TypeError("URL must be of type str")
        if not place.startswith("http"):
            raise ValueError("Invalid URL provided for Schema Registry")
        self.auto_register_schemas: bool = conf.pop("auto.register.schemas", True)
        options = _options(conf)
        if conf:
            raise ValueError(f"Unrecognized configuration properties: {', '.join(sorted(conf))}")
        self._registry = ConfluentRegistry(place.rstrip("/"), cached=max_schemas_per_subject, **options)
        self.url = shown_url(place).rstrip("/")
        self.id_to_schema: dict[int, Any] = {}

    def close(self) -> None:
        """Close its connections."""
        self._registry.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def register(self, subject: str, avro_schema: Any) -> int:
        """Make a schema the newest version of a subject, unless it is a version already; return its id.

        :raises ClientError: if the registry refuses.
        """
        return self._remembered(
            _asked(lambda: self._registry.register(subject, str(avro_schema))), avro_schema
        )

    def check_registration(self, subject: str, avro_schema: Any) -> int:
        """The id of a schema that the subject has.

        :raises ClientError: if the subject does not have it.
        """
        return self._remembered(_asked(lambda: self._registry.lookup(subject, str(avro_schema))), avro_schema)

    def _remembered(self, found: RegisteredSchema, schema: Any) -> int:
        """Remember a schema, and return its id."""
        if found.id is None:
            raise ClientError("the registry has told no id")
        self.id_to_schema.setdefault(found.id, schema)
        return found.id

    def get_by_id(self, schema_id: int) -> Any:
        """The schema of an id, None if there is none."""
        if schema_id not in self.id_to_schema:
            found = _or_none(lambda: self._registry.by_id(schema_id))
            if found is None:
                return None
            self.id_to_schema[schema_id] = loads(found.schema.json)
        return self.id_to_schema[schema_id]

    def get_latest_schema(self, subject: str) -> tuple[int | None, LoadedSchema | None, int | None]:
        """Id, schema and number of the newest version; None for each if there is none."""
        return _facts_of(_or_none(lambda: self._registry.latest(subject)))

    def get_by_version(
        self, subject: str, version: int | str
    ) -> tuple[int | None, LoadedSchema | None, int | None]:
        """Id, schema and number of a version; None for each if there is none."""
        if version == "latest":
            return self.get_latest_schema(subject)
        return _facts_of(_or_none(lambda: self._registry.version(subject, int(version))))

    def get_version(self, subject: str, avro_schema: Any) -> int | None:
        """The number of the version that is this schema, None if there is none."""
        found = _or_none(lambda: self._registry.lookup(subject, str(avro_schema)))
        return None if found is None else found.version

    def test_compatibility(self, subject: str, avro_schema: Any, version: Any = "latest") -> bool:
        """Whether a schema may become the next version; also False if that cannot be decided."""
        try:
            return bool(self._registry.check(subject, str(avro_schema), version))
        except RegistryError as error:
            log.error("the compatibility with %s is not known: %s", subject, error)
            return False

    def update_compatibility(self, level: Any, subject: str | None = None) -> str:
        """Set the compatibility level of a subject, or of all.

        :raises ClientError: if there is no such level, or the registry refuses.
        """
        if level not in VALID_LEVELS:
            raise ClientError(f"Invalid level specified: {level}")
        _asked(lambda: self._registry.set_level(level, subject))
        return str(level)

    def get_compatibility(self, subject: str | None = None) -> str:
        """The compatibility level of a subject, or of subjects without one of their own.

        :raises ClientError: if the registry refuses.
        """
        return str(_asked(lambda: self._registry.level(subject)))

    def delete_subject(self, subject: str) -> list[int]:
        """Delete a subject; return the numbers of its versions.

        :raises ClientError: if the registry refuses.
        """
        return list(_asked(lambda: self._registry.delete_subject(subject)))


def _options(conf: dict[str, Any]) -> dict[str, Any]:
    """The options of a registry that a configuration sets; their keys are removed from it."""
    options: dict[str, Any] = {}
    authority = conf.pop("ssl.ca.location", None)
    if authority is not None:
        options["verify"] = authority
    cert, key = conf.pop("ssl.certificate.location", None), conf.pop("ssl.key.location", None)
    password = conf.pop("ssl.key.password", None)
    if bool(cert) != bool(key):
        raise ValueError(
            "Both schema.registry.ssl.certificate.location and schema.registry.ssl.key.location must be set"
        )
    if cert:
        options["cert"] = (cert, key) if password is None else (cert, key, password)
    auth = _auth(conf)
    if auth is not None:
        options["auth"] = auth
    return options


def _auth(conf: dict[str, Any]) -> tuple[str, str] | None:
    """User and password; None: those in the URL, if it has any."""
    source = conf.pop("basic.auth.credentials.source", "URL").upper()
    if source not in VALID_AUTH_PROVIDERS:
        raise ValueError(
            f"schema.registry.basic.auth.credentials.source must be one of {VALID_AUTH_PROVIDERS}"
        )
    if source == "SASL_INHERIT":
        if conf.pop("sasl.mechanism", "").upper() == "GSSAPI":
            raise ValueError("SASL_INHERIT does not support SASL mechanism GSSAPI")
        return conf.pop("sasl.username", ""), conf.pop("sasl.password", "")
    user, _, password = conf.pop("basic.auth.user.info", "").partition(":")
    return (user, password) if source == "USER_INFO" else None


def _asked(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except UnavailableError as error:
        raise UnreachableError(str(error), error.status) from error
    except RegistryError as error:
        raise ClientError(str(error), error.status) from error


def _or_none(ask: Callable[[], RegisteredSchema]) -> RegisteredSchema | None:
    try:
        return _asked(ask)
    except ClientError as error:
        if isinstance(error.__cause__, NotFoundError):
            return None
        raise


def _facts_of(found: RegisteredSchema | None) -> tuple[int | None, LoadedSchema | None, int | None]:
    return (None, None, None) if found is None else (found.id, loads(found.schema.json), found.version)
