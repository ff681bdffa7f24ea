"""The facts that a confluent-kafka serializer needs about a schema, found once: for threads and for asyncio.

The work is a generator, which yields the results of confluent-kafka's own methods: values or awaitables.
"""

from __future__ import annotations

from collections.abc import Generator
from inspect import isawaitable
from typing import Any, Final, TypeAlias

from avrojet.compat.confluent._library import COMMON, REGISTRY, SERDE
from avrojet.compat.fastavro import _compile
from avrojet.core.rows.row_encoder import RowEncoder
from avrojet.wire.frames import FORMS
from avrojet.wire.framing import framing_of

Steps: TypeAlias = Generator[Any, Any, Any]

# Where confluent-kafka's functions look for the id of a schema.
_FORMS: Final = {
    REGISTRY.dual_schema_id_deserializer: framing_of("confluent").forms,
    REGISTRY.prefix_schema_id_deserializer: framing_of("confluent").forms & ~FORMS["CONFLUENT_HEADERS"],
}


_STRATEGIES: Final = set(SERDE.STRATEGY_TYPE_MAP.values())
_ASSOCIATED: Final = tuple(
    getattr(SERDE, name)
    for name in ("AssociatedNameStrategy", "AsyncAssociatedNameStrategy")
    if hasattr(SERDE, name)
)


def forms_of(deserializer: Any) -> int:
    """The forms of frames that a deserializer reads; 0: only its own function knows them."""
    return _FORMS.get(deserializer._schema_id_deserializer, 0)


def asks_for_latest(serde: Any) -> bool:
    """Whether the registry decides, message by message, which schema to use."""
    return bool(
        serde._use_latest_version or serde._use_latest_with_metadata or serde._use_schema_id is not None
    )


def has_fixed_subjects(serde: Any) -> bool:
    """Whether the subject depends on the topic and the field only."""
    function = serde._subject_name_func
    return isinstance(function, _ASSOCIATED) or function in _STRATEGIES


class Known:
    """How messages are read, or values written.

    :ivar latest: the version of the subject that it is for, if the registry was asked; else None.
    """

    __slots__ = ("encoder", "latest", "prefix", "reading", "schema_id", "subject")

    def __init__(self, subject: Any, latest: Any, **made: Any) -> None:
        self.subject = subject
        self.latest = latest
        for name, value in made.items():
            setattr(self, name, value)


def subject_of(serde: Any, context: Any, name: Any) -> Any:
    """The subject that confluent-kafka's strategy returns."""
    if serde._strategy_accepts_client:
        return serde._subject_name_func(context, name, serde._registry, serde._subject_name_conf)
    return serde._subject_name_func(context, name)


def reading(serde: Any, data: bytes, context: Any) -> Steps:
    """How a message is read; None: in confluent-kafka's own way."""
    subject = (yield subject_of(serde, context, None)) if context else None
    schema_id = SERDE.SchemaId(COMMON.AVRO_TYPE)
    serde._schema_id_deserializer(data, context, schema_id)
    raw_writer = yield serde._get_writer_schema(schema_id, subject)
    writer = yield serde._get_parsed_schema(raw_writer)
    if subject is None and context and isinstance(writer, dict):
        subject = yield subject_of(serde, context, writer.get("name"))
    latest = (yield serde._get_reader_schema(subject)) if subject is not None else None
    raw_reader, reader = raw_writer, None
    if latest is not None:
        if (yield serde._get_migrations(subject, raw_writer, latest, None)):
            return None
        raw_reader = latest.schema
        reader = yield serde._get_parsed_schema(latest.schema)
    elif serde._schema is not None:
        raw_reader, reader = serde._schema, serde._reader_schema
    if _is_bytes(writer) or raw_writer.rule_set is not None or raw_reader.rule_set is not None:
        return None
    flags = _compile.RECORD_NAME if serde._return_record_name else 0
    return Known(subject, latest, reading=_compile.reading(writer, reader, flags))


def writing(serde: Any, context: Any) -> Steps:
    """How values are written; None: in confluent-kafka's own way."""
    if serde._validation_enabled():
        return None
    subject = yield subject_of(serde, context, serde._schema_name)
    latest = (yield serde._get_reader_schema(subject)) if subject else None
    if latest is not None:
        registered, parsed = latest, (yield serde._get_parsed_schema(latest.schema))
        if latest.schema.rule_set is not None:
            return None
    elif subject is None:
        return None
    else:
        ask = (
            serde._registry.register_schema_full_response
            if serde._auto_register
            else serde._registry.lookup_schema
        )
        registered = yield ask(subject, serde._schema, normalize_schemas=serde._normalize_schemas)
        parsed = serde._parsed_schema
    if _is_bytes(parsed):
        return None
    serde._known_subjects.add(subject)
    serde._schema_id = schema_id = SERDE.SchemaId(COMMON.AVRO_TYPE, registered.schema_id, registered.guid)
    flags = (_compile.STRICT if serde._strict else 0) | (
        _compile.STRICT_ALLOW_DEFAULT if serde._strict_allow_default else 0
    )
    encoder: RowEncoder = _compile.writing(parsed, flags)
    prefixed = serde._schema_id_serializer is REGISTRY.prefix_schema_id_serializer
    return Known(
        subject,
        latest,
        encoder=encoder,
        schema_id=schema_id,
        prefix=schema_id.id_to_bytes() if prefixed else None,
    )


def _is_bytes(schema: Any) -> bool:
    """Whether its data are written without their length."""
    return schema == "bytes" or (isinstance(schema, dict) and schema.get("type") == "bytes")


def run(steps: Steps) -> Any:
    """Do the work of a synchronous serializer, where nothing is awaited."""
    try:
        item = next(steps)
        while True:
            item = steps.send(item)
    except StopIteration as stop:
        return stop.value


async def run_async(steps: Steps) -> Any:
    """Do the work, and await what is awaitable."""
    try:
        item = next(steps)
        while True:
            item = steps.send(await item if isawaitable(item) else item)
    except StopIteration as stop:
        return stop.value
