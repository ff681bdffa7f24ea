"""Schemas that were seen before are found again, and nobody notices but by the clock."""

from __future__ import annotations

import collections
import copy
import gc
import json
import random
import threading
from decimal import Decimal
from io import BytesIO

import pytest

from avrojet.compat import fastavro
from avrojet.compat.fastavro import utils
from avrojet.compat.fastavro._copies import Copies
from avrojet.compat.fastavro._known import known
from avrojet.compat.fastavro._parse import Parser
from avrojet.compat.fastavro.schema import (
    expand_schema,
    parse_schema,
    to_parsing_canonical_form,
)
from avrojet.errors import LimitError
from tests.cases import for_each
from tests.stacks import in_a_small_stack

ROW = {
    "type": "record",
    "name": "Row",
    "namespace": "n",
    "doc": "of a table",
    "connect.name": {"of": ["somebody", 1, 2.5, None, True]},
    "fields": [
        {"name": "a", "type": "int", "default": 1},
        {"name": "b", "type": ["null", {"type": "enum", "name": "E", "symbols": ["A", "B"]}]},
        {"name": "c", "type": {"type": "array", "items": "E"}, "default": []},
        {"name": "d", "type": {"type": "record", "name": "D", "fields": [{"name": "x", "type": "double"}]}},
        {"name": "e", "type": ["null", "D"]},
        {"name": "again", "type": ["null", "Row"], "default": None},
    ],
}
OPTIONS = [
    {},
    {"expand": True},
    {"_write_hint": False},
    {"_force": True},
    {"_write_hint": False, "_force": True},
    {"expand": True, "_write_hint": False},
    {"_ignore_default_error": True},
]


def fresh():
    """A schema object that was never seen."""
    return json.loads(json.dumps(ROW))


def parsed_first(schema, **options):
    """The parse of an object that was never seen: through a dict of named types nothing is found again."""
    return parse_schema(schema, {}, **options)


CALLS = [
    *((f"parse_schema {options}", lambda s, o=options: parse_schema(s, **o)) for options in OPTIONS),
    ("expand_schema", expand_schema),
    ("of a union", lambda s: parse_schema(["null", s])),
    ("of a list of both", lambda s: parse_schema([s, "string", {"type": "fixed", "name": "f", "size": 1}])),
]


@pytest.mark.parametrize(("name", "call"), CALLS, ids=[name for name, _ in CALLS])
@pytest.mark.parametrize("parsed", [False, True])
def test_a_schema_parsed_again_is_what_it_was(name, call, parsed):
    source = parse_schema(fresh()) if parsed else fresh()
    wanted = call(copy.deepcopy(source))
    for _ in range(10):
        before = copy.deepcopy(source)
        assert call(source) == wanted
        assert source == before
        assert call(parse_schema(fresh()) if parsed else fresh()) == wanted


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_it_is_what_a_first_parse_gives(options):
    wanted = parsed_first(fresh(), **options)
    source = fresh()
    for _ in range(10):
        got = parse_schema(source, **options)
        # The list of named types, too, whose order is that of their definition.
        assert json.dumps(got) == json.dumps(wanted)
        assert got.get("__named_schemas", {}).keys() == wanted.get("__named_schemas", {}).keys()


def test_what_is_marked_as_parsed_is_given_back_itself():
    schema = parse_schema(fresh())
    for _ in range(5):
        assert parse_schema(schema) is schema
        assert parse_schema([schema, "null"])[0] is schema
        named = {}
        assert parse_schema(schema, named) is schema
        assert named.keys() == {"n.Row", "n.E", "n.D"}


def containers(part):
    """The dicts and lists of a structure, once each."""
    found = {}
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list) and id(one) not in found:
            found[id(one)] = one
            waiting.extend(one.values() if isinstance(one, dict) else one)
    return found


def change(part, number):
    """Change one of the dicts and lists of a structure."""
    every = list(containers(part).values())
    one = every[number % len(every)]
    if isinstance(one, dict):
        one["changed"] = number
    else:
        one.append(f"changed {number}")
    return len(every)


@pytest.mark.parametrize("call", [parse_schema, expand_schema, lambda s: parse_schema(["null", s])])
def test_nobody_sees_what_another_does_to_its_copy(call):
    source = fresh()
    wanted = call(fresh())
    for number in range(200):
        got = call(source)
        assert got == wanted
        change(got, number)
        del got
    kept = [call(source) for _ in range(50)]
    assert all(one == wanted for one in kept)
    shared = collections.Counter(place for one in kept for place in containers(one))
    assert max(shared.values()) == 1
    inner = [call(source)["fields"][3] if isinstance(wanted, dict) else call(source)[1] for _ in range(50)]
    assert len({id(one) for one in inner}) == 50


def test_who_keeps_a_part_keeps_it_for_himself():
    source = fresh()
    parts = []
    for number in range(60):
        got = expand_schema(source)
        every = list(containers(got).values())
        parts.append(every[number % len(every)])
        del got, every
    assert len({id(part) for part in parts}) == len(parts)
    for part in parts:
        part.clear()
    assert expand_schema(source) == expand_schema(fresh())


def test_copies_have_the_shape_of_what_they_are_copies_of():
    inner = {"a": [1]}
    copies = Copies([inner, inner, {"x": inner["a"]}])
    for _ in range(5):
        got = copies.copy()
        assert got == [inner, inner, {"x": [1]}]
        assert got[0] is got[1]
        assert got[2]["x"] is got[0]["a"]
        assert got[0] is not inner
    assert Copies("string").copy() == "string"
    assert Copies({}).copy() == {}


@for_each("number", range(60))
@pytest.mark.parametrize("parsed", [False, True])
def test_a_schema_that_is_changed_is_another(number, parsed):
    source = parse_schema(fresh()) if parsed else fresh()
    for _ in range(5):
        expand_schema(source), parse_schema(source), to_parsing_canonical_form(source)
    change(source, number)
    same = copy.deepcopy(source)
    calls = [
        lambda schema: parse_schema(schema, _force=True),
        expand_schema,
        to_parsing_canonical_form,
        lambda schema: fastavro.validate(utils_row(), schema, raise_errors=False),
    ]
    for call in calls:
        assert outcome(call, source) == outcome(call, same)


def utils_row():
    return {"a": 1, "b": "A", "c": [], "d": {"x": 1.0}, "e": None, "again": None}


def outcome(call, *arguments):
    try:
        return call(*arguments)
    except Exception as error:  # noqa: BLE001 (it is what is compared)
        return type(error), str(error)


LIKE = [
    ({"d": 1}, {"d": True}),
    ({"d": 1}, {"d": 1.0}),
    ({"d": 0.0}, {"d": -0.0}),
    ({"d": float("nan")}, {"d": 0.5}),
    ({"d": "1"}, {"d": 1}),
    ({"d": None}, {"d": False}),
    ({"d": []}, {"d": {}}),
    ({"d": [[1]]}, {"d": [1]}),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
]


@pytest.mark.parametrize(("one", "other"), LIKE, ids=str)
def test_schemas_that_are_nearly_alike_are_two(one, other):
    schemas = [{"type": "fixed", "name": "f", "size": 1, "extra": extra} for extra in (one, other)]
    for _ in range(5):
        for schema in copy.deepcopy(schemas):
            assert repr(parse_schema(schema)["extra"]) == repr(schema["extra"])
    assert known(schemas[0]) is not known(schemas[1])
    assert known(schemas[0]) is known(copy.deepcopy(schemas[0]))


def test_schemas_of_other_classes_are_read_for_what_they_say(encode):
    plain = known(fresh())
    ordered = json.loads(json.dumps(ROW), object_pairs_hook=collections.OrderedDict)
    assert known(ordered) is plain
    for _ in range(5):
        assert parse_schema(ordered) == parse_schema(fresh())
        # What is not the schema's own stays as it was given.
        assert type(parse_schema(ordered)["connect.name"]) is collections.OrderedDict
        assert type(parse_schema(fresh())["connect.name"]) is dict
    fields = {**fresh(), "fields": tuple(fresh()["fields"])}
    for _ in range(5):
        assert encode(fields, utils_row()) == encode(ROW, utils_row())
        assert parse_schema(fields) == parse_schema(fresh())


def test_schemas_with_what_is_no_json_are_known_by_themselves(encode, decode):
    def schema(size):
        return {"type": "fixed", "name": "f", "size": size, "by": Decimal(1), "set": {1, 2}}

    for size in (1, 2, 1):
        kept = schema(size)
        for _ in range(5):
            assert encode(kept, bytes(size)) == encode(schema(size), bytes(size)) == bytes(size)
            assert decode(bytes(size), kept) == bytes(size)
            assert parse_schema(kept) == {**schema(size), "name": "f"}
            assert parse_schema(kept)["set"] is kept["set"]
    assert not known(kept).shared


def test_plans_follow_the_content_of_schemas_made_anew(encode, decode):
    for _ in range(3):
        for size in range(1, 40):
            schema = {"type": "fixed", "name": "f", "size": size}
            assert decode(encode(schema, bytes(size)), dict(schema), dict(schema)) == bytes(size)
            with pytest.raises(fastavro.read.SchemaResolutionError):
                decode(bytes(size), dict(schema), {**schema, "size": size + 1})


def test_the_tables_count_for_schemas_made_anew(encode, decode, logical_tables):
    def schema():
        return {"type": "string", "logicalType": "shout"}

    for _ in range(5):
        assert encode(schema(), "a") == b"\x02a"
        assert decode(b"\x02a", schema()) == "a"
        logical_tables[1]["string-shout"] = lambda value, _: value.upper()
        logical_tables[0]["string-shout"] = lambda value, *_: value * 2
        assert encode(schema(), "a") == b"\x02A"
        assert decode(b"\x02a", schema()) == "aa"
        del logical_tables[0]["string-shout"], logical_tables[1]["string-shout"]


def test_many_schemas_are_not_kept():
    gc.collect()
    before = len(gc.get_objects())
    for number in range(3000):
        schema = {"type": "record", "name": f"r{number}", "fields": [{"name": "a", "type": "int"}]}
        for _ in range(4):
            parse_schema(schema), expand_schema(schema), to_parsing_canonical_form(schema)
        fastavro.validate({"a": 1}, schema)
    gc.collect()
    assert len(gc.get_objects()) - before < 60_000


def test_threads_find_the_same(encode):
    sources = [{**fresh(), "namespace": f"n{number}"} for number in range(20)]
    wanted = [expand_schema(copy.deepcopy(source)) for source in sources]
    failed = []

    def work(seed):
        draw = random.Random(seed)
        try:
            for _ in range(300):
                number = draw.randrange(len(sources))
                got = expand_schema(sources[number])
                assert got == wanted[number]
                if draw.random() < 0.3:
                    change(got, draw.randrange(100))
                assert parse_schema(sources[number])["name"] == f"n{number}.Row"
                encode(sources[number], {"a": 1, "b": None, "d": {"x": 0.5}})
        except Exception as error:  # noqa: BLE001 (any of them is shown)
            failed.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def arrays(levels):
    schema = "int"
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return schema


def records(levels):
    schema = "int"
    for level in range(levels):
        schema = {"type": "record", "name": f"r{level}", "fields": [{"name": "x", "type": ["null", schema]}]}
    return schema


def unions(levels):
    schema = "int"
    for _ in range(levels):
        schema = [schema]
    return schema


@pytest.mark.parametrize("make", [arrays, records, unions])
@pytest.mark.parametrize("levels", [150, 5000])
def test_deep_schemas_do_not_end_the_process(make, levels):
    schema = make(levels)

    def use():
        for _ in range(4):
            for call in (parse_schema, expand_schema, to_parsing_canonical_form):
                if levels == 150:
                    call(schema)
                else:
                    with pytest.raises(LimitError):
                        call(schema)
            known(schema)

    in_a_small_stack(use)


def test_deep_values_do_not_end_the_process():
    tree = {"type": "record", "name": "T", "fields": [{"name": "x", "type": ["null", "T"]}]}

    def nested(levels):
        value = None
        for _ in range(levels):
            value = {"x": value}
        return value

    # Made and freed here: CPython 3.13 frees dicts in dicts by recursion.
    shallow, deep = nested(190), nested(5000)

    def use():
        assert fastavro.validate(shallow, tree)
        with pytest.raises(LimitError):
            fastavro.validate(deep, tree)

    in_a_small_stack(use)


def test_random_schemas_give_the_same_again():
    draw = random.Random(7)

    def schema(levels=3):
        kind = draw.randrange(8 if levels else 3)
        if kind < 3:
            return draw.choice(["int", "string", "null", {"type": "long", "logicalType": "x"}])
        if kind == 3:
            return {"type": "array", "items": schema(levels - 1), "default": []}
        if kind == 4:
            return {"type": "map", "values": schema(levels - 1)}
        if kind == 5:
            return [schema(levels - 1) for _ in range(draw.randrange(4))]
        name = f"n{draw.randrange(10**9)}"
        fields = [{"name": f"f{n}", "type": schema(levels - 1), "p": [n]} for n in range(draw.randrange(4))]
        return {"type": "record", "name": name, "namespace": draw.choice(["", "a.b"]), "fields": fields}

    for _ in range(200):
        source = schema()
        text = json.dumps(source)
        for call in (
            parse_schema,
            expand_schema,
            to_parsing_canonical_form,
            lambda one: parse_schema(one, _force=True, _write_hint=False),
        ):
            wanted = outcome(call, json.loads(text))
            for _ in range(4):
                assert outcome(call, source) == outcome(call, json.loads(text)) == wanted
        assert json.dumps(source) == text


def test_parsers_take_named_types():
    named = {}
    parse_schema({"type": "fixed", "name": "a.F", "size": 1}, named)
    assert Parser(named) is not None
    for _ in range(4):
        assert parse_schema({"type": "array", "items": "a.F"}, dict(named))["items"] == "a.F"
        with pytest.raises(fastavro.schema.UnknownType):
            parse_schema({"type": "array", "items": "a.F"})


def test_values_of_a_random_schema_are_valid():
    for _ in range(5):
        value = utils.generate_one(ROW | {"fields": ROW["fields"][:5]})
        assert fastavro.validate(value, ROW, raise_errors=False) is True
        file = BytesIO()
        fastavro.writer(file, ROW, [value], validator=True)
        file.seek(0)
        assert next(fastavro.reader(file)) == {**value, "again": None}
