"""From the text of a schema to JSON data: of any depth, and with comments where they are allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from avrojet.errors import SchemaError
from avrojet.levels import is_deep, text_is_deep
from avrojet.limits import Limits, excess
from avrojet.messages import show
from avrojet.schema.jsonreader import read_value

if TYPE_CHECKING:
    from pathlib import Path

_decode: Final = json.JSONDecoder().decode
_JSON_BEGINS: Final = frozenset('{["')
# A string, or a comment. One without an end extends to that of the text, so that nothing is scanned twice.
_COMMENT: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|(/\*.*?(?:\*/|\Z)|//[^\r\n]*)', re.DOTALL)
_NO_LINE_END: Final = re.compile(r"[^\r\n]")
_NOT_IN_A_NAME: Final = re.compile(r"[\s{}\[\]\"':,<>]")


def read_json(
    text: str | bytes | bytearray,
    limits: Limits,
    *,
    comments: bool = False,
    decode: Callable[[str], Any] = _decode,
) -> Any:
    """The JSON data of a schema's text; the text itself if it can only be the name of a type.

    :param comments: accept ``/* */`` and ``//``, which JSON does not have, as Java's parser of schemas does.
    :param decode: reads the JSON text, unless it nests too deep for Python's stack.
    :raises SchemaError: if it is neither.
    :raises LimitError: if it has more characters, or nests deeper, than the limits allow.
    """
    if len(text) > limits.schema_bytes:
        raise excess(limits, "schema_bytes", f"a schema of {len(text)} characters")
    if not isinstance(text, str):
        try:
            text = text.decode()
        except ValueError as error:
            raise SchemaError(f"the schema is not JSON: {error}") from error
    if decode is _decode and text[:1] in _JSON_BEGINS:
        try:
            return read_value(text, 3 * limits.depth + _MORE_LEVELS)
        except (RecursionError, ValueError):
            pass  # the error is raised below
    deep = text_is_deep(text)
    text = text.removeprefix("\N{BYTE ORDER MARK}")
    name = text.strip()
    if not name:
        raise SchemaError("the schema is empty")
    if name[0] in _JSON_BEGINS:
        try:
            if not deep:
                return decode(text)
        except (RecursionError, ValueError):
            pass
        return _loads(text, limits, comments=comments, decode=decode)
    if name.startswith(("/*", "//")):
        return read_json(_without_comments(text, allowed=comments), limits, decode=decode)
    if _NOT_IN_A_NAME.search(name):
        raise SchemaError(f"the schema is neither JSON nor the name of a type: {show(name)}")
    return name


def read_file(path: Path, limits: Limits) -> bytes:
    """The file's bytes; if there are too many, enough of them to see that."""
    with path.open("rb") as file:
        return file.read(limits.schema_bytes + 1)


def _loads(text: str, limits: Limits, *, comments: bool, decode: Callable[[str], Any]) -> Any:
    try:
        return loads(text, 3 * limits.depth, decode)
    except RecursionError:
        raise excess(limits, "depth", "the schema is nested too deep") from None
    except ValueError as error:
        plain = _without_comments(text, allowed=comments)
        if plain != text:
            return _loads(plain, limits, comments=False, decode=decode)
        raise SchemaError(f"the schema is not JSON: {error}") from error


# -- comments --------------------------------------------------------------------------------------


def _without_comments(text: str, *, allowed: bool) -> str:
    """The text with its comments replaced by blanks, so that the rest keeps its place."""

    def blank(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        if not allowed:
            raise _commented(text, found.start())
        return _NO_LINE_END.sub(" ", found[1])

    return _COMMENT.sub(blank, text)


def _commented(text: str, place: int) -> SchemaError:
    where = json.JSONDecodeError("", text, place)
    return SchemaError(
        f"the schema is not JSON: a comment stands at line {where.lineno}, column {where.colno}; "
        "avrojet.load_schema accepts files with comments, and so does names='lax'"
    )


# -- depth -----------------------------------------------------------------------------------------

# Levels for the values of attributes and defaults.
_MORE_LEVELS: Final = 1000
_MOST_LEVELS: Final = 1 << 40


def loads(text: str, levels: int, decode: Callable[[str], Any] = _decode) -> Any:
    """What :func:`json.loads` returns; deeply nested text does not use stack for each level.

    :param levels: how deep objects and arrays may nest, not counting the values of attributes and defaults.
    :param decode: see :func:`read_json`.
    :raises ValueError: if the text is not JSON.
    :raises RecursionError: if there are more levels.
    """
    try:
        if not text_is_deep(text):
            return decode(text)
    except RecursionError:
        pass
    return read_value(text, min(levels, _MOST_LEVELS) + _MORE_LEVELS)


def dumps(data: Any, encode: Callable[[Any], str]) -> str:
    """The JSON text of data, however deep they nest.

    :param encode: the encoder for data that do not nest deep; it writes a blank after each comma and colon.
    """
    if not is_deep(data):
        return encode(data)
    text: list[str] = []
    waiting: list[tuple[bool, Any]] = [(False, data)]  # whether it is text already, and the text or the data
    while waiting:
        done, part = waiting.pop()
        if done:
            text.append(part)
        elif isinstance(part, Mapping):
            names = [encode(str(name)) + ": " for name in part]
            waiting += _reversed_parts("{", zip(names, part.values(), strict=True), "}")
        elif isinstance(part, list | tuple):
            waiting += _reversed_parts("[", (("", each) for each in part), "]")
        else:
            text.append(encode(part))
    return "".join(text)


def _reversed_parts(begin: str, members: Iterable[tuple[str, Any]], end: str) -> list[tuple[bool, Any]]:
    parts: list[tuple[bool, Any]] = [(True, begin)]
    for name, each in members:
        parts += (True, f"{', ' if len(parts) > 1 else ''}{name}"), (False, each)
    parts.append((True, end))
    return parts[::-1]
