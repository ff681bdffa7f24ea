"""The two parsers of answers over HTTP: a module that uses the fixture is tested with either."""

from __future__ import annotations

import pytest

from avrojet.rpc import http1
from avrojet.rpc.http_answers import FastAnswers, PlainAnswers


@pytest.fixture(params=["httptools", "http.client"], scope="module")
def parser(request):
    """The name of the library that parses."""
    if request.param == "httptools":
        pytest.importorskip("httptools", reason="httptools is not installed")
    kind = FastAnswers if request.param == "httptools" else PlainAnswers
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http1, "kind_of_answers", lambda: kind)
        yield request.param
