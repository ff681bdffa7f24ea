"""What must hold of any input at all: the checks that every fuzz target and the mutation runner share.

Each raises Finding if it does not hold, lets through any exception that is not documented, and says whether
the input was valid.
"""

from __future__ import annotations

import io
import warnings
from contextlib import suppress
from enum import StrEnum
from itertools import islice
from typing import Any

import avrojet
from avrojet import AvroError, DataFileReader, DataFileWriter, DecodeError, Decoder, Encoder, Limits
from avrojet.core.plan.plan import freeze
from avrojet.core.rows.measure import Measure
from avrojet.errors import facts_of
from avrojet.inspection.tracing import tracer_of
from avrojet.plan.resolve import resolve
from tests.compare import exact
from tests.fuzz.finding import Finding
from tests.fuzz.on_columns import check_columns, check_file_columns, columns_of
from tests.fuzz.on_traces import check_inspection, check_trace

# Far below the defaults: what is bounded is the same, and a run of a million inputs stays short.
LIMITS = Limits(empty_items=20_000, block_bytes=1 << 20, schema_bytes=1 << 16)

_MOST_ROWS = 100_000

# What decoding may raise: a branch that the reader's schema has nothing for is known when it is met.
REFUSED = (DecodeError, avrojet.ResolutionError)


class Codec:
    """Every way to read and write the data of one schema."""

    def __init__(self, writer: Any, reader: Any = None) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", avrojet.IgnoredLogicalTypeWarning)
            self.decoder = Decoder(writer, reader, limits=LIMITS)
            self.plain = Decoder(writer, reader, limits=LIMITS, logical_types=False)
            self.tuples = Decoder(writer, reader, limits=LIMITS, records="tuple")
            self.tagged = Decoder(writer, reader, limits=LIMITS, unions="tagged")
            self.encoder = Encoder(self.decoder.reader_schema, limits=LIMITS)
            self.tracer = tracer_of(self.decoder.writer_schema, LIMITS)
            self.measured = freeze(resolve(self.decoder.writer_schema), limits=LIMITS)
            self.columns = columns_of(self.decoder.writer_schema, self.decoder.reader_schema, LIMITS)
            schema = self.decoder.reader_schema
            self.reader = Decoder(schema, limits=LIMITS, unions="tagged")
            # An encoder takes the plain encoding of logical types too, and does not check its meaning.
            self.plain_reader = Decoder(schema, limits=LIMITS, unions="tagged", logical_types=False)
            self.plain_encoder = Encoder(schema, limits=LIMITS, logical_types=False)


def check_datum(codec: Codec, data: bytes) -> bool:
    """Bytes of a datum, and whatever may follow it."""
    check_trace(codec.tracer, codec.decoder.writer_schema, data, LIMITS)
    _check_measure(codec, data)
    for columns in codec.columns:
        check_columns(columns, data)
    try:
        value, end = codec.decoder.decode_from(data)
    except REFUSED as error:
        _check_refused(codec, data, error)
        return False
    if not 0 <= end <= len(data):
        raise Finding(f"the datum of {len(data)} bytes ends at {end}")
    _check_ways_of_reading(codec, data, value, end)
    _check_round_trip(codec, data, end)
    return True


def _check_measure(codec: Codec, data: bytes) -> None:
    """What has a trace has a measure, of as many bytes; and whatever was measured can be told."""
    trace = codec.tracer.trace(data)
    measure = Measure(codec.measured)
    try:
        end = measure.add(data, 1)
    except DecodeError as error:
        if trace.error is None:
            raise Finding(f"only the measure refuses it: {error!r}") from error
    else:
        if trace.error is None and end != trace.end:
            raise Finding(f"the trace ends at {trace.end}, the measure at {end}")
    measure.rows()


def _check_refused(codec: Codec, data: bytes, error: AvroError) -> None:
    """The other ways of reading refuse it as well, with the same words."""
    for read in (
        lambda: codec.decoder._decode_block(data, 1),
        lambda: codec.tagged.decode_from(data),
        lambda: codec.tuples.decode_from(data),
    ):
        try:
            read()
        except REFUSED as other:
            if type(other) is not type(error) or {**facts_of(other), "row": None} != {
                **facts_of(error),
                "row": None,
            }:
                raise Finding(f"two errors: {error!r} and {other!r}") from error
        else:
            raise Finding(f"only some ways of reading refuse it: {error!r}")
    for read in (lambda: codec.decoder.decode_many(data), lambda: codec.decoder._skip_block(data, 1)):
        with suppress(*REFUSED):
            read()


def _check_ways_of_reading(codec: Codec, data: bytes, value: Any, end: int) -> None:
    whole = exact(value)
    rows, block_end = codec.decoder._decode_block(data, 1)
    if block_end != end or exact(rows) != exact([value]):
        raise Finding(f"decode gives {value!r} up to {end}, decode_block {rows!r} up to {block_end}")
    skipped = codec.decoder._skip_block(data, 1)
    if skipped != end:
        raise Finding(f"decode ends at {end}, skip at {skipped}")
    for decoder in (codec.tagged, codec.tuples, codec.plain):
        if decoder.decode_from(data)[1] != end:
            raise Finding(f"{decoder!r} with other options ends elsewhere than {end}")
    if exact(codec.decoder.decode(data[:end])) != whole:
        raise Finding(f"decode_from gives {value!r}, decode another value")
    single = list(codec.decoder._rows(data[:end], 1, _complain))
    if exact(single) != exact([value]):
        raise Finding(f"decode gives {value!r}, rows {single!r}")
    if end:
        twice = codec.decoder.decode_many(data[:end] * 2)
        if exact(twice) != exact([value, value]):
            raise Finding(f"decode gives {value!r}, decode_many of it twice {twice!r}")
        _check_prefix(codec, data[: end - 1])


def _check_prefix(codec: Codec, data: bytes) -> None:
    """A datum without its last byte is no whole datum; it ends too early, or a limit comes first."""
    try:
        codec.decoder.decode(data)
    except REFUSED:
        return
    raise Finding("a datum without its last byte is a datum too")


def _check_round_trip(codec: Codec, data: bytes, end: int) -> None:
    """Encoded and decoded again it is the same; tagged and as tuples it has the same encoding."""
    value = codec.tagged.decode_from(data)[0]
    encoded = codec.encoder.encode(value)
    again = codec.reader.decode(encoded)
    if exact(again) != exact(value):
        raise Finding(f"{value!r} comes back as {again!r}")
    if codec.encoder.encode(again) != encoded or codec.encoder.encode_many([value]) != encoded:
        raise Finding(f"{value!r} has two encodings")


def _complain(error: Exception | None, offset: int) -> BaseException:
    return Finding("the row ends elsewhere") if error is None else error


def kind_of(error: AvroError | None) -> StrEnum | None:
    return None if error is None else error.kind


def check_file(data: bytes) -> bool:
    """Bytes of a container file: read as rows, by blocks, in short reads and with a thread."""
    rows, error = _rows(io.BytesIO(data))
    for source, options in ((Trickle(data), {}), (io.BytesIO(data), {"threads": 1})):
        other, failure = _rows(source, **options)
        if exact(other) != exact(rows) or (type(failure), kind_of(failure)) != (type(error), kind_of(error)):
            raise Finding(f"{len(rows)} rows and {error!r}; {len(other)} rows and {failure!r}")
    plain, plain_error = _rows(io.BytesIO(data), logical_types=False)
    check_file_columns(data, len(plain), plain_error, LIMITS)
    whole = check_inspection(data, LIMITS)
    if plain_error is None and not whole:
        raise Finding("an inspection finds damage in a file that is whole")
    if error is not None:
        return False
    by_blocks = [row for block in _open(io.BytesIO(data)).blocks() for row in block]
    if exact(by_blocks) != exact(rows):
        raise Finding(f"{len(rows)} rows, {len(by_blocks)} by blocks")
    if avrojet.count_records(io.BytesIO(data)) != len(rows):
        raise Finding(f"{len(rows)} rows, another count")
    _check_copy(data, rows)
    return True


def _check_copy(data: bytes, rows: list[Any]) -> None:
    reader = _open(io.BytesIO(data), unions="tagged")
    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", avrojet.IgnoredLogicalTypeWarning)
        with DataFileWriter(target, reader.schema, limits=LIMITS) as writer:
            writer.extend(reader)
    again, error = _rows(io.BytesIO(target.getvalue()))
    if error is not None or exact(again) != exact(rows):
        raise Finding(f"{len(rows)} rows; written again {len(again)} and {error!r}")


def _open(source: Any, **options: Any) -> DataFileReader:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", avrojet.IgnoredLogicalTypeWarning)
        return DataFileReader(source, limits=LIMITS, **options)


def _rows(source: Any, **options: Any) -> tuple[list[Any], AvroError | None]:
    rows: list[Any] = []
    try:
        with _open(source, **options) as reader:
            rows.extend(islice(reader, _MOST_ROWS))
    except AvroError as error:
        # Rows of a call that failed are lost to extend; what matters is that all sources end alike.
        return [], error
    return rows, None


class Trickle(io.RawIOBase):
    """A source that gives few bytes at a time, and cannot seek."""

    def __init__(self, data: bytes, most: int = 7) -> None:
        self._data = io.BytesIO(data)
        self._most = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._data.readinto(memoryview(buffer)[: self._most])


def check_schema_text(text: str) -> bool:
    """The text of a schema, compiled and written in every way."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", avrojet.IgnoredLogicalTypeWarning)
        try:
            schema = avrojet.parse_schema(text, limits=LIMITS)
        except AvroError:
            return False
        again = avrojet.parse_schema(schema.json)
        if again != schema or again.json != schema.json:
            raise Finding(f"{schema!r} comes back as {again!r}")
        canonical = avrojet.parse_schema(schema.canonical_form, names="lax")
        if canonical.canonical_form != schema.canonical_form:
            raise Finding("the canonical form has another canonical form")
        if not avrojet.check_compatibility(schema, schema):
            raise Finding("a schema does not read what it wrote")
        _check_witnesses(schema)
        try:
            Codec(schema)
        except AvroError:
            return False
    return True


def _check_witnesses(schema: avrojet.Schema) -> None:
    """Each value that is said to be unreadable is."""
    for reader in ("boolean", ["null", "double"]):
        for reason in avrojet.check_compatibility(reader, schema, witness=True).reasons:
            if reason.witness is not None and reason.witness.error is None:
                raise Finding(f"{reason} is shown by {reason.witness}")


def check_value(codec: Codec, value: Any) -> bool:
    """Any value at all, for the schema of the codec."""
    builder = codec.encoder._block()
    try:
        encoded = codec.encoder.encode(value)
    except avrojet.EncodeError as error:
        _check_no_trace(codec, builder, value, error)
        return False
    except avrojet.LimitError:
        return False
    builder.append(value)
    if builder.take() != encoded or codec.encoder.encode_many([value]) != encoded:
        raise Finding(f"encode and block differ for {value!r}")
    tagged = codec.plain_reader.decode(encoded)
    if codec.plain_encoder.encode(tagged) != encoded:
        raise Finding(f"{value!r} was written as {tagged!r}, which is written otherwise")
    return True


def _check_no_trace(codec: Codec, builder: Any, value: Any, error: Exception) -> None:
    try:
        builder.append(value)
    except type(error):
        pass
    if builder.count or builder.size or builder.take():
        raise Finding(f"a value that failed left something behind: {error!r}")
