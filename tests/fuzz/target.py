"""Coverage-guided fuzzing with atheris.

python -m tests.fuzz.target schema|datum|container|encode [libFuzzer's options]
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import atheris

with atheris.instrument_imports(include=["avrojet"]):
    from tests.fuzz.inputs import value_of
    from tests.fuzz.mutate import check_text
    from tests.fuzz.oracles import Codec, check_datum, check_file, check_value

from avrojet import AvroError


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


TARGETS: dict[str, Callable[[bytes], object]] = {
    "schema": check_text,
    "datum": check_schema_and_datum,
    "container": check_file,
    "encode": check_schema_and_value,
}

if __name__ == "__main__":
    check = TARGETS[sys.argv.pop(1)]

    def one_input(data: bytes) -> None:
        check(data)

    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
