"""Records kept as bytes in columns: the writer's encoding, which must be the reader's, too."""

from __future__ import annotations

from collections.abc import Iterator

from avrojet.errors import SchemaError
from avrojet.plan.arrow.layout import Column
from avrojet.plan.match import same_name
from avrojet.schema.emit import named_types
from avrojet.schema.model import RecordSchema, Schema


def ensure_as_written(writer: Schema, table: Column) -> None:
    """Check that records kept as bytes are encoded alike in both schemas.

    :raises SchemaError: if one is not.
    """
    kept = {id(record.definition): record for record in _kept_as_bytes(table)}
    if not kept:
        return
    written = [each for each in named_types([writer]) if isinstance(each, RecordSchema)]
    for record in kept.values():
        forms = {each.canonical_form for each in written if same_name(each, record)}
        if forms != {record.canonical_form}:
            raise SchemaError(
                f"the record {record.fullname} contains itself, and was written in another schema than the"
                ' reader\'s, so its bytes are not the reader\'s: recursion="json", "drop" or a number'
                " of times reads it",
                path=record.fullname,
            )


def _kept_as_bytes(column: Column) -> Iterator[RecordSchema]:
    if column.record is not None and not column.text:
        yield column.record
    for child in column.children:
        yield from _kept_as_bytes(child)
