"""The engines, which may or may not be installed."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any


def host(module: str, package: str, least: str) -> Any:
    """The module of an engine.

    :param package: its name for pip and among avrojet's extras.
    :param least: the oldest version that works.
    :raises ImportError: if the engine is absent or older.
    """
    extra = f"pip install 'avrojet[{package.removeprefix('py')}]'"
    try:
        found = import_module(module)
    except ImportError as error:
        raise ImportError(f"avrojet.{_door(package)} needs {package} {least} or newer: {extra}") from error
    version = import_module(module.partition(".")[0]).__version__
    if _numbers(version) < _numbers(least):
        raise ImportError(
            f"avrojet.{_door(package)} needs {package} {least} or newer, and {version} is installed: {extra}"
        )
    return found


def _door(package: str) -> str:
    return package.removeprefix("py")


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]
