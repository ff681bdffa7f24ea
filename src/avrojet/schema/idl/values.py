"""JSON values in IDL: defaults and the values of annotations. Strings and numbers are written as in Java."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from avrojet.limits import Limits, excess
from avrojet.messages import show
from avrojet.schema.emit import escape_surrogates
from avrojet.schema.idl.lexer import NUMBER, STRING, WORD, Lexer, Token
from avrojet.schema.idl.source import Source

_WORDS: Final[Mapping[str, Any]] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
}

_INTEGER: Final = re.compile(r"(-?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]+)|([1-9][0-9]*|0))[lL]?", re.ASCII)
# With a point, an exponent or a letter: without any of them it would be an integer.
_DECIMAL: Final = re.compile(
    r"([+-]?(?:(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+))[fFdD]?|([+-]?\d+)[fFdD]", re.ASCII
)
_HEXADECIMAL: Final = re.compile(
    r"([+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?\d+)[fFdD]?", re.ASCII
)
_SIGNED_WORD: Final = re.compile("[+-](?:NaN|Infinity)")

_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|[0-3][0-7]{2}|[0-7]{1,2}|.)", re.DOTALL)
_ESCAPED: Final = {
    "n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "\\": "\\", "/": "/", "'": "'", '"': '"',
}  # fmt: skip
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def json_value(lexer: Lexer, limits: Limits) -> Any:
    """Take a JSON value.

    :raises IdlError: if there is none.
    :raises LimitError: if it nests too deep.
    """
    waiting: list[tuple[Any, str]] = []  # open arrays and objects, and the name of the next member
    while True:
        value = _beginning(lexer, limits, waiting)
        if value is _OPENED:
            continue
        while True:
            if not waiting:
                return value
            value = _put(lexer, waiting, value)
            if value is _OPENED:
                break


_OPENED: Final = object()
"""Returned instead of a value: an array or object was opened, and its first member comes next."""


def _beginning(lexer: Lexer, limits: Limits, waiting: list[tuple[Any, str]]) -> Any:
    """A value, or the beginning of one."""
    token = lexer.token
    if token.kind not in ("{", "["):
        return _scalar(lexer)
    if len(waiting) >= limits.depth:
        raise excess(limits, "depth", f"{lexer.source.say(token.at)}: a value is nested too deep")
    lexer.take()
    made: Any = {} if token.kind == "{" else []
    if lexer.accept(_CLOSING[token.kind]):
        return made
    waiting.append((made, _name(lexer) if token.kind == "{" else ""))
    return _OPENED


_CLOSING: Final = {"{": "}", "[": "]"}


def _put(lexer: Lexer, waiting: list[tuple[Any, str]], value: Any) -> Any:
    """Put the value into the innermost open array or object, and return that if it is complete."""
    holder, name = waiting.pop()
    if isinstance(holder, list):
        holder.append(value)
        closing = "]"
    else:
        holder[name] = value
        closing = "}"
    if lexer.accept(","):
        waiting.append((holder, _name(lexer) if closing == "}" else ""))
        return _OPENED
    lexer.expect(closing, f"',' or '{closing}'")
    return holder


def _name(lexer: Lexer) -> str:
    name = string_value(lexer, "the name of an attribute, a string")
    lexer.expect(":", "':'")
    return name


def _scalar(lexer: Lexer) -> Any:
    token = lexer.token
    if token.kind == STRING:
        return string_value(lexer, "")
    if token.kind == NUMBER:
        return _number(lexer.source, lexer.take())
    if token.kind != WORD or token.text not in _WORDS:
        lexer.fail("a JSON value")
    return _WORDS[lexer.take().text]


def string_value(lexer: Lexer, what: str) -> str:
    """Take a string.

    :param what: what it is, for the error.
    """
    token = lexer.expect(STRING, what)
    text = token.text[1:-1]
    return _unescaped(lexer.source, token.at + 1, text) if "\\" in text else text


def _unescaped(source: Source, at: int, text: str) -> str:
    def character(found: re.Match[str]) -> str:
        escape = found[1]
        if escape[0] == "u" and len(escape) == 5:
            return chr(int(escape[1:], 16))
        if escape[0] in "01234567":
            return chr(int(escape, 8))
        if escape not in _ESCAPED:
            raise source.error(at + found.start(), f"'\\{escape}' is not an escape")
        return _ESCAPED[escape]

    text = _ESCAPE.sub(character, text)
    if _SURROGATE.search(text):  # two escapes can make one character
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return text


def integer(lexer: Lexer, what: str) -> int:
    """Take an integer that is not part of a JSON value.

    :param what: what it is, for the error.
    """
    token = lexer.expect(NUMBER, what)
    value = _number(lexer.source, token)
    if not isinstance(value, int):
        raise lexer.source.error(token.at, f"expected {what}, found {show(value)}")
    return value


def _number(source: Source, token: Token) -> int | float:
    text = token.text
    try:
        found = _INTEGER.fullmatch(text)
        if found:
            sign, hexadecimal, octal, decimal = found.groups()
            digits, base = (hexadecimal, 16) if hexadecimal else (octal, 8) if octal else (decimal, 10)
            return int(sign + digits, base)
        if found := _DECIMAL.fullmatch(text):
            return float(found[1] or found[2])
        if found := _HEXADECIMAL.fullmatch(text):
            return float.fromhex(found[1])
        if _SIGNED_WORD.fullmatch(text):
            return float(text)
    except (ValueError, OverflowError):  # more digits than Python reads
        raise source.error(token.at, f"a number of {len(text)} characters is too long or too large") from None
    raise source.error(token.at, f"{show(text)} is not a number")


# -- to text ---------------------------------------------------------------------------------------

_dumps: Final = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": ")).encode


def emit_value(value: Any) -> str:
    """The IDL text of a JSON value, which must not be deep; NaN and infinities are words."""
    return escape_surrogates(_dumps(value))
