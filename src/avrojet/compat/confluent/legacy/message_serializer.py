"""``confluent_kafka.avro.serializer.message_serializer``: messages with the id of their schema in front."""

from __future__ import annotations

from typing import Any, Final

from avrojet.compat.confluent.legacy.error import ClientError
from avrojet.compat.confluent.legacy.load import LoadedSchema
from avrojet.compat.confluent.legacy.serializer import (
    KeySerializerError,
    SerializerError,
    ValueSerializerError,
)
from avrojet.compat.fastavro import _compile
from avrojet.compat.fastavro._errors import write_error
from avrojet.core.rows.row_encoder import RowEncoder
from avrojet.errors import DecodeError, EncodeError, ResolutionError, SchemaError

__all__ = ["MAGIC_BYTE", "MessageSerializer"]

MAGIC_BYTE: Final = 0
_FRAME: Final = 5


class MessageSerializer:
    """Encodes records as messages, and decodes them, with the schemas of a registry. Threads may share it.

    :param registry_client: a :class:`CachedSchemaRegistryClient`, or an object with its methods.
    :param reader_key_schema: the schema to read keys as; None: as they were written.
    :param reader_value_schema: the same for values.
    """

    def __init__(
        self, registry_client: Any, reader_key_schema: Any = None, reader_value_schema: Any = None
    ) -> None:
        self.registry_client = registry_client
        self.reader_key_schema = reader_key_schema
        self.reader_value_schema = reader_value_schema
        self.id_to_decoder_func: dict[tuple[int, bool], Any] = {}
        self.id_to_writers: dict[int, tuple[bytes, RowEncoder]] = {}

    def encode_record_with_schema(self, topic: str, schema: Any, record: Any, is_key: bool = False) -> bytes:
        """The message of a record, whose schema is registered for the topic's keys or values.

        :param schema: a schema from :func:`load`, or an object whose ``str()`` is JSON text.
        :raises SerializerError: if the registry returns no id.
        :raises ClientError: if it refuses.
        """
        subject = f"{topic}-{'key' if is_key else 'value'}"
        if self.registry_client.auto_register_schemas:
            schema_id = self.registry_client.register(subject, schema)
        else:
            schema_id = self.registry_client.check_registration(subject, schema)
        if not schema_id:
            raise _error(is_key)(f"Unable to retrieve schema id for subject {subject}")
        if schema_id not in self.id_to_writers:
            self.id_to_writers[schema_id] = _writer(schema_id, schema)
        return self.encode_record_with_schema_id(schema_id, record, is_key=is_key)

    def encode_record_with_schema_id(self, schema_id: int, record: Any, is_key: bool = False) -> bytes:
        """The message of a record, written with the schema of an id.

        :raises SerializerError: if there is none.
        """
        writer = self.id_to_writers.get(schema_id)
        if writer is None:
            try:
                schema = self.registry_client.get_by_id(schema_id)
            except ClientError as error:
                raise _error(is_key)(str(error)) from error
            if not schema:
                raise _error(is_key)("Schema does not exist")
            writer = self.id_to_writers[schema_id] = _writer(schema_id, schema)
        head, encoder = writer
        try:
            return head + encoder.encode(record)
        except EncodeError as error:
            raise write_error(error, strict=False) from None

    def decode_message(self, message: Any, is_key: bool = False) -> Any:
        """The record of a message; None for None.

        :raises SerializerError: if it has no such frame, or its schema is unknown.
        """
        if message is None:
            return None
        if len(message) <= _FRAME:
            raise SerializerError("message is too small to decode")
        if message[0] != MAGIC_BYTE:
            raise SerializerError("message does not start with magic byte")
        schema_id = int.from_bytes(message[1:_FRAME], "big")
        reading = self.id_to_decoder_func.get((schema_id, is_key))
        if reading is None:
            reading = self.id_to_decoder_func[schema_id, is_key] = self._reading(schema_id, is_key=is_key)
        try:
            return reading.decoder.decode_from(message, _FRAME)[0]
        except (DecodeError, ResolutionError) as error:
            raise reading.error(error) from None

    def _reading(self, schema_id: int, *, is_key: bool) -> _compile.Reading:
        try:
            schema = self.registry_client.get_by_id(schema_id)
        except ClientError as error:
            raise SerializerError(f"unable to fetch schema with id {schema_id}: {error}") from error
        if schema is None:
            raise SerializerError(f"unable to fetch schema with id {schema_id}")
        reader = self.reader_key_schema if is_key else self.reader_value_schema
        try:
            return _compile.reading(_data(schema), None if reader is None else _data(reader))
        except (SchemaError, ResolutionError) as error:
            raise SerializerError(f"the schema with id {schema_id} cannot be read: {error}") from error


def _error(is_key: bool) -> type[SerializerError]:
    return KeySerializerError if is_key else ValueSerializerError


def _writer(schema_id: int, schema: Any) -> tuple[bytes, RowEncoder]:
    return b"\0" + schema_id.to_bytes(4, "big"), _compile.writing(_data(schema))


def _data(schema: Any) -> Any:
    """A schema as JSON data."""
    loaded = schema if isinstance(schema, LoadedSchema) else LoadedSchema(str(schema))
    return loaded.to_json()
