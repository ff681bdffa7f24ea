"""Random schemas, values and bytes: the codec against itself and against the reference."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from avrojet import (
    DecodeError,
    Decoder,
    EncodeError,
    Encoder,
    LimitError,
    Limits,
    ResolutionError,
    TruncatedError,
    parse_schema,
)
from avrojet.schema.model import RecordSchema, Schema, UnionSchema
from tests import reference
from tests.compare import exact
from tests.strategies import parts, readers, untagged, values, writers

# Readers have defaults that are of no use, too.
pytestmark = pytest.mark.filterwarnings("ignore::avrojet.UnreadableDefaultWarning")

FEW = Limits(empty_items=1000)


@st.composite
def data_of(draw: st.DrawFn, *, logical: bool = True) -> tuple[Schema, Any, bytes]:
    """A schema, a tagged value, and its bytes as the reference makes them."""
    schema = parse_schema(draw(writers()))
    value = draw(values(schema, logical=logical))
    return schema, value, reference.encode(schema, value, logical=logical)


# The codec against itself and the reference


@given(data_of())
def test_there_and_back(case):
    schema, value, data = case
    assert Encoder(schema).encode(value) == data
    assert exact(Decoder(schema, unions="tagged").decode(data)) == exact(value)
    assert exact(Decoder(schema).decode(data)) == exact(untagged(schema, value))


@given(data_of(logical=False))
def test_there_and_back_plain(case):
    schema, value, data = case
    assert Encoder(schema, logical_types=False).encode(value) == data
    assert exact(Decoder(schema, logical_types=False, unions="tagged").decode(data)) == exact(value)


@given(data_of(), st.integers(0, 5), st.binary(max_size=3))
def test_every_way_of_reading(case, count, before):
    schema, value, data = case
    decoder, start = Decoder(schema), len(before)
    many = before + data * count
    expected = exact([untagged(schema, value)] * count)
    assert exact(decoder._decode_block(many, count, start)) == (tuple, [expected, exact(len(many))])
    assert exact(list(decoder._rows(data * count, count, ValueError))) == expected
    assert decoder._skip_block(many, count, start) == len(many)
    if data:
        assert exact(decoder.decode_many(data * count)) == expected
        assert exact(decoder.decode_from(before + data, start)) == exact(
            (untagged(schema, value), start + len(data))
        )


@given(data_of(), st.integers(0, 5))
def test_every_way_of_writing(case, count):
    schema, value, data = case
    encoder, block, target = Encoder(schema), Encoder(schema)._block(), bytearray()
    for _ in range(count):
        block.append(value)
        encoder.encode_into(target, value)
    assert block.size == len(data) * count
    assert block.take() == target == encoder.encode_many([value] * count) == data * count


@given(data_of())
def test_records_as_tuples(case):
    """Fields of the strategies' records are called f0, f1, ...; keys of their maps seldom are."""
    schema, _, data = case
    tuples = Decoder(schema, records="tuple").decode(data)
    assert flat(tuples) == flat(Decoder(schema).decode(data))


def flat(value: Any) -> list[Any]:
    """The leaves in order."""
    if isinstance(value, dict):
        return flat(list(value.values()))
    if type(value) in (list, tuple):
        return [leaf for item in value for leaf in flat(item)]
    return [exact(value)]


@given(data_of())
def test_what_is_read_can_be_written(case):
    """Untagged, a value may go to another branch; but to one that shows it the same."""
    schema, _, data = case
    assume(not has_records_with_the_same_fields(schema))
    shown = Decoder(schema).decode(data)
    again = Decoder(schema).decode(Encoder(schema).encode(shown))
    assert again == shown


def has_records_with_the_same_fields(schema: Schema) -> bool:
    """Whether there is a union of which a dict alone does not tell the branch."""
    for union in parts(schema):
        if isinstance(union, UnionSchema):
            records = [branch for branch in union.branches if isinstance(branch, RecordSchema)]
            names = {frozenset(field.name for field in branch.fields) for branch in records}
            if len(names) < len(records) or (
                records and any(branch.type == "map" for branch in union.branches)
            ):
                return True
    return False


@given(data_of(), st.data())
def test_a_prefix_is_truncated(case, data):
    schema, _, encoded = case
    assume(encoded)
    prefix = encoded[: data.draw(st.integers(0, len(encoded) - 1))]
    for decoder in (Decoder(schema), Decoder(schema, records="tuple", unions="tagged")):
        with pytest.raises(TruncatedError):
            decoder.decode(prefix)
    with pytest.raises(TruncatedError):
        Decoder(schema)._skip_block(prefix, 1)


# Damaged bytes


class StrictReader(reference.Reader):
    """The reference, which also looks at the sizes of blocks and loses patience."""

    def block_counts(self) -> Any:
        while (count := self.number(64)) != 0:
            end = None
            if count < 0:
                size = self.number(64)
                end = self.position + size
                if size < 0 or end > len(self.data) or count == -(2**63):
                    raise reference.MalformedError("block size")
            assume(abs(count) <= 10_000)
            yield abs(count)
            if end not in (None, self.position):
                raise reference.MalformedError("block size")


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Bytes with a few replaced, inserted or removed."""
    out = bytearray(data)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(out)))
        match draw(st.sampled_from(["replace", "insert", "remove"])):
            case "replace":
                out[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
            case "insert":
                out[place:place] = draw(st.binary(min_size=1, max_size=11))
            case _:
                del out[place : place + draw(st.integers(1, 3))]
    return bytes(out)


def outcome(read: Any) -> Any:
    """What was read, or that it is malformed. The reference does not keep the bits of NaNs."""
    try:
        return exact(read(), nan_bits=False)
    except LimitError:
        assume(False)
    except (DecodeError, reference.MalformedError):
        return "malformed"


@given(data_of(), st.booleans(), st.data())
def test_damaged_bytes(case, logical, data):
    """The codec and the reference agree on what is malformed, and on all else."""
    schema, _, encoded = case
    bad = data.draw(damaged(encoded))
    decoder = Decoder(schema, logical_types=logical, limits=FEW)
    source = StrictReader(bad, 0, reference.Shown(logical, tagged=False))
    decoded = outcome(lambda: decoder.decode_from(bad))
    expected = outcome(lambda: (source.value(schema), source.position))
    event("malformed" if decoded == "malformed" else "read")
    assert decoded == expected


@given(data_of(), st.data())
def test_damaged_bytes_in_every_way_of_reading(case, data):
    """Documented errors only, and the same from each."""
    schema, _, encoded = case
    bad = data.draw(damaged(encoded))
    plain = Decoder(schema, limits=FEW, logical_types=False)
    decoded = result(lambda: plain.decode_from(bad))
    skipped = result(lambda: plain._skip_block(bad, 1))
    if not isinstance(decoded, str):
        assert skipped == decoded[1]
    tagged = Decoder(schema, limits=FEW, logical_types=False, records="tuple", unions="tagged")
    shown = result(lambda: tagged.decode_from(bad)[1])
    assert shown == (decoded if isinstance(decoded, str) else decoded[1])
    for read in (
        plain.decode_many,
        lambda it: list(plain._rows(it, 3, lambda error, place: error or ValueError())),
    ):
        result(lambda it=read: it(bad))


def result(read: Any) -> Any:
    """What was read, or the error's name, path and offset."""
    try:
        return read()
    except DecodeError as error:
        return f"{type(error).__name__} {error.path} {error.offset}"
    except ValueError:
        return "the end of rows"


@given(st.data())
def test_damaged_bytes_of_another_schema(data):
    source = data.draw(writers())
    writer = parse_schema(source)
    encoded = Encoder(writer, logical_types=False).encode(data.draw(values(writer)))
    try:
        decoder = Decoder(writer, data.draw(readers(source)), limits=FEW)
    except ResolutionError:
        return
    bad = data.draw(damaged(encoded))
    for read in (decoder.decode, lambda it: decoder._skip_block(it, 1)):
        try:
            read(bad)
        except (DecodeError, ResolutionError) as error:
            assert error.path is None or error.path.startswith("$")


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.dates()
    | st.decimals(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(max_size=3) | st.integers(), inner) | st.tuples(inner)
    ),
    max_leaves=5,
)


@given(data_of(), ANYTHING)
def test_any_value_at_all(case, value):
    """It fits, or it is an EncodeError; and a block is as it was."""
    schema, good, data = case
    block = Encoder(schema)._block()
    block.append(good)
    try:
        block.append(value)
    except (EncodeError, LimitError) as error:
        assert error.path.startswith("$")
        block.append(good)
        assert block.take() == data * 2
    else:
        encoded = block.take()
        assert encoded.startswith(data)
        # Plain encodings of logical types are taken unseen.
        Decoder(schema, logical_types=False).decode(encoded[len(data) :])
