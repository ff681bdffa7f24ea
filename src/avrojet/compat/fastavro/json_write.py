"""json_writer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from avrojet.compat.fastavro.io.json_encoder import AvroJSONEncoder


def json_writer(
    fo: Any,
    schema: Any,
    records: Iterable[Any],
    *,
    write_union_type: bool = True,
    validator: bool = False,
    encoder: type[AvroJSONEncoder] = AvroJSONEncoder,
    strict: bool = False,
    strict_allow_default: bool = False,
    disable_tuple_notation: bool = False,
) -> None:
    """Write records to a text file in the JSON encoding, one on a line.

    :param write_union_type: show the value of a union with its type; without that, it may be impossible to
        read it back.
    :param validator: true: validate each record first.
    :param strict: as for :func:`avrojet.compat.fastavro.schemaless_writer`, like the next two.
    :raises ValueError: if a record does not fit; nothing is written.
    """
    options = {
        "strict": strict,
        "strict_allow_default": strict_allow_default,
        "disable_tuple_notation": disable_tuple_notation,
    }
    output = encoder(fo, write_union_type=write_union_type)
    output.write_all(schema, records, validator=bool(validator), options=options)
