"""Compatibility over a history of schemas, by the levels of schema registries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from avrojet.plan.check import Compatibility, check_compatibility
from avrojet.plan.levels import LEVELS, Level, pairs
from avrojet.schema.parse import parse_schema


@dataclass(frozen=True, slots=True)
class HistoryCheck:
    """One reader and one writer of a history.

    :ivar reader: index of the reader's schema in the history, counted from 0.
    :ivar writer: index of the writer's.
    :ivar compatibility: whether the reader's can read the writer's.
    """

    reader: int
    writer: int
    compatibility: Compatibility

    def __bool__(self) -> bool:
        return bool(self.compatibility)

    def __str__(self) -> str:
        lines = str(self.compatibility).split("\n")
        return "\n".join(f"schema {self.reader} reads schema {self.writer}: {line}" for line in lines)


@dataclass(frozen=True, slots=True)
class History:
    """The answer of :func:`check_history`; true if everything that the level requires holds.

    :ivar level: the level checked.
    :ivar checks: each pair of schemas that it requires, older schemas first.
    """

    level: Level
    checks: tuple[HistoryCheck, ...]

    def __bool__(self) -> bool:
        return all(self.checks)

    def __str__(self) -> str:
        return "\n".join(map(str, self.checks)) or "compatible"


def check_history(schemas: Iterable[Any], level: Level = "BACKWARD", *, witness: bool = False) -> History:
    """Whether each schema of a history satisfies a level with respect to those before it.

    ``BACKWARD``: each schema can read data of the one before it, so that readers are deployed first.
    ``FORWARD``: the one before can read its data, so that writers are. ``FULL``: both. The ``_TRANSITIVE``
    forms: not only the one before, but all of them. ``NONE`` requires nothing.

    :param schemas: oldest first: each a Schema, JSON text or JSON data.
    :param witness: see :func:`avrojet.check_compatibility`.
    :raises ValueError: if there is no such level.
    :raises SchemaError: if a schema is not valid.

    >>> versions = ['"int"', '"long"', '"double"']
    >>> bool(check_history(versions, "BACKWARD_TRANSITIVE")), bool(check_history(versions, "FULL"))
    (True, False)
    """
    if level not in LEVELS:
        raise ValueError(f"no level is called {level!r}; the levels are {', '.join(LEVELS)}")
    parsed = [parse_schema(schema) for schema in schemas]
    return History(
        level,
        tuple(
            [
                HistoryCheck(
                    reader, writer, check_compatibility(parsed[reader], parsed[writer], witness=witness)
                )
                for reader, writer in pairs(len(parsed), level)
            ]
        ),
    )
