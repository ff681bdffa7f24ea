"""The chart of a run: geometric means beside fastavro, as an SVG that reads on light and on dark pages.

Imported by the runner; ``python -m benchmarks.chart FILE`` prints the SVG of a saved result.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.peers import BASELINE
from benchmarks.results import Results, overall

PANELS = (
    ("decode", "Decode one datum"),
    ("encode", "Encode one datum"),
    ("read", "Read a container file"),
    ("write", "Write a container file"),
)
"""Group, which is also its lane -> title. Container files without compression."""

STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .panel { font-weight: 600; }
  .note { font-size: 11px; fill: #59636e; }
  .card { fill: #ffffff; stroke: #d1d9e0; }
  .bar { fill: #9aa7b5; }
  .ours { fill: #d9480f; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .note { fill: #9198a1; }
    .card { fill: #0d1117; stroke: #3d444d; }
    .bar { fill: #57616d; }
    .ours { fill: #ff7a3d; }
  }
"""

WIDTH, MARGIN, GAP = 860, 24, 36
LABEL, NUMBER, BAR, STEP = 92, 56, 15, 22
HEAD, PANEL_HEAD, FOOT = 62, 26, 26


@dataclass(frozen=True)
class Panel:
    """One group: the libraries that took part, and the geometric mean of their speeds."""

    title: str
    speeds: dict[str, float]


def draw(results: Results) -> str:
    """The SVG text; panels of groups that the run did not measure are left out."""
    panels = list(_panels(results))
    rows = [panels[index : index + 2] for index in range(0, len(panels), 2)]
    heights = [PANEL_HEAD + STEP * max(len(panel.speeds) for panel in row) + GAP // 2 for row in rows]
    height = HEAD + sum(heights) + FOOT
    body = [*_heading(results)]
    top = HEAD
    for row, tall in zip(rows, heights, strict=True):
        for column, panel in enumerate(row):
            body += _panel(panel, results, MARGIN + column * (_panel_width() + GAP), top)
        top += tall
    body.append(_text(MARGIN, height - 14, _footer(results), "note"))
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="Speed beside fastavro">',
        f"<style>{STYLE}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _panels(results: Results) -> Iterator[Panel]:
    for group, title in PANELS:
        measured = results.select(group)
        speeds = {
            name: mean.median
            for name in results.libraries
            if (mean := overall(measured, f"{name}/{group}", f"{BASELINE}/{group}"))
        }
        if speeds:
            yield Panel(title, speeds)


def _panel_width() -> int:
    return (WIDTH - 2 * MARGIN - GAP) // 2


def _heading(results: Results) -> Iterator[str]:
    count = len({m.case.workload for m in results.measured})
    yield _text(MARGIN, 28, "Times the speed of fastavro (more is better)", "title")
    yield _text(MARGIN, 46, f"Geometric mean over {count} workloads; files without compression", "note")


def _panel(panel: Panel, results: Results, left: float, top: float) -> Iterator[str]:
    room = _panel_width() - LABEL - NUMBER
    unit = room / max(panel.speeds.values())
    start = left + LABEL
    yield _text(left, top + 14, panel.title, "panel")
    for index, (name, speed) in enumerate(panel.speeds.items()):
        y = top + PANEL_HEAD + index * STEP
        kind = "ours" if name == "avrojet" else "bar"
        yield _text(start - 8, y + 12, results.libraries[name]["label"], end=True)
        length = max(1.0, speed * unit)
        yield f'<rect class="{kind}" x="{start}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"/>'
        yield _text(start + length + 6, y + 12, _times(speed))


def _times(speed: float) -> str:
    return f"{speed:.1f}x" if speed >= 0.95 else f"{speed:.2f}x"


def _footer(results: Results) -> str:
    place = results.machine
    versions = ", ".join(
        f"{info['label']} {next(iter(info['versions'].values()), '')}".strip()
        for info in results.libraries.values()
    )
    return f"{place['processor']}, {place['python']}, {place['date']}: {versions}"


def _text(x: float, y: float, text: str, kind: str = "", *, end: bool = False) -> str:
    anchor = ' text-anchor="end"' if end else ""
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{style}{anchor}>{escape(text)}</text>'


def main() -> None:
    print(draw(Results.load(Path(sys.argv[1]))), end="")


if __name__ == "__main__":
    main()
