"""Uses whatever is compiled in ways that no caller should: the objects of every compiled class without a call
of their constructor, and methods and functions with arguments of the wrong kinds, such objects among them.

    python -m tests.hostile.unmade [--seed N] [--only TEXT]

Exceptions are right. A crash ends the process; the last line that it has printed says of what.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import pkgutil
import random
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import avrojet
from avrojet import Decoder, Encoder, parse_schema
from tests.vectors import POINT

# What every object has from `object`, and what would do more than answer.
LEFT_OUT = {
    "__class__",
    "__subclasshook__",
    "__init_subclass__",
    "__doc__",
    "__module__",
    "__new__",
    "__sizeof__",
}
SEVERAL = 60  # calls of each with more than one argument


def compiled() -> list[Any]:
    """The compiled modules; those whose libraries are missing are left out."""
    found = []
    for each in pkgutil.walk_packages(avrojet.__path__, "avrojet."):
        if each.name.endswith("__main__"):
            continue
        with suppress(ImportError):
            found.append(importlib.import_module(each.name))
    return [module for module in found if not str(module.__file__).endswith(".py")]


def bare(kind: type) -> Any:
    """An object of the class without a call of ``__init__``; None if it cannot be had."""
    with suppress(Exception):
        return kind.__new__(kind)
    return None


def arguments(kinds: list[type]) -> list[Any]:
    numbers = [None, 0, -1, 2**63 - 1, -(2**63), 1.5, True]
    texts = ["", "a", "\ud800", b"", b"\2\4" * 5, bytearray(b"\2a")]
    made = [parse_schema("int"), parse_schema(POINT), Encoder("int"), Decoder(POINT)]
    holders = [[], [1], {}, {"a": 1}, (), (None,), object(), len, lambda *_: None, int, str, iter([])]
    return [*numbers, *texts, *holders, *made, *(each for each in map(bare, kinds) if each is not None)]


def attempt(get: Callable[[], Callable[..., Any]], *given: Any) -> None:
    with suppress(Exception):
        answer = get()(*given)
        repr(answer)
        if hasattr(answer, "__next__"):
            list(itertools.islice(answer, 3))


def attempts(get: Callable[[], Callable[..., Any]], choice: list[Any], rnd: random.Random) -> None:
    """Calls without argument, with each argument, and with several."""
    attempt(get)
    for one in choice:
        attempt(get, one)
    for _ in range(SEVERAL):
        attempt(get, *rnd.choices(choice, k=rnd.choice([2, 2, 3, 3, 4, 5])))


def uses() -> Iterator[tuple[str, Callable[[], Callable[..., Any]], list[type]]]:
    """What is called: its name, and how it is had anew for each call."""
    modules = compiled()
    kinds = [
        each for module in modules for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__
    ]  # fmt: skip
    for module in modules:
        for name, each in vars(module).items():
            if callable(each) and getattr(each, "__module__", None) == module.__name__:
                yield f"{module.__name__}.{name}", lambda each=each: each, kinds
    for kind in kinds:
        for name in sorted(set(dir(kind)) - LEFT_OUT):
            where = f"{kind.__module__}.{kind.__name__}.{name}"
            yield where, lambda kind=kind, name=name: getattr(bare(kind), name), kinds
            yield f"{where} =", lambda kind=kind, name=name: partial(setattr, bare(kind), name), kinds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    rnd = random.Random(given.seed)
    count = 0
    for name, get, kinds in uses():
        if given.only in name:
            print(name, flush=True)
            attempts(get, arguments(kinds), rnd)
            count += 1
    print("all", count)


if __name__ == "__main__":
    main()
