"""All hostile cases, by name."""

from __future__ import annotations

from tests.hostile import (
    on_arrow,
    on_bytes,
    on_columns,
    on_containers,
    on_files,
    on_idl,
    on_rpc,
    on_schemas,
    on_values,
)
from tests.hostile.case import Case

CASES: list[Case] = [
    *on_bytes.cases(),
    *on_containers.cases(),
    *on_columns.cases(),
    *on_arrow.cases(),
    *on_schemas.cases(),
    *on_idl.cases(),
    *on_rpc.cases(),
    *on_values.cases(),
    *on_files.cases(),
]
BY_NAME: dict[str, Case] = {f"{case.area}: {case.name}": case for case in CASES}
assert len(BY_NAME) == len(CASES), "two cases of one name"
