"""How values of one subject are written: the schema is registered or requested, and compiled."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from avrojet.datum import Decoder, Encoder
from avrojet.errors import EncodeError
from avrojet.failures import EncodeFailure
from avrojet.limits import Limits
from avrojet.registry.errors import IncompatibleError, NotFoundError
from avrojet.registry.messages import Context, Writing
from avrojet.registry.model import RegisteredSchema, SchemaReference
from avrojet.registry.reading import expiry
from avrojet.registry.rules import ConfluentRules, Phase, RuleError, has_rules, inline_checks
from avrojet.registry.steps import Steps, ask, ask_schema
from avrojet.schema.model import NamedSchema, Schema
from avrojet.typed import is_annotation
from avrojet.varint import decode_long
from avrojet.wire.frames import ENCODING_NAMES
from avrojet.wire.framing import Framing


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingOptions:
    """The options of a Serializer.

    :ivar given: the schema or class as passed by the user; None if the registry has it.
    :ivar schema: the same, parsed, with the types that it refers to.
    :ivar latest: write with the newest version of the subject, or the one with this metadata.
    :ivar inline_rules: check the rules in the schema's attributes, by this executor of Confluent's.
    :ivar refresh: for how many seconds the newest version is assumed to be the newest.
    """

    given: Any
    schema: Schema | None
    references: tuple[SchemaReference, ...]
    framing: Framing
    auto_register: bool
    latest: bool | Mapping[str, str]
    use_id: int | None
    normalize: bool
    check: bool
    json: bool
    to_dict: Callable[[Any, Any], Any] | None
    rules: ConfluentRules | None
    inline_rules: Any
    fail_fast: bool
    refresh: float | None
    limits: Limits
    encoder: Mapping[str, Any]


def make_writing(
    options: WritingOptions, subject: str | None, context: Any, *, is_key: bool
) -> Steps[Writing]:
    """Request the schema of a subject, and compile it."""
    registered = yield from _registered(options, subject)
    schema = registered.schema if options.schema is None or _is_asked_for(options) else options.schema
    encoder = _encoder(options, schema)
    schema_id = _id_of(registered, options.framing)
    assert options.framing.head is not None  # the Serializer has checked it
    head, headers = options.framing.head(schema_id, "key" if is_key else "value")
    if options.json:
        json = {ENCODING_NAMES[is_key]: b"JSON"}
        headers = tuple((name, json.get(name, value)) for name, value in headers)
    usual = Context(getattr(context, "topic", None), "key" if is_key else "value")
    encrypt = _rules(options, registered, "encodingRules", subject)
    return Writing(
        encoder,
        head,
        headers,
        finish=_finish(options, schema, encrypt, usual),
        prepare=_prepare(options, schema, _rules(options, registered, "domainRules", subject), usual),
        schema_id=schema_id,
        expires=expiry(options.refresh) if options.latest else 0.0,
    )


def _encoder(options: WritingOptions, schema: Schema) -> Encoder[Any]:
    """Return the encoder for values of a schema, or for instances of the class passed in its place."""
    cls = options.given
    if not is_annotation(cls):
        return Encoder(schema, limits=options.limits, **options.encoder)
    if schema is options.schema:
        return Encoder(cls, limits=options.limits, **options.encoder)
    own = {"classes": {schema.fullname: cls}} if isinstance(schema, NamedSchema) else {}
    return Encoder(schema, limits=options.limits, **{**options.encoder, **own})


def _is_asked_for(options: WritingOptions) -> bool:
    """Whether the registry decides which schema to write with, whatever schema was passed."""
    return bool(options.latest) or options.use_id is not None


def _registered(options: WritingOptions, subject: str | None) -> Steps[RegisteredSchema]:
    if options.framing.kind is None:
        assert options.schema is not None
        return RegisteredSchema(options.schema)
    if options.framing.kind == "fingerprint" and options.schema is not None:
        return RegisteredSchema(options.schema)
    if options.use_id is not None:
        return (yield from ask_schema("by_id", options.use_id, subject))
    if isinstance(options.latest, Mapping):
        return (yield from ask_schema("latest_with_metadata", subject, options.latest))
    if options.latest:
        return (yield from ask_schema("latest", subject))
    known = {"references": options.references, "normalize": options.normalize}
    if not options.auto_register:
        return (yield from ask_schema("lookup", subject, options.given, **known))
    if options.check:
        yield from _check(options, subject)
    return (yield from ask_schema("register", subject, options.given, **known))


def _check(options: WritingOptions, subject: str | None) -> Steps[None]:
    """Check the subject's compatibility, before the registry is asked to change anything.

    :raises IncompatibleError: with all reasons.
    """
    try:
        found = yield from ask("check", subject, options.given, None, references=options.references)
    except NotFoundError:
        return  # the first of its subject
    if not found:
        error = IncompatibleError(
            f"the schema breaks the level {found.level} of {subject!r}: {found}", subject=subject
        )
        error.history = found.history
        raise error


def _id_of(registered: RegisteredSchema, framing: Framing) -> Any:
    """Return the id of a schema that the framing writes."""
    found = {
        None: b"",
        "id": registered.id,
        "global_id": registered.id,
        "content_id": registered.id,
        "guid": registered.guid,
        "fingerprint": registered.schema.fingerprint(),
    }[framing.kind]
    if found is None:
        raise EncodeError(
            f"the framing {framing.name!r} needs the {framing.kind} of a schema, and the registry has none",
            kind=EncodeFailure.VALUE,
        )
    return found


def _rules(
    options: WritingOptions, registered: RegisteredSchema, phase: Phase, subject: str | None
) -> Callable[[Any, Any], Any] | None:
    if not has_rules(registered, "WRITE", phase):
        return None
    if options.rules is None:
        raise RuleError(
            f"the schema has rules for writing to {subject!r}: pass an engine for them, "
            "rules=ConfluentRules()"
        )
    return options.rules.bound(registered, "WRITE", phase, subject or "")


def _finish(
    options: WritingOptions, schema: Schema, encrypt: Callable[[Any, Any], Any] | None, context: Context
) -> Callable[[bytes], bytes] | None:
    """Return the function that turns an encoded datum into the bytes after the head; None if they are the
    same.
    """
    bare = options.framing.bare_bytes and schema.type == "bytes"
    if not (options.json or bare or options.framing.compresses or encrypt is not None):
        return None
    to_json = Decoder(schema, limits=options.limits).to_json

    def finish(datum: bytes) -> bytes:
        if bare:
            datum = datum[decode_long(datum, 0)[1] :]
        elif options.json:
            datum = to_json(datum).encode()
        if encrypt is not None:
            datum = encrypt(datum, context)
        return zlib.compress(datum) if options.framing.compresses else datum

    return finish


def _prepare(
    options: WritingOptions, schema: Schema, apply: Callable[[Any, Any], Any] | None, usual: Context
) -> Callable[[Any, Any], Any] | None:
    """Return the function that turns an object into the value to encode; None if the object is the value."""
    check = None
    if options.inline_rules:
        check = inline_checks(schema, options.inline_rules, fail_fast=options.fail_fast)
    to_dict = options.to_dict
    if to_dict is None and apply is None and check is None:
        return None

    def prepare(value: Any, context: Any) -> Any:
        context = context or usual
        if to_dict is not None:
            value = to_dict(value, context)
        if apply is not None:
            value = apply(value, context)
        if check is not None:
            check(value)
        return value

    return prepare
