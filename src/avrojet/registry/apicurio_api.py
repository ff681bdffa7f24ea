"""Apicurio's own interfaces, v2 and v3; no I/O.

A subject is an artifact: ``:.group:artifact``, as Confluent writes contexts, or one of the default group.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NoReturn, TypeAlias, TypeVar

from avrojet.levels import text_is_deep
from avrojet.limits import limits_in_force
from avrojet.plan.levels import Level
from avrojet.registry.api import MOST_LISTED, HttpApi, flag, known_level, quoted, too_many
from avrojet.registry.base import LATEST, Latest
from avrojet.registry.errors import IncompatibleError, InvalidSchemaError, NotFoundError, RegistryError
from avrojet.registry.exchange import (
    MOST_BYTES,
    About,
    Answer,
    Exchange,
    Exchanger,
    Request,
    error_of,
    json_data,
    json_of,
)
from avrojet.registry.history import check_next
from avrojet.registry.kept import Answers
from avrojet.registry.model import RegisteredSchema, RegistryCheck, SchemaReference
from avrojet.registry.references import Source, own_text, parse_given
from avrojet.schema.model import Schema

UseId: TypeAlias = Literal["globalId", "contentId"]

T = TypeVar("T")

_PAGE: Final = 500
_MOST_DIGITS: Final = 18  # of a version
_RULE: Final = "rules/COMPATIBILITY"


class ApicurioApi(HttpApi):
    """The parts that both versions share.

    :param group: the group of subjects that do not name one.
    :param use_id: which of Apicurio's two numbers is the id.
    """

    RULE_TYPE: str
    ARTIFACT_ID: str

    def __init__(self, exchanger: Exchanger, answers: Answers, group: str, use_id: UseId) -> None:
        super().__init__(exchanger, answers)
        self._group = group
        self._use_id = use_id

    # -- subjects and artifacts ----------------------------------------------------------------------

    def _artifact(self, subject: str) -> tuple[str, str]:
        """Group and id of the artifact that is a subject."""
        if subject.startswith(":."):
            group, colon, artifact = subject[2:].partition(":")
            if colon:
                return group, artifact
        return self._group, subject

    def _path(self, subject: str, *more: str) -> str:
        group, artifact = self._artifact(subject)
        return "/".join(("groups", quoted(group), "artifacts", quoted(artifact), *more))

    def _subject(self, group: str | None, artifact: str) -> str:
        return artifact if (group or "default") == self._group else f":.{group or 'default'}:{artifact}"

    def _references_of(self, references: tuple[SchemaReference, ...]) -> list[dict[str, Any]]:
        """References in Apicurio's form."""
        said = []
        for each in references:
            group, artifact = self._artifact(each.subject)
            place = {"groupId": group, "artifactId": artifact}
            said.append({"name": each.name, "version": str(each.version), **place})
        return said

    def _references(self, path: str, about: About) -> Exchange[tuple[SchemaReference, ...]]:
        data = yield from self._json(Request("GET", f"{path}/references"), about)
        try:
            return tuple(
                [
                    SchemaReference(
                        str(each["name"]),
                        self._subject(each.get("groupId"), str(each["artifactId"])),
                        int(each["version"]),
                    )
                    for each in data
                ]
            )
        except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
            raise self.nonsense(about, "an array of references was expected", data) from None

    # -- reading -----------------------------------------------------------------------------------

    def by_id(self, id: int, subject: str | None) -> Exchange[RegisteredSchema]:
        about = About(f"the schema of {self._use_id} {id}", id=id)
        path = f"ids/{self._use_id}s/{id}"
        source = yield from self._content(path, path, about)
        schema = yield from self._resolved(source, about)
        return RegisteredSchema(schema, id, references=source.references, text=source.text)

    def by_guid(self, guid: str) -> Exchange[RegisteredSchema]:
        yield from ()
        raise RegistryError(f"Apicurio has no GUIDs, so no schema of GUID {guid}", guid=guid)

    def _content(self, path: str, place: str, about: About) -> Exchange[Source]:
        """The text at a path, and the references, which are at a place of their own."""
        answer: Answer = yield from self._exchanger.ask(Request("GET", path))
        if answer.status != 200:
            raise error_of(answer, about)
        try:
            text = answer.body.decode()
            # Otherwise it is checked when it is parsed as a schema, with bounds.
            if len(text) <= limits_in_force().schema_bytes and not text_is_deep(text):
                json.loads(text)
        except (ValueError, RecursionError):
            kind = answer.headers.get("content-type", "no content type")
            raise InvalidSchemaError(
                f"{about.what} is not a schema of Avro, but of {kind}", url=answer.url, **about.facts()
            ) from None
        return Source(text, (yield from self._references(place, about)))

    def version(self, subject: str, version: int | Latest) -> Exchange[RegisteredSchema]:
        what = "the latest version" if version == LATEST else f"version {version}"
        about = About(f"{what} of {subject!r}", subject, version)
        meta = yield from self._object(self._meta(subject, version), about)
        return (yield from self._of_meta(subject, meta, about))

    def _of_meta(self, subject: str, meta: Mapping[str, Any], about: About) -> Exchange[RegisteredSchema]:
        id, version = self._place(meta, about)
        kind = meta.get("artifactType") or meta.get("type") or "AVRO"
        if kind != "AVRO":
            raise InvalidSchemaError(f"{about.what} is not a schema of Avro, but of {kind}", **about.facts())
        source = yield from self._source(subject, version)
        schema = yield from self._resolved(source, about)
        metadata = _metadata(meta)
        return RegisteredSchema(
            schema, id, None, subject, version, source.references, metadata, None, source.text
        )

    def _place(self, meta: Mapping[str, Any], about: About) -> tuple[int, int]:
        """The id and the version in the metadata of a version."""
        id, version = meta.get(self._use_id), str(meta.get("version"))
        if type(id) is not int or not version.isdecimal() or len(version) > _MOST_DIGITS:
            raise self.nonsense(about, f"{self._use_id} and a version that is a number were expected", meta)
        return id, int(version)

    def _source(self, subject: str, version: int) -> Exchange[Source]:
        about = About(f"version {version} of {subject!r}", subject, version)
        place = self._path(subject, "versions", str(version))
        return (yield from self._content(self._content_path(place), place, about))

    def subjects(self, *, deleted: bool) -> Exchange[list[str]]:
        path = f"groups/{quoted(self._group)}/artifacts"
        about = About("the subjects")
        return (
            yield from self._pages(path, "artifacts", about, lambda each: str(each.get(self.ARTIFACT_ID)))
        )

    def versions(self, subject: str, *, deleted: bool) -> Exchange[list[int]]:
        about = About(f"the versions of {subject!r}", subject)
        path = self._path(subject, "versions")
        found = yield from self._pages(path, "versions", about, lambda each: self._place(each, about)[1])
        return sorted(found)

    def _pages(
        self, path: str, name: str, about: About, value: Callable[[Mapping[str, Any]], T]
    ) -> Exchange[list[T]]:
        """Return a value of each entry of a list that comes in pages.

        :raises RegistryError: if there are more entries, or bytes, than are accepted from any registry.
        """
        found: list[T] = []
        size = 0
        while True:
            query = {"limit": str(_PAGE), "offset": str(len(found))}
            answer: Answer = yield from self._exchanger.ask(Request("GET", path, query))
            data = json_of(answer, about)
            page = data.get(name) if isinstance(data, dict) else None
            if not isinstance(page, list) or not all(isinstance(each, dict) for each in page):
                raise self.nonsense(about, f"an array of {name} was expected", data)
            found += map(value, page)
            size += len(answer.body)
            if len(page) < _PAGE:
                return found
            if len(found) > MOST_LISTED or size > MOST_BYTES:
                raise too_many(about)

    # -- levels ------------------------------------------------------------------------------------

    def level(self, subject: str | None) -> Exchange[Level]:
        about = About("the compatibility level", subject)
        places = ["admin"] if subject is None else [self._path(subject), *self._groups(subject), "admin"]
        for place in places:
            try:
                data = yield from self._object(Request("GET", f"{place}/{_RULE}"), about)
            except NotFoundError:
                continue  # the next one is in force
            return known_level(data.get("config"), about)
        return "NONE"

    def _groups(self, subject: str) -> list[str]:
        """Paths of rules that apply after a subject's own and before the global ones."""
        return []

    def set_level(self, level: Level, subject: str | None) -> Exchange[None]:
        place = "admin" if subject is None else self._path(subject)
        about = About(f"setting the compatibility level {level}", subject)
        body = {self.RULE_TYPE: "COMPATIBILITY", "config": level}
        try:
            yield from self._json(Request("PUT", f"{place}/{_RULE}", body=body), about)
        except NotFoundError:
            yield from self._json(Request("POST", f"{place}/rules", body=body), about)

    # -- writing -----------------------------------------------------------------------------------

    def check(
        self,
        subject: str,
        schema: Any,
        version: int | Latest | None,
        references: tuple[SchemaReference, ...],
    ) -> Exchange[RegistryCheck]:
        about = About(f"checking a schema against {subject!r}", subject, version)
        named = yield from self._named(references, about)
        parsed = parse_given(schema, named)
        if isinstance(version, int):  # Apicurio compares only with the versions that the level requires
            older = yield from self.version(subject, version)
            level = yield from self.level(subject)
            history = check_next([older.schema], parsed, level)
            return RegistryCheck(bool(history), level, history=history)
        # The text contains all types: not every registry resolves references here.
        answer: Answer = yield from self._exchanger.ask(self._test(subject, own_text(parsed, {})))
        if answer.status < 300:
            return RegistryCheck(compatible=True)
        error = error_of(answer, about)
        if not isinstance(error, IncompatibleError):
            raise error
        return RegistryCheck(compatible=False, messages=_causes(answer))

    def delete_subject(self, subject: str, *, permanent: bool) -> Exchange[list[int]]:
        about = About(f"deleting {subject!r}", subject)
        if not permanent:
            _refuse_until_permanent(about)
        versions = yield from self.versions(subject, deleted=False)
        yield from self._json(Request("DELETE", self._path(subject)), about)
        return versions

    def delete_version(self, subject: str, version: int, *, permanent: bool) -> Exchange[int]:
        about = About(f"deleting version {version} of {subject!r}", subject, version)
        if not permanent:
            _refuse_until_permanent(about)
        yield from self._json(Request("DELETE", self._path(subject, "versions", str(version))), about)
        return version

    # -- what differs ------------------------------------------------------------------------------

    @abstractmethod
    def _meta(self, subject: str, version: int | Latest) -> Request:
        """The request for the metadata of a version."""

    @abstractmethod
    def _content_path(self, place: str) -> str:
        """The path of the text of the version at the given path."""

    @abstractmethod
    def _test(self, subject: str, text: str) -> Request:
        """The request to check whether a schema may be the next version."""


def _metadata(meta: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the labels of a version in the form of Confluent's metadata."""
    labels = meta.get("labels")
    return {"properties": labels} if isinstance(labels, dict) and labels else None


def _causes(answer: Answer) -> tuple[str, ...]:
    try:
        return tuple(
            [f"{each['context']}: {each['description']}" for each in json_data(answer.body)["causes"]]
        )
    except (ValueError, KeyError, TypeError):
        return ()


def _refuse_until_permanent(about: About) -> NoReturn:
    raise RegistryError(f"{about.what}: Apicurio only deletes permanently (permanent=True)", **about.facts())


def refuse_contracts(
    about: About, metadata: Mapping[str, Any] | None, rules: Mapping[str, Any] | None
) -> None:
    """Refuse what this interface cannot store.

    :raises RegistryError: if any is given.
    """
    if metadata is not None or rules is not None:
        what = "rules" if metadata is None else "metadata"
        raise RegistryError(f"{about.what}: this interface of Apicurio has no {what}", **about.facts())


class ApicurioV2Api(ApicurioApi):
    """Version 2, of Apicurio 2."""

    RULE_TYPE = "type"
    ARTIFACT_ID = "id"

    def _meta(self, subject: str, version: int | Latest) -> Request:
        place = ("meta",) if version == LATEST else ("versions", str(version), "meta")
        return Request("GET", self._path(subject, *place))

    def _content_path(self, place: str) -> str:
        return place

    def _test(self, subject: str, text: str) -> Request:
        headers = {"content-type": "application/json"}
        return Request("PUT", self._path(subject, "test"), text=text, headers=headers)

    def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> Exchange[RegisteredSchema]:
        yield from ()
        raise RegistryError("this interface of Apicurio has no metadata", subject=subject)

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
        refuse_contracts(about, metadata, rules)
        group, artifact = self._artifact(subject)
        if not artifact.isascii():
            raise RegistryError(f"{about.what}: Apicurio takes names in ASCII only", **about.facts())
        named = yield from self._named(references, about)
        parsed, text = parse_given(schema, named), own_text(schema, named)
        request = Request(
            "POST",
            f"groups/{quoted(group)}/artifacts",
            {"ifExists": "RETURN_OR_UPDATE", "canonical": flag(normalize)},
            text=json.dumps({"content": text, "references": self._references_of(references)}),
            headers={
                "content-type": "application/create.extended+json",
                "x-registry-artifactid": artifact,
                "x-registry-artifacttype": "AVRO",
            },
        )
        meta = yield from self._object(request, about)
        id, version = self._place(meta, about)
        return RegisteredSchema(parsed, id, None, subject, version, references, text=text)

    def lookup(
        self, subject: str, schema: Any, references: tuple[SchemaReference, ...], *, normalize: bool
    ) -> Exchange[RegisteredSchema]:
        about = About(f"looking up a schema in {subject!r}", subject)
        named = yield from self._named(references, about)
        parse_given(schema, named)
        request = Request(
            "POST",
            self._path(subject, "meta"),
            {"canonical": flag(normalize)},
            text=json.dumps(
                {"content": own_text(schema, named), "references": self._references_of(references)}
            ),
            headers={"content-type": "application/get.extended+json"},
        )
        meta = yield from self._object(request, about)
        return (yield from self._of_meta(subject, meta, about))


class ApicurioV3Api(ApicurioApi):
    """Version 3, of Apicurio 3."""

    RULE_TYPE = "ruleType"
    ARTIFACT_ID = "artifactId"

    def _meta(self, subject: str, version: int | Latest) -> Request:
        return Request(
            "GET", self._path(subject, "versions", "branch=latest" if version == LATEST else str(version))
        )

    def _content_path(self, place: str) -> str:
        return f"{place}/content"

    def _groups(self, subject: str) -> list[str]:
        return [f"groups/{quoted(self._artifact(subject)[0])}"]

    def _content_of(self, text: str, references: tuple[SchemaReference, ...]) -> dict[str, Any]:
        return {
            "content": text,
            "contentType": "application/json",
            "references": self._references_of(references),
        }

    def _test(self, subject: str, text: str) -> Request:
        body = {"content": self._content_of(text, ())}
        return Request("POST", self._path(subject, "versions"), {"dryRun": "true"}, body)

    def latest_with_metadata(self, subject: str, metadata: Mapping[str, str]) -> Exchange[RegisteredSchema]:
        about = About(f"the version of {subject!r} with the metadata {dict(metadata)}", subject)
        group, artifact = self._artifact(subject)
        place = [("groupId", group), ("artifactId", artifact), ("orderby", "globalId"), ("order", "desc")]
        labels = [("labels", f"{name}:{value}") for name, value in metadata.items()]
        request = Request("GET", "search/versions", [*place, *labels, ("limit", "1")])
        return (yield from self._first(request, subject, about))

    def _first(self, request: Request, subject: str, about: About) -> Exchange[RegisteredSchema]:
        """The first version that a search finds."""
        data = yield from self._object(request, about)
        versions = data.get("versions")
        if not isinstance(versions, list):
            raise self.nonsense(about, "an array of versions was expected", data)
        if not versions:
            raise NotFoundError(f"{about.what}: there is none", status=404, **about.facts())
        return (yield from self._of_meta(subject, versions[0], about))

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
        labels = (metadata or {}).get("properties") or {}
        refuse_contracts(about, metadata if (metadata or {}).keys() - {"properties"} else None, rules)
        group, artifact = self._artifact(subject)
        named = yield from self._named(references, about)
        parsed, text = parse_given(schema, named), own_text(schema, named)
        version: dict[str, Any] = {"content": self._content_of(text, references)}
        if labels:
            version["labels"] = labels
        request = Request(
            "POST",
            f"groups/{quoted(group)}/artifacts",
            {"ifExists": "FIND_OR_CREATE_VERSION", "canonical": flag(normalize)},
            {"artifactId": artifact, "artifactType": "AVRO", "firstVersion": version},
        )
        data = yield from self._object(request, about)
        meta = data.get("version")
        if not isinstance(meta, dict):
            raise self.nonsense(about, "a version was expected", data)
        id, number = self._place(meta, about)
        return RegisteredSchema(parsed, id, None, subject, number, references, _metadata(meta), text=text)

    def lookup(
        self, subject: str, schema: Any, references: tuple[SchemaReference, ...], *, normalize: bool
    ) -> Exchange[RegisteredSchema]:
        about = About(f"looking up a schema in {subject!r}", subject)
        named = yield from self._named(references, about)
        parsed = parse_given(schema, named)
        if references:  # which a search ignores, so that it finds nothing
            return (yield from self._same(subject, parsed, about))
        group, artifact = self._artifact(subject)
        request = Request(
            "POST",
            "search/versions",
            {
                "canonical": flag(normalize),
                "artifactType": "AVRO",
                "groupId": group,
                "artifactId": artifact,
                "orderby": "globalId",
                "order": "desc",
            },
            text=own_text(schema, named),
            headers={"content-type": "application/json"},
        )
        return (yield from self._first(request, subject, about))

    def _same(self, subject: str, schema: Schema, about: About) -> Exchange[RegisteredSchema]:
        """Return the newest version that is this schema, by comparing each version."""
        for number in reversed((yield from self.versions(subject, deleted=False))):
            registered = yield from self.version(subject, number)
            if registered.schema == schema:
                return registered
        raise NotFoundError(f"{about.what}: there is none", status=404, **about.facts())
