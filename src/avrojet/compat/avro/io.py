"""Reading and writing data of a schema.

Values are Python's: dict for records and maps, list for arrays, str for strings, enums and UUIDs, bytes for
bytes and fixed, and date, time, datetime and Decimal for those logical types.
"""

from __future__ import annotations

from collections import deque, namedtuple
from collections.abc import Generator, Iterator
from io import BytesIO
from typing import Any, Final

from avrojet.compat.avro import _plans
from avrojet.compat.avro._leaves import (
    STRUCT_DOUBLE,
    STRUCT_FLOAT,
    STRUCT_SIGNED_INT,
    STRUCT_SIGNED_LONG,
    STRUCT_SIGNED_SHORT,
    BinaryDecoder,
    BinaryEncoder,
    overrides,
)
from avrojet.compat.avro._plans import (
    DEFAULT_MAX_COLLECTION_ITEMS,
    DEFAULT_MAX_COLLECTION_STRUCTURAL,
    MAX_COLLECTION_ITEMS_ENV,
)
from avrojet.compat.avro._plans import collection_limits as _collection_limits
from avrojet.compat.avro._walk import MAX_UNCHECKED_COLLECTION as _MAX_UNCHECKED_COLLECTION
from avrojet.compat.avro._walk import RECORDS, UNIONS, ReadingSteps, WritingSteps
from avrojet.compat.avro._walk import min_bytes as _min_bytes_per_element
from avrojet.compat.avro.errors import AvroTypeException, InvalidAvroBinaryEncoding, IONotReadyException
from avrojet.compat.avro.schema import Schema
from avrojet.core.rows.row_encoder import RowEncoder
from avrojet.core.rows.rows import RowDecoder
from avrojet.errors import DecodeError, EncodeError, ResolutionError, TruncatedError

__all__ = [
    "DEFAULT_MAX_COLLECTION_ITEMS",
    "DEFAULT_MAX_COLLECTION_STRUCTURAL",
    "MAX_COLLECTION_ITEMS_ENV",
    "STRUCT_DOUBLE",
    "STRUCT_FLOAT",
    "STRUCT_SIGNED_INT",
    "STRUCT_SIGNED_LONG",
    "STRUCT_SIGNED_SHORT",
    "_MAX_UNCHECKED_COLLECTION",
    "BinaryDecoder",
    "BinaryEncoder",
    "DatumReader",
    "DatumWriter",
    "ValidationNode",
    "ValidationNodeGeneratorType",
    "_collection_limits",
    "_max_collection_items",
    "_min_bytes_per_element",
    "validate",
]

_FIRST_READ: Final = 512  # bytes of a stream, for one datum

ValidationNode = namedtuple("ValidationNode", ["schema", "datum", "name"])  # noqa: PYI024 (as it is known)
ValidationNodeGeneratorType = Generator[ValidationNode, None, None]


def _max_collection_items() -> int:
    return _collection_limits()[0]


def validate(expected_schema: Schema, datum: Any, raise_on_error: bool = False) -> bool:
    """Whether a datum fits a schema, with everything in it; checked level by level.

    :param raise_on_error: raise an error for the first value that does not fit.
    :raises AvroTypeException: if `raise_on_error` is true, and a value does not fit.
    """
    waiting = deque([ValidationNode(expected_schema, datum, getattr(expected_schema, "name", None))])
    known: dict[tuple[int, int], bool] = {}
    while waiting:
        node = waiting.popleft()
        found = _schema_of(node.schema, node.datum, known)
        if found is None:
            if raise_on_error:
                raise AvroTypeException(node.schema, node.name, node.datum)
            return False
        waiting.extend(_contents(found, node.datum, node.name))
    return True


def _schema_of(schema: Any, datum: Any, known: dict[tuple[int, int], bool]) -> Any:
    """Return the schema, or the branch of a union, that a datum fits; None if it fits none.

    If several branches match, it is the first that the contents of the datum fit, too; if only one matches,
    the contents are checked later.
    """
    if schema.type not in UNIONS:
        return schema.validate(datum)
    taking = [branch for branch in schema.schemas if branch.validate(datum) is not None]
    if len(taking) < 2:
        return taking[0] if taking else None
    return next((branch for branch in taking if _fits(branch, datum, known)), taking[0])


def _fits(schema: Any, datum: Any, known: dict[tuple[int, int], bool]) -> bool:
    """Whether a datum fits a schema, with everything in it; known results are not computed again."""
    key = id(schema), id(datum)
    if key not in known:
        found = _schema_of(schema, datum, known)
        known[key] = found is not None and all(
            _fits(node.schema, node.datum, known) for node in _contents(found, datum, None)
        )
    return known[key]


def _contents(schema: Any, datum: Any, name: str | None) -> Iterator[ValidationNode]:
    if schema.type in RECORDS:
        for field in schema.fields:
            yield ValidationNode(field.type, datum.get(field.name), field.name)
    elif schema.type == "array":
        for item in datum:
            yield ValidationNode(schema.items, item, name)
    elif schema.type == "map":
        for key, value in datum.items():
            yield ValidationNode(schema.values, value, key)


class DatumReader(ReadingSteps):
    """Reads data of the writer's schema as values of the reader's.

    Create it once and keep it: the schemas are compiled when the first datum is read.

    :param readers_schema: None: the writer's.
    """

    _walks = False
    """Whether a subclass overrides a method that reads the contents of a datum."""

    def __init__(self, writers_schema: Schema | None = None, readers_schema: Schema | None = None) -> None:
        self._writers_schema = writers_schema
        self._readers_schema = readers_schema
        self._plan: RowDecoder | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._walks = overrides(cls, ReadingSteps)

    @property
    def writers_schema(self) -> Any:
        return self._writers_schema

    @writers_schema.setter
    def writers_schema(self, writers_schema: Any) -> None:
        self._writers_schema = writers_schema
        self._plan = None

    @property
    def readers_schema(self) -> Any:
        return self._readers_schema

    @readers_schema.setter
    def readers_schema(self, readers_schema: Any) -> None:
        self._readers_schema = readers_schema
        self._plan = None

    def read(self, decoder: Any) -> Any:
        """Read one datum from the position of the decoder's stream, which is then after the datum.

        :raises IONotReadyException: if there is no writer's schema.
        :raises SchemaResolutionException: if it cannot be read as the reader's schema.
        :raises InvalidAvroBinaryEncoding: if the bytes are not a datum of the writer's schema.
        :raises AvroCollectionSizeException: if it has more items than the environment allows.
        """
        plan = self._plan
        if plan is None:
            plan = self._make_plan()
        if type(decoder) is BinaryDecoder and not self._walks:
            stream = decoder._reader
            if type(stream) is BytesIO:
                try:
                    value, end = plan.decode_from(stream.getvalue(), stream.tell())
                except (DecodeError, ResolutionError) as error:
                    raise self._error(error) from error
                stream.seek(end)
                return value
        return self._read_otherwise(plan, decoder)

    def _make_plan(self) -> RowDecoder:
        if self._writers_schema is None:
            raise IONotReadyException("to read data takes the schema that they were written with")
        self._plan = _plans.reading(self._writers_schema, self._readers_schema)
        return self._plan

    def _read_otherwise(self, plan: RowDecoder, decoder: Any) -> Any:
        if not self._walks and getattr(decoder, "_is_plain", False) and _can_seek(decoder.reader):
            try:
                return _read_ahead(plan, decoder.reader)
            except (DecodeError, ResolutionError) as error:
                raise self._error(error) from error
        self._zero_byte_items_read = 0
        written = self._writers_schema
        try:
            return self.read_data(written, self._readers_schema or written, decoder)
        except RecursionError:
            raise InvalidAvroBinaryEncoding("the datum nests too deep for Python's stack") from None

    def _error(self, error: DecodeError | ResolutionError) -> Exception:
        return _plans.read_error(error, self._writers_schema, self._readers_schema)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_plan": None}  # which is compiled code


def _can_seek(stream: Any) -> bool:
    seekable = getattr(stream, "seekable", None)
    return seekable is not None and bool(seekable())


def _read_ahead(plan: RowDecoder, stream: Any) -> Any:
    """Read as many bytes as a datum may have, and go back to its end."""
    wanted = _FIRST_READ
    data = stream.read(wanted)
    while True:
        try:
            value, end = plan.decode_from(data, 0)
            break
        except TruncatedError:
            more = stream.read(wanted)
            if not more:
                raise
            data += more
            wanted = 2 * len(data)
    if end != len(data):
        stream.seek(end - len(data), 1)
    return value


class DatumWriter(WritingSteps):
    """Writes values of a schema.

    Create it once and keep it: the schema is compiled when the first datum is written.
    """

    _walks = False
    """Whether a subclass overrides a method that writes the contents of a datum."""

    def __init__(self, writers_schema: Schema | None = None) -> None:
        self._writers_schema = writers_schema
        self._plan: RowEncoder | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._walks = overrides(cls, WritingSteps)

    @property
    def writers_schema(self) -> Any:
        return self._writers_schema

    @writers_schema.setter
    def writers_schema(self, writers_schema: Any) -> None:
        self._writers_schema = writers_schema
        self._plan = None

    def write(self, datum: Any, encoder: Any) -> None:
        """Write one datum to the encoder's stream, all of it or nothing.

        :raises IONotReadyException: if there is no schema.
        :raises AvroTypeException: if the datum does not fit the schema.
        """
        plan = self._plan
        if plan is None:
            plan = self._make_plan()
        if type(encoder) is BinaryEncoder and not self._walks:
            try:
                data = plan.encode(datum)
            except EncodeError as error:
                data = self._encode_otherwise(datum, error)
            encoder._writer.write(data)
        else:
            self._write_otherwise(plan, datum, encoder)

    def _make_plan(self) -> RowEncoder:
        if self._writers_schema is None:
            raise IONotReadyException("to write data takes a schema")
        self._plan = _plans.writing(self._writers_schema)
        return self._plan

    def _encode_otherwise(self, datum: Any, error: EncodeError) -> bytes:
        """Write a datum that the core refuses but that may be valid here: a bool is an int, too.

        :raises AvroTypeException: if it is not valid.
        """
        validate(self.writers_schema, datum, raise_on_error=True)
        target = BytesIO()
        try:
            self.write_data(self._writers_schema, datum, BinaryEncoder(target))
        except (ValueError, ArithmeticError, LookupError, TypeError, RecursionError):
            raise AvroTypeException(str(error)) from error
        return target.getvalue()

    def _write_otherwise(self, plan: RowEncoder, datum: Any, encoder: Any) -> None:
        if not self._walks and getattr(encoder, "_is_plain", False):
            try:
                data = plan.encode(datum)
            except EncodeError as error:
                data = self._encode_otherwise(datum, error)
            encoder.write(data)
        else:
            validate(self.writers_schema, datum, raise_on_error=True)
            self.write_data(self._writers_schema, datum, encoder)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_plan": None}  # which is compiled code
