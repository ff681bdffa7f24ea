"""Single-object encoding: messages that begin with the fingerprint of their schema (specification:
Single-object encoding).

A message is the marker C3 01, the CRC-64-AVRO fingerprint of the writer's schema, and the datum.

>>> from avrojet import single_object
>>> message = single_object.Writer("string").encode("foo")
>>> single_object.Reader(["string"]).decode(message)
'foo'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from avrojet.datum import Decoder, Encoder
from avrojet.errors import DecodeError, TruncatedError
from avrojet.failures import DecodeFailure
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema
from avrojet.typed import is_annotation
from avrojet.wire.stores import FolderStore, MemoryStore, SchemaStore

__all__ = ["MARKER", "FolderStore", "MemoryStore", "Reader", "SchemaStore", "Writer", "fingerprint_of"]

MARKER: Final = b"\xc3\x01"
_HEADER: Final = len(MARKER) + 8


class Writer:
    """Encodes values of one schema as messages. Thread-safe.

    :param schema: a Schema, JSON text or JSON data.
    :param store: the schema is added to it, if it has a method ``add``.
    :param options: those of :class:`avrojet.Encoder`.
    :raises SchemaError: if the schema is not valid.

    :ivar header: the ten bytes that each message begins with.
    """

    header: bytes

    def __init__(
        self, schema: Any, *, store: MemoryStore | FolderStore | None = None, **options: Any
    ) -> None:
        self._encoder = Encoder(schema, **options)
        if store is not None:
            store.add(self._encoder.schema)
        self.header = MARKER + self._encoder.schema.fingerprint()

    @property
    def schema(self) -> Schema:
        return self._encoder.schema

    def encode(self, value: Any) -> bytes:
        """The message of a value.

        :raises EncodeError: if the value does not fit the schema.
        """
        return self.header + self._encoder.encode(value)


class Reader:
    """Decodes messages of all schemas that a store knows. Thread-safe.

    A schema is looked up and compiled when its first message arrives, and cached.

    :param store: schemas; a :class:`MemoryStore` or :class:`FolderStore`; or a function of a fingerprint (8
        bytes) that returns a schema, or None for an unknown one.
    :param reader_schema: the schema to read all messages as, or a class of which they become instances; None:
        each by its own schema.
    :param options: those of :class:`avrojet.Decoder`.
    :raises SchemaError: if the reader's schema is not valid.
    """

    def __init__(
        self,
        store: SchemaStore | Callable[[bytes], Any] | Iterable[Any],
        reader_schema: Any = None,
        **options: Any,
    ) -> None:
        self._find = finder(store)
        is_schema = reader_schema is not None and not is_annotation(reader_schema)
        self._reader_schema = parse_schema(reader_schema) if is_schema else reader_schema
        self._options = options
        self._decoders: dict[bytes, Decoder] = {}

    def decode(self, message: Any) -> Any:
        """The value of a message.

        :param message: bytes or another buffer.
        :raises DecodeError: if it is not a message of this kind, if its schema is not known, or if its datum
            does not fit that schema.
        :raises ResolutionError: if its schema cannot be read as the reader's.
        """
        header = bytes(message[:_HEADER])
        decoder = self._decoders.get(header) or self._new_decoder(header)
        return decoder.decode(memoryview(message)[_HEADER:])

    def decoder(self, message: Any) -> Decoder:
        """The decoder of a message's datum, which begins at its tenth byte."""
        header = bytes(message[:_HEADER])
        return self._decoders.get(header) or self._new_decoder(header)

    def _new_decoder(self, header: bytes) -> Decoder:
        fingerprint = fingerprint_of(header)
        schema = self._find(fingerprint)
        if schema is None:
            raise DecodeError(
                f"no schema is known for the fingerprint {fingerprint.hex()} (CRC-64-AVRO, as it stands)",
                kind=DecodeFailure.HEADER,
            )
        decoder = Decoder(schema, self._reader_schema, **self._options)
        return self._decoders.setdefault(header, decoder)


def fingerprint_of(message: Any) -> bytes:
    """The fingerprint that a message begins with, after the marker.

    :raises DecodeError: if it does not begin with the marker.
    """
    if bytes(message[: len(MARKER)]) != MARKER:
        shown = bytes(message[: len(MARKER)]).hex(" ") or "nothing"
        raise DecodeError(
            f"not a single-object message: it begins with {shown}, not c3 01",
            kind=DecodeFailure.HEADER,
            offset=0,
        )
    if len(message) < _HEADER:
        raise TruncatedError(
            f"a single-object message has {_HEADER} bytes before its datum, this one {len(message)}"
        )
    return bytes(message[len(MARKER) : _HEADER])


def finder(store: Any) -> Callable[[bytes], Any]:
    """The look-up function that a store is, or has."""
    if hasattr(store, "find"):
        return store.find  # type: ignore[no-any-return]
    return store if callable(store) else MemoryStore(store).find
