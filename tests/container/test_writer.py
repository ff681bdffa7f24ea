"""Writing container files: targets, blocks, appending, and what fails."""

from __future__ import annotations

import errno
import gc
import io
import subprocess
import sys
import zlib
from _thread import start_new_thread
from array import array
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

import pytest

import avrojet
from avrojet import CodecError, DataFileError, DataFileReader, DataFileWriter, EncodeError, EncodeTypeError
from avrojet.compat import fastavro
from avrojet.container import threads
from avrojet.container import writer as writer_module
from tests.container.limited import largest_file
from tests.container.samples import CODECS, SCHEMA, SYNC, file_of, rows, rows_of
from tests.objects import Hostile

ROWS = rows(300)
BAD = {"id": "no number", "who": None, "day": None, "scores": []}


def blocks_of(data: bytes) -> list:
    return list(DataFileReader(io.BytesIO(data)).blocks())


# What is written


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("threads", [0, 1, 3])
def test_round_trip(codec, threads):
    data = file_of(ROWS, codec=codec, threads=threads, sync_interval=500)
    assert len(blocks_of(data)) > 5
    assert rows_of(data) == ROWS


@pytest.mark.parametrize("codec", CODECS)
def test_threads_do_not_change_the_file(codec):
    options = {"codec": codec, "sync_marker": SYNC, "sync_interval": 300}
    assert file_of(ROWS, threads=2, **options) == file_of(ROWS, **options)


def test_a_file_without_rows():
    data = file_of([])
    assert rows_of(data) == []
    assert avrojet.count_records(io.BytesIO(data)) == 0


def test_append_and_extend_write_the_same():
    target = io.BytesIO()
    with DataFileWriter(target, SCHEMA, sync_interval=400, sync_marker=SYNC) as writer:
        for row in ROWS:
            writer.append(row)
    assert target.getvalue() == file_of(ROWS, sync_interval=400, sync_marker=SYNC)


def test_extend_takes_any_iterable_in_parts():
    target = io.BytesIO()
    with DataFileWriter(target, SCHEMA) as writer:
        writer.extend(row for row in ROWS[:100])
        writer.extend(())
        writer.append(ROWS[100])
        writer.extend(tuple(ROWS[101:]))
    assert rows_of(target.getvalue()) == ROWS


def test_metadata_and_marker():
    data = file_of([], metadata={"text": "é", "data": b"\xff"}, sync_marker=bytearray(SYNC), codec="deflate")
    reader = DataFileReader(io.BytesIO(data))
    assert reader.metadata["text"] == "é".encode()
    assert reader.metadata["data"] == b"\xff"
    assert reader.metadata["avro.schema"].decode() == SCHEMA.json
    assert reader.sync_marker == SYNC
    assert (
        DataFileReader(io.BytesIO(file_of([]))).sync_marker
        != DataFileReader(io.BytesIO(file_of([]))).sync_marker
    )


@pytest.mark.parametrize("write", [avrojet.write, lambda *args, **more: file_of([], args[1], **more)])
@pytest.mark.parametrize("value", [5, 0, True, None, [1, 2], 1.5, {"a": 1}, object()])
def test_metadata_are_text_or_bytes(tmp_path, write, value):
    path = tmp_path / "a.avro"
    with pytest.raises(TypeError, match="the metadata value of 'retries' must be str or bytes, not "):
        write(path, SCHEMA, [], metadata={"retries": value})
    with pytest.raises(TypeError, match="the metadata value of 'retries' must be str or bytes, not "):
        fastavro.writer(io.BytesIO(), "int", [], metadata={"retries": value})
    with pytest.raises(TypeError, match="the keys of the metadata must be str, not int: 5"):
        write(path, SCHEMA, [], metadata={5: "five"})
    with pytest.raises(TypeError, match="the metadata must be a dict, not list"):
        write(path, SCHEMA, [], metadata=["a"])
    with pytest.raises(DataFileError, match="cannot be encoded in UTF-8"):
        write(path, SCHEMA, [], metadata={"a": "\ud800"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [b"\x01\xff", bytearray(b"\x01\xff"), memoryview(b"\x01..\xff")[::3]])
def test_metadata_of_any_buffer(value):
    data = file_of([], metadata={"data": value, "array": array("B", [1, 255])})
    metadata = DataFileReader(io.BytesIO(data)).metadata
    assert metadata["data"] == metadata["array"] == b"\x01\xff"


@pytest.mark.parametrize("values", [ROWS[0], MappingProxyType(ROWS[0]), "text"])
def test_one_record_in_the_place_of_many(tmp_path, values):
    said = "records must be in a list or another iterable, not in a"
    writer = DataFileWriter(io.BytesIO(), SCHEMA)
    for write in (
        lambda: avrojet.write(tmp_path / "a.avro", SCHEMA, values),
        lambda: avrojet.write(tmp_path / "a.avro", '"string"', values),
        lambda: writer.extend(values),
    ):
        with pytest.raises(EncodeTypeError, match=said):
            write()
    writer.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("library", ["pyarrow", "pandas", "polars"])
def test_a_frame_in_the_place_of_records(library):
    module = pytest.importorskip(library)
    frame = module.table({"x": [1]}) if library == "pyarrow" else module.DataFrame({"x": [1]})
    with pytest.raises(EncodeTypeError, match="is not a list of records: use write_arrow"):
        avrojet.write(io.BytesIO(), SPOT, frame)
    if library == "polars":
        target = io.BytesIO()
        avrojet.write(target, '"long"', frame["x"])  # a column is one
        assert rows_of(target.getvalue()) == [1]


@pytest.mark.parametrize("sync_interval", [1, 64_000])
def test_a_record_of_many_that_does_not_fit_is_numbered(sync_interval):
    values = [*ROWS[:5], BAD, *ROWS]
    writer = DataFileWriter(io.BytesIO(), SCHEMA, sync_interval=sync_interval)
    writer.extend(ROWS)
    for write in (
        lambda: avrojet.write(io.BytesIO(), SCHEMA, values, sync_interval=sync_interval),
        lambda: writer.extend(iter(values)),
        lambda: avrojet.Encoder(SCHEMA).encode_many(values),
    ):
        with pytest.raises(EncodeError, match=r"^record 5: at \$\.id: expected long, got str") as caught:
            write()
        assert caught.value.path == "$.id"
    with pytest.raises(EncodeError, match=r"^at \$\.id"):
        writer.append(BAD)
    writer.close()
    with pytest.raises(ValueError, match=r"no value and no default for x \(record 1: at ") as caught:
        fastavro.writer(io.BytesIO(), SPOT, [{"x": 1}, {}], sync_interval=sync_interval)


SPOT = {"type": "record", "name": "Spot", "fields": [{"name": "x", "type": "int"}]}


def test_errors_that_have_nothing_to_do_with_a_record_are_not_numbered(tmp_path):
    def values():
        yield ROWS[0]
        avrojet.encode("x", "int")

    writer = DataFileWriter(tmp_path / "a.avro", SCHEMA, sync_interval=100)
    with pytest.raises(EncodeError, match="^at") as caught:
        writer.extend(values())
    assert not hasattr(caught.value, "__notes__")
    with pytest.raises(TypeError, match="not iterable"):
        writer.extend(5)
    with largest_file(1), pytest.raises(OSError, match="File too large") as failed:
        writer.extend(ROWS)
    assert "in record" not in str(getattr(failed.value, "__notes__", ""))
    writer.close()


def test_what_the_code_of_a_value_raises_comes_with_its_number():
    writer = DataFileWriter(io.BytesIO(), SPOT)
    with pytest.raises(ZeroDivisionError) as caught:
        writer.extend([{"x": 1}, {"x": Hostile(ZeroDivisionError)}])
    assert caught.value.__notes__ == ["in record 1"]
    writer.close()


def test_a_block_ends_with_the_record_that_reaches_the_interval():
    data = file_of([1] * 100, '"int"', sync_interval=30)
    assert [block.count for block in blocks_of(data)] == [30, 30, 30, 10]
    data = file_of([1] * 3, '"int"', sync_interval=0)
    assert [block.count for block in blocks_of(data)] == [1, 1, 1]


def test_records_of_no_bytes_make_blocks_too(monkeypatch):
    monkeypatch.setattr(writer_module, "MOST_RECORDS", 10)
    assert [block.count for block in blocks_of(file_of([None] * 25, '"null"'))] == [10, 10, 5]
    target = io.BytesIO()
    with DataFileWriter(target, '"null"') as writer:
        for _ in range(20):
            writer.append(None)
    assert [block.count for block in blocks_of(target.getvalue())] == [10, 10]


def test_levels():
    words = [f"word {number * number % 991}" for number in range(5000)]
    sizes = [len(file_of(words, '"string"', codec="deflate", level=level)) for level in (1, 9)]
    assert sizes[0] > sizes[1]


def test_deflate_blocks_are_raw_and_end_with_their_data():
    for block in blocks_of(file_of(ROWS, codec="deflate")):
        stream = zlib.decompressobj(-15)
        stream.decompress(block.data)
        assert stream.eof
        assert stream.unused_data == b""


def test_flush_shows_readers_all_so_far():
    target = io.BytesIO()
    writer = DataFileWriter(target, SCHEMA, "deflate", threads=1)
    for count in (1, 2, 50):
        writer.extend(ROWS[:count])
        writer.flush()
        assert rows_of(target.getvalue())[-count:] == ROWS[:count]
    writer.close()


# Targets


def test_paths(tmp_path):
    for path in (tmp_path / "a.avro", str(tmp_path / "b.avro")):
        with DataFileWriter(path, SCHEMA) as writer:
            writer.extend(ROWS)
        assert avrojet.read(path) == ROWS


def test_a_given_file_is_not_closed_but_flushed(tmp_path):
    path = tmp_path / "a.avro"
    with path.open("wb") as file:
        with DataFileWriter(file, SCHEMA) as writer:
            writer.extend(ROWS)
        assert not file.closed
        assert avrojet.read(path) == ROWS


class Halves(io.RawIOBase):
    """Takes at most seven bytes a time, as a pipe may."""

    def __init__(self):
        self.taken = bytearray()

    def writable(self):
        return True

    def write(self, data):
        part = bytes(data[:7])
        self.taken += part
        return len(part)


class OnlyWrite:
    """The least that a target must have; it does not say how much it took."""

    def __init__(self):
        self.taken = bytearray()

    def write(self, data):
        self.taken += data


@pytest.mark.parametrize("kind", [Halves, OnlyWrite])
def test_targets_like_pipes(kind):
    target = kind()
    with DataFileWriter(target, SCHEMA) as writer:
        writer.extend(ROWS)
    assert rows_of(bytes(target.taken)) == ROWS


class Full(io.RawIOBase):
    """Has room for some bytes."""

    def __init__(self, room, answer):
        self.room, self.answer = room, answer
        self.taken = bytearray()

    def writable(self):
        return True

    def write(self, data):
        if len(data) > self.room:
            if isinstance(self.answer, str):
                raise OSError(errno.ENOSPC, self.answer)
            return self.answer
        self.room -= len(data)
        self.taken += data
        return len(data)


@pytest.mark.parametrize("answer", [None, 0])
def test_a_target_that_takes_nothing(answer):
    target = Full(1000, answer)
    writer = DataFileWriter(target, SCHEMA)
    writer.extend(ROWS)
    for finish in (writer.flush, writer.close):
        with pytest.raises(DataFileError, match="takes no data") as caught:
            finish()
    assert caught.value.__notes__ == ["the file still lacks 300 records: close() may be called again"]
    target.room = 1 << 20
    writer.close()
    assert rows_of(bytes(target.taken)) == ROWS


@pytest.mark.parametrize("threads", [0, 1])
def test_a_full_disk(threads):
    """What the target has of the block that failed nobody knows."""
    target = Full(1000, "disk full")
    writer = DataFileWriter(target, SCHEMA, sync_interval=100, threads=threads)
    with pytest.raises(OSError, match="disk full"):
        writer.extend(ROWS)
        writer.flush()
    written = bytes(target.taken)
    target.room = 1 << 20
    for use in (lambda: writer.extend(ROWS), lambda: writer.append(ROWS[0]), writer.flush):
        with pytest.raises(DataFileError, match="earlier write has failed"):
            use()
    with pytest.raises(DataFileError, match=r"lacks up to \d+ records, .*disk full"):
        writer.close()
    writer.close()
    assert bytes(target.taken) == written


def test_a_full_disk_is_what_a_with_block_reports():
    with (
        pytest.raises(OSError, match="disk full") as caught,
        DataFileWriter(Full(1000, "disk full"), SCHEMA, threads=1) as writer,
    ):
        writer.extend(ROWS)
    assert caught.value.__notes__ == ["the file lacks up to 300 records"]


def test_a_with_block_tells_what_is_missing_though_the_failure_was_told_before():
    with (
        pytest.raises(DataFileError, match="lacks up to 3 records"),
        DataFileWriter(Full(1000, "disk full"), '"string"', sync_interval=900) as writer,
    ):
        writer.append("x" * 100)
        with suppress(OSError):
            writer.extend(["x" * 500] * 3)


@pytest.mark.parametrize("mode", ["w", "a"])
@pytest.mark.parametrize("codec", ["null", "deflate"])
@pytest.mark.parametrize("threads", [0, 2])
def test_what_a_path_has_of_a_block_that_failed_is_taken_off_and_it_is_tried_again(
    tmp_path, mode, codec, threads
):
    path = tmp_path / "a.avro"
    writer = DataFileWriter(path, SCHEMA, codec, mode=mode, threads=threads)
    writer.extend(ROWS[:10])
    writer.flush()
    size = path.stat().st_size
    writer.extend(ROWS[10:200])
    with largest_file(size + 20), pytest.raises(OSError, match="File too large") as caught:
        writer.close()
    assert caught.value.__notes__ == ["the file still lacks 190 records: close() may be called again"]
    assert avrojet.read(path) == ROWS[:10]
    writer.extend(ROWS[200:])
    writer.close()
    assert avrojet.read(path) == ROWS


@pytest.mark.parametrize("buffering", [0, -1])
@pytest.mark.parametrize("mode", ["wb", "ab", "w+b", "a+b"])
def test_a_file_of_the_system_gets_the_rest_of_a_block(tmp_path, mode, buffering):
    path = tmp_path / "a.avro"
    with path.open(mode, buffering=buffering) as file:
        writer = DataFileWriter(file, SCHEMA)
        writer.extend(ROWS[:10])
        writer.flush()
        size = path.stat().st_size
        writer.extend(ROWS[10:])
        with largest_file(size + 20), pytest.raises(OSError, match="File too large"):
            writer.flush()
        assert path.stat().st_size == size + 20
        writer.append(ROWS[0])
        writer.close()
        assert file.tell() == path.stat().st_size
    assert avrojet.read(path) == [*ROWS, ROWS[0]]


def test_records_are_not_taken_as_long_as_those_before_cannot_be_written(tmp_path):
    """Memory would grow without end where the errors are ignored."""
    path = tmp_path / "a.avro"
    writer = DataFileWriter(path, '"string"', sync_interval=100)
    taken = 0
    with largest_file(path.stat().st_size + 50):
        for _ in range(1000):
            with suppress(OSError):
                writer.append("x" * 10)
                taken += 1
    assert taken < 20
    writer.close()
    assert taken <= avrojet.count_records(path) <= taken + 1


class Failing:
    """Takes what it is given, but fails at the calls that `failing` has, after so many bytes."""

    def __init__(self, failing):
        self.taken = bytearray()
        self.failing = failing
        self.calls = 0

    def write(self, data):
        self.calls += 1
        if self.calls in self.failing:
            self.taken += data[: self.failing[self.calls]]
            raise OSError(errno.ENOSPC, "no space left")
        self.taken += data
        return len(data)


@pytest.mark.parametrize("taken", [0, 1, 20])
@pytest.mark.parametrize("call", [2, 3])
@pytest.mark.parametrize("finish", ["flush", "close"])
def test_after_a_write_that_failed_nothing_is_written_twice(call, taken, finish):
    target = Failing({call: taken})
    writer = DataFileWriter(target, SCHEMA, sync_interval=1)
    for row in ROWS[: call - 2]:
        writer.append(row)
    with pytest.raises(OSError, match="no space left"):
        writer.append(ROWS[call - 2])
    written = bytes(target.taken)
    if finish == "flush":
        for use in (lambda: writer.append(ROWS[5]), writer.flush):
            with pytest.raises(DataFileError, match="earlier write has failed"):
                use()
    with pytest.raises(DataFileError, match="lacks up to 1 record,"):
        writer.close()
    assert bytes(target.taken) == written
    whole = avrojet.DataFileReader(io.BytesIO(written), on_error="skip")
    assert list(whole) == ROWS[: call - 2]
    assert whole.losses.size == taken


def test_a_flush_that_fails_may_be_tried_again():
    class Stubborn(Failing):
        flushes = 0

        def flush(self):
            self.flushes += 1
            if self.flushes == 1:
                raise OSError(errno.ENOSPC, "no space left")

    target = Stubborn({})
    writer = DataFileWriter(target, SCHEMA)
    writer.extend(ROWS[:5])
    with pytest.raises(OSError, match="no space left"):
        writer.flush()
    writer.flush()
    writer.extend(ROWS[5:10])
    writer.close()
    assert rows_of(bytes(target.taken)) == ROWS[:10]


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")
@pytest.mark.parametrize("threads", [0, 1])
def test_a_device_that_is_full(threads):
    with pytest.raises(OSError, match="No space left"):
        avrojet.write(FULL, SCHEMA, ROWS, threads=threads)
    with FULL.open("wb", buffering=0) as device, pytest.raises(OSError, match="No space left"):
        DataFileWriter(device, SCHEMA)


@pytest.mark.parametrize("sync_interval", [1, 64_000])
def test_a_generator_that_fails_midway(sync_interval):
    def some():
        yield from ROWS[:7]
        raise RuntimeError("mine")

    target = io.BytesIO()
    with DataFileWriter(target, SCHEMA, sync_interval=sync_interval) as writer:
        with pytest.raises(RuntimeError, match="mine"):
            writer.extend(some())
        writer.extend(ROWS[7:9])
    assert rows_of(target.getvalue()) == ROWS[:9]


def test_targets_that_will_not_do(tmp_path):
    with pytest.raises(DataFileError, match="cannot write to 7"):
        DataFileWriter(7, SCHEMA)
    with pytest.raises(DataFileError, match="cannot write bytes"):
        DataFileWriter(io.StringIO(), SCHEMA)
    with pytest.raises(FileNotFoundError):
        DataFileWriter(tmp_path / "no" / "a.avro", SCHEMA)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"schema": None}, DataFileError, "needs a schema"),
        ({"schema": "nothing"}, avrojet.SchemaError, "nothing"),
        ({"codec": "lzo"}, CodecError, "unknown codec"),
        ({"codec": "deflate", "level": 99}, CodecError, "levels 0 to 12"),
        ({"sync_marker": b"short"}, DataFileError, "16 bytes, not 5"),
        ({"metadata": {"avro.codec": "null"}}, DataFileError, "reserved"),
        ({"metadata": {"avro.mine": "x"}}, DataFileError, "reserved"),
        ({"mode": "r"}, DataFileError, "'w' or 'a'"),
        ({"no_such_option": 1}, TypeError, "no_such_option"),
        ({"sync_interval": "many"}, TypeError, "integer"),
        ({"threads": -1}, ValueError, "threads must not be negative"),
        ({"codec": "zstd"}, CodecError, "did you mean zstandard"),
        ({"codec": 5}, CodecError, "unknown codec 5"),
        ({"metadata": {"a": 5}}, TypeError, "metadata value of 'a'"),
    ],
)
def test_wrong_arguments_leave_the_path_as_it_was(tmp_path, options, error, message):
    path = tmp_path / "a.avro"
    path.write_bytes(b"precious")
    with pytest.raises(error, match=message):
        DataFileWriter(path, **{"schema": SCHEMA, **options})
    assert path.read_bytes() == b"precious"


# Failing records


@pytest.mark.parametrize("codec", ["null", "deflate"])
@pytest.mark.parametrize("threads", [0, 1])
def test_a_failing_record_leaves_no_trace(codec, threads):
    target = io.BytesIO()
    with DataFileWriter(target, SCHEMA, codec, sync_interval=200, threads=threads) as writer:
        for row in ROWS:
            writer.append(row)
            with pytest.raises(EncodeError, match=r"\$\.id"):
                writer.append(BAD)
    assert rows_of(target.getvalue()) == ROWS


def test_extend_stops_at_a_failing_record_and_goes_on_after_it():
    target = io.BytesIO()
    values = iter([*ROWS[:50], BAD, *ROWS[50:]])
    with DataFileWriter(target, SCHEMA, sync_interval=100) as writer:
        with pytest.raises(EncodeError):
            writer.extend(values)
        writer.extend(values)
    assert rows_of(target.getvalue()) == ROWS


def test_an_exception_finishes_the_file():
    target = io.BytesIO()
    with pytest.raises(KeyError), DataFileWriter(target, SCHEMA) as writer:
        writer.extend(ROWS)
        raise KeyError("mine")
    assert rows_of(target.getvalue()) == ROWS


def test_a_closed_writer_says_so():
    block = blocks_of(file_of(ROWS))[0]
    writer = DataFileWriter(io.BytesIO(), SCHEMA)
    writer.close()
    writer.close()
    for use in (
        lambda: writer.append(ROWS[0]),
        lambda: writer.extend(ROWS),
        lambda: writer.write_block(block),
        writer.flush,
    ):
        with pytest.raises(DataFileError, match="closed"):
            use()


def test_a_writer_that_is_dropped_finishes_its_file_and_warns():
    target = io.BytesIO()
    writer = DataFileWriter(target, SCHEMA)
    writer.extend(ROWS)
    with pytest.warns(ResourceWarning, match="was not closed"):
        del writer
        gc.collect()
    assert rows_of(target.getvalue()) == ROWS


def test_a_program_that_ends_without_close(tmp_path):
    """Neither hangs nor loses a record, for all the threads that wait for work."""
    path = tmp_path / "a.avro"
    program = f"""
import avrojet
from tests.container.samples import SCHEMA, rows
writer = avrojet.DataFileWriter({str(path)!r}, SCHEMA, "deflate", threads=2, sync_interval=300)
writer.extend(rows(501))
writer.flush()
reader = avrojet.DataFileReader({str(path)!r}, threads=2)
next(reader)
writer.append(rows(1)[0])
"""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=root,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert avrojet.count_records(path) == 502


def test_a_program_that_ends_while_a_thread_writes(tmp_path):
    """The thread is in a call most of the time; all that it was told is written is in the file."""
    path = tmp_path / "a.avro"
    program = f"""
import threading, time, avrojet
writer = avrojet.DataFileWriter({str(path)!r}, '"long"', sync_interval=5)
taken = [0]
def work():
    for number in range(10**9):
        try:
            writer.append(number)
        except avrojet.DataFileError:
            time.sleep(60)
        taken[0] = number
threading.Thread(target=work, daemon=True).start()
while not taken[0]: pass
time.sleep(0.05)
print(taken[0], flush=True)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert avrojet.count_records(path) > int(done.stdout)


def test_threads_end_with_close(started):
    with DataFileWriter(io.BytesIO(), SCHEMA, "deflate", threads=3, sync_interval=100) as writer:
        writer.extend(ROWS)
        assert started.running == 3
    assert started.all_end()


@pytest.mark.filterwarnings("ignore:.* was not closed:ResourceWarning")
def test_threads_end_with_a_writer_that_is_dropped(started):
    writer = DataFileWriter(io.BytesIO(), SCHEMA, "deflate", threads=3, sync_interval=100)
    writer.extend(ROWS)
    assert started.running == 3
    del writer
    assert started.all_end()


@pytest.mark.parametrize("there", [0, 1])
def test_a_system_without_more_threads(monkeypatch, there):
    left = [start_new_thread] * there

    def start(*arguments):
        if not left:
            raise RuntimeError("can't start new thread")
        return left.pop()(*arguments)

    monkeypatch.setattr(threads, "start_new_thread", start)
    data = file_of(ROWS, codec="deflate", threads=2, sync_interval=100)
    assert rows_of(data) == ROWS
    left = [start_new_thread] * there
    assert rows_of(data, threads=2) == ROWS
    left = [start_new_thread] * there
    assert sum(map(len, avrojet.read_arrow([data] * 5, threads=2, batch_rows=100))) == 5 * len(ROWS)


# Appending


@pytest.fixture(params=["path", "BytesIO", "r+b"])
def existing(request, tmp_path):
    """A file with the first 100 rows; what to open for appending, and how to read it."""
    data = file_of(ROWS[:100], codec="deflate", sync_marker=SYNC, metadata={"mine": "1"})
    path = tmp_path / "a.avro"
    path.write_bytes(data)
    if request.param == "path":
        yield path, path.read_bytes
    elif request.param == "BytesIO":
        target = io.BytesIO(data)
        yield target, target.getvalue
    else:
        with path.open("r+b") as file:
            yield file, path.read_bytes


@pytest.mark.parametrize("schema", [None, SCHEMA, SCHEMA.json])
@pytest.mark.parametrize("codec", [None, "deflate"])
def test_append(existing, schema, codec):
    target, content = existing
    before = content()
    with DataFileWriter(target, schema, codec, level=9, mode="a") as writer:
        assert (writer.codec, writer.sync_marker, writer.schema) == ("deflate", SYNC, SCHEMA)
        writer.extend(ROWS[100:])
    assert content().startswith(before)
    assert rows_of(content()) == ROWS


def test_append_many_times(existing):
    target, content = existing
    for row in ROWS[100:110]:
        with DataFileWriter(target, mode="a") as writer:
            writer.append(row)
    assert rows_of(content()) == ROWS[:110]


NARROW = '{"type": "record", "name": "Visit", "fields": [{"name": "id", "type": "long"}]}'
NO_DATE = SCHEMA.json.replace('"date"', '"other"')
OTHER_DOC = SCHEMA.json.replace('"name"', '"doc": "changed", "name"', 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"schema": NARROW}, "schema is not the file's"),
        ({"schema": NO_DATE}, "schema is not the file's"),
        ({"codec": "null"}, "codec is deflate, not null"),
        ({"metadata": {"mine": "2"}}, "keeps its metadata"),
        ({"sync_marker": bytes(16)}, "sync marker"),
        ({"level": 77}, "levels"),
    ],
)
def test_appending_must_agree(existing, options, message):
    target, content = existing
    before = content()
    with pytest.raises(DataFileError, match=message):
        DataFileWriter(target, mode="a", **options)
    assert content() == before


def test_appending_bears_another_doc(existing):
    target, content = existing
    with DataFileWriter(target, OTHER_DOC, mode="a") as writer:
        writer.extend(ROWS[100:])
    assert rows_of(content()) == ROWS


def test_appending_to_nothing_makes_a_new_file(tmp_path):
    path = tmp_path / "a.avro"
    for target in (path, io.BytesIO()):
        with DataFileWriter(target, SCHEMA, "deflate", mode="a") as writer:
            writer.extend(ROWS[:5])
    assert avrojet.read(path) == ROWS[:5]
    with pytest.raises(DataFileError, match="needs a schema"):
        DataFileWriter(tmp_path / "b.avro", mode="a")
    assert not (tmp_path / "b.avro").exists()
    (tmp_path / "c.avro").touch()
    with DataFileWriter(tmp_path / "c.avro", SCHEMA, mode="a") as writer:
        writer.extend(ROWS)
    assert avrojet.read(tmp_path / "c.avro") == ROWS


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-1], lambda data: data + b"\0", lambda data: b"X" + data, lambda data: data[:30]],
)
def test_appending_to_a_damaged_file(tmp_path, damage):
    path = tmp_path / "a.avro"
    path.write_bytes(damage(file_of(ROWS)))
    before = path.read_bytes()
    with pytest.raises((DataFileError, avrojet.TruncatedError)):
        DataFileWriter(path, mode="a")
    assert path.read_bytes() == before


def test_appending_needs_to_read_and_seek():
    with pytest.raises(DataFileError, match="open it as 'r\\+b'"):
        DataFileWriter(Halves(), SCHEMA, mode="a")


# Blocks of other files


@pytest.mark.parametrize("codec", CODECS)
def test_blocks_are_copied_as_they_stand(codec):
    source = blocks_of(file_of(ROWS, codec=codec, sync_interval=700))
    target = io.BytesIO()
    with DataFileWriter(target, SCHEMA, codec) as writer:
        writer.append(ROWS[0])
        for block in source:
            writer.write_block(block)
        writer.append(ROWS[1])
    first, *copied, last = blocks_of(target.getvalue())
    assert [bytes(block.data) for block in copied] == [bytes(block.data) for block in source]
    assert (list(first), list(last)) == ([ROWS[0]], [ROWS[1]])
    assert rows_of(target.getvalue()) == [ROWS[0], *ROWS, ROWS[1]]


@pytest.mark.parametrize("threads", [0, 2])
def test_blocks_of_another_codec_are_recompressed(threads):
    target = io.BytesIO()
    with DataFileWriter(target, SCHEMA, "deflate", threads=threads) as writer:
        for codec in ("null", "deflate", "xz"):
            for block in blocks_of(file_of(ROWS, codec=codec, sync_interval=700)):
                writer.write_block(block)
    assert rows_of(target.getvalue()) == ROWS * 3


def test_blocks_of_another_schema_are_refused():
    block = blocks_of(file_of([1], '"long"'))[0]
    target = io.BytesIO()
    with DataFileWriter(target, SCHEMA) as writer:
        writer.extend(ROWS)
        with pytest.raises(DataFileError, match="schema is not the file's"):
            writer.write_block(block)
    assert rows_of(target.getvalue()) == ROWS
