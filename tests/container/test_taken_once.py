"""A target that takes nothing for now costs an error, which says which records are taken: each is in the file
exactly once.
"""

from __future__ import annotations

import contextlib
import io
import json
import re

import pytest

import avrojet
from avrojet import DataFileError, DataFileWriter
from avrojet.compat import fastavro
from avrojet.compat.avro import datafile
from avrojet.compat.avro import io as avro_io
from avrojet.compat.avro import schema as avro_schema
from tests.cases import for_each
from tests.vectors import record

ROWS = [{"a": number, "s": "x" * (number % 40)} for number in range(400)]
SCHEMA = record("R", a="long", s="string")
LIMIT = 200  # bytes of a block


class Busy(io.RawIOBase):
    """Takes a part of what it is given at each second call, and nothing at the others.

    :param is_busy: False: it takes everything.
    """

    def __init__(self, *, is_busy: bool = True) -> None:
        self.taken = bytearray()
        self.calls = 0
        self.is_busy = is_busy

    def writable(self) -> bool:
        return True

    def write(self, data):
        self.calls += self.is_busy
        if self.calls % 2:
            return None
        part = data[:150] if self.is_busy else data
        self.taken += part
        return len(part)


def patient(call):
    """Call it until it does not find the target busy, or has taken its record; how often it was busy."""
    for tries in range(100_000):
        try:
            call()
        except DataFileError as error:
            assert "takes no data now" in str(error)
            if taken(error):
                return tries + 1
        else:
            return tries
    raise AssertionError("it is never done")


def taken(error):
    """The number in the note, if there is one."""
    found = re.search(r"(\d+) records? of this call w", "\n".join(getattr(error, "__notes__", ())))
    return int(found[1]) if found else 0


def started(**options):
    target = Busy(is_busy=False)
    writer = DataFileWriter(target, SCHEMA, sync_interval=LIMIT, **options)
    target.is_busy = True
    return target, writer


OPTIONS = [{}, {"codec": "deflate"}, {"codec": "deflate", "threads": 1}]


@for_each("options", OPTIONS)
def test_append(options):
    target, writer = started(**options)
    waits = 0
    for number, row in enumerate(ROWS, 1):
        waits += patient(lambda row=row: writer.append(row))
        assert writer.taken == number
    patient(writer.close)
    assert waits
    assert avrojet.read(bytes(target.taken)) == ROWS


@for_each("options", OPTIONS)
def test_extend_with_an_iterator(options):
    """Which goes on where it was."""
    target, writer = started(**options)
    rows = iter(ROWS)
    while writer.taken < len(ROWS):
        patient(lambda: writer.extend(rows))
    patient(writer.close)
    assert avrojet.read(bytes(target.taken)) == ROWS


@for_each("options", OPTIONS)
def test_extend_with_a_list(options):
    target, writer = started(**options)
    done = 0
    while done < len(ROWS):
        try:
            writer.extend(ROWS[done:])
        except DataFileError as error:
            assert writer.taken == done + taken(error)
        done = writer.taken
    patient(writer.close)
    assert avrojet.read(bytes(target.taken)) == ROWS


@for_each("options", OPTIONS)
def test_columns(options):
    pa = pytest.importorskip("pyarrow")
    table = pa.Table.from_pylist(ROWS)
    target, writer = started(**options)
    done = waits = 0
    while done < len(ROWS):
        try:
            writer.write_arrow(table.slice(done))
        except DataFileError as error:
            assert writer.taken == done + taken(error)
            waits += 1
        done = writer.taken
    patient(writer.close)
    assert waits
    assert avrojet.read(bytes(target.taken)) == ROWS


@for_each("options", OPTIONS)
def test_json(options):
    target, writer = started(**options)
    lines = io.StringIO("".join(json.dumps(row) + "\n" for row in ROWS))
    assert patient(lambda: writer.write_json(lines, plain=True))
    assert writer.taken == len(ROWS)
    patient(writer.close)
    assert avrojet.read(bytes(target.taken)) == ROWS


def test_blocks_of_another_file_count():
    whole = io.BytesIO()
    avrojet.write(whole, SCHEMA, ROWS, sync_interval=LIMIT)
    target, writer = started()
    writer.append(ROWS[0])
    for block in avrojet.DataFileReader(whole.getvalue()).blocks():
        before = writer.taken
        while writer.taken == before:
            with contextlib.suppress(DataFileError):
                writer.write_block(block)
    assert writer.taken == len(ROWS) + 1
    patient(writer.close)
    assert avrojet.read(bytes(target.taken)) == [ROWS[0], *ROWS]


def test_the_facade_of_fastavro():
    target = Busy(is_busy=False)
    writer = fastavro.write.Writer(target, SCHEMA, sync_interval=LIMIT)
    target.is_busy = True
    assert sum(patient(lambda row=row: writer.write(row)) for row in ROWS)
    patient(writer.flush)
    assert avrojet.read(bytes(target.taken)) == ROWS


class Own(avro_io.DatumWriter):
    """Has a method of its own, so that it writes each datum."""

    def write(self, datum, encoder):
        super().write(datum, encoder)


@pytest.mark.parametrize("kind", [avro_io.DatumWriter, Own])
@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_the_facade_of_avro(kind, codec, monkeypatch):
    monkeypatch.setattr(datafile, "SYNC_INTERVAL", LIMIT)
    target = Busy()
    writer = datafile.DataFileWriter(target, kind(), avro_schema.parse(json.dumps(SCHEMA)), codec)
    assert sum(patient(lambda row=row: writer.append(row)) for row in ROWS)
    patient(writer.flush)
    assert avrojet.read(bytes(target.taken)) == ROWS


def test_the_facade_of_avro_when_others_begin_to_write_to_its_buffer():
    target = Busy()
    writer = datafile.DataFileWriter(target, avro_io.DatumWriter(), avro_schema.parse(json.dumps(SCHEMA)))
    for row in ROWS[:20]:
        writer.append(row)
    assert patient(lambda: writer.buffer_writer)
    for row in ROWS[20:]:
        patient(lambda row=row: writer.append(row))
    patient(writer.flush)
    assert avrojet.read(bytes(target.taken)) == ROWS


def test_what_the_facade_of_avro_encodes_itself_is_written_when_a_block_is_full():
    """As what the core encodes: a bool is an int there."""
    schema = avro_schema.parse('{"type": "array", "items": "int"}')
    target = io.BytesIO()
    with datafile.DataFileWriter(target, avro_io.DatumWriter(), schema) as writer:
        for _ in range(100):
            writer.append([True] * 2000)
        assert len(target.getvalue()) > 2 * datafile.SYNC_INTERVAL
        assert writer.block_count < 50
        writer.flush()
        assert avrojet.read(target.getvalue()) == [[1] * 2000] * 100
