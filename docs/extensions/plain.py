"""The format of Markdown: types without markup of each of their parts, and signatures with their asterisk."""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx


def process(app: Sphinx, document: nodes.document, name: str) -> None:
    if app.builder.name != "markdown":
        return
    for kind in (nodes.abbreviation, addnodes.literal_emphasis):
        for node in [*document.findall(kind)]:
            node.replace_self(node.children)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-resolved", process)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
