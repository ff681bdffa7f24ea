"""Calls per second over HTTP on loopback: avrojet's client beside Apache avro's, one after the other.

    pip install ".[bench,rpc]"
    python -m benchmarks.rpc_http [--rounds 7] [--seconds 0.5]

``facade`` is avrojet in the place of Apache avro. ``avrojet`` and ``facade`` parse answers with httptools if
that is installed, ``plain`` is avrojet's client with the standard library's parser. ``bare`` is a socket that
sends a request ready made and does not look at the answer: no client can be faster.

All call the same server, which reads requests and sends one answer, ready made: a client's own time is what
is compared. Server and clients are processes of their own, and take turns.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import Any

import avrojet
from avrojet import rpc
from avrojet.rpc import http1
from avrojet.rpc.framing import frame
from avrojet.rpc.http1 import request_head
from avrojet.rpc.http_answers import PlainAnswers

CLIENTS = ("apache", "facade", "avrojet", "plain", "bare")
_STRINGS = [{"name": name, "type": "string"} for name in ("to", "from", "body")]
_ITEM = {
    "type": "record",
    "name": "Item",
    "fields": [
        {"name": "sku", "type": "string"},
        {"name": "count", "type": "int"},
        {"name": "price", "type": "double"},
    ],
}
_ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "note", "type": ["null", "string"]},
        {"name": "items", "type": {"type": "array", "items": "Item"}},
    ],
}
PROTOCOL = avrojet.parse_protocol(
    {
        "protocol": "Shop",
        "types": [{"type": "record", "name": "Letter", "fields": _STRINGS}, _ITEM, _ORDER],
        "messages": {
            "send": {"request": [{"name": "letter", "type": "Letter"}], "response": "string"},
            "place": {"request": [{"name": "order", "type": "Order"}], "response": "Order"},
        },
    }
)
LETTER = {"to": "you", "from": "me", "body": "hello"}
ORDER = {
    "id": 1 << 30,
    "note": "please",
    "items": [{"sku": f"sku-{number}", "count": number, "price": 1.5 * number} for number in range(10)],
}
MESSAGES: dict[str, tuple[dict[str, Any], Any]] = {
    "send": ({"letter": LETTER}, "sent"),
    "place": ({"order": ORDER}, ORDER),
}
_KNOWN = b"\0\0\0\0"  # a handshake: both sides know each other
_END = b"\0\0\0\0"  # of a framed message: no header ends like this, nor does what MESSAGES sends before


def serve(message: str) -> None:
    """Answer everything that comes with the response of a message."""
    response = avrojet.Encoder(PROTOCOL.messages[message].response).encode(MESSAGES[message][1])
    body = frame(_KNOWN + b"\0\0" + response)
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: avro/binary\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        while True:
            connection = listening.accept()[0]
            threading.Thread(target=_answer, args=(connection, answer), daemon=True).start()


def _answer(connection: socket.socket, answer: bytes) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while came := connection.recv(1 << 16):
        if came.endswith(_END):
            connection.sendall(answer)


def call(client: str, message: str, port: str) -> None:
    """For each line of the input, the seconds to call, tell how many calls there were in one."""
    one = _caller(client, message, int(port))
    if one() != MESSAGES[message][1]:
        raise AssertionError("another answer")
    print("ready", flush=True)
    for line in sys.stdin:
        seconds, count = float(line), 0
        start = time.perf_counter()
        while time.perf_counter() - start < seconds:
            for _ in range(20):
                one()
            count += 20
        print(count / (time.perf_counter() - start), flush=True)


def _caller(client: str, message: str, port: int) -> Callable[[], Any]:
    parameters = MESSAGES[message][0]
    if client == "bare":
        return _bare(message, port)
    if client == "plain":
        http1.kind_of_answers = lambda: PlainAnswers
    if client in ("avrojet", "plain"):
        ours = rpc.Client(PROTOCOL, rpc.HttpTransport(f"http://127.0.0.1:{port}/"))
        return lambda: ours.call(message, parameters)
    if client == "facade":
        import avrojet.compat

        avrojet.compat.install("avro")
    import avro.ipc
    import avro.protocol

    requestor = avro.ipc.Requestor(
        avro.protocol.parse(PROTOCOL.json), avro.ipc.HTTPTransceiver("127.0.0.1", port)
    )
    return lambda: requestor.request(message, parameters)


def _bare(message: str, port: int) -> Callable[[], Any]:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    parameters, response = MESSAGES[message]
    body = frame(avrojet.Encoder(PROTOCOL.messages[message].request).encode(parameters))
    request = request_head("127.0.0.1", "/", {}) + b"%d\r\n\r\n%b" % (len(body), body)

    def one() -> Any:
        connection.sendall(request)
        connection.recv(1 << 14)
        return response

    return one


def main() -> None:
    parser = argparse.ArgumentParser(description="measure calls over HTTP")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5)
    arguments = parser.parse_args()
    for message in MESSAGES:
        rates = _measured(message, arguments.rounds, arguments.seconds)
        for client in CLIENTS:
            times = [ours / apache for ours, apache in zip(rates[client], rates["apache"], strict=True)]
            print(
                f"{message:6} {client:8} {median(rates[client]):8.0f} calls/s, "
                f"{median(times):.1f} times Apache avro's ({min(times):.1f} to {max(times):.1f})"
            )


def _measured(message: str, rounds: int, seconds: float) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {client: [] for client in CLIENTS}
    with ExitStack() as stack:
        server = _process(stack, "serve", message)
        port = server.stdout.readline().strip()
        processes = {client: _process(stack, "call", client, message, port) for client in CLIENTS}
        for process in processes.values():
            process.stdout.readline()
        for _ in range(rounds):
            for client, process in processes.items():
                print(seconds, file=process.stdin, flush=True)
                rates[client].append(float(process.stdout.readline()))
    return rates


def _process(stack: ExitStack, *words: str) -> Any:
    command = [sys.executable, "-m", "benchmarks.rpc_http", *words]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stack.enter_context(process)
    stack.callback(process.terminate)
    return process


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(*sys.argv[2:])
    elif sys.argv[1:2] == ["call"]:
        call(*sys.argv[2:])
    else:
        main()
