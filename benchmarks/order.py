"""The order of two data by their bytes, against decoding both and comparing the values.

    python -m benchmarks.order

Half of the pairs are equal, so that they are compared to their end. The ratio is that of the best of the
rounds, which take turns in this one process.
"""

from __future__ import annotations

import math
from itertools import pairwise

from avrojet import Decoder, Encoder, SchemaError, compare, parse_schema
from benchmarks.json_text import ratio
from benchmarks.workloads import WORKLOADS, Workload

RECORDS = 50


def measured(work: Workload) -> float:
    """How many times as long decoding takes.

    :raises SchemaError: if the data have no order, as maps.
    """
    schema = parse_schema(work.schema)
    encoder, decoder = Encoder(schema), Decoder(schema)
    data = [encoder.encode(record) for record in work.records(RECORDS)]
    pairs = [*pairwise(data), *((datum, bytes(bytearray(datum))) for datum in data)]
    compare(*pairs[0], schema)

    def by_values() -> None:
        for a, b in pairs:
            decoder.decode(a) == decoder.decode(b)  # noqa: B015 (what is measured)

    def by_bytes() -> None:
        for a, b in pairs:
            compare(a, b, schema)

    return ratio(by_bytes, by_values)


def main() -> None:
    ratios = []
    for work in WORKLOADS.values():
        try:
            ratios.append(measured(work))
        except SchemaError:
            continue
        print(f"{work.name:10}{ratios[-1]:6.2f}")
    print(f"{'mean':10}{math.exp(sum(map(math.log, ratios)) / len(ratios)):6.2f}")


if __name__ == "__main__":
    main()
