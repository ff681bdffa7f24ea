from typing import TypeAlias

from typing_extensions import Buffer

from avrojet.core.plan.plan import Plan

# Name, type, values, nulls, bytes, least, greatest, different ones.
Row: TypeAlias = tuple[str, str, int, int, int, str | None, str | None, int | None]

class Measure:
    def __init__(self, plan: Plan) -> None: ...
    def add(self, data: Buffer, count: int, offset: int = ...) -> int: ...
    def rows(self) -> list[Row]: ...
