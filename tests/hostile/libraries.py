"""The same few operations on each library, and which exceptions it documents."""

from __future__ import annotations

import io
import json
import warnings
from contextlib import suppress
from typing import Any, Protocol


class Unsupported(Exception):
    """The library has nothing for this operation."""


class Library(Protocol):
    documented: tuple[type[BaseException], ...]

    def parse(self, schema: Any) -> Any:
        """A schema, from JSON text or JSON data."""

    def decode(self, schema: Any, data: bytes) -> Any:
        """The value of a whole datum."""

    def resolve(self, writer: Any, reader: Any, data: bytes) -> Any: ...

    def encode(self, schema: Any, value: Any) -> bytes: ...

    def read(self, source: Any) -> list[Any]:
        """The rows of a container file."""

    def write(self, target: Any, schema: Any, values: list[Any]) -> None:
        """A container file of those values that can be written."""

    def from_json(self, schema: Any, text: str) -> Any:
        """The value of a datum in the JSON encoding."""

    def parse_protocol(self, protocol: Any) -> Any:
        """A protocol, from JSON text or JSON data."""

    def parse_idl(self, text: str | bytes) -> Any:
        """What text in Avro's IDL defines."""

    def serve_calls(self, framing: str, data: bytes) -> list[bytes]:
        """What a server of remote calls sends to a client that sends this."""

    def read_answers(self, framing: str, data: bytes) -> Any:
        """What a call returns to whose client a server sends this."""

    def as_columns(self) -> Library:
        """The same library, where `decode` and `read` make columns."""

    def write_columns(self, make: Any) -> list[Any]:
        """The rows of a container file of the Arrow data that `make(pyarrow)` returns."""

    def encode_columns(self, schema: Any, make: Any) -> list[bytes]:
        """A datum for each row of the Arrow data."""

    def decode_columns(self, make: Any) -> list[Any]:
        """The rows of an Arrow column of messages."""


class _Trickle(io.BytesIO):
    """Gives a few bytes at once."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 5) if self.tell() < 100 else size)


class Avrojet:
    def __init__(self) -> None:
        import avrojet

        self.documented = (avrojet.AvroError,)
        self.avrojet = avrojet
        warnings.simplefilter("ignore", avrojet.IgnoredLogicalTypeWarning)
        warnings.simplefilter("ignore", avrojet.IgnoredIdlWarning)

    def parse(self, schema: Any) -> Any:
        parsed = self.avrojet.parse_schema(schema)
        assert self.avrojet.parse_schema(parsed.json) == parsed
        assert parsed.canonical_form
        self.avrojet.Decoder(parsed)
        self.avrojet.Encoder(parsed)
        return parsed

    def decode(self, schema: Any, data: bytes) -> Any:
        """The bytes are looked at, too."""
        found = self.avrojet.inspect(data, schema, frame="none")
        assert found.hex()
        try:
            return self.avrojet.Decoder(schema).decode(data)
        except self.documented as error:
            # What JSON has text for, Python may have no date for.
            assert (
                found.error is not None
                or error.kind == "RANGE"
                or found.sections[0].ranges[-1].kind == "not shown"
            )
            raise

    def resolve(self, writer: Any, reader: Any, data: bytes) -> Any:
        self.avrojet.check_compatibility(reader, writer, witness=True)
        return self.avrojet.Decoder(writer, reader).decode(data)

    def encode(self, schema: Any, value: Any) -> bytes:
        return self.avrojet.Encoder(schema).encode(value)

    def read(self, source: Any) -> list[Any]:
        """The bytes are looked at, too."""
        if type(source) is io.BytesIO:
            # A bomb takes its time and memory once, below.
            limits = self.avrojet.Limits(block_bytes=1 << 22)
            assert self.avrojet.inspect(source.getvalue(), head=1000, limits=limits).html()
        with self.avrojet.DataFileReader(source) as reader:
            return list(reader)

    def write(self, target: Any, schema: Any, values: list[Any]) -> None:
        with self.avrojet.DataFileWriter(target, schema) as writer:
            for value in values:
                with suppress(self.avrojet.EncodeError, ZeroDivisionError):
                    writer.append(value)

    def from_json(self, schema: Any, text: str) -> Any:
        """By a text, by a stream that is cut, and by way of a container file and its lines."""
        encoder, decoder = self.avrojet.Encoder(schema), self.avrojet.Decoder(schema)
        target = io.BytesIO()
        data, failures = None, []
        try:
            data = encoder.from_json(text)
        except self.documented as error:
            failures.append(error)
        with self.avrojet.DataFileWriter(target, schema) as writer:
            try:
                writer.write_json(_Trickle(text.encode("utf-8", "surrogatepass")))
            except self.documented as error:
                failures.append(error)
        if failures:
            # A stream may have no text, or several.
            assert data is None or len(failures) == 1, failures
            raise failures[0]
        with self.avrojet.DataFileReader(target.getvalue()) as reader:
            (line,) = b"".join(reader.to_json()).splitlines() or [None]
        if line is None:
            raise self.avrojet.DecodeError("no text")
        assert encoder.from_json(line) == data, (line, data)
        return decoder.decode(data)

    def parse_protocol(self, protocol: Any) -> Any:
        parsed = self.avrojet.parse_protocol(protocol)
        assert self.avrojet.parse_protocol(parsed.json) == parsed
        return parsed

    def serve_calls(self, framing: str, data: bytes) -> list[bytes]:
        """The server is another client's as well."""
        from tests.fuzz import on_rpc

        try:
            return on_rpc.answers_to(framing, data)
        finally:
            assert on_rpc.is_unchanged()

    def read_answers(self, framing: str, data: bytes) -> Any:
        from tests.fuzz import on_rpc

        return on_rpc.response_of(framing, data)

    def parse_idl(self, text: str | bytes) -> Any:
        idl = self.avrojet.parse_idl(text)
        for what in (idl.protocol, idl.schema):
            if what is not None:
                again = self.avrojet.parse_idl(self.avrojet.emit_idl(what))
                assert (again.protocol or again.schema) == what
        return idl

    def as_columns(self) -> Library:
        return AvrojetColumns(_pyarrow())  # which shows what the columns hold

    def write_columns(self, make: Any) -> list[Any]:
        file = io.BytesIO()
        self.avrojet.write_arrow(file, make(_pyarrow()))
        file.seek(0)
        return self.read(file)

    def encode_columns(self, schema: Any, make: Any) -> list[bytes]:
        pa = _pyarrow()
        rows: list[bytes] = pa.array(self.avrojet.Encoder(schema).encode_arrow(make(pa))).to_pylist()
        return rows

    def decode_columns(self, make: Any) -> list[Any]:
        pa = _pyarrow()
        rows: list[Any] = pa.record_batch(self.avrojet.Decoder("long").decode_arrow(make(pa))).to_pylist()
        return rows


def _pyarrow() -> Any:
    try:
        import pyarrow as pa
    except ImportError:
        raise Unsupported from None
    pa.array([0])  # the first reserves address space for all that follow
    return pa


class Rows:
    """A library that knows no columns, no IDL, and, unless it says otherwise, no protocols."""

    def parse_protocol(self, protocol: Any) -> Any:
        raise Unsupported

    def parse_idl(self, text: str | bytes) -> Any:
        raise Unsupported

    def serve_calls(self, framing: str, data: bytes) -> list[bytes]:
        raise Unsupported

    def read_answers(self, framing: str, data: bytes) -> Any:
        raise Unsupported

    def as_columns(self) -> Library:
        raise Unsupported

    def write_columns(self, make: Any) -> list[Any]:
        raise Unsupported

    def encode_columns(self, schema: Any, make: Any) -> list[bytes]:
        raise Unsupported

    def decode_columns(self, make: Any) -> list[Any]:
        raise Unsupported


class AvrojetColumns(Avrojet):
    def __init__(self, pyarrow: Any) -> None:
        super().__init__()
        self.pyarrow = pyarrow

    def decode(self, schema: Any, data: bytes) -> Any:
        batch = self.pyarrow.record_batch(self.avrojet.Decoder(schema).decode_arrow([data]))
        batch.validate(full=True)
        return batch.num_rows

    def read(self, source: Any) -> list[Any]:
        rows: list[Any] = []
        for each in self.avrojet.read_arrow(source):
            batch = self.pyarrow.record_batch(each)
            batch.validate(full=True)
            rows += batch.to_pylist()
        return [row["value"] if row.keys() == {"value"} else row for row in rows]


class Fastavro(Rows):
    """fastavro, or the facade that stands in for it."""

    def __init__(self, module: str = "fastavro") -> None:
        from importlib import import_module

        self.fastavro = import_module(module)
        types = import_module(f"{module}.schema")
        named = ("SchemaParseException", "UnknownType")
        self.documented = (
            *(getattr(types, name) for name in named),
            import_module(f"{module}.read").SchemaResolutionError,
            import_module(f"{module}.validation").ValidationError,
            ValueError,
            TypeError,
            EOFError,
        )

    def parse(self, schema: Any) -> Any:
        return self.fastavro.parse_schema(json.loads(schema) if _is_text(schema) else schema)

    def decode(self, schema: Any, data: bytes) -> Any:
        return self.resolve(schema, None, data)

    def resolve(self, writer: Any, reader: Any, data: bytes) -> Any:
        source = io.BytesIO(data)
        value = self.fastavro.schemaless_reader(source, writer, reader)
        if source.read(1):
            raise ValueError("bytes after the datum")  # which its caller has to look for
        return value

    def encode(self, schema: Any, value: Any) -> bytes:
        target = io.BytesIO()
        self.fastavro.schemaless_writer(target, schema, value)
        return target.getvalue()

    def read(self, source: Any) -> list[Any]:
        return list(self.fastavro.reader(source))

    def write(self, target: Any, schema: Any, values: list[Any]) -> None:
        from importlib import import_module

        write = import_module(f"{self.fastavro.__name__}.write").Writer
        writer = write(target, self.fastavro.parse_schema(schema))
        for value in values:
            # Whatever it raises: what matters is the file.
            with suppress(Exception):
                writer.write(value)
        writer.flush()

    def from_json(self, schema: Any, text: str) -> Any:
        (value,) = self.fastavro.json_reader(io.StringIO(text), schema)
        return value


class Facade(Fastavro):
    def __init__(self) -> None:
        super().__init__("avrojet.compat.fastavro")


class Apache(Rows):
    def __init__(self) -> None:
        import avro.datafile
        import avro.errors
        import avro.io
        import avro.schema

        self.avro = avro
        self.documented = (avro.errors.AvroException, EOFError, ValueError, TypeError)
        warnings.simplefilter("ignore")

    def parse(self, schema: Any) -> Any:
        return self.avro.schema.parse(schema if _is_text(schema) else json.dumps(schema))

    def parse_protocol(self, protocol: Any) -> Any:
        import avro.protocol

        return avro.protocol.parse(protocol if _is_text(protocol) else json.dumps(protocol))

    def decode(self, schema: Any, data: bytes) -> Any:
        return self.resolve(schema, schema, data)

    def resolve(self, writer: Any, reader: Any, data: bytes) -> Any:
        source = io.BytesIO(data)
        decoder = self.avro.io.BinaryDecoder(source)
        schemas = [self.parse(json.dumps(schema)) for schema in (writer, reader)]
        value = self.avro.io.DatumReader(*schemas).read(decoder)
        if source.read(1):
            raise ValueError("bytes after the datum")
        return value

    def encode(self, schema: Any, value: Any) -> bytes:
        target = io.BytesIO()
        writer = self.avro.io.DatumWriter(self.parse(json.dumps(schema)))
        writer.write(value, self.avro.io.BinaryEncoder(target))
        return target.getvalue()

    def read(self, source: Any) -> list[Any]:
        return list(self.avro.datafile.DataFileReader(source, self.avro.io.DatumReader()))

    def write(self, target: Any, schema: Any, values: list[Any]) -> None:
        parsed = self.parse(json.dumps(schema))
        writer = self.avro.datafile.DataFileWriter(target, self.avro.io.DatumWriter(), parsed)
        for value in values:
            with suppress(Exception):
                writer.append(value)
        writer.flush()

    def from_json(self, schema: Any, text: str) -> Any:
        raise Unsupported


class Cavro(Rows):
    def __init__(self) -> None:
        import cavro

        self.cavro = cavro
        self.options = cavro.Options(record_decodes_to_dict=True)
        self.documented = (cavro.CavroException, ValueError, TypeError, EOFError)

    def parse(self, schema: Any) -> Any:
        return self.cavro.Schema(schema, options=self.options)

    def decode(self, schema: Any, data: bytes) -> Any:
        return self.parse(json.dumps(schema)).binary_decode(data)

    def resolve(self, writer: Any, reader: Any, data: bytes) -> Any:
        schemas = [self.parse(json.dumps(schema)) for schema in (writer, reader)]
        return schemas[1].reader_for_writer(schemas[0]).binary_decode(data)

    def encode(self, schema: Any, value: Any) -> bytes:
        return self.parse(json.dumps(schema)).binary_encode(value)

    def read(self, source: Any) -> list[Any]:
        return list(self.cavro.ContainerReader(source, options=self.options))

    def write(self, target: Any, schema: Any, values: list[Any]) -> None:
        writer = self.cavro.ContainerWriter(target, self.parse(json.dumps(schema)), codec="null")
        for value in values:
            with suppress(Exception):
                writer.write_one(value)
        writer.flush()

    def from_json(self, schema: Any, text: str) -> Any:
        return self.parse(json.dumps(schema)).json_decode(text)


LIBRARIES = {"avrojet": Avrojet, "facade": Facade, "fastavro": Fastavro, "avro": Apache, "cavro": Cavro}


def _is_text(schema: Any) -> bool:
    return isinstance(schema, str | bytes)
