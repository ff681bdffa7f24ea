"""How messages of one schema are read: the schema is requested, resolved and compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal

from avrojet.datum import Decoder, Encoder
from avrojet.errors import DecodeError
from avrojet.failures import DecodeFailure
from avrojet.limits import Limits
from avrojet.registry.errors import NotFoundError
from avrojet.registry.messages import Context, Reading
from avrojet.registry.model import RegisteredSchema
from avrojet.registry.rules import ConfluentRules, Phase, RuleError, ensure_no_migrations, has_rules
from avrojet.registry.steps import Steps, ask_schema
from avrojet.registry.subjects import Strategy
from avrojet.schema.model import NamedSchema, Schema
from avrojet.schema.parse import parse_schema
from avrojet.varint import encode_long
from avrojet.wire.framing import SchemaId, Unframed, datum_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """The options of a Deserializer.

    :ivar reader: the schema to read messages as; None: each as its own.
    :ivar readers: the same by the fullname of the writer's record.
    :ivar writer: the schema of messages that do not name one.
    :ivar find: finds schemas by fingerprint.
    :ivar numbers: which of Apicurio's numbers is the registry's id of a schema; None: any.
    :ivar latest: read messages as the newest version of their subject, or the one with this metadata.
    :ivar json: data are JSON text unless a header says otherwise.
    :ivar refresh: for how many seconds the newest version is assumed to be the newest.
    """

    reader: Any
    readers: Mapping[str, Any]
    writer: Schema | None
    find: Callable[[bytes], Any] | None
    numbers: Literal["global_id", "content_id"] | None
    latest: bool | Mapping[str, str]
    subject: Strategy
    json: bool
    from_dict: Callable[[Any, Any], Any] | None
    rules: ConfluentRules | None
    refresh: float | None
    limits: Limits
    decoder: Mapping[str, Any]


def make_reading(
    options: ReadingOptions, unframed: Unframed, topic: str | None, field: str
) -> Steps[Reading]:
    """Request the schemas of a message, and compile them."""
    writer = yield from _writer(options, unframed.schema_id)
    name = record_name(writer.schema)
    latest = None
    if options.latest:
        latest = yield from _latest(options, writer, options.subject(Context(topic, field), name))
    shown = options.readers.get(name or "") or options.reader or writer.schema
    reader = latest or RegisteredSchema(parse_schema(shown), rules=writer.rules)
    decoder = Decoder(
        writer.schema, shown if latest is None else latest.schema, limits=options.limits, **options.decoder
    )
    # Rules for the datum come from the writer's schema, rules for the value from the reader's.
    decrypt = _rules(options, writer, "encodingRules", topic, field)
    apply = _rules(options, reader, "domainRules", topic, field)
    return Reading(
        decoder,
        datum_of=_datum_of(options, unframed, writer.schema, decrypt, Context(topic, field)),
        finish=_finish(apply, options.from_dict, Context(topic, field)),
        schema_id=unframed.schema_id,
        expires=expiry(options.refresh) if latest is not None else 0.0,
    )


def record_name(schema: Schema) -> str | None:
    return schema.fullname if isinstance(schema, NamedSchema) else None


def expiry(seconds: float | None) -> float:
    """Return when the schemas must be requested again."""
    return 0.0 if seconds is None else monotonic() + seconds


def _writer(options: ReadingOptions, schema_id: SchemaId | None) -> Steps[RegisteredSchema]:
    if schema_id is None:
        assert options.writer is not None  # the Deserializer has checked it
        return RegisteredSchema(options.writer)
    if schema_id.kind == "fingerprint":
        found = None if options.find is None else options.find(schema_id.value)  # type: ignore[arg-type]
        if found is None:
            advice = "" if options.find is not None else ": pass store=..., which has them"
            raise DecodeError(f"no schema is known for the {schema_id}{advice}", kind=DecodeFailure.HEADER)
        return RegisteredSchema(found)
    if schema_id.kind == "guid":
        return (yield from ask_schema("by_guid", schema_id.value))
    if schema_id.kind != "id" and options.numbers not in (None, schema_id.kind):
        raise DecodeError(
            f"the message has the {schema_id}, and the registry was made for the {options.numbers}: "
            "choose another use_id",
            kind=DecodeFailure.HEADER,
        )
    return (yield from ask_schema("by_id", schema_id.value))


def _latest(
    options: ReadingOptions, writer: RegisteredSchema, subject: str | None
) -> Steps[RegisteredSchema]:
    """Return the version of the subject that messages are read as."""
    if isinstance(options.latest, Mapping):
        latest = yield from ask_schema("latest_with_metadata", subject, options.latest)
    else:
        latest = yield from ask_schema("latest", subject)
    try:
        written = yield from ask_schema("lookup", subject, writer.schema)
    except NotFoundError:
        return latest  # written by a schema that the subject does not have
    if written.version is None or latest.version is None:  # none that the registry can list
        ensure_no_migrations(latest)
        return latest
    first, last = sorted((written.version, latest.version))
    for number in range(first + 1, last + 1):
        ensure_no_migrations((yield from ask_schema("version", subject, number)))
    return latest


def _rules(
    options: ReadingOptions, registered: RegisteredSchema, phase: Phase, topic: str | None, field: str
) -> Callable[[Any, Any], Any] | None:
    if not has_rules(registered, "READ", phase):
        return None
    if options.rules is None:
        raise RuleError(
            "the schema has rules for reading its data: pass an engine for them, rules=ConfluentRules()"
        )
    subject = registered.subject
    if subject is None and topic is not None:
        subject = options.subject(Context(topic, field), record_name(registered.schema))
    return options.rules.bound(registered, "READ", phase, subject or "")


def _datum_of(
    options: ReadingOptions,
    unframed: Unframed,
    schema: Schema,
    decrypt: Callable[[Any, Any], Any] | None,
    context: Context,
) -> Callable[[Any, int], Any] | None:
    """Return the function that turns a message's data into a binary datum; None if they are one already."""
    from_json = Encoder(schema, limits=options.limits).from_json
    json = unframed.encoding == "json" or options.json
    bare = unframed.bare_bytes and schema.type == "bytes"
    if not (json or bare or unframed.compressed or decrypt is not None):
        return None

    def make(data: Any, offset: int) -> Any:
        datum = datum_of(data, unframed._replace(offset=offset), limits=options.limits)
        if decrypt is not None:
            datum = decrypt(datum, context)
        if bare:
            return encode_long(len(datum)) + datum
        return from_json(datum) if json else datum

    return make


def _finish(
    apply: Callable[[Any, Any], Any] | None, from_dict: Callable[[Any, Any], Any] | None, usual: Context
) -> Callable[[Any, Any], Any] | None:
    """Return the function that turns a value into the result; None if the value is the result."""
    if apply is None:
        return None if from_dict is None else lambda value, context: from_dict(value, context or usual)
    rules = apply  # for the functions below

    def finish(value: Any, context: Any) -> Any:
        value = rules(value, context or usual)
        return value if from_dict is None else from_dict(value, context or usual)

    return finish
