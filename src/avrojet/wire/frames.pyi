from collections.abc import Mapping, Sequence
from typing import Any

from typing_extensions import Buffer

FORMS: dict[str, int]
CONFLUENT_NAMES: tuple[str, str]
GLOBAL_ID_NAMES: tuple[str, str]
CONTENT_ID_NAMES: tuple[str, str]
ENCODING_NAMES: tuple[str, str]
CONTENT_TYPE_NAME: str
MIME_TYPE: str

def find(
    forms: int,
    data: Buffer,
    headers: Mapping[str, Any] | Sequence[Sequence[Any]] | None,
    is_key: bool,
) -> tuple[Any, int]: ...
