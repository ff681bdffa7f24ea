"""``confluent_kafka.schema_registry.avro``: its classes, with the work for each message done by avrojet.

They are subclasses of its classes, which still do the rest: rules, migrations, inline validation, data of
schemas of type bytes, and users' functions that find the id of a schema. The facts found for the first
message of a schema are kept by topic and field: later messages cost a look-up and the codec.
"""

from __future__ import annotations

from typing import Any

from avrojet.compat.confluent import _known
from avrojet.compat.confluent._library import ASYNC, COMMON, SERDE, SERIALIZATION, SYNC
from avrojet.compat.fastavro._errors import write_error
from avrojet.errors import DecodeError, EncodeError, ResolutionError
from avrojet.wire.frames import find

_KEY = SERIALIZATION.MessageField.KEY
_MOST = 10_000  # schemas, topics and fields that are kept
_SHORTEST = 5  # bytes: messages with the id in front are refused if they are not longer


def __getattr__(name: str) -> Any:
    """The other names in confluent-kafka's module."""
    for module in (SYNC, ASYNC, COMMON):
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _is_key(context: Any) -> bool:
    return context is not None and (context.field is _KEY or context.field == _KEY)


def _table(serde: Any) -> dict[Any, Any]:
    """The kept facts about the serializer's schemas."""
    try:
        return serde._table  # type: ignore[no-any-return]
    except AttributeError:
        table: dict[Any, Any] = {}
        serde._table = table
        return table


def _keep(serde: Any, place: Any, known: Any) -> Any:
    table = _table(serde)
    if len(table) >= _MOST:
        table.clear()
    table[place] = known
    return known


def _place_of_message(serde: Any, data: bytes, context: Any) -> tuple[Any, int]:
    """The key by which the reading of a message is found, and where its datum begins; None: it has no such
    frame.
    """
    forms = _known.forms_of(serde)
    if not forms or not (context is None or _known.has_fixed_subjects(serde)):
        return None, 0
    is_key = _is_key(context)
    try:
        mark, offset = find(forms, data, None if context is None else context.headers, is_key)
    except DecodeError:
        return None, 0
    if offset and len(data) <= _SHORTEST:
        return None, 0
    return (None if context is None else context.topic, is_key, mark), offset


def _decoded(serde: Any, known: Any, data: bytes, offset: int, context: Any) -> Any:
    try:
        value, _ = known.reading.decoder.decode_from(data, offset)
    except (DecodeError, ResolutionError) as error:
        raise known.reading.error(error) from None
    if serde._from_dict is None:
        return value
    if context is None:
        raise TypeError("SerializationContext cannot be None")
    return serde._from_dict(value, context)


def _encoded(serde: Any, known: Any, value: Any, context: Any) -> Any:
    if serde._to_dict is not None:
        if context is None:
            raise TypeError("SerializationContext cannot be None")
        value = serde._to_dict(value, context)
    try:
        data = known.encoder.encode(value)
    except EncodeError as error:
        raise write_error(error, strict=serde._strict or serde._strict_allow_default) from None
    if known.prefix is not None:
        return known.prefix + data
    return serde._schema_id_serializer(data, context, known.schema_id)


def _remember(context: Any, data: Any) -> None:
    """Make the key available to rules for the value, as confluent-kafka does."""
    if _is_key(context):
        SERDE.set_original_key(data)
    else:
        SERDE.clear_original_key()


def _place_of_value(serde: Any, context: Any) -> Any:
    return (None, False) if context is None else (context.topic, _is_key(context))


class AvroDeserializer(SYNC.AvroDeserializer):  # type: ignore[misc]
    """confluent-kafka's AvroDeserializer: its parameters and configuration."""

    __slots__ = ("_table",)

    def __call__(self, data: Any, ctx: Any = None) -> Any:
        """The value of a message, None of None."""
        place, offset = (None, 0) if data is None else _place_of_message(self, data, ctx)
        if place is None:
            return super().__call__(data, ctx)
        known = _table(self).get(place)
        if known is None or (known and self._is_out_of_date(known)):
            known = _keep(self, place, _known.run(_known.reading(self, data, ctx)) or False)
        if known is False:
            return super().__call__(data, ctx)
        try:
            return _decoded(self, known, data, offset, ctx)
        finally:
            _remember(ctx, data)

    def _is_out_of_date(self, known: Any) -> bool:
        return (
            known.subject is not None
            and _known.asks_for_latest(self)
            and self._get_reader_schema(known.subject) is not known.latest
        )


class AvroSerializer(SYNC.AvroSerializer):  # type: ignore[misc]
    """confluent-kafka's AvroSerializer: its parameters and configuration."""

    __slots__ = ("_table",)

    def __call__(self, obj: Any, ctx: Any = None) -> Any:
        """The message of a value, None of None."""
        if obj is None or not _known.has_fixed_subjects(self):
            return super().__call__(obj, ctx)
        place = _place_of_value(self, ctx)
        known = _table(self).get(place)
        if known is None or (known and self._is_out_of_date(known)):
            known = _keep(self, place, _known.run(_known.writing(self, ctx)) or False)
        if known is False:
            return super().__call__(obj, ctx)
        try:
            return _encoded(self, known, obj, ctx)
        finally:
            _remember(ctx, obj)

    def _is_out_of_date(self, known: Any) -> bool:
        return _known.asks_for_latest(self) and self._get_reader_schema(known.subject) is not known.latest


class AsyncAvroDeserializer(ASYNC.AsyncAvroDeserializer):  # type: ignore[misc]
    """confluent-kafka's AsyncAvroDeserializer: its parameters and configuration."""

    __slots__ = ("_table",)

    async def __call__(self, data: Any, ctx: Any = None) -> Any:
        """The value of a message, None of None."""
        place, offset = (None, 0) if data is None else _place_of_message(self, data, ctx)
        if place is None:
            return await super().__call__(data, ctx)
        known = _table(self).get(place)
        if known is None or (known and await self._is_out_of_date(known)):
            known = _keep(self, place, await _known.run_async(_known.reading(self, data, ctx)) or False)
        if known is False:
            return await super().__call__(data, ctx)
        try:
            return _decoded(self, known, data, offset, ctx)
        finally:
            _remember(ctx, data)

    async def _is_out_of_date(self, known: Any) -> bool:
        return (
            known.subject is not None
            and _known.asks_for_latest(self)
            and await self._get_reader_schema(known.subject) is not known.latest
        )


class AsyncAvroSerializer(ASYNC.AsyncAvroSerializer):  # type: ignore[misc]
    """confluent-kafka's AsyncAvroSerializer: its parameters and configuration."""

    __slots__ = ("_table",)

    async def __call__(self, obj: Any, ctx: Any = None) -> Any:
        """The message of a value, None of None."""
        if obj is None or not _known.has_fixed_subjects(self):
            return await super().__call__(obj, ctx)
        place = _place_of_value(self, ctx)
        known = _table(self).get(place)
        if known is None or (known and await self._is_out_of_date(known)):
            known = _keep(self, place, await _known.run_async(_known.writing(self, ctx)) or False)
        if known is False:
            return await super().__call__(obj, ctx)
        try:
            return _encoded(self, known, obj, ctx)
        finally:
            _remember(ctx, obj)

    async def _is_out_of_date(self, known: Any) -> bool:
        return (
            _known.asks_for_latest(self) and await self._get_reader_schema(known.subject) is not known.latest
        )


def _built_serializer(builder: Any, kind: Any, build: Any) -> Any:
    """Return the result of a builder of serializers, with these classes."""
    return build(
        builder._schema_registry_client,
        builder._schema_registry_conf,
        lambda client: kind(
            client,
            builder._schema_str,
            builder._to_dict,
            builder._serializer_conf,
            builder._rule_conf,
            builder._rule_registry,
        ),
        builder._serializer_init,
    )


def _built_deserializer(builder: Any, kind: Any, build: Any) -> Any:
    return build(
        builder._schema_registry_client,
        builder._schema_registry_conf,
        lambda client: kind(
            client,
            builder._schema_str,
            builder._from_dict,
            builder._return_record_name,
            builder._deserializer_conf,
            builder._rule_conf,
            builder._rule_registry,
        ),
        builder._deserializer_init,
    )


class AvroSerializerBuilder(SYNC.AvroSerializerBuilder):  # type: ignore[misc]
    """confluent-kafka's AvroSerializerBuilder."""

    def build(self, conf: dict[str, Any], is_key: bool) -> tuple[Any, dict[str, Any]]:
        """The serializer, and the configuration that is left for the client."""
        return _built_serializer(self, AvroSerializer, SYNC.build_serde), dict(conf)


class AvroDeserializerBuilder(SYNC.AvroDeserializerBuilder):  # type: ignore[misc]
    """confluent-kafka's AvroDeserializerBuilder."""

    def build(self, conf: dict[str, Any], is_key: bool) -> tuple[Any, dict[str, Any]]:
        """The deserializer, and the configuration that is left for the client."""
        return _built_deserializer(self, AvroDeserializer, SYNC.build_serde), dict(conf)


class AsyncAvroSerializerBuilder(ASYNC.AsyncAvroSerializerBuilder):  # type: ignore[misc]
    """confluent-kafka's AsyncAvroSerializerBuilder."""

    async def build(self, conf: dict[str, Any], is_key: bool) -> tuple[Any, dict[str, Any]]:
        """The serializer, and the configuration that is left for the client."""
        return await _built_serializer(self, AsyncAvroSerializer, ASYNC.async_build_serde), dict(conf)


class AsyncAvroDeserializerBuilder(ASYNC.AsyncAvroDeserializerBuilder):  # type: ignore[misc]
    """confluent-kafka's AsyncAvroDeserializerBuilder."""

    async def build(self, conf: dict[str, Any], is_key: bool) -> tuple[Any, dict[str, Any]]:
        """The deserializer, and the configuration that is left for the client."""
        return await _built_deserializer(self, AsyncAvroDeserializer, ASYNC.async_build_serde), dict(conf)
