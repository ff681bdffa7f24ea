"""The kinds of failures, and the facts that errors carry; any module may import this one.

Kinds of the same name in reading and in writing mean the same.

(Annotations are values here, not texts, each of which Python would compile for `Facts`, at every start.)
"""

from enum import StrEnum
from typing import TypedDict


class DecodeFailure(StrEnum):
    """Why data cannot be read: ``kind`` of a :class:`DecodeError`, of rows, columns and JSON text alike."""

    NO_DATA = "NO_DATA"
    """There is not one byte where a datum should begin."""

    TRUNCATED = "TRUNCATED"
    """The data end inside a datum."""

    TRAILING = "TRAILING"
    """Bytes follow the datum, or the last one of a block."""

    VARINT = "VARINT"
    """A variable-length integer has too many bytes."""

    LENGTH = "LENGTH"
    """A length is negative."""

    BOOLEAN = "BOOLEAN"
    """The byte of a boolean is not 0 or 1."""

    BLOCK = "BLOCK"
    """A block of items does not have the count or the size that it states."""

    RANGE = "RANGE"
    """A number is out of range of its type, or beyond the dates and times of Python."""

    SYMBOL = "SYMBOL"
    """An enum has no such symbol; in binary data, none of this index."""

    BRANCH = "BRANCH"
    """A union has no such branch; in binary data, none of this index."""

    TEXT = "TEXT"
    """Text is not UTF-8, or has characters that its type cannot have."""

    VALUE = "VALUE"
    """The bytes or the text are not a value of the logical type: not a UUID, or too many digits for a
    decimal."""

    CONVERSION = "CONVERSION"
    """A converter of a custom logical type raised, or the class of a record when an instance was made;
    ``__cause__`` is its exception."""

    COLUMN = "COLUMN"
    """A value that rows can have, but not the Arrow type of its column."""

    MALFORMED = "MALFORMED"
    """The bytes are not data of the schema; that is all that is known of them."""

    HEADER = "HEADER"
    """A message does not begin as its kind does, or with the fingerprint of a schema that is not known."""

    ARROW = "ARROW"
    """An Arrow array of messages contradicts itself, or its producer failed."""

    LIMIT = "LIMIT"
    """A limit is exceeded; ``limit`` says which."""

    SYNTAX = "SYNTAX"
    """JSON: the text is not JSON."""

    TYPE = "TYPE"
    """JSON: a value of another type than the schema's."""

    SIZE = "SIZE"
    """JSON: a fixed of another size than the schema's."""

    MISSING_FIELD = "MISSING_FIELD"
    """JSON: a record lacks a field; ``field`` says which."""

    EXTRA_FIELD = "EXTRA_FIELD"
    """JSON: a record has a key that is not one of its fields."""

    DUPLICATE_KEY = "DUPLICATE_KEY"
    """JSON: an object has a key twice."""


class EncodeFailure(StrEnum):
    """Why a value cannot be written: ``kind`` of an :class:`EncodeError`, of rows and columns alike."""

    TYPE = "TYPE"
    """A value of another type than the schema's, or null where it has none."""

    RANGE = "RANGE"
    """A number is out of range of its type."""

    SIZE = "SIZE"
    """Bytes of another size than the fixed."""

    SYMBOL = "SYMBOL"
    """An enum has no such symbol; ``symbol`` says which."""

    BRANCH = "BRANCH"
    """A value that no branch of the union takes; ``branch`` is the name that it came with, if it did."""

    TEXT = "TEXT"
    """Text that cannot be written in UTF-8, or that is not UTF-8."""

    KEY = "KEY"
    """A map's key is not a str."""

    VALUE = "VALUE"
    """The logical type has no such value, or would lose digits of it; ``reason`` says why."""

    MISSING_FIELD = "MISSING_FIELD"
    """A record lacks a field that has no default; ``field`` says which."""

    EXTRA_FIELD = "EXTRA_FIELD"
    """A record has keys that are not fields of it; ``extra`` has the first of them."""

    CHANGED = "CHANGED"
    """A container changed its size while it was encoded."""

    CONVERSION = "CONVERSION"
    """A converter of a custom logical type raised; ``__cause__`` is its exception."""

    ARROW = "ARROW"
    """An Arrow array contradicts itself, or its producer failed."""

    LIMIT = "LIMIT"
    """A limit is exceeded; ``limit`` says which."""


class Incompatibility(StrEnum):
    """Why data of a writer's schema cannot be read as a reader's: ``kind`` of a :class:`ResolutionError`."""

    NAME_MISMATCH = "NAME_MISMATCH"
    """Two named types share neither unqualified name nor alias."""

    FIXED_SIZE_MISMATCH = "FIXED_SIZE_MISMATCH"
    """Two fixed types differ in size."""

    MISSING_ENUM_SYMBOLS = "MISSING_ENUM_SYMBOLS"
    """The reader's enum lacks symbols of the writer's, and has no default."""

    AMBIGUOUS_ALIAS = "AMBIGUOUS_ALIAS"
    """The reader's aliases leave open which of the writer's names a name of the reader's stands for."""

    READER_FIELD_MISSING_DEFAULT_VALUE = "READER_FIELD_MISSING_DEFAULT_VALUE"
    """The reader's record has a field without a default, and the writer's record lacks it."""

    TYPE_MISMATCH = "TYPE_MISMATCH"
    """Different types, and no promotion from the writer's to the reader's."""

    MISSING_UNION_BRANCH = "MISSING_UNION_BRANCH"
    """No branch of the reader's union matches."""

    DECIMAL_MISMATCH = "DECIMAL_MISMATCH"
    """Two decimals differ in precision or scale."""

    LOGICAL_TYPE_MISMATCH = "LOGICAL_TYPE_MISMATCH"
    """Two logical types are of different kinds: a date and a timestamp, a UTC timestamp and a local one. Or
    they differ in their unit, and the reader's has no room for all digits of the writer's."""

    READER_FIELD_INVALID_DEFAULT_VALUE = "READER_FIELD_INVALID_DEFAULT_VALUE"
    """The reader's record has a field that the writer's lacks, and its default is not a value of its logical
    type."""


class Facts(TypedDict, total=False):
    """The facts that an error may carry; :class:`avrojet.AvroError` says what each means."""

    kind: StrEnum | None
    reason: str | None
    path: str | None
    offset: int | None
    file: str | None
    block: int | None
    row: int | None
    line: int | None
    column: int | None
    field: str | None
    enclosing_field: str | None
    extra: tuple[str, ...] | None
    expected: str | None
    value_type: str | None
    symbol: str | int | None
    branch: str | int | None
    number: int | None
    limit: str | None
    writer_name: str | None
    reader_name: str | None
    writer_path: str | None
    topic: str | None
    partition: int | None
    message_offset: int | None
    schema_id: int | str | None
