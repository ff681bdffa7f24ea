from typing import Any

class Watch:
    def __init__(self, roots: tuple[Any, ...]) -> None: ...
    def holds(self) -> bool: ...

class Known:
    schema: Any
    made: dict[Any, Any]
    shared: bool

def known(schema: Any) -> Known: ...
