from typing import Any

from avrojet.core.rows.options import EncodeOptions
from avrojet.core.rows.rows import DatumText
from avrojet.errors import DecodeError

class TextDecoder(DatumText):
    def __init__(
        self,
        plan: Any,
        *,
        spaced: bool = ...,
        ascii_only: bool = ...,
        bare_floats: bool = ...,
        wide_floats: bool = ...,
        decimals_as_numbers: bool = ...,
    ) -> None: ...
    def lines(self, data: Any, count: int, offset: int = ..., most: int = ...) -> tuple[bytes, int, int]: ...
    def text(self, data: Any) -> str: ...

class TextEncoder:
    def __init__(self, plan: Any, options: EncodeOptions = ..., *, plain: bool = ...) -> None: ...
    def data(self, text: Any) -> bytes: ...
    def many(
        self,
        text: Any,
        offset: int,
        most: int,
        *,
        last: bool,
        number: int = ...,
        origin: tuple[int, int, int] = ...,
    ) -> tuple[bytes, int, int]: ...

def whole_characters(
    text: bytes, origin: tuple[int, int, int], *, last: bool
) -> tuple[int, DecodeError | None]: ...
def moved(origin: tuple[int, int, int], text: bytes) -> tuple[int, int, int]: ...
def count_lines(text: bytes) -> int: ...
