"""Check locally whether a schema may follow those of a subject."""

from __future__ import annotations

from collections.abc import Sequence

from avrojet.plan.history import History, HistoryCheck, check_history
from avrojet.plan.levels import Level
from avrojet.schema.model import Schema


def check_next(older: Sequence[Schema], schema: Schema, level: Level, *, witness: bool = False) -> History:
    """Check a schema against the versions before it, but not those against each other, as they can no longer
    be changed.

    :param older: the earlier versions, oldest first.
    :param witness: see :func:`avrojet.check_compatibility`.
    """
    first = 0 if level.endswith("_TRANSITIVE") else max(0, len(older) - 1)
    checks: list[HistoryCheck] = []
    for number in range(first, len(older)):
        numbers = number, len(older)
        checks += [
            HistoryCheck(numbers[check.reader], numbers[check.writer], check.compatibility)
            for check in check_history([older[number], schema], level, witness=witness).checks
        ]
    return History(level, tuple(checks))
