"""Names of types and fields (specification: Names)."""

from __future__ import annotations

import warnings
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from avrojet.compat.avro.constants import PRIMITIVE_TYPES
from avrojet.compat.avro.errors import InvalidName, SchemaParseException
from avrojet.schema.names import is_name

if TYPE_CHECKING:
    from avrojet.compat.avro.schema import NamedSchema


def validate_basename(basename: str) -> None:
    """Check that a name without namespace is valid; for a fullname, check its last part.

    :raises InvalidName: if it is not.
    """
    if not is_name(str(basename).rpartition(".")[2]):
        raise InvalidName(f"{basename} is not a valid Avro name: letters, digits and _, and no digit first")


class Name:
    """A name in its namespace. Two are equal if their fullnames are.

    :param name_attr: a name, or a fullname, which has a dot; None makes a name of nothing.
    :param space_attr: the namespace given with it; ``""`` is none.
    :param default_space: the enclosing namespace, for a name that has none.
    :raises InvalidName: if it is not a valid name, unless `validate_name` is false.
    """

    _full: str | None = None
    _name: str | None = None

    def __init__(
        self,
        name_attr: str | None = None,
        space_attr: str | None = None,
        default_space: str | None = None,
        validate_name: bool = True,
    ) -> None:
        if name_attr is None:
            return
        if name_attr == "":
            raise SchemaParseException("a name is not the empty string")
        space = "" if "." in name_attr or space_attr == "" else space_attr or default_space
        self._full = f"{space}.{name_attr}" if space else name_attr
        self._name = name_attr.rpartition(".")[2]
        if validate_name:
            for part in self._full.split("."):
                validate_basename(part)

    def __eq__(self, other: object) -> bool:
        return hasattr(other, "fullname") and self.fullname == other.fullname

    __hash__ = None  # type: ignore[assignment]

    @property
    def name(self) -> str | None:
        """The name without its namespace."""
        return self._name

    @property
    def fullname(self) -> str | None:
        """The name with its namespace."""
        return self._full

    @property
    def space(self) -> str | None:
        """The namespace, None if there is none."""
        return (self._full or "").rpartition(".")[0] or None

    def get_space(self) -> str | None:
        warnings.warn("Name.get_space() is deprecated in favor of Name.space", stacklevel=2)
        return self.space


class Names:
    """The named types found so far while a schema is parsed, and the enclosing namespace.

    :ivar names: the types by fullname.
    """

    def __init__(self, default_namespace: str | None = None, validate_names: bool = True) -> None:
        self.names: dict[str, NamedSchema] = {}
        self.default_namespace = default_namespace
        self.validate_names = validate_names

    def _name(self, name_attr: str, space_attr: str | None) -> Name:
        return Name(name_attr, space_attr, self.default_namespace, validate_name=self.validate_names)

    def has_name(self, name_attr: str, space_attr: str | None = None) -> bool:
        return self._name(name_attr, space_attr).fullname in self.names

    def get_name(self, name_attr: str, space_attr: str | None = None) -> NamedSchema | None:
        fullname = self._name(name_attr, space_attr).fullname
        return None if fullname is None else self.names.get(fullname)

    def prune_namespace(self, properties: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Attributes without the namespace, if it is the enclosing one."""
        around = self.default_namespace
        if around is None or properties.get("namespace") != around:
            return properties
        return {key: value for key, value in properties.items() if key != "namespace"}

    def add_name(self, name_attr: str, space_attr: str | None, new_schema: NamedSchema) -> Name:
        """Add a type.

        :raises SchemaParseException: if its name is taken, or that of a primitive type.
        """
        added = self._name(name_attr, space_attr)
        fullname = added.fullname
        if fullname is None:
            raise SchemaParseException("a named type needs a name")
        if fullname in PRIMITIVE_TYPES:
            raise SchemaParseException(f"{fullname} is the name of a primitive type")
        if fullname in self.names:
            raise SchemaParseException(f'the name "{fullname}" is already in use')
        self.names[fullname] = new_schema
        return added
