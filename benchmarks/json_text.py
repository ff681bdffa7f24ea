"""JSON text straight from and to Avro bytes, against orjson with rows, and the facade against fastavro.

    python -m benchmarks.json_text

Each pair takes turns in this one process; the ratio is that of the best of its rounds.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import fastavro
import orjson

from avrojet import Decoder, Encoder
from avrojet.compat import fastavro as facade
from avrojet.json.encoding import text_decoder, text_encoder
from benchmarks.workloads import WORKLOADS, Workload

RECORDS = 200
ROUNDS = 15


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def ratio(ours: Callable[[], object], theirs: Callable[[], object]) -> float:
    """How many times as long the other takes."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    return min(pair[1] for pair in pairs) / min(pair[0] for pair in pairs)


def as_text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def measured(work: Workload) -> Iterator[tuple[str, float]]:
    """What is compared, and the ratio. Both sides have the specification's data: plain types."""
    records = work.records(RECORDS)
    encoder, decoder = Encoder(work.schema, logical_types=False), Decoder(work.schema, logical_types=False)
    data = [Encoder(work.schema).encode(record) for record in records]
    values = [decoder.decode(datum) for datum in data]
    texts = [decoder.to_json(datum) for datum in data]
    block, stream = b"".join(data), "\n".join(texts).encode()
    emit, parse = text_decoder(decoder.writer_schema), text_encoder(encoder.schema)

    def dump() -> None:
        for datum in data:
            orjson.dumps(decoder.decode(datum), as_text)

    def load() -> None:
        # Bytes and unions are other things in JSON, so what is loaded is not what is encoded.
        for text, value in zip(texts, values, strict=True):
            orjson.loads(text)
            encoder.encode(value)

    yield "to_json", ratio(lambda: [decoder.to_json(datum) for datum in data], dump)
    yield "lines of a block", ratio(lambda: emit.lines(block, RECORDS), dump)
    yield "from_json", ratio(lambda: [encoder.from_json(text) for text in texts], load)
    yield "stream of texts", ratio(lambda: parse.many(stream, 0, 1 << 30, last=True), load)
    yield from facade_measured(work, records)


def facade_measured(work: Workload, records: list[Any]) -> Iterator[tuple[str, float]]:
    target = StringIO()
    try:
        fastavro.json_writer(target, work.schema, records)
    except RecursionError:  # fastavro has no JSON of recursive records
        return
    text = target.getvalue()
    yield (
        "json_writer",
        ratio(
            lambda: facade.json_writer(StringIO(), work.schema, records),
            lambda: fastavro.json_writer(StringIO(), work.schema, records),
        ),
    )
    yield (
        "json_reader",
        ratio(
            lambda: list(facade.json_reader(StringIO(text), work.schema)),
            lambda: list(fastavro.json_reader(StringIO(text), work.schema)),
        ),
    )


def main() -> None:
    found: dict[str, list[float]] = {}
    for work in WORKLOADS.values():
        row = dict(measured(work))
        for name, value in row.items():
            found.setdefault(name, []).append(value)
        print(f"{work.name:10}", *(f"{name} {value:.2f}" for name, value in row.items()))
    for name, ratios in found.items():
        print(f"{name:20}{math.exp(sum(map(math.log, ratios)) / len(ratios)):6.2f}")


if __name__ == "__main__":
    main()
