"""A run as tables in Markdown, and the list of targets.

Imported by the runner; ``python -m benchmarks.columns.report FILE`` prints a saved result again, and with
``--readme`` puts it into ``benchmarks/README.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks import machine
from benchmarks.columns.results import Measured, Results, overall
from benchmarks.columns.targets import verdicts
from benchmarks.results import Spread

README = machine.ROOT / "benchmarks" / "README.md"
BEGIN = "<!-- columns: made by python -m benchmarks.columns.report FILE --readme -->"
END = "<!-- columns: end -->"


def render(results: Results) -> str:
    """The whole report."""
    parts = [_heading(results)]
    for cores in results.options["cores"]:
        for columns in results.options["columns"]:
            parts += _speed_table(results, f"{cores}/{columns}", large=False)
    for cores in results.options["cores"]:
        parts += _speed_table(results, f"{cores}/all", large=True)
    parts += [*_first_table(results), *_notes(results), *_targets(results)]
    return "\n\n".join(parts) + "\n"


def into_readme(text: str) -> None:
    """Put a report between the two marks."""
    page = README.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def _heading(results: Results) -> str:
    place = results.machine
    where = (
        f"{place['processor']}, {place['cores']} cores, {place['system']}, {place['python']}, {place['date']}"
    )
    versions = dict(pair for found in results.libraries.values() for pair in found.items())
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    missing = [f"{name} is not here: {reason}." for name, reason in results.missing.items()]
    return "\n".join([f"{where}; {named}.", *missing])


def _speed_table(results: Results, lane: str, *, large: bool) -> Iterator[str]:
    files = [one for one in results.measured if one.large == large and f"avrojet/{lane}" in one.wall]
    if not files:
        return
    cores, columns = lane.split("/")
    peers = [name for name in results.libraries if name != "avrojet"]
    peers = [name for name in peers if any(f"{name}/{lane}" in {**m.wall, **m.wrong} for m in files)]
    rows = [
        [_name(one), f"{one.nanoseconds(f'avrojet/{lane}'):.0f}", *(_cell(one, peer, lane) for peer in peers)]
        for one in files
    ]
    means = [overall([m.speeds(f"avrojet/{lane}", f"{peer}/{lane}") for m in files]) for peer in peers]
    rows.append(["geometric mean", "", *(_spread(mean) for mean in means)])
    title = f"{'Large files, ' * large}{'one core' if cores == '1' else f'{cores} cores'}, {columns} columns"
    yield _table(title, ["", "avrojet, ns per row", *peers], rows)


def _cell(measured: Measured, peer: str, lane: str) -> str:
    key = f"{peer}/{lane}"
    if key in measured.wrong:
        return "fails"
    speeds = measured.speeds(f"avrojet/{lane}", key)
    return _spread(Spread.of(speeds)) + " *" * (peer in measured.text) if speeds else ""


def _first_table(results: Results) -> Iterator[str]:
    files = [one for one in results.measured if one.first]
    if not files:
        return
    lane = next(iter(files[0].first)).partition("/")[2]
    peers = [name for name in results.libraries if any(f"{name}/{lane}" in one.first for one in files)]
    rows = [[_name(one), *(_first_cell(one, f"{peer}/{lane}") for peer in peers)] for one in files]
    title = (
        "First call in a fresh process, one core, all columns: ms, and MB that it added to the peak of memory"
    )
    yield _table(title, ["", *peers], rows)


def _first_cell(measured: Measured, lane: str) -> str:
    calls = measured.first.get(lane)
    if not calls:
        return ""
    wall = median(one["wall"] for one in calls) * 1000
    peaks = [one["peak"] for one in calls if one["peak"] is not None]
    return f"{wall:.0f}, {median(peaks):.0f} MB" if peaks else f"{wall:.0f}"


def _name(measured: Measured) -> str:
    return f"{measured.shape}, {measured.codec}, {measured.size / 1e6:.0f} MB"


def _spread(spread: Spread | None) -> str:
    return f"{spread.median:.2f} ({spread.low:.2f}-{spread.high:.2f})" if spread else ""


def _table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join([f"**{title}**\n", *(f"| {' | '.join(line)} |" for line in lines)])


def _notes(results: Results) -> Iterator[str]:
    wrong: dict[str, list[str]] = {}
    for one in results.measured:
        for lane, reason in one.wrong.items():
            peer, _, rest = lane.partition("/")
            wrong.setdefault(f"{peer} fails on {one.shape}: {reason}", []).append(f"{one.codec}/{rest}")
    if any(one.text for one in results.measured):
        yield "\\* gives nested values as JSON text."
    if wrong:
        yield "\n".join(f"- {_code(reason)} ({len(lanes)} lanes)" for reason, lanes in wrong.items())


def _code(text: str) -> str:
    return " ".join(text.replace("|", "/").replace("<", "(").replace(">", ")").split())


def _targets(results: Results) -> Iterator[str]:
    found = list(verdicts(results))
    if found:
        rows = [[one.promise, one.found, "kept" if one.kept else "**missed**"] for one in found]
        yield _table("Targets", ["", "measured", ""], rows)


def main() -> None:
    text = render(Results.load(Path(sys.argv[1])))
    if "--readme" in sys.argv[2:]:
        into_readme(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
