"""The facts that a registry has about a schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from avrojet.plan.history import History
from avrojet.plan.reasons import Reason
from avrojet.schema.model import Schema


@dataclass(frozen=True, slots=True)
class SchemaReference:
    """A schema's use of named types from another subject.

    :ivar name: the fullname of the type that is used.
    :ivar subject: the subject that defines it.
    :ivar version: the version of that subject.
    """

    name: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """A schema and the facts that a registry has about it. Unknown facts, and facts that were not requested,
    are None.

    :ivar schema: the schema, with the types that it refers to.
    :ivar id: the number that messages carry; None where the registry has no numbers (AWS Glue, Azure).
    :ivar guid: the UUID that messages carry: Confluent's GUID, or the id of a registry without numbers.
    :ivar subject: the subject under which it was requested.
    :ivar version: its version in that subject.
    :ivar references: the versions of other subjects that it refers to.
    :ivar metadata: tags and properties, as JSON data.
    :ivar rules: the rules of data contracts, as JSON data: readers and writers of data must apply them, or
        refuse.
    :ivar text: its own JSON text as the registry has it, without the types that it refers to.
    """

    schema: Schema
    id: int | None = None
    guid: str | None = None
    subject: str | None = None
    version: int | None = None
    references: tuple[SchemaReference, ...] = ()
    metadata: Mapping[str, Any] | None = field(default=None, hash=False)
    rules: Mapping[str, Any] | None = field(default=None, hash=False)
    text: str | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RegistryCheck:
    """Whether a schema may become the next version of a subject; true if it may.

    :ivar compatible: the registry's verdict.
    :ivar level: the level that was checked; None if only the registry knows it.
    :ivar messages: the registry's own reasons, in its words.
    :ivar history: the result of the check made here, if the schemas were available: the older versions first,
        and the schema in question last.
    """

    compatible: bool
    level: str | None = None
    messages: tuple[str, ...] = ()
    history: History | None = None

    def __bool__(self) -> bool:
        return self.compatible

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The obstacles, one for each place in the schema."""
        checks = self.history.checks if self.history is not None else ()
        return tuple(reason for check in checks for reason in check.compatibility.reasons)

    def __str__(self) -> str:
        told = [str(reason) for reason in self.reasons] or list(self.messages)
        return "\n".join(told) or ("compatible" if self.compatible else "incompatible")
