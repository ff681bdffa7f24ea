"""Compare what Avro for Java and avrojet make of data: ``python -m tests.peers.run_java_data``.

Each reads what the other has written of the vectors, and of random data of random schemas: binary data,
values of logical types, instances of classes, the JSON encoding, single-object messages, and container
files in every codec that both have, to which each also appends. And both compare data by the sort order.
Java encodes again what it has read, and the bytes are compared. A difference that no rule of
tests/peers/java_data_differences.py explains fails the run, and so does a rule that explains none any more.
Needs a JDK and Maven; where there are none it says so and ends.
"""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import avrojet
from avrojet import single_object
from tests.peers.java_data import Case, cases, components, many
from tests.peers.java_data_differences import RULES, Difference, explained, shown
from tests.peers.java_peer import ask, compare_at_random

RANDOM = 1000
ROWS = 1000
LEVELS = {"null": None, "deflate": 6, "bzip2": None, "snappy": None, "xz": 1, "zstandard": 3}
INTERVALS = [32, 100]  # bytes of a block; Java has no less than 32
LARGER_INTERVALS = [4_000, 64_000]
NOTE = "Zürich"
UNORDERED = {"error": "org.apache.avro.AvroRuntimeException: Can't compare maps!"}


def main() -> int:
    return compare_at_random(__doc__, "schemas", RANDOM, run, list(RULES))


def run(count: int, show: bool) -> Counter[str]:
    every = cases(count)
    rules: Counter[str] = Counter()
    for difference in (*data_differences(every), *file_differences(files(every))):
        rule = explained(difference)
        rules[rule] += 1
        if show or not rule:
            print(shown(difference))
    return rules


# Single data


def data_differences(every: Sequence[Case]) -> Iterator[Difference]:
    """What Java makes of single data otherwise."""
    answers = ask("data", map(data_question, every))
    compared: Counter[str] = Counter()
    for case, java in zip(every, answers, strict=True):
        if "error" in java:
            yield Difference(case, "schema", None, java, "can do it")
            continue
        for what, results, check in data_checks(case):
            compared[what] += len(results)
            for number, (result, datum) in enumerate(zip(java[what], results, strict=True)):
                found = checked(check, result)
                if found != datum:
                    yield Difference(case, what, subject(case, what, number), found, datum, result)
    counts = ", ".join(f"{number} {what}" for what, number in compared.items())
    print(f"{len(every)} schemas, {sum(len(case.data) for case in every)} data: {counts}")


def data_question(case: Case) -> str:
    question = {
        "schema": case.schema,
        "data": hexes(case.data),
        "json": case.json,
        "messages": hexes(case.messages),
        "pairs": case.pairs,
    }
    if case.logical:
        question["components"] = [components(value) for value in case.values]
    return json.dumps(question)


def data_checks(case: Case) -> Iterator[tuple[str, Sequence[Any], Callable[[Any], Any]]]:
    """What Java was to do, what should come of it, and how to make its result comparable."""
    encoder = avrojet.Encoder(case.parsed, logical_types=False)
    reader = single_object.Reader([case.parsed], unions="tagged", logical_types=False)
    yield "binary", case.plain, bytes.fromhex
    yield "binary", case.plain, case.instances
    yield "converted", case.converted, bytes.fromhex
    yield "in_blocks", case.plain, case.again
    yield "from_json", case.plain, bytes.fromhex
    yield "to_json", case.plain, encoder.from_json
    yield "to_message", case.messages, bytes.fromhex
    yield "from_message", case.plain, bytes.fromhex
    yield (
        "to_message",
        case.plain,
        lambda text: encoder.encode(reader.decode(bytes.fromhex(text))),
    )
    yield "order", case.order or [UNORDERED] * len(case.pairs), int
    if case.logical:
        yield "components", [components(value) for value in case.values], list
        yield "from_components", case.converted, bytes.fromhex


def checked(check: Callable[[Any], Any], result: Any) -> Any:
    """What avrojet makes of Java's result; the error of either."""
    if failed(result):
        return result
    try:
        return check(result)
    except avrojet.AvroError as error:
        return {"error": f"avrojet cannot read {result}: {error}"}


def failed(result: Any) -> bool:
    return isinstance(result, dict) and "error" in result


def subject(case: Case, what: str, number: int) -> bytes:
    return b" ".join(case.data[each] for each in case.pairs[number]) if what == "order" else case.data[number]


def hexes(data: Sequence[bytes]) -> list[str]:
    return [each.hex() for each in data]


# Container files


@dataclass
class File:
    """A file that both are to write."""

    case: Case
    codec: str
    interval: int

    @property
    def level(self) -> int | None:
        return LEVELS[self.codec]

    def written(self) -> bytes:
        """What avrojet writes."""
        target = io.BytesIO()
        self.write(target, codec=self.codec, metadata={"note": NOTE})
        return target.getvalue()

    def appended(self, file: bytes) -> bytes:
        """The file with the data once more."""
        target = io.BytesIO(file)
        self.write(target, mode="a")
        return target.getvalue()

    def read(self, file: str) -> Any:
        encoder = avrojet.Encoder(self.case.parsed, logical_types=False)
        with avrojet.DataFileReader(bytes.fromhex(file), unions="tagged", logical_types=False) as reader:
            return {
                "note": reader.metadata["note"].decode(),
                "data": [encoder.encode(each) for each in reader],
            }

    def read_as_instances(self, file: str) -> Any:
        with avrojet.DataFileReader(bytes.fromhex(file), classes=self.case.classes) as reader:
            return self.case.through_instances(list(reader), self.case.plain)

    def write(self, target: io.BytesIO, **options: Any) -> None:
        decoder = avrojet.Decoder(self.case.parsed, unions="tagged", logical_types=False)
        with avrojet.DataFileWriter(
            target,
            self.case.parsed,
            level=self.level,
            sync_interval=self.interval,
            logical_types=False,
            **options,
        ) as writer:
            writer.extend(decoder.decode(each) for each in self.case.data)

    def question(self, file: bytes, data: Sequence[bytes]) -> str:
        return json.dumps(
            {
                "schema": self.case.schema,
                "codec": self.codec,
                "level": self.level or 0,
                "interval": self.interval,
                "data": hexes(data),
                "files": [file.hex()],
            }
        )


def files(every: Sequence[Case]) -> list[File]:
    """The codecs take turns at the cases, in blocks of one datum and more; large files are in all of them."""
    large = many(ROWS)
    return [
        *(
            File(case, list(LEVELS)[number % len(LEVELS)], INTERVALS[number // len(LEVELS) % len(INTERVALS)])
            for number, case in enumerate(every)
        ),
        *(File(large, codec, interval) for codec in LEVELS for interval in LARGER_INTERVALS),
    ]


def file_differences(every: Sequence[File]) -> Iterator[Difference]:
    """What Java reads or writes otherwise."""
    answers = ask("file", [file.question(file.written(), file.case.data) for file in every])
    longer: list[File] = []
    questions: list[str] = []
    blocks = 0
    for file, java in zip(every, answers, strict=True):
        if "error" in java:
            yield Difference(file.case, file.codec, None, java, "can do it")
            continue
        once = {"note": NOTE, "data": file.case.plain}
        twice = {"note": NOTE, "data": file.case.plain * 2}
        written = bytes.fromhex(java["written"])
        blocks += sum(1 for _ in avrojet.DataFileReader(written).blocks())
        for what, there, here in [
            ("reads what avrojet writes", read_in_java(java["read"][0]), once),
            ("writes", checked(file.read, java["written"]), once),
            ("appends", checked(file.read, java["appended"][0]), twice),
            ("writes for classes", checked(file.read_as_instances, java["written"]), file.case.plain),
        ]:
            if there != here:
                yield Difference(file.case, f"{file.codec}: {what}", None, there, here)
        longer.append(file)
        questions.append(file.question(file.appended(written), data=[]))
    for file, java in zip(longer, ask("file", questions), strict=True):
        there, here = read_in_java(java["read"][0]), {"note": NOTE, "data": file.case.plain * 2}
        if there != here:
            yield Difference(file.case, f"{file.codec}: reads what avrojet appends", None, there, here)
    print(f"{len(every)} files, {blocks} blocks of Java's")


def read_in_java(answer: Any) -> Any:
    return answer if failed(answer) else {**answer, "data": [bytes.fromhex(each) for each in answer["data"]]}


if __name__ == "__main__":
    sys.exit(main())
