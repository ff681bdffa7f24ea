from collections.abc import Callable
from typing import Any

from avrojet.core.ground.arena import Arena

def find_attribute(cls: type, name: str, default: Any = None) -> Any: ...

class Form(Arena):
    cls: type
    names: tuple[str, ...]
    order: tuple[int, ...]
    def __init__(
        self,
        cls: type,
        names: tuple[str, ...],
        *,
        call: Callable[..., Any] | None = None,
        arguments: tuple[str, ...] = (),
        keywords: dict[str, str] | None = None,
        entries: tuple[str, ...] | None = None,
        after: str | None = None,
        after_arguments: tuple[Any, ...] = (),
    ) -> None: ...
    @property
    def making(self) -> str: ...
    @property
    def reading(self) -> str: ...

class Shape:
    cls: type | None
    form: Form | None
    parts: list[Shape | None]
    members: dict[str, Any] | None
    decode: Callable[[Any], Any] | None
    encode: Callable[[Any], Any] | None
    optional: dict[int, bytes]
    def __init__(
        self,
        cls: type | None = None,
        *,
        form: Form | None = None,
        parts: list[Shape | None] | None = None,
        members: dict[str, Any] | None = None,
        decode: Callable[[Any], Any] | None = None,
        encode: Callable[[Any], Any] | None = None,
    ) -> None: ...
