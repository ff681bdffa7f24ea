"""Confluent's interface of a registry in memory: from requests to answers; no I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

from avrojet.errors import SchemaError
from avrojet.registry.errors import InvalidSchemaError, NotFoundError, RegistryError
from avrojet.registry.memory import MemoryRegistry
from avrojet.registry.model import RegisteredSchema, SchemaReference

Query: TypeAlias = Sequence[tuple[str, str]]


class _Call:
    """A request that is being answered.

    :ivar parts: of the path, such as the subject.
    """

    def __init__(self, registry: MemoryRegistry, parts: Sequence[str], query: Query, body: bytes) -> None:
        self.registry = registry
        self.parts = parts
        self._pairs = query
        self._query = dict(query)
        self._body = body

    def flag(self, name: str) -> bool:
        return self._query.get(name, "false").lower() == "true"

    def option(self, name: str) -> str | None:
        return self._query.get(name)

    def data(self) -> dict[str, Any]:
        data = json.loads(self._body)
        if not isinstance(data, dict):
            raise ValueError("a JSON object was expected")
        return data

    def metadata(self) -> dict[str, str]:
        """Return the pairs of names and values, each of which has a parameter of its own."""
        keys = [value for name, value in self._pairs if name == "key"]
        return dict(zip(keys, [value for name, value in self._pairs if name == "value"], strict=True))

    def references(self) -> list[SchemaReference]:
        given = self.data().get("references") or ()
        return [SchemaReference(each["name"], each["subject"], each["version"]) for each in given]

    def schema(self) -> str:
        data = self.data()
        if (data.get("schemaType") or "AVRO") != "AVRO":
            raise InvalidSchemaError(f"{data['schemaType']} is not served here", status=422, code=42201)
        schema = data.get("schema")
        if not isinstance(schema, str):
            raise InvalidSchemaError("there is no schema", status=422, code=42201)
        return schema

    def version(self, subject: str, version: str) -> RegisteredSchema:
        """The version that a path names."""
        if version in ("latest", "-1"):
            return self.registry.latest(subject)
        return self.registry.version(subject, _number(version))


def _number(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise InvalidSchemaError(f"{text!r} is no version", status=422, code=42202)
    return int(text)


def answer_to(registry: MemoryRegistry, method: str, path: str, query: Query, body: bytes) -> tuple[int, Any]:
    """The status of an answer, and its JSON data."""
    for wanted, pattern, serve in _ROUTES:
        found = re.fullmatch(pattern, path.rstrip("/") or "/")
        if wanted == method and found is not None:
            call = _Call(registry, [unquote(part) for part in found.groups()], query, body)
            try:
                return 200, serve(call)
            except RegistryError as error:
                return _failed(error.status or 500, error.code or error.status or 500, error)
            except SchemaError as error:
                return _failed(422, 42201, error)
            except (ValueError, KeyError, TypeError) as error:
                return _failed(422, 422, error)
    return 404, {"error_code": 404, "message": "HTTP 404 Not Found"}


def _failed(status: int, code: int, error: Exception) -> tuple[int, Any]:
    return status, {"error_code": code, "message": str(error)}


# -- what schemas look like ------------------------------------------------------------------------


def _schema(registered: RegisteredSchema) -> dict[str, Any]:
    data: dict[str, Any] = {"guid": registered.guid, "schema": registered.text}
    if registered.references:
        data["references"] = [
            {"name": each.name, "subject": each.subject, "version": each.version}
            for each in registered.references
        ]
    optional: Mapping[str, Any] = {"metadata": registered.metadata, "ruleSet": registered.rules}
    return {**data, **{name: value for name, value in optional.items() if value is not None}}


def _version(registered: RegisteredSchema) -> dict[str, Any]:
    place = {"subject": registered.subject, "version": registered.version, "id": registered.id}
    return {**place, **_schema(registered)}


# -- what is served --------------------------------------------------------------------------------


def _by_id(call: _Call) -> Any:
    found = call.registry.by_id(int(call.parts[0]), call.option("subject"))
    place = {"subject": found.subject, "version": found.version} if found.version is not None else {}
    return {**_schema(found), **place}


def _uses(call: _Call) -> list[tuple[str, int]]:
    return call.registry.uses(int(call.parts[0]))


def _referring(call: _Call) -> list[int]:
    found = call.version(*call.parts)
    place = found.subject, found.version
    schemas = [call.registry.by_id(id) for id in call.registry.ids()]
    return [each.id or 0 for each in schemas if place in [(to.subject, to.version) for to in each.references]]


def _register(call: _Call) -> Any:
    data = call.data()
    return _version(
        call.registry.register(
            call.parts[0],
            call.schema(),
            references=call.references(),
            normalize=call.flag("normalize"),
            metadata=data.get("metadata"),
            rules=data.get("ruleSet"),
        )
    )


def _lookup(call: _Call) -> Any:
    return _version(
        call.registry.lookup(
            call.parts[0], call.schema(), references=call.references(), normalize=call.flag("normalize")
        )
    )


def _check(call: _Call) -> Any:
    subject = call.parts[0]
    number = call.version(*call.parts).version if len(call.parts) > 1 else None
    check = call.registry.check(subject, call.schema(), number, references=call.references())
    answer: dict[str, Any] = {"is_compatible": bool(check)}
    return {**answer, "messages": list(check.messages)} if call.flag("verbose") else answer


def _level(call: _Call) -> Any:
    if not call.parts:
        return {"compatibilityLevel": call.registry.level()}
    level = call.registry.own_level(call.parts[0])
    if level is None and not call.flag("defaultToGlobal"):
        raise NotFoundError(f"{call.parts[0]!r} has no level of its own", status=404, code=40408)
    return {"compatibilityLevel": level or call.registry.level()}


def _set_level(call: _Call) -> Any:
    level = call.data().get("compatibility")
    try:
        call.registry.set_level(level, *call.parts)  # type: ignore[arg-type]
    except ValueError as error:
        raise InvalidSchemaError(str(error), status=422, code=42203) from None
    return {"compatibility": level}


def _unset_level(call: _Call) -> Any:
    level = call.registry.own_level(call.parts[0])
    if level is None:
        raise NotFoundError(f"{call.parts[0]!r} has no level of its own", status=404, code=40408)
    call.registry.unset_level(call.parts[0])
    return {"compatibilityLevel": level}


def _delete_subject(call: _Call) -> Any:
    return call.registry.delete_subject(call.parts[0], permanent=call.flag("permanent"))


def _delete_version(call: _Call) -> Any:
    subject, version = call.parts
    permanent = call.flag("permanent")
    number = _number(version) if permanent else call.version(subject, version).version or 0
    return call.registry.delete_version(subject, number, permanent=permanent)


_SUBJECT: Final = "/subjects/([^/]+)"
_VERSION: Final = f"{_SUBJECT}/versions/([^/]+)"
_ROUTES: Final[list[tuple[str, str, Callable[[_Call], Any]]]] = [
    ("GET", "/", lambda call: {}),
    ("GET", "/schemas/types", lambda call: ["AVRO"]),
    ("GET", "/schemas/ids/([0-9]+)", _by_id),
    ("GET", "/schemas/ids/([0-9]+)/schema", lambda call: json.loads(_by_id(call)["schema"])),
    ("GET", "/schemas/ids/([0-9]+)/subjects", lambda call: sorted({name for name, _ in _uses(call)})),
    (
        "GET",
        "/schemas/ids/([0-9]+)/versions",
        lambda call: [{"subject": name, "version": version} for name, version in _uses(call)],
    ),
    ("GET", "/schemas/guids/([^/]+)", lambda call: _schema(call.registry.by_guid(call.parts[0]))),
    ("GET", "/subjects", lambda call: call.registry.subjects(deleted=call.flag("deleted"))),
    ("POST", _SUBJECT, _lookup),
    ("DELETE", _SUBJECT, _delete_subject),
    (
        "GET",
        f"{_SUBJECT}/versions",
        lambda call: call.registry.versions(call.parts[0], deleted=call.flag("deleted")),
    ),
    ("POST", f"{_SUBJECT}/versions", _register),
    (
        "GET",
        f"{_SUBJECT}/metadata",
        lambda call: _version(call.registry.latest_with_metadata(call.parts[0], call.metadata())),
    ),
    ("GET", _VERSION, lambda call: _version(call.version(*call.parts))),
    ("GET", f"{_VERSION}/schema", lambda call: json.loads(call.version(*call.parts).text or "null")),
    ("GET", f"{_VERSION}/referencedby", _referring),
    ("DELETE", _VERSION, _delete_version),
    ("POST", f"/compatibility{_SUBJECT}/versions", _check),
    ("POST", f"/compatibility{_VERSION}", _check),
    ("GET", "/config", _level),
    ("PUT", "/config", _set_level),
    ("GET", "/config/([^/]+)", _level),
    ("PUT", "/config/([^/]+)", _set_level),
    ("DELETE", "/config/([^/]+)", _unset_level),
    ("GET", "/mode", lambda call: {"mode": "READWRITE"}),
    ("GET", "/mode/([^/]+)", lambda call: {"mode": "READWRITE"}),
    ("GET", "/contexts", lambda call: ["."]),
]
"""The routes: method, path, and handler; each group in a path is one of its parts."""
