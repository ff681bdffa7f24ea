from typing import Any

from avrojet.core.arrow_in import ArrowData

class Puts:
    def __init__(self, plan: Any) -> None: ...
    def bind(self, data: ArrowData) -> None: ...
