"""Signatures of what is compiled: from its `.pyi`, as Cython's functions keep no annotations.

Docstrings come from the extension itself; the stub beside it says parameters and types.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
from functools import cache
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx


@cache
def signatures(module: str) -> dict[str, tuple[str, str]]:
    """Qualified name -> parameters in parentheses and what is returned, of a module that has a stub."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.origin:
        return {}
    stub = Path(spec.origin).parent / f"{module.rpartition('.')[2]}.pyi"
    if not stub.exists() or spec.origin.endswith(".py"):
        return {}
    found: dict[str, tuple[str, str]] = {}
    _collect(ast.parse(stub.read_text(encoding="utf-8")).body, "", found)
    return found


def _collect(body: list[ast.stmt], prefix: str, found: dict[str, tuple[str, str]]) -> None:
    for node in body:
        if isinstance(node, ast.ClassDef):
            _collect(node.body, f"{prefix}{node.name}.", found)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = prefix + node.name
            if name not in found:  # of overloads, the first
                found[name] = f"({_parameters(node, method=bool(prefix))})", _text(node.returns)


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef, *, method: bool) -> str:
    static = any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list)
    arguments = node.args
    if method and not static:
        del (arguments.posonlyargs or arguments.args)[:1]
    return ast.unparse(arguments)


def _text(annotation: ast.expr | None) -> str:
    return ast.unparse(annotation) if annotation else ""


def signature_of(what: str, thing: Any) -> tuple[str, str] | None:
    """What the stub says of a compiled class, function or method."""
    thing = inspect.unwrap(thing) if callable(thing) else thing
    module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", "")
    if not isinstance(module, str) or not module.startswith("avrojet."):
        owner = getattr(thing, "__objclass__", None)
        module = getattr(owner, "__module__", "")
    if not module.startswith("avrojet."):
        return None
    if what in {"class", "exception"}:
        known = signatures(module)
        made = known.get(f"{name}.__init__") or known.get(f"{name}.__new__")
        return (made[0], "") if made else None
    return signatures(module).get(name)


def process(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, arguments: str | None, returns: str | None
) -> tuple[str, str] | None:
    return signature_of(what, thing)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-signature", process)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
