"""From tokens to statements: parses the declarations of IDL (grammar of Avro 1.12, `Idl.g4`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, NoReturn

from avrojet.limits import Limits, excess
from avrojet.messages import show
from avrojet.schema.idl.annotations import Annotation, annotate, take_annotations
from avrojet.schema.idl.lexer import END, QUOTED, WORD, Lexer, Token
from avrojet.schema.idl.source import Located, Source
from avrojet.schema.idl.statements import Definition, Import, MessageStatement, Text
from avrojet.schema.idl.types import Type, TypeReader
from avrojet.schema.idl.values import integer, json_value, string_value
from avrojet.schema.idl.words import TYPE_WORDS
from avrojet.schema.names import fullname, namespace_of
from avrojet.schema.protocol_json import MESSAGE_ATTRIBUTES, PROTOCOL_ATTRIBUTES

_DEFINITION_WORDS: Final = ("enum", "error", "fixed", "record")
_STRUCTURE: Final = {
    "enum": frozenset({"type", "name", "doc", "symbols", "default"}),
    "error": frozenset({"type", "name", "doc", "fields"}),
    "fixed": frozenset({"type", "name", "doc", "size"}),
    "record": frozenset({"type", "name", "doc", "fields"}),
}
_FIELD_STRUCTURE: Final = frozenset({"name", "type", "doc", "default"})


class _Head(NamedTuple):
    """What comes before a declaration."""

    doc: str | None
    notes: Sequence[Annotation]


def read_text(source: Source, limits: Limits) -> Text:
    """Parse a text of IDL.

    :raises IdlError: if it is not IDL.
    :raises LimitError: if it has more characters, or nests deeper, than the limits allow.
    """
    if len(source.text) > limits.schema_bytes:
        raise excess(limits, "schema_bytes", f"IDL of {len(source.text)} characters")
    return _Declarations(source, limits).text()


class _Declarations:
    """Parses the declarations of one text."""

    __slots__ = ("_characters", "_lexer", "_limits", "_namespace", "_source", "_text", "_types")

    def __init__(self, source: Source, limits: Limits) -> None:
        self._source = source
        self._limits = limits
        self._lexer = Lexer(source)
        self._types = TypeReader(self._lexer, limits)
        self._text = Text(source)
        self._namespace = ""
        self._characters = 0

    # -- the whole text ----------------------------------------------------------------------------

    def text(self) -> Text:
        """Parse the whole text."""
        text, lexer = self._text, self._lexer
        if lexer.is_word("namespace", "schema", "import"):
            self._namespace_and_schema()
        else:
            head = self._head()
            if lexer.is_word("protocol"):
                self._protocol(head)
            elif lexer.is_word(*_DEFINITION_WORDS):
                self._definition(head)
            elif head.notes or not lexer.is_next(END):
                lexer.fail("'protocol', 'namespace', 'schema', 'import' or a definition")
        if text.protocol is None:
            self._statements(END, "a definition or an import")
        if not lexer.is_next(END):
            lexer.fail("the end of the text, as it defines one protocol")
        lexer.take()
        text.ignored, text.first_ignored = lexer.ignored, lexer.first_ignored
        return text

    def _namespace_and_schema(self) -> None:
        lexer = self._lexer
        if lexer.accept_word("namespace"):
            self._namespace = self._text.namespace = lexer.identifier("the namespace").text
            lexer.expect(";", "';'")
        if lexer.accept_word("schema"):
            self._text.schema = self._types.type()
            lexer.expect(";", "';'")

    def _protocol(self, head: _Head) -> None:
        at = self._lexer.take().at
        name = self._lexer.identifier("the name of the protocol")
        data = Located(at)
        data.put("protocol", name.text, name.at)
        self._annotate_named(data, head, PROTOCOL_ATTRIBUTES - {"namespace"})
        if head.doc is not None:
            data["doc"] = head.doc
        self._text.protocol = data
        self._namespace = self._text.namespace = namespace_of(fullname(name.text, str(data["namespace"])))
        self._lexer.expect("{", "'{' and what the protocol consists of")
        self._statements("}", "a definition, a message, an import or '}'")
        self._lexer.take()

    def _statements(self, closing: str, expected: str) -> None:
        """Take statements up to the closing token, which is not taken."""
        lexer = self._lexer
        while not lexer.is_next(closing):
            if lexer.is_word("import"):
                self._import()
                continue
            head = self._head()
            if lexer.is_word(*_DEFINITION_WORDS):
                self._definition(head)
            elif self._text.protocol is None:
                self._misplaced(expected)
            elif lexer.token.kind in (WORD, QUOTED):
                self._message(head)
            else:
                lexer.fail(expected)

    def _misplaced(self, expected: str) -> NoReturn:
        if self._lexer.is_word("namespace", "schema"):
            word = self._lexer.token.text
            expected += f" ('{word}' stands at the beginning, the namespace before the schema)"
        self._lexer.fail(expected)

    def _head(self) -> _Head:
        doc = self._lexer.doc()
        return _Head(doc, take_annotations(self._lexer, self._limits))

    def _import(self) -> None:
        lexer = self._lexer
        lexer.take()
        if not lexer.is_word("idl", "protocol", "schema"):
            lexer.fail("'idl', 'protocol' or 'schema'")
        kind: Any = lexer.take().text
        at = lexer.token.at
        file = string_value(lexer, "the name of a file, a string")
        lexer.expect(";", "';'")
        self._text.statements.append(Import(kind, file, self._source, at))

    # -- named types -------------------------------------------------------------------------------

    def _definition(self, head: _Head) -> None:
        kind = self._lexer.take().text
        name = self._type_name(kind)
        data = Located(name.at, type=kind)
        data.put("name", name.text, name.at)
        self._annotate_named(data, head, _STRUCTURE[kind])
        if head.doc is not None:
            data["doc"] = head.doc
        _BODIES[kind](self, data)
        full = fullname(name.text, str(data["namespace"]))
        self._count(len(full))
        self._text.statements.append(Definition(full, data, self._source))

    def _count(self, characters: int) -> None:
        """Count the characters of a fullname: thousands of types could share one long namespace."""
        self._characters += characters
        if self._characters > self._limits.schema_bytes:
            what = "the names of the types, each with its namespace, have too many characters"
            raise excess(self._limits, "schema_bytes", what)

    def _type_name(self, kind: str) -> Token:
        article = "an" if kind[0] == "e" else "a"
        name = self._lexer.identifier(f"the name of {article} {kind}")
        if name.kind == WORD and name.text in TYPE_WORDS:
            raise self._source.error(
                name.at, f"'{name.text}' is a type of Avro already; `{name.text}` in backquotes is a name"
            )
        return name

    def _annotate_named(self, data: Located, head: _Head, structure: frozenset[str]) -> None:
        """Add the annotations, and the namespace: theirs or the enclosing one."""
        annotate(data, self._lexer, head.notes, structure)
        namespace = data.setdefault("namespace", self._namespace)
        if not isinstance(namespace, str):
            at = next(note.value_at for note in head.notes if note.name == "namespace")
            raise self._source.error(at, f"a namespace must be a string, not {show(namespace)}")

    def _record(self, data: Located) -> None:
        outer = self._namespace
        self._namespace = namespace_of(fullname(str(data["name"]), str(data["namespace"])))
        self._lexer.expect("{", "'{' and the fields")
        fields: list[Located] = []
        while not self._lexer.accept("}"):
            self._fields(fields)
        data["fields"] = fields
        self._namespace = outer

    def _fields(self, fields: list[Located]) -> None:
        """Fields of one type."""
        lexer = self._lexer
        if lexer.is_next(END):
            lexer.fail("a field or '}'")
        doc = lexer.doc()
        type = self._types.type()
        fields.append(self._variable(type, doc, "the name of a field"))
        while lexer.accept(","):
            fields.append(self._variable(type, doc, "the name of a field"))
        lexer.expect(";", "';', ',' or '=' and a default")

    def _variable(self, type: Type, doc: str | None, what: str) -> Located:
        """A field or parameter after its type."""
        lexer = self._lexer
        own_doc = lexer.doc()
        notes = take_annotations(lexer, self._limits)
        name = lexer.identifier(what)
        data = Located(name.at)
        data.put("name", name.text, name.at)
        default_at = -1
        if lexer.accept("="):
            default_at = lexer.token.at
            default = json_value(lexer, self._limits)
        data.put("type", type.data if default_at < 0 else type.with_default(default), type.at)
        annotate(data, lexer, notes, _FIELD_STRUCTURE)
        if default_at >= 0:
            data.put("default", default, default_at)
        if own_doc is not None or doc is not None:
            data["doc"] = doc if own_doc is None else own_doc
        order = data.get("order")
        if isinstance(order, str):
            data["order"] = order.lower()  # in any case, as in Java
        return data

    def _enum(self, data: Located) -> None:
        lexer = self._lexer
        lexer.expect("{", "'{' and the symbols")
        symbols: list[str] = []
        if not lexer.is_next("}"):
            symbols.append(self._symbol())
            while lexer.accept(","):
                symbols.append(self._symbol())
        lexer.expect("}", "',' or '}'")
        data["symbols"] = symbols
        if lexer.accept("="):
            default = lexer.identifier("the symbol that is the default")
            data.put("default", default.text, default.at)
            lexer.expect(";", "';'")

    def _symbol(self) -> str:
        """A symbol. Its documentation and annotations are ignored: Avro's JSON has no place for them."""
        for note in take_annotations(self._lexer, self._limits):
            self._lexer.ignore(note.at)
        return self._lexer.identifier("a symbol").text

    def _fixed(self, data: Located) -> None:
        self._lexer.expect("(", "'(' and the size")
        at = self._lexer.token.at
        data.put("size", integer(self._lexer, "the size, a number of bytes"), at)
        self._lexer.expect(")", "')'")
        self._lexer.expect(";", "';'")

    # -- messages ----------------------------------------------------------------------------------

    def _message(self, head: _Head) -> None:
        lexer = self._lexer
        data = Located(lexer.token.at)
        response = self._response()
        name = lexer.identifier("the name of a message")
        data.at = name.at
        lexer.expect("(", "'(' and the parameters")
        request: list[Located] = []
        if not lexer.is_next(")"):
            request.append(self._parameter())
            while lexer.accept(","):
                request.append(self._parameter())
        lexer.expect(")", "',' or ')'")
        data["request"] = request
        data.put("response", response.data, response.at)
        self._ending(data)
        annotate(data, lexer, head.notes, MESSAGE_ATTRIBUTES)
        if head.doc is not None:
            data["doc"] = head.doc
        self._text.statements.append(MessageStatement(name.text, data, self._namespace, self._source))

    def _response(self) -> Type:
        at = self._lexer.token.at
        if self._lexer.accept_word("void"):
            return Type("null", at)
        return self._types.type(annotated=False)

    def _parameter(self) -> Located:
        doc = self._lexer.doc()
        return self._variable(self._types.type(), doc, "the name of a parameter")

    def _ending(self, data: Located) -> None:
        """Take what follows the parameters: ``oneway`` or ``throws``, and the semicolon."""
        lexer = self._lexer
        at = lexer.token.at
        if lexer.accept_word("oneway"):
            data.put("one-way", at=at, value=True)
        elif lexer.accept_word("throws"):
            errors = [lexer.identifier("the name of an error").text]
            while lexer.accept(","):
                errors.append(lexer.identifier("the name of an error").text)
            data.put("errors", errors, at)
        lexer.expect(";", "';', 'oneway' or 'throws' and the errors")


_BODIES: Final[dict[str, Callable[[_Declarations, Located], None]]] = {
    "enum": _Declarations._enum,
    "error": _Declarations._record,
    "fixed": _Declarations._fixed,
    "record": _Declarations._record,
}
