"""Serializers of registries for Java, over a registry of one schema: each is asked in one process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.peers.environment import HERE
from tests.peers.java_peer import kept
from tests.peers.service import fetch_jars, in_cache


@dataclass(frozen=True)
class Serdes:
    """One library of serializers.

    :ivar artifact: of Maven's.
    :ivar program: the class in tests/peers/java that asks them.
    :ivar schema_id: what the registry knows the schema by.
    """

    artifact: str
    program: str
    framings: tuple[str, ...]
    encodings: tuple[str, ...]
    schema_id: str

    @property
    def jars(self) -> Path:
        """The directory of the library and what it needs."""
        name = self.artifact.split(":")[1]
        return in_cache(name) or fetch_jars(self.artifact, name)

    def classes(self) -> Path:
        """The directory of the program, compiled."""
        sources = [HERE / "java" / f"{name}.java" for name in (self.program, "Datum")]
        place = kept(
            self.program, self.artifact + "".join(each.read_text(encoding="utf-8") for each in sources)
        )
        if not (place / "complete").exists():
            command = ["javac", "-cp", f"{self.jars}/*", "-d", place, *sources]
            subprocess.run(command, check=True, stdout=sys.stderr)
            (place / "complete").touch()
        return place

    def ask(self, lines: Sequence[str]) -> list[str]:
        """The answers to the lines."""
        done = subprocess.run(
            ["java", "-cp", f"{self.classes()}{os.pathsep}{self.jars}/*", self.program],
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.split("\n")[:-1]


APICURIO = Serdes(
    "io.apicurio:apicurio-registry-serdes-avro-serde:2.6.13.Final",
    "ApicurioSerdes",
    ("apicurio", "apicurio-4", "apicurio-headers", "apicurio-content-headers"),
    ("BINARY", "JSON"),
    "1234567",
)
GLUE = Serdes(
    "software.amazon.glue:schema-registry-serde:1.1.25",
    "GlueSerdes",
    ("glue", "glue-zlib"),
    ("BINARY",),
    "0f9a8b7c-1122-3344-5566-778899aabbcc",
)
