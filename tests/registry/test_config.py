"""The configuration keys of confluent-kafka's client."""

from __future__ import annotations

import pytest

from avrojet.registry import AsyncConfluentRegistry, Basic, Bearer, ConfluentRegistry, OAuth, Retries
from avrojet.registry.config import http_options
from avrojet.registry.testing import RegistryServer

pytest.importorskip("httpx")


def test_a_registry_of_a_configuration():
    with RegistryServer(auth=("me", "it:is")) as url:
        conf = {
            "schema.registry.url": url,
            "schema.registry.basic.auth.user.info": "me:it:is",
            "schema.registry.basic.auth.credentials.source": "USER_INFO",
        }
        with ConfluentRegistry.from_config(conf) as registry:
            assert registry.subjects() == []
        assert isinstance(AsyncConfluentRegistry.from_config(conf), AsyncConfluentRegistry)


def test_all_keys():
    url, options = http_options(
        {
            "url": "http://a,http://b",
            "timeout": 5,
            "max.retries": "7",
            "retries.wait.ms": 100,
            "retries.max.wait.ms": 2000,
            "cache.capacity": 50,
            "cache.latest.ttl.sec": None,
            "proxy": "http://p",
            "ssl.ca.location": "ca.pem",
            "ssl.certificate.location": "c.pem",
            "ssl.key.location": "k.pem",
            "ssl.key.password": "s",
        }
    )
    assert url == "http://a,http://b"
    assert options == {
        "timeout": 5.0,
        "retries": Retries(7, 0.1, 2.0),
        "cached": 50,
        "proxy": "http://p",
        "verify": "ca.pem",
        "cert": ("c.pem", "k.pem", "s"),
    }


def bearer(source, **more):
    keys = {f"bearer.auth.{name.replace('_', '.')}": value for name, value in more.items()}
    return {"url": "http://a", "bearer.auth.credentials.source": source, **keys}


def test_credentials():
    def auth(conf):
        return http_options(conf)[1].get("auth")

    assert auth({"url": "http://a"}) is None
    assert auth({"url": "http://a", "basic.auth.user.info": "u:p"}) == Basic("u", "p")
    static = bearer("STATIC_TOKEN", token="t", logical_cluster="lsrc-1", identity_pool_id="pool-1")
    assert auth(static) == Bearer(
        "t", {"target-sr-cluster": "lsrc-1", "Confluent-Identity-Pool-Id": "pool-1"}
    )
    oauth = {
        **bearer("OAUTHBEARER", scope="s"),
        "bearer.auth.issuer.endpoint.url": "http://i",
        "bearer.auth.client.id": "c",
        "bearer.auth.client.secret": "x",
    }
    assert auth(oauth) == OAuth("http://i", "c", "x", "s", {})
    custom = {
        **bearer("CUSTOM"),
        "bearer.auth.custom.provider.function": lambda config: {"bearer.auth.token": config["t"]},
        "bearer.auth.custom.provider.config": {"t": "made"},
    }
    assert auth(custom)() == {"authorization": "Bearer made"}


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        ({"url": "http://a", "retires": 3}, "not keys of a registry's configuration: retires"),
        ({}, "needs 'url'"),
        ({"url": "http://a", "timeout": "soon"}, "timeout must be a number, not 'soon'"),
        ({"url": "http://a", "basic.auth.user.info": "secret"}, "is user:password$"),
        (bearer("STATIC_TOKEN"), "needs bearer.auth.token"),
        (bearer("MAGIC"), "STATIC_TOKEN, OAUTHBEARER or CUSTOM"),
        (bearer("CUSTOM"), "must be a function"),
    ],
)
def test_what_makes_no_sense(conf, message):
    with pytest.raises(ValueError, match=message):
        http_options(conf)
