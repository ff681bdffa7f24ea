"""A registry that is a folder of .avsc files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Final, NoReturn, TypeVar

from avrojet.locks import ProcessLock
from avrojet.plan.levels import Level
from avrojet.registry.base import LATEST, Latest, Registry
from avrojet.registry.errors import NotFoundError, RegistryError
from avrojet.registry.files import SchemaFile, file_of, read_schema_files
from avrojet.registry.memory import MemoryRegistry
from avrojet.registry.model import RegisteredSchema, RegistryCheck, SchemaReference

T = TypeVar("T")

_SECONDS: Final = 1.0  # so that messages of unknown schemas do not list the folder each time
_IDS: Final = (1 << 31) - 1


class _ById(MemoryRegistry):
    """A registry in memory whose ids are computed from the schemas: each schema has the same id
    everywhere.
    """

    def _new_id(self, guid: str) -> int:
        id = int(guid[:8], 16) & _IDS or 1
        if id in self._by_id:
            raise RegistryError(
                f"two schemas have the id {id}, made of their text: change a doc of one", id=id
            )
        return id

    def add(self, file: SchemaFile) -> None:
        """Add a file as the version in its name."""
        content = self._content(json.dumps(file.data), file.references(), None, None, normalize=False)
        self._keep(file.subject, file.version, content)


class FolderRegistry(Registry):
    """A registry that is a folder of ``.avsc`` files, kept with the code. Threads may share it.

    ``orders-value.avsc`` is the subject ``orders-value``, in one version; ``orders-value/2.avsc`` is version
    2 of it. Files may refer to types that other files define. An id is computed from the schema, so it is the
    same in each copy of the folder. Files are read when the registry is made, and again, at most once a
    second, when a caller asks for something that is missing.

    :param path: the folder.
    :param level: the compatibility level for schemas that are registered.
    :raises SchemaError: if a file is not valid.
    :raises OSError: if the folder cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str], *, level: Level = "BACKWARD") -> None:
        self._folder = Path(path)
        self._level: Level = level
        self._own_levels: dict[str, Level] = {}
        self._lock = ProcessLock()
        self._memory, self._stamps = self._loaded()
        self._scanned = monotonic()

    def __repr__(self) -> str:
        return f"FolderRegistry({str(self._folder)!r})"

    def _loaded(self) -> tuple[_ById, object]:
        """Return the registry made from the files, and a mark that shows whether they have changed."""
        stamps = _stamps(self._folder)
        memory = _ById("NONE")
        for file in read_schema_files(self._folder):
            memory.add(file)
        memory.set_level(self._level)
        for subject, level in self._own_levels.items():
            memory.set_level(level, subject)
        return memory, stamps

    def _rescanned(self) -> bool:
        """Read the files again if they have changed; return whether they have."""
        with self._lock.lock:
            if monotonic() - self._scanned < _SECONDS:
                return False
            self._scanned = monotonic()
            if _stamps(self._folder) == self._stamps:
                return False
            self._memory, self._stamps = self._loaded()
            return True

    def _asked(self, ask: Callable[[MemoryRegistry], T]) -> T:
        try:
            return ask(self._memory)
        except NotFoundError:
            if not self._rescanned():
                raise
            return ask(self._memory)

    def by_id(self, id: int, subject: str | None = None) -> RegisteredSchema:
        return self._asked(lambda memory: memory.by_id(id, subject))

    def by_guid(self, guid: str) -> RegisteredSchema:
        return self._asked(lambda memory: memory.by_guid(guid))

    def latest(self, subject: str) -> RegisteredSchema:
        return self._asked(lambda memory: memory.latest(subject))

    def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> RegisteredSchema:
        return self._asked(lambda memory: memory.latest_with_metadata(subject, metadata))

    def version(self, subject: str, version: int) -> RegisteredSchema:
        return self._asked(lambda memory: memory.version(subject, version))

    def register(
        self,
        subject: str,
        schema: Any,
        *,
        references: Iterable[SchemaReference] = (),
        normalize: bool = False,
        metadata: Mapping[str, Any] | None = None,
        rules: Mapping[str, Any] | None = None,
    ) -> RegisteredSchema:
        if metadata is not None or rules is not None:
            raise RegistryError("a folder cannot keep metadata and rules", subject=subject)
        if not subject:
            raise RegistryError("a folder cannot keep a subject without a name", subject=subject)
        with self._lock.lock:
            self._rescanned()
            before = self._memory.versions(subject) if subject in self._memory.subjects() else []
            ordered = sorted(references, key=lambda each: each.name)
            made = self._memory.register(subject, schema, references=ordered, normalize=normalize)
            if made.version not in before:
                try:
                    self._write(made)
                except BaseException:
                    self._memory, self._stamps = self._loaded()  # in which it is not
                    raise
            return made

    def _write(self, made: RegisteredSchema) -> None:
        """Write a file, which appears complete or not at all."""
        path = file_of(self._folder, made.subject or "", made.version or 1)
        path.parent.mkdir(exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        text = json.dumps(json.loads(made.text or ""), indent=2, ensure_ascii=False)
        try:
            unfinished.write_text(text + "\n", encoding="utf-8")
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        self._stamps = _stamps(self._folder)

    def lookup(
        self,
        subject: str,
        schema: Any,
        *,
        references: Iterable[SchemaReference] = (),
        normalize: bool = False,
    ) -> RegisteredSchema:
        referred = tuple(references)
        return self._asked(
            lambda memory: memory.lookup(subject, schema, references=referred, normalize=normalize)
        )

    def check(
        self,
        subject: str,
        schema: Any,
        version: int | Latest | None = LATEST,
        *,
        references: Iterable[SchemaReference] = (),
    ) -> RegistryCheck:
        referred = tuple(references)
        return self._asked(lambda memory: memory.check(subject, schema, version, references=referred))

    def subjects(self, *, deleted: bool = False) -> Sequence[str]:
        self._rescanned()
        return self._memory.subjects(deleted=deleted)

    def versions(self, subject: str, *, deleted: bool = False) -> Sequence[int]:
        return self._asked(lambda memory: memory.versions(subject, deleted=deleted))

    def level(self, subject: str | None = None) -> Level:
        return self._memory.level(subject)

    def set_level(self, level: Level, subject: str | None = None) -> None:
        """Set a level for the lifetime of this registry object; it is not written to a file."""
        with self._lock.lock:
            self._memory.set_level(level, subject)
            if subject is None:
                self._level = level
            else:
                self._own_levels[subject] = level

    def delete_subject(self, subject: str, *, permanent: bool = False) -> Sequence[int]:
        self._refuse(subject)

    def delete_version(self, subject: str, version: int, *, permanent: bool = False) -> int:
        self._refuse(subject)

    def _refuse(self, subject: str) -> NoReturn:
        raise RegistryError(f"delete the files of {subject!r} in {self._folder}", subject=subject)


def _stamps(folder: Path) -> object:
    """Return a value that changes whenever a file does."""
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*.avsc")}
