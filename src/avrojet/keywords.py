"""Keyword arguments that a function passes on to others; any module may import this one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from avrojet.messages import did_you_mean


def ensure_known(caller: str, options: Iterable[str], *takers: Callable[..., Any]) -> None:
    """Refuse keywords that nobody takes in the name of the function that the user has called, not of the one
    that they would reach in the end.

    :param caller: its name.
    :param takers: the functions that the options are passed on to.
    :raises TypeError: if there is such a keyword.
    """
    for name in options:
        if not any(name in _keywords(taker) for taker in takers):
            known = sorted(set().union(*map(_keywords, takers)) - {"self"})
            hint = did_you_mean(name, known)
            raise TypeError(f"{caller}() got an unexpected keyword argument {name!r}{hint}")


@cache
def _keywords(function: Callable[..., Any]) -> frozenset[str]:
    """The names of a function's parameters, but for those that take all others."""
    code = function.__code__
    return frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
