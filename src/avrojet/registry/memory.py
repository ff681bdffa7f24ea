"""A registry in memory, which follows the rules of Confluent's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from hashlib import md5
from typing import Any, NoReturn
from uuid import UUID

from avrojet.errors import SchemaError
from avrojet.locks import ProcessLock
from avrojet.plan.levels import LEVELS, Level
from avrojet.registry.base import LATEST, Latest, Registry
from avrojet.registry.errors import (
    IncompatibleError,
    InvalidSchemaError,
    NotFoundError,
    RegistryError,
    SchemaReferenceError,
)
from avrojet.registry.history import check_next
from avrojet.registry.model import RegisteredSchema, RegistryCheck, SchemaReference
from avrojet.registry.references import named_by, normal_text, own_text, parse_given
from avrojet.schema.model import NamedSchema, Schema


@dataclass(slots=True)
class _Content:
    """The content that an id identifies, whatever the subject."""

    id: int
    guid: str
    schema: Schema
    text: str
    references: tuple[SchemaReference, ...]
    metadata: Mapping[str, Any] | None
    rules: Mapping[str, Any] | None


@dataclass(slots=True)
class _Version:
    number: int
    content: _Content
    deleted: bool = False


@dataclass(slots=True)
class _Subject:
    versions: list[_Version] = field(default_factory=list)
    level: Level | None = None

    @property
    def live(self) -> list[_Version]:
        return [each for each in self.versions if not each.deleted]


class MemoryRegistry(Registry):
    """Schemas kept in memory, by the rules of Confluent's registry. Threads may share it.

    An id identifies a content: a schema that is registered in two subjects has one id. Versions count from 1
    in each subject. A deleted version keeps its id and its number until it is deleted permanently.

    :param level: the compatibility level of subjects that have none of their own.
    """

    def __init__(self, level: Level = "BACKWARD") -> None:
        self._level = _known_level(level)
        self._subjects: dict[str, _Subject] = {}
        self._contents: dict[str, _Content] = {}  # by GUID, which is computed from the content
        self._by_id: dict[int, _Content] = {}
        self._last_id = 0
        self._lock = ProcessLock()

    def __repr__(self) -> str:
        return f"MemoryRegistry({len(self._contents)} schemas in {len(self.subjects())} subjects)"

    # -- reading -----------------------------------------------------------------------------------

    def by_id(self, id: int, subject: str | None = None) -> RegisteredSchema:
        with self._lock.lock:
            content = self._by_id.get(id)
            if content is not None:
                return self._shown(content, subject)
        raise NotFoundError(f"no schema has the id {id}", status=404, code=40403, id=id, subject=subject)

    def by_guid(self, guid: str) -> RegisteredSchema:
        with self._lock.lock:
            content = self._contents.get(_with_hyphens(guid))
            if content is not None:
                return self._shown(content, None)
        raise NotFoundError(f"no schema has the GUID {guid}", status=404, code=40403, guid=guid)

    def latest(self, subject: str) -> RegisteredSchema:
        with self._lock.lock:
            return _registered(subject, self._live(subject)[-1])

    def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> RegisteredSchema:
        with self._lock.lock:
            for version in reversed(self._live(subject)):
                properties = (version.content.metadata or {}).get("properties") or {}
                if all(properties.get(key) == value for key, value in metadata.items()):
                    return _registered(subject, version)
        raise NotFoundError(
            f"no version of {subject!r} has the metadata {dict(metadata)}",
            status=404,
            code=40402,
            subject=subject,
        )

    def version(self, subject: str, version: int) -> RegisteredSchema:
        with self._lock.lock:
            return _registered(subject, self._version(subject, version))

    def lookup(
        self,
        subject: str,
        schema: Any,
        *,
        references: Iterable[SchemaReference] = (),
        normalize: bool = False,
    ) -> RegisteredSchema:
        with self._lock.lock:
            for version in reversed(self._live(subject)):
                if self._is(version.content, schema, tuple(references), normalize=normalize):
                    return _registered(subject, version)
        raise NotFoundError(
            f"no version of {subject!r} is this schema", status=404, code=40403, subject=subject
        )

    def subjects(self, *, deleted: bool = False) -> list[str]:
        with self._lock.lock:
            known = self._subjects.items()
            return sorted(name for name, each in known if (each.versions if deleted else each.live))

    def versions(self, subject: str, *, deleted: bool = False) -> list[int]:
        with self._lock.lock:
            found = self._known(subject).versions if deleted else self._live(subject)
            return [each.number for each in found]

    def ids(self) -> list[int]:
        """The ids of all schemas."""
        with self._lock.lock:
            return sorted(self._by_id)

    def uses(self, id: int) -> list[tuple[str, int]]:
        """The subjects and versions that have the schema of an id."""
        content = self.by_id(id)
        with self._lock.lock:
            return [
                (name, version.number)
                for name, subject in sorted(self._subjects.items())
                for version in subject.live
                if version.content.id == content.id
            ]

    # -- writing -----------------------------------------------------------------------------------

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
        with self._lock.lock:
            references = tuple(references)
            content = self._content(schema, references, metadata, rules, normalize=normalize)
            known = self._subjects.get(subject) or _Subject()
            for version in known.live:
                if version.content is content or (
                    normalize and self._is(version.content, schema, references)
                ):
                    return _registered(subject, version)
            self._ensure_compatible(subject, known, content.schema)
            number = known.versions[-1].number + 1 if known.versions else 1
            return self._keep(subject, number, content)

    def _keep(self, subject: str, number: int, content: _Content) -> RegisteredSchema:
        """Add a content as a version of a subject."""
        self._contents[content.guid] = self._by_id[content.id] = content
        self._last_id = max(self._last_id, content.id)
        versions = self._subjects.setdefault(subject, _Subject()).versions
        version = _Version(number, content)
        versions.append(version)
        versions.sort(key=lambda each: each.number)
        return _registered(subject, version)

    def _new_id(self, guid: str) -> int:
        """Return the id for a new content."""
        return self._last_id + 1

    def _content(
        self,
        schema: Any,
        references: tuple[SchemaReference, ...],
        metadata: Mapping[str, Any] | None,
        rules: Mapping[str, Any] | None,
        *,
        normalize: bool,
    ) -> _Content:
        """Return the content that already has an id, or a new one, which is not yet kept."""
        named = self._named(references)
        parsed = parse_given(schema, named)
        text = own_text(schema, named)
        if normalize:
            text = normal_text(text, named)
            references = tuple(sorted(references, key=lambda each: each.name))
        told = parsed.json, [astuple(each) for each in references], metadata, rules
        digest = md5(json.dumps(told, sort_keys=True).encode(), usedforsecurity=False)
        guid = str(UUID(bytes=digest.digest()))
        known = self._contents.get(guid)
        if known is not None:
            return known
        return _Content(self._new_id(guid), guid, parsed, text, references, metadata, rules)

    def _named(self, references: Iterable[SchemaReference]) -> dict[str, NamedSchema]:
        found = []
        for reference in references:
            try:
                found.append((reference, self.version(reference.subject, reference.version).schema))
            except NotFoundError as error:
                raise SchemaReferenceError(
                    f"the reference to {reference.name!r} leads nowhere: {error}",
                    status=422,
                    code=42201,
                    subject=reference.subject,
                    version=reference.version,
                ) from error
        return named_by(found)

    def _is(
        self,
        content: _Content,
        schema: Any,
        references: tuple[SchemaReference, ...],
        *,
        normalize: bool = True,
    ) -> bool:
        """Whether a schema equals a content, whose references may define types that the schema only names."""
        named = self._named(references or content.references)
        try:
            parsed = parse_given(schema, named)
        except SchemaError:
            return False  # it refers to types that this content does not have; another content may
        if parsed == content.schema:
            return True
        return normalize and normal_text(parsed, {}) == normal_text(content.schema, {})

    def _ensure_compatible(self, name: str, subject: _Subject, schema: Schema) -> None:
        level = subject.level or self._level
        history = check_next([each.content.schema for each in subject.live], schema, level)
        if not history:
            error = IncompatibleError(
                f"the schema breaks the level {level} of {name!r}: "
                + "; ".join(str(check) for check in history.checks if not check),
                status=409,
                code=409,
                subject=name,
            )
            error.history = history
            raise error

    def check(
        self,
        subject: str,
        schema: Any,
        version: int | Latest | None = LATEST,
        *,
        references: Iterable[SchemaReference] = (),
    ) -> RegistryCheck:
        with self._lock.lock:
            parsed = parse_given(schema, self._named(references))
            level = self.level(subject)
            if version is None:
                older = self._subjects.get(subject, _Subject()).live
            elif version == LATEST:
                older = self._live(subject)[-1:]
            else:
                older = [self._version(subject, version)]
        history = check_next([each.content.schema for each in older], parsed, level)
        messages = tuple(str(check) for check in history.checks if not check)
        return RegistryCheck(bool(history), level, messages, history)

    # -- levels and deletion -----------------------------------------------------------------------

    def level(self, subject: str | None = None) -> Level:
        with self._lock.lock:
            return (self.own_level(subject) if subject is not None else None) or self._level

    def own_level(self, subject: str) -> Level | None:
        """The level that was set for a subject; None if none was."""
        with self._lock.lock:
            return self._subjects[subject].level if subject in self._subjects else None

    def unset_level(self, subject: str) -> None:
        """Remove a subject's own level, so that the default level applies."""
        with self._lock.lock:
            if subject in self._subjects:
                self._subjects[subject].level = None

    def set_level(self, level: Level, subject: str | None = None) -> None:
        with self._lock.lock:
            if subject is None:
                self._level = _known_level(level)
            else:
                self._subjects.setdefault(subject, _Subject()).level = _known_level(level)

    def delete_subject(self, subject: str, *, permanent: bool = False) -> list[int]:
        with self._lock.lock:
            known = self._known(subject)
            if permanent and known.live:
                _refuse(f"{subject!r} must be deleted before it is deleted permanently", 40405, subject)
            doomed = known.versions if permanent else self._live(subject)
            numbers = [each.number for each in doomed]
            for number in numbers:
                self._ensure_unused(subject, number)
            for number in numbers:
                self.delete_version(subject, number, permanent=permanent)
            return numbers

    def delete_version(self, subject: str, version: int, *, permanent: bool = False) -> int:
        with self._lock.lock:
            found = self._version(subject, version, deleted=permanent)
            if permanent and not found.deleted:
                _refuse(
                    f"version {version} of {subject!r} must be deleted before it is deleted permanently",
                    40407,
                    subject,
                    version,
                )
            self._ensure_unused(subject, version)
            if permanent:
                self._forget(subject, found)
            else:
                found.deleted = True
            return found.number

    def _forget(self, name: str, version: _Version) -> None:
        subject = self._subjects[name]
        subject.versions.remove(version)
        if not subject.versions and subject.level is None:
            del self._subjects[name]
        left = (each.content for other in self._subjects.values() for each in other.versions)
        if not any(content is version.content for content in left):
            del self._contents[version.content.guid]
            del self._by_id[version.content.id]

    def _ensure_unused(self, subject: str, version: int) -> None:
        for name, other in self._subjects.items():
            for each in other.live:
                if any((to.subject, to.version) == (subject, version) for to in each.content.references):
                    raise InvalidSchemaError(
                        f"version {version} of {subject!r} is referred to by {name!r} version {each.number}",
                        status=422,
                        code=42206,
                        subject=subject,
                        version=version,
                    )

    # -- look-ups ----------------------------------------------------------------------------------

    def _known(self, subject: str) -> _Subject:
        known = self._subjects.get(subject)
        if known is None or not known.versions:
            raise NotFoundError(f"there is no subject {subject!r}", status=404, code=40401, subject=subject)
        return known

    def _live(self, subject: str) -> list[_Version]:
        live = self._known(subject).live
        if not live:
            raise NotFoundError(
                f"the subject {subject!r} is deleted", status=404, code=40401, subject=subject
            )
        return live

    def _version(self, subject: str, version: int, *, deleted: bool = False) -> _Version:
        found = self._known(subject).versions if deleted else self._live(subject)
        for each in found:
            if each.number == version:
                return each
        raise NotFoundError(
            f"{subject!r} has no version {version}, but {', '.join(str(each.number) for each in found)}",
            status=404,
            code=40402,
            subject=subject,
            version=version,
        )

    def _shown(self, content: _Content, subject: str | None) -> RegisteredSchema:
        if subject is not None and subject in self._subjects:
            for version in reversed(self._subjects[subject].versions):
                if version.content is content:
                    return _registered(subject, version)
        return _of_content(content)


def _of_content(
    content: _Content, subject: str | None = None, version: int | None = None
) -> RegisteredSchema:
    return RegisteredSchema(
        content.schema,
        content.id,
        content.guid,
        subject,
        version,
        content.references,
        content.metadata,
        content.rules,
        content.text,
    )


def _registered(subject: str, version: _Version) -> RegisteredSchema:
    return _of_content(version.content, subject, version.number)


def _known_level(level: Level) -> Level:
    if level not in LEVELS:
        raise ValueError(f"no level is called {level!r}; the levels are {', '.join(LEVELS)}")
    return level


def _with_hyphens(guid: str) -> str:
    """A GUID as it is kept; Azure writes them without hyphens."""
    try:
        return str(UUID(guid))
    except ValueError:
        return guid


def _refuse(message: str, code: int, subject: str, version: int | None = None) -> NoReturn:
    raise RegistryError(message, status=404, code=code, subject=subject, version=version)
