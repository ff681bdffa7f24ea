"""The table of what is timed: groups, the lanes that are compared in each, and the cases of a run.

Imported by the worker and by everything that reads its results.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

GROUPS: Mapping[str, tuple[str, ...]] = {
    "decode": ("decode",),
    "encode": ("encode",),
    "read": ("read",),
    "write": ("write",),
    "evolution": ("half", "all"),
    "cold": ("first", "parse"),
}
"""Group -> lanes. Every lane of every library takes its turn in each round: any two can be compared."""

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "decode": ("decode",),
    "encode": ("encode",),
    "files": ("read", "write"),
    "evolution": ("evolution",),
    "cold": ("cold",),
}
"""What ``--only`` names -> groups."""

CODECS = ("null", "deflate", "snappy", "zstandard")


@dataclass(frozen=True)
class Case:
    """One group on one workload; ``codec`` matters to container files alone."""

    group: str
    workload: str
    codec: str = "null"

    @property
    def lanes(self) -> tuple[str, ...]:
        return GROUPS[self.group]

    @property
    def title(self) -> str:
        return f"{self.group} {self.codec}" if self.group in ("read", "write") else self.group


def cases(sections: Sequence[str], workloads: Sequence[str], codecs: Sequence[str]) -> Iterator[Case]:
    """The cases of a run, group by group."""
    for group in (group for section in sections for group in SECTIONS[section]):
        for codec in codecs if group in ("read", "write") else ("null",):
            for workload in workloads:
                yield Case(group, workload, codec)
