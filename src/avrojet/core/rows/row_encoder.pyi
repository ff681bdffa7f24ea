from collections.abc import Iterable
from typing import Any, Generic

from typing_extensions import TypeVar

from avrojet.core.plan.plan import Plan
from avrojet.core.rows.block_builder import BlockBuilder
from avrojet.core.rows.options import EncodeOptions

_T = TypeVar("_T", default=Any)

class RowEncoder(Generic[_T]):
    def __init__(self, plan: Plan, options: EncodeOptions = ...) -> None: ...
    def encode(self, value: _T) -> bytes: ...
    def encode_many(self, values: Iterable[_T]) -> bytes: ...
    def encode_into(self, target: bytearray, value: _T) -> None: ...
    def _block(self) -> BlockBuilder: ...
