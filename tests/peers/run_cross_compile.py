"""Give the C files that Cython made to the compilers of other platforms.

`python -m tests.peers.run_cross_compile [TARGET ...]` needs a build (`build/cython`) and ziglang, which has
the headers of every platform's C library. Files are compiled and no more: nothing is optimised, described
for debuggers, linked or kept. Each target says how it went once it is done; one for which Python's own
header does not compile is skipped, with the reason. That header is this machine's, so Windows, whose long
has 32 bits, cannot be asked.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from os import cpu_count
from pathlib import Path
from tempfile import TemporaryDirectory

TREE = Path(__file__).parents[2]
MADE = TREE / "build" / "cython"
TARGETS = ("aarch64-linux-gnu", "aarch64-linux-musl", "x86_64-linux-musl", "aarch64-macos", "x86_64-macos")
HEADERS = {str(header.parent) for header in (TREE / "src").rglob("*.h")}
FLAGS = (
    *("-c", "-O0", "-g0", "-fno-sanitize=all", "-w", "-DCYTHON_WITHOUT_ASSERTIONS=1"),
    # Types that do not fit, and what is used but not declared: errors of newer compilers, too.
    "-Werror=incompatible-pointer-types",
    "-Werror=implicit-function-declaration",
    "-Werror=int-conversion",
    *(f"-I{folder}" for folder in (sysconfig.get_path("include"), *sorted(HEADERS))),
)
PATIENCE = 300  # seconds for one file, which takes one or two of a processor


def sources() -> list[Path]:
    """The C files whose sources are still there, the largest first: those are not waited for at the end."""
    made = {file: TREE / file.relative_to(MADE) for file in MADE.rglob("*.c")}
    kept = [file for file, of in made.items() if any(of.with_suffix(end).exists() for end in (".pyx", ".py"))]
    return sorted(kept, key=lambda file: (-file.stat().st_size, file))


def refusal(target: str, file: Path) -> str:
    """What the compiler for a target says of a file; "" if it takes it."""
    with TemporaryDirectory() as folder:
        output = f"{folder}/{file.stem}.o"
        command = [sys.executable, "-m", "ziglang", "cc", "-target", target, *FLAGS, str(file), "-o", output]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return f"{file}: not done after {PATIENCE} s"
    return f"{file}:\n{done.stderr}" if done.returncode else ""


def missing(target: str) -> str:
    """Why nothing can be compiled for a target; "" if it can."""
    with TemporaryDirectory() as folder:
        probe = Path(folder) / "probe.c"
        probe.write_text("#include <Python.h>\n", encoding="utf-8")
        return refusal(target, probe)


def ask(target: str, files: list[Path], pool: ThreadPoolExecutor) -> int:
    """How many files a target refuses, none where it is skipped; says which."""
    if reason := missing(target):
        print(f"{target}: skipped, as Python.h does not compile: {reason}", flush=True)
        return 0
    began = time.monotonic()
    refusals = [*filter(None, pool.map(partial(refusal, target), files))]
    print(*refusals, sep="\n", end="\n" if refusals else "")
    seconds = time.monotonic() - began
    print(f"{target}: {len(files)} files, {len(refusals)} refused, {seconds:.0f} s", flush=True)
    return len(refusals)


def main() -> int:
    files = sources()
    if not files:
        print("there are no C files in build/cython: python setup.py build_ext first")
        return 2
    with ThreadPoolExecutor(cpu_count()) as pool:
        refused = sum(ask(target, files, pool) for target in sys.argv[1:] or TARGETS)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
