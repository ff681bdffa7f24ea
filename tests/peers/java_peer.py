"""Avro for Java, asked many things in one process: tests/peers/java/Peer.java says which."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.peers.environment import HERE, cache

VERSION = "1.12.2"
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>avrojet</groupId><artifactId>peer</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.avro</groupId><artifactId>avro-idl</artifactId><version>{VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.xerial.snappy</groupId><artifactId>snappy-java</artifactId><version>1.1.10.8</version>
    </dependency>
    <dependency>
      <groupId>com.github.luben</groupId><artifactId>zstd-jni</artifactId><version>1.5.7-28</version>
    </dependency>
    <dependency><groupId>org.tukaani</groupId><artifactId>xz</artifactId><version>1.12</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
  </dependencies>
</project>
"""


def lacking() -> str:
    """What of a JDK and Maven there is not; nothing if all is there."""
    missing = [program for program in ("java", "javac", "mvn") if shutil.which(program) is None]
    return f"there is no {' and no '.join(missing)} here" if missing else ""


def ask(what: str, lines: Iterable[str]) -> list[Any]:
    """The answers to the lines."""
    done = subprocess.run(
        ["java", "-cp", f"{classes()}{os.pathsep}{jars()}/*", "Peer", what],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [json.loads(line) for line in done.stdout.split("\n")[:-1]]


def jars(pom: str = POM) -> Path:
    """The directory of Avro for Java and what it needs, or of what another project needs."""
    place = kept("jars", pom)
    if not (place / "complete").exists():
        place.mkdir(exist_ok=True)
        (place / "pom.xml").write_text(pom, encoding="utf-8")
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars"]
        subprocess.run(command, cwd=place, check=True, stdout=sys.stderr)
        (place / "complete").touch()
    return place / "jars"


def classes(name: str = "Peer", pom: str = POM) -> Path:
    """The directory of the peer, or of another program, compiled."""
    source = HERE / "java" / f"{name}.java"
    place = kept("classes", pom + source.read_text(encoding="utf-8"))
    if not (place / "complete").exists():
        subprocess.run(["javac", "-cp", f"{jars(pom)}/*", "-d", place, source], check=True, stdout=sys.stderr)
        (place / "complete").touch()
    return place


def kept(what: str, origin: str) -> Path:
    """The directory of what is made of a text."""
    return cache() / f"java-{what}-{hashlib.sha256(origin.encode()).hexdigest()[:16]}"


def compare_at_random(
    description: str | None,
    kind: str,
    usual: int,
    run: Callable[[int, bool], Counter[str]],
    rules: Sequence[str],
) -> int:
    """The command that compares random things with Java; what it ends with.

    :param kind: what they are, for the help.
    :param usual: how many, where nobody says.
    :param run: called with how many, and whether to show also what is explained; returns how often each rule
        explained a difference, and ``""`` those that none does.
    :param rules: all of them; those that explain nothing any more are failures too, of the usual number.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--random", type=int, default=usual, metavar="N", help=f"random {kind} (%(default)s)")
    parser.add_argument("--show", action="store_true", help="show also what is explained")
    arguments = parser.parse_args()
    if lacking():
        print(f"skipped: {lacking()}")
        return 0
    warnings.simplefilter("ignore")
    found = run(arguments.random, arguments.show)
    print("explained differences:")
    for rule in rules:
        print(f"{found[rule]:6} {rule}")
    unused = [rule for rule in rules if not found[rule]] if arguments.random >= usual else []
    for rule in unused:
        print(f"no different any more: {rule}")
    failed = found[""] + len(unused)
    print(f"{failed} differences that are not known")
    return 1 if failed else 0
