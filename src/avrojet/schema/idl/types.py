"""From types in IDL to the JSON data of schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from avrojet.limits import Limits, excess
from avrojet.schema.idl.annotations import Annotation, annotate, take_annotations
from avrojet.schema.idl.lexer import WORD, Lexer, Token
from avrojet.schema.idl.source import Located, LocatedList
from avrojet.schema.idl.values import integer
from avrojet.schema.idl.words import LOGICAL_WORDS
from avrojet.schema.logical import logical_type
from avrojet.schema.model import PRIMITIVE_TYPES


class Type(NamedTuple):
    """A type.

    :ivar data: JSON data of its schema.
    :ivar at: its place.
    :ivar optional: whether it is a union with null written as a question mark, whose order depends on the
        default of the field.
    """

    data: Any
    at: int
    optional: bool = False

    def with_default(self, default: Any) -> Any:
        """The schema's data for a field with the default."""
        if not self.optional or default is None:
            return self.data
        null, other = self.data
        union = LocatedList()
        union.add(other, self.at)
        union.add(null, self.at)
        return union


_NO_ANNOTATIONS: Final[Sequence[Annotation]] = ()


class _Open(NamedTuple):
    """An array, a map or a union that is not complete yet."""

    type: Type
    inside: Located | LocatedList
    closing: str


class TypeReader:
    """Takes types from a lexer."""

    __slots__ = ("_lexer", "_limits")

    def __init__(self, lexer: Lexer, limits: Limits) -> None:
        self._lexer = lexer
        self._limits = limits

    def type(self, *, annotated: bool = True) -> Type:
        """Take a type.

        :param annotated: whether annotations before it belong to it.
        :raises IdlError: if there is none.
        :raises LimitError: if it nests too deep.
        """
        waiting: list[_Open] = []
        while True:
            notes = take_annotations(self._lexer, self._limits) if annotated or waiting else _NO_ANNOTATIONS
            token = self._lexer.identifier("a type")
            opened = self._opening(token, notes)
            if opened is not None:
                if len(waiting) >= self._limits.depth:
                    where = self._lexer.source.say(opened.type.at)
                    raise excess(self._limits, "depth", f"{where}: a type is nested too deep")
                waiting.append(opened)
                continue
            made: Type | None = self._leaf(token, notes)
            while made is not None:
                if not waiting:
                    return made
                made = self._put(waiting, made)

    def _put(self, waiting: list[_Open], inner: Type) -> Type | None:
        """Put the type into the innermost open one, and return that if it is complete."""
        whole, inside, closing = waiting[-1]
        if isinstance(inside, LocatedList):
            inside.add(inner.data, inner.at)
            if self._lexer.accept(","):
                return None
            self._lexer.expect(closing, "',' or '}'")
        else:
            inside.put("items" if inside["type"] == "array" else "values", inner.data, inner.at)
            self._lexer.expect(closing, "'>'")
        waiting.pop()
        return whole

    def _opening(self, token: Token, notes: Sequence[Annotation]) -> _Open | None:
        """The beginning of an array, a map or a union; None if the token is the name of another type."""
        opening, closing = _OPENING.get(token.text, ("", ""))
        if not opening or token.kind != WORD or not self._lexer.accept(opening):
            return None
        if token.text == "union":
            branches = LocatedList()
            whole: Any = branches
            if notes:
                whole = Located(token.at, type=branches)
                annotate(whole, self._lexer, notes)
            return _Open(Type(whole, token.at), branches, closing)
        data = Located(token.at, type=token.text)
        annotate(data, self._lexer, notes, ("items", "values"))
        return _Open(Type(data, token.at), data, closing)

    def _leaf(self, token: Token, notes: Sequence[Annotation]) -> Type:
        """A type that contains no other, and the question mark after it."""
        data = self._keyword(token) if token.kind == WORD else None
        if data is not None:
            data = self._annotated(data, token, notes)
        elif notes:
            raise self._lexer.source.error(
                notes[0].at, f"a reference to a type, {token.text} here, cannot have annotations"
            )
        else:
            data = token.text
        if not self._lexer.accept("?"):
            return Type(data, token.at)
        union = LocatedList()
        union.add("null", token.at)
        union.add(data, token.at)
        return Type(union, token.at, optional=True)

    def _keyword(self, token: Token) -> str | Mapping[str, Any] | None:
        """The schema of a primitive or logical type; None if the token is the name of another."""
        if token.text in PRIMITIVE_TYPES:
            return token.text
        if token.text == "decimal" and self._lexer.is_next("("):
            return self._decimal(token)
        return LOGICAL_WORDS.get(token.text)

    def _decimal(self, token: Token) -> Mapping[str, Any]:
        self._lexer.expect("(", "'('")
        precision = integer(self._lexer, "the precision, a number of digits")
        scale = integer(self._lexer, "the scale, a number of digits") if self._lexer.accept(",") else 0
        self._lexer.expect(")", "')'")
        attributes = {"logicalType": "decimal", "precision": precision, "scale": scale}
        problems: list[str] = []
        logical_type("bytes", attributes, report=problems.append)
        if problems:
            problem = problems[0].partition(": ")[2]
            raise self._lexer.source.error(token.at, f"there is no such decimal: {problem}")
        return {"type": "bytes", **attributes}

    def _annotated(
        self, data: str | Mapping[str, Any], token: Token, notes: Sequence[Annotation]
    ) -> str | Located:
        if isinstance(data, str):
            if not notes:
                return data
            data = {"type": data}
        located = Located(token.at, **data)
        annotate(located, self._lexer, notes)
        return located


_OPENING: Final = {"array": ("<", ">"), "map": ("<", ">"), "union": ("{", "}")}
