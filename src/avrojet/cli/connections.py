"""How commands reach a registry and Kafka: from options, the environment, and a file of properties."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from avrojet.errors import AvroError

if TYPE_CHECKING:
    from avrojet.registry.base import Registry

_REGISTRY: Final = "schema.registry.url"
_SERVERS: Final = "bootstrap.servers"
# Keys of the registry in the files of Java programs, where they have no prefix.
_OF_REGISTRY: Final = ("schema.registry.", "basic.auth.", "bearer.auth.")
_VARIABLES: Final = {
    _REGISTRY: ("AVROJET_REGISTRY", "SCHEMA_REGISTRY_URL"),
    _SERVERS: ("AVROJET_BOOTSTRAP_SERVERS", "KAFKA_BOOTSTRAP_SERVERS"),
}


def add_registry(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the registry is."""
    parser.add_argument(
        "--registry",
        metavar="URL",
        help="the registry: its URL, or a folder of .avsc files (or AVROJET_REGISTRY, SCHEMA_REGISTRY_URL)",
    )
    parser.add_argument(
        "--properties", metavar="FILE", help="a file of properties, as Kafka's own tools take it"
    )
    parser.add_argument(
        "-X", metavar="KEY=VALUE", action="append", default=[], dest="settings", help="a property"
    )


def add_kafka(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where Kafka and the registry are."""
    parser.add_argument(
        "-b",
        "--bootstrap-servers",
        metavar="HOST:PORT",
        help="Kafka (or AVROJET_BOOTSTRAP_SERVERS, KAFKA_BOOTSTRAP_SERVERS)",
    )
    add_registry(parser)


def registry_of(arguments: argparse.Namespace) -> Registry:
    """Return the registry that the options name.

    :raises AvroError: if they name none, or are not valid.
    """
    from avrojet.registry.confluent import ConfluentRegistry
    from avrojet.registry.folder import FolderRegistry

    found = _settings(arguments)
    url = arguments.registry or found.get(_REGISTRY) or _variable(_REGISTRY)
    if not url:
        raise AvroError("no registry is named: use --registry, AVROJET_REGISTRY, or schema.registry.url")
    if not re.match(r"https?://", url):
        return FolderRegistry(url)
    try:
        own = {key: value for key, value in found.items() if key.startswith(_OF_REGISTRY)}
        return ConfluentRegistry.from_config({**own, _REGISTRY: url})
    except ValueError as error:
        raise AvroError(str(error)) from None


def kafka_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """The configuration of Kafka's client.

    :raises AvroError: if the options do not say where Kafka is.
    """
    found = {key: value for key, value in _settings(arguments).items() if not key.startswith(_OF_REGISTRY)}
    servers = arguments.bootstrap_servers or found.get(_SERVERS) or _variable(_SERVERS)
    if not servers:
        raise AvroError(
            "no Kafka server is named: use --bootstrap-servers, AVROJET_BOOTSTRAP_SERVERS,"
            " or bootstrap.servers"
        )
    return {**_plain_login(found), _SERVERS: servers}


def _variable(key: str) -> str | None:
    return next((os.environ[name] for name in _VARIABLES[key] if os.environ.get(name)), None)


def _settings(arguments: argparse.Namespace) -> dict[str, str]:
    found: dict[str, str] = {}
    if arguments.properties:
        found.update(read_properties(Path(arguments.properties).read_text(encoding="utf-8")))
    for setting in arguments.settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise AvroError(f"-X takes KEY=VALUE, not {key!r}")
        found[key.strip()] = value.strip()
    return found


_LOGIN: Final = re.compile(r'(username|password)\s*=\s*"((?:[^"\\]|\\.)*)"')


def _plain_login(found: dict[str, str]) -> dict[str, str]:
    """Read user and password in Java's notation, which librdkafka does not know."""
    jaas = found.pop("sasl.jaas.config", None)
    if jaas is None:
        return found
    names = {"username": "sasl.username", "password": "sasl.password"}
    said = {names[each[1]]: each[2].replace('\\"', '"') for each in _LOGIN.finditer(jaas)}
    return {**said, **found}


def read_properties(text: str) -> dict[str, str]:
    """The properties of a file in Java's format."""
    found = {}
    for line in _logical_lines(text):
        parts = re.match(r"((?:[^\\=:\s]|\\.)*)\s*[=:]?\s*(.*)", line, re.DOTALL)
        assert parts is not None
        found[_unescaped(parts[1])] = _unescaped(parts[2])
    return found


def _logical_lines(text: str) -> Iterator[str]:
    begun = ""
    for line in text.splitlines():
        stripped = line.lstrip()
        if not begun and (not stripped or stripped[0] in "#!"):
            continue
        begun += stripped
        if (len(begun) - len(begun.rstrip("\\"))) % 2:  # it goes on in the next line
            begun = begun[:-1]
            continue
        yield begun.rstrip()
        begun = ""
    if begun:
        yield begun


def _unescaped(text: str) -> str:
    letters = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}

    def one(found: re.Match[str]) -> str:
        return chr(int(found[1][1:], 16)) if len(found[1]) == 5 else letters.get(found[1], found[1])

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", one, text)
