"""The examples of docs/howto/rpc.md that need a server; tests/test_docs.py runs the others."""

from __future__ import annotations

import asyncio
import re
from importlib import import_module
from pathlib import Path

import pytest

from avrojet import rpc
from tests.rpc.test_async import asynchronous
from tests.rpc.test_calls import Mail, protocol
from tests.rpc.test_web import check_mounted, uvicorn_running

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "rpc.md"
TEXT = PAGE.read_text(encoding="utf-8")


def example(mark, needs=(), **names):
    """Run the example that has some text in it; its names."""
    (found,) = (each for each in re.findall("```python\n(.*?)```", TEXT, re.DOTALL) if mark in each)
    for module in needs:
        pytest.importorskip(module.partition(".")[0])
        import_module(module)
        names[module.partition(".")[0]] = import_module(module.partition(".")[0])
    names |= {"__name__": "page", "rpc": rpc, "protocol": protocol(), "Mail": Mail}
    exec(compile(found, "rpc.md", "exec"), names)
    return names


@asynchronous
async def test_mounting_in_fastapi():
    httpx = pytest.importorskip("httpx")
    app = example("FastAPI()", ["fastapi"])["app"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        transport = rpc.AsyncHttpTransport("http://here/mail/", client=http)
        assert await rpc.AsyncClient(protocol(), transport).send(letter={"to": "ann"})


def test_mounting_in_flask():
    check_mounted(example("Flask(", ["flask", "werkzeug.middleware.dispatcher"])["app"], too_large=False)


def test_the_clients():
    names = ["ann", "bob"]
    with uvicorn_running(rpc.AsgiApplication(rpc.AsyncResponder(protocol(), Mail()))) as url:
        for mark in ("with rpc.Client(", "async with rpc.AsyncClient("):
            blocks = re.findall("```python\n(.*?)```", TEXT, re.DOTALL)
            (found,) = (each for each in blocks if each.startswith(mark) and "http:" in each)
            if mark.startswith("async"):
                pytest.importorskip("httpx")
            body = "\n".join(
                f"    {line}" for line in found.replace("http://localhost:8080/", url).splitlines()
            )
            scope = {"rpc": rpc, "protocol": protocol(), "asyncio": asyncio, "names": names}
            exec(f"async def main():\n{body}\n", scope)
            asyncio.run(scope["main"]())
