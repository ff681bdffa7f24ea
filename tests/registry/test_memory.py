"""A registry in memory keeps the rules of Confluent's."""

from __future__ import annotations

import asyncio
from threading import Thread

import pytest

from avrojet import SchemaError, parse_schema
from avrojet.registry import (
    IncompatibleError,
    InvalidSchemaError,
    MemoryRegistry,
    NotFoundError,
    RegistryError,
    SchemaReference,
    SchemaReferenceError,
    ThreadedRegistry,
)
from tests.vectors import record

ONE = record("R", a="int")
TWO = {
    **record("R", a="int"),
    "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "int", "default": 1}],
}
WORSE = record("R", a="int", c="string")
POINT = record("geo.Point", x="int", y="int")
LINE = record("geo.Line", start="geo.Point", end="geo.Point")


@pytest.fixture
def registry():
    return MemoryRegistry()


def test_ids_go_by_content_and_versions_by_subject(registry):
    first = registry.register("s", ONE)
    assert (first.id, first.version, first.subject, first.schema) == (1, 1, "s", parse_schema(ONE))
    assert registry.register("s", parse_schema(ONE)) == first
    second = registry.register("s", TWO)
    assert (second.id, second.version) == (2, 2)
    assert registry.register("t", TWO).id == 2
    assert registry.register("t", TWO).version == 1
    assert (registry.subjects(), registry.versions("s"), registry.ids()) == (["s", "t"], [1, 2], [1, 2])
    assert registry.by_id(1).subject is None
    assert registry.by_id(2, "t").version == 1
    assert registry.by_guid(second.guid).id == 2
    assert registry.latest("s") == registry.version("s", 2) == second
    assert registry.lookup("s", ONE).version == 1
    assert registry.uses(2) == [("s", 2), ("t", 1)]


def test_a_level_is_enforced_with_reasons(registry):
    registry.register("s", ONE)
    with pytest.raises(IncompatibleError, match="give `c` a default") as caught:
        registry.register("s", WORSE)
    assert (caught.value.status, caught.value.subject) == (409, "s")
    assert not caught.value.history
    check = registry.check("s", WORSE)
    assert not check
    assert check.level == "BACKWARD"
    assert [reason.remedy for reason in check.reasons] == ["give `c` a default"]
    assert registry.check("s", TWO)
    registry.set_level("NONE", "s")
    assert registry.register("s", WORSE).version == 2
    assert (registry.level("s"), registry.level("t"), registry.level()) == ("NONE", "BACKWARD", "BACKWARD")
    with pytest.raises(ValueError, match="no level"):
        registry.set_level("BEST")


def test_only_transitive_levels_look_back_further(registry):
    registry.register("s", record("R", a="int"))
    registry.register("s", record("R", a="long"))
    registry.set_level("NONE")
    registry.register("s", record("R", a="int"))
    third = record("R", a="double")
    registry.set_level("FORWARD", "s")
    assert not registry.check("s", third, None)
    registry.set_level("BACKWARD_TRANSITIVE", "s")
    assert len(registry.check("s", third, None).history.checks) == 2
    assert not registry.check("s", record("R", a="string"), 1)


def test_deleted_softly_and_for_good(registry):
    registry.register("s", ONE)
    registry.register("s", TWO)
    with pytest.raises(RegistryError, match="before it is deleted permanently"):
        registry.delete_version("s", 1, permanent=True)
    assert registry.delete_version("s", 1) == 1
    assert registry.versions("s") == [2]
    assert registry.versions("s", deleted=True) == [1, 2]
    assert registry.by_id(1).id == 1
    with pytest.raises(NotFoundError) as caught:
        registry.version("s", 1)
    assert (caught.value.code, caught.value.version) == (40402, 1)
    registry.delete_version("s", 1, permanent=True)
    with pytest.raises(NotFoundError):
        registry.by_id(1)
    with pytest.raises(RegistryError) as caught:
        registry.delete_subject("s", permanent=True)
    assert caught.value.code == 40405
    assert registry.delete_subject("s") == [2]
    assert registry.subjects() == []
    assert registry.subjects(deleted=True) == ["s"]
    again = registry.register("s", TWO)
    assert (again.id, again.version) == (2, 3)
    registry.delete_subject("s")
    assert registry.delete_subject("s", permanent=True) == [2, 3]
    with pytest.raises(NotFoundError, match="no subject"):
        registry.latest("s")
    assert registry.register("s", TWO).version == 1


def test_references(registry):
    with pytest.raises(SchemaError):
        registry.register("line", LINE)
    registry.register("point", POINT)
    to_point = SchemaReference("geo.Point", "point", 1)
    line = registry.register("line", LINE, references=[to_point])
    assert line.schema == parse_schema(record("geo.Line", start=POINT, end="geo.Point"))
    assert line.references == (to_point,)
    assert '"int"' not in line.text
    # A Schema that holds the types is the same: what it refers to is named only.
    assert registry.register("line", line.schema, references=[to_point]) == line
    assert registry.lookup("line", line.schema) == line
    assert registry.lookup("line", LINE) == line
    with pytest.raises(InvalidSchemaError, match="referred to by 'line'") as caught:
        registry.delete_version("point", 1)
    assert caught.value.code == 42206
    with pytest.raises(SchemaReferenceError, match="'geo.Point' leads nowhere"):
        registry.register("other", LINE, references=[SchemaReference("geo.Point", "point", 2)])
    registry.set_level("NONE")
    registry.register("point", record("geo.Point", x="double"))
    both = [to_point, SchemaReference("geo.Point", "point", 2)]
    with pytest.raises(
        SchemaReferenceError, match="not the same in 'point' version 1 and in 'point' version 2"
    ):
        registry.register("other", LINE, references=both)


def test_normalized_schemas_differ_in_what_they_say_only(registry):
    first = registry.register("s", '{"type": "string", "x": 1, "a": 2}')
    other = '{"a": 2, "x": 1, "type": "string"}'
    with pytest.raises(NotFoundError):
        registry.lookup("s", other)
    assert registry.lookup("s", other, normalize=True) == first
    assert registry.register("s", other, normalize=True) == first
    assert registry.register("s", other).version == 2


def test_metadata(registry):
    registry.register("s", ONE, metadata={"properties": {"major": "1"}})
    registry.register("s", ONE, metadata={"properties": {"major": "2"}})
    assert registry.latest_with_metadata("s", {"major": "1"}).version == 1
    with pytest.raises(NotFoundError):
        registry.latest_with_metadata("s", {"major": "3"})


def test_threads_and_tasks(registry):
    threads = [Thread(target=registry.register, args=("s", ONE)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert registry.versions("s") == [1]

    async def used():
        async with ThreadedRegistry(registry) as threaded:
            assert await threaded.by_id(1, "s") == await threaded.lookup("s", ONE)
            assert (await threaded.check("s", TWO)).compatible
            assert await threaded.subjects() == ["s"]

    asyncio.run(used())
