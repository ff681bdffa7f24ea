"""Which subject a message belongs to: the strategies of confluent-kafka and Java's serializers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

Strategy: TypeAlias = Callable[[Any, str | None], str | None]
"""Called with the context of a message and the fullname of its record; returns the subject."""
StrategyName: TypeAlias = Literal["topic", "record", "topic-record"]


def topic_subject(context: Any, record_name: str | None) -> str:
    """``orders-value`` for the topic ``orders``, ``orders-key`` for its keys."""
    return f"{_topic_of(context)}-{context.field}"


def record_subject(context: Any, record_name: str | None) -> str:
    """The fullname of the record, whatever the topic."""
    return _record(record_name)


def topic_record_subject(context: Any, record_name: str | None) -> str:
    """``orders-shop.Order`` for the record ``shop.Order`` in the topic ``orders``."""
    return f"{_topic_of(context)}-{_record(record_name)}"


def _topic_of(context: Any) -> str:
    topic = None if context is None else context.topic
    if topic is None:
        raise ValueError(
            "the subject is made of the topic, which is not known: call with a context, give topic=..., "
            'or choose subject="record"'
        )
    return str(topic)


def _record(record_name: str | None) -> str:
    if record_name is None:
        raise ValueError("the subject is made of the record's name, and the schema is not a named type")
    return record_name


STRATEGIES: Final[dict[str, Strategy]] = {
    "topic": topic_subject,
    "record": record_subject,
    "topic-record": topic_record_subject,
}

# confluent-kafka's functions that do the same.
_CONFLUENT: Final = {
    "topic_subject_name_strategy": topic_subject,
    "record_subject_name_strategy": record_subject,
    "topic_record_subject_name_strategy": topic_record_subject,
}


def strategy_of(subject: StrategyName | Strategy) -> Strategy:
    """Return the strategy with a name, or the given function.

    :raises ValueError: if there is none of that name.
    """
    if isinstance(subject, str):
        if subject not in STRATEGIES:
            raise ValueError(
                f"subject must be one of {', '.join(STRATEGIES)}, or a function of the context and the "
                f"record's name: {subject!r}"
            )
        return STRATEGIES[subject]
    if not callable(subject):
        raise ValueError(f"subject must be a name or a function: {subject!r}")
    if getattr(subject, "__module__", None) == "confluent_kafka.schema_registry":
        return _CONFLUENT.get(getattr(subject, "__name__", ""), subject)
    return subject


def is_own(strategy: Strategy) -> bool:
    """Whether it depends only on topic, field and record name."""
    return strategy in STRATEGIES.values()


def uses_topic(strategy: Strategy) -> bool:
    return strategy is not record_subject
