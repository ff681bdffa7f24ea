"""The bytes on a connection that remembers its handshake, in each of the framings. No I/O.

=========== ================================================ =====================================
framing     Avro for Java's                                  bytes
=========== ================================================ =====================================
``sasl``    SaslSocketServer; ``avro://`` of avro-tools      SASL, then messages framed as over HTTP
``socket``  SocketServer                                     messages framed as over HTTP
``netty``   NettyServer                                      messages with serials
=========== ================================================ =====================================
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

from avrojet.rpc.failures import RpcError
from avrojet.rpc.framing import Unframer, frame
from avrojet.rpc.netty import NumberedUnframer, frame_numbered
from avrojet.rpc.sasl import Authenticate, Credentials, SaslClient, SaslServer

Framing: TypeAlias = Literal["sasl", "socket", "netty"]

_FRAMINGS: Final = get_args(Framing)
_UNNUMBERED: Final = 0


class _Stream:
    """Converts bytes to messages and their serials, and back.

    :ivar framing: the name of the framing.
    :ivar takes_empty: whether empty messages are valid. Otherwise they are skipped: Avro for Java ends a
        message without parameters, or with the response null, with two empty buffers.
    """

    def __init__(self, framing: Framing, most: int | None) -> None:
        self.framing = framing
        self.has_serials = framing == "netty"
        self.takes_empty = False
        self._numbered = NumberedUnframer(most)
        self._unframer = Unframer(most)

    @property
    def is_between(self) -> bool:
        """Whether the stream may end here: no message has begun."""
        return self._numbered.is_between and self._unframer.is_between

    @property
    def serial(self) -> int:
        """The serial of the message that is being read."""
        return self._numbered.serial

    def frame(self, message: bytes, serial: int = _UNNUMBERED) -> bytes:
        """The bytes of a message on the wire."""
        return frame_numbered(message, serial) if self.has_serials else frame(message)

    def _messages(self, data: bytes) -> list[tuple[int, bytes]]:
        if self.has_serials:
            return self._numbered.feed(data)
        return [
            (_UNNUMBERED, message) for message in self._unframer.feed(data) if message or self.takes_empty
        ]


class ClientStream(_Stream):
    """The client's side of a connection.

    :param most: bytes that an answer may have; None: ``limits.block_bytes``.
    :param credentials: of SASL; None: the client is anonymous.
    :ivar has_heard: whether the server has sent any bytes.
    """

    def __init__(self, framing: Framing, most: int | None, credentials: Credentials | None) -> None:
        super().__init__(framing, most)
        self._sasl = SaslClient(credentials) if framing == "sasl" else None
        self.has_heard = False

    def begin(self) -> bytes:
        """Return the bytes that come directly before the first message.

        :raises AuthenticationError: if the credentials cannot be sent.
        """
        return self._sasl.begin() if self._sasl is not None else b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Return the serials and answers that are complete with these bytes.

        :raises AuthenticationError: if the server refuses this client.
        :raises LimitError: if an answer is too large.
        :raises RpcError: if the server speaks HTTP.
        """
        if not self.has_heard and data.startswith(b"HTTP/"):
            raise RpcError("the server speaks HTTP: use its http:// URL")
        self.has_heard = True
        if self._sasl is not None and not self._sasl.is_complete:
            data = self._sasl.receive(data)
        return self._messages(data) if data else []


class ServerStream(_Stream):
    """The server's side of a connection.

    :param most: bytes that a request may have; None: ``limits.block_bytes``.
    :param authenticate: returns whether a user has a password; None: all are anonymous.
    """

    def __init__(self, framing: Framing, most: int | None, authenticate: Authenticate | None) -> None:
        super().__init__(framing, most)
        self._sasl = SaslServer(authenticate) if framing == "sasl" else None

    @property
    def user(self) -> str | None:
        """The client's user; None if it has not sent one."""
        return self._sasl.user if self._sasl is not None else None

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Return the serials and requests that are complete with these bytes. See :meth:`to_send`.

        :raises AuthenticationError: if the client is refused.
        :raises LimitError: if a request is too large.
        """
        if self._sasl is not None and not self._sasl.is_complete:
            data = self._sasl.receive(data)
        return self._messages(data) if data else []

    def to_send(self) -> bytes:
        """Return the bytes of SASL to send, after each :meth:`feed`, even one that raises."""
        return b"" if self._sasl is None else self._sasl.to_send()


def check_framing(framing: str, *, has_credentials: bool) -> None:
    """Check that there is such a framing.

    :raises ValueError: if not, or if it cannot carry credentials.
    """
    if framing not in _FRAMINGS:
        raise ValueError(f"the framings are {', '.join(_FRAMINGS)}, not {framing!r}")
    if has_credentials and framing != "sasl":
        raise ValueError(f"credentials go with the framing sasl, not with {framing}")
