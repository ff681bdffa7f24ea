"""Messages to Arrow columns, those of one schema together; and rows of columns to messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from avrojet.core.arrow.producer import schema_capsule, stream_capsule
from avrojet.errors import AvroError
from avrojet.messages import counted
from avrojet.registry.arrivals import Arrival, arrivals
from avrojet.registry.failing import OnError, handle, tell_message
from avrojet.registry.messages import Group, MessageReader, Reading, Writing, gather
from avrojet.schema.model import Schema

if TYPE_CHECKING:
    from avrojet.core.arrow.producer import ArrowColumn, Batch

__all__ = ["ArrowMessages", "Grouping", "MessageBatch", "MessageBatches", "messages_of_rows"]


class MessageBatch:
    """The rows of the messages of one schema, as Arrow columns.

    Any library that knows the Arrow PyCapsule interface takes it: ``pyarrow.record_batch(batch)``.

    :ivar schema: that of the columns: the reader's if one was given, else the writer's.
    :ivar schema_id: the schema id in the messages, an :class:`avrojet.wire.framing.SchemaId`.
    :ivar numbers: the number of each row's message, counted from 0 among all messages passed in.
    """

    def __init__(self, batch: Batch, schema: Schema, schema_id: Any, numbers: Sequence[int]) -> None:
        self._batch = batch
        self.schema = schema
        self.schema_id = schema_id
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self._batch)

    def __repr__(self) -> str:
        return f"<MessageBatch of {counted(len(self), 'row')}, {self.schema_id}>"

    def __arrow_c_schema__(self) -> Any:
        """A capsule ``arrow_schema``."""
        return self._batch.__arrow_c_schema__()

    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]:
        """Capsules ``arrow_schema`` and ``arrow_array``."""
        return self._batch.__arrow_c_array__(requested_schema)


class MessageBatches(Sequence[MessageBatch]):
    """The batches of messages, one for each schema, in the order in which the schemas first occurred.

    If all have the same columns, as with a reader's schema, any library that knows the Arrow PyCapsule
    interface takes them as one table; rows are then in the order of the batches, see ``numbers``.

    :ivar tombstones: the numbers of the messages that are None; they are rows of no batch.
    :ivar errors: ``(number, error)`` of the messages that were left out.
    """

    def __init__(
        self,
        batches: list[MessageBatch],
        layout: Any,
        tombstones: list[int],
        errors: list[tuple[int, Exception]],
    ) -> None:
        self._batches = batches
        self._layout = layout
        self.tombstones = tombstones
        self.errors = errors

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: Any) -> Any:
        return self._batches[index]

    def __iter__(self) -> Iterator[MessageBatch]:
        return iter(self._batches)

    def __repr__(self) -> str:
        left_out = f"{counted(len(self.tombstones), 'tombstone')}, {counted(len(self.errors), 'error')}"
        return f"<MessageBatches {self._batches}; {left_out}>"

    @property
    def numbers(self) -> list[int]:
        """The number of each row's message in the table, counted from 0 among all messages passed in."""
        return [number for batch in self._batches for number in batch.numbers]

    def _shared_layout(self) -> Any:
        if self._layout is None:
            raise ValueError(
                f"{len(self)} batches cannot be one table, as their columns differ; give the Deserializer a "
                "reader_schema, or take the batches one by one"
            )
        return self._layout

    def __arrow_c_schema__(self) -> Any:
        """A capsule ``arrow_schema``: a struct of the columns.

        :raises ValueError: if the columns of the batches differ.
        """
        return schema_capsule(self._shared_layout())

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """A capsule ``arrow_array_stream``.

        :param requested_schema: ignored, as the interface allows.
        :raises ValueError: if the columns of the batches differ.
        """
        return stream_capsule(self._shared_layout(), iter([batch._batch for batch in self._batches]))


class ArrowMessages:
    """The messages of rows, as a binary Arrow column.

    Any library that knows the Arrow PyCapsule interface takes it: ``pyarrow.array(messages)``.

    :ivar headers: pairs of name and value that each message must have, if the headers identify the schema.
    """

    def __init__(self, column: ArrowColumn, headers: Sequence[tuple[str, bytes]]) -> None:
        self._column = column
        self.headers = list(headers)

    def __len__(self) -> int:
        return len(self._column)

    def __repr__(self) -> str:
        return f"<ArrowMessages of {counted(len(self), 'message')}>"

    def __arrow_c_schema__(self) -> Any:
        """A capsule ``arrow_schema``."""
        return self._column.__arrow_c_schema__()

    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]:
        """Capsules ``arrow_schema`` and ``arrow_array``."""
        return self._column.__arrow_c_array__(requested_schema)


def messages_of_rows(writing: Writing, data: Any, most: int, **options: Any) -> ArrowMessages:
    """Rows of columns as messages.

    :param most: the most bytes of a message; 0: no bound.
    """
    if writing.prepare is not None:
        raise ValueError("columns cannot be used with to_dict or rules, which change values")
    encoder: Any = writing.encoder
    column = encoder._encode_messages(data, writing.head, finish=writing.finish, most=most, **options)
    return ArrowMessages(column, writing.headers)


class Grouping:
    """Collects messages into columns.

    :param reader: reads the messages.
    """

    def __init__(self, reader: MessageReader, on_error: OnError) -> None:
        self._reader = reader
        self._on_error = on_error
        self._field = "key" if reader.keys else "value"
        self._groups: dict[tuple[int, int], Group] = {}
        self._tombstones: list[int] = []
        self._errors: list[tuple[int, Exception]] = []

    def gather(self, messages: Iterable[Any]) -> None:
        """Add messages to the groups of their schemas."""
        reader = self._reader
        gather(messages, self.place, keys=reader.keys, most=reader.most)

    def place(self, number: int, source: Any) -> Group | None:
        """Add a message to the group of its schema.

        :returns: the group, if other messages with the same frame belong to it too, whatever their topic.
        """
        data, context = self._arrival(source)
        if data is None:
            self._tombstones.append(number)
            return None
        try:
            reading, offset = self._reader.reading_of(data, context)
            if reading.finish is not None:
                raise ValueError("columns cannot be used with from_dict or rules, which change values")
            made = reading.datum_of is not None
            if reading.datum_of is not None:
                data, offset = reading.datum_of(data, offset), 0
        except AvroError as error:
            self._fail(number, error, data, context, None)
            return None
        group = self._groups.get((id(reading), offset))
        if group is None:
            group = self._groups[id(reading), offset] = Group(reading, offset)
        group.add(number, data, source)
        return None if made or self._reader.by_topic else group

    def _arrival(self, source: Any) -> Arrival:
        return next(arrivals((source,), self._field))

    def _fail(self, number: int, error: Exception, data: Any, context: Any, reading: Reading | None) -> None:
        """Raise the error of a message, or leave the message out."""
        tell_message(error, context, None if reading is None else reading.schema_id)
        handle(error, data, context, self._on_error, was_read=reading is not None)
        self._errors.append((number, error))

    def batches(self, options: dict[str, Any]) -> MessageBatches:
        """Decode all messages that were added."""
        made = [self._batch(group, options) for group in self._groups.values()]
        layouts = [batch._batch.layout for batch in made]
        # The metadata contain the schema, and equal schemas have equal columns.
        shared = layouts[0] if len({tuple(layout.metadata.items()) for layout in layouts}) == 1 else None
        if shared is None and not made:
            shared = self._empty(options)
        self._errors.sort(key=lambda pair: pair[0])
        return MessageBatches(made, shared, self._tombstones, self._errors)

    def _empty(self, options: dict[str, Any]) -> Any:
        """The columns if there are no messages: only a reader's schema defines them."""
        schema = getattr(self._reader, "reader_schema", None)
        if schema is None:
            return None
        from avrojet.datum import Decoder

        return Decoder(schema).decode_arrow((), **options).layout

    def _batch(self, group: Group, options: dict[str, Any]) -> MessageBatch:
        failed: list[tuple[int, AvroError]] = []
        decoder: Any = group.reading.decoder
        try:
            batch = decoder.decode_arrow(
                group.messages,
                prefix=group.offset,
                on_error="raise" if self._on_error == "raise" else "skip",
                errors=failed,
                **options,
            )
        except AvroError as error:
            if error.row is not None:
                _, context = self._arrival(group.sources[error.row])
                tell_message(error, context, group.reading.schema_id)
            raise
        for row, reason in failed:
            data, context = self._arrival(group.sources[row])
            self._fail(group.numbers[row], reason, data, context, group.reading)
        gone = {row for row, _ in failed}
        numbers = [number for row, number in enumerate(group.numbers) if row not in gone]
        return MessageBatch(batch, decoder.reader_schema, group.reading.schema_id, numbers)
