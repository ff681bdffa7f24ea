from typing import Any

from avrojet.core.arrow.consumer import ArrowData
from avrojet.errors import AvroError

class Puts:
    before: int
    def __init__(self, plan: Any, failure: type[AvroError] = ...) -> None: ...
    def bind(self, data: ArrowData) -> None: ...
