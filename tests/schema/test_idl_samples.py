"""Samples of every construct of IDL mean what Avro for Java says that they mean.

expected.json is what Java 1.12.2 makes of them, as tests/peers/run_java_idl.py has written it.
"""

from __future__ import annotations

import json
import warnings

import pytest

import avrojet
from tests.container.samples import DATA
from tests.schema.meaning import definitions, meaning

SAMPLES = DATA / "idl"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))


def test_there_is_a_result_for_each_sample():
    files = [*SAMPLES.glob("*.avdl"), *SAMPLES.glob("common/*.avpr")]
    assert {file.relative_to(SAMPLES).as_posix() for file in files} == set(EXPECTED)
    assert not [name for name, result in EXPECTED.items() if "error" in result]


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.endswith(".avdl")])
def test_idl(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Java has none either
        idl = avrojet.load_idl(SAMPLES / name)
    expected = EXPECTED[name]
    assert expected["warnings"] == 0
    assert (idl.protocol is not None) == ("protocol" in expected)
    assert (idl.schema is not None) == ("schema" in expected)
    if idl.protocol is not None:
        assert meaning(json.loads(idl.protocol.json)) == meaning(expected["protocol"])
        assert idl.protocol.types == idl.types
        assert avrojet.load_protocol(SAMPLES / name) == idl.protocol
    if idl.schema is not None:
        assert meaning(json.loads(idl.schema.json)) == meaning(expected["schema"])
    types = [json.loads(type.json) for type in idl.types]
    assert definitions(types) == definitions(expected["types"])


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.endswith(".avpr")])
def test_protocols(name):
    protocol = avrojet.load_protocol(SAMPLES / name)
    assert meaning(json.loads(protocol.json)) == meaning(EXPECTED[name]["protocol"])


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.endswith(".avdl")])
def test_what_is_written_of_them_means_the_same(name):
    idl = avrojet.load_idl(SAMPLES / name)
    for what in filter(None, (idl.protocol, idl.schema)):
        again = avrojet.parse_idl(avrojet.emit_idl(what))
        assert (again.protocol or again.schema) == what
