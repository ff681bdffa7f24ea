"""Rows to the JSON encoding, one on a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from avrojet.compat.fastavro import _compile
from avrojet.compat.fastavro._errors import write_error
from avrojet.compat.fastavro._schemas import parsed_with_names
from avrojet.compat.fastavro.io import refuse_hooks
from avrojet.compat.fastavro.validation import _validate
from avrojet.core.rows.block_builder import BlockBuilder
from avrojet.core.text.rows import TextDecoder
from avrojet.errors import EncodeError

# Records that are encoded before their text is made.
_BLOCK_BYTES: Final = 1 << 18
_BLOCK_RECORDS: Final = 10_000


class AvroJSONEncoder:
    """Writes rows to a text file.

    :param fo: a text file.
    :param write_union_type: show the value of a union with its type; without that, it may be impossible to
        read it back.
    """

    def __init__(self, fo: Any, *, write_union_type: bool = True) -> None:
        self._fo = fo
        self._write_union_type = write_union_type

    def write_all(
        self, schema: Any, records: Iterable[Any], *, validator: bool = False, options: Mapping[str, Any]
    ) -> None:
        """Write records; nothing is written if one does not fit.

        :param options: those of :class:`avrojet.compat.fastavro.write.Writer`.
        """
        refuse_hooks(self, AvroJSONEncoder, "write_")
        text = _compile.emitting(schema, tagged=self._write_union_type)
        flags = _compile.flags_of(options, _compile.WRITE_OPTIONS)
        encoder = _compile.writing(schema, flags, wide_floats=True)
        parsed, named = parsed_with_names(schema)
        pieces: list[str] = []
        block = encoder._block()
        try:
            for record in records:
                if validator:
                    _validate(record, parsed, named, "", True, options)
                block.append(record)
                if block.size >= _BLOCK_BYTES or block.count >= _BLOCK_RECORDS:
                    pieces += _texts(text, block)
                    block = encoder._block()
        except EncodeError as error:
            raise write_error(error, strict=_compile.is_strict(options)) from error.__cause__
        pieces += _texts(text, block)
        self._fo.write("".join(pieces)[:-1])


def _texts(text: TextDecoder, block: BlockBuilder) -> Iterator[str]:
    """Return the lines of the records of a block, which has just been encoded and so is valid."""
    count = block.count
    data = block.take()
    offset = 0
    while count:
        lines, made, offset = text.lines(data, count, offset, _BLOCK_BYTES)
        count -= made
        yield lines.decode("ascii")
