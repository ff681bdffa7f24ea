"""Registries whose interface is written as exchanges: answers are cached, and callers who need the same one
share a request.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Generic, TypeVar

from avrojet.plan.levels import Level
from avrojet.registry.api import Api, version_key
from avrojet.registry.base import LATEST, AsyncRegistry, Latest, Registry
from avrojet.registry.errors import RegistryError
from avrojet.registry.exchange import Exchange, hasty
from avrojet.registry.kept import FOR_EVER, Answers, Flights, Kept
from avrojet.registry.model import RegisteredSchema, RegistryCheck, SchemaReference
from avrojet.registry.references import own_text
from avrojet.registry.transport import AsyncRunner, Runner
from avrojet.schema.model import Schema

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """A question to a registry.

    :ivar key: the key under which the answer is kept.
    :ivar seconds: how long the answer is kept.
    """

    key: Hashable
    seconds: float
    ask: Callable[[], Exchange[T]]


class _Keys:
    """Keeps answers under their keys. Changes made by this process are visible to it at once."""

    def __init__(self) -> None:
        self._epochs: dict[str, int] = {}

    def of(self, what: str, subject: str, *more: Hashable) -> Hashable:
        return what, subject, self._epochs.get(subject, 0), *more

    def changed(self, subject: str) -> None:
        """Note that a subject has changed."""
        self._epochs[subject] = self._epochs.get(subject, 0) + 1


class _Common:
    """The parts that registries for threads and for asyncio share."""

    def __init__(self, api: Api, answers: Answers, shown: str) -> None:
        self._api = api
        self._answers = answers
        self._shown = shown
        self._flights = Flights()
        self._keys = _Keys()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown})"

    # -- what is kept --------------------------------------------------------------------------------

    def _hit(self, asked: Asked[T], place: Hashable) -> Kept[T] | None:
        """Return the kept answer if it can be used: because it is current, or while another caller asks
        again.
        """
        kept: Kept[T] | None = self._answers.get(asked.key)
        if kept is None or monotonic() < kept.until or (kept.error is None and place in self._flights):
            return kept
        return None

    def _answered(self, asked: Asked[T]) -> Exchange[T]:
        """Return the registry's answer, and keep it; if there is none, return the answer to use instead."""
        kept: Kept[T] | None = self._answers.get(asked.key)
        if kept is not None and monotonic() < kept.until:  # another caller's question has just been answered
            return kept.result()
        exchange = asked.ask()
        try:
            value = yield from (exchange if kept is None or kept.error is not None else hasty(exchange))
        except RegistryError as error:
            return self._answers.failed(asked.key, error, kept)  # type: ignore[no-any-return]
        self._answers.keep(asked.key, value, asked.seconds, _size(value))
        return value

    def _by_id(self, id: int, subject: str | None) -> Asked[RegisteredSchema]:
        return Asked(("id", id, subject), FOR_EVER, lambda: self._api.by_id(id, subject))

    def _by_guid(self, guid: str) -> Asked[RegisteredSchema]:
        return Asked(("guid", guid), FOR_EVER, lambda: self._api.by_guid(guid))

    def _latest(self, subject: str) -> Asked[RegisteredSchema]:
        key = self._keys.of("latest", subject)
        return Asked(key, self._answers.seconds, lambda: self._api.version(subject, LATEST))

    def _latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> Asked[RegisteredSchema]:
        key = self._keys.of("metadata", subject, tuple(sorted(metadata.items())))
        return Asked(key, self._answers.seconds, lambda: self._api.latest_with_metadata(subject, metadata))

    def _version(self, subject: str, version: int) -> Asked[RegisteredSchema]:
        key = version_key(subject, version)
        return Asked(key, self._answers.seconds, lambda: self._api.version(subject, version))

    def _lookup(
        self,
        subject: str,
        schema: Any,
        references: Iterable[SchemaReference],
        normalize: bool,  # noqa: FBT001
    ) -> Asked[RegisteredSchema]:
        referred = tuple(references)
        said = schema if isinstance(schema, str | Schema) else own_text(schema, {}) if not referred else None
        key = self._keys.of("lookup", subject, said or object(), referred, normalize)
        return Asked(
            key,
            self._answers.seconds,
            lambda: self._api.lookup(subject, schema, referred, normalize=normalize),
        )

    def _wrote(self, registered: RegisteredSchema) -> RegisteredSchema:
        """Note that a schema exists now that may not have existed before."""
        self._keys.changed(registered.subject or "")
        if registered.id is not None:
            plain = RegisteredSchema(
                registered.schema,
                registered.id,
                registered.guid,
                references=registered.references,
                metadata=registered.metadata,
                rules=registered.rules,
                text=registered.text,
            )
            self._answers.keep(("id", registered.id, None), plain, FOR_EVER, _size(plain))
        return registered

    def _deleted(self, subject: str, versions: list[int]) -> list[int]:
        """Note that versions were deleted."""
        self._keys.changed(subject)
        for version in versions:
            self._answers.forget(version_key(subject, version))
        return versions

    def clear(self) -> None:
        """Forget all answers."""
        self._answers.clear()


def _size(value: Any) -> int:
    text = getattr(value, "text", None)
    return 100 + len(text) if isinstance(text, str) else 100


class ExchangeRegistry(_Common, Registry):
    """A registry whose interface is written as exchanges; its answers are kept. Threads may share it.

    :param api: the interface.
    :param runner: runs the steps of exchanges.
    :param answers: the kept answers.
    :param shown: the text between the brackets of its repr.
    """

    def __init__(self, api: Api, runner: Runner, answers: Answers, shown: str) -> None:
        super().__init__(api, answers, shown)
        self._runner = runner

    def _found(self, asked: Asked[T]) -> T:
        """Return the kept answer, or else the registry's, which one caller requests for all that wait for
        it.
        """
        place = os.getpid(), asked.key
        kept = self._hit(asked, place)
        if kept is not None:
            return kept.result()
        flight = self._flights.board(place)
        with flight.lock:
            if not flight.arrived:
                try:
                    flight.arrive(self._runner.run(self._answered(asked)))
                except Exception as error:
                    flight.crash(error)
                    raise
                finally:
                    self._flights.land(place, flight)
        return flight.result()  # type: ignore[no-any-return]

    def by_id(self, id: int, subject: str | None = None) -> RegisteredSchema:
        return self._found(self._by_id(id, subject))

    def by_guid(self, guid: str) -> RegisteredSchema:
        return self._found(self._by_guid(guid))

    def latest(self, subject: str) -> RegisteredSchema:
        return self._found(self._latest(subject))

    def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> RegisteredSchema:
        return self._found(self._latest_with_metadata(subject, metadata))

    def version(self, subject: str, version: int) -> RegisteredSchema:
        return self._found(self._version(subject, version))

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
        exchange = self._api.register(
            subject, schema, tuple(references), normalize=normalize, metadata=metadata, rules=rules
        )
        return self._wrote(self._runner.run(exchange))

    def lookup(
        self,
        subject: str,
        schema: Any,
        *,
        references: Iterable[SchemaReference] = (),
        normalize: bool = False,
    ) -> RegisteredSchema:
        return self._found(self._lookup(subject, schema, references, normalize))

    def check(
        self,
        subject: str,
        schema: Any,
        version: int | Latest | None = LATEST,
        *,
        references: Iterable[SchemaReference] = (),
    ) -> RegistryCheck:
        return self._runner.run(self._api.check(subject, schema, version, tuple(references)))

    def subjects(self, *, deleted: bool = False) -> Sequence[str]:
        return self._runner.run(self._api.subjects(deleted=deleted))

    def versions(self, subject: str, *, deleted: bool = False) -> Sequence[int]:
        return self._runner.run(self._api.versions(subject, deleted=deleted))

    def level(self, subject: str | None = None) -> Level:
        return self._runner.run(self._api.level(subject))

    def set_level(self, level: Level, subject: str | None = None) -> None:
        self._runner.run(self._api.set_level(level, subject))

    def delete_subject(self, subject: str, *, permanent: bool = False) -> Sequence[int]:
        deleted = self._runner.run(self._api.delete_subject(subject, permanent=permanent))
        return self._deleted(subject, deleted)

    def delete_version(self, subject: str, version: int, *, permanent: bool = False) -> int:
        deleted = self._runner.run(self._api.delete_version(subject, version, permanent=permanent))
        self._deleted(subject, [deleted])
        return deleted

    def close(self) -> None:
        self._runner.close()


class AsyncExchangeRegistry(_Common, AsyncRegistry):
    """The same for asyncio."""

    def __init__(self, api: Api, runner: AsyncRunner, answers: Answers, shown: str) -> None:
        super().__init__(api, answers, shown)
        self._runner = runner

    async def _found(self, asked: Asked[T]) -> T:
        """Like the method for threads, but each event loop has its own questions under way, as waiters in
        another loop cannot be woken.
        """
        import asyncio

        place = os.getpid(), id(asyncio.get_running_loop()), asked.key
        kept = self._hit(asked, place)
        if kept is not None:
            return kept.result()
        flight = self._flights.board(place, asyncio.Lock)
        async with flight.lock:
            if not flight.arrived:
                try:
                    flight.arrive(await self._runner.run(self._answered(asked)))
                except Exception as error:
                    flight.crash(error)
                    raise
                finally:
                    self._flights.land(place, flight)
        return flight.result()  # type: ignore[no-any-return]

    async def by_id(self, id: int, subject: str | None = None) -> RegisteredSchema:
        return await self._found(self._by_id(id, subject))

    async def by_guid(self, guid: str) -> RegisteredSchema:
        return await self._found(self._by_guid(guid))

    async def latest(self, subject: str) -> RegisteredSchema:
        return await self._found(self._latest(subject))

    async def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> RegisteredSchema:
        return await self._found(self._latest_with_metadata(subject, metadata))

    async def version(self, subject: str, version: int) -> RegisteredSchema:
        return await self._found(self._version(subject, version))

    async def register(
        self,
        subject: str,
        schema: Any,
        *,
        references: Iterable[SchemaReference] = (),
        normalize: bool = False,
        metadata: Mapping[str, Any] | None = None,
        rules: Mapping[str, Any] | None = None,
    ) -> RegisteredSchema:
        exchange = self._api.register(
            subject, schema, tuple(references), normalize=normalize, metadata=metadata, rules=rules
        )
        return self._wrote(await self._runner.run(exchange))

    async def lookup(
        self,
        subject: str,
        schema: Any,
        *,
        references: Iterable[SchemaReference] = (),
        normalize: bool = False,
    ) -> RegisteredSchema:
        return await self._found(self._lookup(subject, schema, references, normalize))

    async def check(
        self,
        subject: str,
        schema: Any,
        version: int | Latest | None = LATEST,
        *,
        references: Iterable[SchemaReference] = (),
    ) -> RegistryCheck:
        return await self._runner.run(self._api.check(subject, schema, version, tuple(references)))

    async def subjects(self, *, deleted: bool = False) -> Sequence[str]:
        return await self._runner.run(self._api.subjects(deleted=deleted))

    async def versions(self, subject: str, *, deleted: bool = False) -> Sequence[int]:
        return await self._runner.run(self._api.versions(subject, deleted=deleted))

    async def level(self, subject: str | None = None) -> Level:
        return await self._runner.run(self._api.level(subject))

    async def set_level(self, level: Level, subject: str | None = None) -> None:
        await self._runner.run(self._api.set_level(level, subject))

    async def delete_subject(self, subject: str, *, permanent: bool = False) -> Sequence[int]:
        deleted = await self._runner.run(self._api.delete_subject(subject, permanent=permanent))
        return self._deleted(subject, deleted)

    async def delete_version(self, subject: str, version: int, *, permanent: bool = False) -> int:
        deleted = await self._runner.run(self._api.delete_version(subject, version, permanent=permanent))
        self._deleted(subject, [deleted])
        return deleted

    async def close(self) -> None:
        await self._runner.close()
