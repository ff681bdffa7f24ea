"""The address of a socket server, and the sockets for it."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import urlsplit

from avrojet.rpc.failures import ConnectionClosedError, RpcError, TimedOutError

if TYPE_CHECKING:
    import ssl

SocketAddress: TypeAlias = "tuple[str, int] | str | os.PathLike[str]"
"""A host and a port, as a pair or as ``avro://host:port``; or the path of a Unix socket, as a path object."""

_WAITING: Final = 512  # connections that the system keeps until they are accepted


@dataclass(frozen=True)
class Place:
    """A host and a port, or the path of a Unix socket."""

    host: str
    port: int
    path: str | None = None

    def __str__(self) -> str:
        if self.path is not None:
            return self.path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def _is_ipv6(self) -> bool:
        return ":" in self.host

    def connect(self, deadline: float, tls: ssl.SSLContext | None) -> socket.socket:
        """A connection to a server.

        :raises ConnectionClosedError: if the server cannot be reached.
        :raises TimedOutError: if that takes too long.
        """
        try:
            connected = self._connect(max(0.001, deadline - time.monotonic()))
            try:
                if tls is not None:
                    connected.settimeout(max(0.001, deadline - time.monotonic()))
                    connected = tls.wrap_socket(connected, server_hostname=self.host)
            except BaseException:
                connected.close()
                raise
        except TimeoutError as error:
            raise TimedOutError(f"{self} cannot be reached in time") from error
        except OSError as error:
            raise ConnectionClosedError(f"{self} cannot be reached: {error}") from error
        return connected

    def _connect(self, seconds: float) -> socket.socket:
        if self.path is None:
            connected = socket.create_connection((self.host, self.port), seconds)
            send_at_once(connected)
            return connected
        connected = _unix_socket()
        try:
            connected.settimeout(seconds)
            connected.connect(self.path)
        except BaseException:
            connected.close()
            raise
        return connected

    def listen(self) -> socket.socket:
        """A socket that accepts connections.

        :raises OSError: if the address is in use.
        """
        if self.path is None:
            family = socket.AF_INET6 if self._is_ipv6 else socket.AF_INET
            return socket.create_server((self.host, self.port), family=family, backlog=_WAITING)
        listening = _unix_socket()
        try:
            listening.bind(self.path)
            listening.listen(_WAITING)
        except BaseException:
            listening.close()
            raise
        return listening

    def remove(self) -> None:
        """Remove the file of a Unix socket."""
        if self.path is not None:
            with suppress(OSError):
                Path(self.path).unlink()

    def of(self, listening: socket.socket) -> Place:
        """The address of a listening socket, with the port that the system has chosen if it was 0."""
        return self if self.path is not None else Place(self.host, listening.getsockname()[1])


def place_of(address: SocketAddress) -> Place:
    """Return the place for an address.

    :raises ValueError: if it is not an address.
    """
    if isinstance(address, os.PathLike):
        return Place("localhost", 0, os.fspath(address))
    if isinstance(address, tuple):
        return Place(*address)
    parts = urlsplit(address)
    if parts.scheme != "avro" or not parts.hostname or parts.port is None or parts.username is not None:
        raise ValueError("an address is avro://host:port, a host and a port, or the path of a Unix socket")
    return Place(parts.hostname, parts.port)


def send_at_once(connected: socket.socket) -> None:
    """Make the system send small pieces at once."""
    if connected.family != getattr(socket, "AF_UNIX", None):
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _unix_socket() -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise RpcError("Python has no Unix sockets on this system: use a host and a port")
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
