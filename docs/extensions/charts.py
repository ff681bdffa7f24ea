"""The charts of the benchmarks' page, drawn from the results in the repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from benchmarks import chart
from benchmarks.columns import results as columns
from benchmarks.results import Results

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"


def _rows() -> str:
    return chart.draw(Results.load(RESULTS / "latest.json"))


def _columns() -> str:
    return chart.draw_columns(columns.Results.load(RESULTS / "columns.json"))


def _programs() -> str:
    return chart.draw_programs(json.loads((RESULTS / "downstream.json").read_text(encoding="utf-8")))


CHARTS = {"rows": _rows, "columns": _columns, "programs": _programs}


class Chart(nodes.General, nodes.Element):
    """A picture, which is a file beside the page."""


def visit_html(self: Any, node: Chart) -> None:
    folder = Path(self.builder.outdir) / "_images"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{node['name']}.svg").write_text(node["svg"], encoding="utf-8")
    source = f"{'../' * self.builder.current_docname.count('/')}_images/{node['name']}.svg"
    self.body.append(f'<p><img src="{source}" alt="{node["told"]}"/></p>\n')
    raise nodes.SkipNode


def visit_plain(self: Any, node: Chart) -> None:
    raise nodes.SkipNode


class ChartDirective(Directive):
    """`{chart} rows`, with what it shows in words as its content."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        self.state.document.settings.env.note_dependency(str(RESULTS))
        return [Chart(name=name, svg=CHARTS[name](), told=" ".join(self.content).replace('"', "'"))]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_node(Chart, html=(visit_html, None), text=(visit_plain, None), markdown=(visit_plain, None))
    app.add_directive("chart", ChartDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
