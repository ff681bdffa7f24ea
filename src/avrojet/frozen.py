"""Classes of frozen values, like ``@dataclass(frozen=True, slots=True)``; any module may import this one.

Importing `dataclasses`, with `inspect`, `ast` and `dis`, and having it compile the methods of each class
takes a fifth of the time to import `Decoder`, and a seventh of that to start a command. Here one method is
compiled, and `dataclasses.replace`, `fields` and `asdict` work as well: what they ask a class for is made
when they ask.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Self, TypeVar, dataclass_transform, overload

_Class = TypeVar("_Class")


@overload
def frozen(cls: type[_Class], /) -> type[_Class]: ...


@overload
def frozen(*, kw_only: bool = False) -> Callable[[type[_Class]], type[_Class]]: ...


@dataclass_transform(frozen_default=True)
def frozen(cls: Any = None, /, *, kw_only: bool = False) -> Any:
    """A class whose annotations are the fields of its values, which are compared by them and never change.

    >>> @frozen
    ... class Point:
    ...     x: int
    ...     y: int = 0

    Values can be hashed (if their fields can), pickled and copied. ``__post_init__`` is called if there is
    one. The class has no base, and its defaults are shared by all values.

    :param kw_only: fields are given by their names only.
    """
    if cls is None:
        return lambda cls: _made(cls, kw_only=kw_only)
    return _made(cls, kw_only=kw_only)


class _Value:
    """What all values have."""

    __slots__: tuple[str, ...] = ()
    _values: Callable[[object], object]  # the fields of a value

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self._values(self) == self._values(other)

    def __hash__(self) -> int:
        return hash(self._values(self))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__getstate__().items())
        return f"{self.__class__.__qualname__}({fields})"

    def __setattr__(self, name: str, value: object) -> None:
        raise _is_frozen("assign to", name)

    def __delattr__(self, name: str) -> None:
        raise _is_frozen("delete", name)

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)

    def __replace__(self, /, **changes: Any) -> Self:
        return self.__class__(**(self.__getstate__() | changes))


def _is_frozen(what: str, name: str) -> AttributeError:
    from dataclasses import FrozenInstanceError

    return FrozenInstanceError(f"cannot {what} field {name!r}")


def _made(cls: type, *, kw_only: bool) -> type:
    names = tuple(cls.__annotations__)
    namespace = dict(cls.__dict__)
    defaults = {name: namespace.pop(name) for name in names if name in namespace}
    for name in ("__dict__", "__weakref__"):
        del namespace[name]
    setters: dict[str, Any] = {}
    made = type(
        cls.__name__,
        (_Value,),
        namespace
        | {
            "__slots__": names,
            "__match_args__": () if kw_only else names,
            "__init__": _init(cls, names, defaults, setters, kw_only=kw_only),
            "__dataclass_fields__": _Fields(names, defaults, kw_only=kw_only),
            "_values": attrgetter(*names),
        },
    )
    setters.update({f"_set_{name}": made.__dict__[name].__set__ for name in names})
    return made


def _init(
    cls: type, names: tuple[str, ...], defaults: dict[str, Any], space: dict[str, Any], *, kw_only: bool
) -> Callable[..., None]:
    """``__init__`` with the signature that users see.

    :param space: its global names, to which what sets each field is added as soon as the class has its slots.
    """
    parameters = [f"{name}=_defaults[{name!r}]" if name in defaults else name for name in names]
    if kw_only:
        parameters.insert(0, "*")
    lines = [f" _set_{name}(self, {name})" for name in names]
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    space["_defaults"] = defaults
    exec(f"def __init__(self, {', '.join(parameters)}):\n" + "\n".join(lines), space)  # noqa: S102
    init: Any = space["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__module__ = cls.__module__
    init.__annotations__ = cls.__annotations__ | {"return": None}
    return init  # type: ignore[no-any-return]


class _Fields:
    """What `dataclasses` knows of a class, made when it asks."""

    def __init__(self, names: tuple[str, ...], defaults: dict[str, Any], *, kw_only: bool) -> None:
        self._names = names
        self._defaults = defaults
        self._kw_only = kw_only

    def __get__(self, _instance: object, owner: type) -> dict[str, Any]:
        from dataclasses import MISSING, field, make_dataclass

        fields = [
            (name, owner.__annotations__[name], field(default=self._defaults.get(name, MISSING)))
            for name in self._names
        ]
        like: Any = make_dataclass(owner.__name__, fields, kw_only=self._kw_only)
        found: dict[str, Any] = like.__dataclass_fields__
        owner.__dataclass_fields__ = found  # type: ignore[attr-defined]
        return found
