"""Assembles schemas that refer to others; no I/O."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from avrojet.errors import SchemaError
from avrojet.limits import limits_in_force
from avrojet.registry.errors import InvalidSchemaError, SchemaReferenceError
from avrojet.registry.model import RegisteredSchema, SchemaReference
from avrojet.schema.emit import Emission, named_types
from avrojet.schema.model import NamedSchema, Schema
from avrojet.schema.parse import parse_schema
from avrojet.schema.text import read_json

_DEEPEST: Final = 100
_MOST: Final = 1000
_SHARE: Final = 8
"""All assembled texts together may have this many times Limits.schema_bytes, in characters."""
_NAME_COST: Final = 32
"""How many characters each name that a reference makes known counts as."""


@dataclass(frozen=True, slots=True)
class Source:
    """A schema as a registry stores it: its own text, and its references."""

    text: str
    references: tuple[SchemaReference, ...] = ()


Named: TypeAlias = dict[str, NamedSchema]
Referred: TypeAlias = "Source | RegisteredSchema"
Resolution: TypeAlias = Generator[SchemaReference, Referred, Schema]
"""Yields references, is sent what they refer to, and returns the schema."""


def resolution(source: Source, what: str) -> Resolution:
    """Return a schema with everything that it refers to, directly and through others.

    Each version of a subject is asked for once, however many refer to it.

    :param what: the schema, for errors: ``"the schema of id 7"``.
    :raises SchemaReferenceError: if references form a circle, or lead to two different types of one name.
    :raises InvalidSchemaError: if a text is not a valid schema.
    """
    return (yield from _Resolver(what).schema(source, what, ()))


class _Resolver:
    def __init__(self, what: str) -> None:
        self._what = what
        self._done: dict[tuple[str, int], Named] = {}
        self._left = _MOST
        self._room = _SHARE * limits_in_force().schema_bytes

    def schema(self, source: Source, name: str, trail: tuple[SchemaReference, ...]) -> Resolution:
        """Return the schema of a source named `name`, reached by way of the `trail`."""
        found: list[tuple[SchemaReference, Named]] = []
        for reference in source.references:
            named = yield from self._referred(reference, trail)
            self._spend(_NAME_COST * (1 + len(named)), reference)
            found.append((reference, named))
        return parse_source(source.text, _united(found), name)

    def _spend(self, characters: int, reference: SchemaReference) -> None:
        """Count characters each time: references may lead to the same schemas by very many paths."""
        self._room -= characters
        if self._room < 0:
            raise SchemaReferenceError(
                f"{self._what} refers to schemas that refer to others so often "
                "that they are too long together",
                subject=reference.subject,
                version=reference.version,
            )

    def _referred(
        self, reference: SchemaReference, trail: tuple[SchemaReference, ...]
    ) -> Generator[SchemaReference, Referred, Named]:
        """The named types of what a reference leads to."""
        key = reference.subject, reference.version
        if key in self._done:
            return self._done[key]
        for index, before in enumerate(trail):
            if (before.subject, before.version) == key:
                raise _circle(self._what, (*trail[index:], reference))
        self._left -= 1
        if len(trail) >= _DEEPEST or self._left < 0:
            raise SchemaReferenceError(
                f"{self._what} refers to more than {_MOST} schemas, or over more than {_DEEPEST} others",
                subject=reference.subject,
                version=reference.version,
            )
        referred = yield reference
        if isinstance(referred, RegisteredSchema):
            schema = referred.schema
        else:
            schema = yield from self.schema(referred, _name(reference), (*trail, reference))
        emission = Emission()
        self._spend(len(emission.text((schema, ""))), reference)
        self._done[key] = emission.defined
        return emission.defined


def _name(reference: SchemaReference) -> str:
    return f"{reference.subject!r} version {reference.version}"


def _circle(what: str, trail: Sequence[SchemaReference]) -> SchemaReferenceError:
    way = " -> ".join(map(_name, trail))
    return SchemaReferenceError(
        f"the references of {what} form a circle: {way}", subject=trail[0].subject, version=trail[0].version
    )


def named_by(found: Iterable[tuple[SchemaReference, Schema]]) -> dict[str, NamedSchema]:
    """Return the named types that references lead to, by fullname.

    :raises SchemaReferenceError: if two of them define a type differently.
    """
    return _united(
        (reference, {each.fullname: each for each in named_types([schema])}) for reference, schema in found
    )


def _united(found: Iterable[tuple[SchemaReference, Named]]) -> Named:
    known: dict[str, tuple[NamedSchema, SchemaReference]] = {}
    for reference, types in found:
        for named in types.values():
            other, before = known.setdefault(named.fullname, (named, reference))
            if other is not named and other != named:
                raise SchemaReferenceError(
                    f"{named.fullname!r} is not the same in {_name(before)} and in {_name(reference)}, "
                    "which are both referred to: refer to versions that agree",
                    subject=reference.subject,
                    version=reference.version,
                )
    return {name: named for name, (named, _) in known.items()}


def parse_source(text: Any, named: Mapping[str, NamedSchema], name: str) -> Schema:
    """Parse a schema from a registry, leniently, as others do (see :func:`avrojet.parse_schema`).

    It may define types that it also refers to, if they are the same.

    :raises InvalidSchemaError: if it is not valid.
    """
    try:
        return parse_schema(text, names="lax", named=named)
    except SchemaError as error:
        raise InvalidSchemaError(f"{name} is not valid: {error}", reason=error.reason) from error


def parse_given(schema: Any, named: Mapping[str, NamedSchema]) -> Schema:
    """Parse a schema that is to be registered, or looked up.

    :raises SchemaError: if it is not valid.
    """
    return parse_schema(schema, named=named)


def own_text(schema: Any, named: Mapping[str, NamedSchema]) -> str:
    """Return the JSON text of a schema to send to a registry: types that it refers to appear by name only.

    JSON text is sent unchanged, so that the registered text is the same as in the file.
    """
    if isinstance(schema, str) and schema.lstrip()[:1] in ("{", "[", '"'):
        return schema
    parsed = parse_given(schema, named)
    emission = Emission(portable=True)
    own = parsed.fullname if isinstance(parsed, NamedSchema) else None
    emission.defined.update({name: type for name, type in named.items() if name != own})
    return emission.text((parsed, ""))


def normal_text(schema: Any, named: Mapping[str, NamedSchema]) -> str:
    """Return the text in a normal form: attributes sorted by name, without white space."""
    data = read_json(own_text(parse_given(schema, named), named), limits_in_force())
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
