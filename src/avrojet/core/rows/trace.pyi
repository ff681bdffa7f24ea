from typing import Final, TypeAlias

from typing_extensions import Buffer

from avrojet.core.plan.plan import Plan
from avrojet.errors import DecodeError

KINDS: Final[tuple[str, ...]]

# Start, end, kind, path, type and text.
Part: TypeAlias = tuple[int, int, str, str, str, str]

class Trace:
    start: int
    end: int
    count: int
    error: DecodeError | None
    is_cut: bool
    def __len__(self) -> int: ...
    def parts(self, first: int = ..., most: int = ...) -> list[Part]: ...

class Tracer:
    def __init__(self, plan: Plan) -> None: ...
    def trace(self, data: Buffer, offset: int = ..., count: int = ..., *, most: int = ...) -> Trace: ...
    def check(self, data: Buffer, count: int, offset: int = ...) -> int: ...
