from typing import Any

class Copies:
    def __init__(self, root: Any) -> None: ...
