"""Registries through existing clients: their functions are called, and the answers are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final

from avrojet.errors import AvroError
from avrojet.plan.levels import Level
from avrojet.registry.api import Api
from avrojet.registry.asked import AsyncExchangeRegistry, ExchangeRegistry
from avrojet.registry.base import Latest
from avrojet.registry.errors import RegistryError, UnavailableError
from avrojet.registry.exchange import About, Call, Exchange, error_kind
from avrojet.registry.kept import Answers
from avrojet.registry.model import RegisteredSchema, RegistryCheck, SchemaReference
from avrojet.registry.references import Source
from avrojet.registry.transport import AsyncRunner, Runner


class GivenApi(Api):
    """The interface of a client. Operations that the client does not have are refused.

    :ivar NAME: the name of the client or registry, for errors.
    """

    NAME: ClassVar[str] = "this client"

    def __init__(self, client: Any, answers: Answers) -> None:
        super().__init__(answers)
        self._client = client

    def _call(self, function: Callable[[], Any], about: About) -> Exchange[Any]:
        """Return the result of a function of the client.

        :raises RegistryError: for its errors.
        """
        try:
            return (yield Call(function))
        except AvroError:
            raise
        except Exception as error:
            raise self._error(error, about) from error

    def _error(self, error: Exception, about: About) -> RegistryError:
        """Return the error that corresponds to one of the client's: by its status, if it has one."""
        status = getattr(error, "http_status_code", None) or getattr(error, "http_code", None)
        code = getattr(error, "error_code", None)
        message = str(getattr(error, "error_message", None) or getattr(error, "message", None) or error)
        if isinstance(status, int):
            return error_kind(status)(
                f"{about.what}: {message} (status {status}, by {self.NAME})",
                status=status,
                code=code if isinstance(code, int) else None,
                reason=message,
                **about.facts(),
            )
        if type(error).__module__.split(".")[0] in _TRANSPORTS or isinstance(error, OSError):
            # Their messages may contain URLs with credentials.
            kind = type(error).__name__
            return UnavailableError(f"{about.what}: {self.NAME} has no answer: {kind}", **about.facts())
        return RegistryError(f"{about.what}: {self.NAME} failed: {type(error).__name__}", **about.facts())

    def _cannot(self, what: str, **facts: Any) -> RegistryError:
        return RegistryError(f"{self.NAME} cannot {what}", **facts)

    def by_id(self, id: int, subject: str | None) -> Exchange[RegisteredSchema]:
        raise self._cannot("find schemas by numbers", id=id)

    def by_guid(self, guid: str) -> Exchange[RegisteredSchema]:
        raise self._cannot("find schemas by GUIDs", guid=guid)

    def version(self, subject: str, version: int | Latest) -> Exchange[RegisteredSchema]:
        raise self._cannot("find versions of subjects", subject=subject, version=version)

    def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> Exchange[RegisteredSchema]:
        raise self._cannot("find schemas by their metadata", subject=subject)

    def check(
        self, subject: str, schema: Any, version: int | Latest | None, references: tuple[SchemaReference, ...]
    ) -> Exchange[RegistryCheck]:
        raise self._cannot("check compatibility", subject=subject)

    def subjects(self, *, deleted: bool) -> Exchange[list[str]]:
        raise self._cannot("list subjects")

    def versions(self, subject: str, *, deleted: bool) -> Exchange[list[int]]:
        raise self._cannot("list versions", subject=subject)

    def level(self, subject: str | None) -> Exchange[Level]:
        raise self._cannot("tell compatibility levels", subject=subject)

    def set_level(self, level: Level, subject: str | None) -> Exchange[None]:
        raise self._cannot("set compatibility levels", subject=subject)

    def delete_subject(self, subject: str, *, permanent: bool) -> Exchange[list[int]]:
        raise self._cannot("delete subjects", subject=subject)

    def delete_version(self, subject: str, version: int, *, permanent: bool) -> Exchange[int]:
        raise self._cannot("delete versions", subject=subject, version=version)

    def _source(self, subject: str, version: int) -> Exchange[Source]:
        raise self._cannot("follow references", subject=subject, version=version)

    def _refuse(
        self, about: About, references: Iterable[SchemaReference], *contracts: Mapping[str, Any] | None
    ) -> None:
        """Refuse what the client cannot store.

        :raises RegistryError: if any is given.
        """
        if tuple(references):
            raise self._cannot("keep references", **about.facts())
        if any(contract is not None for contract in contracts):
            raise self._cannot("keep metadata and rules", **about.facts())


_TRANSPORTS: Final = {"httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3", "aiohttp", "ssl"}


def answers(cached: int, cache_seconds: float, missing_seconds: float) -> Answers:
    """The kept answers of a client."""
    return Answers(cached, cache_seconds, missing_seconds)


class GivenRegistry(ExchangeRegistry):
    """A registry through an existing client; subclasses say of which kind."""

    def __init__(self, kind: Callable[[Any, Answers], Api], client: Any, kept: Answers) -> None:
        super().__init__(kind(client, kept), Runner(), kept, type(client).__name__)


class AsyncGivenRegistry(AsyncExchangeRegistry):
    """The same for asyncio, through an asyncio client."""

    def __init__(self, kind: Callable[[Any, Answers], Api], client: Any, kept: Answers) -> None:
        super().__init__(kind(client, kept), AsyncRunner(), kept, type(client).__name__)
