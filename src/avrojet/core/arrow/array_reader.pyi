from typing import Any

from avrojet.core.arrow.consumer import ArrowData

class Puts:
    def __init__(self, plan: Any) -> None: ...
    def bind(self, data: ArrowData) -> None: ...
