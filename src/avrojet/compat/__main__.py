"""Run a program with a facade installed: ``python -m avrojet.compat fastavro -m MODULE ...``."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from avrojet.compat import install

USAGE = "usage: python -m avrojet.compat LIBRARY (-m MODULE | FILE) [ARGUMENT ...]"
HELP = f"""{USAGE}

Run a program that imports LIBRARY (avro, confluent or fastavro) on avrojet. The program is not changed.

examples:
  python -m avrojet.compat fastavro program.py one two
  python -m avrojet.compat fastavro -m package.module"""


def main(arguments: list[str]) -> None:
    """Install the facade, then run the program as ``__main__`` with the arguments after it."""
    if arguments[:1] in (["-h"], ["--help"]):
        sys.stdout.write(f"{HELP}\n")
        return
    if len(arguments) < 2 or (arguments[1] == "-m" and len(arguments) < 3):
        sys.exit(USAGE)
    if arguments[1] != "-m" and not Path(arguments[1]).exists():
        sys.exit(f"{arguments[1]}: there is no such file; a module is given with -m")
    try:
        install(arguments[0])
    except ValueError as error:
        sys.exit(f"{error}\n{USAGE}")
    if arguments[1] == "-m":
        sys.argv = arguments[2:]
        runpy.run_module(_found(arguments[2], arguments[0]), run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments[1:]
        runpy.run_path(arguments[1], run_name="__main__")


def _found(module: str, facade: str) -> str:
    """The name under which a module is run: a module of the facade itself is avrojet's, imported anew."""
    if not module.startswith(f"{facade}."):
        return module
    sys.modules.pop(f"avrojet.compat.{module}", None)
    return f"avrojet.compat.{module}"


if __name__ == "__main__":
    main(sys.argv[1:])
