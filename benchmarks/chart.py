"""The charts of saved runs: geometric means, as SVGs that read on light and on dark pages.

Imported by the runner and by the site; ``python -m benchmarks.chart FILE`` prints the SVG of a saved result.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.columns import results as columns
from benchmarks.peers import BASELINE
from benchmarks.results import Results, geometric_mean, overall

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
    """Bars under a title: what each is called -> its length. avrojet's own is marked."""

    title: str
    bars: dict[str, float]
    ours: str = "avrojet"


@dataclass(frozen=True)
class Chart:
    """Panels in two columns, or below each other where their names are long."""

    title: str
    note: str
    footer: str
    panels: list[Panel]
    label: int = LABEL
    """The width that names of bars have."""

    def svg(self) -> str:
        """The text of the SVG."""
        rows = [self.panels[index : index + 2] for index in range(0, len(self.panels), 2)]
        heights = [PANEL_HEAD + STEP * max(len(panel.bars) for panel in row) + GAP // 2 for row in rows]
        foot = textwrap.wrap(self.footer, 130)
        height = HEAD + sum(heights) + FOOT + 14 * (len(foot) - 1)
        body = [_text(MARGIN, 28, self.title, "title"), _text(MARGIN, 46, self.note, "note")]
        top = HEAD
        for row, tall in zip(rows, heights, strict=True):
            for column, panel in enumerate(row):
                body += self._panel(panel, MARGIN + column * (_panel_width() + GAP), top)
            top += tall
        for number, line in enumerate(reversed(foot)):
            body.append(_text(MARGIN, height - 14 * (number + 1), line, "note"))
        size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(self.title)}">',
            f"<style>{STYLE}</style>",
            f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
            *body,
            "</svg>",
        ]
        return "\n".join(lines) + "\n"

    def _panel(self, panel: Panel, left: float, top: float) -> Iterator[str]:
        room = _panel_width() - self.label - NUMBER
        unit = room / max(panel.bars.values())
        start = left + self.label
        yield _text(left, top + 14, panel.title, "panel")
        for index, (name, value) in enumerate(panel.bars.items()):
            y = top + PANEL_HEAD + index * STEP
            kind = "ours" if name == panel.ours else "bar"
            yield _text(start - 8, y + 12, name, end=True)
            length = max(1.0, value * unit)
            yield f'<rect class="{kind}" x="{start}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"/>'
            yield _text(start + length + 6, y + 12, _times(value))


def draw(results: Results) -> str:
    """Rows: one datum, and files; panels of groups that the run did not measure are left out."""
    count = len({m.case.workload for m in results.measured})
    versions = [
        f"{info['label']} {next(iter(info['versions'].values()), '')}".strip()
        for info in results.libraries.values()
    ]
    return Chart(
        "Times the speed of fastavro (more is better)",
        f"Geometric mean over {count} workloads; files without compression",
        _footer(results.machine, versions),
        list(_panels(results)),
    ).svg()


def _panels(results: Results) -> Iterator[Panel]:
    ours = results.libraries.get("avrojet", {}).get("label", "")  # --peers may leave it out
    for group, title in PANELS:
        measured = results.select(group)
        speeds = {
            info["label"]: mean.median
            for name, info in results.libraries.items()
            if (mean := overall(measured, f"{name}/{group}", f"{BASELINE}/{group}"))
        }
        if speeds:
            yield Panel(title, speeds, ours)


def draw_columns(results: columns.Results) -> str:
    """Files read as Arrow columns. fastavro, whose bar would leave no room for the others, is left out."""
    files = [one for one in results.measured if not one.large]
    panels = []
    for cores in results.options["cores"]:
        for what in results.options["columns"]:
            lane = f"{cores}/{what}"
            times = {"avrojet": 1.0}
            for peer in results.peers:
                ratios = [one.speeds(f"avrojet/{lane}", f"{peer}/{lane}") for one in files]
                if peer != BASELINE and (mean := columns.overall(ratios)):
                    times[peer] = mean.median
            where = "one core" if cores == 1 else f"{cores} cores"
            panels.append(Panel(f"{'All' if what == 'all' else 'Some'} columns, {where}", times))
    shapes, codecs = len({one.shape for one in files}), len({one.codec for one in files})
    named = [
        f"{name} {versions.get(name, '')}".strip()
        for name, versions in results.libraries.items()
        if name in ("avrojet", *results.peers) and name != BASELINE
    ]
    return Chart(
        "Files as Arrow columns: time that each takes, as a multiple of avrojet's (less is better)",
        f"Geometric mean over {shapes} shapes of records and {codecs} codecs: of those that each can read",
        _footer(results.machine, named),
        panels,
    ).svg()


def draw_programs(results: dict[str, Any]) -> str:
    """Packages that were written for fastavro, with avrojet in its place."""
    bars = {}
    for program in results["programs"]:
        ratios = []
        for case in program.get("cases", ()):
            if "times" in case:
                theirs, ours = case["times"]["fastavro"], case["times"]["avrojet"]
                ratios.append(median(t["cpu"] / o["cpu"] for t, o in zip(theirs, ours, strict=True)))
        if ratios:
            bars[program["version"]] = geometric_mean(ratios)
    half = (len(bars) + 1) // 2
    names = list(bars)
    return Chart(
        "Programs written for fastavro, with avrojet in its place: times as fast (more is better)",
        "Geometric mean over the calls of each package that are measured, by processor time",
        _footer(results["machine"], []),
        [Panel("", {name: bars[name] for name in part}) for part in (names[:half], names[half:])],
        label=252,
    ).svg()


def _panel_width() -> int:
    return (WIDTH - 2 * MARGIN - GAP) // 2


def _times(speed: float) -> str:
    return f"{speed:.1f}x" if speed >= 0.95 else f"{speed:.2f}x"


def _footer(place: dict[str, Any], versions: list[str]) -> str:
    where = f"{place['processor']}, {place['cores']} cores, {place['python']}, {place['date']}"
    return f"{where}: {', '.join(versions)}" if versions else where


def _text(x: float, y: float, text: str, kind: str = "", *, end: bool = False) -> str:
    anchor = ' text-anchor="end"' if end else ""
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{style}{anchor}>{escape(text)}</text>'


def main() -> None:
    print(draw(Results.load(Path(sys.argv[1]))), end="")


if __name__ == "__main__":
    main()
