"""What must hold of the JSON encoding, and of the facade that others read with."""

from __future__ import annotations

import io
import json
from typing import Any

import avrojet
from avrojet import Encoder, Limits
from avrojet.compat import fastavro
from tests.compare import exact
from tests.fuzz.finding import Finding

# What fastavro raises too: an ArithmeticError for dates and decimals that Python's types cannot hold, a
# KeyError for a schema that lacks an attribute.
DOCUMENTED = (
    *(ValueError, TypeError, EOFError, ArithmeticError, KeyError, avrojet.AvroError),
    *(fastavro.read.SchemaResolutionError, fastavro.schema.SchemaParseException),
)


class Json:
    """The JSON encoding of one schema, and its plain JSON."""

    def __init__(self, schema: Any, limits: Limits) -> None:
        self.limits = limits
        self.schema = avrojet.parse_schema(schema)
        self.encoder = Encoder(self.schema, logical_types=False, defaults=True, limits=limits)
        self.decoder = avrojet.Decoder(self.schema, logical_types=False, limits=limits)


def check_json(codec: Json, data: bytes) -> bool:
    """One text, in both kinds of JSON."""
    valid = _check_text(codec, data, plain=False)
    return _check_text(codec, data, plain=True) or valid


def _check_text(codec: Json, data: bytes, *, plain: bool) -> bool:
    try:
        encoded = codec.encoder.from_json(data, plain=plain)
    except avrojet.DecodeError:
        return False
    text = codec.decoder.to_json(encoded, plain=plain)
    json.loads(text, parse_constant=_no_json)
    again = codec.encoder.from_json(text, plain=plain)
    # Plain JSON names no branch: the text may fit another one better. But what it shows stays.
    if again != encoded and not plain:
        raise Finding(f"{data!r} was written as {text}, which is read otherwise")
    if codec.decoder.to_json(again, plain=plain) != text and not plain:
        raise Finding(f"{text} is shown otherwise when it is read back")
    return True


def _no_json(word: str) -> Any:
    raise Finding(f"{word} is no JSON")


class Pieces(io.BytesIO):
    """A file that gives a few bytes at once."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(7, size if size is not None and size >= 0 else 7))


def check_json_stream(codec: Json, data: bytes) -> bool:
    """Texts that follow one another: to container files and back, however the bytes are cut."""
    endings = [_write_json(codec, source) for source in (data, Pieces(data))]
    if endings[0] != endings[1]:
        raise Finding(f"the stream ends otherwise if it is cut: {endings[0]!r}, {endings[1]!r}")
    file, failure = endings[0]
    pieces: list[bytes] = []
    try:
        with avrojet.DataFileReader(file, limits=codec.limits) as reader:
            pieces.extend(reader.to_json())
            if len(reader.losses):
                raise Finding("a file that was just written has losses")
    except avrojet.LimitError:  # of rows of no bytes, which writers count too, but for a file that goes on
        return False
    lines = b"".join(pieces)
    if _write_json(codec, lines) != (file, None):
        raise Finding(f"{lines!r} is read otherwise")
    return failure is None


def _write_json(codec: Json, source: Any) -> tuple[bytes, tuple[Any, ...] | None]:
    """The container file of a stream, and how it ended."""
    target = io.BytesIO()
    failure = None
    options: dict[str, Any] = {"sync_marker": bytes(16), "sync_interval": 50, "limits": codec.limits}
    with avrojet.DataFileWriter(
        target, codec.schema, defaults=True, logical_types=False, **options
    ) as writer:
        try:
            writer.write_json(source)
        except avrojet.DecodeError as error:
            # The message shows of a long token what was there.
            failure = type(error), error.path, error.offset, error.line, error.column
        except avrojet.EncodeError as error:
            failure = type(error), str(error)
    return target.getvalue(), failure


def check_facade_json(schema: Any, data: bytes) -> bool:
    """Lines of JSON, read as fastavro reads them."""
    text = data.decode("utf-8", "surrogateescape")
    rows: list[Any] = []
    try:
        rows.extend(fastavro.json_reader(io.StringIO(text), schema))
    except DOCUMENTED:
        return False
    target = io.StringIO()
    try:
        fastavro.json_writer(target, schema, rows)
    except DOCUMENTED:
        return False  # a union's first branch that fits may be another one, and refuse
    again = list(fastavro.json_reader(io.StringIO(target.getvalue()), schema))
    second = io.StringIO()
    fastavro.json_writer(second, schema, again)
    if second.getvalue() != target.getvalue():
        raise Finding(f"{target.getvalue()!r} comes back as {second.getvalue()!r}")
    return True


def check_facade(schema: Any, data: bytes) -> bool:
    """Bytes of a datum, read as fastavro reads them."""
    try:
        value = fastavro.schemaless_reader(io.BytesIO(data), schema, None)
    except DOCUMENTED:
        return False
    target = io.BytesIO()
    try:
        fastavro.schemaless_writer(target, schema, value)
    except DOCUMENTED:
        return False  # a union's first branch that fits may be another one, and refuse
    again = fastavro.schemaless_reader(io.BytesIO(target.getvalue()), schema, None)
    second = io.BytesIO()
    fastavro.schemaless_writer(second, schema, again)
    if second.getvalue() != target.getvalue() or exact(again) != exact(
        fastavro.schemaless_reader(io.BytesIO(second.getvalue()), schema, None)
    ):
        raise Finding(f"{value!r} comes back as {again!r}")
    return True


def check_facade_file(data: bytes) -> bool:
    """Bytes of a container file, read as fastavro reads it."""
    try:
        for _ in fastavro.reader(io.BytesIO(data)):
            pass
    except DOCUMENTED:
        return False
    return True
