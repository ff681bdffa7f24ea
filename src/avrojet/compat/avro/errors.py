"""Apache avro's exceptions, to which avrojet's are converted."""

from __future__ import annotations

import json
from typing import Any


class AvroException(Exception):
    """Base of every error of this library."""


class InvalidAvroBinaryEncoding(AvroException):
    """Bytes do not fit the schema, or end too early."""


class AvroCollectionSizeException(AvroException):
    """An array or a map has more items than the limit allows."""


class AvroDecompressionSizeException(AvroException):
    """A block of a container file has more bytes, decompressed, than the limit allows."""


class SchemaParseException(AvroException):
    """A schema is not valid."""


class InvalidName(SchemaParseException):
    """A schema has an invalid name."""


class InvalidDefault(SchemaParseException):
    """A schema has a default that does not fit it."""


class AvroWarning(UserWarning):
    """Base of all warnings."""


class IgnoredLogicalType(AvroWarning):
    """A logical type is unknown, or not valid here; its underlying type is used."""


class AvroTypeException(AvroException):
    """A datum does not fit its schema.

    Created from the schema, the name of the field or type, and the datum; or from one message.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*([self._text_of(*args[:3])] if len(args) >= 3 else args))

    @staticmethod
    def _text_of(*facts: Any) -> str:
        schema, name, datum = facts
        shown = _indented(schema)
        return f'The datum "{datum}" provided for "{name}" is not an example of the schema {shown}'


class InvalidDefaultException(AvroTypeException):
    """A default is needed, but does not fit its schema."""


class AvroOutOfScaleException(AvroTypeException):
    """A decimal has more digits after the point than its schema's scale.

    Created from the scale, the datum and its exponent; or from one message.
    """

    @staticmethod
    def _text_of(*facts: Any) -> str:
        scale, datum, exponent = facts
        return f"{datum} has the exponent {exponent}, and the schema has room for a scale of {scale} only"


class SchemaResolutionException(AvroException):
    """Data of the writer's schema cannot be read as the reader's."""

    def __init__(
        self, fail_msg: str | None, writers_schema: Any = None, readers_schema: Any = None, *args: Any
    ) -> None:
        text = fail_msg or ""
        if writers_schema:
            text += f"\nWriter's Schema: {_indented(writers_schema)}"
        if readers_schema:
            text += f"\nReader's Schema: {_indented(readers_schema)}"
        super().__init__(text, *args)


class DataFileException(AvroException):
    """A container file is damaged, or is used in a wrong state."""


class IONotReadyException(AvroException):
    """A reader or writer has no schema yet."""


class AvroRemoteException(AvroException):
    """The other side of a call answers with an error, declared or not: the one argument is its datum."""

    @property
    def datum(self) -> Any:
        """The record of a declared error, or text."""
        return next(iter(self.args), "")


class ConnectionClosedException(AvroException):
    """A connection ends within a message."""


class ProtocolParseException(AvroException):
    """A protocol is not valid."""


class UnsupportedCodec(NotImplementedError, AvroException):
    """A codec is not known, or its library is not installed."""


class UsageError(RuntimeError, AvroException):
    """Arguments of the command line do not fit together."""


class AvroRuntimeException(RuntimeError, AvroException):
    """A schema is of an unknown type."""


class UnknownFingerprintAlgorithmException(AvroException):
    """There is no such algorithm for fingerprints."""


def _indented(schema: Any) -> Any:
    """The text of a schema on several lines; the schema as it is if it has no such text."""
    try:
        return json.dumps(json.loads(str(schema)), indent=2)
    except (ValueError, TypeError, RecursionError):
        return schema
