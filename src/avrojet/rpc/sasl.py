"""The identity of a client, sent by SASL before the first message, as Avro for Java's SaslSocketServer
requires.

The client begins: a status of one byte, START, the name of a mechanism and its first response, each after its
length of 4 bytes, big-endian. Either side then sends a status and bytes after their length, until one is
COMPLETE or FAIL. The mechanisms here are ANONYMOUS (RFC 4505) and PLAIN (RFC 4616), which need only the
client's first SASL message, so its first Avro message may follow at once. Bytes in, bytes out; no I/O.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Final, TypeAlias

from avrojet.rpc.failures import AuthenticationError

Credentials: TypeAlias = Callable[[], tuple[str, str]]
"""Returns a user and a password, each time a connection is made."""

Authenticate: TypeAlias = Callable[[str, str], bool]
"""Whether that user has that password."""

ANONYMOUS: Final = "ANONYMOUS"
PLAIN: Final = "PLAIN"
_LENGTH: Final = 4
_MOST: Final = 1 << 16  # bytes of a mechanism, a response or a reason
_SHOWN: Final = 16
_NOT_CHECKED: Final = "the server failed to check the credentials"


class Status(IntEnum):
    """The status with which a message begins."""

    START = 0
    CONTINUE = 1
    FAIL = 2
    COMPLETE = 3


def _words(status: Status, *words: bytes) -> bytes:
    return bytes([status]) + b"".join(len(word).to_bytes(_LENGTH, "big") + word for word in words)


class _Words:
    """The bytes that have arrived and are not parsed yet."""

    def __init__(self) -> None:
        self._data = b""
        self.is_complete = False

    def _take(self, count: int) -> list[bytes] | None:
        """Return the given number of words after a status; None if they are not complete."""
        words, at = [], 1
        for _ in range(count):
            start = at + _LENGTH
            length = int.from_bytes(self._data[at:start], "big")
            if len(self._data) >= start and length > _MOST:
                raise AuthenticationError(f"a word of SASL has more than {_MOST} bytes")
            at = start + length
            if len(self._data) < at:
                return None
            words.append(self._data[start:at])
        self._data = self._data[at:]
        return words

    def _rest(self) -> bytes:
        """Return the bytes after the SASL messages."""
        self.is_complete = True
        rest, self._data = self._data, b""
        return rest


class SaslClient(_Words):
    """The client's side.

    :param credentials: None: the client is anonymous.
    :ivar is_complete: whether the server has agreed.
    """

    def __init__(self, credentials: Credentials | None) -> None:
        super().__init__()
        self._credentials = credentials

    def begin(self) -> bytes:
        """What to send first."""
        if self._credentials is None:
            return _words(Status.START, ANONYMOUS.encode(), b"anonymous")
        user, password = self._credentials()
        if "\0" in user or "\0" in password:
            raise AuthenticationError("neither a user nor a password can contain a NUL")
        return _words(Status.START, PLAIN.encode(), f"\0{user}\0{password}".encode())

    def receive(self, data: bytes) -> bytes:
        """Read the server's bytes.

        :returns: the bytes after the SASL messages, once the server has agreed.
        :raises AuthenticationError: if it refuses.
        """
        self._data += data
        if not self._data:
            return b""
        status = self._data[0]
        if status not in (Status.COMPLETE, Status.FAIL):
            came = bytes(self._data[:_SHOWN])
            raise AuthenticationError(f"the server does not agree by SASL to this client: it sent {came!r}")
        words = self._take(1)
        if words is None:
            return b""
        if status == Status.FAIL:
            reason = words[0].decode("utf-8", "replace")
            raise AuthenticationError(f"the server refuses this client: {reason}")
        return self._rest()


class SaslServer(_Words):
    """The server's side.

    :param authenticate: checks user and password for PLAIN; None: only ANONYMOUS is accepted, from everyone.
    :ivar is_complete: whether the client has been accepted.
    :ivar user: the client's user; None: anonymous.
    """

    def __init__(self, authenticate: Authenticate | None) -> None:
        super().__init__()
        self._authenticate = authenticate
        self._has_begun = False
        self.user: str | None = None
        self._answer = b""

    def to_send(self) -> bytes:
        """Return the bytes to send now, after each :meth:`receive`, even one that raises."""
        answer, self._answer = self._answer, b""
        return answer

    def receive(self, data: bytes) -> bytes:
        """Read the client's bytes. See :meth:`to_send`.

        :returns: the bytes after the SASL messages, once the client is accepted.
        :raises AuthenticationError: if it is refused. The answer says so.
        """
        self._data += data
        try:
            response = self._response()
            if response is None:
                return b""
            if self._authenticate is not None:
                self._let_in(response, self._authenticate)
        except Exception as error:
            reason = (
                str(error)
                if isinstance(error, AuthenticationError)
                else "the server failed to check the credentials"
            )
            self._answer += _words(Status.FAIL, reason.encode())
            raise
        self._answer += _words(Status.COMPLETE, b"")
        return self._rest()

    def _response(self) -> bytes | None:
        """Return the credentials that the client has sent; None if they have not arrived yet."""
        if self._data and not self._has_begun:
            response = self._begin()
            if response is not None:
                return response
        if not self._data or not self._has_begun:
            return None
        if self._data[0] not in (Status.CONTINUE, Status.COMPLETE):
            raise AuthenticationError("the response to a challenge is expected")
        words = self._take(1)
        return words[0] if words else None

    def _begin(self) -> bytes | None:
        if self._data[0] != Status.START:
            raise AuthenticationError("the client does not begin with SASL")
        words = self._take(2)
        if words is None:
            return None
        wanted = ANONYMOUS if self._authenticate is None else PLAIN
        if words[0] != wanted.encode():
            raise AuthenticationError(f"the mechanism here is {wanted}")
        self._has_begun = True
        if self._authenticate is not None and not words[1]:
            self._answer += _words(
                Status.CONTINUE, b""
            )  # which asks for the response that was not sent with the mechanism
            return None
        return words[1]

    def _let_in(self, response: bytes, authenticate: Authenticate) -> None:
        try:
            role, user, password = response.decode().split("\0")
        except ValueError:
            raise AuthenticationError("PLAIN has a role, a user and a password") from None
        if role not in ("", user) or not authenticate(user, password):
            raise AuthenticationError("the user or the password is wrong")
        self.user = user
