"""Two names that programs import from here."""

from __future__ import annotations

from random import randbytes
from typing import TypedDict

__all__ = ["TypedDict", "randbytes"]
