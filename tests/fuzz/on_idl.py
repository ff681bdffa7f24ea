"""Oracles for text in Avro's IDL, and for the text of protocols."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import avrojet
from avrojet.errors import AvroError, IdlError
from tests.container.samples import DATA
from tests.fuzz.oracles import LIMITS, Finding

SMALL = [
    "schema int;",
    "protocol P { }",
    'namespace a; schema map<R?>; /** x */ record R { @x([1]) string? f = "y", g; }',
    '@namespace("a") protocol P { error E { int `error`; } fixed F(0x10); E? m(F f) throws E; }',
    "protocol P { int add(int a, int b = 0x1); void send(array<date> what) oneway; }",
    'protocol P { enum E { A, B } = A; record R { decimal(4, 2) d; union { null, E } e = "B"; } }',
]


def idl_texts() -> Iterator[tuple[str, str]]:
    """Names and texts that are valid."""
    yield from ((f"small {number}", text) for number, text in enumerate(SMALL))
    for path in sorted((DATA / "idl").glob("*.avdl")):
        text = path.read_text(encoding="utf-8")
        if "import " not in text:
            yield path.stem, text


def protocol_texts() -> Iterator[tuple[str, str]]:
    for name, text in idl_texts():
        protocol = avrojet.parse_idl(text).protocol
        if protocol is not None:
            yield name, protocol.json


def check_idl(data: bytes) -> bool:
    """Text of IDL: it is refused with a place that it has, or it comes back as it is."""
    text = data.decode("utf-8", "surrogateescape")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            idl = avrojet.parse_idl(text, limits=LIMITS)
        except IdlError as error:
            _check_place(text, error)
            return False
        except AvroError:
            return False
        for what in (idl.protocol, idl.schema):
            if what is not None:
                _check_comes_back(what)
    for type in idl.types:
        if avrojet.parse_schema(type.json) != type:
            raise Finding(f"{type!r} comes back otherwise")
    return True


def _check_place(text: str, error: IdlError) -> None:
    lines = text.split("\n")
    if not error.line or not error.column or not 0 < error.line <= len(lines):
        raise Finding(f"no place: {error!r}") from error
    if not 0 < error.column <= len(lines[error.line - 1]) + 1:
        raise Finding(f"a place beside the text: {error!r}") from error


def _check_comes_back(what: avrojet.Protocol | avrojet.Schema) -> None:
    try:
        text = avrojet.emit_idl(what)
    except avrojet.SchemaError as error:
        if not str(error).startswith("IDL cannot say "):
            raise
        return
    again = avrojet.parse_idl(text)
    if (again.protocol or again.schema) != what:
        raise Finding(f"{what!r} comes back as {again!r}")


def check_protocol(data: bytes) -> bool:
    """Text of a protocol: it is refused, or it comes back as it is, from IDL as well."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            protocol = avrojet.parse_protocol(data.decode("utf-8", "surrogateescape"), limits=LIMITS)
        except AvroError:
            return False
        again = avrojet.parse_protocol(protocol.json)
        if again != protocol or again.types != protocol.types:
            raise Finding(f"{protocol!r} comes back as {again!r}")
        _check_comes_back(protocol)
    return True
