"""Aliases: what they rename, and what they leave open (specification: Aliases)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from avrojet import Decoder, ResolutionError, check_compatibility, decode
from avrojet.plan.aliases import rename_branches, rename_fields
from avrojet.schema.parse import parse_schema
from tests import reference


def record(text: str) -> dict[str, Any]:
    """``"b/a/z c=1"``: a field b with the aliases a and z, and a field c with the default 1."""
    fields: list[dict[str, Any]] = []
    for part in text.split():
        names, _, default = part.partition("=")
        name, *aliases = names.split("/")
        fields.append({"name": name, "type": "int", "aliases": aliases})
        if default:
            fields[-1]["default"] = int(default)
    return {"type": "record", "name": "R", "fields": fields}


# Writer, reader, and what is read where the writer's fields are 1, 2, 3: by the wording of the specification,
# "the implementation would act as though x were named y".
READ = {
    "a new name": ("a", "b/a", {"b": 1}),
    "the new name is there already": ("b", "b/a", {"b": 1}),
    "an older name": ("a", "c/b/a", {"c": 1}),
    "names that move on": ("a b", "b/a c/b=9", {"b": 1, "c": 2}),
    "names that have moved on": ("b c", "b/a c/b=9", {"b": 1, "c": 2}),
    "names that have moved on, and more": ("b c a", "b/a c/b a=9", {"b": 1, "c": 2, "a": 3}),
    "names that move on, the last first": ("a b", "c/b b/a", {"c": 2, "b": 1}),
    "three names that move on": ("a b c", "b/a c/b d/c", {"b": 1, "c": 2, "d": 3}),
    "a name that moves on and is given again": ("a", "a=9 c/a", {"a": 9, "c": 1}),
    "what was given again": ("a c", "a=9 c/a", {"a": 1, "c": 2}),
    "a name that moves on and another's that has its": ("a b", "b=9 c/b", {"b": 9, "c": 2}),
    "exchanged names that the writer knows": ("b/a a/b", "b/a a/b", {"b": 1, "a": 2}),
    "exchanged names, and more": ("b/a a/b x", "b/a a/b y=9", {"b": 1, "a": 2, "y": 9}),
    "three names in a circle that the writer knows": ("b/a c/b a/c", "a/c b/a c/b", {"b": 1, "c": 2, "a": 3}),
    "an old name that is there again, and the writer knows": ("b/a a", "b/a", {"b": 1}),
    "exchanged names, one of which the writer knows": ("a b/a", "b/a a/b c=9", {"b": 2, "a": 1, "c": 9}),
    "names of both": ("a b", "a b/a", {"a": 1, "b": 2}),
    "its own alias": ("a", "a/a", {"a": 1}),
    "an alias twice": ("a", "b/a/a", {"b": 1}),
}
UNCLEAR = {
    "exchanged names": ("a b", "b/a a/b", "exchange"),
    "three names in a circle": ("a b c", "b/a c/b a/c", "exchange"),
    "two that have an alias": ("a", "b/a c/a", "several of the reader's fields have the alias 'a': 'b', 'c'"),
    "two that have an alias, with defaults": ("a", "b/a=1 c/a=1", "several of the reader's fields"),
    "two that have an alias, the name given again": ("a", "a=1 b/a=1 c/a=1", "several"),
    "two aliases of one": ("z a", "b/z/a", "has several aliases that the writer has: 'z', 'a'"),
    "a name and an alias of one": ("a b", "b/a", "the writer has both 'b' and 'a'"),
    "a name and an alias of one that another takes": ("a b", "b/a c/a", "the writer has both 'b' and 'a'"),
}


@pytest.mark.parametrize(("writer", "reader", "expected"), READ.values(), ids=READ)
def test_what_is_read(writer, reader, expected):
    data = bytes(range(2, 2 + 2 * len(writer.split()), 2))
    assert decode(data, record(writer), record(reader)) == expected
    assert (
        reference.read_resolved(parse_schema(record(writer)), parse_schema(record(reader)), data) == expected
    )
    assert check_compatibility(record(reader), record(writer))


@pytest.mark.parametrize(("writer", "reader", "message"), UNCLEAR.values(), ids=UNCLEAR)
def test_what_nobody_can_say_is_refused(writer, reader, message):
    with pytest.raises(ResolutionError, match=message):
        Decoder(record(writer), record(reader))
    compatibility = check_compatibility(record(reader), record(writer))
    assert {reason.kind.value for reason in compatibility.reasons} == {"AMBIGUOUS_ALIAS"}
    assert all(reason.reader_path.startswith("fields[") for reason in compatibility.reasons)
    with pytest.raises(reference.MismatchError):
        reference.read_resolved(parse_schema(record(writer)), parse_schema(record(reader)), bytes(10))


@pytest.mark.parametrize("reader", [case[1] for case in (*READ.values(), *UNCLEAR.values())])
def test_every_schema_reads_its_own_data(reader):
    """Also where it has fields beside it that the other has not."""
    names = [part.partition("/")[0].partition("=")[0] for part in reader.split()]
    data = bytes(range(2, 2 + 2 * len(names), 2))
    own = dict(zip(names, range(1, 1 + len(names)), strict=True))
    assert decode(data, record(reader), parse_schema(record(reader))) == own
    assert decode(data, record(reader), record(f"{reader} more=9")) == {**own, "more": 9}
    assert decode(b"\0" + data, record(f"more {reader}"), record(reader)) == own
    assert not check_compatibility(record(reader), record(reader)).reasons


def test_a_mismatch_after_a_union_fails_only_there():
    decoder = Decoder(["null", record("a b")], ["null", record("b/a a/b")])
    assert decoder.decode(b"\0") is None
    with pytest.raises(ResolutionError, match="exchange"):
        decoder.decode(b"\2\2\4")


def test_compatibility_tells_what_may_surprise():
    notes = check_compatibility(record("b/a c/b=9"), record("a b")).notes
    assert [(note.reader_path, note.message) for note in notes] == [
        (
            "fields[0]",
            "the writer's field 'b' is read as 'c', of which it is an alias, not as the reader's 'b'",
        )
    ]
    compatibility = check_compatibility(record("a b/a"), record("a b"))
    assert str(compatibility) == (
        "compatible\nnote: reader fields[1]: the alias 'a' of the reader's field 'b' is ignored, "
        "as the writer and the reader have both names"
    )
    assert not check_compatibility(record("b/a"), record("a")).notes


def test_a_field_that_lost_its_data_to_an_alias_says_so():
    with pytest.raises(ResolutionError, match=r"'a' gets no data, as the writer's field 'a' is read as 'c'"):
        Decoder(record("a"), record("a c/a"))


def names(rng: random.Random, most: int) -> str:
    chosen = rng.sample("abcd", rng.randint(0, most))
    return " ".join("/".join([name, *rng.choices("abcd", k=rng.choice([0, 0, 1, 1, 2]))]) for name in chosen)


def test_all_kinds_of_collisions_are_as_in_the_reference():
    rng = random.Random(1)
    for _ in range(5000):
        writer, reader = parse_schema(record(names(rng, 4))), parse_schema(record(names(rng, 4)))
        renaming = rename_fields(writer, reader)
        taken = {
            field.name: reader.fields[slot].name
            for field, slot in zip(writer.fields, renaming.slots, strict=True)
            if slot >= 0
        }
        written, wanted = (
            [(field.name, field.aliases) for field in each.fields] for each in (writer, reader)
        )
        takers, unclear = reference.renamed(written, wanted)
        there = {name: taker for name, taker in takers.items() if name in dict(written)}
        assert (taken, {reader.fields[slot].name for slot in renaming.unclear}) == (there, unclear), (
            written,
            wanted,
        )


def union(text: str) -> list[Any]:
    return [
        {"type": "fixed", "name": name, "size": 1, "aliases": aliases}
        for name, *aliases in (part.split("/") for part in text.split())
    ]


@pytest.mark.parametrize(
    ("writer", "reader", "expected"),
    [
        ("A B", "B/A C/B", "BC"),
        ("B C", "B/A C/B", "BC"),
        ("B", "B/A C/B", "C"),
        ("A", "B/A A", "B"),
        ("A B", "B/A A", "AB"),
        ("B/A A/B", "B/A A/B", "BA"),
        ("n.A n.B", "m.B/n.A m.C/n.B", ["m.B", "m.C"]),
        ("n.A", "m.A m.C/n.A", ["m.C"]),
    ],
)
def test_types_in_a_union_are_renamed_as_fields_are(writer, reader, expected):
    decoder = Decoder(union(writer), union(reader), unions="tagged")
    for index, name in enumerate(expected):
        data = bytes([2 * index]) + b"x"
        assert decoder.decode(data) == (name, b"x")
        schemas = parse_schema(union(writer)), parse_schema(union(reader))
        assert reference.read_resolved(*schemas, data, tagged=True) == (name, b"x")
    if len(expected) == 1:
        (alone,) = union(writer)
        assert Decoder(alone, union(reader), unions="tagged").decode(b"x") == (expected[0], b"x")


@pytest.mark.parametrize(("writer", "reader"), [("A B", "B/A A/B"), ("A", "B/A C/A"), ("A B", "C/A/B")])
def test_types_in_a_union_that_nobody_can_tell_apart_are_refused(writer, reader):
    with pytest.raises(ResolutionError, match="alias"):
        Decoder(union(writer), union(reader))


@pytest.mark.slow
def test_the_cost_is_in_proportion_to_the_names():
    """A chain of renamings, and a circle, of thousands of names."""
    count = 20_000
    written = record(" ".join(f"f{index}" for index in range(count)))
    chain = record(" ".join(f"f{index + 1}/f{index}" for index in range(count)))
    circle = record(" ".join(f"f{(index + 1) % count}/f{index}" for index in range(count)))
    same = record(" ".join(f"f{index}/x" for index in range(count)))
    writer = parse_schema(written)
    assert rename_fields(writer, parse_schema(chain)).slots == list(range(count))
    assert len(rename_fields(writer, parse_schema(circle)).unclear) == count
    assert len(rename_fields(parse_schema(record("x")), parse_schema(same)).unclear) == count
    many = parse_schema(record("b/" + "/".join(f"f{index}" for index in range(count))))
    assert len(rename_fields(writer, many).unclear) == 1
    assert rename_branches(parse_schema(union("A B")).branches, parse_schema(union("B/A C/B"))).slots == [
        0,
        1,
    ]
