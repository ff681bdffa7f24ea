"""What each failure code means: its kind, exception and text. All text made from codes comes from here."""

from avrojet.errors import (
    DecodeError, DecodeLimitError, EncodeError, EncodeLimitError, EncodeTypeError, LimitError, ResolutionError,
    TruncatedError,
)
from avrojet.failures import DecodeFailure, EncodeFailure, Incompatibility
from avrojet.limits import exceeded


cdef class Failure:

    def __init__(self, kind, error, text, *, in_column=None, brief=None, number="number", limit=None):
        self.kind = kind
        self.error = error
        self.text = text
        self.in_column = in_column or text
        self.brief = brief or text
        self.number = number
        self.limit = limit
        self.is_limit = error is not None and issubclass(error, LimitError)

    cdef bint counts(self, str template):
        """Whether the template says the number."""
        return "{" + self.number in template

    cdef str say(self, str template, dict details, bound):
        """The reason in words: the template filled from the details; ``bound`` is the limit's value."""
        reason = template.format_map(details)
        return reason if self.limit is None else exceeded(self.limit, bound, reason)

    cdef object raised(self, str place, str reason, dict facts, cause, error=None):
        """The exception, to be raised by the caller, which adds the facts that it knows.

        :param place: how the message begins.
        :param error: its class, if not the usual one.
        """
        if self.error is MemoryError:
            return MemoryError()
        facts.setdefault("kind", self.kind)
        facts["reason"] = reason
        if self.limit is not None:
            facts["limit"] = self.limit
        made = (error or self.error)(place + reason, **facts)
        if cause is not None:
            made.__cause__ = cause
        return made


cdef Failure read_failure(int error):
    return READ[error]


cdef Failure write_failure(int error):
    return WRITE[error]


def _read(kind, text, error=DecodeError, **more):
    return Failure(kind, error, text, **more)


def _read_limit(name, text):
    return Failure(DecodeFailure.LIMIT, DecodeLimitError, text, limit=name)


READ = {
    READ_TRUNCATED: _read(DecodeFailure.TRUNCATED, "the data ends before the datum does", TruncatedError),
    READ_VARINT: _read(DecodeFailure.VARINT, "a variable-length integer has too many bytes"),
    READ_INT_RANGE: _read(DecodeFailure.RANGE, "{number} is not in the range of an int (32 bits)"),
    READ_LENGTH: _read(DecodeFailure.LENGTH, "negative length {number}"),
    READ_BOOLEAN: _read(DecodeFailure.BOOLEAN, "a boolean is 0 or 1, not {number}"),
    READ_ENUM: _read(DecodeFailure.SYMBOL, "enum index {symbol} is out of range", number="symbol"),
    READ_SYMBOL: _read(
        Incompatibility.MISSING_ENUM_SYMBOLS,
        "the reader's enum {reader_name} has neither the writer's symbol {symbol!r} nor a default",
        ResolutionError,
    ),
    READ_BRANCH: _read(DecodeFailure.BRANCH, "union index {branch} is out of range", number="branch"),
    READ_COUNT: _read(DecodeFailure.BLOCK, "a block's count of items is out of range"),
    READ_BLOCK_SIZE: _read(DecodeFailure.BLOCK, "a block of items does not have the size it states"),
    READ_MISMATCH: _read(None, "{why}", ResolutionError),
    READ_DEPTH: _read_limit("depth", "the data is nested too deep"),
    READ_ITEMS: _read_limit("items", "an array or map goes on after {number} items"),
    READ_EMPTY_ITEMS: _read_limit("empty_items", "too many items of no bytes"),
    READ_VALUE_BYTES: _read_limit("value_bytes", "a value of {number} bytes"),
    READ_DECIMAL_BYTES: _read_limit("decimal_bytes", "a decimal of {number} bytes"),
    READ_DIGITS_LOST: _read(
        Incompatibility.LOGICAL_TYPE_MISMATCH,
        "{number} of the writer's {writer_name} has digits that the reader's unit has no room for",
        ResolutionError,
    ),
    READ_BEYOND_UNIT: _read(
        DecodeFailure.RANGE, "{number} of the writer's {writer_name} is out of range of the reader's unit"
    ),
    READ_TEXT: _read(DecodeFailure.TEXT, "{cause}"),
    READ_TIME: _read(DecodeFailure.RANGE, "{number} is not a time of day"),
    READ_DIGITS: _read(DecodeFailure.VALUE, "a decimal of {number} digits exceeds the precision"),
    READ_BIG_DECIMAL: _read(DecodeFailure.VALUE, "not the unscaled bytes and the scale of a big-decimal"),
    READ_UUID: _read(DecodeFailure.VALUE, "not the text of a UUID"),
    READ_NO_TIME: _read(DecodeFailure.RANGE, "{cause}"),
    READ_NO_VALUE: _read(DecodeFailure.VALUE, "{cause}"),
    READ_PYTHON: _read(DecodeFailure.CONVERSION, "{cause}"),
    READ_CLASS: _read(DecodeFailure.CONVERSION, "cannot make an instance of {expected}: {cause_type}: {cause}"),
    READ_MEMORY: _read(None, "", MemoryError),
    READ_FULL: _read(
        DecodeFailure.LIMIT,
        "a column of one batch would exceed 2 GiB or 2**31 items: make smaller batches (batch_rows)",
        DecodeLimitError,
    ),
    READ_UNFIT: _read(DecodeFailure.COLUMN, "{what} has a value that the type of its column cannot hold"),
    READ_MALFORMED: _read(DecodeFailure.MALFORMED, "{what} is not data of the schema"),
    TEXT_WANTED: _read(DecodeFailure.SYNTAX, "expected {wanted}, got {shown}"),
    TEXT_END: _read(DecodeFailure.TRUNCATED, "the text ends where {wanted} should come", TruncatedError),
    TEXT_ESCAPE: _read(DecodeFailure.SYNTAX, "not an escape of JSON"),
    TEXT_SURROGATE: _read(DecodeFailure.TEXT, "a lone surrogate, which UTF-8 has no bytes for"),
    TEXT_KIND: _read(DecodeFailure.TYPE, "expected {expected}, got {shown}"),
    TEXT_RANGE: _read(DecodeFailure.RANGE, "{shown} is out of range for {expected}"),
    TEXT_SYMBOL: _read(DecodeFailure.SYMBOL, "{shown} is not a symbol of {expected}"),
    TEXT_BRANCH: _read(DecodeFailure.BRANCH, "{shown} belongs to no branch of the {expected}"),
    TEXT_SIZE: _read(DecodeFailure.SIZE, "expected {size} bytes for {expected}, got {shown}"),
    TEXT_CODE_POINT: _read(DecodeFailure.TEXT, "{shown} has a character above U+00FF, which is not a byte"),
    TEXT_FORM: _read(DecodeFailure.VALUE, "expected {wanted} for {expected}, got {shown}"),
    TEXT_MISSING: _read(
        DecodeFailure.MISSING_FIELD, "it is missing; {way_out}"
    ),
    TEXT_DUPLICATE: _read(DecodeFailure.DUPLICATE_KEY, "the key {shown} appears twice"),
    TEXT_EXTRA: _read(DecodeFailure.EXTRA_FIELD, "{shown} is not a field of {expected}"),
    TEXT_TRIALS: _read(DecodeFailure.LIMIT, "too many union branches were tried without success", DecodeLimitError),
}


def _write(kind, text, error=EncodeError, **more):
    return Failure(kind, error, text, **more)


def _write_limit(name, text, **more):
    return Failure(EncodeFailure.LIMIT, EncodeLimitError, text, limit=name, **more)


def _invalid(text):
    return Failure(EncodeFailure.ARROW, EncodeError, "invalid Arrow data: " + text)


WRITE = {
    WRITE_NULL: _write(EncodeFailure.TYPE, "null where the schema allows none"),
    WRITE_NOT_NULL: _write(EncodeFailure.TYPE, "a value where the schema allows null only"),
    WRITE_TYPE: _write(EncodeFailure.TYPE, "expected {expected}, got {value}", EncodeTypeError),
    WRITE_RANGE: _write(
        EncodeFailure.RANGE, "{value} is out of range for {expected}{bounds}", in_column="{number} is out of range"
    ),
    WRITE_SIZE: _write(
        EncodeFailure.SIZE,
        "expected {size} bytes for {expected}, got {value}",
        in_column="{number} bytes, which is not the size that the schema wants",
    ),
    WRITE_SYMBOL: _write(
        EncodeFailure.SYMBOL,
        "{value} is not a symbol of {expected}",
        in_column="a text that is not a symbol of the enum",
    ),
    WRITE_SURROGATE: _write(EncodeFailure.TEXT, "{value} has a lone surrogate, which UTF-8 has no bytes for"),
    WRITE_KEY: _write(EncodeFailure.KEY, "a map's key must be str, got {value}", EncodeTypeError),
    WRITE_MISSING: _write(
        EncodeFailure.MISSING_FIELD,
        "field {field!r} is missing from {value}; {way_out}",
        brief="the field {field!r} is missing",
    ),
    WRITE_EXTRA: _write(
        EncodeFailure.EXTRA_FIELD,
        "{value} has keys that are not fields of {expected}: {keys}",
        brief="it has keys that are not fields: {keys}",
    ),
    WRITE_BRANCH: _write(EncodeFailure.BRANCH, "expected {expected}, got {value}", EncodeTypeError),
    WRITE_CHANGED: _write(EncodeFailure.CHANGED, "{value_type} changed its size while it was encoded"),
    WRITE_VALUE: _write(EncodeFailure.VALUE, "{value} for {expected}: {cause}"),
    WRITE_DEPTH: _write_limit("depth", "the value is nested too deep, or contains itself"),
    WRITE_TRIALS: _write(
        EncodeFailure.LIMIT,
        "too many union branches were tried without success; tag the values with (branch name, value)",
        EncodeLimitError,
    ),
    WRITE_BYTES: _write_limit(
        "value_bytes", "the encoded value has too many bytes", in_column="the encoded row has too many bytes"
    ),
    WRITE_EMPTY_ITEMS: _write_limit(
        "empty_items",
        "too many items, records or rows of no bytes",
        in_column="too many items of no bytes",
    ),
    WRITE_EMPTY_ROWS: _write_limit("empty_items", "too many rows of no bytes"),
    WRITE_ITEMS: _write_limit("items", "an array or map of {number} items"),
    WRITE_DECIMAL_BYTES: _write_limit(
        "decimal_bytes", "a decimal of {number} bytes or more", in_column="a decimal of {number} bytes"
    ),
    WRITE_MEMORY: _write(None, "", MemoryError),
    WRITE_CONVERTER: _write(EncodeFailure.CONVERSION, "{cause_type}: {cause}"),
    WRITE_PYTHON: _write(EncodeFailure.CONVERSION, "{cause_type}: {cause}"),
    WRITE_UNSIGNED: _write(EncodeFailure.RANGE, "{number} is out of range"),
    WRITE_UNIT: _write(
        EncodeFailure.VALUE,
        "{number} is not a whole number of the schema's unit of time; truncate_times=True drops the rest",
    ),
    WRITE_REAL: _write(EncodeFailure.RANGE, "{real} is out of range"),
    WRITE_TEXT: _write(EncodeFailure.TEXT, "a string that is not UTF-8"),
    WRITE_UUID: _write(EncodeFailure.VALUE, "a text that is not a UUID"),
    WRITE_PRECISION: _write(EncodeFailure.VALUE, "a number with more digits than the decimal's precision"),
    WRITE_SCALE: _write(EncodeFailure.VALUE, "a number with more digits after the point than the decimal's scale"),
    WRITE_NO_NUMBER: _write(EncodeFailure.VALUE, "a text that is not a decimal number"),
    WRITE_BIG_SCALE: _write(EncodeFailure.VALUE, "a number whose scale does not fit 32 bits"),
    WRITE_BIG_DECIMAL: _write(
        EncodeFailure.VALUE, "bytes that are not the unscaled number and the scale of a big-decimal"
    ),
    WRITE_INTERVAL: _write(
        EncodeFailure.VALUE, "an interval that is negative, or not a whole number of milliseconds"
    ),
    WRITE_LENGTH: _write(EncodeFailure.VALUE, "an interval with months or days, which have no length of time"),
    WRITE_NO_MEMBER: _write(EncodeFailure.BRANCH, "no member of the union is set, and it has no null"),
    WRITE_MEMBERS: _write(EncodeFailure.BRANCH, "more than one member of the union is set"),
    WRITE_INDEX: _invalid("the index {number} points to no value"),
    WRITE_VIEW: _invalid("a view points outside of the data"),
    WRITE_LIST: _invalid("a list points outside of its items"),
    WRITE_UNION_TYPE: _invalid("the union has no type {number}"),
    WRITE_ARRAY: _invalid("{why}"),
    WRITE_FULL: _write(
        EncodeFailure.LIMIT, "a column of messages holds 2 GiB: encode fewer rows at once", EncodeLimitError
    ),
}
