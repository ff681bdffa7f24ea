from collections.abc import Iterable
from typing import TypeVar

_Item = TypeVar("_Item")

def forked() -> None: ...
def keep_all(items: Iterable[_Item]) -> list[_Item]: ...
