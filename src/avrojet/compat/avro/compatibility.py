"""Whether data of a writer's schema can be read as a reader's, in the terms of this interface.

:func:`avrojet.check_compatibility` reports more: remedies, what is lost, and example values.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any, Final

from avrojet.compat.avro import schema
from avrojet.compat.avro._translate import aliases
from avrojet.compat.avro.errors import AvroRuntimeException
from avrojet.compat.avro.schema import Schema


class SchemaType(str, Enum):  # noqa: UP042 (as it is known)
    """The types of Avro."""

    ARRAY = "array"
    BOOLEAN = "boolean"
    BYTES = "bytes"
    DOUBLE = "double"
    ENUM = "enum"
    FIXED = "fixed"
    FLOAT = "float"
    INT = "int"
    LONG = "long"
    MAP = "map"
    NULL = "null"
    RECORD = "record"
    STRING = "string"
    UNION = "union"

    def __str__(self) -> str:
        return self.value


class SchemaCompatibilityType(Enum):
    """Whether two schemas are compatible, as far as is known."""

    compatible = "compatible"
    incompatible = "incompatible"
    recursion_in_progress = "recursion_in_progress"


class SchemaIncompatibilityType(Enum):
    """Why data cannot be read."""

    name_mismatch = "name_mismatch"
    fixed_size_mismatch = "fixed_size_mismatch"
    missing_enum_symbols = "missing_enum_symbols"
    reader_field_missing_default_value = "reader_field_missing_default_value"
    type_mismatch = "type_mismatch"
    missing_union_branch = "missing_union_branch"


PRIMITIVE_TYPES: Final = {
    SchemaType.NULL,
    SchemaType.BOOLEAN,
    SchemaType.INT,
    SchemaType.LONG,
    SchemaType.FLOAT,
    SchemaType.DOUBLE,
    SchemaType.BYTES,
    SchemaType.STRING,
}


class SchemaCompatibilityResult:
    """The result of a check.

    :ivar incompatibilities: the reasons why data cannot be read.
    :ivar messages: each in words.
    :ivar locations: their places in the reader's schema, ``/fields/0/type``; of a branch, in the writer's.
    """

    def __init__(
        self,
        compatibility: SchemaCompatibilityType = SchemaCompatibilityType.recursion_in_progress,
        incompatibilities: list[SchemaIncompatibilityType] | None = None,
        messages: set[str] | None = None,
        locations: set[str] | None = None,
    ) -> None:
        self.compatibility = compatibility
        self.incompatibilities = incompatibilities or []
        self.messages = messages or set()
        self.locations = locations or {"/"}


CompatibleResult: Final = SchemaCompatibilityResult(SchemaCompatibilityType.compatible)


def merge(this: SchemaCompatibilityResult, that: SchemaCompatibilityResult) -> SchemaCompatibilityResult:
    """Both together: compatible if both are."""
    reasons = [*this.incompatibilities, *that.incompatibilities]
    if this.compatibility is SchemaCompatibilityType.compatible:
        return SchemaCompatibilityResult(that.compatibility, reasons, that.messages, that.locations)
    if that.compatibility is SchemaCompatibilityType.compatible:
        return SchemaCompatibilityResult(this.compatibility, reasons, this.messages, this.locations)
    messages, locations = this.messages | that.messages, this.locations | that.locations
    return SchemaCompatibilityResult(this.compatibility, reasons, messages, locations)


def incompatible(
    incompat_type: SchemaIncompatibilityType, message: str, location: list[str]
) -> SchemaCompatibilityResult:
    """One reason, at a place: the names on the way to it, ``"/"`` first."""
    place = "/" + "/".join(part for part in location if part != "/")
    return SchemaCompatibilityResult(
        SchemaCompatibilityType.incompatible, [incompat_type], {message}, {place}
    )


class ReaderWriter:
    """A pair of schemas, the same if both are the same objects."""

    def __init__(self, reader: Schema, writer: Schema) -> None:
        self.reader, self.writer = reader, writer

    def __hash__(self) -> int:
        return hash((id(self.reader), id(self.writer)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ReaderWriter) and self.reader is other.reader and self.writer is other.writer


class ReaderWriterCompatibilityChecker:
    """Checks pairs of schemas, and remembers what it found."""

    ROOT_REFERENCE_TOKEN = "/"  # noqa: S105 (no secret)

    def __init__(self) -> None:
        self.memoize_map: dict[ReaderWriter, SchemaCompatibilityResult] = {}

    def get_compatibility(
        self,
        reader: Schema,
        writer: Schema,
        reference_token: str = ROOT_REFERENCE_TOKEN,
        location: list[str] | None = None,
    ) -> SchemaCompatibilityResult:
        """Return the result for a pair; check it if there is none yet.

        :param reference_token: the name of its place within what is at `location`.
        """
        pair = ReaderWriter(reader, writer)
        found = self.memoize_map.get(pair)
        if found is None:
            self.memoize_map[pair] = SchemaCompatibilityResult()
            found = self.calculate_compatibility(reader, writer, [*(location or []), reference_token])
            self.memoize_map[pair] = found
        elif found.compatibility is SchemaCompatibilityType.recursion_in_progress:
            return CompatibleResult  # provisional: the check of the enclosing types decides
        return found

    def calculate_compatibility(
        self, reader: Schema, writer: Schema, location: list[str]
    ) -> SchemaCompatibilityResult:
        """Check a pair."""
        for each in (reader, writer):
            if each.type not in SchemaType._value2member_map_ and each.type != "error":
                raise AvroRuntimeException(f"there is no such type of schema here: {each.type}")
        if isinstance(writer, schema.UnionSchema):
            return self._of_writers_union(reader, writer, location)
        if isinstance(reader, schema.UnionSchema):
            return self._of_readers_union(reader, writer, location)
        if isinstance(reader, schema.PrimitiveSchema):
            return CompatibleResult if reader.match(writer) else type_mismatch(reader, writer, location)
        if isinstance(reader, schema.ArraySchema) and isinstance(writer, schema.ArraySchema):
            return self.get_compatibility(reader.items, writer.items, "items", location)
        if isinstance(reader, schema.MapSchema) and isinstance(writer, schema.MapSchema):
            return self.get_compatibility(reader.values, writer.values, "values", location)
        return self._of_named(reader, writer, location)

    def _of_named(self, reader: Schema, writer: Schema, location: list[str]) -> SchemaCompatibilityResult:
        if isinstance(reader, schema.FixedSchema) and isinstance(writer, schema.FixedSchema):
            names = check_schema_names(reader, writer, location)
            return merge(names, check_fixed_size(reader, writer, location))
        if isinstance(reader, schema.EnumSchema) and isinstance(writer, schema.EnumSchema):
            names = check_schema_names(reader, writer, location)
            return merge(names, check_reader_enum_contains_writer_enum(reader, writer, location))
        if isinstance(reader, schema.RecordSchema) and isinstance(writer, schema.RecordSchema):
            names = check_schema_names(reader, writer, location)
            return merge(names, self.check_reader_writer_record_fields(reader, writer, location))
        return type_mismatch(reader, writer, location)

    def _of_writers_union(
        self, reader: Schema, writer: schema.UnionSchema, location: list[str]
    ) -> SchemaCompatibilityResult:
        result = CompatibleResult
        for index, branch in enumerate(writer.schemas):
            found = self.get_compatibility(reader, branch, *_place(location))
            if isinstance(reader, schema.UnionSchema):
                if found.compatibility is not SchemaCompatibilityType.incompatible:
                    continue
                message = f"reader union lacking writer type: {branch.type.upper()}"
                kind = SchemaIncompatibilityType.missing_union_branch
                found = incompatible(kind, message, [*location, str(index)])
            result = merge(result, found)
        return result

    def _of_readers_union(
        self, reader: schema.UnionSchema, writer: Schema, location: list[str]
    ) -> SchemaCompatibilityResult:
        for branch in reader.schemas:
            found = self.get_compatibility(branch, writer, *_place(location))
            if found.compatibility is SchemaCompatibilityType.compatible:
                return CompatibleResult
        message = f"reader union lacking writer type {writer.type}"
        return incompatible(SchemaIncompatibilityType.missing_union_branch, message, location)

    def check_reader_writer_record_fields(
        self, reader: schema.RecordSchema, writer: schema.RecordSchema, location: list[str]
    ) -> SchemaCompatibilityResult:
        """Check the fields of two records."""
        result = CompatibleResult
        for index, field in enumerate(reader.fields):
            place = [*location, "fields", str(index)]
            theirs = lookup_writer_field(writer, field)
            if theirs is not None:
                result = merge(result, self.get_compatibility(field.type, theirs.type, "type", place))
            elif not field.has_default:
                kind = SchemaIncompatibilityType.reader_field_missing_default_value
                result = merge(result, incompatible(kind, field.name, place))
        return result


def _place(location: list[str]) -> tuple[str, list[str]]:
    return location[-1], location[:-1]


def type_mismatch(reader: Schema, writer: Schema, location: list[str]) -> SchemaCompatibilityResult:
    """The result that two types do not match."""
    message = f"reader type: {reader.type} not compatible with writer type: {writer.type}"
    return incompatible(SchemaIncompatibilityType.type_mismatch, message, location)


def check_schema_names(
    reader: schema.NamedSchema, writer: schema.NamedSchema, location: list[str]
) -> SchemaCompatibilityResult:
    """Whether the names of two types match."""
    if schema_name_equals(reader, writer):
        return CompatibleResult
    message = f"expected: {writer.fullname}"
    return incompatible(SchemaIncompatibilityType.name_mismatch, message, [*location, "name"])


def check_fixed_size(
    reader: schema.FixedSchema, writer: schema.FixedSchema, location: list[str]
) -> SchemaCompatibilityResult:
    """Whether two fixed have the same size."""
    if reader.size == writer.size:
        return CompatibleResult
    message = f"expected: {writer.size}, found: {reader.size}"
    return incompatible(SchemaIncompatibilityType.fixed_size_mismatch, message, [*location, "size"])


def check_reader_enum_contains_writer_enum(
    reader: schema.EnumSchema, writer: schema.EnumSchema, location: list[str]
) -> SchemaCompatibilityResult:
    """Whether the reader's enum has the writer's symbols, or a default for those that it lacks."""
    missing = set(writer.symbols).difference(reader.symbols)
    if not missing or reader.get_prop("default") in reader.symbols:
        return CompatibleResult
    kind = SchemaIncompatibilityType.missing_enum_symbols
    return incompatible(kind, str(missing), [*location, "symbols"])


def schema_name_equals(reader: schema.NamedSchema, writer: schema.NamedSchema) -> bool:
    """Whether the reader's type is named as the writer's, namespaces aside, or has its name as an alias."""
    return reader.name == writer.name or writer.fullname in aliases(reader)


def lookup_writer_field(
    writer_schema: schema.RecordSchema, reader_field: schema.Field
) -> schema.Field | None:
    """The writer's field that a field of the reader's is read from, by its name or an alias."""
    theirs = writer_schema.fields_dict
    given: Any = reader_field.get_prop("aliases")
    names = [reader_field.name, *(given if isinstance(given, Iterable) else ())]
    return next((theirs[name] for name in names if name in theirs), None)
