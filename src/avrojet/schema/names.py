# cython: annotation_typing=False, wraparound=True
"""Names: which are valid, and what a name in a schema means (specification: Names).

This file is compiled; names.pxd has its C declarations.
"""

from __future__ import annotations

from collections.abc import Sequence


def is_name(text: str) -> bool:
    """``[A-Za-z_][A-Za-z0-9_]*``, which is what Python calls an ASCII identifier."""
    return text.isidentifier() and text.isascii()


def are_names(texts: Sequence[str]) -> bool:
    """Whether all are names.

    :raises TypeError: if one is not a str.
    """
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"a name is a str, not {type(text).__name__}")
        if not is_name(text):
            return False
    return True


def are_texts(texts: Sequence[str]) -> bool:
    """Whether UTF-8 has bytes for all: lax mode accepts such text as a name, even an empty one, as old
    schemas have them. A lone surrogate (``"\\ud800"`` in JSON text) could be in no JSON text, Arrow schema
    or header of a column.

    :raises TypeError: if one is not a str.
    """
    text = "".join(texts)
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_fullname(text: str) -> bool:
    """Whether it is names joined by dots."""
    return is_name(text) or are_names(text.split("."))


def fullname(name: str, namespace: str) -> str:
    """The fullname of ``name`` in ``namespace``, which is ``""`` for the null namespace.

    A name with a dot is a fullname already, whatever the namespace.
    """
    if "." in name:
        return name[1:] if name.rfind(".") == 0 else name
    return f"{namespace}.{name}" if namespace else name


def namespace_of(name: str) -> str:
    """The namespace of a fullname, ``""`` for the null namespace."""
    return name.rpartition(".")[0]


def relative_name(name: str, namespace: str) -> str:
    """The shortest text from which :func:`fullname` makes the fullname ``name`` in ``namespace``.

    The specification has no way to name the null namespace within another. A leading dot is used for it;
    Java's implementation reads that in aliases, but not in references to types.
    """
    own, _, bare = name.rpartition(".")
    if own == namespace:
        return bare
    return name if own else f".{bare}"
