"""Plans: what to do with bytes of a writer's schema for a reader who wants another. Floor 2."""

from __future__ import annotations

from avrojet.plan.defaults import encode_default
from avrojet.plan.resolve import resolve

__all__ = ["encode_default", "resolve"]
