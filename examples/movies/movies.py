"""Events of a log to Avro files and back, with Apache avro's interface.

``python movies.py LOG FOLDER`` uses Apache avro; ``python -m avrojet.compat avro movies.py LOG FOLDER`` runs
the same program on avrojet.

Each kind of event has its own file. The first half of the log is written with the old schemas, the second
with the new ones; then old data are read with new schemas, and new data with old ones. Prints one line of
JSON: events of each kind, lines that are none, seconds, and a hash of all that was read.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import avro.schema
from avro.datafile import DataFileReader, DataFileWriter
from avro.io import DatumReader, DatumWriter

sys.path.insert(0, str(Path(__file__).parent))

from log import parse_log

SCHEMAS = Path(__file__).parent / "schemas"
KINDS = ("Watch", "Recommendation", "Rating")
OLD, NEW = 1, 2


def schema_of(kind: str, version: int) -> Any:
    return avro.schema.parse((SCHEMAS / str(version) / f"{kind}.avsc").read_text(encoding="utf-8"))


def file_of(folder: Path, kind: str, version: int) -> Path:
    return folder / f"{kind.lower()}-{version}.avro"


def write(folder: Path, kind: str, version: int, events: list[dict[str, Any]]) -> None:
    """Write events of one kind. A record has all fields of its schema, and no others."""
    schema = schema_of(kind, version)
    defaults = {field.name: field.default for field in schema.fields if field.has_default}
    with DataFileWriter(
        file_of(folder, kind, version).open("wb"), DatumWriter(), schema, "deflate"
    ) as writer:
        for event in events:
            writer.append({**defaults, **event})


def read(folder: Path, kind: str, version: int, reader_version: int) -> list[Any]:
    """The events of a file as a schema of another version sees them."""
    datum_reader = DatumReader(readers_schema=schema_of(kind, reader_version))
    with DataFileReader(file_of(folder, kind, version).open("rb"), datum_reader) as reader:
        return list(reader)


def fields_of(kind: str, version: int) -> set[str]:
    return {field.name for field in schema_of(kind, version).fields}


def main(log: str, target: str) -> None:
    folder = Path(target)
    events: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with Path(log).open(encoding="utf-8") as lines:
        for kind, event in parse_log(lines):
            events[kind].append(event)
    halves = {
        (kind, version): [event for event in events[kind] if is_new(event, kind) == (version == NEW)]
        for kind in KINDS
        for version in (OLD, NEW)
    }

    start = time.perf_counter()
    for (kind, version), some in halves.items():
        write(folder, kind, version, some)
    written = time.perf_counter()
    seen = {
        (kind, version): read(folder, kind, version, NEW if version == OLD else OLD)
        for kind, version in halves
    }
    done = time.perf_counter()

    for (kind, version), rows in seen.items():
        other = NEW if version == OLD else OLD
        assert len(rows) == len(halves[kind, version])
        assert all(set(row) == fields_of(kind, other) for row in rows)
    found = {
        "events": {kind: len(events[kind]) for kind in KINDS},
        "no events": len(events[""]),
        "write": written - start,
        "read": done - written,
        "hash": hash_of(seen),
    }
    print(json.dumps(found))


def is_new(event: dict[str, Any], kind: str) -> bool:
    """Whether an event has what only the new schema has a field for."""
    return bool(event.keys() - fields_by_kind[kind])


fields_by_kind = {kind: fields_of(kind, OLD) for kind in KINDS}


def hash_of(seen: dict[tuple[str, int], list[Any]]) -> str:
    """A hash of all values, whatever the order of the fields."""
    text = repr(
        [sorted((key, str(value)) for key, value in row.items()) for rows in seen.values() for row in rows]
    )
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    main(*sys.argv[1:])
