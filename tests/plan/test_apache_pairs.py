"""What Apache Avro's own tests expect of pairs of schemas."""

from __future__ import annotations

import json

from avrojet import check_compatibility
from tests.cases import for_each
from tests.plan.apache_pairs import DECIMALS, PAIRS


@for_each(
    ("reader", "writer", "kinds"),
    [*PAIRS, *DECIMALS],
    ids=[f"{json.dumps(pair.writer)} as {json.dumps(pair.reader)}"[:80] for pair in [*PAIRS, *DECIMALS]],
)
def test_a_pair(reader, writer, kinds):
    found = check_compatibility(reader, writer, witness=True)
    assert tuple(sorted(reason.kind for reason in found.reasons)) == kinds
    for reason in found.reasons:
        assert reason.remedy
        assert reason.reader_type
        assert reason.writer_type
        assert (reason.witness is None) != (not reason.unwitnessed)
