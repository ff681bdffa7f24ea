from collections.abc import Iterable
from typing import Literal

from typing_extensions import Buffer

from avrojet.core.arrow.array_reader import ArrayReader
from avrojet.core.columns.column_set import ColumnSet

class Messages:
    @property
    def nulls(self) -> int: ...
    def __len__(self) -> int: ...
    def message(self, number: int) -> bytes | None: ...
    def fill(
        self, columns: ColumnSet, prefix: int, policy: Literal["raise", "null", "skip"]
    ) -> list[int]: ...

class MessageColumn(Messages):
    def __init__(self, reader: ArrayReader) -> None: ...

class MessageList(Messages):
    def __init__(self, messages: Iterable[Buffer | None]) -> None: ...
