"""Credentials for registries over HTTP; no I/O."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, TypeAlias
from urllib.parse import quote, urlencode

from avrojet.locks import ProcessLock
from avrojet.registry.errors import DeniedError, UnavailableError
from avrojet.registry.exchange import Answer, Call, Exchange, NoAnswer, Send, json_data, shown_url

_RENEWED_BEFORE: Final = 0.2  # share of a token's life, so that requests under way still have a valid token
_UNKNOWN_LIFE: Final = 300.0  # seconds, for a token that does not state its life


@dataclass(frozen=True, slots=True)
class Basic:
    """User and password (HTTP basic authentication)."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token that does not change.

    :ivar headers: more headers to send with it, such as ``target-sr-cluster`` and
        ``Confluent-Identity-Pool-Id``.
    """

    token: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class OAuth:
    """OAuth 2.0 with client credentials: a token is requested from an issuer, kept, and renewed before it
    expires.

    :ivar token_url: the URL from which tokens are requested.
    :ivar headers: sent to the registry with the token.
    :ivar parameters: sent to the issuer besides those of the standard, such as ``audience``.
    """

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    parameters: Mapping[str, str] = field(
        default_factory=dict, repr=False
    )  # of them may be a client_assertion


Auth: TypeAlias = "Basic | Bearer | OAuth | tuple[str, str] | Callable[[], Any] | None"
"""Credentials. A tuple is user and password. A function returns a token, or headers, each time it is called;
for asyncio it may be a coroutine function.
"""


class Authentication:
    """Produces the headers for credentials; this class produces none."""

    def headers(self) -> Exchange[Mapping[str, str]]:
        """Return the headers to send with a request.

        :raises DeniedError: if no token can be obtained.
        """
        yield from ()
        return {}

    def forget(self, credentials: Mapping[str, str]) -> bool:
        """Note that the credentials were refused; return whether there may be new ones now."""
        return False


class Fixed(Authentication):
    """Headers that do not change."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)

    def headers(self) -> Exchange[Mapping[str, str]]:
        yield from ()
        return self._headers


class Called(Authentication):
    """The headers that a function of the user returns."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function

    def headers(self) -> Exchange[Mapping[str, str]]:
        made = yield Call(self._function)
        if isinstance(made, str):
            return {"authorization": f"Bearer {made}"}
        if isinstance(made, Mapping):
            return {str(name): str(value) for name, value in made.items()}
        raise TypeError(f"auth() must return a token or headers, not {type(made).__name__}")


class Tokens(Authentication):
    """A token from an issuer. Threads may share it."""

    def __init__(self, oauth: OAuth) -> None:
        self._oauth = oauth
        self._lock = ProcessLock()
        self._token: Mapping[str, str] | None = None
        self._renew = 0.0
        self._ends = 0.0

    def headers(self) -> Exchange[Mapping[str, str]]:
        with self._lock.lock:
            token, now = self._token, monotonic()
            if token is not None and now < self._renew:
                return token
            # Other threads use the old token while this one requests the next.
            self._renew = self._ends
        try:
            return (yield from self._fetched())
        except (DeniedError, UnavailableError):
            if token is not None and monotonic() < self._ends:
                return token
            raise

    def forget(self, credentials: Mapping[str, str]) -> bool:
        with self._lock.lock:
            if self._token == credentials:
                self._token = None
        return True

    def _fetched(self) -> Exchange[Mapping[str, str]]:
        oauth = self._oauth
        form = {"grant_type": "client_credentials", **oauth.parameters}
        if oauth.scope is not None:
            form["scope"] = oauth.scope
        # RFC 6749, 2.3.1: both are encoded as form data first.
        user, password = quote(oauth.client_id, safe=""), quote(oauth.client_secret, safe="")
        headers = {
            "accept": "application/json",
            "content-type": "application/x-www-form-urlencoded",
            "authorization": basic(user, password),
        }
        started = monotonic()
        answer: Answer | NoAnswer = yield Send("POST", oauth.token_url, headers, urlencode(form).encode())
        token, life = _token_of(answer, shown_url(oauth.token_url))
        made = {"authorization": f"Bearer {token}", **oauth.headers}
        with self._lock.lock:
            self._token = made
            self._ends = started + life
            self._renew = started + life * (1 - _RENEWED_BEFORE)
        return made


def _token_of(answer: Answer | NoAnswer, url: str) -> tuple[str, float]:
    """Return the token, and its life in seconds. Nothing from the issuer's answer is shown, as it may be the
    token.
    """
    if isinstance(answer, NoAnswer):
        raise UnavailableError(
            f"no token could be obtained from {url}: {answer.reason}", url=url, reason=answer.reason
        )
    if answer.status >= 500 or answer.status == 429:
        raise UnavailableError(
            f"no token could be obtained from {url}: it answers with status {answer.status}",
            status=answer.status,
            url=url,
        )
    try:
        data = json_data(answer.body)
        token, life = data["access_token"], float(data.get("expires_in") or _UNKNOWN_LIFE)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        token, life = None, 0.0
    if answer.status != 200 or not isinstance(token, str):
        raise DeniedError(
            f"{url} did not return a token, but status {answer.status}: "
            "are client_id and client_secret right?",
            status=answer.status,
            url=url,
        )
    return token, life


def basic(user: str, password: str) -> str:
    """Return the value of the header for a user and a password."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def authentication(auth: Auth) -> Authentication:
    """Return the object that sends the credentials.

    :raises TypeError: if they are not credentials.
    """
    match auth:
        case None:
            return Authentication()
        case Basic(user, password) | (str() as user, str() as password):
            return Fixed({"authorization": basic(user, password)})
        case Bearer():
            return Fixed({"authorization": f"Bearer {auth.token}", **auth.headers})
        case OAuth():
            return Tokens(auth)
        case _ if callable(auth):
            return Called(auth)
    raise TypeError(
        f"auth must be a (user, password), Basic, Bearer, OAuth or a function, not {type(auth).__name__}"
    )
