"""Columns of messages in Spark: decoded and encoded as Arrow arrays, in frames of registries or bare."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from avrojet.datum import Decoder, Encoder
from avrojet.integrations.spark_types import TYPES, spark_arrow_type, spark_type
from avrojet.keywords import ensure_known
from avrojet.schema.model import RecordSchema, Schema
from avrojet.schema.parse import parse_schema
from avrojet.wire.framing import framing_of

# The import above raises the error if Spark is not installed.
# isort: split
import pyarrow as pa
from pyspark.sql.functions import arrow_udf
from pyspark.sql.types import BinaryType

from avrojet.integrations.types import as_type

# The objects that a worker has made from functions sent to it; each task brings a new copy of the function.
_made: dict[str, Any] = {}
_MOST_MADE = 64


def from_avro(
    column: Any,
    schema: Schema | Any = None,
    *,
    registry: Callable[[], Any] | Any = None,
    framing: str | None = None,
    reader_schema: Schema | Any = None,
    on_error: Literal["raise", "null"] = "raise",
) -> Any:
    """The values of a column of messages, decoded as Arrow arrays.

    >>> orders.select(from_avro("value", registry=lambda: ConfluentRegistry(url), reader_schema=newest))

    :param column: a binary column, or its name. Null stays null.
    :param schema: the schema that the messages were written with, if there is no registry; and with the
        framing ``"single-object"``, whose messages have only a fingerprint of it.
    :param registry: where schemas are found by the id in each message's frame, or a function that makes it,
        which each worker calls once.
    :param framing: how messages identify their schema (:data:`avrojet.wire.framing.FRAMINGS`, but for those
        in headers, which a column has none of); None: ``"confluent"`` with a registry, else ``"none"``.
    :param reader_schema: the schema to read messages as; required with a registry, as Spark must know the
        type before it reads.
    :param on_error: what happens to a message that cannot be read: it ends the job (``"raise"``), or becomes
        null (``"null"``).
    :returns: a column of structs, or of the schema's type if that is no record.
    :raises ValueError: if there is neither a schema nor a registry with a reader's schema.
    """
    if on_error not in ("raise", "null"):
        raise ValueError(f"on_error must be 'raise' or 'null', not {on_error!r}")
    if registry is None and schema is None:
        raise ValueError("from_avro needs the schema of the messages, or a registry that knows it")
    if registry is not None and reader_schema is None:
        raise ValueError("with a registry from_avro needs the reader_schema, which is the type of the column")
    writer = None if schema is None else parse_schema(schema)
    reader = writer if reader_schema is None else parse_schema(reader_schema)
    assert reader is not None
    framing = _framing(framing, registry)
    if framing == "none" and writer is None:
        raise ValueError("messages without a frame name no schema: give it as schema")
    type = spark_arrow_type(_type_of(reader))
    decode = _Decoding(
        None if writer is None else writer.json, reader.json, registry, framing, on_error, type
    )
    return arrow_udf(decode.function("from_avro"), spark_type(type))(column)


def to_avro(
    column: Any,
    schema: Schema | Any,
    *,
    registry: Callable[[], Any] | Any = None,
    topic: str | None = None,
    framing: str | None = None,
    **options: Any,
) -> Any:
    """A column of messages, encoded from Arrow arrays.

    >>> orders.select(to_avro(struct("id", "total"), schema).alias("value"))

    :param column: a column of structs for a record, or of values of the schema's type. Null stays null.
    :param schema: the schema to write.
    :param registry: where the schema is registered, or a function that makes it, which each worker calls
        once.
    :param topic: that of the messages, by which their subject is named.
    :param framing: how messages identify their schema; None: ``"confluent"`` with a registry, else
        ``"none"``. ``"single-object"`` needs no registry.
    :param options: of messages with a frame, others of :class:`avrojet.registry.Serializer`; else of
        :class:`avrojet.Encoder`.
    :returns: a binary column.
    """
    framing = _framing(framing, registry)
    if registry is None and framing == "none":
        ensure_known("to_avro", options, Encoder.__init__)
    else:
        from avrojet.registry.serdes import Serializer

        ensure_known("to_avro", options, Serializer.__init__)
    encode = _Encoding(parse_schema(schema).json, registry, topic, framing, options)
    return arrow_udf(encode.function("to_avro"), BinaryType())(column)


def _framing(name: str | None, registry: Any) -> str:
    """The framing of messages in a column.

    :raises ValueError: if there is no such framing, or a column or what is known is not enough for it.
    """
    if name is None:
        return "none" if registry is None else "confluent"
    if framing_of(name).uses_headers:
        raise ValueError(
            f"framing={name!r} names the schema in headers, and a column of Spark's has none: choose one that"
            " precedes the datum"
        )
    if registry is None and name not in ("none", "single-object"):
        raise ValueError(f"messages framed as {name!r} name their schema by an id: a registry is needed")
    return name


def _type_of(schema: Schema) -> Any:
    """The Arrow type of a column of values; every nested value may be null, as a whole row may."""
    batch = pa.record_batch(Decoder(schema).decode_arrow([], types=TYPES, nullable=True))
    return pa.struct(list(batch.schema)) if isinstance(schema, RecordSchema) else batch.schema.field(0).type


def _registry(given: Any) -> Any:
    return given() if callable(given) else given


@dataclass
class _Sent:
    """The part that is sent to workers; each worker makes its decoder or encoder once."""

    key: str = field(default_factory=lambda: uuid.uuid4().hex, kw_only=True)

    def function(self, name: str) -> Callable[[pa.Array], pa.Array]:
        """Return the function with the type annotations that Spark needs.

        :param name: shown in the name of the column.
        """

        def run(column: pa.Array) -> pa.Array:
            return self.run(column)

        run.__annotations__ = {"column": pa.Array, "return": pa.Array}  # not as text
        run.__name__ = name
        return run

    def run(self, column: Any) -> Any:
        raise NotImplementedError

    def make(self) -> Any:
        raise NotImplementedError

    def made(self) -> Any:
        found = _made.get(self.key)
        if found is None:
            if len(_made) >= _MOST_MADE:
                _made.clear()
            found = _made[self.key] = self.make()
        return found


@dataclass
class _Decoding(_Sent):
    writer: str | None
    reader: str
    registry: Any
    framing: str
    on_error: str
    type: Any

    def make(self) -> Any:
        if self.framing == "none":
            return Decoder(self.writer, self.reader)
        from avrojet.registry.serdes import Deserializer

        return Deserializer(
            _registry(self.registry),
            self.reader,
            framing=self.framing,
            store=None if self.writer is None else [parse_schema(self.writer)],
            on_error="skip" if self.on_error == "null" else "raise",
        )

    def run(self, column: Any) -> Any:
        if self.framing != "none":
            return self._of_frames(column)
        errors: list[Any] = []
        decoded = self.made().decode_arrow(
            column, types=TYPES, on_error=self.on_error, errors=errors, nullable=True
        )
        null = column.is_null()
        if errors:
            lost = {number for number, _ in errors}
            null = pa.array([value or row in lost for row, value in enumerate(null.to_pylist())], pa.bool_())
        return self._shown(pa.record_batch(decoded), null if errors or column.null_count else None)

    def _of_frames(self, column: Any) -> Any:
        batches = self.made().to_arrow(column.to_pylist(), types=TYPES, nullable=True)
        parts = [self._shown(pa.record_batch(batch), None) for batch in batches]
        places: list[int | None] = [None] * len(column)
        for place, number in enumerate(batches.numbers):
            places[number] = place
        values = pa.concat_arrays(parts) if parts else pa.nulls(0, self.type)
        return values.take(pa.array(places, pa.int64()))

    def _shown(self, batch: Any, null: Any) -> Any:
        if not pa.types.is_struct(self.type) or not isinstance(parse_schema(self.reader), RecordSchema):
            return as_type(batch.column(0), self.type)
        columns = [as_type(each, field.type) for each, field in zip(batch.columns, self.type, strict=True)]
        return pa.StructArray.from_arrays(columns, fields=list(self.type), mask=null)


@dataclass
class _Encoding(_Sent):
    schema: str
    registry: Any
    topic: str | None
    framing: str
    options: dict[str, Any]

    def make(self) -> Any:
        if self._is_bare:
            return Encoder(self.schema, **self.options)
        from avrojet.registry.serdes import Serializer

        # Without a registry there is no subject, so that the topic does not matter.
        topic = "" if self.registry is None and self.topic is None else self.topic
        return Serializer(
            _registry(self.registry), self.schema, framing=self.framing, topic=topic, **self.options
        )

    @property
    def _is_bare(self) -> bool:
        return self.registry is None and self.framing == "none"

    def run(self, column: Any) -> Any:
        valid = column.is_valid()
        values = column.filter(valid) if column.null_count else column
        data = pa.RecordBatch.from_struct_array(values) if pa.types.is_struct(values.type) else values
        made = self.made()
        encoded = made.encode_arrow(data) if self._is_bare else made.from_arrow(data)
        messages = pa.array(encoded)
        if not column.null_count:
            return messages
        places = pa.compute.if_else(
            valid, pa.compute.subtract(pa.compute.cumulative_sum(valid.cast("int64")), 1), None
        )
        return messages.take(places)
