"""The errors of registries.

    RegistryError(AvroError)             a registry refused, failed, or sent an invalid answer
    ├── NotFoundError                    there is no such subject, version or schema
    ├── IncompatibleError                a schema breaks the compatibility level of its subject
    ├── InvalidSchemaError               a schema is not valid, for the registry or here
    │   └── SchemaReferenceError               ... because of the schemas that it refers to
    ├── DeniedError                      the credentials are missing, wrong, or do not suffice
    └── UnavailableError                 the registry cannot be reached, or has failed for now

None of them shows credentials: URLs appear in them without user, password and query.
"""

from __future__ import annotations

from typing import Any

from avrojet.errors import AvroError
from avrojet.plan.history import History


class RegistryError(AvroError):
    """A registry refused, failed, or sent an invalid answer. Facts that are unknown are None.

    :ivar status: of the HTTP answer.
    :ivar code: the registry's own number of the error, such as 40403 in Confluent's interface.
    :ivar url: the URL of the request, without credentials and query.
    :ivar subject: the subject that it is about.
    :ivar version: the version of the subject.
    :ivar id: the id of the schema.
    :ivar guid: the GUID of the schema, or another registry's equivalent.
    """

    status: int | None = None
    code: int | None = None
    url: str | None = None
    subject: str | None = None
    version: int | str | None = None
    id: int | None = None
    guid: str | None = None

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        code: int | None = None,
        url: str | None = None,
        subject: str | None = None,
        version: int | str | None = None,
        id: int | None = None,
        guid: str | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(message)
        facts: dict[str, Any] = {
            "status": status,
            "code": code,
            "url": url,
            "subject": subject,
            "version": version,
            "id": id,
            "guid": guid,
            "reason": reason,
        }
        self.__dict__.update({name: fact for name, fact in facts.items() if fact is not None})

    def _tell(self, **facts: Any) -> None:
        """Fill in the facts that the error does not have yet."""
        self.__dict__.update({name: fact for name, fact in facts.items() if getattr(self, name) is None})


class NotFoundError(RegistryError):
    """There is no such subject, version or schema in the registry."""


class IncompatibleError(RegistryError):
    """A schema breaks the compatibility level of its subject.

    :ivar history: the result of the check made here, with all reasons; None if only the registry checked.
    """

    history: History | None = None


class InvalidSchemaError(RegistryError):
    """A schema is not valid: the registry refuses it, or the registry's schema cannot be parsed here."""


class SchemaReferenceError(InvalidSchemaError):
    """The schemas that a schema refers to are missing, contradict one another, or form a circle."""


class DeniedError(RegistryError):
    """The credentials are missing, wrong, or do not suffice."""


class UnavailableError(RegistryError):
    """The registry cannot be reached, or has failed for now; the same may succeed later."""
