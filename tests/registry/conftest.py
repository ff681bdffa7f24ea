"""A registry over HTTP in this process, and clients of it that are used alike."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

from avrojet.registry import Retries
from avrojet.registry.testing import RegistryServer

AT_ONCE = Retries(wait=0.001, longest=0.5)


@pytest.fixture
def server():
    server = RegistryServer()
    server.start()
    yield server
    server.stop()


class Waiting:
    """A registry for asyncio as one for threads, its calls done one after another in a loop of their own."""

    def __init__(self, registry: Any) -> None:
        self.registry = registry
        self.runner = asyncio.Runner()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.registry, name)
        if not inspect.iscoroutinefunction(method):
            return method
        return lambda *arguments, **options: self.runner.run(method(*arguments, **options))

    def close(self) -> None:
        self.runner.run(self.registry.close())
        self.runner.close()


def client(kind: type[Any], url: str, **options: Any) -> Any:
    """A registry of a class, to be used as one for threads."""
    registry = kind(url, **{"retries": AT_ONCE, "timeout": 2.0, **options})
    return Waiting(registry) if inspect.iscoroutinefunction(registry.by_id) else registry


@pytest.fixture
def clients(server):
    """Makes clients of the server, and closes them."""
    made = []

    def make(kind: type[Any], url: str | None = None, **options: Any) -> Any:
        made.append(client(kind, url or server.url, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()
