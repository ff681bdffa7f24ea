"""The public names and their signatures, as type checkers and editors see them.

`python -m tests.repo.public_api` writes them to tests/repo/public_api.txt, which a test compares with the
sources: what changes for users is a difference of that file, which somebody reads (docs/policy.md says what
may change when).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, TypeAlias

from tests.repo.tree import SOURCE

SNAPSHOT = Path(__file__).with_suffix(".txt")
# What programs import; of modules that stand on a library, their names are read without importing them.
MODULES = (
    "avrojet", "avrojet.compat", "avrojet.daft", "avrojet.dask", "avrojet.limits", "avrojet.pandas",
    "avrojet.polars", "avrojet.ray", "avrojet.registry", "avrojet.rpc", "avrojet.single_object",
    "avrojet.spark",
)  # fmt: skip

Definition: TypeAlias = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Assign | ast.AnnAssign


class Found(NamedTuple):
    """Where a name is defined: the file that checkers read, and its statements there (several: overloads)."""

    file: Path
    nodes: list[Definition]


@cache
def parsed(module: str) -> tuple[Path, list[ast.stmt]]:
    """The statements of a module's stub, or of its source where it has no stub."""
    path = SOURCE.joinpath(*module.split("."))
    for file in (
        path / "__init__.pyi",
        path / "__init__.py",
        path.with_suffix(".pyi"),
        path.with_suffix(".py"),
    ):
        if file.exists():
            return file, [*statements(ast.parse(file.read_text(encoding="utf-8")).body)]
    raise LookupError(module)


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Those of a module, with those below its conditions."""
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            yield from statements([*node.body, *node.orelse])
        else:
            yield node


def names_of(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    if isinstance(node, ast.AnnAssign):
        return [ast.unparse(node.target)]
    return [ast.unparse(target) for target in node.targets] if isinstance(node, ast.Assign) else []


def find(module: str, name: str) -> Found | None:
    """Where a name that a module has is defined; None for what is no code of avrojet."""
    try:
        file, body = parsed(module)
    except LookupError:
        return None
    nodes = [node for node in body if name in names_of(node)]
    if nodes:
        return Found(file, nodes)  # type: ignore[arg-type]
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("avrojet"):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return find(node.module, alias.name)
    return None


def public_names(module: str) -> list[str]:
    _, body = parsed(module)
    for node in body:
        if "__all__" in names_of(node) and isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            return [name for name in sorted(ast.literal_eval(node.value)) if not name.startswith("_")]
    names = getattr(import_module(module), "__all__", None)
    if names is None:
        names = [name for node in body for name in names_of(node)]
    return [name for name in sorted(names) if not name.startswith("_")]


def lines() -> Iterator[str]:
    """The snapshot, line by line."""
    for module in MODULES:
        yield f"# {module}"
        for name in public_names(module):
            found = find(module, name)
            if module != "avrojet" and name in public_names("avrojet"):
                yield f"{name} is avrojet.{name}"
            elif found is None:
                yield f"{name}: module"
            else:
                yield from described(name, found)
        yield ""


def described(name: str, found: Found) -> Iterator[str]:
    for node in found.nodes:
        if isinstance(node, ast.ClassDef):
            bases = [ast.unparse(base) for base in [*node.bases, *node.keywords]]
            yield f"class {name}({', '.join(bases)})" if bases else f"class {name}"
            for line in members(node, module_of(found.file), set()):
                yield f"    {line}"
        else:
            yield shown(node, name)


def members(node: ast.ClassDef, module: str, above: set[str]) -> Iterator[str]:
    """What a class and its bases within avrojet show, other than what stands in a class above it."""
    own = set()
    for each in statements(node.body):
        for name in names_of(each):
            if (name in {"__init__", "__call__"} or not name.startswith("_")) and name not in above:
                own.add(name)
                yield shown(each, name)  # type: ignore[arg-type]
    for base in node.bases:
        found = find(module, ast.unparse(base).partition("[")[0])
        if found is not None and isinstance(found.nodes[0], ast.ClassDef):
            yield from members(found.nodes[0], module_of(found.file), above | own)


def shown(node: Definition, name: str) -> str:
    if isinstance(node, ast.AnnAssign):
        default = f" = {ast.unparse(node.value)}" if node.value is not None else ""
        return f"{name}: {ast.unparse(node.annotation)}{default}"
    if isinstance(node, ast.Assign):
        return f"{name} = ..."
    if isinstance(node, ast.ClassDef):
        return f"class {name}"
    marks = [ast.unparse(mark) for mark in node.decorator_list]
    kept = [f"@{mark} " for mark in marks if mark in {"classmethod", "overload", "property", "staticmethod"}]
    start = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{''.join(kept)}{start} {name}({ast.unparse(node.args)}){result}"


def module_of(file: Path) -> str:
    parts = file.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def undocumented() -> list[str]:
    """Public names that an editor has no docstring for, since a stub takes the place of the source."""
    wanting = {}
    for module in MODULES:
        for name in public_names(module):
            found = find(module, name)
            if found is not None:
                wanting |= dict.fromkeys(f"{module}.{each}" for each in without_docstring(found, name))
    return list(wanting)


def without_docstring(found: Found, name: str) -> Iterator[str]:
    """What has none of the names that a definition brings, those of its bases included."""
    for node in found.nodes:
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                above = find(module_of(found.file), ast.unparse(base).partition("[")[0])
                if above is not None:
                    yield from without_docstring(above, name)
        if found.file.suffix == ".pyi":
            inner = node.body if isinstance(node, ast.ClassDef) else []
            named = [(f"{name}.{own}", each) for each in inner for own in names_of(each) if own[0] != "_"]
            yield from (each for each, node in [(name, node), *named] if lacks_docstring(node))


def lacks_docstring(node: ast.stmt) -> bool:
    """Whether it is a function or method without one. (Of a class, that of the public one counts.)"""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    marks = " ".join(ast.unparse(mark) for mark in node.decorator_list)
    return not ast.get_docstring(node) and "overload" not in marks and "setter" not in marks


def text() -> str:
    return "\n".join(lines())


if __name__ == "__main__":
    SNAPSHOT.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{SNAPSHOT}: {len(SNAPSHOT.read_text(encoding='utf-8').splitlines())} lines\n")
