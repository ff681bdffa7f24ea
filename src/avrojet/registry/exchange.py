"""Requests to a registry over HTTP, and the handling of their answers; no I/O.

An exchange is a generator of steps: a request to send, a time to wait, a function to call. The runner
(:mod:`avrojet.registry.transport`) performs each step and sends its result back, in threads or in asyncio. So
all rules, such as what is retried and when, are written here once.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias, TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

from avrojet.levels import text_is_deep, text_is_wide
from avrojet.messages import shorten
from avrojet.registry.errors import (
    DeniedError,
    IncompatibleError,
    InvalidSchemaError,
    NotFoundError,
    RegistryError,
    UnavailableError,
)

if TYPE_CHECKING:
    from avrojet.registry.auth import Authentication

T = TypeVar("T")

_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_LARGEST_SHOWN: Final = 300
MOST_BYTES: Final = 64 << 20  # of an answer, or a list in many; a schema may have Limits.schema_bytes
_MOST_VALUES: Final = (
    1_000_000  # of the JSON data of an answer; ten for each version or subject that is listed
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a registry.

    :ivar path: below the registry's URL, each part of it percent-encoded already.
    :ivar body: JSON data, or None.
    :ivar text: a body that is sent unchanged, in place of JSON data.
    """

    method: str
    path: str
    query: Mapping[str, str] | Sequence[tuple[str, str]] = ()
    body: Any = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Send:
    """The step of sending one request, once; its result is an :class:`Answer` or a :class:`NoAnswer`.

    :ivar headers: may contain credentials, and are not shown.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Wait:
    """The step of waiting; its result is False if there is no time to wait, so that nothing is retried."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Call:
    """The step of calling a function of the user; its result is the function's result, awaited if
    necessary.
    """

    function: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request.

    :ivar headers: their names in lower case.
    :ivar url: the URL of the request, in a form that can be shown.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The reason why no answer came."""

    reason: str


Step: TypeAlias = "Send | Wait | Call"
Exchange: TypeAlias = Generator[Step, Any, T]
"""The steps of one exchange with a registry; the generator returns the result."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often and when a request that failed is retried: for 408, 425, 429, 5xx, and no answer.

    :ivar number: of rounds after the first; a round tries each URL once.
    :ivar wait: the longest wait before the first of them, in seconds; twice that before the next, and so on.
        The wait is chosen at random between zero and that (full jitter), so that clients that failed together
        do not retry together.
    :ivar longest: the bound on all waits. If the registry asks for a longer one with ``Retry-After``, the
        request is not retried.
    """

    number: int = 3
    wait: float = 0.5
    longest: float = 20.0

    def pause(self, round: int) -> float:
        """Return the seconds to wait before a round; rounds are counted from 0."""
        return random.uniform(0, min(self.longest, self.wait * 2.0**round))  # noqa: S311 (no secret)


def hasty(exchange: Exchange[T]) -> Exchange[T]:
    """Run an exchange without waits, and so without retries: the caller has an older answer to use."""
    try:
        step = next(exchange)
        while True:
            if isinstance(step, Wait):
                step = exchange.send(False)  # noqa: FBT003 (there is no time)
                continue
            try:
                came = yield step
            except Exception as error:  # noqa: BLE001 (it is the exchange's)
                step = exchange.throw(error)
            else:
                step = exchange.send(came)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


class Exchanger:
    """Sends requests to the first of a registry's URLs that answers, and retries where that may help.

    Threads may share it.

    :param urls: of one registry, without credentials; the one that answered last is asked first.
    """

    def __init__(
        self,
        urls: Sequence[str],
        authentication: Authentication,
        headers: Mapping[str, str],
        retries: Retries,
    ) -> None:
        self.urls = tuple(urls)
        self._authentication = authentication
        self._headers = dict(headers)
        self._retries = retries
        self._first = 0

    def ask(self, request: Request) -> Exchange[Answer]:
        """Return the answer to a request, even if it is an error.

        :raises UnavailableError: if there is none, or the registry has failed for now.
        :raises DeniedError: if no token can be obtained.
        """
        for round in range(self._retries.number + 1):
            came = yield from self._round(request)
            if isinstance(came, Answer) and came.status not in _AGAIN:
                return came
            pause = self._retries.pause(round)
            if isinstance(came, Answer):
                asked = retry_after(came) or 0.0
                if asked > self._retries.longest:
                    break
                pause += asked
            if round == self._retries.number or (yield Wait(pause)) is False:
                break
        self._unavailable(came, round + 1)

    def _round(self, request: Request) -> Exchange[Answer | NoAnswer]:
        """Ask each URL until one answers."""
        came: Answer | NoAnswer = NoAnswer("there is no URL")
        for turn in range(len(self.urls)):
            index = (self._first + turn) % len(self.urls)
            came = yield from self._asked(self.urls[index], request)
            if isinstance(came, Answer) and came.status not in _AGAIN:
                self._first = index
                return came
        return came

    def _asked(self, url: str, request: Request) -> Exchange[Answer | NoAnswer]:
        """Ask one URL; if the token is refused, ask once more with a new one."""
        try:
            credentials = yield from self._authentication.headers()
            came: Answer | NoAnswer = yield self._send(url, request, credentials)
            if isinstance(came, Answer) and came.status == 401 and self._authentication.forget(credentials):
                credentials = yield from self._authentication.headers()
                came = yield self._send(url, request, credentials)
        except UnavailableError as error:  # of the issuer of tokens
            return NoAnswer(str(error))
        return came

    def _send(self, url: str, request: Request, credentials: Mapping[str, str]) -> Send:
        headers = {"accept": "application/json", **self._headers, **credentials}
        content = None
        if request.text is not None:
            content = request.text.encode()
        elif request.body is not None:
            content = json.dumps(request.body).encode()
            headers["content-type"] = "application/json"
        headers.update(request.headers)
        ensure_sendable(headers, credentials)
        query = f"?{urlencode(request.query)}" if request.query else ""
        return Send(request.method, f"{url}/{request.path}{query}", headers, content)

    def _unavailable(self, came: Answer | NoAnswer, rounds: int) -> NoReturn:
        where = " and ".join(map(shown_url, self.urls))
        tried = f" (tried {rounds} times)" if rounds > 1 else ""
        if isinstance(came, NoAnswer):
            raise UnavailableError(
                f"the registry at {where} cannot be reached{tried}: {came.reason}",
                url=shown_url(self.urls[-1]),
                reason=came.reason,
            )
        asked = retry_after(came)
        later = f"; it asks to wait {asked:g} s" if asked else ""
        raise UnavailableError(
            f"the registry at {where} answers with status {came.status}{tried}{later}: {excerpt(came)}",
            status=came.status,
            url=came.url,
        )


def ensure_sendable(headers: Mapping[str, str], credentials: Mapping[str, str]) -> None:
    """Refuse headers that cannot be sent. The error of httpx would show their values, which may be secret.

    :raises DeniedError: if it is a header of the credentials.
    :raises RegistryError: if it is another header.
    """
    for name, value in headers.items():
        if isinstance(value, str) and not (value.isascii() and value.replace("\t", " ").isprintable()):
            kind = DeniedError if name in credentials else RegistryError
            raise kind(f"the header {name!r} cannot be sent: it has characters other than printable ASCII")


def retry_after(answer: Answer) -> float | None:
    """Return the seconds that an answer asks to wait before the next request; None if it does not."""
    from email.utils import parsedate_to_datetime

    text = answer.headers.get("retry-after")
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text.strip()[:9])
    try:
        when = parsedate_to_datetime(text[:100])
    except (ValueError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def shown_url(url: str) -> str:
    """Return a URL without the parts that may be secret: user, password, query."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        host = f"[{host}]" if ":" in host else host
        place = host if parts.port is None else f"{host}:{parts.port}"
    except ValueError:
        return "(no URL)"
    return urlunsplit((parts.scheme, place, parts.path, "", ""))


def excerpt(answer: Answer) -> str:
    """Return the text of an answer that is not JSON, as far as it can be shown."""
    if not answer.body:
        return "nothing"
    kind = answer.headers.get("content-type", "no content type").partition(";")[0].strip()
    text = " ".join(answer.body[: 4 * _LARGEST_SHOWN].decode("utf-8", "replace").split())
    return f"{kind}, {shorten(text, _LARGEST_SHOWN)}"


@dataclass(frozen=True, slots=True)
class About:
    """What a request is about, for errors."""

    what: str
    subject: str | None = None
    version: int | str | None = None
    id: int | None = None
    guid: str | None = None

    def facts(self) -> dict[str, Any]:
        facts = {"subject": self.subject, "version": self.version, "id": self.id, "guid": self.guid}
        return {name: fact for name, fact in facts.items() if fact is not None}


def json_of(answer: Answer, about: About) -> Any:
    """The JSON data of an answer.

    :raises RegistryError: if it is an error, or not JSON.
    """
    if not 200 <= answer.status < 300:
        raise error_of(answer, about)
    if not answer.body:
        return None
    try:
        return json_data(answer.body)
    except ValueError:
        raise RegistryError(
            f"{about.what}: the answer is not JSON, but {excerpt(answer)}; "
            f"is {answer.url} the registry's address?",
            status=answer.status,
            url=answer.url,
            **about.facts(),
        ) from None


def json_data(body: bytes) -> Any:
    """Return the data of untrusted JSON text.

    :raises ValueError: if it is not JSON, nests too deep for Python's own parser, or has more than a million
        values.
    """
    text = body.decode(json.detect_encoding(body), "surrogatepass")
    if text_is_deep(text):
        raise ValueError("nested too deep")
    if text_is_wide(text, _MOST_VALUES):
        raise ValueError("too many values")
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def error_of(answer: Answer, about: About) -> RegistryError:
    """The error that an answer reports."""
    code, name, message = _error_facts(answer)
    kind = IncompatibleError if name == _RULE_BROKEN else error_kind(answer.status)
    number = "" if code is None or code == answer.status else f", code {code}"
    if kind is DeniedError:
        message = "the credentials are missing, wrong, or do not suffice"
    return kind(
        f"{about.what}: {message} (status {answer.status}{number}, {answer.url})",
        status=answer.status,
        code=code,
        url=answer.url,
        reason=message,
        **about.facts(),
    )


_KINDS: Final[Mapping[int, type[RegistryError]]] = {
    401: DeniedError,
    403: DeniedError,
    404: NotFoundError,
    409: IncompatibleError,
    422: InvalidSchemaError,
}


def error_kind(status: int) -> type[RegistryError]:
    """The class of the error of a status."""
    if status >= 500 or status in _AGAIN:
        return UnavailableError
    return _KINDS.get(status, RegistryError)


_RULE_BROKEN: Final = "RuleViolationException"
"""Apicurio's names for the error of a schema that breaks a level; the status is 409 or 400."""


def _error_facts(answer: Answer) -> tuple[int | None, str | None, str]:
    """Return the code, the name, and the message of an error; registries use several keys for them."""
    if 300 <= answer.status < 400:
        target = shown_url(answer.headers.get("location", ""))
        return None, None, f"it redirects to {target or 'another place'}: use that as the URL"
    try:
        data = json_data(answer.body)
    except ValueError:
        return None, None, excerpt(answer)
    if not isinstance(data, dict):
        return None, None, excerpt(answer)
    code, name = data.get("error_code"), data.get("name")
    message = data.get("message") or data.get("title") or data.get("detail")
    return (
        code if isinstance(code, int) else None,
        name if isinstance(name, str) else None,
        message if message and isinstance(message, str) else excerpt(answer),
    )
