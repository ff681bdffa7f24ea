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
    IdlError,
    LimitError,
    ResolutionError,
    SchemaError,
    TruncatedError,
)
from avrojet.generate import random_values
from avrojet.induction import induce
from avrojet.limits import Limits, set_default_limits
from avrojet.order import compare, sort_key
from avrojet.plan.arrow.layout import ArrowTypes
from avrojet.plan.check import Compatibility, check_compatibility
from avrojet.plan.history import History, HistoryCheck, check_history
from avrojet.plan.project import project
from avrojet.plan.reasons import Alteration, Incompatibility, Reason, Witness
from avrojet.schema.defaults import IgnoredDefaultWarning, UnreadableDefaultWarning
from avrojet.schema.diff import Change, schema_diff
from avrojet.schema.idl import Idl, IgnoredIdlWarning, emit_idl, load_idl, parse_idl
from avrojet.schema.lint import Finding, lint_schema
from avrojet.schema.load import load_schema
from avrojet.schema.logical import IgnoredLogicalTypeWarning
from avrojet.schema.model import Schema
from avrojet.schema.parse import parse_schema
from avrojet.schema.parser import IgnoredAttributeWarning
from avrojet.schema.protocol import Message, Protocol
from avrojet.schema.protocol_json import load_protocol, parse_protocol
from avrojet.values import Duration, NanoDatetime

__version__ = "0.1.0"

__all__ = [
    "Alteration",
    "ArrowStream",
    "ArrowTypes",
    "AvroError",
    "Block",
    "Change",
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
    "Finding",
    "History",
    "HistoryCheck",
    "Idl",
    "IdlError",
    "IgnoredAttributeWarning",
    "IgnoredDefaultWarning",
    "IgnoredIdlWarning",
    "IgnoredLogicalTypeWarning",
    "Incompatibility",
    "LimitError",
    "Limits",
    "Loss",
    "Losses",
    "Message",
    "NanoDatetime",
    "Protocol",
    "Reason",
    "Repair",
    "ResolutionError",
    "Schema",
    "SchemaError",
    "Split",
    "TruncatedError",
    "UnreadableDefaultWarning",
    "Witness",
    "__version__",
    "check_compatibility",
    "check_history",
    "compare",
    "concat_files",
    "count_records",
    "decode",
    "emit_idl",
    "encode",
    "induce",
    "lint_schema",
    "load_idl",
    "load_protocol",
    "load_schema",
    "parse_idl",
    "parse_protocol",
    "parse_schema",
    "project",
    "random_values",
    "read",
    "read_arrow",
    "recode_file",
    "register_codec",
    "register_logical_type",
    "repair_file",
    "schema_diff",
    "set_default_limits",
    "sort_key",
    "splits",
    "write",
    "write_arrow",
]
