"""Aliases: which of the reader's names a name of the writer's is read as (specification: Aliases).

"The implementation would act as though x were named y": the reader's aliases rename the writer's names. That
leaves ambiguous cases, in which a guess would show the values of one field as those of another. They are
refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from avrojet.messages import show
from avrojet.schema.model import NamedSchema, RecordSchema, UnionSchema

Names: TypeAlias = "Sequence[tuple[str | None, tuple[str, ...]]]"
"""The name, if any, and the aliases of each field of a record, or of each branch of a union."""

_NO_NAME: Final[tuple[None, tuple[str, ...]]] = (None, ())


class Renaming:
    """How a writer's names are read.

    :ivar slots: for each name of the writer the index of the reader's name that it is read as, or -1.
    :ivar unclear: why the meaning of the reader's name at an index is ambiguous.
    :ivar unread: why it is ambiguous how the writer's name at an index is read.
    :ivar notes: what may be surprising about the reader's name at an index.
    """

    def __init__(self, slots: list[int]) -> None:
        self.slots = slots
        self.unclear: dict[int, str] = {}
        self.unread: dict[int, str] = {}
        self.notes: dict[int, str] = {}


def rename_fields(writer: RecordSchema, reader: RecordSchema) -> Renaming:
    """How the fields of a writer's record are renamed."""
    if not any([field.aliases for field in reader.fields]):  # noqa: C419 (a list is faster)
        slots = {field.name: slot for slot, field in enumerate(reader.fields)}
        return Renaming([slots.get(field.name, -1) for field in writer.fields])
    return _rename(
        [(field.name, field.aliases) for field in writer.fields],
        [(field.name, field.aliases) for field in reader.fields],
        "field",
    )


def rename_branches(writer: Sequence[object], reader: UnionSchema) -> Renaming:
    """The same for branches of a writer's union, or a single type, to be read as a reader's union.

    Only fullnames count here: a branch to which nothing is renamed may have the unqualified name.
    """
    return _rename(list(_names(writer)), list(_names(reader.branches)), "type")


def _names(branches: Sequence[object]) -> Iterator[tuple[str | None, tuple[str, ...]]]:
    for branch in branches:
        yield (branch.fullname, branch.aliases) if isinstance(branch, NamedSchema) else _NO_NAME


def _rename(written: Names, wanted: Names, what: str) -> Renaming:
    positions = {name: position for position, (name, _) in enumerate(written)}
    slots = [-1] * len(written)
    sources: dict[int, list[int]] = {}
    for slot, (name, aliases) in enumerate(wanted):
        position = None if name is None else positions.get(name)
        if position is not None:
            slots[position] = slot
        named = [positions[each] for each in dict.fromkeys(aliases) if each in positions and each != name]
        if named:
            sources[slot] = named
    renaming = Renaming(slots)
    if sources:
        _Aliases(written, wanted, what, positions, sources).apply(renaming)
    return renaming


class _Aliases:
    """The aliases that match names of the writer's: ``sources``, by index in the reader's."""

    def __init__(
        self,
        written: Names,
        wanted: Names,
        what: str,
        positions: dict[str | None, int],
        sources: dict[int, list[int]],
    ) -> None:
        self._written = written
        self._wanted = wanted
        self._what = what
        self._positions = positions
        self._sources = sources

    def apply(self, renaming: Renaming) -> None:
        by_name = list(renaming.slots)
        moved = self._moved(by_name)
        self._rename_moved(moved, by_name, renaming)
        self._check_unmoved(moved, by_name, renaming)
        renaming.slots = [-1 if slot in renaming.unclear else slot for slot in renaming.slots]
        for slot, why in renaming.unclear.items():
            renaming.notes.pop(slot, None)
            for position in (*self._sources[slot], self._positions.get(self._wanted[slot][0])):
                if position is not None:
                    renaming.unread[position] = why

    def _moved(self, by_name: list[int]) -> set[int]:
        """Indices of the reader's names that only an alias can find.

        Either the writer does not have the name, or its bearer is itself renamed.
        """
        moved: set[int] = set()
        waiting = [slot for slot in self._sources if self._wanted[slot][0] not in self._positions]
        while waiting:
            slot = waiting.pop()
            if slot not in moved:
                moved.add(slot)
                named = [by_name[position] for position in self._sources.get(slot, ())]
                waiting += [other for other in named if other >= 0]
        return moved

    def _rename_moved(self, moved: set[int], by_name: list[int], renaming: Renaming) -> None:
        claims: dict[int, list[int]] = {}
        for slot in sorted(moved):
            for position in self._sources.get(slot, ()):
                claims.setdefault(position, []).append(slot)
        for position, claimants in claims.items():
            renaming.slots[position] = claimants[0]
            lost = by_name[position]
            if lost >= 0:
                name, alias = self._shown(claimants[0]), self._shown_source(position)
                renaming.notes[lost] = (
                    f"the writer's {self._what} {alias} is read as {name}, of which it is an alias, "
                    f"not as the reader's {alias}"
                )
        for slot in moved:
            found = self._sources.get(slot, ())
            if len(found) > 1:
                renaming.unclear[slot] = (
                    f"the reader's {self._what} {self._shown(slot)} has several aliases that the writer has: "
                    f"{', '.join(map(self._shown_source, found[:10]))}; keep one of them"
                )
            elif found and len(claims[found[0]]) > 1:
                renaming.unclear[slot] = (
                    f"several of the reader's {self._what}s have the alias {self._shown_source(found[0])}: "
                    f"{', '.join(map(self._shown, claims[found[0]][:10]))}; let one of them keep it"
                )

    def _check_unmoved(self, moved: set[int], by_name: list[int], renaming: Renaming) -> None:
        """A name that is found may still have an alias that the writer has, too."""
        exchanges: dict[int, list[int]] = {}
        for slot, found in self._sources.items():
            if slot in moved:
                continue
            own = self._wanted[slot][0]
            known = frozenset(self._written[self._positions[own]][1])  # then the writer's is the renamed one
            for position in found:
                alias = self._written[position][0]
                other = by_name[position]
                if alias in known:
                    continue
                if other < 0 or other in moved:
                    renaming.unclear[slot] = (
                        f"the writer has both {show(own)} and {show(alias)}, an alias of the reader's "
                        f"{self._what} {show(own)}: remove the alias, or give the {self._what} another name"
                    )
                else:
                    exchanges.setdefault(slot, []).append(other)
                    renaming.notes[slot] = (
                        f"the alias {show(alias)} of the reader's {self._what} {show(own)} is ignored, "
                        "as the writer and the reader have both names"
                    )
        for slot in _on_cycles(exchanges):
            renaming.unclear[slot] = (
                f"the aliases of the reader's {self._what} {self._shown(slot)} exchange it with others, and "
                "the writer has all their names: only if its schema had the same aliases would it be clear "
                "that these are the new ones"
            )

    def _shown(self, slot: int) -> str:
        return show(self._wanted[slot][0])

    def _shown_source(self, position: int) -> str:
        return show(self._written[position][0])


def _on_cycles(edges: dict[int, list[int]]) -> set[int]:
    """The nodes on cycles, and between them."""
    left = {node: set(ends) for node, ends in edges.items()}
    for _ in range(2):  # remove what leads to no cycle, then what no cycle leads to
        left = _without_dead_ends(left)
        turned: dict[int, set[int]] = {}
        for node, ends in left.items():
            for end in ends:
                turned.setdefault(end, set()).add(node)
        left = turned
    return set(left)


def _without_dead_ends(edges: dict[int, set[int]]) -> dict[int, set[int]]:
    leading: dict[int, list[int]] = {}
    for node, ends in edges.items():
        for end in ends:
            leading.setdefault(end, []).append(node)
    count = {node: len(ends) for node, ends in edges.items()}
    waiting = [end for end in leading if end not in edges]
    dead: set[int] = set()
    while waiting:
        end = waiting.pop()
        dead.add(end)
        for node in leading.get(end, ()):
            count[node] -= 1
            if not count[node]:
                waiting.append(node)
    return {node: ends - dead for node, ends in edges.items() if node not in dead}
