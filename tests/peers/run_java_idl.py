"""Compare how Avro for Java and avrojet read IDL and protocols: ``python -m tests.peers.run_java_idl``.

The samples are those of tests/data/idl, what avrojet writes of each, random protocols and schemas, and texts
of which the two are known to make different things. A difference that is not known fails the run, and so does
a known one that is none any more. With ``--write``, what Java makes of the samples becomes the
tests/data/idl/expected.json of the tests. Needs a JDK and Maven; where there are none it says so and ends.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import avrojet
from tests.peers.drawing import drawn
from tests.peers.environment import HERE
from tests.peers.java_peer import ask, lacking
from tests.protocols import protocols, schemas
from tests.schema.idl_differences import DIFFERENCES
from tests.schema.meaning import definitions, meaning

SAMPLES = HERE.parent / "data" / "idl"
RANDOM = 150  # protocols, and as many schemas
COMMENTS = 1000


def read_in_java(files: Sequence[Path]) -> list[Any]:
    """What Java makes of each file."""
    return ask("idl", map(str, files))


def read_here(file: Path) -> dict[str, Any]:
    """The same of avrojet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if file.suffix == ".avpr":
                return told(avrojet.load_protocol(file))
            idl = avrojet.load_idl(file)
        except avrojet.AvroError as error:
            return {"error": str(error)}
    result = {} if idl.protocol is None else told(idl.protocol)
    if idl.schema is not None:
        result["schema"] = json.loads(idl.schema.json)
    return {**result, "types": [json.loads(type.json) for type in idl.types]}


def told(protocol: avrojet.Protocol) -> dict[str, Any]:
    return {"protocol": json.loads(protocol.json), "md5": protocol.md5.hex()}


def difference(java: dict[str, Any], here: dict[str, Any]) -> str:
    """What differs; nothing if it is only the hash, or the words of an error."""
    if "error" in java or "error" in here:
        return "" if "error" in java and "error" in here else f"Java: {said(java)}; avrojet: {said(here)}"
    for part, mean in (("protocol", meaning), ("schema", meaning), ("types", definitions)):
        if (part in java) != (part in here) or (part in java and mean(java[part]) != mean(here[part])):
            return (
                f"{part}:\n  Java:    {json.dumps(java.get(part))}\n  avrojet: {json.dumps(here.get(part))}"
            )
    return ""


def said(result: dict[str, Any]) -> str:
    return result.get("error", "accepts it")


def samples() -> list[Path]:
    return sorted([*SAMPLES.glob("*.avdl"), *SAMPLES.glob("common/*.avpr")])


def written(place: Path) -> Iterator[Path]:
    """Files of what avrojet writes of the samples, and of random protocols and schemas."""
    for sample in samples():
        if sample.suffix == ".avdl":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                idl = avrojet.load_idl(sample)
            for what in (idl.protocol, idl.schema):
                if what is not None:
                    yield saved(place / f"written_{sample.name}", what)
    for number, what in enumerate(random_ones()):
        yield saved(place / f"random_{number}.avdl", what)
    comments = place / "random_comments.avdl"
    comments.write_text(random_comments(), encoding="utf-8", newline="")
    yield comments


def saved(file: Path, what: Any) -> Path:
    file.write_text(avrojet.emit_idl(what), encoding="utf-8", newline="")
    return file


def random_ones() -> list[Any]:
    """Protocols and schemas that Java's IDL has words for."""
    return [
        *map(avrojet.parse_protocol, drawn(protocols(plain=True), RANDOM)),
        *map(avrojet.parse_schema, drawn(schemas(plain=True), RANDOM)),
    ]


def random_comments() -> str:
    """Types with documentation of all shapes."""
    chance = random.Random(1)
    pieces = [
        "a",
        "b",
        "*",
        "**",
        " ",
        "  ",
        "\t",
        "\n",
        "\n ",
        "\n * ",
        "\r\n",
        "\x0b",
        "\f",
        "\x85",
        "\u2028",
        "\xa0",
    ]
    types = []
    for number in range(COMMENTS):
        text = "".join(chance.choices(pieces, k=chance.randint(0, 12))).replace("*/", "")
        types.append(f"/**{text} */ fixed F{number}(1);\n")
    return "".join(types)


def compare(name: str, java: dict[str, Any], here: dict[str, Any], known: str = "") -> int:
    """Print what is not as it should be; 1 if something is not."""
    found = difference(java, here)
    if bool(found) == bool(known):
        return 0
    print(f"DIFFERENT: {name}: {found}" if found else f"no different any more: {name}: {known}")
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the tests' expected.json")
    write = parser.parse_args().write
    if lacking():
        print(f"skipped: {lacking()}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        failed = run(Path(folder), write=write)
    print(f"{failed} differences that are not known")
    return 1 if failed else 0


def run(folder: Path, *, write: bool) -> int:
    files = samples()
    more = list(written(folder))
    known = {folder / f"{name}.avdl": why for name, (_, why) in DIFFERENCES.items()}
    for file, (text, _) in zip(known, DIFFERENCES.values(), strict=True):
        file.write_text(text, encoding="utf-8", newline="")
    every = [*files, *more, *known]
    results = dict(zip(every, read_in_java(every), strict=True))
    if write:
        write_expected({file.relative_to(SAMPLES).as_posix(): results[file] for file in files})
    failed = sum(compare(file.name, results[file], read_here(file), known.get(file, "")) for file in every)
    hashed = [file for file in files if "md5" in results[file]]
    same = sum(results[file]["md5"] == read_here(file)["md5"] for file in hashed)
    print(f"{len(results)} texts; the MD5 is Java's of {same} of {len(hashed)} samples")
    return failed


def write_expected(results: dict[str, Any]) -> None:
    lines = [
        f"{json.dumps(name)}: {json.dumps(result, ensure_ascii=False)}" for name, result in results.items()
    ]
    text = ",\n".join(lines)
    (SAMPLES / "expected.json").write_text(f"{{\n{text}\n}}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
