"""Diagrams in the text of Mermaid: of a file, and of a schema."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from avrojet.container.framing import Header
from avrojet.errors import AvroError
from avrojet.inspection.container import BlockLayout
from avrojet.inspection.ranges import reason_of
from avrojet.messages import counted, readable, shorten
from avrojet.schema.brief import brief
from avrojet.schema.model import (
    ArraySchema,
    EnumSchema,
    FixedSchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)

# Blocks of a file that are drawn; of more, the middle is left out.
_FIRST: Final = 5
_LAST: Final = 2
# Members of a class that are drawn: fields or symbols.
_MEMBERS: Final = 100
_CLASSES: Final = 500
_TEXT: Final = 60


def file_diagram(header: Header, blocks: Iterable[BlockLayout]) -> str:
    """A flowchart of the header and the blocks."""
    lines = ["flowchart TB"]
    keys = [key for key in header.metadata if not key.startswith("avro.")]
    more = f"<br>and {', '.join(map(_label, keys[:5]))}" if keys else ""
    said = f"codec {_label(header.codec)}, {header.size:,} bytes{more}"
    lines.append(f'    header["<b>header</b> at 0<br>{said}"]')
    last = "header"
    for name, text in _boxes(blocks):
        lines.append(f'    {name}["{text}"]')
        lines.append(f"    {last} --> {name}")
        last = name
    return "\n".join(lines) + "\n"


def _boxes(blocks: Iterable[BlockLayout]) -> Iterator[tuple[str, str]]:
    """Draw the rest after the header: the first and the last blocks, and the damage after them."""
    ends: deque[BlockLayout] = deque(maxlen=_LAST)
    count = records = 0
    damage = None
    try:
        for block in blocks:
            count += 1
            records += block.count
            if count <= _FIRST:
                yield _box(block)
            else:
                ends.append(block)
    except AvroError as error:
        damage = error
    left = count - min(count, _FIRST) - len(ends)
    if left:
        yield "more", f"{counted(left, 'block')} more"
    yield from map(_box, ends)
    if damage is not None:
        yield "damage", f"damage: {_label(reason_of(damage), 200)}"
    else:
        yield "end_", f"end: {counted(count, 'block')}, {counted(records, 'record')}"


def _box(block: BlockLayout) -> tuple[str, str]:
    said = f"{counted(block.count, 'record')} in {counted(block.size, 'byte')}"
    return f"block{block.index}", f"<b>block {block.index}</b> at {block.offset:,}<br>{said}"


def schema_diagram(schema: Schema) -> str:
    """A class diagram of the named types, and of the references between them."""
    types = _types_in(schema)
    names = {id(type): f"t{number}" for number, type in enumerate(types)}
    lines = ["classDiagram"]
    if not isinstance(schema, NamedSchema):
        lines += ['    class root["schema"] {', f"        {_member(brief(schema))}", "    }"]
        lines += [f"    root --> {names[id(each)]}" for each in _named_in(schema) if id(each) in names]
    for type in types:
        lines.append(f'    class {names[id(type)]}["{_label(type.fullname or type.type)}"] {{')
        lines += [f"        {line}" for line in _members(type)]
        lines.append("    }")
    for type in types:
        lines += _arrows(type, names)
    return "\n".join(lines) + "\n"


def _types_in(schema: Schema) -> list[NamedSchema]:
    """The named types, in the order in which they first occur."""
    found: list[NamedSchema] = []
    seen: set[int] = set()
    waiting = deque(_named_in(schema))
    while waiting and len(found) < _CLASSES:
        type = waiting.popleft()
        if id(type) in seen:
            continue
        seen.add(id(type))
        found.append(type)
        if isinstance(type, RecordSchema):
            for field in type.fields:
                waiting.extend(_named_in(field.type))
    return found


def _arrows(type: NamedSchema, names: dict[int, str]) -> Iterator[str]:
    """From a record to the types of its fields."""
    if not isinstance(type, RecordSchema):
        return
    for field in type.fields[:_MEMBERS]:
        many = ' "*"' if _is_many(field.type) else ""
        for other in _named_in(field.type):
            if id(other) in names:
                yield f"    {names[id(type)]} -->{many} {names[id(other)]} : {_member(field.name)}"


def _members(type: NamedSchema) -> Iterator[str]:
    if isinstance(type, RecordSchema):
        members = [f"{field.name} {brief(field.type)}" for field in type.fields]
    elif isinstance(type, EnumSchema):
        yield "<<enum>>"
        members = list(type.symbols)
    else:
        assert isinstance(type, FixedSchema)
        yield "<<fixed>>"
        members = [f"{type.size} bytes"]
    yield from map(_member, members[:_MEMBERS])
    if len(members) > _MEMBERS:
        yield f"and {len(members) - _MEMBERS} more"


def _named_in(schema: Schema) -> list[NamedSchema]:
    """The named types directly within a type, but not the types within those."""
    found: list[NamedSchema] = []
    waiting = [schema]
    while waiting:
        each = waiting.pop()
        if isinstance(each, NamedSchema):
            found.append(each.definition)
        elif isinstance(each, UnionSchema):
            waiting.extend(reversed(each.branches))
        elif isinstance(each, ArraySchema):
            waiting.append(each.items)
        elif isinstance(each, MapSchema):
            waiting.append(each.values)
    return found


def _is_many(schema: Schema) -> bool:
    """Whether it is a collection, or may be one."""
    branches = schema.branches if isinstance(schema, UnionSchema) else (schema,)
    return any(isinstance(each, ArraySchema | MapSchema) for each in branches)


def _label(text: str, most: int = _TEXT) -> str:
    """Text within quotes: characters that are special to Mermaid or HTML are replaced by their character
    codes.
    """
    return "".join(
        character if character.isalnum() or character in " ._-+/:,()" else f"#{ord(character)};"
        for character in shorten(readable(text), most)
    )


def _member(text: str) -> str:
    """Text of a member, where Mermaid has no escapes; Avro names contain nothing that needs one."""
    return "".join(
        character if character.isalnum() or character in " ._-?[]" else "_"
        for character in shorten(readable(text), _TEXT)
    )
