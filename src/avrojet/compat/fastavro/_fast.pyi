from typing import Any

def schemaless_reader(
    fo: Any,
    writer_schema: Any,
    reader_schema: Any = None,
    return_record_name: bool = False,
    return_record_name_override: bool = False,
    handle_unicode_errors: str = "strict",
    return_named_type: bool = False,
    return_named_type_override: bool = False,
) -> Any: ...
def schemaless_writer(
    fo: Any,
    schema: Any,
    record: Any,
    strict: bool = False,
    strict_allow_default: bool = False,
    disable_tuple_notation: bool = False,
) -> None: ...
