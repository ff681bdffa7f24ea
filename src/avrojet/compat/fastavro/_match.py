"""Whether a writer's and a reader's schema match at the top level: functions that other libraries import from
`_read`.

They are not used for reading; :mod:`avrojet.plan.resolve` does that.
"""

from __future__ import annotations

from typing import Any

from avrojet.compat.fastavro._read_common import SchemaResolutionError
from avrojet.compat.fastavro.const import AVRO_TYPES, NAMED_TYPES
from avrojet.compat.fastavro.schema import extract_record_type
from avrojet.plan.match import PROMOTIONS


def match_types(writer_type: Any, reader_type: Any, named_schemas: Any) -> bool:
    """Whether two types or schemas match; unions always do, for their branches are matched with the data."""
    if isinstance(writer_type, list) or isinstance(reader_type, list):
        return True
    if isinstance(writer_type, dict) or isinstance(reader_type, dict):
        return _matching(writer_type, reader_type, named_schemas) is not None
    if writer_type == reader_type or reader_type in PROMOTIONS.get(writer_type, ()):
        return True
    writer = named_schemas["writer"].get(writer_type)
    reader = named_schemas["reader"].get(reader_type)
    return writer is not None and reader is not None and match_types(writer, reader, named_schemas)


def match_schemas(w_schema: Any, r_schema: Any, named_schemas: Any, raise_on_error: bool = True) -> Any:
    """The reader's schema, or its branch, that a writer's matches.

    :returns: None if there is none and no error is wanted.
    :raises SchemaResolutionError: if there is none.
    """
    found = _matching(w_schema, r_schema, named_schemas)
    if found is None and raise_on_error:
        if extract_record_type(w_schema) == extract_record_type(r_schema) == "fixed" and (
            w_schema["size"] != r_schema["size"]
        ):
            raise SchemaResolutionError(f"Schema mismatch: {w_schema} size is different than {r_schema} size")
        raise SchemaResolutionError(f"Schema mismatch: {w_schema} is not {r_schema}")
    return found


def _matching(writer: Any, reader: Any, named: Any) -> Any:
    if isinstance(writer, list):
        return reader
    if isinstance(reader, list):
        return next((branch for branch in reader if match_types(writer, branch, named)), None)
    theirs, ours = extract_record_type(writer), extract_record_type(reader)
    if theirs == ours and theirs in ("array", "map"):
        part = "items" if theirs == "array" else "values"
        return reader if match_types(writer[part], reader[part], named) else None
    if theirs in NAMED_TYPES and ours in NAMED_TYPES:
        return reader if _same_named(writer, reader) else None
    if ours in NAMED_TYPES and theirs not in AVRO_TYPES:
        return reader["name"] if match_types(theirs, reader["name"], named) else None
    if theirs in NAMED_TYPES and ours not in AVRO_TYPES:
        definition = (named or {}).get("reader", {}).get(ours)
        return definition if definition is not None and match_types(writer, definition, named) else None
    return reader if match_types(theirs, ours, named) else None


def _same_named(writer: Any, reader: Any) -> bool:
    if writer["type"] == reader["type"] == "fixed" and writer["size"] != reader["size"]:
        return False
    name = writer["name"].rpartition(".")[2]
    aliases = reader.get("aliases", [])
    return name == reader["name"].rpartition(".")[2] or writer["name"] in aliases or name in aliases
