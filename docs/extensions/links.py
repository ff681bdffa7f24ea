"""Docstrings name pages as files of the tree (`docs/howto/convert.md`): on the site these are links."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

PAGE = re.compile(r"`{0,2}\bdocs/([\w/-]+)\.md`{0,2}")


def process(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    lines[:] = [PAGE.sub(r":doc:`/\1`", line) for line in lines]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", process)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
