"""Virtual environments for other projects' programs, made once and kept.

They stand in AVROJET_PEERS, else in a directory below the system's one for temporary files. avrojet and
the facade are found through PYTHONPATH: the avrojet that runs the script is the one that is tested.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

import avrojet

HERE = Path(__file__).resolve().parent
SHIM = HERE / "shim"


def cache() -> Path:
    """Where downloads and environments are kept."""
    place = Path(os.environ.get("AVROJET_PEERS") or Path(tempfile.gettempdir(), "avrojet-peers"))
    place.mkdir(parents=True, exist_ok=True)
    return place


def environment(requirements: Sequence[str]) -> Path:
    """The Python of an environment that has the packages."""
    key = hashlib.sha256("\n".join([sys.version, *sorted(requirements)]).encode()).hexdigest()[:16]
    place = cache() / f"venv-{key}"
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    complete = place / "complete"
    if not complete.exists():
        venv.create(place, clear=True, with_pip=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
        subprocess.run(install, check=True)
        complete.touch()
    return python


def avrojet_path(*before: Path) -> dict[str, str]:
    """The environment variables of a process that finds the avrojet that runs here.

    It stands alone in a directory of links: beside it there may be other packages, fastavro for one.
    """
    package = Path(avrojet.__file__).resolve().parent
    alone = cache() / f"avrojet-{hashlib.sha256(str(package).encode()).hexdigest()[:16]}"
    alone.mkdir(exist_ok=True)
    if not (alone / "avrojet").exists():
        (alone / "avrojet").symlink_to(package, target_is_directory=True)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*before, alone)))}


def facade_path() -> dict[str, str]:
    """The environment variables of a process in which ``import fastavro`` gives the facade."""
    return avrojet_path(SHIM)
