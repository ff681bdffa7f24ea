"""Put the C files that Cython made to the compilers of other platforms.

`python -m tests.peers.run_cross_compile [TARGET ...]` needs a build (`build/cython`) and ziglang, which has
the headers of every platform's C library. Python's own headers are those of this machine, so Windows, whose
long has 32 bits, cannot be asked.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from os import cpu_count
from pathlib import Path
from tempfile import TemporaryDirectory

TREE = Path(__file__).parents[2]
TARGETS = ("aarch64-linux-gnu", "aarch64-linux-musl", "x86_64-linux-musl", "aarch64-macos", "x86_64-macos")
FOLDERS = sorted({header.parent for header in (TREE / "src").rglob("*.h")})
# Types that do not fit, what is used and not declared: errors of newer compilers, too.
STRICT = (
    "-Werror=incompatible-pointer-types",
    "-Werror=implicit-function-declaration",
    "-Werror=int-conversion",
)


def complaints(task: tuple[str, Path]) -> str:
    """What the compiler for a target says of a file; "" if it takes it."""
    target, file = task
    with TemporaryDirectory() as folder:
        command = [
            *(
                sys.executable,
                "-m",
                "ziglang",
                "cc",
                "-target",
                target,
                "-O0",
                "-fno-sanitize=all",
                "-w",
                *STRICT,
            ),
            *(f"-I{each}" for each in (sysconfig.get_path("include"), *FOLDERS)),
            *("-DCYTHON_WITHOUT_ASSERTIONS=1", "-c", str(file), "-o", f"{folder}/{file.stem}.o"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"{target}: {file.relative_to(TREE)}\n{done.stderr}" if done.returncode else ""


def _source(file: Path) -> Path:
    return (TREE / file.relative_to(TREE / "build" / "cython")).with_suffix(".py")


def main() -> int:
    made = (TREE / "build" / "cython").rglob("*.c")
    files = sorted(
        file for file in made if _source(file).with_suffix(".pyx").exists() or _source(file).exists()
    )
    if not files:
        print("there are no C files in build/cython: python setup.py build_ext first")
        return 2
    targets = sys.argv[1:] or TARGETS
    with ThreadPoolExecutor(cpu_count()) as pool:
        found = [each for each in pool.map(complaints, product(targets, files)) if each]
    print(*found, sep="\n")
    print(f"{len(files)} files for {len(targets)} platforms: {len(found)} refused")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
