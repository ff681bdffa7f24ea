from collections.abc import Iterable
from typing import Any, Generic

from typing_extensions import TypeVar

from avrojet.core.plan.plan import Plan
from avrojet.core.rows.block_builder import BlockBuilder

T = TypeVar("T", default=Any)

class RowEncoder(Generic[T]):
    def __init__(
        self,
        plan: Plan,
        *,
        tuple_tags: bool = False,
        type_keys: bool = False,
        fill_defaults: bool = False,
        fill_nulls: bool = False,
        refuse_extra: bool = False,
        read_attributes: bool = False,
        truncate_times: bool = False,
        naive_is_utc: bool = False,
        naive_is_local: bool = False,
        lenient: bool = False,
    ) -> None: ...
    def encode(self, value: T) -> bytes: ...
    def encode_many(self, values: Iterable[T]) -> bytes: ...
    def encode_into(self, target: bytearray, value: T) -> None: ...
    def block(self) -> BlockBuilder: ...
