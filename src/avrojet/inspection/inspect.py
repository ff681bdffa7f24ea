"""The result of an inspection, as data and in forms for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from avrojet.errors import AvroError
from avrojet.inspection.container import BlockLayout, File, file_of
from avrojet.inspection.message import FRAMES, message_sections
from avrojet.inspection.ranges import ByteRange, Section
from avrojet.inspection.tracing import tracer_of
from avrojet.limits import Limits, limits_in_force
from avrojet.schema.parse import parse_schema

if TYPE_CHECKING:
    from avrojet.container.framing import Header
    from avrojet.container.source import Readable
    from avrojet.schema.model import Schema

# Most parts of the data of one block or message: an inspection is for people to read.
MOST_PARTS: Final = 100_000


class Inspection:
    """The meaning of the bytes of a file or a message.

    :ivar name: path or URL of the file, or None.
    :ivar schema: the schema of the data; None if the file's header has none that can be read.
    :ivar header: of a file; None if it is damaged, or for a message.
    :ivar sections: the bytes that were asked for.
    :ivar error: the first thing that is wrong with them, or None.
    """

    def __init__(
        self,
        name: str | None,
        schema: Schema | None,
        sections: Sequence[Section],
        file: File | None = None,
    ) -> None:
        self.name = name
        self.schema = schema
        self.header: Header | None = None if file is None else file.header
        self.sections: tuple[Section, ...] = tuple(sections)
        self._file = file
        errors = (section.error for section in self.sections if section.error is not None)
        self.error: AvroError | None = next(errors, None if file is None else file.error)

    def ranges(self) -> Iterator[ByteRange]:
        """All ranges, section by section."""
        for section in self.sections:
            yield from section.ranges

    def blocks(self) -> Iterator[BlockLayout]:
        """Where the blocks of the file are, all of them; none for a message.

        :raises DataFileError: (from the iterator) where the file is damaged.
        """
        return iter(()) if self._file is None or self.header is None else self._file.blocks()

    def hex(self) -> str:
        """The bytes in hexadecimal digits, each range on lines of its own with its name and value."""
        from avrojet.inspection.hexdump import hexdump

        return hexdump(self.sections)

    def mermaid(self) -> str:
        """The structure of the file, or of the message's schema, as the text of a Mermaid diagram."""
        from avrojet.inspection.mermaid import file_diagram, schema_diagram

        if self._file is None or self.header is None:
            return schema_diagram(self.schema) if self.schema is not None else ""
        return file_diagram(self.header, self._file.blocks())

    def html(self) -> str:
        """One self-contained page of HTML: pointing at a value highlights its bytes, and vice versa."""
        from avrojet.inspection.page import page_of

        return page_of(self)

    def __repr__(self) -> str:
        count = sum(len(section.ranges) for section in self.sections)
        return f"<avrojet.Inspection of {self.name or 'bytes'}: {count} ranges>"


def inspect(
    source: Readable,
    schema: Any = None,
    *,
    block: int | None = None,
    record: int | None = None,
    head: int | None = None,
    frame: str | None = None,
    limits: Limits | None = None,
) -> Inspection:
    """Find out what each byte of a file or of a message is.

    >>> for found in avrojet.inspect(b"\\x06foo", "string").ranges():
    ...     print(found.start, found.end, found.name, found.text)
    0 1 $ length 3
    1 4 $ content "foo"

    Damage raises no exception: the data before it have their ranges, the rest is one range of kind
    ``"error"``, and :attr:`Inspection.error` says what is wrong.

    :param source: a path or URL, the bytes, or a binary file, read from its position. One that cannot seek is
        copied into memory.
    :param schema: of a message: a Schema, JSON text or JSON data. None: the source is a container file.
    :param block: of a file, the block to begin with, counted from 0. None: the first.
    :param record: the record to begin with, counted from 0: in the block, or in the file if no block is
        given. None: the first.
    :param head: how many records. None: one if `record` is given, else ten.
    :param frame: what a message has before its datum: ``"none"``, ``"single-object"``, ``"confluent"`` or
        another framing of :mod:`avrojet.wire.framing` that is not in headers. None: found out by trying which
        frame leaves a datum of the schema.
    :param limits: bounds on what hostile data may cost; None: the process's.
    :raises DataFileError: if there is no such block or record.
    :raises SchemaError: if the schema is not valid.
    :raises OSError: if the file cannot be read.
    """
    for name, value in (("block", block), ("record", record), ("head", head)):
        if value is not None and value < 0:
            raise ValueError(f"{name} must not be negative: {value}")
    limits = limits_in_force(limits)
    if schema is not None:
        return _message(source, schema, frame, limits)
    file = File(source, limits)
    sections = [file.header_section()] if not block and not record else []
    if head is None:
        head = 10 if record is None else 1
    if head and file.header is not None:
        if record is not None and block is None:
            block, record = file.record_at(record)
        sections += file.sections(block, record or 0, head, MOST_PARTS)
    return Inspection(file.name, file.schema, sections, file)


def _message(source: Readable, schema: Any, frame: str | None, limits: Limits) -> Inspection:
    from contextlib import closing

    from avrojet.container.source import ByteSource

    if frame is not None and frame not in FRAMES:
        raise ValueError(f"frame must be one of {', '.join(FRAMES)}, not {frame!r}")
    parsed = parse_schema(schema, limits=limits)
    with closing(ByteSource(source)) as opened:
        data = file_of(opened).getbuffer()
    sections = message_sections(data, parsed, tracer_of(parsed, limits), frame, MOST_PARTS, limits)
    return Inspection(opened.name, parsed, [*sections])
