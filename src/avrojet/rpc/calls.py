"""Calls on the wire: a request is metadata, the message's name and its parameters; an answer is metadata, a
flag, and the response or error.

Specification: Call Format. The codecs compiled for a message, between two protocols, are cached.
"""

from __future__ import annotations

from typing import Any, Final

from avrojet.cache import PlanCache
from avrojet.core.rows.rows import RowDecoder
from avrojet.datum import Decoder, Encoder
from avrojet.errors import DecodeError, ResolutionError
from avrojet.rpc.classes import NO_CLASSES, RecordClasses
from avrojet.rpc.failures import RemoteError, RpcError, no_message
from avrojet.rpc.handshake import METADATA_LIMITS
from avrojet.schema.parse import parse_schema
from avrojet.schema.protocol import Message, Protocol
from avrojet.varint import encode_long

_METADATA: Final = parse_schema({"type": "map", "values": "bytes"})
_metadata_encoder: Final = Encoder(_METADATA)
metadata_decoder: Final = Decoder(_METADATA, limits=METADATA_LIMITS)
name_decoder: Final = Decoder("string")
_system_error: Final = Encoder(["string"])
_system_error_decoder: Final = Decoder(["string"])
_FLAGS: Final = b"\x00", b"\x01"
_NO_METADATA: Final = b"\x00"
PING: Final = ""
"""The name of the empty message: a server that gets it answers with the handshake alone."""
PING_REQUEST: Final = b"\x00\x00"
"""A ping without metadata, after the handshake of its connection. Its answer is empty."""


def encode_metadata(metadata: dict[str, bytes]) -> bytes:
    """Encode the metadata of a request or a response.

    :raises EncodeError: if they are not a map from text to bytes.
    """
    return _metadata_encoder.encode(metadata) if metadata else _NO_METADATA


def encode_name(name: str) -> bytes:
    data = name.encode()
    return encode_long(len(data)) + data


def encode_system_error(text: str) -> bytes:
    """Encode the flag, and an error that the message does not declare."""
    return _FLAGS[1] + _system_error.encode(text)


class Request:
    """Encodes the requests of a message, for the client."""

    __slots__ = ("_encoder", "_prefix")

    def __init__(self, message: Message, classes: RecordClasses) -> None:
        self._prefix = encode_name(message.name)
        self._encoder = Encoder(message.request, defaults=True, extra_fields="error", classes=classes.by_name)

    def encode(self, parameters: dict[str, Any], metadata: dict[str, bytes]) -> bytes:
        """The bytes of a call.

        :raises EncodeError: if the parameters do not fit.
        """
        return encode_metadata(metadata) + self._prefix + self._encoder.encode(parameters)


class Answer:
    """Decodes the answers to a message, for the client.

    :param local: the message in the client's protocol.
    :param remote: the message in the server's.
    :raises ResolutionError: if the server's answers cannot be read.
    :raises SchemaError: if a class does not fit.
    """

    __slots__ = ("_errors", "_response")

    def __init__(self, local: Message, remote: Message, classes: RecordClasses) -> None:
        self._response = Decoder(remote.response, local.response, classes=classes.by_name)
        self._errors = Decoder(remote.errors, local.errors, unions="tagged", classes=classes.by_name)

    def decode(self, data: bytes, start: int, metadata: dict[str, bytes]) -> Any:
        """Return the response that begins at an offset.

        :param metadata: the metadata of the response are added to it.
        :raises RemoteError: if it is an error; or the error itself, if its class is an exception.
        :raises DecodeError: if the bytes are not a response.
        """
        came, start = metadata_decoder.decode_from(data, start)
        metadata.update(came)
        flag = data[start : start + 1]
        if flag == _FLAGS[0]:
            return _last(self._response, data, start + 1)
        if flag != _FLAGS[1]:
            raise DecodeError("the answer ends before its flag, or the flag is neither 0 nor 1", offset=start)
        name, value = _last(self._errors, data, start + 1)
        if isinstance(value, Exception):
            raise value
        raise RemoteError(value, None if name == "string" else name)


def decode_system_error(data: bytes, start: int) -> RemoteError | None:
    """Return the error in an answer if it is not a declared one; None otherwise. No message is needed."""
    try:
        start = metadata_decoder.decode_from(data, start)[1]
        if data[start : start + 1] == _FLAGS[1]:
            return RemoteError(_last(_system_error_decoder, data, start + 1))
    except DecodeError:
        pass
    return None


class ServerMessage:
    """Decodes the requests of a message and encodes the answers, for the server.

    :param local: the message in the server's protocol.
    :param remote: the message in the client's.
    :raises ResolutionError: if the client's requests cannot be read.
    :raises SchemaError: if a class does not fit.
    """

    __slots__ = ("_classes", "_errors", "_request", "_response", "local")

    def __init__(self, local: Message, remote: Message, classes: RecordClasses) -> None:
        self.local = local
        self._classes = classes
        self._request = Decoder(remote.request, local.request, classes=classes.by_name)
        self._response = Encoder(local.response, classes=classes.by_name)
        self._errors = Encoder(local.errors, classes=classes.by_name)

    def parameters(self, data: bytes, start: int) -> dict[str, Any]:
        """Return the parameters that begin at an offset.

        :raises DecodeError: if the bytes are not parameters, or more bytes follow.
        """
        parameters: dict[str, Any] = _last(self._request, data, start)
        return parameters

    def response(self, value: Any) -> bytes:
        """Encode the flag and a response.

        :raises EncodeError: if the value does not fit.
        """
        return _FLAGS[0] + self._response.encode(value)

    def error(self, error: Exception) -> bytes:
        """Encode the flag and an error: a :class:`RemoteError`, or an exception whose class represents a
        declared error.

        :raises EncodeError: if it fits no error that the message declares.
        """
        if isinstance(error, RemoteError):
            name, value = error.name, error.value
        else:
            name, value = self._classes.name_of(error), error
        return _FLAGS[1] + self._errors.encode(value if name is None else (name, value))


def _last(decoder: RowDecoder, data: bytes, start: int) -> Any:
    value, end = decoder.decode_from(data, start)
    if end != len(data):
        raise DecodeError(f"{len(data) - end} bytes are left after the message", offset=end)
    return value


_requests: Final[PlanCache[Request]] = PlanCache()
_answers: Final[PlanCache[Answer]] = PlanCache()
_server_messages: Final[PlanCache[ServerMessage]] = PlanCache()


def request_of(local: Protocol, message: Message, classes: RecordClasses = NO_CLASSES) -> Request:
    """Return the object that encodes a message of the client's protocol."""
    key = local.json, message.name, classes.key
    found = _requests.get(key)
    if found is None:
        found = Request(message, classes)
        _requests.keep(key, found, len(local.json))
    return found


def answer_of(local: Protocol, remote: Protocol, name: str, classes: RecordClasses = NO_CLASSES) -> Answer:
    """Return the object that reads the answers to a message.

    :raises RpcError: if one of the protocols has no message of the name, or the answers cannot be read.
    """
    key = local.json, remote.json, name, classes.key
    found = _answers.get(key)
    if found is None:
        ours, theirs = _both(local, remote, name)
        try:
            found = Answer(ours, theirs, classes)
        except ResolutionError as error:
            raise RpcError(f"the server's answers to {name} cannot be read: {error}") from error
        _answers.keep(key, found, len(local.json) + len(remote.json))
    return found


def server_message(
    local: Protocol, remote: Protocol, name: str, classes: RecordClasses = NO_CLASSES
) -> ServerMessage:
    """Return the object that reads a message and encodes its answer.

    :raises RpcError: if one of the protocols has no message of the name, or the requests cannot be read.
    """
    key = local.json, remote.json, name, classes.key
    found = _server_messages.get(key)
    if found is None:
        ours, theirs = _both(local, remote, name)
        try:
            found = ServerMessage(ours, theirs, classes)
        except ResolutionError as error:
            raise RpcError(f"the client's parameters of {name} cannot be read: {error}") from error
        _server_messages.keep(key, found, len(local.json) + len(remote.json))
    return found


def _both(local: Protocol, remote: Protocol, name: str) -> tuple[Message, Message]:
    ours, theirs = local.messages.get(name), remote.messages.get(name)
    if ours is None:
        raise RpcError(no_message(local, name))
    if theirs is None:
        raise RpcError(f"the other side's {remote.fullname} has no message {name!r}")
    if ours.one_way != theirs.one_way:
        raise RpcError(f"the message {name} is one-way on one side only")
    return ours, theirs
