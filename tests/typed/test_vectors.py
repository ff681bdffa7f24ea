"""Every vector through every kind of class equals the dict."""

from __future__ import annotations

from typing import Any

import pytest

import avrojet
from avrojet.typed.annotations import meaning_of, merged
from avrojet.typed.classes import attributes_of, has_fields
from tests.cases import for_each
from tests.compare import exact
from tests.vectors import VECTORS, Vector, by_name

KINDS = {
    "dataclass": None,
    "namedtuple": None,
    "typeddict": None,
    "struct": "msgspec",
    "attrs": "attrs",
    "pydantic": "pydantic",
}


def wrapped(vector: Vector) -> avrojet.Schema:
    """A record around the vector's schema, so that there is a class whatever that is."""
    field = {"name": "v", "type": vector.schema}
    return avrojet.parse_schema({"type": "record", "name": "Whole", "fields": [field]})


def as_dict(value: Any) -> Any:
    """Instances and members as the dicts and symbols that stand for them."""
    if isinstance(value, dict):
        return {key: as_dict(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_dict(item) for item in value]
    if has_fields(type(value)) and not isinstance(value, avrojet.Duration):
        fields = {}
        for attribute in attributes_of(type(value)):
            options = merged(meaning_of(attribute.hint, {}, "").options, attribute.options)
            fields[options.name or attribute.name] = as_dict(getattr(value, attribute.name))
        return fields
    return value.value if hasattr(type(value), "__members__") else value


@for_each("vector", VECTORS, ids=by_name)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore:Field name:UserWarning")
def test_a_vector_is_the_same_as_instances(kind, vector):
    if KINDS[kind] is not None:
        pytest.importorskip(KINDS[kind])
    schema = wrapped(vector)
    cls = avrojet.classes_from(schema, kind)["Whole"]
    assert avrojet.schema_of(cls) == schema
    decoder, encoder = avrojet.Decoder(schema, cls), avrojet.Encoder(cls)
    instance = decoder.decode(vector.data)
    assert isinstance(instance, dict if kind == "typeddict" else cls)
    assert exact(as_dict(instance)) == exact({"v": vector.value})
    plain = avrojet.Encoder(schema).encode({"v": vector.value})
    assert encoder.encode(instance) == plain
    assert encoder.encode({"v": vector.value}) == plain
    if vector.written:
        assert plain == vector.data
