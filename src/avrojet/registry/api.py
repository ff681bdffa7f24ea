"""The requests that every registry answers, as exchanges; no I/O."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Any, Final
from urllib.parse import quote

from avrojet.messages import show
from avrojet.plan.levels import LEVELS, Level
from avrojet.registry.base import Latest
from avrojet.registry.errors import NotFoundError, RegistryError, SchemaReferenceError
from avrojet.registry.exchange import MOST_BYTES, About, Exchange, Exchanger, Request, json_of
from avrojet.registry.kept import Answers
from avrojet.registry.model import RegisteredSchema, RegistryCheck, SchemaReference
from avrojet.registry.references import Referred, Source, named_by, resolution
from avrojet.schema.model import NamedSchema, Schema

# Bounds on lists of subjects or versions, as a registry could always have more.
MOST_LISTED: Final = 100_000
MOST_PAGES: Final = 10_000


class Api(ABC):
    """The interface of a registry; its methods are those of :class:`avrojet.registry.Registry`.

    :param answers: kept answers, which may already have the versions that schemas refer to.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    @abstractmethod
    def by_id(self, id: int, subject: str | None) -> Exchange[RegisteredSchema]: ...

    @abstractmethod
    def by_guid(self, guid: str) -> Exchange[RegisteredSchema]: ...

    @abstractmethod
    def version(self, subject: str, version: int | Latest) -> Exchange[RegisteredSchema]: ...

    @abstractmethod
    def latest_with_metadata(
        self, subject: str, metadata: Mapping[str, str]
    ) -> Exchange[RegisteredSchema]: ...

    @abstractmethod
    def register(
        self,
        subject: str,
        schema: Any,
        references: tuple[SchemaReference, ...],
        *,
        normalize: bool,
        metadata: Mapping[str, Any] | None,
        rules: Mapping[str, Any] | None,
    ) -> Exchange[RegisteredSchema]: ...

    @abstractmethod
    def lookup(
        self, subject: str, schema: Any, references: tuple[SchemaReference, ...], *, normalize: bool
    ) -> Exchange[RegisteredSchema]: ...

    @abstractmethod
    def check(
        self,
        subject: str,
        schema: Any,
        version: int | Latest | None,
        references: tuple[SchemaReference, ...],
    ) -> Exchange[RegistryCheck]: ...

    @abstractmethod
    def subjects(self, *, deleted: bool) -> Exchange[list[str]]: ...

    @abstractmethod
    def versions(self, subject: str, *, deleted: bool) -> Exchange[list[int]]: ...

    @abstractmethod
    def level(self, subject: str | None) -> Exchange[Level]: ...

    @abstractmethod
    def set_level(self, level: Level, subject: str | None) -> Exchange[None]: ...

    @abstractmethod
    def delete_subject(self, subject: str, *, permanent: bool) -> Exchange[list[int]]: ...

    @abstractmethod
    def delete_version(self, subject: str, version: int, *, permanent: bool) -> Exchange[int]: ...

    # -- for subclasses ----------------------------------------------------------------------------

    def nonsense(self, about: About, expected: str, data: Any) -> RegistryError:
        """Return the error for an answer that is JSON, but not the expected data."""
        return RegistryError(
            f"{about.what}: the answer is not as expected: {expected}, not {show(data)}", **about.facts()
        )

    def _resolved(self, source: Source, about: About) -> Exchange[Schema]:
        """Return a schema with everything that it refers to."""
        work = resolution(source, about.what)
        try:
            reference = next(work)
            while True:
                reference = work.send((yield from self._referred(reference, about)))
        except RegistryError as error:
            error._tell(**about.facts())
            raise
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def _referred(self, reference: SchemaReference, about: About) -> Exchange[Referred]:
        """Return the schema that a reference leads to."""
        known = self._answers.get(version_key(reference.subject, reference.version))
        if known is not None and known.error is None and known.until > monotonic():
            value: RegisteredSchema = known.result()
            return value
        try:
            return (yield from self._source(reference.subject, reference.version))
        except NotFoundError as error:
            raise SchemaReferenceError(
                f"{about.what} refers to {reference.name!r}, which cannot be found: {error}",
                status=error.status,
                code=error.code,
                url=error.url,
                subject=reference.subject,
                version=reference.version,
            ) from error

    @abstractmethod
    def _source(self, subject: str, version: int) -> Exchange[Source]:
        """Return a version of a subject, with its references unresolved."""

    def _named(self, references: Iterable[SchemaReference], about: About) -> Exchange[dict[str, NamedSchema]]:
        """Return the named types that references lead to."""
        found = []
        for reference in references:
            referred = yield from self._referred(reference, about)
            if isinstance(referred, RegisteredSchema):
                schema = referred.schema
            else:
                schema = yield from self._resolved(referred, about)
            found.append((reference, schema))
        return named_by(found)


class HttpApi(Api):
    """The interface of a registry over HTTP.

    :param exchanger: sends the requests to it.
    """

    def __init__(self, exchanger: Exchanger, answers: Answers) -> None:
        super().__init__(answers)
        self._exchanger = exchanger

    def _json(self, request: Request, about: About) -> Exchange[Any]:
        """The JSON data of the answer to a request."""
        answer = yield from self._exchanger.ask(request)
        return json_of(answer, about)

    def _object(self, request: Request, about: About) -> Exchange[dict[str, Any]]:
        """The JSON object that the answer to a request is."""
        data = yield from self._json(request, about)
        if not isinstance(data, dict):
            raise self.nonsense(about, "a JSON object was expected", data)
        return data

    def _list(self, request: Request, about: About, kind: type[Any]) -> Exchange[list[Any]]:
        """The JSON array that the answer to a request is."""
        data = yield from self._json(request, about)
        if not isinstance(data, list) or not all(type(each) is kind for each in data):
            raise self.nonsense(about, f"an array of {kind.__name__} was expected", data)
        if len(data) > MOST_LISTED:
            raise too_many(about)
        return data


def too_many(about: About) -> RegistryError:
    """Return the error for a list that does not end."""
    return RegistryError(
        f"{about.what}: there are more than {MOST_LISTED}, or they have more than {MOST_BYTES} bytes",
        **about.facts(),
    )


def version_key(subject: str, version: int) -> tuple[Any, ...]:
    """Return the key by which a version of a subject is kept."""
    return "version", subject, version


def quoted(text: str) -> str:
    """Return text as a part of a path.

    :raises RegistryError: if it would lead elsewhere: ``.`` is removed from a URL, and ``..`` also removes
        the part before it.
    """
    if text in (".", ".."):
        raise RegistryError(f"{text!r} is not a name that a registry can be asked for")
    return quote(text, safe="")


def flag(value: bool) -> str:  # noqa: FBT001
    """Return a boolean for a query string."""
    return "true" if value else "false"


def known_level(level: Any, about: About) -> Level:
    """Return the compatibility level in an answer.

    :raises RegistryError: if it is not a level.
    """
    if not isinstance(level, str) or level not in LEVELS:
        raise RegistryError(f"{about.what}: {show(level)} is not a compatibility level", **about.facts())
    return level  # type: ignore[return-value]
