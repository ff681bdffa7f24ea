from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from avrojet.compat import fastavro


@pytest.fixture
def encode():
    """The bytes of one datum, by the facade."""

    def encode(schema: Any, value: Any, **options: Any) -> bytes:
        target = BytesIO()
        fastavro.schemaless_writer(target, schema, value, **options)
        return target.getvalue()

    return encode


@pytest.fixture
def decode():
    """The value of one datum, by the facade."""

    def decode(data: bytes, schema: Any, reader: Any = None, **options: Any) -> Any:
        return fastavro.schemaless_reader(BytesIO(data), schema, reader, **options)

    return decode


@pytest.fixture
def logical_tables():
    """LOGICAL_READERS and LOGICAL_WRITERS, put back afterwards."""
    tables = fastavro.read.LOGICAL_READERS, fastavro.write.LOGICAL_WRITERS
    before = [dict(table) for table in tables]
    yield tables
    for table, entries in zip(tables, before, strict=True):
        table.clear()
        table.update(entries)
