"""Untrusted names and values, made fit for messages; and warnings; any module may import this one."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Callable, Iterable
from threading import local
from types import FrameType
from typing import Any, Final, TypeAlias

from avrojet.levels import is_deep

# Longer than what names and paths are; beginning and end are kept, which tell them apart.
_LONG_WORD: Final = 400
_LONG_WORDS: Final = re.compile(rf"(?<!\S)\S{{{_LONG_WORD},}}")
_MOST: Final = 4000
_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
_PACKAGE: Final = __file__.removesuffix(os.path.basename(__file__))  # noqa: PTH119 (pathlib takes long to import)


def readable(text: str) -> str:
    """The text as a line that can be shown and logged: control characters escaped, very long words cut.

    Names come from the headers of files, which are not trusted. The characters that :func:`repr` escapes are
    escaped in the same way.
    """
    if len(text) > _LONG_WORD:
        text = _LONG_WORDS.sub(lambda word: _without_middle(word[0], _LONG_WORD // 2), text)
        if len(text) > _MOST:
            text = _without_middle(text, _MOST)
    return text if text.isprintable() else "".join(map(_escaped, text))


def _without_middle(text: str, width: int) -> str:
    end = width // 4
    return f"{text[: width - end - 1]}{_ELLIPSIS}{text[-end:]}"


def _escaped(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def shorten(text: str, width: int = 120) -> str:
    """The text, its end cut off where it is longer."""
    return text if len(text) <= width else text[: width - 1] + _ELLIPSIS


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """What is probably meant by a name that is not known, to end a message with; or nothing."""
    close = close_names(name, known)
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""


def close_names(name: str, known: Iterable[str]) -> list[str]:
    """The names that are like one: written in other case, or of which few characters differ.

    Those of one character are like nearly all short ones, and are left out.
    """
    from difflib import get_close_matches

    names = list(known)
    same = [each for each in names if each.lower() == name.lower()]
    return same or get_close_matches(name, [each for each in names if len(each) > 1])


def counted(count: int, noun: str) -> str:
    """A number and what it is of: ``1 block``, ``1,200 blocks``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def show(value: Any) -> str:
    """The value, cut short, for a message."""
    return shorten(readable(shorten(represent(value), 60)), 60)


def represent(value: Any, to_text: Callable[[Any], str] = repr) -> str:
    """Its :func:`repr`, or its type, where it has none: it nests too deep, or has too many digits for Python.

    :param to_text: in place of ``repr``.
    """
    try:
        if not is_deep(value):
            return to_text(value)
    except (RecursionError, ValueError):
        pass
    return f"this {type(value).__name__}"


def warn(category: type[Warning], text: str) -> None:
    """Warn, and name as its place the line outside of avrojet that led here."""
    level, frame = _caller()
    place = getattr(_here, "place", None) if frame is None else None
    if place is None:
        warnings.warn(readable(text), category, stacklevel=level)
    else:
        warnings.warn_explicit(readable(text), category, *place)


# The place for :func:`warn`: file, line, module, and the warnings shown there.
WarningPlace: TypeAlias = "tuple[str, int, str, dict[Any, Any]]"

_here = local()


def warning_place() -> WarningPlace | None:
    """The line outside of avrojet that led here, for warnings in threads, to which it does not lead."""
    _, frame = _caller()
    if frame is None:
        return getattr(_here, "place", None)
    return frame.f_code.co_filename, frame.f_lineno, frame.f_globals.get("__name__", "<string>"), {}


def set_warning_place(place: WarningPlace | None) -> None:
    """Have warnings in this thread name a place, wherever no line outside of avrojet leads to them."""
    _here.place = place


def _caller() -> tuple[int, FrameType | None]:
    """How many frames up the first line outside of avrojet is, as `warnings` counts from the caller of this;
    and its frame, or None if there is none.
    """
    level = 2
    frame = sys._getframe(2)
    while frame.f_code.co_filename.startswith(_PACKAGE):
        if frame.f_back is None:
            return level, None
        frame = frame.f_back
        level += 1
    return level, frame
