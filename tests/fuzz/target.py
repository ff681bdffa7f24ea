"""Coverage-guided fuzzing with atheris.

    python -m tests.fuzz.target TARGET CORPUS [libFuzzer's options]

TARGET is one of schema, idl, protocol, datum, container, encode, json, jsonlines, calls and answers. CORPUS
is a folder. One that is empty or not there gets what tests.fuzz.mutate starts from.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["avrojet"]):
    from tests.fuzz.inputs import value_of
    from tests.fuzz.mutate import check_text, seeds
    from tests.fuzz.on_idl import check_idl, check_protocol
    from tests.fuzz.on_rpc import FRAMINGS, check_answers, check_calls
    from tests.fuzz.on_texts import Json, check_json, check_json_stream
    from tests.fuzz.oracles import LIMITS, Codec, check_datum, check_file, check_value

from avrojet import AvroError
from tests.vectors import VECTORS


def codec_of(data: bytes) -> tuple[Codec | None, bytes]:
    """A schema's text up to the first NUL, and what follows."""
    text, _, rest = data.partition(b"\0")
    try:
        return Codec(text.decode("utf-8", "replace")), rest
    except AvroError:
        return None, rest


def check_schema_and_datum(data: bytes) -> None:
    codec, rest = codec_of(data)
    if codec is not None:
        check_datum(codec, rest)


def check_schema_and_value(data: bytes) -> None:
    codec, rest = codec_of(data)
    if codec is not None:
        check_value(codec, value_of(rest))


def check_schema_and_json(data: bytes) -> None:
    _check_after_schema(check_json, data)


def check_schema_and_json_lines(data: bytes) -> None:
    _check_after_schema(check_json_stream, data)


def _check_after_schema(check: Callable[[Json, bytes], object], data: bytes) -> None:
    text, _, rest = data.partition(b"\0")
    try:
        codec = Json(text.decode("utf-8", "replace"), LIMITS)
    except AvroError:
        return
    check(codec, rest)


def check_calls_framed(data: bytes) -> None:
    check_calls(FRAMINGS[data[0] % len(FRAMINGS)] if data else "http", data[1:])


def check_answers_framed(data: bytes) -> None:
    check_answers(FRAMINGS[data[0] % len(FRAMINGS)] if data else "http", data[1:])


TARGETS: dict[str, Callable[[bytes], object]] = {
    "schema": check_text,
    "idl": check_idl,
    "protocol": check_protocol,
    "datum": check_schema_and_datum,
    "container": check_file,
    "encode": check_schema_and_value,
    "json": check_schema_and_json,
    "jsonlines": check_schema_and_json_lines,
    "calls": check_calls_framed,
    "answers": check_answers_framed,
}
# The target's seeds: those of an area, after their schema where the target wants one.
AREAS = {
    "schema": "schema",
    "idl": "idl",
    "protocol": "protocol",
    "container": "file",
    "datum": "datum",
    "encode": "datum",
    "json": "json",
    "jsonlines": "json stream",
    "calls": "calls",
    "answers": "answers",
}
FRAMED = {"calls", "answers"}  # the first byte says in which framing
WITHOUT_SCHEMA = {"schema", "idl", "protocol", "container"}


def beginnings(target: str) -> Iterator[bytes]:
    schemas = {vector.name: json.dumps(vector.schema).encode() + b"\0" for vector in VECTORS}
    for seed in seeds():
        if seed.area != AREAS[target]:
            continue
        if target in FRAMED:
            yield bytes([FRAMINGS.index(seed.name.rpartition(" ")[2])]) + seed.data
        else:
            name = seed.name.removeprefix("JSON of ").removeprefix("JSON lines of ")
            yield (b"" if target in WITHOUT_SCHEMA else schemas[name]) + seed.data


def begin(corpus: Path, target: str) -> None:
    """Fill a folder that is empty."""
    corpus.mkdir(parents=True, exist_ok=True)
    if not any(corpus.iterdir()):
        for number, data in enumerate(beginnings(target)):
            if len(data) < 5000:
                (corpus / str(number)).write_bytes(data)


if __name__ == "__main__":
    target = sys.argv.pop(1)
    begin(Path(sys.argv[1]), target)
    check = TARGETS[target]

    def one_input(data: bytes) -> None:
        check(data)

    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
