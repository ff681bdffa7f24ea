"""`avrojet kafka dump`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from avrojet.cli.kafka_begun import PLACE
from avrojet.cli.registry_show import Command
from avrojet.errors import AvroError

if TYPE_CHECKING:
    from avrojet.cli.kafka_topic import Topic
    from avrojet.registry.failing import FailedMessage
    from avrojet.schema.model import Schema

_TOPIC: Final = "kafka.topic"  # in the metadata of the file
_KEYS: Final = "kafka.keys"  # likewise: "bytes" or "decoded values"
_HEADERS: Final = {
    "type": "array",
    "items": {
        "type": "record",
        "name": "avrojet.kafka.Header",
        "fields": [{"name": "name", "type": "string"}, {"name": "value", "type": ["null", "bytes"]}],
    },
}


def _add(parser: argparse.ArgumentParser) -> None:
    from avrojet.cli.kafka_topic import add_topic, parse_start

    add_topic(parser)
    parser.add_argument("target", metavar="FILE", help="a file of Avro or Parquet, by its extension")
    parser.add_argument(
        "--from",
        dest="start",
        type=parse_start,
        default="beginning",
        metavar="WHERE",
        help="beginning, an offset, -N (the last N of each partition), or a time (%(default)s)",
    )
    parser.add_argument(
        "--reader-schema",
        metavar="SCHEMA",
        help="the schema to read all values as; default: the newest version of the subject TOPIC-value",
    )
    parser.add_argument(
        "--keys",
        action="store_true",
        help="decode keys, too, as the newest version of the subject TOPIC-key",
    )
    parser.add_argument("--key-schema", metavar="SCHEMA", help="decode keys, and read them as this schema")
    parser.add_argument(
        "--on-error",
        choices=("raise", "keep"),
        default="raise",
        help="keep: messages that cannot be read stay as they are, in columns of their own",
    )
    parser.add_argument("--append", action="store_true", help="continue from the offsets at which FILE ends")
    parser.add_argument("--restart", action="store_true", help="discard what an earlier dump has left")
    parser.add_argument("--codec", default="deflate", help="compression of the file of Avro (%(default)s)")
    parser.add_argument(
        "--patience",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="without a message, after which the command fails (%(default)s)",
    )


def _dump(arguments: argparse.Namespace) -> None:
    """Save the messages of a topic, up to its present end, as an Avro or Parquet file.

    Columns are partition, offset, timestamp, key (bytes, without --keys), headers and value. FILE appears
    when it is whole. If a dump is killed or fails, the same command resumes it where it stopped: its
    unfinished data are next to FILE, in .FILE.dump.
    """
    from avrojet.cli.kafka_begun import begun_beside, claimed, prepare

    target = Path(arguments.target)
    if target.suffix not in (".avro", ".parquet"):
        raise AvroError(f"{target} is neither .avro nor .parquet")
    left = begun_beside(target)
    with claimed(target):
        prepare(target, append=arguments.append, restart=arguments.restart)
        number = _complete(left, arguments)
        if target.suffix == ".parquet":
            _to_parquet(left, target)
            left.unlink()
        else:
            left.replace(target)
    print(f"{number} more messages in {target}", file=sys.stderr)


def _complete(left: Path, arguments: argparse.Namespace) -> int:
    """Write the missing messages, and return their number."""
    from avrojet.cli.connections import kafka_settings, registry_of
    from avrojet.cli.kafka_topic import Topic

    settings = kafka_settings(arguments)
    with (
        registry_of(arguments) as registry,
        Topic(settings, arguments.topic, partitions=arguments.partition, lost="error") as topic,
    ):
        return Dump(registry, topic, left, arguments).run()


def _to_parquet(source: Path, target: Path) -> None:
    from avrojet.conversion.convert import convert

    convert(source, target, source_format="avro", target_format="parquet")


class Dump:
    """A dump in progress.

    :param left: the file that it is written to, which may already have the beginning.
    """

    def __init__(self, registry: Any, topic: Topic, left: Path, arguments: argparse.Namespace) -> None:
        self._topic = topic
        self._left = left
        self._registry = registry
        self._arguments = arguments
        self._keeps = arguments.on_error == "keep"
        self._keys = "decoded values" if arguments.keys or arguments.key_schema else "bytes"

    def run(self) -> int:
        """Write the missing messages, and return their number."""
        from avrojet.cli.kafka_begun import offsets_after
        from avrojet.cli.progress import Progress
        from avrojet.container.writer import DataFileWriter

        begun = offsets_after(self._left)
        ends = {partition: high for partition, (_, high) in self._topic.ends().items()}
        starts = self._starts(begun)
        schema = self._schema() if begun is None else None
        wanted = sum(max(0, ends[each] - starts[each]) for each in ends)
        with (
            Progress(self._topic.name) as progress,
            DataFileWriter(
                self._left,
                schema,
                mode="w" if begun is None else "a",
                codec=self._arguments.codec if begun is None else None,
                metadata={_TOPIC: self._topic.name, _KEYS: self._keys} if begun is None else None,
                logical_types=False,
                lock=True,
            ) as writer,
        ):
            rows = Rows(
                self._registry,
                writer.schema,
                self._arguments.framing,
                keeps=self._keeps,
                keys=self._keys == "decoded values",
            )
            size = number = 0
            for batch in self._topic.read(starts, ends, patience=self._arguments.patience):
                writer.extend(rows.of(batch))
                number += len(batch)
                size += sum(len(message) for message in batch)
                progress.update(size, number, total=size * wanted // number)
        return number

    def _starts(self, begun: Mapping[int, int] | None) -> dict[int, int]:
        """Return where to continue, or to begin."""
        if begun is None:
            return self._topic.starts(self._arguments.start)
        _ensure_same(self._left, self._topic.name, self._keys)
        asked = self._topic.starts(self._arguments.start)
        starts = {each: begun.get(each, asked[each]) for each in self._topic.partitions}
        if begun:
            known = ", ".join(f"{each}:{starts[each]}" for each in sorted(starts))
            print(f"continues at {known} (partition:offset)", file=sys.stderr)
        return starts

    def _schema(self) -> Schema:
        """The schema of the file."""
        value = self._seen_as("value", self._arguments.reader_schema, "--reader-schema")
        key = None
        if self._keys == "decoded values":
            key = self._seen_as("key", self._arguments.key_schema, "--key-schema")
        return file_schema(value, key, keeps=self._keeps)

    def _seen_as(self, field: str, given: str | None, option: str) -> Schema:
        """Return the schema to read values or keys as: the given one, or the newest version of their
        subject.
        """
        from avrojet.cli.schemas import read_schema
        from avrojet.registry.errors import NotFoundError

        if given is not None:
            return read_schema(given)
        try:
            found: Schema = self._registry.latest(f"{self._topic.name}-{field}").schema
        except NotFoundError as error:
            raise AvroError(f"{error}: give {option}") from None
        return found


def file_schema(value: Schema, key: Schema | None = None, *, keeps: bool) -> Schema:
    """The schema of a dump, given the schemas that values, and keys if they are decoded, are read as."""
    from avrojet.schema.parse import parse_schema

    time = {"type": "long", "logicalType": "timestamp-millis"}
    fields = [
        *PLACE["fields"],
        {"name": "timestamp", "type": ["null", time]},
        {"name": "key", "type": ["null", "bytes"] if key is None else _or_null(key)},
        {"name": "headers", "type": _HEADERS},
        {"name": "value", "type": _or_null(value)},
    ]
    if keeps:
        fields += [{"name": "error", "type": ["null", "string"]}, {"name": "raw", "type": ["null", "bytes"]}]
    if keeps and key is not None:
        fields.append({"name": "raw_key", "type": ["null", "bytes"]})
    return parse_schema({**PLACE, "fields": fields}, names="lax")


def _or_null(schema: Schema) -> list[Any]:
    from avrojet.schema.model import UnionSchema

    branches = schema.branches if isinstance(schema, UnionSchema) else (schema,)
    return ["null", *(branch for branch in branches if branch.type != "null")]


class Decoded:
    """Values or keys of messages in the form of a dump's column.

    They are decoded with the branch of each union named, and without logical types, so that they are written
    unchanged.

    :param types: the branches of the column's type; the first is null.
    """

    def __init__(
        self, registry: Any, types: tuple[Schema, ...], framing: str, field: str, *, keeps: bool
    ) -> None:
        from avrojet.registry.serdes import Deserializer
        from avrojet.schema.parse import parse_schema

        self._tag = None
        reader: Any = list(types)
        if len(types) <= 2:
            reader = types[-1]
            self._tag = None if reader.type == "null" else getattr(reader, "fullname", reader.type)
        options: Any = {"field": field, "on_error": _itself if keeps else "raise"}
        try:
            self._read = Deserializer(
                registry,
                parse_schema(reader, names="lax"),
                framing=framing,
                unions="tagged",
                logical_types=False,
                **options,
            )
        except ValueError as error:
            raise AvroError(str(error)) from None

    def of(self, messages: list[Any]) -> Iterator[Any]:
        """Return one value for each message; a FailedMessage for a message that cannot be read, if such
        messages are kept.
        """
        from avrojet.registry.failing import FailedMessage

        for value in self._read.decode_many(messages):
            untagged = self._tag is None or value is None or isinstance(value, FailedMessage)
            yield value if untagged else (self._tag, value)


class Rows:
    """Return messages as the rows of a dump."""

    def __init__(self, registry: Any, schema: Any, framing: str, *, keeps: bool, keys: bool) -> None:
        fields = {field.name: field.type for field in schema.fields}
        if keeps and "error" not in fields:
            raise AvroError("the unfinished dump has no columns for --on-error keep: --restart discards it")
        self._good: dict[str, Any] = {name: None for name in ("error", "raw", "raw_key") if name in fields}
        self._values = Decoded(registry, fields["value"].branches, framing, "value", keeps=keeps)
        self._keys = Decoded(registry, fields["key"].branches, framing, "key", keeps=keeps) if keys else None

    def of(self, messages: list[Any]) -> Iterator[dict[str, Any]]:
        from avrojet.registry.failing import FailedMessage

        keys = map(_key, messages) if self._keys is None else self._keys.of(messages)
        for message, key, value in zip(messages, keys, self._values.of(messages), strict=True):
            headers = message.headers()
            when = message.timestamp()[1]
            row = {
                "partition": message.partition(),
                "offset": message.offset(),
                "timestamp": None if when < 0 else when,
                "key": key,
                "headers": [{"name": name, "value": _as_bytes(each)} for name, each in headers or ()],
                "value": value,
                **self._good,
            }
            if isinstance(key, FailedMessage):
                row.update(key=None, error=f"key: {key.error}", raw_key=key.data)
            if isinstance(value, FailedMessage):
                row.update(value=None, error=str(value.error), raw=value.data)
            yield row


def _key(message: Any) -> bytes | None:
    return _as_bytes(message.key())


def _itself(failed: FailedMessage) -> FailedMessage:
    """Return the replacement for a value that cannot be read."""
    return failed


def _as_bytes(data: bytes | str | None) -> bytes | None:
    return data.encode() if isinstance(data, str) else data


def _ensure_same(left: Path, topic: str, keys: str) -> None:
    """Check that the unfinished dump is of the same topic, and has keys of the same kind."""
    from avrojet.container.source import file_header

    metadata = file_header(os.fspath(left)).metadata
    told = metadata.get(_TOPIC, b"")
    if told != topic.encode():
        name = told.decode("utf-8", "replace") or "something else"
        raise AvroError(f"{left} belongs to {name}: --restart discards it")
    begun = metadata.get(_KEYS, b"bytes").decode("utf-8", "replace")
    if begun != keys:
        how = "leave out --keys" if begun == "bytes" else "give --keys"
        raise AvroError(f"the unfinished dump has {begun} as keys: {how}, or --restart discards it")


DUMP: Final[Command] = (_add, _dump)
