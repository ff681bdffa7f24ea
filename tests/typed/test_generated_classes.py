"""Classes of all six kinds made of any schema: they have that schema again, and values become instances."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import avrojet
from tests.compare import exact
from tests.strategies import readers, untagged, values, writers

pytestmark = pytest.mark.slow
KINDS = {
    "dataclass": None,
    "namedtuple": None,
    "typeddict": None,
    "struct": "msgspec",
    "attrs": "attrs",
    "pydantic": "pydantic",
}


WANTED = [
    pytest.param(
        kind, marks=pytest.mark.skipif(bool(library) and not find_spec(library), reason="not installed")
    )
    for kind, library in KINDS.items()
]


def whole(schema):
    return {"type": "record", "name": "Whole", "fields": [{"name": "v", "type": schema}]}


@pytest.mark.parametrize("kind", WANTED)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_any_schema_has_classes(kind, data):
    schema = avrojet.parse_schema(whole(data.draw(writers())))
    cls = avrojet.classes_from(schema, kind)["Whole"]
    assert avrojet.schema_of(cls) == schema
    tagged = data.draw(values(schema, logical=True))
    encoded = avrojet.Encoder(schema).encode(tagged)
    plain = untagged(schema, tagged)
    decoder, encoder = avrojet.Decoder(schema, cls), avrojet.Encoder(cls)
    instance = decoder.decode(encoded)
    assert isinstance(instance, dict if kind == "typeddict" else cls)
    again = encoder.encode(instance)
    assert exact(avrojet.Decoder(schema).decode(again)) == exact(avrojet.Decoder(schema).decode(encoded))
    assert plain is not None


@pytest.mark.parametrize("kind", WANTED)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_another_version_of_a_class_sees_what_its_schema_sees(kind, data):
    writer = whole(data.draw(writers()))
    schema = avrojet.parse_schema(writer)
    reader = avrojet.parse_schema(data.draw(readers(writer)))
    encoded = avrojet.Encoder(schema).encode(data.draw(values(schema, logical=True)))
    assume(reader.type == "record")
    try:
        cls = avrojet.classes_from(reader, kind)[reader.fullname]
        assert avrojet.schema_of(cls).canonical_form == reader.canonical_form  # 1 and 1.0 are one default
    except avrojet.SchemaError:  # a default that is no value of its logical type
        return
    try:
        expected = avrojet.Decoder(schema, reader).decode(encoded)
    except (avrojet.ResolutionError, avrojet.DecodeError) as error:
        with pytest.raises(type(error)):
            avrojet.Decoder(schema, cls).decode(encoded)
        return
    instance = avrojet.Decoder(schema, cls).decode(encoded)
    if kind == "dataclass":
        assert exact(avrojet.Decoder(reader).decode(avrojet.Encoder(cls).encode(instance))) == exact(
            avrojet.Decoder(reader).decode(avrojet.Encoder(reader).encode(expected))
        )
