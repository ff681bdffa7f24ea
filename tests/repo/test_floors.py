"""A file imports from its own floor or below; the floors are those of the house plan."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import permutations
from pathlib import Path

import pytest

from tests.cases import for_each
from tests.repo.tree import CORE, MODULES, cython_code, module_name, package_files

FLOORS = {
    "avrojet.cache": 0,
    "avrojet.cookies": 0,
    "avrojet.derived": 0,
    "avrojet.errors": 0,
    "avrojet.failures": 0,
    "avrojet.frozen": 0,
    "avrojet.keywords": 0,
    "avrojet.levels": 0,
    "avrojet.limits": 0,
    "avrojet.locks": 0,
    "avrojet.messages": 0,
    "avrojet.unstacked": 0,
    "avrojet.values": 0,
    "avrojet.varint": 0,
    "avrojet.schema": 1,
    "avrojet.plan": 2,
    "avrojet.core": 3,
    "avrojet.custom": 4,
    "avrojet.datum": 4,
    "avrojet.json": 4,
    "avrojet.typed": 4,
    "avrojet.generate": 5,
    "avrojet.order": 5,
    "avrojet.witness": 5,
    "avrojet.container": 5,
    "avrojet.wire": 5,
    "avrojet.columns": 6,
    "avrojet.scanning": 6,
    "avrojet.single_object": 6,
    "avrojet.induction": 6,
    "avrojet.rpc": 6,
    "avrojet.registry": 6,
    "avrojet.inspection": 7,
    "avrojet.conversion": 7,
    "avrojet.cli": 7,
    "avrojet.__main__": 7,
    "avrojet.compat": 8,
    "avrojet.integrations": 8,
    "avrojet.daft": 8,
    "avrojet.ray": 8,
    "avrojet.dask": 8,
    "avrojet.pandas": 8,
    "avrojet.polars": 8,
    "avrojet.spark": 8,
    # The public face shows what stands below it, and serves the floors above as it serves users.
    "avrojet": 7,
}
# The core knows memory and bytes only: these, beside itself, are all it may see of the house.
CORE_SEES = {
    "avrojet.errors",
    "avrojet.failures",
    "avrojet.frozen",
    "avrojet.limits",
    "avrojet.messages",
    "avrojet.values",
    "avrojet.varint",
}
PLAN_SEES = CORE_SEES | {"avrojet.plan.steps"}
# Methods that reach up on purpose, since users look for them there: (file, room that it reaches) -> method.
DOORS = {
    ("avrojet.schema.parse", "avrojet.typed"): "parse_schema, which takes a class in the place of a schema",
    ("avrojet.plan.check", "avrojet.witness"): "check_compatibility(witness=True), which encodes and reads",
    ("avrojet.datum", "avrojet.columns"): "Decoder.decode_arrow, Encoder.encode_arrow",
    ("avrojet.container.reader", "avrojet.columns"): "DataFileReader.to_arrow",
    ("avrojet.container.writer", "avrojet.columns"): "DataFileWriter.write_arrow",
    ("avrojet.container.files", "avrojet.columns"): "write_arrow, which DataFileWriter.write_arrow serves",
}
# Facades do not know each other, but for one: what confluent-kafka's serializers take and return, and what
# they raise, is fastavro's, which they call. Whoever changes the one changes what the other is held to.
FACADES = ["avrojet.compat.avro", "avrojet.compat.confluent", "avrojet.compat.fastavro"]
STANDS_ON = [("avrojet.compat.confluent", "avrojet.compat.fastavro")]
APART = [pair for pair in permutations(FACADES, 2) if pair not in STANDS_ON]

CYTHON_IMPORT = re.compile(
    r"^\s*(?:from\s+(avrojet[\w.]*)\s+c?import\s*\(?(.*)|c?import\s+(avrojet[\w.]*))", re.MULTILINE
)
FILES = package_files(".py", ".pyi", ".pyx", ".pxd")
KNOWN = frozenset(MODULES)


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")


def room_of(module: str) -> str:
    """The innermost room that the module is in."""
    room = module
    while room not in FLOORS or (room == "avrojet" != module):
        room, dot, _ = room.rpartition(".")
        assert dot, f"{module} stands on no floor: add it to FLOORS"
    return room


def floor(module: str) -> int:
    return FLOORS[room_of(module)]


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Those within, however deep; what they are made of is left out, as most of a tree is that."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield child
            yield from statements(child)


def python_imports(path: Path) -> Iterator[str]:
    for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (resolved(node.module or "", alias.name) for alias in node.names)


def cython_imports(path: Path) -> Iterator[str]:
    for found in CYTHON_IMPORT.finditer(cython_code(path)):
        module = found[1] or found[3]
        yield from (resolved(module, name) for name in re.findall(r"\w+", found[2] or "") or [""])


def resolved(module: str, name: str) -> str:
    """What `from module import name` reaches: a module of that name, or something in the module."""
    return f"{module}.{name}" if f"{module}.{name}" in KNOWN else module


@cache
def imports(path: Path) -> set[str]:
    found = cython_imports(path) if path.suffix in {".pyx", ".pxd"} else python_imports(path)
    return {module for module in found if within(module, "avrojet")}


@for_each("path", FILES, ids=lambda path: module_name(path) + path.suffix)
def test_a_file_imports_from_its_own_floor_or_below(path):
    module = module_name(path)
    above = {other for other in imports(path) if floor(other) > floor(module)}
    assert not {other for other in above if (module, room_of(other)) not in DOORS}


def test_every_door_is_in_use():
    reached = {
        (module_name(path), room_of(other))
        for path in FILES
        for other in imports(path)
        if floor(other) > floor(module_name(path))
    }
    assert set(DOORS) == reached


def test_rooms_of_one_floor_form_no_circle():
    arrows: dict[str, set[str]] = {}
    for path in FILES:
        room = room_of(module_name(path))
        others = {room_of(other) for other in imports(path)} - {room}
        arrows.setdefault(room, set()).update(other for other in others if FLOORS[other] == FLOORS[room])
    assert not circles(arrows)


def circles(arrows: dict[str, set[str]]) -> set[str]:
    """The rooms in a circle or above one: what is left when those that need nothing more are taken out."""
    left = dict(arrows)
    while free := [room for room, others in left.items() if not others & set(left)]:
        for room in free:
            del left[room]
    return set(left)


@for_each("path", [path for path in FILES if CORE in path.parents], ids=lambda path: path.name)
def test_the_core_sees_only_itself_and_the_ground(path):
    sees = PLAN_SEES if path.name == "plan.pyx" else CORE_SEES
    # A stub tells the types of what callers hand over, which the compiled code need not know.
    sees = sees | {"avrojet.plan.steps", "avrojet.schema.model"} if path.suffix == ".pyi" else sees
    assert {module for module in imports(path) if not within(module, "avrojet.core")} <= sees


@pytest.mark.parametrize("rooms", APART, ids=" and ".join)
def test_rooms_that_stand_apart_do_not_know_each_other(rooms):
    here, there = rooms
    for path in FILES:
        if within(module_name(path), here):
            assert not {module for module in imports(path) if within(module, there)}, path


def test_all_facades_are_known():
    folders = {path.parent.name for path in FILES if path.parent.parent.name == "compat"}
    assert folders - {"legacy"} == {facade.rpartition(".")[2] for facade in FACADES}


def test_the_walk_sees_imports(tmp_path):
    """The rules above hold nothing if the walk finds nothing."""
    python, cython = tmp_path / "a.py", tmp_path / "b.pyx"
    python.write_text("def f():\n    from avrojet.schema import parse\n    import avrojet.errors\n")
    cython.write_text(
        '"""from avrojet.cli import x"""\nfrom avrojet.core.ground.cursor cimport *\n'
        "from avrojet.core import plan\n"
    )
    assert imports(python) == {resolved("avrojet.schema", "parse"), "avrojet.errors"}
    assert imports(cython) == {"avrojet.core.ground.cursor", "avrojet.core.plan"}
    assert floor("avrojet.core.rows.decode") == 3
    assert floor("avrojet") == 7
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == {"a", "b", "c"}
    with pytest.raises(AssertionError, match="no floor"):
        floor("avrojet.attic")
