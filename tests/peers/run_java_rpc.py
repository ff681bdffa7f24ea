"""Calls between avrojet and Avro for Java, both ways: HTTP, SASL sockets, plain sockets and Netty.

    python -m tests.peers.run_java_rpc

Protocols are the same on both sides, or the server's is newer, or the client's. avro-tools sends and receives
as well, over http:// and avro://.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import avrojet
from avrojet import rpc
from avrojet.schema.protocol import Protocol
from tests.peers.java_peer import classes, jars, lacking

VERSION: Final = "1.12.2"
OLDER: Final = "1.12.1"  # which is the last of avro-ipc-netty, and of avro-tools what its calls work in
FLAGS: Final = ["-Dorg.apache.avro.SERIALIZABLE_PACKAGES=*", "-Xmx300m", "-XX:TieredStopAtLevel=1"]
CALLS: Final = 200
THREADS: Final = 8
TRANSPORTS: Final = ["http", "sasl", "socket", "netty"]


def _pom(*artifacts: tuple[str, str, str]) -> str:
    wanted = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version>"
        "</dependency>"
        for group, name, version in artifacts
    )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>avrojet</groupId><artifactId>peer</artifactId><version>1</version>"
        f"<dependencies>{wanted}</dependencies></project>"
    )


AVRO: Final = "org.apache.avro"
NOP: Final = ("org.slf4j", "slf4j-nop", "2.0.17")
IPC: Final = _pom(
    (AVRO, "avro-ipc", VERSION), (AVRO, "avro-ipc-jetty", VERSION), (AVRO, "avro-ipc-netty", OLDER), NOP
)
# All that it needs is in it.
TOOLS: Final = _pom((AVRO, "avro-tools", OLDER)).replace(
    "</dependency>",
    "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>",
)


def protocol(*more: dict[str, Any]) -> Protocol:
    """The protocol, whose letters may have more fields."""
    letter = {"type": "record", "name": "Letter", "fields": [{"name": "to", "type": "string"}, *more]}
    bad = {"type": "error", "name": "Bad", "fields": [{"name": "why", "type": "string"}]}
    parameter = {"name": "letter", "type": "Letter"}
    messages = {
        "send": {"request": [parameter], "response": "string", "errors": ["Bad"]},
        "fire": {"request": [], "response": "null", "one-way": True},
        "fired": {"request": [], "response": "int"},
        "note": {"request": [], "response": "null"},
    }
    text = {"protocol": "Mail", "namespace": "org.post", "types": [letter, bad], "messages": messages}
    return avrojet.parse_protocol(text)


PLAIN: Final = protocol()
NEWER: Final = protocol({"name": "stamp", "type": "string", "default": "red"})


class Mail:
    """The handlers."""

    def __init__(self) -> None:
        self.count = 0

    def send(self, letter: dict[str, Any]) -> str:
        if letter["to"] == "nobody":
            raise rpc.RemoteError({"why": "no box"}, name="org.post.Bad")
        if letter["to"] == "boom":
            raise RuntimeError("boom")
        return json.dumps(letter)

    def fire(self) -> None:
        self.count += 1

    def note(self) -> None:
        """Nothing, which has an answer."""

    def fired(self) -> int:
        return self.count


def java(*words: object, **options: Any) -> subprocess.Popen[str]:
    """The peer, started."""
    path = f"{classes('RpcPeer', IPC)}{os.pathsep}{jars(IPC)}/*"
    command = ["java", *FLAGS, "-cp", path, "RpcPeer", *map(str, words)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


@contextmanager
def java_servers(path: Path) -> Iterator[dict[str, int]]:
    """Java's servers, and their ports."""
    with java("serve", path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(process.communicate()[1])
            yield json.loads(line)
        finally:
            process.stdin.close()
            process.wait(30)


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    """A server of avrojet, at work."""
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


class Uvicorn:
    """A server of ASGI, in the place of avrojet's own."""

    def __init__(self, theirs: Protocol) -> None:
        import uvicorn

        application = rpc.AsgiApplication(rpc.AsyncResponder(theirs, Mail()))
        self._server = uvicorn.Server(uvicorn.Config(application, log_level="error"))
        self._listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen()
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"

    def serve(self) -> None:
        self._server.run([self._listening])

    def close(self) -> None:
        self._server.should_exit = True


def transport_to(name: str, port: int) -> Any:
    if name == "http":
        return rpc.HttpTransport(f"http://127.0.0.1:{port}/")
    return rpc.SocketTransport(("127.0.0.1", port), name)  # type: ignore[arg-type]


def server_of(name: str, theirs: Protocol) -> Any:
    responder = rpc.Responder(theirs, Mail())
    if name == "http":
        return rpc.HttpServer(responder)
    if name == "asgi":
        return Uvicorn(theirs)
    if name == "plain":
        return rpc.SocketServer(
            responder, ("127.0.0.1", 0), authenticate=lambda user, word: (user, word) == ("ann", "secret")
        )
    return rpc.SocketServer(responder, ("127.0.0.1", 0), name)  # type: ignore[arg-type]


def letter_of(answer: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer)
    return found


def call_java(name: str, port: int, ours: Protocol, theirs: Protocol) -> None:
    """Call one of Java's servers from avrojet."""
    stamped = {"stamp": "red"} if theirs is NEWER else {}
    with rpc.Client(ours, transport_to(name, port)) as client:
        before = client.fired()
        assert client.ping().fullname == "org.post.Mail"
        client.fire()
        for _ in range(20):  # after which Java ends its answer twice
            assert client.note() is None
            assert letter_of(client.send(letter={"to": "ann"})) == {"to": "ann", **stamped}
            client.ping()
        answers: dict[str, Any] = {}

        def work(number: int) -> None:
            for each in range(number, CALLS, THREADS):
                to = f"box {each}"
                answers[to] = letter_of(client.send(letter={"to": to}))

        _in_threads(work)
        assert answers == {f"box {each}": {"to": f"box {each}", **stamped} for each in range(CALLS)}
        big = "x" * 300_000
        assert letter_of(client.send(letter={"to": big}))["to"] == big
        assert client.fired() == before + 1
        for to, value, declared in (("nobody", {"why": "no box"}, "org.post.Bad"), ("boom", None, None)):
            try:
                client.send(letter={"to": to})
            except rpc.RemoteError as error:
                assert error.name == declared
                assert value is None or error.value == value
            else:
                raise AssertionError(f"Java answers {to} with no error")


async def call_java_from_asyncio(port: int, ours: Protocol, theirs: Protocol) -> None:
    """The same over HTTP, many calls at a time."""
    stamped = {"stamp": "red"} if theirs is NEWER else {}
    async with rpc.AsyncClient(ours, rpc.AsyncHttpTransport(f"http://127.0.0.1:{port}/")) as client:
        assert await client.fire() is None
        letters = [{"to": f"box {each}"} for each in range(CALLS)]
        answers = await asyncio.gather(*(client.send(letter=letter) for letter in letters))
        assert [letter_of(answer) for answer in answers] == [{**letter, **stamped} for letter in letters]
        try:
            await client.send(letter={"to": "nobody"})
        except rpc.RemoteError as error:
            assert (error.name, error.value) == ("org.post.Bad", {"why": "no box"})
        else:
            raise AssertionError("Java answers with no error")


def _in_threads(work: Callable[[int], None]) -> None:
    failures: list[BaseException] = []

    def kept(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=partial(kept, number)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def called_by_java(ours: Protocol, path: Path) -> None:
    """Let Java call avrojet's servers."""
    stamped = {"stamp": "red"} if ours is NEWER else {}
    names = [*TRANSPORTS, "plain", *(["asgi"] if find_spec("uvicorn") else [])]
    with ExitStack() as stack:
        words: list[object] = []
        for name in names:
            server = stack.enter_context(serving(server_of(name, ours)))
            words += ["http" if name == "asgi" else name, server.url.rstrip("/").rpartition(":")[2]]
        out, err = java("call", path, CALLS, THREADS, *words).communicate(timeout=120)
    lines = out.splitlines()
    assert len(lines) == len(names), err
    for line in lines:
        result = json.loads(line)
        answers = [letter_of(answer) for answer in result["answers"]]
        assert answers == [{"to": f"box {each}", **stamped} for each in range(CALLS)]
        assert result["error"] == 'error: {"why": "no box"}'
        assert result["failure"].startswith("error: the server failed to answer")
        assert result["big"] is True
        assert result["fired"] == "1"


def tools(*words: str) -> subprocess.Popen[str]:
    """avro-tools, started."""
    (jar,) = jars(TOOLS).glob(f"avro-tools-{OLDER}.jar")
    command = ["java", *FLAGS, "-jar", str(jar), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def called_by_tools(name: str, path: Path) -> None:
    """Let avro-tools send to one of avrojet's servers."""
    with serving(server_of(name, NEWER)) as server:
        url = server.url
        words = ["rpcsend", url, str(path), "send", "-data", '{"letter": {"to": "ann"}}']
        out, err = tools(*words).communicate(timeout=120)
    assert letter_of(json.loads(out)) == {"to": "ann", "stamp": "red"}, err


def call_tools(name: str, path: Path) -> None:
    """Send to avro-tools, which receives."""
    scheme = "http" if name == "http" else "avro"
    with tools("rpcreceive", f"{scheme}://127.0.0.1:0/", str(path), "send", "-data", '"sent"') as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        with rpc.Client(NEWER, transport_to(name, port)) as client:
            assert client.send(letter={"to": "ann"}) == "sent"
        out, err = process.communicate(timeout=60)
    assert '"to":"ann"' in out.replace(" ", ""), err


def main() -> int:
    if lacking():
        print(f"skipped: {lacking()}")
        return 0
    logging.getLogger("avrojet.rpc").addHandler(logging.NullHandler())  # as one call is to fail
    with tempfile.TemporaryDirectory() as folder:
        plain, newer = Path(folder, "plain.avpr"), Path(folder, "newer.avpr")
        plain.write_text(PLAIN.json, encoding="utf-8")
        newer.write_text(NEWER.json, encoding="utf-8")
        with java_servers(plain) as ports, java_servers(newer) as newer_ports:
            for name in TRANSPORTS:
                call_java(name, ports[name], PLAIN, PLAIN)
                call_java(name, ports[name], NEWER, PLAIN)
                call_java(name, newer_ports[name], PLAIN, NEWER)
                print(f"avrojet calls Java by {name}: {3 * CALLS} calls")
            if find_spec("httpx"):
                asyncio.run(call_java_from_asyncio(ports["http"], NEWER, PLAIN))
                asyncio.run(call_java_from_asyncio(newer_ports["http"], PLAIN, NEWER))
                print(f"avrojet calls Java by http from asyncio: {2 * CALLS} calls")
        called_by_java(PLAIN, plain)
        called_by_java(NEWER, plain)
        print(f"Java calls avrojet by {', '.join(TRANSPORTS)}, with a password, and ASGI: {12 * CALLS} calls")
        for name in ("http", "sasl"):
            called_by_tools(name, plain)
            call_tools(name, plain)
            print(f"avro-tools sends and receives by {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
