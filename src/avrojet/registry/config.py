"""The options of registries over HTTP, from the configuration keys of confluent-kafka's client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from avrojet.registry.auth import Auth, Basic, Bearer, OAuth
from avrojet.registry.exchange import Retries
from avrojet.registry.http import HttpOptions

_PREFIX: Final = "schema.registry."
_TLS: Final = ("ssl.certificate.location", "ssl.key.location", "ssl.key.password")
_BEARER: Final = "bearer.auth."
_NUMBERS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "timeout": ("timeout", float),
    "cache.capacity": ("cached", int),
    "cache.latest.ttl.sec": ("cache_seconds", float),
}
_RETRIES: Final[Mapping[str, tuple[str, float]]] = {
    "max.retries": ("number", 1),
    "retries.wait.ms": ("wait", 1000),
    "retries.max.wait.ms": ("longest", 1000),
}
_KNOWN: Final = frozenset(
    {
        "url",
        "basic.auth.user.info",
        "basic.auth.credentials.source",
        "ssl.ca.location",
        *_TLS,
        "ssl.endpoint.identification.algorithm",
        "proxy",
        *_NUMBERS,
        *_RETRIES,
        "bearer.auth.credentials.source",
        "bearer.auth.token",
        "bearer.auth.logical.cluster",
        "bearer.auth.identity.pool.id",
        "bearer.auth.client.id",
        "bearer.auth.client.secret",
        "bearer.auth.scope",
        "bearer.auth.issuer.endpoint.url",
        "bearer.auth.custom.provider.function",
        "bearer.auth.custom.provider.config",
    }
)


def is_registry_key(key: str) -> bool:
    """Whether a key belongs to the registry, in a configuration that is also for Kafka."""
    return key.startswith(_PREFIX)


def http_options(conf: Mapping[str, Any]) -> tuple[str, HttpOptions]:
    """Return the URLs, separated by commas, and the options that a configuration sets.

    :param conf: keys of confluent-kafka's ``SchemaRegistryClient``, with or without the prefix
        ``schema.registry.``.
    :raises ValueError: if a key is unknown, there is no URL, or a value is not valid.
    """
    plain = {key.removeprefix(_PREFIX): value for key, value in conf.items() if value is not None}
    unknown = sorted(plain.keys() - _KNOWN)
    if unknown:
        raise ValueError(f"not keys of a registry's configuration: {', '.join(unknown)}")
    if not plain.get("url"):
        raise ValueError("the configuration of a registry needs 'url'")
    options: dict[str, Any] = {}
    for key, (name, kind) in _NUMBERS.items():
        if key in plain:
            options[name] = _number(kind, key, plain[key])
    retries = {
        name: _number(float, key, plain[key]) / unit for key, (name, unit) in _RETRIES.items() if key in plain
    }
    if retries:
        retries["number"] = int(retries.get("number", Retries().number))
        options["retries"] = Retries(**cast(Any, retries))
    if "proxy" in plain:
        options["proxy"] = str(plain["proxy"])
    if "ssl.ca.location" in plain:
        options["verify"] = plain["ssl.ca.location"]
    if _TLS[0] in plain:
        options["cert"] = tuple(str(plain[key]) for key in _TLS if key in plain)
    auth = _auth(plain)
    if auth is not None:
        options["auth"] = auth
    return str(plain["url"]), cast(HttpOptions, options)


def _number(kind: Callable[[Any], Any], key: str, value: Any) -> Any:
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise ValueError(f"{key} must be a number, not {value!r}") from None


def _auth(conf: Mapping[str, Any]) -> Auth:
    if conf.get("basic.auth.user.info"):
        user, colon, password = str(conf["basic.auth.user.info"]).partition(":")
        if not colon:
            raise ValueError("basic.auth.user.info is user:password")
        return Basic(user, password)
    source = conf.get(_BEARER + "credentials.source")
    if source is None:
        return None
    headers = {
        name: str(conf[_BEARER + key])
        for key, name in (
            ("logical.cluster", "target-sr-cluster"),
            ("identity.pool.id", "Confluent-Identity-Pool-Id"),
        )
        if conf.get(_BEARER + key)
    }
    match str(source).upper():
        case "STATIC_TOKEN":
            return Bearer(_needed(conf, "token"), headers)
        case "OAUTHBEARER":
            return OAuth(
                _needed(conf, "issuer.endpoint.url"),
                _needed(conf, "client.id"),
                _needed(conf, "client.secret"),
                conf.get(_BEARER + "scope"),
                headers,
            )
        case "CUSTOM":
            return _custom(conf)
    raise ValueError(
        f"bearer.auth.credentials.source must be STATIC_TOKEN, OAUTHBEARER or CUSTOM: {source!r}"
    )


def _needed(conf: Mapping[str, Any], key: str) -> str:
    value = conf.get(_BEARER + key)
    if not value:
        raise ValueError(f"the configuration needs {_BEARER}{key}")
    return str(value)


def _custom(conf: Mapping[str, Any]) -> Callable[[], Any]:
    """Return a function of the user, which must return the same fields as for confluent-kafka."""
    function = conf.get(_BEARER + "custom.provider.function")
    config = conf.get(_BEARER + "custom.provider.config")
    if not callable(function):
        raise ValueError("bearer.auth.custom.provider.function must be a function")

    def headers() -> dict[str, str]:
        fields = function(config)
        made = {"authorization": f"Bearer {fields['bearer.auth.token']}"}
        if fields.get("bearer.auth.logical.cluster"):
            made["target-sr-cluster"] = fields["bearer.auth.logical.cluster"]
        if fields.get("bearer.auth.identity.pool.id"):
            made["Confluent-Identity-Pool-Id"] = fields["bearer.auth.identity.pool.id"]
        return made

    return headers
