"""Canonical form and fingerprints, also against Apache's own table of cases."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

import pytest

from avrojet.schema.canonical import fingerprint
from avrojet.schema.parse import parse_schema


class Case(NamedTuple):
    source: str
    canonical: str
    fingerprint: int | None


def cases(text):
    """Of the file schema-tests.txt: an input of several lines ends at a line INPUT."""
    text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("#", "//")))
    for part in text.split("<<INPUT")[1:]:
        source, _, rest = part.partition("<<canonical")
        found = re.search(r"<<fingerprint (-?\d+)", rest)
        yield Case(
            source.strip().removesuffix("\nINPUT"),
            rest.partition("<<")[0].strip(),
            int(found[1]) if found else None,
        )


@pytest.fixture(scope="module")
def apache(shared_testdata):
    return list(cases((shared_testdata / "apache-avro/data/schema-tests.txt").read_text(encoding="utf-8")))


def test_apache_cases(apache):
    assert len(apache) == 34
    assert [parse_schema(case.source).canonical_form for case in apache] == [
        case.canonical for case in apache
    ]


def test_apache_fingerprints(apache):
    known = [case for case in apache if case.fingerprint is not None]
    assert len(known) > 15
    for case in known:
        crc = parse_schema(case.source).fingerprint()
        assert int.from_bytes(crc, "little", signed=True) == case.fingerprint


def test_a_canonical_form_is_its_own(apache):
    for case in apache:
        assert parse_schema(case.canonical).canonical_form == case.canonical


TRANSFORMED = {
    "primitives": ({"type": "int"}, '"int"'),
    "primitives with a logical type": ({"type": "int", "logicalType": "date"}, '"int"'),
    "fullnames": (
        {"type": "enum", "name": "E", "namespace": "a.b", "symbols": ["X"]},
        '{"name":"a.b.E","type":"enum","symbols":["X"]}',
    ),
    "strip": (
        {"type": "fixed", "name": "F", "size": 2, "doc": "d", "aliases": ["G"], "logicalType": "x", "y": 1},
        '{"name":"F","type":"fixed","size":2}',
    ),
    "strip the default of an enum": (
        {"type": "enum", "name": "E", "symbols": ["X"], "default": "X"},
        '{"name":"E","type":"enum","symbols":["X"]}',
    ),
    "strip fields, and references by fullname": (
        {
            "fields": [
                {"default": 1, "name": "a", "order": "ignore", "type": "int", "doc": "d", "aliases": ["b"]},
                {"name": "r", "type": ["R"]},
            ],
            "name": "R",
            "namespace": "n",
            "type": "record",
        },
        '{"name":"n.R","type":"record","fields":[{"name":"a","type":"int"},{"name":"r","type":["n.R"]}]}',
    ),
    "order": ({"values": {"items": "int", "type": "array"}, "type": "map"},
              '{"type":"map","values":{"type":"array","items":"int"}}'),
    "integers": ('{"type":"fixed","name":"F","size":16}', '{"name":"F","type":"fixed","size":16}'),
    "whitespace": ('[ "null" ,\n "int" ]', '["null","int"]'),
    "an error": ({"type": "error", "name": "E", "fields": []}, '{"name":"E","type":"record","fields":[]}'),
    "dotted names": (
        {
            "type": "record",
            "name": "a.b.R",
            "namespace": "x.y",
            "fields": [
                {"name": "f", "type": {"type": "fixed", "name": "F", "size": 1}},
                {"name": "g", "type": {"type": "enum", "name": "c.E", "namespace": "z", "symbols": ["X"]}},
                {"name": "h", "type": ["a.b.F", "c.E"]},
                {"name": "i", "type": {"type": "error", "name": "Q", "namespace": "", "fields": []}},
            ],
        },
        (
            '{"name":"a.b.R","type":"record","fields":['
            '{"name":"f","type":{"name":"a.b.F","type":"fixed","size":1}},'
            '{"name":"g","type":{"name":"c.E","type":"enum","symbols":["X"]}},'
            '{"name":"h","type":["a.b.F","c.E"]},'
            '{"name":"i","type":{"name":"Q","type":"record","fields":[]}}]}'
        ),
    ),
    "an error has a namespace for what is in it": (
        {
            "type": "error",
            "name": "n.Bad",
            "fields": [
                {"name": "f", "type": {"type": "fixed", "name": "F", "size": 1}},
                {"name": "g", "type": "F"},
            ],
        },
        (
            '{"name":"n.Bad","type":"record","fields":['
            '{"name":"f","type":{"name":"n.F","type":"fixed","size":1}},{"name":"g","type":"n.F"}]}'
        ),
    ),
    "escapes": (r'{"type": "\u0066ixed", "name": "\u0046", "size": 1, "doc": "\u00e9\/"}',
                '{"name":"F","type":"fixed","size":1}'),
    "an empty union": ([], "[]"),
    "no symbols": ({"type": "enum", "name": "E", "symbols": []}, '{"name":"E","type":"enum","symbols":[]}'),
}  # fmt: skip


@pytest.mark.parametrize(("source", "canonical"), TRANSFORMED.values(), ids=TRANSFORMED)
def test_a_transformation(source, canonical):
    assert parse_schema(source).canonical_form == canonical


def test_strings_have_the_escapes_that_json_demands():
    name = 'q"b\\s/\n\x01\x7f\u00e4\u20ac\U0001f600'
    schema = parse_schema({"type": "fixed", "name": name, "size": 1}, names="lax")
    text = r'{"name":"q\"b\\s/\n\u0001' + '\x7f\u00e4\u20ac\U0001f600","type":"fixed","size":1}'
    assert schema.canonical_form == text
    assert schema.fingerprint("MD5") == hashlib.md5(text.encode("utf-8")).digest()


# Those of "int", as Apache's and other implementations have them.
@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        ("CRC-64-AVRO", "8f5c393f1ad57572"),
        ("MD5", "ef524ea1b91e73173d938ade36c1db32"),
        ("SHA-256", "3f2b87a9fe7cc9b13835598c3981cd45e3e355309e5090aa0933d7becb6fba45"),
    ],
)
def test_fingerprints(algorithm, digest):
    assert parse_schema("int").fingerprint(algorithm).hex() == digest
    assert fingerprint('"int"', algorithm).hex() == digest


def test_the_fingerprint_of_nothing_is_the_polynomial():
    assert int.from_bytes(fingerprint("", "CRC-64-AVRO"), "little") == 0xC15D213AA4D7A795


def test_other_algorithms_are_refused():
    with pytest.raises(ValueError, match="'CRC-64-AVRO', 'MD5' or 'SHA-256', not 'md5'"):
        parse_schema("int").fingerprint("md5")
