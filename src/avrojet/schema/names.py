# cython: annotation_typing=False, wraparound=True
"""Names: what is one, and what a name in a schema means (specification: Names).

This is compiled: names.pxd says what is C in it.
"""

from __future__ import annotations

from collections.abc import Sequence


def is_name(text: str) -> bool:
    """``[A-Za-z_][A-Za-z0-9_]*``, which is what Python calls an ASCII identifier."""
    return text.isidentifier() and text.isascii()


def are_names(texts: Sequence[str]) -> bool:
    """:func:`is_name` of all.

    :raises TypeError: if one is no str.
    """
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"a name is a str, not {type(text).__name__}")
        if not is_name(text):
            return False
    return True


def are_texts(texts: Sequence[str]) -> bool:
    """True: anything is a name to the lax mode, as it is to old schemas, even no text at all.

    :raises TypeError: if one is no str.
    """
    "".join(texts)
    return True


def is_fullname(text: str) -> bool:
    """Names joined by dots."""
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
    """The shortest text that :func:`fullname` takes for the fullname ``name`` in ``namespace``.

    The specification has no way to say the null namespace where another encloses it. A dot in front says
    it; Java's implementation reads that in aliases, though not where a type is referred to.
    """
    own, _, bare = name.rpartition(".")
    if own == namespace:
        return bare
    return name if own else f".{bare}"
