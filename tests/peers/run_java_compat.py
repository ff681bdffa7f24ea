"""Compare how Avro for Java and avrojet judge pairs of schemas: ``python -m tests.peers.run_java_compat``.

The pairs are those of Apache Avro's own tests, and random ones that have evolved from one another. Java is
asked for its verdict, for canonical forms and fingerprints, and to read data: the witnesses of what
avrojet calls incompatible, and random values of what it calls compatible. A difference that no rule of
tests/peers/java_differences.py explains fails the run, and so does a rule that explains none any more. Needs
a JDK and Maven; where there are none it says so and ends.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

import avrojet
from tests.peers.drawing import drawn
from tests.peers.java_differences import RARE, READING, VERDICTS, Difference, Judged, explained, shown
from tests.peers.java_peer import ask, compare_at_random
from tests.plan.apache_pairs import DECIMALS, PAIRS
from tests.strategies import readers, writers

RANDOM = 3000
VALUES = 3


def main() -> int:
    return compare_at_random(__doc__, "pairs", RANDOM, run, [*VERDICTS, *READING])


def run(count: int, show: bool) -> Counter[str]:
    pairs = [(pair.reader, pair.writer) for pair in (*PAIRS, *DECIMALS)]
    pairs += [*RARE, *drawn(evolved_pairs(), count)]
    judged = [judge(reader, writer) for reader, writer in pairs]
    for each, java in zip(judged, ask("compat", map(question, judged)), strict=True):
        each.java = java
    rules: Counter[str] = Counter()
    for each in judged:
        for what, difference in differences(each):
            rule = explained(what, difference)
            rules[rule] += 1
            if show or not rule:
                print(shown(what, difference))
    compatible = sum(bool(each.here) for each in judged)
    data = sum(len(each.data) for each in judged)
    print(f"{len(judged)} pairs, {compatible} of them compatible, {data} data to read")
    return rules


def question(judged: Judged) -> str:
    data = [each.hex() for _, each in judged.data]
    return json.dumps({"reader": judged.reader, "writer": judged.writer, "data": data})


def judge(reader: Any, writer: Any) -> Judged:
    """What avrojet says, and data for Java to read: witnesses, or values that all can be read."""
    found = avrojet.check_compatibility(reader, writer, witness=True)
    data: list[tuple[avrojet.Reason | None, bytes]] = [
        (reason, reason.witness.data) for reason in found.reasons if reason.witness is not None
    ]
    return Judged(reader, writer, found, data or [(None, each) for each in values(reader, writer, found)])


def values(reader: Any, writer: Any, found: avrojet.Compatibility) -> Iterator[bytes]:
    """Data that avrojet can read."""
    if not found:
        return
    encoder, decoder = avrojet.Encoder(writer), avrojet.Decoder(writer, reader)
    try:
        for value in avrojet.random_values(writer, VALUES, seed=1):
            datum = encoder.encode(value)
            try:
                decoder.decode(datum)
            except avrojet.DecodeError:
                continue  # what the warnings of unreadable values are about
            yield datum
    except avrojet.SchemaError:
        return  # no value ends


def differences(judged: Judged) -> Iterator[tuple[str, Difference]]:
    """What Java does otherwise."""
    if "error" in judged.java:
        yield "verdict", Difference(judged, judged.java["error"])
        return
    schemas = [avrojet.parse_schema(each) for each in (judged.reader, judged.writer)]
    if judged.java["canonical"] != [each.canonical_form for each in schemas]:
        yield "canonical form", Difference(judged, "")
    algorithms = ("CRC-64-AVRO", "MD5", "SHA-256")
    prints = [each.fingerprint(algorithm).hex() for each in schemas for algorithm in algorithms]
    if judged.java["fingerprints"] != prints:
        yield "fingerprints", Difference(judged, "")
    if judged.java["compatible"] != bool(judged.here):
        yield "verdict", Difference(judged, "")
    for (reason, _), error in zip(judged.data, judged.java["read"], strict=True):
        if bool(error) == (reason is None):
            yield "reading", Difference(judged, error, reason)


@st.composite
def evolved_pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """A reader's schema and the writer's that it has evolved from."""
    writer = draw(writers())
    return draw(readers(writer)), writer


if __name__ == "__main__":
    sys.exit(main())
