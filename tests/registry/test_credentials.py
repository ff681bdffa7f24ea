"""Tokens of an issuer, TLS with certificates on both sides, and a proxy."""

from __future__ import annotations

import json
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from avrojet.registry import (
    AsyncConfluentRegistry,
    ConfluentRegistry,
    DeniedError,
    OAuth,
    RegistryError,
    UnavailableError,
)
from avrojet.registry.testing import RegistryServer

pytest.importorskip("httpx")

KINDS = pytest.mark.parametrize(
    "kind", [ConfluentRegistry, AsyncConfluentRegistry], ids=lambda kind: kind.__name__
)


class Issuer:
    """Gives tokens: `answers` says what, one after the other, the last again and again."""

    def __init__(self):
        issuer = self
        self.asked = []
        self.answers = [(200, {"access_token": "t0ken", "expires_in": 3600})]

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                issuer.asked.append((self.headers["authorization"], form))
                status, data = issuer.answers.pop(0) if len(issuer.answers) > 1 else issuer.answers[0]
                text = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/token"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def oauth(self, **options):
        return OAuth(self.url, "me", "s3cret:", **options)


@pytest.fixture
def issuer():
    issuer = Issuer()
    yield issuer
    issuer.server.shutdown()
    issuer.server.server_close()


@KINDS
def test_a_token_is_had_once_and_renewed_when_it_is_refused(kind, clients, issuer):
    with RegistryServer(auth="t0ken") as url:
        registry = clients(kind, url, auth=issuer.oauth(scope="a b", parameters={"audience": "x"}))
        for _ in range(3):
            assert registry.subjects() == []
        ((authorization, form),) = issuer.asked
        assert form == {"grant_type": ["client_credentials"], "scope": ["a b"], "audience": ["x"]}
        assert authorization == "Basic bWU6czNjcmV0JTNB"  # encoded as form data first (RFC 6749)
    issuer.answers = [(200, {"access_token": "new"})]
    with RegistryServer(auth="new") as url:
        registry = clients(kind, url, auth=issuer.oauth())
        registry.subjects()
        issuer.answers = [(200, {"access_token": "newer"})]
    with RegistryServer(auth="newer", port=int(url.rpartition(":")[2])):
        assert registry.subjects() == []
    assert len(issuer.asked) == 3


@KINDS
def test_a_token_is_renewed_before_it_ends(kind, clients, issuer, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("avrojet.registry.auth.monotonic", lambda: now[0])
    issuer.answers = [(200, {"access_token": "t0ken", "expires_in": 100})]
    with RegistryServer(auth="t0ken") as url:
        registry = clients(kind, url, auth=issuer.oauth())
        for passes in (0, 79, 2, 1):
            now[0] += passes
            registry.subjects()
        assert len(issuer.asked) == 2
        # While the issuer is down, the old one is used as long as it is good.
        now[0] += 90
        issuer.answers = [(503, {})]
        registry.subjects()
        now[0] += 50
        with pytest.raises(UnavailableError, match="no token could be obtained from"):
            registry.subjects()


@KINDS
@pytest.mark.parametrize(
    "answer",
    [
        (401, {"error": "invalid_client s3cret:"}),
        (200, {"token": "s3cret:"}),
        (200, []),
        (200, {"access_token": 5}),
        (302, {"access_token": "s3cret:"}),
    ],
    ids=str,
)
def test_no_token(kind, clients, issuer, answer, server):
    issuer.answers = [answer]
    registry = clients(kind, auth=issuer.oauth())
    with pytest.raises(DeniedError, match="did not return a token") as caught:
        registry.subjects()
    assert "s3cret" not in str(caught.value) + repr(registry) + repr(issuer.oauth())
    assert server.requests == []


@KINDS
def test_an_issuer_that_comes_again(kind, clients, issuer):
    good = issuer.answers[0]
    issuer.answers = [(500, {}), (429, {}), good]
    with RegistryServer(auth="t0ken") as url:
        assert clients(kind, url, auth=issuer.oauth()).subjects() == []
    assert len(issuer.asked) == 3


@KINDS
def test_certificates_of_both_sides(kind, clients, certificates):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    context.load_verify_locations(certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    authority = str(certificates / "ca.pem")
    pair = (str(certificates / "client.pem"), str(certificates / "client.key"))
    with RegistryServer(tls=context) as url:
        assert url.startswith("https://")
        assert clients(kind, url, verify=authority, cert=pair).subjects() == []
        assert clients(kind, url, verify=False, cert=pair).subjects() == []
        own = ssl.create_default_context(cafile=authority)
        assert clients(kind, url, verify=own, cert=pair).subjects() == []
        for options in ({"cert": pair}, {"verify": authority}):
            with pytest.raises(UnavailableError, match="cannot be reached"):
                clients(kind, url, **options).subjects()


@KINDS
def test_a_proxy(kind, clients, server):
    registry = clients(kind, "http://registry.invalid:8081", proxy=server.url)
    assert registry.subjects() == []
    assert server.requests == ["GET http://registry.invalid:8081/subjects"]
    place = server.url.removeprefix("http://")
    server.stop()
    registry = clients(kind, "http://registry.invalid:8081", proxy=f"http://me:s3cret@{place}")
    with pytest.raises(RegistryError) as caught:
        registry.subjects()
    assert "s3cret" not in str(caught.value) + repr(registry)
