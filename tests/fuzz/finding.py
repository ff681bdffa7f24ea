"""What an oracle raises."""

from __future__ import annotations


class Finding(AssertionError):
    """An input for which the library does not keep a promise."""
