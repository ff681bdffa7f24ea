"""Processes that are forked while threads use avrojet: nothing waits for threads that are not there."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

import avrojet
from avrojet import (
    CustomLogicalType,
    DataFileError,
    DataFileReader,
    Decoder,
    cache,
    datum,
    limits,
    registry,
    rpc,
)
from avrojet.container import codecs
from avrojet.core.ground import collector
from avrojet.locks import ProcessLock
from avrojet.registry.auth import Tokens
from avrojet.wire.stores import FolderStore
from tests.container.samples import SCHEMA, file_of, rows

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Python warns of forks where there are threads
]

ROWS = rows(2000)
FILE = file_of(ROWS, codec="deflate", sync_interval=500)


def in_child(work: Callable[[], Any]) -> int:
    """The status of a forked process that does the work: 0, 1 for an error, or -14 if it hangs."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            signal.alarm(20)
            work()
            status = 0
        except BaseException as error:  # noqa: BLE001 (the parent is told)
            sys.stderr.write(f"in the child: {error!r}\n")
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.fixture
def busy() -> Iterator[None]:
    """Threads that write and read meanwhile, and give way to others all the time."""
    going = True

    def once() -> None:
        target = io.BytesIO()
        avrojet.write(target, SCHEMA.json, ROWS[:200])
        avrojet.read(target.getvalue())
        avrojet.set_default_limits(avrojet.Limits())

    def work() -> None:
        while going:
            once()

    once()  # a module that a thread is importing at the moment of a fork is locked in the child: Python's own
    before = sys.getswitchinterval()
    threads = [threading.Thread(target=work) for _ in range(3)]
    sys.setswitchinterval(1e-5)
    for thread in threads:
        thread.start()
    yield
    going = False
    for thread in threads:
        thread.join()
    sys.setswitchinterval(before)


@pytest.mark.slow
@pytest.mark.usefixtures("busy")
def test_children_of_a_busy_process_work():
    """They collect garbage, and nothing is locked for ever."""

    def work() -> None:
        assert gc.isenabled()
        assert len(avrojet.read(FILE)) == len(ROWS)
        avrojet.write(io.BytesIO(), SCHEMA.json, ROWS)
        avrojet.set_default_limits(avrojet.Limits())

    assert [in_child(work) for _ in range(25)] == [0] * 25


def test_locks_of_the_process_are_free_in_a_child():
    lock = ProcessLock()

    def use() -> None:
        with lock.lock:
            pass
        avrojet.set_default_limits(avrojet.Limits())
        avrojet.decode(b"\x02", {"type": "long", "doc": "kept by the child"})
        assert len(datum._decoders) == 1

    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with lock.lock, cache._lock.lock, limits._lock.lock:
            held.set()
            done.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(20)
    try:
        assert in_child(use) == 0
    finally:
        done.set()
        thread.join()


def test_locks_of_objects_are_free_in_a_child(tmp_path):
    """Registries, stores and clients that a thread of the parent is using at the moment of the fork."""
    schema = avrojet.parse_schema('"long"')
    memory = registry.MemoryRegistry()
    (tmp_path / "s.avsc").write_text('"long"', encoding="utf-8")
    folder = registry.FolderRegistry(tmp_path)
    store = FolderStore(tmp_path)
    tokens = Tokens(registry.OAuth("http://none.example", "id", "secret"))
    netty = rpc.SocketTransport(("127.0.0.1", 9), "netty", timeout=5.0)
    locks = [each._lock for each in (memory, folder, store, tokens)] + [netty._making, codecs._Register.lock]

    def use() -> None:
        assert memory.register("s", schema).version == 1
        assert folder.register("t", '"int"').version == 1
        assert store.find(schema.fingerprint()) == schema
        tokens.forget({})
        with pytest.raises(rpc.ConnectionClosedError), netty.connection():
            pass
        avrojet.register_codec("of the child", bytes, bytes)

    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with ExitStack() as stack:
            for lock in locks:
                stack.enter_context(lock.lock)
            held.set()
            done.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(20)
    try:
        assert in_child(use) == 0
    finally:
        done.set()
        thread.join()
    made = weakref.ref(ProcessLock())
    assert made() is None  # they live no longer than what they are of


@pytest.mark.parametrize("kind", ["http", "sasl", "netty"])
def test_a_server_of_the_parent_survives_a_child_that_closes_it(tmp_path, kind):
    protocol = avrojet.parse_protocol(
        {
            "protocol": "P",
            "messages": {"again": {"request": [{"name": "x", "type": "int"}], "response": "int"}},
        }
    )
    responder = rpc.Responder(protocol, {"again": lambda x: x})
    server: Any
    transport: Any
    if kind == "http":
        server = rpc.HttpServer(responder)
        transport = rpc.HttpTransport(server.url, timeout=20)
    else:
        server = rpc.SocketServer(responder, tmp_path / "socket", kind)
        transport = rpc.SocketTransport(tmp_path / "socket", kind, timeout=20)
    serving = threading.Thread(target=server.serve)
    serving.start()
    try:
        with server, rpc.Client(protocol, transport) as client:
            assert client.call("again", {"x": 1}) == 1
            assert in_child(server.close) == 0
            for _ in range(3):
                assert client.call("again", {"x": 2}) == 2
            client.close()
            assert client.call("again", {"x": 3}) == 3
    finally:
        server.close()
        serving.join()


@pytest.mark.parametrize("read", ["read", "decode_many"])
def test_the_collector_is_on_in_a_child(read):
    """Also in that of the very thread that has paused it, which goes on there."""
    states: list[bool] = []

    class Forking(CustomLogicalType):
        name = "forking"

        def decode(self, value: Any, schema: Any) -> Any:
            if value == 3:
                states.append(gc.isenabled())
                if os.fork() == 0:
                    states.append(gc.isenabled())
            return value

        def encode(self, value: Any, schema: Any) -> Any:
            return value

    schema = {"type": "long", "logicalType": "forking"}
    data = file_of(range(6), schema, logical_types=False)
    parent = os.getpid()

    def run() -> None:
        if read == "read":
            assert avrojet.read(data, logical_types=[Forking()]) == [*range(6)]
        else:
            assert Decoder(schema, logical_types=[Forking()]).decode_many(b"\2\4\6\x08") == [1, 2, 3, 4]

    try:
        run()
        assert gc.isenabled()
        if os.getpid() != parent:
            os._exit(0 if states == [False, True] else 1)
        assert states == [False]
        assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
    finally:
        if os.getpid() != parent:
            os._exit(1)


def test_a_fork_without_pause_leaves_the_collector_as_it_is():
    gc.disable()
    try:
        collector.forked()
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize("started", [False, True])
def test_a_reader_with_threads_says_that_they_are_not_there(started):
    reader = DataFileReader(FILE, threads=2)
    read = [next(reader)] if started else []

    def use() -> None:
        if not started:  # its threads begin with its first row
            assert list(reader) == ROWS
            return
        for _ in range(2):
            with pytest.raises(DataFileError, match="process that this one was forked from"):
                list(reader)
        reader.close()
        with pytest.raises(DataFileError):
            list(reader)

    assert in_child(use) == 0
    assert read + list(reader) == ROWS


def test_columns_with_threads_say_so_too():
    pytest.importorskip("pyarrow")
    batches = iter(avrojet.read_arrow(FILE, threads=2, batch_rows=10))
    next(batches)

    def use() -> None:
        with pytest.raises(DataFileError, match="forked"):
            list(batches)

    assert in_child(use) == 0
    assert sum(map(len, batches)) == len(ROWS) - 10


def test_a_child_ends_while_its_parents_threads_are_at_work():
    """Nothing is waited for at its end either."""
    reader = DataFileReader(FILE, threads=2)
    next(reader)
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 (it is about to end)
        reader.close()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    time.sleep(0)
    assert len(list(reader)) == len(ROWS) - 1
