"""Encoder and Decoder: options make a plan, the plan runs in the core."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, Unpack, overload

from avrojet.cache import PlanCache
from avrojet.core.plan.plan import Plan, freeze
from avrojet.core.rows.defaults import settled
from avrojet.core.rows.options import EncodeOptions
from avrojet.core.rows.row_encoder import RowEncoder
from avrojet.core.rows.rows import DatumDecoder
from avrojet.custom import CustomLogicalType, decode_converters, encode_converters, logical_types_in_force
from avrojet.errors import AvroError
from avrojet.limits import Limits, cache_key, limits_in_force, on_new_defaults
from avrojet.plan.arrow.options import STANDARD_TYPES, ArrowTypes, NamesOfColumns, Options
from avrojet.plan.resolve import resolve
from avrojet.plan.steps import Branch
from avrojet.schema.model import RecordSchema, Schema
from avrojet.schema.parse import parse_schema
from avrojet.typed import annotation_key, is_annotation

if TYPE_CHECKING:
    from typing import TypedDict

    from avrojet.columns.plan import ColumnPlan
    from avrojet.core.arrow.producer import ArrowColumn, Batch
    from avrojet.core.objects.form import Shape
    from avrojet.core.text.rows import TextDecoder, TextEncoder
    from avrojet.json.encoding import Decimals
    from avrojet.typed.binding import Bound, Classes

LogicalTypes = bool | Iterable[CustomLogicalType]
if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    T = TypeVarWithDefault("T", default=Any)
else:
    T = TypeVar("T")


if TYPE_CHECKING:  # Python would compile each annotation, at every start

    class DecoderOptions(TypedDict, total=False):
        """The options of :class:`Decoder`."""

        logical_types: LogicalTypes
        records: Literal["dict", "tuple"]
        unions: Literal["plain", "tagged", "records"]
        unicode_errors: str
        limits: Limits | None
        classes: Classes | None
        trusted: bool

    class EncoderOptions(TypedDict, total=False):
        """The options of :class:`Encoder`."""

        logical_types: LogicalTypes
        defaults: bool
        extra_fields: Literal["ignore", "error"]
        attributes: bool
        truncate_times: bool
        naive_datetimes: Literal["error", "utc", "local"]
        limits: Limits | None
        classes: Classes | None


class Decoder(DatumDecoder[T]):
    """Decodes data of ``writer_schema`` as values of ``reader_schema``.

    Make it once and keep it: the schemas are resolved and compiled here. It is thread-safe.

    Values are shown by the logical type of the reader's schema. If both schemas have one, they must be of the
    same kind, as a date is not a time of day and a local time not an instant; decimals must agree in
    precision and scale. Times in another unit are converted exactly: timestamp-millis read as
    timestamp-micros is the same instant, and a value with more digits than a coarser unit can hold is an
    error.

    :param writer_schema: the schema that the data were written with: a Schema, JSON text or JSON data.
    :param reader_schema: the schema to read them as (specification: Schema Resolution); None: the writer's. A
        class in place of a schema means that of :func:`avrojet.schema_of`, and values are its instances.
    :param logical_types: False shows the plain encoding, whatever the logical type of the other schema.
        Custom logical types may be passed, to be used in addition to the registered ones.
    :param records: show records as ``"dict"`` or as ``"tuple"`` in the reader's order.
    :param unions: ``"plain"`` shows only a union's value; ``"tagged"`` shows ``(branch name, value)``, but
        null as None; ``"records"`` does so only for records. An Encoder accepts all three forms.
    :param unicode_errors: what to do with strings that are not UTF-8; an ``errors`` of bytes.decode.
    :param limits: bounds on what hostile data may cost; None: those of the process.
    :param classes: for a schema known only at run time: the classes of its records and enums, as a dict from
        fullname to class, or as classes that are matched by the names in their schemas. Records and enums
        without a class stay dicts and text.
    :param trusted: make pydantic models without validating them.
    :raises SchemaError: if a schema is not valid, or a class does not fit it.
    :raises ResolutionError: if no data of the writer can be read as the reader's, or all of them need a
        default of the reader's that is not a value of its logical type. (If only some data need it, reading
        those raises the error.)

    >>> Decoder('"string"').decode(b"\\x06foo")
    'foo'
    >>> Decoder(writer_schema, Order).decode(data)
    Order(id=7, note=None)
    """

    writer_schema: Schema
    reader_schema: Schema
    _logical_types: bool
    _limits: Limits
    _column_plans: dict[ArrowTypes, ColumnPlan]

    @overload
    def __init__(
        self, writer_schema: type[T], reader_schema: None = None, **options: Unpack[DecoderOptions]
    ) -> None: ...
    @overload
    def __init__(
        self, writer_schema: Any, reader_schema: type[T], **options: Unpack[DecoderOptions]
    ) -> None: ...
    @overload
    def __init__(
        self: Decoder[Any],
        writer_schema: Any,
        reader_schema: Any = None,
        **options: Unpack[DecoderOptions],
    ) -> None: ...
    def __init__(
        self,
        writer_schema: Any,
        reader_schema: Any = None,
        *,
        logical_types: LogicalTypes = True,
        records: Literal["dict", "tuple"] = "dict",
        unions: Literal["plain", "tagged", "records"] = "plain",
        unicode_errors: str = "strict",
        limits: Limits | None = None,
        classes: Classes | None = None,
        trusted: bool = False,
    ) -> None:
        limits = limits_in_force(limits)
        writer, writer_key = _schema_or_class(writer_schema, limits)
        reader, reader_key = writer, writer_key
        if reader_schema is not None:
            reader, reader_key = _schema_or_class(reader_schema, limits)
        shape = None
        if classes is not None:
            reader, shape = _with_classes(reader, classes, logical_types, limits, trusted=trusted)
        shown = id(shape), records, unions, unicode_errors, trusted
        key = Decoder, logical_types, writer_key, reader_key, cache_key(limits), shown
        is_kept = isinstance(logical_types, bool)  # there are no custom types of its own
        made = _codecs.get(key) if is_kept else None
        if made is None:
            made = self._make(
                writer, reader, shape, logical_types, records, unions, unicode_errors, limits, trusted=trusted
            )
            if is_kept:
                _codecs.keep(key, made, made[0].allocated)
        super().__init__(made[0])
        self.__dict__ = made[1].copy()

    def _make(
        self,
        writer: Any,
        reader: Any,
        shape: Shape | None,
        logical_types: LogicalTypes,
        records: str,
        unions: str,
        unicode_errors: str,
        limits: Limits,
        *,
        trusted: bool,
    ) -> _Codec:
        writer = parse_schema(writer, limits=limits)
        if not isinstance(reader, Schema):
            reader, shape = _bound(reader, logical_types, limits, trusted=trusted)
        custom = logical_types_in_force(wanted=logical_types)
        logical = logical_types is not False
        tuples = _choice("records", records, _RECORDS) == "tuple"
        tagged = _TAGGED[_choice("unions", unions, _UNIONS)]
        plan = freeze(
            resolve(writer, reader, custom=custom.keys(), logical=logical),
            shape,
            tuples=tuples,
            tagged=tagged,
            converters=decode_converters(custom),
            unicode_errors=unicode_errors,
            limits=limits,
        )
        attributes = {
            "writer_schema": writer,
            "reader_schema": reader,
            "_logical_types": logical,
            "_limits": limits,
            "_column_plans": {},
        }
        return settled(plan), attributes, shape

    def _text_decoder(self, *, plain: bool, decimals: Decimals) -> TextDecoder:
        """The decoder that to_json uses, made once for each combination of its options."""
        from avrojet.json.encoding import text_decoder

        _choice("decimals", decimals, ("text", "number"))
        return text_decoder(
            self.writer_schema,
            self.reader_schema,
            plain=plain,
            logical_types=self._logical_types,
            decimals=decimals,
            limits=self._limits,
        )

    def decode_arrow(
        self,
        messages: Any,
        *,
        prefix: int = 0,
        types: ArrowTypes = STANDARD_TYPES,
        on_error: Literal["raise", "null", "skip"] = "raise",
        errors: list[tuple[int, AvroError]] | None = None,
        nullable: bool = False,
    ) -> Batch:
        """Decode messages of one datum each as Arrow columns, one row per message, without the GIL.

        A message that is None, or null in a column (a Kafka tombstone), becomes a row of nulls.

        >>> failed = []
        >>> batch = decoder.decode_arrow(messages, prefix=5, on_error="null", errors=failed)
        >>> for number, error in failed:
        ...     dead_letters.send(messages[number], str(error))

        :param messages: an iterable of bytes, other contiguous buffers and None; or a binary Arrow column of
            any library, with ``__arrow_c_array__`` or ``__arrow_c_stream__``.
        :param prefix: bytes to skip at the start of each message: the frame of a schema registry, say.
        :param types: which Arrow type to choose if several can hold the data.
        :param on_error: what to do with a message that is not exactly one datum of the schema: ``"raise"``
            its error; make it a row of nulls (``"null"``), so that rows and messages have the same indices;
            or leave it out (``"skip"``).
        :param errors: a list to which ``(index of the message, its error)`` is appended for each message that
            failed; indices count all messages from 0. Determining an error takes much longer than decoding a
            message.
        :param nullable: make all columns nullable, as they are with ``on_error="null"`` and in a batch that
            has a row of nulls, so that all batches have the same schema.
        :returns: a record batch: an object with ``__arrow_c_array__`` and ``len()``. Custom logical types
            show their plain encoding; ``records``, ``unions`` and ``unicode_errors`` do not apply.
        :raises DecodeError: if a message is not exactly one datum of the schema; the error has its index.
        :raises TypeError: if a message is neither a contiguous buffer nor None; the error says which.
        :raises SchemaError: if the reader's schema is recursive, which Arrow's types cannot be, or the Arrow
            column is not binary.
        :raises LimitError: if a column of the batch would exceed 2 GiB, or more than 2**31 items.
        """
        from avrojet.columns.plan import ColumnPlan

        plan = self._column_plans.get(types)
        if plan is None:
            plan = self._column_plans[types] = ColumnPlan(
                self.writer_schema,
                self.reader_schema,
                logical_types=self._logical_types,
                types=types,
                limits=self._limits,
            )
        return plan.decode_messages(messages, prefix, on_error, errors, nullable=nullable)

    def __repr__(self) -> str:
        return f"<avrojet.Decoder {self.writer_schema!r} -> {self.reader_schema!r}>"

    def __reduce__(self) -> Any:
        raise TypeError("a Decoder holds compiled code: pickle its schemas and make it again")


class Encoder(RowEncoder[T]):
    """Encodes values of ``schema``.

    Make it once and keep it: the schema is compiled here. It is thread-safe.

    A record is a Mapping, or a tuple with one item per field. A union's value goes to the branch that its
    type fits best, or to the one that a tuple ``(branch name, value)`` names; the name is the fullname of
    a named type, else the type.

    A logical type takes its Python value or the plain one (an int for a date, the bytes of a decimal), if a
    Decoder can show it. numpy scalars are accepted like Python's; a ``datetime64`` counts as UTC, or as local
    time for a local timestamp. An enum takes its symbol, or a member of a Python enum: by the member's value
    if that is text, else by its name.

    If a class is given in place of a schema, the encoder takes its instances, objects with the same
    attributes, and dicts. A union's value goes first to the branch of its class; tuples do not name
    branches then.

    :param schema: a Schema, JSON text or JSON data; or a class, meaning that of :func:`avrojet.schema_of`.
    :param logical_types: False takes only the plain encoding. Custom logical types may be passed, to be used
        in addition to the registered ones.
    :param defaults: a record's missing field takes the schema's default; else it is an error.
    :param extra_fields: ``"ignore"`` keys that are not fields, or make them an ``"error"``.
    :param attributes: read the fields of a value that is not a Mapping from its attributes (of a dataclass,
        for example).
    :param truncate_times: drop digits of a second finer than the logical type's unit.
    :param naive_datetimes: how a timestamp takes a datetime without zone: as an ``"error"``, or as
        ``"utc"``, or in the machine's ``"local"`` zone.
    :param limits: bounds on depth and size of a value; None: those of the process.
    :param classes: as in :class:`Decoder`: the classes whose instances stand for records and enums of the
        schema.
    :raises SchemaError: if the schema is not valid, or a class does not fit it.

    >>> Encoder('"string"').encode("foo")
    b'\\x06foo'
    """

    schema: Schema
    _options: EncodeOptions
    _logical_types: bool
    _limits: Limits
    _text_encoders: dict[bool, TextEncoder]
    _text_encoders_by_options: dict[int, dict[bool, TextEncoder]]

    @overload
    def __init__(self, schema: type[T], **options: Unpack[EncoderOptions]) -> None: ...
    @overload
    def __init__(self: Encoder[Any], schema: Any, **options: Unpack[EncoderOptions]) -> None: ...
    def __init__(
        self,
        schema: Any,
        *,
        logical_types: LogicalTypes = True,
        defaults: bool = False,
        extra_fields: Literal["ignore", "error"] = "ignore",
        attributes: bool = False,
        truncate_times: bool = False,
        naive_datetimes: Literal["error", "utc", "local"] = "error",
        limits: Limits | None = None,
        classes: Classes | None = None,
    ) -> None:
        limits = limits_in_force(limits)
        source, source_key = _schema_or_class(schema, limits)
        tuple_tags = isinstance(source, Schema)
        shape = None
        if classes is not None:
            source, shape = _with_classes(source, classes, logical_types, limits)
        key = Encoder, logical_types, source_key, cache_key(limits), id(shape), defaults
        is_kept = isinstance(logical_types, bool)  # there are no custom types of its own
        made = _codecs.get(key) if is_kept else None
        if made is None:
            made = self._make(source, shape, logical_types, limits, defaults=defaults)
            if is_kept:
                _codecs.keep(key, made, made[0].allocated)
        options = _options_of(
            tuple_tags=tuple_tags,
            defaults=bool(defaults),
            extra_fields=extra_fields,
            attributes=bool(attributes),
            truncate_times=bool(truncate_times),
            naive_datetimes=naive_datetimes,
        )
        super().__init__(made[0], options)
        self.__dict__ = made[1].copy()
        self._options = options
        self._text_encoders = self._text_encoders_by_options.setdefault(id(options), {})

    def _make(
        self, source: Any, shape: Shape | None, logical_types: LogicalTypes, limits: Limits, *, defaults: bool
    ) -> _Codec:
        schema = source
        if not isinstance(source, Schema):
            schema, shape = _bound(source, logical_types, limits)
        custom = logical_types_in_force(wanted=logical_types)
        logical = logical_types is not False
        steps = resolve(schema, custom=custom.keys(), logical=logical, defaults=defaults)
        plan = freeze(steps, shape, encoding=True, converters=encode_converters(custom), limits=limits)
        attributes = {
            "schema": schema,
            "_logical_types": logical,
            "_limits": limits,
            "_text_encoders_by_options": {},
        }
        return plan, attributes, shape

    def from_json(self, text: str | bytes, *, plain: bool = False) -> bytes:
        """Encode the datum of a JSON text, directly from the text.

        The encoder's `defaults`, `extra_fields`, `truncate_times` and ``naive_datetimes="utc"`` apply.

        :param text: str, or UTF-8 in bytes or another buffer.
        :param plain: JSON as people write it, as made by :meth:`Decoder.to_json`: a value of a union goes to
            the branch that it fits best. Else the specification's JSON Encoding.
        :raises DecodeError: if the text is not JSON, or does not fit the schema; ``path``, ``line`` and
            ``column`` say where.

        >>> Encoder(["null", "string"]).from_json('{"string": "foo"}')
        b'\\x02\\x06foo'
        """
        made = self._text_encoders.get(plain)
        if made is None:
            made = self._text_encoder(plain=plain)
        return made.data(text)

    def from_json_stream(self, source: Any, *, plain: bool = False) -> Iterator[bytes]:
        """Encode the data of consecutive JSON texts, one by one: JSON lines, or texts separated by any white
        space.

        >>> list(Encoder("long").from_json_stream("1 2\\n3"))
        [b'\\x02', b'\\x04', b'\\x06']

        :param source: text; UTF-8 in bytes or another buffer; or a text or binary file, which is read in
            pieces from its current position.
        :param plain: and the rest: as for :meth:`from_json`.
        :raises DecodeError: (from the iterator) at the first text that is not JSON, or does not fit the
            schema; ``path``, ``line``, ``column`` and ``offset`` say where in the stream.
        :raises LimitError: if a text exceeds a limit, or is longer than ``limits.block_bytes``.
        """
        from avrojet.json.stream import TextStream

        return iter(TextStream(source, self._text_encoder(plain=plain), self._limits))

    def _text_encoder(self, *, plain: bool) -> TextEncoder:
        made = self._text_encoders.get(plain)
        if made is None:
            from avrojet.json.encoding import text_encoder

            made = self._text_encoders[plain] = text_encoder(
                self.schema,
                plain=plain,
                logical_types=self._logical_types,
                options=self._options,
                limits=self._limits,
            )
        return made

    def encode_arrow(
        self,
        data: Any,
        *,
        prefix: bytes = b"",
        extra_columns: Literal["error", "ignore"] = "error",
        names: NamesOfColumns = "strict",
    ) -> ArrowColumn:
        """Encode rows of Arrow columns as messages of one datum each.

        :param data: as for :func:`avrojet.write_arrow`; columns are matched to fields by name.
        :param prefix: bytes at the start of each message: the frame of a schema registry, say.
        :param extra_columns: what to do with columns that are not fields: ``"error"`` or ``"ignore"``.
        :param names: ``"replace"``: columns with names that Avro does not allow go to the fields with their
            replacement names.
        :returns: a binary column: an object with ``__arrow_c_array__`` and ``len()``. Of the encoder's
            options, ``logical_types=False``, ``truncate_times`` and ``naive_datetimes="utc"`` apply; a field
            without a column takes its default, or null, and custom logical types show their plain encoding.
        :raises SchemaError: if a column does not fit the schema, or contradicts itself.
        :raises EncodeError: at the first row that does not fit; the error has the row's index.
        :raises LimitError: if the messages exceed 2 GiB, or there are more columns than ``limits.columns``,
            or more rows of no bytes, or items of no bytes in one row, than ``limits.empty_items``.
        """
        return self._encode_messages(data, bytes(prefix), extra_columns=extra_columns, names=names)

    def _encode_messages(
        self,
        data: Any,
        prefix: bytes,
        *,
        extra_columns: Literal["error", "ignore"] = "error",
        names: NamesOfColumns = "strict",
        finish: Callable[[bytes], bytes] | None = None,
        most: int = 0,
    ) -> ArrowColumn:
        from avrojet.columns.source import ColumnSource
        from avrojet.core.arrow.encode_columns import encode_messages
        from avrojet.plan.arrow.layout import Column

        options = Options(
            logical=self._logical_types,
            truncate_times=self._options.truncate_times,
            naive_is_utc=self._options.naive_is_utc,
            decimal_bytes=self._limits.decimal_bytes,
        )
        source = ColumnSource(data, self._limits)
        encoder = source.encoder(self.schema, extra_columns, names, options)
        layout = Column("", "bytes", "z", width=4)
        return encode_messages(encoder, source, prefix, layout, self._limits, finish=finish, most=most)

    def __repr__(self) -> str:
        return f"<avrojet.Encoder {self.schema!r}>"

    def __reduce__(self) -> Any:
        raise TypeError("an Encoder holds compiled code: pickle its schema and make it again")


# The plan, the attributes and the shape of Encoders or Decoders.
_Codec = tuple[Plan, dict[str, Any], "Shape | None"]
# By the schemas or classes, and the options that the plan depends on. Sizes in bytes.
_codecs: PlanCache[_Codec] = PlanCache(256, 16 << 20)


def _schema_or_class(source: Any, limits: Limits) -> tuple[Any, Hashable]:
    """A class, or an annotation, as it is, and the schema of anything else; and its key in caches.

    A schema is known by its identity, as it lives as long as the codec that is kept.
    """
    if isinstance(source, Schema):
        return source, id(source)
    if is_annotation(source):
        return source, annotation_key(source)
    schema = parse_schema(source, limits=limits)
    return schema, id(schema)


def _bound(source: Any, logical_types: LogicalTypes, limits: Limits, *, trusted: bool = False) -> Bound:
    """The schema of a class, and what Python has for its values."""
    _ensure_logical(logical_types)
    from avrojet.typed.binding import bound

    return bound(source, limits=limits, trusted=trusted)


def _with_classes(
    source: Any, classes: Classes, logical_types: LogicalTypes, limits: Limits, *, trusted: bool = False
) -> Bound | tuple[Any, None]:
    """A schema, and what Python has for its values; a class needs no others."""
    _ensure_logical(logical_types)
    if not isinstance(source, Schema):
        return source, None
    from avrojet.typed.binding import bound_by_names

    return bound_by_names(source, classes, trusted=trusted)


def _ensure_logical(logical_types: LogicalTypes) -> None:
    if logical_types is False:
        raise ValueError("logical_types=False contradicts classes, which say what their values are")


@cache
def _options_of(
    *,
    tuple_tags: bool,
    defaults: bool,
    extra_fields: str,
    attributes: bool,
    truncate_times: bool,
    naive_datetimes: str,
) -> EncodeOptions:
    """The options of Encoders, the same each time."""
    extra = _choice("extra_fields", extra_fields, ("ignore", "error"))
    naive = _choice("naive_datetimes", naive_datetimes, ("error", "utc", "local"))
    return EncodeOptions(
        tuple_tags=tuple_tags,
        fill_defaults=defaults,
        refuse_extra=extra == "error",
        read_attributes=attributes,
        truncate_times=truncate_times,
        naive_is_utc=naive == "utc",
        naive_is_local=naive == "local",
    )


def _choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}: {value!r}")
    return value


def _every_branch(branch: Branch) -> bool:
    return True


def _is_record(branch: Branch) -> bool:
    return isinstance(branch.schema, RecordSchema)


# The branches of unions that are shown with their names.
_TAGGED: Final[dict[str, Callable[[Branch], bool] | None]] = {
    "plain": None,
    "tagged": _every_branch,
    "records": _is_record,
}
_UNIONS: Final = tuple(_TAGGED)
_RECORDS: Final = ("dict", "tuple")


def encode(value: Any, schema: Any) -> bytes:
    """Encode one value; the compiled schema is cached for the next call.

    For a loop, make an :class:`Encoder` once instead; it has options, too.

    :raises EncodeError: if the value does not fit the schema.
    """
    key, schema = _known_by(schema)
    encoder = _encoders.get(key)
    if encoder is None:
        encoder = Encoder(schema)
        _encoders.keep(key, encoder, _characters(schema))
    return encoder.encode(value)


@overload
def decode(data: Any, writer_schema: type[T], reader_schema: None = None) -> T: ...
@overload
def decode(data: Any, writer_schema: Any, reader_schema: type[T]) -> T: ...
@overload
def decode(data: Any, writer_schema: Any, reader_schema: Any = None) -> Any: ...
def decode(data: Any, writer_schema: Any, reader_schema: Any = None) -> Any:
    """Decode one datum; the compiled schemas are cached for the next call.

    For a loop, make a :class:`Decoder` once instead; it has options, too.

    :raises DecodeError: if the data are not exactly one datum of the writer schema.
    """
    writer, writer_schema = _known_by(writer_schema)
    reader, reader_schema = (None, None) if reader_schema is None else _known_by(reader_schema)
    decoder = _decoders.get((writer, reader))
    if decoder is None:
        decoder = Decoder(writer_schema, reader_schema)
        _decoders.keep((writer, reader), decoder, _characters(writer_schema) + _characters(reader_schema))
    return decoder.decode(data)


def _known_by(schema: Any) -> tuple[Hashable, Any]:
    """The cache key of a schema, and the schema: text and classes are not parsed again."""
    if isinstance(schema, Schema | str):
        return schema, schema
    if is_annotation(schema):
        return annotation_key(schema), schema
    schema = parse_schema(schema)
    return schema, schema


def _characters(schema: Any) -> int:
    if schema is None:
        return 0
    return len(schema if isinstance(schema, str) else parse_schema(schema).json)


_encoders: PlanCache[Encoder[Any]] = PlanCache()
_decoders: PlanCache[Decoder[Any]] = PlanCache()
on_new_defaults(_codecs.clear)  # and types that are registered
on_new_defaults(_encoders.clear)
on_new_defaults(_decoders.clear)
