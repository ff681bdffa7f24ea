"""Apache Avro: fast, complete, safe on hostile bytes.

>>> import avrojet
>>> encoder = avrojet.Encoder({"type": "array", "items": "long"})
>>> encoder.encode([1, 2, 3])
b'\\x06\\x02\\x04\\x06\\x00'
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.2.0"

# Where each public name is defined. A module is imported when one of its names is first asked for: a program
# that decodes messages needs no columns, no IDL and no files. (Type checkers read __init__.pyi instead.)
_NAMES = {
    "columns.files": ("IgnoredColumnsWarning",),
    "columns.stream": ("ArrowSchema", "ArrowStream"),
    "container.block": ("Block",),
    "container.codecs": ("register_codec",),
    "container.count": ("count_records",),
    "container.files": ("read", "write", "write_arrow"),
    "container.losses": ("Loss", "Losses"),
    "container.reader": ("DataFileReader",),
    "container.repair": ("Repair", "repair_file"),
    "container.split": ("Split", "splits"),
    "container.transfer": ("concat_files", "recode_file"),
    "container.writer": ("DataFileWriter",),
    "conversion.convert": ("convert",),
    "conversion.options": ("Advance",),
    "conversion.outcome": ("Aside", "Conversion", "Converted"),
    "custom": ("CustomLogicalType", "register_logical_type"),
    "datum": ("Decoder", "Encoder", "decode", "encode"),
    "errors": (
        "AvroError",
        "CodecError",
        "DataFileError",
        "DecodeError",
        "EncodeError",
        "EncodeTypeError",
        "IdlError",
        "LimitError",
        "ResolutionError",
        "SchemaError",
        "TruncatedError",
    ),
    "failures": ("DecodeFailure", "EncodeFailure", "Incompatibility"),
    "generate": ("random_values",),
    "induction": ("induce",),
    "inspection.container": ("BlockLayout",),
    "inspection.inspect": ("Inspection", "inspect"),
    "inspection.ranges": ("ByteRange", "Section"),
    "limits": ("Limits", "set_default_limits"),
    "order": ("compare", "sort_key"),
    "plan.arrow.options": ("ArrowTypes",),
    "plan.check": ("Compatibility", "check_compatibility"),
    "plan.history": ("History", "HistoryCheck", "check_history"),
    "plan.project": ("project",),
    "plan.reasons": ("Alteration", "Reason", "Witness"),
    "scanning.listing": ("ScanFile",),
    "scanning.scan": ("Scan", "read_arrow", "scan"),
    "schema.defaults": ("IgnoredDefaultWarning", "UnreadableDefaultWarning"),
    "schema.diff": ("Change", "schema_diff"),
    "schema.idl": ("Idl", "IgnoredIdlWarning", "emit_idl", "load_idl", "parse_idl"),
    "schema.lint": ("Finding", "lint_schema"),
    "schema.load": ("load_schema",),
    "schema.logical": ("IgnoredLogicalTypeWarning",),
    "schema.model": ("Schema",),
    "schema.parse": ("parse_schema",),
    "schema.parser": ("IgnoredAttributeWarning",),
    "schema.protocol": ("Message", "Protocol"),
    "schema.protocol_json": ("load_protocol", "parse_protocol"),
    "typed.binding": ("schema_of",),
    "typed.generated": ("classes_from",),
    "typed.options": ("field", "record"),
    "values": ("Duration", "NanoDatetime"),
}
_MODULES = ("errors", "limits", "registry", "single_object", "values")
_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted([*_HOMES, "__version__"])  # noqa: PLE0605 (it is a list of text)


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"avrojet.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'avrojet' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"avrojet.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return [*globals().keys() | _HOMES.keys()]
