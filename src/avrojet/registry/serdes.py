"""Serializer and Deserializer: values to messages whose schemas are in a registry, and back.

>>> registry = MemoryRegistry()
>>> serializer = Serializer(registry, {"type": "array", "items": "long"})
>>> message = serializer.serialize([1, 2], topic="trips")
>>> Deserializer(registry)(message)
[1, 2]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn

from avrojet.datum import LogicalTypes
from avrojet.errors import AvroError, tell_place, untraced
from avrojet.limits import Limits, limits_in_force
from avrojet.registry.arrivals import Arrival, arrivals
from avrojet.registry.configuration import reading_options, writing_options
from avrojet.registry.errors import UnavailableError
from avrojet.registry.failing import OnError, ensure_policy, handle, is_of_message, tell_message
from avrojet.registry.messages import Context, MessageReader, MessageWriter, Reading, Writing
from avrojet.registry.model import SchemaReference
from avrojet.registry.reading import ReadingOptions, expiry, make_reading, record_name
from avrojet.registry.rules import ConfluentRules
from avrojet.registry.steps import Steps, run, run_async
from avrojet.registry.subjects import Strategy, StrategyName, is_own, strategy_of, uses_topic
from avrojet.registry.writing import WritingOptions, make_writing
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema
from avrojet.schema.text import read_json
from avrojet.typed import is_annotation
from avrojet.wire.frames import FORMS
from avrojet.wire.framing import Field, framing_of, unframe_mark
from avrojet.wire.single_object import finder

if TYPE_CHECKING:
    from avrojet.registry.arrow import ArrowMessages, MessageBatches
    from avrojet.typed.binding import Classes

__all__ = ["AsyncDeserializer", "AsyncSerializer", "Deserializer", "Serializer"]

# Bounds of the caches.
_MOST_READINGS: Final = 10_000  # for each topic, if they depend on it
_MOST_TOPICS: Final = 1_000
_MOST_REFUSALS: Final = 1_000  # errors of marks
_MOST_WRITINGS: Final = 10_000


class _Unknown(Exception):  # noqa: N818 (it is a question, and never leaves)
    """Something is not known yet, and the caller must await the answer."""

    def __init__(self, *place: Any) -> None:
        super().__init__()
        self.place = place


def _make_room(table: dict[Any, Any], most: int) -> None:
    """Forget the oldest quarter of a full table."""
    if len(table) >= most:
        for key in list(table)[: most // 4]:
            table.pop(key, None)


def _uncopied(one: Any) -> TypeError:
    return TypeError(
        f"{type(one).__name__}s cannot be copied or pickled: they have compiled code and a client; "
        "make another in the other process"
    )


class _Deserializing(MessageReader):
    """The parts that a Deserializer and its asyncio twin share."""

    def __init__(
        self,
        registry: Any,
        reader_schema: Any = None,
        *,
        framing: str | Sequence[str] = "confluent",
        reader_schemas: Mapping[str, Any] | None = None,
        writer_schema: Any = None,
        use_latest: bool = False,
        use_metadata: Mapping[str, str] | None = None,
        subject: StrategyName | Strategy = "topic",
        store: Any = None,
        encoding: Literal["binary", "json"] = "binary",
        from_dict: Callable[[Any, Any], Any] | None = None,
        return_record_name: bool = False,
        field: Field = "value",
        max_bytes: int | None = None,
        on_error: OnError = "raise",
        rules: ConfluentRules | None = None,
        conf: Mapping[str, Any] | None = None,
        refresh_seconds: float | None = 300.0,
        forget_seconds: float = 30.0,
        logical_types: LogicalTypes = True,
        records: Literal["dict", "tuple"] = "dict",
        unions: Literal["plain", "tagged", "records"] = "plain",
        unicode_errors: str = "strict",
        limits: Limits | None = None,
        classes: Classes | None = None,
        trusted: bool = False,
    ) -> None:
        asked = {
            "framing": framing,
            "use_latest": use_latest,
            "use_metadata": use_metadata,
            "subject": subject,
            **reading_options(conf),
        }
        ensure_policy(on_error)
        way = framing_of(asked["framing"])
        if way.forms & FORMS["BARE"] and writer_schema is None:
            raise ValueError("messages without a frame name no schema: give writer_schema")
        latest = asked["use_metadata"] or asked["use_latest"]
        limits = limits_in_force(limits)
        strategy = strategy_of(asked["subject"])
        super().__init__(
            way.forms,
            keys=_is_key(field),
            # Rules receive the subject.
            by_topic=bool(latest or rules) and uses_topic(strategy),
            most=_bytes(max_bytes),
        )
        self.reader_schema = None if reader_schema is None else parse_schema(reader_schema, limits=limits)
        self._registry = registry
        self._options = ReadingOptions(
            reader=reader_schema if is_annotation(reader_schema) else self.reader_schema,
            readers={
                name: schema if is_annotation(schema) else parse_schema(schema)
                for name, schema in (reader_schemas or {}).items()
            },
            writer=None if writer_schema is None else parse_schema(writer_schema, limits=limits),
            find=_finder(registry, store),
            numbers=_numbers(registry),
            latest=latest,
            subject=strategy,
            json=_is_json(encoding),
            from_dict=_function("from_dict", from_dict),
            rules=rules,
            refresh=refresh_seconds,
            limits=limits,
            decoder={
                "logical_types": logical_types,
                "records": records,
                "unions": "records" if return_record_name else unions,
                "unicode_errors": unicode_errors,
                "classes": classes,
                "trusted": trusted,
            },
        )
        self._on_error = on_error
        self._forget_seconds = forget_seconds
        self._refused: dict[Any, tuple[Exception, float]] = {}

    def __repr__(self) -> str:
        return f"<avrojet.registry.{type(self).__name__} of {self._registry!r}>"

    def __reduce__(self) -> NoReturn:
        raise _uncopied(self)

    def _learn(self, mark: Any, topic: str | None, is_key: bool) -> Steps[Reading]:  # noqa: FBT001
        """Request the Reading for messages with a mark, and keep it; errors are kept too."""
        place = (topic, is_key) if self.by_topic else is_key
        before = self.readings.get(place, {}).get(mark)
        self._raise_refusal(place, mark)
        unframed = unframe_mark(mark)
        try:
            reading = yield from make_reading(self._options, unframed, topic, "key" if is_key else "value")
        except UnavailableError:
            if before is None:
                raise
            reading = _longer(before, self._options.refresh)
        except AvroError as error:
            tell_place(error, f"schema {unframed.schema_id}", schema_id=_value(unframed.schema_id))
            if is_of_message(error, was_read=False):
                _make_room(self._refused, _MOST_REFUSALS)
                self._refused[place, mark] = untraced(error), monotonic() + self._forget_seconds
            raise
        _make_room(self.readings, _MOST_TOPICS)
        known = self.readings.setdefault(place, {})
        _make_room(known, _MOST_READINGS)
        known[mark] = reading
        return reading

    def _raise_refusal(self, place: Any, mark: Any) -> None:
        refusal = self._refused.get((place, mark))
        if refusal is not None:
            error, until = refusal
            if monotonic() < until:
                raise untraced(error)
            self._refused.pop((place, mark), None)

    def _failed(self, error: Exception, data: Any, context: Any, reading: Reading | None) -> Any:
        if isinstance(error, _Unknown):
            raise error
        tell_message(error, context, None if reading is None else reading.schema_id)
        return handle(error, data, context, self._on_error, was_read=reading is not None)

    def _arrivals(self, messages: Iterable[Any]) -> Iterable[Arrival]:
        return arrivals(messages, "key" if self.keys else "value")


class Deserializer(_Deserializing):
    """Messages to values. Threads may share it.

    Its messages may be of any number of schemas, each of which is requested and compiled once. Call it like
    confluent-kafka's deserializers, ``deserializer(data, context)``, as a function of the bytes, or use its
    methods. None, a tombstone, stays None.

    :param registry: the :class:`Registry` that has the schemas. None if messages name no schema by id.
    :param reader_schema: the schema to read messages as (specification: Schema Resolution), or a class whose
        instances they become; None: each as its own.
    :param framing: how messages identify their schema: a name in :data:`avrojet.wire.framing.FRAMINGS`, or
        several.
    :param reader_schemas: reader's schemas by the fullname of the writer's record, for topics with several.
    :param writer_schema: the schema of messages that do not name one (``framing="none"``).
    :param use_latest: read messages as the newest version of their subject.
    :param use_metadata: read messages as the newest version that has these properties in its metadata.
    :param subject: how subjects are named: ``"topic"``, ``"record"``, ``"topic-record"``, or a function of
        the context and the record's name.
    :param store: where schemas are found by fingerprint (``framing="single-object"``), as for
        :class:`avrojet.single_object.Reader`.
    :param encoding: ``"json"`` if data are JSON text and no header says so.
    :param from_dict: called with each value and its context; its result is returned instead.
    :param return_record_name: show records in unions as ``(fullname, record)``.
    :param field: whether its messages are values or keys, if no context says so.
    :param max_bytes: refuse longer messages.
    :param on_error: what to do with a message that cannot be read: ``"raise"``; ``"skip"`` it, and return
        None; or a function of a :class:`FailedMessage`, whose result is returned. If a registry cannot be
        reached, the message is not at fault, and the error is always raised.
    :param rules: the engine for schemas that have rules; None: such messages are errors.
    :param conf: confluent-kafka's configuration keys, which override the other options.
    :param refresh_seconds: how long the newest version of a subject is assumed to be the newest; None:
        forever. While the registry cannot be reached, it remains in use.
    :param forget_seconds: how long a schema that is unknown or does not fit is not requested again.
    :param logical_types: and the rest: as for :class:`avrojet.Decoder`.
    :raises ValueError: if an option has no such value.
    :raises SchemaError: if the reader's schema is not valid.

    Calls raise DecodeError for bytes that are not a message of a schema, :class:`NotFoundError` for a schema
    that the registry does not have, and ResolutionError for one that cannot be read as the reader's. The
    facts of the error are ``topic``, ``partition``, ``message_offset``, ``schema_id`` and those of the datum.
    """

    def _missing(self, mark: Any, data: Any, topic: str | None, headers: Any, is_key: bool) -> Reading:  # noqa: FBT001
        return run(self._learn(mark, topic, is_key), self._registry)

    def decode_many(self, messages: Iterable[Any]) -> list[Any]:
        """Return the values of messages, without those that ``on_error="skip"`` leaves out.

        :param messages: bytes and None; or messages of confluent-kafka, aiokafka or kafka-python, whose
            topic, partition, offset and headers are used.
        """
        return self.read_many(self._arrivals(messages))

    def to_arrow(self, messages: Iterable[Any], **options: Any) -> MessageBatches:
        """Return messages as Arrow columns, a batch for each schema, decoded without the GIL.

        >>> table = pyarrow.table(Deserializer(registry, newest).to_arrow(consumer.consume(100_000)))

        :param messages: as for :meth:`decode_many`.
        :param options: those of :meth:`avrojet.Decoder.decode_arrow`: ``types``, ``nullable``.
        :returns: the batches. With a reader's schema, all have its columns, and together they are one table.
        :raises AvroError: as calls do, unless ``on_error`` says otherwise.
        """
        from avrojet.registry.arrow import Grouping

        grouping = Grouping(self, self._on_error)
        grouping.gather(messages)
        return grouping.batches(options)


class AsyncDeserializer(_Deserializing):
    """The same for asyncio, with an :class:`AsyncRegistry`: calls are awaited.

    Only the first message of a schema waits. All parameters are those of :class:`Deserializer`.
    """

    def _missing(self, mark: Any, data: Any, topic: str | None, headers: Any, is_key: bool) -> Reading:  # noqa: FBT001
        place = (topic, is_key) if self.by_topic else is_key
        self._raise_refusal(place, mark)
        raise _Unknown(mark, topic, is_key)

    async def __call__(self, data: Any, ctx: Any = None) -> Any:
        """The value of a message; None for None, a tombstone."""
        try:
            return super().__call__(data, ctx)
        except _Unknown as unknown:
            try:
                await run_async(self._learn(*unknown.place), self._registry)
            except Exception as error:  # noqa: BLE001 (raised, unless the message is at fault and has a policy)
                return _value_or_none(self._failed(error, data, ctx, None))
        return super().__call__(data, ctx)

    async def deserialize(
        self,
        data: Any,
        topic: str | None = None,
        headers: Any = None,
        *,
        field: str | None = None,
        partition: int | None = None,
        offset: int | None = None,
    ) -> Any:
        """The value of a message, as :meth:`Deserializer.deserialize`."""
        field = field or ("key" if self.keys else "value")
        return await self(data, Context(topic, field, headers, partition, offset))

    async def decode_many(self, messages: Iterable[Any]) -> list[Any]:
        """The values of messages, as :meth:`Deserializer.decode_many`."""
        values: list[Any] = []
        for data, context in self._arrivals(messages):
            await self._ensure_known(data, context)
            values += self.read_many([(data, context)])
        return values

    async def to_arrow(self, messages: Iterable[Any], **options: Any) -> MessageBatches:
        """Messages as Arrow columns, as :meth:`Deserializer.to_arrow`."""
        from avrojet.registry.arrow import Grouping

        messages = list(messages)
        while True:
            grouping = Grouping(self, self._on_error)
            try:
                grouping.gather(messages)
            except _Unknown:
                # Request the schemas of all other messages now, so that the messages are read twice, and not
                # once for each schema.
                for data, context in self._arrivals(messages):
                    await self._ensure_known(data, context)
            else:
                return grouping.batches(options)

    async def _ensure_known(self, data: Any, context: Any) -> None:
        """Request the schema of a message; errors are left until it is read, except those of the registry."""
        if data is None:
            return
        try:
            self.reading_of(data, context)
        except _Unknown as unknown:
            try:
                await run_async(self._learn(*unknown.place), self._registry)
            except Exception as error:
                if not is_of_message(error, was_read=False):
                    tell_message(error, context, None)
                    raise
        except AvroError:
            pass


class _Serializing(MessageWriter):
    """The parts that a Serializer and its asyncio twin share."""

    def __init__(
        self,
        registry: Any,
        schema: Any = None,
        *,
        subject: StrategyName | Strategy = "topic",
        framing: str = "confluent",
        auto_register: bool | None = None,
        use_latest: bool = False,
        use_metadata: Mapping[str, str] | None = None,
        use_id: int | None = None,
        normalize: bool = False,
        check: bool = False,
        references: Iterable[SchemaReference] = (),
        encoding: Literal["binary", "json"] = "binary",
        to_dict: Callable[[Any, Any], Any] | None = None,
        topic: str | None = None,
        field: Field = "value",
        max_bytes: int | None = None,
        rules: ConfluentRules | None = None,
        inline_rules: Any = None,
        fail_fast: bool = False,
        conf: Mapping[str, Any] | None = None,
        refresh_seconds: float | None = 300.0,
        logical_types: LogicalTypes = True,
        defaults: bool = True,
        extra_fields: Literal["ignore", "error"] = "ignore",
        attributes: bool = False,
        truncate_times: bool = False,
        naive_datetimes: Literal["error", "utc", "local"] = "error",
        limits: Limits | None = None,
        classes: Classes | None = None,
    ) -> None:
        asked: dict[str, Any] = {
            "subject": subject,
            "framing": framing,
            "auto_register": auto_register,
            "use_latest": use_latest,
            "use_metadata": use_metadata,
            "use_id": use_id,
            "normalize": normalize,
            "inline_rules": inline_rules,
            "fail_fast": fail_fast,
            "defaults": defaults,
            "extra_fields": extra_fields,
            **writing_options(conf),
        }
        limits = limits_in_force(limits)
        references = tuple(references)
        parsed = None if schema is None or references else parse_schema(schema, limits=limits)
        self._options = WritingOptions(
            given=schema,
            schema=parsed,
            references=references,
            framing=framing_of(asked["framing"]),
            auto_register=_registers(asked),
            latest=asked["use_metadata"] or asked["use_latest"],
            use_id=asked["use_id"],
            normalize=asked["normalize"],
            check=check,
            json=_is_json(encoding),
            to_dict=_function("to_dict", to_dict),
            rules=rules,
            inline_rules=asked["inline_rules"],
            fail_fast=asked["fail_fast"],
            refresh=refresh_seconds,
            limits=limits,
            encoder={
                "logical_types": logical_types,
                "defaults": asked["defaults"],
                "extra_fields": asked["extra_fields"],
                "attributes": attributes,
                "truncate_times": truncate_times,
                "naive_datetimes": naive_datetimes,
                "classes": classes,
            },
        )
        self._ensure_possible(registry)
        self._registry = registry
        self._strategy = strategy_of(asked["subject"])
        self._record_name = _name_in(parsed, schema if references else None)
        own = is_own(self._strategy)
        super().__init__(
            subject_of=None if own else self._subject_of,
            topic=topic,
            keys=_is_key(field),
            by_topic=uses_topic(self._strategy) and self._options.framing.kind is not None,
            most=_bytes(max_bytes),
        )

    def _ensure_possible(self, registry: Any) -> None:
        options = self._options
        kind = options.framing.kind
        if kind in ("global_id", "content_id") and _numbers(registry) not in (None, kind):
            raise ValueError(f"the framing {options.framing.name!r} contradicts the registry's use_id")
        if options.framing.head is None:
            raise ValueError(f"the framing {options.framing.name!r} is for reading only")
        if options.given is None and not (options.latest or options.use_id is not None):
            raise ValueError("without a schema, use_latest, use_metadata or use_id has to say where it is")
        if options.framing.kind is None and options.given is None:
            raise ValueError("messages without a frame name no schema: give the schema")

    @property
    def schema(self) -> Schema | None:
        """The schema that it was made with; None if the registry decides the schema, or has the types that it
        refers to.
        """
        return self._options.schema

    def __repr__(self) -> str:
        return f"<avrojet.registry.{type(self).__name__} of {self._registry!r}>"

    def __reduce__(self) -> NoReturn:
        raise _uncopied(self)

    def _subject_of(self, context: Any) -> str | None:
        return self._strategy(context, self._record_name)

    def _learn(self, key: Any, context: Any, is_key: bool) -> Steps[Writing]:  # noqa: FBT001
        """Request the Writing for a topic or a subject, and keep it."""
        place = (key,) if is_key else key
        before = self.writings.get(place)
        subject = key
        if is_own(self._strategy) and self._options.framing.kind is not None:
            where = Context(key if self.by_topic else None, "key" if is_key else "value")
            subject = self._strategy(where, self._record_name)
        try:
            writing = yield from make_writing(self._options, subject, context, is_key=is_key)
        except UnavailableError:
            if before is None:
                raise
            writing = _longer(before, self._options.refresh)
        _make_room(self.writings, _MOST_WRITINGS)
        self.writings[place] = writing
        return writing

    def _failed(self, error: Exception, value: Any, context: Any, writing: Writing | None) -> Any:
        if not isinstance(error, _Unknown):
            tell_message(error, context, None if writing is None else writing.schema_id, self.topic)
        raise error


class Serializer(_Serializing):
    """Values to messages. Threads may share it.

    Call it like confluent-kafka's serializers, ``serializer(value, context)``, as a function of the value, or
    use its methods. None stays None, a tombstone.

    :param registry: the :class:`Registry` that has the schemas. None if messages name no schema by id.
    :param schema: a Schema, JSON text or JSON data; None: the registry's schema.
    :param subject: how subjects are named: ``"topic"``, ``"record"``, ``"topic-record"``, or a function of
        the context and the record's name.
    :param framing: how messages identify their schema: a name in :data:`avrojet.wire.framing.FRAMINGS`.
    :param auto_register: True: register the schema when the first value is written, if the subject does not
        have it; False: it must be there already. None: True if a schema is given and the registry does not
        decide it.
    :param use_latest: write with the newest version of the subject.
    :param use_metadata: write with the newest version that has these properties in its metadata.
    :param use_id: write with the schema of this id.
    :param normalize: treat schemas that differ only in the order of their attributes as the same.
    :param check: before registering, check whether the schema breaks the subject's compatibility: if it does,
        the error has all reasons, and nothing is sent to be registered.
    :param references: the subjects and versions that the schema refers to.
    :param encoding: ``"json"``: data are JSON text, as Apicurio's serializers can write them.
    :param to_dict: called with each object and its context; returns the value to encode.
    :param topic: the topic of values without a context, for clients that call with the value alone.
    :param field: whether it writes values or keys, if no context says so.
    :param max_bytes: refuse longer messages.
    :param rules: the engine for schemas that have rules; None: writing with such schemas is an error.
    :param inline_rules: True, or an executor of confluent-kafka: check the rules in the schema's attributes
        ``confluent:rules``; with `fail_fast`, stop at the first broken one.
    :param conf: confluent-kafka's configuration keys, which override the other options.
    :param refresh_seconds: how long the newest version of a subject is assumed to be the newest; None:
        forever. While the registry cannot be reached, it remains in use.
    :param defaults: a record's missing field takes the schema's default.
    :param logical_types: and the rest: as for :class:`avrojet.Encoder`.
    :raises ValueError: if an option has no such value, or contradicts another.
    :raises SchemaError: if the schema is not valid.

    Calls raise EncodeError for a value that does not fit the schema, and errors of the registry when the
    first value is written; the facts of the error are ``topic`` and ``schema_id``.
    """

    def _missing(self, key: Any, context: Any, is_key: bool) -> Writing:  # noqa: FBT001
        return run(self._learn(key, context, is_key), self._registry)

    def from_arrow(self, data: Any, topic: str | None = None, **options: Any) -> ArrowMessages:
        """Return rows of Arrow columns as messages: a binary column, one message per row.

        >>> messages = serializer.from_arrow(frame, "orders")
        >>> for message in pyarrow.array(messages):
        ...     producer.produce("orders", message.as_py(), headers=messages.headers)

        :param data: a table or frame, as for :func:`avrojet.write_arrow`.
        :param options: ``extra_columns`` and ``names`` of :meth:`avrojet.Encoder.encode_arrow`.
        :raises EncodeError: if a row does not fit the schema.
        :raises LimitError: if a message is longer than `max_bytes`.
        :raises ValueError: if `to_dict` or rules would have to convert values first.
        """
        from avrojet.registry.arrow import messages_of_rows

        writing = self.writing_of(Context(topic or self.topic, "key" if self.keys else "value"))
        return messages_of_rows(writing, data, self.most, **options)


class AsyncSerializer(_Serializing):
    """The same for asyncio, with an :class:`AsyncRegistry`: calls are awaited.

    Only the first value of a subject waits. All parameters are those of :class:`Serializer`.
    """

    def _missing(self, key: Any, context: Any, is_key: bool) -> Writing:  # noqa: FBT001
        raise _Unknown(key, context, is_key)

    async def __call__(self, value: Any, ctx: Any = None) -> Any:
        """The message of a value; None for None, a tombstone."""
        try:
            return super().__call__(value, ctx)
        except _Unknown as unknown:
            try:
                await run_async(self._learn(*unknown.place), self._registry)
            except Exception as error:
                tell_message(error, ctx, None, self.topic)
                raise
        return super().__call__(value, ctx)

    async def serialize(
        self, value: Any, topic: str | None = None, headers: Any = None, *, field: str | None = None
    ) -> Any:
        """The message of a value, as :meth:`Serializer.serialize`."""
        field = field or ("key" if self.keys else "value")
        return await self(value, Context(topic, field, headers))

    async def from_arrow(self, data: Any, topic: str | None = None, **options: Any) -> ArrowMessages:
        """Rows of Arrow columns as messages, as :meth:`Serializer.from_arrow`."""
        from avrojet.registry.arrow import messages_of_rows

        context = Context(topic or self.topic, "key" if self.keys else "value")
        try:
            writing = self.writing_of(context)
        except _Unknown as unknown:
            writing = await run_async(self._learn(*unknown.place), self._registry)
        return messages_of_rows(writing, data, self.most, **options)


def _longer(known: Any, seconds: float | None) -> Any:
    """Keep using the known schema, for the same time again."""
    kept = {
        name: getattr(known, name)
        for name in ("datum_of", "finish", "prepare", "schema_id")
        if hasattr(known, name)
    }
    if isinstance(known, Reading):
        return Reading(known.decoder, expires=expiry(seconds), **kept)
    return Writing(known.encoder, known.head, known.headers, expires=expiry(seconds), **kept)


def _registers(asked: Mapping[str, Any]) -> bool:
    told = asked["use_latest"] or asked["use_metadata"] or asked["use_id"] is not None
    if asked["auto_register"] and asked["use_latest"]:
        raise ValueError("auto_register and use_latest contradict each other")
    return not told if asked["auto_register"] is None else bool(asked["auto_register"])


def _is_key(field: Field) -> bool:
    if field not in ("value", "key"):
        raise ValueError(f"field must be 'value' or 'key': {field!r}")
    return field == "key"


def _is_json(encoding: str) -> bool:
    if encoding not in ("binary", "json"):
        raise ValueError(f"encoding must be 'binary' or 'json': {encoding!r}")
    return encoding == "json"


def _bytes(most: int | None) -> int:
    if most is not None and most < 1:
        raise ValueError(f"max_bytes must be positive: {most}")
    return most or 0


def _function(name: str, value: Any) -> Any:
    if value is not None and not callable(value):
        raise ValueError(f"{name} must be a function of a value and its context: {value!r}")
    return value


def _finder(registry: Any, store: Any) -> Callable[[bytes], Any] | None:
    if store is None:
        return registry.find if hasattr(registry, "find") else None
    return finder(store)


def _numbers(registry: Any) -> Literal["global_id", "content_id"] | None:
    """Which of Apicurio's two numbers the registry uses as the id."""
    use_id = getattr(registry, "use_id", None)
    return {"globalId": "global_id", "contentId": "content_id"}.get(use_id)  # type: ignore[arg-type,return-value]


def _name_in(schema: Schema | None, text: Any) -> str | None:
    """The fullname of a record; that of a schema which refers to others is read from its text."""
    if schema is not None:
        return record_name(schema)
    data = read_json(text, limits_in_force()) if isinstance(text, str) else text
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        return None
    name, namespace = data["name"], data.get("namespace")
    return name if "." in name or not namespace else f"{namespace}.{name}"


def _value(schema_id: Any) -> Any:
    value = getattr(schema_id, "value", None)
    return value.hex() if isinstance(value, bytes) else value


def _value_or_none(value: Any) -> Any:
    from avrojet.registry.messages import SKIPPED

    return None if value is SKIPPED else value
