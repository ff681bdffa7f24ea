"""Apicurio Registry, of which two releases are tested; each has Confluent's interface, and one of its own.

`python -m tests.peers.apicurio_registry 2` fetches release 2, starts it, and says where it is; with
`--fetch` it is only fetched, for the tests. Release 3 needs Java 21.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.peers.service import HEAP, Service, fetch_archive, free_port, in_cache, java, wait_for_enter

RELEASES = {2: ("2.6.13.Final", 17), 3: ("3.3.3", 21)}
"""Of each version, the release and the Java that it needs."""
DELETION = (
    "registry.rest.artifact.deletion.enabled",
    "apicurio.rest.deletion.artifact-version.enabled",
    "apicurio.rest.deletion.artifact.enabled",
)
"""Settings of what may be deleted."""


def lacking(version: int) -> str:
    """What is not there to start a version; nothing if all is there."""
    release, needed = RELEASES[version]
    if java(needed) is None:
        return f"there is no Java {needed} here"
    if in_cache(f"apicurio-{release}") is None:
        return f"Apicurio {release} is not fetched: python -m tests.peers.apicurio_registry {version}"
    return ""


def fetch(version: int) -> None:
    """Fetch a version (about 150 MB)."""
    release, _ = RELEASES[version]
    fetch_archive(f"io.apicurio:apicurio-registry-app:{release}:tar.gz:all", f"apicurio-{release}")


@contextmanager
def running(version: int) -> Iterator[str]:
    """A registry in memory; its URL, without the path of an interface."""
    release, needed = RELEASES[version]
    place, program = in_cache(f"apicurio-{release}"), java(needed)
    assert place is not None
    assert program is not None
    port, management = free_port(), free_port()
    jar = next(iter(place.glob("*-runner.jar")), place / "quarkus-run.jar")
    options = [
        "-Dquarkus.http.host=127.0.0.1",
        f"-Dquarkus.http.port={port}",
        "-Dquarkus.management.host=127.0.0.1",
        f"-Dquarkus.management.port={management}",
        "-Dquarkus.otel.sdk.disabled=true",
        "-Dapicurio.storage.kind=sql",
        "-Dapicurio.storage.sql.kind=h2",
        *(f"-D{name}=true" for name in DELETION),
    ]
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        try:
            with urlopen(f"{url}/apis/registry/v{version}/system/info", timeout=2) as answer:
                return bool(answer.status == 200)
        except HTTPError as error:
            error.close()
            return False
        except OSError:
            return False

    command = [program, *HEAP, *options, "-jar", str(jar)]
    with tempfile.TemporaryDirectory() as folder, Service(command, ready, Path(folder)):
        yield url


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    fetch(asked)
    if "--fetch" not in sys.argv:
        with running(asked) as where:
            wait_for_enter(f"Apicurio {asked}: {where}")
