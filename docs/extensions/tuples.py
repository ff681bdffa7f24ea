"""Fields of named tuples are described by their class; Python says only "Alias for field number 0"."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def skipped(app: Sphinx, what: str, name: str, thing: Any, *others: Any) -> bool | None:
    """True for such a field; None leaves the choice to Sphinx."""
    return (getattr(thing, "__doc__", None) or "").startswith("Alias for field number") or None


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-skip-member", skipped)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
