"""What all tests share: hypothesis profiles, the files of other implementations, and runs in two parts.

An exception that nobody can catch ("Exception ignored in ...", as a destructor or a `noexcept` routine of the
core makes it) fails its test: pytest warns of it, and pyproject.toml turns warnings into errors.
"""

from __future__ import annotations

import gc
import shutil
import signal
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
settings.register_profile("few", derandomize=True, max_examples=25, **_PATIENT)  # with `-m "not slow"`
settings.register_profile("fresh", **_PATIENT)
settings.register_profile("long", max_examples=20_000, **_PATIENT)
settings.load_profile("fixed")


# Processes of the background ignore Ctrl-C, and so would those that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Let no collection of garbage look through the tests themselves, tens of thousands of them."""
    gc.collect()
    gc.freeze()


# A run in two parts: `--passed FILE` first without the libraries of `test-peers`, then with them.


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "leave out the tests that FILE names, and add to it those that pass"
    parser.addoption("--passed", type=Path, metavar="FILE", help=text)


def pytest_configure(config: pytest.Config) -> None:
    if config.option.markexpr == "not slow" and config.getoption("--hypothesis-profile") is None:
        settings.load_profile("few")
    file: Path | None = config.getoption("--passed")
    if file is not None:
        config.pluginmanager.register(_Passed(file, writes=not hasattr(config, "workerinput")))


class _Passed:
    """The tests that have passed, in a file: an id per line."""

    def __init__(self, file: Path, *, writes: bool) -> None:
        self._file = file
        self._writes = writes  # the workers of xdist do not
        self._before = set(file.read_text(encoding="utf-8").splitlines()) if file.exists() else set()
        self._now: list[str] = []

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        def is_left_out(item: pytest.Item) -> bool:
            return item.nodeid in self._before and item.get_closest_marker("more_with_peers") is None

        config.hook.pytest_deselected(items=[item for item in items if is_left_out(item)])
        items[:] = [item for item in items if not is_left_out(item)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self._now.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        if self._writes:
            with self._file.open("a", encoding="utf-8") as file:
                file.writelines(f"{each}\n" for each in self._now)


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
