"""Avro's IDL: protocols and schemas as people write them (specification: IDL Language).

The reader and the writer are imported on first use.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from avrojet.limits import Limits, limits_in_force
from avrojet.messages import warn
from avrojet.schema.model import NamedSchema, Schema
from avrojet.schema.parser import NameMode
from avrojet.schema.protocol import Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from avrojet.schema.idl.source import Source


class IgnoredIdlWarning(UserWarning):
    """Documentation or an annotation is ignored, as Avro's JSON has no place for it."""


class Idl(NamedTuple):
    """What a text in Avro's IDL defines. Immutable.

    :ivar protocol: the protocol, or None if it defines none.
    :ivar schema: the schema that the text declares (``schema ...;``), or None.
    :ivar types: every named type, imported ones included, in the order in which JSON text defines them. Each
        is self-contained: its ``json`` defines all types that it refers to.
    """

    protocol: Protocol | None
    schema: Schema | None
    types: tuple[NamedSchema, ...]


def parse_idl(
    text: str | bytes | bytearray,
    base: str | os.PathLike[str] | None = None,
    *,
    names: NameMode = "strict",
    limits: Limits | None = None,
) -> Idl:
    """Parse text in Avro's IDL: a protocol, or a schema with the types that it needs.

    Types may be used before they are defined. Imported files are read once each, and may import each other.

    :param text: IDL as of Avro 1.12 (str, or bytes in UTF-8).
    :param base: the folder that imports are relative to. Without it imports are refused. An import can name
        any file, also one outside the folder, so pass None for untrusted text.
    :param names: see :func:`avrojet.parse_schema`.
    :param limits: ``depth``, ``schema_bytes`` and ``union_branches`` bound each file; None: the process's.
    :raises IdlError: if the text or a file that it imports is not valid; ``file``, ``line`` and ``column``
        name the place.
    :raises LimitError: if it exceeds a limit.

    Documentation and annotations for which Avro's JSON has no place are ignored (:class:`IgnoredIdlWarning`).

    >>> idl = parse_idl('''
    ...     namespace org.foo;
    ...     schema Order;
    ...     /** What somebody bought. */
    ...     record Order { long id; string? note = null; array<Item> items; }
    ...     record Item { string sku; decimal(9, 2) price; }
    ... ''')
    >>> [field.name for field in idl.schema.fields]
    ['id', 'note', 'items']
    """
    from pathlib import Path

    from avrojet.schema.idl.imports import decoded
    from avrojet.schema.idl.source import Source

    limits = limits_in_force(limits)
    source = Source(text) if isinstance(text, str) else decoded(text, None, limits)
    return _parse(source, None if base is None else Path(base), None, names, limits)


def load_idl(
    path: str | os.PathLike[str], *, names: NameMode = "strict", limits: Limits | None = None
) -> Idl:
    """Parse a file in Avro's IDL, usually ``*.avdl``, and those that it imports.

    :param path: a file in UTF-8.
    :param names: see :func:`avrojet.parse_schema`.
    :param limits: see :func:`parse_idl`.
    :raises IdlError, LimitError: see :func:`parse_idl`.
    :raises OSError: if the file itself cannot be read.
    """
    from pathlib import Path

    from avrojet.schema.idl.imports import decoded
    from avrojet.schema.text import read_file

    path = Path(path)
    limits = limits_in_force(limits)
    source = decoded(read_file(path, limits), str(path), limits)
    return _parse(source, path.parent, path, names, limits)


def emit_idl(what: Schema | Protocol) -> str:
    """Text in Avro's IDL that parses back to the schema or protocol.

    It is IDL of Avro 1.12, and uses types before their definition if the order of the JSON text requires it.
    In documentation, trailing blanks are removed and ``*/`` becomes ``*&#47;``, as comments cannot hold them.

    :raises SchemaError: if IDL cannot express something, such as attributes whose names are not identifiers,
        or attributes of a reference to a type; the message names it.

    >>> import avrojet
    >>> print(emit_idl(avrojet.parse_schema({"type": "map", "values": ["null", "string"]})), end="")
    schema map<string?>;
    """
    from avrojet.schema.idl.emit import protocol_to_idl, schema_to_idl

    return protocol_to_idl(what) if isinstance(what, Protocol) else schema_to_idl(what)


def _parse(source: Source, folder: Path | None, path: Path | None, names: NameMode, limits: Limits) -> Idl:
    from avrojet.schema.emit import named_types
    from avrojet.schema.idl.declarations import read_text
    from avrojet.schema.idl.imports import Importer
    from avrojet.schema.idl.resolve import Resolver

    text = read_text(source, limits)
    gathered = Importer(names, limits, path).gather(text, folder)
    resolver = Resolver(gathered, names, limits)
    types = resolver.types()
    schema = resolver.schema(text)
    protocol = resolver.protocol(text, types)
    resolver.close()
    for each in gathered.texts:
        if each.ignored:
            what = f"{each.ignored} comments or annotations that nothing has a place for are ignored"
            warn(IgnoredIdlWarning, f"{each.source.say(each.first_ignored)}: {what}")
    for category, warning in resolver.warnings:
        warn(category, warning)
    return Idl(protocol, schema, named_types(types) if protocol is None else protocol.types)
