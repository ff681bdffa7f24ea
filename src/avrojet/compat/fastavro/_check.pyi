from typing import Any

from avrojet.compat.fastavro.types import NamedSchemas

class Check:
    def __init__(
        self,
        named: NamedSchemas,
        errors: list[tuple[Any, Any, str]] | None,
        *,
        strict: bool = False,
        tuples: bool = True,
    ) -> None: ...
    def fits(self, datum: Any, schema: Any, field: str) -> bool: ...
