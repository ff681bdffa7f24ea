"""Writers of several processes: on one file, in children, and in processes that are killed."""

from __future__ import annotations

import copy
import gc
import io
import os
import pickle
import signal
import subprocess
import sys
import textwrap
from contextlib import suppress
from pathlib import Path

import pytest

import avrojet
from avrojet import DataFileError, DataFileReader, DataFileWriter
from avrojet.compat.fastavro import _write as facade
from avrojet.container import locks, replacing, target
from tests.container.limited import largest_file
from tests.container.samples import CODECS, SCHEMA, SYNC, file_of, rows, rows_of
from tests.interrupts import Interruption, Interrupts, interrupted_everywhere

ROOT = Path(__file__).parents[2]
ROWS = rows(50)
WARNINGS = ("-W", "error", "-W", "ignore::DeprecationWarning")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # which is what is tested
needs_locks = pytest.mark.skipif(
    sys.platform != "win32" and locks.fcntl is None, reason="the system has no locks"
)


def start(program: str, *arguments: object) -> subprocess.Popen:
    return subprocess.Popen(
        [
            sys.executable,
            "-W",
            "error",
            "-W",
            "ignore::DeprecationWarning",
            "-c",
            textwrap.dedent(program),
            *map(str, arguments),
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen) -> str:
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")
    return output


# Several processes that append to one path

APPENDING = """
    import sys, time
    import avrojet
    path, number, codec, threads = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    schema = {"type": "record", "name": "R", "fields": [{"name": name, "type": "int"} for name in "pi"]}
    sys.stdin.readline()
    with avrojet.DataFileWriter(path, schema, codec, mode="a", sync_interval=500, threads=threads) as writer:
        for i in range(4000):
            writer.append({"p": number, "i": i})
            if i % 500 == 0:
                time.sleep(0.001)
"""


@pytest.mark.parametrize(("codec", "threads"), [("null", 0), ("deflate", 0), ("deflate", 2)])
def test_processes_append_to_one_path(tmp_path, codec, threads):
    """The first of them makes the file."""
    path = tmp_path / "a.avro"
    writing = [start(APPENDING, path, number, codec, threads) for number in range(3)]
    for process in writing:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in writing:
        finish(process)
    found = avrojet.read(path)
    for number in range(3):
        assert [row["i"] for row in found if row["p"] == number] == list(range(4000))
    assert len(found) == 12_000


def test_writers_take_turns_at_one_path(tmp_path):
    """Also in one process, and where one has to take back half a block after the other has written."""
    path = tmp_path / "a.avro"
    one, two = (DataFileWriter(path, SCHEMA, mode="a", sync_interval=1) for _ in range(2))
    for first, second in zip(ROWS[:25], ROWS[25:], strict=True):
        one.append(first)
        size = path.stat().st_size
        with largest_file(size + 10), pytest.raises(OSError, match="File too large"):
            one.append(first)
        assert path.stat().st_size == size
        two.append(second)
    one.close()
    two.close()
    found = avrojet.read(path)
    assert [row for row in found if row["id"] >= 25] == ROWS[25:]
    assert [row for row in found if row["id"] < 25] == [row for row in ROWS[:25] for _ in range(2)]


def test_half_a_block_of_another_writer_is_not_written_after(tmp_path):
    """That of a process which was killed while it wrote, say: what follows it could not be found."""
    path = tmp_path / "a.avro"
    writer = DataFileWriter(path, SCHEMA, mode="a")
    writer.extend(ROWS[:5])
    writer.flush()
    whole = path.read_bytes()
    path.write_bytes(whole + b"\2\x20half")
    writer.extend(ROWS[5:])
    with pytest.raises(DataFileError, match="does not end with its sync marker"):
        writer.flush()
    path.write_bytes(whole)
    writer.close()
    assert avrojet.read(path) == ROWS


def test_half_a_block_that_cannot_be_taken_back_is_told(tmp_path, monkeypatch):
    path = tmp_path / "a.avro"
    writer = DataFileWriter(path, SCHEMA, mode="a")
    size = path.stat().st_size
    writer.extend(ROWS)
    with monkeypatch.context() as context:
        context.setattr(target.PathTarget, "_take_back", lambda self, block: None)
        with largest_file(size + 10), pytest.raises(OSError, match="File too large"):
            writer.flush()
        with path.open("ab") as file:
            file.write(b"of another")
        with pytest.raises(DataFileError, match=f"half a block stands at byte {size}"):
            writer.flush()
    with pytest.raises(DataFileError, match="half a block") as caught:
        writer.close()
    assert caught.value.__notes__ == ["the file still lacks 50 records: close() may be called again"]
    path.write_bytes(path.read_bytes()[: size + 10])
    writer.close()
    assert avrojet.read(path) == ROWS


@pytest.mark.parametrize("mode", ["w", "a"])
def test_a_file_that_was_cut_or_removed_is_told(tmp_path, mode):
    path = tmp_path / "a.avro"
    for harm in (lambda: os.truncate(path, 10), path.unlink):
        writer = DataFileWriter(path, SCHEMA, mode=mode)
        writer.extend(ROWS)
        if sys.platform == "win32" and harm == path.unlink:
            continue  # which keeps files that are open
        harm()
        with pytest.raises(DataFileError, match="while it was written"):
            writer.flush()
        with pytest.raises(DataFileError, match="while it was written"), writer:
            pass
        path.unlink(missing_ok=True)


def test_two_new_files_at_one_path_are_told(tmp_path):
    """The second has emptied the first's, which would go on after a gap of zeros."""
    path = tmp_path / "a.avro"
    one = DataFileWriter(path, SCHEMA)
    one.extend(ROWS)
    one.flush()
    two = DataFileWriter(path, SCHEMA)
    one.extend(ROWS)
    with pytest.raises(DataFileError, match="was changed while it was written"), one:
        pass
    two.extend(ROWS)
    two.close()
    assert avrojet.read(path) == ROWS


def test_a_file_object_that_has_grown_is_told(tmp_path):
    path = tmp_path / "a.avro"
    path.write_bytes(file_of(ROWS[:10]))
    with path.open("r+b") as mine, path.open("r+b") as others:
        writer = DataFileWriter(mine, SCHEMA, mode="a")
        writer.extend(ROWS[10:])
        with DataFileWriter(others, SCHEMA, mode="a") as other:
            other.extend(ROWS[10:])
        others.flush()
        with pytest.raises(DataFileError, match="was changed while it was written"), writer:
            pass
    assert avrojet.read(path) == ROWS


@pytest.mark.parametrize("buffering", [0, -1])
def test_file_objects_that_append_take_turns(tmp_path, buffering):
    path = tmp_path / "a.avro"
    path.write_bytes(file_of([], sync_marker=SYNC))
    with path.open("a+b", buffering=buffering) as one, path.open("a+b", buffering=buffering) as two:
        writers = [DataFileWriter(file, SCHEMA, mode="a", sync_interval=20) for file in (one, two)]
        for row in ROWS:
            for writer in writers:
                writer.append(row)
        for writer in writers:
            writer.close()
    assert sorted(row["id"] for row in avrojet.read(path)) == sorted([*range(50)] * 2)


# Locks


@needs_locks
@pytest.mark.parametrize("mode", ["w", "a"])
@pytest.mark.parametrize("other", ["w", "a"])
def test_a_locked_file_is_refused(tmp_path, monkeypatch, mode, other):
    monkeypatch.setattr(target, "_LOCK_PATIENCE", 0.01)
    path = tmp_path / "a.avro"
    with DataFileWriter(path, SCHEMA, mode=mode, lock=True) as writer:
        writer.extend(ROWS)
        writer.flush()
        with pytest.raises(DataFileError, match="the file is locked"):
            DataFileWriter(path, SCHEMA, mode=other, lock=True)
        assert avrojet.read(path) == ROWS
    with DataFileWriter(path, SCHEMA, mode=other, lock=True) as writer:
        writer.extend(ROWS[:3])
    assert avrojet.read(path) == (ROWS + ROWS[:3] if other == "a" else ROWS[:3])


@needs_locks
def test_who_appends_waits_for_the_lock(tmp_path, monkeypatch):
    monkeypatch.setattr(target, "_TURN_PATIENCE", 0.01)
    path = tmp_path / "a.avro"
    late = DataFileWriter(path, SCHEMA, mode="a")
    late.extend(ROWS[:5])
    with DataFileWriter(path, SCHEMA, mode="a", lock=True) as writer:
        with pytest.raises(DataFileError, match="the file is locked"):
            DataFileWriter(path, SCHEMA, mode="a")
        with pytest.raises(DataFileError, match="the file is locked"):
            late.flush()
        writer.extend(ROWS[5:])
    late.close()
    assert avrojet.read(path) == ROWS[5:] + ROWS[:5]


@needs_locks
def test_a_lock_ends_with_its_process(tmp_path):
    path = tmp_path / "a.avro"
    process = start(
        """
        import sys, avrojet
        writer = avrojet.DataFileWriter(sys.argv[1], '"int"', mode="a", lock=True)
        print("ready", flush=True)
        sys.stdin.readline()
        """,
        path,
    )
    assert process.stdout.readline() == "ready\n"
    with pytest.raises(DataFileError, match="the file is locked"):
        DataFileWriter(path, mode="a", lock=True)
    process.kill()
    process.communicate()
    with DataFileWriter(path, mode="a", lock=True) as writer:
        writer.append(1)
    assert avrojet.read(path) == [1]


def test_what_cannot_be_locked_is_told(tmp_path, monkeypatch):
    with pytest.raises(DataFileError, match="lock=True needs a path"):
        DataFileWriter(io.BytesIO(), SCHEMA, lock=True)

    def no_locks(fd: int) -> None:
        raise OSError(next(iter(locks._NO_LOCKS)), "none")

    monkeypatch.setattr(locks, "_try_to_lock", no_locks)
    path = tmp_path / "a.avro"
    path.write_bytes(b"precious")
    with pytest.raises(DataFileError, match="cannot be locked"):
        DataFileWriter(path, SCHEMA, lock=True)
    assert path.read_bytes() == b"precious"
    path.unlink()
    with DataFileWriter(path, SCHEMA, mode="a") as writer:  # which goes without
        writer.extend(ROWS)
    avrojet.write(path, SCHEMA, ROWS)
    assert avrojet.read(path) == ROWS
    assert list(tmp_path.iterdir()) == [path]


# Children


@pytest.mark.slow
@needs_fork
@pytest.mark.parametrize("codec", ["null", "deflate"])
@pytest.mark.parametrize("threads", [0, 2])
@pytest.mark.parametrize(
    "ending", ["sys.exit()", "w.close()", "del w", "raise KeyError", "w = None; gc.collect()"]
)
def test_a_child_leaves_the_parents_records_alone(tmp_path, codec, threads, ending):
    path = tmp_path / "a.avro"
    process = start(
        f"""
        import gc, os, sys
        import avrojet
        options = {{"codec": {codec!r}, "threads": {threads}, "sync_interval": 2}}
        with avrojet.DataFileWriter(sys.argv[1], '"long"', **options) as w:
            w.extend(range(5))
            pid = os.fork()
            if pid == 0:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                {ending}
                os._exit(0)
            os.waitpid(pid, 0)
            w.extend(range(5, 10))
        """,
        path,
    )
    finish(process)
    assert avrojet.read(path) == list(range(10))


@needs_fork
def test_a_writer_says_that_it_is_the_parents(tmp_path):
    path = tmp_path / "a.avro"
    writer = DataFileWriter(path, SCHEMA, "deflate", threads=1)
    writer.extend(ROWS[:5])
    theirs = facade.Writer(io.BytesIO(), "long")
    block = next(avrojet.DataFileReader(io.BytesIO(file_of(ROWS))).blocks())
    uses = [
        lambda: writer.append(ROWS[0]),
        lambda: writer.extend(ROWS),
        lambda: writer.write_block(block),
        writer.flush,
        lambda: theirs.write(1),
        theirs.flush,
    ]
    pid = os.fork()
    if pid == 0:
        told = 0
        try:
            for use in uses:
                try:
                    use()
                except DataFileError as error:
                    told += "only in the process that made it" in str(error)
            writer.close()
            del writer
            gc.collect()
        finally:
            os._exit(told)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == len(uses)
    writer.extend(ROWS[5:])
    writer.close()
    assert avrojet.read(path) == ROWS


@needs_fork
def test_a_child_leaves_the_file_that_is_being_made(tmp_path):
    path = tmp_path / "a.avro"

    def values():
        yield from ROWS[:20]
        pid = os.fork()
        if pid == 0:
            return  # so that it goes on in write() as the parent does
        assert os.waitpid(pid, 0)[1] == 0
        yield from ROWS[20:]

    parent = os.getpid()
    try:
        avrojet.write(path, SCHEMA, values())
    except DataFileError as error:
        os._exit("in the process that made it" not in str(error))
    finally:
        if os.getpid() != parent:
            os._exit(2)
    assert avrojet.read(path) == ROWS
    assert list(tmp_path.iterdir()) == [path]


# Copies


def test_readers_are_not_copied():
    reader = DataFileReader(file_of_one())
    for make in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="cannot be copied or pickled: .* avrojet.splits"):
            make(reader)


def file_of_one() -> bytes:
    target = io.BytesIO()
    avrojet.write(target, "long", [1])
    return target.getvalue()


def test_writers_are_not_copied():
    for writer in (DataFileWriter(io.BytesIO(), SCHEMA), facade.Writer(io.BytesIO(), "long")):
        for make in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="cannot be copied or pickled"):
                make(writer)
        if isinstance(writer, DataFileWriter):
            writer.close()


def test_a_writer_whose_init_was_not_run_is_dropped_in_silence():
    class Late(DataFileWriter):
        def __init__(self):
            pass

    class Failing(DataFileWriter):
        def __init__(self):
            raise KeyError("mine")

    Late().close()
    DataFileWriter.__new__(DataFileWriter).__del__()
    with pytest.raises(KeyError):
        Failing()
    gc.collect()


# Processes that are killed


KILLED = """
    import sys, time
    import avrojet
    def values():
        for number in range(20_000):
            yield {"id": number, "name": "x" * 100}
        print("ready", flush=True)
        time.sleep(60)
    fields = [{"name": "id", "type": "int"}, {"name": "name", "type": "string"}]
    avrojet.write(sys.argv[1], {"type": "record", "name": "R", "fields": fields}, values())
"""


def kill_while_writing(path: Path) -> None:
    process = start(KILLED, path)
    assert process.stdout.readline() == "ready\n"
    process.kill()
    process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked")
def test_what_a_killed_process_leaves_goes_away_with_the_next_file(tmp_path):
    path = tmp_path / "orders.avro"
    avrojet.write(path, SCHEMA, ROWS)
    for _ in range(2):
        kill_while_writing(path)
        assert avrojet.read(path) == ROWS
        assert [file.name for file in tmp_path.iterdir()].count(".orders.avro.part") == 1
        assert len(list(tmp_path.iterdir())) == 2
    assert (tmp_path / ".orders.avro.part" / "orders.avro").stat().st_size > 100_000
    avrojet.write(path, SCHEMA, ROWS[:5])
    assert avrojet.read(path) == ROWS[:5]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked")
def test_a_file_that_another_process_is_making_is_left_alone(tmp_path):
    path = tmp_path / "orders.avro"
    process = start(KILLED.replace("time.sleep(60)", "sys.stdin.readline()"), path)
    assert process.stdout.readline() == "ready\n"
    for number in range(replacing._NAMES + 2):
        avrojet.write(path, SCHEMA, ROWS[:number])
    assert avrojet.read(path) == ROWS[:number]
    assert sorted(file.name for file in tmp_path.iterdir()) == [".orders.avro.part", "orders.avro"]
    process.stdin.write("\n")
    finish(process)
    assert avrojet.count_records(path) == 20_000
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # an open file is dropped
@pytest.mark.parametrize("has_locks", [True, False])
@pytest.mark.parametrize("exists", [False, True])
def test_an_interruption_anywhere_leaves_no_folder(tmp_path, monkeypatch, exists, has_locks):
    """Whether the file is there already, and whether the system can lock folders."""
    path = tmp_path / "orders.avro"
    if not has_locks:
        monkeypatch.delattr(os, "O_DIRECTORY", raising=False)

    def run(interrupts: Interrupts) -> None:
        path.unlink(missing_ok=True)
        if exists:
            path.write_bytes(b"old")
        with suppress(Interruption), interrupts.on(), replacing.replacing(path) as part:
            Path(part).write_bytes(b"new")
        there = path.read_bytes() if path.exists() else None
        assert there in ((b"old" if exists else None), b"new")
        assert list(tmp_path.iterdir()) == ([] if there is None else [path]), interrupts.where

    assert {each.where.partition(", ")[2] for each in interrupted_everywhere(run)} >= {"take", "remove"}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interruption_leaves_the_folders_of_others(tmp_path):
    """Those that have something in them, and those that another process has locked."""
    path, other, locked = (tmp_path / name for name in ("a.avro", ".a.avro.part", ".a.avro.part1"))
    (other / "folder").mkdir(0o700, parents=True)
    other.chmod(0o700)
    locked.mkdir(0o700)
    descriptor = os.open(locked, os.O_RDONLY)
    assert locks.lock(descriptor, 0)

    def run(interrupts: Interrupts) -> None:
        path.unlink(missing_ok=True)
        with suppress(Interruption), interrupts.on(), replacing.replacing(path) as part:
            Path(part).write_bytes(b"new")
        assert {other, locked} <= set(tmp_path.iterdir()) <= {other, locked, path}, interrupts.where
        assert (other / "folder").is_dir()

    try:
        assert all(each.where for each in interrupted_everywhere(run))
    finally:
        os.close(descriptor)


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked")
@pytest.mark.parametrize("kind", ["file", "link", "open to others", "with a folder in it"])
def test_what_has_the_name_of_the_folder_stays(tmp_path, kind):
    """Whoever may change it could put another file into the place of ours."""
    path, taken = tmp_path / "a.avro", tmp_path / ".a.avro.part"
    if kind == "file":
        taken.write_bytes(b"mine")
    elif kind == "link":
        (tmp_path / "elsewhere").mkdir(0o700)
        taken.symlink_to(tmp_path / "elsewhere")
    else:
        taken.mkdir(0o700)
        (taken / "mine").mkdir()
        if kind == "open to others":
            taken.chmod(0o770)
    before = sorted(tmp_path.rglob("*"))
    avrojet.write(path, SCHEMA, ROWS)
    assert avrojet.read(path) == ROWS
    assert sorted(tmp_path.rglob("*")) == sorted([*before, path])


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked")
def test_a_folder_whose_group_is_inherited(tmp_path):
    """As in folders that a team shares: the new folder has a bit more than was asked for."""
    tmp_path.chmod(0o2770)
    path = tmp_path / "a.avro"
    kill_while_writing(path)
    assert [file.name for file in tmp_path.iterdir()] == [".a.avro.part"]
    avrojet.write(path, SCHEMA, ROWS)
    assert list(tmp_path.iterdir()) == [path]


def test_many_writers_of_one_path(tmp_path):
    """In the end the file is one of theirs, whole."""
    from concurrent.futures import ThreadPoolExecutor

    path = tmp_path / "a.avro"
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: avrojet.write(path, SCHEMA, ROWS[:number]), range(50)))
    assert avrojet.read(path) in [ROWS[:number] for number in range(50)]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("length", [200, 240, 255])
def test_long_names(tmp_path, length):
    path = tmp_path / ("ä" * 20 + "x" * (length - 40))
    avrojet.write(path, SCHEMA, ROWS)
    assert avrojet.read(path) == ROWS
    assert list(tmp_path.iterdir()) == [path]


WRITING = """
    import sys
    import avrojet
    path, mode, codec, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    options = {"mode": mode, "threads": threads, "sync_interval": 200}
    with avrojet.DataFileWriter(path, '"long"', codec, **options) as writer:
        for number in range(10**9):
            writer.append(number)
            if number % 1000 == 0:
                writer.flush()
                print(number, flush=True)
"""


@pytest.mark.parametrize(("mode", "codec", "threads"), [("w", "null", 0), ("a", "deflate", 2)])
def test_a_killed_writer_leaves_what_it_flushed(tmp_path, mode, codec, threads):
    path = tmp_path / "a.avro"
    process = start(WRITING, path, mode, codec, threads)
    flushed = [int(process.stdout.readline()) for _ in range(5)][-1]
    process.kill()
    process.communicate()
    target = io.BytesIO()
    avrojet.repair_file(path, target)
    found = rows_of(target.getvalue())
    assert found == list(range(len(found)))
    assert len(found) > flushed
    avrojet.write(path, '"long"', found, codec=codec)
    with DataFileWriter(path, mode="a") as writer:
        writer.append(-1)


# fsync


@pytest.fixture
def synced(monkeypatch):
    """The files and folders that are synced, by their kind, and what stood at the path then."""
    calls = []
    real = os.fsync

    def fsync(fd):
        calls.append("folder" if os.path.isdir(f"/dev/fd/{fd}") else "file")  # noqa: PTH112
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    return calls


@pytest.mark.parametrize("codec", CODECS[:2])
def test_a_writer_that_syncs(tmp_path, synced, codec):
    path = tmp_path / "a.avro"
    with DataFileWriter(path, SCHEMA, codec, fsync=True) as writer:
        writer.extend(ROWS)
        writer.flush()
        assert synced == ["file", "folder"]
        writer.extend(ROWS)
    assert synced == ["file", "folder", "file"]
    with path.open("r+b") as file, DataFileWriter(file, SCHEMA, mode="a", fsync=True) as writer:
        writer.extend(ROWS)
    assert synced[3:] == ["file"]
    with DataFileWriter(path, SCHEMA):
        pass
    assert len(synced) == 4
    with pytest.raises(DataFileError, match="fsync=True needs a path"):
        DataFileWriter(io.BytesIO(), SCHEMA, fsync=True)


def test_files_that_are_renamed_into_place_are_synced_first(tmp_path, synced):
    path, other = tmp_path / "a.avro", tmp_path / "b.avro"
    avrojet.write(path, SCHEMA, ROWS)
    assert synced == []  # there is nothing to lose
    avrojet.write(path, SCHEMA, ROWS)
    assert synced == ["file"]
    avrojet.write(path, SCHEMA, ROWS, fsync=False)
    assert synced == ["file"]
    avrojet.write(path, SCHEMA, ROWS, fsync=True)
    assert synced[1:] == ["file", "folder"]
    for work in (
        lambda **options: avrojet.repair_file(path, other, **options),
        lambda **options: avrojet.recode_file(path, other, "deflate", **options),
        lambda **options: avrojet.concat_files([path], other, **options),
    ):
        synced.clear()
        work()
        assert synced == ["file", "folder"]
        work(fsync=False)
        assert synced == ["file", "folder"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
def test_ctrl_c_in_write_leaves_nothing(tmp_path):
    path = tmp_path / "a.avro"
    process = start(KILLED, path)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows renames nothing over such a file anyway")
def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "a.avro"
    path.write_bytes(b"before")
    path.chmod(0o444)
    # Root may write to any file.
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place) != path and mode == os.W_OK)
    with pytest.raises(PermissionError) as caught:
        avrojet.write(path, '"long"', [1])
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
