from collections.abc import Iterable
from typing import Any

from avrojet.core.arrow import ArrowColumn
from avrojet.core.arrow_in import ArrowData
from avrojet.core.encode import BlockBuilder
from avrojet.core.frames import FrameBuilder
from avrojet.core.put import Puts
from avrojet.limits import Limits

class ColumnEncoder(Puts):
    def fill_frames(self, frames: FrameBuilder, limit: int, most: int, size: int) -> bool: ...
    def fill(self, block: BlockBuilder, limit: int, most: int) -> bool: ...

def encode_messages(
    encoder: ColumnEncoder, arrays: Iterable[ArrowData], prefix: bytes, layout: Any, limits: Limits
) -> ArrowColumn: ...
