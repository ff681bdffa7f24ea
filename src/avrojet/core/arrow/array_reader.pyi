from typing import Any

from avrojet.core.arrow.consumer import ArrowData
from avrojet.errors import AvroError

class ArrowPlan:
    def __init__(self, plan: Any) -> None: ...
    @property
    def size(self) -> int: ...

class ArrayReader:
    before: int
    def __init__(self, plan: ArrowPlan, failure: type[AvroError] = ...) -> None: ...
    def bind(self, data: ArrowData) -> None: ...
