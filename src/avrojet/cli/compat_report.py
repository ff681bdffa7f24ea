"""The findings of `avrojet compat`, for people, programs and code hosts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from avrojet.cli.places import line_of
from avrojet.messages import counted, readable, shorten
from avrojet.plan.reasons import Alteration

if TYPE_CHECKING:
    from avrojet.cli.evolution import Evolved, Report
    from avrojet.datum import Decoder
    from avrojet.plan.history import HistoryCheck
    from avrojet.plan.reasons import Reason, Witness
    from avrojet.schema.model import Schema

Told: TypeAlias = "list[tuple[HistoryCheck, Reason]]"

_SHOWN = 200  # characters of a witness
_MOST = 50  # of what is told of a schema to people
_INDENT = "    "
_TOLD = ("kind", "path", "message", "remedy", "reader_path", "writer_path", "reader_type", "writer_type")


def as_text(report: Report) -> str:
    """A few lines for each schema with findings, and a summary."""
    lines: list[str] = []
    for evolved, told in _told(report):
        lines += _text_of(evolved, told)
    lines += [_line(f"? {file}: {why}") for file, why in report.broken]
    lines += [_line(f"? {file} is not compared: {why}") for file, why in report.unread]
    lines += [_line(f"- {name} was removed") for name in report.removed]
    lines.append(_summary(report))
    return "\n".join(lines) + "\n"


def _text_of(evolved: Evolved, told: Told) -> Iterator[str]:
    sign = "!" if evolved.history else "\N{BALLOT X}"
    yield _line(f"{sign} {evolved.name}  {evolved.file.file}")
    for check, reason in told[:_MOST]:
        mark = "warning: " if isinstance(reason.kind, Alteration) else ""
        yield _line(f"{_INDENT}{evolved.reads(check)}, {reason.path}: {mark}{reason.message}")
        if not mark:
            yield _line(f"{_INDENT * 2}{reason.remedy}")
        if reason.kind is not Alteration.FIELD_DROPPED:
            yield from (_line(_INDENT * 2 + line) for line in _shown(evolved, check, reason))
    if len(told) > _MOST:
        yield f"{_INDENT}and {len(told) - _MOST} more, which --json tells"


def _shown(evolved: Evolved, check: HistoryCheck, reason: Reason) -> Iterator[str]:
    if reason.witness is None:
        if reason.unwitnessed and not isinstance(reason.kind, Alteration):
            yield reason.unwitnessed
        return
    value, read = _texts(evolved, check, reason.witness)
    if reason.witness.error is not None:
        yield f"fails: {shorten(value, _SHOWN)}"
    else:
        yield f"{shorten(value, _SHOWN)} is read as {shorten(read, _SHOWN)}"


def _line(text: str) -> str:
    """A line for a screen, with its indentation kept."""
    return readable(text).rstrip()


def _summary(report: Report) -> str:
    bad = sum(not each.history for each in report.schemas)
    warned = sum(
        bool(each.history) and any(check.compatibility.warnings for check in each.history.checks)
        for each in report.schemas
    )
    parts = [f"{counted(len(report.schemas), 'schema')} compared ({report.level})"]
    parts.append(f"{bad} incompatible" if bad else "all compatible")
    if warned:
        parts.append(f"{warned} with warnings")
    for what, names in (("new", report.added), ("removed", report.removed)):
        if names:
            parts.append(f"{len(names)} {what}")
    if report.broken:
        parts.append(counted(len(report.broken), "broken file"))
    return f"{parts[0]}: {', '.join(parts[1:])}"


def as_json(report: Report) -> str:
    """All that was found."""
    return _dumped(
        {
            "level": report.level,
            "compatible": report.compatible,
            "schemas": [_json_of(evolved) for evolved in report.schemas],
            "added": report.added,
            "removed": report.removed,
            "broken": [{"file": file, "error": why} for file, why in report.broken],
            "not_compared": [{"file": file, "error": why} for file, why in report.unread],
        }
    )


def _json_of(evolved: Evolved) -> dict[str, Any]:
    return {
        "name": evolved.name,
        "file": evolved.file.file,
        "compatible": bool(evolved.history),
        "checks": [
            {
                "reader": evolved.versions[check.reader].file,
                "writer": evolved.versions[check.writer].file,
                "compatible": bool(check),
                "reasons": [_reason(evolved, check, each) for each in check.compatibility.reasons],
                "warnings": [_reason(evolved, check, each) for each in check.compatibility.warnings],
                "notes": [
                    {"reader_path": note.reader_path, "message": note.message}
                    for note in check.compatibility.notes
                ],
            }
            for check in evolved.history.checks
        ],
    }


def _reason(evolved: Evolved, check: HistoryCheck, reason: Reason) -> dict[str, Any]:
    told: dict[str, Any] = {name: str(getattr(reason, name)) for name in _TOLD}
    told["line"] = _location(evolved, check, reason)[1]
    if reason.witness is not None:
        value, read = _texts(evolved, check, reason.witness)
        told["witness"] = {"value": json.loads(value), "data": reason.witness.data.hex()}
        if reason.witness.error is not None:
            told["witness"]["error"] = reason.witness.error
        else:
            told["witness"]["read"] = json.loads(read)
    elif reason.unwitnessed:
        told["unwitnessed"] = reason.unwitnessed
    return told


def _texts(evolved: Evolved, check: HistoryCheck, witness: Witness) -> tuple[str, str]:
    """A witness as plain JSON text, and the value that is read from it; "" if reading it is an error."""
    writer = evolved.versions[check.writer].schema
    value = _decoder(writer, writer).to_json(witness.data, plain=True)
    if witness.error is not None:
        return value, ""
    return value, _decoder(writer, evolved.versions[check.reader].schema).to_json(witness.data, plain=True)


@lru_cache(maxsize=4)
def _decoder(writer: Schema, reader: Schema) -> Decoder:
    from avrojet.datum import Decoder

    return Decoder(writer, reader)


def as_github(report: Report) -> str:
    """Workflow commands of GitHub, which shows them in the pull request."""
    lines = []
    for evolved, told in _told(report):
        for check, reason in told:
            file, line = _location(evolved, check, reason)
            level = "warning" if isinstance(reason.kind, Alteration) else "error"
            place = f"file={_property(report.in_repository(file))},line={line}"
            title = _property(f"{evolved.name}: {reason.kind}")
            lines.append(f"::{level} {place},title={title}::{_escaped(_sentence(evolved, check, reason))}")
    for file, why in report.broken:
        lines.append(f"::error file={_property(report.in_repository(file))},line=1::{_escaped(why)}")
    lines.append(_summary(report))
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def as_gitlab(report: Report) -> str:
    """A report of code quality, as GitLab shows it in the merge request."""
    found = []
    for evolved, told in _told(report):
        for check, reason in told:
            file, line = _location(evolved, check, reason)
            severity = "minor" if isinstance(reason.kind, Alteration) else "blocker"
            said = _sentence(evolved, check, reason)
            found.append(_quality(report, file, line, str(reason.kind), severity, said))
    found += [_quality(report, file, 1, "BROKEN_FILE", "blocker", why) for file, why in report.broken]
    return _dumped(found)


def _quality(report: Report, file: str, line: int, check: str, severity: str, said: str) -> dict[str, Any]:
    path = report.in_repository(file)
    return {
        "description": said,
        "check_name": check,
        "fingerprint": hashlib.sha256("\0".join((path, check, said)).encode()).hexdigest(),
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    }


def _told(report: Report) -> Iterator[tuple[Evolved, Told]]:
    """The findings for each schema: the reasons of each check, then its warnings.

    A type that others contain is also compared by itself; findings already reported at its place are not
    reported again.
    """
    known: set[tuple[object, ...]] = set()
    for evolved in report.schemas:
        told: Told = []
        for check in evolved.history.checks:
            for reason in (*check.compatibility.reasons, *check.compatibility.warnings):
                key = (*_location(evolved, check, reason), evolved.reads(check), reason.kind, reason.message)
                if key not in known:
                    known.add(key)
                    told.append((check, reason))
        if told:
            yield evolved, told


def _sentence(evolved: Evolved, check: HistoryCheck, reason: Reason) -> str:
    text = f"{evolved.reads(check)}, {reason.path}: {reason.message}; {reason.remedy}"
    for line in _shown(evolved, check, reason):
        text += f". {line[:1].upper()}{line[1:]}"
    return readable(text)


def _location(evolved: Evolved, check: HistoryCheck, reason: Reason) -> tuple[str, int]:
    found, path = evolved.place(check, reason)
    return found.file, line_of(found.text, found.schema, path)


def _dumped(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "gitlab": as_gitlab,
}
