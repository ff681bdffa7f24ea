"""Registries with Confluent's interface, against the one for tests, and confluent's own client."""

from __future__ import annotations

import asyncio
import json
import os
import re
from threading import Barrier, Thread

import pytest

from avrojet import AvroError, SchemaError, parse_schema
from avrojet.registry import (
    AsyncConfluentRegistry,
    Bearer,
    ConfluentRegistry,
    DeniedError,
    IncompatibleError,
    InvalidSchemaError,
    NotFoundError,
    RegistryError,
    Retries,
    SchemaReference,
    SchemaReferenceError,
    UnavailableError,
)
from avrojet.registry.testing import RegistryServer, fixture
from tests.registry.test_memory import LINE, ONE, POINT, TWO, WORSE
from tests.vectors import record

pytest.importorskip("httpx")

KINDS = [ConfluentRegistry, AsyncConfluentRegistry]
registry_url = fixture()


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def registry(request, clients):
    return clients(request.param)


# -- all methods -----------------------------------------------------------------------------------


def test_a_life(registry):
    first = registry.register("s/v ä", ONE)
    assert (first.id, first.version, first.subject, first.schema) == (1, 1, "s/v ä", parse_schema(ONE))
    second = registry.register("s/v ä", parse_schema(TWO), metadata={"properties": {"major": "2"}})
    assert second.version == 2
    assert registry.latest("s/v ä") == registry.version("s/v ä", 2) == second
    assert registry.lookup("s/v ä", ONE) == first
    assert registry.by_id(1).schema == registry.by_guid(first.guid).schema == first.schema
    assert registry.by_id(2, "s/v ä").metadata == {"properties": {"major": "2"}}
    assert registry.latest_with_metadata("s/v ä", {"major": "2"}) == second
    assert registry.subjects() == ["s/v ä"]
    assert registry.versions("s/v ä") == [1, 2]
    assert registry.check("s/v ä", TWO)
    check = registry.check("s/v ä", WORSE, None)
    assert not check
    assert "give `c` a default" in check.messages[0]
    assert not registry.check("s/v ä", WORSE, 1)
    with pytest.raises(IncompatibleError, match="give `c` a default") as caught:
        registry.register("s/v ä", WORSE)
    assert (caught.value.status, caught.value.subject) == (409, "s/v ä")
    assert registry.level() == registry.level("s/v ä") == "BACKWARD"
    registry.set_level("NONE", "s/v ä")
    assert (registry.level(), registry.level("s/v ä")) == ("BACKWARD", "NONE")
    registry.set_level("FULL")
    assert registry.level("t") == "FULL"
    assert registry.delete_version("s/v ä", 1) == 1
    assert registry.versions("s/v ä", deleted=True) == [1, 2]
    assert registry.delete_subject("s/v ä") == [2]
    assert registry.subjects() == []
    assert registry.subjects(deleted=True) == ["s/v ä"]
    with pytest.raises(NotFoundError):
        registry.latest("s/v ä")
    assert registry.delete_subject("s/v ä", permanent=True) == [1, 2]


@pytest.mark.parametrize(
    "schema", ["string", '"string"', ["null", "int"], {"type": "map", "values": "bytes"}]
)
def test_schemas_of_any_kind(registry, schema):
    registered = registry.register("s", schema)
    assert registry.by_id(registered.id).schema == parse_schema(schema)
    assert registry.lookup("s", schema).id == registered.id


def test_what_is_not_there(registry):
    for ask, facts in [
        (lambda: registry.by_id(7), {"id": 7, "code": 40403}),
        (lambda: registry.by_guid("no"), {"guid": "no"}),
        (lambda: registry.latest("s"), {"subject": "s", "version": "latest", "code": 40401}),
        (lambda: registry.version("s", 3), {"subject": "s", "version": 3}),
        (lambda: registry.lookup("s", ONE), {"subject": "s"}),
        (lambda: registry.versions("s"), {"subject": "s"}),
    ]:
        with pytest.raises(NotFoundError) as caught:
            ask()
        assert {name: getattr(caught.value, name) for name in facts} == facts
        assert caught.value.status == 404
        assert caught.value.url.startswith("http://127.0.0.1")


def test_a_schema_that_is_not_valid_is_not_sent(registry, server):
    for call in (registry.register, registry.lookup, registry.check):
        with pytest.raises(SchemaError):
            call("s", {"type": "nonsense"})
    assert server.requests == []


# -- references ------------------------------------------------------------------------------------


def test_references_are_resolved_once_each(registry, server):
    server.registry.register("point", POINT)
    to_point = SchemaReference("geo.Point", "point", 1)
    registry.register("line", LINE, references=[to_point])
    to_line = SchemaReference("geo.Line", "line", 1)
    diamond = registry.register(
        "shape", record("geo.Shape", line="geo.Line", at="geo.Point"), references=[to_line, to_point]
    )
    server.requests.clear()
    found = registry.by_id(diamond.id, "shape")
    assert found == diamond
    assert found.schema.fields[1].type is found.schema.fields[0].type.fields[0].type
    points = [each for each in server.requests if "point" in each]
    assert len(points) == 1


def test_types_that_are_inlined_and_referred_to(registry, server):
    server.registry.register("point", POINT)
    to_point = SchemaReference("geo.Point", "point", 1)
    both = record("geo.Line", start=POINT, end="geo.Point")
    server.registry.register("line", LINE, references=[to_point])
    whole = record("geo.Shape", line="geo.Line", at=POINT)
    text = json.dumps(whole)
    memory = server.registry
    id = memory.register("both", both, references=[to_point]).id
    assert registry.by_id(id).schema == parse_schema(both)
    # A type that comes with another one, and stands in the text itself.
    content = memory._by_id[memory.register("shape", "string").id]
    content.text, content.references = text, (SchemaReference("geo.Line", "line", 1),)
    assert [field.name for field in registry.by_id(content.id).schema.fields] == ["line", "at"]
    content = memory._by_id[memory.register("other", "int").id]
    content.text = json.dumps(record("geo.Shape", line="geo.Line", at=record("geo.Point", x="long")))
    content.references = (SchemaReference("geo.Line", "line", 1),)
    with pytest.raises(
        InvalidSchemaError, match=r"the schema of id \d is not valid: .*twice, and differently"
    ):
        registry.by_id(content.id)


def test_references_that_form_a_circle(registry, server):
    memory = server.registry
    a, b = memory.register("a", record("A", x="int")), memory.register("b", record("B", x="int"))
    memory._by_id[a.id].references = (SchemaReference("B", "b", 1),)
    memory._by_id[b.id].references = (SchemaReference("A", "a", 1),)
    with pytest.raises(SchemaReferenceError, match="'b' version 1 -> 'a' version 1 -> 'b' version 1"):
        registry.by_id(a.id)
    memory._by_id[b.id].references = (SchemaReference("A", "none", 4),)
    with pytest.raises(SchemaReferenceError, match="refers to 'A', which cannot be found") as caught:
        registry.version("a", 1)
    assert (caught.value.subject, caught.value.version) == ("none", 4)


# -- what is kept ----------------------------------------------------------------------------------


def test_what_is_known_is_not_asked_for_again(registry, server):
    server.registry.register("s", ONE)
    for _ in range(3):
        registry.by_id(1)
        registry.latest("s")
        registry.version("s", 1)
        registry.lookup("s", ONE)
        for missing in (lambda: registry.by_id(9), lambda: registry.latest("t")):
            with pytest.raises(NotFoundError):
                missing()
    assert len(server.requests) == len(set(server.requests)) == 6


def test_what_this_client_writes_it_sees_at_once(registry, server):
    with pytest.raises(NotFoundError):
        registry.by_id(1)
    with pytest.raises(NotFoundError):
        registry.latest("s")
    registry.register("s", ONE)
    assert registry.latest("s").version == 1
    registry.register("s", TWO)
    assert registry.latest("s").version == 2
    assert registry.version("s", 2) == registry.latest("s")
    registry.delete_version("s", 2)
    assert registry.latest("s").version == 1
    with pytest.raises(NotFoundError):
        registry.version("s", 2)
    server.stop()
    assert registry.by_id(1).schema == parse_schema(ONE)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_registry_that_is_down_stops_no_known_schema(kind, clients, server):
    registry = clients(kind, cache_seconds=0.0)
    server.registry.register("s", ONE)
    before = registry.by_id(1), registry.latest("s"), registry.version("s", 1)
    server.stop()
    assert (registry.by_id(1), registry.latest("s"), registry.version("s", 1)) == before
    with pytest.raises(UnavailableError, match="cannot be reached.*tried 4 times") as caught:
        registry.by_id(2)
    assert caught.value.url == server.url
    server.start()
    server.fail(kind="html")
    assert registry.latest("s") == before[1]
    server.heal()
    server.registry.register("s", TWO)
    assert registry.latest("s").version == 2
    # That something is gone is an answer.
    server.registry.delete_subject("s")
    with pytest.raises(NotFoundError):
        registry.latest("s")


def test_many_threads_ask_once(clients, server):
    registry = clients(ConfluentRegistry)
    server.registry.register("s", ONE)
    server.fail(seconds=0.05)
    for ask in (lambda: registry.by_id(1), lambda: registry.by_id(99)):
        barrier, came = Barrier(50), []

        def work(ask=ask, barrier=barrier, came=came):
            barrier.wait()
            try:
                came.append(ask())
            except RegistryError as error:
                came.append(error)

        threads = [Thread(target=work) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(came) == 50
        assert len({id(each) for each in came}) in (1, 50)
    assert server.requests == ["GET /schemas/ids/1", "GET /schemas/ids/99"]
    assert all(isinstance(each, NotFoundError) and each.id == 99 for each in came)
    assert len({id(each) for each in came}) == 50  # what is raised is each one's own


def test_many_tasks_ask_once_and_one_that_is_cancelled_stops_no_other(server):
    server.registry.register("s", ONE)
    server.fail(seconds=0.1)

    async def work():
        async with AsyncConfluentRegistry(server.url) as registry:
            tasks = [asyncio.create_task(registry.by_id(1)) for _ in range(50)]
            while not server.requests:
                await asyncio.sleep(0.001)
            tasks[0].cancel()
            came = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(came[0], asyncio.CancelledError)
        assert len({id(each) for each in came[1:]}) == 1

    asyncio.run(work())
    assert set(server.requests) == {"GET /schemas/ids/1"}
    assert len(server.requests) == 2


def test_kept_answers_are_bounded(clients, server):
    registry = clients(ConfluentRegistry, cached=4)
    for number in range(12):
        server.registry.register(f"s{number}", record(f"R{number}", a="int"))
        registry.by_id(number + 1)
    assert len(registry._answers._kept) <= 4


# -- faults ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_pass_is_tried_again(registry, server, status):
    server.registry.register("s", ONE)
    server.fail(status, times=2).fail(kind="drop", times=1)
    assert registry.by_id(1).schema == parse_schema(ONE)
    assert len(server.requests) == 4
    server.fail(status)
    with pytest.raises(UnavailableError) as caught:
        registry.by_id(2)
    assert caught.value.status == status


def test_what_will_not_pass_is_not_tried_again(registry, server):
    server.fail(400)
    with pytest.raises(RegistryError, match="made to fail") as caught:
        registry.by_id(1)
    assert (caught.value.status, caught.value.code, len(server.requests)) == (400, 400, 1)


def test_an_asked_time_is_waited_for_unless_it_is_long(registry, server):
    server.registry.register("s", ONE)
    server.fail(429, headers={"Retry-After": "0"}, times=1)
    assert registry.latest("s").id == 1
    server.fail(429, headers={"Retry-After": "3600"})
    with pytest.raises(UnavailableError, match="asks to wait 3600 s"):
        registry.by_id(1)
    assert len(server.requests) == 3
    server.heal()
    server.fail(503, headers={"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"})
    with pytest.raises(UnavailableError, match="asks to wait"):
        registry.by_id(1)
    server.heal()
    server.fail(503, headers={"Retry-After": "soon"}, times=1)
    assert registry.by_id(1).id == 1


def test_time_limits(clients, server):
    registry = clients(ConfluentRegistry, timeout=0.05, retries=Retries(0))
    server.fail(seconds=0.5)
    with pytest.raises(UnavailableError, match="ReadTimeout"):
        registry.by_id(1)


@pytest.mark.parametrize("kind", ["html", "garbage"])
def test_answers_that_are_no_json(registry, server, kind):
    server.registry.register("s", ONE)
    server.fail(kind=kind)
    with pytest.raises(RegistryError, match="the schema of id 1: the answer is not JSON, but ") as caught:
        registry.by_id(1)
    assert caught.value.id == 1
    assert ("text/html, <!DOCTYPE html>" in str(caught.value)) == (kind == "html")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([], "a JSON object was expected, not \\[\\]"),
        ({}, "'schema' should be text, not None"),
        ({"schema": 5}, "'schema' should be text, not 5"),
        ({"schema": "{"}, "the schema of id 1 is not valid: the schema is not JSON"),
        ({"schema": '"nope"'}, "the schema of id 1 is not valid"),
        ({"schema": '"int"', "id": 2}, "that of id 2"),
        ({"schema": '"int"', "version": "one"}, "'version' should be a number"),
        ({"schema": '"int"', "references": 3}, "'references' should be an array"),
        ({"schema": '"int"', "references": [{"name": "x"}]}, "'references' should be an array"),
        ({"schema": "syntax", "schemaType": "PROTOBUF"}, "not a schema of Avro, but of PROTOBUF"),
        (None, "a JSON object was expected"),
    ],
)
def test_answers_that_make_no_sense(registry, server, monkeypatch, answer, message):
    monkeypatch.setattr("avrojet.registry.testing.answer_to", lambda *_: (200, answer))
    with pytest.raises(RegistryError, match=message) as caught:
        registry.by_id(1)
    assert caught.value.id == 1


def test_other_answers_that_make_no_sense(registry, monkeypatch):
    def answering(data):
        monkeypatch.setattr("avrojet.registry.testing.answer_to", lambda *_: (200, data))

    answering({"schema": '"int"', "version": 2, "id": 1})
    with pytest.raises(RegistryError, match="version 1 was expected"):
        registry.version("s", 1)
    answering(["a", 1])
    for call in (registry.subjects, lambda: registry.versions("s"), lambda: registry.delete_subject("s")):
        with pytest.raises(RegistryError, match="an array of"):
            call()
    answering({"is_compatible": "perhaps"})
    with pytest.raises(RegistryError, match="is_compatible was expected"):
        registry.check("s", ONE)
    answering({"compatibilityLevel": "BEST"})
    with pytest.raises(RegistryError, match="'BEST' is not a compatibility level"):
        registry.level()
    answering({})
    with pytest.raises(RegistryError, match="'id' should be a number"):
        registry.register("s", ONE)


def test_an_answer_without_end(registry, server, monkeypatch):
    monkeypatch.setattr("avrojet.registry.transport.MOST_BYTES", 1000)
    server.registry.register("s", {"type": "string", "doc": "x" * 2000})
    with pytest.raises(UnavailableError, match="longer than 1000 bytes"):
        registry.by_id(1)


def test_older_registries_say_the_id_only(registry, server, monkeypatch):
    from avrojet.registry import routes

    true = routes.answer_to

    def older(memory, method, path, query, body):
        status, data = true(memory, method, path, query, body)
        return status, {"id": data["id"]} if path.endswith("/versions") else data

    monkeypatch.setattr("avrojet.registry.testing.answer_to", older)
    assert registry.register("s", ONE).version == 1
    assert registry.register("s", TWO).version == 2


def test_several_urls(clients, server):
    with RegistryServer(server.registry) as other:
        server.registry.register("s", ONE)
        registry = clients(ConfluentRegistry, f"{server.url}, {other}/")
        assert registry.by_id(1).id == 1
        server.stop()
        assert registry.latest("s").id == 1
        assert registry.subjects() == ["s"]
    with pytest.raises(UnavailableError, match=f"at {server.url} and {other} cannot be reached"):
        registry.by_id(7)


@pytest.mark.parametrize("url", ["", "localhost:8081", "ftp://x", "http://", []])
def test_no_url(url):
    with pytest.raises(ValueError, match=r"URL"):
        ConfluentRegistry(url)


def test_options_that_are_none(server):
    with pytest.raises(TypeError, match="not options of a registry: time_out"):
        ConfluentRegistry(server.url, time_out=3)
    with pytest.raises(TypeError, match="auth must be a"):
        ConfluentRegistry(server.url, auth=5)
    with pytest.raises(FileNotFoundError):
        ConfluentRegistry(server.url, cert="no-such-file.pem")


def test_a_child_process_has_connections_of_its_own(clients, server):
    if not hasattr(os, "fork"):
        pytest.skip("there is no fork here")
    registry = clients(ConfluentRegistry)
    server.registry.register("s", ONE)
    registry.subjects()
    made = registry._runner._made
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            same = registry._runner._client() is made[1]
            os.write(write, b"same" if same else b"another")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 20) == b"another"
    os.close(read)
    os.close(write)


def test_the_fixture_is_a_registry(registry_url):
    with ConfluentRegistry(registry_url) as registry:
        assert registry.register("s", ONE).id == 1
        assert re.fullmatch(r"ConfluentRegistry\('http://127.0.0.1:\d+'\)", repr(registry))


# -- confluent's own client ------------------------------------------------------------------------


def test_confluents_own_client_sees_a_registry(server):
    sr = pytest.importorskip("confluent_kafka.schema_registry")
    own = sr.SchemaRegistryClient({"url": server.url})
    schema = sr.Schema(json.dumps(ONE), "AVRO")
    assert own.register_schema("s", schema) == 1
    full = own.register_schema_full_response("s", sr.Schema(json.dumps(TWO), "AVRO"))
    assert (full.schema_id, full.version) == (2, 2)
    assert json.loads(own.get_schema(1).schema_str) == ONE
    assert own.lookup_schema("s", schema).version == 1
    assert own.get_latest_version("s").version == 2
    assert own.get_version("s", 1).guid == server.registry.by_id(1).guid
    assert json.loads(own.get_schema_by_guid(full.guid).schema_str) == TWO
    assert own.get_subjects() == ["s"]
    assert own.get_versions("s") == [1, 2]
    assert own.get_subjects_by_schema_id(1) == ["s"]
    assert [each.version for each in own.get_schema_versions(2)] == [2]
    assert own.get_compatibility() == "BACKWARD"
    assert own.set_compatibility("s", "FULL") == {"compatibility": "FULL"}
    assert own.get_compatibility("s") == "FULL"
    assert not own.test_compatibility("s", sr.Schema(json.dumps(WORSE), "AVRO"))
    assert not own.test_compatibility_all_versions("s", sr.Schema(json.dumps(WORSE), "AVRO"))
    with pytest.raises(sr.SchemaRegistryError) as caught:
        own.register_schema("s", sr.Schema(json.dumps(WORSE), "AVRO"))
    assert (caught.value.http_status_code, caught.value.error_code) == (409, 409)
    with pytest.raises(sr.SchemaRegistryError) as caught:
        own.register_schema("s", sr.Schema('{"type": "nope"}', "AVRO"))
    assert (caught.value.http_status_code, caught.value.error_code) == (422, 42201)
    with pytest.raises(sr.SchemaRegistryError) as caught:
        own.get_schema(99)
    assert (caught.value.http_status_code, caught.value.error_code) == (404, 40403)
    own.register_schema("point", sr.Schema(json.dumps(POINT), "AVRO"))
    reference = sr.SchemaReference("geo.Point", "point", 1)
    line = own.register_schema("line", sr.Schema(json.dumps(LINE), "AVRO", [reference]))
    assert own.get_referenced_by("point", 1) == [line]
    assert own.get_schema(line).references[0].subject == "point"
    own.set_config("s", sr.ServerConfig(compatibility=sr.ConfigCompatibilityLevel.NONE))
    assert own.get_config("s").compatibility_level == sr.ConfigCompatibilityLevel.NONE
    assert own.delete_version("s", 1) == 1
    assert own.delete_subject("s") == [2]
    assert own.delete_subject("s", permanent=True) == [1, 2]
    own.close()


def test_python_schema_registry_client_sees_a_registry(server):
    client = pytest.importorskip("schema_registry.client")
    own = client.SchemaRegistryClient(url=server.url)
    assert own.register("s", client.schema.AvroSchema(ONE)) == 1
    assert own.get_by_id(1).raw_schema["name"] == "R"
    assert own.get_schema("s").version == 1
    assert own.check_version("s", client.schema.AvroSchema(ONE)).schema_id == 1


# -- credentials -----------------------------------------------------------------------------------

SECRET = "s3cret%2F"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_credentials_are_sent_and_never_shown(kind, clients):
    with RegistryServer(auth=("me", "s3cret/")) as url:
        place = url.removeprefix("http://")
        good = [
            clients(kind, f"http://me:{SECRET}@{place}"),
            clients(kind, url, auth=("me", "s3cret/")),
            clients(kind, url, auth=lambda: {"Authorization": "Basic bWU6czNjcmV0Lw=="}),
        ]
        for registry in good:
            assert registry.subjects() == []
        bad = clients(kind, f"http://me:s3cret@{place}/")
        with pytest.raises(DeniedError, match="credentials") as caught:
            bad.subjects()
        assert caught.value.status == 401
    for registry in (*good, bad):
        with pytest.raises(RegistryError) as caught:
            registry.by_id(1)
        shown = repr(registry) + str(caught.value) + repr(vars(caught.value)) + repr(vars(registry))
        assert "s3cret" not in shown
    with RegistryServer(auth="t0ken") as url:
        assert clients(kind, url, auth=Bearer("t0ken")).subjects() == []
        assert clients(kind, url, auth=lambda: "t0ken").subjects() == []
        assert "t0ken" not in repr(Bearer("t0ken"))
        with pytest.raises(TypeError, match="a token or headers, not int"):
            clients(kind, url, auth=lambda: 5).subjects()


def test_a_coroutine_function_may_say_the_token(clients):
    async def token():
        return "t0ken"

    with RegistryServer(auth="t0ken") as url:
        assert clients(AsyncConfluentRegistry, url, auth=token).subjects() == []


def test_httpx_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "httpx", None)
    with pytest.raises(AvroError, match=r"pip install 'avrojet\[registry\]'"):
        ConfluentRegistry("http://localhost")
