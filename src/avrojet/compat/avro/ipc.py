"""Remote procedure calls; :mod:`avrojet.rpc` also has servers, metadata, asyncio and more."""

from __future__ import annotations

import http.client
import io
import struct
import time
from collections.abc import MutableMapping
from typing import Any, Final

from avrojet.compat.avro import schema as avro_schema
from avrojet.compat.avro.errors import (
    AvroException,
    AvroRemoteException,
    AvroTypeException,
    ConnectionClosedException,
)
from avrojet.compat.avro.io import BinaryDecoder, BinaryEncoder, DatumReader, DatumWriter
from avrojet.compat.avro.protocol import Protocol, parse
from avrojet.errors import AvroError
from avrojet.limits import limits_in_force
from avrojet.rpc.failures import ConnectionClosedError, RpcError
from avrojet.rpc.framing import LENGTH_SIZE, frame
from avrojet.rpc.handshake import (
    REQUEST_SCHEMA,
    RESPONSE_SCHEMA,
    ClientHandshake,
    HandshakeRequest,
    HandshakeResponse,
    Match,
    Peer,
    Protocols,
    ServerHandshake,
)
from avrojet.rpc.http1 import HttpSocket, request_head
from avrojet.rpc.http_caller import message_of
from avrojet.rpc.timed_socket import TimedSocket

HANDSHAKE_REQUEST_SCHEMA_JSON: Final = REQUEST_SCHEMA.json
HANDSHAKE_RESPONSE_SCHEMA_JSON: Final = RESPONSE_SCHEMA.json
HANDSHAKE_REQUEST_SCHEMA: Final = avro_schema.parse(HANDSHAKE_REQUEST_SCHEMA_JSON)
HANDSHAKE_RESPONSE_SCHEMA: Final = avro_schema.parse(HANDSHAKE_RESPONSE_SCHEMA_JSON)
HANDSHAKE_REQUESTOR_WRITER: Final = DatumWriter(HANDSHAKE_REQUEST_SCHEMA)
HANDSHAKE_REQUESTOR_READER: Final = DatumReader(HANDSHAKE_RESPONSE_SCHEMA)
HANDSHAKE_RESPONDER_WRITER: Final = DatumWriter(HANDSHAKE_RESPONSE_SCHEMA)
HANDSHAKE_RESPONDER_READER: Final = DatumReader(HANDSHAKE_REQUEST_SCHEMA)

META_SCHEMA: Final = avro_schema.parse('{"type": "map", "values": "bytes"}')
META_WRITER: Final = DatumWriter(META_SCHEMA)
META_READER: Final = DatumReader(META_SCHEMA)
SYSTEM_ERROR_SCHEMA: Final = avro_schema.parse('["string"]')

BIG_ENDIAN_INT_STRUCT: Final = struct.Struct("!I")
BUFFER_HEADER_LENGTH: Final = LENGTH_SIZE
BUFFER_SIZE: Final = 8192

REMOTE_HASHES: Final[MutableMapping[Any, bytes]] = {}
"""Hashes of servers by the names of their transceivers, as found by requestors. Read only."""
REMOTE_PROTOCOLS: Final[MutableMapping[Any, Protocol]] = {}
"""The protocols, likewise."""
_MOST_REMOTES: Final = 256

_servers: Final[Protocols[Protocol]] = Protocols(parse)


class BaseRequestor:
    """The client's side of calls, with one server. A subclass defines ``issue_request``.

    :param transceiver: carries the bytes: an object with ``transceive(request)`` and ``remote_name``.
    """

    def __init__(self, local_protocol: Protocol, transceiver: Any) -> None:
        self._local_protocol = local_protocol
        self._transceiver = transceiver
        self._handshake = ClientHandshake(local_protocol, local_protocol.md5, str(local_protocol), _servers)
        self._send_protocol: bool | None = None

    @property
    def local_protocol(self) -> Protocol:
        return self._local_protocol

    @property
    def transceiver(self) -> Any:
        return self._transceiver

    @property
    def remote_protocol(self) -> Protocol:
        """The server's protocol; until it is known, the client's."""
        return self._handshake.server.protocol

    @remote_protocol.setter
    def remote_protocol(self, new_remote_protocol: Protocol) -> None:
        self._handshake.server = Peer(new_remote_protocol, self.remote_hash)
        self._note()

    @property
    def remote_hash(self) -> bytes:
        """The server's hash of :attr:`remote_protocol`."""
        return self._handshake.server.hash

    @remote_hash.setter
    def remote_hash(self, new_remote_hash: bytes) -> None:
        self._handshake.server = Peer(self.remote_protocol, new_remote_hash)
        self._note()

    @property
    def send_protocol(self) -> bool | None:
        """Whether the server has asked for the client's protocol."""
        return self._send_protocol

    @send_protocol.setter
    def send_protocol(self, new_send_protocol: bool | None) -> None:
        self._send_protocol = new_send_protocol

    def _note(self) -> None:
        """Put the knowledge of the server into the public tables."""
        name = getattr(self.transceiver, "remote_name", None)
        for table in (REMOTE_HASHES, REMOTE_PROTOCOLS):
            if len(table) >= _MOST_REMOTES:
                table.clear()
        REMOTE_HASHES[name], REMOTE_PROTOCOLS[name] = self.remote_hash, self.remote_protocol

    def request(self, message_name: str, request_datum: Any) -> Any:
        """Send a message and wait for the response.

        :param request_datum: the parameters by name.
        :raises AvroRemoteException: if the server answers with an error: its argument is the error's datum.
        :raises AvroException: if there is no such message, or the answer cannot be read.
        """
        target = io.BytesIO()
        encoder = BinaryEncoder(target)
        self.write_handshake_request(encoder)
        self.write_call_request(message_name, request_datum, encoder)
        return self.issue_request(target.getvalue(), message_name, request_datum)

    def issue_request(self, call_request: bytes, message_name: str, request_datum: Any) -> Any:
        """Send the bytes of a call and read the answer."""
        raise NotImplementedError("a subclass has issue_request")

    def write_handshake_request(self, encoder: Any) -> None:
        server = self._handshake.server
        request = self._handshake.request(server, send_protocol=bool(self.send_protocol))
        encoder.write(request.encode())

    def write_call_request(self, message_name: str, request_datum: Any, encoder: Any) -> None:
        """Write empty metadata, the name of the message, and its parameters."""
        message = _message(self.local_protocol, message_name, "local")
        META_WRITER.write({}, encoder)
        encoder.write_utf8(message.name)
        self.write_request(message.request, request_datum, encoder)

    def write_request(self, request_schema: Any, request_datum: Any, encoder: Any) -> None:
        DatumWriter(request_schema).write(request_datum, encoder)

    def read_handshake_response(self, decoder: Any) -> bool:
        """Whether the response to the call follows; if not, the call must be sent again with the protocol."""
        fields: Any = HANDSHAKE_REQUESTOR_READER.read(decoder)
        response = HandshakeResponse(
            Match(fields["match"]), fields["serverProtocol"], fields["serverHash"], fields["meta"]
        )
        try:
            taken, server = self._handshake.accept(
                response, self._handshake.server, sent_protocol=bool(self.send_protocol)
            )
        except AvroError as error:
            raise AvroException(f"Handshake failure: {error}") from error
        self.send_protocol = not taken
        if response.match is not Match.BOTH:
            self._handshake.server = server
        self._note()
        return taken

    def read_call_response(self, message_name: str, decoder: Any) -> Any:
        """Read metadata, the flag of an error, and the response or the error."""
        META_READER.read(decoder)
        remote = _message(self.remote_protocol, message_name, "remote")
        local = _message(self.local_protocol, message_name, "local")
        if decoder.read_boolean():
            raise AvroRemoteException(DatumReader(remote.errors, local.errors).read(decoder))
        return self.read_response(remote.response, local.response, decoder)

    def read_response(self, writers_schema: Any, readers_schema: Any, decoder: Any) -> Any:
        return DatumReader(writers_schema, readers_schema).read(decoder)


def _message(protocol: Protocol, name: str, whose: str) -> Any:
    message = (protocol.messages or {}).get(name)
    if message is None:
        raise AvroException(f"Unknown {whose} message: {name}")
    return message


class Requestor(BaseRequestor):
    """The client's side of calls."""

    def issue_request(self, call_request: bytes, message_name: str, request_datum: Any) -> Any:
        decoder = BinaryDecoder(io.BytesIO(self.transceiver.transceive(call_request)))
        if self.read_handshake_response(decoder):
            return self.read_call_response(message_name, decoder)
        return self.request(message_name, request_datum)


class Responder:
    """The server's side of calls. A subclass defines ``invoke``."""

    def __init__(self, local_protocol: Protocol) -> None:
        self._local_protocol = local_protocol
        self._local_hash = local_protocol.md5
        self._protocol_cache = _Clients({local_protocol.md5: local_protocol})

    @property
    def local_protocol(self) -> Protocol:
        return self._local_protocol

    @property
    def local_hash(self) -> bytes:
        return self._local_hash

    @property
    def protocol_cache(self) -> MutableMapping[bytes, Protocol]:
        """Protocols of clients by their hashes; the most recently used ones."""
        return self._protocol_cache

    def get_protocol_cache(self, hash: bytes) -> Protocol | None:
        return self._protocol_cache.get(hash)

    def set_protocol_cache(self, hash: bytes, protocol: Protocol) -> None:
        self._protocol_cache[hash] = protocol

    def respond(self, call_request: bytes) -> bytes:
        """Answer a call: the bytes of the response, or of an error."""
        target = io.BytesIO()
        encoder = BinaryEncoder(target)
        decoder = BinaryDecoder(io.BytesIO(call_request))
        try:
            remote_protocol = self.process_handshake(decoder, encoder)
        except (AvroException, AvroError) as error:
            encoder.write(ServerHandshake(*self._own(), _Parsing(self)).refusal().encode())
            return self._refused(target, error)
        if remote_protocol is None:
            return target.getvalue()
        start = target.tell()
        try:
            self._answer(remote_protocol, decoder, encoder)
        except (AvroException, AvroError) as error:
            target.seek(start)
            target.truncate()
            return self._refused(target, error)
        return target.getvalue()

    def _refused(self, target: io.BytesIO, error: Exception) -> bytes:
        """The answer to a call that is not understood."""
        encoder = BinaryEncoder(target)
        META_WRITER.write({}, encoder)
        encoder.write_boolean(True)
        self.write_error(SYSTEM_ERROR_SCHEMA, AvroRemoteException(str(error)), encoder)
        return target.getvalue()

    def _answer(self, remote_protocol: Protocol, decoder: Any, encoder: Any) -> None:
        META_READER.read(decoder)
        name = decoder.read_utf8()
        if not name:
            return  # a ping: the handshake is the answer
        remote = _message(remote_protocol, name, "remote")
        local = _message(self.local_protocol, name, "local")
        request = self.read_request(remote.request, local.request, decoder)
        error: AvroRemoteException | None = None
        response = None
        try:
            response = self.invoke(local, request)
        except AvroRemoteException as raised:
            error = raised
        except Exception as raised:  # noqa: BLE001 (the client is told)
            error = AvroRemoteException(str(raised))
        META_WRITER.write({}, encoder)
        encoder.write_boolean(error is not None)
        if error is None:
            self.write_response(local.response, response, encoder)
        else:
            self.write_error(local.errors, error, encoder)

    def _own(self) -> tuple[Protocol, bytes, str]:
        return self.local_protocol, self.local_hash, str(self.local_protocol)

    def process_handshake(self, decoder: Any, encoder: Any) -> Protocol | None:
        """Answer a handshake; return the client's protocol, None if it must send it."""
        fields: Any = HANDSHAKE_RESPONDER_READER.read(decoder)
        request = HandshakeRequest(
            fields["clientHash"], fields["clientProtocol"], fields["serverHash"], fields["meta"]
        )
        answer, client = ServerHandshake(*self._own(), _Parsing(self)).answer(request)
        encoder.write(answer.encode())
        return client

    def invoke(self, local_message: Any, request: Any) -> Any:
        """Carry out a message, and return its response.

        :param request: the parameters by name.
        :raises AvroRemoteException: for an error; if it is declared, the argument is its record.
        """

    def read_request(self, writers_schema: Any, readers_schema: Any, decoder: Any) -> Any:
        return DatumReader(writers_schema, readers_schema).read(decoder)

    def write_response(self, writers_schema: Any, response_datum: Any, encoder: Any) -> None:
        DatumWriter(writers_schema).write(response_datum, encoder)

    def write_error(self, writers_schema: Any, error_exception: Exception, encoder: Any) -> None:
        """Write an error: the datum of the exception if the error is declared, else its text."""
        datum = error_exception.datum if isinstance(error_exception, AvroRemoteException) else None
        writer = DatumWriter(writers_schema)
        try:
            writer.write(datum, encoder)
        except AvroTypeException:
            writer.write(str(error_exception), encoder)


class _Clients(dict[bytes, Protocol]):
    """Protocols of clients. Anyone can send new ones, so their number is bounded."""

    def __setitem__(self, hash: bytes, protocol: Protocol) -> None:
        if hash not in self and len(self) >= _MOST_REMOTES:
            del self[next(iter(self))]
        super().__setitem__(hash, protocol)


class _Parsing(Protocols[Protocol]):
    """The protocols that a responder keeps."""

    def __init__(self, responder: Responder) -> None:
        super().__init__(parse)
        self._responder = responder

    def get(self, hash: bytes) -> Protocol | None:
        return self._responder.get_protocol_cache(hash)

    def keep(self, hash: bytes, protocol: Protocol, text: str) -> None:
        self._responder.set_protocol_cache(hash, protocol)


class FramedReader:
    """Reads framed messages from a binary file."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    @property
    def reader(self) -> Any:
        return self._reader

    def read_framed_message(self) -> bytes:
        """The next message.

        :raises ConnectionClosedException: if the file ends in it.
        """
        buffers = []
        while length := self._read_buffer_length():
            buffers.append(self._read(length))
        return b"".join(buffers)

    def _read_buffer_length(self) -> int:
        return int(BIG_ENDIAN_INT_STRUCT.unpack(self._read(BUFFER_HEADER_LENGTH))[0])

    def _read(self, size: int) -> bytes:
        pieces, left = [], size
        while left:
            piece = self.reader.read(left)
            if not piece:
                raise ConnectionClosedException("the connection was closed within a message")
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)


class FramedWriter:
    """Writes framed messages to a binary file."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    @property
    def writer(self) -> Any:
        return self._writer

    def write_framed_message(self, message: bytes) -> None:
        """Write a message in one step: the system would delay small pieces."""
        self.writer.write(frame(message))

    def write_buffer(self, chunk: bytes) -> None:
        self.writer.write(BIG_ENDIAN_INT_STRUCT.pack(len(chunk)) + chunk)

    def write_buffer_length(self, n: int) -> None:
        self.writer.write(BIG_ENDIAN_INT_STRUCT.pack(n))


class HTTPTransceiver:
    """Carries calls over HTTP. A connection that the server has closed is reopened.

    :param host: name or address; connected to at the first call.
    :param req_resource: the path.
    :ivar conn: the connection; it may be replaced by an ``http.client.HTTPSConnection``, or one with a
        timeout.
    """

    def __init__(self, host: str, port: int, req_resource: str = "/") -> None:
        self.req_resource = req_resource
        self.conn = http.client.HTTPConnection(host, port)
        self._wire: HttpSocket | None = None
        self._wired: Any = None

    @property
    def remote_name(self) -> str:
        """The name of the server."""
        return f"{self.conn.host}:{self.conn.port}{self.req_resource}"

    def transceive(self, request: bytes) -> bytes:
        """Send a request and wait for the answer.

        :raises ConnectionClosedException: if the connection ends before the answer does, or is too slow.
        :raises AvroException: if the answer is not a framed message.
        """
        self.write_framed_message(request)
        return self.read_framed_message()

    def write_framed_message(self, message: bytes) -> None:
        wire, conn = self._ready(), self.conn
        timeout = conn.timeout if isinstance(conn.timeout, int | float) else _PATIENCE
        head = request_head(f"{conn.host}:{conn.port}", self.req_resource, {})
        try:
            wire.send(head, frame(message), time.monotonic() + timeout)
        except RpcError as error:
            conn.close()
            raise ConnectionClosedException(str(error)) from error

    def read_framed_message(self) -> bytes:
        wire = self._wire
        if wire is None:
            raise ConnectionClosedException("nothing was asked yet")
        try:
            answer = wire.answer()
            if answer.is_last:
                self.conn.close()
            if answer.status != http.client.OK:
                raise AvroException(f"the server answers with HTTP status {answer.status}")
            return message_of(answer.body, limits_in_force().block_bytes)
        except RpcError as error:
            self.conn.close()
            is_closed = isinstance(error, ConnectionClosedError)
            raise (ConnectionClosedException if is_closed else AvroException)(str(error)) from error

    def _ready(self) -> HttpSocket:
        conn = self.conn
        if self._wire is not None and conn.sock is self._wired and not self._wire.is_usable():
            conn.close()
        if conn.sock is None:
            conn.connect()
        if self._wire is None or conn.sock is not self._wired:
            self._wired = conn.sock
            self._wire = HttpSocket(TimedSocket(conn.sock), limits_in_force().block_bytes)
        return self._wire

    def close(self) -> None:
        self.conn.close()


_PATIENCE: Final = 24 * 3600.0  # seconds: Apache's waits forever
