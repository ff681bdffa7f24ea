from collections.abc import Iterable
from typing import Any

from avrojet.core.plan.plan import Plan
from avrojet.core.rows.block_builder import BlockBuilder

class RowEncoder:
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
    def encode(self, value: Any) -> bytes: ...
    def encode_many(self, values: Iterable[Any]) -> bytes: ...
    def encode_into(self, target: bytearray, value: Any) -> None: ...
    def block(self) -> BlockBuilder: ...
