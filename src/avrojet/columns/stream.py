"""Streams of Arrow record batches, which readers of columns return."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from avrojet.columns.file import Part, read_batches
from avrojet.container.losses import Losses
from avrojet.container.threads import thread_count
from avrojet.core.arrow.producer import Batch, schema_capsule, stream_capsule
from avrojet.core.ground.exclusive import Place, Steps
from avrojet.errors import DataFileError, untraced
from avrojet.messages import readable, shorten
from avrojet.plan.arrow.layout import Column
from avrojet.plan.arrow.properties import to_arrow_metadata
from avrojet.plan.project import ColumnName, ensure_columns

# Rows per batch: enough that the cost of a batch is negligible, few enough for the processor's outer cache.
BATCH_ROWS = 1 << 16


class ArrowStream:
    """Record batches, in the order of the data, with bounded memory.

    Anything that supports the Arrow PyCapsule interface takes it: ``pyarrow.table(stream)``,
    ``polars.DataFrame(stream)``. Iterate it for the single batches; each of them has ``len()``.

    An error, in the data or of their source, is raised after the rows of the blocks before it. Asking for
    more raises it again; after an interruption, asking for more raises an error that says so. Consumers of
    the capsule get only its message, and raise errors of their own.

    :ivar layout: the columns, a tree of Arrow types.
    :ivar losses: what ``on_error="skip"`` has skipped so far in the last reading.
    """

    def __init__(
        self,
        layout: Column,
        start: Callable[[], Iterator[Batch]],
        losses: Losses,
        origin: Origin | None = None,
    ) -> None:
        self.losses = losses
        self.layout = layout
        self._start = start
        self._origin = origin

    def __iter__(self) -> Iterator[Batch]:
        return Steps(_Lasting(self._start()).step, Place())

    def __repr__(self) -> str:
        origin = "" if self._origin is None else f" of {self._origin!r}"
        return f"<avrojet.ArrowStream{origin}: {columns_text(self.layout)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        if self._origin is None:
            raise TypeError("a stream of an open file cannot be pickled: read a path")
        return _stream_of, (self._origin,)

    def __arrow_c_schema__(self) -> Any:
        """A capsule ``arrow_schema``: a struct of the columns."""
        return schema_capsule(self.layout)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """A capsule ``arrow_array_stream``; each call reads anew, if the source is a path.

        :param requested_schema: ignored, as the interface allows.
        """
        return stream_capsule(self.layout, iter(self))


class Origin(Protocol):
    """Makes a stream; can be pickled if its source can."""

    def to_arrow(self) -> ArrowStream:
        """The stream."""


def _stream_of(origin: Origin) -> ArrowStream:
    """Unpickles a stream."""
    return origin.to_arrow()


class ArrowSchema:
    """Only the columns. Anything with the Arrow PyCapsule interface takes them: ``pyarrow.schema``."""

    def __init__(self, layout: Column) -> None:
        self._layout = layout

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self._layout.children]

    def __arrow_c_schema__(self) -> Any:
        """A capsule ``arrow_schema``: a struct of the columns."""
        return schema_capsule(self._layout)

    def __repr__(self) -> str:
        return f"<avrojet.ArrowSchema {columns_text(self._layout)}>"


def columns_text(layout: Column) -> str:
    """The names of the columns, for people."""
    return readable(shorten(", ".join([column.name for column in layout.children]) or "no columns"))


def stream_part(
    layout: Column, start: Callable[[], Part], threads: int | None, losses: Losses
) -> ArrowStream:
    """The batches of one part.

    :param start: called for each reading.
    """
    return ArrowStream(layout, lambda: read_batches([start()], thread_count(threads)), losses)


def ensure_on_error(on_error: str) -> None:
    """Raise unless it is a valid choice."""
    if on_error not in ("raise", "skip"):
        raise ValueError(f"on_error must be 'raise' or 'skip', not {on_error!r}")


def named(columns: Sequence[ColumnName] | None) -> tuple[ColumnName, ...] | None:
    """The columns, in a comparable form."""
    if columns is None:
        return None
    ensure_columns(columns)
    return tuple([column if isinstance(column, str) else tuple(column) for column in columns])


def with_metadata(layout: Column, metadata: Mapping[str, bytes]) -> Column:
    """The columns, with a file's own metadata besides its schema."""
    entries = to_arrow_metadata(metadata)
    return replace(layout, metadata={**layout.metadata, **entries}) if entries else layout


class _Lasting:
    """Batches that remember how they ended: after an error there are none, and the error is raised again."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self._error: BaseException | None = None

    def step(self, _: object) -> tuple[Batch, None] | None:
        if isinstance(self._error, Exception):
            raise untraced(self._error)
        if self._error is not None:
            kind = type(self._error).__name__
            raise DataFileError(f"reading was interrupted by {kind}: read the file again") from self._error
        try:
            batch = next(self._batches, None)
        except BaseException as error:
            self._error = untraced(error)
            del self  # the error's traceback refers to this frame
            raise
        return None if batch is None else (batch, None)
