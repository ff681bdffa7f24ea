"""Columns whose values are in the names of folders, as in Hive: ``orders/day=2024-03-08/shop=NL/1.avro``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote

from avrojet.columns.added import Constant, date_column, long_column, text_column
from avrojet.errors import SchemaError
from avrojet.messages import represent
from avrojet.plan.arrow.layout import Column

PartitionType: TypeAlias = Literal["string", "long", "date"]

NULL: Final = "__HIVE_DEFAULT_PARTITION__"
_PART: Final = re.compile(r"([^=/\\]+)=([^/\\]*)")
_LONG: Final = re.compile(r"-?(0|[1-9][0-9]{0,18})")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EPOCH: Final = date(1970, 1, 1).toordinal()
_COLUMNS: Final[Mapping[PartitionType, Callable[..., Column]]] = {
    "string": text_column,
    "long": long_column,
    "date": date_column,
}


def parts_of(folders: str) -> dict[str, str]:
    """The names and texts of the partitions in a path of folders, outermost first, Hive's escapes undone."""
    return dict(_parts(folders))


def ensure_each_once(files: Iterable[tuple[str, str]]) -> None:
    """Refuse a folder within another of the same name, as each row has one value of a column.

    :param files: the name of each file, and its path below the folder of the partitions.
    :raises SchemaError: if there is one.
    """
    for path, below in files:
        if below.count("=") > 1:
            names: set[str] = set()
            for name, _ in _parts(os.path.dirname(below)):  # noqa: PTH120 (a hundred thousand paths)
                if name in names:
                    what = f"the partition {name} has two folders: hive_partitioning=False leaves it out"
                    raise SchemaError(f"{path}: {what}", path=name)
                names.add(name)


def _parts(folders: str) -> Iterator[tuple[str, str]]:
    found = (_PART.fullmatch(folder) for folder in re.split(r"[/\\]", folders))
    return ((_unescaped(part[1]), _unescaped(part[2])) for part in found if part is not None)


def _unescaped(text: str) -> str:
    """The text without escapes; as it stands if they are not UTF-8, as different texts would become one."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def partition_types(
    parts: Iterable[tuple[str, Mapping[str, str]]], wanted: Mapping[str, PartitionType] | None = None
) -> dict[str, PartitionType]:
    """The types of the partitions of files: whole numbers are long, days are dates, all else is text.

    :param parts: the name and the partitions of each file.
    :param wanted: the types that are known.
    :raises SchemaError: if the files have other partitions than the first has, or a value is not of the type
        that is wanted.
    """
    files = list(parts)
    if not files:
        return {}
    first, names = files[0][0], list(files[0][1])
    for path, found in files:
        if list(found) != names:
            raise SchemaError(
                f"the files are partitioned by different columns: {first} by {_listed(names)}, "
                f"{path} by {_listed(list(found))}: hive_partitioning=False leaves them out"
            )
    for name, type in (wanted or {}).items():
        if type not in _COLUMNS:
            raise ValueError(
                f"hive_partitioning: the type of {name} is one of {', '.join(_COLUMNS)}, not {type!r}"
            )
        if name not in names:
            raise SchemaError(f"hive_partitioning: no folder is called {name}=..., but {_listed(names)}")
    types: dict[str, PartitionType] = {}
    for name in names:
        types[name] = (wanted or {}).get(name) or _guessed(found[name] for _, found in files)
        for path, found in files:
            try:
                partition_value(found[name], types[name])
            except UnicodeEncodeError:
                shown = represent(found[name])
                raise SchemaError(f"{path}: the partition {name}={shown} is not UTF-8", path=name) from None
            except ValueError:
                raise SchemaError(
                    f"{path}: the partition {name}={found[name]} is not of the type {types[name]}", path=name
                ) from None
    return types


def partition_value(text: str, type: PartitionType) -> Constant:
    """Return the value as the column stores it: dates are days since 1970; None for Hive's name of a null.

    :raises ValueError: if the text is no value of the type.
    """
    if text in (NULL, ""):
        return None
    if type == "long":
        if not _is_long(text):
            raise ValueError(text)
        return int(text)
    if type == "date":
        return date.fromisoformat(text).toordinal() - _EPOCH
    text.encode()  # a name of a folder may be any bytes
    return text


def python_value(text: str, type: PartitionType) -> str | int | date | None:
    """Return the value as a Python object."""
    value = partition_value(text, type)
    return date.fromordinal(value + _EPOCH) if type == "date" and isinstance(value, int) else value


def partition_columns(
    types: Mapping[str, PartitionType], parts: Sequence[Mapping[str, str]]
) -> tuple[Column, ...]:
    """The columns, which are nullable where a file has a null."""
    return tuple(
        [
            _COLUMNS[type](name, nullable=any(found[name] in (NULL, "") for found in parts))
            for name, type in types.items()
        ]
    )


def _guessed(texts: Iterable[str]) -> PartitionType:
    values = [text for text in texts if text not in (NULL, "")]
    if values and all(map(_is_long, values)):
        return "long"
    return "date" if values and all(map(_is_date, values)) else "string"


def _is_long(text: str) -> bool:
    return _LONG.fullmatch(text) is not None and -(1 << 63) <= int(text) < 1 << 63


def _is_date(text: str) -> bool:
    if _DATE.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
