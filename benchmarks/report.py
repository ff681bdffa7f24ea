"""A run as text: one table for each group, notes on who could not take part, the list of targets.

Imported by the runner; ``python -m benchmarks.report FILE`` prints a saved result again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks import imports
from benchmarks.peers import BASELINE
from benchmarks.results import Measured, Results, Spread, overall
from benchmarks.targets import verdicts


def render(results: Results) -> str:
    """The whole report."""
    parts = [_heading(results), *_tables(results), *_notes(results), *_targets(results)]
    return "\n\n".join(parts)


def _heading(results: Results) -> str:
    place = results.machine
    cores = f"{place['cores']} cores"
    lines = [", ".join([place["processor"], cores, place["system"], place["python"], place["date"]])]
    lines += [
        f"{info['label']}: " + ", ".join(f"{name} {version}" for name, version in info["versions"].items())
        for info in results.libraries.values()
    ]
    lines += [f"{name}: not here ({reason})" for name, reason in results.missing.items()]
    return "\n".join(lines)


def _tables(results: Results) -> Iterator[str]:
    yield from _speed_table(results, "decode", "null", "decode", "One datum: decode")
    yield from _speed_table(results, "encode", "null", "encode", "One datum: encode")
    codecs = list(dict.fromkeys(m.case.codec for m in results.measured if m.case.group in ("read", "write")))
    for codec in codecs:
        yield from _speed_table(results, "read", codec, "read", f"Container file, {codec}: read")
    for codec in codecs:
        yield from _speed_table(results, "write", codec, "write", f"Container file, {codec}: write")
        yield from _size_table(results, codec)
    yield from _speed_table(results, "evolution", "null", "half", "Container file: read half of the fields")
    yield from _evolution_table(results)
    yield from _cold_table(results)
    yield from _import_table(results)


def _speed_table(results: Results, group: str, codec: str, lane: str, title: str) -> Iterator[str]:
    measured = results.select(group, codec)
    if not measured:
        return
    base = f"{BASELINE}/{lane}"
    others = [name for name in _present(results, measured, lane) if name != BASELINE]
    header = ["", f"{BASELINE}", *(results.libraries[name]["label"] for name in others)]
    rows = [
        [m.case.workload, _each(m, base), *(_spread(m.speeds(f"{name}/{lane}", base)) for name in others)]
        for m in measured
    ]
    means = [_mean(overall(measured, f"{name}/{lane}", base)) for name in others]
    note = f"time per record, then times the speed of {BASELINE}: median (quartiles)"
    yield _table(title, note, header, [*rows, ["geometric mean", "", *means]])


def _evolution_table(results: Results) -> Iterator[str]:
    yield from _own_ratio(
        results, "evolution", "Container file: half of the fields beside all of them",
        "times the speed of the same library without a reader schema",
        lambda name: (f"{name}/half", f"{name}/all"),
    )  # fmt: skip


def _cold_table(results: Results) -> Iterator[str]:
    yield from _own_ratio(
        results, "cold", "Cold: parse a schema and decode the first datum",
        f"in times of {BASELINE}'s parse_schema alone: less is better",
        lambda name: (f"{BASELINE}/parse", f"{name}/first"),
    )  # fmt: skip


def _own_ratio(
    results: Results, group: str, title: str, note: str, lanes: Callable[[str], tuple[str, str]]
) -> Iterator[str]:
    measured = results.select(group)
    names = [name for name in results.libraries if any(m.speeds(*lanes(name)) for m in measured)]
    if not names:
        return
    rows = [[m.case.workload, *(_spread(m.speeds(*lanes(name))) for name in names)] for m in measured]
    means = [_mean(overall(measured, *lanes(name))) for name in names]
    header = ["", *(results.libraries[name]["label"] for name in names)]
    yield _table(title, note, header, [*rows, ["geometric mean", *means]])


def _size_table(results: Results, codec: str) -> Iterator[str]:
    measured = [m for m in results.select("write", codec) if BASELINE in m.sizes]
    names = [n for n in results.libraries if n != BASELINE and any(n in m.sizes for m in measured)]
    if not names:
        return
    rows = [
        [m.case.workload, f"{m.sizes[BASELINE]:,}",
         *(f"{m.sizes[name] / m.sizes[BASELINE]:.3f}x" if name in m.sizes else "-" for name in names)]
        for m in measured
    ]  # fmt: skip
    header = ["", BASELINE, *(results.libraries[name]["label"] for name in names)]
    note = f"bytes, then times the size of {BASELINE}'s"
    yield _table(f"Container file, {codec}: size", note, header, rows)


def _import_table(results: Results) -> Iterator[str]:
    if results.imports:
        rows = [[module, imports.render(cost)] for module, cost in results.imports.items()]
        note = "python: the interpreter alone; others: over that"
        yield _table("Import in a fresh interpreter", note, ["", ""], rows)


def _present(results: Results, measured: Sequence[Measured], lane: str) -> list[str]:
    return [name for name in results.libraries if any(f"{name}/{lane}" in m.wall for m in measured)]


def _each(measured: Measured, lane: str) -> str:
    if lane not in measured.wall:
        return "-"
    micros = median(measured.wall[lane]) / measured.items * 1e6
    return f"{micros:.3g} us" if micros < 1000 else f"{micros / 1000:.3g} ms"


def _spread(speeds: Sequence[float]) -> str:
    return _mean(Spread.of(speeds)) if speeds else "-"


def _mean(spread: Spread | None) -> str:
    if spread is None:
        return "-"
    return f"{_short(spread.median)}x ({_short(spread.low)}-{_short(spread.high)})"


def _short(number: float) -> str:
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def _table(title: str, note: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in (header, *rows)
    ]
    return "\n".join([f"{title} ({note})", *(line.rstrip() for line in lines if line.strip())])


def _notes(results: Results) -> Iterator[str]:
    wrong = [
        f"{m.case.title}, {m.case.workload}: {name} FAILED: {reason}"
        for m in results.measured
        for name, reason in m.wrong.items()
    ]
    lacks = dict.fromkeys(
        f"{m.case.workload}: not {results.libraries[name]['label']}: {reason}"
        for m in results.measured
        for name, reason in m.lacks.items()
        if m.case.group in ("decode", "encode")
    )
    if wrong:
        yield "Wrong values or errors (not timed):\n" + "\n".join(wrong)
    if lacks:
        yield "Left out:\n" + "\n".join(lacks)


def _targets(results: Results) -> Iterator[str]:
    found = list(verdicts(results))
    if found:
        width = max(len(verdict.promise) for verdict in found)
        lines = []
        for verdict in found:
            mark = "kept  " if verdict.kept else "MISSED"
            lines.append(f"{mark}  {verdict.promise.ljust(width)}  {verdict.found}")
            if verdict.short:
                lines.append(f"        {'; '.join(verdict.short)}")
        yield "Targets\n" + "\n".join(lines)


def main() -> None:
    print(render(Results.load(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
