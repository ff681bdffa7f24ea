"""The frames of messages: the bytes before a datum, or headers, that say which schema wrote it; no I/O.

>>> from avrojet.wire.framing import frame, unframe
>>> frame(7, b"\\x0a")
(b'\\x00\\x00\\x00\\x00\\x07\\n', [])
>>> unframe(b"\\x00\\x00\\x00\\x00\\x07\\n").schema_id
SchemaId(kind='id', value=7)
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias, overload
from uuid import UUID

from avrojet.errors import DecodeError, DecodeLimitError, EncodeError, TruncatedError
from avrojet.failures import DecodeFailure, EncodeFailure
from avrojet.limits import Limits, exceeded, limits_in_force
from avrojet.messages import show
from avrojet.wire.frames import (
    CONFLUENT_NAMES,
    CONTENT_ID_NAMES,
    CONTENT_TYPE_NAME,
    ENCODING_NAMES,
    FORMS,
    GLOBAL_ID_NAMES,
    MIME_TYPE,
    find,
)
from avrojet.wire.single_object import MARKER

__all__ = [
    "FRAMINGS",
    "Field",
    "Framing",
    "SchemaId",
    "Unframed",
    "datum_of",
    "frame",
    "framing_of",
    "unframe",
]

Field: TypeAlias = Literal["value", "key"]
Kind: TypeAlias = Literal["id", "global_id", "content_id", "guid", "fingerprint"]
Headers: TypeAlias = Mapping[str, Any] | Sequence[Sequence[Any]]

_MOST_ID_4: Final = (1 << 32) - 1
_MOST_ID_8: Final = (1 << 63) - 1


class SchemaId(NamedTuple):
    """What a message says about its schema.

    :ivar kind: ``"id"``, a number; ``"global_id"`` or ``"content_id"``, if Apicurio's headers say which of
        its numbers it is; ``"guid"``, a UUID with its hyphens, or a registry's equivalent (Azure: 32 digits);
        ``"fingerprint"``, the 8 bytes of the single-object encoding.
    :ivar value: int, str or bytes.
    """

    kind: Kind
    value: int | str | bytes

    def __str__(self) -> str:
        shown = self.value.hex() if isinstance(self.value, bytes) else self.value
        return f"{self.kind.replace('_', ' ')} {shown}"


AnyId: TypeAlias = SchemaId | int | str | bytes | UUID | None


class Unframed(NamedTuple):
    """The result of :func:`unframe`.

    :ivar schema_id: the schema that wrote the message; None if nothing says it.
    :ivar offset: where the datum begins.
    :ivar encoding: of the datum: Avro's binary encoding, or its JSON encoding as text.
    :ivar compressed: the datum is a zlib stream; see :func:`datum_of`.
    :ivar bare_bytes: data of a schema of type bytes are written without their length.
    """

    schema_id: SchemaId | None
    offset: int
    encoding: Literal["binary", "json"] = "binary"
    compressed: bool = False
    bare_bytes: bool = False


Head: TypeAlias = tuple[bytes, tuple[tuple[str, bytes], ...]]


@dataclass(frozen=True, slots=True)
class Framing:
    """A way of framing messages.

    :ivar name: its name in options.
    :ivar forms: the forms of frames that it reads, a sum of :data:`avrojet.wire.frames.FORMS`.
    :ivar kind: the kind of id needed for writing; None if it cannot write, or needs none.
    :ivar head: makes the bytes before the datum, and the headers.
    :ivar compresses: the datum is written as a zlib stream.
    :ivar bare_bytes: a datum of a schema of type bytes is written without its length.
    """

    name: str
    forms: int
    kind: Kind | None = None
    head: Callable[[Any, Field], Head] | None = None
    compresses: bool = False
    bare_bytes: bool = False

    @property
    def uses_headers(self) -> bool:
        """Whether it writes headers."""
        return self.name in _IN_HEADERS


# Writing frames


def _id_4(value: Any, field: Field) -> Head:
    return b"\0" + _number(value, _MOST_ID_4).to_bytes(4, "big"), ()


def _id_8(value: Any, field: Field) -> Head:
    return b"\0" + _number(value, _MOST_ID_8).to_bytes(8, "big"), ()


def _guid(value: Any, field: Field) -> Head:
    return b"\1" + _uuid(value), ()


def _guid_header(value: Any, field: Field) -> Head:
    return b"", ((CONFLUENT_NAMES[field == "key"], b"\1" + _uuid(value)),)


def _apicurio_header(names: tuple[str, str]) -> Callable[[Any, Field], Head]:
    def head(value: Any, field: Field) -> Head:
        number = _number(value, _MOST_ID_8).to_bytes(8, "big")
        return b"", ((names[field == "key"], number), (ENCODING_NAMES[field == "key"], b"BINARY"))

    return head


def _glue(compression: bytes) -> Callable[[Any, Field], Head]:
    return lambda value, field: (b"\3" + compression + _uuid(value), ())


def _azure(value: Any, field: Field) -> Head:
    return b"", ((CONTENT_TYPE_NAME, (MIME_TYPE + _digits(value)).encode()),)


def _azure_preamble(value: Any, field: Field) -> Head:
    return bytes(4) + _digits(value).encode(), ()


def _single_object(value: Any, field: Field) -> Head:
    if not isinstance(value, bytes) or len(value) != 8:
        raise _unfit(value, "8 bytes, a fingerprint")
    return MARKER + value, ()


def _nothing(value: Any, field: Field) -> Head:
    return b"", ()


def _number(value: Any, most: int) -> int:
    if not isinstance(value, int) or not 0 <= value <= most:
        raise _unfit(value, f"a number up to {most}")
    return value


def _uuid(value: Any) -> bytes:
    try:
        return UUID(value).bytes
    except (AttributeError, TypeError, ValueError):
        raise _unfit(value, "a UUID") from None


def _digits(value: Any) -> str:
    text = str(value).replace("-", "")
    if len(text) != 32 or not text.isascii() or not text.isalnum():
        raise _unfit(value, "32 hexadecimal digits")
    return text


def _unfit(value: Any, wanted: str) -> EncodeError:
    return EncodeError(
        f"the frame takes {wanted}, and the schema has {show(value)}", kind=EncodeFailure.VALUE
    )


def _forms(*names: str) -> int:
    return sum(FORMS[name] for name in names)


_CONFLUENT: Final = _forms("CONFLUENT_HEADERS", "GUID", "ID_4")
_APICURIO: Final = _forms("APICURIO_HEADERS", "ID_8")
_AZURE: Final = _forms("CONTENT_TYPE", "AZURE_PREAMBLE")
_TOLD_BY_BYTES: Final = _CONFLUENT | _forms("APICURIO_HEADERS", "CONTENT_TYPE", "SINGLE_OBJECT", "GLUE")

_TABLE: Final = (
    Framing("confluent", _CONFLUENT, "id", _id_4, bare_bytes=True),
    Framing("confluent-guid", _CONFLUENT, "guid", _guid, bare_bytes=True),
    Framing("confluent-headers", _CONFLUENT, "guid", _guid_header, bare_bytes=True),
    Framing("apicurio", _APICURIO, "id", _id_8),
    Framing("apicurio-4", _forms("APICURIO_HEADERS", "ID_4"), "id", _id_4),
    Framing("apicurio-headers", _APICURIO, "global_id", _apicurio_header(GLOBAL_ID_NAMES)),
    Framing("apicurio-content-headers", _APICURIO, "content_id", _apicurio_header(CONTENT_ID_NAMES)),
    Framing("glue", FORMS["GLUE"], "guid", _glue(b"\0")),
    Framing("glue-zlib", FORMS["GLUE"], "guid", _glue(b"\5"), compresses=True),
    Framing("azure", _AZURE, "guid", _azure),
    Framing("azure-beta", _AZURE, "guid", _azure_preamble),
    Framing("single-object", FORMS["SINGLE_OBJECT"], "fingerprint", _single_object),
    Framing("none", FORMS["BARE"], None, _nothing),
    Framing("auto", _TOLD_BY_BYTES),
)
FRAMINGS: Final[Mapping[str, Framing]] = {framing.name: framing for framing in _TABLE}
"""All framings by name."""

_IN_HEADERS: Final = {"confluent-headers", "apicurio-headers", "apicurio-content-headers", "azure"}


def framing_of(name: str | Sequence[str]) -> Framing:
    """The framing of a name, or one that reads the frames of several.

    :raises ValueError: if there is no such name, or the bytes would not tell them apart.
    """
    names = (name,) if isinstance(name, str) else tuple(name)
    if not names or not set(names) <= FRAMINGS.keys():
        raise ValueError(f"framing must be one of {', '.join(FRAMINGS)}, or several: {name!r}")
    if len(names) == 1:
        return FRAMINGS[names[0]]
    forms = 0
    for each in names:
        forms |= FRAMINGS[each].forms
    if forms & FORMS["ID_4"] and forms & FORMS["ID_8"]:
        raise ValueError(f"ids of 4 and of 8 bytes cannot be told apart by the bytes: {', '.join(names)}")
    return Framing(" or ".join(names), forms)


@overload
def frame(
    schema_id: SchemaId | int | str | bytes | UUID | None,
    datum: bytes,
    framing: str = ...,
    *,
    field: Field = ...,
) -> tuple[bytes, list[tuple[str, bytes]]]: ...
@overload
def frame(
    schema_id: SchemaId | int | str | bytes | UUID | None,
    datum: None,
    framing: str = ...,
    *,
    field: Field = ...,
) -> tuple[None, list[tuple[str, bytes]]]: ...
def frame(
    schema_id: AnyId,
    datum: bytes | None,
    framing: str = "confluent",
    *,
    field: Field = "value",
) -> tuple[bytes | None, list[tuple[str, bytes]]]:
    """The message of a datum, and its headers.

    :param schema_id: the id of the schema: a number, a UUID, or whatever the framing uses.
    :param datum: an encoded datum; None, a tombstone, stays None and gets no headers.
    :param framing: a name of :data:`FRAMINGS` that can be written.
    :param field: whether it is the key or the value of a message: headers have different names.
    :raises EncodeError: if the framing cannot hold such an id.
    """
    way = framing_of(framing)
    if way.head is None:
        raise ValueError(f"the framing {framing!r} is for reading only")
    if datum is None:
        return None, []
    value = schema_id.value if isinstance(schema_id, SchemaId) else schema_id
    front, headers = way.head(str(value) if isinstance(value, UUID) else value, field)
    return front + (zlib.compress(datum) if way.compresses else datum), list(headers)


def unframe(
    data: Any,
    headers: Headers | None = None,
    framing: str | Sequence[str] = "auto",
    *,
    field: Field = "value",
) -> Unframed:
    """Find which schema wrote a message, and where its datum begins.

    :param data: bytes or another buffer.
    :param headers: the headers of the message: pairs of name and value, or a dict.
    :param framing: a name of :data:`FRAMINGS`, or several; ``"auto"``: detected from bytes and headers.
    :raises DecodeError: if it has no such frame.
    """
    mark, offset = find(framing_of(framing).forms, data, headers, field == "key")
    return unframe_mark(mark)._replace(offset=offset)


def unframe_mark(mark: Any) -> Unframed:
    """The meaning of a mark of :func:`avrojet.wire.frames.find`."""
    if mark is None:
        return Unframed(None, 0)
    if isinstance(mark, str):
        return Unframed(SchemaId("guid", mark.removeprefix(MIME_TYPE)), 0)
    if isinstance(mark, tuple):
        of_content, is_text, value = mark
        number = int.from_bytes(value, "big", signed=True)
        return Unframed(
            SchemaId("content_id" if of_content else "global_id", number), 0, "json" if is_text else "binary"
        )
    return _BY_LENGTH[len(mark)](mark)


def _of_id_4(mark: bytes) -> Unframed:
    return Unframed(SchemaId("id", int.from_bytes(mark[1:], "big")), 5, bare_bytes=True)


def _of_id_8(mark: bytes) -> Unframed:
    return Unframed(SchemaId("id", int.from_bytes(mark[1:], "big", signed=True)), 9)


def _of_fingerprint(mark: bytes) -> Unframed:
    return Unframed(SchemaId("fingerprint", mark[2:]), 10)


def _of_guid(mark: bytes) -> Unframed:
    return Unframed(SchemaId("guid", str(UUID(bytes=mark[1:]))), 17, bare_bytes=True)


def _of_glue(mark: bytes) -> Unframed:
    return Unframed(SchemaId("guid", str(UUID(bytes=mark[2:]))), 18, compressed=mark[1] == 5)


def _of_preamble(mark: bytes) -> Unframed:
    return Unframed(SchemaId("guid", mark[4:].decode()), 36)


# Marks that are bytes: their length determines the form.
_BY_LENGTH: Final[Mapping[int, Callable[[bytes], Unframed]]] = {
    5: _of_id_4,
    9: _of_id_8,
    10: _of_fingerprint,
    17: _of_guid,
    18: _of_glue,
    36: _of_preamble,
}


def datum_of(data: Any, unframed: Unframed, *, limits: Limits | None = None) -> bytes:
    """The datum of a message, decompressed if necessary.

    :raises DecodeError: if the zlib stream is damaged, or something follows it.
    :raises LimitError: if it would exceed ``limits.block_bytes``.
    """
    datum = memoryview(data)[unframed.offset :]
    return _inflate(datum, limits_in_force(limits).block_bytes) if unframed.compressed else bytes(datum)


def _inflate(data: memoryview, most: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        datum = stream.decompress(data, most + 1)
    except zlib.error as error:
        raise DecodeError(f"the zlib stream is damaged: {error}", kind=DecodeFailure.MALFORMED) from error
    if len(datum) > most:
        raise DecodeLimitError(exceeded("block_bytes", most, "the decompressed datum"), limit="block_bytes")
    if not stream.eof:
        raise TruncatedError("the message ends inside of its zlib stream")
    if stream.unused_data:
        count = len(stream.unused_data)
        raise DecodeError(f"{count} bytes follow the zlib stream", kind=DecodeFailure.TRAILING, number=count)
    return datum
