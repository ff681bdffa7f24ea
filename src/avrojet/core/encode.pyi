from collections.abc import Iterable, Iterator
from typing import Any

from avrojet.core.plan import Plan

class RowEncoder:
    """Encodes values of one plan. Safe to share between threads: it holds no state of a call."""

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
    ) -> None: ...
    def encode(self, value: Any) -> bytes: ...
    def encode_many(self, values: Iterable[Any]) -> bytes: ...
    def encode_into(self, target: bytearray, value: Any) -> None: ...
    def block(self) -> BlockBuilder: ...

class BlockBuilder:
    """Collects encoded values. A value that does not fit leaves nothing behind. Not for several threads."""

    def __init__(self, encoder: RowEncoder) -> None: ...
    @property
    def count(self) -> int: ...
    @property
    def size(self) -> int: ...
    def append(self, value: Any) -> None: ...
    def extend(self, iterator: Iterator[Any], limit: int) -> bool: ...
    def take(self) -> bytes: ...
