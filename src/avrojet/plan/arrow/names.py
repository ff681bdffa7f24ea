"""Replacement names for columns whose names Avro does not allow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from avrojet.schema.names import is_name

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_]")


def replaced_names(names: Sequence[str]) -> list[str]:
    """The names of fields for columns of one record: ``order id`` becomes ``order_id``, ``0`` becomes ``_0``.

    Names that Avro allows stay. If two would be the same, the later one gets a number: ``order_id_2``.
    """
    taken = {name for name in names if is_name(name)}
    numbers: dict[str, int] = {}
    return [name if is_name(name) else _new(_replaced(name), taken, numbers) for name in names]


def _replaced(name: str) -> str:
    made = _NOT_IN_NAMES.sub("_", name)
    return made if made and not made[0].isdigit() else f"_{made}"


def _new(name: str, taken: set[str], numbers: dict[str, int]) -> str:
    unique = name
    while unique in taken:
        numbers[name] = numbers.get(name, 1) + 1
        unique = f"{name}_{numbers[name]}"
    taken.add(unique)
    return unique
