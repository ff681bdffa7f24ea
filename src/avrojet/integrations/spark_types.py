"""Types of Spark for Avro's, by way of Arrow."""

from __future__ import annotations

from inspect import signature
from typing import Any

from avrojet.errors import SchemaError
from avrojet.integrations.hosts import host
from avrojet.plan.arrow.layout import Column
from avrojet.plan.arrow.options import ArrowTypes

host("pyspark", "pyspark", "4.1")

import pyarrow as pa  # noqa: E402 (the message for those who do not have Spark comes first)
from pyspark.sql.pandas.types import from_arrow_type, to_arrow_schema  # noqa: E402
from pyspark.sql.types import StructField, StructType  # noqa: E402

from avrojet.integrations.types import mapped  # noqa: E402

# Most decimals that are declared with more digits have values of fewer: Kafka Connect's have 64.
TYPES = ArrowTypes(decimals="decimal128")


def spark_arrow_type(type: Any) -> Any:
    """Return the Arrow type that Spark accepts in place of another, at any depth."""
    return mapped(type, _change)


def spark_type(type: Any) -> Any:
    """The type of Spark for an Arrow type of :func:`spark_arrow_type`."""
    return from_arrow_type(type, prefer_timestamp_ntz=True)


def struct_type(schema: Any) -> StructType:
    """Return the columns in Spark for those of an Arrow schema."""
    return StructType(
        [
            StructField(field.name, spark_type(spark_arrow_type(field.type)), nullable=field.nullable)
            for field in schema
        ]
    )


def shown_schema(schema: Any, layout: Column, prefix: str) -> Any:
    """Return the Arrow schema, with members of unions named after their types, such as ``member_string``."""
    return pa.schema(
        [
            field.with_type(_renamed(field.type, column, prefix))
            for field, column in zip(schema, layout.children, strict=True)
        ]
    )


def _renamed(type: Any, column: Column, prefix: str) -> Any:
    if pa.types.is_struct(type):
        names = [field.name for field in type]
        if column.kind == "members":
            names = [f"{prefix}{branch.rpartition('.')[2]}" for branch in column.branches]
        if len({name.lower() for name in names}) < len(names):  # which Spark takes as one
            raise SchemaError(f"members of the union {column.name} would have one name: {', '.join(names)}")
        return pa.struct(
            [
                field.with_name(name).with_type(_renamed(field.type, child, prefix))
                for field, name, child in zip(type, names, column.children, strict=True)
            ]
        )
    if pa.types.is_list(type):
        return pa.list_(type.value_field.with_type(_renamed(type.value_type, column.children[0], prefix)))
    if pa.types.is_map(type):
        _, value = column.children[0].children
        return pa.map_(type.key_field, type.item_field.with_type(_renamed(type.item_type, value, prefix)))
    return type


def arrow_schema(schema: StructType) -> Any:
    """Return the Arrow schema of the rows that Spark uses for its own schema."""
    takes_zone = "timezone" in signature(to_arrow_schema).parameters  # not in all versions
    return to_arrow_schema(schema, timezone="UTC") if takes_zone else to_arrow_schema(schema)


def _change(type: Any) -> Any:
    if pa.types.is_dictionary(type):
        return type.value_type
    if isinstance(type, pa.BaseExtensionType) or pa.types.is_fixed_size_binary(type):
        return pa.binary()
    if pa.types.is_time32(type):
        return pa.int32()
    if pa.types.is_time64(type) or (pa.types.is_timestamp(type) and type.unit == "ns"):
        return pa.int64()
    return pa.timestamp("us", type.tz) if pa.types.is_timestamp(type) else None
