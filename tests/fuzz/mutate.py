"""Mutates valid data, files and schemas of the vectors, byte by byte, and holds the oracles to each result.

    python -m tests.fuzz.mutate --count 1000000 --seed 1

Ends with status 1 and a reproducer if any input fails. Needs nothing but the package; for coverage-guided
runs see README.md.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avrojet.container.codecs import make_compress
from avrojet.container.framing import build_block, build_header
from tests.container.samples import CODECS, SCHEMA, SYNC, file_of
from tests.container.samples import rows as visits
from tests.fuzz.inputs import EVOLVED, value_of
from tests.fuzz.on_idl import check_idl, check_protocol, idl_texts, protocol_texts
from tests.fuzz.on_rpc import answer_streams, call_streams, check_answers, check_calls
from tests.fuzz.on_texts import (
    Json,
    check_facade,
    check_facade_file,
    check_facade_json,
    check_json,
    check_json_stream,
)
from tests.fuzz.oracles import LIMITS, Codec, check_datum, check_file, check_schema_text, check_value
from tests.reference import number
from tests.vectors import ORDER, VECTORS

INTERESTING = [
    b"\x00",
    b"\x01",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"\xff\xff\xff\xff\x0f",
    b"\xfe\xff\xff\xff\x0f",
    b"\xff" * 9 + b"\x01",
    b"\xfe" + b"\xff" * 8 + b"\x01",
    b"\x80" * 10,
    b"\xc0\x80",
    b"\xed\xa0\x80",
    *(number(size) for size in (2**16, 2**20 + 1, 2**31, 2**40, 2**62)),
]
SECONDS = 4.0  # of processor time, for one input; they get longer where others use the caches


@dataclass(frozen=True)
class Seed:
    """A valid input, and the check that it and all that comes of it goes through."""

    name: str
    area: str
    data: bytes
    check: Callable[[bytes], bool]


def seeds() -> list[Seed]:
    return [*_data(), *_files(), *_schemas(), *_idl(), *_values(), *_texts(), *_facade(), *_rpc()]


def _data() -> Iterator[Seed]:
    for vector in VECTORS:
        codec = Codec(vector.schema)
        yield Seed(vector.name, "datum", vector.data, lambda data, codec=codec: check_datum(codec, data))
    for name, writer, reader, data in EVOLVED:
        codec = Codec(writer, reader)
        yield Seed(name, "resolved", data, lambda data, codec=codec: check_datum(codec, data))


def _files() -> Iterator[Seed]:
    for codec in CODECS:
        yield Seed(f"file {codec}", "file", file_of(visits(6), codec=codec, sync_interval=40), check_file)
    payload = file_of(visits(6), sync_marker=SYNC).split(SYNC)[1][3:]
    for codec in CODECS:
        yield Seed(
            f"block {codec}", "block", payload, lambda data, codec=codec: check_file(framed(data, codec))
        )


def framed(payload: bytes, codec: str) -> bytes:
    """A file of one block whose frame is right, and whose records may not be."""
    header = build_header({"avro.schema": SCHEMA.json.encode(), "avro.codec": codec.encode()}, SYNC)
    return header + build_block(6, make_compress(codec)(payload), SYNC)


def _schemas() -> Iterator[Seed]:
    texts = {json.dumps(vector.schema): vector.name for vector in VECTORS if len(str(vector.schema)) < 2000}
    for text, name in texts.items():
        yield Seed(f"schema of {name}", "schema", text.encode(), check_text)


def _idl() -> Iterator[Seed]:
    for name, text in idl_texts():
        yield Seed(f"IDL {name}", "idl", text.encode(), check_idl)
    for name, text in protocol_texts():
        yield Seed(f"protocol {name}", "protocol", text.encode(), check_protocol)


def _values() -> Iterator[Seed]:
    for vector in VECTORS:
        codec = Codec(vector.schema)
        yield Seed(
            f"value of {vector.name}",
            "value",
            vector.data + b"\x05\x41",
            lambda data, codec=codec: check_value(codec, value_of(data)),
        )
    orders = Codec(ORDER)
    yield Seed(
        "value of an order", "value", bytes(range(64)), lambda data: check_value(orders, value_of(data))
    )


def _texts() -> Iterator[Seed]:
    for vector in VECTORS:
        codec = Json(vector.schema, LIMITS)
        text = codec.decoder.to_json(vector.data).encode()
        plain = codec.decoder.to_json(vector.data, plain=True).encode()
        yield Seed(f"JSON of {vector.name}", "json", text, lambda data, codec=codec: check_json(codec, data))
        yield Seed(
            f"plain JSON of {vector.name}",
            "plain json",
            plain,
            lambda data, codec=codec: check_json(codec, data),
        )
        if len(text) > 10_000:
            continue
        yield Seed(
            f"JSON lines of {vector.name}",
            "json stream",
            text + b"\n" + text + b" " + text,
            lambda data, codec=codec: check_json_stream(codec, data),
        )
        yield Seed(
            f"facade's JSON of {vector.name}",
            "facade json",
            text + b"\n" + text,
            lambda data, schema=vector.schema: check_facade_json(schema, data),
        )


def _facade() -> Iterator[Seed]:
    for vector in VECTORS:
        # Items of no bytes come by the million: it has the process's limits, not those of a short run.
        if any(word in vector.name for word in ("null", "empty", "zero")):
            continue
        yield Seed(
            f"facade's {vector.name}",
            "facade",
            vector.data,
            lambda data, schema=vector.schema: check_facade(schema, data),
        )
    for codec in CODECS:
        yield Seed(
            f"facade's file {codec}", "facade file", file_of(visits(6), codec=codec), check_facade_file
        )


def _rpc() -> Iterator[Seed]:
    for place, (framing, data) in enumerate(call_streams()):
        yield Seed(
            f"calls {place} {framing}",
            "calls",
            data,
            lambda data, framing=framing: check_calls(framing, data),
        )
    for place, (framing, data) in enumerate(answer_streams()):
        yield Seed(
            f"answers {place} {framing}",
            "answers",
            data,
            lambda data, framing=framing: check_answers(framing, data),
        )


def check_text(data: bytes) -> bool:
    return check_schema_text(data.decode("utf-8", "surrogateescape"))


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """The data with up to four places changed."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(changed) + 1)
        match chance.randrange(8):
            case 0 if place < len(changed):
                changed[place] ^= 1 << chance.randrange(8)
            case 1 if place < len(changed):
                changed[place] = chance.randrange(256)
            case 2:
                changed[place:place] = chance.choice(INTERESTING)
            case 3:
                piece = chance.choice(INTERESTING)
                changed[place : place + len(piece)] = piece
            case 4:
                del changed[place : place + chance.randint(1, 4)]
            case 5:
                start = chance.randrange(len(changed) + 1)
                changed[place:place] = changed[start : start + chance.randint(1, 16)]
            case 6:
                start = chance.randrange(len(other) + 1)
                changed[place:] = other[start:]
            case 7:
                changed[place:place] = chance.randbytes(chance.randint(1, 4))
    return bytes(changed)


@dataclass
class Failure:
    seed: str
    data: bytes
    trace: str

    def __str__(self) -> str:
        return f"{self.seed}: bytes.fromhex({self.data.hex()!r})\n{self.trace}"


@dataclass
class Result:
    valid: Counter[str]
    inputs: Counter[str]
    failures: list[Failure]
    slowest: tuple[float, str, bytes] = (0.0, "", b"")


def run(
    count: int,
    seed: int,
    *,
    most_failures: int = 10,
    patience: float = SECONDS,
    say: Callable[[str], Any] | None = None,
) -> Result:
    """Check `count` mutations, those of each area as many as it has weight.

    :param patience: seconds of processor time that one input may take.
    """
    chance = random.Random(seed)
    result = Result(Counter(), Counter(), [])
    all_seeds = seeds()
    areas = {area: [one for one in all_seeds if one.area == area] for area in WEIGHTS}
    drawn = chance.choices(list(WEIGHTS), WEIGHTS.values(), k=count)
    for index, area in enumerate(drawn):
        if say is not None and index % 100_000 == 0:
            say(f"{index} inputs, {len(result.failures)} failures")
        one = chance.choice(areas[area])
        data = mutated(one.data, chance.choice(areas[area]).data, chance)
        _try(one, data, result, patience)
        if len(result.failures) >= most_failures:
            break
    return result


# A file costs as much as a hundred data.
WEIGHTS = {
    "datum": 37,
    "resolved": 15,
    "file": 3,
    "block": 3,
    "schema": 6,
    "idl": 4,
    "protocol": 2,
    "value": 12,
    "json": 6,
    "plain json": 3,
    "json stream": 4,
    "facade json": 3,
    "facade": 7,
    "facade file": 2,
    "calls": 4,
    "answers": 3,
}


def _try(seed: Seed, data: bytes, result: Result, patience: float) -> None:
    start = time.process_time()
    try:
        valid = seed.check(data)
    except Exception:  # noqa: BLE001 (whatever comes is what was looked for)
        result.failures.append(Failure(seed.name, data, traceback.format_exc()))
        return
    seconds = time.process_time() - start
    result.inputs[seed.area] += 1
    result.valid[seed.area] += valid
    if seconds > result.slowest[0]:
        result.slowest = (seconds, seed.name, data)
    if seconds > patience:
        result.failures.append(Failure(seed.name, data, f"took {seconds:.1f} s"))


def bound_memory(more: int = 1 << 30) -> None:
    """Let this process have `more` bytes beside what it has; beyond there is a MemoryError, a failure."""
    try:
        import resource
    except ImportError:
        return  # Windows has no such bound
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + more, now + more))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument(
        "--patience",
        type=float,
        default=SECONDS,
        help="seconds that one input may take (default %(default)s)",
    )
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    if sys.platform == "linux":
        bound_memory()
    start = time.perf_counter()
    result = run(
        options.count,
        options.seed,
        patience=options.patience,
        say=lambda line: print(line, flush=True),
    )
    for failure in result.failures:
        print(failure)
    for area, inputs in result.inputs.items():
        print(f"{area:10} {inputs:9} inputs, {result.valid[area] * 100 // inputs}% valid")
    seconds, name, data = result.slowest
    print(f"slowest: {seconds * 1000:.0f} ms, {name}, {data.hex()[:200]}")
    took = time.perf_counter() - start
    print(f"{sum(result.inputs.values())} inputs, {len(result.failures)} failures, {took:.0f} s")
    return bool(result.failures)


if __name__ == "__main__":
    sys.exit(main())
