from collections.abc import Callable, Iterable
from typing import Any

from avrojet.core.arrow.array_reader import ArrayReader, ArrowPlan
from avrojet.core.arrow.consumer import ArrowData
from avrojet.core.arrow.producer import ArrowColumn
from avrojet.core.files.container_blocks import BlocksBuilder
from avrojet.core.rows.block_builder import BlockBuilder
from avrojet.errors import AvroError
from avrojet.limits import Limits

class EncodePlan(ArrowPlan): ...

class ColumnEncoder(ArrayReader):
    def __init__(self, plan: EncodePlan, failure: type[AvroError] = ...) -> None: ...
    def fill_frames(self, frames: BlocksBuilder, limit: int, most: int, size: int) -> bool: ...
    @property
    def rows(self) -> int: ...
    def fill(self, block: BlockBuilder, limit: int, most: int) -> bool: ...

def encode_messages(
    encoder: ColumnEncoder,
    arrays: Iterable[ArrowData],
    prefix: bytes,
    layout: Any,
    limits: Limits,
    *,
    finish: Callable[[bytes], bytes] | None = None,
    most: int = 0,
) -> ArrowColumn: ...
