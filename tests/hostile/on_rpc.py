"""Hostile clients and servers of remote calls, in every framing: what they send, without I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from avrojet.rpc.framing import frame
from avrojet.rpc.handshake import HandshakeRequest, HandshakeResponse, Match
from avrojet.rpc.netty import frame_numbered
from tests.fuzz.on_rpc import MOST, NEWER, OURS
from tests.hostile.case import Case, Gives, Refused
from tests.reference import number

MANY = 200_000
SERVED = Gives(None)
KNOWN = HandshakeRequest(OURS.md5, None, OURS.md5).encode()
BOTH = HandshakeResponse(Match.BOTH).encode()
NONE = HandshakeResponse(Match.NONE, NEWER.json, NEWER.md5).encode()
NEVER = HandshakeRequest(b"n" * 16, None, OURS.md5).encode()


def _text(data: bytes) -> bytes:
    return number(len(data)) + data


def _with_protocol(text: bytes) -> bytes:
    return b"h" * 16 + b"\x02" + _text(text) + OURS.md5 + b"\x00"


def _deep(opened: bytes, closed: bytes) -> bytes:
    return opened * 10_000 + closed * 10_000


# Requests that are answered with an error, after which the server goes on.
REQUESTS: dict[str, bytes] = {
    "no bytes": b"",
    "one byte": b"\x00",
    "half a hash": b"h" * 15,
    "a hash that nobody knows": NEVER + b"\x00\x08send",
    "a branch that the handshake has not": b"h" * 16 + b"\x04",
    "a protocol of 2^62 bytes": b"h" * 16 + b"\x02" + number(1 << 62),
    "a protocol of -1 bytes": b"h" * 16 + b"\x02" + number(-1),
    "a protocol that is no JSON": _with_protocol(b"{"),
    "a protocol that is no protocol": _with_protocol(b'"int"'),
    "a protocol that is not UTF-8": _with_protocol(b"\xff\xfe"),
    "a deep protocol": _with_protocol(_deep(b'{"":', b"}")),
    "a protocol of deep types": _with_protocol(
        b'{"protocol":"P","types":' + _deep(b"[", b"]") + b',"messages":{}}'
    ),
    "a protocol of another message": _with_protocol(b'{"protocol":"P","messages":{}}') + b"\x00\x08send",
    "a protocol whose message has other parameters": _with_protocol(
        b'{"protocol":"P","messages":{"send":{"request":[{"name":"x","type":"int"}],"response":"string"}}}'
    )
    + b"\x00\x08send\x02",
    "metadata of 2^62 entries": KNOWN + number(1 << 62),
    "metadata of many entries": KNOWN + number(MOST // 4) + b"\x02a\x00" * (MOST // 4),
    "metadata of -2^63 entries": KNOWN + number(-(1 << 63)),
    "a message that nobody knows": KNOWN + b"\x00\x0cnobody",
    "a name of 2^40 bytes": KNOWN + b"\x00" + number(1 << 40),
    "a name that is not UTF-8": KNOWN + b"\x00\x04\xff\xff",
    "parameters that end too soon": KNOWN + b"\x00\x08send\x7f",
    "parameters after which there is more": KNOWN + b"\x00\x08send\x02ab",
    "a varint without an end": KNOWN + b"\x00\x08send" + b"\xff" * 12,
}
# Of each framing: what no message begins with, and the connection ends.
STREAMS: dict[str, dict[str, bytes]] = {
    "socket": {
        "a buffer of 2^31 bytes": b"\x7f\xff\xff\xff",
        "a buffer of 2^32 bytes": b"\xff\xff\xff\xff",
        "many small buffers": b"\x00\x00\x00\x01a" * (MOST + 1),
        "HTTP": b"GET / HTTP/1.1\r\n\r\n",
    },
    "netty": {
        "a buffer of 2^31 bytes": b"\0\0\0\1\0\0\0\1\x7f\xff\xff\xff",
        "2^32 empty buffers": b"\0\0\0\1\xff\xff\xff\xff" + bytes(MOST + 8),
        "many small buffers": b"\0\0\0\1\xff\xff\xff\xff" + b"\x00\x00\x00\x01a" * (MOST + 1),
    },
    "sasl": {
        "another status": b"\x07",
        "the wrong side's status": b"\x03\0\0\0\0",
        "a mechanism of 2^32 bytes": b"\0\xff\xff\xff\xff",
        "a mechanism that is none": b"\0\0\0\0\1X\0\0\0\0",
        "a password where none is wanted": b"\0\0\0\0\5PLAIN\0\0\0\4\0a\0b",
        "a large frame after it": b"\0\0\0\0\x09ANONYMOUS\0\0\0\0\x7f\xff\xff\xff",
    },
    "plain": {
        "nobody": b"\0\0\0\0\x09ANONYMOUS\0\0\0\0",
        "a wrong password": b"\0\0\0\0\5PLAIN\0\0\0\6\0ann\0b",
        "no password": b"\0\0\0\0\5PLAIN\0\0\0\3ann",
        "a role": b"\0\0\0\0\5PLAIN\0\0\0\x0fbob\0ann\0secret\0",
        "what is not UTF-8": b"\0\0\0\0\5PLAIN\0\0\0\3\0\xff\0",
    },
    "http": {
        "no body": b"",
        "half a length": b"\0\0",
        "no end": b"\0\0\0\1a",
        "two messages": frame(b"a") * 2,
        "a buffer of 2^31 bytes": b"\x7f\xff\xff\xff",
    },
}
# What a server may answer to a call, which the client then tells of.
ANSWERS: dict[str, bytes] = {
    "one byte": b"\x00",
    "a match that there is not": b"\x06",
    "a match without a protocol": b"\x02\x00\x00\x00",
    "a protocol that is none": b"\x02\x02" + _text(b"{}") + b"\x02" + b"s" * 16 + b"\x00",
    "a deep protocol": b"\x02\x02" + _text(_deep(b"[", b"]")) + b"\x02" + b"s" * 16 + b"\x00",
    "a protocol of 2^62 bytes": b"\x02\x02" + number(1 << 62),
    "no flag": BOTH + b"\x00",
    "another flag": BOTH + b"\x00\x02",
    "an error that is not declared": BOTH + b"\x00\x01\x06",
    "metadata of 2^62 entries": BOTH + number(1 << 62),
    "metadata of many entries": BOTH + number(MOST // 4) + b"\x02a\x00" * (MOST // 4),
    "a response of 2^40 bytes": BOTH + b"\x00\x00" + number(1 << 40),
    "a response after which there is more": BOTH + b"\x00\x00\x02ab",
    "to send the protocol, for ever": NONE,
}


def _pack(framing: str, message: bytes, times: int = 1) -> bytes:
    if framing == "netty":
        return b"".join(frame_numbered(message, serial) for serial in range(times))
    if framing == "sasl":
        return b"\0\0\0\0\x09ANONYMOUS\0\0\0\0" + frame(message) * times
    return frame(message) * times


def _serving(framing: str, data: Callable[[], bytes]) -> Callable[..., object]:
    return lambda library: library.serve_calls(framing, data()) and None


def _calling(framing: str, data: bytes) -> Callable[..., object]:
    return lambda library: library.read_answers(framing, data)


def cases() -> Iterator[Case]:
    for name, request in REQUESTS.items():
        for framing in ("http", "socket", "netty"):
            yield Case(
                f"{name} by {framing}",
                "calls",
                _serving(framing, lambda f=framing, r=request: _pack(f, r)),
                SERVED,
            )
    for framing, streams in STREAMS.items():
        for name, data in streams.items():
            yield Case(
                f"{name} by {framing}",
                "calls",
                _serving(framing, lambda data=data: data),
                Refused((ValueError,)),
            )
    for framing in ("socket", "netty"):
        many = _serving(framing, lambda framing=framing: _pack(framing, NEVER, MANY // 10))
        yield Case(f"many hashes that nobody knows by {framing}", "calls", many, SERVED)
    for name, answer in ANSWERS.items():
        for framing in ("http", "sasl", "netty"):
            data = answer if framing == "http" else b""
            times = 2 if answer is NONE else 1
            data = frame(answer) if framing == "http" else _pack(framing, answer, times)
            if framing == "sasl":
                data = b"\x03\0\0\0\0" + frame(answer) * times
            yield Case(f"{name} by {framing}", "answers", _calling(framing, data))
    for name, data in {
        "a server that knows no SASL": b"HTTP/1.1 400 Bad Request\r\n\r\n",
        "a refusal of 2^32 bytes": b"\x02\xff\xff\xff\xff",
        "a refusal": b"\x02\0\0\0\2no",
        "a challenge": b"\x01\0\0\0\0",
        "the end": b"",
    }.items():
        yield Case(name, "answers", _calling("sasl", data))
