"""A whole file in one call. Floor 5."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from avrojet.container.reader import DataFileReader
from avrojet.container.source import Readable
from avrojet.container.split import Split
from avrojet.container.target import Writable, replacing
from avrojet.container.writer import DataFileWriter
from avrojet.schema.model import Schema


def read(source: Readable | Split, reader_schema: Schema | Any = None, **options: Any) -> list[Any]:
    """All rows of a container file.

    The cyclic garbage collector is off meanwhile if it was on (it works for all threads): walking the rows
    while they become more and more would take longer than making them.

    :param source: a path, a binary file, or anything else that :class:`DataFileReader` reads.
    :param options: those of :class:`DataFileReader`, whose errors this raises too, but for ``on_error``.
    """
    if options.get("on_error", "raise") != "raise":
        raise ValueError("a list cannot tell what is missing: use DataFileReader, which has losses")
    with DataFileReader(source, reader_schema, **options) as reader:
        return list(reader)


def write(target: Writable, schema: Schema | Any, values: Iterable[Any], **options: Any) -> None:
    """Write a container file of all `values`.

    A path appears, or is replaced, only when all are written: after an error it is as it was.

    :param target: a path or a binary file.
    :param options: those of :class:`DataFileWriter`, whose errors this raises too.
    """
    with replacing(target) as place, DataFileWriter(place, schema, **options) as writer:
        writer.extend(values)
