"""What must hold of the JSON encoding, and of the facade that others read with."""

from __future__ import annotations

import io
import json
from typing import Any

import avrojet
from avrojet import Encoder, Limits
from avrojet.compat import fastavro
from avrojet.jsontext import from_json_data, to_json_data
from tests.compare import exact
from tests.fuzz.finding import Finding

# What fastavro raises too: an ArithmeticError for dates and decimals that Python's types cannot hold, a
# KeyError for a schema that lacks an attribute.
DOCUMENTED = (
    *(ValueError, TypeError, EOFError, ArithmeticError, KeyError, avrojet.AvroError),
    *(fastavro.read.SchemaResolutionError, fastavro.schema.SchemaParseException),
)


class Json:
    """The JSON encoding of one schema."""

    def __init__(self, schema: Any, limits: Limits) -> None:
        self.schema = avrojet.parse_schema(schema)
        self.encoder = Encoder(self.schema, logical_types=False, defaults=True, limits=limits)
        self.decoder = avrojet.Decoder(self.schema, logical_types=False, unions="tagged", limits=limits)


def check_json(codec: Json, data: bytes) -> bool:
    """JSON text in UTF-8."""
    try:
        given = json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False
    try:
        encoded = codec.encoder.encode(from_json_data(codec.schema, given))
    except (avrojet.DecodeError, avrojet.EncodeError):
        return False
    text = json.dumps(to_json_data(codec.schema, codec.decoder.decode(encoded)))
    again = codec.encoder.encode(from_json_data(codec.schema, json.loads(text)))
    if again != encoded:
        raise Finding(f"{given!r} was written as {text}, which is read otherwise")
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
