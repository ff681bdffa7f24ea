from collections.abc import Callable
from typing import Any, TypeVar

from avrojet.cache import PlanCache
from avrojet.compat.fastavro._known import Known

_T = TypeVar("_T")

class Table:
    def __init__(self, table: dict[str, Any]) -> None: ...

class Plans:
    @property
    def cache(self) -> PlanCache[Any]: ...
    def __init__(self) -> None: ...
    def clear(self) -> None: ...
    def find(
        self,
        make: Callable[..., _T],
        table: Table | None,
        writer: Known,
        reader: Known | None,
        options: tuple[Any, ...],
    ) -> _T: ...
