"""References of docstrings.

Docstrings name pages as files of the tree (`docs/howto/convert.md`): on the site these are links. What a
docstring refers to in its prose must be there. Types in signatures without a page are named as they are.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains import Domain

PAGE = re.compile(r"`{0,2}\bdocs/([\w/-]+)\.md`{0,2}")


def link_pages(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    lines[:] = [PAGE.sub(r":doc:`/\1`", line) for line in lines]


def pass_over_types(app: Sphinx, domain: Domain | None, node: pending_xref) -> bool | None:
    """True for a type, which has no markup of its own: a role in prose shows its text as code."""
    is_type = node.get("reftype") in ("class", "obj") and not isinstance(node[0], nodes.literal)
    return True if is_type else None


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", link_pages)
    app.connect("warn-missing-reference", pass_over_types)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
