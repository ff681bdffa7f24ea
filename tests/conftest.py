"""What all tests share: hypothesis profiles and the files of other implementations.

An exception that nobody can catch ("Exception ignored in ...", as a destructor or a `noexcept` routine of the
core makes it) fails its test: pytest warns of it, and pyproject.toml turns warnings into errors.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from avrojet.container import threads
from tests.certificates import make_certificates
from tests.threads import Started

# No deadlines and no complaints of slowness: a shared machine says nothing about the code.
_PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}

# The same examples every time, so that a failure is the change's; `--hypothesis-profile fresh` looks further.
settings.register_profile("fixed", derandomize=True, **_PATIENT)
settings.register_profile("fresh", **_PATIENT)
settings.register_profile("long", max_examples=20_000, **_PATIENT)
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def shared_testdata() -> Path:
    """The folder of files that other implementations wrote; it stands beside the checkout, not in it."""
    for parent in Path(__file__).resolve().parents:
        folder = parent / "shared" / "testdata"
        if folder.is_dir():
            return folder
    pytest.skip("no folder shared/testdata beside the checkout")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The threads that readers and writers start in the test."""
    watching = Started()
    monkeypatch.setattr(threads, "start_new_thread", watching.start)
    return watching


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, and certificates of a server and of a client."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl here")
    place = tmp_path_factory.mktemp("certificates")
    make_certificates(openssl, place)
    return place
