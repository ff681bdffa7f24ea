"""Apache Avro: fast, complete, safe on hostile bytes.

>>> import avrojet
>>> encoder = avrojet.Encoder({"type": "array", "items": "long"})
>>> encoder.encode([1, 2, 3])
b'\\x06\\x02\\x04\\x06\\x00'
"""

from __future__ import annotations

from avrojet.columns.stream import ArrowStream, read_arrow
from avrojet.container import (
    Block,
    DataFileReader,
    DataFileWriter,
    Loss,
    Losses,
    Repair,
    Split,
    concat_files,
    count_records,
    read,
    recode_file,
    register_codec,
    repair_file,
    splits,
    write,
    write_arrow,
)
from avrojet.custom import CustomLogicalType, register_logical_type
from avrojet.datum import Decoder, Encoder, decode, encode
from avrojet.errors import (
    AvroError,
    CodecError,
    DataFileError,
    DecodeError,
    EncodeError,
    EncodeTypeError,
    LimitError,
    ResolutionError,
    SchemaError,
    TruncatedError,
)
from avrojet.limits import Limits, set_default_limits
from avrojet.plan.arrow.layout import ArrowTypes
from avrojet.plan.check import Compatibility, check_compatibility
from avrojet.plan.project import project
from avrojet.schema.load import load_schema
from avrojet.schema.logical import IgnoredLogicalTypeWarning
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema
from avrojet.values import Duration, NanoDatetime

__version__ = "0.1.0"

__all__ = [
    "ArrowStream",
    "ArrowTypes",
    "AvroError",
    "Block",
    "CodecError",
    "Compatibility",
    "CustomLogicalType",
    "DataFileError",
    "DataFileReader",
    "DataFileWriter",
    "DecodeError",
    "Decoder",
    "Duration",
    "EncodeError",
    "EncodeTypeError",
    "Encoder",
    "IgnoredLogicalTypeWarning",
    "LimitError",
    "Limits",
    "Loss",
    "Losses",
    "NanoDatetime",
    "Repair",
    "ResolutionError",
    "Schema",
    "SchemaError",
    "Split",
    "TruncatedError",
    "__version__",
    "check_compatibility",
    "concat_files",
    "count_records",
    "decode",
    "encode",
    "load_schema",
    "parse_schema",
    "project",
    "read",
    "read_arrow",
    "recode_file",
    "register_codec",
    "register_logical_type",
    "repair_file",
    "set_default_limits",
    "splits",
    "write",
    "write_arrow",
]
