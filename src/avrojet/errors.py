"""The exceptions of avrojet; any module may import this one.

    AvroError(Exception)
    ├── SchemaError(AvroError, ValueError)       a schema is not valid Avro
    │   └── IdlError(SchemaError)                        ... and stands in text of Avro's IDL
    ├── ResolutionError(AvroError)               writer and reader schema do not fit
    ├── EncodeError(AvroError, ValueError)       a value does not fit the schema
    │   └── EncodeTypeError(EncodeError, TypeError)      ... because of its Python type
    ├── DecodeError(AvroError, ValueError)       bytes are not what the schema says
    │   └── TruncatedError(DecodeError, EOFError)        ... because they end too early
    ├── LimitError(AvroError, ValueError)        data or schema exceeds a limit (see avrojet.limits)
    │   ├── SchemaLimitError(LimitError, SchemaError)    ... when a schema is parsed, made or compiled
    │   ├── EncodeLimitError(LimitError, EncodeError)    ... when values are written
    │   └── DecodeLimitError(LimitError, DecodeError)    ... when data are read
    ├── RegistryError(AvroError)                 a schema registry fails or refuses (avrojet.registry.errors)
    └── DataFileError(AvroError, ValueError)     an object container file is damaged or misused
        ├── CodecError(DataFileError)            unknown codec, or its library is not installed
        └── DataFileTypeError(DataFileError, TypeError)  what was given is no file, path or bytes

A limit may be exceeded in parsing, writing or reading. The :class:`LimitError` that is raised then is also an
error of that operation. So ``except LimitError`` catches all of them, and ``except SchemaError`` around a
parse, ``except EncodeError`` around a write and ``except DecodeError`` around a read each catch the limits
that the operation exceeds. If memory runs out, :class:`MemoryError` is raised.

Errors carry their facts as attributes, see :class:`AvroError`. The message says them too, so that a log line
is enough to see what is wrong and where. It is always one line, whatever names are in it.
"""

from __future__ import annotations

from copy import copy
from enum import StrEnum
from typing import Final, TypeVar, Unpack

from avrojet.failures import DecodeFailure, EncodeFailure, Facts
from avrojet.messages import readable

_FACTS: Final = frozenset(Facts.__annotations__)
_Error = TypeVar("_Error", bound=BaseException)


class AvroError(Exception):
    """Base of every error that avrojet raises on purpose. An attribute that is not known, or does not apply,
    is None.

    :ivar kind: what is wrong: a :class:`DecodeFailure`, an :class:`EncodeFailure` or, of a
        :class:`ResolutionError`, what :func:`check_compatibility` calls it.
    :ivar reason: what is wrong in words, without the place.
    :ivar path: place in the value or the schema, e.g. ``$.items[3].price`` or ``fields[3].type``.
    :ivar offset: byte position in the datum or, for container files, in the file.
    :ivar file: path or URL of the container file; None if it was given as a file object or bytes.
    :ivar block: number of the block in the container file, counted from 0.
    :ivar row: number of the record or message, counted from 0: in its block if ``block`` is set, else among
        those that were given.
    :ivar line: line of a text (JSON data, IDL), counted from 1.
    :ivar column: column of that line in characters, counted from 1.
    :ivar field: name of the field that is wrong or missing.
    :ivar enclosing_field: name of the innermost field on the path: ``field`` itself unless that is missing.
    :ivar extra: the first few keys that are not fields.
    :ivar expected: what the schema wants there, e.g. ``int`` or ``enum org.foo.Suit``.
    :ivar value_type: name of the Python type of the value that was given instead.
    :ivar symbol: the symbol of an enum that is not known, or its index if the data have only that.
    :ivar branch: the name of a union's branch that is not known, or its index if the data have only that.
    :ivar number: the number that is refused: a value, a count, a length or a size.
    :ivar limit: name of the limit in :class:`avrojet.Limits`; None if it is one that cannot be set, such as
        the depth of Python's stack.
    :ivar writer_name: the writer's type that cannot be read: its fullname, or the name of the type if it has
        none.
    :ivar reader_name: the reader's type that it cannot be read as; None if a field has no value.
    :ivar writer_path: place in the writer's schema, where ``path`` is that in the reader's.
    :ivar topic: of a message: the Kafka topic that it comes from, or goes to.
    :ivar partition: of a message: its partition.
    :ivar message_offset: of a message: its offset in the partition.
    :ivar schema_id: of a message: the id that it has for its schema.
    """

    kind: StrEnum | None = None
    reason: str | None = None
    path: str | None = None
    offset: int | None = None
    file: str | None = None
    block: int | None = None
    row: int | None = None
    line: int | None = None
    column: int | None = None
    field: str | None = None
    enclosing_field: str | None = None
    extra: tuple[str, ...] | None = None
    expected: str | None = None
    value_type: str | None = None
    symbol: str | int | None = None
    branch: str | int | None = None
    number: int | None = None
    limit: str | None = None
    writer_name: str | None = None
    reader_name: str | None = None
    writer_path: str | None = None
    topic: str | None = None
    partition: int | None = None
    message_offset: int | None = None
    schema_id: int | str | None = None

    def __init__(self, message: str = "", **facts: Unpack[Facts]) -> None:
        super().__init__(readable(message))
        if facts:
            if not _FACTS.issuperset(facts):
                raise TypeError(f"no facts of an error: {', '.join(sorted(facts.keys() - _FACTS))}")
            path, reason = facts.get("path"), facts.get("reason")
            if path is not None:
                facts["path"] = readable(path)
            if reason is not None:
                facts["reason"] = readable(reason)
            self.__dict__.update(facts)

    def __reduce__(self) -> tuple[object, ...]:
        return _made_again, (type(self), *self.args), dict(self.__dict__)


def _made_again(error: type[AvroError], *args: str) -> AvroError:
    """An error with a message that has been made already; its facts are set next."""
    return error.__new__(error, *args)


def facts_of(error: AvroError) -> Facts:
    """What an error knows, for another one that is raised instead."""
    return {name: value for name, value in error.__dict__.items() if name in _FACTS}  # type: ignore[return-value]


def tell_place(error: Exception, place: str, **facts: Unpack[Facts]) -> None:
    """Add the place to an error, once; errors that are not avrojet's get it as a note."""
    if isinstance(error, AvroError):
        error.__dict__.update(facts)
        error.args = (f"{place}: {error}",)
    elif f"in {place}" not in getattr(error, "__notes__", ()):
        error.add_note(f"in {place}")


def untraced(error: _Error) -> _Error:
    """An error to be kept: a copy without the traceback, which would refer to its keeper; so is its cause.

    It is the error itself if that cannot be copied.
    """
    try:
        again = copy(error)
        if type(again) is not type(error) or again.args != error.args:
            return error
        if error.__cause__ is not None:
            again.__cause__ = untraced(error.__cause__)
        return again
    except Exception:  # noqa: BLE001 (of an error that is not avrojet's)
        return error


def in_file(error: Exception, file: str | None) -> None:
    """Add the file to an error; once, however often this is called."""
    if file is not None and getattr(error, "file", None) is None:
        tell_place(error, file, file=file)


class errors_in:  # noqa: N801 (a context manager; made of a generator it would take three times as long)
    """Adds the file to errors that pass through."""

    __slots__ = ("_file",)

    def __init__(self, file: str | None) -> None:
        self._file = file

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception):
            in_file(error, self._file)


class SchemaError(AvroError, ValueError):
    """A schema breaks a rule of the specification; ``path`` names the place in the schema."""


class IdlError(SchemaError):
    """Text in Avro's IDL is not valid, or what it defines is not.

    ``file`` is the path of the file, or None for text that is from none.
    """


class ResolutionError(AvroError):
    """Data of the writer schema cannot be read as the reader schema (specification: Schema Resolution)."""


class EncodeError(AvroError, ValueError):
    """A value cannot be written as the schema says; ``path`` names the place in the value."""


class EncodeTypeError(EncodeError, TypeError):
    """A value's Python type has no meaning for the Avro type it was given for."""

    kind: StrEnum | None = EncodeFailure.TYPE


class DecodeError(AvroError, ValueError):
    """Bytes are not a valid encoding of the schema; ``path`` and ``offset`` name the place."""


class TruncatedError(DecodeError, EOFError):
    """The bytes end before the datum does."""

    kind: StrEnum | None = DecodeFailure.TRUNCATED


class LimitError(AvroError, ValueError):
    """Data or a schema would exceed a limit; the message says which, and how to raise it."""


class SchemaLimitError(LimitError, SchemaError):
    """A schema exceeds a limit."""


class EncodeLimitError(LimitError, EncodeError):
    """A value to be written exceeds a limit."""

    kind: StrEnum | None = EncodeFailure.LIMIT


class DecodeLimitError(LimitError, DecodeError):
    """Data to be read exceed a limit."""

    kind: StrEnum | None = DecodeFailure.LIMIT


class DataFileError(AvroError, ValueError):
    """An object container file is damaged, is no Avro file, or is used against its state."""


class CodecError(DataFileError):
    """A codec is unknown, or the library that serves it is not installed."""


class DataFileTypeError(DataFileError, TypeError):
    """The object given as a container file cannot be read or written as bytes."""
