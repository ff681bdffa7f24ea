"""Registries by clients that are given."""

from __future__ import annotations

import json
from typing import Any

import pytest

from avrojet import parse_schema
from avrojet.registry import (
    AsyncAzureRegistry,
    AsyncClientRegistry,
    AzureRegistry,
    ClientRegistry,
    DeniedError,
    GlueRegistry,
    IncompatibleError,
    InvalidSchemaError,
    NotFoundError,
    RegistryError,
    SchemaReference,
    ThreadedRegistry,
    UnavailableError,
)
from tests.registry.conftest import Waiting
from tests.registry.test_memory import LINE, ONE, POINT, TWO, WORSE
from tests.vectors import record


def life(registry):
    """What each can do."""
    first = registry.register("s", ONE)
    assert (first.version, first.subject, first.schema) == (1, "s", parse_schema(ONE))
    second = registry.register("s", TWO)
    assert registry.register("s", TWO) == second
    found = registry.by_id(second.id) if second.id is not None else registry.by_guid(second.guid)
    assert found.schema == second.schema == registry.version("s", 2).schema
    assert registry.lookup("s", ONE).version == 1
    return second


def with_levels(registry):
    assert registry.latest("s").version == 2
    assert registry.check("s", record("R", a="int"))
    assert not registry.check("s", WORSE)
    assert registry.level("s") == "BACKWARD"
    for missing in (lambda: registry.latest("t"), lambda: registry.version("s", 9)):
        with pytest.raises(NotFoundError):
            missing()


@pytest.fixture(params=["threads", "asyncio"])
def confluents(request, server):
    sr = pytest.importorskip("confluent_kafka.schema_registry")
    own: Any
    if request.param == "threads":
        own = sr.SchemaRegistryClient({"url": server.url, "max.retries": 0})
        registry: Any = ClientRegistry(own)
        close = own.close
    else:
        own = sr.AsyncSchemaRegistryClient({"url": server.url, "max.retries": 0})
        registry = Waiting(AsyncClientRegistry(own))
        close = lambda: registry.runner.run(own._rest_client.session.aclose())  # noqa: E731
    yield registry
    close()
    registry.close()


def test_confluents_client(confluents, server):
    second = life(confluents)
    with_levels(confluents)
    assert not confluents.check("s", WORSE, None)
    assert confluents.by_guid(second.guid).schema == parse_schema(TWO)
    with pytest.raises(IncompatibleError, match="give `c` a default") as caught:
        confluents.register("s", WORSE)
    assert (caught.value.status, caught.value.subject) == (409, "s")
    confluents.register("point", POINT)
    line = confluents.register("line", LINE, references=[SchemaReference("geo.Point", "point", 1)])
    confluents.clear()
    assert confluents.by_id(line.id).schema == line.schema
    contract = {"properties": {"major": "1"}}
    rules = {
        "domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"}]
    }
    confluents.register("ruled", ONE, metadata=contract, rules=rules)
    ruled = confluents.latest("ruled")
    assert ruled.metadata["properties"] == contract["properties"]
    assert ruled.rules["domainRules"][0]["expr"] == "true"
    assert confluents.latest_with_metadata("ruled", {"major": "1"}).id == ruled.id
    confluents.set_level("FULL", "ruled")
    assert (confluents.level("ruled"), confluents.level()) == ("FULL", "BACKWARD")
    assert confluents.subjects() == ["line", "point", "ruled", "s"]
    assert confluents.versions("s") == [1, 2]
    assert confluents.delete_version("s", 1) == 1
    assert confluents.delete_subject("s") == [2]
    assert confluents.delete_subject("s", permanent=True) == [1, 2]
    server.requests.clear()
    for _ in range(3):
        with pytest.raises(NotFoundError):
            confluents.by_id(999)
    assert len(server.requests) == 1
    server.stop()
    assert confluents.by_id(line.id).schema == line.schema
    with pytest.raises(UnavailableError, match="has no answer: ConnectError"):
        confluents.by_id(998)


@pytest.mark.parametrize("kind", ["SchemaRegistryClient", "AsyncSchemaRegistryClient"])
def test_python_schema_registry_client(kind, server):
    own = getattr(pytest.importorskip("schema_registry.client"), kind)(url=server.url)
    registry: Any = ClientRegistry(own) if kind[0] == "S" else Waiting(AsyncClientRegistry(own))
    life(registry)
    with_levels(registry)
    registry.set_level("FULL", "s")
    assert registry.level("s") == "FULL"
    assert registry.subjects() == ["s"]
    assert registry.versions("s") == [1, 2]
    with pytest.raises(IncompatibleError):
        registry.register("s", WORSE)
    with pytest.raises(NotFoundError):
        registry.by_id(99)
    for cannot in (
        lambda: registry.by_guid("x"),
        lambda: registry.check("s", ONE, None),
        lambda: registry.latest_with_metadata("s", {}),
        lambda: registry.register("s", LINE, references=[SchemaReference("geo.Point", "p", 1)]),
        lambda: registry.register("s", ONE, rules={}),
        lambda: registry.delete_subject("s", permanent=True),
    ):
        with pytest.raises(RegistryError, match="python-schema-registry-client's client cannot"):
            cannot()
    assert registry.delete_version("s", 2) == 2
    assert registry.delete_subject("s") == [1]
    registry.close()


def test_another_client():
    with pytest.raises(TypeError, match="not object"):
        ClientRegistry(object())


# -- AWS Glue --------------------------------------------------------------------------------------


@pytest.fixture
def glue():
    boto3 = pytest.importorskip("boto3")
    moto = pytest.importorskip("moto")
    with moto.mock_aws():
        client = boto3.client(
            "glue", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        client.create_registry(RegistryName="r")
        yield client


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_glue(glue):
    registry = GlueRegistry("r", client=glue)
    second = life(registry)
    with_levels(registry)
    assert second.id is None
    assert registry.by_guid(second.guid).subject == "s"
    assert registry.check("s", WORSE).reasons[0].remedy == "give `c` a default"
    threaded = Waiting(ThreadedRegistry(registry))
    assert threaded.by_guid(second.guid).schema == second.schema
    threaded.close()
    with pytest.raises(NotFoundError) as caught:
        registry.by_guid("00000000-0000-0000-0000-000000000000")
    assert caught.value.guid.startswith("0000")
    for cannot in (
        lambda: registry.by_id(5),
        registry.level,
        lambda: registry.delete_subject("s"),
        lambda: registry.register("s", LINE, references=[SchemaReference("geo.Point", "p", 1)]),
    ):
        with pytest.raises(RegistryError, match="AWS Glue cannot"):
            cannot()


class Stub:
    """A client of which each function answers as it is told to."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        def answer(*arguments: Any, **options: Any) -> Any:
            self.asked.append((name, options))
            answers = self.answers[name]
            one = answers.pop(0) if isinstance(answers, list) else answers
            if isinstance(one, Exception):
                raise one
            return one

        return answer


def test_what_moto_has_not():
    pages = [
        {"Schemas": [{"SchemaName": "a"}], "NextToken": "t"},
        {"Schemas": [{"SchemaName": "b"}]},
    ]
    stub = Stub(list_schemas=pages)
    assert GlueRegistry("r", client=stub).subjects() == ["a", "b"]
    assert [options.get("NextToken") for _, options in stub.asked] == [None, "t"]
    versions = {
        "Schemas": [
            {"VersionNumber": n, "Status": s} for n, s in ((2, "AVAILABLE"), (1, "AVAILABLE"), (3, "FAILURE"))
        ]
    }
    stub = Stub(list_schema_versions=versions, update_schema={}, delete_schema={}, delete_schema_versions={})
    registry = GlueRegistry(client=stub)
    assert registry.versions("s") == [1, 2]
    registry.set_level("FULL_TRANSITIVE", "s")
    assert stub.asked[-1][1]["Compatibility"] == "FULL_ALL"
    assert registry.delete_subject("arn:x", permanent=True) == [1, 2]
    assert stub.asked[-1][1] == {"SchemaId": {"SchemaArn": "arn:x"}}
    assert registry.delete_version("s", 2, permanent=True) == 2


def test_glue_has_always_more_pages(monkeypatch):
    stub = Stub(list_schemas={"Schemas": [], "NextToken": "t"})
    with pytest.raises(RegistryError, match="the subjects: there are more than"):
        GlueRegistry(client=stub).subjects()
    assert len(stub.asked) == 10_000
    monkeypatch.setattr("avrojet.registry.glue.MOST_LISTED", 1000)
    stub = Stub(list_schema_versions={"Schemas": [{"VersionNumber": 1}] * 100, "NextToken": "t"})
    with pytest.raises(RegistryError, match="there are more than"):
        GlueRegistry(client=stub).versions("s")
    assert len(stub.asked) == 11
    with pytest.raises(RegistryError, match="a list of Schemas was to come"):
        GlueRegistry(client=Stub(list_schemas={})).subjects()


def test_glue_examines_versions(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    made = {"SchemaVersionId": "g"}
    pending, good = {"Status": "PENDING"}, {"Status": "AVAILABLE", "VersionNumber": 4}
    stub = Stub(register_schema_version=made, get_schema_version=[pending, pending, good])
    assert GlueRegistry(client=stub).register("s", ONE).version == 4
    stub = Stub(register_schema_version=made, get_schema_version=[pending, {"Status": "FAILURE"}])
    with pytest.raises(IncompatibleError):
        GlueRegistry(client=stub).register("s", ONE)
    stub = Stub(register_schema_version=made, get_schema_version=pending)
    with pytest.raises(UnavailableError, match="still examining"):
        GlueRegistry(client=stub).register("s", ONE)
    stub = Stub(get_schema_version={"DataFormat": "JSON"})
    with pytest.raises(InvalidSchemaError, match="but of JSON"):
        GlueRegistry(client=stub).by_guid("g")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_errors_of_aws():
    exceptions = pytest.importorskip("botocore.exceptions")

    def failing(code):
        error = exceptions.ClientError({"Error": {"Code": code, "Message": "m"}}, "GetSchemaVersion")
        return GlueRegistry(client=Stub(get_schema_version=error))

    for code, kind in [
        ("EntityNotFoundException", NotFoundError),
        ("AccessDeniedException", DeniedError),
        ("ThrottlingException", UnavailableError),
        ("Whatever", RegistryError),
    ]:
        with pytest.raises(kind, match=f"m \\({code}\\)"):
            failing(code).by_guid("g")
    stub = Stub(get_schema_version=exceptions.EndpointConnectionError(endpoint_url="https://u:p@x"))
    with pytest.raises(UnavailableError, match="no answer: EndpointConnectionError") as caught:
        GlueRegistry(client=stub).by_guid("g")
    assert "u:p" not in str(caught.value)


# -- Azure -----------------------------------------------------------------------------------------


class Azure:
    """What of Azure's client is called."""

    def __init__(self) -> None:
        self.schemas: list[Any] = []

    def _properties(self, name: str, text: str, *, make: bool) -> Any:
        azure = pytest.importorskip("azure.schemaregistry")
        core = pytest.importorskip("azure.core.exceptions")
        same = [each for each in self.schemas if each.properties.name == name]
        for each in same:
            if json.loads(each.definition) == json.loads(text):
                return each.properties
        if not make:
            error = core.ResourceNotFoundError("none")
            error.status_code = 404
            raise error
        place = {"id": f"{len(self.schemas):032x}", "group_name": "g", "name": name, "version": len(same) + 1}
        made = azure.Schema(definition=text, properties=azure.SchemaProperties(format="Avro", **place))
        self.schemas.append(made)
        return made.properties

    def register_schema(self, group: str, name: str, text: str, format: str) -> Any:
        return self._properties(name, text, make=True)

    def get_schema_properties(self, group: str, name: str, text: str, format: str) -> Any:
        return self._properties(name, text, make=False)

    def get_schema(
        self, id: str | None = None, *, group_name: str = "", name: str = "", version: int = 0
    ) -> Any:
        for each in self.schemas:
            if id == each.properties.id or (name, version) == (each.properties.name, each.properties.version):
                return each
        raise OSError("https://user:secret@host")


class AsyncAzure(Azure):
    async def register_schema(self, *arguments: Any) -> Any:
        return super().register_schema(*arguments)

    async def get_schema_properties(self, *arguments: Any) -> Any:
        return super().get_schema_properties(*arguments)

    async def get_schema(self, *arguments: Any, **options: Any) -> Any:
        return super().get_schema(*arguments, **options)


@pytest.mark.parametrize("kind", ["threads", "asyncio"])
def test_azure(kind):
    pytest.importorskip("azure.schemaregistry")
    registry: Any = (
        AzureRegistry(Azure(), "g") if kind == "threads" else Waiting(AsyncAzureRegistry(AsyncAzure(), "g"))
    )
    second = life(registry)
    assert second.guid == f"{1:032x}"
    with pytest.raises(NotFoundError):
        registry.lookup("s", WORSE)
    with pytest.raises(UnavailableError) as caught:
        registry.by_guid("f" * 32)
    assert "secret" not in str(caught.value)
    with pytest.raises(RegistryError, match="cannot tell which version is the latest"):
        registry.latest("s")
    if kind == "asyncio":
        registry.close()
