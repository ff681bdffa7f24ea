"""From text of IDL to tokens, one at a time, and the documentation comments between them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple, NoReturn

from avrojet.messages import shorten
from avrojet.schema.idl.comments import text_of_comment
from avrojet.schema.idl.source import Source
from avrojet.schema.idl.words import IDENTIFIER, is_identifier


class Token(NamedTuple):
    """A token.

    :ivar kind: ``"word"``, ``"quoted"`` (an identifier with backquotes, which is never a keyword),
        ``"string"``, ``"number"``, ``"end"``, or the character itself.
    :ivar text: as written, but an identifier has no backquotes.
    :ivar at: its offset in the text.
    """

    kind: str
    text: str
    at: int


END: Final = "end"
STRING: Final = "string"
NUMBER: Final = "number"
WORD: Final = "word"
QUOTED: Final = "quoted"

_BLANKS: Final = re.compile(r"(?:[ \t\n\r\f]+|//[^\n\r]*)*+")
_TOKEN: Final = re.compile(
    rf"""(?P<word>{IDENTIFIER})
    |(?P<string>"[^"\\\n\r\b\f\t]*+(?:\\[^\n\r][^"\\\n\r\b\f\t]*+)*+")
    |(?P<number>[+-]?\.?\d(?:[eEpP][+-]|[\w.])*+|[+-](?:NaN|Infinity)\b)
    |(?P<mark>[][(){{}}<>:;,@=?])""",
    re.VERBOSE,
)
_SHOWN: Final = 40


class Lexer:
    """Reads tokens.

    :ivar source: the text.
    :ivar token: the next token, which is not taken yet.
    :ivar ignored: how many documentation comments and annotations are ignored.
    :ivar first_ignored: the offset of the first.
    """

    __slots__ = ("_at", "_doc", "first_ignored", "ignored", "source", "token")

    def __init__(self, source: Source) -> None:
        self.source = source
        self._at = 0
        self._doc: tuple[int, int] | None = None
        self.ignored = 0
        self.first_ignored = 0
        self.token = self._next()

    def take(self) -> Token:
        """Return the next token, and move on to the one after it."""
        token = self.token
        self._drop_doc()
        if token.kind != END:
            self.token = self._next()
        return token

    def is_next(self, kind: str) -> bool:
        """Whether the next token is of the kind."""
        return self.token.kind == kind

    def is_word(self, *words: str) -> bool:
        """Whether the next token is one of these keywords."""
        return self.token.kind == WORD and self.token.text in words

    def accept(self, kind: str) -> bool:
        """Take the next token if it is of the kind."""
        if self.token.kind != kind:
            return False
        self.take()
        return True

    def accept_word(self, word: str) -> bool:
        """Take the next token if it is the keyword."""
        if not self.is_word(word):
            return False
        self.take()
        return True

    def expect(self, kind: str, what: str) -> Token:
        """Take the next token, which has to be of the kind.

        :param what: what it is expected to be, for the error.
        :raises IdlError: if it is not.
        """
        if self.token.kind != kind:
            self.fail(what)
        return self.take()

    def identifier(self, what: str) -> Token:
        """Take an identifier; keywords are accepted, as nothing else can follow here."""
        if self.token.kind not in (WORD, QUOTED):
            self.fail(what)
        return self.take()

    def doc(self) -> str | None:
        """The text of the documentation comment right before the next token."""
        if self._doc is None:
            return None
        begin, end = self._doc
        self._doc = None
        return text_of_comment(self.source.text[begin:end])

    def ignore(self, at: int) -> None:
        """Count something valid that has no place in Avro's JSON."""
        if not self.ignored:
            self.first_ignored = at
        self.ignored += 1

    def fail(self, expected: str) -> NoReturn:
        """Raise the error that the next token is not what was expected."""
        raise self.source.error(self.token.at, f"expected {expected}, found {_show(self.token)}")

    # -- reading -----------------------------------------------------------------------------------

    def _next(self) -> Token:
        self._skip()
        text, at = self.source.text, self._at
        found = _TOKEN.match(text, at)
        if found is None:
            return self._no_token(text, at)
        self._at = found.end()
        kind, spelled = str(found.lastgroup), found[0]
        if kind == "mark":
            return Token(spelled, spelled, at)
        return self._word(spelled, at) if kind == WORD else Token(kind, spelled, at)

    def _word(self, text: str, at: int) -> Token:
        plain = text.replace("`", "")
        if not plain.isascii() and not is_identifier(plain):
            raise self.source.error(at, f"{shorten(repr(plain), _SHOWN)} is not an identifier")
        return Token(WORD if plain == text else QUOTED, plain, at)

    def _no_token(self, text: str, at: int) -> Token:
        if at == len(text) or text[at] == "\x1a":  # an old end-of-file mark
            return Token(END, "", at)
        if text[at] == '"':
            raise self.source.error(at, "a string that does not end in its line")
        raise self.source.error(at, f"{text[at]!r} has no meaning here")

    def _skip(self) -> None:
        """Skip blanks and comments; keep the last documentation comment."""
        text = self.source.text
        while True:
            blanks = _BLANKS.match(text, self._at)
            assert blanks is not None
            self._at = begin = blanks.end()
            if not text.startswith("/*", begin):
                return
            if text.startswith("/**/", begin):
                self._at = begin + 4
                continue
            documents = text.startswith("/**", begin)
            end = text.find("*/", begin + (3 if documents else 2))
            if end < 0:
                raise self.source.error(begin, "a comment without its end, */")
            self._at = end + 2
            if documents:
                self._drop_doc()
                self._doc = begin, self._at

    def _drop_doc(self) -> None:
        """Count a documentation comment that nothing has asked for as ignored."""
        if self._doc is not None:
            self.ignore(self._doc[0])
            self._doc = None


def _show(token: Token) -> str:
    if token.kind == END:
        return "the end of the text"
    text = f"`{token.text}`" if token.kind == QUOTED else token.text
    return shorten(text if token.kind == STRING else f"'{text}'", _SHOWN)
