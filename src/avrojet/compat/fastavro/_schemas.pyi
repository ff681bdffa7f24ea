from typing import Any

from avrojet.compat.fastavro.types import NamedSchemas, Schema

def parse_schema(
    schema: Schema,
    named_schemas: NamedSchemas | None = None,
    *,
    expand: bool = False,
    _write_hint: bool = True,
    _force: bool = False,
    _ignore_default_error: bool = False,
) -> Schema: ...
def expand_schema(schema: Schema) -> Schema: ...
def to_parsing_canonical_form(schema: Schema) -> str: ...
def parsed_with_names(schema: Schema) -> tuple[Any, NamedSchemas]: ...
