"""Against a real Apicurio: its own interfaces, and Confluent's."""

from __future__ import annotations

from contextlib import closing
from uuid import uuid4

import pytest

from avrojet import parse_schema
from avrojet.registry import (
    ApicurioRegistry,
    AsyncApicurioRegistry,
    ConfluentRegistry,
    IncompatibleError,
    NotFoundError,
    RegistryError,
    SchemaReference,
)
from tests.peers import apicurio_registry
from tests.registry.conftest import client
from tests.registry.test_memory import LINE, ONE, POINT, TWO, WORSE
from tests.vectors import record

pytest.importorskip("httpx")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=[2, 3])
def apicurio(request):
    missing = apicurio_registry.lacking(request.param)
    if missing:
        pytest.skip(missing)
    with apicurio_registry.running(request.param) as url:
        yield url, request.param


def interfaces(url, version):
    own = {"version": version}
    yield "ccompat", client(ConfluentRegistry, f"{url}/apis/ccompat/v7")
    yield "own", client(ApicurioRegistry, url, **own)
    yield "asyncio", client(AsyncApicurioRegistry, url, **own)
    yield "content ids", client(ApicurioRegistry, url, use_id="contentId", **own)


def test_a_life(apicurio):
    for name, registry in interfaces(*apicurio):
        with closing(registry):
            subject = f"{name}/{uuid4().hex}"
            live(registry, subject)
            shape, both, references = referring(registry, subject)
            if (name, apicurio[1]) != ("ccompat", 3):  # which looks for no references of the versions before
                assert registry.check(shape, both, references=references)


def live(registry, subject):
    first = registry.register(subject, ONE)
    assert (first.version, first.subject, first.schema) == (1, subject, parse_schema(ONE))
    assert registry.level(subject) == "NONE"
    registry.set_level("BACKWARD", subject)
    assert registry.level(subject) == "BACKWARD"
    second = registry.register(subject, TWO)
    assert registry.register(subject, TWO) == second
    assert (second.version, registry.versions(subject)) == (2, [1, 2])
    for found in (registry.latest(subject), registry.version(subject, 2), registry.lookup(subject, TWO)):
        assert (found.id, found.version, found.schema) == (second.id, 2, parse_schema(TWO))
    assert registry.lookup(subject, ONE).id == first.id
    assert registry.by_id(first.id).schema == parse_schema(ONE)
    with pytest.raises(IncompatibleError) as caught:
        registry.register(subject, WORSE)
    assert caught.value.subject == subject
    assert registry.check(subject, record("R", a="int"))
    assert not registry.check(subject, WORSE)
    assert not registry.check(subject, WORSE, 1)
    assert subject in registry.subjects()
    for missing in (
        lambda: registry.by_id(987654321),
        lambda: registry.latest(subject + "x"),
        lambda: registry.version(subject, 9),
        lambda: registry.lookup(subject, WORSE),
        lambda: registry.versions(subject + "x"),
    ):
        with pytest.raises(NotFoundError):
            missing()


def referring(registry, subject):
    point, line, shape = (f"{subject}-{name}" for name in ("point", "line", "shape"))
    registry.register(point, POINT)
    to_point, to_line = SchemaReference("geo.Point", point, 1), SchemaReference("geo.Line", line, 1)
    registry.register(line, LINE, references=[to_point])
    both = record("geo.Shape", line="geo.Line", at="geo.Point")
    made = registry.register(shape, both, references=[to_line, to_point])
    registry.clear()
    found = registry.by_id(made.id)
    assert found.schema == made.schema
    assert sorted(each.subject for each in found.references) == [line, point]
    assert registry.latest(shape).schema == made.schema
    assert registry.lookup(shape, both, references=[to_line, to_point]).id == made.id
    return shape, both, [to_line, to_point]


def test_what_it_has_not(apicurio):
    url, version = apicurio
    registry = client(ApicurioRegistry, url, version=version)
    with pytest.raises(RegistryError, match="no GUIDs"):
        registry.by_guid("x")
    registry.register("plain", ONE)
    with pytest.raises(RegistryError, match="only deletes permanently"):
        registry.delete_subject("plain")
    with pytest.raises(RegistryError, match="has no rules"):
        registry.register("plain", ONE, rules={"domainRules": []})
    labels = {"properties": {"major": "1"}}
    if version == 2:
        with pytest.raises(RegistryError, match="has no metadata"):
            registry.register("plain", ONE, metadata=labels)
    else:
        made = registry.register("labelled", ONE, metadata=labels)
        assert made.metadata == registry.latest("labelled").metadata == labels
        assert registry.latest_with_metadata("labelled", {"major": "1"}).id == made.id
        with pytest.raises(NotFoundError):
            registry.latest_with_metadata("labelled", {"major": "2"})
    assert registry.delete_subject("plain", permanent=True) == [1]
    with pytest.raises(NotFoundError):
        registry.latest("plain")
    other = f":.group-{version}:x"
    assert registry.register(other, ONE).subject == other
    assert registry.latest(other).schema == parse_schema(ONE)
    registry.close()


def test_options():
    with pytest.raises(ValueError, match="version 2 and one of version 3"):
        ApicurioRegistry("http://localhost", version=1)
    with pytest.raises(ValueError, match="use_id must be"):
        ApicurioRegistry("http://localhost", use_id="id")
