"""Calls per second over sockets, beside grpcio, and in one process, beside Apache avro: 16 calls in flight.

    pip install ".[bench]" grpcio
    python -m benchmarks.rpc [--rounds 5] [--seconds 1.5]

Servers and clients are processes of their own; all are started before, and take turns. Each call carries the
same record both ways. grpcio's carry bytes that avrojet encodes and decodes, so that carrying is what is
compared; of its clients (16 threads that wait, or one thread that keeps 16 futures) the faster one counts.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

import avrojet
from avrojet import rpc

IN_FLIGHT = 16
RECORD = {
    "type": "record",
    "name": "Letter",
    "fields": [
        {"name": "to", "type": "string"},
        {"name": "body", "type": "string"},
        {"name": "id", "type": "long"},
        {"name": "stamps", "type": {"type": "array", "items": "int"}},
    ],
}
LETTER = {"to": "ann@example.org", "body": "words and words " * 5, "id": 1 << 40, "stamps": [1, 2, 3]}
PROTOCOL = avrojet.parse_protocol(
    {
        "protocol": "Mail",
        "namespace": "org.post",
        "types": [RECORD],
        "messages": {"send": {"request": [{"name": "letter", "type": "Letter"}], "response": "Letter"}},
    }
)
OURS = ("sasl", "socket", "netty")
THEIRS = ("grpc threads", "grpc futures")
SERVERS = (*OURS, "grpc")


class Mail:
    """The handlers."""

    def send(self, letter: dict[str, Any]) -> dict[str, Any]:
        return letter


def serve(kind: str) -> None:
    """Serve, tell the port, and end with the input."""
    if kind == "grpc":
        _serve_grpc()
        return
    server = rpc.SocketServer(rpc.Responder(PROTOCOL, Mail()), ("127.0.0.1", 0), kind)  # type: ignore[arg-type]
    print(server.address[1], flush=True)  # type: ignore[index]
    threading.Thread(target=server.serve, daemon=True).start()
    sys.stdin.read()


def _serve_grpc() -> None:
    import grpc

    encode, decode = avrojet.Encoder(RECORD).encode, avrojet.Decoder(RECORD).decode
    handler = grpc.unary_unary_rpc_method_handler(
        lambda letter, context: letter, request_deserializer=decode, response_serializer=encode
    )
    server = grpc.server(ThreadPoolExecutor(IN_FLIGHT))
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("org.post.Mail", {"send": handler})]
    )
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    sys.stdin.read()


def call(kind: str, port: int) -> None:
    """For each line of the input, the seconds to call, tell how many calls there were in one."""
    make = _grpc_futures if kind == "grpc futures" else _in_threads
    run = make(_grpc_call(port) if kind.startswith("grpc") else _our_call(kind, port))
    run(0.2)
    print("ready", flush=True)
    for line in sys.stdin:
        print(run(float(line)), flush=True)


def _our_call(kind: str, port: int) -> Any:
    client = rpc.Client(PROTOCOL, rpc.SocketTransport(("127.0.0.1", port), kind))  # type: ignore[arg-type]
    return lambda: client.send(letter=LETTER)


def _grpc_call(port: int) -> Any:
    import grpc

    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    method = channel.unary_unary(
        "/org.post.Mail/send",
        request_serializer=avrojet.Encoder(RECORD).encode,
        response_deserializer=avrojet.Decoder(RECORD).decode,
    )

    def waiting() -> Any:
        return method(LETTER)

    waiting.future = lambda: method.future(LETTER)  # type: ignore[attr-defined]
    return waiting


def _in_threads(one: Callable[[], Any]) -> Callable[[float], float]:
    """Calls of threads that wait."""

    def run(seconds: float) -> float:
        counts: list[int] = []
        start = time.perf_counter()

        def work() -> None:
            count = 0
            while time.perf_counter() - start < seconds:
                if one() != LETTER:
                    raise AssertionError("another answer")
                count += 1
            counts.append(count)

        threads = [threading.Thread(target=work) for _ in range(IN_FLIGHT)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counts) / (time.perf_counter() - start)

    return run


def _grpc_futures(one: Any) -> Callable[[float], float]:
    """Calls of one thread that has several answers to wait for."""

    def run(seconds: float) -> float:
        start, count = time.perf_counter(), 0
        waiting = [one.future() for _ in range(IN_FLIGHT)]
        while time.perf_counter() - start < seconds:
            for place in range(IN_FLIGHT):
                waiting[place].result()
                waiting[place] = one.future()
                count += 1
        for future in waiting:
            future.result()
        return (count + IN_FLIGHT) / (time.perf_counter() - start)

    return run


class Worker:
    """A process that serves or calls."""

    def __init__(self, *words: str) -> None:
        command = [sys.executable, "-m", "benchmarks.rpc", *words]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def hear(self) -> str:
        """The next line that it says."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError("a process of the benchmark has ended")
        return line

    def ask(self, line: str) -> str:
        """What it answers."""
        assert self._process.stdin is not None
        print(line, file=self._process.stdin, flush=True)
        return self.hear()

    def close(self) -> None:
        """Let it end."""
        self._process.kill()
        self._process.communicate()


def measure_sockets(rounds: int, seconds: float) -> None:
    """Print the calls per second of each, and of the fastest of both sides the ratio."""
    workers: list[Worker] = []
    rates: dict[str, list[float]] = {}
    try:
        callers = {}
        ports = {}
        for kind in SERVERS:
            workers.append(Worker("--serve", kind))
            ports[kind] = workers[-1].hear()
        for kind in (*OURS, *THEIRS):
            workers.append(Worker("--call", kind, ports[kind.partition(" ")[0]]))
            callers[kind] = workers[-1]
            callers[kind].hear()
        for _ in range(rounds):
            for kind, caller in callers.items():
                rates.setdefault(kind, []).append(float(caller.ask(str(seconds))))
    finally:
        for worker in workers:
            worker.close()
    theirs = [max(each) for each in zip(*(rates[kind] for kind in THEIRS), strict=True)]
    print(f"calls per second, {IN_FLIGHT} in flight")
    for kind, found in rates.items():
        ratios = sorted(a / b for a, b in zip(found, theirs, strict=True))
        spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
        print(f"  {kind:13} {median(found):7.0f}   of grpcio's {median(ratios):5.2f} ({spread})")


def measure_in_process(rounds: int) -> None:
    """Print the microseconds of a call from requestor to responder and back."""
    from avro import ipc
    from avro import protocol as apache

    client = rpc.Client(PROTOCOL, rpc.LocalTransport(rpc.Responder(PROTOCOL, Mail())))

    class Answers(ipc.Responder):  # type: ignore[misc]
        def invoke(self, message: Any, request: Any) -> Any:
            return request["letter"]

    class Local:
        remote_name = "local"

        def __init__(self, responder: Any) -> None:
            self.transceive = responder.respond

    theirs = apache.parse(PROTOCOL.json)
    requestor = ipc.Requestor(theirs, Local(Answers(theirs)))
    calls: dict[str, Callable[[], Any]] = {
        "avrojet": lambda: client.send(letter=LETTER),
        "Apache avro": lambda: requestor.request("send", {"letter": LETTER}),
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, one in calls.items():
            one()
            start = time.process_time()
            for _ in range(300):
                one()
            times[name].append((time.process_time() - start) / 300 * 1e6)
    ratios = sorted(a / b for a, b in zip(times["Apache avro"], times["avrojet"], strict=True))
    print("microseconds of a call in one process")
    for name, found in times.items():
        print(f"  {name:13} {median(found):7.1f}")
    print(f"  ratio {median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each client in each round")
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    parser.add_argument("--call", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
    elif arguments.call:
        call(arguments.call[0], int(arguments.call[1]))
    else:
        measure_in_process(arguments.rounds)
        measure_sockets(arguments.rounds, arguments.seconds)


if __name__ == "__main__":
    main()
