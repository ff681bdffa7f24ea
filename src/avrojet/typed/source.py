"""Classes of a schema as source code: the same code for the same schema, which `schema_of` returns again."""

from __future__ import annotations

import builtins
import json
import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias

from avrojet.errors import SchemaError
from avrojet.schema.defaults import encode_default
from avrojet.schema.emit import named_types
from avrojet.schema.model import (
    NO_DEFAULT,
    ArraySchema,
    EnumSchema,
    Field,
    FixedSchema,
    MapSchema,
    NamedSchema,
    RecordSchema,
    Schema,
    UnionSchema,
)
from avrojet.typed.expressions import expression_of
from avrojet.varint import decode_long

Kind: TypeAlias = Literal["dataclass", "struct", "pydantic", "attrs", "typeddict", "namedtuple"]

WIDTH: Final = 100
_INDENT: Final = "    "

_PRIMITIVES: Final[Mapping[str, str]] = {
    "null": "None",
    "boolean": "bool",
    "int": 'Annotated[int, "int"]',
    "long": "int",
    "float": 'Annotated[float, "float"]',
    "double": "float",
    "bytes": "bytes",
    "string": "str",
}
_LOGICAL: Final[Mapping[str, str]] = {
    "date": "date",
    "time-millis": 'Annotated[time, "time-millis"]',
    "time-micros": "time",
    "timestamp-millis": 'Annotated[datetime, "timestamp-millis"]',
    "timestamp-micros": "datetime",
    "timestamp-nanos": "avrojet.NanoDatetime",
    "local-timestamp-millis": 'Annotated[datetime, "local-timestamp-millis"]',
    "local-timestamp-micros": 'Annotated[datetime, "local-timestamp-micros"]',
    "local-timestamp-nanos": 'Annotated[avrojet.NanoDatetime, "local-timestamp-nanos"]',
    "big-decimal": 'Annotated[Decimal, "big-decimal"]',
    "uuid": "UUID",
}
_CLASS_OF_LOGICAL: Final[Mapping[str, str]] = {
    "duration": "avrojet.Duration",
    "decimal": "Decimal",
    "uuid": "UUID",
}

# Where the names that a module uses come from.
_IMPORTS: Final[Mapping[str, str]] = {
    "Annotated": "typing",
    "Enum": "enum",
    "NamedTuple": "typing",
    "TypedDict": "typing",
    "dataclass": "dataclasses",
    "field": "dataclasses",
    "date": "datetime",
    "datetime": "datetime",
    "time": "datetime",
    "timezone": "datetime",
    "Decimal": "decimal",
    "UUID": "uuid",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How classes of a kind are written.

    :ivar head: the first line of a class; ``{more}`` are its options.
    :ivar in_order: added if a field without a default comes after one with a default.
    :ivar factory: a default that is made anew for each instance.
    :ivar imports: the imports of the module.
    :ivar taken: names of attributes that mean something else in such a class.
    """

    head: tuple[str, ...]
    in_order: str = ""
    factory: str | None = None
    imports: tuple[str, ...] = ()
    taken: frozenset[str] = frozenset()
    defaults: bool = True


_MODEL: Final = frozenset(
    "copy dict json schema validate construct parse_obj parse_raw parse_file from_orm schema_json "
    "update_forward_refs fields register".split()
)
_STYLES: Final[Mapping[str, Style]] = {
    "dataclass": Style(
        ("@dataclass{more}", "class {name}:"),
        "(kw_only=True)",
        "field(default_factory={})",
        ("dataclass", "field"),
    ),
    "struct": Style(
        ("class {name}(msgspec.Struct{more}):",),
        ", kw_only=True",
        "msgspec.field(default_factory={})",
        ("msgspec",),
    ),
    "attrs": Style(
        ("@attrs.define{more}", "class {name}:"), "(kw_only=True)", "attrs.field(factory={})", ("attrs",)
    ),
    "pydantic": Style(
        ("class {name}(pydantic.BaseModel):",),
        factory="pydantic.Field(default_factory={})",
        imports=("pydantic",),
        taken=_MODEL,
    ),
    "typeddict": Style(("class {name}(TypedDict):",), imports=("TypedDict",), defaults=False),
    "namedtuple": Style(
        ("class {name}(NamedTuple):",),
        imports=("NamedTuple",),
        taken=frozenset({"count", "index"}),
        defaults=False,
    ),
}
KINDS: Final = tuple(_STYLES)


def source_of(schemas: Iterable[Schema], kind: Kind, *, title: str = "") -> str:
    """A module with the classes of schemas.

    :param kind: of the classes.
    :param title: the schema's origin, for the module's docstring.
    :raises SchemaError: if it has no record and no enum.
    """
    return Module(schemas, kind).text(title)


class Module:
    """Writes the module of some schemas.

    :ivar classes: from fullname to the name of the class.
    """

    def __init__(self, schemas: Iterable[Schema], kind: Kind) -> None:
        if kind not in _STYLES:
            raise ValueError(f"kind must be one of {', '.join(_STYLES)}: {kind!r}")
        self._kind = kind
        self._style = _STYLES[kind]
        self._types = [each.definition for each in named_types(schemas)]
        if not any(isinstance(each, RecordSchema | EnumSchema) for each in self._types):
            raise SchemaError("there is no record and no enum in it to make a class of")
        self._has_namespaces = any(each.namespace for each in self._types)
        self._used: set[str] = set()
        self.classes: dict[str, str] = {}
        self._name_classes()
        self._reserved = {
            *_IMPORTS,
            *dir(builtins),
            "avrojet",
            "msgspec",
            "attrs",
            "pydantic",
            *self.classes.values(),
        }

    def text(self, title: str) -> str:
        """The source of the module."""
        blocks = [*self._aliases(), *self._enums(), *self._records()]
        body = "\n\n\n".join("\n".join(block) for block in blocks)
        about = f"Classes of {title or self._types[0].fullname}."
        return f'"""{_escaped(about)}"""\n\n{self._head(body)}\n\n\n{body}\n'

    # Names

    def _name_classes(self) -> None:
        taken = {*_IMPORTS, *dir(builtins), "avrojet", "msgspec", "attrs", "pydantic", "T"}
        for each in self._types:
            name = _safe(each.name)
            if name in taken:
                name = _safe(_camel(each.namespace.rpartition(".")[2]) + each.name)
            while name in taken or keyword.iskeyword(name):
                name += "_"
            taken.add(name)
            self.classes[each.fullname] = name

    def _attribute(self, name: str, taken: set[str]) -> str:
        """The name of a field in the class: its name in the schema, unless that means something else
        there.
        """
        if self._kind == "typeddict":
            return name
        made = _safe(name)
        if self._kind == "pydantic" and made.startswith("model_"):
            made = f"{made}_"
        while (
            (made in self._reserved and made not in _HARMLESS)
            or made in self._style.taken
            or made in taken
            or keyword.iskeyword(made)
        ):
            made += "_"
        return made

    # Types

    def _type(self, schema: Schema) -> str:
        """The annotation for values of a schema."""
        if isinstance(schema, NamedSchema):
            return self.classes[schema.fullname]
        if isinstance(schema, ArraySchema):
            return f"list[{self._type(schema.items)}]"
        if isinstance(schema, MapSchema):
            return f"dict[str, {self._type(schema.values)}]"
        if isinstance(schema, UnionSchema):
            return self._union(schema)
        return self._use(_primitive(schema))

    def _union(self, schema: UnionSchema) -> str:
        branches = [self._type(branch) for branch in schema.branches]
        return (
            " | ".join(branches)
            if len(branches) > 1
            else self._use(f"Annotated[{branches[0]}, avrojet.field(union=True)]")
        )

    def _use(self, text: str) -> str:
        """Note the names that a piece of source uses."""
        for name in (*_IMPORTS, "msgspec", "attrs", "pydantic"):
            if f"{name}" in text:
                self._used.add(name)
        return text

    # Blocks

    def _aliases(self) -> Iterator[list[str]]:
        found = []
        for each in self._types:
            if isinstance(each, FixedSchema):
                name = "bytes" if each.logical is None else _CLASS_OF_LOGICAL[each.logical.name]
                data = _data(each)
                if self._has_namespaces:
                    data.setdefault("namespace", "")
                text = _literal(data)
                found.append(
                    self._use(
                        f"{self.classes[each.fullname]} = Annotated[{name}, avrojet.field(type={text})]"
                    )
                )
        if found:
            yield [line for text in found for line in _folded(text)]

    def _enums(self) -> Iterator[list[str]]:
        for each in self._types:
            if isinstance(each, EnumSchema):
                name = self.classes[each.fullname]
                taken: set[str] = set()
                lines = [
                    *self._decorator(each, name, each.default),
                    self._use(f"class {name}(Enum):"),
                    *_doc(each.doc),
                ]
                for symbol in each.symbols:
                    member = _member(symbol, taken)
                    taken.add(member)
                    lines.append(f"{_INDENT}{member} = {_quoted(symbol)}")
                yield lines

    def _records(self) -> Iterator[list[str]]:
        # A NamedTuple has its defaults within annotations, where type checkers need the classes of the
        # values to be defined earlier: the records within a record come before it.
        for each in reversed(self._types) if self._kind == "namedtuple" else self._types:
            if isinstance(each, RecordSchema):
                yield self._record(each)

    def _record(self, schema: RecordSchema) -> list[str]:
        name = self.classes[schema.fullname]
        if self._kind == "typeddict" and any(keyword.iskeyword(field.name) for field in schema.fields):
            return self._functional(schema, name)
        lines = self._decorator(schema, name, None)
        more = self._style.in_order if _is_out_of_order(schema) else ""
        lines += [self._use(line.format(name=name, more=more)) for line in self._style.head]
        lines += _doc(schema.doc)
        attributes = self._attributes(schema)
        for field in schema.fields:
            lines += self._field(field, attributes[field.name])
        if not schema.fields and schema.doc is None:
            lines.append(f"{_INDENT}pass")
        return lines

    def _functional(self, schema: RecordSchema, name: str) -> list[str]:
        """A TypedDict with a key that is a Python keyword."""
        lines = [self._use(f"{name} = TypedDict("), f"{_INDENT}{_quoted(name)},", f"{_INDENT}{{"]
        for field in schema.fields:
            text = self._annotation(field, field.name, self._default(field))
            lines.append(f"{_INDENT * 2}{_quoted(field.name)}: {_literal(text)},")
        lines += [f"{_INDENT}}},", ")"]
        options = self._options(schema, name, None, schema.doc)
        return [*lines, f"avrojet.record({options})({name})"] if options else lines

    def _decorator(self, schema: NamedSchema, name: str, default: str | None) -> list[str]:
        options = self._options(schema, name, default)
        return _folded(f"@avrojet.record({options})") if options else []

    def _options(self, schema: NamedSchema, name: str, default: str | None, doc: str | None = None) -> str:
        options = {
            "name": schema.name if schema.name != name else None,
            "namespace": schema.namespace if self._has_namespaces else None,
            "aliases": list(schema.aliases) or None,
            "doc": doc,
            "default": default,
            "error": True if schema.type == "error" else None,
            "props": {**schema.props} or None,
        }
        return ", ".join(f"{key}={_literal(value)}" for key, value in options.items() if value is not None)

    def _field(self, field: Field, attribute: str) -> list[str]:
        default = self._default(field)
        text = f"{_INDENT}{attribute}: {self._annotation(field, attribute, default)}"
        if default is None or not self._style.defaults:
            return _folded(text)
        return _folded(text, f" = {self._made_default(default)}")

    def _made_default(self, default: str) -> str:
        if default[0] not in "[{" and not default.startswith(
            tuple(f"{each}(" for each in self.classes.values())
        ):
            return self._use(default)
        made = {"[]": "list", "{}": "dict"}.get(default, f"lambda: {default}")
        assert self._style.factory is not None
        return self._use(self._style.factory.format(made))

    def _default(self, field: Field) -> str | None:
        if field.default is NO_DEFAULT:
            return None
        return expression_of(field.type, field.default, self.classes, self._members, self._instance)

    def _instance(self, schema: RecordSchema, values: Mapping[str, str]) -> str:
        if self._kind == "typeddict":
            return f"{{{', '.join(f'{_quoted(name)}: {value}' for name, value in values.items())}}}"
        names = self._attributes(schema)
        given = ", ".join(f"{names[name]}={value}" for name, value in values.items())
        return f"{self.classes[schema.fullname]}({given})"

    def _attributes(self, schema: RecordSchema) -> dict[str, str]:
        """From field to attribute."""
        taken: set[str] = set()
        found = {}
        for field in schema.fields:
            found[field.name] = self._attribute(field.name, taken)
            taken.add(found[field.name])
        return found

    def _members(self, schema: EnumSchema, symbol: str) -> str:
        taken: set[str] = set()
        for each in schema.symbols:
            member = _member(each, taken)
            taken.add(member)
            if each == symbol:
                return member
        raise AssertionError(symbol)

    def _annotation(self, field: Field, attribute: str, default: str | None) -> str:
        type_ = self._type(field.type)
        options = {
            "name": _literal(field.name) if attribute != field.name else None,
            "doc": None if field.doc is None else _literal(field.doc),
            "aliases": _literal(list(field.aliases)) if field.aliases else None,
            "order": _literal(field.order) if field.order != "ascending" else None,
            "default": default if default is not None and not self._style.defaults else None,
            "union": "True" if _is_out_of_place(field) else None,
            "props": _literal({**field.props}) if field.props else None,
        }
        said = ", ".join(f"{key}={value}" for key, value in options.items() if value is not None)
        if not said:
            return type_
        if type_.startswith("Annotated[") and not isinstance(field.type, UnionSchema):
            type_ = type_.removeprefix("Annotated[").removesuffix("]")
        return self._use(f"Annotated[{type_}, avrojet.field({said})]")

    def _head(self, body: str) -> str:
        """The imports."""
        for name in self._style.imports:
            self._use(name if name in body else "")
        own = sorted({name for name in self._used if name in _IMPORTS and _uses(body, name)})
        modules: dict[str, list[str]] = {}
        for name in own:
            modules.setdefault(_IMPORTS[name], []).append(name)
        lines = [
            f"from {module} import {', '.join(_sorted(names))}" for module, names in sorted(modules.items())
        ]
        others = [f"import {name}" for name in ("attrs", "msgspec", "pydantic") if f"{name}." in body]
        others += ["import avrojet"] if "avrojet." in body else []
        blocks = ["from __future__ import annotations", "\n".join(lines), "\n".join(sorted(others))]
        return "\n\n".join(block for block in blocks if block)


_HARMLESS: Final = frozenset(
    "id type format input hash filter max min sum len range next object open iter map all any abs "
    "bin chr dir "
    "exit quit help license copyright credits print vars zip round pow ord oct hex repr sorted "
    "reversed slice "
    "super tuple set frozenset property complex compile eval exec globals locals callable breakpoint "
    "aiter anext "
    "ascii classmethod staticmethod delattr getattr hasattr setattr divmod enumerate issubclass "
    "isinstance memoryview "
    "bytearray".split()
)
"""Python's names that annotations do not use, so that attributes may have them."""


def _sorted(names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: (name.islower(), name))


def _uses(body: str, name: str) -> bool:
    return re.search(rf"(?<![\w.\"']){name}\b", body) is not None


def _is_out_of_place(field: Field) -> bool:
    """Whether the default is of another branch of a union than the first."""
    if field.default is NO_DEFAULT or not isinstance(field.type, UnionSchema) or len(field.type.branches) < 2:
        return False
    return decode_long(encode_default(field.type, field.default), 0)[0] != 0


def _is_out_of_order(schema: RecordSchema) -> bool:
    """Whether a field without default comes after one with."""
    has = [field.default is not NO_DEFAULT for field in schema.fields]
    return any(before and not after for before, after in pairwise(has))


def _primitive(schema: Schema) -> str:
    if schema.logical is not None and schema.logical.name == "decimal":
        scale = f", scale={schema.logical.scale}" if "scale" in schema.props else ""
        return f"Annotated[Decimal, avrojet.field(precision={schema.logical.precision}{scale})]"
    known = {"logicalType", "precision", "scale"} if schema.logical is not None else set()
    if schema.props.keys() - known:
        name = _PRIMITIVES[schema.type] if schema.logical is None else _LOGICAL[schema.logical.name]
        name = name.removeprefix("Annotated[").partition(",")[0]
        return f"Annotated[{name}, avrojet.field(type={_literal(_data(schema))})]"
    return _PRIMITIVES[schema.type] if schema.logical is None else _LOGICAL[schema.logical.name]


def _data(schema: Schema) -> Any:
    return json.loads(schema.json)


def _safe(name: str) -> str:
    """The name without underscores in front, which make attributes private."""
    made = name.lstrip("_")
    return made if made and not made[0].isdigit() else f"n{name}"


def _member(symbol: str, taken: set[str]) -> str:
    made = _safe(symbol)
    while made in taken or keyword.iskeyword(made) or made in ("mro", "name", "value") or made in dir(str):
        made += "_"
    return made


def _camel(text: str) -> str:
    return text[:1].upper() + text[1:]


def _doc(doc: str | None) -> list[str]:
    if doc is None:
        return []
    lines = _escaped(doc).splitlines() or [""]
    if len(lines) == 1:
        return [f'{_INDENT}"""{lines[0]}"""', ""]
    return [
        f'{_INDENT}"""{lines[0]}',
        *(f"{_INDENT}{line}".rstrip() for line in lines[1:]),
        f'{_INDENT}"""',
        "",
    ]


def _escaped(text: str) -> str:
    made = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return made[:-1] + '\\"' if made.endswith('"') else made


def _quoted(text: str) -> str:
    return json.dumps(text) if text.isprintable() and text.isascii() and '"' not in text else repr(text)


def _literal(value: Any) -> str:
    """A literal of JSON data, text in double quotes."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_quoted(key)}: {_literal(each)}' for key, each in value.items())}}}"
    return repr(value)


def _folded(text: str, end: str = "") -> list[str]:
    """A line, broken at its outermost bracket where it is too long."""
    if len(text) + len(end) <= WIDTH or ("[" not in text and "(" not in text):
        return [text + end]
    margin = text[: len(text) - len(text.lstrip())]
    places = [place for place in (text.find("["), text.find("(")) if place >= 0]
    start = min(places)
    close = len(text) - 1
    if text[close] not in ")]":
        return [text + end]
    inner = text[start + 1 : close]
    one = f"{margin}{_INDENT}{inner}"
    lines = [one] if len(one) <= WIDTH else [f"{margin}{_INDENT}{part}," for part in _parts(inner)]
    return [text[: start + 1], *lines, text[close] + end] if not margin else [
        text[: start + 1], *lines, f"{margin}{text[close]}{end}"
    ]  # fmt: skip


def _parts(text: str) -> list[str]:
    """The parts between commas that are not within brackets or strings."""
    parts, depth, quote, start = [], 0, "", 0
    skip = False
    for place, sign in enumerate(text):
        if skip:
            skip = False
        elif quote:
            skip = sign == "\\"
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and not depth:
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]
