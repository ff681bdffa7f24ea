"""Registries that mean no good: what they cost, where they lead, and that no error shows credentials."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import threading
import tracemalloc
import zlib
from contextlib import suppress

import pytest

import avrojet
from avrojet.registry import (
    ApicurioRegistry,
    AsyncConfluentRegistry,
    Bearer,
    ConfluentRegistry,
    DeniedError,
    Deserializer,
    InvalidSchemaError,
    OAuth,
    RegistryError,
    Retries,
    SchemaReferenceError,
    UnavailableError,
)

httpx = pytest.importorskip("httpx")


class Sent(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, *pieces):
        self.pieces = pieces

    def __iter__(self):
        yield from self.pieces

    async def __aiter__(self):
        for piece in self.pieces:
            yield piece


def client(answer, kind=ConfluentRegistry, url="http://registry", **options):
    """A registry whose answers a function makes of requests."""
    options = {"retries": Retries(0), **options}
    transport = httpx.MockTransport(answer)
    if not kind.__name__.startswith("Async"):
        return kind(url, client=httpx.Client(transport=transport, follow_redirects=True), **options)
    return kind(url, client=httpx.AsyncClient(transport=transport, follow_redirects=True), **options)


def saying(data, status=200, **headers):
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    return lambda request: httpx.Response(status, content=content, headers=headers)


INT = b'{"schema": "\\"int\\""}'


def packed(*pieces, coding="gzip"):
    return lambda request: httpx.Response(200, stream=Sent(*pieces), headers={"content-encoding": coding})


BOMB = gzip.compress(bytes(1 << 24))


@pytest.mark.parametrize("kind", [ConfluentRegistry, AsyncConfluentRegistry], ids=["threads", "asyncio"])
def test_answers_that_are_packed(kind, monkeypatch):
    monkeypatch.setattr("avrojet.registry.transport.MOST_BYTES", 20_000)
    assert len(BOMB) < 20_000

    def by_id(answer):
        found = client(answer, kind).by_id(1)
        return asyncio.run(found) if asyncio.iscoroutine(found) else found

    small = gzip.compress(INT)
    for pieces in (
        [small],
        [bytes([each]) for each in small],
        [gzip.compress(INT[:9]) + gzip.compress(INT[9:])],
    ):
        assert by_id(packed(*pieces)).schema.type == "int"
    assert by_id(packed(INT, coding="identity")).schema.type == "int"
    for answer, why in [
        (packed(small[:-1]), "ends early"),
        (packed(small, b"more"), "not gzip"),
        (packed(zlib.compress(INT)), "not gzip"),
        (packed(gzip.compress(small), coding="gzip, gzip"), "compressed, unasked"),
        (packed(BOMB), "longer than 20000 bytes"),
        (packed(BOMB[:5000], BOMB[5000:]), "longer than 20000 bytes"),
        (packed(*[gzip.compress(b"")] * 2000), "longer than 20000 bytes"),
    ]:
        tracemalloc.start()
        with pytest.raises(UnavailableError, match=why):
            by_id(answer)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
        tracemalloc.stop()


def test_an_answer_that_comes_drop_by_drop(monkeypatch):
    clock = iter(range(10**6))
    monkeypatch.setattr("avrojet.registry.transport.time.monotonic", lambda: next(clock))
    registry = client(packed(*[b" "] * 1000, coding="identity"), timeout=2.0)
    with pytest.raises(UnavailableError, match="takes too long"):
        registry.by_id(1)


DRIPS = {
    "headers": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "interim answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b" "),
    "trailers": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\nX: ", b"x"),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", [ConfluentRegistry, AsyncConfluentRegistry], ids=["threads", "asyncio"])
@pytest.mark.parametrize("first", DRIPS)
def test_a_server_that_sends_a_byte_now_and_then(first, kind, monkeypatch):
    """Each well in time, and for ever: within the headers, before or after them."""
    monkeypatch.setattr("avrojet.registry.transport._MOST_WAITS", 0.05)
    over = threading.Event()

    def serve(listening):
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.recv(1 << 16)
            connection.sendall(DRIPS[first][0])
            while not over.wait(0.01):
                connection.sendall(DRIPS[first][1])

    async def ask_later(url):
        async with AsyncConfluentRegistry(url, timeout=20, retries=Retries(0)) as registry:
            await registry.subjects()

    def ask(url):
        if kind is AsyncConfluentRegistry:
            asyncio.run(ask_later(url))
        with ConfluentRegistry(url, timeout=20, retries=Retries(0)) as registry:
            registry.subjects()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=serve, args=(listening,))
        serving.start()
        try:
            with pytest.raises(UnavailableError, match="takes too long"):
                ask(f"http://127.0.0.1:{listening.getsockname()[1]}")
        finally:
            over.set()
            serving.join()


@pytest.mark.parametrize("kind", [ConfluentRegistry, ApicurioRegistry, AsyncConfluentRegistry])
def test_no_cookies_are_kept(monkeypatch, kind):
    """They would tell one user's requests by another's, and grow as the registry likes."""
    sent = []

    def answer(transport, request):
        sent.append(request.headers.get("cookie"))
        headers = [("set-cookie", f"c{len(sent)}={i}; Domain=registry.example") for i in range(3)]
        data = {"artifacts": []} if kind is ApicurioRegistry else []
        return httpx.Response(200, json=data, headers=[*headers, ("set-cookie", "d=1")])

    async def answer_later(transport, request):
        return answer(transport, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", answer)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer_later)
    registry = kind("http://registry.example")

    async def ask_twice():
        await registry.subjects()
        await registry.subjects()
        await registry.close()

    if kind is AsyncConfluentRegistry:
        asyncio.run(ask_twice())
    else:
        with registry:
            assert registry.subjects() == registry.subjects() == []
    assert sent == [None] * len(sent)
    assert len(sent) >= 2


@pytest.mark.parametrize("kind", [ConfluentRegistry, AsyncConfluentRegistry])
def test_why_there_is_no_answer_is_not_what_the_caller_was_handling(kind):
    """Which may be an error of the system as well."""

    def fail(request):
        raise httpx.ReadError("of a proxy with a password")

    def ask():
        registry = client(fail, kind)
        answer = registry.subjects()
        return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer

    try:
        raise OSError(28, "no space is left")
    except OSError:
        with pytest.raises(UnavailableError) as caught:
            ask()
    assert str(caught.value).endswith(": ReadError")
    with pytest.raises(UnavailableError, match="ConnectError .*refused"):
        ConfluentRegistry("http://127.0.0.1:1", retries=Retries(0)).subjects()


def test_redirects_are_not_followed_by_any_client():
    asked = []

    def answer(request):
        asked.append(request.url.host)
        return httpx.Response(307, headers={"location": "http://elsewhere/schemas?key=s3cret"})

    with pytest.raises(RegistryError, match="redirects to http://elsewhere/schemas: use that") as caught:
        client(answer, headers={"x-api-key": "s3cret"}).by_id(1)
    assert asked == ["registry"]
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "asked_time",
    [
        "Mon, 20 Nov 1995 19:12:08 +99999999999999",
        "Mon, 20 Nov 99999999999999999999 19:12:08 +0500",
        "1e9",
        "-1",
    ],
)
def test_times_that_are_none(asked_time):
    with pytest.raises(UnavailableError, match="answers with status 503"):
        client(saying(b"", 503, **{"retry-after": asked_time})).by_id(1)


DEEP = b'{"message": ' + b"[" * 5000 + b"]" * 5000 + b"}"


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("data", [DEEP, b'{"message": ' + b"9" * 5000 + b"}", b"\xff\xfe\x00"])
def test_json_that_python_is_not_given(status, data):
    with pytest.raises(RegistryError) as caught:
        client(saying(data, status)).by_id(1)
    assert len(str(caught.value)) < 1000


RECORD = '{"type": "record", "name": "R", "fields": []}'


@pytest.mark.parametrize("subject", ["s" * 100_000, "..", "."])
def test_references_that_lead_elsewhere(subject):
    asked = []

    def answer(request):
        asked.append(request.url.path)
        referred = {"name": "x", "subject": subject, "version": 1}
        return httpx.Response(200, json={"schema": RECORD, "references": [referred]})

    with pytest.raises(RegistryError):
        client(answer).by_id(1)
    assert asked == ["/schemas/ids/1"]


def fan(number, size=0):
    """Answers for schemas that each refer to all before them."""

    def answer(request):
        found = re.search("subjects/s([0-9]+)", request.url.path)
        own = int(found[1]) if found else number
        fields = [{"name": f"f{i}", "type": f"R{i}", "doc": "x" * size} for i in range(own)]
        references = [{"name": f"R{i}", "subject": f"s{i}", "version": 1} for i in range(own)]
        schema = json.dumps({"type": "record", "name": f"R{own}", "fields": fields})
        return httpx.Response(
            200, json={"schema": schema, "references": references, "version": 1, "id": own + 1}
        )

    return answer


def test_references_that_fan_out():
    schema = client(fan(20)).by_id(21).schema
    assert [field.name for field in schema.fields] == [f"f{i}" for i in range(20)]
    avrojet.set_default_limits(avrojet.Limits(schema_bytes=30_000))
    try:
        assert client(fan(8)).by_id(9).schema == client(fan(8)).by_id(9).schema
        with pytest.raises(SchemaReferenceError, match="so often that they are too long together"):
            client(fan(40)).by_id(41)
        with pytest.raises(SchemaReferenceError, match="so often that they are too long together"):
            client(fan(20, 200)).by_id(21)
    finally:
        avrojet.set_default_limits(avrojet.Limits())


@pytest.mark.parametrize(
    "said",
    [
        {"ruleSet": [5]},
        {"ruleSet": {"domainRules": 5}},
        {"ruleSet": {"domainRules": [5]}},
        {"ruleSet": {"encodingRules": [{"mode": []}]}},
        {"ruleSet": {"enableAt": []}},
        {"metadata": 5},
        {"guid": 5},
        {"subject": ["s"]},
        {"references": [{"name": "a", "subject": "b", "version": float("inf")}]},
        {"schemaType": ["AVRO"]},
    ],
    ids=str,
)
def test_a_message_whose_schema_comes_with_nonsense(said):
    read = Deserializer(client(saying({"schema": '"int"', **said})))
    with pytest.raises(RegistryError):
        read(b"\0\0\0\0\1\2")


def test_levels_and_messages_that_are_nonsense():
    with pytest.raises(RegistryError, match="is not a compatibility level"):
        client(saying({"compatibilityLevel": []})).level()
    assert client(saying({"is_compatible": True, "messages": 5})).check("s", "int").messages == ()
    with pytest.raises(RegistryError, match="'guid' should be text"):
        client(saying({"id": 1, "guid": 5, "version": 1})).register("s", "int")


def test_nonsense_of_apicurio(monkeypatch):
    monkeypatch.setattr("avrojet.registry.apicurio_api.MOST_LISTED", 2000)
    monkeypatch.setattr("avrojet.registry.api.MOST_LISTED", 2000)

    def answer(request):
        if "references" in request.url.path:
            return httpx.Response(200, content=b'[{"name": "a", "artifactId": "a", "version": Infinity}]')
        if "artifacts/s" in request.url.path:
            return httpx.Response(200, json={"globalId": 1, "version": "9" * 5000})
        if "globalIds" in request.url.path:
            return httpx.Response(200, content=b"[" * 300_000)
        return httpx.Response(200, json={"artifacts": [{"id": "a"}] * 500})

    registry = client(answer, ApicurioRegistry)
    with pytest.raises(RegistryError, match="more than 2000"):
        registry.subjects()
    with pytest.raises(RegistryError, match="a version that is a number"):
        registry.latest("s")
    with pytest.raises(RegistryError, match="an array of references was expected"):
        registry.by_id(1)
    with pytest.raises(RegistryError, match="'x-registry-artifactid' cannot be sent"):
        client(answer, ApicurioRegistry, version=2).register("a\nb", "int")


@pytest.mark.slow
@pytest.mark.parametrize("version", [2, 3])
def test_the_pages_of_apicurio_are_bounded_in_bytes(version):
    """All together, as one answer is; what is not asked for is not kept."""
    asked = []
    page = [{"id": "a", "artifactId": "a", "version": 1, "globalId": 1, "description": "d" * 9000}] * 500

    def answer(request):
        asked.append(request.url.params["offset"])
        return httpx.Response(200, json={request.url.path.rpartition("/")[2]: page})

    registry = client(answer, ApicurioRegistry, version=version)
    for ask in (registry.subjects, lambda: registry.versions("s")):
        asked.clear()
        with pytest.raises(RegistryError, match="more than 67108864 bytes"):
            ask()
        assert asked == [str(500 * number) for number in range(15)]


@pytest.mark.parametrize("kind", [ConfluentRegistry, ApicurioRegistry, AsyncConfluentRegistry])
@pytest.mark.parametrize("many", [b"[" + b"[]," * 1_000_001 + b"1]", b'{"a":[' + b"{}," * 1_000_001 + b"1]}"])
def test_answers_of_many_small_values(kind, many):
    """Python's objects take twenty times the bytes of their text."""
    registry = client(saying(many), kind)
    for ask in (
        registry.subjects,
        lambda: registry.level("s"),
        lambda: registry.check("s", "int", version=1),
    ):
        tracemalloc.start()
        with pytest.raises((RegistryError, InvalidSchemaError)):
            found = ask()
            if asyncio.iscoroutine(found):
                asyncio.run(found)
        assert tracemalloc.get_traced_memory()[1] < 8 * len(many)
        tracemalloc.stop()


def test_a_list_of_many_names():
    with pytest.raises(RegistryError, match="more than 100000"):
        client(saying(["s"] * 100_001)).subjects()
    assert len(client(saying(["s"] * 100_000)).subjects()) == 100_000


CREDENTIALS = [
    Bearer("s3cret\N{EURO SIGN}"),
    Bearer("s3cret\r\nx: y"),
    lambda: "s3cret\N{EURO SIGN}",
    lambda: {"x-key": "s3cret\0"},
    OAuth("http://issuer/token", "me", "own", headers={"x-pool": "s3cret\N{EURO SIGN}"}),
    OAuth("http://issuer/s3cret\N{EURO SIGN}", "me", "own"),
]


@pytest.mark.parametrize("auth", CREDENTIALS, ids=range(len(CREDENTIALS)))
def test_credentials_that_no_header_can_have(auth):
    def answer(request):
        if request.url.host == "issuer":
            told = "s3cret\N{EURO SIGN}" if "s3cret" in str(request.url) else "good"
            return httpx.Response(200, json={"access_token": told})
        raise AssertionError("it was sent")

    with pytest.raises(DeniedError, match="cannot be sent") as caught:
        client(answer, auth=auth).by_id(1)
    told = caught.value
    while told is not None:
        assert "s3cret" not in repr(told)
        assert "s3cret" not in repr(vars(told))
        told = told.__cause__ or told.__context__


def test_a_token_that_never_ends():
    def answer(request):
        if request.url.host == "issuer":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 10**400})
        return httpx.Response(200, content=INT)

    with pytest.raises(DeniedError, match="did not return a token"):
        client(answer, auth=OAuth("http://issuer/token", "me", "own")).by_id(1)


def test_what_shows_credentials():
    shown = repr(Bearer("s3cret", headers={"x": "s3cret"}))
    shown += repr(
        OAuth("http://issuer", "me", "s3cret", headers={"x": "s3cret"}, parameters={"assertion": "s3cret"})
    )
    assert "s3cret" not in shown


@pytest.mark.parametrize(("width", "asked_for"), [(1, 101), (21, 21)], ids=["over", "to"])
def test_references_without_end(width, asked_for, monkeypatch):
    monkeypatch.setattr("avrojet.registry.references._MOST", 1000 if width == 1 else 20)
    asked = []

    def answer(request):
        asked.append(request.url.path)
        referred = [{"name": "x", "subject": f"s{len(asked)}-{i}", "version": 1} for i in range(width)]
        deeper = width == 1 or len(asked) == 1
        return httpx.Response(200, json={"schema": RECORD, "references": referred if deeper else []})

    with pytest.raises(SchemaReferenceError, match="schemas, or over more than 100 others"):
        client(answer).by_id(1)
    assert len(asked) == asked_for
