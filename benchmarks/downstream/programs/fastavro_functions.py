"""fastavro's own functions, as programs of small messages and small files call them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from typing import Any

import fastavro
from fastavro.io.binary_decoder import BinaryDecoder
from fastavro.schema import expand_schema, fullname, to_parsing_canonical_form
from fastavro.validation import validate_many

from benchmarks.downstream.schemas import SMALL, SMALL_RECORD, WIDE, WIDE_RECORD

DISTRIBUTION = "fastavro"
MARKER = b"0123456789abcdef"


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    for size, schema, record in (("small", SMALL, SMALL_RECORD), ("wide", WIDE, WIDE_RECORD)):
        parsed = fastavro.parse_schema(schema)
        yield from ((f"{name}, {size}", run) for name, run in _schemas(schema, parsed, record))
        yield from ((f"{name}, {size}", run) for name, run in _messages(schema, parsed, record))
        yield from ((f"{name}, {size}", run) for name, run in _files(parsed, record))
    yield "is_avro", lambda: fastavro.is_avro(BytesIO(b"Obj\x01"))
    yield "BinaryDecoder.read_long", lambda: BinaryDecoder(BytesIO(b"\x06")).read_long()


def _schemas(schema: Any, parsed: Any, record: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    yield "parse_schema", lambda: fastavro.parse_schema(schema)
    yield "parse_schema, parsed", lambda: fastavro.parse_schema(parsed) is parsed
    yield "parse_schema, into a dict", lambda: fastavro.parse_schema(schema, {})
    yield "expand_schema", lambda: expand_schema(schema)
    yield "expand_schema, parsed", lambda: expand_schema(parsed)
    yield "fullname", lambda: fullname(schema)
    yield "to_parsing_canonical_form", lambda: to_parsing_canonical_form(schema)
    yield "validate", lambda: fastavro.validate(record, parsed)
    yield "validate, not valid", lambda: fastavro.validate({}, parsed, raise_errors=False)
    yield "validate_many", lambda: validate_many([record] * 10, parsed)


def _messages(schema: Any, parsed: Any, record: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    data = _written(parsed, record)
    newer = copy.deepcopy(schema)
    newer["fields"].append({"name": "new", "type": "int", "default": 1})
    text = StringIO()
    fastavro.json_writer(text, parsed, [record])
    line = text.getvalue()
    yield "schemaless_writer", lambda: _written(schema, record)
    yield "schemaless_writer, parsed", lambda: _written(parsed, record)
    yield "schemaless_reader", lambda: fastavro.schemaless_reader(BytesIO(data), schema)
    yield "schemaless_reader, parsed", lambda: fastavro.schemaless_reader(BytesIO(data), parsed)
    yield (
        "schemaless_reader, reader's schema",
        lambda: fastavro.schemaless_reader(BytesIO(data), parsed, newer),
    )
    yield (
        "schemaless_reader, a schema made anew",
        lambda: fastavro.schemaless_reader(BytesIO(data), parsed, expand_schema(parsed)),
    )
    yield "json_writer", lambda: fastavro.json_writer(StringIO(), parsed, [record])
    yield "json_reader", lambda: next(fastavro.json_reader(StringIO(line), parsed))


def _files(parsed: Any, record: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    file = BytesIO()
    fastavro.writer(file, parsed, [record] * 3, sync_marker=MARKER)
    data = file.getvalue()

    def write() -> bytes:
        target = BytesIO()
        fastavro.writer(target, parsed, [record] * 3, sync_marker=MARKER)
        return target.getvalue()

    def append() -> int:
        target = BytesIO(data)
        target.seek(0, 2)
        fastavro.writer(target, None, [record])
        return len(target.getvalue())

    yield "writer, 3 rows", write
    yield "writer, appending", append
    yield "reader, opened only", lambda: fastavro.reader(BytesIO(data)).codec
    yield "reader, 3 rows", lambda: list(fastavro.reader(BytesIO(data)))
    yield "block_reader, 3 rows", lambda: [list(block) for block in fastavro.block_reader(BytesIO(data))]


def _written(schema: Any, record: Any) -> bytes:
    target = BytesIO()
    fastavro.schemaless_writer(target, schema, record)
    return target.getvalue()
