from collections.abc import Mapping
from typing import Any, Final

from avrojet.schema.model import Field, Order, Schema

PRIMITIVES: Final[dict[str, Schema]]

def shared(source: Any) -> Schema | None: ...
def usual_field(name: str, kind: Any, source: Any, nested: bool) -> Field | None: ...
def new_field(
    name: str,
    schema: Schema,
    default: Any,
    doc: str | None,
    order: Order,
    aliases: tuple[str, ...],
    props: Mapping[str, Any],
) -> Field: ...
