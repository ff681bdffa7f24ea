"""The exceptions of avrojet; any module may import this one.

    AvroError(Exception)
    ├── SchemaError(AvroError, ValueError)       a schema is not valid Avro
    │   └── IdlError(SchemaError)                        ... and stands in text of Avro's IDL
    ├── ResolutionError(AvroError)               writer and reader schema do not fit
    ├── EncodeError(AvroError, ValueError)       a value does not fit the schema
    │   └── EncodeTypeError(EncodeError, TypeError)      ... because of its Python type
    ├── DecodeError(AvroError, ValueError)       bytes are not what the schema says
    │   └── TruncatedError(DecodeError, EOFError)        ... because they end too early
    ├── LimitError(DecodeError)                  data or schema exceeds a limit (see avrojet.limits)
    └── DataFileError(AvroError, ValueError)     an object container file is damaged or misused
        ├── CodecError(DataFileError)            unknown codec, or its library is not installed
        └── DataFileTypeError(DataFileError, TypeError)  what was given is no file, path or bytes

Each carries ``path``, ``offset``, ``block`` and ``file`` where they are known, else None. The message says
them too, so that a log line alone tells what is wrong and where. It is one line, whatever the names in it
are.
"""

from __future__ import annotations

from copy import copy
from typing import TypeVar

from avrojet.messages import readable

_Error = TypeVar("_Error", bound=BaseException)


class AvroError(Exception):
    """Base of every error that avrojet raises on purpose.

    :ivar path: place in the value or the schema, e.g. ``$.items[3].price`` or ``fields[3].type``.
    :ivar offset: byte position in the datum or, for container files, in the file.
    :ivar block: number of the block in the container file, counted from 0.
    :ivar file: path or URL of the container file; None if it was given as a file object or bytes.
    :ivar line: line of a text (JSON data, IDL), counted from 1.
    :ivar column: column of that line in characters, counted from 1.
    """

    path: str | None
    offset: int | None
    block: int | None
    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __init__(
        self,
        message: str = "",
        *,
        path: str | None = None,
        offset: int | None = None,
        block: int | None = None,
    ) -> None:
        super().__init__(readable(message))
        self.path = path if path is None else readable(path)
        self.offset = offset
        self.block = block

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), self.args, dict(self.__dict__)


def untraced(error: _Error) -> _Error:
    """An error to be kept: a copy without the traceback, which leads to whoever keeps it.

    It is the error itself if that cannot be copied.
    """
    try:
        again = copy(error)
        return again if type(again) is type(error) and again.args == error.args else error
    except Exception:  # noqa: BLE001 (of an error that is not avrojet's)
        return error


def in_file(error: Exception, file: str | None) -> None:
    """Let an error say in which file it is; once, however often it passes by."""
    if file is None or getattr(error, "file", None) is not None:
        return
    if isinstance(error, AvroError):
        error.file = file
        error.args = (f"{file}: {error}",)
    elif f"in {file}" not in getattr(error, "__notes__", ()):
        error.add_note(f"in {file}")


class errors_in:  # noqa: N801 (a context manager; made of a generator it would take three times as long)
    """Let errors say in which file they are."""

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

    :ivar file: path of the file, or None for text that is from none.
    :ivar line: counted from 1.
    :ivar column: of the character in its line, counted from 1.
    """

    file: str | None
    line: int | None
    column: int | None

    def __init__(
        self,
        message: str = "",
        *,
        path: str | None = None,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message, path=path)
        self.file = file
        self.line = line
        self.column = column


class ResolutionError(AvroError):
    """Data of the writer schema cannot be read as the reader schema (specification: Schema Resolution)."""


class EncodeError(AvroError, ValueError):
    """A value cannot be written as the schema says; ``path`` names the place in the value."""


class EncodeTypeError(EncodeError, TypeError):
    """A value's Python type has no meaning for the Avro type it was given for."""


class DecodeError(AvroError, ValueError):
    """Bytes are not a valid encoding of the schema; ``path`` and ``offset`` name the place."""


class TruncatedError(DecodeError, EOFError):
    """The bytes end before the datum does."""


class LimitError(DecodeError):
    """Data or a schema would exceed a limit; the message says which, and how to raise it.

    :ivar limit: name of the limit in :class:`avrojet.Limits`; None if it is one that cannot be set, such as
        the depth of Python's stack.
    """

    limit: str | None

    def __init__(
        self,
        message: str = "",
        *,
        limit: str | None = None,
        path: str | None = None,
        offset: int | None = None,
        block: int | None = None,
    ) -> None:
        super().__init__(message, path=path, offset=offset, block=block)
        self.limit = limit


class DataFileError(AvroError, ValueError):
    """An object container file is damaged, is no Avro file, or is used against its state."""


class CodecError(DataFileError):
    """A codec is unknown, or the library that serves it is not installed."""


class DataFileTypeError(DataFileError, TypeError):
    """What was given as a container file is nothing that one can be read from or written to in bytes."""
