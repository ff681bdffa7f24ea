"""The interface of Confluent's Schema Registry, which Karapace, Redpanda and Apicurio have, too; no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from avrojet.plan.levels import Level
from avrojet.registry.api import HttpApi, flag, known_level, quoted
from avrojet.registry.base import LATEST, Latest
from avrojet.registry.errors import InvalidSchemaError, NotFoundError
from avrojet.registry.exchange import About, Exchange, Request
from avrojet.registry.model import RegisteredSchema, RegistryCheck, SchemaReference
from avrojet.registry.references import Source, own_text, parse_given

T = TypeVar("T")

_KINDS: Final[dict[type, str]] = {str: "text", int: "a number", dict: "an object"}

HEADERS: Final = {
    "accept": "application/vnd.schemaregistry.v1+json, application/json",
    "confluent-accept-unknown-properties": "true",
}


class ConfluentApi(HttpApi):
    """Confluent's interface: see :class:`avrojet.registry.Registry`."""

    def by_id(self, id: int, subject: str | None) -> Exchange[RegisteredSchema]:
        about = About(f"the schema of id {id}", id=id)
        query = {} if subject is None else {"subject": subject}
        data = yield from self._object(Request("GET", f"schemas/ids/{id}", query), about)
        if data.get("id", id) != id:
            raise self.nonsense(about, f"the schema of id {id} was expected", f"that of id {data['id']}")
        return (yield from self._registered({"subject": subject, **data, "id": id}, about))

    def by_guid(self, guid: str) -> Exchange[RegisteredSchema]:
        about = About(f"the schema of GUID {guid}", guid=guid)
        data = yield from self._object(Request("GET", f"schemas/guids/{quoted(guid)}"), about)
        return (yield from self._registered({**data, "guid": guid}, about))

    def version(self, subject: str, version: int | Latest) -> Exchange[RegisteredSchema]:
        about = _of(subject, version)
        data = yield from self._version(subject, version, about)
        return (yield from self._registered(data, about))

    def _version(self, subject: str, version: int | Latest, about: About) -> Exchange[dict[str, Any]]:
        path = f"subjects/{quoted(subject)}/versions/{version}"
        data = yield from self._object(Request("GET", path), about)
        if version not in (LATEST, data.get("version", version)):
            raise self.nonsense(about, f"version {version} was expected", data["version"])
        return {"version": version, **data, "subject": subject}

    def _source(self, subject: str, version: int) -> Exchange[Source]:
        about = _of(subject, version)
        data = yield from self._version(subject, version, about)
        return self._source_of(data, about)

    def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> Exchange[RegisteredSchema]:
        about = About(f"the version of {subject!r} with the metadata {dict(metadata)}", subject)
        # Pairs of names and values; a name may occur many times.
        query = [part for key, value in metadata.items() for part in (("key", key), ("value", value))]
        path = f"subjects/{quoted(subject)}/metadata"
        data = yield from self._object(Request("GET", path, query), about)
        return (yield from self._registered({**data, "subject": subject}, about))

    def register(
        self,
        subject: str,
        schema: Any,
        references: tuple[SchemaReference, ...],
        *,
        normalize: bool,
        metadata: Mapping[str, Any] | None,
        rules: Mapping[str, Any] | None,
    ) -> Exchange[RegisteredSchema]:
        about = About(f"registering a schema in {subject!r}", subject)
        named = yield from self._named(references, about)
        parsed, text = parse_given(schema, named), own_text(schema, named)
        body = _body(text, references)
        if metadata is not None:
            body["metadata"] = metadata
        if rules is not None:
            body["ruleSet"] = rules
        path = f"subjects/{quoted(subject)}/versions"
        query = {"normalize": flag(normalize)}
        data = yield from self._object(Request("POST", path, query, body), about)
        if "version" not in data:  # older registries return only the id
            data = {**(yield from self._place(subject, body, query, about)), **data}
        return RegisteredSchema(
            parsed,
            self._number(data, "id", about),
            self._optional(data, "guid", str, about),
            subject,
            self._optional(data, "version", int, about),
            references,
            metadata,
            rules,
            text,
        )

    def _place(
        self, subject: str, body: dict[str, Any], query: dict[str, str], about: About
    ) -> Exchange[dict[str, Any]]:
        try:
            return (
                yield from self._object(Request("POST", f"subjects/{quoted(subject)}", query, body), about)
            )
        except NotFoundError:
            return {}  # another node may not know it yet

    def lookup(
        self, subject: str, schema: Any, references: tuple[SchemaReference, ...], *, normalize: bool
    ) -> Exchange[RegisteredSchema]:
        about = About(f"looking up a schema in {subject!r}", subject)
        named = yield from self._named(references, about)
        parse_given(schema, named)
        body, query = _body(own_text(schema, named), references), {"normalize": flag(normalize)}
        data = yield from self._object(Request("POST", f"subjects/{quoted(subject)}", query, body), about)
        return (yield from self._registered({**data, "subject": subject}, about))

    def check(
        self,
        subject: str,
        schema: Any,
        version: int | Latest | None,
        references: tuple[SchemaReference, ...],
    ) -> Exchange[RegistryCheck]:
        about = About(f"checking a schema against {subject!r}", subject, version)
        named = yield from self._named(references, about)
        # The text contains all types: not every registry resolves references here.
        body = {"schema": own_text(parse_given(schema, named), {})}
        path = f"compatibility/subjects/{quoted(subject)}/versions"
        path = path if version is None else f"{path}/{version}"
        data = yield from self._object(Request("POST", path, {"verbose": "true"}, body), about)
        compatible, messages = data.get("is_compatible"), data.get("messages")
        if not isinstance(compatible, bool):
            raise self.nonsense(about, "is_compatible was expected", data)
        messages = messages if isinstance(messages, list) else []
        return RegistryCheck(compatible, messages=tuple(map(str, messages)))

    def subjects(self, *, deleted: bool) -> Exchange[list[str]]:
        query = {"deleted": "true"} if deleted else {}
        return (yield from self._list(Request("GET", "subjects", query), About("the subjects"), str))

    def versions(self, subject: str, *, deleted: bool) -> Exchange[list[int]]:
        query = {"deleted": "true"} if deleted else {}
        about = About(f"the versions of {subject!r}", subject)
        path = f"subjects/{quoted(subject)}/versions"
        return (yield from self._list(Request("GET", path, query), about, int))

    def level(self, subject: str | None) -> Exchange[Level]:
        about = About("the compatibility level", subject)
        if subject is not None:
            try:
                request = Request("GET", f"config/{quoted(subject)}", {"defaultToGlobal": "true"})
                data = yield from self._object(request, about)
            except NotFoundError:
                pass  # the subject has no level of its own, and this registry does not name the default
            else:
                return known_level(data.get("compatibilityLevel"), about)
        data = yield from self._object(Request("GET", "config"), about)
        return known_level(data.get("compatibilityLevel"), about)

    def set_level(self, level: Level, subject: str | None) -> Exchange[None]:
        path = "config" if subject is None else f"config/{quoted(subject)}"
        about = About(f"setting the compatibility level {level}", subject)
        yield from self._json(Request("PUT", path, body={"compatibility": level}), about)

    def delete_subject(self, subject: str, *, permanent: bool) -> Exchange[list[int]]:
        about = About(f"deleting {subject!r}", subject)
        query = {"permanent": "true"} if permanent else {}
        return (yield from self._list(Request("DELETE", f"subjects/{quoted(subject)}", query), about, int))

    def delete_version(self, subject: str, version: int, *, permanent: bool) -> Exchange[int]:
        about = About(f"deleting version {version} of {subject!r}", subject, version)
        query = {"permanent": "true"} if permanent else {}
        path = f"subjects/{quoted(subject)}/versions/{version}"
        deleted = yield from self._json(Request("DELETE", path, query), about)
        if deleted != version:
            raise self.nonsense(about, f"{version} was expected", deleted)
        return version

    # -- answers -----------------------------------------------------------------------------------

    def _registered(self, data: Mapping[str, Any], about: About) -> Exchange[RegisteredSchema]:
        source = self._source_of(data, about)
        schema = yield from self._resolved(source, about)
        return RegisteredSchema(
            schema,
            self._number(data, "id", about) if data.get("id") is not None else None,
            self._optional(data, "guid", str, about),
            self._optional(data, "subject", str, about),
            self._number(data, "version", about) if data.get("version") is not None else None,
            source.references,
            self._optional(data, "metadata", dict, about),
            self._rules(data, about),
            source.text,
        )

    def _optional(self, data: Mapping[str, Any], name: str, kind: type[T], about: About) -> T | None:
        """Return an optional part of an answer."""
        value = data.get(name)
        if value is not None and not isinstance(value, kind):
            raise self.nonsense(about, f"{name!r} should be {_KINDS[kind]}", value)
        return value

    def _rules(self, data: Mapping[str, Any], about: About) -> dict[str, Any] | None:
        """The rules: lists of objects, for each time when they are applied."""
        rules = self._optional(data, "ruleSet", dict, about)
        for when, some in (rules or {}).items():
            if when.endswith("Rules"):
                those = some or []
                if not (isinstance(those, list) and all(map(_is_rule, those))):
                    raise self.nonsense(about, f"{when!r} should be an array of rules", some)
        if rules is not None:
            self._optional(rules, "enableAt", str, about)
        return rules

    def _number(self, data: Mapping[str, Any], name: str, about: About) -> int:
        number = data.get(name)
        if type(number) is not int:
            raise self.nonsense(about, f"{name!r} should be a number", number)
        return number

    def _source_of(self, data: Mapping[str, Any], about: About) -> Source:
        kind = data.get("schemaType") or "AVRO"
        if kind != "AVRO":
            raise InvalidSchemaError(f"{about.what} is not a schema of Avro, but of {kind}", **about.facts())
        text = data.get("schema")
        if not isinstance(text, str):
            raise self.nonsense(about, "'schema' should be text", text)
        try:
            references = tuple(
                [
                    SchemaReference(str(each["name"]), str(each["subject"]), int(each["version"]))
                    for each in data.get("references") or ()
                ]
            )
        except (TypeError, KeyError, ValueError, OverflowError):
            raise self.nonsense(about, "'references' should be an array", data["references"]) from None
        return Source(text, references)


def _is_rule(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("mode"), str | None)


def _of(subject: str, version: int | Latest) -> About:
    what = "the latest version" if version == LATEST else f"version {version}"
    return About(f"{what} of {subject!r}", subject, version)


def _body(text: str, references: tuple[SchemaReference, ...]) -> dict[str, Any]:
    """The JSON data of a request with a schema; Avro is the default type of schemas."""
    if not references:
        return {"schema": text}
    said = [{"name": each.name, "subject": each.subject, "version": each.version} for each in references]
    return {"schema": text, "references": said}
