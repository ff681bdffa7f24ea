"""What schemas cost: memory in proportion to their text, whatever their names are."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from avrojet import Decoder, Encoder, LimitError, Limits, check_compatibility, parse_schema

LONG = "n" * 50


def fixed(name: str, **attributes: Any) -> dict[str, Any]:
    return {"type": "fixed", "name": name, "size": 1, **attributes}


def record(name: str, *types: Any, **attributes: Any) -> dict[str, Any]:
    fields = [{"name": f"f{index}", "type": type} for index, type in enumerate(types)]
    return {"type": "record", "name": name, "fields": fields, **attributes}


# Schemas whose names in full take the square of their text, of about the size that is asked for.
SQUARES: dict[str, Callable[[int], Any]] = {
    "definitions that inherit a namespace": lambda size: record(
        "R", *(fixed(f"T{index}") for index in range(size // 100)), namespace=f"{'n.' * (size // 4)}x"
    ),
    "aliases of a long namespace": lambda size: fixed(
        "F", namespace="n" * (size // 2), aliases=[f"a{index}" for index in range(size // 20)]
    ),
    "references that inherit a namespace": lambda size: record(
        "R", fixed("F"), *["F"] * (size // 60), namespace="n" * (size // 2)
    ),
    "references with attributes": lambda size: record(
        "R", fixed("F"), *({"type": "F", "x": 0} for _ in range(size // 100)), namespace="n" * (size // 2)
    ),
}
# Schemas that are just large.
PLAIN: dict[str, Callable[[int], Any]] = {
    "fields": lambda size: record("R", *["long"] * (size // 40)),
    "definitions": lambda size: record(
        "R", *(fixed(f"T{index}") for index in range(size // 90)), namespace="org.example"
    ),
    "references": lambda size: record("R", fixed("F"), *["F"] * (size // 40), namespace="org.example"),
    "references with attributes": lambda size: record(
        "R", fixed("F"), *({"type": "F", "x": 0} for _ in range(size // 60)), namespace="org.example"
    ),
    "a long namespace": lambda size: record("R", fixed("F"), "F", namespace="n" * size),
    "long aliases": lambda size: fixed("F", aliases=["a" * (size // 10)] * 10),
    "nested": lambda size: nested(size // 80),
}


def nested(levels: int) -> str:
    begin = "".join(
        f'{{"type":"record","name":"R{level}","fields":[{{"name":"f","type":' for level in range(levels)
    )
    return begin + '"int"' + "}]}" * levels


def text_of(schema: Any) -> str:
    return schema if isinstance(schema, str) else json.dumps(schema)


USES: dict[str, Callable[[str, Limits], Any]] = {
    "parse": lambda text, limits: parse_schema(text, limits=limits),
    "json": lambda text, limits: parse_schema(text, limits=limits).json,
    "canonical form": lambda text, limits: parse_schema(text, limits=limits).canonical_form,
    "decoder": lambda text, limits: Decoder(text, limits=limits),
    "resolution": lambda text, limits: Decoder(text, text, limits=limits),
    "encoder": lambda text, limits: Encoder(text, limits=limits),
    "compatibility": lambda text, limits: check_compatibility(
        parse_schema(text, limits=limits), parse_schema(text, limits=limits)
    ),
}


def peak(use: Callable[[str, Limits], Any], text: str, limits: Limits) -> int:
    tracemalloc.start()
    try:
        use(text, limits)
    except LimitError:
        pass
    finally:
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return size


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("make", SQUARES.values(), ids=SQUARES)
def test_names_in_full_are_bounded_as_the_text_is(make, use):
    text = json.dumps(make(60_000))
    assert len(text) < 100_000
    assert peak(use, text, Limits(schema_bytes=100_000, depth=10_000)) < 120 * 100_000


@pytest.mark.slow
@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("make", PLAIN.values(), ids=PLAIN)
def test_memory_is_in_proportion_to_the_text(make, use):
    """Eight times the text is some eight times the memory, for tables double; and not too much of it."""
    limits = Limits(depth=100_000)
    use(text_of(make(1000)), limits)  # what is made once
    texts = [text_of(make(size)) for size in (10_000, 80_000)]
    # The smaller of two: a table of the whole process may grow in one. (A blank makes it another text.)
    small, large = (min(peak(use, each, limits) for each in (text, f"{text} ")) for text in texts)
    assert large < 20 * small
    assert large < 150 * len(texts[1])


def test_what_exceeds_the_limit_is_told():
    text = json.dumps(SQUARES["definitions that inherit a namespace"](60_000))
    with pytest.raises(LimitError, match=r"names of the schema's types.*limits\.schema_bytes = 100000"):
        parse_schema(text, limits=Limits(schema_bytes=100_000))
    with pytest.raises(LimitError) as caught:
        parse_schema(json.loads(text), limits=Limits(schema_bytes=100_000))
    assert caught.value.limit == "schema_bytes"


def test_names_that_stand_in_the_text_do_not_count_twice():
    """What meets the limit passes: only what a name gets from around it is counted beside the text."""
    for source in (
        record(f"{LONG}.R", *(fixed(f"{LONG}.T{index}") for index in range(100)), *[f"{LONG}.T0"] * 100),
        record(LONG, *(fixed(f"{LONG}{index}") for index in range(100)), *[f"{LONG}0"] * 100),
    ):
        text = json.dumps(source)
        assert parse_schema(text, limits=Limits(schema_bytes=len(text)))
