"""The headers of container files, each read once for all questions about the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from avrojet.columns.plan import ColumnPlan, PlanOptions
from avrojet.container.source import file_header, is_reopened, name_of
from avrojet.container.split import path_of
from avrojet.derived import derived
from avrojet.errors import AvroError, errors_in
from avrojet.limits import Limits
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema

# Headers cached.
_MOST_HEADS = 16


@dataclass(frozen=True)
class Head:
    """What the header of a file says about its data.

    :ivar source: the file, or a part of it.
    :ivar name: its name in messages.
    """

    source: Any
    name: str | None
    schema_text: str
    metadata: Mapping[str, bytes]
    limits: Limits

    @derived
    def schema(self) -> Schema:
        """The writer's schema."""
        with errors_in(self.name):
            return parse_schema(self.schema_text, names="lax", limits=self.limits)

    def planned(self, options: PlanOptions, reader: Schema | None) -> ColumnPlan:
        """The plan for reading the file."""
        with errors_in(self.name):
            if "schema" in self.__dict__:
                return options.compile(self.schema, reader)
            return options.plan(self.schema_text, reader)


class Heads:
    """Headers that have been read: the first one is kept, as all parts of a scan need it, and some others."""

    def __init__(self) -> None:
        self._known: dict[Any, Head] = {}

    def of(self, source: Any, limits: Limits) -> Head:
        """The header of a file that can be read more than once; a cached one is not read again."""
        path = path_of(source)
        key = path if isinstance(path, str) else id(path)  # kept alive by the head
        found = self._known.get(key)
        if found is None:
            header, name = file_header(path, limits), name_of(path)
            with errors_in(name):
                found = Head(source, name, header.schema_text, header.metadata, limits)
            if len(self._known) >= _MOST_HEADS:
                for old in list(self._known)[1:]:
                    self._known.pop(old, None)  # another thread may have removed it
            self._known[key] = found
        return found


def first_source(sources: Sequence[Any], limits: Limits, heads: Heads) -> Any:
    """The first file that is a container file, if others are skipped; one that can be read only once is not
    tried.

    :raises AvroError: that of the first file, if none is a container file.
    """
    failure: AvroError | None = None
    for source in sources:
        try:
            if is_reopened(path_of(source)):
                _ = heads.of(source, limits).schema
        except AvroError as error:
            failure = failure or error
        else:
            return source
    assert failure is not None
    try:
        raise failure
    finally:
        del failure  # its traceback refers to this frame
