"""The hostile data and container files again, read as columns."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.hostile import on_bytes, on_containers
from tests.hostile.case import Case, Gives, Outcome, Refused, decoding, reading
from tests.reference import number
from tests.vectors import array, fixed

# Arrow's types hold what Python's cannot, or show its plain encoding.
HELD = {
    "decimal of too many bytes",
    "big-decimal of nothing",
    "big-decimal without scale",
    "big-decimal with more",
    "big-decimal of a long scale",
    "date past 9999",
    "date before 1",
    "date far out",
    "timestamp-millis far out",
    "timestamp-millis far back",
    "timestamp-micros past 9999",
    "local-timestamp-micros before 1",
}


def cases() -> Iterator[Case]:
    for case in on_bytes.cases():
        # What a value is in Python and what in a column are two things; tests/columns holds the latter.
        if not isinstance(case.outcome, Gives):
            yield as_columns(case, Gives(1) if case.name in HELD else case.outcome)
    for case in on_containers.cases():
        yield as_columns(case, case.outcome)
    wide = ["null", fixed(1 << 20)]
    nulls = bytes(100_000)
    yield as_columns(
        decoding("nulls of a wide type", array(wide), number(len(nulls)) + nulls + b"\0"), Refused()
    )
    many = on_containers.file((300, bytes(300)), schema=json.dumps(wide))
    yield as_columns(reading("nulls of a wide type", lambda: many), Gives([None] * 300))


def as_columns(case: Case, outcome: Outcome) -> Case:
    return Case(
        f"{case.area}: {case.name}",
        "columns",
        lambda library, do=case.do: do(library.as_columns()),
        outcome,
    )
