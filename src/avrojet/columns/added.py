"""Columns that no datum has: one value for all rows of a file, such as its path, and the rows' numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from avrojet.core.arrow.added_columns import add_columns, cut_batch
from avrojet.core.arrow.producer import Batch
from avrojet.errors import SchemaError
from avrojet.plan.arrow.layout import Column

Constant: TypeAlias = str | int | None


def text_column(name: str, *, nullable: bool = False) -> Column:
    """A column of strings."""
    return Column(name, "bytes", "u", nullable, width=4, text=True)


def long_column(name: str, *, nullable: bool = False) -> Column:
    """A column of 64-bit integers."""
    return Column(name, "values", "l", nullable, width=8)


def date_column(name: str, *, nullable: bool = False) -> Column:
    """A column of days since 1970."""
    return Column(name, "values", "tdD", nullable, width=4)


@dataclass(frozen=True, slots=True)
class AddedColumns:
    """The columns after those of the data.

    :ivar columns: those with one value for all rows of a file.
    :ivar values: their values, by the source from which the file is read.
    :ivar number: the column of the row's number, counted from 0 over all files; the last one.
    """

    columns: tuple[Column, ...]
    values: Callable[[Any], tuple[Constant, ...]]
    number: Column | None = None

    def after(self, table: Column) -> Column:
        """The table with all of them appended.

        :raises SchemaError: if two columns would have one name.
        """
        last = () if self.number is None else (self.number,)
        known = {column.name for column in table.children}
        for column in (*self.columns, *last):
            if column.name in known:
                raise SchemaError(
                    f"there is another column {column.name!r}: one that is added needs a name of its own",
                    path=column.name,
                )
            known.add(column.name)
        return replace(table, children=(*table.children, *self.columns, *last))

    def adder(self, table: Column, source: Any) -> Callable[[Batch], None] | None:
        """A function that adds a file's values to its batches; None if there are none to add.

        :param table: the columns of the batches.
        """
        if not self.columns:
            return None
        values = self.values(source)
        whole = replace(table, children=(*table.children, *self.columns))
        added = _struct(self.columns)
        return lambda batch: add_columns(batch, whole, added, values)


def numbered(batches: Iterator[Batch], column: Column) -> Iterator[Batch]:
    """The batches with a column of row numbers."""
    first = 0
    added = _struct((column,))
    for batch in batches:
        rows = len(batch)
        whole = replace(batch.layout, children=(*batch.layout.children, column))
        add_columns(batch, whole, added, (range(first, first + rows),))
        first += rows
        yield batch


def limited(batches: Iterator[Batch], rows: int) -> Iterator[Batch]:
    """Batches up to a number of rows."""
    while rows > 0 and (batch := next(batches, None)) is not None:
        if len(batch) > rows:
            cut_batch(batch, rows)
        rows -= len(batch)
        yield batch


def _struct(columns: tuple[Column, ...]) -> Column:
    return Column("", "struct", "+s", children=columns)
