"""The configuration keys of confluent-kafka's Avro serializers, as avrojet's options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_BOOLEANS: Final = {
    "auto.register.schemas": "auto_register",
    "normalize.schemas": "normalize",
    "use.latest.version": "use_latest",
    "validation.rules.fail.fast": "fail_fast",
}
_STRATEGY: Final = "subject.name.strategy"
_STRATEGY_TYPE: Final = "subject.name.strategy.type"
_STRATEGY_CONF: Final = "subject.name.strategy.conf"
_STRICT: Final = ("validate.strict", "validate.strict.allow.default")
_ID_WRITER: Final = "schema.id.serializer"
_ID_READER: Final = "schema.id.deserializer"
_READING: Final = {
    "use.latest.version", "use.latest.with.metadata", _STRATEGY, _STRATEGY_TYPE, _STRATEGY_CONF, _ID_READER,
}  # fmt: skip
_WRITING: Final = {
    *_BOOLEANS, *_STRICT, "use.schema.id", "use.latest.with.metadata", _STRATEGY, _STRATEGY_TYPE,
    _STRATEGY_CONF, _ID_WRITER, "validation.rules.execution", "validation.rules.executor",
}  # fmt: skip
_STRATEGY_NAMES: Final = {"TOPIC": "topic", "RECORD": "record", "TOPIC_RECORD": "topic-record"}
_ID_FUNCTIONS: Final = {
    "prefix_schema_id_serializer": "confluent",
    "header_schema_id_serializer": "confluent-headers",
    "dual_schema_id_deserializer": "confluent",
    "prefix_schema_id_deserializer": "confluent",
}
_NOT_CHECKED: Final = "DISABLED"


def writing_options(conf: Mapping[str, Any] | None) -> dict[str, Any]:
    """The options of a Serializer that the configuration sets.

    :raises ValueError: if a key or a value is unknown.
    """
    options = _common(conf or {}, _WRITING)
    if conf and conf.get("use.schema.id") is not None:
        options["use_id"] = _checked(conf, "use.schema.id", int)
    for name, fills in zip(_STRICT, (False, True), strict=True):
        if conf and _checked(conf, name, bool):
            options.update(extra_fields="error", defaults=fills)
    execution = (conf or {}).get("validation.rules.execution", _NOT_CHECKED)
    if getattr(execution, "value", execution) != _NOT_CHECKED:
        options["inline_rules"] = (conf or {}).get("validation.rules.executor") or True
    return options


def reading_options(conf: Mapping[str, Any] | None) -> dict[str, Any]:
    """The options of a Deserializer that the configuration sets.

    :raises ValueError: if a key or a value is unknown.
    """
    return _common(conf or {}, _READING)


def _common(conf: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    if unknown := sorted(conf.keys() - known):
        raise ValueError(f"not known in conf: {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    options: dict[str, Any] = {
        option: _checked(conf, key, bool) for key, option in _BOOLEANS.items() if conf.get(key) is not None
    }
    if conf.get("use.latest.with.metadata") is not None:
        options["use_metadata"] = _checked(conf, "use.latest.with.metadata", dict)
    options.update(_subject(conf))
    function = conf.get(_ID_WRITER) or conf.get(_ID_READER)
    if function is not None:
        options["framing"] = _framing(function)
    return options


def _checked(conf: Mapping[str, Any], key: str, kind: type) -> Any:
    value = conf.get(key)
    if value is not None and not isinstance(value, kind):
        raise ValueError(f"{key} must be of type {kind.__name__}: {value!r}")
    return value


def _subject(conf: Mapping[str, Any]) -> dict[str, Any]:
    if conf.get(_STRATEGY) is not None:
        return {"subject": conf[_STRATEGY]}
    kind = conf.get(_STRATEGY_TYPE)
    if kind is None:
        return {}
    name = str(getattr(kind, "value", kind)).upper()
    if name not in _STRATEGY_NAMES:
        raise ValueError(
            f"{_STRATEGY_TYPE} must be one of {', '.join(_STRATEGY_NAMES)}: {name}; for associated subjects "
            f"give a function as {_STRATEGY}"
        )
    return {"subject": _STRATEGY_NAMES[name]}


def _framing(function: Any) -> str:
    name = getattr(function, "__name__", "")
    if name not in _ID_FUNCTIONS:
        raise ValueError(
            f"{_ID_WRITER} and {_ID_READER} must be functions of confluent_kafka.schema_registry: "
            f"{function!r}; the option framing has other ways"
        )
    return _ID_FUNCTIONS[name]
