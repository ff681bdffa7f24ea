"""The parts of a schema that Python's types cannot express: options of a field, in ``Annotated``, and of a
class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal, TypeVar

from avrojet.schema.model import NO_DEFAULT

C = TypeVar("C", bound=type)
_ATTRIBUTE: Final = "__avrojet_record__"


@dataclass(frozen=True, slots=True, eq=False)
class FieldOptions:
    """The arguments of :func:`field`. Equal only to itself, as the arguments may have no hash."""

    name: str | None = None
    type: Any = None
    doc: str | None = None
    aliases: tuple[str, ...] = ()
    order: Literal["ascending", "descending", "ignore"] | None = None
    default: Any = NO_DEFAULT
    precision: int | None = None
    scale: int | None = None
    union: bool = False
    props: tuple[tuple[str, Any], ...] = ()


NO_OPTIONS: Final = FieldOptions()


@dataclass(frozen=True, slots=True)
class RecordOptions:
    """The arguments of :func:`record`."""

    name: str | None = None
    namespace: str | None = None
    aliases: tuple[str, ...] = ()
    doc: str | None = None
    default: Enum | str | None = None
    error: bool = False
    props: tuple[tuple[str, Any], ...] = ()


def field(
    *,
    name: str | None = None,
    type: Any = None,
    doc: str | None = None,
    aliases: Iterable[str] = (),
    order: Literal["ascending", "descending", "ignore"] | None = None,
    default: Any = NO_DEFAULT,
    precision: int | None = None,
    scale: int | None = None,
    union: bool = False,
    props: dict[str, Any] | None = None,
) -> Any:
    """Options for a field's schema besides its Python type: an item of ``Annotated``.

    >>> @dataclass
    ... class Order:
    ...     id: Annotated[int, avrojet.field(doc="unique", aliases=["number"])]
    ...     total: Annotated[Decimal, avrojet.field(precision=12, scale=2)]

    :param name: the field's name in the schema, if it cannot be a Python name (such as ``class``).
    :param type: the schema of the values: ``"int"``, ``"timestamp-millis"`` or another logical type's name,
        or any schema.
    :param doc: documentation.
    :param aliases: other names that writers may have used.
    :param order: how the field takes part in sorting.
    :param default: the default in the schema, if the class has none, or one that Avro cannot express.
    :param precision: for a Decimal: its digits.
    :param scale: for a Decimal: its digits after the point; None: none.
    :param union: a union exactly as written: even of one type, and in this order whatever the default is.
        Otherwise the branch of the default is put first, as older implementations need it.
    :param props: additional attributes of the field.
    """
    more = tuple((props or {}).items())
    return FieldOptions(name, type, doc, tuple(aliases), order, default, precision, scale, union, more)


def record(
    *,
    name: str | None = None,
    namespace: str | None = None,
    aliases: Iterable[str] = (),
    doc: str | None = None,
    default: Enum | str | None = None,
    error: bool = False,
    props: dict[str, Any] | None = None,
) -> Callable[[C], C]:
    """Say how a class is named in its schema: a decorator, of classes and enums.

    >>> @avrojet.record(namespace="shop", aliases=["Purchase"])
    ... @dataclass
    ... class Order:
    ...     id: int

    :param name: None: that of the class.
    :param namespace: None: that of the record around it, or none.
    :param aliases: other names that writers may have used.
    :param doc: documentation; None: the class's docstring.
    :param default: of an enum: the member, or its symbol, that replaces symbols that a reader does not know.
    :param error: an error of a protocol, not a record.
    :param props: more attributes of the schema.
    """
    more = tuple((props or {}).items())
    options = RecordOptions(name, namespace, tuple(aliases), doc, default, error, more)

    def mark(cls: C) -> C:
        setattr(cls, _ATTRIBUTE, options)
        return cls

    return mark


def options_of(cls: type) -> RecordOptions:
    """The options that :func:`record` set on the class itself; a subclass has a name of its own."""
    found = vars(cls).get(_ATTRIBUTE)
    return found if isinstance(found, RecordOptions) else RecordOptions()
