"""Rules of data contracts: checks, transformations and encryption that a registry has for a schema.

avrojet has no engine for them, but can use Confluent's. Without it, schemas with rules are refused: data
written or read without applying them may break a contract, or expose values that should be encrypted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeAlias

from avrojet.errors import AvroError
from avrojet.registry.model import RegisteredSchema
from avrojet.schema.model import Schema

__all__ = ["ConfluentRules", "RuleError", "ensure_no_migrations", "has_rules", "inline_checks"]

Mode: TypeAlias = Literal["READ", "WRITE"]
Phase: TypeAlias = Literal["domainRules", "encodingRules"]

_MIGRATION_MODES: Final = {"UPGRADE", "DOWNGRADE", "UPDOWN"}
_CLIENTS: Final = {None, "ALL", "CLIENT"}


class RuleError(AvroError):
    """A schema has rules that cannot be applied here."""


def has_rules(registered: RegisteredSchema, mode: Mode, phase: Phase) -> bool:
    """Whether a schema has rules for readers, or for writers."""
    rules: Mapping[str, Any] = registered.rules or {}
    return rules.get("enableAt") in _CLIENTS and any(
        rule.get("mode") in (mode, "WRITEREAD") and not rule.get("disabled")
        for rule in rules.get(phase) or ()
    )


def ensure_no_migrations(registered: RegisteredSchema) -> None:
    """Refuse a version of a subject if data would have to be transformed for it.

    :raises RuleError: if it has rules of migration.
    """
    rules: Mapping[str, Any] = registered.rules or {}
    for rule in rules.get("migrationRules") or ():
        if rule.get("mode") in _MIGRATION_MODES and not rule.get("disabled"):
            raise RuleError(
                f"version {registered.version} of {registered.subject!r} has the rule of migration "
                f"{rule.get('name')!r}, which is not applied here: read with a reader_schema of your own"
            )


class ConfluentRules:
    """confluent-kafka's rule engine, for Serializers and Deserializers.

    >>> from confluent_kafka.schema_registry.rules.cel.cel_executor import CelExecutor
    >>> CelExecutor.register()
    >>> deserializer = Deserializer(registry, rules=ConfluentRules())

    :param rule_registry: its RuleRegistry, with the executors of the rules; None: that of the process.
    :param conf: configuration of the executors, such as encryption keys.
    :param client_conf: configuration of the registry's client, for executors that make a client of their own.
    :raises ImportError: if confluent-kafka is not installed with its extras.
    """

    def __init__(
        self,
        rule_registry: Any = None,
        conf: Mapping[str, Any] | None = None,
        client_conf: Mapping[str, Any] | None = None,
    ) -> None:
        try:
            from confluent_kafka.schema_registry.rule_registry import RuleRegistry
            from confluent_kafka.schema_registry.serde import BaseSerde
        except ImportError as error:
            raise ImportError(
                "rules need confluent-kafka: pip install 'confluent-kafka[schemaregistry,avro,rules]' "
                f"({error})"
            ) from error
        self._engine = BaseSerde()
        self._engine._rule_registry = rule_registry or RuleRegistry.get_global_instance()
        known = self._engine._rule_registry
        for each in (*known.get_executors(), *known.get_actions()):
            each.configure(dict(client_conf or {}), dict(conf or {}))

    def bound(
        self, registered: RegisteredSchema, mode: Mode, phase: Phase, subject: str
    ) -> Callable[[Any, Any], Any]:
        """Return a function that applies the rules of a schema; it is called with a value, or a datum's
        bytes, and the context.
        """
        from confluent_kafka.schema_registry import RuleMode
        from confluent_kafka.schema_registry import Schema as ConfluentSchema
        from confluent_kafka.schema_registry.common.avro import (
            get_inline_tags,
            parse_schema_with_repo,
            transform,
        )
        from confluent_kafka.schema_registry.common.schema_registry_client import RulePhase

        text = registered.schema.json
        told = {
            "schema": text,
            "schemaType": "AVRO",
            "metadata": registered.metadata,
            "ruleSet": registered.rules,
        }
        target = ConfluentSchema.from_dict({key: value for key, value in told.items() if value is not None})
        parsed = parse_schema_with_repo(text, named_schemas={})
        expanded = _expanded(parsed)
        of_values = phase == "domainRules"

        def change_fields(context: Any, change: Any, value: Any) -> Any:
            return transform(context, expanded, value, change)

        def apply(value: Any, context: Any) -> Any:
            return self._engine._execute_rules_with_phase(
                _confluent_context(context),
                subject,
                RulePhase.DOMAIN if of_values else RulePhase.ENCODING,
                RuleMode(mode),
                None,
                target,
                value,
                get_inline_tags(parsed) if of_values else None,
                change_fields if of_values else None,
                value,
            )

        return apply


def inline_checks(schema: Schema, executor: Any, *, fail_fast: bool) -> Callable[[Any], None]:
    """Return a function that checks a value by the rules in the attributes ``confluent:rules`` of a schema,
    as Confluent does.

    :param executor: confluent-kafka's ValidationRuleExecutor; True: its own, which needs its extra "rules".
    """
    from confluent_kafka.schema_registry.common.avro import parse_schema_with_repo, validate_message
    from confluent_kafka.schema_registry.serde import default_validation_rule_executor

    if executor is True:
        executor = default_validation_rule_executor()
    expanded = _expanded(parse_schema_with_repo(schema.json, named_schemas={}))

    def check(value: Any) -> None:
        broken = validate_message(executor, expanded, value, fail_fast)
        if broken:
            raise RuleError("the value breaks rules of its schema: " + "; ".join(map(str, broken)))

    return check


def _expanded(parsed: Any) -> Any:
    from fastavro.schema import expand_schema

    return expand_schema(parsed)


def _confluent_context(context: Any) -> Any:
    from confluent_kafka.serialization import MessageField, SerializationContext

    if isinstance(context, SerializationContext):
        return context
    return SerializationContext(context.topic, MessageField(str(context.field)), context.headers)
