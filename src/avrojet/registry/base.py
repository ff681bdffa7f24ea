"""The one interface that all registries have, for threads and for asyncio."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, ParamSpec, Self, TypeAlias, TypeVar

from avrojet.plan.levels import Level
from avrojet.registry.model import RegisteredSchema, RegistryCheck, SchemaReference

Latest: TypeAlias = Literal["latest"]
LATEST: Final = "latest"

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Registry(ABC):
    """Schemas by id, and by subject and version. Threads may share it.

    Methods take a schema as a Schema, JSON text or JSON data, and the types of other subjects that it uses as
    references. All methods raise :class:`NotFoundError` for something that does not exist,
    :class:`UnavailableError` if the registry cannot be reached, and :class:`RegistryError` or another of its
    subclasses otherwise, also for operations that the registry does not support.
    """

    @abstractmethod
    def by_id(self, id: int, subject: str | None = None) -> RegisteredSchema:
        """The schema of an id, the number that messages carry.

        :param subject: a subject that has it, for registries that find ids only within a subject.
        """

    @abstractmethod
    def by_guid(self, guid: str) -> RegisteredSchema:
        """The schema of a GUID; of AWS Glue's version id, of Azure's schema id."""

    @abstractmethod
    def latest(self, subject: str) -> RegisteredSchema:
        """The newest version of a subject."""

    @abstractmethod
    def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> RegisteredSchema:
        """The newest version of a subject that has all these properties in its metadata."""

    @abstractmethod
    def version(self, subject: str, version: int) -> RegisteredSchema:
        """A version of a subject."""

    @abstractmethod
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
        """Make a schema the newest version of a subject, or return the version that is the same.

        :param normalize: treat schemas that differ only in the order of their attributes as the same.
        :raises IncompatibleError: if it breaks the compatibility level of the subject.
        :raises InvalidSchemaError: if the registry finds the schema not valid.
        :raises SchemaError: if it is not valid here.
        """

    @abstractmethod
    def lookup(
        self,
        subject: str,
        schema: Any,
        *,
        references: Iterable[SchemaReference] = (),
        normalize: bool = False,
    ) -> RegisteredSchema:
        """The version of a subject that is this schema."""

    @abstractmethod
    def check(
        self,
        subject: str,
        schema: Any,
        version: int | Latest | None = LATEST,
        *,
        references: Iterable[SchemaReference] = (),
    ) -> RegistryCheck:
        """Check whether a schema may become the next version of a subject; nothing is changed.

        :param version: the version to compare it with; None: as many as the level requires.
        """

    @abstractmethod
    def subjects(self, *, deleted: bool = False) -> Sequence[str]:
        """List all subjects.

        :param deleted: include those whose versions are all deleted, but not permanently.
        """

    @abstractmethod
    def versions(self, subject: str, *, deleted: bool = False) -> Sequence[int]:
        """The numbers of a subject's versions, the oldest first."""

    @abstractmethod
    def level(self, subject: str | None = None) -> Level:
        """Return the compatibility level in force for a subject; None: the level for subjects without one of
        their own.
        """

    @abstractmethod
    def set_level(self, level: Level, subject: str | None = None) -> None:
        """Set the compatibility level of a subject; None: the level for subjects without one of their own."""

    @abstractmethod
    def delete_subject(self, subject: str, *, permanent: bool = False) -> Sequence[int]:
        """Delete all versions of a subject, and return their numbers.

        :param permanent: delete them permanently; they must already be deleted. Messages of their schemas can
            no longer be read.
        """

    @abstractmethod
    def delete_version(self, subject: str, version: int, *, permanent: bool = False) -> int:
        """Delete a version of a subject, and return its number."""

    def close(self) -> None:  # noqa: B027 (few have anything open)
        """Close all connections. The registry cannot be used afterwards."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class AsyncRegistry(ABC):
    """The same for asyncio: see :class:`Registry` for what the methods do."""

    @abstractmethod
    async def by_id(self, id: int, subject: str | None = None) -> RegisteredSchema: ...

    @abstractmethod
    async def by_guid(self, guid: str) -> RegisteredSchema: ...

    @abstractmethod
    async def latest(self, subject: str) -> RegisteredSchema: ...

    @abstractmethod
    async def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> RegisteredSchema: ...

    @abstractmethod
    async def version(self, subject: str, version: int) -> RegisteredSchema: ...

    @abstractmethod
    async def register(
        self,
        subject: str,
        schema: Any,
        *,
        references: Iterable[SchemaReference] = (),
        normalize: bool = False,
        metadata: Mapping[str, Any] | None = None,
        rules: Mapping[str, Any] | None = None,
    ) -> RegisteredSchema: ...

    @abstractmethod
    async def lookup(
        self,
        subject: str,
        schema: Any,
        *,
        references: Iterable[SchemaReference] = (),
        normalize: bool = False,
    ) -> RegisteredSchema: ...

    @abstractmethod
    async def check(
        self,
        subject: str,
        schema: Any,
        version: int | Latest | None = LATEST,
        *,
        references: Iterable[SchemaReference] = (),
    ) -> RegistryCheck: ...

    @abstractmethod
    async def subjects(self, *, deleted: bool = False) -> Sequence[str]: ...

    @abstractmethod
    async def versions(self, subject: str, *, deleted: bool = False) -> Sequence[int]: ...

    @abstractmethod
    async def level(self, subject: str | None = None) -> Level: ...

    @abstractmethod
    async def set_level(self, level: Level, subject: str | None = None) -> None: ...

    @abstractmethod
    async def delete_subject(self, subject: str, *, permanent: bool = False) -> Sequence[int]: ...

    @abstractmethod
    async def delete_version(self, subject: str, version: int, *, permanent: bool = False) -> int: ...

    async def close(self) -> None:  # noqa: B027
        """Close all connections. The registry cannot be used afterwards."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()


async def _in_thread(method: Callable[_P, _T], *arguments: _P.args, **options: _P.kwargs) -> _T:
    from asyncio import to_thread

    return await to_thread(method, *arguments, **options)


class ThreadedRegistry(AsyncRegistry):
    """Any :class:`Registry` for asyncio: its methods are called in threads, so that they do not block the
    event loop.

    :param registry: the registry; closing this closes it.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def __repr__(self) -> str:
        return f"ThreadedRegistry({self._registry!r})"

    async def by_id(self, id: int, subject: str | None = None) -> RegisteredSchema:
        return await _in_thread(self._registry.by_id, id, subject)

    async def by_guid(self, guid: str) -> RegisteredSchema:
        return await _in_thread(self._registry.by_guid, guid)

    async def latest(self, subject: str) -> RegisteredSchema:
        return await _in_thread(self._registry.latest, subject)

    async def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> RegisteredSchema:
        return await _in_thread(self._registry.latest_with_metadata, subject, metadata)

    async def version(self, subject: str, version: int) -> RegisteredSchema:
        return await _in_thread(self._registry.version, subject, version)

    async def register(self, subject: str, schema: Any, **options: Any) -> RegisteredSchema:
        return await _in_thread(self._registry.register, subject, schema, **options)

    async def lookup(self, subject: str, schema: Any, **options: Any) -> RegisteredSchema:
        return await _in_thread(self._registry.lookup, subject, schema, **options)

    async def check(
        self, subject: str, schema: Any, version: int | Latest | None = LATEST, **options: Any
    ) -> RegistryCheck:
        return await _in_thread(self._registry.check, subject, schema, version, **options)

    async def subjects(self, *, deleted: bool = False) -> Sequence[str]:
        return await _in_thread(self._registry.subjects, deleted=deleted)

    async def versions(self, subject: str, *, deleted: bool = False) -> Sequence[int]:
        return await _in_thread(self._registry.versions, subject, deleted=deleted)

    async def level(self, subject: str | None = None) -> Level:
        return await _in_thread(self._registry.level, subject)

    async def set_level(self, level: Level, subject: str | None = None) -> None:
        await _in_thread(self._registry.set_level, level, subject)

    async def delete_subject(self, subject: str, *, permanent: bool = False) -> Sequence[int]:
        return await _in_thread(self._registry.delete_subject, subject, permanent=permanent)

    async def delete_version(self, subject: str, version: int, *, permanent: bool = False) -> int:
        return await _in_thread(self._registry.delete_version, subject, version, permanent=permanent)

    async def close(self) -> None:
        await _in_thread(self._registry.close)
