"""Resolution in the engine against the reference, on random schemas, what became of them, and values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from avrojet import DecodeError, Decoder, Encoder, ResolutionError
from avrojet.plan.check import check_compatibility
from avrojet.plan.resolve import resolve
from avrojet.schema.parse import parse_schema
from tests import reference
from tests.strategies import readers, values, writers

# Readers have defaults that are of no use, too.
pytestmark = pytest.mark.filterwarnings("ignore::avrojet.UnreadableDefaultWarning")


def outcome(read: Any) -> Any:
    """What was read, types and all; or that it could not be."""
    try:
        return strict(read())
    except (DecodeError, reference.MalformedError):
        return "malformed"
    except (ResolutionError, reference.MismatchError):
        return "mismatch"


def strict(value: Any) -> Any:
    """A value that is equal only to one of the same types."""
    if isinstance(value, dict):
        return {key: strict(item) for key, item in value.items()}
    if isinstance(value, list):
        return [strict(item) for item in value]
    if type(value) is tuple:
        return tuple(strict(item) for item in value)
    if isinstance(value, tuple):
        return strict(tuple(value))
    return type(value), value, str(value)


@given(st.data(), st.booleans(), st.booleans())
def test_plain(data, logical, tagged):
    schema = parse_schema(data.draw(writers()))
    value = data.draw(values(schema))
    encoded = reference.encode(schema, value, logical=False)
    assert Encoder(schema, logical_types=False).encode(value) == encoded
    decoder = Decoder(schema, logical_types=logical, unions="tagged" if tagged else "plain")
    expected = outcome(lambda: reference.decode(schema, encoded, logical=logical, tagged=tagged)[0])
    assert outcome(lambda: decoder.decode(encoded)) == expected


@given(st.data(), st.booleans(), st.booleans())
def test_resolved(data, logical, tagged):
    source = data.draw(writers())
    writer, reader = parse_schema(source), parse_schema(data.draw(readers(source)))
    value = data.draw(values(writer))
    encoded = reference.encode(writer, value, logical=False)
    expected = outcome(
        lambda: reference.read_resolved(writer, reader, encoded, logical=logical, tagged=tagged)
    )
    compatible = bool(check_compatibility(reader, writer))
    assert not (compatible and expected == "mismatch")
    try:
        resolve(writer, reader, logical=logical)
    except ResolutionError:
        assert not compatible
        assume(False)
    event(expected if isinstance(expected, str) else "read")
    decoder = Decoder(writer, reader, logical_types=logical, unions="tagged" if tagged else "plain")
    assert outcome(lambda: decoder.decode(encoded)) == expected
