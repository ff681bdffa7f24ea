"""The messages of a topic, read without a consumer group, between known offsets."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Self

from avrojet.errors import AvroError

_TIMEOUT: Final = 15.0  # seconds that a request to Kafka may take
_BATCH: Final = 5000  # messages that are taken at a time
_POLL: Final = 0.5  # seconds to wait for the first of them


def import_kafka() -> Any:
    """Import confluent-kafka.

    :raises AvroError: if it is not installed.
    """
    try:
        import confluent_kafka
    except ImportError as error:
        raise AvroError(
            "Kafka needs confluent-kafka, which is not installed: pip install 'avrojet[kafka]'"
        ) from error
    return confluent_kafka


def add_topic(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say which messages of which topic are read, and how."""
    parser.add_argument("topic", metavar="TOPIC")
    parser.add_argument(
        "--partition", type=int, metavar="N", action="append", help="only this one; may be given again"
    )
    parser.add_argument(
        "--framing", default="confluent", metavar="NAME", help="how messages name their schema (%(default)s)"
    )


def parse_start(text: str) -> int | str | datetime:
    """Where to begin: `beginning`, `end`, an offset, `-N` for the last N, or a time (ISO 8601)."""
    if text in ("beginning", "end"):
        return text
    try:
        return int(text)
    except ValueError:
        pass
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not beginning, end, an offset, -N or a time such as 2026-01-31T12:00"
        ) from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


class Topic:
    """A topic of Kafka that is read from given offsets.

    :param settings: the settings of Kafka's client.
    :param partitions: None: all.
    :param lost: what to do if an offset no longer exists: ``"error"``, or continue from ``"earliest"`` or
        ``"latest"``.
    :raises AvroError: if Kafka cannot be reached, or has no such topic.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        name: str,
        *,
        partitions: Sequence[int] | None = None,
        lost: str = "latest",
    ) -> None:
        self._kafka = import_kafka()
        self.name = name
        self._servers = settings["bootstrap.servers"]
        self.trouble: str | None = None
        own = {
            "group.id": "avrojet",  # which is never joined
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": lost,
            "log_level": 0,
            "error_cb": self._note,
        }
        try:
            self._consumer = self._kafka.Consumer({**settings, **own})
        except self._kafka.KafkaException as error:
            raise AvroError(f"Kafka's client does not accept these settings: {_words(error)}") from None
        self.partitions = self._partitions(partitions)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._consumer.close()

    def _note(self, error: Any) -> None:
        self.trouble = error.str()

    def _partitions(self, wanted: Sequence[int] | None) -> list[int]:
        try:
            found = self._consumer.list_topics(self.name, timeout=_TIMEOUT).topics[self.name]
        except self._kafka.KafkaException as error:
            why = self.trouble or _words(error)
            raise AvroError(f"Kafka at {self._servers} cannot be reached: {why}") from None
        if found.error is not None:
            raise AvroError(f"the topic {self.name!r}: {found.error.str()}")
        known = sorted(found.partitions)
        missing = sorted(set(wanted or ()) - set(known))
        if missing:
            raise AvroError(f"the topic {self.name!r} has no partition {missing[0]}, only {len(known)}")
        return sorted(set(wanted)) if wanted else known

    def ends(self) -> dict[int, tuple[int, int]]:
        """Return, for each partition, the first offset that exists, and the one after the last."""
        return {
            partition: self._ask(
                lambda partition=partition: self._consumer.get_watermark_offsets(
                    self._place(partition), timeout=_TIMEOUT
                )
            )
            for partition in self.partitions
        }

    def starts(self, start: int | str | datetime) -> dict[int, int]:
        """Return the offset from which each partition is read."""
        ends = self.ends()
        match start:
            case "beginning":
                return {partition: low for partition, (low, _) in ends.items()}
            case "end":
                return {partition: high for partition, (_, high) in ends.items()}
            case datetime():
                return self._at(start, ends)
            case int() if start < 0:
                return {partition: max(low, high + start) for partition, (low, high) in ends.items()}
        assert isinstance(start, int)
        return {partition: min(max(start, low), high) for partition, (low, high) in ends.items()}

    def _at(self, when: datetime, ends: Mapping[int, tuple[int, int]]) -> dict[int, int]:
        places = [self._place(partition, int(when.timestamp() * 1000)) for partition in self.partitions]
        found = self._ask(lambda: self._consumer.offsets_for_times(places, timeout=_TIMEOUT))
        return {
            each.partition: each.offset if each.offset >= 0 else ends[each.partition][1] for each in found
        }

    def _place(self, partition: int, offset: int = 0) -> Any:
        return self._kafka.TopicPartition(self.name, partition, offset)

    def _ask(self, question: Any) -> Any:
        try:
            return question()
        except self._kafka.KafkaException as error:
            raise AvroError(f"the topic {self.name!r}: {self.trouble or _words(error)}") from None

    def read(
        self,
        starts: Mapping[int, int],
        ends: Mapping[int, int] | None = None,
        *,
        patience: float | None = None,
    ) -> Iterator[list[Any]]:
        """Yield the messages from some offsets up to others (exclusive), many at a time.

        Brokers may disappear and return meanwhile.

        :param ends: None: go on forever; a list is empty if no message has come for a moment.
        :param patience: after this many seconds without a message, raise an error; None: never.
        """
        left = {each for each in starts if ends is None or starts[each] < ends[each]}
        self._consumer.assign([self._place(each, starts[each]) for each in sorted(left)])
        came = time.monotonic()
        while left:
            taken = self._consumer.consume(_BATCH, timeout=_POLL)
            batch = [message for message in taken if self._is_wanted(message, ends, left)]
            if batch:
                came, self.trouble = time.monotonic(), None
            elif patience is not None and time.monotonic() - came > patience:
                why = f": {self.trouble}" if self.trouble else ""
                raise AvroError(f"no message of {self.name!r} has arrived for {patience:g} s{why}")
            if batch or ends is None:
                yield batch

    def _is_wanted(self, message: Any, ends: Mapping[int, int] | None, left: set[int]) -> bool:
        """Whether a message is in the range to read; a partition that has reached its end is no longer waited
        for.
        """
        error, partition = message.error(), message.partition()
        if error is not None:
            if error.code() == self._kafka.KafkaError._PARTITION_EOF:
                if ends is not None:
                    left.discard(partition)
            elif error.fatal() or not error.retriable():
                self._judge(error, partition)
            return False
        if ends is None:
            return True
        if message.offset() + 1 >= ends[partition]:
            left.discard(partition)
        return bool(message.offset() < ends[partition])

    def _judge(self, error: Any, partition: int) -> None:
        """Raise an error that will not go away by itself."""
        kinds = self._kafka.KafkaError
        passing = {kinds._TRANSPORT, kinds._ALL_BROKERS_DOWN, kinds._TIMED_OUT, kinds._RESOLVE}
        if error.code() in passing and not error.fatal():
            self.trouble = error.str()
            return
        raise AvroError(f"partition {partition} of {self.name!r}: {error.str()}")


def _words(error: Exception) -> str:
    """Return the message of Kafka's client: its exceptions hold an error object, not text."""
    told, *_ = *error.args, error
    return str(told.str() if hasattr(told, "str") else told)
