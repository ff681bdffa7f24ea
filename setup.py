"""Build the C extensions: every .pyx below src/avrojet is one, and every .py that has a .pxd.

All else stands in pyproject.toml.

Environment switches, off where unset or empty; after a change of one, build with ``--force``:

AVROJET_DEBUG      no optimisation, debug symbols, assertions on
AVROJET_SANITIZE   address and undefined-behaviour sanitizer (run with libasan and libubsan preloaded)
AVROJET_COVERAGE   line tracing for the Cython.Coverage plugin; the C files stand beside their sources
AVROJET_ANNOTATE   an HTML page per source that shows which lines touch Python objects
"""

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command import build_ext

SOURCE = Path("src")
HEADERS = sorted(str(header) for header in SOURCE.rglob("*.h"))
DEBUG, SANITIZE, COVERAGE, ANNOTATE = (
    bool(os.environ.get(f"AVROJET_{name}")) for name in ("DEBUG", "SANITIZE", "COVERAGE", "ANNOTATE")
)
JOBS = os.cpu_count() or 1


def compiler_flags() -> list[str]:
    if sys.platform == "win32":
        return ["/Od", "/Z7"] if DEBUG else ["/O2"]
    flags = ["-O0", "-g3", "-UNDEBUG"] if DEBUG else ["-O3", "-g0"]
    return [*flags, "-g", "-fno-omit-frame-pointer", *sanitizer_flags()] if SANITIZE else flags


def sanitizer_flags() -> list[str]:
    return ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"] if SANITIZE else []


def macros() -> list[tuple[str, str | None]]:
    tracing = [("CYTHON_TRACE", "1"), ("CYTHON_TRACE_NOGIL", "1")] if COVERAGE else []
    return tracing if DEBUG else [*tracing, ("CYTHON_WITHOUT_ASSERTIONS", "1")]


def sources() -> list[Path]:
    compiled = {path.with_suffix(".py") for path in SOURCE.rglob("*.pxd")}
    return sorted([*SOURCE.rglob("*.pyx"), *filter(Path.exists, compiled)])


def extension(source: Path) -> Extension:
    return Extension(
        ".".join(source.relative_to(SOURCE).with_suffix("").parts),
        [str(source)],
        include_dirs=sorted({str(Path(header).parent) for header in HEADERS}),
        define_macros=macros(),
        depends=HEADERS,
        extra_compile_args=compiler_flags(),
        extra_link_args=sanitizer_flags(),
    )


def translate(extensions: list[Extension]) -> list[Extension]:
    """The same with C files in the place of Cython's."""
    translated: list[Extension] = cythonize(
        extensions,
        build_dir=None if COVERAGE else "build/cython",
        include_path=[str(SOURCE)],
        nthreads=JOBS,
        annotate=ANNOTATE,
        compiler_directives={
            "language_level": 3,
            # Of Python's sequences only, which no hot loop indexes: C arrays and pointers have no bounds.
            "boundscheck": True,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": DEBUG,
            "freethreading_compatible": True,
            "auto_pickle": False,  # what may be pickled says how
            "embedsignature": True,
            "embedsignature.format": "python",
            "linetrace": COVERAGE,
        },
    )
    return translated


class TranslateAndBuild(build_ext.build_ext):
    """Cython runs when extensions are built: a source distribution and its metadata need none of it."""

    def run(self) -> None:
        c_files = {each.name: each.sources for each in translate(self.extensions)}
        for each in self.extensions:
            each.sources = c_files[each.name]
        super().run()


# The guard lets the worker processes of cythonize import this file where they cannot fork.
if __name__ == "__main__":
    setup(
        ext_modules=[extension(source) for source in sources()],
        cmdclass={"build_ext": TranslateAndBuild},
        options={"build_ext": {"parallel": JOBS}},
    )
