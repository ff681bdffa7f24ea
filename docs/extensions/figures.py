"""Mermaid's flowcharts and class diagrams as SVG, drawn when the site is built: pages need no script.

What is understood is what the pages have: nodes `a`, `a["text"]`, edges `-->`, `-.->`, `-- "text" -->` in
chains, and classes with their members and relations. What is not is an error: no figure is wrong in silence.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

LINE, LETTER = 17, 7.1  # pixels: of a line of text, and of a letter of it, on average
PAD, GAP, ACROSS = 10, 46, 22  # within a box; between layers, more where an edge has a text; between boxes


@dataclass
class Box:
    """A node: its lines, of which the first `titles` are its heading; none for the bend of a long edge."""

    lines: list[str]
    titles: int = 0
    layer: int = 0
    x: float = 0
    y: float = 0

    @property
    def width(self) -> float:
        return max(map(len, self.lines)) * LETTER + 2 * PAD if self.lines else 0

    @property
    def height(self) -> float:
        return len(self.lines) * LINE + 2 * PAD - 4 if self.lines else 4


@dataclass
class Edge:
    start: str
    end: str
    text: str = ""
    dashed: bool = False
    way: list[str] = field(default_factory=list)
    """The boxes that it goes through, bends among them."""


@dataclass
class Graph:
    boxes: dict[str, Box] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def box(self, name: str, text: str | None = None) -> str:
        if name not in self.boxes or text is not None:
            self.boxes[name] = Box(_wrapped(text if text is not None else name))
        return name


NODE = r'(\w+)(?:\["([^"]*)"\])?'
LINK = r'\s*(?:(-\.)|--)\s*(?:(?:"([^"]*)"|(\w[\w ]*?))\s*(?:\.->|-->|->)|>|->)\s*'


def parse(text: str) -> Graph:
    """The graph of a figure; ValueError for a line that is not understood."""
    kind, *lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if kind.startswith("flowchart"):
        return _flowchart(lines)
    if kind == "classDiagram":
        return _classes(lines)
    raise ValueError(f"no figure of this kind: {kind}")


def _flowchart(lines: list[str]) -> Graph:
    graph = Graph()
    node, link = re.compile(NODE), re.compile(LINK)
    for line in lines:
        found = node.match(line)
        if not found:
            raise ValueError(f"no node: {line}")
        last, place = graph.box(found[1], found[2]), found.end()
        while place < len(line):
            arrow = link.match(line, place)
            target = node.match(line, arrow.end()) if arrow else None
            if not arrow or not target:
                raise ValueError(f"no edge: {line[place:]}")
            end = graph.box(target[1], target[2])
            graph.edges.append(Edge(last, end, arrow[2] or arrow[3] or "", bool(arrow[1])))
            last, place = end, target.end()
    return graph


def _classes(lines: list[str]) -> Graph:
    graph = Graph()
    inside: Box | None = None
    for line in lines:
        if opened := re.fullmatch(r'class (\w+)(?:\["([^"]*)"\])? \{', line):
            graph.box(opened[1], opened[2])
            inside = graph.boxes[opened[1]]
            inside.titles = 1
        elif line == "}":
            inside = None
        elif inside is not None:
            inside.lines.append(line.replace("<<", "\u00ab").replace(">>", "\u00bb"))
        elif related := re.fullmatch(r'(\w+) --> (?:"([^"]*)" )?(\w+)(?: : (.*))?', line):
            many = f" {related[2]}" if related[2] else ""
            graph.edges.append(Edge(related[1], related[3], f"{related[4] or ''}{many}".strip()))
        else:
            raise ValueError(f"not understood: {line}")
    return graph


def _wrapped(text: str) -> list[str]:
    parts = re.sub(r"</?b>", "", text).split("<br>")
    return [line for part in parts for line in textwrap.wrap(part, 20, break_long_words=False) or [""]]


# Layout: layers by the longest way, boxes of a layer in the order that crosses little.


def lay_out(graph: Graph) -> list[list[str]]:
    """Give each box its place; the names of each layer."""
    forward = _without_circles(graph)
    _set_layers(graph, forward)
    for number, edge in enumerate(graph.edges):
        edge.way = list(_way(graph, edge, number))
    layers: list[list[str]] = [[] for _ in range(1 + max(box.layer for box in graph.boxes.values()))]
    for name, box in graph.boxes.items():
        layers[box.layer].append(name)
    links = [pair for edge in forward for pair in pairwise(edge.way)]
    for _ in range(4):
        _order(layers, links)
        _order(layers[::-1], [(end, start) for start, end in links])
    _place(graph, layers)
    return layers


def _without_circles(graph: Graph) -> list[Edge]:
    """The edges but those that lead back to where a walk came from."""
    state: dict[str, int] = {}
    kept: list[Edge] = []

    def walk(name: str) -> None:
        state[name] = 1
        for edge in graph.edges:
            if edge.start == name and state.get(edge.end) != 1:
                kept.append(edge)
                if edge.end not in state:
                    walk(edge.end)
        state[name] = 2

    for name in graph.boxes:
        if name not in state:
            walk(name)
    return kept


def _set_layers(graph: Graph, forward: list[Edge]) -> None:
    for _ in graph.boxes:
        for edge in forward:
            end = graph.boxes[edge.end]
            end.layer = max(end.layer, graph.boxes[edge.start].layer + 1)
    # What nothing leads to stands just before what it leads to.
    for name, box in graph.boxes.items():
        nexts = [graph.boxes[edge.end].layer for edge in forward if edge.start == name]
        if nexts and not any(edge.end == name for edge in forward):
            box.layer = min(nexts) - 1


def _way(graph: Graph, edge: Edge, number: int) -> Iterator[str]:
    """The boxes of an edge, with a bend in each layer that it passes."""
    first, last = graph.boxes[edge.start].layer, graph.boxes[edge.end].layer
    yield edge.start
    for layer in range(first + 1, last):
        name = f"bend {number} {layer}"
        graph.boxes[name] = Box([], layer=layer)
        yield name
    yield edge.end


def _order(layers: list[list[str]], links: list[tuple[str, str]]) -> None:
    for before, layer in pairwise(layers):
        ranks = {name: number for number, name in enumerate(before)}
        own = {name: float(number) for number, name in enumerate(layer)}
        for name in layer:
            found = [ranks[start] for start, end in links if end == name and start in ranks]
            if found:
                own[name] = sum(found) / len(found)
        layer.sort(key=own.__getitem__)


def _place(graph: Graph, layers: list[list[str]]) -> None:
    tall = [sum(graph.boxes[name].height + ACROSS for name in layer) - ACROSS for layer in layers]
    left = 8.0
    for number, layer in enumerate(layers):
        top = 8 + (max(tall) - tall[number]) / 2
        width = max(graph.boxes[name].width for name in layer)
        for name in layer:
            box = graph.boxes[name]
            box.x, box.y = left + (width - box.width) / 2, top
            top += box.height + ACROSS
        texts = [
            edge.text for edge in graph.edges
            if edge.text and edge.start != edge.end and graph.boxes[edge.start].layer == number
        ]  # fmt: skip
        longest = max(
            (len(line) for text in texts for line in textwrap.wrap(text, 14, break_long_words=False)),
            default=0,
        )
        left += width + GAP + longest * LETTER * 0.9


# Drawing


def draw(text: str, title: str = "") -> str:
    """The SVG of a figure."""
    graph = parse(text)
    lay_out(graph)
    boxes = graph.boxes.values()
    width = max(box.x + box.width for box in boxes) + 8
    low = max(box.y + box.height for box in boxes)
    backward = any(graph.boxes[edge.end].layer <= graph.boxes[edge.start].layer for edge in graph.edges)
    height = low + (38 if backward else 8)
    body = [line for edge in graph.edges for line in _edge(graph, edge, low)]
    body += [line for box in boxes if box.lines for line in _box(box)]
    head = (
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-label="{escape(title or _told(graph))}" font-size="13">'
        f"{head}{''.join(body)}</svg>"
    )


def _told(graph: Graph) -> str:
    names = {name: " ".join(box.lines[: box.titles or None]) for name, box in graph.boxes.items()}
    return "; ".join(f"{names[edge.start]} to {names[edge.end]}" for edge in graph.edges)


def _box(box: Box) -> Iterator[str]:
    yield (
        f'<rect class="box" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="5"/>'
    )
    if box.titles:
        y = box.y + PAD + LINE * box.titles - 3
        yield f'<path class="edge" d="M{box.x:.1f} {y:.1f}h{box.width:.1f}"/>'
    for number, line in enumerate(box.lines):
        y = box.y + PAD + LINE * (number + 0.65)
        if box.titles and number >= box.titles:
            yield f'<text x="{box.x + PAD:.1f}" y="{y + 1:.1f}">{escape(line)}</text>'
        else:
            bold = ' font-weight="600"' if box.titles else ""
            middle = box.x + box.width / 2
            yield f'<text x="{middle:.1f}" y="{y:.1f}" text-anchor="middle"{bold}>{escape(line)}</text>'


def _edge(graph: Graph, edge: Edge, low: float) -> Iterator[str]:
    kind = "edge dashed" if edge.dashed else "edge"
    start, end = graph.boxes[edge.start], graph.boxes[edge.end]
    if end.layer <= start.layer:
        points, place = _back(start, end, low)
    else:
        points, place = _on(graph, edge)
    yield f'<path class="{kind}" d="{points}" marker-end="url(#head)"/>'
    lines = textwrap.wrap(edge.text, 14, break_long_words=False) if end.layer > start.layer else [edge.text]
    for number, line in enumerate(lines):
        y = place[1] + (number - (len(lines) - 1) / 2) * 14 - 4
        if line:
            yield (
                f'<text class="label" x="{place[0]:.1f}" y="{y:.1f}" text-anchor="middle" font-size="12">'
                f"{escape(line)}</text>"
            )


def _on(graph: Graph, edge: Edge) -> tuple[str, tuple[float, float]]:
    """Through the bends of an edge, and the place of its text."""
    boxes = [graph.boxes[name] for name in edge.way]
    points = ""
    place = (0.0, 0.0)
    for before, after in pairwise(boxes):
        x1, y1 = before.x + before.width, before.y + before.height / 2
        x2, y2 = after.x, after.y + after.height / 2
        half = (x1 + x2) / 2
        points += f"{'L' if points else 'M'}{x1:.1f} {y1:.1f}"
        points += f"C{half:.1f} {y1:.1f} {half:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        if before is boxes[0]:
            place = (half, (y1 + y2) / 2)
    return points, place


def _back(start: Box, end: Box, low: float) -> tuple[str, tuple[float, float]]:
    """Below everything, to a box before."""
    x1 = start.x + start.width / 2 + (12 if start is end else 0)
    x2 = end.x + end.width / 2 - (12 if start is end else 0)
    y1, y2, under = start.y + start.height, end.y + end.height, low + 18
    points = f"M{x1:.1f} {y1:.1f}C{x1:.1f} {under:.1f} {x1:.1f} {under:.1f} {x1 - 14:.1f} {under:.1f}"
    if start is end:
        points = f"M{x1:.1f} {y1:.1f}C{x1:.1f} {under:.1f} {x2:.1f} {under:.1f} {x2:.1f} {y2:.1f}"
    else:
        points += f"H{x2 + 14:.1f}C{x2:.1f} {under:.1f} {x2:.1f} {under:.1f} {x2:.1f} {y2:.1f}"
    return points, ((x1 + x2) / 2, under + 14)


class Drawn(nodes.General, nodes.Element):
    """An SVG that stands in the page, and its text for formats without pictures."""


def visit_html(self: Any, node: Drawn) -> None:
    self.body.append(f'<figure class="drawn">{node["svg"]}</figure>\n')
    raise nodes.SkipNode


def visit_plain(self: Any, node: Drawn) -> None:
    block = nodes.literal_block(node["text"], node["text"], language="mermaid")
    block.walkabout(self)
    raise nodes.SkipNode


class Mermaid(Directive):
    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        text = "\n".join(self.content)
        try:
            return [Drawn(svg=draw(text), text=text)]
        except ValueError as error:
            raise self.error(str(error)) from None


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_node(Drawn, html=(visit_html, None), text=(visit_plain, None), markdown=(visit_plain, None))
    app.add_directive("mermaid", Mermaid)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
