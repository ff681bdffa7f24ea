"""The files of this tree, as the rules of tests/repo read them."""

from __future__ import annotations

import re
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
SOURCE = TREE / "src"
PACKAGE = SOURCE / "avrojet"
CORE = PACKAGE / "core"


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_files(*suffixes: str) -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*") if path.suffix in suffixes)


# Every module by name; one that is compiled counts like any other, one that runs when imported does not.
MODULES = sorted(module_name(path) for path in package_files(".py", ".pyx") if path.stem != "__main__")

_NO_CODE = re.compile(r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|#[^\n]*', re.DOTALL)


def cython_code(path: Path) -> str:
    """The text of a Cython file with its strings and comments blanked, its lines kept."""
    return _NO_CODE.sub(lambda found: "\n" * found.group().count("\n"), path.read_text(encoding="utf-8"))


# Modules that stand on a library: without it they say so.
HOSTED = {
    "daft", "dask", "pandas", "polars", "ray", "spark", "spark_columns", "spark_options", "spark_stream",
    "spark_types",
}  # fmt: skip
