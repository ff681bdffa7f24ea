from typing import Any, Final

from avrojet.schema.model import Field, Schema

PRIMITIVES: Final[dict[str, Schema]]

def shared(source: Any) -> Schema | None: ...
def usual_field(name: str, kind: Any, source: Any, nested: bool) -> Field | None: ...
