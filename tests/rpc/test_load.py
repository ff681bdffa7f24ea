"""Many connections and calls, with clients among them that are slow, vanish or send nonsense.

    python -m tests.rpc.test_load [--connections 1000] [--calls 100000] [--framing netty]

runs it at any size, and prints what it found.
"""

from __future__ import annotations

import argparse
import gc
import random
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import avrojet
from avrojet import rpc
from avrojet.rpc.framing import frame
from avrojet.rpc.netty import frame_numbered
from avrojet.rpc.requestor import Exchange, Requestor
from avrojet.rpc.sasl import SaslClient

PROTOCOL = avrojet.parse_protocol(
    {
        "protocol": "Count",
        "messages": {
            "take": {
                "request": [{"name": "number", "type": "long"}, {"name": "padding", "type": "bytes"}],
                "response": "long",
            },
            "seen": {"request": [], "response": {"type": "array", "items": "long"}},
            "memory": {"request": [], "response": "long"},
        },
    }
)
THREADS = 16
MOST = 1_000_000  # calls


class Counter:
    """Answers each number with it, and remembers how often it came."""

    def __init__(self) -> None:
        self._seen = bytearray(MOST)  # which does not grow, so that whatever does is not this
        self._lock = threading.Lock()

    def take(self, number: int, padding: bytes) -> int:
        if number >= 0:
            with self._lock:
                self._seen[number] += 1
        return number

    def seen(self) -> list[int]:
        """How many numbers came, and how many of them more than once."""
        with self._lock:
            return [MOST - self._seen.count(0), MOST - self._seen.count(0) - self._seen.count(1)]

    def memory(self) -> int:
        """Bytes that the process has in memory; 0 where the system does not tell."""
        gc.collect()
        try:
            return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
        except OSError:
            return 0


def serve(framing: str) -> None:
    """Serve in this process until its input ends."""
    server = rpc.SocketServer(
        rpc.Responder(PROTOCOL, Counter()),
        ("127.0.0.1", 0),
        framing,
        connections=2000,  # type: ignore[arg-type]
    )
    sys.stdout.write(f"{server.address[1]}\n")  # type: ignore[index]
    sys.stdout.flush()
    threading.Thread(target=server.serve, daemon=True).start()
    sys.stdin.read()
    server.close()


class Pests(threading.Thread):
    """Clients that are slow, that go away within a request or before its answer, or that send nonsense."""

    def __init__(self, address: tuple[str, int], framing: str) -> None:
        super().__init__(daemon=True)
        self._address = address
        self._begin = SaslClient(None).begin() if framing == "sasl" else b""
        requestor = Requestor(PROTOCOL)
        # Their number is negative: it is not counted.
        call = requestor.request(
            requestor.context("take", {"number": -1, "padding": b"x" * 5000}), Exchange()
        )
        self._request = frame_numbered(call, 1) if framing == "netty" else frame(call)
        self._end = threading.Event()
        self.count = 0

    def run(self) -> None:
        chance = random.Random(1)
        slow: list[socket.socket] = []
        while not self._end.is_set():
            try:
                connection = socket.create_connection(self._address, 10)
            except OSError:
                continue
            self.count += 1
            whole = self._begin + self._request
            match chance.randrange(4):
                case 0:  # slow
                    connection.sendall(whole[: chance.randrange(len(whole))])
                    slow.append(connection)
                    if len(slow) > 20:
                        slow.pop(0).close()
                    continue
                case 1:  # gone before the answer
                    connection.sendall(whole)
                case 2:  # gone within the request
                    connection.sendall(whole[: chance.randrange(len(whole))])
                case 3:
                    connection.sendall(chance.randbytes(200))
            connection.close()
            self._end.wait(0.01)
        for connection in slow:
            connection.close()

    def end(self) -> None:
        self._end.set()
        self.join()


def run(framing: str, connections: int, calls: int) -> dict[str, Any]:
    """Make the calls over so many connections, and tell what came of them."""
    command = [sys.executable, "-m", "tests.rpc.test_load", "--serve", framing]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            return _against(("127.0.0.1", int(process.stdout.readline())), framing, connections, calls)
        finally:
            process.communicate()


def _against(address: tuple[str, int], framing: str, connections: int, calls: int) -> dict[str, Any]:
    clients = [
        rpc.Client(PROTOCOL, rpc.SocketTransport(address, framing, timeout=60))  # type: ignore[arg-type]
        for _ in range(connections)
    ]
    pests = Pests(address, framing)
    wrong: list[Any] = []
    memory: list[int] = []
    counted = [0] * THREADS

    def work(thread: int, start: int, end: int) -> None:
        """Without serials a client that two threads share would make another connection."""
        mine = clients if framing == "netty" else clients[thread::THREADS]
        for number in range(start + thread, end, THREADS):
            client = mine[number // THREADS % len(mine)]
            try:
                if client.take(number=number, padding=b"x" * (number % 200)) != number:
                    wrong.append(number)
            except avrojet.AvroError as error:
                wrong.append(error)
            counted[thread] += 1

    try:
        for client in clients:
            client.ping()
        pests.start()
        began = time.monotonic()
        for part in range(5):
            threads = [
                threading.Thread(target=work, args=(thread, calls * part // 5, calls * (part + 1) // 5))
                for thread in range(THREADS)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            memory.append(clients[0].memory())
        seconds = time.monotonic() - began
        pests.end()
        found, twice = clients[0].seen()
    finally:
        for client in clients:
            client.close()
    return {
        "answered": sum(counted),
        "wrong": wrong,
        "taken": found,
        "twice": twice,
        "pests": pests.count,
        "seconds": seconds,
        "memory": memory,
    }


def check(result: dict[str, Any], calls: int) -> None:
    assert not result["wrong"], result["wrong"][:5]
    assert result["answered"] == calls
    assert result["taken"] == calls
    assert result["twice"] == 0
    *_, before, after = result["memory"]  # the allocator settles until then
    assert after - before < 4 << 20


@pytest.mark.slow
@pytest.mark.parametrize("framing", ["sasl", "netty"])
def test_none_is_lost_or_answered_twice(framing):
    result = run(framing, 100, 3000)
    check(result, 3000)
    assert result["pests"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--framing", default="netty")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return
    result = run(arguments.framing, arguments.connections, arguments.calls)
    sys.stdout.write(f"{result}\n")
    check(result, arguments.calls)


if __name__ == "__main__":
    main()
