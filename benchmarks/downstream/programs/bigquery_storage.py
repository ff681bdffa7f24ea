"""google-cloud-bigquery-storage: the rows of a page, without a service."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import fastavro
from google.cloud.bigquery_storage_v1 import types
from google.cloud.bigquery_storage_v1.reader import _StreamParser

from benchmarks.downstream.schemas import SMALL, SMALL_RECORD, WIDE, WIDE_RECORD

DISTRIBUTION = "google-cloud-bigquery-storage"


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    for size, schema, record in (("small", SMALL, SMALL_RECORD), ("wide", WIDE, WIDE_RECORD)):
        for rows in (1, 200):
            page = BytesIO()
            for _ in range(rows):
                fastavro.schemaless_writer(page, schema, record)
            message = types.ReadRowsResponse(
                avro_schema={"schema": json.dumps(schema)},
                avro_rows={"serialized_binary_rows": page.getvalue()},
                row_count=rows,
            )
            yield f"rows of a page, {rows} {size}", _rows(message)


def _rows(message: Any) -> Callable[[], Any]:
    return lambda: list(_StreamParser.from_read_rows_response(message).to_rows(message))
