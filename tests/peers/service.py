"""Servers in Java that tests talk to: fetched with Maven, started, waited for, stopped.

Nothing is downloaded unless :func:`fetch_archive` or :func:`fetch_jars` is called: what is there is in the
cache of :mod:`tests.peers.environment` (AVROJET_PEERS).
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from tests.peers.environment import cache

HEAP = ("-Xmx400m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_PATIENCE = 90.0  # seconds until a server is ready, on a busy machine


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def java(release: int) -> str | None:
    """A Java of that release or a newer one: that of PATH, else one that is installed beside it."""
    places = [shutil.which("java"), *map(str, sorted(Path("/usr/lib/jvm").glob("*/bin/java")))]
    return next((place for place in places if place and _release(place) >= release), None)


def _release(program: str) -> int:
    done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', done.stderr)
    return int(found[1]) if found else 0


def fetch_archive(artifact: str, name: str) -> Path:
    """Unpack an archive of Maven's, such as ``group:artifact:version:tar.gz:classifier``, into the cache."""
    place = cache() / name
    if not (place / "complete").exists():
        place.mkdir(exist_ok=True)
        command = [
            "mvn",
            "-q",
            "-B",
            "dependency:copy",
            f"-Dartifact={artifact}",
            f"-DoutputDirectory={place}",
        ]
        subprocess.run(command, check=True, stdout=sys.stderr)
        for archive in place.glob("*.tar.gz"):
            with tarfile.open(archive) as packed:
                packed.extractall(place, filter="data")
            archive.unlink()
        (place / "complete").touch()
    return place


def fetch_jars(dependency: str, name: str) -> Path:
    """Copy a jar of Maven's, ``group:artifact:version``, and what it needs, into the cache."""
    place = cache() / name
    if not (place / "complete").exists():
        place.mkdir(exist_ok=True)
        group, artifact, version = dependency.split(":")
        (place / "pom.xml").write_text(
            '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
            "<groupId>avrojet</groupId><artifactId>peer</artifactId><version>1</version><dependencies><dependency>"
            f"<groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
            "</dependency></dependencies></project>",
            encoding="utf-8",
        )
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={place}"]
        subprocess.run(command, cwd=place, check=True, stdout=sys.stderr)
        (place / "complete").touch()
    return place


def in_cache(name: str) -> Path | None:
    """Where something has been fetched to; None if it has not."""
    place = cache() / name
    return place if (place / "complete").exists() else None


class Service:
    """A server in a process of its own, which is stopped at the end of ``with``.

    :param command: what starts it.
    :param ready: whether it answers; it is asked until it does.
    :param folder: where it runs; its output goes to ``log.txt`` there.
    """

    def __init__(self, command: Sequence[str], ready: Callable[[], bool], folder: Path) -> None:
        self._command = command
        self._ready = ready
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self._folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                list(self._command), cwd=self._folder, stdout=log, stderr=subprocess.STDOUT
            )
        began = time.monotonic()
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() - began > _PATIENCE:
                self.stop()
                log_text = (self._folder / "log.txt").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"{self._command[0]} is not ready:\n{log_text[-3000:]}")
            time.sleep(0.2)

    def stop(self, *, hard: bool = False) -> None:
        """End it, as an operator would, or as a crash does."""
        process, self._process = self._process, None
        if process is not None:
            (process.kill if hard else process.terminate)()
            process.wait(60)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()


def listens(port: int) -> bool:
    """Whether something listens at a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for_enter(what: str) -> None:
    """Tell where a server is, and keep it until the user has enough."""
    print(what, "(Enter stops it)", flush=True)
    sys.stdin.readline()
