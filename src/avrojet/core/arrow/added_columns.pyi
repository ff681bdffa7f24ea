from typing import Any

from avrojet.core.arrow.producer import ArrowColumn

def add_columns(
    batch: ArrowColumn, layout: Any, added: Any, values: tuple[str | int | range | None, ...]
) -> None: ...
def cut_batch(batch: ArrowColumn, rows: int) -> None: ...
