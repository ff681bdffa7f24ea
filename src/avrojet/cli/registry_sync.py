"""`avrojet registry sync`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from avrojet.cli.registry_show import Command

if TYPE_CHECKING:
    from avrojet.cli.evolution import Evolved
    from avrojet.registry.base import Registry
    from avrojet.registry.files import SchemaFile
    from avrojet.registry.model import RegisteredSchema, SchemaReference

_INCOMPATIBLE = 1


@dataclass(slots=True)
class _Planned:
    """The action for a file.

    :ivar registered: where it is registered already; None if it is not.
    :ivar evolved: its compatibility with the existing versions; None for a new subject.
    :ivar version: the number that it has, or will have.
    """

    file: SchemaFile
    subject: str
    registered: RegisteredSchema | None
    evolved: Evolved | None
    version: int

    @property
    def state(self) -> Literal["same", "new", "changed", "incompatible"]:
        if self.registered is not None:
            return "same"
        if self.evolved is None:
            return "new"
        return "changed" if self.evolved.history else "incompatible"


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="a folder of .avsc files")
    parser.add_argument("--apply", action="store_true", help="register them; without it, nothing is changed")
    parser.add_argument("--suffix", default="", help="what is added to the names of files: --suffix=-value")


def _sync(arguments: argparse.Namespace) -> int:
    """Bring the schemas of a folder to a registry: show what would be done, or do it.

    orders-value.avsc is the subject orders-value; orders-value/2.avsc is version 2 of it. Files that use
    types of other files refer to their subjects, and are registered after them. If any file is not compatible
    with the registered versions, nothing is registered, and the exit status is 1.
    """
    from avrojet.cli.connections import registry_of
    from avrojet.registry.files import read_schema_files

    files = read_schema_files(Path(arguments.folder))
    if not files:
        raise FileNotFoundError(f"the folder {arguments.folder} has no .avsc files")
    with registry_of(arguments) as registry:
        plan = _Plan(registry, arguments.suffix)
        for file in files:
            plan.add(file)
        _show(plan.steps)
        if any(step.state == "incompatible" for step in plan.steps):
            return _INCOMPATIBLE
        if arguments.apply:
            _apply(registry, plan)
        elif any(step.state != "same" for step in plan.steps):
            print("nothing is changed: --apply registers them")
    return 0


class _Plan:
    """Return the actions, in the order in which they are done."""

    def __init__(self, registry: Registry, suffix: str) -> None:
        self._registry = registry
        self._suffix = suffix
        self.steps: list[_Planned] = []
        self._by_file: dict[int, _Planned] = {}

    def add(self, file: SchemaFile) -> None:
        step = self._step(file, file.subject + self._suffix)
        self.steps.append(step)
        self._by_file[id(file)] = step

    def references(self, file: SchemaFile) -> list[SchemaReference]:
        """Return the references of a file, as subjects and versions in the registry."""
        from avrojet.registry.model import SchemaReference

        needed = [(name, self._by_file[id(other)]) for name, other in sorted(file.needs.items())]
        return [SchemaReference(name, step.subject, step.version) for name, step in needed]

    def _step(self, file: SchemaFile, subject: str) -> _Planned:
        from avrojet.cli.registry_check import evolve
        from avrojet.registry.errors import NotFoundError

        assert file.schema is not None
        registered = self._registered(file, subject)
        if registered is not None:
            return _Planned(file, subject, registered, None, registered.version or file.version)
        planned = [step for step in self.steps if step.subject == subject and step.state != "same"]
        try:
            numbers: Sequence[int] = self._registry.versions(subject)
            level = self._registry.level(subject)
            evolved = evolve(self._registry, subject, file.schema, str(file.path), level, witness=True)
        except NotFoundError:
            return _Planned(file, subject, None, None, len(planned) + 1)
        return _Planned(file, subject, None, evolved, numbers[-1] + len(planned) + 1)

    def _registered(self, file: SchemaFile, subject: str) -> RegisteredSchema | None:
        from avrojet.registry.errors import NotFoundError

        if any(self._by_file[id(other)].state != "same" for other in file.needs.values()):
            return None  # a file that it needs is not registered yet
        try:
            return self._registry.lookup(subject, file.schema, references=self.references(file))
        except NotFoundError:
            return None


_SIGNS: Final = {"same": "=", "new": "+", "changed": "~", "incompatible": "\N{BALLOT X}"}


def _show(steps: Sequence[_Planned]) -> None:
    from avrojet.cli.compat_report import as_text
    from avrojet.cli.evolution import Report
    from avrojet.messages import readable

    for step in steps:
        what = "" if step.state == "same" else " (new)" if step.state == "new" else " (new version)"
        line = f"{_SIGNS[step.state]} {step.subject} version {step.version}{what}  {step.file.path}"
        sys.stdout.buffer.write(readable(line).encode() + b"\n")
    bad = [step.evolved for step in steps if step.evolved is not None and step.state == "incompatible"]
    if bad:
        report = Report(bad[0].history.level, bad, [], [], [], [])
        sys.stdout.buffer.write(as_text(report).encode())
    sys.stdout.flush()


def _apply(registry: Registry, plan: _Plan) -> None:
    for step in plan.steps:
        if step.state == "same":
            continue
        made = registry.register(step.subject, step.file.schema, references=plan.references(step.file))
        step.version = made.version or step.version
        print(f"registered {made.subject} version {made.version}, id {made.id or made.guid}")


SYNC: Final[Command] = (_add, _sync)
