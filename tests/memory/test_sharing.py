"""What threads may share, for a moment each; `python -m tests.memory.sharing` goes on for longer."""

from __future__ import annotations

import pytest

from tests.memory.sharing import SHARED, restless
from tests.threads import at_once


@pytest.fixture(autouse=True)
def _restless_threads():
    yield from restless()


@pytest.mark.parametrize("name", SHARED)
def test_what_threads_share(name):
    at_once(SHARED[name](), threads=4, until=lambda done: done == 5)
