"""Everything that threads may share, used by several of them at once: each gets what it would get alone.

    python -m tests.memory.sharing --seconds 60 --threads 6

What one thread changes while others use it is refused or right. Ends with status 1 if a value is wrong; a
race in memory ends it with a crash, most likely on a free-threaded build.
"""

from __future__ import annotations

import argparse
import copy
import gc
import io
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import avrojet
from avrojet import DataFileReader, DataFileWriter, Decoder, EncodeError, Encoder, Limits, parse_schema
from avrojet.cache import PlanCache
from avrojet.compat import fastavro
from avrojet.core.rows.compare import Comparator
from avrojet.registry import Context, Deserializer, MemoryRegistry, Serializer
from tests.compare import exact
from tests.container.samples import SCHEMA, file_of, rows
from tests.fuzz.inputs import EVOLVED
from tests.threads import Work, at_once
from tests.vectors import ORDER, VECTORS, array, mapping, record

# CPython 3.13 without a GIL fails by itself where threads change a bytearray or an instance's `__dict__`:
# Python code that reads them gets wrong bytes and missing attributes, or ends the process.
PYTHON_IS_UNSAFE = sys.version_info < (3, 14) and not getattr(sys, "_is_gil_enabled", lambda: True)()


def codecs() -> list[Work]:
    made = [(vector, Decoder(vector.schema), Encoder(vector.schema)) for vector in VECTORS]
    values = [exact(vector.value) for vector in VECTORS]

    def work(number: int) -> None:
        for (vector, decoder, encoder), value in list(zip(made, values, strict=True))[number % 3 :: 3]:
            assert exact(decoder.decode(vector.data)) == value, vector.name
            if vector.written:
                assert encoder.encode(vector.value) == vector.data, vector.name

    return [work]


def evolved_data() -> list[Work]:
    made = [(name, Decoder(writer, reader), data) for name, writer, reader, data in EVOLVED]
    values = [exact(decoder.decode(data)) for _, decoder, data in made]

    def work(_: int) -> None:
        for (name, decoder, data), value in zip(made, values, strict=True):
            shown = decoder.decode(data)
            assert exact(shown) == value, name
            if isinstance(shown, dict):
                shown.clear()  # it is the caller's own

    return [work]


def codecs_made_again() -> list[Work]:
    """Each call keeps to the plan that it began with."""
    decoder, encoder = Decoder("int"), Encoder("int")
    comparator = Comparator(avrojet.core.plan.plan.freeze(avrojet.plan.resolve.resolve(parse_schema("int"))))
    plans = [
        avrojet.core.plan.plan.freeze(avrojet.plan.resolve.resolve(parse_schema(name)))
        for name in ("int", "long")
    ]

    def use(_: int) -> None:
        assert decoder.decode(b"\2") == 1
        assert decoder.to_json(b"\2") == "1"
        assert encoder.encode(1) == b"\2"
        assert comparator.compare(b"\2", b"\4") == -1

    def remake(number: int) -> None:
        decoder.__init__(("int", "long")[number % 2])
        encoder.__init__(("long", "int")[number % 2])
        comparator.__init__(plans[number % 2])

    return [use, remake]


@dataclass
class Line:
    sku: str
    count: int


@dataclass
class Order:
    id: int
    note: str | None
    lines: list[Line]


@dataclass(slots=True)
class Slotted:
    id: int
    note: str | None


class Pair(NamedTuple):
    id: int
    note: str | None


def classes() -> list[Work]:
    codec = {cls: (Encoder(cls), Decoder(cls)) for cls in (Order, Slotted, Pair)}

    def work(number: int) -> None:
        order = Order(number, None if number % 2 else "note", [Line(str(i), i) for i in range(number)])
        for value in (order, Slotted(number, "x"), Pair(number, None)):
            encoder, decoder = codec[type(value)]
            data = encoder.encode(value)
            assert decoder.decode(data) == value
            assert Decoder(type(value)).decode(data) == value

    return [work]


def instances_that_change() -> list[Work]:
    """An instance is encoded with what a field holds before or after."""
    order, slotted = Order(1, "a", []), Slotted(1, "a")
    both = [(order, Encoder(Order), Decoder(Order)), (slotted, Encoder(Slotted), Decoder(Slotted))]

    def write(_: int) -> None:
        for value, encoder, decoder in both:
            shown = decoder.decode(encoder.encode(value))
            assert shown.id in (1, 2)
            assert shown.note is None or set(shown.note) == {"a"}

    def change(number: int) -> None:
        for value, _, _ in both:
            value.id = 1 + number % 2
            value.note = "a" * (number + 1) * 100
            value.note = None
        order.lines = [Line("s", 1)]
        if not PYTHON_IS_UNSAFE:
            order.__dict__ = {"id": 1, "note": "a", "lines": []}

    return [write, change]


def collections_that_change() -> list[Work]:
    """They are encoded as they were at some time, or refused."""
    items: list[Any] = [1] * 50
    entries: dict[str, int] = dict.fromkeys("abcdef", 1)
    content = bytearray(b"x" * 50)
    codec = [(Encoder(schema), Decoder(schema)) for schema in (array("long"), mapping("long"), "bytes")]

    def write(_: int) -> None:
        for value, (encoder, decoder) in zip((items, entries, content), codec, strict=True):
            with suppress(EncodeError, RuntimeError):
                shown = decoder.decode(encoder.encode(value))
                assert set(shown.values() if isinstance(shown, dict) else shown) <= {1, 2, ord("x")}

    def change(number: int) -> None:
        items.append(2)
        del items[:5]
        items[:] = [1] * 50
        entries[f"new {number}"] = 2
        entries.pop(f"new {number}", None)
        if not PYTHON_IS_UNSAFE:
            with suppress(BufferError):  # while it is read
                content.extend(b"x")
                del content[50:]

    return [write, change]


def json_text() -> list[Work]:
    order = next(vector for vector in VECTORS if vector.schema == ORDER and vector.written)
    decoder, encoder = Decoder(ORDER), Encoder(ORDER)
    text, plain = Decoder(ORDER).to_json(order.data), Decoder(ORDER).to_json(order.data, plain=True)

    def work(_: int) -> None:
        assert decoder.to_json(order.data) == text
        assert decoder.to_json(order.data, plain=True) == plain
        assert encoder.from_json(text) == order.data
        assert encoder.from_json(plain, plain=True) == order.data
        assert Decoder(ORDER).to_json(order.data) == text  # made the first time, in all threads

    return [work]


def comparing() -> list[Work]:
    schema = record("R", a="int", b="string")
    values = [{"a": i % 3, "b": str(i)} for i in range(9)]
    data = [avrojet.encode(value, schema) for value in values]
    key = avrojet.sort_key(schema)
    ordered = sorted(values, key=lambda value: (value["a"], value["b"]))

    def work(number: int) -> None:
        assert avrojet.compare(data[number % 9], data[number % 9], schema) == 0
        assert sorted(values, key=key) == ordered

    return [work]


def schemas() -> list[Work]:
    text = json.dumps(ORDER)
    shared = parse_schema(ORDER)
    fingerprint, canonical = parse_schema(text).fingerprint(), parse_schema(text).canonical_form

    def work(number: int) -> None:
        assert shared.fingerprint() == parse_schema(text).fingerprint() == fingerprint
        assert shared.canonical_form == canonical
        assert hash(shared) == hash(parse_schema(ORDER))
        assert shared == parse_schema(copy.deepcopy(ORDER))
        assert parse_schema(record(f"R{number}", a="int")).fullname == f"R{number}"
        assert avrojet.check_compatibility(ORDER, shared)

    return [work]


def caches() -> list[Work]:
    """Found again, made again, and forgotten."""
    cache: PlanCache[int] = PlanCache(16)

    def find(number: int) -> None:
        for key in range(number, number + 40):
            found = cache.get(key)
            assert found in (None, key)
            if found is None:
                cache.keep(key, key, 1)
        schema = {"type": "fixed", "name": "f", "size": number}
        assert avrojet.decode(bytes(number), schema) == bytes(number)
        assert Decoder(schema).decode(bytes(number)) == bytes(number)

    def forget(number: int) -> None:
        cache.clear()
        avrojet.set_default_limits(Limits(depth=100 + number))

    return [find, forget]


def facade() -> list[Work]:
    """One dict schema with many readers, and dicts that are made anew and changed."""
    writer = fastavro.parse_schema(record("R", a="int", b="string"))
    readers = [None, record("R", a="long"), record("R", b="string"), record("R", a="double", b="string")]
    value = {"a": 1, "b": "x"}
    out = io.BytesIO()
    fastavro.schemaless_writer(out, writer, value)
    data = out.getvalue()
    expected = [fastavro.schemaless_reader(io.BytesIO(data), writer, reader) for reader in readers]
    changing: dict[str, Any] = {"type": "array", "items": {"type": "map", "values": "int"}}
    file = io.BytesIO()
    fastavro.writer(file, writer, [value] * 20)

    def read(number: int) -> None:
        for reader, shown in zip(readers[number % 4 :], expected[number % 4 :], strict=True):
            for schema in (reader, copy.deepcopy(reader)):
                assert fastavro.schemaless_reader(io.BytesIO(data), writer, schema) == shown
        mine = io.BytesIO()
        fastavro.schemaless_writer(mine, copy.deepcopy(writer), value)
        assert mine.getvalue() == data
        assert (
            list(fastavro.reader(io.BytesIO(file.getvalue()), readers[number % 4]))
            == [expected[number % 4]] * 20
        )

    def use(_: int) -> None:
        with suppress(ValueError, RuntimeError):  # a dict that changes while it is walked
            mine = io.BytesIO()
            fastavro.schemaless_writer(mine, changing, [{"k": 1}])
            assert mine.getvalue() == b"\2\2\2k\2\0\0"

    def change(number: int) -> None:
        changing["items"] = {"type": "map", "values": ("int", "long")[number % 2]}
        changing["items"]["doc"] = str(number)
        changing["items"].pop("doc", None)

    return [read, use, change]


def logical_tables() -> list[Work]:
    schema = {"type": "string", "logicalType": "shout"}
    plain = b"\x02a"

    def read(_: int) -> None:
        assert fastavro.schemaless_reader(io.BytesIO(plain), schema) in ("a", "A")

    def change(number: int) -> None:
        fastavro.read.LOGICAL_READERS["string-shout"] = lambda value, writer, reader: value.upper()
        fastavro.read.LOGICAL_READERS.pop("string-shout", None)

    return [read, change]


ROWS = rows(600)


def a_file_for_each() -> list[Work]:
    with tempfile.NamedTemporaryFile(suffix=".avro", delete=False) as made:
        made.write(file_of(ROWS, codec="deflate", sync_interval=500))
    path = made.name

    def work(number: int) -> None:
        assert avrojet.read(path) == ROWS
        with DataFileReader(path, threads=2) as reader:
            assert list(itertools.islice(reader, 100 * (number + 1))) == ROWS[: 100 * (number + 1)]
        assert len(avrojet.read(path, record("park.Visit", id="long"))) == len(ROWS)
        assert count_of(avrojet.scan(path, threads=2).to_arrow()) == len(ROWS)
        target = io.BytesIO()
        avrojet.write(target, SCHEMA, ROWS, codec="deflate", threads=2)
        assert avrojet.read(io.BytesIO(target.getvalue())) == ROWS

    return [work]


def count_of(stream: Any) -> int:
    return sum(len(batch) for batch in stream)


def tries(reader: Any) -> Iterator[Any]:
    """Rows, as often as the reader gives one; a bounded number of refusals."""
    rows = iter(reader)
    for _ in range(2 * len(ROWS)):
        try:
            yield next(rows)
        except StopIteration:
            return
        except ValueError:
            continue


def a_reader_for_all() -> list[Work]:
    """A thread gets a row, or is refused; all of them together get each row once."""
    data = file_of(ROWS, sync_interval=500)
    now: list[tuple[DataFileReader, list[int]]] = []  # a reader, and the rows that it gave

    def renew() -> None:
        now[:] = [(DataFileReader(io.BytesIO(data)), [])]

    renew()

    def take(_: int) -> None:
        reader, given = now[0]
        for row in tries(reader):
            assert row == ROWS[row["id"]]
            given.append(row["id"])
        until_now = given.copy()  # others go on
        assert len(set(until_now)) == len(until_now)
        renew()

    def close(_: int) -> None:
        reader, given = now[0]
        repr(reader)
        if len(given) > len(ROWS) // 2:
            reader.close()
            renew()

    return [take, close]


def a_writer_for_all() -> list[Work]:
    """What it took is in the file, once."""

    def all_of(number: int) -> None:
        target = io.BytesIO()
        writer = DataFileWriter(target, SCHEMA, codec="deflate", sync_interval=500)
        taken: list[int] = []

        def write(mine: int) -> None:
            for row in ROWS[mine::3]:
                with suppress(ValueError):
                    writer.append(row)
                    taken.append(row["id"])

        at_once([write], threads=3, until=lambda done: done == 1)
        writer.close()
        found = [row["id"] for row in avrojet.read(io.BytesIO(target.getvalue()))]
        assert sorted(found) == sorted(taken)

    return [all_of]


def columns() -> list[Work]:
    decoder = Decoder(SCHEMA)
    messages = [Encoder(SCHEMA).encode(row) for row in ROWS[:50]]
    batch = decoder.decode_arrow(messages)
    file = io.BytesIO()
    avrojet.write_arrow(file, batch, SCHEMA)
    rows_again = avrojet.read(io.BytesIO(file.getvalue()))

    def work(number: int) -> None:
        assert len(decoder.decode_arrow(messages[number:])) == 50 - number
        mine = io.BytesIO()
        avrojet.write_arrow(mine, batch, SCHEMA)
        assert avrojet.read(io.BytesIO(mine.getvalue())) == rows_again
        with suppress(avrojet.DecodeError):
            decoder.decode_arrow([*messages, b"\xff"])

    return [work]


def messages() -> list[Work]:
    registry = MemoryRegistry()
    older, newer = record("R", a="int"), record("R", a="long")
    writing = [
        Serializer(registry, schema, subject=lambda *_, name=name: name)
        for name, schema in (("old", older), ("new", newer))
    ]
    reading = Deserializer(registry, newer)

    def work(number: int) -> None:
        for serialize in writing:
            message = serialize({"a": number}, Context("t"))
            assert reading(message, Context("t")) == {"a": number}
        assert Deserializer(registry)(message) == {"a": number}

    return [work]


SHARED: dict[str, Callable[[], list[Work]]] = {
    make.__name__: make
    for make in (
        codecs,
        evolved_data,
        codecs_made_again,
        classes,
        instances_that_change,
        collections_that_change,
        json_text,
        comparing,
        schemas,
        caches,
        facade,
        logical_tables,
        a_file_for_each,
        a_reader_for_all,
        a_writer_for_all,
        columns,
        messages,
    )
}


def restless() -> Iterator[None]:
    """Threads change places as often as they can, where there is a GIL."""
    before, limits = sys.getswitchinterval(), avrojet.set_default_limits(Limits())
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
        avrojet.set_default_limits(limits)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60, help="of all")
    parser.add_argument("--threads", type=int, default=6)
    parser.add_argument("names", nargs="*", help="what to try; all by default", metavar="NAME")
    options = parser.parse_args()
    names = options.names or list(SHARED)
    failed = 0
    for name in names:
        end = time.monotonic() + options.seconds / len(names)
        for _ in restless():
            try:
                at_once(SHARED[name](), threads=options.threads, until=lambda _: time.monotonic() > end)  # noqa: B023
            except Exception as error:  # noqa: BLE001 (told)
                failed = 1
                print(f"{name}: {type(error).__name__}: {error}", flush=True)
            else:
                print(f"{name}: right", flush=True)
        gc.collect()
    return failed


if __name__ == "__main__":
    sys.exit(main())
