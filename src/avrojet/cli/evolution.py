"""Which schemas in snapshots are versions of one another, and whether these are compatible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from avrojet.cli.snapshots import Found, Snapshot
from avrojet.errors import AvroError
from avrojet.schema.model import NamedSchema

if TYPE_CHECKING:
    from avrojet.plan.history import History, HistoryCheck
    from avrojet.plan.levels import Level
    from avrojet.plan.reasons import Reason


@dataclass(frozen=True, slots=True)
class Evolved:
    """A schema and its earlier versions.

    :ivar name: its name in the newest snapshot.
    :ivar versions: the oldest first.
    :ivar history: their compatibility.
    """

    name: str
    versions: tuple[Found, ...]
    history: History

    @property
    def file(self) -> Found:
        return self.versions[-1]

    def reads(self, check: HistoryCheck) -> str:
        """Who reads whose data, in words."""
        if len(self.versions) == 2:
            return "new reads old" if check.reader else "old reads new"
        return f"{self.versions[check.reader].file} reads {self.versions[check.writer].file}"

    def place(self, check: HistoryCheck, reason: Reason) -> tuple[Found, str]:
        """The newer file of the two, and the place in its schema: only that one can still be changed."""
        newer_reads = check.reader > check.writer
        path = reason.reader_path if newer_reads else reason.writer_path
        return self.versions[max(check.reader, check.writer)], path


@dataclass(slots=True)
class Report:
    """The results for snapshots.

    :ivar schemas: the schemas that are in more than one.
    :ivar added: the names that only the newest has.
    :ivar removed: the names that only the one before it has.
    :ivar broken: the files of the newest that cannot be read, and why: they cannot be compared.
    :ivar unread: the files of older ones that cannot be read.
    :ivar inside: the files and folders on the command line, each with its path in the repository.
    """

    level: Level
    schemas: list[Evolved]
    added: list[str]
    removed: list[str]
    broken: list[tuple[str, str]]
    unread: list[tuple[str, str]]
    inside: list[tuple[str, str]] = field(default_factory=list)

    def in_repository(self, file: str) -> str:
        """The path that a code host knows a file by."""
        for place, path in self.inside:
            rest = file if place == "." else file.removeprefix(f"{place}/")
            if file == place:
                return path
            if place == "." or rest != file:
                return f"{path}/{rest}" if path else rest
        return file

    @property
    def compatible(self) -> bool:
        return all(each.history for each in self.schemas)

    @property
    def warned(self) -> bool:
        return any(check.compatibility.warnings for each in self.schemas for check in each.history.checks)


def compare(snapshots: Sequence[Snapshot], level: Level, *, witness: bool) -> Report:
    """Compare snapshots, the oldest first.

    :raises AvroError: if there is nothing to compare.
    """
    versions = list(_versions(snapshots))
    newest, before = snapshots[-1], snapshots[-2]
    if not newest.schemas and not newest.broken:
        raise AvroError("there are no schemas: no file ends in .avsc, .avpr or .avdl")
    kept = {id(found.schema) for _, each in versions for found in each}
    return Report(
        level,
        [_evolved(name, each, level, witness) for name, each in versions if len(each) > 1],
        [name for name, each in versions if len(each) == 1],
        [name for name, found in before.schemas.items() if id(found.schema) not in kept],
        newest.broken,
        [broken for each in snapshots[:-1] for broken in each.broken],
    )


def _evolved(name: str, versions: Sequence[Found], level: Level, witness: bool) -> Evolved:  # noqa: FBT001
    from avrojet.plan.history import check_history

    history = check_history([found.schema for found in versions], level, witness=witness)
    return Evolved(name, tuple(versions), history)


def _versions(snapshots: Sequence[Snapshot]) -> Iterator[tuple[str, list[Found]]]:
    # If the files have one schema each, these are versions of one another, whatever their names.
    roots = [each.root for each in snapshots if each.root is not None]
    taken: set[int] = set()
    if len(roots) == len(snapshots):
        yield roots[-1].name, roots
        taken = {id(root.schema) for root in roots}
    for name, newest in snapshots[-1].schemas.items():
        if id(newest.schema) in taken:
            continue
        versions = [newest]
        for number in range(len(snapshots) - 2, -1, -1):
            older = _older(versions[-1], snapshots[number], snapshots[-1])
            if older is not None:
                versions.append(older)
        yield name, versions[::-1]


def _older(newer: Found, older: Snapshot, newest: Snapshot) -> Found | None:
    """Return the same schema in an older snapshot: by its name, or by an alias that is no schema's name
    now.
    """
    if newer.name in older.schemas:
        return older.schemas[newer.name]
    aliases = newer.schema.aliases if isinstance(newer.schema, NamedSchema) else ()
    known = [each for each in aliases if each in older.schemas and each not in newest.schemas]
    return older.schemas[known[0]] if known else None
