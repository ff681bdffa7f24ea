"""How to fix a mismatch, in words that say what to write in the reader's schema."""

from __future__ import annotations

from avrojet.failures import Incompatibility
from avrojet.messages import shorten
from avrojet.plan.match import describe, remedy_of_names
from avrojet.schema.model import EnumSchema, Field, FixedSchema, NamedSchema, Schema, UnionSchema


def remedy(kind: Incompatibility, writer: Schema, reader: Schema | Field) -> str:
    """How to fix a mismatch of the kind.

    :param reader: the reader's type, or the field that gets no value.
    """
    if isinstance(reader, Field):
        return _of_field(kind, reader)
    match kind:
        case Incompatibility.NAME_MISMATCH if isinstance(writer, NamedSchema) and isinstance(
            reader, NamedSchema
        ):
            return remedy_of_names(writer, reader)
        case Incompatibility.FIXED_SIZE_MISMATCH if isinstance(writer, FixedSchema):
            return f"keep the size {writer.size}; a new size needs a new field"
        case Incompatibility.MISSING_ENUM_SYMBOLS if isinstance(reader, EnumSchema):
            return f"add the symbols to the reader's {describe(reader)}, or give it a default"
        case Incompatibility.MISSING_UNION_BRANCH:
            return f"add {describe_type(writer)} to the reader's union"
        case Incompatibility.AMBIGUOUS_ALIAS:
            return "keep the alias on one name only"
        case Incompatibility.DECIMAL_MISMATCH | Incompatibility.LOGICAL_TYPE_MISMATCH:
            return f"keep {describe_type(writer)}; a new type needs a new field"
    return _of_type(writer, reader)


def _of_field(kind: Incompatibility, field: Field) -> str:
    match kind:
        case Incompatibility.READER_FIELD_MISSING_DEFAULT_VALUE:
            return f"give `{field.name}` a default"
        case Incompatibility.READER_FIELD_INVALID_DEFAULT_VALUE:
            return f"give `{field.name}` a default that is a value of its logical type"
    return f"let `{field.name}` have one alias, and no other name have it"


def _of_type(writer: Schema, reader: Schema) -> str:
    if isinstance(reader, UnionSchema):
        return f"add {describe_type(writer)} to the reader's union"
    return f"keep {describe_type(writer)}, or make the reader's type a union of both"


def describe_type(schema: Schema) -> str:
    """A type and its logical type in a few words."""
    logical = schema.logical
    if logical is None:
        return describe(schema)
    if logical.name == "decimal":
        return f"{describe(schema)}, decimal({logical.precision}, {logical.scale})"
    return shorten(f"{describe(schema)}, {logical.name}")
