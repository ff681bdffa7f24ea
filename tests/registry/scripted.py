"""A registry that counts what it is asked, and can be made to fail."""

from __future__ import annotations

from collections import Counter
from typing import Any

from avrojet.registry import MemoryRegistry


class Scripted:
    """What a MemoryRegistry has; `failing` is raised while it is set."""

    def __init__(self, registry: MemoryRegistry | None = None) -> None:
        self.registry = registry or MemoryRegistry()
        self.asked: Counter[str] = Counter()
        self.failing: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.registry, name)

        def call(*arguments: Any, **options: Any) -> Any:
            self.asked[name] += 1
            if self.failing is not None:
                raise self.failing
            return method(*arguments, **options)

        return call if callable(method) else method
