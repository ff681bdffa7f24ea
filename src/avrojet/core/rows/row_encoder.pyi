from collections.abc import Iterable
from typing import Any, Generic

from typing_extensions import TypeVar

from avrojet.core.plan.plan import Plan
from avrojet.core.rows.block_builder import BlockBuilder
from avrojet.core.rows.options import EncodeOptions

_T = TypeVar("_T", default=Any)

class RowEncoder(Generic[_T]):
    def __init__(self, plan: Plan, options: EncodeOptions = ...) -> None: ...
    def encode(self, value: _T) -> bytes:
        """Encode one value.

        :returns: the datum's bytes.
        :raises EncodeError: if the value does not fit the schema; the message says where.
        """

    def encode_many(self, values: Iterable[_T]) -> bytes:
        """Encode the values of an iterable, one after another."""

    def encode_into(self, target: bytearray, value: _T) -> None:
        """Append one value's bytes to ``target``, which is unchanged if the value does not fit."""

    def _block(self) -> BlockBuilder: ...
