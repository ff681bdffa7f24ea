"""The classes that have fields, and how each of the six kinds describes them."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from avrojet.errors import SchemaError
from avrojet.typed.options import NO_OPTIONS, FieldOptions, options_of

Missing: Final = object()
NAMESPACE: Final = "__avrojet_names__"
"""The attribute in which a class made at run time has the names that its annotations use."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field of a class.

    :ivar hint: its annotation.
    :ivar default: its default; Missing for none.
    :ivar factory: the function that makes its default, or None.
    :ivar keyword: its name in the constructor, if that is not `name`; None if the constructor does not take
        it.
    :ivar options: the options from the class's library.
    :ivar optional: whether an instance may lack it: a key of a TypedDict that is not required.
    """

    name: str
    hint: Any
    default: Any = Missing
    factory: Callable[[], Any] | None = None
    keyword: str | None = None
    options: FieldOptions = NO_OPTIONS
    optional: bool = False

    @property
    def has_default(self) -> bool:
        """Whether an instance can be made without it."""
        return self.default is not Missing or self.factory is not None or self.optional


@dataclass(frozen=True, slots=True)
class ClassKind:
    """One of the kinds of classes that have fields."""

    name: str
    has: Callable[[type], bool]
    attributes: Callable[[type, Mapping[str, Any]], Iterator[Attribute]]


Hints: TypeAlias = Mapping[str, Any]


def kind_of(cls: type) -> ClassKind | None:
    """The kind of a class, None if it has no fields."""
    for kind in KINDS:
        if kind.has(cls):
            return kind
    return None


def has_fields(cls: type) -> bool:
    """Whether a class is of one of the kinds."""
    return kind_of(cls) is not None


def attributes_of(cls: type, localns: Mapping[str, Any] | None = None) -> list[Attribute]:
    """The fields of a class, in order.

    :param localns: names that its annotations use and that are defined in a function.
    :raises SchemaError: if an annotation uses an undefined name, or a field has no annotation.
    """
    kind = kind_of(cls)
    assert kind is not None
    return list(kind.attributes(cls, _hints(cls, localns)))


def doc_of(cls: type) -> str | None:
    """The docstring, if a person wrote it."""
    options = options_of(cls)
    if options.doc is not None:
        return options.doc
    doc = vars(cls).get("__doc__")
    if not isinstance(doc, str) or not doc.strip() or doc == "An enumeration.":
        return None
    if doc.startswith(f"{cls.__name__}(") and doc.endswith(")"):  # made by dataclasses, attrs or NamedTuple
        return None
    return inspect.cleandoc(doc)


def _hints(cls: type, localns: Mapping[str, Any] | None) -> Hints:
    names = {cls.__name__: cls, **getattr(cls, NAMESPACE, {}), **(localns or {})}
    try:
        return typing.get_type_hints(cls, localns=names, include_extras=True)
    except NameError as error:
        raise SchemaError(
            f"{cls.__name__}: an annotation names {error.name!r}, which is not found: define it "
            "beside the class, "
            f"or give localns=locals()",
            path=cls.__name__,
        ) from error
    except TypeError as error:
        raise SchemaError(
            f"{cls.__name__}: an annotation is not a type: {error}", path=cls.__name__
        ) from error


def _module(name: str) -> Any:
    """Return a library if it has been imported: otherwise no class can be from it."""
    return sys.modules.get(name)


def _is_struct(cls: type) -> bool:
    module = _module("msgspec")
    return module is not None and issubclass(cls, module.Struct)


def _struct(cls: Any, hints: Hints) -> Iterator[Attribute]:
    names, defaults = cls.__struct_fields__, cls.__struct_defaults__
    nodefault = _module("msgspec").NODEFAULT
    given = [nodefault] * (len(names) - len(defaults)) + list(defaults)
    for name, encoded, default in zip(names, cls.__struct_encode_fields__, given, strict=True):
        factory = default.factory if type(default).__name__ == "Factory" else None
        default = Missing if default is nodefault or factory is not None else default
        renamed = FieldOptions(name=None if encoded == name else encoded)
        yield Attribute(name, hints[name], default, factory, name, renamed)


def _is_pydantic(cls: type) -> bool:
    module = _module("pydantic.main")
    return module is not None and issubclass(cls, module.BaseModel) and cls is not module.BaseModel


def _pydantic(cls: Any, hints: Hints) -> Iterator[Attribute]:
    from avrojet.typed.annotations import options_in

    if not cls.__pydantic_complete__:
        cls.model_rebuild()
    undefined = _module("pydantic_core").PydanticUndefined
    for name, field in cls.model_fields.items():
        default = Missing if field.default is undefined else field.default
        yield Attribute(
            name,
            field.annotation,
            default,
            _factory(field.default_factory),
            _alias(cls, name, field),
            options_in((*field.metadata, field)),
        )


def _factory(factory: Any) -> Callable[[], Any] | None:
    """A factory that needs none of the other fields."""
    if factory is None:
        return None
    try:
        inspect.signature(factory).bind()
    except TypeError:
        return None
    except ValueError:  # of a type of C
        pass
    return typing.cast("Callable[[], Any]", factory)


def _alias(cls: Any, name: str, field: Any) -> str:
    """The name of a model's field in validation."""
    config = cls.model_config
    if config.get("populate_by_name") or config.get("validate_by_name"):
        return name
    alias = field.validation_alias if field.validation_alias is not None else field.alias
    choices = getattr(alias, "choices", [alias])
    for choice in choices:
        if isinstance(choice, str):
            return choice
    if alias is None:
        return name
    raise SchemaError(
        f"{cls.__name__}.{name}: its alias is a path, which has no place in a record: set "
        "validate_by_name=True"
    )


def _is_attrs(cls: type) -> bool:
    return "attr" in sys.modules and isinstance(getattr(cls, "__attrs_attrs__", None), tuple)


def _attrs(cls: Any, hints: Hints) -> Iterator[Attribute]:
    nothing, factories = _module("attr").NOTHING, _module("attr").Factory
    for field in cls.__attrs_attrs__:
        hint = hints.get(field.name, field.type)
        if hint is None:
            raise _no_annotation(cls, field.name)
        is_factory = isinstance(field.default, factories)
        default = Missing if field.default is nothing or is_factory else field.default
        factory = field.default.factory if is_factory and not field.default.takes_self else None
        yield Attribute(field.name, hint, default, factory, field.alias if field.init else None)


def _dataclass(cls: Any, hints: Hints) -> Iterator[Attribute]:
    for field in dataclasses.fields(cls):
        default = Missing if field.default is dataclasses.MISSING else field.default
        factory = None if field.default_factory is dataclasses.MISSING else field.default_factory
        yield Attribute(field.name, hints[field.name], default, factory, field.name if field.init else None)


def _is_namedtuple(cls: type) -> bool:
    return (
        issubclass(cls, tuple)
        and isinstance(getattr(cls, "_fields", None), tuple)
        and hasattr(cls, "_asdict")
    )


def _namedtuple(cls: Any, hints: Hints) -> Iterator[Attribute]:
    for name in cls._fields:
        if name not in hints:
            raise _no_annotation(cls, name)
        yield Attribute(name, hints[name], cls._field_defaults.get(name, Missing), None, name)


def _is_typeddict(cls: type) -> bool:
    return typing.is_typeddict(cls) or type(cls).__name__ == "_TypedDictMeta"


def _typeddict(cls: Any, hints: Hints) -> Iterator[Attribute]:
    for name, hint in hints.items():
        stated = getattr(typing.get_origin(hint), "_name", None)
        # Where annotations are text, only total=False is known by the class itself.
        optional = (
            name in cls.__optional_keys__ if stated not in ("Required", "NotRequired") else stated[0] == "N"
        )
        yield Attribute(name, hint, optional=optional)


def _no_annotation(cls: type, name: str) -> SchemaError:
    return SchemaError(
        f"{cls.__name__}.{name}: it has no annotation, which says its type", path=f"{cls.__name__}.{name}"
    )


KINDS: Final = (
    ClassKind("pydantic", _is_pydantic, _pydantic),
    ClassKind("struct", _is_struct, _struct),
    ClassKind("dataclass", dataclasses.is_dataclass, _dataclass),
    ClassKind("attrs", _is_attrs, _attrs),
    ClassKind("namedtuple", _is_namedtuple, _namedtuple),
    ClassKind("typeddict", _is_typeddict, _typeddict),
)
